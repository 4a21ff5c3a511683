"""The CSV report: inputs with their sources, results, and the ledger in a second file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tco.answer import Breakeven, breakeven, one_scenario
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.market.records import ASSUMPTION
from tco.questions import ledger_rows
from tco.report.schema import (
    LEDGER_REPORT_COLUMNS,
    NOT_COUNTED,
    REPORT_COLUMNS,
    RESULT_MEANINGS,
    STAMP_COLUMNS,
)
from tco.report.text import table
from tco.scenario import Resolved, Scenario
from tco.version import MODEL_VERSION, SCHEMA_VERSION, __version__


def report_csv(scenario: Scenario, sep: str = ",", decimal: str = ".") -> str:
    """Stamps, inputs and results of one scenario as CSV text; columns in `report.schema`.

    >>> print(report_csv(Scenario(gpu="L4")).splitlines()[0])
    section,name,value,unit,status,source,url,as_of,note
    """
    return table(REPORT_COLUMNS, report_rows(breakeven(scenario)), sep, decimal)


def ledger_csv(scenario: Scenario, sep: str = ",", decimal: str = ".") -> str:
    """The ledger of one scenario as CSV text.

    >>> print(ledger_csv(Scenario(gpu="L4")).splitlines()[0])
    option,item,month,t_months,cost_usd,present_value_usd,model_version,data_date,schema_version
    """
    return stamped_ledger(ledger_rows(scenario), sep, decimal)


def stamped_ledger(rows: Iterable[tuple[Any, ...]], sep: str = ",", decimal: str = ".") -> str:
    """Rows of a ledger as CSV text, each with the versions that made it."""
    stamps = tuple(stamp_values().values())
    header = (*LEDGER_REPORT_COLUMNS, *STAMP_COLUMNS)
    return table(header, ((*row, *stamps) for row in rows), sep, decimal)


def stamp_values() -> dict[str, Any]:
    """The versions that every export carries."""
    return {
        "model_version": MODEL_VERSION,
        "data_date": load().newest,
        "schema_version": SCHEMA_VERSION,
    }


def report_rows(answer: Breakeven) -> Iterator[tuple[Any, ...]]:
    """The rows of the report, cells in the order of REPORT_COLUMNS."""
    if answer.scenario.is_table:
        raise one_scenario("the report")
    stamps = {
        "tco_version": __version__,
        **stamp_values(),
        "tax": "before income tax",
        "not_counted": "; ".join(NOT_COUNTED),
    }
    for name, stamp in stamps.items():
        yield "stamp", name, stamp, "", "", "", "", "", ""
    for entry in answer.scenario.resolved().values():
        yield input_row(entry)
    for name, (unit, meaning) in RESULT_MEANINGS.items():
        yield "result", name, getattr(answer, name), unit, "", "", "", "", meaning


def input_row(entry: Resolved) -> tuple[Any, ...]:
    """One input as a row of the report."""
    source, url = cited(entry.source_id)
    unit = INPUTS[entry.name].unit
    cells = (entry.name, entry.value, unit, entry.status, source, url, entry.as_of, entry.note)
    return ("input", *cells)


def cited(source_ids: str) -> tuple[str, str]:
    """Publisher and title, and address, of one or more sources (ids separated by spaces)."""
    sources = load().sources
    names, urls = [], []
    for source_id in source_ids.split():
        if source_id == ASSUMPTION:
            names.append(ASSUMPTION)
        else:
            source = sources[source_id]
            names.append(f"{source.publisher}: {source.title}")
            urls.append(source.url)
    return "; ".join(names), " ".join(urls)
