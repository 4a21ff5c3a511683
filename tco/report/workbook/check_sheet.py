"""The sheet Check: Python's results beside the workbook's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.model.results import RESULTS
from tco.report.schema import RESULT_MEANINGS
from tco.report.workbook.content import Cells
from tco.report.workbook.formula import spreadsheet, worked_out
from tco.report.workbook.model import COLUMNS
from tco.report.workbook.months_sheet import item_formulas, item_sums
from tco.report.workbook.styles import finish

if TYPE_CHECKING:
    from tco.report.workbook.content import Content, Pen

_NOTE = (
    "Python's results are those of the values reported. Once an input is changed there is nothing "
    "to compare with, and the last column says so."
)
_HEADINGS = ("result", "Python", "workbook", "difference", "tolerance", "check")
_NAME, _PYTHON, _WORKBOOK, _DIFFERENCE, _TOLERANCE, _CHECK = range(6)
_FIRST = 6
# Where Python's sentence about the values reported stands.
REASON = "Check!$A$3"
_MONEY = "check_tolerance * gross_usd"
# The curves of each payback, and the slopes behind each root, decide how exact it can be.
_PAYBACKS = {
    "months": "discounted",
    "first_months": "discounted",
    "simple_months": "simple",
    "exit_months": "exit",
}
_ROOTS = {
    "breakeven_rate_usd_per_gpu_hour": "saving_per_rate_usd",
    "breakeven_price_usd_per_gpu": "saving_per_price_usd",
    "breakeven_utilization": "saving_per_utilization_usd",
}
_LEVELISED = ("own_usd_per_gpu_hour", "rent_usd_per_gpu_hour")


def write_check(pen: Pen, content: Content) -> None:
    """Write the sheet."""
    pen.value(0, 0, "Check", "title")
    pen.value(1, 0, _NOTE)
    pen.value(2, 0, content.answer.reason)
    pen.row(_FIRST - 1, _HEADINGS, "heading")
    cells = Cells(content.last_row, "Months!")
    row = _FIRST
    for name in RESULT_MEANINGS:
        if name in RESULTS:
            _write_line(pen, row, name, content.result(name), f"={name}")
            _write_tolerance(pen, row, _tolerance(name), content)
            row += 1
    for name, column in COLUMNS.items():
        if column.item:
            side = name.partition("_")[0]
            words = f"{side}: {column.item}, present value"
            words += " on leaving" if "_exit_" in name else ""
            present = item_formulas(name, cells)[1]
            _write_line(pen, row, words, item_sums(name, content)[1], f"={present}")
            _write_tolerance(pen, row, _MONEY, content)
            row += 1
    _write_verdict(pen, row)
    for at, width in enumerate((50, 20, 20, 16, 16, 18)):
        pen.sheet.set_column(at, at, width)
    pen.sheet.freeze_panes(_FIRST, 1)
    finish(pen.sheet, row - 1, _CHECK, _FIRST - 1)


def _tolerance(name: str) -> str:
    """How far a result may be from Python's, in the syntax of the formulas."""
    if name in _PAYBACKS:
        return _crossing_tolerance(name)
    if name == "hours":
        return f"({_crossing_tolerance('months')}) * hours_per_month"
    if name in _ROOTS:
        return f'0 if {name} == "" else {_MONEY} / abs({_ROOTS[name]})'
    if name in _LEVELISED:
        return f"0 if busy_gpu_hours == 0 else {_MONEY} / busy_gpu_hours"
    if name.endswith("_usd"):
        return _MONEY
    return "check_tolerance * racks_needed" if name == "racks" else "0"


def _crossing_tolerance(name: str) -> str:
    """A crossing is as exact as the change of the gap in its month allows."""
    fall = f"at_month({_PAYBACKS[name]}_fall, ceil({name}))"
    inner = f"0 if {name} == 0 or {fall} == 0 else min(1, {_MONEY} / abs({fall}))"
    return f'0 if {name} == "" else check_tolerance * {name} + ({inner})'


def _write_line(pen: Pen, row: int, words: str, python: object, workbook: str) -> None:
    """One result: Python's value, the workbook's, and whether they agree."""
    line = row + 1
    pen.value(row, _NAME, words)
    pen.value(row, _PYTHON, python, "number")
    pen.formula(row, _WORKBOOK, workbook, python)
    difference = (
        f"=IF(AND(ISNUMBER(B{line}),ISNUMBER(C{line})),C{line}-B{line},IF(B{line}=C{line},0,1))"
    )
    pen.formula(row, _DIFFERENCE, difference, 0, "plain")
    agrees = f'=IF(inputs_changed>0,"inputs changed",IF(ABS(D{line})<=E{line},"OK","DIFFERS"))'
    pen.formula(row, _CHECK, agrees, "OK", "plain")


def _write_tolerance(pen: Pen, row: int, tolerance: str, content: Content) -> None:
    known = {**content.model.names, **content.model.columns}
    formula = spreadsheet(tolerance, Cells(content.last_row, "Months!"))
    pen.formula(row, _TOLERANCE, formula, worked_out(tolerance, known), "plain")


def _write_verdict(pen: Pen, end: int) -> None:
    """All of it in one line."""
    lines = f"F{_FIRST + 1}:F{end}"
    text = (
        '=IF(inputs_changed>0,"Inputs were changed since the report: nothing to compare with.",'
        f'IF(COUNTIF({lines},"OK")=ROWS({lines}),"All results equal Python\'s.",'
        '"Some results differ from Python\'s."))'
    )
    pen.formula(3, 0, text, "All results equal Python's.", "strong")
