"""One widget for one input: it shows the scenario's value, and a move changes the scenario."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from tco.app import state
from tco.app.text import plain
from tco.inputs import INPUTS
from tco.report.ages import PRICES, badge
from tco.report.display import default_value, domain, meant, shown, slider_range, unit
from tco.report.market_data import age_text
from tco.report.provenance import caveat, origin
from tco.scenario import Scenario

_COLOURS = {"fresh": "green", "ageing": "gray", "stale": "red"}

Commit = Callable[[str, str], None]


def slider(scenario: Scenario, name: str, label: str, remark: str = "") -> None:
    """A number with a slider over its believed range, a box for any other, and its source."""
    value, span = shown(name, scenario.values()[name]), slider_range(scenario, name)
    with st.container(key=f"input_{name}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.html(_label(name, label))
            number_box(scenario, name, f"{label}, {unit(name)}: type a value", hidden=True)
        if value is not None and span is not None:
            key = f"slider_{name}"
            state.hold(key, value)
            st.slider(
                f"{label}, {unit(name)}",
                span.low,
                span.high,
                step=span.step,
                format=_format(name, span.decimals),
                key=key,
                on_change=_commit,
                args=(name, key),
                label_visibility="collapsed",
            )
        footnote(scenario, name, remark)


def number_box(
    scenario: Scenario, name: str, label: str, width: int = 112, hidden: bool = False
) -> None:
    """A box for any number of the domain; empty where none is known."""
    value, span = scenario.values()[name], slider_range(scenario, name)
    key, (low, high) = f"number_{name}", domain(name)
    state.hold(key, shown(name, value))
    empty: dict[str, Any] = {"value": None, "placeholder": "type one"} if value is None else {}
    st.number_input(
        label,
        low,
        high,
        format=_format(name, span.decimals if span else 2),
        key=key,
        on_change=_commit,
        args=(name, key),
        label_visibility="collapsed" if hidden else "visible",
        width=width,
        **empty,
    )


def footnote(scenario: Scenario, name: str, remark: str = "") -> None:
    """Why the last number was refused, and where the present one comes from."""
    if refused := state.refusal(name):
        st.markdown(f":red[{plain(refused)}]")
    notes = [
        plain(note) for note in (remark, origin(scenario, name), caveat(scenario, name)) if note
    ]
    st.caption(" · ".join(notes) + _badge(scenario, name))


def _badge(scenario: Scenario, name: str) -> str:
    """How old a price or a rate is today, in words and in a colour."""
    as_of = scenario.resolved()[name].as_of if name in PRICES else ""
    found = badge(as_of)
    return f" :{_COLOURS[found[0]]}-badge[{age_text(as_of)}]" if found else ""


def select(
    label: str,
    name: str,
    options: dict[str, str],
    value: Any,
    commit: Commit | None = None,
    width: int = 260,
) -> None:
    """One of many values, from a list."""
    key = f"select_{name}"
    state.hold(key, value)
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=key,
        on_change=commit or _take,
        args=(name, key),
        width=width,
    )


def pick(
    label: str,
    name: str,
    options: dict[Any, str],
    value: Any,
    commit: Commit | None = None,
    required: bool = True,
    hidden: bool = False,
) -> None:
    """One of a few values, side by side; none is marked while the value is another one."""
    key = f"pick_{name}"
    state.hold(key, value if value in options else None)
    st.pills(
        label,
        list(options),
        required=required and value in options,
        format_func=lambda option: options[option],
        key=key,
        on_change=commit or _take,
        args=(name, key),
        label_visibility="collapsed" if hidden else "visible",
        wrap=True,
    )


def switch(scenario: Scenario, name: str, label: str) -> None:
    """An input that is true or false."""
    key = f"switch_{name}"
    state.hold(key, scenario.values()[name])
    st.toggle(label, key=key, on_change=_take, args=(name, key))


def unless_default(name: str, value: Any) -> Any:
    """A value as it is stored: None where it is the default."""
    return None if value == default_value(state.scenario(), name) else value


def _commit(name: str, key: str) -> None:
    """The number in a widget becomes the scenario's value."""
    value = st.session_state[key]
    usual = shown(name, default_value(state.scenario(), name))
    state.change(key, **{name: None if value == usual else meant(name, value)})


def _take(name: str, key: str) -> None:
    """The same for a widget whose options are the model's own values."""
    state.change(key, **{name: unless_default(name, st.session_state[key])})


def _label(name: str, label: str) -> str:
    """The words and, where they do not say it already, the unit."""
    said = unit(name).casefold() in label.casefold().split()
    return f"<p class='tco-label'>{label} <span>{'' if said else unit(name)}</span></p>"


def _format(name: str, decimals: int) -> str:
    return "%d" if INPUTS[name].kind == "integer" else f"%.{decimals}f"
