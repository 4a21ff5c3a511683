"""Loan, lease and refresh of the hardware, followed from month to month.

Each part declares the items that it follows (`tco.model.items`), and keeps its state in attributes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tco.finance.annuity import capital_recovery_factor
from tco.finance.discounting import residual_share
from tco.inputs import Inputs
from tco.model import ownership
from tco.model.items import EXIT, GPUS, MONTH, OWN, RESOLD, START, hardware, items_of
from tco.model.periods import Period
from tco.numeric import MONTHS_PER_YEAR, Numeric, Truth, any_true, ceil, compound, select

_KIND = {item.name: item.hardware for item in items_of(OWN) if item.hardware}


def _resold(v: Inputs) -> tuple[Any, Any]:
    """What GPUs with spares, and the other hardware that can be resold, cost new [USD]."""
    costs = hardware(v)
    gpus, others = (
        sum(cost for name, cost in costs.items() if _KIND[name] == kind) for kind in (GPUS, RESOLD)
    )
    return gpus, others


class Loan:
    """A share of the hardware, paid back in level payments at the ends of whole months.

    First only interest may be due, and a balloon with the last payment. `balance` is what is owed
    after the payments of the month that was followed last [USD]; `fee` is due at the start.
    """

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {
        START: ("loan_proceeds", "loan_fee"),
        MONTH: ("loan_payment", "loan_balloon"),
        EXIT: ("loan_settlement",),
    }

    def __init__(self, v: Inputs, hardware: Any) -> None:
        self.lent: Truth = v.financing == "loan"
        self.months = v.loan_months
        self.interest_only = v.loan_interest_only_months
        self.rate = v.loan_apr / MONTHS_PER_YEAR
        self.borrowed: Any = select(self.lent, v.financed_share * hardware, 0)
        self.balance: Any = self.borrowed
        self.fee = self.borrowed * v.loan_fee_rate
        self.balloon = self.borrowed * v.loan_balloon_share
        # The level payments carry the interest on the balloon and pay back the rest.
        self.level = select(self.interest_only < self.months, self.months - self.interest_only, 1)
        self.recovery = capital_recovery_factor(self.rate, self.level)
        repaid = (self.borrowed - self.balloon) * self.recovery
        self.payment = repaid + self.balloon * self.rate
        # Interest for the part of a month before the horizon, compounded like that of a month.
        self.to_end = compound(self.rate, v.horizon_months % 1 * MONTHS_PER_YEAR)

    def advance(self, period: Period) -> tuple[Any, Any, Any]:
        """What is paid at the end of the month, the balloon, and the interest [USD]."""
        if not any_true(self.lent):
            return 0, 0, 0
        due = self.due = period.whole & (period.month <= self.months)
        interest = self.interest = select(due, self.balance * self.rate, 0)
        repays = period.month > self.interest_only
        paid = select(due, select(repays, self.payment, interest), 0)
        last = due & (period.month >= self.months)
        balloon = select(last, self.balloon, 0)
        self.balance = select(last, 0, self.balance + interest - paid)
        return paid, balloon, interest

    def at_exit(self, period: Period) -> tuple[Any, Any]:
        """What settles the loan when one stops, and the interest in it [USD]."""
        if not any_true(self.lent):
            return 0, 0
        owed = select(period.inside, self.balance, self.balance * self.to_end)
        return owed, owed - self.balance


class Lease:
    """Hardware that is leased term after term, or bought at the end of the first.

    All hardware is leased, or GPUs and spares alone (`cards_only`). `paid` counts the months paid
    for so far, `payments` those paid for at the end of the month that was followed last, and
    `returned` says that hardware was given back then. A payment in advance, or the fee of a term,
    is due at the start of its month, which is the end of the month before. In arrears what has not
    been paid for since the last payment is due at the horizon, if a payment does not fall on it.
    """

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {
        START: ("lease", "lease_fee"),
        MONTH: ("lease", "lease_fee", "lease_buyout", "lease_return"),
        EXIT: ("lease_return", "unused_lease"),
    }

    def __init__(self, v: Inputs) -> None:
        self.v = v
        self.leased: Truth = v.financing == "lease"
        self.cards_only: Truth = self.leased & (v.lease_covers == "gpus")
        self.term = v.lease_months
        self.every = v.lease_payment_interval_months
        at_market: Truth = v.lease_buyout_at_market
        self.buys: Truth = self.leased & (at_market | (v.lease_buyout_usd_per_gpu > 0))
        self.in_advance: Any = v.lease_in_advance
        gpus = ownership.gpus(v)
        self.usd_per_month = select(self.leased, gpus * v.lease_usd_per_gpu_month, 0)
        self.fee_usd = select(self.leased, gpus * v.lease_fee_usd_per_gpu, 0)
        self.buyout_usd = gpus * v.lease_buyout_usd_per_gpu
        if any_true(at_market):
            self.buyout_usd = select(at_market, self.market_usd, self.buyout_usd)
        self.return_usd = select(self.leased, gpus * v.lease_return_usd_per_gpu, 0)
        self.paid: Any = select(self.in_advance, self.every, 0)
        self.returned: Any = False

    @property
    def value_usd(self) -> Any:
        """Price of what is leased, before tax [USD]."""
        costs = hardware(self.v)
        cards: Any = sum(cost for name, cost in costs.items() if _KIND[name] == GPUS)
        return select(self.cards_only, cards, sum(costs.values()))

    @property
    def market_usd(self) -> Any:
        """Market value of what is leased at the end of a term, before the cost of selling [USD]."""
        cards, others = _resold(self.v)
        new: Any = select(self.cards_only, cards, cards + others)
        months = self.term + 0 * self.v.horizon_months
        return new * residual_share(self.v.resale_decline_per_year, months)

    def advance(self, period: Period) -> dict[str, Any]:
        """What is paid by the end of the month, by item [USD]."""
        if not any_true(self.leased):
            return dict.fromkeys(self.ITEMS[MONTH], 0)
        month = period.month
        falls: Any = month % self.every == 0
        coming = select(period.inside & falls & self.runs(month + 1), self.every, 0)
        due = select(period.inside, falls, True)
        owed = select(due & self.runs(month), period.t - self.paid, 0)
        payments = self.payments = select(self.in_advance, coming, owed)
        self.paid = self.paid + payments
        ends = month % self.term == 0
        renews: Any = select(self.buys, False, True)
        self.returned = renews & ends & period.inside
        bought = self.bought_in(period)
        return {
            "lease": payments * self.usd_per_month,
            "lease_fee": select(self.returned, self.fee_usd, 0),
            "lease_buyout": select(bought, self.buyout_usd, 0),
            "lease_return": select(self.returned, self.return_usd, 0),
        }

    @property
    def lumped(self) -> Truth:
        """Whether a payment for several months was due at the end of the month."""
        if not any_true(self.leased):
            return False
        lumped: Truth = self.leased & (self.every > 1) & (self.payments != 0)
        return lumped

    def starts_in(self, month: int) -> Truth:
        """Whether a later term begins with this month."""
        later: Truth = self.leased & (month > self.term) & ((month - 1) % self.term == 0)
        starts: Truth = later & self.runs(month)
        return starts

    def bought_in(self, period: Period) -> Truth:
        """Whether the hardware is bought at the end of this month."""
        return self.buys & period.whole & (self.term == period.month)

    def owned(self, t: Numeric) -> Any:
        """Whether what is leased can be sold at t."""
        bought: Any = self.buys & (t >= self.term)
        return select(self.leased, bought, True)

    def at_exit(self, t: Numeric) -> dict[str, Any]:
        """What leaving at t costs, by item [USD]: the rest of a term that has begun, the return.

        What was paid for a term that would begin at t comes back.
        """
        if not any_true(self.leased):
            return dict.fromkeys(self.ITEMS[EXIT], 0)
        begun = select(self.buys & (t > self.term), self.term, ceil(t / self.term) * self.term)
        given_back = select(self.returned, 0, select(self.owned(t), 0, self.return_usd))
        unused = (begun - self.paid) * self.usd_per_month
        return {
            "lease_return": select(t > 0, given_back, 0),
            "unused_lease": unused - select(self.returned, self.fee_usd, 0),
        }

    def runs(self, month: int) -> Any:
        """Whether the month belongs to a term."""
        first: Any = month <= self.term
        return select(self.buys, first, True)


class Refresh:
    """GPUs and spares that are replaced after some months, and what all hardware is worth.

    `gpus` is the market value [USD] from which those in use started, and `share` what is left of
    it at the end of the month that was followed last.
    """

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {MONTH: ("refresh", "refresh_resale")}

    def __init__(self, v: Inputs) -> None:
        every = v.refresh_months
        self.refreshed: Truth = every > 0
        self.every = select(self.refreshed, every, 1)
        self.net = 1 - v.selling_cost_rate
        self.gpus, self.others = _resold(v)
        self.resold = (self.gpus + self.others) * self.net
        self.resold_now = self.resold * residual_share(
            v.resale_decline_per_year, 0 * v.horizon_months
        )
        self.next_gpus = ownership.gpus(v) * (1 + v.spares_rate) * v.refresh_price_usd_per_gpu
        self.cost = self.next_gpus * (1 + v.sales_tax_rate)
        self.kept_a_month = residual_share(v.resale_decline_per_year, 1)
        self.new_share = residual_share(v.resale_decline_per_year, 0 * v.horizon_months)
        self.share: Any = self.new_share
        horizon = v.horizon_months
        newest = (ceil(ceil(horizon) / self.every) - 1) * self.every
        self.share_at_end = residual_share(v.resale_decline_per_year, horizon - newest)

    def advance(self, period: Period) -> tuple[Truth, Any]:
        """Whether the GPUs are replaced at the end of the month, and what the old ones fetch."""
        self.share = self.share * self.kept_a_month
        due = self.refreshed & period.inside & (period.month % self.every == 0)
        fetched = self.fetched = self.gpus * self.share * self.net
        self.due = due
        self.gpus = select(due, self.next_gpus, self.gpus)
        self.share = select(due, self.new_share, self.share)
        return due, fetched

    def resale_of_others(self, period: Period) -> Any:
        """What all hardware but GPUs and spares fetches at the end of the month [USD]."""
        return self.others * period.residual * self.net

    def resale(self, period: Period) -> Any:
        """What all hardware fetches at the end of the month [USD]."""
        share = select(period.inside, self.share, self.share_at_end)
        newer = (self.gpus * share + self.others * period.residual) * self.net
        return select(self.refreshed, newer, self.resold * period.residual)
