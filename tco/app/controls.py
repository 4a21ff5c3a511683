"""The inputs on the screen, in the words people use for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from tco.app import state, widgets
from tco.inputs import GROUPS, INPUTS
from tco.market.catalogue import Catalogue, load
from tco.market.choice import CHOSEN, QUESTION_INPUTS
from tco.questions import Rack
from tco.report.display import unit, written
from tco.scenario import Scenario

# The sliders, by group.
SLIDERS = {
    "Price and rent": {
        "price_usd_per_gpu": "GPU price",
        "rate_usd_per_gpu_hour": "Rental rate",
    },
    "Use": {"utilization": "Busy hours", "horizon_months": "Years kept"},
    "Power and cooling": {
        "gpu_w": "Board power",
        "pue": "Cooling (PUE)",
        "electricity_usd_per_kwh": "Electricity",
    },
    "Rack density": {
        "gpus_per_server": "GPUs per server",
        "server_units": "Height of a server",
        "rack_kw": "Power per rack",
    },
}
BILLING = {"per_use": "No", "always_on": "Yes, always on", "committed": "Committed"}
TERMS = {"1yr": "1 year", "3yr": "3 years", "5yr": "5 years"}
HOSTING = {
    "colo_metered": "Colocation, power metered",
    "colo_all_in": "Colocation, power included",
    "own_site": "Own site",
}
WHOLE = {"whole_servers": "Buy whole servers", "whole_racks": "Pay for whole racks"}
BASIS = {"street": "New", "msrp": "List price", "used": "Used"}

# What belongs to one GPU and does not follow to another.
_OF_THE_GPU = tuple(name for name in CHOSEN if name not in QUESTION_INPUTS)
# Asked elsewhere on the screen.
_ASKED = {"gpus", *(name for names in SLIDERS.values() for name in names)}


def choice(scenario: Scenario) -> None:
    """Which GPU, how many, and where they would stand."""
    values = scenario.values()
    with st.container(horizontal=True, vertical_alignment="bottom", key="choice"):
        gpu(scenario)
        widgets.number_box(scenario, "gpus", "Number of GPUs", width=150)
        widgets.select("Where they would stand", "hosting", HOSTING, values["hosting"])


def gpu(scenario: Scenario) -> None:
    """Which GPU."""
    catalogue = scenario.catalogue
    names = {key: _gpu_name(catalogue, key) for key in catalogue.gpus}
    widgets.select("GPU", "gpu", names, scenario.values()["gpu"], _choose_gpu, width=280)


def questions(scenario: Scenario) -> None:
    """The two questions that decide most cases."""
    values = scenario.values()
    busy, idle = "How busy are the GPUs?", "When you rent, do you pay for idle hours?"
    with st.container(horizontal=True, key="questions"):
        widgets.pick(busy, "utilization", presets(), values["utilization"], required=False)
        widgets.pick(idle, "billing", BILLING, values["billing"], _choose_billing)
        if values["billing"] == "committed":
            widgets.pick("For how long?", "term", TERMS, values["term"])


def presets() -> dict[Any, str]:
    """How busy people say their GPUs are, by share of all hours.

    >>> presets()[0.25]
    'Office hours · 25 %'
    """
    return {
        row.value: f"{row.label} · {written(row.input, row.value)}"
        for row in load().presets
        if row.input == "utilization"
    }


def sliders(scenario: Scenario, rack: Rack | None) -> None:
    """The inputs that people try out, each with its source below it."""
    values = scenario.values()
    for group, names in SLIDERS.items():
        st.html(f"<h2 class='tco-group'>{group}</h2>")
        if "price_usd_per_gpu" in names:
            basis = values["price_basis"]
            widgets.pick("Price basis", "price_basis", BASIS, basis, _choose_basis, hidden=True)
        for name, label in names.items():
            widgets.slider(scenario, name, label, no_effect(name, values))
    if rack is not None:
        st.caption(
            f"GPUs in a full rack: {rack.gpus_per_rack} (servers: {rack.servers_per_rack}); "
            f"{rack.limit} is the limit."
        )


def more(scenario: Scenario) -> None:
    """Every other number of the model, by group; made when it is opened."""
    expander = st.expander("More inputs", key="more", on_change="rerun")
    if not expander.open:
        return
    with expander:
        with st.container(horizontal=True, key="more_flags"):
            for name, label in WHOLE.items():
                widgets.switch(scenario, name, label)
        for group, names in _others():
            st.html(f"<h3 class='tco-group'>{group}</h3>")
            with st.container(horizontal=True, key=f"more_{group}"):
                for name in names:
                    with st.container(width=250, gap="xxsmall"):
                        label = f"{INPUTS[name].meaning} [{unit(name)}]".replace(" []", "")
                        widgets.number_box(scenario, name, label, width=250)
                        widgets.footnote(scenario, name)


def no_effect(name: str, values: dict[str, Any]) -> str:
    """Why an input does not count where the GPUs stand; empty when it does.

    >>> no_effect("rack_kw", {"hosting": "colo_metered"})
    'no effect under colocation: you pay for kilowatts'
    """
    if name in ("server_units", "rack_kw") and values["hosting"] != "own_site":
        return "no effect under colocation: you pay for kilowatts"
    if name in ("pue", "electricity_usd_per_kwh") and values["hosting"] == "colo_all_in":
        return "no effect here: the colocation fee includes power and cooling"
    return ""


def _others() -> Iterator[tuple[str, list[str]]]:
    for group in GROUPS:
        numbers = [name for name, p in INPUTS.items() if p.group == group and p.numeric]
        names = [name for name in numbers if name not in _ASKED]
        if names:
            yield group, names


def _choose_gpu(name: str, key: str) -> None:
    """Another GPU brings its own price, rate, watts and host."""
    gpu = widgets.unless_default(name, st.session_state[key])
    state.change(key, **dict.fromkeys(_OF_THE_GPU), gpu=gpu)


def _choose_basis(name: str, key: str) -> None:
    basis = widgets.unless_default(name, st.session_state[key])
    state.change(key, price_basis=basis, price_usd_per_gpu=None)


def _choose_billing(_name: str, key: str) -> None:
    """Per use and always on take on-demand offers, a commitment those of its term."""
    changes: dict[str, dict[str, Any]] = {
        "per_use": {"billing": None, "term": None},
        "always_on": {"billing": "always_on", "term": None},
        "committed": {"billing": None, "term": "1yr"},
    }
    state.change(key, **changes[st.session_state[key]], commitment_months=None)


def _gpu_name(catalogue: Catalogue, key: str) -> str:
    gpu = catalogue.gpus[key]
    return f"{gpu.name} · {gpu.memory_gb:g} GB"
