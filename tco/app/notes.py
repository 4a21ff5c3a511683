"""What there is to say about the data and the link, above the results."""

from __future__ import annotations

import html
from collections.abc import Iterable

import streamlit as st

from tco.app.text import plain
from tco.scenario import Scenario


def prices_in_use(scenario: Scenario, trouble: str) -> None:
    """Which data it is where it is not the shipped data alone, or why it is that after all."""
    if trouble:
        note(f"Prices: the shipped data alone, because {trouble}")
    elif scenario.prices is not None:
        st.caption(plain(f"Prices: {scenario.catalogue.label}."))


def note(text: str) -> None:
    """One sentence in amber; nothing for nothing."""
    if text:
        st.html(f"<div class='tco-remarks' role='status'>{html.escape(text)}</div>")


def remarks(texts: Iterable[str], title: str) -> None:
    """A list of plain-text remarks; nothing when there are none."""
    items = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
    if items:
        st.html(f"<div class='tco-remarks' role='status'>{title}<ul>{items}</ul></div>")
