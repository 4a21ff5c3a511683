"""The user's own lines on a page: edited in a table, what they come to, and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tco.app import bound, panels
from tco.inputs.lines import FIELDS, Line
from tco.report.line_table import CHOICES, COLUMNS, FIRST, edited, table, together
from tco.report.own_lines import frame
from tco.scenario import Scenario
from tco.words import currencies
from tco.words.figures import capital

TITLE = "Your own lines of cost and income"
_EDIT = "Add, change or delete lines of your own"
HOW = f"as CSV with the columns {', '.join(FIELDS)} (an empty cell is the default)"
_ALT = "Your own lines: side, amount, and present value over the holding period"
_HOW_TO_EDIT = (
    "For anything no input covers: a cost, or income with a minus sign. Click a cell to edit it, "
    "or the last row to add a line; select a row to delete it. Amounts are in {} or, for a share "
    "of an item, in %; an empty cell means no limit."
)
_EDITED_ALT = "Your own lines, a row each, to be edited"
_WIDE = {"name": 120, "usd": 90, "basis": 165, "when": 120, "growth": 115, "cap_usd": 120}
_MONTHS = 112


def section(scenario: Scenario) -> None:
    """The lines of a scenario; nothing where there are none."""
    with panels.maybe("own_lines_listed"):
        if not scenario.lines:
            return
        panels.title(TITLE)
        panels.table(frame(scenario), _ALT, _COLUMNS)
        bound.button("Remove these lines", "remove_lines", lambda: use(()), ("lines",))


def editor(scenario: Scenario) -> None:
    """The lines of a scenario as a table to be edited, and what of it is not taken."""
    if place := panels.disclosure(_EDIT, "own_lines"):
        with place:
            st.caption(_HOW_TO_EDIT.format(currencies.code()))
            # What was typed in one currency is none of another's.
            code = currencies.code()
            made = bound.table(
                "lines_table" if code == currencies.USD else f"lines_table_{code}",
                tuple(scenario.lines),
                ("lines",),
                _EDITING,
                lambda found: use(found.lines),
                column_config=_CELLS,
                alt=_EDITED_ALT,
                placeholder="",
            )
            with st.container(key="lines_said"):
                panels.remarks(made.refused, "Not accepted; the line is unchanged:")
                panels.remarks(made.unfinished, "Not counted yet:")


def use(lines: Sequence[Line]) -> dict[str, Any]:
    """What makes these the lines of the scenario on the screen."""
    return {"lines": tuple(lines)}


def _cell(name: str) -> Any:
    """How the cells of a field are filled in."""
    label, width = capital(COLUMNS[name]), _WIDE.get(name, _MONTHS)
    if name in CHOICES:
        options = list(CHOICES[name].values())
        return st.column_config.SelectboxColumn(
            label, default=FIRST[name], options=options, width=width
        )
    return st.column_config.TextColumn(label, width=width)


_EDITING = bound.Editing(
    table, edited, lambda lines, first, then: together(len(lines), first, then)
)
_CELLS = {COLUMNS[name]: _cell(name) for name in COLUMNS}
_COLUMNS = {
    "amount": st.column_config.Column(width=320),
    "present value": panels.Money("$%,.2f"),
}
