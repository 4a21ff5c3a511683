"""The Options page: which of all ways to get the same busy hours is the cheapest."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.analysis.options import what_if
from tco.analysis.same_work import same_work
from tco.app import bound, pages, panels, state, widgets
from tco.app.panels import plain
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.report import charts, gpu_tables, option_tables, ways, work_tables
from tco.report.option_tables import Comparison, named
from tco.report.provenance import old_data
from tco.report.ways import Way
from tco.scenario import Scenario
from tco.words import tax_words

if TYPE_CHECKING:
    import pandas as pd

_DOLLARS, _EXACT = panels.Money("$%,.0f"), panels.Money("$%,.3f")
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
    "gpu": "GPU",
    **{f"{word}, USD per busy hour": _EXACT for word in option_tables.WORDS.values()},
    "verdict": st.column_config.Column("cheaper here"),
}
_COMPARED = "compare"
_RANKED, _LIST, _TABLE = "All options, ranked", "List", "Table"
_CASH = (
    "Payback is discounted and measured against the cheapest rental; – means "
    "never. Cash flows are undiscounted; the last year includes exit costs and resale."
)


def page() -> None:
    """Every option, and any GPUs beside each other."""
    st.set_page_config(page_title="Options: rent GPUs or buy them?")
    scenario = state.scenario()
    panels.heading(scenario, "Which option is cheapest?")
    # Which GPU, and how busy it is, to try out.
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked"):
        widgets.gpu(scenario)
        widgets.number_box(scenario, "utilization", INPUTS["utilization"].labeled, width=150)
    widgets.footnote(scenario, "utilization")
    found = _found(scenario)
    with st.container(key="stale" if state.is_refusing() else "current"):
        _finding(scenario, found)
        _curves(scenario, found)
        _ranked(scenario, found)
        _choices(scenario, found)
        _stacks(scenario, found)
    _gpus(scenario)


_cached = lru_cache(maxsize=256)
_found, _nearest = _cached(option_tables.compared), _cached(gpu_tables.nearest)
_same_work = _cached(same_work)


@_cached
def _decided(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """The options that are the two sides of the scenario."""
    return tuple(option_tables.decided(scenario, _found(scenario).frame))


@_cached
def _ways(scenario: Scenario) -> tuple[tuple[Way, Scenario | None], ...]:
    """Every way in words, and the scenario that Decide shows of it."""
    listed = ways.ways(scenario, _found(scenario).frame, _decided(scenario))
    return tuple((way, _shown(scenario, way) if way.rank else None) for way in listed)


def _shown(scenario: Scenario, way: Way) -> Scenario:
    return what_if(scenario, way.option, way.hosting or None)


@_cached
def _charts(scenario: Scenario, theme: str) -> tuple[charts.Chart | None, charts.Chart | None]:
    """The screening curves and the cost stacks."""
    found, values = _found(scenario), scenario.values()
    curves = charts.screening_curves(found.lines, values["utilization"], theme)
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
    panels.answer(side, word, lead, [" ".join(filter(None, (more, ways.warning(best))))])
    # What the first page compares, as options of this one, and its verdict.
    compared = " with ".join(named(*way) for way in _decided(scenario))
    decide = f"Decide compares {compared}: {state.facts(scenario).headline}. " if compared else ""
    st.caption(plain(f"{decide}Costs are {tax_words(values)}. {_data_of(scenario)}"))
    panels.note(old_data(scenario))


def _data_of(scenario: Scenario) -> str:
    return f"Data as of {scenario.values()['as_of']}."


def _curves(scenario: Scenario, found: Comparison) -> None:
    name, lines = "Annual cost by utilization", found.lines
    chart, _ = _charts(scenario, panels.theme())
    if chart is None:
        as_of = scenario.values()["as_of"]
        panels.nothing(name, f"No price and no rental rate found as of {as_of}.")
        return
    shown = option_tables.lines_table(lines)
    look = dict.fromkeys(shown.columns[1:], _DOLLARS)
    panels.chart_or_table(name, chart, {"USD per GPU per year": shown}, look)
    panels.download("Screening curves (CSV)", lines, scenario, "tco-screening.csv")


def _stacks(scenario: Scenario, found: Comparison) -> None:
    name, (_, chart) = "Cost per busy hour", _charts(scenario, panels.theme())
    if chart is None:
        panels.nothing(name, "No busy hours, or no option with a price.")
        return
    shown = option_tables.stacks_table(found.stacks)
    look = dict.fromkeys(shown.columns[1:], _EXACT)
    panels.chart_or_table(name, chart, {"USD per busy GPU-hour": shown}, look)
    panels.download("Cost stacks (CSV)", found.stacks, scenario, "tco-cost-stacks.csv")


# --- All options, ranked, each with why it is not the cheapest and a link to Decide


def _ranked(scenario: Scenario, found: Comparison) -> None:
    is_table = panels.headed(_RANKED, (_LIST, _TABLE)) == _TABLE
    if is_table:
        shown = ways.table_frame(found.frame, _decided(scenario))
        cash = [name for name in map(str, shown) if name.startswith("cash")]
        look = _COLUMNS | dict.fromkeys(cash, _DOLLARS)
        panels.table(shown, "All options with costs, payback, cash by year and why not", look)
        st.caption(_CASH)
    else:
        st.caption(plain(ways.basis(scenario)))
        listed = _ways(scenario)
        best = [one for one in listed if one[0].is_best_site]
        others = [one for one in listed if not one[0].is_best_site and one[0].rank]
        for place, (way, what) in enumerate(best, 1):
            _way(way, what, str(place) if way.rank else "–")
        if others:
            with st.expander(f"Owning at other sites ({len(others)})"):
                for way, what in others:
                    _way(way, what)
    panels.download("Options (CSV)", found.frame, scenario, "tco-options.csv")


def _way(way: Way, shown: Scenario | None, place: str = "") -> None:
    """One row: the way and its cost, why it is not the cheapest, and how to see it on Decide."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"row_{way.key}"
    ):
        name = f"{way.word}{way.name}"
        panels.row(name, way.reason, way.terms, way.cost, place, way.marks)
        if way.is_compared:
            st.html("<p class='tco-terms'>On Decide now</p>", width=138)
        elif shown is not None:
            pages.link("", "Show on Decide", state.link_to(shown))


def _choices(scenario: Scenario, found: Comparison) -> None:
    """The usual questions between two ways, answered."""
    told = ways.choices(found.frame, scenario.values())
    if not told:
        return
    panels.title("Head to head")
    cells = "".join(
        f"<div class='tco-tile'><dt>{html.escape(one.question)}</dt>"
        f"<dd>{html.escape(one.answer)}<small>{html.escape(one.figures)}</small></dd></div>"
        for one in told
    )
    st.html(f"<dl class='tco-tiles tco-choices'>{cells}</dl>")
    st.caption("Each is taken at its cheapest site and at the utilization above.")


# --- GPUs side by side


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
        # Enter takes the GPU that was typed, not all whose names are like it.
        select_all=False,
    )
    if len(gpus) < gpu_tables.FEWEST:
        st.caption(f"Choose {gpu_tables.FEWEST} to {gpu_tables.MOST} GPUs.")
        return
    frame, chart = _side_by_side(scenario, gpus, panels.theme())
    if chart is not None:
        tables = {"costs": gpu_tables.costs_table(frame)}
        panels.chart_or_table("Cost by GPU", chart, tables, _GPUS)
    work, about = _for_the_same_work(scenario, gpus)
    panels.written(*gpu_tables.gpu_cells(frame, work), name)
    for said in (*gpu_tables.borrowed(frame), *gpu_tables.lacking(frame), *about[:-1]):
        st.caption(plain(said))
    st.caption(plain(f"{about[-1]} {_data_of(scenario)}"))
    with st.container(horizontal=True, vertical_alignment="center", key="gpus_more"):
        panels.download("GPUs (CSV)", frame, scenario, "tco-gpus.csv")
        pages.link("work", "Change the work" if state.has_task() else "Say what the GPUs do")


def _for_the_same_work(
    scenario: Scenario, gpus: tuple[str, ...]
) -> tuple[dict[str, str] | None, list[str]]:
    """What each GPU takes for the work of the Work page, where that is known; and what it is."""
    task = state.task()
    if not state.has_task() or task.lacking:
        return None, [gpu_tables.NO_MEASURE]
    try:
        found = _same_work(task, scenario, gpus)
    except InputError as wrong:
        told = " ".join(work_tables.in_words(one.message) for one in wrong.problems)
        return None, [f"No column for the same work: {told}.", gpu_tables.NO_MEASURE]
    about = [*work_tables.column_reasons(found), work_tables.column_note(found, scenario)]
    return work_tables.column(found), about


def _compare(gpus: list[str]) -> dict[str, Any]:
    state.keep_view(_COMPARED, ",".join(gpus))
    return {}
