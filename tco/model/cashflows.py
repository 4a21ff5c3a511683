"""One pass over the months: what both sides pay, accumulated, discounted, and compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.finance.payback import Payback
from tco.model import rental
from tco.model.items import GROWTHS, MONTH, OWN, RENT, SIDES, UNUSED, amounts, item_of, items_of
from tco.model.periods import Period, periods, start
from tco.model.tax import TaxAndFinancing, TaxOnRent
from tco.numeric import any_true, is_array, select

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.numeric import Numeric, Truth

# How the monthly amounts of each side can grow.
_GROWTHS = {
    side: tuple(sorted({item.growth for item in items_of(side, MONTH) if item.growth is not None}))
    for side in SIDES
}


class CashFlow:
    """What one side pays: at the start, in the month followed last, and on leaving then [USD].

    `paid` is all of the start, then all of each month; `due` is what leaving costs, less what is
    received. `start`, `month`, `leaving` are the same by item, as far as asked for; `further` is
    what tax and financing add to start and month. `size` is `paid` with the absolute amounts. In a
    month with a `lump` something is not paid evenly; `exit_lump` is the same for those who leave.

    `part` follows tax and financing, and `followed` marks the scenarios that have any; where none
    has, it is None, which costs nothing.
    """

    def __init__(self, v: Inputs, side: str, by_item: bool = False) -> None:
        self.v, self.side, self.by_item = v, side, by_item
        found = amounts(v, side)
        self.start = found.start
        self.followed: Any = v.tax_rate > 0
        if side == OWN:
            late, refreshed = v.delivery_months > 0, v.refresh_months > 0
            self.followed = self.followed | late | refreshed | (v.financing != "cash")
        self.part: TaxAndFinancing | TaxOnRent | None = None
        if any_true(self.followed):
            self.part = (TaxAndFinancing if side == OWN else TaxOnRent)(v, self.start)
        if by_item:
            self.recurring: list[tuple[str, Any, Any]] = [
                (name, item_of(side, name).growth, amount) for name, amount in found.month.items()
            ]
        else:
            sums = found.by_growth()
            self.recurring = [("", growth, sums[growth]) for growth in _GROWTHS[side]]
        self.committed = any_true(v.billing == "committed")
        self.on_leaving = [
            (name, item.growth, amount)
            for name, amount in found.exit.items()
            if (item := item_of(side, name)).growth != UNUSED or self.committed or by_item
        ]
        self.month: dict[str, Any] = {}
        self.leaving: dict[str, Any] = {}
        self.further: dict[str, Any] = {} if self.part is None else self.part.start
        self.lump: Truth = False
        self.exit_lump: Truth = False
        self.paid: Any = sum(self.start.values()) + sum(self.further.values())
        self.size: Any = _size(self.start) + _size(self.further)
        self.due: Any = 0
        self.exit_factors: tuple[Any, ...] = ()

    def advance(self, period: Period) -> None:
        """Go on to the end of the period."""
        factors: Any = period.factors
        part = self.part
        there: Truth = True if part is None else part.delivered(period.month)
        paid: Any = 0
        if self.by_item:
            self.month = {
                name: select(there, amount * factors[growth], 0)
                for name, growth, amount in self.recurring
            }
            paid = sum(self.month.values())
        else:
            for _, growth, amount in self.recurring:
                paid = paid + amount * factors[growth]
        self.size = paid
        if part is not None:
            paid = select(there, paid, 0)
            self.further = part.month(period, paid)
            self.lump, self.exit_lump = part.lump, part.exit_lump
            self.size = abs(paid) + _size(self.further)
            paid = paid + sum(self.further.values())
        self.paid = paid

    def paid_in_all(self, weights: list[Numeric]) -> Any:
        """Present value of all that is paid until the exit, by the weights of the amounts."""
        recurring = [amount * weights[growth] for _, growth, amount in self.recurring]
        return sum(self.start.values()) + sum(recurring)

    def leave(self, period: Period, by_item: bool = False) -> None:
        """Stop at the end of the period; nothing else changes by that."""
        unused: Any = 0
        if self.committed and self.side == RENT:
            unused = rental.unused_months(self.v, period.t) * period.rental_growth
        factors: Any = (1, period.residual, unused)
        self.exit_factors = factors
        if self.part is None and not by_item:
            due: Any = 0
            for _, growth, amount in self.on_leaving:
                due = due + amount * factors[growth]
            self.due = due
            return
        self.leaving = {name: amount * factors[growth] for name, growth, amount in self.on_leaving}
        if self.part is not None:
            self.leaving = self.part.at_exit(period, self.leaving)
        self.due = sum(self.leaving.values())


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
    """What one pass leaves: the sums at the horizon, the present-value weights, the crossings.

    `own_npv` and `rent_npv` count the resale and the unused commitment; `gross` is the sum of all
    absolute present values. `weights` are the discounted sums of the factors, by growth: a monthly
    amount times its weight is its present value over the horizon; `exit_weights` are the same for
    what is paid on leaving. Where tax and financing are `followed` the weights are not everything.

    None without a comparison: `plain_saving`, what buying saves without discounting, the paybacks
    of the three pairs of curves, and the `points` of the curves (of one scenario).
    """

    own_npv: Numeric
    rent_npv: Numeric
    gross: Numeric
    weights: list[Numeric]
    exit_weights: tuple[Numeric, ...]
    followed: Truth
    plain_saving: Any = None
    discounted: Any = None
    undiscounted: Any = None
    exits: Any = None
    points: list[Point] | None = None


def accumulate(v: Inputs, compared: bool = True) -> Totals:
    """Everything that the answer needs, from one pass over the months; crossings if `compared`.

    If nothing is compared, and there is neither tax nor financing, the weights alone give the sums.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7).values())
    >>> round(accumulate(v).own_npv / accumulate(v, compared=False).own_npv, 12)
    1.0
    """
    own, rent = CashFlow(v, OWN), CashFlow(v, RENT)
    followed = own.part is not None or rent.part is not None
    own_sum = own_plain = own.paid
    rent_sum = rent_plain = rent.paid
    size, zero = own.size + rent.size, v.horizon_months * 0
    discounted, undiscounted = Payback(zero, own_sum, rent_sum), Payback(zero, own_sum, rent_sum)
    exits: Payback | None = None
    points: list[Point] = []
    if compared and not is_array(own_sum):
        own.leave(start(v))
        points = [Point(zero, own_sum, rent_sum, own_sum, rent_sum, own_sum + own.due, rent_sum)]
    weights: list[Any] = [0] * len(GROWTHS)
    for period in periods(v):
        t, discount = period.t, period.discount
        weights = [w + f * discount for w, f in zip(weights, period.factors, strict=True)]
        if not (compared or followed):
            continue
        own.advance(period)
        rent.advance(period)
        own_sum, rent_sum = own_sum + own.paid * discount, rent_sum + rent.paid * discount
        if followed:
            size = size + (own.size + rent.size) * discount
        if not compared:
            continue
        own_plain, rent_plain = own_plain + own.paid, rent_plain + rent.paid
        own.leave(period)
        rent.leave(period)
        own_exit = own_sum + own.due * discount
        rent_exit = rent_sum + rent.due * discount if rent.on_leaving else rent_sum
        discounted.advance(t, own_sum, rent_sum, own.lump)
        undiscounted.advance(t, own_plain, rent_plain, own.lump)
        if exits is None:
            exits = Payback(t, own_exit, rent_exit)
        else:
            exits.advance(t, own_exit, rent_exit, own.exit_lump | period.term_starts)
        if points:
            points.append(Point(t, own_sum, rent_sum, own_plain, rent_plain, own_exit, rent_exit))
    own.leave(period, by_item=True)
    rent.leave(period, by_item=True)
    if not (compared or followed):
        own_sum, rent_sum = own.paid_in_all(weights), rent.paid_in_all(weights)
    if not followed:
        size = own_sum + rent_sum
    discount = period.discount
    totals = Totals(
        own_sum + own.due * discount,
        rent_sum + rent.due * discount,
        size + (_size(own.leaving) + _size(rent.leaving)) * discount,
        weights,
        tuple(factor * discount for factor in rent.exit_factors),
        own.followed | rent.followed,
    )
    if not compared:
        return totals
    plain_saving = rent_plain + rent.due - (own_plain + own.due)
    return replace(
        totals,
        plain_saving=plain_saving,
        discounted=discounted,
        undiscounted=undiscounted,
        exits=exits,
        points=points,
    )


def present_value(v: Inputs, side: str, totals: Totals) -> Numeric:
    """What a side would cost today with other inputs than those of a pass, by its weights [USD].

    They may differ in nothing that grows or lasts, and have neither tax nor financing.
    """
    flow = CashFlow(v, side)
    due: Any = sum(amount * totals.exit_weights[growth] for _, growth, amount in flow.on_leaving)
    total: Numeric = flow.paid_in_all(totals.weights) + due
    return total


def entries(v: Inputs, side: str) -> Iterator[tuple[str, int, Any, Any, Any]]:
    """The ledger of `own` or `rent`: item, month, t [months], cost and present value [USD].

    What tax and financing add is listed where it occurs, and anything else in any case.
    """
    flow = CashFlow(v, side, by_item=True)
    for item, cost in (flow.start | _occurring(flow.further)).items():
        yield item, 0, v.horizon_months * 0, cost, cost
    for period in periods(v):
        flow.advance(period)
        for item, cost in (flow.month | _occurring(flow.further)).items():
            yield item, period.month, period.t, cost, cost * period.discount
    flow.leave(period, by_item=True)
    always = [name for name, _, _ in flow.on_leaving]
    due = {name: flow.leaving[name] for name in always} | _occurring(flow.leaving)
    for item, cost in due.items():
        yield item, period.month, period.t, cost, cost * period.discount


def _size(items: dict[str, Any]) -> Any:
    return sum(abs(amount) for amount in items.values())


def _occurring(items: dict[str, Any]) -> dict[str, Any]:
    return {item: cost for item, cost in items.items() if any_true(cost != 0)}
