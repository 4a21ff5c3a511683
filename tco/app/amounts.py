"""In which currency amounts are shown: a switch on every page, and where its rate is entered.

The model computes in USD: with the switch no input but the currency and its rate changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from tco.app import bound, state, typed
from tco.app.panels import maybe, plain
from tco.app.widgets import refusal
from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.inputs.clock import today
from tco.report.exchange import offered
from tco.report.strip import converted_markup
from tco.scenario import Scenario
from tco.words import currencies

INPUTS_OF_IT = ("currency", "fx_rate", "fx_as_of")
_LABEL, _OTHER = "Amounts in", "other_currency"
_LONGEST, _WIDE = 12, 250


def switch(scenario: Scenario) -> None:
    """Between USD and the other currency, once there is one; where its rate is entered; and it."""
    now, other = scenario.conversion, _other(scenario)
    with st.container(key="amounts", horizontal=True, vertical_alignment="center"):
        st.html(converted_markup(scenario))
        with maybe(width="content"):
            if other:
                bound.widget(
                    "segmented_control",
                    _LABEL,
                    "amounts",
                    now.currency if now else currencies.USD,
                    INPUTS_OF_IT,
                    partial(_taken, other),
                    options=[currencies.USD, other["currency"]],
                    required=True,
                    label_visibility="collapsed",
                )
        opener = "Rate" if other else f"{_LABEL} {currencies.USD}"
        with st.popover(opener, key="amounts_rate"):
            _rate(scenario)


def _other(scenario: Scenario) -> dict[str, Any]:
    """The other currency and its rate, as given: now or, in this session, last; or nothing."""
    if scenario.conversion:
        state.keep(_OTHER, {name: scenario.given.get(name) for name in INPUTS_OF_IT})
    found: dict[str, Any] = state.kept(_OTHER, {})
    return found


def _taken(other: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What choosing a currency changes; the rate of the other one stays in the session."""
    return dict.fromkeys(INPUTS_OF_IT) if currency == currencies.USD else dict(other)


def _rate(scenario: Scenario) -> None:
    """The dated rates of the data, to be confirmed, and a form for any other."""
    for one in offered(scenario):
        given = {"currency": one.currency, "fx_rate": one.fx_rate, "fx_as_of": one.fx_as_of}
        use: bound.Act = partial(dict, given)
        bound.button(f"Show amounts in {one.currency}", f"use_{one.currency}", use, INPUTS_OF_IT)
        st.caption(plain(f"{one.words}."))
    known = _other(scenario)
    with st.form("amounts_form", border=False):
        for name, label, first in (
            ("currency", "Another currency (ISO code)", known.get("currency", "")),
            ("fx_rate", "Units of it for 1 USD", typed.written(known.get("fx_rate"))),
            ("fx_as_of", "Date of the rate (today if empty)", known.get("fx_as_of")),
        ):
            hint = "YYYY-MM-DD" if name == "fx_as_of" else typed.PLACEHOLDER
            look = {"max_chars": _LONGEST, "width": _WIDE, "placeholder": hint}
            bound.own("text_input", label, _place(name), first or "", **look)
            refusal(name)
        bound.submit("Show amounts in it", "amounts_form", _entered, INPUTS_OF_IT)


def _entered() -> dict[str, Any]:
    """The currency, rate and day that were typed; InputError where one is lacking."""
    currency, rate, day = (bound.typed(_place(name)) for name in INPUTS_OF_IT)
    code = (currency or "").strip()
    if code.upper() in ("", currencies.USD):
        raise InputError([Problem("currency", f"currency: {INPUTS['currency'].meaning}")])
    units = typed.number("fx_rate", rate)
    if units is None:
        raise InputError([Problem("fx_rate", f"fx_rate: {INPUTS['fx_rate'].meaning}")])
    return {"currency": code, "fx_rate": units, "fx_as_of": (day or "").strip() or today()}


def _place(name: str) -> str:
    return f"amounts_{name}"
