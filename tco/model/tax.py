"""The tax books of what is bought: what is written off each year, and the gain when it is sold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.finance.write_off import LIVES, Schedule, Vintage
from tco.market.data_tables import macrs_shares
from tco.model import ownership
from tco.numeric import MONTHS_PER_YEAR, any_true, in_type_of, select

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.model.periods import Period
    from tco.numeric import Truth


class Books:
    """The GPUs and spares in one vintage, everything else that was paid at the start in another.

    They come into service when they are delivered. Leased hardware comes into the books when it is
    bought at the end of the lease.
    """

    def __init__(self, v: Inputs) -> None:
        self.purchase_month = v.purchase_month
        self.schedule = _schedule(v)
        costs = ownership.upfront(v)
        taxed = 1 + v.sales_tax_rate
        others = (costs["servers"] + costs["network"]) * taxed + costs["install"]
        gpus = (costs["gpus"] + costs["spares"]) * taxed
        self.others = self._placed(others, v.delivery_months)
        self.gpus = self._placed(gpus, v.delivery_months)

    @property
    def value(self) -> Any:
        """What is not yet written off [USD]."""
        return self.schedule.book(self.others) + self.schedule.book(self.gpus)

    def end_of_month(self, period: Period) -> Any:
        """What is written off at the end of the month [USD]: of a tax year, when one ends."""
        ends = (period.month + self.purchase_month - 1) % MONTHS_PER_YEAR == 0
        ends = ends & period.whole
        if not any_true(ends):
            return 0
        before = self.value
        self.others = self._written_off(self.others, ends & (period.month > self.others.born))
        self.gpus = self._written_off(self.gpus, ends & (period.month > self.gpus.born))
        return before - self.value

    def replace(self, now: Truth, cost: Any, month: int) -> Any:
        """Take the GPUs off the books for others that cost so much; what they stood there for."""
        if not any_true(now):
            return 0
        gone = select(now, self.schedule.book(self.gpus), 0)
        self.gpus = _either(now, self._placed(cost, month), self.gpus)
        return gone

    def _placed(self, cost: Any, born: Any) -> Vintage:
        return self.schedule.placed(cost, born, self.purchase_month)

    def _written_off(self, vintage: Vintage, ends: Truth) -> Vintage:
        if not any_true(ends):
            return vintage
        return _either(ends, self.schedule.after_year(vintage), vintage)


def _either(condition: Truth, one: Vintage, other: Vintage) -> Vintage:
    return Vintage(*(select(condition, a, b) for a, b in zip(one, other, strict=True)))


def _schedule(v: Inputs) -> Schedule:
    published = any(any_true(v.depreciation == method) for method in LIVES)
    shares = macrs_shares() if published else ()
    return Schedule(
        v.depreciation,
        v.depreciation_years,
        v.declining_balance_factor,
        v.macrs_convention,
        v.bonus_rate,
        tuple(in_type_of(v.bonus_rate, share) for share in shares),
    )
