"""Whether a lease is a finance or an operating lease in the lessee's books: ASC 842-10-25-2."""

from __future__ import annotations

from typing import Any

from tco.finance.annuity import present_value_of_annuity
from tco.finance.discounting import compound_interest, discount_factor
from tco.inputs import Inputs
from tco.model.financing import Lease
from tco.numeric import MONTHS_PER_YEAR, Constant, Truth, reaches, select

# "Major part" of the life and "substantially all" of the fair value, as ASC 842-10-55-2 suggests.
MAJOR_PART = Constant(
    75, "major_part_percent", "percent", "of the economic life: from here on a finance lease"
)
SUBSTANTIALLY_ALL = Constant(
    90, "substantially_all_percent", "percent", "of the fair value: from here on a finance lease"
)
PERCENT = Constant(100, "percent_per_unit", "percent", "of 1")


class Classification:
    """The five tests of a lease, each with its numbers; any that is met makes it a finance lease.

    1 `transfers`: ownership passes to the lessee. 2 `bargain`: the hardware is bought at the end,
    for less than its market value then (`option_usd`, `market_usd`). 3 `long`: the term is a major
    part of the economic life [months]. 4 `substantial`: the present value of the payments of a
    term is substantially all of the fair value (`present_usd`, `fair_usd`). 5 `special`: no other
    use to the lessor.

    `payments_usd` is that value without the price of a purchase: of `count` payments at `rate` per
    payment; `annuity` is what they are worth if each is 1 and paid late. `kept` says that the
    lessee has the asset for all of its life: it is bought, and by test 1 or 2 this was certain from
    the start, so that its price is one of the payments.

    The rate is the incremental borrowing rate, `debt_rate` before tax. Nothing is guaranteed to
    the lessor at the end. Sources: ASC 842-10-25-2, 842-10-30-5, 842-10-55-2.
    """

    def __init__(self, v: Inputs, lease: Lease) -> None:
        self.term = lease.term
        self.life = v.book_life_years * MONTHS_PER_YEAR
        self.fair_usd = select(lease.leased, lease.value_usd, 0)
        self.market_usd = lease.market_usd
        self.option_usd = select(lease.buys, lease.buyout_usd, 0)
        self.transfers: Truth = lease.leased & v.lease_transfers_ownership
        fixed: Any = select(v.lease_buyout_at_market, False, True)
        cheap: Any = select(reaches(self.option_usd, self.market_usd), False, True)
        self.bargain: Truth = lease.buys & fixed & cheap
        self.kept: Truth = lease.buys & (self.transfers | self.bargain)
        rate: Any = compound_interest(v.debt_rate, lease.every / MONTHS_PER_YEAR)
        self.rate, self.count = rate, lease.term / lease.every
        self.annuity: Any = present_value_of_annuity(1, rate, self.count)
        payments = select(lease.in_advance, self.annuity * (1 + rate), self.annuity)
        self.payments_usd = lease.usd_per_month * lease.every * payments + lease.fee_usd
        at_end = discount_factor(v.debt_rate, lease.term)
        self.present_usd = self.payments_usd + select(self.kept, self.option_usd * at_end, 0)
        self.long: Truth = lease.leased & (self.term * PERCENT >= self.life * MAJOR_PART)
        enough = reaches(self.present_usd * PERCENT, self.fair_usd * SUBSTANTIALLY_ALL)
        self.substantial: Truth = lease.leased & enough
        self.special: Truth = lease.leased & v.lease_specialized
        self.finance: Truth = (
            self.transfers | self.bargain | self.long | self.substantial | self.special
        )
