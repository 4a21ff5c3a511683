"""How sure the verdict is: the chance that buying wins, under the verdict itself."""

from __future__ import annotations

import html
from functools import lru_cache

import streamlit as st

from tco.analysis.simulation import Simulation
from tco.analysis.uncertainty import simulate
from tco.app.text import plain
from tco.errors import TcoError
from tco.report.decision import Decision
from tco.report.display import written
from tco.report.sentences import check_first
from tco.report.strength import verdict
from tco.scenario import Scenario


@lru_cache(maxsize=256)
def simulated(scenario: Scenario) -> Simulation:
    """The odds of a scenario; the same object for the same scenario."""
    return simulate(scenario)


def odds(decision: Decision) -> None:
    """The strength of the verdict, the chance behind it, and what to check first."""
    answer = decision.answer
    if answer is None or decision.problems or decision.fair_rate is None:
        return
    try:
        found = simulated(decision.scenario)
    except TcoError as unknown:
        st.caption(plain(f"No odds: {unknown}"))
        return
    head, _, how_much, *_ = verdict(answer, found)
    chance = written("utilization", round(found.chance, 2))
    asked = check_first(found.check_first) if found.check_first else ""
    first = "" if not asked or asked in how_much else f" {asked}."
    st.html(
        f"<p class='tco-odds'><b>{html.escape(head)}</b> Buying is cheaper in {chance} of "
        f"{found.draws:,} simulated futures. {html.escape(how_much)}{html.escape(first)}</p>"
    )
