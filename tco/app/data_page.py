"""The Data page: where the numbers come from, how old they are, and your own quotes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.analysis.history import history, offer_quantiles, offers, trends
from tco.app import bound, panels, state, typed, widgets
from tco.app.panels import plain
from tco.errors import DataError, InputError, Problem, TcoError
from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.inputs.labels import in_labels
from tco.market.catalogue import ANY_REGION, Catalogue
from tco.market.evidence import FRESH_DAYS
from tco.market.importers import by_hand
from tco.market.observed import Batch
from tco.report import charts, market_tables
from tco.report.provenance import age_text
from tco.scenario import Scenario
from tco.version import MODEL_VERSION

if TYPE_CHECKING:
    import pandas as pd

_WIDE, _WIDER = 190, 320
_CHANGES = ("change_per_year", "low_per_year", "high_per_year", "endpoint_change_per_year")
_COLUMNS: dict[str, Any] = {
    "link": st.column_config.LinkColumn("link", display_text="open"),
    **{name: st.column_config.Column(width=_WIDE) for name in ("input", "low to high", "source")},
    **{name: st.column_config.Column(width=_WIDER) for name in ("note", "why_not", "series")},
    **{name: st.column_config.NumberColumn(format="percent") for name in _CHANGES},
    **{name: st.column_config.DateColumn() for name in ("first_date", "last_date")},
}
# The columns of the tables, the most telling first; the files have all.
_OFFER = (
    *("provider", "instance", "region", "usd_per_gpu_hour", "comparable", "why_not", "as_of"),
    *("age", "gpus_per_instance", "market", "source", "note"),
)
_TREND = (
    *("series", "change_per_year", "low_per_year", "high_per_year", "first_date", "last_date"),
    *("observations", "method", "why", "endpoint_change_per_year", "r_squared", "source"),
)
_SEEN = ("series", "usd_per_gpu_hour", "as_of", "age", "source")
_QUESTION = ("gpu", "provider", "term", "region", "as_of")
_HOW = (
    "No rows were rejected: the shipped data was read in full. Your own prices go into a price "
    "store: `tco prices import skypilot PATH` (or `gpuhunt`, `azure`, `csv`); then start the app "
    "with `tco app --prices store`."
)
_TABS = {PRICE: "Purchase quote", RATE: "Rental quote"}
_FIELDS = {
    PRICE: (PRICE, "valid_until", "note"),
    RATE: (RATE, "provider", "region", "term", "valid_until", "note"),
}
_WRONG, _DONE = "quote_problems", "quote_added"
_LONGEST = 200
_HOW_QUOTES = (
    "Your own quotes are kept in a price store that only you read. Create one with "
    "`tco prices add`, then start the app with `tco app --prices store`."
)


def page() -> None:
    """Everything that the answer of the scenario rests on."""
    st.set_page_config(page_title="Data: rent GPUs or buy them?")
    scenario = state.scenario()
    panels.heading(scenario, "Where the numbers come from")
    widgets.gpu(scenario)
    _in_use(scenario)
    _defaults(scenario)
    values = scenario.values()
    question = (values[name] for name in _QUESTION)
    if values["gpu"] in scenario.catalogue.gpus:
        offered, quantiles, past, fitted, trouble = _market(scenario.catalogue, *question)
        _offers(scenario, offered, quantiles)
        _history(scenario, past, fitted, trouble)
    else:
        said = f"None: {values['gpu']} is not in the catalog, and its prices are yours."
        panels.nothing("Rental offers and price history", said)
    _purchases(scenario)
    _quotes(scenario)
    _set_aside()
    panels.title("Data quality")
    findings = market_tables.findings_frame(scenario)
    counts = findings["kind"].value_counts(sort=False)
    st.caption(" · ".join(f"{count} {kind}" for kind, count in counts.items()))
    panels.table(findings, "What is unsourced, contradictory, stale or assumed", _COLUMNS)


def _in_use(scenario: Scenario) -> None:
    """Which data it is, and what the two prices of the answer rest on."""
    resolved, catalogue = scenario.resolved(), scenario.catalogue
    facts = {"Data": f"{catalogue.label}, newest of {catalogue.newest}; model {MODEL_VERSION}"}
    for title, name in zip(("Purchase price", "Rental rate"), PRICES, strict=True):
        entry = resolved[name]
        age = age_text(entry.as_of, resolved["as_of"].value)
        told = filter(None, (entry.status, entry.note, entry.as_of, age))
        facts[f"{title}: {INPUTS[name].written(entry.value)}"] = " · ".join(told)
    panels.facts(facts.items())


def _defaults(scenario: Scenario) -> None:
    panels.title("Every input of this scenario")
    alt = "Every input with its value, range, status, source, date and age"
    frame = market_tables.defaults_frame(scenario)
    _dated(scenario, frame, alt, "Low and high are the 10th and 90th percentile.")
    panels.download("Inputs (CSV)", frame, scenario, "tco-inputs.csv")


def _dated(scenario: Scenario, frame: pd.DataFrame, alt: str, said: str) -> None:
    as_of = scenario.values()["as_of"]
    panels.table(market_tables.with_words(frame, as_of), alt, _COLUMNS)
    st.caption(plain(f"{said} Ages count from {as_of}."))


@lru_cache(maxsize=16)
def _market(catalogue: Catalogue, *question: str) -> tuple[Any, ...]:
    """Offers, their quantiles, history and trends as frames, and why no trend was fitted."""
    asked: dict[str, Any] = dict(zip(_QUESTION, question, strict=True), prices=catalogue)
    found = (offers(**asked), offer_quantiles(**asked), history(**asked))
    try:
        return *found, trends(**asked), ""
    except TcoError as wrong:
        return *found, market_tables.no_trends(), str(wrong)


def _offers(scenario: Scenario, offered: pd.DataFrame, quantiles: pd.DataFrame) -> None:
    """What the GPU rents for, where and on the terms that the scenario asks for."""
    values = scenario.values()
    if offered.empty:
        said = f"No rental offers found as of {values['as_of']}: {_question(scenario)}."
        panels.nothing("Rental offers", said)
        return
    rate, fair = values["rate_usd_per_gpu_hour"], state.facts(scenario).fair_rate
    chart = charts.offers_strip(offered, quantiles, rate, fair, panels.theme())
    shown = market_tables.with_words(offered, values["as_of"])[[*_OFFER, "url"]]
    panels.chart_or_table("Rental offers", chart, {"Offers": shown}, _COLUMNS)
    st.caption(plain(f"{_question(scenario)}. Ages in the table count from {values['as_of']}."))
    panels.download("Offers (CSV)", offered, scenario, "tco-offers.csv")


def _history(scenario: Scenario, past: pd.DataFrame, fitted: pd.DataFrame, trouble: str) -> None:
    """What it rented for before, and how that went on."""
    values = scenario.values()
    if past.empty:
        said = f"No rental prices found as of {values['as_of']}: {_question(scenario)}."
        panels.nothing("Price history", said)
        return
    # How the scenario's own rate goes on from its day.
    rate, change = (scenario.resolved()[name] for name in (RATE, "rate_growth_per_year"))
    expected = None
    if rate.value:
        day = date.fromisoformat(values["as_of"])
        expected = charts.Expected(day, rate.value, change.value, change.low, change.high)
    months = float(values["horizon_months"])
    chart = charts.price_history(past, fitted, months, expected, panels.theme())
    seen = market_tables.with_words(past, values["as_of"])
    tables = {"Trends": fitted[[*_TREND]], "Observations": seen[[*_SEEN]]}
    panels.chart_or_table("Price history", chart, tables, _COLUMNS)
    panels.note(trouble)
    with st.container(horizontal=True, key="history_files"):
        panels.download("History (CSV)", past, scenario, "tco-history.csv")
        panels.download("Trends (CSV)", fitted, scenario, "tco-trends.csv")


def _purchases(scenario: Scenario) -> None:
    frame, name = market_tables.prices_frame(scenario), "Purchase prices"
    if frame.empty:
        panels.nothing(name, f"No purchase price found as of {scenario.values()['as_of']}.")
        return
    panels.title(name)
    _dated(scenario, frame, "Purchase prices by basis, with date, age and source", "USD per GPU.")
    panels.download("Purchase prices (CSV)", frame, scenario, "tco-purchase-prices.csv")


@panels.noting()
def _set_aside() -> None:
    panels.title("Imports and rejected rows")
    store = state.price_store()
    if store is None or state.trouble():
        extra = state.scenario().catalogue.extra
        if extra is not None and extra.remarks:
            panels.remarks(extra.remarks, "What of the file is rejected, or odd:")
            return
        st.markdown(_HOW)
        return
    imports, aside = store.imports(), store.set_aside()
    panels.table(market_tables.imports_frame(imports), "Every import into the store", _COLUMNS)
    st.caption(f"Rejected rows: {sum(row.count for row in aside):,}.")
    if aside:
        why = "Rejected rows, by provider and reason"
        panels.table(market_tables.aside_frame(aside), why, _COLUMNS)


def _question(scenario: Scenario) -> str:
    values = scenario.values()
    asked = [INPUTS[name] for name in ("gpu", "provider", "region", "term")]
    return ", ".join(f"{one.label} {one.written(values[one.name])}" for one in asked)


# --- Your own quotes: typed in here, kept in the price store, used while they are valid


def _quotes(scenario: Scenario) -> None:
    """The quotes for this GPU and a form for another, or how to have one."""
    gpu = scenario.values()["gpu"]
    panels.title("Your own quotes")
    frame = market_tables.quotes_frame(scenario)
    if not frame.empty:
        st.dataframe(frame, hide_index=True, alt="Your quotes for this GPU, and which is used")
    if state.price_store() is None:
        in_use = "The prices in use are a file. " if state.has_price_file() else ""
        st.markdown(f"{in_use}{_HOW_QUOTES}")
        return
    if gpu not in scenario.catalogue.gpus:
        price, rate = (INPUTS[name].label for name in (PRICE, RATE))
        said = (
            f"{gpu} is a GPU of your own: its quotes are the inputs {price} and {rate} on Decide."
        )
        st.markdown(plain(said))
        return
    if done := state.kept(_DONE, ""):
        st.success(plain(_said(scenario, done)))
        state.keep(_DONE, "")
    for kind, tab in zip(_TABS, st.tabs(list(_TABS.values())), strict=True):
        with tab, st.form(f"form_{kind}", enter_to_submit=False):
            st.markdown(plain(f"A quote for one {gpu}, of today."))
            _fields(kind, scenario)
            # What is wrong and has not been said beside its field.
            for name in _problems(kind):
                if name not in _FIELDS[kind]:
                    _refused(kind, name)
            # While it is valid and nothing else is asked, the quote is the value of its input, and
            # the data is as new as it.
            add, changes = partial(_add, kind, gpu), (kind, "as_of")
            bound.submit("Add the quote", f"add_{kind}", add, changes)


def _said(scenario: Scenario, name: str) -> str:
    """What became of a quote that was added."""
    entry = scenario.resolved()[name]
    if entry.status == "yours" and name not in scenario.given:
        return "The quote is saved and used while it is valid."
    why = {
        name: "you gave the value itself",
        "price_basis": "you chose a price basis",
        "provider": "you chose a provider",
        "as_of": "the link asks for the data of another day",
    }
    reason = next((said for given, said in why.items() if given in scenario.given), "")
    return f"The quote is saved, but not used here: {reason or 'it is for another term or region'}."


def _fields(kind: str, scenario: Scenario) -> None:
    label = f"Price you were quoted [{INPUTS[kind].shown_unit}]"
    bound.own("text_input", label, _place(kind, kind), "", placeholder=typed.PLACEHOLDER)
    _refused(kind, kind)
    if kind == RATE:
        bound.own("text_input", "Provider", _place(kind, "provider"), "", max_chars=_LONGEST)
        _refused(kind, "provider")
        place = _place(kind, "region")
        bound.own("text_input", "Region, or any", place, ANY_REGION, max_chars=_LONGEST)
        _refused(kind, "region")
        terms, place = INPUTS["term"].choices, _place(kind, "term")
        bound.own("selectbox", "Term", place, scenario.values()["term"], options=terms)
        _refused(kind, "term")
    until = f"Valid until ({FRESH_DAYS} days if empty)"
    bound.own("date_input", until, _place(kind, "valid_until"), None, format="YYYY-MM-DD")
    _refused(kind, "valid_until")
    label = "Note: source, quantity"
    bound.own("text_input", label, _place(kind, "note"), "", max_chars=_LONGEST)


def _add(kind: str, gpu: str) -> None:
    """Keep a quote, or say what is wrong with it; what was typed stays until it is kept."""
    typed = {name: bound.typed(_place(kind, name)) for name in _FIELDS[kind]}
    value, until, store = typed.pop(kind), typed["valid_until"], state.price_store()
    typed |= {"as_of": _today(), "valid_until": until and until.isoformat()}
    try:
        if not (value or "").strip():
            raise InputError([Problem(kind, f"{kind} is missing: {INPUTS[kind].meaning}")])
        if store is not None:
            make: Callable[..., Batch] = by_hand.purchase if kind == PRICE else by_hand.rental
            store.add(make(gpu, value, **typed | {"note": typed["note"] or ""}))
    except InputError as wrong:
        state.keep(_WRONG, {kind: {p.input: in_labels(p.message) for p in wrong.problems}})
    except DataError as wrong:
        state.keep(_WRONG, {kind: {"store": str(wrong)}})
    else:
        state.keep(_WRONG, {})
        state.keep(_DONE, kind)
        for name in _FIELDS[kind]:
            bound.anew(_place(kind, name))


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _place(kind: str, name: str) -> str:
    return f"quote_{kind}_{name}"


def _problems(kind: str) -> dict[str, str]:
    """What is wrong with the last quote typed, by field."""
    return dict(state.kept(_WRONG, {}).get(kind, {}))


def _refused(kind: str, name: str) -> None:
    if message := _problems(kind).get(name):
        st.markdown(f":red[{plain(message)}]")
