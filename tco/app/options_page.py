"""The Options page: which of all ways to get the same busy hours is the cheapest."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.app import bound, panels, state, widgets
from tco.app.panels import plain
from tco.inputs import INPUTS
from tco.report import charts, gpu_tables, option_tables
from tco.report.option_tables import Comparison, named
from tco.report.provenance import old_data
from tco.scenario import Scenario
from tco.words import tax_words

if TYPE_CHECKING:
    import pandas as pd

_DOLLARS, _EXACT = (st.column_config.NumberColumn(format=form) for form in ("$%,.0f", "$%,.3f"))
_WHOLE, _MONTHS = (st.column_config.NumberColumn(format=form) for form in ("%.0f", "%.1f"))
_WIDE = st.column_config.Column(width=420)
_COLUMNS: dict[str, Any] = {
    "option": st.column_config.Column(width=250),
    "USD per busy hour": _EXACT,
    "present value": _DOLLARS,
    "payback, months": _MONTHS,
    **dict.fromkeys(("cheapest from, %", "cheapest to, %"), _WHOLE),
    **dict.fromkeys(("why not", "note"), _WIDE),
}
_GPUS: dict[str, Any] = {
    **{f"{word}, USD per busy hour": _EXACT for word in option_tables.WORDS.values()},
    "rate, USD per hour": _EXACT,
    "price, USD": _DOLLARS,
    "payback, months": _MONTHS,
    "verdict": st.column_config.Column("cheaper here"),
    **dict.fromkeys(("why not", "price from", "rate from"), _WIDE),
}
_USED, _COMPARED = "used_option", "compare"


def page() -> None:
    """Every option, and any GPUs beside each other."""
    st.set_page_config(page_title="Options: rent GPUs or buy them?")
    scenario = state.scenario()
    panels.heading(scenario, "Which way is the cheapest?")
    # Which GPU, and how busy it is, to try out.
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked"):
        widgets.gpu(scenario)
        widgets.number_box(scenario, "utilization", INPUTS["utilization"].labeled, width=150)
    widgets.footnote(scenario, "utilization")
    found = _found(scenario)
    with st.container(key="stale" if state.is_refusing() else "current"):
        _finding(scenario, found)
        _curves(scenario, found)
        _stacks(scenario, found)
        _all(scenario, found)
    _gpus(scenario)


_cached = lru_cache(maxsize=256)
_found, _nearest = _cached(option_tables.compared), _cached(gpu_tables.nearest)


@_cached
def _decided(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """The options that are the two sides of the scenario."""
    return tuple(option_tables.decided(scenario, _found(scenario).frame))


@_cached
def _charts(scenario: Scenario, theme: str) -> tuple[charts.Chart | None, charts.Chart | None]:
    """The screening curves and the cost stacks."""
    found, busy = _found(scenario), scenario.values()["utilization"]
    curves = charts.screening_curves(found.lines, busy, theme)
    return curves, charts.cost_stacks(found.stacks, theme)


@_cached
def _side_by_side(
    scenario: Scenario, gpus: tuple[str, ...], theme: str
) -> tuple[pd.DataFrame, charts.Chart | None]:
    frame = gpu_tables.side_by_side(scenario, gpus)
    return frame, charts.gpus_compared(frame, scenario.values()["utilization"], theme)


def _finding(scenario: Scenario, found: Comparison) -> None:
    values = scenario.values()
    side, word, best = "", "No answer yet", found.winner
    if best is not None:
        side = option_tables.WORDS[best["side"]].lower()
        word = f"Cheapest: {''.join(option_tables.sided(best['option'], best['side']))}"
    lead, _, more = found.finding.partition(". ")
    panels.answer(side, word, lead, [more])
    # What the first page compares, as options of this one, and its verdict.
    compared = " with ".join(named(*way) for way in _decided(scenario))
    decide = f"Decide compares {compared}: {state.facts(scenario).headline}. " if compared else ""
    st.caption(plain(f"{decide}Costs are {tax_words(values)}. Data as of {values['as_of']}."))
    panels.note(option_tables.currency_note(scenario))
    panels.note(old_data(scenario))


def _curves(scenario: Scenario, found: Comparison) -> None:
    name, lines = "Annual cost by utilization", found.lines
    chart, _ = _charts(scenario, panels.theme())
    if chart is None:
        as_of = scenario.values()["as_of"]
        panels.nothing(name, f"No price and no rental rate found as of {as_of}.")
        return
    shown = option_tables.lines_table(lines)
    look = dict.fromkeys(shown.columns[1:], _DOLLARS)
    panels.chart_or_table(name, chart, {"USD per GPU and year": shown}, look)
    for said in option_tables.left_out(found.frame):
        st.caption(plain(f"Not compared: {said}."))
    panels.download("Screening curves (CSV)", lines, scenario, "tco-screening.csv")


def _stacks(scenario: Scenario, found: Comparison) -> None:
    name, (_, chart) = "What a busy hour costs", _charts(scenario, panels.theme())
    if chart is None:
        panels.nothing(name, "No busy hours to spread costs over, or no option with a price.")
        return
    shown = option_tables.stacks_table(found.stacks)
    look = dict.fromkeys(shown.columns[1:], _EXACT)
    panels.chart_or_table(name, chart, {"USD per busy GPU-hour": shown}, look)
    panels.download("Cost stacks (CSV)", found.stacks, scenario, "tco-cost-stacks.csv")


def _all(scenario: Scenario, found: Comparison) -> None:
    """The table of all options, and a way to see one of them on the Decide page."""
    panels.title("All options, and why not")
    shown = option_tables.table_frame(found.frame, _decided(scenario))
    cash = [name for name in map(str, shown) if name.startswith("cash")]
    look = _COLUMNS | dict.fromkeys(cash, _DOLLARS)
    panels.table(shown, "All options with costs, payback, cash by year and why not", look)
    st.caption(
        "USD. Payback: discounted and for good, against the cheapest rental; – for what is bought: "
        "never. Cash is not discounted; the last year has what leaving costs or brings."
    )
    panels.download("Options (CSV)", found.frame, scenario, "tco-options.csv")
    priced = found.frame[found.frame["status"] == "priced"]
    ways = list(zip(priced["option"], priced["hosting"], strict=True))
    if not ways:
        return
    used = _used(scenario)
    bound.widget(
        "selectbox",
        "Show this option on Decide",
        "use_option",
        used,
        (bound.ALL,),
        _use,
        options=ways,
        format_func=lambda way: named(*way),
        placeholder="choose an option",
        width=360,
    )
    if used is not None:
        st.success(plain(f"{named(*used)}: your scenario now, on every page."))


def _use(way: tuple[str, str]) -> dict[str, Any]:
    """The option that was picked becomes one side of the scenario."""
    state.keep(_USED, way)
    return option_tables.changes_to(state.scenario(), *way)


def _used(scenario: Scenario) -> tuple[str, str] | None:
    """The option that was picked last, while it is one side of the scenario."""
    way: tuple[str, str] | None = state.kept(_USED)
    return None if way is None or option_tables.changes_to(scenario, *way) else way


def _gpus(scenario: Scenario) -> None:
    """GPUs of the catalog beside each other, each with its own prices."""
    # The GPUs of the link, or else those most like the scenario's own.
    own, asked = scenario.values()["gpu"], state.view(_COMPARED)
    remark, gpus = "", tuple(_nearest(scenario))
    if asked is not None:
        known, remark = gpu_tables.chosen(asked, (*scenario.catalogue.gpus, own))
        gpus = tuple(known)
    name = "GPUs side by side"
    panels.title(name)
    panels.note(remark)
    bound.widget(
        "multiselect",
        f"{gpu_tables.FEWEST} to {gpu_tables.MOST} GPUs",
        "gpus_compared",
        list(gpus),
        (),
        _compare,
        options=list(dict.fromkeys((*scenario.catalogue.gpus, own))),
        max_selections=gpu_tables.MOST,
    )
    if len(gpus) < gpu_tables.FEWEST:
        st.caption(f"Choose {gpu_tables.FEWEST} to {gpu_tables.MOST} GPUs.")
        return
    frame, chart = _side_by_side(scenario, gpus, panels.theme())
    if chart is not None:
        tables = {"costs": gpu_tables.costs_table(frame)}
        panels.chart_or_table("Cost of a busy hour", chart, tables, _GPUS)
    panels.table(gpu_tables.gpus_table(frame), name, _GPUS)
    for said in gpu_tables.lacking(frame):
        st.caption(plain(option_tables.in_words(said)))
    st.caption(plain(gpu_tables.NO_MEASURE))
    panels.download("GPUs (CSV)", frame, scenario, "tco-gpus.csv")


def _compare(gpus: list[str]) -> dict[str, Any]:
    state.keep_view(_COMPARED, ",".join(gpus))
    return {}
