"""One widget for one input: it shows the scenario's value, and a move changes the scenario.

Then the choices that several pages offer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from tco.app import state
from tco.app.panels import plain
from tco.inputs import INPUTS, PRICES
from tco.market.catalogue import load
from tco.report.gpu_tables import OF_THE_GPU
from tco.report.provenance import age_text, badge, caveat, origin
from tco.report.ranges import outside, slider_range
from tco.scenario import Scenario
from tco.scenario.notes import note_of
from tco.words.figures import capital, period

# How old a price or a rate is, as a color.
_COLORS = {"fresh": "green", "aging": "gray", "stale": "red"}
Commit = Callable[[str, str], None]


def tied(kind: str, name: str, value: Any, commit: Commit | None = None) -> dict[str, Any]:
    """What ties a widget to an input: it shows the value, and a move of it is taken over."""
    key = f"{kind}_{name}"
    state.hold(key, value)
    return {"key": key, "on_change": commit or _take, "args": (name, key)}


def slider(scenario: Scenario, name: str, remark: str = "") -> None:
    """A number with a slider over its believed range, a box for any other, and its source."""
    value, span = INPUTS[name].shown(scenario.values()[name]), slider_range(scenario, name)
    label, unit = INPUTS[name].label, INPUTS[name].shown_unit
    with st.container(key=f"input_{name}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            is_said = unit.casefold() in label.casefold().split()
            st.html(f"<p class='tco-label'>{label} <span>{'' if is_said else unit}</span></p>")
            number_box(scenario, name, f"{label}, {unit}: type a value", hidden=True)
        if value is not None and span is not None:
            st.slider(
                f"{label}, {unit}",
                span.low,
                span.high,
                step=span.step,
                format=number_format(scenario, name),
                label_visibility="collapsed",
                **tied("slider", name, value, _commit),
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
    value, span = INPUTS[name].shown(scenario.values()[name]), slider_range(scenario, name)
    empty: dict[str, Any] = {"value": None, "placeholder": "type one"} if value is None else {}
    st.number_input(
        label,
        step=1 if INPUTS[name].kind == "integer" else (span.step if span else None),
        format=number_format(scenario, name),
        label_visibility="collapsed" if hidden else "visible",
        width=width,
        **tied(place, name, value, _commit),
        **empty,
    )


def refusal(name: str) -> None:
    """Why the last value typed for an input was not taken."""
    if refused := state.refusal(name):
        st.markdown(f":red[{plain(refused)}]")


def footnote(scenario: Scenario, name: str, remark: str = "") -> None:
    """Why the last number was refused, and where the present one comes from."""
    refusal(name)
    if odd := note_of(scenario, name):
        st.markdown(f":orange-badge[unusual] {plain(odd)}")
    said = plain(" · ".join(filter(None, (remark, origin(scenario, name), caveat(scenario, name)))))
    dates = _dates(scenario, name)
    if name in PRICES and (age := age_text(*dates)):
        said += f" :{_COLORS[badge(*dates)[0]]}-badge[{age}]"
    st.caption(said)


def origin_text(scenario: Scenario, name: str) -> str:
    """Where a number comes from and how old it is, as plain text."""
    age = age_text(*_dates(scenario, name)) if name in PRICES else ""
    return " · ".join(filter(None, (origin(scenario, name), caveat(scenario, name), age)))


def _dates(scenario: Scenario, name: str) -> tuple[str, str]:
    """The day of a value, and the day from which its age counts."""
    return scenario.resolved()[name].as_of, scenario.values()["as_of"]


def select(
    label: str,
    name: str,
    options: dict[str, str],
    value: Any,
    commit: Commit | None = None,
    width: int = 260,
) -> None:
    """One of many values, from a list."""
    to_input = tied("select", name, value, commit)
    st.selectbox(label, list(options), format_func=options.__getitem__, width=width, **to_input)


def pick(
    label: str,
    name: str,
    options: dict[Any, str],
    value: Any,
    commit: Commit | None = None,
    required: bool = True,
) -> None:
    """One of a few values, side by side; none is marked while the value is another one."""
    is_known = value in options
    st.pills(
        label,
        list(options),
        required=required and is_known,
        format_func=options.__getitem__,
        wrap=True,
        **tied("pick", name, value if is_known else None, commit),
    )


def ask(
    scenario: Scenario, name: str, commit: Commit | None = None, among: Iterable[str] = ()
) -> None:
    """A question with a few answers: the choices of an input, or those among them."""
    declared = INPUTS[name]
    answers = {one: capital(declared.choice_phrase(one)) for one in among or declared.choices}
    pick(declared.question, name, answers, scenario.values()[name], commit)


def unless_default(name: str, value: Any) -> Any:
    """A value as it is stored: None where it is the default."""
    return None if value == state.scenario().without(name).values()[name] else value


def move(name: str, value: float, is_live: bool = False, key: str = "") -> None:
    """Take a number as it is shown, or say why not.

    `is_live`: the hand is still on the slider. `key` is that of the widget.
    """
    if why := outside(name, value):
        state.refuse(name, why)
        return
    number = int(value) if INPUTS[name].kind == "integer" else float(value)
    usual = INPUTS[name].shown(state.scenario().without(name).values()[name])
    wanted = None if number == usual else INPUTS[name].meant(number)
    state.change(key, is_live, **{name: wanted})


def _commit(name: str, key: str) -> None:
    """The number in a widget becomes the scenario's value."""
    value = st.session_state[key]
    if value is None:
        state.change(key, **{name: None})
    else:
        move(name, value, key=key)


def _take(name: str, key: str) -> None:
    """The same for a widget whose options are the model's own values."""
    state.change(key, **{name: unless_default(name, st.session_state[key])})


def number_format(scenario: Scenario, name: str) -> str:
    """How a box or a slider writes a number of an input."""
    span = slider_range(scenario, name)
    return "%d" if INPUTS[name].kind == "integer" else f"%.{span.decimals if span else 2}f"


# --- The choices on the screen, in the words people use for them


def choices(scenario: Scenario) -> None:
    """Which GPUs, where and for how long: three buttons that say it and open to change it."""
    values = scenario.values()
    label = f"{values['gpus']:,} × {values['gpu']}"
    with st.popover(label, key="choice_gpu"):
        gpu(scenario)
        number_box(scenario, "gpus", INPUTS["gpus"].label, width=150)
        refusal("gpus")
        ask(scenario, "price_basis", _choose_basis)
        price = INPUTS["price_usd_per_gpu"].labeled
        number_box(scenario, "price_usd_per_gpu", price, width=150, place="choice")
        footnote(scenario, "price_usd_per_gpu")
    place = INPUTS["hosting"].short_word(values["hosting"])
    with st.popover(f"{place}, {values['region']}", key="choice_place"):
        ask(scenario, "hosting")
        known = {"region": scenario.catalogue.regions, "provider": scenario.catalogue.renting}
        for name, keys in known.items():
            select(INPUTS[name].question, name, {key: key for key in sorted(keys)}, values[name])
    with st.popover(period(values["horizon_months"]), key="choice_years"):
        kept = INPUTS["horizon_months"].labeled
        number_box(scenario, "horizon_months", kept, width=150, place="choice")
        refusal("horizon_months")


def gpu(scenario: Scenario) -> None:
    """Which GPU."""
    gpus, own = scenario.catalogue.gpus.items(), scenario.values()["gpu"]
    names = {key: f"{one.name} · {one.memory_gb:g} GB" for key, one in gpus}
    names.setdefault(own, own)
    select("GPU", "gpu", names, own, _choose_gpu, width=280)


def questions(scenario: Scenario) -> None:
    """The two questions that decide most cases."""
    values = scenario.values()
    busy = INPUTS["utilization"].question
    with st.container(horizontal=True, key="questions"):
        pick(busy, "utilization", presets(), values["utilization"], required=False)
        ask(scenario, "billing", _choose_billing)
        if values["billing"] == "committed":
            ask(scenario, "term", among=("1yr", "3yr", "5yr"))


def presets() -> dict[Any, str]:
    """How busy people say their GPUs are, by share of all hours.

    >>> presets()[0.25]
    'Office hours · 25 %'
    """
    return {
        row.value: f"{row.label} · {INPUTS[row.input].written(row.value)}"
        for row in load().presets
        if row.input == "utilization"
    }


def _choose_gpu(name: str, key: str) -> None:
    """Another GPU brings its own price, rate, watts and host, as where GPUs stand side by side."""
    gpu = unless_default(name, st.session_state[key])
    state.change(key, **dict.fromkeys(OF_THE_GPU), gpu=gpu)


def _choose_basis(name: str, key: str) -> None:
    basis = unless_default(name, st.session_state[key])
    state.change(key, price_basis=basis, price_usd_per_gpu=None)


def _choose_billing(_name: str, key: str) -> None:
    """Per use and always on take on-demand offers, a commitment those of its term."""
    changes: dict[str, dict[str, Any]] = {
        "per_use": {"billing": None, "term": None},
        "always_on": {"billing": "always_on", "term": None},
        "committed": {"billing": None, "term": "1yr"},
    }
    state.change(key, **changes[st.session_state[key]], commitment_months=None)
