"""How a cost is written off: the share of each tax year, and a purchase followed through them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.errors import InputError, Problem
from tco.finance.discounting import require
from tco.numeric import MONTHS_PER_YEAR, Constant, divide, larger, pick, select, smaller

if TYPE_CHECKING:
    from tco.numeric import Numeric, Truth

    # Shares by life in years, convention, and quarter (None under the half-year convention).
    Table: TypeAlias = Mapping[tuple[int, str, int | None], Sequence[Numeric]]

# The published tables as one row of numbers: by life, by convention (half-year, then the quarters
# of mid-quarter), by year; the shorter life has zeros at its end.
LIVES = {
    "macrs_5": Constant(5, "macrs_5_years", "years", "over which these tables write off"),
    "macrs_3": Constant(3, "macrs_3_years", "years", "over which these tables write off"),
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


def straight_line(years: Any, first_year: Any = 1) -> tuple[Numeric, ...]:
    """Equal shares of the cost [ratio], one a year; they sum to 1.

    `years` is a whole number above 0, else `InputError`. `first_year` in (0, 1] is the part of the
    first year that counts; the rest of that year then follows the last. The number type is that of
    the arguments. Source: IRS Publication 946, chapter 4; for a part of a year, section 7 (1) EStG.

    >>> straight_line(5)
    (0.2, 0.2, 0.2, 0.2, 0.2)
    >>> straight_line(2, first_year=0.5)
    (0.25, 0.5, 0.25)
    """
    return tuple(length / years for length in _lengths_of_years(years, first_year))


def declining_balance(
    years: Any, rate_per_year: Any, first_year: Any = 1, switch: bool = True
) -> tuple[Numeric, ...]:
    """A constant share of what is left each year [ratio]; they sum to 1.

    Shape of `rate_per_year`, in [0, 1]: 2 / years is double declining balance. With `switch`, a
    year takes the straight line over the years left where that is more. Without it, the last year
    takes all that is left. Other arguments and errors as `straight_line`. Source: IRS
    Publication 946, chapter 4; section 7 (2) EStG.

    >>> [round(share, 4) for share in declining_balance(5, 0.4, first_year=0.5)]
    [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576]
    """
    holds = (rate_per_year >= 0) & (rate_per_year <= 1)
    require(holds, "rate_per_year", rate_per_year, "[0, 1]", "share of the book value a year")
    book, left = 1 + 0 * rate_per_year, years
    shares = []
    for length in _lengths_of_years(years, first_year)[:-1]:
        share = rate_per_year * length * book
        if switch:
            share = larger(share, book * length / left)
        shares.append(share)
        book, left = book - share, left - length
    return (*shares, book)


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


def _lengths_of_years(years: Any, first_year: Any) -> list[Any]:
    whole = bool(0 < years < math.inf) and years % 1 == 0
    meaning = "years over which a cost is written off"
    require(whole, "years", years, "the whole numbers above 0", meaning)
    part = bool(0 < first_year <= 1)
    require(part, "first_year", first_year, "(0, 1]", "part of the first year that counts")
    rest = [1 - first_year] if first_year < 1 else []
    return [first_year, *[1] * (int(years) - 1), *rest]


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
    since, `scheduled` the share of the cost that the schedule has not yet reached, and `life` the
    years that straight line still has.

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
        self.life = schedule.years

    @property
    def book(self) -> Any:
        """What is not yet written off [USD]: all of the cost until the first tax year ends."""
        share = select(self.year == 0, 1, (1 - self.schedule.bonus) * self.scheduled)
        return self.cost * share

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
        self.life = select(ended, self.life - length, self.life)

    def replace(self, replaced: Truth, other: Vintage) -> None:
        """Where it is replaced, stand for another purchase from now on."""
        for name in ("cost", "born", "placed", "year", "scheduled", "life"):
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
        short = plan.method == "macrs_3"
        self.row = select(short, _ROWS, 0) + column
        self.final = final = select(short, LIVES["macrs_3"], LIVES["macrs_5"])
        share = pick(plan.macrs, self.row, smaller(self.year, final), YEARS)
        return select(self.year >= final, self.scheduled, share)
