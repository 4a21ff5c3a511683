"""The widgets of inputs, each with what it makes of the scenario; then choices of several pages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import streamlit as st

from tco.app import bound, state, typed
from tco.app.bound import Take
from tco.app.panels import maybe, plain
from tco.errors import InputError, Problem
from tco.inputs import DECLINE, INPUTS, PRICE, PRICES, RESIDUAL, TAKEN
from tco.report import ranges
from tco.report.influence import name_of
from tco.report.provenance import age_text, badge, caveat, origin
from tco.report.ranges import outside, slider_range
from tco.scenario import Scenario
from tco.scenario.notes import note_of
from tco.scenario.other_gpu import OF_THE_GPU
from tco.words.figures import capital, period

# How old a price or a rate is, as a color.
_COLORS = {"fresh": "green", "aging": "gray", "stale": "red"}
# What is left of a price is worked out from the yearly decline, and shown in per cent to here.
_SHARE_DECIMALS = 1
# What goes back to its default with a choice: another GPU brings its own price, rate, watts and
# host, as where GPUs stand side by side; another basis its own price; another site is hosted in its
# own way; a way to pay has its own term.
_GOES_ALONG = {
    "gpu": OF_THE_GPU,
    "price_basis": (PRICE,),
    "site": ("hosting",),
    "billing": ("term", "commitment_months"),
}


def taken(name: str) -> Take:
    """What the value of an input changes: the input, and what goes along with it."""
    return lambda value: {
        **dict.fromkeys(_GOES_ALONG.get(name, ())),
        name: unless_default(name, value),
    }


def meant(name: str, value: float | None) -> dict[str, Any]:
    """What a number as it is shown changes; InputError for one that the input cannot have."""
    sets = ranges.stored(name)
    if value is None:
        return {sets: None}
    # Of a number smaller than any that is shown nothing is left.
    seen = TAKEN[name].shown(TAKEN[name].meant(value))
    if why := outside(name, value) or outside(name, seen):
        raise InputError([Problem(sets, why)])
    number = int(value) if TAKEN[name].kind == "integer" else float(value)
    months = state.scenario().values()["horizon_months"]
    usual = ranges.told(name, state.scenario().without(sets).values()[sets], months)
    return {sets: None if number == usual else ranges.meant(name, number, months)}


def told(name: str, text: Any) -> dict[str, Any]:
    """What a text typed into a box of an input changes; InputError for one that is no number."""
    try:
        return meant(name, typed.number(name, text))
    except InputError as wrong:
        problems = [Problem(ranges.stored(name), one.message) for one in wrong.problems]
        raise InputError(problems) from None


def slider(scenario: Scenario, name: str) -> None:
    """A number with a slider over its believed range, a box for any other, and its source."""
    value, span, sets = _seen(scenario, name), slider_range(scenario, name), ranges.stored(name)
    label, unit = name_of(name, scenario.values()), TAKEN[name].shown_unit
    with st.container(key=f"input_{name}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            is_said = unit.casefold() in label.casefold().split()
            st.html(f"<p class='tco-label'>{label} <span>{'' if is_said else unit}</span></p>")
            place = "number" if sets == name else "share"
            said = f"{label}, {unit}: enter a value"
            number_box(scenario, name, said, hidden=True, place=place)
        if value is not None and span is not None:
            bound.widget(
                "slider",
                f"{label}, {unit}",
                "slider",
                value,
                (sets,),
                partial(meant, name),
                min_value=span.low,
                max_value=span.high,
                step=span.step,
                format=number_format(scenario, name),
                label_visibility="collapsed",
            )
        footnote(scenario, sets)


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
    value, span, sets = _seen(scenario, name), slider_range(scenario, name), ranges.stored(name)
    decimals = span.decimals if span and sets not in scenario.given else None
    bound.widget(
        "text_input",
        label,
        place,
        typed.written(value, decimals),
        (sets,),
        partial(told, name),
        meaning=partial(typed.same, name),
        placeholder=typed.PLACEHOLDER,
        label_visibility="collapsed" if hidden else "visible",
        width=width,
    )


def residual_box(scenario: Scenario) -> None:
    """The yearly decline as people know it: what share of the price is left when it is sold."""
    months = scenario.values()["horizon_months"]
    bound.widget(
        "text_input",
        f"Or residual value after {period(months)} [{TAKEN[RESIDUAL].shown_unit}]",
        "residual",
        typed.written(_seen(scenario, RESIDUAL), _SHARE_DECIMALS),
        (DECLINE,),
        partial(told, RESIDUAL),
        meaning=partial(typed.same, RESIDUAL, decimals=_SHARE_DECIMALS),
        placeholder=typed.PLACEHOLDER,
        width=250,
    )


def _seen(scenario: Scenario, name: str) -> Any:
    """The value of an input as its slider shows it."""
    values = scenario.values()
    return ranges.told(name, values[ranges.stored(name)], values["horizon_months"])


def refusal(name: str) -> None:
    """Why the last value typed for an input was not taken."""
    with maybe():
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


def select(label: str, name: str, options: dict[str, str], value: Any, width: int = 260) -> None:
    """One of many values, from a list."""
    bound.widget(
        "selectbox",
        label,
        "select",
        value,
        (name, *_GOES_ALONG.get(name, ())),
        taken(name),
        options=list(options),
        format_func=options.__getitem__,
        width=width,
    )


def pick(
    label: str,
    name: str,
    options: dict[Any, str],
    value: Any,
    take: Take | None = None,
    required: bool = True,
    **look: Any,
) -> None:
    """One of a few values, side by side; none is marked while the value is another one."""
    is_known = value in options
    bound.widget(
        "pills",
        label,
        "pick",
        value if is_known else None,
        (name, *_GOES_ALONG.get(name, ())),
        take or taken(name),
        options=list(options),
        required=required and is_known,
        format_func=options.__getitem__,
        wrap=True,
        **look,
    )


def ask(scenario: Scenario, name: str, take: Take | None = None, among: Iterable[str] = ()) -> None:
    """A question with a few answers: the choices of an input, or those among them."""
    declared = INPUTS[name]
    answers = {one: capital(declared.choice_phrase(one)) for one in among or declared.choices}
    pick(declared.question, name, answers, scenario.values()[name], take)


def unless_default(name: str, value: Any) -> Any:
    """A value as it is stored: None where it is the default."""
    return None if value == state.scenario().without(name).values()[name] else value


def number_format(scenario: Scenario, name: str) -> str:
    """How a box or a slider writes a number of an input."""
    span = slider_range(scenario, name)
    return "%.0f" if TAKEN[name].kind == "integer" else f"%.{span.decimals if span else 2}f"


# --- Choices of several pages


def gpu(scenario: Scenario) -> None:
    """Which GPU."""
    gpus, own = scenario.catalogue.gpus.items(), scenario.values()["gpu"]
    names = {key: f"{one.name} · {one.memory_gb:g} GB" for key, one in gpus}
    names.setdefault(own, own)
    select("GPU", "gpu", names, own, width=400)
