"""The Data page: where the numbers come from, how old they are, and your own quotes."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.analysis.history import history, trends
from tco.analysis.offers import offer_quantiles, offers
from tco.app import controls, figures, market, notes, panels, quotes, state
from tco.app.text import plain
from tco.errors import DataError, InputError, TcoError
from tco.report import charts, market_tables
from tco.report.ages import PRICES
from tco.report.display import written
from tco.report.market_tables import fair_rate
from tco.scenario import Scenario
from tco.version import MODEL_VERSION

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue

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
    "Nothing was set aside: the shipped data was read whole. Prices of your own go into a price "
    "store: `tco prices import skypilot PATH` (or `gpuhunt`, `csv`); then start the app with "
    "`tco app --prices store`."
)


def page() -> None:
    """Everything that the answer of the scenario rests on."""
    st.set_page_config(page_title="Data: rent GPUs or buy them?")
    scenario = state.scenario()
    panels.heading(scenario, "Where the numbers come from")
    notes.prices_in_use(scenario, market.trouble())
    notes.remarks(state.remarks(), "Parts of this link were not used:")
    controls.gpu(scenario)
    _in_use(scenario)
    _defaults(scenario)
    values = scenario.values()
    found = _market(scenario.catalogue, *(values[name] for name in _QUESTION))
    _offers(scenario, found)
    _history(scenario, found)
    _purchases(scenario)
    quotes.section(scenario)
    _set_aside()
    _findings(scenario)


def _in_use(scenario: Scenario) -> None:
    """Which data it is, and what the two prices of the answer rest on."""
    resolved, catalogue = scenario.resolved(), scenario.catalogue
    facts = {"Data": f"{catalogue.label}, newest of {catalogue.newest}; model {MODEL_VERSION}"}
    for title, name in zip(("Purchase price", "Rental rate"), PRICES, strict=True):
        entry = resolved[name]
        told = (entry.status, entry.note, entry.as_of, market_tables.age_text(entry.as_of))
        said = " · ".join(text for text in told if text)
        facts[f"{title}: {written(name, entry.value)}"] = said
    cells = "".join(
        f"<dt>{html.escape(title)}</dt><dd>{html.escape(text)}</dd>"
        for title, text in facts.items()
    )
    st.html(f"<dl class='tco-facts'>{cells}</dl>")


def _defaults(scenario: Scenario) -> None:
    frame = market_tables.defaults_frame(scenario)
    figures.title("Every input of this scenario")
    figures.table(
        market_tables.with_words(frame),
        "Every input with its value, range, status, source, date and age",
        _COLUMNS,
    )
    st.caption("Low and high are the 10th and 90th percentile. Ages count from today.")
    figures.download("Inputs (CSV)", frame, scenario, "tco-inputs.csv")


@dataclass(frozen=True)
class _Market:
    """The frames of one question to some data; `trouble` says why no trend was fitted."""

    offers: pd.DataFrame
    quantiles: pd.DataFrame
    history: pd.DataFrame
    trends: pd.DataFrame
    trouble: str = ""


@lru_cache(maxsize=16)
def _market(catalogue: Catalogue, *question: str) -> _Market:
    asked: dict[str, Any] = dict(zip(_QUESTION, question, strict=True), prices=catalogue)
    past = history(**asked)
    found = (offers(**asked), offer_quantiles(**asked), past)
    try:
        return _Market(*found, trends(**asked))
    except TcoError as wrong:
        return _Market(*found, market_tables.no_trends(), str(wrong))


def _offers(scenario: Scenario, found: _Market) -> None:
    """What the GPU rents for, where and on the terms that the scenario asks for."""
    values = scenario.values()
    if found.offers.empty:
        figures.title("Rental offers")
        figures.nothing(f"No rental offers found as of {values['as_of']}: {_question(scenario)}.")
        return
    rate, fair = values["rate_usd_per_gpu_hour"], _fair(scenario)
    chart = charts.offers_strip(found.offers, found.quantiles, rate, fair)
    shown = market_tables.with_words(found.offers)[[*_OFFER, "url"]]
    figures.chart_or_table("Rental offers", chart, {"Offers": shown}, _COLUMNS)
    st.caption(plain(f"{_question(scenario)}. Ages in the table count from today."))
    figures.download("Offers (CSV)", found.offers, scenario, "tco-offers.csv")


def _history(scenario: Scenario, found: _Market) -> None:
    """What it rented for before, and how that went on."""
    values = scenario.values()
    if found.history.empty:
        figures.title("Price history")
        figures.nothing(f"No rental prices found as of {values['as_of']}: {_question(scenario)}.")
        return
    months, expected = float(values["horizon_months"]), _expected(scenario)
    chart = charts.price_history(found.history, found.trends, months, expected)
    seen = market_tables.with_words(found.history)
    tables = {"Trends": found.trends[[*_TREND]], "Observations": seen[[*_SEEN]]}
    figures.chart_or_table("Price history", chart, tables, _COLUMNS)
    notes.note(found.trouble)
    with st.container(horizontal=True, key="history_files"):
        figures.download("History (CSV)", found.history, scenario, "tco-history.csv")
        figures.download("Trends (CSV)", found.trends, scenario, "tco-trends.csv")


def _purchases(scenario: Scenario) -> None:
    """What the GPU cost to buy, by basis."""
    frame = market_tables.prices_frame(scenario)
    figures.title("Purchase prices")
    if frame.empty:
        figures.nothing(f"No purchase price found as of {scenario.values()['as_of']}.")
        return
    figures.table(
        market_tables.with_words(frame),
        "Purchase prices by basis, with date, age and source",
        _COLUMNS,
    )
    st.caption("USD per GPU. Ages count from today.")
    figures.download("Purchase prices (CSV)", frame, scenario, "tco-purchase-prices.csv")


def _set_aside() -> None:
    """What was imported, and what of it was not used and why."""
    figures.title("Imports, and what they set aside")
    store = market.store()
    if store is None or market.trouble():
        st.markdown(_HOW)
        return
    try:
        imports, aside = store.imports(), store.set_aside()
    except DataError as wrong:
        notes.note(str(wrong))
        return
    figures.table(market_tables.imports_frame(imports), "Every import into the store", _COLUMNS)
    st.caption(f"Rows set aside: {sum(row.count for row in aside):,}.")
    if aside:
        figures.table(
            market_tables.aside_frame(aside), "What was set aside, by provider and reason", _COLUMNS
        )


def _findings(scenario: Scenario) -> None:
    """What there is to look at in these prices."""
    frame = market_tables.findings_frame(scenario)
    figures.title("What to look at in this data")
    counts = frame["kind"].value_counts(sort=False)
    st.caption(" · ".join(f"{count} {kind}" for kind, count in counts.items()))
    figures.table(frame, "What is unsourced, contradictory, stale or assumed", _COLUMNS)


def _question(scenario: Scenario) -> str:
    values = scenario.values()
    said = (f"{name} {values[name]}" for name in ("gpu", "provider", "region", "term"))
    return ", ".join(said)


def _fair(scenario: Scenario) -> float | None:
    """The break-even rate; None where there is none."""
    values = scenario.values()
    if values["price_usd_per_gpu"] is None or not values["utilization"]:
        return None
    try:
        return fair_rate(scenario)
    except InputError:
        return None


def _expected(scenario: Scenario) -> charts.Expected | None:
    """How the scenario's own rate goes on from its day."""
    resolved = scenario.resolved()
    rate, change = resolved["rate_usd_per_gpu_hour"], resolved["rate_growth_per_year"]
    if not rate.value:
        return None
    day = date.fromisoformat(resolved["as_of"].value)
    return charts.Expected(day, rate.value, change.value, change.low, change.high)
