"""Every other input, by group, in expanders whose titles say what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from tco.app import widgets
from tco.inputs import INPUTS
from tco.report.display import written
from tco.report.effects import no_effect
from tco.report.labels import label, labelled
from tco.scenario import Scenario


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
# What is asked for at the top of the page.
_ASKED = ("gpu", "gpus", "price_basis", "hosting", "region", "provider", "billing", "as_of")
# The values of choices, in words.
WORDS = {
    "on_demand": "on demand",
    "spot": "spot",
    "1yr": "1 year",
    "3yr": "3 years",
    "5yr": "5 years",
    "colo_metered": "colocation",
    "colo_all_in": "colocation with power",
    "own_site": "own site",
    "straight_line": "straight line",
    "declining_balance": "declining balance",
    "macrs_5": "MACRS, 5 years",
    "macrs_3": "MACRS, 3 years",
    "none": "none",
    "half_year": "half-year",
    "mid_quarter": "mid-quarter",
    "cash": "cash",
    "loan": "loan",
    "lease": "lease",
}
_SHORT = {
    "price_usd_per_gpu": "GPU price",
    "server_usd": "server",
    "resale_decline_per_year": "loss of value",
    "pue": "PUE",
    "staff_usd_per_gpu_month": "staff per GPU and month",
    "maintenance_rate_per_year": "maintenance",
    "rate_usd_per_gpu_hour": "rate per GPU-hour",
    "rate_growth_per_year": "change",
    "tax_rate": "income tax",
    "delivery_months": "delivery after",
    "refresh_months": "refresh after",
}
_NONE = {
    "delivery_months": "there at once",
    "refresh_months": "no refresh",
    "tax_rate": "before income tax",
}


def sections(scenario: Scenario, elsewhere: Iterable[str]) -> None:
    """The expanders; each is filled when it is opened. `elsewhere`: inputs that are asked above."""
    hidden = {*_ASKED, *elsewhere}
    st.html("<h2 class='tco-title'>All other inputs</h2>")
    with st.container(gap="xxsmall"):
        for section in SECTIONS:
            key = f"section_{section.title}"
            expander = st.expander(
                _steady(key, title(section, scenario)), key=key, on_change="rerun"
            )
            if expander.open:
                with expander:
                    _inputs(scenario, [name for name in inputs(section) if name not in hidden])


def inputs(section: Section) -> tuple[str, ...]:
    """The inputs of a section, in the order of the documentation."""
    return tuple(name for name, declared in INPUTS.items() if declared.group in section.groups)


def title(section: Section, scenario: Scenario) -> str:
    """What a section says before it is opened.

    >>> site = next(section for section in SECTIONS if section.title == "Site and power")
    >>> title(site, Scenario(gpu="L4", pue=1.2))
    'Site and power: colocation, $196/kW-month, PUE 1.2, 13 defaults'
    """
    values, names = scenario.values(), inputs(section)
    told = [_told(name, values) for name in section.told if not no_effect(name, values)]
    defaults = sum(name not in scenario.given for name in names)
    counted = f"{defaults} default{'' if defaults == 1 else 's'}"
    return f"{section.title}: {', '.join([*told, counted])}"


def _told(name: str, values: Mapping[str, Any]) -> str:
    value = values[name]
    if name == "colo_usd_per_kw_month":
        return f"{written(name, value)}/kW-month"
    if not INPUTS[name].numeric:
        return WORDS.get(str(value), str(value))
    if name in _NONE and not value:
        return _NONE[name]
    return f"{_SHORT.get(name, label(name).lower())} {written(name, value)}"


def _steady(key: str, text: str) -> str:
    """The title, which stays the same while its expander is open: another would close it."""
    kept = f"{key}_title"
    if not st.session_state.get(key) or kept not in st.session_state:
        st.session_state[kept] = text
    held: str = st.session_state[kept]
    return held


def _inputs(scenario: Scenario, names: Sequence[str]) -> None:
    values = scenario.values()
    with st.grid(min_column_width=250, gap="small"):
        for name in names:
            with st.container(gap="xxsmall", key=f"input_{name}"):
                _widget(scenario, name, values[name])
                widgets.footnote(scenario, name, no_effect(name, values))


def _widget(scenario: Scenario, name: str, value: Any) -> None:
    """The widget that fits the kind of an input."""
    declared = INPUTS[name]
    if declared.numeric:
        widgets.number_box(scenario, name, labelled(name), width=250)
    elif declared.kind == "flag":
        widgets.switch(scenario, name, label(name))
    elif declared.choices:
        options = {choice: WORDS.get(choice, choice) for choice in declared.choices}
        widgets.pick(label(name), name, options, value)
    else:
        widgets.text_box(scenario, name, label(name))
