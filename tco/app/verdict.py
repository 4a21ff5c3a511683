"""The answer on the screen: one verdict in words, and what keeps it from being given."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from tco.app import notes, odds, panels
from tco.app.text import plain
from tco.model.breakeven import Breakeven, tax_words
from tco.report.ages import PRICES
from tco.report.decision import Decision, paybacks
from tco.report.display import written
from tco.report.influence import ResponseCurve, nearest_flip
from tco.report.market_tables import age_text, old_data
from tco.report.provenance import count_by_status, share_of_servers
from tco.report.strength import side, verdict
from tco.scenario import Scenario
from tco.words import futures, nothing_to_compare

_MISSING = {
    "price_usd_per_gpu": "No purchase price found as of {as_of}. Type one: GPU price.",
    "rate_usd_per_gpu_hour": "No rental price found as of {as_of}. Type one: Rental rate.",
}
_DOTS = 20
# What is asked before the sliders and counts as a key input too.
_ASKED = ("gpu", "gpus", "hosting", "region", "billing", "utilization", "horizon_months")


def show(decision: Decision, curves: Mapping[str, ResponseCurve]) -> None:
    """The answer in a few sentences, or why there is none; `curves` are those of the sliders."""
    if decision.fair_rate is None and decision.owning is not None:
        lead = nothing_to_compare(decision.owning.monthly_usd).partition(": ")[2]
        _sentences("", "Nothing to compare", [f"{lead[:1].upper()}{lead[1:]}"])
        panels.owning_tiles(decision)
    elif decision.answer is None:
        lacking = " ".join(_MISSING[name].format(as_of=decision.as_of) for name in decision.missing)
        _sentences("", "No verdict yet", [lacking])
        panels.owning_tiles(decision)
    else:
        _answer(decision, decision.answer, curves)
    st.caption(plain(_conditions(decision.scenario)))
    notes.note(old_data(decision.scenario))


def _answer(decision: Decision, answer: Breakeven, curves: Mapping[str, ResponseCurve]) -> None:
    found, why_not = odds.known(decision.scenario)
    first = found.check_first if found is not None else None
    order = [curves[name] for name in (first or "", "utilization", *curves) if name in curves]
    flip = nearest_flip(decision.scenario, order)
    ways = paybacks(decision.scenario) if answer.status in ("never", "reverses") else ()
    head, *told = verdict(answer, found, flip, ways)
    line = _key_inputs(decision.scenario, tuple(curves))
    if found is None:
        _sentences(side(head), head, told, line)
        notes.note(why_not)
        return
    dots = found.dots(_DOTS)
    wins, line = sum(saving > 0 for saving in dots), f"{futures(dots)} {line}".strip()
    _sentences(side(head), head, told, line, "●" * wins + "○" * (_DOTS - wins))


def _sentences(which: str, word: str, told: Sequence[str], line: str = "", dots: str = "") -> None:
    lead, *others = told
    more = "".join(f"<p class='tco-more'>{html.escape(text)}</p>" for text in others)
    marks = f"<span class='tco-dots' aria-hidden='true'>{dots}</span> " if dots else ""
    last = f"<p class='tco-odds'>{marks}{html.escape(line)}</p>" if line else ""
    st.html(
        f"<div class='tco-verdict {which}' role='status' aria-live='polite'>"
        f"<p class='tco-word'>{html.escape(word)}</p>"
        f"<p class='tco-lead'>{html.escape(lead)}</p>{more}{last}</div>"
    )


def _key_inputs(scenario: Scenario, shown: Sequence[str]) -> str:
    """How many inputs of the first screen are defaults; the verdict says it of an example."""
    if scenario.is_example:
        return ""
    key, resolved = dict.fromkeys((*_ASKED, *shown)), scenario.resolved()
    defaults = sum(resolved[name].status != "yours" for name in key)
    return f"{defaults} of {len(key)} key inputs are still defaults."


def _conditions(scenario: Scenario) -> str:
    resolved = scenario.resolved()
    values = {name: entry.value for name, entry in resolved.items()}
    named = zip(("price", "rate"), (resolved[name] for name in PRICES), strict=True)
    dates = ", ".join(
        f"{word} {entry.as_of} ({age_text(entry.as_of)})"
        if entry.as_of
        else f"{word} {entry.status}"
        for word, entry in named
    )
    return (
        f"{values['gpus']:,} GPUs{share_of_servers(scenario)} · "
        f"{written('horizon_months', values['horizon_months'])} · "
        f"{written('discount_rate', values['discount_rate'])} cost of capital · "
        f"{tax_words(values)} · data as of {values['as_of']}, {dates} · "
        f"{_defaults(scenario)}"
    )


def _defaults(scenario: Scenario) -> str:
    """How many inputs rest on sources and on assumptions; how many are given stands above."""
    return f"defaults: {count_by_status(scenario).partition(', ')[2]}"
