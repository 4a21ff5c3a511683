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
# What is asked, and who pays for idle hours in which way of billing.
_USE, _IDLE = "Typical use", "Idle rented hours"
_PAID = {"per_use": "Not paid", "always_on": "Paid", "committed": "Committed"}
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
    """The two questions that decide most cases, each in a row of answers."""
    values = scenario.values()
    look: dict[str, Any] = {"label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", key="presets"):
        _asking(_USE)
        pick(_USE, "utilization", presets(), values["utilization"], required=False, **look)
        bill.entry(scenario)
        pages.link("work", "From my tokens")
        pages.link("fleet", "From my demand")
        _asking(_IDLE)
        pick(_IDLE, "billing", _PAID, values["billing"], lambda way: _BILLED.get(way, {}), **look)
        if "term" in asked(scenario):
            terms = {one: INPUTS["term"].word(one) for one in ("1yr", "3yr", "5yr")}
            pick(INPUTS["term"].question, "term", terms, values["term"], **look)


def _asking(text: str) -> None:
    """What a row of answers is about; the answers themselves say it to a screen reader."""
    st.html(f"<p class='tco-ask' aria-hidden='true'>{text}</p>", width="content")


def presets() -> dict[Any, str]:
    """How busy people say their GPUs are, by share of all hours.

    >>> presets()[0.25]
    'Office 25 %'
    """
    return {
        row.value: f"{row.label} {INPUTS[row.input].written(row.value)}"
        for row in load().presets
        if row.input == "utilization"
    }
