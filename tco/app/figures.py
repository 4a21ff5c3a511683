"""A chart or the table behind it, with its file: what every page shows its results in."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from tco.app import panels
from tco.app.text import plain
from tco.report import charts, market_tables
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, Any]

# What may stand after the heading of a chart.
_CHOICES = ("Chart", "Table")
# What stands in a cell of nothing.
_EMPTY = "–"


def title(text: str) -> None:
    """The heading of a part of a page."""
    st.html(f"<h2 class='tco-title'>{html.escape(text)}</h2>")


def nothing(text: str) -> None:
    """Why there is nothing to show."""
    st.caption(plain(text))


def chart_or_table(
    name: str,
    chart: charts.Chart | None,
    tables: Mapping[str, pd.DataFrame],
    columns: Columns | None = None,
) -> None:
    """A chart under its heading or, on request and where there is no chart, the frames behind it.

    `columns` says how the columns of the frames look, by name.
    """
    key = name.casefold().replace(" ", "_")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_head"):
        st.html(f"<h2 class='tco-title'>{html.escape(name)}</h2>", width="content")
        shown = st.segmented_control(
            f"{name} as",
            _CHOICES,
            default=_CHOICES[0],
            required=True,
            key=key,
            label_visibility="collapsed",
        )
    if chart is not None and shown == _CHOICES[0]:
        panels.draw(chart, chart.caption, f"{key}_chart", "h3")
        return
    for part, frame in tables.items():
        table(frame, f"{name}: {part.casefold()}", columns)


def table(frame: pd.DataFrame, alt: str, columns: Columns | None = None) -> None:
    """A frame as it is; addresses of pages are links."""
    if "url" in frame:
        frame = frame.assign(link=[market_tables.web(url) for url in frame["url"]])
        frame = frame.drop(columns="url")
    look = dict(columns or {})
    st.dataframe(frame, hide_index=True, column_config=look, alt=alt, placeholder=_EMPTY)


def download(label: str, frame: pd.DataFrame, scenario: Scenario, name: str) -> None:
    """A frame as a CSV file, built on click."""
    build: Callable[[], str] = partial(market_tables.frame_csv, frame, scenario.catalogue)
    st.download_button(label, build, name, mime="text/csv", on_click="ignore", key=name)
