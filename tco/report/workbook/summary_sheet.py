"""The sheet Summary: the answer, how it is made, and the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.model.results import RESULTS as PUBLISHED
from tco.report.csv import versions
from tco.report.currency import MONEY
from tco.report.schema import NOT_COUNTED, RESULT_MEANINGS
from tco.report.workbook.check_sheet import REASON
from tco.report.workbook.content import FIRST_ROW, Cells, Content, Pen
from tco.report.workbook.formula import spreadsheet
from tco.report.workbook.model import ORDER
from tco.report.workbook.names import PROBLEM
from tco.report.workbook.results import RESULTS, TOTALS
from tco.report.workbook.styles import finish
from tco.version import __version__

if TYPE_CHECKING:
    from tco.report.workbook.styles import Chart

_HEADINGS = ("result", "value", "unit", "meaning", "converted", "unit")
_NAME, _VALUE, _UNIT, _MEANING, _CONVERTED, _CONVERTED_UNIT = range(6)
_LEGEND = (
    "Summary, Months and Check are live: change a blue cell on Inputs, and they are worked out "
    "again. Options and Sources are a snapshot of the values reported.",
    "An empty cell means none: no payback, no such value.",
)
_FIRST = 8
_CURVES = {"own_usd": ("owning", "#1F3864"), "rent_usd": ("renting", "#C55A11")}


def write_summary(pen: Pen, content: Content) -> None:
    """Write the sheet."""
    values = content.scenario.values()
    pen.value(0, 0, f"Rent or buy: {values['gpus']:g} {values['gpu']}", "title")
    for at, line in enumerate((*_LEGEND, _stamps(content)), 1):
        pen.value(at, 0, line)
    tax = '=IF(tax_rate>0,"Results are after income tax.","Results are before income tax.")'
    words = "after" if values["tax_rate"] > 0 else "before"
    pen.formula(4, 0, tax, f"Results are {words} income tax.", "plain")
    pen.formula(5, 0, spreadsheet(PROBLEM, Cells(content.last_row)), "", "warning")
    pen.name("problem", 5, 0)
    reason = f'=IF(inputs_changed>0,"",{REASON})'
    pen.formula(6, 0, reason, content.answer.reason, "plain")
    row = _write_results(pen, content)
    row = _write_totals(pen, row + 2, content)
    row = _write_not_counted(pen, row + 2)
    chart = _chart(pen, content.last_row)
    pen.sheet.insert_chart(_FIRST - 1, _CONVERTED_UNIT + 2, chart)
    for at, width in enumerate((34, 16, 24, 60, 16, 24)):
        pen.sheet.set_column(at, at, width)
    pen.sheet.freeze_panes(_FIRST, 0)
    finish(pen.sheet, row, _CONVERTED_UNIT + 12, _FIRST - 1)


def _stamps(content: Content) -> str:
    stamps = versions(content.scenario.catalogue)
    told = ", ".join(f"{name} {value}" for name, value in stamps.items())
    return f"tco {__version__}, data {content.scenario.catalogue.label}, {told}"


def _write_results(pen: Pen, content: Content) -> int:
    """The results in the order of the report; gives the last row."""
    pen.row(_FIRST - 1, _HEADINGS, "heading")
    cells = Cells(content.last_row, "Months!")
    formulas = {result.name: spreadsheet(result.formula, cells) for result in RESULTS}
    listed = [name for name in RESULT_MEANINGS if name in PUBLISHED]
    for row, name in enumerate(listed, _FIRST):
        unit, meaning = RESULT_MEANINGS[name]
        pen.row(row, (name, "", unit, meaning))
        formula = f'=IF(problem<>"","",{formulas[name][1:]})'
        pen.formula(row, _VALUE, formula, content.result(name), "strong")
        pen.name(name, row, _VALUE)
        if name in MONEY:
            _write_converted(pen, row, name, content)
    row = _FIRST + len(listed)
    label = '=IF(currency="USD","","converted at "&fx_rate&" "&currency&" per USD of "&fx_as_of)'
    found = content.conversion
    pen.formula(row, _CONVERTED, label, found.label if found else "", "plain")
    return row


def _write_converted(pen: Pen, row: int, name: str, content: Content) -> None:
    found, value, unit = content.conversion, content.result(name), RESULT_MEANINGS[name][0]
    line = row + 1
    formula = f'=IF(OR(currency="USD",$B{line}=""),"",$B{line}*fx_rate)'
    worth = value * found.fx_rate if found and value != "" else ""
    pen.formula(row, _CONVERTED, formula, worth)
    label = f'=IF(currency="USD","",SUBSTITUTE($C{line},"USD",currency))'
    pen.formula(row, _CONVERTED_UNIT, label, found.unit(unit) if found else "", "plain")


def _write_totals(pen: Pen, row: int, content: Content) -> int:
    """What the results are made of; gives the last row."""
    pen.row(row, ("what they are made of", "value", "unit", "meaning"), "heading")
    cells = Cells(content.last_row, "Months!")
    for name, formula, unit, meaning in TOTALS:
        row += 1
        pen.row(row, (name, "", unit, meaning))
        pen.formula(row, _VALUE, spreadsheet(formula, cells), content.model.names[name])
        pen.name(name, row, _VALUE)
    return row


def _write_not_counted(pen: Pen, row: int) -> int:
    pen.value(row, 0, "not counted", "heading")
    for at, what in enumerate(NOT_COUNTED, 1):
        pen.value(row + at, 0, what)
    return row + len(NOT_COUNTED)


def _chart(pen: Pen, last_row: int) -> Chart:
    """Cumulative present values of both sides, as straight lines between month ends."""
    chart = pen.book.add_chart({"type": "scatter", "subtype": "straight"})
    rows = (FIRST_ROW - 1, last_row - 1)
    at = ORDER.index("t_months")
    for name, (words, colour) in _CURVES.items():
        column = ORDER.index(name)
        chart.add_series(
            {
                "name": words,
                "categories": ["Months", rows[0], at, rows[1], at],
                "values": ["Months", rows[0], column, rows[1], column],
                "line": {"color": colour, "width": 2},
            }
        )
    chart.set_title({"name": "Cumulative cost, present value [USD]"})
    chart.set_x_axis({"name": "months", "min": 0})
    chart.set_y_axis({"name": "USD", "num_format": "#,##0"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 720, "height": 420})
    return chart
