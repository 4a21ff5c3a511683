"""One purchase in the tax books, written off from tax year to tax year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tco.numeric import MONTHS_PER_YEAR, divide, larger, pick, select, smaller

_QUARTER_MONTHS = 3
# The published tables as one row of numbers: by life, by convention (half-year, then the quarters
# of mid-quarter), by year; the shorter life has zeros at its end.
LIVES = {"macrs_5": 5, "macrs_3": 3}
CONVENTIONS = (("half_year", None), *(("mid_quarter", quarter) for quarter in range(1, 4 + 1)))
YEARS = max(LIVES.values()) + 1


class Vintage(NamedTuple):
    """What was bought together, and how far it is written off.

    `cost` [USD]; `placed` is the month of the tax year, 1 to 12, in which it came into service, and
    `born` that month counted from the purchase; `year` is the number of tax years that have ended
    since, `scheduled` the share of the cost that the schedule has not yet reached, and `life` the
    years that straight line still has.
    """

    cost: Any
    born: Any
    placed: Any
    year: Any
    scheduled: Any
    life: Any


@dataclass(frozen=True)
class Schedule:
    """How every purchase of a scenario is written off.

    `method` and `convention` as the inputs; declining balance is `factor` / `years` of what is
    left. `macrs` are the published shares in the order of LIVES, CONVENTIONS and YEARS; they may
    be missing where no method needs them. `bonus` is the share of the cost that is written off in
    the first year, on top of the schedule for the rest.
    """

    method: Any
    years: Any
    factor: Any
    convention: Any
    bonus: Any
    macrs: Sequence[Any] = ()

    def placed(self, cost: Any, born: Any, purchase_month: Any) -> Vintage:
        """A purchase that comes into service `born` months after the start.

        >>> plan = Schedule("straight_line", 3, 2, "half_year", 0)
        >>> plan.placed(900, 4, 10).placed
        2
        """
        place = (purchase_month - 1 + born) % MONTHS_PER_YEAR + 1
        return Vintage(cost, born, place, 0, 1, self.years)

    def book(self, vintage: Vintage) -> Any:
        """What is not yet written off [USD]: all of the cost until the first tax year ends."""
        share = select(vintage.year == 0, 1, (1 - self.bonus) * vintage.scheduled)
        return vintage.cost * share

    def after_year(self, vintage: Vintage) -> Vintage:
        """The purchase when one more tax year has ended; the last one takes all that is left.

        The first year counts from the month in which the purchase came into service. Source of the
        methods: `tco.finance.depreciation`.

        >>> plan = Schedule("straight_line", 3, 2, "half_year", 0)
        >>> bought = plan.placed(900, 0, 7)
        >>> plan.book(plan.after_year(bought)), plan.book(plan.after_year(plan.after_year(bought)))
        (750.0, 450.0)
        """
        months = select(vintage.year == 0, MONTHS_PER_YEAR + 1 - vintage.placed, MONTHS_PER_YEAR)
        length = months * (1 + 0 * self.bonus) / MONTHS_PER_YEAR
        share = smaller(self._share(vintage, length), vintage.scheduled)
        return vintage._replace(
            year=vintage.year + 1,
            scheduled=vintage.scheduled - share,
            life=vintage.life - length,
        )

    def _share(self, vintage: Vintage, length: Any) -> Any:
        """Share of the cost that the schedule takes in a tax year of this length [years]."""
        left = vintage.scheduled
        even = divide(left * length, vintage.life, left)
        even = select(vintage.life < length, left, even)
        steep = larger(self.factor * length * left / self.years, even)
        table = self._published(vintage) if self.macrs else 0
        written = select(self.method == "declining_balance", steep, table)
        written = select(self.method == "straight_line", even, written)
        return select(self.method == "none", 0, written)

    def _published(self, vintage: Vintage) -> Any:
        quarter = (vintage.placed - 1) // _QUARTER_MONTHS + 1
        column = select(self.convention == "mid_quarter", quarter, 0)
        short = self.method == "macrs_3"
        row = select(short, len(CONVENTIONS), 0) + column
        final = select(short, LIVES["macrs_3"], LIVES["macrs_5"])
        share = pick(self.macrs, row * YEARS + smaller(vintage.year, final))
        return select(vintage.year >= final, vintage.scheduled, share)
