"""The app: `streamlit run app.py`."""

from tco.app.main import main

main()
