"""What is kept between runs: the scenario of a session, its prices, and the facts for everybody.

The scenario is read from the link, changed by widgets, and written back once a commit. Its prices
are the shipped data with a price store or a file on top of it: on request or, where this machine
alone is served, its user's own store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache, wraps
from importlib.util import find_spec
from typing import Any, NamedTuple, ParamSpec, TypeVar

import streamlit as st

from tco.analysis.fleet_task import FIELDS as FLEET_FIELDS
from tco.analysis.fleet_task import FleetTask
from tco.analysis.fleet_task import read as read_fleet
from tco.app.guard import serves_this_machine
from tco.errors import DataError, InputError
from tco.inputs.labels import in_labels
from tco.market.catalogue import Catalogue, load
from tco.market.policy import catalogue_under
from tco.market.price_sources import SHIPPED, STORE, catalogue_of, data_of, is_table
from tco.market.store import PriceStore
from tco.report.facts import Facts, facts_of
from tco.scenario import Scenario, allowed
from tco.scenario.link import FLEET, WORK, decode, encode, usable, view_of
from tco.words.currencies import shown_in
from tco.workload.task import FIELDS as TASK_FIELDS
from tco.workload.task import Task
from tco.workload.task import read as read_task


class _Beside(NamedTuple):
    """What is asked beside a scenario: its fields, the one that stands for all, how it is read."""

    fields: frozenset[str]
    first: str
    read: Callable[[str], tuple[Any, tuple[str, ...]]]


_BESIDE = {
    WORK: _Beside(frozenset(TASK_FIELDS), "kind", read_task),
    FLEET: _Beside(frozenset(FLEET_FIELDS), "demand", read_fleet),
}
ENVIRONMENT, POLICY_ENVIRONMENT = "TCO_PRICES", "TCO_POLICY"
_session = st.session_state
Given = ParamSpec("Given")
Found = TypeVar("Found")


def settle() -> None:
    """Bring together the prices in use, what widgets asked for, and the link; before navigation.

    Prices that cannot be read are left out: see `trouble`.
    """
    try:
        _settle(prices(_headers()))
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
    link = _link()
    if "edited" in _session or _session.get("seen_link") == link or (is_moved and not link):
        return
    opened = decode(link, catalogue)
    _session.scenario, _session.remarks = opened.scenario, opened.remarks
    _session.seen_link, _session.view, _session.refused = link, view_of(link), {}
    for name, beside in _BESIDE.items():
        if name in _session.view:
            found, remarks = beside.read(_session.view[name])
            _session.view[name], _session.remarks = found.text, (*_session.remarks, *remarks)
    keep("refused_at", ())


def _write_link(is_moved: bool) -> None:
    """Put the scenario into the link when a widget, the page or the data changed it.

    A change is one entry of the browser's history. A page has the link before it is shown, so that
    the way to it is one entry too. What a slider passes on its way stands in no link.
    """
    is_sliding = _session.pop("sliding", False)
    keep("sliding", is_sliding)
    if not is_sliding or is_moved:
        is_edited, is_dropped = "edited" in _session, is_moved and not st.query_params
        is_new = is_edited or scenario().prices is not None
        link = _several(_encoded(scenario())) if is_new else _session.seen_link
        if is_dropped or link != _session.seen_link:
            # Another run may overtake this one here: all that asks for the link stays until then.
            st.query_params.from_dict(link)
            _session.seen_link = link
    _session.page = st.context.url
    _session.pop("edited", None)


def _link() -> dict[str, list[str]]:
    """What stands in the address, each parameter as often as it is given."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _encoded(shown: Scenario, dated: bool = False) -> dict[str, str]:
    """The link with a scenario, what is asked beside it, and how pages look."""
    return encode(shown, dated, _session.view) | dict(_session.view)


def link_to(shown: Scenario, beside: Mapping[str, str] | None = None) -> dict[str, str]:
    """The link to another scenario with what is asked beside it, or something else `beside` it."""
    view = _session.view | dict(beside or {})
    return encode(shown, True, view) | dict(view)


def _several(link: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [text] for name, text in link.items()}


def scenario() -> Scenario:
    """The scenario on the screen."""
    current: Scenario = _session.scenario
    return current


@contextmanager
def shown() -> Iterator[None]:
    """Within it, amounts are written and read in the currency of the scenario on the screen."""
    with shown_in(scenario().conversion):
        yield


def in_its_currency(part: Callable[Given, Found]) -> Callable[Given, Found]:
    """What runs apart from the page, such as what is done for a widget, in the page's currency."""

    @wraps(part)
    def run(*given: Given.args, **named: Given.kwargs) -> Found:
        with shown():
            return part(*given, **named)

    return run


def task() -> Task:
    """The work on the screen: an example until somebody says something else."""
    return read_task(_session.view[WORK])[0] if has_task() else Task()


def has_task() -> bool:
    """Whether somebody said what the GPUs are to do."""
    return WORK in _session.view


def fleet_task() -> FleetTask:
    """The demand on the screen: an example until somebody says something else."""
    return read_fleet(_session.view[FLEET])[0] if has_fleet() else FleetTask()


def has_fleet() -> bool:
    """Whether somebody said how many GPUs are needed when."""
    return FLEET in _session.view


def remarks() -> tuple[str, ...]:
    """What of the link was not used, as plain text of others: show it as text only."""
    return tuple(_session.remarks)


def refusal(name: str) -> str:
    """Why the last value typed for an input was not taken; empty when it was."""
    return str(_session.refused.get(name, ""))


def refusals() -> tuple[str, ...]:
    """Why the last values typed were not taken."""
    return tuple(_session.refused.values())


def is_refused(widget: str) -> bool:
    """Whether a widget was told one of the last values, which was not taken."""
    return widget in kept("refused_at", ())


def is_refusing() -> bool:
    """Whether the last value typed was not taken."""
    return bool(_session.refused)


def refuse(widget: str, wrong: InputError) -> None:
    """Say why what a widget was told is not taken."""
    kept("changes", []).append((widget, wrong))


def change(widget: str, is_live: bool = False, /, **inputs: Any) -> None:
    """Ask for other inputs, work or demand (None: the default), on behalf of a widget.

    `is_live`: the hand is still on the slider; the link waits until it lets go.
    """
    kept("changes", []).append((widget, inputs))
    _session.sliding = is_live and _session.get("sliding", True)


def is_sliding() -> bool:
    """Whether this run is for a slider that is still on its way."""
    return bool(kept("sliding", False))


def kept(name: str, first: Any = None) -> Any:
    """What is kept under a name for the session, `first` to begin with. It is no widget's value."""
    found: dict[str, Any] = _session.setdefault("kept", {})
    return found.setdefault(name, first)


def keep(name: str, value: Any) -> None:
    """Keep something for the session."""
    _session.setdefault("kept", {})[name] = value


def view(name: str) -> str | None:
    """What the link says of how a page looks, as text of anybody; None where it says nothing."""
    found: str | None = _session.view.get(name)
    return found


def keep_view(name: str, text: str) -> None:
    """Put what a page looks like into the link."""
    _session.view[name] = text
    _session.edited = True


def _apply_changes() -> None:
    """Make the changes that widgets asked for since the last run, or say why they are none."""
    asked = kept("changes", [])
    if not asked:
        return
    keep("changes", [])
    refused_at: list[str] = []
    _session.edited, _session.refused = True, {}
    for widget, change in asked:
        try:
            if isinstance(change, InputError):
                raise change
            inputs, view = dict(change), dict(_session.view)
            for name, beside in _BESIDE.items():
                told = {field: inputs.pop(field) for field in inputs.keys() & beside.fields}
                if told == {beside.first: None}:
                    view.pop(name, None)
                elif told:
                    asked, _ = beside.read(view.get(name, ""))
                    view[name] = asked.changed(**told).text
            _session.scenario, _session.remarks = allowed(replace(scenario(), **inputs)), ()
            _session.view = view
        except InputError as wrong:  # the last valid scenario stays
            _session.refused |= {p.input: in_labels(p.message) for p in wrong.problems}
            refused_at.append(widget)
    keep("refused_at", refused_at)


def last_valid() -> Facts:
    """The facts of the scenario or, while its inputs cannot be combined, the last that could be."""
    now = facts(scenario())
    if not now.problems:
        _session.valid = now
    valid: Facts = _session.get("valid", now)
    return valid


def trouble() -> str:
    """Why the prices that were asked for are not used; empty when they are."""
    return str(_session.trouble)


def has_price_file() -> bool:
    """Whether the prices asked for are a file, to which nothing can be added."""
    return is_table(_prices_asked())


def is_named() -> bool:
    """Whether somebody asked for the prices in use, be it the shipped data alone."""
    return bool(_prices_asked())


def is_private() -> bool:
    """Whether nobody but the user of this machine sees these pages."""
    return serves_this_machine(_headers())


def price_store() -> PriceStore | None:
    """The price store in use, whether it exists or not; None without one."""
    asked = _prices_asked()
    if not asked:
        return _own_store(_headers())
    if asked == SHIPPED or has_price_file():
        return None
    try:
        return PriceStore(None if asked == STORE else asked)
    except DataError:
        return None


def _own_store(headers: Collection[str]) -> PriceStore | None:
    """The file of the user of this machine; None where others are served, or none can be kept.

    A store on a server is used on request only: others read it.
    """
    if not serves_this_machine(headers) or find_spec("sqlalchemy") is None:
        return None
    with suppress(DataError):
        found = PriceStore()
        return found if found.path else None
    return None


def prices(headers: Collection[str]) -> Catalogue:
    """The data in use for who asks with these headers, with the policy the app was started with.

    DataError where it cannot be read.
    """
    if is_named():
        found = catalogue_of(_prices_asked())
    else:
        own = _own_store(headers)
        found = load() if own is None else data_of(own)
    policy = os.environ.get(POLICY_ENVIRONMENT, "")
    return catalogue_under(policy, found) if policy else found


def _headers() -> tuple[str, ...]:
    return tuple(st.context.headers)


def _prices_asked() -> str:
    return os.environ.get(ENVIRONMENT, "")


@lru_cache(maxsize=256)
def facts(scenario: Scenario) -> Facts:
    """What there is to say about a scenario; the same object for the same one, whoever asks."""
    return facts_of(scenario)
