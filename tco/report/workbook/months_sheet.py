"""The sheet Months: every item of both ledgers, month by month, as formulas of the inputs."""

from __future__ import annotations

from tco.report.workbook.cells import Column, Writer, worth
from tco.report.workbook.content import FIRST_ROW, Content, Sheet
from tco.report.workbook.formulas import early_of

_NOTE = (
    "Formulas of the blue cells of Inputs. Month 0 is the purchase. After the horizon nothing is "
    "paid and the curves are flat. Items paid on exit count in its last month only."
)
# Rows, counted from 0: sections, names, units, meanings, sums and present values of items.
_SECTION, _NAME, _UNIT, _MEANING, _SUM, _PRESENT = range(2, 8)
# Month 0, and those after it that are not yet like the next: from then on formulas repeat.
_DIFFERENT = 4
_STYLES = {
    "USD": "number",
    "months": "number",
    "month": "whole",
    "ratio": "ratio",
    "share": "ratio",
}


def write_months(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    sheet.head("Months", _NOTE)
    for row, words in ((_SUM, "sum"), (_PRESENT, "present value")):
        sheet.value(row, 0, words, "strong")
    section, last = "", len(content.letters) - 1
    for at, (name, column) in enumerate(content.formulas.columns.items()):
        sheet.value(_SECTION, at, column.section if column.section != section else "", "group")
        section = column.section
        _write_heading(sheet, at, name, column, content)
        formulas, style = formulas_of(name, content), _STYLES.get(column.unit, "plain")
        for month, value in enumerate(content.formulas.graph.columns[name]):
            formula, line = formulas[min(month, _DIFFERENT - 1)], FIRST_ROW + month
            if formula:
                written = formula.replace(Writer.ROW, str(line))
                written = written.replace(Writer.ABOVE, str(line - 1))
                sheet.formula(line - 1, at, written, worth(value), style)
    sheet.worksheet.set_row(_MEANING, 45)
    sheet.finish((content.last_row - 1, last), _NAME, [13] * (last + 1), across=True)
    sheet.worksheet.freeze_panes(FIRST_ROW - 1, 2)


def formulas_of(name: str, content: Content) -> list[str]:
    """The formulas of a column for the months that differ; "" where there is none."""
    values = content.formulas.graph.columns[name]
    return [
        "" if values[month] is None else content.writer(month).formula(values[month], (name, month))
        for month in range(min(_DIFFERENT, len(values)))
    ]


def _write_heading(sheet: Sheet, at: int, name: str, column: Column, content: Content) -> None:
    sheet.value(_NAME, at, column.item or name, "heading")
    sheet.value(_UNIT, at, column.unit)
    sheet.value(_MEANING, at, column.meaning, "wrapped")
    if not column.item:
        return
    formulas = item_formulas(name, content.writer(0))
    for row, formula, value in zip((_SUM, _PRESENT), formulas, content.ledger[name], strict=True):
        sheet.formula(row, at, f"={formula}", value, "strong")


def item_formulas(name: str, cells: Writer) -> tuple[str, str]:
    """The sum of an item over all months, and its present value, without the equals sign."""
    column, discount = cells.column(name), cells.column("discount")
    if "_exit_" in name:
        end = f"INDEX({column},last_month+1)"
        return end, f"{end}*INDEX({discount},last_month+1)"
    early = early_of(name)
    more = f"+SUM({cells.column(early)})" if early in cells.letters else ""
    return f"SUM({column})", f"SUMPRODUCT({column},{discount}){more}"
