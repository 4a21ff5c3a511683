"""The answer that stays in view, the sliders beside the live chart, and the row of power."""

from __future__ import annotations

import html

import streamlit as st

from tco.app import form, panels, state
from tco.inputs import INPUTS
from tco.report import charts
from tco.report.facts import Facts
from tco.scenario import Scenario


def strip(now: Facts, shown: Facts) -> None:
    """The answer: its word, both unit costs, what is saved, and the one sentence."""
    with panels.stale(now), st.container(key="strip"):
        lead, *more = shown.sentences or ("",)
        more += [f"Type one: {INPUTS[name].label}." for name in shown.missing]
        line = " ".join(part for part in (shown.odds_line, shown.key_inputs) if part)
        dots = f"<span class='tco-dots' aria-hidden='true'>{shown.dots}</span> "
        dots = dots if shown.dots else ""
        last = f"<p class='tco-odds'>{dots}{html.escape(line)}</p>"
        last = last if shown.compared and line else ""
        panels.answer(shown.verdict, shown.headline, lead, more, last)


def board(scenario: Scenario, now: Facts, shown: Facts) -> None:
    """The sliders, the live chart and the row of power."""
    with panels.stale(now, "curves"):
        if shown.answer is not None and shown.curves is not None:
            found = (shown.curves, shown.answer, shown.ribbon)
            chart = charts.cumulative(*found, panels.theme())
            panels.draw(chart, f"{chart.caption} Data as of {shown.as_of}.", "cumulative")
    form.levers(scenario, now.responses, bool(now.problems) or state.is_refusing())
