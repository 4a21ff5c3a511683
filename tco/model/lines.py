"""The lines that tax, loan, lease, delivery and refresh add to both ledgers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tco.model import ownership, rental
from tco.model.financing import Lease, Loan
from tco.model.flow import FLAT, OPEX
from tco.model.replacement import Refresh
from tco.model.tax import Books
from tco.numeric import any_true, select

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.model.periods import Period
    from tco.numeric import Truth

# What is only paid or received when one stops: no part of the cumulative costs before.
EXIT_ITEMS = (
    "resale",
    "disposal_tax",
    "loan_settlement",
    "lease_return",
    "unused_lease",
    "unused_commitment",
    "exit_deduction",
)


def lines_of(v: Inputs, compared: bool = True) -> Lines | None:
    """The further lines of both ledgers; None where no scenario has any, which costs nothing.

    `gross` is known only if `compared`.
    """
    taxed, delayed, refreshed = v.tax_rate > 0, v.delivery_months > 0, v.refresh_months > 0
    some: Any = taxed | delayed | refreshed | (v.financing != "cash")
    return Lines(v, some, compared) if any_true(some) else None


class Lines:
    """Follows a scenario from month to month; what does not apply to it adds 0.

    `some` marks the scenarios that have such lines.

    `gross` is the sum of the absolute present values of everything until the exit. `lump` marks
    a month that ends with something that is not paid evenly; for those who stop the first month of
    a later term of a lease is one too (`exit_lump`), which is owed as soon as it begins.
    """

    def __init__(self, v: Inputs, some: Truth, compared: bool) -> None:
        self.v = v
        self.some, self.compared = some, compared
        bought = ownership.upfront(v)
        financed = sum(bought[item] for item in ("gpus", "spares", "servers", "network"))
        self.loan = Loan(v, financed)
        self.lease = Lease(v)
        self.refresh = Refresh(v)
        self.books = Books(v)
        # Where nothing is late, owning needs no rental rate.
        late = any_true(v.delivery_months > 0)
        self.bill: tuple[Any, Any] = rental.bill_by_use(v) if late else (0, 0)
        self.lump: Any = False
        self.exit_lump: Any = False
        first = self.lease.paid * self.lease.usd_per_month
        fees = sum(rental.upfront(v).values())
        self.own_start = {
            "loan_proceeds": -self.loan.balance,
            "lease": first,
            "tax_deduction": -v.tax_rate * first,
        }
        self.rent_start = {"tax_deduction": -v.tax_rate * fees}
        sides = (bought, self.own_start, self.rent_start, {"upfront": fees})
        self._paid: Any = sum(_size(side) for side in sides)
        self.gross: Any = self._paid

    def delivered(self, month: int) -> Truth:
        """Whether the hardware is there in this month."""
        return self.v.delivery_months < month

    def month(
        self, period: Period, own_paid: Any, rent_paid: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What both sides pay at the end of the month besides `own_paid`, `rent_paid`, by item.

        `own_paid` counts what is paid for hardware that is there.
        """
        tax = self.v.tax_rate
        rented = self._rented(period)
        leased = self.lease.advance(period)
        instalment, interest = self.loan.advance(period)
        written_off = self.books.end_of_month(period)
        refreshed = self._refreshed(period)
        running = own_paid + rented + leased["lease"] + leased["lease_return"]
        own = {
            "rent_until_delivery": rented,
            **leased,
            "loan_payment": instalment,
            **refreshed,
            "tax_deduction": -tax * running,
            "loan_interest_shield": -tax * interest,
            "depreciation_shield": -tax * written_off,
        }
        once = ("depreciation_shield", "refresh", "refresh_resale", "lease_buyout", "lease_return")
        self.lump = sum((own[item] != 0 for item in once), start=False) > 0
        self.exit_lump = self.lump | self.lease.starts_in(period.month)
        return own, {"tax_deduction": -tax * rent_paid}

    def at_exit(self, period: Period, unused: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What both sides pay and receive when they stop at the end of the period, by item.

        `unused` is what an unfinished commitment costs.
        """
        tax = self.v.tax_rate
        resale = select(self.lease.owned(period.t), self.refresh.resale(period), 0)
        owed, accrued = self.loan.at_exit(period)
        leaving = self.lease.at_exit(period.t)
        own = {
            "resale": -resale,
            "disposal_tax": tax * (resale - self.books.value),
            "loan_settlement": owed,
            **leaving,
            "exit_deduction": -tax * (sum(leaving.values()) + accrued),
        }
        return own, {"unused_commitment": unused, "exit_deduction": -tax * unused}

    def paid(self, period: Period, own_paid: Any, rent_paid: Any) -> tuple[Any, Any]:
        """Everything that both sides pay at the end of the month, together."""
        own_paid = select(self.delivered(period.month), own_paid, 0)
        own, rent = self.month(period, own_paid, rent_paid)
        if self.compared:
            size = own_paid + rent_paid + _size(own) + _size(rent)
            self._paid = self._paid + size * period.discount
        return own_paid + sum(own.values()), rent_paid + sum(rent.values())

    def due(self, period: Period, unused: Any) -> tuple[Any, Any]:
        """Everything that both sides pay, less what they receive, when they stop now, together."""
        own, rent = self.at_exit(period, unused)
        if not any_true(period.inside):
            self.gross = self._paid + (_size(own) + _size(rent)) * period.discount
        return sum(own.values()), sum(rent.values())

    def _rented(self, period: Period) -> Any:
        """The busy hours of this month, rented by use while the hardware is not there."""
        grown = period.market_growth * period.factors[FLAT]
        by_rate, by_opex = self.bill
        bill = by_rate * grown + by_opex * period.factors[OPEX]
        return select(self.delivered(period.month), 0, bill)

    def _refreshed(self, period: Period) -> dict[str, Any]:
        """New GPUs, old ones sold, and the tax on the gain; a lease's buy-out enters the books."""
        due, fetched = self.refresh.advance(period)
        stood_for = self.books.replace(due, self.refresh.cost, period.month)
        gain = select(due, fetched, 0) - stood_for
        bought = self.lease.bought_in(period)
        self.books.replace(bought, self.lease.buyout_usd, period.month)
        return {
            "refresh": select(due, self.refresh.cost, 0),
            "refresh_resale": -select(due, fetched, 0),
            "refresh_tax": self.v.tax_rate * gain,
        }


def _size(items: Mapping[str, Any]) -> Any:
    return sum(abs(amount) for amount in items.values())
