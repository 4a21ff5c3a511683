"""The sheet Check: the results with Python's beside them, and all that they are made of."""

from __future__ import annotations

from typing import Any

from tco.market.policy import POLICY
from tco.model.results import RESULTS
from tco.numeric import CONSTANTS
from tco.report.schema import ODDS_MEANINGS, RESULT_MEANINGS
from tco.report.workbook.bends_sheet import write_bends
from tco.report.workbook.cells import worth
from tco.report.workbook.content import FIRST_ROW, KEPT_ROW, Content, Sheet
from tco.report.workbook.formulas import CHECK
from tco.report.workbook.months_sheet import item_formulas
from tco.report.workbook.returns import TRIED, halved, value_at
from tco.report.workbook.summary_sheet import FIGURES, figure_label
from tco.words.figures import capital
from tco.words.finance import SIDE_LABELS

_NOTE = (
    "Python's results are for the values reported. After an input is changed there is nothing to "
    "compare with; the last column says so."
)
_HEADINGS = ("Result", "Python", "Workbook", "Difference", "Tolerance", "Check", "Name")
(_LABEL, _PYTHON, _WORKBOOK, _DIFFERENCE, _TOLERANCE, _CHECK, _NAME) = range(7)
_WIDTHS = (52, 16, 16, 12, 12, 14, 16, 16, 16, 3, 3, 40)
_VERDICT_ROW, _HEADING = 3, 5
_EQUAL = "All results equal Python's."
_KEPT_COLUMN = 11
_MEASURES = ("irr_per_year", "mirr_per_year", "own_usd_per_year", "rent_usd_per_year")


def write_check(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    sheet.head("Check", _NOTE)
    sheet.row(_HEADING, _HEADINGS, "heading_right")
    sheet.value(_HEADING, _LABEL, _HEADINGS[_LABEL], "heading")
    sheet.row(_HEADING, _HEADINGS[_CHECK:], "heading_unit", _CHECK)
    row, values = _HEADING, content.scenario.values()
    for name in (name for name in RESULT_MEANINGS if name in RESULTS):
        row += 1
        formula = content.writer().formula(content.formulas.results[name], name)
        formula = f'=IF(problem<>"","",{formula[1:]})'
        tolerance = content.formulas.tolerances[name]
        told = content.writer().formula(tolerance, None), worth(tolerance)
        _write_line(sheet, row, figure_label(name, values), content.result(name), formula, *told)
        sheet.name(name, row, _WORKBOOK)
        sheet.value(row, _NAME, name, "small")
    money = content.writer().formula(_money(content), None).removeprefix("=")
    share = 1 + 12 / values["horizon_months"]
    for name in _MEASURES:
        row += 1
        told = (f"=(1+12/horizon_months)*{money}", share * worth(_money(content)))
        if not FIGURES[name].is_money:
            found = content.found(name) or 0
            told = (f"={CHECK.name}*(1+ABS(SUM({name})))", CHECK.value * (1 + abs(found)))
        _write_line(sheet, row, figure_label(name, values), content.found(name), f"={name}", *told)
        sheet.value(row, _NAME, name, "small")
    row = _write_items(sheet, row, content)
    checks = f"F{_HEADING + 2}:F{row + 1}"
    verdict = (
        '=IF(inputs_changed>0,"Inputs were changed since the report: nothing to compare with.",'
        f'IF(COUNTIF({checks},"OK")=ROWS({checks}),"{_EQUAL}",'
        '"Some results differ from Python\'s."))'
    )
    sheet.formula(_VERDICT_ROW, 0, verdict, _EQUAL, "strong")
    below = _write_workings(sheet, row + 3, content)
    write_bends(sheet, below + 2, content)
    for at, (value, style) in enumerate(content.kept, KEPT_ROW):
        sheet.value(at, _KEPT_COLUMN, value, style)
    sheet.finish((row, _CHECK), _HEADING, _WIDTHS, portrait=True)


def _money(content: Content) -> Any:
    """How far an amount may be."""
    return content.formulas.tolerances["own_npv_usd"]


def _write_items(sheet: Sheet, row: int, content: Content) -> int:
    """The present value of every item; gives the last row."""
    told = content.writer().formula(_money(content), None), worth(_money(content))
    for name, column in content.formulas.columns.items():
        if column.item:
            row += 1
            side = SIDE_LABELS[name.partition("_")[0]]
            words = f"{side}: {content.label(name)}, present value"
            words += " on exit" if "_exit_" in name else ""
            present = f"={item_formulas(name, content.writer())[1]}"
            _write_line(sheet, row, words, content.ledger[name][1], present, *told)
            sheet.value(row, _NAME, name, "small")
    return row


def _write_line(
    sheet: Sheet,
    row: int,
    words: str,
    python: object,
    formula: str,
    tolerance: str,
    allowed: Any,
) -> None:
    """One result: Python's value, the workbook's, and whether they agree."""
    line = row + 1
    sheet.value(row, _LABEL, words)
    sheet.value(row, _PYTHON, python, "number")
    sheet.formula(row, _WORKBOOK, formula, python)
    b, c = f"B{line}", f"C{line}"
    difference = f"=IF(AND(ISNUMBER({b}),ISNUMBER({c})),{c}-{b},IF({b}={c},0,1))"
    sheet.formula(row, _DIFFERENCE, difference, 0, "plain")
    sheet.formula(row, _TOLERANCE, tolerance, allowed, "plain")
    agrees = f'=IF(inputs_changed>0,"inputs changed",IF(ABS(D{line})<=E{line},"OK","DIFFERS"))'
    sheet.formula(row, _CHECK, agrees, "OK", "unit")


# --- Below what is printed: all named cells that are no input


def _write_workings(sheet: Sheet, row: int, content: Content) -> int:
    """How sure the verdict is, returns, what results are made of, constants; the last row."""
    writer = content.writer()
    row = _group(sheet, row, "How sure the verdict of the values reported is, and why it is so")
    for name, (unit, meaning) in ODDS_MEANINGS.items():
        said = f"{meaning}; computed by Python, not recalculated here"
        sheet.row(row, (name, "", unit, content.no_odds or said))
        sheet.name(name, row, _PYTHON)
        sheet.reported(row, _PYTHON, content, content.sure(name), "number")
        row += 1
    sheet.value(row, _LABEL, "reason")
    sheet.name("reason", row, _PYTHON)
    sheet.reported(row, _PYTHON, content, content.answer.reason)
    row = _group(sheet, row + 2, "Returns and annual costs")
    for rate in content.rates.values():
        if rate.formula:
            sheet.named(row, rate.name, rate.formula, rate.value, rate.unit, rate.meaning)
        else:
            sheet.row(row, (rate.name, rate.value, rate.unit, rate.meaning))
            sheet.name(rate.name, row, _PYTHON)
        row += 1
    converts = content.conversion is not None
    words = "whether amounts are converted: the currency is not USD, and its rate is given"
    formula = f'=AND(currency<>"USD",OR(fx_rate_status="yours",fx_rate_status="{POLICY}"))'
    sheet.named(row, "converts", formula, converts, "", words, style="plain")
    code, units = content.shown_in
    words = "the currency of converted amounts; USD where none are converted"
    formula = '=IF(converts,currency,"USD")'
    sheet.named(row + 1, "shown_currency", formula, code, "", words, style="plain")
    formula, words = "=IF(converts,fx_rate,1)", "units of it for one USD"
    sheet.named(row + 2, "shown_rate", formula, units, "per USD", words)
    row = _write_tried(sheet, row + 4, content)
    row = _group(sheet, row + 1, "What the results are made of")
    for name, (cell, *words_of) in content.formulas.totals.items():
        sheet.named(row, name, writer.formula(cell, name), worth(cell), *words_of)
        row += 1
    row = _group(sheet, row + 1, "Constants of the model")
    for name, constant in sorted(CONSTANTS.items()):
        sheet.row(row, (name, constant.value, constant.unit, constant.meaning))
        sheet.name(name, row, _PYTHON)
        row += 1
    row = _group(sheet, row + 1, "What follows from the inputs alone")
    for name, told in content.formulas.names.items():
        cell = content.formulas.graph.names[name]
        sheet.named(row, name, writer.formula(cell, name), worth(cell), *told)
        row += 1
    return _write_problems(sheet, row + 1, content)


def _write_tried(sheet: Sheet, row: int, content: Content) -> int:
    """Rates at which the present value is tried, and where between two it is 0; the row below."""
    row = _group(sheet, row, "Where the search for the internal rate of return begins")
    sheet.row(row, ("rate tried, per month", "present value", "sign changes after it"), "heading")
    row += 1
    first, last = row + 1, row + len(TRIED)
    values = [value_at(content.flows, rate) for rate in TRIED]
    for at, (rate, value) in enumerate(zip(TRIED, values, strict=True)):
        line = row + 1
        sheet.value(row, _LABEL, rate)
        sheet.formula(row, _PYTHON, _value_at(f"$A{line}", content), value, "number")
        if line < last:
            turns = (value > 0) != (values[at + 1] > 0)
            formula = f"=IF(($B{line}>0)=($B{line + 1}>0),0,1)"
            sheet.formula(row, 2, formula, int(turns), "whole")
        row += 1
    tried, worth_there = (f"$%s${first}:$%s${last}" % (letter, letter) for letter in "AB")
    sheet.book.define_name("irr_turns", f"=Check!$C${first}:$C${last - 1}")
    sheet.row(row, ("from, per month", "to", "present value in the middle"), "heading")
    row += 1
    rising = f"(INDEX({worth_there},irr_turn)>0)"
    for step, found in enumerate(halved(content.flows)):
        line = row + 1
        middle = f"($A{line}+$B{line})/(1+1)"
        formulas = (f"INDEX({tried},irr_turn)", f"INDEX({tried},irr_turn+1)")
        if step:
            a, b, c = (f"${letter}{line - 1}" for letter in "ABC")
            half, same = f"({a}+{b})/(1+1)", f"({c}>0)={rising}"
            formulas = (f"IF({same},{half},{a})", f"IF({same},{b},{half})")
        cells = (*formulas, _value_at(middle, content)[1:])
        for column, (part, value) in enumerate(zip(cells, found, strict=True)):
            formula = f'=IF(ISNUMBER(irr_turn),{part},"")'
            sheet.formula(row, column, formula, value, "number")
        row += 1
    sheet.name("irr_from", row - 1, 0)
    sheet.name("irr_to", row - 1, 1)
    return row


def _value_at(rate: str, content: Content) -> str:
    """The present value of what buying saves, as a formula of the rate per month."""
    months = f"Months!$A${FIRST_ROW}:$A${content.last_row}"
    return f"=SUMPRODUCT(saving_flows/(1+{rate})^{months})"


def _group(sheet: Sheet, row: int, title: str) -> int:
    """A title over the table; gives the row below it."""
    sheet.row(row, (capital(title), *[""] * (len(_HEADINGS) - 1)), "group")
    return row + 1


def _write_problems(sheet: Sheet, row: int, content: Content) -> int:
    """What is wrong with inputs that cannot be combined; gives the last row."""
    row = _group(sheet, row, "Inputs that cannot be combined")
    writer = content.writer()
    problems = content.formulas.problems
    for at, (broken, sentence) in enumerate(problems, 1):
        name, condition = f"problem_{at}", writer.text(broken)
        following = f"problem_{at + 1}" if at < len(problems) else '""'
        formula = f"=IF({condition},{writer.text(sentence)},{following})"
        meaning = "this problem if there is one, else the next one"
        sheet.named(row, name, formula, "", "", meaning, style="plain")
        row += 1
    return row - 1
