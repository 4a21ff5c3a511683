"""The app: the session brought up to date, then the page that was asked for."""

from __future__ import annotations

import logging

import streamlit as st

from tco.app import state, style
from tco.app.pages import PAGES

_log = logging.getLogger(__name__)


def main() -> None:
    """One run of the app; an error of ours shows one sentence and no more."""
    st.set_page_config(page_title="Rent GPUs or buy them?", page_icon="⚖️", layout="wide")
    style.apply()
    try:
        state.settle()
        st.navigation([page.made() for page in PAGES], position="top").run()
    except Exception:
        _log.exception("the page failed")
        st.error("This is our fault. Your inputs are in the link.")


if __name__ == "__main__":
    main()
