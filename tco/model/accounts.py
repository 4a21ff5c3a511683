"""The books of both sides, followed from month to month beside the cash: profit and loss, assets.

Nothing here changes a payment. What is paid is expensed when it is used up: hardware over its book
life, a commitment's fee over its term, a lease by its classification, a loan's fee over the loan.
Over the whole life of a scenario a side's costs in the books are what it pays, undiscounted.
docs/accounting.md has the conventions, with a number for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tco.finance.depreciation import StraightLine
from tco.inputs import Inputs
from tco.model.cashflows import CashFlow, Comparison
from tco.model.classification import Classification
from tco.model.financing import Lease
from tco.model.items import (
    DEDUCTED,
    FLAT,
    GROUPS,
    INCOME_TAX,
    ITEMS,
    LINES_GROUP,
    OWN,
    RENT,
)
from tco.model.periods import Period
from tco.model.tax import written_off
from tco.numeric import (
    MONTHS_PER_YEAR,
    Numeric,
    Truth,
    any_true,
    compound,
    divide,
    larger,
    select,
    smaller,
)

# The groups of items whose costs are no operating costs.
_HARDWARE, _CREDIT = GROUPS[OWN][:2]
TOTAL = "total"


class Account(NamedTuple):
    """A line of the statement of profit and loss; costs are positive, income is negative."""

    name: str
    label: str
    meaning: str


def _slug(group: str) -> str:
    """What the account of a group of items is called.

    >>> _slug("energy, cooling")
    'energy_cooling'
    """
    return re.sub(r"[^a-z]+", "_", group)


def _operating(side: str) -> tuple[Account, ...]:
    groups = [group for group in GROUPS[side] if group not in (_HARDWARE, _CREDIT)]
    return tuple(
        Account(_slug(group), group[:1].upper() + group[1:], f"{group}, expensed as used")
        for group in [*groups, LINES_GROUP]
    )


_TAX = Account("income_tax", "Income tax, as paid", "income tax paid or saved, none deferred")
_TOTAL = Account(TOTAL, "Total cost", "all costs of the period; income is negative")
# The statement of each side, in its order.
ACCOUNTS = {
    OWN: (
        *_operating(OWN),
        Account("depreciation", "Depreciation", "straight line over the book life, from delivery"),
        Account(
            "amortization", "Amortization of right-of-use asset", "straight line, finance lease"
        ),
        Account("interest", "Interest", "on loan and lease liability, with the loan's fee"),
        Account("lease_cost", "Lease cost", "operating lease, straight line; costs of the return"),
        Account("disposal", "Loss (gain) on disposal", "book value less what the sale brings"),
        _TAX,
        _TOTAL,
    ),
    RENT: (*_operating(RENT), _TAX, _TOTAL),
}
# Which account takes an item as it is paid; of the others the books follow what becomes of them.
_ACCOUNT_OF = {
    (item.side, item.name): _TAX.name if item.tax == INCOME_TAX else _slug(item.group)
    for item in ITEMS
    if item.tax == INCOME_TAX or (item.tax == DEDUCTED and item.group != _CREDIT)
}
_LEASE_PAYMENTS = tuple(
    item.name
    for item in ITEMS
    if item.group == _CREDIT and item.tax == DEDUCTED
    if item.name not in ("loan_fee", "lease_return", "unused_lease")
)
_KNOWN = {(item.side, item.name) for item in ITEMS}
_FEE = "commitment_fee"
_LINES = _slug(LINES_GROUP)


def _expensed(side: str, *paid: Mapping[str, Any]) -> dict[str, Any]:
    """What is expensed as it is paid, by account; what is no item is a line of the user's own."""
    found: dict[str, Any] = {}
    for name, usd in (entry for items in paid for entry in items.items()):
        account = _ACCOUNT_OF.get((side, name))
        if account is None and (side, name) not in _KNOWN:
            account = _LINES
        if account is not None:
            found[account] = found.get(account, 0) + usd
    return found


def _statement(
    side: str, found: Mapping[str, Any], at_end: Mapping[str, Any], ends: Truth
) -> dict[str, Any]:
    """The accounts of a month in their order, with what its end adds where it `ends`."""
    made: dict[str, Any] = {}
    for account in ACCOUNTS[side][:-1]:
        more = select(ends, at_end.get(account.name, 0), 0)
        made[account.name] = found.get(account.name, 0) + more
    return made | {TOTAL: sum(made.values())}


class LeaseBooks:
    """A lease in the lessee's books, term after term.

    Of an operating lease `ahead` is what was paid more than expensed [USD]. Of a finance lease
    `liability` is what is owed, `interest` that of the month, `right` the right-of-use asset [USD].
    """

    def __init__(self, v: Inputs, lease: Lease, paid: Any) -> None:
        """`paid` is what is paid at the start [USD]."""
        self.lease, self.debt_rate = lease, v.debt_rate
        self.tests = tests = Classification(v, lease)
        self.finance: Truth = tests.finance
        self.begun = select(self.finance, tests.present_usd, 0)
        term_usd = lease.usd_per_month * lease.term + lease.fee_usd
        self.cost_per_month = select(self.finance, 0, term_usd / lease.term)
        life = select(tests.kept, tests.life, lease.term)
        self.right = StraightLine(self.begun, 0, life, select(tests.kept, v.book_residual_share, 0))
        self.liability: Any = self.begun - select(self.finance, paid, 0)
        self.ahead: Any = select(self.finance, 0, paid)

    def advance(self, period: Period, paid: Any, buyout: Any) -> tuple[Any, Any, Any]:
        """What is written off of the right, interest, and operating lease cost [USD]."""
        lease, month, width = self.lease, period.month, period.factors[FLAT]
        runs: Any = lease.leased & lease.runs(month)
        cost = select(runs, self.cost_per_month * width, 0)
        self.ahead = self.ahead + select(self.finance, 0, paid) - cost
        written = self.right.advance(month, width)
        interest = self.interest = self.liability * (compound(self.debt_rate, width) - 1)
        settled = select(self.finance, paid, 0) + select(self.tests.kept, buyout, 0)
        renewed = select(lease.returned, self.begun, 0)
        self.liability = self.liability + interest - settled + renewed
        # Of the term before, nothing is left but a rounding error.
        rounding = self.right.replace(lease.returned, self.begun, month)
        return written + rounding, interest, cost

    def at_exit(self, unused: Any) -> tuple[Any, Any]:
        """Operating lease cost, and the loss on a finance lease that ends [USD].

        `unused` is what is paid for the rest of the term.
        """
        ended = select(self.finance, unused - self.liability, 0)
        return select(self.finance, 0, unused) + self.ahead, ended


class OwnBooks:
    """Owning: profit and loss of the month followed last, by account, and what stands in the books.

    `gpus` and `others` are the assets that are owned, `fee_left` is what is not yet expensed of
    the loan's fee [USD]. `book_usd` is the book value of all of them, with a right-of-use asset,
    and `market_usd` what the hardware would fetch, both before anything is sold at the end.
    """

    def __init__(self, v: Inputs, flow: CashFlow) -> None:
        self.flow = flow
        part: Any = flow.part
        self.financed = part
        life, left = v.book_life_years * MONTHS_PER_YEAR, v.book_residual_share
        gpus, others = written_off(v, flow.start)
        born, leased = v.delivery_months, v.financing == "lease"
        # What is bought at the end of a lease has the rest of its life before it, or a month.
        rest = larger(life - v.lease_months, 1)
        self.gpus = StraightLine(gpus, born, select(leased, rest, life), left)
        self.others = StraightLine(others + sum(flow.lined.values()), born, life, left)
        self.lease: LeaseBooks | None = None
        self.fee: Any = 0
        self.loan_months = v.loan_months
        if part is not None:
            self.lease = LeaseBooks(v, part.lease, _lease_payments(flow))
            self.fee = flow.further["loan_fee"]
        self.fee_left: Any = self.fee
        self.book_usd: Any = self.gpus.book + self.others.book
        if self.lease is not None:
            self.book_usd = self.book_usd + self.lease.right.book
        self.market_usd: Any = 0
        self.month = _statement(OWN, _expensed(OWN, flow.start, flow.further), {}, False)

    def advance(self, period: Period, ends: Truth) -> None:
        """Go on to the end of the period, after the cash; where it `ends`, all is sold then."""
        flow, month, width = self.flow, period.month, period.factors[FLAT]
        found = _expensed(OWN, flow.month, flow.further, flow.lined)
        at_end = _expensed(OWN, flow.leaving)
        found["depreciation"] = self.others.advance(month, width) + self.gpus.advance(month, width)
        at_end["disposal"] = flow.leaving["resale"]
        if self.financed is not None:
            self._finance(period, found, at_end)
        self.book_usd = self.gpus.book + self.others.book
        if self.lease is not None:
            self.book_usd = self.book_usd + self.lease.right.book
        at_end["disposal"] = at_end["disposal"] + self.book_usd
        self.market_usd = -flow.leaving["resale"]
        self.month = _statement(OWN, found, at_end, ends)

    def _finance(self, period: Period, found: dict[str, Any], at_end: dict[str, Any]) -> None:
        """What loan, lease and refresh add to the accounts of the month, and at the end."""
        flow, part = self.flow, self.financed
        lease: Any = self.lease
        further, leaving = flow.further, flow.leaving
        _, accrued = part.loan.at_exit(period)
        fee_left = self.fee * (1 - smaller(period.t, self.loan_months) / self.loan_months)
        interest = getattr(part.loan, "interest", 0) + self.fee_left - fee_left
        self.fee_left = fee_left
        at_end["interest"] = accrued + fee_left
        # GPUs are replaced, or those of a lease bought that were not certain to be.
        sold = self.gpus.replace(part.refresh.due, further["refresh"], period.month)
        found["disposal"] = sold + further["refresh_resale"]
        buyout = further["lease_buyout"]
        bought: Any = part.lease.bought_in(period)
        apart: Any = select(lease.tests.kept, False, bought)
        self.gpus.replace(apart, buyout, period.month)
        paid = _lease_payments(flow)
        found["amortization"], owed, cost = lease.advance(period, paid, buyout)
        found["interest"] = interest + owed
        found["lease_cost"] = cost + further["lease_return"]
        cost, ended = lease.at_exit(leaving["unused_lease"])
        at_end["lease_cost"] = cost + leaving["lease_return"]
        at_end["disposal"] = at_end["disposal"] + ended


def _lease_payments(flow: CashFlow) -> Any:
    """What is paid to the lessor, but for the hardware and its return [USD]."""
    return sum(flow.further[name] for name in _LEASE_PAYMENTS)


class Prepaid:
    """What is paid at the start of each commitment term, and expensed evenly over the term.

    `per_term` is what was paid for the term that began last, `left` what is not yet expensed [USD].
    """

    def __init__(self, term: Any, paid: Any) -> None:
        self.term, self.per_term, self.left = term, paid, paid

    def advance(self, period: Period, terms: Any, paid: Any) -> Any:
        """What is used up in the month [USD], in which so many `terms` began and were `paid`."""
        self.per_term = divide(paid, terms, self.per_term)
        # Of the term that runs at the end of the month, this share is still to come.
        left = self.per_term * (period.terms_begun - period.t / self.term)
        used = self.left + paid - left
        self.left = left
        return used


class RentBooks:
    """Renting: profit and loss of the month followed last, by account; `fees` and `lines` of terms.

    A commitment's fee, and a line of the user's own that is paid at the start of each term, is
    prepaid; everything else is expensed as it is paid.
    """

    def __init__(self, v: Inputs, flow: CashFlow) -> None:
        self.flow = flow
        self.of_terms = tuple(
            line.name for line in v.lines if line.side == RENT and line.when == "term"
        )
        fee, lined, rest = self._parted(flow.start | flow.lined)
        self.fees = Prepaid(v.commitment_months, fee)
        self.lines = Prepaid(v.commitment_months, lined) if self.of_terms else None
        self.month = _statement(RENT, _expensed(RENT, rest, flow.further), {}, False)

    def _parted(self, paid: Mapping[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        """The fee of terms, the lines of terms, and all else that is paid."""
        lined = sum(paid.get(name, 0) for name in self.of_terms)
        others = {name: usd for name, usd in paid.items() if name not in (_FEE, *self.of_terms)}
        return paid.get(_FEE, 0), lined, others

    @property
    def prepaid_usd(self) -> Any:
        """What is paid for terms and not yet expensed [USD]."""
        return self.fees.left + (self.lines.left if self.lines else 0)

    def advance(self, period: Period, ends: Truth) -> None:
        """Go on to the end of the period, after the cash; where it `ends`, renting stops then."""
        flow = self.flow
        fee, lined, rest = self._parted(flow.month | flow.lined)
        found, at_end = _expensed(RENT, rest, flow.further), _expensed(RENT, flow.leaving)
        if flow.fee is not None:
            of_terms = [(_ACCOUNT_OF[RENT, _FEE], self.fees, fee)]
            of_terms += [(_LINES, self.lines, lined)] if self.lines else []
            for account, prepaid, paid in of_terms:
                used = prepaid.advance(period, flow.fee.terms, paid)
                found[account] = found.get(account, 0) + used
                at_end[account] = at_end.get(account, 0) + prepaid.left
        self.month = _statement(RENT, found, at_end, ends)


class Accounts:
    """The books of both sides beside a comparison that is followed by item.

    `fiscal_year` is that of the month followed last, counted from the one of the purchase;
    `offset` are the months of that year which were over by then.
    """

    def __init__(self, v: Inputs, run: Comparison) -> None:
        self.own, self.rent = OwnBooks(v, run.own), RentBooks(v, run.rent)
        self.offset: Any = (v.purchase_month - v.fiscal_year_first_month) % MONTHS_PER_YEAR
        self.fiscal_year: Any = 1

    def advance(self, period: Period) -> None:
        """Go on to the end of the period, after the comparison."""
        ends = period.month == period.last
        self.fiscal_year = (self.offset + period.month - 1) // MONTHS_PER_YEAR + 1
        self.own.advance(period, ends)
        self.rent.advance(period, ends)


class Closing(NamedTuple):
    """The books at the end of a month, month 0 being the day of the purchase [USD].

    `own` and `rent` are profit and loss of the month by account. Values are those before anything
    is sold or settled at the end: of the assets, of these the right-of-use asset, what the hardware
    would fetch, what is owed of loan and lease, and what a finance lease, a loan's fee or a
    commitment holds back.
    """

    month: int
    t_months: Numeric
    fiscal_year: int
    own: dict[str, Any]
    rent: dict[str, Any]
    book_usd: Any
    right_usd: Any
    market_usd: Any
    loan_usd: Any
    lease_usd: Any
    prepaid_usd: Any


def closings(v: Inputs) -> Iterator[Closing]:
    """The books of one scenario, month by month.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpu="L4", horizon_months=24, purchase_month=1).values())
    >>> [closing.fiscal_year for closing in closings(v)][-1]
    2
    """
    period, run = Period(v), Comparison(v, by_item=True, crossed=False)
    books = Accounts(v, run)
    yield _closing(period, books)
    while period.month < period.longest:
        period.advance()
        run.advance(period)
        books.advance(period)
        yield _closing(period, books)


def classified(v: Inputs) -> Classification | None:
    """The five tests of the lease of one scenario; None without a lease."""
    return Classification(v, Lease(v)) if any_true(v.financing == "lease") else None


def _closing(period: Period, books: Accounts) -> Closing:
    own, lease = books.own, books.own.lease
    part: Any = own.financed
    return Closing(
        month=period.month,
        t_months=period.t,
        fiscal_year=int(books.fiscal_year),
        own=own.month,
        rent=books.rent.month,
        book_usd=own.book_usd,
        right_usd=0 if lease is None else lease.right.book,
        market_usd=own.market_usd,
        loan_usd=0 if part is None else part.loan.balance,
        lease_usd=0 if lease is None else lease.liability,
        prepaid_usd=books.rent.prepaid_usd,
    )
