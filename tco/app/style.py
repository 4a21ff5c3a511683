"""The look of the page, in the colours of the charts."""

from __future__ import annotations

import streamlit as st

from tco.report.charts import BUY, RENT, RENT_TEXT

_CSS = f"""<style>
[data-testid="stMainBlockContainer"] {{max-width: 1240px; padding: 3.4rem 1.5rem 4rem;}}
[data-testid="stHeader"] {{background: #fff; height: 2.75rem;}}
.tco-title {{font-size: 1.35rem; font-weight: 700; margin: 0;}}
.tco-verdict {{border-left: 6px solid #56626E; padding: .2rem 0 .2rem 1rem;}}
.tco-verdict.buy {{border-color: {BUY};}}
.tco-verdict.rent {{border-color: {RENT};}}
.tco-word {{display: inline-block; font-size: 1.05rem; font-weight: 800; letter-spacing: .06em;
  color: #fff; background: #56626E; border-radius: 4px; padding: .1rem .65rem; margin: 0 0 .45rem;}}
.buy .tco-word {{background: {BUY};}}
.rent .tco-word {{background: {RENT_TEXT};}}
.tco-lead {{font-size: 1.4rem; font-weight: 650; line-height: 1.3; margin: 0 0 .35rem;}}
.tco-more {{margin: 0; line-height: 1.45;}}
.tco-odds {{margin: 0; line-height: 1.45;}}
.tco-tiles {{display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr));
  gap: .5rem; padding: 0 !important; margin: .2rem 0 0 !important;}}
.tco-tile {{background: #F3F6F9; border-radius: 6px; padding: .45rem .75rem;}}
.tco-tile dt {{font-size: .8rem; font-weight: 400; color: #44505B;}}
.tco-tile dd {{font-size: 1.3rem; font-weight: 700; margin: 0; line-height: 1.25;}}
.tco-tile dd.buy {{color: {BUY};}}
.tco-tile dd.rent {{color: {RENT_TEXT};}}
.tco-tile small {{font-size: .78rem; font-weight: 400; color: #44505B; display: block;}}
.tco-group {{font-size: .82rem; font-weight: 700; text-transform: uppercase; letter-spacing: .05em;
  color: #44505B; border-bottom: 1px solid #D5DCE2; padding: 0 0 .2rem; margin: .3rem 0 0;}}
.tco-chart {{font-size: 1.05rem; font-weight: 650; margin: .5rem 0 -.6rem; padding: 0;}}
.tco-remarks {{background: #FFF6E5; border-left: 4px solid #B26A00; border-radius: 4px;
  padding: .6rem .9rem; margin: 0; overflow-wrap: anywhere;}}
.tco-remarks ul {{margin: .25rem 0 0 1.1rem; padding: 0;}}
.tco-facts {{margin: 0 !important; padding: 0 !important;}}
.tco-facts dt {{font-weight: 650; margin: .5rem 0 0;}}
.tco-facts dd {{margin: 0; color: #44505B; font-size: .9rem; overflow-wrap: anywhere;}}
.tco-label {{font-size: .95rem; font-weight: 650; margin: 0;}}
.tco-label span {{font-weight: 400; font-size: .85rem; color: #44505B;}}
[data-testid="stSliderThumbValue"] {{display: none;}}
[class*="st-key-input_"] [data-testid="stSlider"] {{margin: -.65rem 0 -.5rem;}}
[data-testid="stCaptionContainer"] {{color: #44505B; opacity: 1;}}
[data-testid="stCaptionContainer"] p {{color: #44505B; font-size: .82rem; line-height: 1.35;}}
[class*="st-key-input_"] input {{text-align: right;}}
.st-key-stale {{opacity: .45;}}
@media (max-width: 480px) {{
  .tco-lead {{font-size: 1.15rem;}}
  .tco-more {{font-size: .9rem;}}
}}
</style>"""


def apply() -> None:
    """Put the style sheet on the page."""
    st.html(_CSS)
