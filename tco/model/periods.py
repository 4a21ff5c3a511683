"""The months of a scenario, with everything that grows or shrinks from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from tco.finance.discounting import discount_factor, residual_share
from tco.inputs import Inputs
from tco.model.items import FLAT, GROWTHS
from tco.model.rental import terms_begun
from tco.numeric import (
    Numeric,
    Truth,
    any_true,
    ceil,
    compound,
    floor,
    select,
    whole_range,
)

# The inputs on which the periods depend.
TIMING = (
    *("horizon_months", "discount_rate", "resale_decline_per_year", "opex_growth_per_year"),
    *("electricity_growth_per_year", "rate_growth_per_year", "billing", "commitment_months"),
    *("delivery_months", "warranty_months", "server_warranty_months"),
)


class Period:
    """One month, or the part of it before the horizon; at first the day of the purchase.

    `t` is its end [months], and `inside` says that more months follow.
    `discount` is the present value of one dollar at its end, `residual` the share of the market
    value left. `factors` are what a full first month's amount is multiplied with, by growth
    (tco.model.items); `market_growth` says how far the market's rental rate has moved, and
    `rental_growth` how far the rate that is paid; `opex`, `electricity` and `rate` hold what has
    grown by the next month. `opex_growth` and `electricity_growth` are how far they have by this
    one.

    Of a commitment's terms `terms_ended` have ended by the start of the period and `terms_begun`
    have begun before its end, `terms_starting` of them in it: from `next_term` on, counted from the
    purchase, with which the first one began. `term_starts` says that any has.
    """

    def __init__(self, v: Inputs) -> None:
        self.v = v
        self.horizon = horizon = v.horizon_months
        self.committed: Truth = v.billing == "committed"
        self.last: Any = ceil(horizon)
        self.shortest, self.longest = whole_range(self.last)
        self.follows_market = not any_true(self.committed)
        self.discount_at_end = discount_factor(v.discount_rate, horizon)
        self.residual_at_end = residual_share(v.resale_decline_per_year, horizon)
        self.discount_per_month = discount_factor(v.discount_rate, 1)
        self.kept_per_month = residual_share(v.resale_decline_per_year, 1)
        self.opex_per_month = compound(v.opex_growth_per_year, 1)
        self.electricity_per_month = compound(v.electricity_growth_per_year, 1)
        self.rate_per_month = compound(v.rate_growth_per_year, 1)
        # Warranties start when the hardware is delivered; a refresh renews none.
        self.covered = v.delivery_months + v.warranty_months
        self.servers_covered = v.delivery_months + v.server_warranty_months
        # Terms that are no whole months begin within a month.
        self.any_within = any_true(self.committed & (v.commitment_months % 1 > 0))
        self.terms_ended: Any = -1  # none runs before the first
        self.terms_begun: Any = 0
        self.next_term: Any = 1
        self.terms_starting: Any = 0
        self.month = 0
        self.t: Any = horizon * 0
        self.inside: Any = True
        self.term_starts: Any = False
        one = self.t + 1
        self.discount: Any = one
        self.residual: Any = residual_share(v.resale_decline_per_year, self.t)
        self.opex: Any = one
        self.electricity: Any = one
        self.rate: Any = one
        self.opex_growth: Any = one
        self.electricity_growth: Any = one
        self.market_growth: Any = one
        self.rental_growth: Any = one
        self.factors: tuple[Any, ...] = (self.t,) * len(GROWTHS)

    @property
    def whole(self) -> Truth:
        """Whether the month is complete before the horizon, or with it."""
        whole: Truth = self.t >= self.month
        return whole

    def advance(self) -> None:
        """Go on to the next month."""
        before, opex, electricity, rate = self.t, self.opex, self.electricity, self.rate
        self.month = month = self.month + 1
        discount = self.discount * self.discount_per_month
        residual = self.residual * self.kept_per_month
        if self.shortest and month < self.shortest:
            t = month + 0 * before  # in the number type of the horizon
        else:
            self.inside = inside = month < self.last
            t = select(inside, month, self.horizon) + 0 * before
            discount = select(inside, discount, self.discount_at_end)
            residual = select(inside, residual, self.residual_at_end)
        self.t, self.discount, self.residual = t, discount, residual
        width = t - before
        late = select(month > self.covered, width, 0)
        servers_late = select(month > self.servers_covered, width, 0)
        if self.follows_market and self.shortest and month <= self.shortest:
            locked = rate
        else:
            locked = self._locked(rate)
        self.market_growth, self.rental_growth = rate, locked
        self.opex = opex * self.opex_per_month
        self.electricity = electricity * self.electricity_per_month
        self.rate = rate * self.rate_per_month
        if self.inside is not True:
            self.opex = select(self.inside, self.opex, opex)
            self.electricity = select(self.inside, self.electricity, electricity)
            self.rate = select(self.inside, self.rate, rate)
        self.opex_growth, self.electricity_growth = opex, electricity
        self.factors = (
            width,
            late,
            opex * width,
            opex * late,
            opex * servers_late,
            electricity * width,
            locked * width,
        )

    def _locked(self, rate: Any) -> Any:
        """How far the rate that is paid has moved: a commitment keeps that of its term's start."""
        if self.follows_market:
            return select(self.month > self.last, self.rental_growth, rate)
        v, before, ended = self.v, self.month - 1, self.terms_ended
        self.next_term = select(before == 0, 1, self.terms_begun)
        self.terms_begun = terms_begun(v, self.t)
        self.terms_starting = self.terms_begun - self.next_term
        self.term_starts = self.committed & ((self.terms_starting > 0) | (before == 0))
        self.terms_ended = terms = floor(before / v.commitment_months)
        if self.any_within:
            start: Any = terms * v.commitment_months
            within: Any = self.committed & (terms > ended) & (start < before)
            rate = select(within, compound(v.rate_growth_per_year, start), rate)
        keeps = (self.committed & (terms <= ended)) | (self.month > self.last)
        return select(keeps, self.rental_growth, rate)


def periods(v: Inputs) -> Iterator[Period]:
    """The periods 1 ... ceil(horizon) of the longest; beyond its own a scenario stands still."""
    period = Period(v)
    while period.month < period.longest:
        period.advance()
        yield copy(period)


def busy_hours(v: Inputs, months: Numeric | None = None) -> Numeric:
    """GPU-hours of use over the horizon, each discounted as what is paid for it [hours].

    `months` are the discounted months of a pass, where there was one: the weight of what is flat.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> case = {"gpus": 8, "utilization": 0.5, "hours_per_month": 700, "horizon_months": 10}
    >>> busy_hours(Inputs.of(Scenario(**case, discount_rate=0).values()))
    28000.0
    """
    if months is None:
        months = sum(period.factors[FLAT] * period.discount for period in periods(v))
    return v.gpus * (v.hours_per_month * v.utilization) * months
