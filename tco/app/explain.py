"""How each headline number is computed: formula, inputs, sources."""

from __future__ import annotations

import html

import streamlit as st

from tco.app import odds
from tco.report.decision import Decision
from tco.report.formulas import cited_inputs, formulas


def explain(decision: Decision) -> None:
    """Formula, inputs and sources of every headline number; made when it is opened."""
    expander = st.expander("How this is computed", key="explained", on_change="rerun")
    if not expander.open or decision.answer is None or decision.fair_rate is None:
        return
    found, _ = odds.known(decision.scenario)
    items = "".join(
        f"<dt>{html.escape(f'{formula.title}: {formula.value}')}</dt>"
        f"<dd>{html.escape(formula.words)}</dd>"
        f"<dd>{html.escape(cited_inputs(decision.scenario, formula.inputs))}</dd>"
        for formula in formulas(decision.answer, found)
    )
    expander.html(f"<dl class='tco-facts'>{items}</dl>")
