"""The choices on the screen, in the words people use for them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tco.app import state, widgets
from tco.market.catalogue import Catalogue, load
from tco.report.display import written
from tco.report.gpu_tables import OF_THE_GPU
from tco.report.labels import labelled
from tco.scenario import Scenario
from tco.words import period

BILLING = {"per_use": "No", "always_on": "Yes, always on", "committed": "Committed"}
TERMS = {"1yr": "1 year", "3yr": "3 years", "5yr": "5 years"}
HOSTING = {
    "colo_metered": "Colocation, power metered",
    "colo_all_in": "Colocation, power included",
    "own_site": "Own site",
}
# The same, as short as a button has room for.
_PLACES = {
    "colo_metered": "colocation",
    "colo_all_in": "colocation, all in",
    "own_site": "own site",
}
BASIS = {"street": "New", "msrp": "List price", "used": "Used"}


def choices(scenario: Scenario) -> None:
    """Which GPUs, where and for how long: three buttons that say it and open to change it."""
    values = scenario.values()
    label = f"{values['gpus']:,} × {values['gpu']}"
    with st.popover(label, key="choice_gpu"):
        gpu(scenario)
        widgets.number_box(scenario, "gpus", "Number of GPUs", width=150)
        widgets.refusal("gpus")
        widgets.pick("Price basis", "price_basis", BASIS, values["price_basis"], _choose_basis)
        price = labelled("price_usd_per_gpu")
        widgets.number_box(scenario, "price_usd_per_gpu", price, width=150, place="choice")
        widgets.footnote(scenario, "price_usd_per_gpu")
    with st.popover(f"{_PLACES[values['hosting']]}, {values['region']}", key="choice_place"):
        widgets.pick("Where they would stand", "hosting", HOSTING, values["hosting"])
        regions = {key: key for key in sorted(scenario.catalogue.regions)}
        widgets.select("Where you would rent", "region", regions, values["region"])
        providers = {key: key for key in sorted(scenario.catalogue.renting)}
        widgets.select("From whom", "provider", providers, values["provider"])
    with st.popover(period(values["horizon_months"]), key="choice_years"):
        kept = labelled("horizon_months")
        widgets.number_box(scenario, "horizon_months", kept, width=150, place="choice")
        widgets.refusal("horizon_months")


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


def _choose_gpu(name: str, key: str) -> None:
    """Another GPU brings its own price, rate, watts and host, as where GPUs stand side by side."""
    gpu = widgets.unless_default(name, st.session_state[key])
    state.change(key, **dict.fromkeys(OF_THE_GPU), gpu=gpu)


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
