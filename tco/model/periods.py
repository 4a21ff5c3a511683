"""The months of a scenario, with everything that grows or shrinks from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.finance.discounting import discount_factor, residual_share
from tco.model.items import GROWTHS
from tco.numeric import any_true, ceil, compound, select, whole_range

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.numeric import Numeric, Truth


class Period(NamedTuple):
    """One month, or the part of it before the horizon.

    `factors` are what a full first month's amount is multiplied with, by growth (tco.model.items);
    `term_starts` marks the first month of a commitment term; `inside` that more months follow;
    `market_growth` is how far the market's rental rate has moved, and `rental_growth` how far the
    rate that is paid.
    """

    month: int
    t: Numeric
    discount: Numeric
    residual: Numeric
    factors: tuple[Numeric, ...]
    rental_growth: Numeric
    term_starts: Truth
    inside: Truth
    market_growth: Numeric

    @property
    def whole(self) -> Truth:
        """Whether the month is complete before the horizon, or with it."""
        return self.t >= self.month


def start(v: Inputs) -> Period:
    """The day of the purchase, as a period without length."""
    zero = v.horizon_months * 0
    return Period(0, zero, zero + 1, zero + 1, (zero,) * len(GROWTHS), zero, False, True, zero)


class Calendar:
    """The months one after the other; what has grown by the next one stands in attributes."""

    def __init__(self, v: Inputs) -> None:
        self.horizon = horizon = v.horizon_months
        self.committed: Truth = v.billing == "committed"
        self.last: Any = ceil(horizon)
        self.shortest, self.longest = whole_range(self.last)
        self.follows_market = not any_true(self.committed)
        self.discount_at_end = discount_factor(v.discount_rate, horizon)
        self.residual_at_end = residual_share(v.resale_decline_per_year, horizon)
        self.per_month = discount_factor(v.discount_rate, 1)
        self.kept_a_month = residual_share(v.resale_decline_per_year, 1)
        self.opex_growth = compound(v.opex_growth_per_year, 1)
        self.electricity_growth = compound(v.electricity_growth_per_year, 1)
        self.rate_growth = compound(v.rate_growth_per_year, 1)
        self.covered = v.delivery_months + v.warranty_months
        self.term = v.commitment_months
        self.t: Any = horizon * 0
        one = self.t + 1
        self.discount: Any = one
        self.residual: Any = one
        self.opex: Any = one
        self.electricity: Any = one
        self.rate: Any = one
        self.locked: Any = one

    def next(self, month: int) -> Period:
        """Go on to the next month."""
        inside: Any = True
        self.discount = discounted = self.discount * self.per_month
        self.residual = kept = self.residual * self.kept_a_month
        if self.shortest and month < self.shortest:
            t = month + 0 * self.t  # in the number type of the horizon
        else:
            inside = month < self.last
            t = select(inside, month, self.horizon) + 0 * self.t
            discounted = select(inside, discounted, self.discount_at_end)
            kept = select(inside, kept, self.residual_at_end)
        width, self.t = t - self.t, t
        late = select(month > self.covered, width, 0)
        opex, electricity, rate = self.opex, self.electricity, self.rate
        starts: Any = False
        if self.follows_market and month <= self.shortest:
            self.locked = locked = rate
        else:
            into_term = (month - 1) % self.term
            starts = self.committed & (into_term == 0)
            keeps = (self.committed & (into_term != 0)) | (month > self.last)
            self.locked = locked = select(keeps, self.locked, rate)
        self.opex = opex * self.opex_growth
        self.electricity = electricity * self.electricity_growth
        self.rate = rate * self.rate_growth
        return Period(
            month,
            t,
            discounted,
            kept,
            (width, late, opex * width, opex * late, electricity * width, locked * width),
            locked,
            starts,
            inside,
            rate,
        )


def periods(v: Inputs) -> Iterator[Period]:
    """The periods 1 ... ceil(horizon) of the longest; beyond its own a scenario stands still."""
    calendar = Calendar(v)
    for month in range(1, calendar.longest + 1):
        yield calendar.next(month)
