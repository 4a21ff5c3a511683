"""Every input that has no slider, by group, in expanders whose titles say what is in them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from tco.app import bound, panels, state, top, widgets
from tco.inputs import DECLINE, INPUTS
from tco.inputs.effects import no_effect
from tco.scenario import Scenario
from tco.words import currencies
from tco.words.figures import counted


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
    Section("Accounting", ("accounting",), ("book_life_years",)),
    Section("Delivery and refresh", ("replacement",), ("delivery_months", "refresh_months")),
)


def sections(scenario: Scenario, elsewhere: Iterable[str]) -> None:
    """The expanders; each is filled when it is opened. `elsewhere`: inputs that are asked above."""
    values = scenario.values()
    sliding = (name for name in elsewhere if not no_effect(name, values))
    hidden = {*top.asked(scenario), *sliding}
    panels.title("All other inputs")
    with st.container(gap="xxsmall"):
        for section in SECTIONS:
            key = f"section_{section.title}"
            # The title stays the same while its expander is open: another would close it. What is
            # in another currency is another.
            titles: dict[tuple[str, str], str] = state.kept("titles", {})
            told = (key, currencies.code())
            if not st.session_state.get(key) or told not in titles:
                titles[told] = title(section, scenario, hidden)
            expander = st.expander(titles[told], key=key, on_change="rerun")
            if expander.open:
                with expander, st.grid(min_column_width=250, gap="small"):
                    for name in inputs(section):
                        if name in hidden:
                            panels.maybe()  # those after it keep their places when it comes
                        else:
                            _input(scenario, name)


def inputs(section: Section) -> tuple[str, ...]:
    """The inputs of a section, in the order of the documentation."""
    return tuple(name for name, declared in INPUTS.items() if declared.group in section.groups)


def title(section: Section, scenario: Scenario, hidden: Container[str] = ()) -> str:
    """What a section says before it is opened: some values, and how many inputs are defaults.

    `hidden` are inputs that it does not show.

    >>> site = next(section for section in SECTIONS if section.title == "Site and power")
    >>> title(site, Scenario(gpu="L4", pue=1.2))
    'Site and power: colocation, $196/kW-month, PUE 1.2, 18 defaults'
    """
    values, names = scenario.values(), inputs(section)
    told = [_told(name, values) for name in section.told if not no_effect(name, values)]
    shown = [name for name in names if name not in hidden]
    defaults = sum(name not in scenario.given for name in shown)
    return f"{section.title}: {', '.join([*told, counted(defaults, 'default')])}"


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
