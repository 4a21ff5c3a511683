"""The fee of a commitment, term after term."""

from __future__ import annotations

from typing import Any, ClassVar

from tco.finance.annuity import present_value_of_annuity
from tco.finance.discounting import compound_interest, discount_factor
from tco.inputs import Inputs
from tco.model.items import MONTH, START
from tco.model.periods import Period
from tco.numeric import MONTHS_PER_YEAR, Truth, select


class CommitmentFee:
    """The fee of each commitment term, due at its start, which need not be the start of a month.

    `terms` begin in the month that was followed last, `paid` is their fees [USD], and `early` what
    the present value of one dollar at the start of each exceeds that at the end of the month by.
    """

    ITEMS: ClassVar[dict[str, tuple[str, ...]]] = {
        START: ("commitment_fee",),
        MONTH: ("commitment_fee",),
    }

    def __init__(self, v: Inputs) -> None:
        self.term, self.discount_rate = v.commitment_months, v.discount_rate
        self.committed: Truth = v.billing == "committed"
        self.usd = select(self.committed, v.gpus * v.commitment_fee_usd_per_gpu, 0)
        self.per_term = compound_interest(v.discount_rate, v.commitment_months / MONTHS_PER_YEAR)
        self.terms: Any = 0
        self.early: Any = 0
        self.paid: Any = self.usd
        self.first: Any = 0
        self.discount: Any = 1

    def advance(self, period: Period) -> None:
        """Go on to the end of the period."""
        self.first = period.next_term
        self.terms = select(self.committed, period.terms_starting, 0)
        self.starts = discount_factor(self.discount_rate, self.first * self.term)
        self.discount = period.discount
        self.early = self._early(self.terms)
        self.paid = self.usd * self.terms

    def early_of(self, each: Any, paid: Any, whole: Any) -> tuple[Any, Any]:
        """The same in dollars, of what is paid of `each`: `whole` at first, then a rest.

        Beside it `early` of those that are whole.
        """
        at_last = discount_factor(self.discount_rate, (self.first + whole) * self.term)
        early = self._early(whole)
        return each * early + (paid - each * whole) * (at_last - self.discount), early

    def _early(self, terms: Any) -> Any:
        in_all = present_value_of_annuity(1, self.per_term, terms) * (1 + self.per_term)
        return self.starts * in_all - terms * self.discount
