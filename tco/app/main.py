"""The Decide screen: is it cheaper to rent or to buy."""

from __future__ import annotations

import logging

import streamlit as st

from tco.app import controls, panels, state, style
from tco.app.link import changed_defaults
from tco.report.decision import decide

_log = logging.getLogger(__name__)


def main() -> None:
    """One run of the page; an error of ours shows one sentence and no more."""
    st.set_page_config(page_title="Rent GPUs or buy them?", page_icon="⚖️", layout="wide")
    style.apply()
    try:
        _page()
    except Exception:
        _log.exception("the page failed")
        st.error("This is our fault. Your inputs are in the link.")


def _page() -> None:
    state.apply_changes()
    state.read_link()
    state.write_link()
    scenario = state.scenario()
    decision = decide(scenario)
    shown = state.last_valid(decision)
    panels.heading(scenario)
    panels.remarks(state.remarks(), "Parts of this link were not used:")
    panels.remarks(changed_defaults(scenario), _older(decision.as_of))
    results, inputs = st.columns([1.85, 1], gap="large")
    with results:
        controls.choice(scenario)
        panels.verdict(decision)
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


if __name__ == "__main__":
    main()
