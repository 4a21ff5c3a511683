"""The Decide page: is it cheaper to rent or to buy, and why."""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from tco.app import form, pages, panels, state, widgets
from tco.app.link import changed_defaults
from tco.app.panels import plain
from tco.inputs import INPUTS
from tco.model.breakeven import Breakeven, tax_words
from tco.report import charts
from tco.report.decision import Decision, decide, paybacks
from tco.report.influence import ResponseCurve, nearest_flip, response_curves
from tco.report.provenance import (
    PRICES,
    age_text,
    cited_inputs,
    count_by_status,
    formulas,
    old_data,
    provenance,
    share_of_servers,
)
from tco.report.schema import uncounted
from tco.report.strength import side, verdict
from tco.scenario import Scenario
from tco.words import futures, nothing_to_compare, number, usd

_STYLE = """<style>
.tco-dots {letter-spacing: .08em; white-space: nowrap; font-size: .9em;}
.tco-curve {display: block; border-bottom: 1px solid var(--tco-rule);}
[class*="st-key-stale_"] {filter: grayscale(1); opacity: .8;}
.st-key-top {gap: .4rem .7rem;}
.st-key-top [data-testid="stPopover"] button {min-height: 2rem; padding: .1rem .6rem;}
@media (max-width: 480px) {.tco-odds {font-size: .9rem;}}
</style>"""
PROBLEM = "These inputs do not go together; below are the last ones that did:"
_MISSING = {
    "price_usd_per_gpu": "No purchase price found as of {as_of}. Type one: GPU price.",
    "rate_usd_per_gpu_hour": "No rental price found as of {as_of}. Type one: Rental rate.",
}
_DOTS = 20
# What is asked before the sliders and counts as a key input too.
_ASKED = ("gpu", "gpus", "hosting", "region", "billing", "utilization", "horizon_months")


def page() -> None:
    """Verdict, questions and curves, then every other input and how the numbers come about."""
    st.html(_STYLE)
    scenario = state.scenario()
    decision = _decided(scenario)
    shown = state.last_valid(decision)
    with st.container(horizontal=True, vertical_alignment="center", key="top"):
        st.html("<h1 class='tco-title'>Rent or buy?</h1>", width="content")
        widgets.choices(scenario)
        panels.beginnings(scenario)
        pages.link("report", "Share · Export")
    panels.beforehand(scenario)
    older = f"This link holds the data of {decision.as_of}. Defaults that have changed since:"
    panels.remarks(changed_defaults(scenario), older)
    panels.remarks(decision.problems, PROBLEM)
    with panels.stale(decision):
        _verdict(shown, _curves(shown.scenario))
    widgets.questions(scenario)
    with panels.stale(decision, "curves"):
        _cost_curves(shown)
    form.levers(scenario, _curves(scenario), bool(decision.problems) or state.is_refusing())
    if decision.rack is not None:
        st.caption(
            f"GPUs in a full rack: {decision.rack.gpus_per_rack} (servers: "
            f"{decision.rack.servers_per_rack}); {decision.rack.limit} is the limit."
        )
    form.sections(scenario, form.names(scenario))
    with panels.stale(decision, "honest"):
        _sticker(shown)
    with st.expander("What is not counted", key="not_counted"):
        items = uncounted(scenario.values()["tax_rate"])
        st.markdown("\n".join(f"- {plain(item)}" for item in items))
    _explained(shown)
    expander = st.expander("Where the numbers come from", key="sources", on_change="rerun")
    if expander.open:
        expander.dataframe(
            provenance(scenario),
            hide_index=True,
            column_config={"link": st.column_config.LinkColumn("link")},
            alt="Every input with its value, status, source, date and note",
        )


@lru_cache(maxsize=256)
def _decided(scenario: Scenario) -> Decision:
    return decide(scenario)


@lru_cache(maxsize=256)
def _curves(scenario: Scenario) -> dict[str, ResponseCurve]:
    return response_curves(scenario, form.names(scenario))


def _verdict(decision: Decision, curves: Mapping[str, ResponseCurve]) -> None:
    """The answer in a few sentences, or why there is none; `curves` are those of the sliders."""
    if decision.fair_rate is None and decision.owning is not None:
        lead = nothing_to_compare(decision.owning.monthly_usd).partition(": ")[2]
        panels.answer("", "Nothing to compare", f"{lead[:1].upper()}{lead[1:]}", ())
        _owning_tiles(decision)
    elif decision.answer is None:
        lacking = " ".join(_MISSING[name].format(as_of=decision.as_of) for name in decision.missing)
        panels.answer("", "No verdict yet", lacking, ())
        _owning_tiles(decision)
    else:
        _answer(decision, decision.answer, curves)
    st.caption(plain(_conditions(decision.scenario)))
    panels.note(old_data(decision.scenario))


def _answer(decision: Decision, answer: Breakeven, curves: Mapping[str, ResponseCurve]) -> None:
    found, why_not = state.odds(decision.scenario)
    first = found.check_first if found is not None else None
    order = [curves[name] for name in (first or "", "utilization", *curves) if name in curves]
    flip = nearest_flip(decision.scenario, order)
    ways = paybacks(decision.scenario) if answer.status in ("never", "reverses") else ()
    head, lead, *told = verdict(answer, found, flip, ways)
    line, marks = _key_inputs(decision.scenario, tuple(curves)), ""
    if found is not None:
        dots = found.dots(_DOTS)
        wins, line = sum(saving > 0 for saving in dots), f"{futures(dots)} {line}".strip()
        shown = "●" * wins + "○" * (_DOTS - wins)
        marks = f"<span class='tco-dots' aria-hidden='true'>{shown}</span> "
    last = f"<p class='tco-odds'>{marks}{html.escape(line)}</p>" if line else ""
    panels.answer(side(head), head, lead, told, last)
    panels.note(why_not)


def _key_inputs(scenario: Scenario, shown: tuple[str, ...]) -> str:
    """How many inputs of the first screen are defaults; the verdict says it of an example."""
    if scenario.is_example:
        return ""
    key, resolved = dict.fromkeys((*_ASKED, *shown)), scenario.resolved()
    defaults = sum(resolved[name].status != "yours" for name in key)
    return f"{defaults} of {len(key)} key inputs are still defaults."


def _conditions(scenario: Scenario) -> str:
    resolved = scenario.resolved()
    values = {name: entry.value for name, entry in resolved.items()}
    named = zip(("price", "rate"), (resolved[name] for name in PRICES), strict=True)
    dates = ", ".join(
        f"{word} {entry.as_of} ({age_text(entry.as_of)})"
        if entry.as_of
        else f"{word} {entry.status}"
        for word, entry in named
    )
    # How many inputs are given stands above.
    counted = count_by_status(scenario).partition(", ")[2]
    return (
        f"{values['gpus']:,} GPUs{share_of_servers(scenario)} · "
        f"{INPUTS['horizon_months'].written(values['horizon_months'])} · "
        f"{INPUTS['discount_rate'].written(values['discount_rate'])} cost of capital · "
        f"{tax_words(values)} · data as of {values['as_of']}, {dates} · defaults: {counted}"
    )


def _owning_tiles(decision: Decision) -> None:
    """What owning costs by itself, where there is nothing to compare it with."""
    owning, fair_rate = decision.owning, decision.fair_rate
    if owning is not None:
        fair = "per GPU-hour: renting wins below" if fair_rate is not None else ""
        panels.tiles(
            [
                ("BUY: own cost", _rate(owning.usd_per_gpu_hour), "per busy GPU-hour", "buy"),
                ("Owning, at the start", usd(owning.upfront_usd), "hardware and installation", ""),
                ("Owning, each month", usd(owning.monthly_usd), "on average, busy or not", ""),
                ("Break-even rate", _rate(fair_rate), fair, ""),
            ]
        )


def _rate(value: float | None) -> str:
    return "none" if value is None or value == float("inf") else usd(value)


def _cost_curves(decision: Decision) -> None:
    """Cumulative cost of both sides, with its range in many futures."""
    if decision.answer is None or decision.curves is None:
        return
    found, _ = state.odds(decision.scenario)
    band = None if found is None else state.costs(decision.scenario)
    chart = charts.cumulative(decision.curves, decision.answer, band)
    panels.draw(chart, f"{chart.caption} Data as of {decision.as_of}.", "cumulative")


def _sticker(decision: Decision) -> None:
    """The figure for the card alone beside the honest one, and what separates them."""
    owning, alone, answer = decision.owning, decision.sticker, decision.answer
    if owning is None or not owning.steps:
        return
    panels.title("The sticker figure, and the honest one")
    if alone is not None and answer is not None:
        panels.tiles(
            [
                ("Payback of the card alone, always busy", *_payback(alone), ""),
                ("Payback with everything counted", *_payback(answer), ""),
            ]
        )
    caption = (
        "Own cost of a busy GPU-hour. Steps up to the staff and upkeep are plain money over busy "
        "hours; the cost of money is what discounting adds; resale is what selling gives back. "
        f"Data as of {decision.as_of}."
    )
    with st.grid(2, min_column_width=420, gap="medium"):
        with st.container():
            panels.draw(charts.waterfall(owning), caption, "waterfall", "h3")
        with st.container():
            _break_even_rates(decision)


def _payback(answer: Breakeven) -> tuple[str, str]:
    if answer.months == float("inf"):
        return "no payback", f"within {number(answer.scenario.values()['horizon_months'])} months"
    return f"{number(answer.months)} months", f"{answer.hours:,.0f} busy hours per GPU"


def _break_even_rates(decision: Decision) -> None:
    """Break-even rate against utilisation, with the offers."""
    if decision.rate_curve is None or decision.fair_rate is None:
        return
    values = decision.scenario.values()
    now = (values["utilization"], values["rate_usd_per_gpu_hour"])
    idle_is_paid = values["billing"] != "per_use"
    chart = charts.breakeven_rate(
        decision.rate_curve, now, decision.fair_rate, decision.band, idle_is_paid
    )
    panels.draw(chart, _offers_caption(decision, decision.fair_rate), "rates", "h3")


def _offers_caption(decision: Decision, fair_rate: float) -> str:
    band, choice = decision.band, decision.scenario.values()
    if band is None:
        return f"No offers found as of {decision.as_of}."
    quoted = (
        f"The band is what pages on the web quote for the {choice['gpu']}, without a source. "
        if band.quoted
        else ""
    )
    if band.offered_low is None or band.offered_high is None:
        return f"{quoted}No dated offers as of {decision.as_of}."
    offered = f"{choice['region']}, {INPUTS['term'].word(choice['term'])}"
    medians = ", ".join(f"{name} {usd(rate)}" for name, rate in band.providers.items())
    below, count = band.below(fair_rate), len(band.providers)
    return (
        f"{quoted}P10 to P90 of {band.offers} dated offers ({offered}): "
        f"{usd(band.offered_low)} to {usd(band.offered_high)}. Median by provider: {medians}; "
        f"{below} of {count} below the break-even rate of {usd(fair_rate)}. "
        f"Data as of {decision.as_of}."
    )


def _explained(decision: Decision) -> None:
    """Formula, inputs and sources of every headline number; made when it is opened."""
    expander = st.expander("How this is computed", key="explained", on_change="rerun")
    if not expander.open or decision.answer is None or decision.fair_rate is None:
        return
    found, _ = state.odds(decision.scenario)
    told = (
        (f"{one.title}: {one.value}", one.words, cited_inputs(decision.scenario, one.inputs))
        for one in formulas(decision.answer, found)
    )
    panels.facts(told, expander)
