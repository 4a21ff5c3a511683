"""The app: its look, the session brought up to date, then the page that was asked for."""

from __future__ import annotations

import logging
from importlib.resources import files

import streamlit as st

from tco.app import state
from tco.app.pages import PAGES
from tco.report.drawing import BUY, DARK, LIGHT, RENT

_log = logging.getLogger(__name__)
# In light and in dark; Streamlit says on the page's outermost element which of them it shows.
_COLORS = {
    "page": (LIGHT.paper, DARK.paper),
    "panel": ("#F3F6F9", "#1A222A"),
    "rule": ("#D5DCE2", "#38444F"),
    "quiet": ("#44505B", "#B7C1CB"),
    "plain": ("#56626E", "#56626E"),
    "buy-text": (LIGHT.buy_text, DARK.buy_text),
    "rent-text": (LIGHT.rent_text, DARK.rent_text),
    "green-text": ("#0B6E2E", "#6FCF8B"),
    "buy": (BUY, BUY),
    "rent": (RENT, RENT),
    "rent-word": (LIGHT.rent_text, LIGHT.rent_text),
    "amber": ("#FFF6E5", "#2B2110"),
    "amber-edge": ("#B26A00", "#D9962F"),
}
_VARIABLES = "".join(
    f"--tco-{name}: light-dark({light}, {dark});" for name, (light, dark) in _COLORS.items()
)
_LOOK = files("tco.app") / "look"
_CSS = (_LOOK / "pages.css").read_text("utf-8")

# A run of the app when the page turns light or dark, for the charts: Streamlit itself makes none.
# With it comes what leads the Tab key through popovers.
_SCRIPT = "\n".join((_LOOK / name).read_text("utf-8") for name in ("keyboard.js", "scheme.js"))
_WATCH = st.components.v2.component("scheme", js=_SCRIPT)


def main() -> None:
    """One run of the app; an error of ours shows one sentence and no more."""
    st.set_page_config(page_title="Rent GPUs or buy them?", page_icon="⚖️", layout="wide")
    st.html(f"<style>:root {{{_VARIABLES}}}\n{_CSS}</style>")
    with st.container(key="scheme"):
        # The run itself, with charts in the new colors, is what was asked for.
        _WATCH(key="scheme_watch", on_turned_change=lambda: None)
    try:
        state.settle()
        st.navigation([page.made() for page in PAGES], position="top").run()
    except Exception:
        _log.exception("the page failed")
        st.error("This is our fault. Your inputs are in the link.")


if __name__ == "__main__":
    main()
