"""On the Report page: what a finance reader asks, from the cash view to the rate of a lease offer.

The target and the offer that are typed in here are no inputs of the scenario, and not in the link:
no answer depends on them, unless "Use this" sets an input. They are kept for the session, so that
they are still there after a look at another page.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any

import streamlit as st

from tco.analysis.accounting import accounting
from tco.analysis.bridge import bridge, bridge_steps
from tco.analysis.declared import NEEDED, OFFER, TARGETS
from tco.analysis.lease import rate_inside
from tco.analysis.measures import MeasureRow, measures
from tco.app import bound, panels, typed
from tco.app.panels import plain
from tco.errors import InputError, Problem
from tco.inputs.declaration import Param
from tco.model.items import SIDES
from tco.report import accounting_tables, charts, finance_asked, ranges
from tco.report.facts import Facts
from tco.report.finance_asked import INTERVALS, TARGET_WORDS, TIMES
from tco.report.finance_tables import (
    BRIDGE_LABELS,
    GoalRow,
    bridge_rows,
    goal_rows,
    measure_rows,
    year_labels,
    years_rows,
)
from tco.report.lease import lease_sentence
from tco.scenario import Scenario
from tco.words.figures import inside

_BOX = 190
_cached = lru_cache(maxsize=64)
_measures = _cached(measures)


def section(facts: Facts) -> None:
    """The measures and cash by year at once; what takes longer when it is opened."""
    if facts.answer is not None:
        _cash_view(facts)
    else:
        panels.nothing("Finance", "Not available: there is no verdict.")
    if facts.answer is not None and (
        place := panels.disclosure("Bridge from renting to owning", "bridge_part")
    ):
        with place:
            _bridge(facts.scenario)
    if facts.answer is not None and (
        place := panels.disclosure("Accounting view, beside the cash view", "accounting_part")
    ):
        with place:
            _accounting(facts.scenario)
    if facts.compared is not None and (
        place := panels.disclosure("What would make it pay back?", "goal_part")
    ):
        with place:
            _goal(facts.scenario)
    if place := panels.disclosure("Rate implicit in a lease offer", "lease_offer"):
        with place:
            _lease_offer(facts.scenario)


# --- The cash view


def _cash_view(facts: Facts) -> None:
    scenario = facts.scenario
    found = _measures(scenario)
    panels.title("Finance")
    st.caption(plain(f"{found.title}. Cash view: what is paid, when it is paid."))
    _listed(measure_rows(found))
    panels.finding("Cash by year, undiscounted")
    rows = [(row.label, row.own, row.rent, row.saving, row.cumulative) for row in years_rows(found)]
    with st.container(key="cash_by_year"):
        panels.written(year_labels(found).values(), rows, "Cash by year, undiscounted")
    if told := "; ".join(f"{label}: {text}" for label, text in facts.energy):
        st.caption(plain(f"{told}. Cooling is included."))
    with st.container(horizontal=True, key="finance_files"):
        panels.download("Measures (CSV)", found.to_frame, scenario, "tco-measures.csv")
        panels.download("Cash by year (CSV)", found.years_frame, scenario, "tco-cash-by-year.csv")


def _listed(rows: Iterable[MeasureRow]) -> None:
    """Measures one below the other: what it is called, its value, and what to make of it."""
    listed = "".join(
        f"<div><dt>{html.escape(row.label)}</dt><dd class='tco-value'>{html.escape(row.text)}</dd>"
        f"<dd>{html.escape(row.note)}</dd></div>"
        for row in rows
    )
    st.html(f"<dl class='tco-measures'>{listed}</dl>")


# --- The bridge

_steps_of = _cached(bridge_steps)


def _bridge(scenario: Scenario) -> None:
    """From what renting costs to what owning costs, as a chart or as a table."""
    steps, name = _steps_of(scenario), "Present values, step by step"
    if panels.headed(name, (panels.CHART, panels.TABLE)) == panels.CHART:
        chart = charts.bridge(steps, scenario.values(), panels.theme())
        as_of = scenario.values()["as_of"]
        panels.draw(chart, f"{chart.caption} Data as of {as_of}.", "bridge_chart", "h3")
    else:
        rows = [(row.label, row.usd, row.running) for row in bridge_rows(steps)]
        panels.written(BRIDGE_LABELS, rows, name)
    panels.download("Bridge (CSV)", partial(bridge, scenario), scenario, "tco-bridge.csv")


# --- The accounting view

_books_of = _cached(accounting)
_NOT_CASH = (
    "Accounting, not cash: what stands in the books, by fiscal year. No payment, present value or "
    "verdict above follows from it. Its inputs are on Decide, under “Accounting”."
)


def _accounting(scenario: Scenario) -> None:
    """Profit and loss of both sides, what the hardware stands for, and what a lease is."""
    found = _books_of(scenario)
    panels.sentences((_NOT_CASH,))
    with st.container(key="statements"):
        for side in SIDES:
            header, rows = accounting_tables.statement_rows(found, side)
            name = f"Profit and loss, {inside(header[0])}"
            panels.finding(name)
            panels.written(header, rows, name)
    name = "Book value against market value"
    panels.finding(name)
    with st.container(key="book_values"):
        panels.written(accounting_tables.VALUE_HEADER, accounting_tables.value_rows(found), name)
    if found.lease is not None:
        panels.finding(accounting_tables.lease_sentence(found.lease))
        with st.container(key="lease_tests"):
            tests = accounting_tables.lease_rows(found.lease)
            panels.written(accounting_tables.TEST_HEADER, tests, "The five tests of the lease")
    for said in accounting_tables.CONVENTIONS:
        st.caption(plain(said))
    with st.container(horizontal=True, key="accounting_files"):
        statement, values = (
            partial(getattr, found, part) for part in ("profit_and_loss", "balances")
        )
        panels.download("Profit and loss (CSV)", statement, scenario, "tco-profit-and-loss.csv")
        panels.download("Book values (CSV)", values, scenario, "tco-book-values.csv")


# --- A target

_goal_of = _cached(finance_asked.goal_of)


def _goal(scenario: Scenario) -> None:
    """What it takes of one input at a time to reach a target, and a button that sets it."""
    with st.container(horizontal=True, gap="small", key="target"):
        look: dict[str, Any] = {"options": list(TARGETS), "required": True, "wrap": True}
        look["format_func"] = TARGET_WORDS.__getitem__
        kind = bound.remembered("pills", "Target", "target_kind", next(iter(TARGETS)), **look)
        first = finance_asked.first_target(kind, scenario.values())
        wanted = _box(TARGETS[kind], True, first)
    with st.container(key="target_reached"):
        if wanted is None:
            st.caption("Enter a target.")
            return
        try:
            found = _goal_of(scenario, kind, wanted)
        except InputError as wrong:
            said = finance_asked.target_in_labels(str(wrong)).splitlines()
            panels.remarks(said, "No answer:")
            return
        panels.sentences((finance_asked.goal_lead(found),))
        for answer, row in zip(found.answers, goal_rows(found), strict=True):
            _needed(row, answer.rounded)
        panels.download("Target (CSV)", found.to_frame, scenario, "tco-target.csv")


def _needed(row: GoalRow, value: float | None) -> None:
    """What a target takes of one input; as it is said, so it is used."""
    key = f"row_goal_{row.input}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        panels.row(*finance_asked.goal_line(row))
        if value is not None:
            use: bound.Act = partial(dict, {row.input: value})
            bound.button("Use this", "goal", use, (row.input,))


# --- The rate implicit in a lease offer


def _lease_offer(scenario: Scenario) -> None:
    """What an offer costs as a loan, whatever the scenario is; and what its own lease costs."""
    if (own := rate_inside(scenario)) is not None:
        panels.sentences((f"In this scenario: {inside(lease_sentence(own))}",))
    st.caption("The terms as the lessor states them, for one GPU or for all of them.")
    told: dict[str, float | None] = {}
    with st.container(horizontal=True, gap="small", key="offer"):
        for name in OFFER:
            told[name] = _box(OFFER[name], needed=name in NEEDED)
    with st.container(horizontal=True, gap="small", key="offer_paid"):
        look: dict[str, Any] = {"options": list(INTERVALS), "required": True, "wrap": True}
        look["format_func"] = INTERVALS.__getitem__
        interval = bound.remembered("pills", "Payment interval", "offer_interval", 1, **look)
        look |= {"options": list(TIMES), "format_func": TIMES.__getitem__}
        in_advance = bound.remembered("pills", "Payments due", "offer_time", True, **look)
    with st.container(key="offer_rate"):
        if any(told[name] is None for name in NEEDED):
            st.caption("Enter the payment, the term and the purchase price to see the rate.")
            return
        try:
            found = finance_asked.rate_of_offer(told, interval, in_advance)
        except InputError as wrong:
            said = finance_asked.offer_in_labels(str(wrong)).splitlines()
            panels.remarks(said, "There is no rate:")
            return
        panels.tiles(finance_asked.rate_figures(found))


def _box(declared: Param, needed: bool, first: str = "") -> float | None:
    """A box for a number of the reader's; why it is none stands below it."""
    placeholder = typed.PLACEHOLDER if needed else typed.NONE
    with st.container(width=_BOX, gap="xxsmall", key=f"own_{declared.name}"):
        text = bound.remembered(
            *("text_input", declared.labeled, f"own_{declared.name}", first),
            placeholder=placeholder,
        )
        try:
            shown = typed.number(declared.name, text, declared)
            if shown is None:
                return None
            if why := ranges.outside(declared.name, shown, {declared.name: declared}):
                raise InputError([Problem(declared.name, why)])
        except InputError as wrong:
            st.markdown(f":red[{plain(str(wrong))}]")
            return None
        meant = declared.meant(shown)
        return int(meant) if declared.kind == "integer" else float(meant)
