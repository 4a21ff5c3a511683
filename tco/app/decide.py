"""The Decide page: is it cheaper to rent or to buy."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from tco.app import (
    controls,
    explain,
    handover,
    levers,
    market,
    notes,
    panels,
    sections,
    state,
    verdict,
)
from tco.app.link import changed_defaults
from tco.app.pages import TITLES
from tco.report.decision import Decision, decide
from tco.report.influence import ResponseCurve, response_curves
from tco.scenario import Scenario


def page() -> None:
    """Verdict, questions and curves, then every other input and how the numbers come about."""
    st.html(_STYLE)
    scenario = state.scenario()
    decision = _decided(scenario)
    shown = state.last_valid(decision)
    _top(scenario)
    notes.prices_in_use(scenario, market.trouble())
    notes.remarks(state.remarks(), "Parts of this link were not used:")
    notes.remarks(changed_defaults(scenario), _older(decision.as_of))
    notes.remarks(decision.problems, _PROBLEM)
    with panels.stale(decision):
        verdict.show(shown, _curves(shown.scenario))
    controls.questions(scenario)
    with panels.stale(decision, "curves"):
        panels.cost_curves(shown)
    levers.levers(scenario, _curves(scenario), bool(decision.problems) or state.is_refusing())
    panels.rack(decision)
    sections.sections(scenario, levers.names(scenario))
    with panels.stale(decision, "honest"):
        panels.sticker(shown)
    panels.not_counted(scenario)
    explain.explain(shown)
    panels.sources(scenario)


_STYLE = """<style>
.tco-dots {letter-spacing: .08em; white-space: nowrap; font-size: .9em;}
.tco-curve {display: block; border-bottom: 1px solid var(--tco-rule);}
[class*="st-key-stale_"] {filter: grayscale(1); opacity: .8;}
.st-key-top {gap: .4rem .7rem;}
.st-key-top [data-testid="stPopover"] button {min-height: 2rem; padding: .1rem .6rem;}
@media (max-width: 480px) {.tco-odds {font-size: .9rem;}}
</style>"""
_REPORT = "report"
_PROBLEM = "These inputs do not go together; below are the last ones that did:"


@lru_cache(maxsize=256)
def _decided(scenario: Scenario) -> Decision:
    return decide(scenario)


@lru_cache(maxsize=256)
def _curves(scenario: Scenario) -> dict[str, ResponseCurve]:
    return response_curves(scenario, levers.names(scenario))


def _top(scenario: Scenario) -> None:
    """The question, the three choices that it is about, and the way to hand it on."""
    with st.container(horizontal=True, vertical_alignment="center", key="top"):
        st.html("<h1 class='tco-title'>Rent or buy?</h1>", width="content")
        controls.choices(scenario)
        panels.beginnings(scenario)
        report = st.Page(handover.page, title=TITLES[_REPORT], url_path=_REPORT)
        st.page_link(report, label="Share · Export")


def _older(as_of: str) -> str:
    return f"This link holds the data of {as_of}. Defaults that have changed since:"
