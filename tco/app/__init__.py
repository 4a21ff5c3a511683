"""The Streamlit app: widgets to a Scenario, results to pixels. No arithmetic here."""
