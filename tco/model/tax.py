"""Income tax, and everything else of owning that is followed from month to month."""

from __future__ import annotations

from typing import Any, ClassVar

from tco.finance.depreciation import LIVES, Schedule, Vintage
from tco.inputs import Inputs
from tco.market.data_tables import macrs_shares
from tco.model import ownership, rental
from tco.model.commitment import CommitmentFee
from tco.model.financing import Lease, Loan, Refresh
from tco.model.items import (
    DEDUCTED,
    EXIT,
    FLAT,
    GPUS,
    MONTH,
    OPEX,
    OWN,
    RENT,
    START,
    WRITTEN_OFF,
    items_of,
    registered,
)
from tco.model.lines import Lines
from tco.model.periods import Period
from tco.numeric import MONTHS_PER_YEAR, Numeric, Truth, any_true, select

_DEDUCTIBLE = {item.name: item.tax == DEDUCTED for item in items_of(OWN)}
_LUMPS = tuple(item.name for item in items_of(OWN, MONTH) if item.lump)
_WRITTEN_OFF = tuple(item for item in items_of(OWN, START) if item.tax == WRITTEN_OFF)


def written_off(v: Inputs, bought: dict[str, Numeric]) -> tuple[Any, Any]:
    """What is paid at the start and written off over time: GPUs and spares, and all else [USD].

    `bought` is what is paid then, by item. Sales tax is written off with the hardware on which it
    was paid. Tax books and financial books begin with the same amounts.
    """
    taxed = 1 + select(v.already_owned, 0, v.sales_tax_rate)
    gpus: Any = 0
    others: Any = 0
    for item in _WRITTEN_OFF:
        if item.hardware == GPUS:
            gpus = gpus + bought[item.name] * taxed
        elif item.hardware:
            others = others + bought[item.name] * taxed
        elif item.name != "sales_tax":
            others = others + bought[item.name]
    return gpus, others


class TaxDepreciation:
    """The GPUs and spares in one vintage, everything else that was paid at the start in another.

    They come into service when they are delivered. Leased hardware comes into the books when it is
    bought at the end of the lease.
    """

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {
        MONTH: ("depreciation_shield", "refresh_tax"),
        EXIT: ("disposal_tax",),
    }

    def __init__(self, v: Inputs, bought: dict[str, Numeric], lined: Any) -> None:
        published = any(any_true(v.depreciation == method) for method in LIVES)
        self.schedule = Schedule(
            v.depreciation,
            v.depreciation_years,
            v.declining_balance_factor,
            v.macrs_convention,
            v.bonus_rate,
            v.purchase_month,
            macrs_shares() if published else (),
        )
        # What was there before stands in no tax books.
        new = select(v.already_owned, 0, 1)
        gpus, others = written_off(v, bought)
        self.others = Vintage(self.schedule, new * others + lined, v.delivery_months)
        self.gpus = Vintage(self.schedule, new * gpus, v.delivery_months)

    @property
    def value(self) -> Any:
        """What is not yet written off [USD]."""
        return self.others.book + self.gpus.book

    def end_of_month(self, period: Period) -> Any:
        """What is written off at the end of the month [USD]: of a tax year, when one ends."""
        ends = (period.month + self.schedule.purchase_month - 1) % MONTHS_PER_YEAR == 0
        ends = ends & period.whole
        if not any_true(ends):
            return 0
        self.ends = ends
        before = self.value
        for vintage in (self.others, self.gpus):
            ended = ends & (period.month > vintage.born)
            if any_true(ended):
                vintage.end_year(ended)
        return before - self.value

    def replace(self, now: Truth, cost: Any, month: int) -> Any:
        """Take the GPUs off the books for others that cost so much; what they stood there for."""
        if not any_true(now):
            return 0
        self.book = self.gpus.book
        gone = select(now, self.book, 0)
        self.gpus.replace(now, Vintage(self.schedule, cost, month))
        return gone


class TaxAndFinancing:
    """What tax, loan, lease, delivery and refresh add to owning; what does not apply adds 0.

    `start` is what they add at the start, by item [USD]. `lump` marks a month that ends with
    something that is not paid evenly; for those who stop the first month of a later term of a lease
    is one too (`exit_lump`), which is owed as soon as it begins.
    """

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {
        START: ("tax_deduction", "disposal_tax"),
        MONTH: ("rent_until_delivery", "tax_deduction", "loan_interest_shield"),
        EXIT: ("exit_deduction",),
    }

    def __init__(self, v: Inputs, bought: dict[str, Numeric], lined: dict[str, Any]) -> None:
        """`bought` is what is paid at the start besides, by item, `lined` by line [USD]."""
        self.v = v
        self.loan = Loan(v, sum(bought[item.name] for item in _WRITTEN_OFF if item.hardware))
        self.lease = Lease(v)
        self.refresh = Refresh(v)
        self.depreciation = TaxDepreciation(v, bought, sum(lined.values()))
        # Where nothing is late, owning needs no rental rate.
        late = any_true(v.delivery_months > 0)
        self.bill: tuple[Any, Any] = rental.bill_by_use(v) if late else (0, 0)
        self.lump: Truth = False
        self.exit_lump: Truth = False
        first = self.lease.paid * self.lease.usd_per_month
        fees = self.loan.fee + self.lease.fee_usd
        deducted = first + fees + sum(cost for name, cost in bought.items() if _DEDUCTIBLE[name])
        self.start: dict[str, Any] = {
            "loan_proceeds": -self.loan.balance,
            "loan_fee": self.loan.fee,
            "lease": first,
            "lease_fee": self.lease.fee_usd,
            "tax_deduction": -v.tax_rate * deducted,
            # What is kept is not sold: the tax on that sale is saved.
            "disposal_tax": -v.tax_rate * select(v.already_owned, self.refresh.resold_now, 0),
        }

    def delivered(self, month: int) -> Truth:
        """Whether the hardware is there in this month."""
        return ownership.delivered(self.v, month)

    def month(self, period: Period, paid: Any) -> dict[str, Any]:
        """What is paid at the end of the month besides `paid` for hardware in use, by item."""
        tax, depreciation, lease = self.v.tax_rate, self.depreciation, self.lease
        # Until the hardware is there, the busy hours are rented by use.
        by_rate, by_opex = self.bill
        grown = period.market_growth * period.factors[FLAT]
        rented = by_rate * grown + by_opex * period.factors[OPEX]
        own: dict[str, Any] = {
            "rent_until_delivery": select(self.delivered(period.month), 0, rented),
            **lease.advance(period),
        }
        own["loan_payment"], own["loan_balloon"], interest = self.loan.advance(period)
        written_off = depreciation.end_of_month(period)
        # New GPUs, old ones sold, and the tax on the gain; a lease's buyout enters the books.
        due, fetched = self.refresh.advance(period)
        stood_for = depreciation.replace(due, self.refresh.cost, period.month)
        depreciation.replace(lease.bought_in(period), lease.buyout_usd, period.month)
        sold = select(due, fetched, 0)
        own["refresh"] = select(due, self.refresh.cost, 0)
        own["refresh_resale"] = -sold
        own["refresh_tax"] = tax * (sold - stood_for)
        own["tax_deduction"] = -tax * (paid + _deductible(own))
        own["loan_interest_shield"] = -tax * interest
        own["depreciation_shield"] = -tax * written_off
        self.lump = lease.lumped
        for name in _LUMPS:
            self.lump = self.lump | (own[name] != 0)
        self.exit_lump = self.lump | lease.starts_in(period.month)
        return own

    def at_exit(self, period: Period, due: dict[str, Any], lines: Lines | None) -> dict[str, Any]:
        """What is paid and received when one stops at the end of the period, by item.

        `due` is that without tax, financing and the user's own `lines`.
        """
        tax = self.v.tax_rate
        lease, refresh = self.lease, self.refresh
        # Of what is leased nothing is sold before it is bought.
        unsold = select(lease.cards_only, refresh.resale_of_others(period), 0)
        resale = select(lease.owned(period.t), refresh.resale(period), unsold)
        owed, accrued = self.loan.at_exit(period)
        own = {
            **due,
            "resale": -resale,
            "disposal_tax": tax * (resale - self.depreciation.value),
            "loan_settlement": owed,
            **self.lease.at_exit(period.t),
        }
        if lines is not None:
            own |= lines.on_leaving(period, own)
        own["exit_deduction"] = -tax * (_deductible(own) + accrued)
        return own


class TaxOnRent:
    """What is deducted of a rent; the attributes and methods are those of `TaxAndFinancing`."""

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {
        START: ("tax_deduction",),
        MONTH: ("tax_deduction",),
        EXIT: ("exit_deduction",),
    }
    lump = exit_lump = False

    def __init__(self, v: Inputs, fees: dict[str, Numeric], lined: dict[str, Any]) -> None:
        self.tax_rate = v.tax_rate
        paid = sum(fees.values()) + sum(lined.values())
        self.start: dict[str, Any] = {"tax_deduction": -self.tax_rate * paid}

    def delivered(self, _month: int) -> Truth:
        """Whatever is rented is there."""
        return True

    def month(self, _period: Period, paid: Any) -> dict[str, Any]:
        """What is paid besides, by item."""
        return {"tax_deduction": -self.tax_rate * paid}

    def at_exit(self, period: Period, due: dict[str, Any], lines: Lines | None) -> dict[str, Any]:
        """What is paid when one stops, by item."""
        if lines is not None:
            due = due | lines.on_leaving(period, due)
        return {**due, "exit_deduction": -self.tax_rate * sum(due.values())}


def _deductible(own: dict[str, Any]) -> Any:
    """What is deducted when it is paid; of what is no item, the user's own lines, all is."""
    return sum(cost for name, cost in own.items() if _DEDUCTIBLE.get(name, True))


# The items that parts follow, by side.
FOLLOWED = {
    OWN: (Loan.ITEMS, Lease.ITEMS, Refresh.ITEMS, TaxDepreciation.ITEMS, TaxAndFinancing.ITEMS),
    RENT: (CommitmentFee.ITEMS, TaxOnRent.ITEMS),
}
registered(FOLLOWED)
