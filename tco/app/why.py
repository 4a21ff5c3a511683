"""What stands below the answer on the Decide page: why, what it rests on, and every other input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.app import form, lines, panels
from tco.app.panels import plain, voice
from tco.inputs import INPUTS
from tco.model.breakeven import Breakeven
from tco.report import charts
from tco.report.decide_tables import (
    curves_in_words,
    rates_in_words,
    steps_frame,
    steps_in_words,
)
from tco.report.facts import Facts, converted
from tco.report.market_tables import defaults_frame
from tco.report.provenance import old_data
from tco.report.waterfall import SideCost
from tco.report.workings import formulas, items_frame
from tco.scenario import Scenario
from tco.words.figures import capital, months_text, usd
from tco.words.results import RESULT_WORDS

if TYPE_CHECKING:
    import pandas as pd

_BREAKEVEN_RATE = RESULT_WORDS["breakeven_rate_usd_per_gpu_hour"].short
# Columns of the list of inputs.
_SOURCES = ("input", "value", "status", "source", "date", "note", "link")
_HOURLY, _USD = panels.Money("%.3f"), panels.Money("%,.0f")
_STEPS = {"USD per busy GPU-hour": _HOURLY, "total so far": _HOURLY}
_RATES: dict[str, Any] = {"utilization, %": st.column_config.NumberColumn(format="%.0f")}
_RATES["break-even rate, USD per GPU-hour"] = _HOURLY
_ITEMS = {"undiscounted, USD": _USD, "present value, USD": _USD, "USD per busy GPU-hour": _HOURLY}


def below(scenario: Scenario, now: Facts, shown: Facts) -> None:
    """Everything else; `now` are the facts of the scenario, `shown` the last valid ones."""
    with panels.stale(now, "rests"):
        _rests_on(shown)
        if shown.owning is not None and (place := panels.disclosure("Why?", "why")):
            with place:
                _why(shown)
        if shown.rate_curve is not None and (
            place := panels.disclosure("Break-even curves", "curves_below")
        ):
            with place:
                _break_even_curves(shown)
    form.sections(scenario, now.levers)
    lines.section(scenario)
    lines.editor(scenario)
    with st.expander("What is not counted", key="not_counted"):
        st.markdown("\n".join(f"- {plain(voice(capital(item)))}" for item in now.uncounted))
    if place := panels.disclosure("How this is computed", "explained"):
        with place:
            _computed(shown)
    if place := panels.disclosure("Where the numbers come from", "sources"):
        with place:
            panels.table(
                defaults_frame(scenario)[list(_SOURCES)],
                "Every input with its value, status, source, date and note",
                {"link": st.column_config.LinkColumn(display_text="open")},
            )


def _rests_on(shown: Facts) -> None:
    """What the answer rests on, and what is odd about it."""
    panels.note(shown.no_odds)
    panels.note(shown.notes)
    panels.note(old_data(shown.scenario))
    if not shown.compared and shown.live is not None:  # else they stand where the chart would
        panels.tiles(shown.figures)
    st.caption(plain(" · ".join(filter(None, (shown.conditions, shown.key_inputs)))))


# --- Why?


def _why(shown: Facts) -> None:
    """All that is not the word, the saving and the break-even of the first screen."""
    if shown.compared:
        # At which rate amounts are converted is said at the top of the page.
        told = [text for text in shown.sentences[1:] if text != converted()]
        panels.sentences(told, shown.odds_line, shown.dots)
        panels.tiles(shown.figures)
    _from_price_to_cost(shown)
    if shown.sticker is not None and shown.answer is not None:
        panels.title("Sticker price and full cost of ownership")
        panels.tiles(
            [
                (
                    "Payback on the sticker price alone, at 100 % utilization",
                    *_payback(shown.sticker),
                    "",
                ),
                ("Payback on the full cost of ownership", *_payback(shown.answer), ""),
            ]
        )


def _from_price_to_cost(shown: Facts) -> None:
    """Both sides' steps, from the card and from the rental rate to the cost of a busy hour."""
    costs = [cost for cost in (shown.owning, shown.renting) if cost is not None and cost.steps]
    if not costs:
        return
    with st.grid(2, min_column_width=420, gap="medium"):
        for cost in costs:
            with st.container():
                _waterfall(cost)
    panels.download("Steps (CSV)", lambda: steps_frame(*costs), shown.scenario, "tco-steps.csv")


def _waterfall(cost: SideCost) -> None:
    name, caption = _WATERFALLS[cost.side]
    chart = charts.waterfall(cost, panels.theme())
    tables = {"Steps": steps_in_words(cost)}
    _explored(name, chart, caption, tables, _STEPS)


_WATERFALLS = {
    "own": (
        "Owning",
        "Cost of owning per busy GPU-hour. Steps up to staff and upkeep are undiscounted; cost of "
        "capital is the effect of discounting; resale is the proceeds at exit.",
    ),
    "rent": (
        "Renting",
        "Cost of renting per busy GPU-hour. The rate trend is what the annual change of the "
        "rental rate adds over the holding period; discounting weighs later months less.",
    ),
}


def _payback(answer: Breakeven) -> tuple[str, str]:
    if answer.months == float("inf"):
        return "no payback", f"within {months_text(answer.scenario.values()['horizon_months'])}"
    return months_text(answer.months), f"{answer.hours:,.0f} busy hours per GPU"


# --- Break-even curves


def _break_even_curves(shown: Facts) -> None:
    with st.grid(2, min_column_width=420, gap="medium"):
        with st.container():
            _break_even_rates(shown)
        with st.container():
            _cumulative(shown)


def _break_even_rates(shown: Facts) -> None:
    if shown.rate_curve is None or shown.fair_rate is None:
        return
    values = shown.scenario.values()
    now = (values["utilization"], values["rate_usd_per_gpu_hour"])
    idle_is_paid = values["billing"] != "per_use"
    is_buying = shown.answer.npv_saving_usd > 0 if shown.answer else None
    found = (shown.rate_curve, now, shown.fair_rate, shown.band, idle_is_paid)
    end = shown.answer.rates[1] if shown.answer else None
    chart = charts.breakeven_rate(*found, panels.theme(), is_buying, end)
    tables = {"Rates": rates_in_words(shown.rate_curve)}
    caption = _offers_caption(shown, shown.fair_rate)
    _explored(_BREAKEVEN_RATE, chart, caption, tables, _RATES)
    frame = shown.rate_curve
    panels.download("Break-even rates (CSV)", frame, shown.scenario, "tco-break-even-rates.csv")


def _cumulative(shown: Facts) -> None:
    if shown.answer is None or shown.curves is None:
        return
    chart = charts.cumulative(shown.curves, shown.answer, shown.ribbon, panels.theme())
    table = curves_in_words(shown.curves)
    look = dict.fromkeys(table.columns[1:], _USD)
    _explored("Cumulative cost", chart, chart.caption, {"Months": table}, look)
    panels.download("Months (CSV)", shown.curves, shown.scenario, "tco-months.csv")


def _explored(
    name: str,
    chart: charts.Chart,
    caption: str,
    tables: Mapping[str, pd.DataFrame],
    columns: Mapping[str, object],
) -> None:
    panels.chart_or_table(name, replace(chart, caption=caption), tables, columns)


def _offers_caption(shown: Facts, fair_rate: float) -> str:
    band, choice = shown.band, shown.scenario.values()
    if band is None:
        return f"No offers found as of {shown.as_of}."
    quoted = f"The band shows rates quoted on the web for the {choice['gpu']}; no primary source. "
    quoted = quoted if band.quoted else ""
    if band.offered_low is None or band.offered_high is None:
        return f"{quoted}No dated offers as of {shown.as_of}."
    offered = f"{choice['region']}, {INPUTS['term'].word(choice['term'])}"
    medians = ", ".join(f"{name} {usd(rate)}" for name, rate in band.providers.items())
    below, count = band.below(fair_rate), len(band.providers)
    return (
        f"{quoted}P10 to P90 of {band.offers} dated offers ({offered}): "
        f"{usd(band.offered_low)} to {usd(band.offered_high)}. Provider medians: {medians}; "
        f"{below} of {count} below the break-even rate of {usd(fair_rate)}."
    )


# --- How this is computed


def _computed(shown: Facts) -> None:
    """What each item comes to, and the formulas with their numbers."""
    if shown.answer is None:
        st.caption("Nothing is computed without a purchase price and a rental rate.")
        return
    frame = items_frame(shown.scenario)
    panels.table(frame, "What each item of cost comes to", _ITEMS, is_whole=True)
    panels.download("Items (CSV)", frame, shown.scenario, "tco-items.csv")
    panels.facts((one.name, one.formula, one.numbers) for one in formulas(shown))
