"""Who knows the monthly bill need not know the utilization: the one is read from the other."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from tco.analysis.fleet_task import FILE, FleetTask
from tco.app import bound, pages, state, typed
from tco.app.panels import plain
from tco.app.widgets import refusal, unless_default
from tco.model.bill import BILL
from tco.report.bill import bill, utilization
from tco.scenario import Scenario
from tco.scenario.link import FLEET

_CENTS = 2


def entry(scenario: Scenario) -> None:
    """A popover in which a bill is typed that becomes the utilization, with what that means."""
    found = bill(scenario)
    with st.popover("From my bill", key="choice_bill"):
        if found.amount is not None:
            bound.widget(
                "text_input",
                f"Bill for these GPUs, compute only [{found.declared.unit}]",
                "bill",
                typed.written(found.amount, _CENTS),
                ("utilization",),
                partial(_told, found.declared),
                meaning=partial(typed.same, BILL.name, decimals=_CENTS, declared=found.declared),
                placeholder=typed.PLACEHOLDER,
                width=340,
            )
        refusal(BILL.name)
        st.caption(plain(found.words))
        whole = {FLEET: FleetTask(FILE).text}
        pages.link("fleet", "Read the whole bill from a file", state.link_to(scenario, whole))


def _told(declared: Any, text: Any) -> dict[str, Any]:
    """What a bill that was typed changes; InputError for one that cannot be."""
    paid = typed.number(BILL.name, text, declared)
    if paid is None:
        return {"utilization": None}
    return {"utilization": unless_default("utilization", utilization(state.scenario(), paid))}
