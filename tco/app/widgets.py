"""One widget for one input: it shows the scenario's value, and a move changes the scenario."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from tco.app import state
from tco.app.text import plain
from tco.inputs import INPUTS
from tco.report.ages import PRICES, badge
from tco.report.display import default_value, meant, outside, shown, slider_range, unit, unusual
from tco.report.market_tables import age_text
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
    scenario: Scenario,
    name: str,
    label: str,
    width: int = 112,
    hidden: bool = False,
    place: str = "number",
) -> None:
    """A box for any number of the domain; empty where none is known.

    `place` tells two boxes for the same input apart. What lies outside the domain is refused in
    words, see `footnote`.
    """
    value, span = scenario.values()[name], slider_range(scenario, name)
    key, is_whole = f"{place}_{name}", INPUTS[name].kind == "integer"
    state.hold(key, shown(name, value))
    empty: dict[str, Any] = {"value": None, "placeholder": "type one"} if value is None else {}
    st.number_input(
        label,
        step=1 if is_whole else (span.step if span else None),
        format=_format(name, span.decimals if span else 2),
        key=key,
        on_change=_commit,
        args=(name, key),
        label_visibility="collapsed" if hidden else "visible",
        width=width,
        **empty,
    )


def refusal(name: str) -> None:
    """Why the last value typed for an input was not taken."""
    if refused := state.refusal(name):
        st.markdown(f":red[{plain(refused)}]")


def footnote(scenario: Scenario, name: str, remark: str = "") -> None:
    """Why the last number was refused, and where the present one comes from."""
    refusal(name)
    if odd := unusual(scenario, name):
        st.markdown(f":orange-badge[unusual] {plain(odd)}")
    known = (remark, origin(scenario, name), caveat(scenario, name))
    said = plain(" · ".join(note for note in known if note))
    st.caption(said + _badge(scenario, name))


def origin_text(scenario: Scenario, name: str) -> str:
    """Where a number comes from and how old it is, as plain text."""
    known = (origin(scenario, name), caveat(scenario, name), _age(scenario, name))
    return " · ".join(note for note in known if note)


def _age(scenario: Scenario, name: str) -> str:
    return age_text(scenario.resolved()[name].as_of) if name in PRICES else ""


def _badge(scenario: Scenario, name: str) -> str:
    """How old a price or a rate is today, in words and in a colour."""
    found = badge(scenario.resolved()[name].as_of) if name in PRICES else None
    return f" :{_COLOURS[found[0]]}-badge[{_age(scenario, name)}]" if found else ""


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


def text_box(scenario: Scenario, name: str, label: str) -> None:
    """An input that is a code or a date; what it cannot be is refused in words."""
    key = f"text_{name}"
    state.hold(key, scenario.values()[name])
    st.text_input(label, key=key, on_change=_take, args=(name, key), max_chars=10, width=250)


def unless_default(name: str, value: Any) -> Any:
    """A value as it is stored: None where it is the default."""
    return None if value == default_value(state.scenario(), name) else value


def move(name: str, value: float, is_live: bool = False, key: str = "") -> None:
    """Take a number as it is shown, or say why not.

    `is_live`: the hand is still on the slider. `key` is that of the widget.
    """
    if why := outside(name, value):
        state.refuse(name, why)
        return
    number = int(value) if INPUTS[name].kind == "integer" else float(value)
    usual = shown(name, default_value(state.scenario(), name))
    wanted = None if number == usual else meant(name, number)
    (state.slide if is_live else state.change)(key, **{name: wanted})


def _commit(name: str, key: str) -> None:
    """The number in a widget becomes the scenario's value."""
    value = st.session_state[key]
    if value is None:
        state.change(key, **{name: None})
        return
    move(name, value, key=key)


def _take(name: str, key: str) -> None:
    """The same for a widget whose options are the model's own values."""
    state.change(key, **{name: unless_default(name, st.session_state[key])})


def _label(name: str, label: str) -> str:
    """The words and, where they do not say it already, the unit."""
    said = unit(name).casefold() in label.casefold().split()
    return f"<p class='tco-label'>{label} <span>{'' if said else unit(name)}</span></p>"


def _format(name: str, decimals: int) -> str:
    return "%d" if INPUTS[name].kind == "integer" else f"%.{decimals}f"
