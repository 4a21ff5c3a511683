"""The app: its look, the session brought up to date, then the page that was asked for."""

from __future__ import annotations

import logging
from importlib.resources import files

import streamlit as st

from tco.app import amounts, state
from tco.app.pages import PAGES

_log = logging.getLogger(__name__)
_LOOK = files("tco.app") / "look"
# A run of the app when the page turns light or dark, for the charts: Streamlit itself makes none.
# With it comes what leads the Tab key through popovers.
_SCRIPT = "\n".join((_LOOK / name).read_text("utf-8") for name in ("keyboard.js", "scheme.js"))
_WATCH = st.components.v2.component("scheme", js=_SCRIPT)


def main() -> None:
    """One run of the app; an error of ours shows one sentence and no more."""
    st.set_page_config(page_title="Rent GPUs or buy them?", page_icon="⚖️", layout="wide")
    with st.container(key="scheme"):
        # The run itself, with charts in the new colors, is what was asked for.
        _WATCH(key="scheme_watch", on_turned_change=lambda: None)
    try:
        state.settle()
        made = [page.made() for page in PAGES]
        opened = st.navigation(made, position="top")
        with st.container(key="pages", horizontal=True):
            for page in made:
                st.page_link(page)
        with state.shown():
            amounts.switch(state.scenario())
            opened.run()
    except Exception:
        _log.exception("the page failed")
        st.error("This is our fault. Your inputs are in the link.")


if __name__ == "__main__":
    main()
