"""The pages of the app, in the order in which they are offered."""

from __future__ import annotations

# Titles by the path in the address; the first is shown where none is asked for.
TITLES = {
    "": "Decide",
    "options": "Options",
    "risk": "Risk",
    "data": "Data",
    "report": "Report",
}
