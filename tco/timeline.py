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
from tco.flow import (
    ELECTRICITY,
    FLAT,
    FLAT_AFTER_WARRANTY,
    OPEX,
    OPEX_AFTER_WARRANTY,
    RENTAL,
    by_growth,
)

if TYPE_CHECKING:
    from tco.arithmetic import Numeric, Truth
    from tco.inputs import Inputs


class Period(NamedTuple):
    """One month, or the part of it before the horizon.

    `factors` are what a full first month's amount is multiplied with, by growth (tco.flow);
    `term_starts` marks the first month of a commitment term.
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
    """What one pass leaves: the sums at the horizon, the crossings, the present-value weights.

    `own_npv` and `rent_npv` count the resale and the unused commitment; `gross` is the sum of all
    absolute present values; `plain_saving` is what buying saves without discounting. `weights` are
    the discounted sums of the factors, by growth: a monthly amount times its weight is its present
    value over the horizon. `unused_weight` is the same for what an unfinished commitment costs.
    """

    own_npv: Numeric
    rent_npv: Numeric
    gross: Numeric
    plain_saving: Numeric
    period: Period
    weights: list[Numeric]
    unused_weight: Numeric
    race: Race


def periods(v: Inputs) -> Iterator[Period]:
    """The periods 1 ... ceil(horizon) of the longest; beyond its own a scenario stands still."""
    horizon, committed = v.horizon_months, v.billing == "committed"
    last: Any = ceil(horizon)
    discount_at_end = discount_factor(v.discount_rate, horizon)
    residual_at_end = residual_share(v.resale_decline_per_year, horizon)
    per_month = discount_factor(v.discount_rate, 1)
    kept_share = residual_share(v.resale_decline_per_year, 1)
    opex_growth = compound(v.opex_growth_per_year, 1)
    electricity_growth = compound(v.electricity_growth_per_year, 1)
    rate_growth = compound(v.rate_growth_per_year, 1)
    t: Any = horizon * 0
    discount = residual = opex = electricity = rate = locked = t + 1
    for month in range(1, int(last.max() if is_array(last) else last) + 1):
        before, inside = t, month < last
        t = select(inside, month, horizon) + 0 * t  # in the number type of the horizon
        width = t - before
        late = select(month > v.warranty_months, width, 0)
        discount, residual = discount * per_month, residual * kept_share
        into_term = (month - 1) % v.commitment_months
        locked = select((committed & (into_term != 0)) | (month > last), locked, rate)
        yield Period(
            month,
            t,
            select(inside, discount, discount_at_end),
            select(inside, residual, residual_at_end),
            (width, late, opex * width, opex * late, electricity * width, locked * width),
            locked,
            committed & (into_term == 0),
        )
        opex, electricity = opex * opex_growth, electricity * electricity_growth
        rate = rate * rate_growth


def accumulate(v: Inputs) -> Totals:
    """Everything that the answer needs, from one pass over the months."""
    own_amounts, rent_amounts = by_growth(ownership.monthly(v)), by_growth(rental.monthly(v))
    flat, flat_late, opex, opex_late, electricity, _ = own_amounts
    _, _, rent_opex, _, _, rent_rental = rent_amounts
    own_plain = own = sum(ownership.upfront(v).values())
    rent_plain = rent = sum(rental.upfront(v).values())
    market_value = ownership.market_value(v)
    unused: Any = 0
    may_be_unused = any_true(v.billing == "committed")
    race = Race(v.horizon_months * 0, own, rent, own - market_value)
    weights: list[Any] = [0] * (RENTAL + 1)
    for period in periods(v):
        _, t, discount, residual, factors, rental_growth, term_starts = period
        own_paid = (
            flat * factors[FLAT]
            + flat_late * factors[FLAT_AFTER_WARRANTY]
            + opex * factors[OPEX]
            + opex_late * factors[OPEX_AFTER_WARRANTY]
            + electricity * factors[ELECTRICITY]
        )
        rent_paid = rent_opex * factors[OPEX] + rent_rental * factors[RENTAL]
        own, rent = own + own_paid * discount, rent + rent_paid * discount
        own_plain, rent_plain = own_plain + own_paid, rent_plain + rent_paid
        weights = [w + f * discount for w, f in zip(weights, factors, strict=True)]
        resale = market_value * residual
        own_exit, rent_exit = own - resale * discount, rent
        if may_be_unused:
            unused = rental.unused_months(v, t) * rental_growth
            rent_exit = rent + unused * rent_rental * discount
        race.advance(t, own, rent, own_plain, rent_plain, own_exit, rent_exit, term_starts)
    plain_saving = rent_plain + unused * rent_rental - (own_plain - resale)
    gross = own + resale * discount + rent_exit
    return Totals(
        own_exit, rent_exit, gross, plain_saving, period, weights, unused * discount, race
    )


class Race:
    """The three pairs of curves whose crossings the answer reports.

    `points` has the values of scalar curves at each time, in the order of `Point`.
    """

    def __init__(self, start: Numeric, own: Any, rent: Any, own_exit: Any) -> None:
        self.points: list[tuple[Any, ...]] = [(start, own, rent, own, rent, own_exit, rent)]
        self.discounted = Payback(start, own, rent)
        self.undiscounted = Payback(start, own, rent)
        self.exit: Any = None

    def advance(
        self,
        t: Numeric,
        own: Any,
        rent: Any,
        own_plain: Any,
        rent_plain: Any,
        own_exit: Any,
        rent_exit: Any,
        term_starts: Truth,
    ) -> None:
        """Go on to the next time; selling and stopping is compared from the first one on."""
        self.discounted.advance(t, own, rent)
        self.undiscounted.advance(t, own_plain, rent_plain)
        if self.exit is None:
            self.exit = Payback(t, own_exit, rent_exit)
        else:
            self.exit.advance(t, own_exit, rent_exit, term_starts)
        if isinstance(self.discounted.ahead, bool):
            self.points.append((t, own, rent, own_plain, rent_plain, own_exit, rent_exit))


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
