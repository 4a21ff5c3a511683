"""The sheet Lines: the user's own lines of cost and income; their numbers are blue cells."""

from __future__ import annotations

import math
from typing import Any

from tco.inputs import Param
from tco.inputs.lines import Line
from tco.report.own_lines import SIDES, unit
from tco.report.uncounted import UNCOUNTED
from tco.report.workbook.content import Content, Sheet
from tco.report.workbook.months_sheet import item_formulas
from tco.report.workbook.own_lines import FIELDS, basis_words, growth_words, line_cells, when_words
from tco.words.figures import capital

_NOTES = (
    "Your own lines of cost and income (negative: income). Change a blue cell, and everything is "
    "recalculated; what a line is, its side, basis and timing, chose its formulas and is text.",
)
_NONE = (
    "There are no lines. They are added where the scenario is made: in the app, with --lines of "
    "the shell, or tco.Scenario(lines=...)."
)
_HEADINGS = (
    *("Line", "Side", "For each", "When", "Grows with", "Unit", "Amount"),
    *("First month", "Last month", "At most,\nin all", "Total [USD]", "Present value [USD]"),
)
_CONVERTED = (12, 13)
_NAME_AT, _FIELDS_AT = 14, {"usd": 6, "first_month": 7, "last_month": 8, "cap_usd": 9}
_TOTAL, _PRESENT = 10, 11
# Copies of the fields as reported, whether each is in its domain, and the domains.
_REPORTED, _VALID, _DOMAINS = 16, 21, 26
_WIDTHS = (30, 9, 28, 26, 20, 24, 12, 8, 8, 14, 14, 14, 14, 14, 8, 3, 14, 14, 14, 14, 14)
_UNCOUNTED = ("Not counted", "", "", "What stands in for it")
_HEADING, FIRST = 2, 3
_LIMITS = _HEADING + 1


def write_lines(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    lines = content.scenario.lines
    sheet.head("Lines", *(_NOTES if lines else (_NONE,)))
    if not lines:
        last = _write_uncounted(sheet, _HEADING + 1)
        sheet.finish((last, _FIELDS_AT["usd"]), None, _WIDTHS)
        return
    sheet.row(_HEADING, _HEADINGS, "heading")
    sheet.value(_HEADING, _NAME_AT, "Name", "heading")
    for column in (*_FIELDS_AT.values(), _TOTAL, _PRESENT):
        sheet.value(_HEADING, column, _HEADINGS[column], "heading_right")
    found = content.conversion.currency if content.conversion else ""
    for column, title in zip(_CONVERTED, ("Total", "Present value"), strict=True):
        formula = f'=IF(converts,"{title} ["&currency&"]","")'
        shown = f"{title} [{found}]" if found else ""
        sheet.formula(_HEADING, column, formula, shown, "heading_right")
    sheet.lines(_HEADING, 2)
    cells = list(line_cells(lines))
    for row, line in enumerate(lines, FIRST):
        _write_line(sheet, row, line, cells, content)
    last = _write_uncounted(sheet, FIRST + len(lines) + 1)
    _write_domains(sheet)
    printed = _CONVERTED[-1] if content.conversion else _PRESENT
    sheet.finish((last, printed), _HEADING, _WIDTHS)


def _write_uncounted(sheet: Sheet, row: int) -> int:
    """What the model leaves out, and what stands in for each; the last row."""
    sheet.row(row, (*_UNCOUNTED, *[""] * (_FIELDS_AT["usd"] - len(_UNCOUNTED) + 1)), "heading")
    for one in UNCOUNTED:
        row += 1
        sheet.row(row, (capital(one.what), "", "", capital(one.instead)))
    return row


def _write_line(
    sheet: Sheet, row: int, line: Line, cells: list[tuple[Param, Any]], content: Content
) -> None:
    """A line: what it is, its numbers, what it comes to."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    words = (line.name, capital(SIDES[line.side]), basis_words(line), when_words(line))
    sheet.row(row, (*words, growth_words(line)), "wrapped")
    longest = max(len(text) / (width - 4) for text, width in zip(words, _WIDTHS, strict=False))
    sheet.lines(row, math.ceil(longest))
    sheet.value(row, _FIELDS_AT["usd"] - 1, unit(line), "unit")
    name = content.formulas.line_names[line.name]
    sheet.value(row, _NAME_AT, name, "small")
    fields = {
        declared.name.removeprefix(f"{name}_"): (declared, value)
        for declared, value in cells
        if declared.name.startswith(f"{name}_")
    }
    for at, (field, column) in enumerate(_FIELDS_AT.items()):
        declared, value = fields.get(field, (None, ""))
        if declared is None or f"{name}_{field}" != declared.name:
            continue
        is_share = field == "usd" and bool(line.item)
        sheet.value(row, column, value, "input_percent" if is_share else "input")
        sheet.name(declared.name, row, column)
        sheet.value(row, _REPORTED + at, value)
        _check(sheet, row, column, at, declared)
    place = content.formulas.place(line.side, line.name, False)
    formulas = item_formulas(place, content.writer())
    for column, formula, value in zip(
        (_TOTAL, _PRESENT), formulas, content.ledger[place], strict=True
    ):
        sheet.formula(row, column, f"={formula}", value, "money")
        at = _CONVERTED[column - _TOTAL]
        sheet.converted((row, at), xl_rowcol_to_cell(row, column), value, content, "money")


def _check(sheet: Sheet, row: int, column: int, at: int, declared: Param) -> None:
    """What keeps a number of a line in its domain."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    low, high = (xl_rowcol_to_cell(_LIMITS + end, _DOMAINS + at, True, True) for end in (0, 1))
    value = xl_rowcol_to_cell(row, column, col_abs=True)
    whole = f",{value}=INT({value})" if declared.kind == "integer" else ""
    inside = f"=IF(ISNUMBER({value}),AND({value}>={low},{value}<={high}{whole}),FALSE)"
    sheet.formula(row, _VALID + at, inside, True, "plain")
    kind = "integer" if declared.kind == "integer" else "decimal"
    message = f"{declared.meaning}: {declared.domain}"[:255]
    kept = {"validate": kind, "criteria": "between", "minimum": f"={low}", "maximum": f"={high}"}
    kept |= {"error_title": "Outside the domain", "error_message": message}
    sheet.worksheet.data_validation(row, column, row, column, kept)


def _write_domains(sheet: Sheet) -> None:
    """The lowest and the highest value of each field, outside of what is printed."""
    titles = ("as reported", "in domain", "lowest, highest")
    for title, column in zip(titles, (_REPORTED, _VALID, _DOMAINS), strict=True):
        sheet.row(_HEADING, [f"{field}, {title}" for field in _FIELDS_AT], "heading", column)
    for at, field in enumerate(_FIELDS_AT):
        _, _, low, high, _ = FIELDS[field]
        for row, end in enumerate((low, high), _LIMITS):
            sheet.value(row, _DOMAINS + at, end)


def _range(content: Content, first: int) -> str:
    """The numbers of all lines, from a column on."""
    from xlsxwriter.utility import xl_range_abs

    last = FIRST + len(content.scenario.lines) - 1
    return f"Lines!{xl_range_abs(FIRST, first, last, first + len(_FIELDS_AT) - 1)}"


def changed_lines(content: Content) -> str:
    """How many numbers of lines are not as reported: what is added to those of the inputs."""
    if not content.scenario.lines:
        return ""
    now, reported = (_range(content, at) for at in (_FIELDS_AT["usd"], _REPORTED))
    return f"+SUMPRODUCT(({now}<>{reported})*1)"


def outside_lines(content: Content) -> str:
    """How many of them are outside their domain: what is added to those of the inputs."""
    if not content.scenario.lines:
        return ""
    return f"+COUNTIF({_range(content, _VALID)},FALSE)"
