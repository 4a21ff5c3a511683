"""The Decide page: is it cheaper to rent or to buy."""

from __future__ import annotations

import streamlit as st

from tco.app import controls, market, notes, odds, panels, state
from tco.app.link import changed_defaults
from tco.report.decision import decide


def page() -> None:
    """Verdict, questions and curves beside the inputs."""
    scenario = state.scenario()
    decision = decide(scenario)
    shown = state.last_valid(decision)
    panels.heading(scenario, "Rent GPUs or buy them?")
    notes.prices_in_use(scenario, market.trouble())
    notes.remarks(state.remarks(), "Parts of this link were not used:")
    notes.remarks(changed_defaults(scenario), _older(decision.as_of))
    results, inputs = st.columns([1.85, 1], gap="large")
    with results:
        controls.choice(scenario)
        panels.verdict(decision)
        odds.odds(decision)
        controls.questions(scenario)
        with panels.stale(decision):
            panels.cost_curves(shown)
            panels.break_even_rates(shown)
    with inputs:
        controls.sliders(scenario, decision.rack)
    panels.sticker(shown)
    controls.more(scenario)
    panels.not_counted()
    panels.sources(scenario)
    panels.downloads(decision)


def _older(as_of: str) -> str:
    return f"This link holds the data of {as_of}. Defaults that have changed since:"
