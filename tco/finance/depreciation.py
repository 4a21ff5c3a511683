"""How a cost is written off: by tax year, a purchase followed through them, and by month."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.errors import InputError, Problem
from tco.finance.discounting import require
from tco.numeric import (
    MONTHS_PER_YEAR,
    Constant,
    Numeric,
    Truth,
    divide,
    in_type_of,
    larger,
    pick,
    select,
    smaller,
)

if TYPE_CHECKING:
    Table: TypeAlias = Mapping[tuple[int, str, int | None], Sequence[Numeric]]

# The published tables as one row of numbers: by life, by convention (half-year, then the quarters
# of mid-quarter), by year; the shorter life has zeros at its end.
LIVES = {
    "macrs_5": Constant(5, "macrs_5_years", "years", "over which these tables write off"),
    "macrs_3": Constant(3, "macrs_3_years", "years", "over which these tables write off"),
    "macrs_7": Constant(7, "macrs_7_years", "years", "over which these tables write off"),
}
CONVENTIONS = (("half_year", None), *(("mid_quarter", quarter) for quarter in range(1, 4 + 1)))
YEARS = max(LIVES.values()) + 1
_ROWS = Constant(
    *(len(CONVENTIONS), "macrs_rows_per_life", "rows"),
    "of the published tables, half-year and four quarters",
)
_MONTHS_PER_QUARTER = Constant(
    3, "months_per_quarter", "months", "of a tax year, for the mid-quarter tables"
)


def macrs(
    table: Table, life_years: int, convention: str, placed_in_quarter: int | None = None
) -> tuple[Numeric, ...]:
    """Shares of the cost under the US tax system [ratio], one a year; they sum to 1.

    `table` holds the published shares by (life, convention, quarter). `convention` is `half_year`,
    without a quarter, or `mid_quarter` with the one of 1 to 4 in which the asset was placed in
    service. What is not in the table, or is no schedule of life + 1 years, is an `InputError`.
    Source: IRS Publication 946, Appendix A, Tables A-1 to A-5.

    >>> macrs({(3, "half_year", None): (0.3333, 0.4445, 0.1481, 0.0741)}, 3, "half_year")
    (0.3333, 0.4445, 0.1481, 0.0741)
    """
    key = (life_years, convention, placed_in_quarter)
    if key not in table:
        known = "; ".join(str(known) for known in table)
        names = "(life_years, convention, placed_in_quarter)"
        raise InputError([Problem("life_years", f"{names} = {key} is not in the table: {known}")])
    shares = tuple(table[key])
    whole = len(shares) == life_years + 1 and math.isclose(math.fsum(shares), 1)
    meaning = "shares of life_years + 1 years that sum to 1"
    require(whole and min(shares) >= 0, "table", shares, "[0, 1]", meaning)
    return shares


@dataclass(frozen=True)
class Schedule:
    """How every purchase of a scenario is written off.

    `method` and `convention` as the inputs; declining balance is `factor` / `years` of what is
    left. `macrs` are the published shares in the order of LIVES, CONVENTIONS and YEARS; they may
    be missing where no method needs them. `bonus` is the share of the cost that is written off in
    the first year, on top of the schedule for the rest. Tax years are calendar years of which
    `purchase_month` is the month at the start.
    """

    method: Any
    years: Any
    factor: Any
    convention: Any
    bonus: Any
    purchase_month: Any
    macrs: Sequence[Any] = ()


class Vintage:
    """What was bought together, and how far it is written off.

    `cost` [USD]; `placed` is the month of the tax year, 1 to 12, in which it came into service, and
    `born` that month counted from the purchase; `year` is the number of tax years that have ended
    since, `scheduled` the share of the cost that the schedule has not yet reached, `share` that
    which is still in the books, and `life` the years that straight line still has.

    >>> bought = Vintage(Schedule("straight_line", 3, 2, "half_year", 0, 7), 900, 0)
    >>> bought.end_year(True)
    >>> first = bought.book
    >>> bought.end_year(True)
    >>> first, bought.book
    (750.0, 450.0)
    """

    def __init__(self, schedule: Schedule, cost: Any, born: Any) -> None:
        self.schedule = schedule
        self.cost, self.born = cost, born
        self.placed = (schedule.purchase_month - 1 + born) % MONTHS_PER_YEAR + 1
        self.year: Any = 0
        self.scheduled: Any = 1
        self.share: Any = 1
        self.life = schedule.years

    @property
    def book(self) -> Any:
        """What is not yet written off [USD]: all of the cost until the first tax year ends."""
        return self.cost * self.share

    def end_year(self, ended: Truth) -> None:
        """Go on to the next tax year where one has ended; the last one takes all that is left.

        The first year counts from the month in which the purchase came into service.
        """
        self.ended = ended
        months = select(self.year == 0, MONTHS_PER_YEAR - self.placed + 1, MONTHS_PER_YEAR)
        self.length = length = months * (1 + 0 * self.schedule.bonus) / MONTHS_PER_YEAR
        self.planned = self._share(length)
        share = smaller(self.planned, self.scheduled)
        self.year = select(ended, self.year + 1, self.year)
        self.scheduled = select(ended, self.scheduled - share, self.scheduled)
        self.share = select(ended, (1 - self.schedule.bonus) * self.scheduled, self.share)
        self.life = select(ended, self.life - length, self.life)

    def replace(self, replaced: Truth, other: Vintage) -> None:
        """Where it is replaced, stand for another purchase from now on."""
        for name in ("cost", "born", "placed", "year", "scheduled", "share", "life"):
            setattr(self, name, select(replaced, getattr(other, name), getattr(self, name)))

    def _share(self, length: Any) -> Any:
        """Share of the cost that the schedule takes in a tax year of this length [years]."""
        plan, left = self.schedule, self.scheduled
        even = divide(left * length, self.life, left)
        self.even = even = select(self.life < length, left, even)
        self.declined = plan.factor * length * left / plan.years
        self.steep = steep = larger(self.declined, even)
        table = self._published() if plan.macrs else 0
        written = select(plan.method == "declining_balance", steep, table)
        written = select(plan.method == "straight_line", even, written)
        return select(plan.method == "none", 0, written)

    def _published(self) -> Any:
        plan = self.schedule
        quarter = (self.placed - 1) // _MONTHS_PER_QUARTER + 1
        column = select(plan.convention == "mid_quarter", quarter, 0)
        (_, first), *others = LIVES.items()
        final: Any = first
        table: Any = 0
        later: Any = False
        for method, life in reversed(others):
            later = later | (plan.method == method)
            table = table + select(later, 1, 0)
            final = select(plan.method == method, life, final)
        self.row = table * _ROWS + column
        self.final = final
        share = pick(plan.macrs, self.row, smaller(self.year, final), YEARS)
        share = in_type_of(plan.bonus, share)
        return select(self.year >= final, self.scheduled, share)


class StraightLine:
    """An asset of the financial books, written off in level amounts month by month.

    `cost` [USD] goes down to the share `residual` of it over `life` months, from the month after
    `born` on; `book` is what is not yet written off, and `written` what was in the month that was
    followed last [USD]. Source: ASC 360-10-35-4.

    >>> asset = StraightLine(1_200, 2, 12, 0.25)
    >>> [asset.advance(month, 1) for month in range(1, 5)], asset.book
    ([0, 0, 75.0, 75.0], 1050.0)
    """

    def __init__(self, cost: Any, born: Any, life: Any, residual: Any) -> None:
        self.cost, self.born, self.life, self.residual = cost, born, life, residual
        self.book: Any = cost

    def advance(self, month: Any, width: Any) -> Any:
        """What is written off for a month, or for the part `width` of it [USD]."""
        runs = (month > self.born) & (month <= self.born + self.life)
        a_month = self.cost * (1 - self.residual) / self.life
        written = self.written = select(runs, a_month * width, 0)
        self.book = self.book - written
        return written

    def replace(self, now: Truth, cost: Any, month: Any) -> Any:
        """Take it off the books for another of that cost; what it stood there for [USD]."""
        gone = select(now, self.book, 0)
        self.cost = select(now, cost, self.cost)
        self.born = select(now, month, self.born)
        self.book = select(now, cost, self.book)
        return gone
