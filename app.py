"""The app: `streamlit run app.py`."""

import streamlit

from tco.app.server import PARTS

app = streamlit.App(**PARTS)
