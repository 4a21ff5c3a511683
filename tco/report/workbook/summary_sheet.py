"""The sheet Summary: what is decided, on one printed page, in the words of finance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from tco.inputs import INPUTS, PRICE, RATE
from tco.report.option_tables import standing
from tco.report.workbook.content import FIRST_ROW, Chart, Content, Sheet
from tco.words import VERDICT_WORDS, of_owner, tax_words
from tco.words.currencies import shown_in
from tco.words.figures import capital, percent
from tco.words.finance import MEASURES, SEVERAL
from tco.words.results import RESULT_WORDS


class Figure(NamedTuple):
    """How a figure is shown: its style, whether it is an amount of money, what stands behind it."""

    style: str
    is_money: bool
    unit: str = ""


_YEAR, _MONTHS = "per year", "months"
# How the cells of results and measures look, in the order of this sheet.
FIGURES = {
    "own_npv_usd": Figure("money", True),
    "rent_npv_usd": Figure("money", True),
    "npv_saving_usd": Figure("money_strong", True),
    "undiscounted_saving_usd": Figure("money", True),
    "own_usd_per_gpu_hour": Figure("unit_cost", True),
    "rent_usd_per_gpu_hour": Figure("unit_cost", True),
    "irr_per_year": Figure("percent", False, _YEAR),
    "mirr_per_year": Figure("percent", False, _YEAR),
    "own_usd_per_year": Figure("money", True, _YEAR),
    "rent_usd_per_year": Figure("money", True, _YEAR),
    "simple_months": Figure("months", False, _MONTHS),
    "months": Figure("months", False, _MONTHS),
    "exit_months": Figure("months", False, _MONTHS),
    "breakeven_rate_usd_per_gpu_hour": Figure("unit_cost", True),
    "breakeven_price_usd_per_gpu": Figure("money", True),
    "breakeven_utilization": Figure("percent", False),
    "verdict": Figure("plain", False),
    "status": Figure("plain", False),
    "first_months": Figure("months", False),
    "hours": Figure("money", False),
    "gpus_per_rack": Figure("money", False),
    "racks": Figure("number", False),
}
# Measures whose cells have another name than the measure.
_MEASURED = {"irr_per_year": "irr", "mirr_per_year": "mirr"}
_KEY = tuple(FIGURES)[:6]
_RETURNS, _PAYBACKS = tuple(FIGURES)[6:10], tuple(FIGURES)[10:13]
_BREAKEVENS = {
    "breakeven_rate_usd_per_gpu_hour": RATE,
    "breakeven_price_usd_per_gpu": PRICE,
    "breakeven_utilization": "utilization",
}
# Columns: two panels, with an empty column between them.
_LABEL, _VALUE_AT, _CONVERTED, _UNIT, _, _INPUT, _CURRENT, _FLIP, _RANGE = range(9)
_LEFT, _RIGHT, _ALL = (_LABEL, _UNIT), (_INPUT, _RANGE), (_LABEL, _RANGE)
_WIDTHS = (35, 12, 12, 16, 2, 28, 11, 15, 17)
_TOP = 7
_CHECKED, _CHART_ROWS = 7, 17
_LEAD_LINE, _LINE = 155, 180
_WORDS = {
    "buy": "owning costs less than renting",
    "rent": "renting costs less than owning",
    "toss_up": "both cost about the same (within 5 %)",
}
_PER_YEAR = " per year"
_CURVE_COLORS = (("Owning", "#1F3864"), ("Renting", "#C55A11"))
_OUTSIDE = '"Inputs: a value is outside its domain"'
_BROKEN = "No rate of return: something is paid within a month."
_ONE_SIDED = "No rate of return: in every month the same side pays less."
_SEVERAL = (
    "What buying saves changes its sign more than once: several rates may exist, and none of them "
    "is the return. Go by the net present value."
)
_NO_RATE = "No amounts are converted: enter the exchange rate on Inputs."


def write_summary(sheet: Sheet, content: Content) -> None:
    """Write the sheet."""
    with shown_in(content.conversion):
        _write_head(sheet, content)
        below = max(_write_figures(sheet, content), _write_checks(sheet, content)) + 1
        last = _write_foot(sheet, below, content)
    sheet.finish((last, _RANGE), None, _WIDTHS)


def _write_head(sheet: Sheet, content: Content) -> None:
    """Question, verdict, how sure it is, and the sentence to remember."""
    values, facts = content.scenario.values(), content.facts
    sheet.across(0, _ALL, "title", text=f"Rent or buy {values['gpus']:,} × {values['gpu']}?")
    subject = (
        standing(values),
        INPUTS["horizon_months"].written(values["horizon_months"]),
        f"{INPUTS['utilization'].written(values['utilization'])} utilization",
        f"{percent(values['discount_rate'])} discount rate",
        tax_words(values),
    )
    changed = (
        f" of the inputs differ from those reported as of {content.day}: figures are recalculated; "
        "the words about those reported, their odds and what to check first are left out."
    )
    _reported(sheet, 1, content, capital(" · ".join(subject)), "plain")
    told = {word: f"{VERDICT_WORDS[word]}: {_WORDS[word]}" for word in _WORDS}
    told = {word: of_owner(text, values) for word, text in told.items()}
    buy, rent, tie = (content.keep(told[word]) for word in ("buy", "rent", "toss_up"))
    sheet.across(2, _ALL, "verdict")
    formula = (
        f'=IF(problem<>"","No verdict",IF(verdict="buy",{buy},IF(verdict="rent",{rent},{tie})))'
    )
    sheet.formula(2, 0, formula, told[content.answer.verdict], "verdict")
    sheet.worksheet.set_row(2, 22)
    sure = f"{capital(facts.confidence)} confidence. " if facts.confidence else ""
    odds = f"{sure}{facts.odds_line}" if content.odds else content.no_odds
    odds = f"{odds} As of {content.day}, for the inputs as reported."
    sheet.across(3, _ALL, "lead")
    sheet.lines(3, math.ceil(len(odds) / _LEAD_LINE))
    places = content.keep(changed), content.keep(odds)
    formula = f"=IF(inputs_changed>0,inputs_changed&{places[0]},{places[1]})"
    sheet.formula(3, 0, formula, odds, "lead")
    lead = " ".join(facts.sentences)
    _reported(sheet, 4, content, lead, "lead")
    sheet.lines(4, math.ceil(len(lead) / _LEAD_LINE))
    sheet.across(5, _ALL, "warning")
    sheet.formula(5, 0, f"=IF(inputs_outside>0,{_OUTSIDE},problem_1)", "", "warning")
    sheet.name("problem", 5, 0)


def _reported(sheet: Sheet, row: int, content: Content, text: str, style: str) -> None:
    """A sentence about the values reported, over the whole width."""
    sheet.across(row, _ALL, style)
    sheet.reported(row, 0, content, text, style)


# --- On the left: figures


def figure_label(name: str, values: Mapping[str, Any]) -> str:
    """What a result or a measure is called, of hardware that is there already too.

    >>> figure_label("own_npv_usd", {}), figure_label("irr_per_year", {"already_owned": True})
    ('Cost of owning, present value', 'IRR of keeping instead of renting')
    """
    found = RESULT_WORDS.get(name)
    label = found.label if found else MEASURES[_MEASURED.get(name, name)].label
    return of_owner(label, values)


def _write_figures(sheet: Sheet, content: Content) -> int:
    """Results, returns and break-even values; gives the row below them."""
    after = '=IF(tax_rate>0,"Key results, after income tax","Key results, before income tax")'
    words = "after" if content.scenario.values()["tax_rate"] > 0 else "before"
    row = _heading(sheet, _TOP, content, "USD", "")
    sheet.formula(_TOP, _LABEL, after, f"Key results, {words} income tax", "heading")
    for name in _KEY:
        row = _figure(sheet, row, name, content, FIGURES[name].unit)
    title = of_owner("Returns and payback of buying", content.scenario.values())
    row = _heading(sheet, row + 1, content, "USD", "", title)
    for name in (*_RETURNS, *_PAYBACKS):
        row = _figure(sheet, row, name, content, FIGURES[name].unit)
        if name == _RETURNS[-1]:
            row = _write_leasing(sheet, row, content)
    row = _write_rate_note(sheet, row, content)
    row = _heading(sheet, row + 1, content, "USD", "now [USD]", "Break-even values")
    for name, varied in _BREAKEVENS.items():
        now = content.scenario.values()[varied]
        sheet.formula(row, _UNIT, f"={varied}", now, FIGURES[name].style)
        row = _figure(sheet, row, name, content, None)
    return row


def _heading(
    sheet: Sheet, row: int, content: Content, unit: str, last: str, title: str = ""
) -> int:
    found = content.conversion.currency if content.conversion and unit else ""
    sheet.row(row, (title, unit), "heading")
    sheet.value(row, _VALUE_AT, unit, "heading_right")
    sheet.value(row, _CONVERTED, "", "heading_right")
    if unit:
        sheet.formula(row, _CONVERTED, '=IF(converts,currency,"")', found, "heading_right")
    sheet.value(row, _UNIT, last, "heading_right" if last else "heading")
    return row + 1


def _figure(sheet: Sheet, row: int, name: str, content: Content, unit: str | None) -> int:
    """A result or a measure with its unit; `unit` is None where something else stands there."""
    told = FIGURES[name]
    value = content.found(name)
    none = '"never"' if told.style == "months" else '"none"'
    formula = f'=IF(problem<>"","",IF(ISNUMBER({name}),{name},{none}))'
    if name in _BREAKEVENS:
        # Nobody can pay less than nothing, or use GPUs more than always.
        is_share = told.style == "percent"
        inside = f"AND({name}>=0,{name}<=1)" if is_share else f"{name}>=0"
        formula = f'=IF(problem<>"","",IF(ISNUMBER({name}),IF({inside},{name},{none}),{none}))'
        is_inside = value != "" and 0 <= value <= (1 if is_share else math.inf)
        value = value if is_inside else ""
    if name == "irr_per_year":
        several, is_several = _several_rates(content)
        said = f'IF({several},"{SEVERAL}",IF(ISNUMBER({name}),{name},{none}))'
        formula = f'=IF(problem<>"","",{said})'
        value, none = ("", SEVERAL) if is_several else (value, none)
    shown_value = none.strip('"') if value == "" else value
    sheet.value(row, _LABEL, figure_label(name, content.scenario.values()))
    sheet.formula(row, _VALUE_AT, formula, shown_value, told.style)
    if told.is_money:
        sheet.converted((row, _CONVERTED), f"$B${row + 1}", value, content, told.style)
    if unit:
        has_value = f'=IF(ISNUMBER($B${row + 1}),"{unit}","")'
        sheet.formula(row, _UNIT, has_value, unit if value != "" else "", "unit")
    return row + 1


def _several_rates(content: Content) -> tuple[str, bool]:
    """Whether several rates of return exist, so that none is the return: a formula, and its value.

    As reported it is known; of changed inputs it is what the rates tried on Check say.
    """
    is_several = len(content.measures.irr) > 1
    tried = "SUM(irr_turns)>1"
    changed = "inputs_changed"
    return (f"OR({changed}=0,{tried})" if is_several else f"AND({changed}>0,{tried})"), is_several


def _write_leasing(sheet: Sheet, row: int, content: Content) -> int:
    """The net advantage to leasing, which takes a second run of the model: as reported."""
    leasing = content.measures.leasing
    if leasing is None:
        return row
    sheet.value(row, _LABEL, MEASURES["net_advantage_to_leasing_usd"].label)
    sheet.reported(row, _VALUE_AT, content, leasing.net_advantage_usd, "money")
    place = f"$B${row + 1}"
    sheet.converted((row, _CONVERTED), place, leasing.net_advantage_usd, content, "money")
    sheet.value(row, _UNIT, "as reported", "unit")
    return row + 1


def _write_rate_note(sheet: Sheet, row: int, content: Content) -> int:
    """What to make of no rate of return, or of several; what is converted at which rate."""
    told = {row.name: row.note for row in content.measures.rows}["irr"]
    if len(content.measures.irr) > 1:
        told = f"{capital(content.measures.irr_text)}. Go by the NPV."
    several = of_owner(_SEVERAL, content.scenario.values())
    reported, broken, one_sided, several = map(content.keep, (told, _BROKEN, _ONE_SIDED, several))
    formula = (
        f'=IF(problem<>"","",IF(inputs_changed=0,{reported},IF(NOT(whole_months),{broken},'
        f'IF(sign_changes=0,{one_sided},IF(sign_changes>1,{several},"")))))'
    )
    sheet.across(row, _LEFT, "small_wrapped", rows=2)
    sheet.formula(row, 0, formula, told, "small_wrapped")
    row += 2
    found = content.conversion
    missing = content.keep(_NO_RATE)
    words = 'fx_rate&" "&currency&" per USD as of "&fx_as_of&"; the model computes in USD"'
    formula = f'=IF(converts,"Converted at "&{words},IF(currency="USD","",{missing}))'
    told = ""
    if found:
        told = f"Converted at {found.fx_rate:.15g} {found.currency} per USD as of {found.fx_as_of}"
        told += "; the model computes in USD"
    sheet.across(row, _LEFT, "small")
    sheet.formula(row, 0, formula, told, "small")
    return row


# --- On the right: the curves, and what to check first


def _write_checks(sheet: Sheet, content: Content) -> int:
    """The chart and what to check first; gives the row below them."""
    title = "Cumulative cost before resale, present value"
    sheet.across(_TOP, _RIGHT, "heading")
    formula = f'="{title} ["&shown_currency&"]"'
    sheet.formula(_TOP, _INPUT, formula, f"{title} [{content.shown_in[0]}]", "heading")
    place = {"x_offset": 2, "y_offset": 0, "object_position": 2, "description": title}
    sheet.worksheet.insert_chart(_TOP + 1, _INPUT, _chart(sheet, content), place)
    row, facts = _TOP + _CHART_ROWS + 1, content.facts
    title = "What to check first"
    title += f" [{content.conversion.currency}]" if content.conversion else ""
    sheet.row(row, (title, "", "", ""), "heading", _INPUT)
    for column, words in ((_CURRENT, "reported"), (_FLIP, "breaks even at"), (_RANGE, "likely")):
        sheet.value(row, column, words, "heading_right")
    # What the sentence says to check stands first, then what moves the saving most.
    first = content.odds.check_first if content.odds else ""
    listed = sorted(facts.matters, key=lambda told: told["input"] != first)
    for told in listed[:_CHECKED]:
        row += 1
        declared = INPUTS[told["input"]]
        flips = [
            declared.written(one["flip"])
            for one in facts.flips.get(told["input"], [])
            if not math.isnan(one["flip"])
        ]
        unit = declared.shown_unit
        low, high = (declared.written(told[end]).replace(_PER_YEAR, "") for end in ("low", "high"))
        if low.partition(" ")[2] == high.partition(" ")[2]:
            low = low.partition(" ")[0]
        now, flip = declared.written(told["value"]), " and ".join(flips[:2]) or "none"
        texts = [text.replace(_PER_YEAR, "") for text in (now, flip, f"{low} to {high}")]
        label = f"{declared.label}, a year" if unit.endswith(_PER_YEAR) else declared.label
        sheet.reported(row, _INPUT, content, label)
        for column, text in enumerate(texts, _CURRENT):
            sheet.reported(row, column, content, text, "right")
    return row + 1


def _chart(sheet: Sheet, content: Content) -> Chart:
    """Cumulative present values of both sides, as straight lines between month ends."""
    from xlsxwriter.utility import xl_cell_to_rowcol

    chart = sheet.book.add_chart({"type": "scatter", "subtype": "straight"})
    rows = (FIRST_ROW - 1, content.last_row - 1)
    at = xl_cell_to_rowcol(f"{content.letters['t_months']}1")[1]
    for column, (words, color) in enumerate(_CURVE_COLORS, content.charted_at):
        chart.add_series(
            {
                "name": words,
                "categories": ["Months", rows[0], at, rows[1], at],
                "values": ["Months", rows[0], column, rows[1], column],
                "line": {"color": color, "width": 2.25},
            }
        )
    font = {"size": 9}
    # The heading above it names the currency, which may change.
    chart.set_title({"none": True})
    chart.set_x_axis({"min": 0, "name": "month", "num_font": font, "name_font": font})
    chart.set_y_axis({"num_format": "#,##0", "num_font": font})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": 530, "height": 20 * (_CHART_ROWS - 1)})
    return chart


# --- Below both


def _write_foot(sheet: Sheet, row: int, content: Content) -> int:
    """What is not counted, what is odd, on what it rests, and room for notes; the last row."""
    facts = content.facts
    left_out = "; ".join(one.what for one in facts.uncounted_parts)
    uncounted = f"Not counted: {left_out}. Sheet Lines names what stands in for each."
    rests = f"{facts.foundations}. Sheets Inputs and Sources name each value, source and date."
    for text, is_live in ((uncounted, True), (facts.notes, False), (rests, False)):
        if not text:
            continue
        sheet.across(row, _ALL, "small_wrapped", text=text if is_live else "")
        if not is_live:
            sheet.reported(row, 0, content, text, "small_wrapped")
        sheet.worksheet.set_row(row, 13 * math.ceil(len(text) / _LINE))
        row += 1
    sheet.value(row, 0, "Your notes", "heading")
    sheet.across(row, (1, _RANGE), "input_note")
    sheet.worksheet.set_row(row, 32)
    sheet.name("your_notes", row, 1)
    return row
