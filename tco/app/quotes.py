"""Your own quotes: entered here, kept in a store or in this tab, in use at once, taken back.

Without a store a quote is the value of its input, as if it had been entered on Decide: the link
has that value, and the tab remembers who quoted it.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from tco.analysis.changes import answer_of
from tco.app import bound, panels, state
from tco.app.panels import plain
from tco.errors import DataError, InputError, Problem
from tco.inputs import INPUTS, PRICE, RATE
from tco.inputs.clock import today
from tco.inputs.labels import in_labels
from tco.market.catalogue import ANY_REGION, Quote, load
from tco.market.evidence import FRESH_DAYS
from tco.market.importers import by_hand
from tco.market.importers.money import USD
from tco.market.observed import Batch
from tco.report import market_tables
from tco.report.provenance import age_text
from tco.scenario import Scenario
from tco.words import changed_price, currencies

_TABS = {RATE: "Rental quote", PRICE: "Purchase quote"}
_FIELDS = {
    RATE: (RATE, "currency", "provider", "term", "region", "as_of", "valid_until", "note"),
    PRICE: (PRICE, "currency", "as_of", "valid_until", "note"),
}
# What a quote may change: its input, the term it is for, and with the newest price the data's day.
_CHANGED = {RATE: (RATE, "term", "as_of"), PRICE: (PRICE, "as_of")}
# What has to be left to the quote where it is not in use.
_CHOSEN = {RATE: ("provider", "region", "as_of"), PRICE: ("price_basis", "as_of")}
_WHY = {
    "price_basis": "you chose a price basis",
    "provider": "you chose another provider",
    "region": "you chose another region",
    "as_of": "the link uses data as of another date",
    "term": "the scenario is for another term",
    **dict.fromkeys((RATE, PRICE), "you entered the value directly"),
}
_WRONG, _DONE, _OURS, _OF_TAB = "quote_problems", "quote_done", "quotes_made", "quotes_of_tab"
_LONGEST, _MOST_LISTED = 200, 5
_COLUMNS = {"valid_until": "valid until"}
_WIDE, _WIDER = 150, 310


@dataclass(frozen=True)
class Kept:
    """A quote that counts: the number by which it is taken back, and whether that is done here."""

    number: int
    quote: Quote
    may_go: bool


@dataclass(frozen=True)
class Made:
    """What entering a quote changed besides: inputs as they were before, and as they are since."""

    before: dict[str, Any]
    since: dict[str, Any]


@dataclass
class Done:
    """What was done last, the scenario before it and, once there is one, the scenario after it."""

    what: str
    of_input: str
    before: Scenario
    after: Scenario | None = None


@panels.noting()
def section(scenario: Scenario) -> None:
    """The form for a quote, who sees it, what it changed, and every quote for the GPU."""
    gpu = scenario.values()["gpu"]
    panels.title("Your quotes")
    st.caption(plain(_audience()))
    if gpu not in scenario.catalogue.gpus:
        price, rate = (INPUTS[name].label for name in (PRICE, RATE))
        told = f"{gpu} is not in the catalog: enter its quotes as {price} and {rate} on Decide."
        st.markdown(plain(told))
        return
    with st.container(key="quote_forms"):
        for kind, tab in zip(_TABS, st.tabs(list(_TABS.values())), strict=True):
            with tab, st.form(f"form_{kind}", enter_to_submit=False):
                _form(kind, scenario)
    with st.container(key="quote_effect"):
        _effect(scenario)
    kept = listed(scenario)
    with st.container(key="quotes"):
        _list(scenario, kept)


def _form(kind: str, scenario: Scenario) -> None:
    _fields(kind, scenario)
    # What is wrong and has not been said beside its field.
    for name in _problems(kind):
        if name not in _FIELDS[kind]:
            _refused(kind, name)
    add, look = partial(_add, kind, scenario.values()["gpu"]), {"type": "primary"}
    bound.submit("Add the quote", f"add_{kind}", add, _CHANGED[kind], **look)


def listed(scenario: Scenario) -> list[Kept]:
    """Every quote for the scenario's GPU, the last one entered first."""
    gpu = scenario.values()["gpu"]
    of_tab = [Kept(at, quote, may_go=True) for at, quote in _of_tab().items()]
    store = state.price_store()
    if store is None or state.trouble() or not store.exists():
        others = [Kept(0, quote, may_go=False) for quote in scenario.catalogue.quotes_of(gpu)]
        found = [*others, *of_tab]
    else:
        ours, is_private = state.kept(_OURS, {}), state.is_private()
        found = [
            Kept(number, quote, who == by_hand.COLLECTOR and (is_private or number in ours))
            for number, who, quote in store.quotes()
        ]
    return [one for one in reversed(found) if one.quote.gpu == gpu]


def _audience() -> str:
    """Where a quote is kept, and who sees it."""
    store = state.price_store()
    carried = "Links and files contain the price in use, never who quoted it."
    if store is None:
        return (
            "A quote entered here is visible in this tab only, and gone when the tab is closed. "
            f"{carried}"
        )
    if not state.is_private():
        return (
            f"Everyone who opens this app sees the quotes entered here, which are kept in its "
            f"{store.label}. {carried}"
        )
    if store.path is None:
        return f"Quotes are kept in the {store.label}: everyone who uses it sees them. {carried}"
    return f"Quotes stay on this machine, in {store.path}. {carried}"


def _fields(kind: str, scenario: Scenario) -> None:
    gpu, unit = scenario.values()["gpu"], INPUTS[kind].shown_unit
    usual = currencies.code()
    known = {usual, *(rate.currency for rate in load().exchange_rates)}
    codes = [USD, *sorted(known - {USD})]
    look: dict[str, dict[str, Any]] = {
        kind: {"label": f"Quoted price for one {gpu}", "placeholder": currencies.beside(unit)},
        "currency": {"kind": "selectbox", "first": usual, "options": codes},
        "provider": {"label": "Provider", "max_chars": _LONGEST},
        "term": {
            "kind": "selectbox",
            "first": scenario.values()["term"],
            "options": INPUTS["term"].choices,
            "format_func": INPUTS["term"].word,
        },
        "region": {"label": "Region", "first": ANY_REGION, "max_chars": _LONGEST},
        "as_of": {"kind": "date_input", "label": "Date of the quote (today if empty)"},
        "valid_until": {
            "kind": "date_input",
            "label": f"Valid until ({FRESH_DAYS} days if empty)",
        },
        "note": {"label": "Note: source, quantity", "max_chars": _LONGEST},
    }
    with st.container(horizontal=True, key=f"fields_{kind}"):
        for name in _FIELDS[kind]:
            shown = {"kind": "text_input", "label": INPUTS[name].label if name in INPUTS else name}
            shown |= look[name]
            of_kind, label = shown.pop("kind"), shown.pop("label")
            first = shown.pop("first", None if of_kind == "date_input" else "")
            if of_kind == "date_input":
                shown["format"] = "YYYY-MM-DD"
            is_wide = name in (kind, "note", "as_of", "valid_until")
            with st.container(width=_WIDER if name == "note" else 230 if is_wide else _WIDE):
                bound.own(of_kind, label, _place(kind, name), first, **shown)
                _refused(kind, name)


def _add(kind: str, gpu: str) -> Mapping[str, Any]:
    """Keep a quote, or say what is wrong with it; what was typed stays until it is kept.

    The scenario is then for the term that was quoted, and rests on the quote instead of a value
    that was entered before.
    """
    told = {name: bound.typed(_place(kind, name)) for name in _FIELDS[kind]}
    value, scenario, store = told.pop(kind), state.scenario(), state.price_store()
    told["note"] = told["note"] or ""
    for name in ("as_of", "valid_until"):
        told[name] = told[name] and told[name].isoformat()
    told["as_of"] = told["as_of"] or today()
    try:
        if not (value or "").strip():
            raise InputError([Problem(kind, f"{kind} is missing: {INPUTS[kind].meaning}")])
        make: Callable[..., Batch] = by_hand.purchase if kind == PRICE else by_hand.rental
        # A quote in the currency of the page is worth what the page says.
        at = scenario.conversion
        told["usd_per"] = {at.currency: at.usd_per_unit} if at else {}
        batch = make(gpu, value, **told)
        (quote,) = batch.quotes
        if store is None:
            number = 1 + max(_of_tab(), default=0)
            _of_tab()[number] = quote
        else:
            number = store.add(batch).import_id
    except InputError as wrong:
        state.keep(_WRONG, {kind: {p.input: in_labels(p.message) for p in wrong.problems}})
        return {}
    except DataError as wrong:
        state.keep(_WRONG, {kind: {"store": str(wrong)}})
        return {}
    state.keep(_WRONG, {})
    state.keep(_DONE, Done("Quote added", kind, scenario))
    for name in _FIELDS[kind]:
        bound.anew(_place(kind, name))
    since: dict[str, Any] = {kind: quote.value if store is None else None}
    if kind == RATE and quote.term != scenario.values()["term"]:
        since["term"] = quote.term
    before = {name: scenario.given.get(name) for name in since}
    state.kept(_OURS, {})[number] = Made(before, since)
    return {name: new for name, new in since.items() if new != before[name]}


def _take_back(kept: Kept) -> Mapping[str, Any]:
    """Let a quote no longer count; what it changed besides is as before, if nobody touched it."""
    scenario, store, made = state.scenario(), state.price_store(), state.kept(_OURS, {})
    of_input = kept.quote.input
    try:
        if store is None:
            del _of_tab()[kept.number]
        else:
            store.undo(kept.number)
    except DataError as wrong:
        state.keep(_WRONG, {of_input: {"store": str(wrong)}})
        return {}
    state.keep(_WRONG, {})
    state.keep(_DONE, Done("Quote removed", of_input, scenario))
    changed, given = made.pop(kept.number, Made({}, {})), scenario.given
    for later in made.values():  # what goes back to this quote goes back to what was before it
        for name, value in changed.since.items():
            if later.before.get(name) == value:
                later.before[name] = changed.before[name]
    return {
        name: changed.before[name]
        for name, value in changed.since.items()
        if given.get(name) == value != changed.before[name]
    }


def _effect(scenario: Scenario) -> None:
    """What the last quote changed, for as long as the scenario stays as it was then."""
    done: Done | None = state.kept(_DONE)
    if done is None:
        return
    if done.after is None:
        done.after = scenario
    elif done.after != scenario:
        state.keep(_DONE, None)
        return
    name, both = done.of_input, (done.before, scenario)
    prices = [INPUTS[name].written(one.resolved()[name].value) for one in both]
    try:
        before, after = map(answer_of, both)
    except InputError:  # said above: the inputs cannot be combined
        told = f"{INPUTS[name].label}: {' → '.join(prices)}."
    else:
        verdicts, savings = (before.verdict, after.verdict), (before.saving_usd, after.saving_usd)
        told = changed_price(INPUTS[name].label, (prices[0], prices[1]), verdicts, savings)
    terms = [INPUTS["term"].word(one.values()["term"]) for one in both]
    if terms[0] != terms[1]:
        told += f" {INPUTS['term'].label}: {terms[0]} → {terms[1]}."
    st.success(plain(f"{done.what}. {panels.voice(told)}"))


def _list(scenario: Scenario, kept: list[Kept]) -> None:
    """The quotes, the last one first: whether each is in use, why not, and the way to undo it."""
    gpu = scenario.values()["gpu"]
    if not kept:
        st.caption(plain(f"No quotes for {gpu} yet."))
        return
    for at, one in enumerate(kept[:_MOST_LISTED]):
        with st.container(horizontal=True, vertical_alignment="center", key=f"kept_quote_{at}"):
            st.html(_row(scenario, one.quote), width="stretch")
            name, number = one.quote.input, one.number
            price = INPUTS[name].written(one.quote.value)
            is_unused = market_tables.quote_status(scenario, one.quote) == market_tables.UNUSED
            if is_unused and (use := _use(scenario, one.quote)):
                bound.button(f"Use {price}", f"use_quote_{number}", partial(dict, use), use)
            if one.may_go:
                undo = partial(_take_back, one)
                bound.button(f"Remove {price}", f"take_back_{number}", undo, _CHANGED[name])
    if len(kept) > _MOST_LISTED:
        quotes = (one.quote for one in kept)
        with st.expander(f"All {len(kept)} quotes for {gpu}"):
            panels.table(
                market_tables.quotes_frame(scenario, quotes), f"Your quotes for {gpu}", _COLUMNS
            )


def _use(scenario: Scenario, quote: Quote) -> dict[str, Any]:
    """The fewest inputs that would put a quote to use, as they would be; empty where none would."""
    if state.price_store() is None and quote in _of_tab().values():
        return {quote.input: quote.value}
    given = [name for name in (quote.input, *_CHOSEN[quote.input]) if name in scenario.given]
    of_term = {"term": quote.term} if quote.term not in ("", scenario.values()["term"]) else {}
    for names in ((), *((name,) for name in given), given):
        changes: dict[str, Any] = {**dict.fromkeys(names), **of_term}
        changed = replace(scenario, **changes)
        if market_tables.quote_status(changed, quote) == market_tables.USED:
            return changes
    return {}


def _row(scenario: Scenario, quote: Quote) -> str:
    declared, status = INPUTS[quote.input], market_tables.quote_status(scenario, quote)
    place = "" if quote.region in ("", ANY_REGION) else f"region {quote.region}"
    term = quote.term and INPUTS["term"].word(quote.term)
    days = f"quoted {quote.as_of}, valid until {quote.valid_until}"
    age = age_text(quote.as_of, scenario.values()["as_of"])
    said = " · ".join(filter(None, (quote.provider, term, place, days, age, quote.note)))
    why = ""
    if status == market_tables.UNUSED:
        reason = next(iter(_use(scenario, quote)), "")
        why = f": {_WHY.get(reason, 'a newer quote counts')}"
    text = html.escape(f"{declared.label} {declared.written(quote.value)}")
    return (
        f"<p class='tco-quote'><b>{text}</b> <span class='tco-pill'>"
        f"{html.escape(status + why)}</span><small>{html.escape(said)}</small></p>"
    )


def _of_tab() -> dict[int, Quote]:
    """The quotes that only this tab remembers, by number."""
    found: dict[int, Quote] = state.kept(_OF_TAB, {})
    return found


def _place(kind: str, name: str) -> str:
    """Where a field is; that of the currency begins anew with another one on the page."""
    is_other = name == "currency" and currencies.conversion()
    return f"quote_{kind}_{name}{f'_{currencies.code()}' if is_other else ''}"


def _problems(kind: str) -> dict[str, str]:
    """What is wrong with the last quote entered, by field."""
    return dict(state.kept(_WRONG, {}).get(kind, {}))


def _refused(kind: str, name: str) -> None:
    if message := _problems(kind).get(name):
        st.markdown(f":red[{plain(message)}]")
