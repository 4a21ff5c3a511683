"""What is kept between runs: the scenario of a session, its prices, and the facts for everybody.

The scenario is read from the link, changed by widgets, and written back once a commit. Its prices
are the shipped data or, on request, a price store or a file on top of it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st

from tco.errors import DataError, InputError
from tco.market.catalogue import Catalogue, load
from tco.market.price_sources import SHIPPED, STORE, catalogue_of
from tco.market.store import PriceStore
from tco.report.facts import Facts, facts_of
from tco.scenario import Scenario
from tco.scenario.link import decode, encode, usable, view_of

ENVIRONMENT = "TCO_PRICES"
_session = st.session_state


def settle() -> None:
    """Bring together the prices in use, what widgets asked for, and the link; before navigation.

    Prices that cannot be read are left out: see `trouble`.
    """
    try:
        _settle(catalogue_of(_prices_asked()))
        _session.trouble = ""
    except DataError as wrong:
        _settle(load())
        _session.trouble = str(wrong)


def _settle(catalogue: Catalogue) -> None:
    if "scenario" in _session and scenario().catalogue is not catalogue:
        # The same inputs on the present data; what it does not know is dropped with a remark.
        _session.scenario, remarks = usable(scenario().given_and_lines, catalogue)
        _session.remarks = tuple(remarks)
    _apply_changes()
    # Whether this run is the first of another page: the address names the page to be shown.
    is_moved = _session.get("page") not in (None, st.context.url)
    _read_link(catalogue, is_moved)
    scenario().resolved()
    _write_link(is_moved)


def _read_link(catalogue: Catalogue, is_moved: bool) -> None:
    """Take over the link when it changed from outside: on opening, and by Back and Forward.

    A run that a widget started may still carry the link of the run before it: it is not read. Nor
    is the empty link with which the navigation opens another page.
    """
    link = st.query_params.to_dict()
    if "edited" in _session or _session.get("seen_link") == link or (is_moved and not link):
        return
    opened = decode(link, catalogue)
    _session.scenario, _session.remarks = opened.scenario, opened.remarks
    _session.seen_link, _session.view, _session.refused = link, view_of(link), {}


def _write_link(is_moved: bool) -> None:
    """Put the scenario into the link when a widget, the page or the data changed it.

    A change is one entry of the browser's history. A page has the link before it is shown, so that
    the way to it is one entry too. What a slider passes on its way stands in no link.
    """
    is_sliding = _session.pop("sliding", False)
    _session.page = st.context.url
    if is_sliding and not is_moved:
        _session.pop("edited", None)
        return
    is_edited, is_dropped = _session.pop("edited", False), is_moved and not st.query_params
    is_new = is_edited or scenario().prices is not None
    link = encode(scenario()) | _session.view if is_new else _session.seen_link
    if is_dropped or link != _session.seen_link:
        st.query_params.from_dict(link)
        _session.seen_link = link


def scenario() -> Scenario:
    """The scenario on the screen."""
    current: Scenario = _session.scenario
    return current


def remarks() -> tuple[str, ...]:
    """What of the link was not used, as plain text of others: show it as text only."""
    return tuple(_session.remarks)


def refusal(name: str) -> str:
    """Why the last value typed for an input was not taken; empty when it was."""
    return str(_session.refused.get(name, ""))


def refuse(name: str, message: str) -> None:
    """Say why a value typed for an input is not taken."""
    _session.refused = {name: message}


def is_refusing() -> bool:
    """Whether the last value typed was not taken."""
    return bool(_session.refused)


def change(key: str = "", is_live: bool = False, /, **inputs: Any) -> None:
    """Ask for other inputs (None: back to the default), on behalf of a widget.

    `is_live`: the hand is still on the slider; the link waits until it lets go.
    """
    _session.setdefault("changes", []).append((key, inputs))
    _session.sliding = is_live and _session.get("sliding", True)


def view(name: str) -> str | None:
    """What the link says of how a page looks, as text of anybody; None where it says nothing."""
    found: str | None = _session.view.get(name)
    return found


def keep_view(name: str, text: str) -> None:
    """Put what a page looks like into the link."""
    _session.view[name] = text
    _session.edited = True


def _apply_changes() -> None:
    """Make the changes that widgets asked for since the last run.

    A browser that has not yet heard of a value which this side gave to one widget still sends the
    old one along when another widget moves. That echo is no wish of anybody.
    """
    changes, before = _session.pop("changes", []), _session.get("before", {})
    is_alone = len(changes) == 1
    for key, inputs in changes:
        if not is_alone and key in before and before[key] == _session.get(key):
            continue
        _session.edited, _session.refused = True, {}
        try:
            _session.scenario, _session.remarks = replace(scenario(), **inputs), ()
        except InputError as wrong:  # the last valid scenario stays
            _session.refused = {p.input: p.message for p in wrong.problems}


def reset() -> None:
    """Back to the example: every input at its default."""
    change("", **dict.fromkeys(scenario().given_and_lines))


def last_valid() -> Facts:
    """The facts of the scenario or, while its inputs do not go together, the last that did."""
    now = facts(scenario())
    if not now.problems:
        _session.valid = now
    valid: Facts = _session.get("valid", now)
    return valid


def hold(key: str, value: Any) -> None:
    """Make a widget show a value, unless it does already; the value before may come as an echo."""
    if key not in _session or _session[key] != value:
        if key in _session:
            _session.setdefault("before", {})[key] = _session[key]
        _session[key] = value


def trouble() -> str:
    """Why the prices that were asked for are not used; empty when they are."""
    return str(_session.trouble)


def has_price_file() -> bool:
    """Whether the prices asked for are a file, to which nothing can be added."""
    return _prices_asked().endswith(".csv")


def price_store() -> PriceStore | None:
    """The price store that was asked for, whether it exists or not; None without one."""
    asked = _prices_asked()
    if asked == SHIPPED or has_price_file():
        return None
    try:
        return PriceStore(None if asked == STORE else asked)
    except DataError:
        return None


def _prices_asked() -> str:
    return os.environ.get(ENVIRONMENT) or SHIPPED


@lru_cache(maxsize=256)
def facts(scenario: Scenario) -> Facts:
    """What there is to say about a scenario; the same object for the same one, whoever asks."""
    return facts_of(scenario)
