"""The Risk page: how sure the answer is, what would turn it, and what to check first."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.analysis.flips import flips
from tco.analysis.sensitivity import stress, tornado
from tco.analysis.winmap import win_map
from tco.app import figures, market, notes, panels, state, what_ifs, widgets
from tco.app.odds import simulated
from tco.errors import TcoError
from tco.inputs import INPUTS
from tco.model.breakeven import Breakeven
from tco.report import charts, risk_tables
from tco.report.decision import Decision, decide
from tco.report.display import unit
from tco.report.market_tables import frame_csv
from tco.report.strength import side, verdict
from tco.report.what_ifs import stress_title, stress_words, turns
from tco.scenario import Scenario
from tco.words import nothing_to_compare

if TYPE_CHECKING:
    import pandas as pd

_KEPT = 64
_MOST = len(INPUTS)
_MAP = ("utilization", "rate_usd_per_gpu_hour")
_PLACES = {"price_usd_per_gpu": "purchase price", "rate_usd_per_gpu_hour": "rental price"}
_MONEY = st.column_config.NumberColumn(format="%,.0f")
_AMOUNTS = ("worth knowing", "buying saves", "saving at low", "saving at high", "swing", "change")
_SHARE = st.column_config.NumberColumn(format="%.2f")
_TEXT = {"input": 230, "stress": 250, "inputs": 320, "note": 260, "why": 320}
_COLUMNS: dict[str, Any] = {
    **{f"{name} [USD]": _MONEY for name in _AMOUNTS},
    **dict.fromkeys(("rank correlation", "first-order index", "total index"), _SHARE),
    **{name: st.column_config.Column(width=width) for name, width in _TEXT.items()},
}
_SOBOL = "Sobol indices, with correlations off"
_WHERE, _BARS, _AXIS = "Who wins where", 12, 260
_HOW_DRIVEN = (
    "Rank correlation with what buying saves (Spearman). Worth knowing: what it would save on "
    "average to know this one input for certain before deciding. Low and high are P10 and P90."
)
_HOW_TURNED = (
    "Every other value held. Low and high are P10 and P90, widened to hold the value now. Savings "
    "are present values in USD."
)

_tornado = lru_cache(maxsize=_KEPT)(partial(tornado, count=_MOST))
_flips = lru_cache(maxsize=_KEPT)(flips)
_stress = lru_cache(maxsize=_KEPT)(stress)


@lru_cache(maxsize=_KEPT)
def _map(scenario: Scenario, x: str, y: str) -> pd.DataFrame:
    return win_map(scenario, x=x, y=y)


@lru_cache(maxsize=_KEPT)
def _sobol(scenario: Scenario) -> pd.DataFrame:
    return simulated(scenario).sobol_indices()


def page() -> None:
    """Odds, the inputs that swing or turn the answer, and what stresses do to it."""
    st.set_page_config(page_title="Risk: rent GPUs or buy them?")
    scenario = state.scenario()
    decision = decide(scenario)
    shown = state.last_valid(decision)
    panels.heading(scenario, "How sure is the answer, and what to check first?")
    notes.prices_in_use(scenario, market.trouble())
    notes.remarks(state.remarks(), "Parts of this link were not used:")
    what_ifs.undo(scenario)
    title = "These inputs do not go together; below are the last ones that did:"
    notes.remarks(decision.problems, title)
    if not decision.problems:
        _missing(decision)
    if shown.answer is None:
        return
    with panels.stale(decision):
        _odds(shown, shown.answer)
        swings, area = st.columns(2, gap="large")
        with swings:
            _swings(shown.scenario)
        with area:
            _areas(shown.scenario)
        _stresses(shown.scenario, shown.answer.verdict, is_live=not decision.problems)
        if not decision.problems:
            figures.title("Your ranges")
            what_ifs.ranges(scenario, risk_tables.numbers_by_influence(_tornado(scenario)))
        _turning(shown.scenario)


def _missing(decision: Decision) -> None:
    """What nobody gave and the data does not have, with a box to type it in."""
    for name in decision.missing:
        said = f"No {_PLACES[name]} found as of {decision.as_of}. Type one to see the risk."
        notes.note(said)
        widgets.number_box(
            decision.scenario, name, f"{risk_tables.input_label(name)} [{unit(name)}]", width=300
        )


def _odds(shown: Decision, answer: Breakeven) -> None:
    """The chance that buying wins and what is behind it, or why there is none."""
    if shown.fair_rate is None:
        monthly = shown.owning.monthly_usd if shown.owning else 0
        _sentence("No odds", nothing_to_compare(monthly), "")
        return
    try:
        odds = simulated(shown.scenario)
    except TcoError as unknown:
        _sentence("No odds", f"There are no odds: {unknown}", "")
        return
    word = verdict(answer, odds)[0]
    more = f"{risk_tables.first_check(odds)}. {risk_tables.infeasible(odds)}"
    _sentence(word, risk_tables.finding(odds), more)
    _tiles(risk_tables.key_figures(odds))
    dots, first = st.columns(2, gap="large")
    with dots:
        _futures(shown.scenario)
    with first:
        _drivers(shown.scenario)


@st.fragment
def _futures(scenario: Scenario) -> None:
    """Fifty equally likely futures, and the file of all of them."""
    odds = simulated(scenario)
    frame = risk_tables.dots_frame(odds)
    chart = charts.futures_dots(odds.dots())
    figures.chart_or_table("Equally likely futures", chart, {"Futures": frame}, _COLUMNS)
    with st.container(horizontal=True, key="futures_files"):
        _file("Odds (CSV)", odds.summary, scenario, "tco-odds.csv")
        _file("Futures (CSV)", odds.to_frame, scenario, "tco-futures.csv")


@st.fragment
def _drivers(scenario: Scenario) -> None:
    """The uncertain inputs by what it is worth to know them."""
    odds = simulated(scenario)
    figures.title("Check this number first")
    if not odds.uncertain:
        figures.nothing("There is nothing to check: every input is given as one value.")
        return
    is_asked = st.toggle(_SOBOL, key="sobol")
    frame = risk_tables.drivers_words(odds.drivers, _sobol(scenario) if is_asked else None)
    figures.table(frame, "Uncertain inputs by rank correlation with the saving", _COLUMNS)
    st.caption(_HOW_DRIVEN)
    figures.download("Drivers (CSV)", odds.drivers, scenario, "tco-drivers.csv")


@st.fragment
def _swings(scenario: Scenario) -> None:
    """The tornado: how far each input moves the saving."""
    frame = _tornado(scenario)
    chart = charts.tornado(frame.head(_BARS))
    words = risk_tables.swings_words(frame)
    figures.chart_or_table("What moves the answer", chart, {"Inputs": words}, _COLUMNS)
    figures.download("Tornado (CSV)", frame, scenario, "tco-tornado.csv")


@st.fragment
def _areas(scenario: Scenario) -> None:
    """The win map over two inputs of the reader's choice."""
    names = risk_tables.numbers_by_influence(_tornado(scenario))
    drawn = st.container()
    with st.container(horizontal=True, key="map_axes"):
        x = _axis("Across", "map_x", names, _MAP[0])
        y = _axis("Upwards", "map_y", [name for name in names if name != x], _MAP[x != _MAP[1]])
    values = scenario.values()
    try:
        frame = _map(scenario, x, y)
    except TcoError as wrong:
        with drawn:
            figures.title(_WHERE)
            notes.note(str(wrong))
        return
    chart, words = charts.win_map(frame, (values[x], values[y])), risk_tables.map_words(frame)
    with drawn:
        figures.chart_or_table(_WHERE, chart, {"Points": words}, _COLUMNS)
    figures.download("Win map (CSV)", frame, scenario, "tco-win-map.csv")


def _axis(label: str, key: str, names: Sequence[str], usual: str) -> str:
    at, label_of = names.index(usual), risk_tables.input_label
    return str(st.selectbox(label, names, at, format_func=label_of, key=key, width=_AXIS))


def _stresses(scenario: Scenario, now: str, is_live: bool) -> None:
    """What each named stress does to the answer, and a button to put it in force."""
    try:
        frame = _stress(scenario)
    except TcoError as wrong:
        figures.title("Stresses")
        notes.note(str(wrong))
        return
    found = turns(scenario, frame)
    figures.title("Stresses")
    st.html(f"<h3 class='tco-chart'>{html.escape(stress_title(found, now))}</h3>")
    what_ifs.stress_buttons(scenario, found, now, is_live)
    with st.expander("Stresses as a table, with reasons"):
        figures.table(stress_words(found, now), "Stresses: verdict and change", _COLUMNS)
    figures.download("Stresses (CSV)", frame, scenario, "tco-stresses.csv")


@st.fragment
def _turning(scenario: Scenario) -> None:
    """For every input the value at which the other side wins."""
    figures.title("Where the answer turns")
    try:
        frame = _flips(scenario)
    except TcoError as wrong:
        notes.note(str(wrong))
        return
    st.html(f"<h3 class='tco-chart'>{html.escape(risk_tables.flips_title(frame))}</h3>")
    figures.table(risk_tables.flips_words(frame), "Every input with its flip", _COLUMNS)
    st.caption(_HOW_TURNED)
    figures.download("Flips (CSV)", frame, scenario, "tco-flips.csv")


def _file(label: str, build: Any, scenario: Scenario, name: str) -> None:
    """A frame that is made only when its file is asked for."""
    st.download_button(
        label,
        lambda: frame_csv(build(), scenario.catalogue),
        name,
        mime="text/csv",
        on_click="ignore",
        key=name,
    )


def _sentence(word: str, lead: str, more: str) -> None:
    st.html(
        f"<div class='tco-verdict {side(word)}' aria-live='polite'>"
        f"<p class='tco-word'>{html.escape(word)}</p>"
        f"<p class='tco-lead'>{html.escape(lead)}</p>"
        f"<p class='tco-more'>{html.escape(more)}</p></div>"
    )


def _tiles(told: Iterable[risk_tables.Figure]) -> None:
    cells = "".join(
        f"<div class='tco-tile'><dt>{html.escape(title)}</dt>"
        f"<dd>{html.escape(value)}<small>{html.escape(under)}</small></dd></div>"
        for title, value, under in told
    )
    st.html(f"<dl class='tco-tiles'>{cells}</dl>")
