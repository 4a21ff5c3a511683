"""The inputs that matter most, each as a slider that shows what it does to the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from tco import words
from tco.app import state, widgets
from tco.app.curve_slider import curve_sliders
from tco.app.text import plain
from tco.inputs import INPUTS
from tco.report.curve_picture import picture
from tco.report.display import default_value, shown, unit, unusual
from tco.report.influence import ResponseCurve, most_influential, scale
from tco.report.labels import label
from tco.scenario import Scenario

COUNT = 8
_KEY, _APPLIED = "levers", "levers_applied"
# What a slider without a value spans, until one is typed.
_NO_SPAN: dict[str, Any] = {"low": 0, "high": 1, "step": 1, "decimals": 0}


def names(scenario: Scenario) -> tuple[str, ...]:
    """The inputs that are shown as sliders, in order."""
    return most_influential(scenario, COUNT)


def levers(scenario: Scenario, curves: Mapping[str, ResponseCurve], is_dimmed: bool) -> None:
    """The sliders; in plain widgets where the link asks for that."""
    st.html("<h2 class='tco-title'>What matters most: drag, click the track, or type</h2>")
    st.caption(plain(_legend(curves)))
    if state.view("simple") == "1":
        _simple(scenario, curves)
        return
    data = {
        "levers": [lever(scenario, curve) for curve in curves.values()],
        "scale": scale(curves.values()),
        "words": words.CURVE_WORDS,
        "dimmed": is_dimmed,
    }
    curve_sliders(_KEY, data, _moved)


def _legend(curves: Mapping[str, ResponseCurve]) -> str:
    low, high = scale(curves.values())
    if low == high:
        return "The curves need a purchase price and a rental rate."
    ends = " to ".join(words.short_usd(end).removesuffix(".00") for end in (low, high))
    return (
        "Each curve: what buying saves per GPU over the range of one input, above the line BUY is "
        f"cheaper, below it RENT. Thick: now. Dashed: a flip. One scale for all, {ends} per GPU."
    )


def lever(scenario: Scenario, curve: ResponseCurve) -> dict[str, Any]:
    """One slider as the component reads it, in the units shown."""
    name, span = curve.name, curve.span
    value = shown(name, scenario.values()[name])
    ends = _NO_SPAN if span is None else asdict(span)
    return ends | {
        "name": name,
        "label": label(name),
        "unit": unit(name),
        "value": value,
        "usual": shown(name, default_value(scenario, name)),
        "xs": curve.values,
        "ys": curve.savings,
        "saving": curve.saving,
        "flips": curve.flips,
        "flip_text": words.flip_text(curve.flip_words),
        "remark": curve.remark,
        "unusual": unusual(scenario, name),
        "origin": widgets.origin_text(scenario, name),
        "refusal": state.refusal(name),
        "applied": st.session_state.get(_APPLIED, {}).get(name, 0),
    }


def _moved() -> None:
    """Each move that is new becomes the scenario's value, or is refused."""
    applied: dict[str, int] = st.session_state.setdefault(_APPLIED, {})
    moves = st.session_state[_KEY].get("moves")
    for name, value, number, is_live in read_moves(moves):
        if number > applied.get(name, 0):
            applied[name] = number
            widgets.move(name, value, is_live)


def read_moves(moves: Any) -> list[tuple[str, float, int, bool]]:
    """The moves among what a browser sent: input, value as shown, number, whether it goes on.

    >>> read_moves({"pue": {"value": 1.2, "n": 3, "live": False}, "x": 1, "gpu": {"value": 1}})
    [('pue', 1.2, 3, False)]
    """
    found = []
    for name, sent in moves.items() if isinstance(moves, dict) else ():
        if name not in INPUTS or not INPUTS[name].numeric or not isinstance(sent, dict):
            continue
        value, number = sent.get("value"), sent.get("n")
        if not isinstance(number, int) or not isinstance(value, int | float):
            continue
        if math.isfinite(value):
            found.append((name, value, number, sent.get("live") is True))
    return found


def _simple(scenario: Scenario, curves: Mapping[str, ResponseCurve]) -> None:
    """The same with Streamlit's own sliders, and each curve as a picture."""
    ends = scale(curves.values())
    with st.grid(2, min_column_width=300, gap="medium"):
        for curve in curves.values():
            with st.container(gap="xxsmall"):
                widgets.slider(scenario, curve.name, label(curve.name), curve.remark)
                now = shown(curve.name, scenario.values()[curve.name])
                if curve.values and not curve.remark:
                    st.html(picture(curve, now, ends))
                    st.caption(plain(words.curve_caption(curve.saving, curve.flip_words)))
