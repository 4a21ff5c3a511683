"""The CSV report, results and inputs with their sources, the ledger, and CSV itself.

Cells are numbers that a spreadsheet reads as numbers, and words that it never runs.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tco.analysis.measures import measures
from tco.analysis.simulation import odds_of
from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue, load
from tco.model.breakeven import Breakeven, breakeven, one_scenario
from tco.model.ledger import energy_of, ledger_table
from tco.report import own_lines
from tco.report.currency import rows_in_currency
from tco.report.finance_tables import measure_report_rows
from tco.report.provenance import badge, data_age_days
from tco.report.schema import (
    ENERGY_MEANINGS,
    ODDS_MEANINGS,
    REPORT_COLUMNS,
    RESULT_MEANINGS,
)
from tco.report.uncounted import uncounted
from tco.scenario import Scenario
from tco.scenario.link import encode
from tco.scenario.notes import notes
from tco.version import MODEL_VERSION, SCHEMA_VERSION, __version__
from tco.words import of_owner, tax_words
from tco.words.currencies import Conversion, of_unit, shown_by_default
from tco.words.figures import capital, harmless
from tco.words.finance import MEASURES
from tco.words.results import EVERY_RESULT

SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (".", ",")


def report_csv(scenario: Scenario, sep: str = ",", decimal: str = ".") -> str:
    """Results, measures and inputs of one scenario as CSV text; columns in `report.schema`.

    >>> report_csv(Scenario(gpu="L4")).splitlines()[0].partition(",status")[0]
    'section,group,label,value,unit,name'
    """
    return table(REPORT_COLUMNS, report_rows(breakeven(scenario)), sep, decimal)


def ledger_csv(scenario: Scenario, sep: str = ",", decimal: str = ".") -> str:
    """The ledger of one scenario as CSV text.

    >>> print(ledger_csv(Scenario(gpu="L4")).splitlines()[0].split(",")[:6])
    ['option', 'item', 'month', 't_months', 'cost_usd', 'present_value_usd']
    """
    return stamped_ledger(scenario, *ledger_table(scenario), sep, decimal)


def stamped_ledger(
    scenario: Scenario,
    columns: Iterable[str],
    rows: Iterable[tuple[Any, ...]],
    sep: str = ",",
    decimal: str = ".",
) -> str:
    """Rows of a scenario's ledger as CSV text, each with the versions that made it."""
    found, age = scenario.conversion, data_age_days(scenario.resolved())
    made = {"data_age_days": age, **stamps(scenario.catalogue, found)}
    header, kept = rows_in_currency(columns, rows, found)
    listed = ((*map(tidy, row), *made.values()) for row in kept)
    return table((*header, *made), listed, sep, decimal)


def versions(catalogue: Catalogue | None = None) -> dict[str, Any]:
    """The versions that every export carries, without the age of its data."""
    return {
        "model_version": MODEL_VERSION,
        "data_date": (catalogue or load()).newest,
        "schema_version": SCHEMA_VERSION,
    }


def stamps(catalogue: Catalogue, converted: Conversion | None = None) -> dict[str, Any]:
    """The same, and at which rate amounts stand beside those in USD, where any do."""
    return versions(catalogue) | ({"converted": converted.label} if converted else {})


def report_rows(answer: Breakeven) -> Iterator[tuple[Any, ...]]:
    """The rows of the report, cells in the order of REPORT_COLUMNS: results first, stamps last.

    In another currency the words are in it, and every amount stands in it too: of results
    behind the results, of measures behind the measures, of inputs and lines behind these.
    """
    if answer.scenario.is_table:
        raise one_scenario("the report")
    found = answer.scenario.conversion
    with shown_by_default(found):  # not around a yield
        parts = [
            [*_result_rows(answer)],
            [*_measure_rows(answer.scenario)],
            [*_given_rows(answer.scenario)],
            [*_last_rows(answer.scenario)],
        ]
    return itertools.chain.from_iterable([*part, *_converted_rows(part, found)] for part in parts)


def _converted_rows(
    rows: Iterable[tuple[Any, ...]], found: Conversion | None
) -> list[tuple[Any, ...]]:
    """Those of rows that are amounts, in another currency."""
    return [_converted(row, found) for row in rows if found and of_unit(row[_UNIT])]


def _converted(row: tuple[Any, ...], found: Conversion) -> tuple[Any, ...]:
    """A row of an amount in another currency."""
    cells = dict(zip(REPORT_COLUMNS, row, strict=True))
    for name in ("value", "low", "high"):
        if isinstance(cells[name], int | float):
            cells[name] = tidy(cells[name] * found.fx_rate)
    told = {"section": "converted", "status": "", "note": found.label}
    told |= {"unit": found.unit(cells["unit"]), "name": found.name(cells["name"])}
    dropped = dict.fromkeys(("source", "url", "as_of", "age_days", "freshness"), "")
    return tuple((cells | told | dropped).values())


def _measure_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    """The measures of finance that are no results, and cash by year."""
    found = measures(scenario)
    labels = {**_MEASURED, **{row.name: row.label for row in found.rows}}
    for name, value, unit, meaning in measure_report_rows(found):
        if name in labels and name not in _SAME:
            yield _row("measure", name, value, unit, meaning, labels[name])
        elif name not in _SAME:  # cash of a year
            yield _row("measure", name, value, unit, label=capital(meaning))


def _given_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    """Inputs, and lines of the user's own."""
    yield from input_rows(scenario)
    for line in scenario.lines:
        said = f"{own_lines.SIDES[line.side]}: {own_lines.in_words(line)}"
        row = _row("line", line.name, line.usd, own_lines.unit(line), said, line.name)
        yield (*row[:_STATUS], "yours", *row[_STATUS + 1 :])


def _last_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    """What to know about them, what is not counted, and what made the report."""
    for name, note in notes(scenario).items():
        yield _row("note", name, note, label=INPUTS[name].label if name in INPUTS else "")
    for one in uncounted(scenario.values()):
        yield _row("not counted", "", one.instead, label=capital(one.what))
    yield from _stamp_rows(scenario)


def _result_rows(answer: Breakeven) -> Iterator[tuple[Any, ...]]:
    """The results, the odds behind the verdict, and the energy of owning behind all."""
    odds, why_not = odds_of(answer.scenario)
    values = answer.scenario.values()
    for name, (unit, meaning) in RESULT_MEANINGS.items():
        yield _result_row(name, getattr(answer, name), unit, meaning, values)
        if name == "verdict":
            for odd, (share, said) in ODDS_MEANINGS.items():
                yield _result_row(odd, getattr(odds, odd, None), share, why_not or said, values)
    for name, value in energy_results(answer.scenario).items():
        yield _row("result", name, value, *ENERGY_MEANINGS[name])


def _result_row(
    name: str, value: Any, unit: str, meaning: str, values: Mapping[str, Any]
) -> tuple[Any, ...]:
    """A result under the label that every screen has for it, of hardware that is there too."""
    label = of_owner(EVERY_RESULT[name].label, values)
    return _row("result", name, value, unit, of_owner(meaning, values), label)


def energy_results(scenario: Scenario) -> dict[str, float]:
    """The energy of owning, and its emissions where a carbon intensity is given.

    >>> list(energy_results(Scenario(gpu="L4")))
    ['energy_kwh', 'energy_kwh_per_month']
    """
    found = energy_of(scenario)
    values = dict(zip(ENERGY_MEANINGS, (found.kwh, found.kwh_per_month, found.co2_kg), strict=True))
    return {name: value for name, value in values.items() if value is not None}


def input_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    """The inputs of one scenario as rows of the report; ages count from its `as_of`.

    What somebody gave stays as it was given, to the last digit.
    """
    resolved = scenario.resolved()
    on = resolved["as_of"].value
    for entry in resolved.values():
        declared = INPUTS[entry.name]
        source, url = scenario.catalogue.cited(entry.source_id)
        fresh, age = badge(entry.as_of if entry.name != "as_of" else "", on)
        value = entry.value if entry.status == "yours" else tidy(entry.value)
        said = (capital(declared.group), declared.label, value, declared.unit, entry.name)
        dated = (entry.as_of, age, fresh, entry.note)
        yield ("input", *said, entry.status, tidy(entry.low), tidy(entry.high), source, url, *dated)


def _stamp_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    catalogue = scenario.catalogue
    stamps = {
        "tco_version": __version__,
        "data": catalogue.label,
        "data_age_days": data_age_days(scenario.resolved()),
        **versions(catalogue),
        "tax": tax_words(scenario.values()),
    }
    if scenario.lines:
        # What makes the same lines again; for people they stand above.
        stamps["lines"] = encode(scenario)["lines"]
    for name, stamp in stamps.items():
        yield _row("stamp", name, stamp, label=_STAMPED[name])


_STAMPED = {
    "tco_version": "Version of tco",
    "data": "Data",
    "data_age_days": "Age of the data, days",
    "model_version": "Model version",
    "data_date": "Date of the data",
    "schema_version": "Schema version",
    "tax": "Income tax",
    "lines": "Own lines, as tco reads them",
}
# Measures that stand among the results already, under the first name or another.
_SAME = (*RESULT_MEANINGS, "payback_months", "discounted_payback_months")
# Measures that the report names even where there is none.
_MEASURED = {"net_advantage_to_leasing_usd": MEASURES["net_advantage_to_leasing_usd"].label}
_STATUS, _UNIT = (tuple(REPORT_COLUMNS).index(name) for name in ("status", "unit"))


def _row(
    section: str, name: str, value: Any, unit: str = "", note: str = "", label: str = ""
) -> tuple[Any, ...]:
    """A row of anything but an input; a result has its own label."""
    empty = [""] * (len(REPORT_COLUMNS) - _STATUS - 1)
    if not label and name in EVERY_RESULT:
        label = EVERY_RESULT[name].label
    return (section, "", label, tidy(value), unit, name, *empty, note)


def tidy(value: Any) -> Any:
    """A value that was computed, without the digits that only rounding made: fifteen stay.

    >>> tidy(75.60000000000001), tidy(1e300), tidy("0.30000000000000004"), tidy(None)
    (75.6, 1e+300, '0.30000000000000004', None)
    """
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.15g}")
    return value


def cell(value: Any, decimal: str = ".") -> str:
    """One value as text: none and infinity are empty, flags are words, text is made harmless.

    >>> [cell(v) for v in (0.1, 36.0, True, None, math.inf, "=1+1")]
    ['0.1', '36', 'true', '', '', "'=1+1"]
    >>> cell(0.25, decimal=",")
    '0,25'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            return ""
        # The shortest text that reads back as the same number.
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
        return repr(int(value) if whole else value).replace(".", decimal)
    return harmless(str(value))


def table(
    header: Iterable[str], rows: Iterable[Iterable[Any]], sep: str = ",", decimal: str = "."
) -> str:
    """A CSV text of a header and rows, with LF line ends."""
    check_format(sep, decimal)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=sep, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value, decimal) for value in row] for row in rows)
    return stream.getvalue()


def check_format(sep: str, decimal: str) -> None:
    """InputError unless the separator and the decimal mark can stand in one file."""
    problems = []
    if sep not in SEPARATORS:
        problems.append(Problem("sep", f"sep = {sep!r} is not a comma, semicolon, tab or bar"))
    if decimal not in DECIMALS:
        problems.append(Problem("decimal", f"decimal = {decimal!r} is not a point or a comma"))
    if sep == decimal:
        problems.append(Problem("sep", f"sep and decimal are both {sep!r}: choose another sep"))
    if problems:
        raise InputError(problems)
