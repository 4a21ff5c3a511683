"""The app: its look, the session brought up to date, then the page that was asked for."""

from __future__ import annotations

import logging

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
    "amber": ("#FFF6E5", "#2B2110"),
    "amber-edge": ("#B26A00", "#D9962F"),
}
_VARIABLES = "".join(
    f"--tco-{name}: light-dark({light}, {dark});" for name, (light, dark) in _COLORS.items()
)
_CSS = f"""<style>
:root {{{_VARIABLES}}}
[data-testid="stMainBlockContainer"] {{max-width: 1240px; padding: 3.4rem 1.5rem 4rem;}}
[data-testid="stHeader"] {{background: var(--tco-page); height: 2.75rem;}}
.tco-title {{font-size: 1.35rem; font-weight: 700; margin: 0;}}
.tco-verdict {{border-left: 6px solid var(--tco-plain); padding: .2rem 0 .2rem 1rem;}}
.tco-verdict.buy {{border-color: {BUY};}}
.tco-verdict.rent {{border-color: {RENT};}}
.tco-word {{display: inline-block; font-size: 1.05rem; font-weight: 800; letter-spacing: .06em;
  color: #fff; background: var(--tco-plain); border-radius: 4px; padding: .1rem .65rem;
  margin: 0 0 .45rem;}}
.buy .tco-word {{background: {BUY};}}
.rent .tco-word {{background: {LIGHT.rent_text};}}
.tco-lead {{font-size: 1.4rem; font-weight: 650; line-height: 1.3; margin: 0 0 .35rem;}}
.tco-more {{margin: 0; line-height: 1.45;}}
.tco-odds {{margin: 0; line-height: 1.45;}}
.tco-tiles {{display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr));
  gap: .5rem; padding: 0 !important; margin: .2rem 0 0 !important;}}
.tco-tile {{background: var(--tco-panel); border-radius: 6px; padding: .45rem .75rem;}}
.tco-tile dt {{font-size: .8rem; font-weight: 400; color: var(--tco-quiet);}}
.tco-tile dd {{font-size: 1.3rem; font-weight: 700; margin: 0; line-height: 1.25;}}
.tco-tile dd.buy {{color: var(--tco-buy-text);}}
.tco-tile dd.rent {{color: var(--tco-rent-text);}}
.tco-tile small {{font-size: .78rem; font-weight: 400; color: var(--tco-quiet); display: block;}}
.tco-chart {{font-size: 1.05rem; font-weight: 650; margin: .5rem 0 -.6rem; padding: 0;}}
.tco-remarks {{background: var(--tco-amber); border-left: 4px solid var(--tco-amber-edge);
  border-radius: 4px; padding: .6rem .9rem; margin: 0; overflow-wrap: anywhere;}}
.tco-remarks ul {{margin: .25rem 0 0 1.1rem; padding: 0;}}
.tco-facts {{margin: 0 !important; padding: 0 !important;}}
.tco-facts dt {{font-weight: 650; margin: .5rem 0 0;}}
.tco-facts dd {{margin: 0; color: var(--tco-quiet); font-size: .9rem; overflow-wrap: anywhere;}}
.tco-label {{font-size: .95rem; font-weight: 650; margin: 0;}}
.tco-label span {{font-weight: 400; font-size: .85rem; color: var(--tco-quiet);}}
[data-testid="stSliderThumbValue"] {{display: none;}}
[class*="st-key-input_"] [data-testid="stSlider"] {{margin: -.65rem 0 -.5rem;}}
[data-testid="stCaptionContainer"] {{color: var(--tco-quiet); opacity: 1;}}
[data-testid="stCaptionContainer"] p {{color: var(--tco-quiet); font-size: .82rem;
  line-height: 1.35;}}
[class*="st-key-input_"] input {{text-align: right;}}
.st-key-stale {{filter: grayscale(1); opacity: .8;}}
.st-key-scheme {{display: none;}}
[data-testid^="stBaseButton-primary"], [data-testid="stMultiSelect"] [data-tag] {{
  color: var(--tco-page) !important;}}
[data-testid="stCode"] .token {{color: inherit !important;}}
[data-testid="stCode"] .token.keyword {{color: var(--tco-buy-text) !important;}}
[data-testid="stCode"] .token.string {{color: var(--tco-green-text) !important;}}
[data-testid="stCode"] .token.comment {{color: var(--tco-quiet) !important;}}
@media (hover: none) {{
  [data-testid="stElementContainer"]:has([data-testid="stDataFrame"]) {{margin-top: 1.6rem;}}
}}
@media (max-width: 480px) {{
  .tco-lead {{font-size: 1.15rem;}}
  .tco-more {{font-size: .9rem;}}
}}
</style>"""

# A run of the app when the page turns light or dark, for the charts: Streamlit itself makes none.
_WATCH = st.components.v2.component(
    "scheme",
    js="""export default function ({ setTriggerValue }) {
  const app = document.querySelector('[data-testid="stApp"]');
  const scheme = () => getComputedStyle(app).colorScheme;
  let known = scheme();
  const watch = new MutationObserver(() => {
    if (scheme() === known) return;
    known = scheme();
    setTriggerValue('turned', known);
  });
  watch.observe(app, { attributes: true });
  return () => watch.disconnect();
}""",
)


def main() -> None:
    """One run of the app; an error of ours shows one sentence and no more."""
    st.set_page_config(page_title="Rent GPUs or buy them?", page_icon="⚖️", layout="wide")
    st.html(_CSS)
    with st.container(key="scheme"):
        _WATCH(key="scheme_watch", on_turned_change=_turned)
    try:
        state.settle()
        st.navigation([page.made() for page in PAGES], position="top").run()
    except Exception:
        _log.exception("the page failed")
        st.error("This is our fault. Your inputs are in the link.")


def _turned() -> None:
    """Nothing: the run itself, with charts in the new colors, is what was asked for."""


if __name__ == "__main__":
    main()
