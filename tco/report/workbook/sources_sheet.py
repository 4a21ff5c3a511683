"""The sheet Sources: who says each value, and the published tables that Months looks up."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tco.finance.depreciation import CONVENTIONS, LIVES, YEARS
from tco.inputs import INPUTS
from tco.market.catalogue import ASSUMPTION
from tco.market.data_tables import macrs_shares
from tco.report.workbook.content import Content, Sheet
from tco.scenario import Resolved
from tco.words import of_owner
from tco.words.glossary import GLOSSARY

_NOTE = "A snapshot: sources of the values reported. Your own values have no source here."
_HEADINGS = ("Source", "Title", "Used for", "Address", "Published", "Accessed", "License")
_ASSUMED = "Assumptions: values without a source"
_WIDTHS = (28, 48, 28, 64, 11, 11, 16)
# The last printed column; the columns that a note on an assumption takes; the characters that a
# column has room for in a wide font, as a share of its width.
_PRINTED, _NOTED, _ROOM = 5, (1, 3), 0.85
_HEADING = 2
_TABLES_SOURCE = "irs-p946"


def write_sources(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    sheet.head("Sources", _NOTE)
    sheet.row(_HEADING, _HEADINGS, "heading")
    row, sources = _HEADING, content.scenario.catalogue.sources
    used: dict[str, list[str]] = {}
    resolved = content.scenario.resolved()
    for name, entry in resolved.items():
        for source_id in entry.source_id.split():
            used.setdefault(source_id, []).append(INPUTS[name].label)
    used.pop(ASSUMPTION, None)
    for source_id, labels in used.items():
        row += 1
        found = sources[source_id]
        told = (found.publisher, found.title, "; ".join(labels), found.url)
        sheet.row(row, (*told, found.published, found.accessed, found.license), "wrapped")
        _give_room(sheet, row, zip(map(str, told), _WIDTHS, strict=False))
    row += 2
    sheet.row(row, (_ASSUMED, *[""] * (len(_HEADINGS) - 1)), "group")
    assumed = [one for one in resolved.values() if ASSUMPTION in one.source_id.split()]
    for entry in assumed:
        if entry.name in content.counted:
            row += 1
            _write_assumption(sheet, row, entry)
            sheet.value(row, _HEADINGS.index("Published"), entry.as_of)
    last = row
    row += 2
    sheet.row(row, ("Assumptions that do not count in the comparison as reported",), "heading")
    for entry in assumed:
        if entry.name not in content.counted:
            row += 1
            _write_assumption(sheet, row, entry)
    row = _write_terms(sheet, row + 2, content)
    _write_tables(sheet, row + 2, content)
    sheet.finish((last, _PRINTED), _HEADING, _WIDTHS, portrait=True)


def _give_room(sheet: Sheet, row: int, told: Iterable[tuple[str, float]]) -> None:
    """As many lines as the longest of some texts takes in its width."""
    sheet.lines(row, max(math.ceil(len(text) / (_ROOM * width)) for text, width in told))


def _write_assumption(sheet: Sheet, row: int, entry: Resolved) -> None:
    """What an assumption is called, and why it is made."""
    label, (first, last) = INPUTS[entry.name].label, _NOTED
    sheet.value(row, 0, label, "wrapped")
    sheet.across(row, _NOTED, "wrapped", text=entry.note)
    wide = float(sum(_WIDTHS[first : last + 1]))
    _give_room(sheet, row, ((label, _WIDTHS[0]), (entry.note, wide)))


def _write_terms(sheet: Sheet, row: int, content: Content) -> int:
    """The words of finance; the last row."""
    sheet.row(row, ("Term", "Meaning"), "heading")
    for word, meaning in GLOSSARY.items():
        row += 1
        sheet.row(row, (word, of_owner(meaning, content.scenario.values())))
    return row


def _write_tables(sheet: Sheet, row: int, content: Content) -> None:
    """The tables of IRS Publication 946, named for the formulas."""
    from xlsxwriter.utility import xl_col_to_name

    source, shares = content.scenario.catalogue.sources[_TABLES_SOURCE], macrs_shares()
    sheet.value(row, 0, f"{source.cited}, {source.url}")
    heads = [f"year {year + 1}" for year in range(YEARS)]
    sheet.row(row + 1, ("Method, convention, quarter", "Years", *heads), "heading")
    first = row + 2
    methods = [(method, *convention) for method in LIVES for convention in CONVENTIONS]
    for at, (method, convention, quarter) in enumerate(methods):
        words = f"{method} {convention} {quarter or 0}"
        sheet.row(first + at, (words, LIVES[method], *shares[at * YEARS : (at + 1) * YEARS]))
    last = first + len(methods)
    sheet.book.define_name(
        "macrs_shares", f"=Sources!$C${first + 1}:${xl_col_to_name(YEARS + 1)}${last}"
    )
