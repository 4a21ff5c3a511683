"""What the sheets are written from and with: the answer, every number and place, and the styles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.analysis.options import options
from tco.analysis.simulation import Simulation, odds_of
from tco.model.breakeven import Breakeven, breakeven, one_scenario
from tco.model.ledger import ledger_rows
from tco.numeric import ceil
from tco.report.currency import conversion_of
from tco.report.workbook.cells import Writer
from tco.report.workbook.formulas import Formulas
from tco.scenario import Scenario
from tco.scenario.notes import notes
from tco.words.currencies import Conversion

if TYPE_CHECKING:
    import pandas as pd

# XlsxWriter has no types: these name its classes.
Workbook: TypeAlias = Any
Worksheet: TypeAlias = Any
Format: TypeAlias = Any
Chart: TypeAlias = Any

# The row of month 0 on the sheet Months, as a spreadsheet counts rows.
FIRST_ROW = 9
_LEAST_MONTHS = 60
_ROWS_OF_A_PAGE = 80
_TOP: dict[str, Any] = {"valign": "top"}
_NUMBER = "#,##0.00##;-#,##0.00##;0"
_INPUT: dict[str, Any] = {"font_color": "#0000FF", "bg_color": "#EAF2FF", "locked": False, **_TOP}
STYLES: dict[str, dict[str, Any]] = {
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
    odds: Simulation | None
    no_odds: str
    formulas: Formulas

    @cached_property
    def letters(self) -> dict[str, str]:
        """The columns of the sheet Months, as a spreadsheet calls them."""
        from xlsxwriter.utility import xl_col_to_name

        return {name: xl_col_to_name(at) for at, name in enumerate(self.formulas.columns)}

    @property
    def last_row(self) -> int:
        """The last row of the sheet Months."""
        return FIRST_ROW + self.formulas.months

    @cached_property
    def writer(self) -> Callable[..., Writer]:
        """What writes the formulas of a month, or, without one, those of the other sheets."""
        return cache(partial(Writer, self.letters, (FIRST_ROW, self.last_row)))

    @cached_property
    def ledger(self) -> dict[str, tuple[float, float]]:
        """Python's sum and present value by column of the sheet Months [USD]."""
        last = int(ceil(self.scenario.values()["horizon_months"]))
        sums = {name: (0.0, 0.0) for name, column in self.formulas.columns.items() if column.item}
        for side, item, month, _, cost, present in ledger_rows(self.scenario):
            name = self.formulas.place(side, item, month == last)
            sums[name] = (sums[name][0] + cost, sums[name][1] + present)
        return sums

    def result(self, name: str) -> Any:
        """Python's result; an empty text where there is none."""
        return shown(getattr(self.answer, name))

    @cached_property
    def notes(self) -> dict[str, str]:
        """What is odd about the values reported, by input."""
        return notes(self.scenario)

    def sure(self, name: str) -> Any:
        """Python's chance or confidence; an empty text where there is none."""
        return shown(getattr(self.odds, name)) if self.odds else ""


def content_of(scenario: Scenario) -> Content:
    """Everything for one scenario; InputError as for `breakeven()`, and for a table of them."""
    if scenario.is_table:
        raise one_scenario("the workbook")
    answer, values = breakeven(scenario), scenario.values()
    odds, no_odds = odds_of(scenario)
    told = (scenario, answer, conversion_of(scenario), options(scenario), odds, no_odds)
    return Content(*told, Formulas(values, months_shown(values)))


def months_shown(values: Mapping[str, Any]) -> int:
    """Months that the workbook has rows for."""
    return max(_LEAST_MONTHS, int(ceil(values["horizon_months"])))


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


@dataclass(frozen=True)
class Sheet:
    """Writes on one sheet, in the workbook's styles; rows and columns count from 0."""

    book: Workbook
    worksheet: Worksheet
    styles: Mapping[str, Format]

    def value(self, row: int, column: int, value: Any, style: str = "plain") -> None:
        """A value, which stays what it is: text that begins with = is text."""
        self.worksheet.write(row, column, shown(value), self.styles[style])

    def row(self, row: int, values: Iterable[Any], style: str = "plain") -> None:
        """Values from the first column on."""
        for column, value in enumerate(values):
            self.value(row, column, value, style)

    def head(self, title: str, *lines: str) -> None:
        """The title, and a row for each line below it."""
        self.value(0, 0, title, "title")
        for row, line in enumerate(lines, 1):
            self.value(row, 0, line)

    def formula(
        self, row: int, column: int, formula: str, value: Any, style: str = "number"
    ) -> None:
        """A formula, and the value that it has now."""
        self.worksheet.write_formula(row, column, formula, self.styles[style], shown(value))

    def name(self, name: str, row: int, column: int) -> None:
        """Name a cell."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        place = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.book.define_name(name, f"={self.worksheet.name}!{place}")

    def named(
        self, row: int, name: str, formula: str, value: Any, *words: str, style: str = "number"
    ) -> None:
        """A row with a name, the formula that is called so, and unit and meaning."""
        self.row(row, (name, "", *words))
        self.formula(row, 1, formula, value, style)
        self.name(name, row, 1)

    def finish(
        self,
        last: tuple[int, int],
        heading: int,
        widths: Iterable[float],
        frozen: int = 1,
        across: bool = False,
    ) -> None:
        """Widths of columns, frozen and repeated headings, print area, locked formulas.

        `last` are the last row and column, `frozen` is how many columns stand still. The sheet is
        as wide as a page; with `across` it goes on over as many as it needs.
        """
        sheet = self.worksheet
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(heading + 1, frozen)
        sheet.print_area(0, 0, *last)
        sheet.repeat_rows(heading)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        if across:
            sheet.repeat_columns(0, 1)
            sheet.fit_to_pages(0, 1 + last[0] // _ROWS_OF_A_PAGE)
        else:
            sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P of &N")
        sheet.protect("", {"format_columns": True, "format_rows": True})
