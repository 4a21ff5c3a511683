"""Every input: those that matter most as sliders that show what they do, the others by group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import streamlit as st

from tco import words
from tco.app import bound, panels, state, top, widgets
from tco.app.panels import plain
from tco.errors import InputError
from tco.inputs import DECLINE, INPUTS
from tco.inputs.effects import no_effect
from tco.report.influence import ResponseCurve, picture, scale
from tco.scenario import Scenario
from tco.scenario.notes import note_of
from tco.words import figures

_KEY = "levers"
# Sliders that carry their own curve: a Streamlit component.
_FILES = files("tco.app") / "curve_slider"
_PARTS: dict[str, Any] = {
    kind: (_FILES / f"curve_slider.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
}
_SLIDERS = st.components.v2.component("curve_sliders", **_PARTS)
# What a slider without a value spans, until one is typed.
_NO_SPAN: dict[str, Any] = {"low": 0, "high": 1, "step": 1, "decimals": 0}


@dataclass(frozen=True)
class Section:
    """One expander: its groups of inputs, and those of them that its title tells."""

    title: str
    groups: tuple[str, ...]
    told: tuple[str, ...]


SECTIONS = (
    Section("Use", ("usage",), ("utilization", "horizon_months")),
    Section("Hardware", ("hardware",), ("price_usd_per_gpu", "server_usd")),
    Section("Resale", ("resale",), ("resale_decline_per_year",)),
    Section("Site and power", ("site", "power"), ("hosting", "colo_usd_per_kw_month", "pue")),
    Section(
        "Operations", ("operations",), ("staff_usd_per_gpu_month", "maintenance_rate_per_year")
    ),
    Section("Renting", ("choice", "rental"), ("rate_usd_per_gpu_hour", "rate_growth_per_year")),
    Section("Money and tax", ("money", "tax"), ("discount_rate", "tax_rate")),
    Section("Financing", ("financing",), ("financing",)),
    Section("Delivery and refresh", ("replacement",), ("delivery_months", "refresh_months")),
    Section("Currency", ("currency",), ("currency",)),
)


def levers(scenario: Scenario, curves: Mapping[str, ResponseCurve], is_dimmed: bool) -> None:
    """The sliders; in plain widgets where the link asks for that."""
    panels.title("What matters most: drag, click the track, or type")
    low, high = scale(curves.values())
    ends = " to ".join(figures.short_usd(end).removesuffix(".00") for end in (low, high))
    legend = (
        "Each curve: what buying saves per GPU over the range of one input, above the line BUY is "
        "cheaper, below it RENT. Thick: now. Dashed: break-even. One scale for all, "
        f"{ends} per GPU."
    )
    missing = "The curves need a purchase price and a rental rate."
    st.caption(plain(panels.voice(legend) if low < high else missing))
    if state.view("simple") == "1":
        _simple(scenario, curves, (low, high))
        return
    data = {
        "levers": [lever(scenario, curve) for curve in curves.values()],
        "scale": (low, high),
        "words": {name: panels.voice(text) for name, text in words.CURVE_WORDS.items()},
        "dimmed": is_dimmed,
    }
    # The moves are then in the session state: `moves`, by name of the input, each with the value, a
    # number `n` that grows with each move, and whether the hand is still on the slider (`live`). A
    # move stays there until its `n` comes back as `applied`.
    _SLIDERS(key=_KEY, data=data, default={"moves": {}}, on_moves_change=_moved)


def lever(scenario: Scenario, curve: ResponseCurve) -> dict[str, Any]:
    """One slider as the component reads it, in the units shown."""
    name, span = curve.name, curve.span
    value = INPUTS[name].shown(scenario.values()[name])
    ends = _NO_SPAN if span is None else asdict(span)
    return ends | {
        "name": name,
        "label": INPUTS[name].label,
        "unit": INPUTS[name].shown_unit,
        "value": value,
        "usual": INPUTS[name].shown(scenario.without(name).values()[name]),
        "xs": curve.values,
        "ys": curve.savings,
        "saving": curve.saving,
        "flips": curve.flips,
        "flip_text": words.flip_text(curve.flip_words),
        "remark": curve.remark,
        "unusual": note_of(scenario, name),
        "origin": widgets.origin_text(scenario, name),
        "refusal": state.refusal(name) if state.is_refused(f"{_KEY}_{name}") else "",
        "applied": _applied().get(name, 0),
    }


def _moved() -> None:
    """Each move that is new becomes the scenario's value, or is refused."""
    applied, moves = _applied(), st.session_state[_KEY].get("moves")
    for name, value, number, is_live in read_moves(moves):
        if number > applied.get(name, 0):
            applied[name] = number
            try:
                state.change(f"{_KEY}_{name}", is_live, **widgets.told(name, value))
            except InputError as wrong:
                state.refuse(f"{_KEY}_{name}", wrong)


def _applied() -> dict[str, int]:
    """The number of the last move of each input that was taken over."""
    found: dict[str, int] = state.kept("moves", {})
    return found


def read_moves(moves: Any) -> list[tuple[str, float | str, int, bool]]:
    """The moves among what a browser sent: input, value as shown, number, whether it goes on.

    A value that was typed as no plain number is text.

    >>> read_moves({"pue": {"value": 1.2, "n": 3, "live": False}, "x": 1, "gpu": {"value": 1}})
    [('pue', 1.2, 3, False)]
    """
    found = []
    for name, sent in moves.items() if isinstance(moves, dict) else ():
        if name not in INPUTS or not INPUTS[name].numeric or not isinstance(sent, dict):
            continue
        value, number = sent.get("value"), sent.get("n")
        if not isinstance(number, int) or not isinstance(value, int | float | str):
            continue
        found.append((name, value, number, sent.get("live") is True))
    return found


def _simple(
    scenario: Scenario, curves: Mapping[str, ResponseCurve], ends: tuple[float, float]
) -> None:
    """The same with Streamlit's own sliders, and each curve as a picture."""
    with st.grid(2, min_column_width=300, gap="medium"):
        for curve in curves.values():
            with st.container(gap="xxsmall"):
                widgets.slider(scenario, curve.name, curve.remark)
                now = INPUTS[curve.name].shown(scenario.values()[curve.name])
                if curve.values and not curve.remark:
                    st.html(picture(curve, now, ends))
                    said = words.curve_caption(curve.saving, curve.flip_words)
                    st.caption(plain(panels.voice(said)))


# --- All other inputs, by group, in expanders whose titles say what is in them


def sections(scenario: Scenario, elsewhere: Iterable[str]) -> None:
    """The expanders; each is filled when it is opened. `elsewhere`: inputs that are asked above."""
    hidden = {*top.asked(scenario), *elsewhere}
    panels.title("All other inputs")
    with st.container(gap="xxsmall"):
        for section in SECTIONS:
            key = f"section_{section.title}"
            # The title stays the same while its expander is open: another would close it.
            titles: dict[str, str] = state.kept("titles", {})
            if not st.session_state.get(key) or key not in titles:
                titles[key] = title(section, scenario)
            expander = st.expander(titles[key], key=key, on_change="rerun")
            if expander.open:
                with expander, st.grid(min_column_width=250, gap="small"):
                    for name in inputs(section):
                        if name not in hidden:
                            _input(scenario, name)


def inputs(section: Section) -> tuple[str, ...]:
    """The inputs of a section, in the order of the documentation."""
    return tuple(name for name, declared in INPUTS.items() if declared.group in section.groups)


def title(section: Section, scenario: Scenario) -> str:
    """What a section says before it is opened.

    >>> site = next(section for section in SECTIONS if section.title == "Site and power")
    >>> title(site, Scenario(gpu="L4", pue=1.2))
    'Site and power: colocation, $196/kW-month, PUE 1.2, 17 defaults'
    """
    values, names = scenario.values(), inputs(section)
    told = [_told(name, values) for name in section.told if not no_effect(name, values)]
    defaults = sum(name not in scenario.given for name in names)
    counted = f"{defaults} default{'' if defaults == 1 else 's'}"
    return f"{section.title}: {', '.join([*told, counted])}"


def _told(name: str, values: Mapping[str, Any]) -> str:
    declared, value = INPUTS[name], values[name]
    if name == "colo_usd_per_kw_month":
        return f"{declared.written(value)}/kW-month"
    if not declared.numeric:
        return declared.short_word(value)
    if declared.zero and not value:
        return declared.zero
    return f"{declared.short} {declared.written(value)}"


def _input(scenario: Scenario, name: str) -> None:
    """The widget that fits the kind of an input, and where its value comes from."""
    declared, values = INPUTS[name], scenario.values()
    label, value = declared.label, values[name]
    with st.container(gap="xxsmall", key=f"input_{name}"):
        if declared.numeric:
            widgets.number_box(scenario, name, declared.labeled, width=250)
            if name == DECLINE:
                widgets.residual_box(scenario)
        elif declared.kind == "flag":
            bound.widget("toggle", label, "switch", value, (name,), widgets.taken(name))
        elif declared.choices:
            widgets.pick(label, name, {**declared.choice_words}, value)
        else:
            look: dict[str, Any] = {"max_chars": 10, "width": 250}
            bound.widget("text_input", label, "text", value, (name,), widgets.taken(name), **look)
        widgets.footnote(scenario, name, no_effect(name, values))
