"""The Data page: where the numbers come from, how old they are, and your own quotes."""

from __future__ import annotations

import html
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.analysis.history import (
    AFTER_MINING,
    history,
    offer_quantiles,
    offers,
    trends,
    used_price_trends,
)
from tco.analysis.resale import used_by_age
from tco.app import panels, quotes, state, widgets
from tco.app.panels import plain
from tco.errors import TcoError
from tco.inputs import DECLINE, INPUTS, PRICE, RATE
from tco.market.catalogue import Catalogue
from tco.report import charts, market_tables
from tco.report.provenance import age_text
from tco.scenario import Scenario
from tco.version import MODEL_VERSION
from tco.words import currencies
from tco.words.figures import capital, counted, inside

if TYPE_CHECKING:
    import pandas as pd

_WIDE, _WIDER = 190, 320


def _share(name: str) -> Any:
    return st.column_config.NumberColumn(name, format="percent")


# What the columns of the frames are called, and how they look; the files have their own names.
_COLUMNS: dict[str, Any] = {
    "link": st.column_config.LinkColumn("link", display_text="open"),
    "usd": st.column_config.NumberColumn("USD per GPU", format="localized"),
    "list_usd": st.column_config.NumberColumn("list price, USD", format="localized"),
    "usd_per_gpu_hour": st.column_config.NumberColumn("USD per GPU-hour"),
    "share": _share("share of the list price"),
    "years": st.column_config.NumberColumn("years since release", format="%.1f"),
    "change_per_year": _share("change per year"),
    "low_per_year": _share("P10 per year"),
    "high_per_year": _share("P90 per year"),
    "endpoint_change_per_year": _share("first to last, per year"),
    "first_date": st.column_config.DateColumn("first"),
    "last_date": st.column_config.DateColumn("last"),
    "r_squared": st.column_config.NumberColumn("R²", format="%.2f"),
    "why_not": st.column_config.Column("why not compared", width=_WIDER),
    "gpus_per_instance": "GPUs per instance",
    "as_of": "date",
    "valid_until": "valid until",
    "import_id": "import",
    "at": "imported",
    "known": "already known",
    "aside": "rejected",
    "first_line": "first line",
    "undone": "undone",
    "gpu": "GPU",
    **{name: st.column_config.Column(width=_WIDE) for name in ("input", "low to high", "source")},
    **{name: st.column_config.Column(width=_WIDER) for name in ("note", "series", "message")},
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
_USED = ("gpu", "years", "share", "usd", "list_usd", "as_of", "age", "basis", "source")
_FALL = (
    *("card", "change_per_year", "low_per_year", "high_per_year", "first_date", "last_date"),
    *("observations", "method", "why", "r_squared", "source"),
)
_QUESTION = ("gpu", "provider", "term", "region", "as_of")
_HOW = (
    "No rows were rejected: the shipped data was read in full. Price lists go into a price store: "
    "`tco prices import skypilot PATH` (or `gpuhunt`, `azure`, `csv`)."
)


def page() -> None:
    """Everything that the answer of the scenario rests on."""
    st.set_page_config(page_title="Data: rent GPUs or buy them?")
    scenario = state.scenario()
    panels.heading(scenario, "Where do the numbers come from?")
    widgets.gpu(scenario)
    _in_use(scenario)
    quotes.section(scenario)
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
    _resale(scenario)
    _defaults(scenario)
    _quality(scenario)
    _set_aside()


def _in_use(scenario: Scenario) -> None:
    """What the two prices of the answer rest on, and which data it is."""
    resolved, catalogue, cards = scenario.resolved(), scenario.catalogue, ""
    day = resolved["as_of"].value
    for name in (RATE, PRICE):
        entry, declared = resolved[name], INPUTS[name]
        cited, urls = catalogue.cited(entry.source_id)
        unit = currencies.beside(declared.shown_unit) if entry.value is not None else ""
        dated = ", ".join(filter(None, (entry.as_of, age_text(entry.as_of, day))))
        status = "not available" if entry.status == "missing" else entry.status
        said = filter(None, (capital(entry.note), dated))
        told = "".join(f"<p>{html.escape(one)}</p>" for one in said)
        link, (first, *more) = market_tables.web(urls), cited.split("; ")
        others = f" and {len(more)} more, listed below" if more else ""
        source = f"<p><a href='{html.escape(link)}'>{html.escape(first)}</a>{others}</p>"
        source = source if link else ""
        cards += (
            f"<div class='tco-source'><h2>{html.escape(panels.voice(declared.label))}</h2>"
            f"<p class='tco-figure'>{html.escape(declared.written(entry.value))} "
            f"<small>{html.escape(unit)}</small> <span class='tco-pill'>{status}</span></p>"
            f"{told}{source}</div>"
        )
    with st.container(key="sources"):
        st.html(f"<div class='tco-sources'>{cards}</div>")
    told = f"{capital(catalogue.label)} up to {catalogue.newest}; model version {MODEL_VERSION}"
    st.caption(plain(f"{told}. Ages on this page are as of {day}."))


def _defaults(scenario: Scenario) -> None:
    panels.title("Every input of this scenario")
    alt = "Every input with its value, range, status, source, date and age"
    frame = market_tables.defaults_frame(scenario)
    _dated(scenario, frame, alt)
    st.caption("Low and high are the 10th and 90th percentiles.")
    panels.download("Inputs (CSV)", frame, scenario, "tco-inputs.csv")


def _dated(scenario: Scenario, frame: pd.DataFrame, alt: str) -> None:
    as_of = scenario.values()["as_of"]
    panels.table(market_tables.with_words(frame, as_of), alt, _COLUMNS)


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
    st.caption(plain(f"Offers for {_question(scenario)}."))
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
    tables = {"Trends": _in_words(fitted[[*_TREND]]), "Observations": seen[[*_SEEN]]}
    panels.chart_or_table("Price history", chart, tables, _COLUMNS)
    panels.note(trouble)
    with st.container(horizontal=True, key="history_files"):
        panels.download("History (CSV)", past, scenario, "tco-history.csv")
        panels.download("Trends (CSV)", fitted, scenario, "tco-trends.csv")


# How a trend was found.
_METHODS = {"log_linear": "log-linear fit", "endpoint": "first to last", "none": "none"}


def _in_words(fits: pd.DataFrame) -> pd.DataFrame:
    return fits.assign(method=[_METHODS[method] for method in fits["method"]])


def _purchases(scenario: Scenario) -> None:
    frame, name = market_tables.prices_frame(scenario), "Purchase prices"
    if frame.empty:
        panels.nothing(name, f"No purchase price found as of {scenario.values()['as_of']}.")
        return
    panels.title(name)
    _dated(scenario, frame, "Purchase prices by basis, with date, age and source")
    st.caption(currencies.money_unit("USD per GPU."))
    panels.download("Purchase prices (CSV)", frame, scenario, "tco-purchase-prices.csv")


@lru_cache(maxsize=4)
def _used(catalogue: Catalogue, as_of: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Used prices by age, and how fast series of them fell since mining ended."""
    found = used_by_age(catalogue, as_of)
    try:
        return found, used_price_trends(since=AFTER_MINING)
    except TcoError:  # said where rents have no trend
        return found, market_tables.no_trends().reindex(columns=[*_FALL])


def _resale(scenario: Scenario) -> None:
    """What used GPUs cost by their age, and what the scenario expects."""
    values, entry = scenario.values(), scenario.resolved()[DECLINE]
    used, fits = _used(scenario.catalogue, values["as_of"])
    low, high = (end if isinstance(end, int | float) else None for end in (entry.low, entry.high))
    decline = charts.Decline(values["gpu"], values[DECLINE], low, high)
    chart = charts.resale_by_age(used, decline, panels.theme())
    seen = market_tables.with_words(used, values["as_of"])
    tables = {"Used prices": seen[[*_USED, "url"]], "Trends": _in_words(fits[[*_FALL]])}
    panels.chart_or_table("Resale by age", chart, tables, _COLUMNS)
    now = f"{INPUTS[DECLINE].label}: {INPUTS[DECLINE].written(entry.value)}"
    st.caption(plain(f"{now} ({entry.note or entry.status})."))
    panels.download("Used prices (CSV)", used, scenario, "tco-used-prices.csv")


def _quality(scenario: Scenario) -> None:
    panels.title("Data quality")
    findings = market_tables.findings_frame(scenario)
    counts = findings["kind"].value_counts(sort=False)
    st.caption(" · ".join(_counted(count, str(kind)) for kind, count in counts.items()))
    alt = "Values that are unsourced, contradictory, stale or assumed"
    panels.table(findings, alt, _COLUMNS)


def _counted(count: int, kind: str) -> str:
    """So many findings of a kind: some kinds are nouns, the others say what a value is."""
    return counted(count, kind) if kind == "assumption" else f"{count} {kind}"


@panels.noting()
def _set_aside() -> None:
    panels.title("Imports and rejected rows")
    store = state.price_store()
    if store is None or state.trouble() or not store.exists():
        extra = state.scenario().catalogue.extra
        if extra is not None and extra.remarks:
            panels.remarks(extra.remarks, "Rejected or unusual rows in this file:")
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
    return ", ".join(f"{inside(one.label)} {one.written(values[one.name])}" for one in asked)
