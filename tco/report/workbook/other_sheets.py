"""The sheets Options and Sources, which are snapshots: what Python worked out, and from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.finance.depreciation import CONVENTIONS, LIVES, YEARS
from tco.market.catalogue import ASSUMPTION
from tco.market.data_tables import macrs_shares
from tco.report.workbook.content import finish

if TYPE_CHECKING:
    from tco.report.workbook.content import Content, Sheet

_OPTIONS_NOTE = (
    "A snapshot of tco.options() for the values reported: it does not change with Inputs. "
    "Costs in USD; present values count the resale and the unused commitment."
)
_SOURCES_NOTE = "A snapshot: where the reported values come from. What is yours has no source here."
_SOURCE_HEADINGS = ("input", "publisher", "title", "address", "published", "accessed", "license")
_TABLES_SOURCE = "irs-p946"


def write_options(sheet: Sheet, content: Content) -> None:
    """Write the sheet Options."""
    frame = content.options
    sheet.value(0, 0, "Options", "title")
    sheet.value(1, 0, _OPTIONS_NOTE)
    sheet.row(3, list(frame.columns), "heading")
    for row, values in enumerate(frame.itertuples(index=False), 4):
        sheet.row(row, values, "number")
    sheet.worksheet.set_column(0, len(frame.columns) - 1, 16)
    sheet.worksheet.freeze_panes(4, 1)
    finish(sheet.worksheet, len(frame) + 3, len(frame.columns) - 1, 3)


def write_sources(sheet: Sheet, content: Content) -> None:
    """Write the sheet Sources, with the published depreciation tables that Months looks up."""
    sheet.value(0, 0, "Sources", "title")
    sheet.value(1, 0, _SOURCES_NOTE)
    sheet.row(3, _SOURCE_HEADINGS, "heading")
    row, sources = 3, content.scenario.catalogue.sources
    for entry in content.scenario.resolved().values():
        for source_id in entry.source_id.split():
            row += 1
            if source_id == ASSUMPTION:
                sheet.row(row, (entry.name, ASSUMPTION, entry.note))
            else:
                found = sources[source_id]
                told = (found.publisher, found.title, found.url, found.published)
                sheet.row(row, (entry.name, *told, found.accessed, found.license))
    row = _write_tables(sheet, row + 2, content)
    for at, width in enumerate((32, 28, 60, 60, 12, 12, 20)):
        sheet.worksheet.set_column(at, at, width)
    sheet.worksheet.freeze_panes(4, 1)
    finish(sheet.worksheet, row, len(_SOURCE_HEADINGS) - 1, 3)


def _write_tables(sheet: Sheet, row: int, content: Content) -> int:
    """The tables of IRS Publication 946, named for the formulas; gives the last row."""
    source, shares = content.scenario.catalogue.sources[_TABLES_SOURCE], macrs_shares()
    sheet.value(row, 0, f"{source.cited}, {source.url}", "wrapped")
    heads = [f"year {year + 1}" for year in range(YEARS)]
    sheet.row(row + 1, ("method, convention, quarter", "years", *heads), "heading")
    first = row + 2
    methods = [(method, *convention) for method in LIVES for convention in CONVENTIONS]
    for at, (method, convention, quarter) in enumerate(methods):
        words = f"{method} {convention} {quarter or 0}"
        sheet.row(first + at, (words, LIVES[method], *shares[at * YEARS : (at + 1) * YEARS]))
    last = first + len(methods)
    sheet.book.define_name("macrs_shares", f"=Sources!$C${first + 1}:${'CDEFGH'[YEARS - 1]}${last}")
    return last - 1
