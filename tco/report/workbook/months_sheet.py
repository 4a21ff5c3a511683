"""The sheet Months: every item of both ledgers, month by month, as formulas of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.report.workbook.columns import EXITS
from tco.report.workbook.content import FIRST_ROW, Cells, Content, Pen, finish
from tco.report.workbook.model import COLUMNS, ORDER, SECTIONS, spreadsheet_columns

if TYPE_CHECKING:
    from tco.report.workbook.columns import Column

_NOTE = (
    "Formulas of the blue cells of Inputs. Month 0 is the purchase. After the horizon all items "
    "are 0 and the curves stand still. Items paid on leaving count in the horizon's month only."
)
# Rows, counted from 0: sections, names, units, meanings, sums and present values of items.
_SECTION, _NAME, _UNIT, _MEANING, _SUM, _PRESENT = range(2, 8)
_AT_EXIT = {column.name for column in EXITS}
_STYLES = {
    "USD": "number",
    "ratio": "ratio",
    "share": "ratio",
    "month": "whole",
    "months": "number",
}


def write_months(pen: Pen, content: Content) -> None:
    """Write the sheet."""
    cells = Cells(content.last_row)
    pen.value(0, 0, "Months", "title")
    pen.value(1, 0, _NOTE)
    at = 0
    for section, columns in SECTIONS.items():
        for column in columns:
            pen.value(_SECTION, at, section if column is columns[0] else "", "group")
            _write_heading(pen, at, column, content, cells)
            at += 1
    for row, words in ((_SUM, "sum"), (_PRESENT, "present value")):
        pen.value(row, 0, words, "strong")
    formulas = spreadsheet_columns(cells)
    styles = [_STYLES.get(column.unit, "plain") for column in COLUMNS.values()]
    for at, name in enumerate(ORDER):
        monthly, start = formulas[name]
        for month, value in enumerate(content.columns[name]):
            formula = monthly if month else start
            if formula:
                row = FIRST_ROW + month
                pen.formula(row - 1, at, Cells.in_row(formula, row), value, styles[at])
    pen.sheet.set_column(0, len(ORDER) - 1, 13)
    pen.sheet.set_row(_MEANING, 45)
    pen.sheet.freeze_panes(FIRST_ROW - 1, 2)
    finish(pen.sheet, content.last_row - 1, len(ORDER) - 1, _NAME, across=True)


def _write_heading(pen: Pen, at: int, column: Column, content: Content, cells: Cells) -> None:
    pen.value(_NAME, at, column.item or column.name, "heading")
    pen.value(_UNIT, at, column.unit)
    pen.value(_MEANING, at, column.meaning, "wrapped")
    if not column.item:
        return
    plain, present = item_formulas(column.name, cells)
    pen.formula(_SUM, at, f"={plain}", item_sums(column.name, content)[0], "strong")
    pen.formula(_PRESENT, at, f"={present}", item_sums(column.name, content)[1], "strong")


def item_formulas(name: str, cells: Cells) -> tuple[str, str]:
    """The sum of an item over all months, and its present value, without the equals sign."""
    column, discount = cells.column(name), cells.column("discount")
    if name in _AT_EXIT:
        end = f"INDEX({column},last_month+1)"
        return end, f"{end}*INDEX({discount},last_month+1)"
    return f"SUM({column})", f"SUMPRODUCT({column},{discount})"


def item_sums(name: str, content: Content) -> tuple[float, float]:
    """Python's sum and present value of an item [USD], from the ledger."""
    discount = content.columns["discount"]
    costs = [(month, cost) for (item, month), cost in content.ledger.items() if item == name]
    return sum(cost for _, cost in costs), sum(cost * discount[month] for month, cost in costs)
