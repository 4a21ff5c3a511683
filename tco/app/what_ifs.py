"""What-ifs that change the scenario: a stress put in force and taken back, and ranges."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from tco.app import state
from tco.app.text import plain
from tco.inputs import INPUTS
from tco.report.display import domain, slider_range, unit
from tco.report.risk_tables import input_label
from tco.report.sentences import called
from tco.report.what_ifs import Turn, given_ranges, range_meant, range_now, turn_sentence
from tco.scenario import Scenario

_APPLIED = "stresses_applied"
_ENDS = {"low": "Low (P10)", "high": "High (P90)"}
_WIDE, _WORDS = 330, 560
_USUAL = "utilization"


@dataclass(frozen=True)
class Applied:
    """A stress that the reader put in force: what was given before it, and what it gave."""

    name: str
    title: str
    before: dict[str, Any]
    after: dict[str, Any]


def in_force(scenario: Scenario) -> tuple[Applied, ...]:
    """The stresses put in force whose values still stand in the scenario."""
    found: dict[str, Applied] = {}
    for one in st.session_state.get(_APPLIED, ()):
        if all(scenario.given.get(name) == value for name, value in one.after.items()):
            found[one.name] = one
    return tuple(found.values())


def undo(scenario: Scenario) -> None:
    """That a stress is in force, with the way back; nothing without one."""
    for one in in_force(scenario):
        with st.container(horizontal=True, vertical_alignment="center", key=f"force_{one.name}"):
            said = f"In force on every page: <b>{html.escape(one.title)}</b>."
            st.html(f"<p class='tco-more' role='status'>{said}</p>", width="content")
            _undo_button("Undo", one, "top")


def stress_buttons(
    scenario: Scenario, turns: Iterable[Turn], verdict: str, is_live: bool = True
) -> None:
    """Every stress with what it does to the answer, and a button that puts it in force.

    The buttons work where the scenario is that on the screen: `is_live`.
    """
    undoable = {one.name: one for one in in_force(scenario)}
    for turn in turns:
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"stress_{turn.name}"
        ):
            if turn.name in undoable:
                _undo_button(f"Undo: {turn.title}", undoable[turn.name], "row", _WIDE)
                said = "In force: the answer above is the one under this stress."
            else:
                _apply_button(scenario, turn, is_live)
                said = turn_sentence(turn, verdict)
            st.html(f"<p class='tco-more'>{html.escape(said)}</p>", width=_WORDS)


def _apply_button(scenario: Scenario, turn: Turn, is_live: bool) -> None:
    st.button(
        plain(turn.title),
        key=f"apply_{turn.name}",
        on_click=_apply,
        args=(scenario, turn),
        disabled=not (turn.given and is_live),
        width=_WIDE,
    )


def _apply(scenario: Scenario, turn: Turn) -> None:
    before = {name: scenario.given.get(name) for name in turn.given}
    applied = (*in_force(scenario), Applied(turn.name, turn.title, before, turn.given))
    st.session_state[_APPLIED] = applied
    state.change("", **turn.given)


def _undo_button(label: str, one: Applied, where: str, width: Any = "content") -> None:
    st.button(
        plain(label),
        key=f"undo_{where}_{one.name}",
        on_click=state.change,
        kwargs=one.before,
        type="primary",
        width=width,
    )


def ranges(scenario: Scenario, names: Iterable[str]) -> None:
    """Inputs of which the reader knows only a low and a high: those given, and a form for more."""
    st.caption(
        "Give an input as a range, P10 to P90: answers take the midpoint, the odds take all of it, "
        "and the link carries it."
    )
    for name, said in given_ranges(scenario).items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"ranged_{name}"):
            words = html.escape(f"{called(name)}: {said}")
            st.html(f"<p class='tco-more'>{words}</p>", width="content")
            label = f"Default instead: {called(name)}"
            st.button(label, key=f"drop_{name}", on_click=state.change, kwargs={name: None})
    with st.container(horizontal=True, vertical_alignment="bottom", key="ranges"):
        listed = tuple(names)
        name = st.selectbox(
            "Input",
            listed,
            listed.index(_USUAL),
            format_func=input_label,
            key="range_of",
            width=380,
        )
        _range_form(scenario, name)
    if refused := state.refusal(name):
        st.markdown(f":red[{plain(refused)}]")


def _range_form(scenario: Scenario, name: str) -> None:
    span, known = slider_range(scenario, name), range_now(scenario, name)
    least, most = domain(name)
    decimals = span.decimals if span else 2
    with (
        st.form("range_form", border=False, width="content"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        for end, value in zip(_ENDS, known, strict=True):
            key = f"range_{end}_{name}"
            if not state.refusal(name):
                state.hold(key, value)
            st.number_input(
                f"{_ENDS[end]}, {unit(name)}".removesuffix(", "),
                least,
                most,
                key=key,
                format="%d" if INPUTS[name].kind == "integer" else f"%.{decimals}f",
                width=190,
            )
        st.form_submit_button("Use this range", on_click=_take_range, args=(name,))


def _take_range(name: str) -> None:
    ends = (st.session_state[f"range_{end}_{name}"] for end in _ENDS)
    state.change("", **{name: range_meant(name, *ends)})
