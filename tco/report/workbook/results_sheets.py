"""The sheets of results: Summary with its curves, Options, and Check with Python's beside it."""

from __future__ import annotations

from typing import Any

from tco.model.results import RESULTS
from tco.report.csv import versions
from tco.report.currency import MONEY
from tco.report.schema import NOT_COUNTED, ODDS_MEANINGS, RESULT_MEANINGS
from tco.report.ways import table_frame
from tco.report.workbook.cells import Writer, worth
from tco.report.workbook.content import FIRST_ROW, Chart, Content, Sheet
from tco.report.workbook.months_sheet import item_formulas
from tco.version import __version__
from tco.words import of_owner

_OPTIONS_NOTE = (
    "A snapshot of the options for the values reported: it does not change with Inputs. "
    "Costs in USD; present values include resale and the unused commitment."
)
_OPTION_WIDTHS = {"rank": 8, "option": 34, "side": 8, "why not": 60, "note": 60}
_HEADINGS = ("result", "value", "unit", "meaning", "converted", "unit")
_NAME, _VALUE, _UNIT, _MEANING, _CONVERTED, _CONVERTED_UNIT = range(6)
_LEGEND = (
    "Summary, Months and Check are live: change a blue cell on Inputs and they recalculate. "
    "Options and Sources are a snapshot of the values reported.",
    "An empty cell means none: no payback, or no such value.",
)
_FIRST = 8
_CURVES = {"own_usd": ("owning", "#1F3864"), "rent_usd": ("renting", "#C55A11")}
_CHECK_NOTE = (
    "Python's results are for the values reported. After an input is changed there is nothing to "
    "compare with; the last column says so."
)
_CHECK_HEADINGS = ("result", "Python", "workbook", "difference", "tolerance", "check")
_PYTHON, _WORKBOOK, _DIFFERENCE, _TOLERANCE, _CHECK = range(1, 6)
_FIRST_CHECK = 6
# Where Python's sentence about the values reported stands, and its odds.
_REASON = "Check!$A$3"
_ODDS_ROW = 4
_ODDS = {name: f"Check!${column}$5" for name, column in zip(ODDS_MEANINGS, "BDF", strict=True)}
# What is a sentence is written over its unit and meaning.
_SENTENCES = ("median_future",)
_OUTSIDE = '"Inputs: a value is outside its domain"'


def write_summary(sheet: Sheet, content: Content) -> None:
    """Write the sheet Summary."""
    values, catalogue = content.scenario.values(), content.scenario.catalogue
    stamps = versions(catalogue).items()
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in stamps)
    made = f"tco {__version__}, data {catalogue.label}, {told}"
    sheet.head(f"Rent or buy: {values['gpus']:g} {values['gpu']}", *_LEGEND, made)
    tax = '=IF(tax_rate>0,"Results are after income tax.","Results are before income tax.")'
    words = "after" if values["tax_rate"] > 0 else "before"
    sheet.formula(4, 0, tax, f"Results are {words} income tax.", "plain")
    sheet.formula(5, 0, f"=IF(inputs_outside>0,{_OUTSIDE},problem_1)", "", "warning")
    sheet.name("problem", 5, 0)
    reason = f'=IF(inputs_changed>0,"",{_REASON})'
    sheet.formula(6, 0, reason, content.answer.reason, "plain")
    row = _write_results(sheet, content)
    row = _write_totals(sheet, row + 2, content)
    row += 2
    sheet.value(row, 0, "not counted", "heading")
    for what in NOT_COUNTED:
        row += 1
        sheet.value(row, 0, what)
    if content.notes:
        row += 2
        sheet.value(row, 0, "notes on the values reported", "heading")
    for note in content.notes.values():
        row += 1
        sheet.value(row, 0, note)
    chart = _chart(sheet, content)
    sheet.worksheet.insert_chart(_FIRST - 1, _CONVERTED_UNIT + 2, chart)
    last = (row, _CONVERTED_UNIT + 12)
    sheet.finish(last, _FIRST - 1, (34, 16, 24, 60, 16, 24), frozen=0)


def _write_results(sheet: Sheet, content: Content) -> int:
    """The results in the order of the report; gives the last row."""
    sheet.row(_FIRST - 1, _HEADINGS, "heading")
    writer = content.writer()
    results = content.formulas.results
    formulas = {name: writer.formula(cell, name) for name, cell in results.items()}
    row = _FIRST
    for name in ("verdict", *ODDS_MEANINGS, *RESULT_MEANINGS):
        if name in ODDS_MEANINGS:
            _write_odds(sheet, row, name, content)
            row += 1
        elif name in formulas:
            _write_result(sheet, row, name, formulas.pop(name), content)
            row += 1
    label = '=IF(currency="USD","","converted at "&fx_rate&" "&currency&" per USD as of "&fx_as_of)'
    found = content.conversion
    sheet.formula(row, _CONVERTED, label, found.label if found else "", "plain")
    return row


def _write_result(sheet: Sheet, row: int, name: str, formula: str, content: Content) -> None:
    formula = f'=IF(problem<>"","",{formula[1:]})'
    sheet.named(row, name, formula, content.result(name), *RESULT_MEANINGS[name], style="strong")
    if name not in MONEY:
        return
    found, value, line = content.conversion, content.result(name), row + 1
    formula = f'=IF(OR(currency="USD",$B{line}=""),"",$B{line}*fx_rate)'
    converted = value * found.fx_rate if found and value != "" else ""
    sheet.formula(row, _CONVERTED, formula, converted)
    unit = found.unit(RESULT_MEANINGS[name][0]) if found else ""
    label = f'=IF(currency="USD","",SUBSTITUTE($C{line},"USD",currency))'
    sheet.formula(row, _CONVERTED_UNIT, label, unit, "plain")


def _write_odds(sheet: Sheet, row: int, name: str, content: Content) -> None:
    """How sure the verdict is, which Python says and no formula: nothing of a changed input."""
    unit, meaning = ODDS_MEANINGS[name]
    said = f"{meaning}; computed by Python for the inputs as reported, not recalculated here"
    place = _ODDS[name]
    formula = f'=IF(OR(inputs_changed>0,{place}=""),"",{place})'
    words = (unit, content.no_odds or ("" if name in _SENTENCES else said))
    sheet.named(row, name, formula, content.sure(name), *words, style="strong")


def _write_totals(sheet: Sheet, row: int, content: Content) -> int:
    """What the results are made of; gives the last row."""
    sheet.row(row, ("breakdown of the results", "value", "unit", "meaning"), "heading")
    for name, (cell, *words) in content.formulas.totals.items():
        row += 1
        sheet.named(row, name, content.writer().formula(cell, name), worth(cell), *words)
    return row


def _chart(sheet: Sheet, content: Content) -> Chart:
    """Cumulative present values of both sides, as straight lines between month ends."""
    chart = sheet.book.add_chart({"type": "scatter", "subtype": "straight"})
    rows = (FIRST_ROW - 1, content.last_row - 1)
    order = list(content.letters)
    at = order.index("t_months")
    for name, (words, color) in _CURVES.items():
        column = order.index(name)
        chart.add_series(
            {
                "name": words,
                "categories": ["Months", rows[0], at, rows[1], at],
                "values": ["Months", rows[0], column, rows[1], column],
                "line": {"color": color, "width": 2},
            }
        )
    chart.set_title({"name": "Cumulative cost, present value [USD]"})
    chart.set_x_axis({"name": "months", "min": 0})
    chart.set_y_axis({"name": "USD", "num_format": "#,##0"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 720, "height": 420})
    return chart


def write_options(sheet: Sheet, content: Content) -> None:
    """Write the sheet Options, a snapshot of what Python worked out."""
    frame = table_frame(content.options).drop(columns="on Decide")
    values = content.scenario.values()
    frame["side"] = [of_owner(word, values) for word in frame["side"]]
    sheet.head("Options", _OPTIONS_NOTE)
    sheet.row(3, frame.columns, "heading")
    for row, cells in enumerate(frame.itertuples(index=False), 4):
        sheet.row(row, cells, "number")
    columns = len(frame.columns)
    widths = [_OPTION_WIDTHS.get(str(name), 16) for name in frame]
    sheet.finish((len(frame) + 3, columns - 1), 3, widths)


def write_check(sheet: Sheet, content: Content) -> None:
    """Write the sheet Check."""
    sheet.head("Check", _CHECK_NOTE, content.answer.reason or "")
    sheet.row(_ODDS_ROW, [cell for name in _ODDS for cell in (name, content.sure(name))])
    sheet.row(_FIRST_CHECK - 1, _CHECK_HEADINGS, "heading")
    tolerances = content.formulas.tolerances
    lines = [
        (name, content.result(name), name, tolerances[name])
        for name in RESULT_MEANINGS
        if name in RESULTS
    ]
    for name, column in content.formulas.columns.items():
        if column.item:
            words = f"{name.partition('_')[0]}: {column.item}, present value"
            words += " on exit" if "_exit_" in name else ""
            present = item_formulas(name, content.writer())[1]
            lines.append((words, content.ledger[name][1], present, tolerances["own_npv_usd"]))
    for row, line in enumerate(lines, _FIRST_CHECK):
        _write_line(sheet, row, *line, content.writer())
    checks = f"F{_FIRST_CHECK + 1}:F{row + 1}"
    verdict = (
        '=IF(inputs_changed>0,"Inputs were changed since the report: nothing to compare with.",'
        f'IF(COUNTIF({checks},"OK")=ROWS({checks}),"All results equal Python\'s.",'
        '"Some results differ from Python\'s."))'
    )
    sheet.formula(3, 0, verdict, "All results equal Python's.", "strong")
    sheet.finish((row, _CHECK), _FIRST_CHECK - 1, (50, 20, 20, 16, 16, 18))


def _write_line(
    sheet: Sheet, row: int, words: str, python: object, workbook: str, tolerance: Any, cells: Writer
) -> None:
    """One result: Python's value, the workbook's, and whether they agree."""
    line = row + 1
    sheet.value(row, _NAME, words)
    sheet.value(row, _PYTHON, python, "number")
    sheet.formula(row, _WORKBOOK, f"={workbook}", python)
    b, c = f"B{line}", f"C{line}"
    difference = f"=IF(AND(ISNUMBER({b}),ISNUMBER({c})),{c}-{b},IF({b}={c},0,1))"
    sheet.formula(row, _DIFFERENCE, difference, 0, "plain")
    sheet.formula(row, _TOLERANCE, cells.formula(tolerance, None), worth(tolerance), "plain")
    agrees = f'=IF(inputs_changed>0,"inputs changed",IF(ABS(D{line})<=E{line},"OK","DIFFERS"))'
    sheet.formula(row, _CHECK, agrees, "OK", "plain")
