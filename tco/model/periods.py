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


def periods(v: Inputs) -> Iterator[Period]:
    """The periods 1 ... ceil(horizon) of the longest; beyond its own a scenario stands still."""
    horizon, committed = v.horizon_months, v.billing == "committed"
    last: Any = ceil(horizon)
    shortest, longest = whole_range(last)
    follows_market = not any_true(committed)
    discount_at_end = discount_factor(v.discount_rate, horizon)
    residual_at_end = residual_share(v.resale_decline_per_year, horizon)
    per_month = discount_factor(v.discount_rate, 1)
    kept_share = residual_share(v.resale_decline_per_year, 1)
    opex_growth = compound(v.opex_growth_per_year, 1)
    electricity_growth = compound(v.electricity_growth_per_year, 1)
    rate_growth = compound(v.rate_growth_per_year, 1)
    covered = v.delivery_months + v.warranty_months
    t: Any = horizon * 0
    discount = residual = opex = electricity = rate = locked = t + 1
    inside: Any = True
    for month in range(1, longest + 1):
        before, discount, residual = t, discount * per_month, residual * kept_share
        discounted, kept = discount, residual
        if month < shortest:
            t = month + 0 * t  # in the number type of the horizon
        else:
            inside = month < last
            t = select(inside, month, horizon) + 0 * t
            discounted = select(inside, discount, discount_at_end)
            kept = select(inside, residual, residual_at_end)
        width = t - before
        late = select(month > covered, width, 0)
        starts: Any = False
        if follows_market and month <= shortest:
            locked = rate
        else:
            into_term = (month - 1) % v.commitment_months
            starts = committed & (into_term == 0)
            locked = select((committed & (into_term != 0)) | (month > last), locked, rate)
        yield Period(
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
        opex, electricity = opex * opex_growth, electricity * electricity_growth
        rate = rate * rate_growth
