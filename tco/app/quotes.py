"""Your own quotes: typed in here, kept in the price store, used while they are valid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from tco.app import market
from tco.app.text import plain
from tco.errors import DataError, InputError, Problem
from tco.inputs import INPUTS
from tco.market.choice import FRESH_DAYS
from tco.market.importers import by_hand
from tco.market.observed import Batch
from tco.market.records import ANY_REGION
from tco.report.display import domain, unit
from tco.report.market_tables import quotes_frame
from tco.scenario import Scenario

PURCHASE, RENTAL = "price_usd_per_gpu", "rate_usd_per_gpu_hour"
_TABS = {PURCHASE: "Purchase quote", RENTAL: "Rental quote"}
_FIELDS = {
    PURCHASE: (PURCHASE, "valid_until", "note"),
    RENTAL: (RENTAL, "provider", "region", "term", "valid_until", "note"),
}
_WRONG, _DONE = "quote_problems", "quote_added"
_LONGEST = 200
_HOW = (
    "Quotes of your own are kept in a price store, which only you read. Make one with "
    "`tco prices add`, then start the app with `tco app --prices store`."
)
_HOW_FILE = "The prices in use are a file. "


def section(scenario: Scenario) -> None:
    """The quotes for this GPU and a form for another, or how to have one."""
    gpu = scenario.values()["gpu"]
    st.html("<h2 class='tco-title'>Your own quotes</h2>")
    frame = quotes_frame(scenario)
    if not frame.empty:
        st.dataframe(frame, hide_index=True, alt="Your quotes for this GPU, and which is used")
    if market.store() is None:
        st.markdown(f"{_HOW_FILE if market.is_file() else ''}{_HOW}")
        return
    if done := st.session_state.pop(_DONE, ""):
        st.success(plain(_said(scenario, done)))
    for kind, tab in zip(_TABS, st.tabs(list(_TABS.values())), strict=True):
        with tab, st.form(f"form_{kind}", enter_to_submit=False):
            st.markdown(plain(f"A quote for one {gpu}, of today."))
            _fields(kind, scenario)
            for message in _problems(kind).values():
                _refusal(message)
            st.form_submit_button(
                "Add the quote", on_click=_add, args=(kind, gpu), key=f"add_{kind}"
            )


def _said(scenario: Scenario, name: str) -> str:
    """What became of a quote that was added."""
    entry = scenario.resolved()[name]
    if entry.status == "yours" and name not in scenario.given:
        return "The quote is kept, and used from now on while it is valid."
    why = {
        name: "you gave the value itself",
        "price_basis": "you chose a price basis",
        "provider": "you chose a provider",
        "as_of": "the link asks for the data of another day",
    }
    reason = next((said for given, said in why.items() if given in scenario.given), "")
    return f"The quote is kept, but not used here: {reason or 'it is for another term or region'}."


def _fields(kind: str, scenario: Scenario) -> None:
    low, high = domain(kind)
    label = f"Price you were quoted [{unit(kind)}]"
    st.number_input(label, low, high, value=None, key=_key(kind, kind), placeholder="type one")
    _refused(kind, kind)
    if kind == RENTAL:
        terms = INPUTS["term"].choices
        now = terms.index(scenario.values()["term"])
        st.text_input("Provider", max_chars=_LONGEST, key=_key(kind, "provider"))
        _refused(kind, "provider")
        st.text_input("Region, or any", ANY_REGION, _LONGEST, key=_key(kind, "region"))
        _refused(kind, "region")
        st.selectbox("Term", terms, now, key=_key(kind, "term"))
        _refused(kind, "term")
    until = f"Valid until ({FRESH_DAYS} days if empty)"
    st.date_input(until, value=None, format="YYYY-MM-DD", key=_key(kind, "valid_until"))
    _refused(kind, "valid_until")
    st.text_input("Note: from whom, for how many", max_chars=_LONGEST, key=_key(kind, "note"))


def _add(kind: str, gpu: str) -> None:
    """Keep a quote, or say what is wrong with it; what was typed stays until it is kept."""
    typed = {name: st.session_state.get(_key(kind, name)) for name in _FIELDS[kind]}
    store = market.store()
    try:
        if typed[kind] is None:
            raise InputError([Problem(kind, f"{kind} is missing: {INPUTS[kind].meaning}")])
        if store is not None:
            store.add(_batch(kind, gpu, typed))
    except InputError as wrong:
        st.session_state[_WRONG] = {kind: {p.input: p.message for p in wrong.problems}}
        return
    except DataError as wrong:
        st.session_state[_WRONG] = {kind: {"store": str(wrong)}}
        return
    st.session_state.pop(_WRONG, None)
    st.session_state[_DONE] = kind
    for name in _FIELDS[kind]:
        st.session_state.pop(_key(kind, name), None)


def _batch(kind: str, gpu: str, typed: dict[str, Any]) -> Batch:
    said = {name: _text(value) for name, value in typed.items() if name != kind}
    said |= {"as_of": _today(), "note": said["note"] or ""}
    make: Callable[..., Batch] = by_hand.purchase if kind == PURCHASE else by_hand.rental
    return make(gpu, typed[kind], **said)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _key(kind: str, name: str) -> str:
    return f"quote_{kind}_{name}"


def _problems(kind: str) -> dict[str, str]:
    """What is wrong and has not been said beside its field."""
    found: dict[str, str] = st.session_state.get(_WRONG, {}).get(kind, {})
    return {name: text for name, text in found.items() if name not in _FIELDS[kind]}


def _refused(kind: str, name: str) -> None:
    if message := st.session_state.get(_WRONG, {}).get(kind, {}).get(name):
        _refusal(message)


def _refusal(message: str) -> None:
    st.markdown(f":red[{plain(message)}]")
