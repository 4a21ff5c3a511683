"""The Risk page: how sure the answer is, what would turn it, and what to check first."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.analysis.flips import flips
from tco.analysis.sensitivity import stress, tornado, win_map
from tco.analysis.simulation import Simulation, simulated
from tco.app import bound, panels, state, typed, widgets
from tco.app.panels import plain
from tco.errors import InputError, Problem, TcoError
from tco.inputs import INPUTS, RATE
from tco.report import charts, risk_tables
from tco.report.facts import Facts
from tco.scenario import Scenario
from tco.words.figures import inside

if TYPE_CHECKING:
    import pandas as pd

_MAP = ("utilization", RATE)
_MONEY = st.column_config.NumberColumn(format="%,.0f")
_AMOUNTS = (
    "value of information",
    "buying saves",
    "saving at low",
    "saving at high",
    "swing",
    "change",
    *("base case", "P10", "P50", "P90"),
)
_SHARE = st.column_config.NumberColumn(format="%.2f")
_TEXT = {"input": 230, "stress": 250, "inputs": 320, "note": 260, "why": 320}
_COLUMNS: dict[str, Any] = {
    **{f"{name} [USD]": _MONEY for name in _AMOUNTS},
    **dict.fromkeys(("rank correlation", "first-order index", "total index"), _SHARE),
    **{name: st.column_config.Column(width=width) for name, width in _TEXT.items()},
}
_SOBOL = "Sobol indices, with correlations off"
_WHERE, _BARS, _AXIS = "Who wins where", 10, 260
_HOW_DRIVEN = (
    "Rank correlation with the saving from buying (Spearman). Value of information: the average "
    "saving from knowing this input for certain before deciding. Low and high are P10 and P90."
)
_HOW_TURNED = (
    "All else equal. Low and high are P10 and P90, widened to include the current value. Savings "
    "are present values."
)
_APPLIED = "stresses_applied"
_ENDS = {"low": "Low (P10)", "high": "High (P90)"}
_WIDE = 138
_APPLIED_NOW = "Applied: the answer above is for this stress."

_cached = lru_cache(maxsize=64)
_tornado = _cached(partial(tornado, count=len(INPUTS)))
_flips, _stress, _map = _cached(flips), _cached(stress), _cached(win_map)


@_cached
def _sobol(scenario: Scenario) -> pd.DataFrame:
    return simulated(scenario).sobol_indices()


def page() -> None:
    """Odds, the inputs that swing or turn the answer, and what stresses do to it."""
    st.set_page_config(page_title="Risk: rent GPUs or buy them?")
    scenario = state.scenario()
    now, shown = state.facts(scenario), state.last_valid()
    panels.heading(scenario, "How sure is the answer?")
    with panels.maybe("in_force"):
        for one in in_force(scenario):
            _in_force(one)
    panels.problems(now.problems)
    with panels.maybe("missing"):
        # What nobody gave and the data does not have, with a box to type it in.
        for name, said in zip(() if now.problems else now.missing, now.sentences, strict=False):
            panels.note(f"{said} Enter one to see the risk.")
            label = f"{risk_tables.input_label(name)} [{INPUTS[name].shown_unit}]"
            widgets.number_box(scenario, name, label, width=300)
    if shown.answer is None:
        return
    with panels.stale(now):
        odds = _odds(shown)
        if odds is not None:
            _beside(partial(_futures, shown.scenario), partial(_crossing, shown))
            _beside(partial(_drivers, shown.scenario), partial(_swings, shown.scenario))
            _beside(partial(_areas, shown.scenario), partial(_figures, odds))
        else:
            _beside(partial(_swings, shown.scenario), partial(_areas, shown.scenario))
        _stresses(shown.scenario, shown.answer.verdict, is_live=not now.problems)
    # Not among the results, which are built anew when they are those of before and dimmed.
    with st.container(key="your_ranges"):
        panels.title("Your ranges")
        _ranges(scenario, risk_tables.numbers_by_influence(_tornado(shown.scenario)))
    with panels.stale(now, "turning"):
        _turning(shown.scenario)


def _in_force(one: AppliedStress) -> None:
    """A stress that the reader put in force, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"force_{one.name}"):
        said = f"Applied on every page: <b>{html.escape(risk_tables.titled(one.title))}</b>."
        st.html(f"<p class='tco-more' role='status'>{said}</p>", width="content")
        _undo_button("Undo", one, "top")


def _beside(left: Callable[[], None], right: Callable[[], None]) -> None:
    """Two parts beside each other, below each other on a phone."""
    for column, part in zip(st.columns(2, gap="large"), (left, right), strict=True):
        with column:
            part()


def _odds(shown: Facts) -> Simulation | None:
    """The chance that buying wins in a sentence, or why there is none."""
    odds = shown.simulation
    if odds is None:
        lead = shown.sentences[0]
        why = shown.no_odds or f"{shown.headline}: {lead[:1].lower()}{lead[1:]}"
        panels.answer("toss_up", "No odds available", why, [""])
        return None
    more = (odds.median_future, f"{risk_tables.first_check(odds)}.", risk_tables.infeasible(odds))
    told = " ".join(filter(None, more))
    panels.answer(shown.verdict, shown.headline, risk_tables.finding(odds), [told])
    return odds


def _figures(odds: Simulation) -> None:
    """The figures behind the odds."""
    panels.title("Figures behind the odds")
    with st.container(key="odds_figures"):
        panels.tiles((*figure, "") for figure in risk_tables.key_figures(odds))
    panels.download("Odds (CSV)", odds.summary, odds.scenario, "tco-odds.csv")


@panels.fragment
def _futures(scenario: Scenario) -> None:
    """Fifty equally likely futures, and the file of all of them."""
    odds = simulated(scenario)
    frame = risk_tables.dots_frame(odds)
    chart = charts.futures_dots(odds.dots(), panels.theme())
    panels.chart_or_table("Equally likely futures", chart, {"Futures": frame}, _COLUMNS)
    panels.download("Futures (CSV)", odds.to_frame, scenario, "tco-futures.csv")


@panels.fragment
def _crossing(shown: Facts) -> None:
    """When buying gets ahead, with the band of that month in the futures."""
    odds, curve, ribbon = shown.simulation, shown.curves, shown.ribbon
    if odds is None or curve is None or ribbon is None or shown.answer is None:
        return
    frame = risk_tables.crossing_frame(curve, ribbon)
    month, band = shown.answer.exit_months, odds.exit_months
    chart = charts.crossing(frame, month, band, odds.never_ahead, panels.theme())
    tables = {"Saving from buying by month": risk_tables.crossing_words(frame)}
    panels.chart_or_table("When buying gets ahead", chart, tables, _COLUMNS)
    panels.download("Crossing (CSV)", frame, shown.scenario, "tco-crossing.csv")


@panels.fragment
def _drivers(scenario: Scenario) -> None:
    """The uncertain inputs by what it is worth to know them."""
    odds = simulated(scenario)
    name = "Check this number first"
    if not odds.uncertain:
        panels.nothing(name, "There is nothing to check: every input is given as one value.")
        return
    chart = charts.check_first(odds.drivers, risk_tables.first_check(odds), panels.theme())
    if panels.headed(name, (panels.CHART, panels.TABLE)) == panels.CHART and chart is not None:
        panels.draw(chart, chart.caption, "check_this_number_first_chart", "h3")
    else:
        panels.finding(risk_tables.first_check(odds))
        is_asked = bound.own("toggle", _SOBOL, "sobol", False)
        frame = risk_tables.drivers_words(odds.drivers, _sobol(scenario) if is_asked else None)
        panels.table(frame, "Uncertain inputs by value of information", _COLUMNS)
        st.caption(panels.voice(_HOW_DRIVEN))
    panels.download("Drivers (CSV)", odds.drivers, scenario, "tco-drivers.csv")


@panels.fragment
def _swings(scenario: Scenario) -> None:
    frame = _tornado(scenario)
    chart = charts.tornado(frame.head(_BARS), panels.theme())
    words = risk_tables.swings_words(frame)
    panels.chart_or_table("What moves the answer", chart, {"Inputs": words}, _COLUMNS)
    panels.download("Tornado (CSV)", frame, scenario, "tco-tornado.csv")


@panels.fragment
def _areas(scenario: Scenario) -> None:
    """The win map over two inputs of the reader's choice."""
    names = risk_tables.numbers_by_influence(_tornado(scenario))
    drawn = st.container()
    with st.container(horizontal=True, key="map_axes"):
        x = _axis("Horizontal axis", "map_x", names, _MAP[0])
        y = _axis(
            "Vertical axis", "map_y", [name for name in names if name != x], _MAP[x != _MAP[1]]
        )
    values = scenario.values()
    try:
        frame = _map(scenario, x=x, y=y)
    except TcoError as wrong:
        with drawn:
            panels.title(_WHERE)
            panels.note(str(wrong))
        return
    chart = charts.win_map(frame, (values[x], values[y]), panels.theme())
    words = risk_tables.map_words(frame)
    with drawn:
        panels.chart_or_table(_WHERE, chart, {"Points": words}, _COLUMNS)
    panels.download("Win map (CSV)", frame, scenario, "tco-win-map.csv")


def _axis(label: str, key: str, names: Sequence[str], usual: str) -> str:
    look = {"format_func": risk_tables.input_label, "width": _AXIS}
    return str(bound.own("selectbox", label, key, usual, options=names, **look))


@panels.noting()
def _stresses(scenario: Scenario, verdict: str, is_live: bool) -> None:
    """What each named stress does to the answer, and a button that puts it in force.

    The buttons work where the scenario is that on the screen: `is_live`.
    """
    panels.title("Stresses")
    frame = _stress(scenario)
    found = risk_tables.stress_results(scenario, frame)
    panels.finding(risk_tables.stress_title(found, verdict))
    undoable = {one.name: one for one in in_force(scenario)}
    for turn in found:
        name, title = turn["name"], turn["title"]
        is_applied = name in undoable
        said = _APPLIED_NOW if is_applied else risk_tables.stress_sentence(turn, verdict)
        then = "" if is_applied else turn["verdict"]
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"row_stress_{name}"
        ):
            panels.row(title, said, turn["changes"], then)
            if is_applied:
                _undo_button("Undo", undoable[name], "row", _WIDE)
            else:
                bound.button(
                    "Apply",
                    f"apply_{name}",
                    partial(_apply, scenario, turn),
                    turn["given"],
                    disabled=not (turn["given"] and is_live),
                    width=_WIDE,
                )
    with st.expander("Stresses as a table, with reasons"):
        words = risk_tables.stress_words(found, verdict)
        panels.table(words, "Stresses: verdict and change", _COLUMNS)
    panels.download("Stresses (CSV)", frame, scenario, "tco-stresses.csv")


@panels.fragment
@panels.noting()
def _turning(scenario: Scenario) -> None:
    panels.title("Break-even of each input")
    frame = _flips(scenario)
    panels.finding(risk_tables.flips_title(frame))
    panels.table(risk_tables.flips_words(frame), "Every input with its break-even", _COLUMNS)
    st.caption(panels.voice(_HOW_TURNED))
    panels.download("Break-even values (CSV)", frame, scenario, "tco-flips.csv")


# --- What-ifs that change the scenario: a stress put in force and taken back, and ranges


@dataclass(frozen=True)
class AppliedStress:
    """A stress that the reader put in force: what was given before it, and what it gave."""

    name: str
    title: str
    before: dict[str, Any]
    after: dict[str, Any]


def in_force(scenario: Scenario) -> tuple[AppliedStress, ...]:
    """The stresses put in force whose values still stand in the scenario."""
    found: dict[str, AppliedStress] = {}
    for one in state.kept(_APPLIED, ()):
        if all(scenario.given.get(name) == value for name, value in one.after.items()):
            found[one.name] = one
    return tuple(found.values())


def _apply(scenario: Scenario, turn: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = turn["given"]
    before = {name: scenario.given.get(name) for name in given}
    applied = (*in_force(scenario), AppliedStress(turn["name"], turn["title"], before, given))
    state.keep(_APPLIED, applied)
    return given


def _undo_button(label: str, one: AppliedStress, where: str, width: Any = "content") -> None:
    place = f"undo_{where}_{one.name}"
    look: dict[str, Any] = {"type": "primary", "width": width}
    bound.button(plain(label), place, lambda: one.before, one.before, **look)


def _ranges(scenario: Scenario, names: Iterable[str]) -> None:
    """Inputs of which the reader knows only a low and a high: those given, and a form for more."""
    st.caption(
        "Enter an input as a range (P10 to P90). Answers use the midpoint, the odds the whole "
        "range; the link keeps it."
    )
    with panels.maybe("ranges_given"):
        for name, said in risk_tables.given_ranges(scenario).items():
            with st.container(horizontal=True, vertical_alignment="center", key=f"ranged_{name}"):
                words = html.escape(f"{INPUTS[name].label}: {said}")
                st.html(f"<p class='tco-more'>{words}</p>", width="content")
                label = f"Back to the default: {inside(INPUTS[name].label)}"
                bound.button(label, "drop", partial(dict, {name: None}), (name,))
    with st.container(horizontal=True, vertical_alignment="bottom", key="ranges"):
        look = {"format_func": risk_tables.input_label, "width": 380}
        name = bound.own(
            "selectbox", "Input", "range_of", "utilization", options=tuple(names), **look
        )
        with st.form("range_form", border=False, width="content"):
            _range_form(scenario, name)
    widgets.refusal(name)


def _range_form(scenario: Scenario, name: str) -> None:
    unit = f", {INPUTS[name].shown_unit}".removesuffix(", ")
    known = risk_tables.range_now(scenario, name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for (end, label), value in zip(_ENDS.items(), known, strict=True):
            look: dict[str, Any] = {"width": 190, "form": "range", "placeholder": typed.PLACEHOLDER}
            look["meaning"] = partial(typed.same, name)
            shown, place = typed.written(value), f"range_{end}"
            bound.widget("text_input", f"{label}{unit}", place, shown, (name,), **look)
        bound.submit("Use this range", "range", partial(_range_typed, name), (name,))


def _range_typed(name: str) -> dict[str, Any]:
    told = (bound.typed(f"range_{end}", (name,)) for end in _ENDS)
    low, high = (typed.number(name, text) for text in told)
    if low is None or high is None:
        raise InputError([Problem(name, "a range has a low and a high")])
    return {name: risk_tables.range_meant(name, low, high)}
