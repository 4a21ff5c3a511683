"""The sheet Months: every item of both ledgers, month by month, as formulas of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.report.workbook.cells import Writer
from tco.report.workbook.content import FIRST_ROW, Content, Pen, finish

if TYPE_CHECKING:
    from tco.report.workbook.kernel import Column

_NOTE = (
    "Formulas of the blue cells of Inputs. Month 0 is the purchase. After the horizon nothing is "
    "paid and the curves stand still. Items paid on leaving count in the horizon's month only."
)
# Rows, counted from 0: sections, names, units, meanings, sums and present values of items.
_SECTION, _NAME, _UNIT, _MEANING, _SUM, _PRESENT = range(2, 8)
_STYLES = {
    "USD": "number",
    "ratio": "ratio",
    "share": "ratio",
    "month": "whole",
    "months": "number",
}


def write_months(pen: Pen, content: Content) -> None:
    """Write the sheet."""
    pen.value(0, 0, "Months", "title")
    pen.value(1, 0, _NOTE)
    for row, words in ((_SUM, "sum"), (_PRESENT, "present value")):
        pen.value(row, 0, words, "strong")
    section, last = "", len(content.letters) - 1
    for at, column in enumerate(content.kernel.columns.values()):
        pen.value(_SECTION, at, column.section if column.section != section else "", "group")
        section = column.section
        _write_heading(pen, at, column, content)
        _write_column(pen, at, column, content)
    pen.sheet.set_column(0, last, 13)
    pen.sheet.set_row(_MEANING, 45)
    pen.sheet.freeze_panes(FIRST_ROW - 1, 2)
    finish(pen.sheet, content.last_row - 1, last, _NAME, across=True)


def formulas_of(name: str, content: Content) -> list[str]:
    """The formulas of a column, month by month as long as they differ; "" where there is none."""
    rows, found = content.kernel.graph.columns[name], []
    for month in range(content.kernel.end):
        writer = content.writer(month)
        found.append(writer.formula(rows[month], (name, month)) if month in rows else "")
    return found


def _write_column(pen: Pen, at: int, column: Column, content: Content) -> None:
    formulas, style = formulas_of(column.name, content), _STYLES.get(column.unit, "plain")
    for month, value in enumerate(content.columns[column.name]):
        formula = formulas[min(month, len(formulas) - 1)]
        row = FIRST_ROW + month
        if formula:
            pen.formula(row - 1, at, in_row(formula, row), value, style)


def in_row(formula: str, row: int) -> str:
    """The formula in one row."""
    return formula.replace(Writer.ROW, str(row)).replace(Writer.ABOVE, str(row - 1))


def _write_heading(pen: Pen, at: int, column: Column, content: Content) -> None:
    pen.value(_NAME, at, column.item or column.name, "heading")
    pen.value(_UNIT, at, column.unit)
    pen.value(_MEANING, at, column.meaning, "wrapped")
    if not column.item:
        return
    plain, present = item_formulas(column.name, content.writer(0))
    pen.formula(_SUM, at, f"={plain}", item_sums(column.name, content)[0], "strong")
    pen.formula(_PRESENT, at, f"={present}", item_sums(column.name, content)[1], "strong")


def item_formulas(name: str, cells: Writer) -> tuple[str, str]:
    """The sum of an item over all months, and its present value, without the equals sign."""
    column, discount = cells.column(name), cells.column("discount")
    if "_exit_" in name:
        end = f"INDEX({column},last_month+1)"
        return end, f"{end}*INDEX({discount},last_month+1)"
    return f"SUM({column})", f"SUMPRODUCT({column},{discount})"


def item_sums(name: str, content: Content) -> tuple[float, float]:
    """Python's sum and present value of an item [USD], from the ledger."""
    discount = content.columns["discount"]
    costs = [(month, cost) for (item, month), cost in content.ledger.items() if item == name]
    return sum(cost for _, cost in costs), sum(cost * discount[month] for month, cost in costs)
