"""What the sheets are written from and with: the answer, every number and place, and the styles."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.analysis.options import options
from tco.analysis.simulation import odds_of
from tco.model.breakeven import Breakeven, breakeven, one_scenario
from tco.model.items import EXIT_ITEMS
from tco.model.ledger import CURVE_COLUMNS, curves, ledger_rows
from tco.report.currency import conversion_of
from tco.report.workbook.columns import EXITS
from tco.report.workbook.model import COLUMNS, ORDER, Model, worked_model

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.simulation import Simulation
    from tco.report.currency import Conversion
    from tco.scenario import Scenario

# XlsxWriter has no types: these name its classes.
Workbook: TypeAlias = Any
Worksheet: TypeAlias = Any
Format: TypeAlias = Any
Chart: TypeAlias = Any

# The row of month 0 on the sheet Months, as a spreadsheet counts rows.
FIRST_ROW = 9
_ROW, _ROW_ABOVE = "\0", "\1"
_ROWS_OF_A_PAGE = 80
_TOP: dict[str, Any] = {"valign": "top"}
_NUMBER = "#,##0.00##;-#,##0.00##;0"
_INPUT: dict[str, Any] = {"font_color": "#0000FF", "bg_color": "#EAF2FF", "locked": False, **_TOP}
_STYLES: dict[str, dict[str, Any]] = {
    "plain": _TOP,
    "wrapped": {"text_wrap": True, **_TOP},
    "title": {"bold": True, "font_size": 16},
    "group": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864"},
    "heading": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F2F2F2", **_TOP},
    "number": {"num_format": _NUMBER, **_TOP},
    "ratio": {"num_format": "0.000000", **_TOP},
    "whole": {"num_format": "0", **_TOP},
    "strong": {"bold": True, "num_format": _NUMBER, **_TOP},
    "warning": {"bold": True, "font_color": "#C00000", **_TOP},
    "input": _INPUT,
    "input_text": {"num_format": "@", **_INPUT},
}


@dataclass(frozen=True)
class Content:
    """One scenario with everything that its workbook says."""

    scenario: Scenario
    answer: Breakeven
    conversion: Conversion | None
    options: pd.DataFrame
    model: Model
    odds: Simulation | None
    no_odds: str

    @cached_property
    def ledger(self) -> dict[tuple[str, int], float]:
        """The ledger's costs by column of the sheet Months and month [USD]."""
        last = self.model.names["last_month"]
        exits = {column.name for column in EXITS}
        costs = {}
        for side, item, month, _, cost, _ in ledger_rows(self.scenario):
            at_exit = f"{side}_exit_{item}".replace("exit_exit", "exit")
            leaves = item in EXIT_ITEMS and month == last and at_exit in exits
            costs[at_exit if leaves else f"{side}_{item}", month] = cost
        return costs

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """The columns of the sheet Months; those of the ledger and the curves are Python's own."""
        columns = {name: list(values) for name, values in self.model.columns.items()}
        for (name, month), cost in self.ledger.items():
            columns[name][month] = cost
        points = curves(self.scenario)
        for name in CURVE_COLUMNS[2:]:
            for month, value in enumerate(points[name].tolist()):
                if month or not name.endswith("_exit_usd"):
                    columns[name][month] = value
        return columns

    @property
    def last_row(self) -> int:
        """The last row of the sheet Months."""
        return FIRST_ROW + self.model.months

    def result(self, name: str) -> Any:
        """Python's result; an empty text where there is none."""
        return shown(getattr(self.answer, name))

    def sure(self, name: str) -> Any:
        """Python's chance or confidence; an empty text where there is none."""
        return shown(getattr(self.odds, name)) if self.odds else ""


def content_of(scenario: Scenario) -> Content:
    """Everything for one scenario; InputError as for `breakeven()`, and for a table of them."""
    if scenario.is_table:
        raise one_scenario("the workbook")
    answer = breakeven(scenario)
    model, converted = worked_model(scenario.values()), conversion_of(scenario)
    odds, no_odds = odds_of(scenario)
    return Content(scenario, answer, converted, options(scenario), model, odds, no_odds)


def shown(value: Any) -> Any:
    """A value as a cell holds it: an empty text for none, a number in Python's own type.

    >>> shown(math.inf), shown(2.5)
    ('', 2.5)
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (str, bool)):
        return value
    return value if isinstance(value, (int, float)) and math.isfinite(value) else ""


class Cells:
    """Where the columns of the sheet Months stand, seen from that sheet or from another.

    Formulas of a month are written once, and `in_row` says for which month.
    """

    def __init__(self, last_row: int, sheet: str = "") -> None:
        from xlsxwriter.utility import xl_col_to_name

        self.last_row, self.sheet = last_row, sheet
        self.letters = {name: xl_col_to_name(at) for at, name in enumerate(ORDER)}

    def cell(self, name: str, previous: bool) -> str:
        """A column's cell in the row, or above it; any other name is a named cell."""
        if name not in COLUMNS:
            return name
        return f"{self.letters[name]}{_ROW_ABOVE if previous else _ROW}"

    def row(self, first: str, last: str) -> str:
        """The cells of the row from one column to another."""
        return f"{self.letters[first]}{_ROW}:{self.letters[last]}{_ROW}"

    def column(self, name: str) -> str:
        """All cells of a column, from month 0 on."""
        letter = self.letters[name]
        return f"{self.sheet}${letter}${FIRST_ROW}:${letter}${self.last_row}"

    @staticmethod
    def in_row(formula: str, row: int) -> str:
        """The formula in one row."""
        return formula.replace(_ROW, str(row)).replace(_ROW_ABOVE, str(row - 1))


@dataclass(frozen=True)
class Pen:
    """Writes on one sheet, in the workbook's styles; rows and columns count from 0."""

    book: Workbook
    sheet: Worksheet
    style: Callable[[str], Format]

    def value(self, row: int, column: int, value: Any, style: str = "plain") -> None:
        """A value, which stays what it is: text that begins with = is text."""
        value, looks = shown(value), self.style(style)
        if isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, looks)
        elif isinstance(value, str):
            if value:
                self.sheet.write_string(row, column, value, looks)
            else:
                self.sheet.write_blank(row, column, None, looks)
        else:
            self.sheet.write_number(row, column, value, looks)

    def row(self, row: int, values: Any, style: str = "plain") -> None:
        """Values from the first column on."""
        for column, value in enumerate(values):
            self.value(row, column, value, style)

    def formula(
        self, row: int, column: int, formula: str, value: Any, style: str = "number"
    ) -> None:
        """A formula, and the value that it has now."""
        self.sheet.write_formula(row, column, formula, self.style(style), shown(value))

    def name(self, name: str, row: int, column: int) -> None:
        """Name a cell."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        place = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.book.define_name(name, f"={self.sheet.name}!{place}")


def styles(book: Workbook) -> Callable[[str], Format]:
    """The styles by name."""
    formats = {name: book.add_format(properties) for name, properties in _STYLES.items()}
    return formats.__getitem__


def finish(
    sheet: Worksheet, last_row: int, last_column: int, heading_row: int, across: bool = False
) -> None:
    """Print area, repeated headings, landscape pages, locked formulas.

    The sheet is as wide as a page; with `across` it goes on over as many as it needs.
    """
    sheet.print_area(0, 0, last_row, last_column)
    sheet.repeat_rows(heading_row)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    if across:
        sheet.repeat_columns(0, 1)
        sheet.fit_to_pages(0, 1 + last_row // _ROWS_OF_A_PAGE)
    else:
        sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")
    sheet.protect(
        "",
        {
            "format_columns": True,
            "format_rows": True,
            "select_locked_cells": True,
            "select_unlocked_cells": True,
        },
    )
