"""The pages of the app, in the order in which they are offered: one entry each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage


@dataclass(frozen=True)
class Page:
    """One page: its path in the address, its title, and the module whose `page()` shows it.

    The module is loaded by the first run of the app, not by the server, which asks for the paths
    alone: Streamlit's components need the server first.
    """

    path: str
    title: str
    module: str

    def made(self) -> StreamlitPage:
        """The page as Streamlit's navigation takes it; the one without a path is the default."""
        show: Callable[[], None] = import_module(f"tco.app.{self.module}").page
        return st.Page(show, title=self.title, url_path=self.path or None, default=not self.path)


PAGES = (
    Page("", "Decide", "decide_page"),
    Page("work", "Work", "work_page"),
    Page("fleet", "Fleet", "fleet_page"),
    Page("options", "Options", "options_page"),
    Page("risk", "Risk", "risk_page"),
    Page("data", "Data", "data_page"),
    Page("report", "Report", "report_page"),
)


def link(path: str, label: str, query: Mapping[str, str] | None = None) -> None:
    """A link to one of the pages, with the scenario on the screen or that of another `query`."""
    shown = next(page for page in PAGES if page.path == path).made()
    st.page_link(shown, label=label, query_params=query)
