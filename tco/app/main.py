"""The app: the session brought up to date, then the page that was asked for."""

from __future__ import annotations

import logging

import streamlit as st

from tco.app import data, decide, handover, market, options, risk, style
from tco.app.pages import TITLES

_log = logging.getLogger(__name__)
_SHOW = {
    "": decide.page,
    "options": options.page,
    "risk": risk.page,
    "data": data.page,
    "report": handover.page,
}


def main() -> None:
    """One run of the app; an error of ours shows one sentence and no more."""
    st.set_page_config(page_title="Rent GPUs or buy them?", page_icon="⚖️", layout="wide")
    style.apply()
    try:
        market.settle()
        pages = [
            st.Page(_SHOW[path], title=title, url_path=path or None, default=not path)
            for path, title in TITLES.items()
        ]
        st.navigation(pages, position="top").run()
    except Exception:
        _log.exception("the page failed")
        st.error("This is our fault. Your inputs are in the link.")


if __name__ == "__main__":
    main()
