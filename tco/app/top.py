"""The first rows of the Decide page: what is compared, typical uses, idle hours."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tco.app import bill, pages, panels
from tco.app.widgets import ask, footnote, gpu, number_box, pick, refusal, select
from tco.inputs import INPUTS, PRICE
from tco.market.catalogue import load
from tco.report.option_tables import standing
from tco.scenario import Scenario
from tco.words.figures import period

_ASKED = ("gpu", "gpus", "price_basis", "site", "hosting", "region", "provider", "billing", "as_of")
# Per use and always on take on-demand offers, a commitment those of its term.
_BILLED: dict[str, dict[str, Any]] = {
    "per_use": {"billing": None, "term": None, "commitment_months": None},
    "always_on": {"billing": "always_on", "term": None, "commitment_months": None},
    "committed": {"billing": None, "term": "1yr", "commitment_months": None},
}


def rows(scenario: Scenario) -> None:
    """The title with its three choices and the way to the report, then the typical uses."""
    with st.container(horizontal=True, vertical_alignment="center", key="top"):
        st.html("<h1 class='tco-title'>Rent or buy?</h1>", width="content")
        _hardware(scenario)
        _place(scenario)
        _years(scenario)
        panels.beginnings(scenario)
        pages.link("report", "Share · Export")
    _presets(scenario)


def _hardware(scenario: Scenario) -> None:
    """Which GPUs, how many, and at what price."""
    values = scenario.values()
    with st.popover(f"{values['gpus']:,} × {values['gpu']}", key="choice_gpu"):
        gpu(scenario)
        number_box(scenario, "gpus", INPUTS["gpus"].label, width=150)
        refusal("gpus")
        ask(scenario, "price_basis")
        number_box(scenario, PRICE, INPUTS[PRICE].labeled, width=150, place="choice")
        footnote(scenario, PRICE)


def _place(scenario: Scenario) -> None:
    """Where owned hardware stands, and where GPUs would be rented."""
    values = scenario.values()
    with st.popover(f"{standing(values, is_short=True)}, {values['region']}", key="choice_place"):
        ask(scenario, "site")
        ask(scenario, "hosting")
        known = {"region": scenario.catalogue.regions, "provider": scenario.catalogue.renting}
        for name, keys in known.items():
            select(INPUTS[name].question, name, {key: key for key in sorted(keys)}, values[name])


def _years(scenario: Scenario) -> None:
    """For how long."""
    with st.popover(period(scenario.values()["horizon_months"]), key="choice_years"):
        kept = INPUTS["horizon_months"].labeled
        number_box(scenario, "horizon_months", kept, width=150, place="choice")
        refusal("horizon_months")


def asked(scenario: Scenario) -> tuple[str, ...]:
    """The inputs that these rows ask for: no other widget of a page does."""
    is_committed = scenario.values()["billing"] == "committed"
    return (*_ASKED, "term") if is_committed else _ASKED


def _presets(scenario: Scenario) -> None:
    """The two questions that decide most cases."""
    values = scenario.values()
    busy = INPUTS["utilization"].question
    with st.container(horizontal=True, key="presets"):
        pick(busy, "utilization", presets(), values["utilization"], required=False)
        bill.entry(scenario)
        ask(scenario, "billing", lambda way: _BILLED.get(way, {}))
        if "term" in asked(scenario):
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
