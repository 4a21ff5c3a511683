"""The CSV report, inputs with their sources and results, the ledger, and CSV itself.

Cells are numbers that a spreadsheet reads as numbers, and words that it never runs.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from typing import Any

from tco.analysis.simulation import odds_of
from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue, load
from tco.model.breakeven import Breakeven, breakeven, one_scenario
from tco.model.ledger import ledger_rows
from tco.report import own_lines
from tco.report.currency import converted_rows
from tco.report.provenance import badge, data_age_days
from tco.report.schema import (
    LEDGER_REPORT_COLUMNS,
    NOT_COUNTED,
    ODDS_MEANINGS,
    REPORT_COLUMNS,
    RESULT_MEANINGS,
    STAMP_COLUMNS,
)
from tco.scenario import Scenario
from tco.scenario.link import encode
from tco.scenario.notes import notes
from tco.version import MODEL_VERSION, SCHEMA_VERSION, __version__
from tco.words import tax_words
from tco.words.figures import harmless

SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (".", ",")


def report_csv(scenario: Scenario, sep: str = ",", decimal: str = ".") -> str:
    """Stamps, inputs and results of one scenario as CSV text; columns in `report.schema`.

    >>> print(report_csv(Scenario(gpu="L4")).splitlines()[0])
    section,name,value,unit,status,low,high,source,url,as_of,age_days,freshness,note
    """
    return table(REPORT_COLUMNS, report_rows(breakeven(scenario)), sep, decimal)


def ledger_csv(scenario: Scenario, sep: str = ",", decimal: str = ".") -> str:
    """The ledger of one scenario as CSV text.

    >>> print(ledger_csv(Scenario(gpu="L4")).splitlines()[0].split(",")[:6])
    ['option', 'item', 'month', 't_months', 'cost_usd', 'present_value_usd']
    """
    return stamped_ledger(scenario, ledger_rows(scenario), sep, decimal)


def stamped_ledger(
    scenario: Scenario, rows: Iterable[tuple[Any, ...]], sep: str = ",", decimal: str = "."
) -> str:
    """Rows of a scenario's ledger as CSV text, each with the versions that made it."""
    stamps = (data_age_days(scenario.resolved()), *versions(scenario.catalogue).values())
    header = (*LEDGER_REPORT_COLUMNS, *STAMP_COLUMNS)
    return table(header, ((*row, *stamps) for row in rows), sep, decimal)


def versions(catalogue: Catalogue | None = None) -> dict[str, Any]:
    """The versions that every export carries, without the age of its data."""
    return {
        "model_version": MODEL_VERSION,
        "data_date": (catalogue or load()).newest,
        "schema_version": SCHEMA_VERSION,
    }


def report_rows(answer: Breakeven) -> Iterator[tuple[Any, ...]]:
    """The rows of the report, cells in the order of REPORT_COLUMNS."""
    if answer.scenario.is_table:
        raise one_scenario("the report")
    scenario = answer.scenario
    resolved, catalogue = scenario.resolved(), scenario.catalogue
    stamps = {
        "tco_version": __version__,
        "data": catalogue.label,
        "data_age_days": data_age_days(resolved),
        **versions(catalogue),
        "tax": tax_words(scenario.values()),
        "not_counted": "; ".join(NOT_COUNTED),
    }
    if scenario.lines:
        # What makes the same lines again; for people they stand below.
        stamps["lines"] = encode(scenario)["lines"]
    for name, stamp in stamps.items():
        yield "stamp", name, stamp, *[""] * (len(REPORT_COLUMNS) - 3)
    yield from input_rows(scenario)
    yield from _line_rows(scenario)
    for name, note in notes(scenario).items():
        yield "note", name, note, *[""] * (len(REPORT_COLUMNS) - 3)
    empty = [""] * (len(REPORT_COLUMNS) - 5)
    odds, why_not = odds_of(scenario)
    for name, (unit, meaning) in RESULT_MEANINGS.items():
        yield "result", name, getattr(answer, name), unit, *empty, meaning
        if name == "verdict":
            for odd, (share, said) in ODDS_MEANINGS.items():
                yield "result", odd, getattr(odds, odd, None), share, *empty, why_not or said
    for name, value, unit, label in converted_rows(answer):
        yield "converted", name, value, unit, *empty, label


def input_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    """The inputs of one scenario as rows of the report; ages count from its `as_of`."""
    resolved = scenario.resolved()
    on = resolved["as_of"].value
    for entry in resolved.values():
        source, url = scenario.catalogue.cited(entry.source_id)
        fresh, age = badge(entry.as_of if entry.name != "as_of" else "", on)
        said = (entry.name, entry.value, INPUTS[entry.name].unit, entry.status)
        dated = (entry.as_of, age, fresh, entry.note)
        yield ("input", *said, entry.low, entry.high, source, url, *dated)


def _line_rows(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    """The user's own lines as rows of the report."""
    rest = [""] * (len(REPORT_COLUMNS) - 6)
    for line in scenario.lines:
        said = f"{own_lines.SIDES[line.side]}: {own_lines.in_words(line)}"
        yield "line", line.name, line.usd, own_lines.unit(line), "yours", *rest, said


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
