"""The CSV report: inputs with their sources, results, and the ledger in a second file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tco.analysis.simulation import odds_of
from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue, load
from tco.market.choice import freshness
from tco.market.records import ASSUMPTION
from tco.model.breakeven import Breakeven, breakeven, one_scenario, tax_words
from tco.model.ledger import ledger_rows
from tco.report.ages import data_age_days, input_age_days
from tco.report.currency import converted_rows
from tco.report.schema import (
    LEDGER_REPORT_COLUMNS,
    NOT_COUNTED,
    ODDS_MEANINGS,
    REPORT_COLUMNS,
    RESULT_MEANINGS,
    STAMP_COLUMNS,
)
from tco.report.text import table
from tco.scenario import Scenario
from tco.version import MODEL_VERSION, SCHEMA_VERSION, __version__


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
    for name, stamp in stamps.items():
        yield "stamp", name, stamp, *[""] * (len(REPORT_COLUMNS) - 3)
    yield from input_rows(scenario)
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
        source, url = cited(entry.source_id, scenario.catalogue)
        age = input_age_days(entry, on) if entry.name != "as_of" else None
        fresh = "" if age is None else freshness(age)
        said = (entry.name, entry.value, INPUTS[entry.name].unit, entry.status)
        dated = (entry.as_of, age, fresh, entry.note)
        yield ("input", *said, entry.low, entry.high, source, url, *dated)


def cited(source_ids: str, catalogue: Catalogue | None = None) -> tuple[str, str]:
    """Publisher and title, and address, of one or more sources (ids separated by spaces)."""
    sources = (catalogue or load()).sources
    names, urls = [], []
    for source_id in source_ids.split():
        if source_id == ASSUMPTION:
            names.append(ASSUMPTION)
        else:
            source = sources[source_id]
            names.append(source.cited)
            urls.append(source.url)
    return "; ".join(names), " ".join(urls)
