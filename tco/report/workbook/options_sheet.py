"""The sheet Options: every way to get the busy hours, as Python worked them out."""

from __future__ import annotations

import math
from typing import Any

from tco.report.ways import table_frame
from tco.report.workbook.content import Content, Sheet
from tco.words import of_owner
from tco.words.currencies import shown_in
from tco.words.figures import capital

_NOTE = (
    "A snapshot of the options for the values reported: it does not change with Inputs. "
    "Costs in USD; present values include resale and the unused commitment."
)
_HEADING, _FIRST = 2, 3
_HOURLY, _PRESENT, _NOTES = "USD per busy hour", "present value", "note"
_TEXTS = {"option": 29, "side": 7, "why not": 50, _NOTES: 60}
_RANK, _WIDTH = 6, 10.5
_STYLES = {_HOURLY: "unit_cost", _PRESENT: "money", "rank": "whole"}


def write_options(sheet: Sheet, content: Content) -> None:
    """Write the sheet: what is printed first, then cash in the other currency, and notes."""
    with shown_in(content.conversion):
        frame = table_frame(content.options).drop(columns="on Decide")
    values = content.scenario.values()
    frame["side"] = [of_owner(word, values) for word in frame["side"]]
    names = [str(name) for name in frame if name != _NOTES]
    cash = [name for name in names if name.startswith("cash")]
    after = names.index(_PRESENT) + 1
    # Each column: its name in the frame, and whether it is converted.
    columns = [(name, False) for name in names]
    converted = [(_HOURLY, True), (_PRESENT, True)]
    # They are printed where there is another currency.
    columns[after:after] = converted if content.conversion else []
    printed = len(columns) - 1
    columns += [] if content.conversion else converted
    columns += [*((name, True) for name in cash), (_NOTES, False)]
    sheet.head("Options", _NOTE)
    sheet.lines(_HEADING, 3)
    widths = []
    for column, (name, converts) in enumerate(columns):
        listed = list(frame[name])
        if converts:
            source = columns.index((name, False))
            _write_converted(sheet, (column, source), name, listed, content)
        else:
            style = "heading_unit" if name in _TEXTS else "heading_right"
            told = name.replace(", ", ",\n") if name in cash else name
            sheet.value(_HEADING, column, capital(told), style)
            for row, value in enumerate(listed, _FIRST):
                sheet.value(row, column, value, _style(name, cash))
        widths.append(_TEXTS.get(name, _RANK if name == "rank" else _WIDTH))
    for row, why in enumerate(frame["why not"], _FIRST):
        sheet.lines(row, math.ceil(len(why) / (0.85 * _TEXTS["why not"])))
    sheet.finish((len(frame) + _HEADING, printed), _HEADING, widths)


def _style(name: str, cash: list[str]) -> str:
    """How the cells of a column look; months and shares have tenths."""
    words = "wrapped_unit" if name in _TEXTS else "money" if name in cash else "months"
    return _STYLES.get(name, words)


def _write_converted(
    sheet: Sheet, places: tuple[int, int], name: str, values: list[Any], content: Content
) -> None:
    """A column of amounts in the other currency, empty for USD, beside its source."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    column, source = places
    words = name.removeprefix("USD ")
    told = f"{content.conversion.currency}, {words}" if content.conversion else ""
    formula = f'=IF(converts,currency&", {words}","")'
    sheet.formula(_HEADING, column, formula, told, "heading_right")
    for row, value in enumerate(values, _FIRST):
        place = xl_rowcol_to_cell(row, source, col_abs=True)
        sheet.converted((row, column), place, value, content, _STYLES.get(name, "money"))
