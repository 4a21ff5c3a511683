"""What the sheets are written from and with: the answer, every number and place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.analysis.accounting import Accounting, accounting
from tco.analysis.measures import Measures, measures
from tco.analysis.options import options
from tco.analysis.simulation import Simulation, odds_of
from tco.model.breakeven import Breakeven, breakeven, one_scenario
from tco.model.items import item_of
from tco.model.ledger import ledger_rows
from tco.numeric import ceil
from tco.report.csv import versions
from tco.report.facts import Facts, facts_of
from tco.report.workbook.block import Printed, printed_columns
from tco.report.workbook.cells import Writer
from tco.report.workbook.counted import counted
from tco.report.workbook.formulas import Formulas
from tco.report.workbook.returns import FLOWS, Flows, Rate, annual_cells, flows_of, rate_cells
from tco.scenario import Scenario
from tco.scenario.notes import notes
from tco.version import __version__
from tco.words import of_owner
from tco.words.currencies import USD, Conversion
from tco.words.figures import inside

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
# How high a line of text is [points].
_LINE_HEIGHT = 15
# Digits of an amount until it is worked out anew.
_DIGITS = 11
# Where the sheet Check holds what Python says of the values reported: beyond what is printed.
_KEPT_COLUMN, KEPT_ROW = "L", 3


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
    facts: Facts
    measures: Measures
    # What is true of the values reported only, in the order of its cells on the sheet Check.
    kept: list[tuple[Any, str]] = field(default_factory=list)

    @cached_property
    def block(self) -> tuple[Printed, ...]:
        """The printed columns of the sheet Months: they stand left of all others."""
        values = self.scenario.values()
        return tuple(
            column._replace(
                section=of_owner(column.section, values), heading=of_owner(column.heading, values)
            )
            for column in printed_columns(self.formulas)
        )

    @cached_property
    def letters(self) -> dict[str, str]:
        """The columns of the sheet Months, as a spreadsheet calls them."""
        from xlsxwriter.utility import xl_col_to_name

        first = len(self.block) + 1
        return {name: xl_col_to_name(at) for at, name in enumerate(self.formulas.columns, first)}

    @cached_property
    def counted(self) -> set[str]:
        """The inputs that the results follow from, as the values are."""
        return counted(self.formulas)

    @cached_property
    def flow_letters(self) -> dict[str, str]:
        """The columns right of them, of which rates of return are taken."""
        from xlsxwriter.utility import xl_col_to_name

        first = len(self.block) + 1 + len(self.formulas.columns)
        return {name: xl_col_to_name(at) for at, name in enumerate(FLOWS, first)}

    @property
    def shown_in(self) -> tuple[str, float]:
        """The currency of converted amounts, and its units for one USD; USD where none are."""
        found = self.conversion
        return (found.currency, found.fx_rate) if found else (USD, 1.0)

    @property
    def charted_at(self) -> int:
        """The first of the columns at the end, which the chart on Summary draws."""
        return len(self.block) + 1 + len(self.formulas.columns) + len(FLOWS)

    @cached_property
    def flows(self) -> Flows:
        """What buying saves, as rates of return take it."""
        return flows_of(self.formulas, self.horizon)

    @cached_property
    def rates(self) -> dict[str, Rate]:
        """The cells of returns and of annual costs, by name, in the order in which they follow."""
        letter, rows = self.flow_letters["saving_signs"], (FIRST_ROW, self.last_row)
        column = f"Months!${letter}$"
        signs = (
            f"{column}{rows[0] + 1}:${letter}${rows[1]}*{column}{rows[0]}:${letter}${rows[1] - 1}"
        )
        months, discount = map(self.writer().column, ("month", "discount"))
        values = self.scenario.values()
        rates = rate_cells(self.measures, self.flows, values, signs, months, discount)
        rates += annual_cells(self.formulas, self.measures, self.writer())
        return {rate.name: rate for rate in rates}

    def found(self, name: str) -> Any:
        """A result or a measure as Python has it; an empty text where there is none."""
        return shown(self.rates[name].value) if name in self.rates else self.result(name)

    @property
    def last_row(self) -> int:
        """The last row of the sheet Months."""
        return FIRST_ROW + self.formulas.months

    @property
    def horizon(self) -> int:
        """Months in the holding period reported, rounded up."""
        return int(ceil(self.scenario.values()["horizon_months"]))

    @cached_property
    def writer(self) -> Callable[..., Writer]:
        """What writes the formulas of a month, or, without one, those of the other sheets."""
        return cache(partial(Writer, self.letters, (FIRST_ROW, self.last_row)))

    @cached_property
    def ledger(self) -> dict[str, tuple[float, float]]:
        """Python's sum and present value by column of the sheet Months [USD]."""
        sums = {name: (0.0, 0.0) for name, column in self.formulas.columns.items() if column.item}
        for side, item, month, _, cost, present in ledger_rows(self.scenario):
            name = self.formulas.place(side, item, month == self.horizon)
            sums[name] = (sums[name][0] + cost, sums[name][1] + present)
        return sums

    @cached_property
    def accounting(self) -> Accounting:
        """Python's accounting view."""
        return accounting(self.scenario)

    def result(self, name: str) -> Any:
        """Python's result; an empty text where there is none."""
        return shown(getattr(self.answer, name))

    def label(self, name: str) -> str:
        """What the item of a column is called, or a line of the user's own."""
        item = self.formulas.columns[name].item
        is_line = item in self.formulas.lines
        return item if is_line else inside(item_of(name.partition("_")[0], item).label)

    @cached_property
    def notes(self) -> dict[str, str]:
        """What is odd about the values reported, by input."""
        return notes(self.scenario)

    def sure(self, name: str) -> Any:
        """Python's chance or confidence; an empty text where there is none."""
        return shown(getattr(self.odds, name)) if self.odds else ""

    @property
    def day(self) -> str:
        """Of which day the data is."""
        return str(self.scenario.values()["as_of"])

    @cached_property
    def stamp(self) -> str:
        """What made the file, on which data; it stands at the foot of every page."""
        catalogue = self.scenario.catalogue
        model = versions(catalogue)["model_version"]
        return f"tco {__version__}, model {model}, {catalogue.label} as of {self.day}"

    def keep(self, value: Any, style: str = "plain") -> str:
        """Put by what is true of the values reported only; the cell where it stands."""
        self.kept.append((value, style))
        return f"Check!${_KEPT_COLUMN}${KEPT_ROW + len(self.kept)}"


def content_of(scenario: Scenario) -> Content:
    """Everything for one scenario; InputError as for `breakeven()`, and for a table of them."""
    if scenario.is_table:
        raise one_scenario("the workbook")
    answer, values = breakeven(scenario), scenario.values()
    odds, no_odds = odds_of(scenario)
    told = (scenario, answer, scenario.conversion, options(scenario), odds, no_odds)
    formulas = Formulas(values, months_shown(values))
    return Content(*told, formulas, facts_of(scenario), measures(scenario))


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


def until_counted(value: Any) -> Any:
    """What the cell of an amount holds until it is worked out anew: eleven digits.

    >>> until_counted(2 / 3), until_counted(-0.0), until_counted(36.0)
    (0.66666666667, 0, 36)
    """
    if not isinstance(value, float):
        return value
    rounded = float(f"{value:.{_DIGITS}g}")
    is_whole = rounded.is_integer() and abs(rounded) < 10**_DIGITS
    return int(rounded) if is_whole else rounded


class Filled(str):
    """A formula filled down a column: its first cell holds it, and the others refer to that.

    `shared` are the attributes of the element that holds it, or refers.
    """

    shared: str

    def __new__(cls, formula: str, shared: str) -> Filled:
        """Of the formula of the first cell, or of an equals sign alone for the others."""
        made = super().__new__(cls, formula)
        made.shared = shared
        return made


@dataclass(frozen=True)
class Sheet:
    """Writes on one sheet, in the workbook's styles; rows and columns count from 0."""

    book: Workbook
    worksheet: Worksheet
    styles: Mapping[str, Format]
    stamp: str = ""
    _numbers: Iterator[int] = field(default_factory=count)

    def value(self, row: int, column: int, value: Any, style: str = "plain") -> None:
        """A value, which stays what it is: text that begins with = is text."""
        self.worksheet.write(row, column, shown(value), self.styles[style])

    def row(self, row: int, values: Iterable[Any], style: str = "plain", first: int = 0) -> None:
        """Values side by side, from a column on."""
        for column, value in enumerate(values, first):
            self.value(row, column, value, style)

    def head(self, title: str, *lines: str) -> None:
        """The title, and a row for each line below it."""
        self.value(0, 0, title, "title")
        for row, line in enumerate(lines, 1):
            self.value(row, 0, line, "small")

    def formula(
        self, row: int, column: int, formula: str, value: Any, style: str = "number"
    ) -> None:
        """A formula, and the value that it has now."""
        self.worksheet.write_formula(row, column, formula, self.styles[style], shown(value))

    def filled(
        self, row: int, column: int, formula: str, values: Sequence[Any], style: str = "number"
    ) -> None:
        """A formula, and below it the same of the rows there, with the values that they have now.

        The file holds it once, as a spreadsheet writes what was filled down.
        """
        from xlsxwriter.utility import xl_range

        if len(values) == 1:
            self.formula(row, column, formula, values[0], style)
            return
        number = next(self._numbers)
        there = xl_range(row, column, row + len(values) - 1, column)
        head = Filled(formula, f' t="shared" ref="{there}" si="{number}"')
        below = Filled("=", f' t="shared" si="{number}"')
        for at, value in enumerate(values):
            self.formula(row + at, column, below if at else head, value, style)

    def across(
        self, row: int, columns: tuple[int, int], style: str, rows: int = 1, text: Any = ""
    ) -> None:
        """One cell over several columns and rows; a formula may be written into it afterwards."""
        first, last = columns
        bottom = row + rows - 1
        self.worksheet.merge_range(row, first, bottom, last, text, self.styles[style])

    def reported(
        self, row: int, column: int, content: Content, value: Any, style: str = "plain"
    ) -> None:
        """What Python says of the values reported: once an input is changed the cell is empty."""
        if (value := shown(value)) != "":
            place = content.keep(value, style)
            self.formula(row, column, f'=IF(inputs_changed>0,"",{place})', value, style)

    def lines(self, row: int, count: int) -> None:
        """How many lines of text a row has room for."""
        self.worksheet.set_row(row, _LINE_HEIGHT * max(1, count))

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

    def converted(
        self, place: tuple[int, int], source: str, value: Any, content: Content, style: str
    ) -> None:
        """An amount in the other currency: empty for USD, and where its rate is not given."""
        found = content.conversion
        there = value * found.fx_rate if found and shown(value) != "" else ""
        formula = f'=IF(AND(converts,ISNUMBER({source})),{source}*fx_rate,"")'
        self.formula(*place, formula, there, style)

    def finish(
        self,
        last: tuple[int, int],
        heading: int | None,
        widths: Iterable[float],
        frozen: int = 1,
        *,
        portrait: bool = False,
        pages: int = 1,
    ) -> None:
        """Widths of columns, frozen and repeated headings, print area, locked formulas.

        `last` are the last row and column that are printed, on so many `pages` (0: any number of
        them) as wide as the sheet; `frozen` is how many columns stand still.
        """
        sheet = self.worksheet
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if heading is not None:
            sheet.freeze_panes(heading + 1, frozen)
            sheet.repeat_rows(heading)
        sheet.print_area(0, 0, *last)
        if portrait:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.6)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, pages)
        stamp = self.stamp.replace("&", "&&")
        sheet.set_footer(f"&L&8{stamp}&C&8&A&R&8Page &P of &N", {"margin": 0.3})
        sheet.protect("", {"format_columns": True, "format_rows": True})
