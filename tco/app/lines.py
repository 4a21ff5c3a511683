"""The user's own lines on a page: what they are, what they come to, and how to be rid of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tco.app import bound, panels
from tco.inputs.lines import FIELDS, Line
from tco.report.own_lines import frame
from tco.scenario import Scenario

TITLE = "Your own lines of cost and income"
HOW = f"as CSV with the columns {', '.join(FIELDS)} (an empty cell is the default)"
_ALT = "Your own lines: side, what is paid, and present value over the holding period"


def section(scenario: Scenario) -> None:
    """The lines of a scenario; nothing where there are none."""
    if not scenario.lines:
        return
    panels.title(TITLE)
    panels.table(frame(scenario), _ALT, _COLUMNS)
    bound.button("Remove these lines", "remove_lines", lambda: use(()), ("lines",))


def use(lines: Sequence[Line]) -> dict[str, Any]:
    """What makes these the lines of the scenario on the screen."""
    return {"lines": tuple(lines)}


_COLUMNS = {
    "what is paid": st.column_config.Column(width=320),
    "present value": st.column_config.NumberColumn(format="dollar"),
}
