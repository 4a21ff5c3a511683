"""One pass over the months: both ledgers accumulated, discounted, and compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tco import ownership, rental
from tco.arithmetic import any_true, ceil, compound, is_array, select
from tco.finance.discounting import discount_factor
from tco.finance.payback import Payback
from tco.finance.residual import residual_share
from tco.flow import RENTAL, by_growth

if TYPE_CHECKING:
    from tco.arithmetic import Numeric, Truth
    from tco.inputs import Inputs


class Period(NamedTuple):
    """One month, or the part of it before the horizon.

    `factors` are what a full first month's amount is multiplied with, by growth (tco.flow);
    `term_starts` marks the first month of a second or later commitment term.
    """

    month: int
    t: Numeric
    discount: Numeric
    residual: Numeric
    factors: tuple[Numeric, ...]
    rental_growth: Numeric
    term_starts: Truth


class Point(NamedTuple):
    """Cumulative costs at one time [USD]: present values, plain sums, and after an exit.

    The `_exit` columns are present values with the resale and the unused commitment of that time,
    which are in none of the others.
    """

    t_months: Numeric
    own: Numeric
    rent: Numeric
    own_undiscounted: Numeric
    rent_undiscounted: Numeric
    own_exit: Numeric
    rent_exit: Numeric


@dataclass(frozen=True)
class Totals:
    """What one pass leaves: the last point and period, the crossings, the present-value weights.

    `resale` and `unused_commitment` are paid at the horizon [USD, undiscounted]. `weights` are the
    discounted sums of the factors, by growth: a monthly amount times its weight is its present
    value over the horizon. `unused_weight` is the same for what an unfinished commitment costs.
    """

    last: Point
    period: Period
    resale: Numeric
    unused_commitment: Numeric
    weights: list[Numeric]
    unused_weight: Numeric
    race: Race


def periods(v: Inputs) -> Iterator[Period]:
    """The periods 1 ... ceil(horizon) of the longest; beyond its own a scenario stands still."""
    horizon = v.horizon_months
    last: Any = ceil(horizon)
    committed = v.billing == "committed"
    per_month = 1 / compound(v.discount_rate, 1)
    kept_share = residual_share(v.resale_decline_per_year, 1)
    growth = [
        compound(rate, 1)
        for rate in (
            v.opex_growth_per_year,
            v.electricity_growth_per_year,
            v.rate_growth_per_year,
        )
    ]
    at_horizon = (
        discount_factor(v.discount_rate, horizon),
        residual_share(v.resale_decline_per_year, horizon),
    )
    t: Any = horizon * 0
    discount = residual = opex = electricity = rate = locked = t + 1
    for month in range(1, (int(last.max()) if is_array(last) else last) + 1):
        before, inside = t, month < last
        t = select(inside, month, horizon) + 0 * t  # in the number type of the horizon
        width = t - before
        discount, residual = discount * per_month, residual * kept_share
        into_term = (month - 1) % v.commitment_months
        locked = select(committed & (into_term != 0), locked, rate)
        out_of_warranty = select(month > v.warranty_months, width, 0)
        yield Period(
            month,
            t,
            select(inside, discount, at_horizon[0]),
            select(inside, residual, at_horizon[1]),
            (
                width,
                out_of_warranty,
                opex * width,
                opex * out_of_warranty,
                electricity * width,
                locked * width,
            ),
            locked,
            committed & (into_term == 0) & (month > 1),
        )
        opex, electricity, rate = opex * growth[0], electricity * growth[1], rate * growth[2]


def accumulate(v: Inputs, points: list[Point] | None = None) -> Totals:
    """Everything that the answer needs, from one pass over the months.

    With a list, the curves of scalar inputs are left in it: the points at t = 0 and at the end of
    each period.
    """
    own_flat, own_flat_late, own_opex, own_opex_late, own_electricity, _ = by_growth(
        ownership.monthly(v)
    )
    _, _, rent_opex, _, _, rent_rental = by_growth(rental.monthly(v))
    own_plain = own = sum(ownership.upfront(v).values())
    rent_plain = rent = sum(rental.upfront(v).values())
    market_value = ownership.market_value(v)
    resale: Any = 0
    unused: Any = 0
    may_be_unused = any_true(v.billing == "committed")
    race = Race(v.horizon_months * 0, own, rent)
    weights: list[Any] = [0] * (RENTAL + 1)
    if points is not None:
        points.append(Point(race.start, own, rent, own, rent, own - market_value, rent))
    for period in periods(v):
        _, t, discount, residual, factors, rental_growth, term_starts = period
        flat, flat_late, opex, opex_late, electricity, rental_factor = factors
        own_paid = (
            own_flat * flat
            + own_flat_late * flat_late
            + own_opex * opex
            + own_opex_late * opex_late
            + own_electricity * electricity
        )
        rent_paid = rent_opex * opex + rent_rental * rental_factor
        own, rent = own + own_paid * discount, rent + rent_paid * discount
        own_plain, rent_plain = own_plain + own_paid, rent_plain + rent_paid
        weights = [
            weight + factor * discount for weight, factor in zip(weights, factors, strict=True)
        ]
        resale = market_value * residual
        own_exit, rent_exit = own - resale * discount, rent
        if may_be_unused:
            unused = rental.unused_months(v, t) * rental_growth
            rent_exit = rent + unused * rent_rental * discount
        point = Point(t, own, rent, own_plain, rent_plain, own_exit, rent_exit)
        race.advance(point, term_starts)
        if points is not None:
            points.append(point)
    return Totals(point, period, resale, unused * rent_rental, weights, unused * discount, race)


class Race:
    """The three pairs of curves whose crossings the answer reports."""

    def __init__(self, start: Numeric, own: Numeric, rent: Numeric) -> None:
        self.start = start
        self.discounted = Payback(start, own, rent)
        self.undiscounted = Payback(start, own, rent)
        self.exit: Any = None

    def advance(self, point: Point, term_starts: Truth) -> None:
        """Go on to the next point; selling and stopping is compared from the first one on."""
        t, own, rent, own_plain, rent_plain, own_exit, rent_exit = point
        self.discounted.advance(t, own, rent)
        self.undiscounted.advance(t, own_plain, rent_plain)
        if self.exit is None:
            self.exit = Payback(t, own_exit, rent_exit)
        else:
            self.exit.advance(t, own_exit, rent_exit, term_starts)


def entries(v: Inputs, option: str) -> Iterator[tuple[str, int, Any, Any, Any]]:
    """The ledger of `own` or `rent`: item, month, t [months], cost and present value [USD]."""
    side = ownership if option == "own" else rental
    flows = side.monthly(v)
    for item, amount in side.upfront(v).items():
        yield item, 0, v.horizon_months * 0, amount, amount
    for period in periods(v):
        for item, flow in flows.items():
            cost = flow.usd_per_month * period.factors[flow.growth]
            yield item, period.month, period.t, cost, cost * period.discount
    if option == "own":
        item, cost = "resale", -ownership.market_value(v) * period.residual
    else:
        unused = rental.unused_months(v, period.t) * period.rental_growth
        item, cost = "unused_commitment", unused * by_growth(flows)[RENTAL]
    yield item, period.month, period.t, cost, cost * period.discount
