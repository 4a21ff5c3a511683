"""The scenario of a session: read from the link, changed by widgets, written back once a commit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from tco.app.link import decode, encode
from tco.errors import InputError
from tco.report.decision import Decision
from tco.scenario import Scenario

_SCENARIO, _SEEN, _EDITED = "scenario", "seen_link", "edited"
_REMARKS, _REFUSED, _VALID = "remarks", "refused", "valid"


def read_link() -> None:
    """Take over the link when it changed from outside: on opening, and by Back and Forward.

    A run that a widget started may still carry the link of the run before it: it is not read.
    """
    link = st.query_params.to_dict()
    if _EDITED in st.session_state or st.session_state.get(_SEEN) == link:
        return
    opened = decode(link)
    st.session_state[_SCENARIO] = opened.scenario
    st.session_state[_REMARKS] = opened.remarks
    st.session_state[_SEEN] = link
    st.session_state[_REFUSED] = {}


def write_link() -> None:
    """Put the scenario into the link after a change by a widget: one entry of the history."""
    if not st.session_state.pop(_EDITED, False):
        return
    link = encode(scenario())
    if link != st.session_state[_SEEN]:
        st.query_params.from_dict(link)
        st.session_state[_SEEN] = link


def scenario() -> Scenario:
    """The scenario on the screen."""
    current: Scenario = st.session_state[_SCENARIO]
    return current


def remarks() -> tuple[str, ...]:
    """What of the link was not used, as plain text of others: show it as text only."""
    found: tuple[str, ...] = st.session_state[_REMARKS]
    return found


def refusal(name: str) -> str:
    """Why the last value typed for an input was not taken; empty when it was."""
    return str(st.session_state[_REFUSED].get(name, ""))


def change(**inputs: Any) -> None:
    """Change inputs (None: back to the default), or keep the last valid ones and say why."""
    st.session_state[_REFUSED] = {}
    st.session_state[_EDITED] = True
    try:
        st.session_state[_SCENARIO] = replace(scenario(), **inputs)
    except InputError as wrong:
        st.session_state[_REFUSED] = {p.input: p.message for p in wrong.problems}
        return
    st.session_state[_REMARKS] = ()


def reset() -> None:
    """Back to the example: every input at its default."""
    change(**dict.fromkeys(scenario().given))


def last_valid(decision: Decision) -> Decision:
    """The decision itself or, while its inputs do not go together, the last one that did."""
    if not decision.problems:
        st.session_state[_VALID] = decision
    valid: Decision = st.session_state.get(_VALID, decision)
    return valid


def hold(key: str, value: Any) -> None:
    """Make a widget show a value, unless it does already."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
