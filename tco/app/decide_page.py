"""The Decide page: is it cheaper to rent or to buy, and what turns the answer."""

from __future__ import annotations

import streamlit as st

from tco.app import deck, panels, state, top, why
from tco.inputs.labels import in_labels
from tco.scenario.link import changed_defaults


def page() -> None:
    """What is compared, the answer, what turns it, and below that everything else."""
    scenario = state.scenario()
    now, shown = state.facts(scenario), state.last_valid()
    top.rows(scenario)
    panels.beforehand(scenario)
    with st.container(key="problems"):
        older = f"This link uses data as of {now.as_of}. Defaults that have changed since:"
        panels.remarks(map(in_labels, changed_defaults(scenario)), older)
        panels.problems(now.problems)
    deck.answer(now, shown)
    deck.board(scenario, now, shown)
    why.below(scenario, now, shown)
