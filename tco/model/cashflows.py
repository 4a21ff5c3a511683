"""One pass over the months: what both sides pay, accumulated, discounted, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate as running
from itertools import pairwise
from operator import mul
from typing import Any, NamedTuple

from tco.errors import go_on
from tco.finance.payback import Payback, payback_months
from tco.inputs import Inputs
from tco.model import ownership, rental
from tco.model.commitment import CommitmentFee
from tco.model.items import (
    FLAT,
    GROWTH,
    GROWTHS,
    MONTHLY_GROWTHS,
    OWN,
    RENT,
    SIDES,
    UNUSED,
    amounts,
    item_of,
)
from tco.model.lines import Lines
from tco.model.periods import TIMING, Period, periods
from tco.model.tax import TaxAndFinancing, TaxOnRent
from tco.numeric import Numeric, Truth, any_true, is_array, select, take

# Tables of so many scenarios are kept: those of the odds have fewer.
_MOST_KEPT = 4_096


class CashFlow:
    """What one side pays: at the start, in the month followed last, and on exit then [USD].

    `paid` is all of the start, then all of each month; `due` is what leaving costs, less what is
    received. `start`, `month`, `leaving` are the same by item, as far as asked for; `further` is
    what tax and financing add to start and month, `lined` what the user's own lines do, and
    `recurred` is `paid` without both. In a month with a `lump` something is not paid evenly;
    `exit_lump` is the same for those who leave. `early` is by how much the present value of what
    was paid before the end of the month, by item, exceeds that of a payment then.

    `part` follows tax and financing, `fee` a commitment's, `lines` the user's own, and `followed`
    marks the scenarios that have any; where none has, they are None, which costs nothing.
    """

    def __init__(self, v: Inputs, side: str, by_item: bool = False) -> None:
        go_on()
        self.v, self.side, self.by_item = v, side, by_item
        found = amounts(v, side)
        self.start = found.start
        self.committed: Any = (v.billing == "committed") if side == RENT else False
        has_fee: Any = self.committed & (v.commitment_fee_usd_per_gpu > 0)
        financed: Any = v.tax_rate > 0
        if side == OWN:
            late, refreshed = v.delivery_months > 0, v.refresh_months > 0
            financed = financed | late | refreshed | (v.financing != "cash")
        lined = v.lines and any(line.side == side for line in v.lines)
        self.lines = Lines(v, side, by_item) if lined else None
        self.financed: Any = financed | has_fee
        self.followed: Any = self.financed | (self.lines is not None)
        self.fee: CommitmentFee | None = None
        if any_true(has_fee) or (self.lines is not None and self.lines.have_terms):
            self.fee = CommitmentFee(v)
            self.start = {**self.start, "commitment_fee": self.fee.usd}
        self.lined = {} if self.lines is None else self.lines.at_start(self.start)
        self.part: TaxAndFinancing | TaxOnRent | None = None
        if any_true(financed):
            self.part = (TaxAndFinancing if side == OWN else TaxOnRent)(v, self.start, self.lined)
        self.follows = not (self.part is None and self.fee is None and self.lines is None)
        # What recurs, by item where items are asked for, else summed by growth, and beside the sums
        # the items that lines are multiples of.
        self.recurring: list[tuple[str, Any, Any]] = []
        self.sums: list[tuple[int, Any]] = []
        if by_item:
            self.recurring = found.month
        else:
            sums = found.by_growth()
            self.sums = [(growth, sums[growth]) for growth in MONTHLY_GROWTHS[side]]
            if self.lines is not None:
                multiplied = {item for _, item in self.lines.monthly}
                self.recurring = [part for part in found.month if part[0] in multiplied]
        self.has_terms = any_true(self.committed)
        self.on_leaving = [
            (name, item.growth, amount)
            for name, amount in found.exit.items()
            if (item := item_of(side, name)).growth != UNUSED or self.has_terms or by_item
        ]
        self.month: dict[str, Any] = {}
        self.leaving: dict[str, Any] = {}
        self.further: dict[str, Any] = {} if self.part is None else self.part.start
        self.lump: Truth = False
        self.exit_lump: Truth = False
        self.early: dict[str, Any] = {}
        self.recurred: Any = sum(self.start.values())
        self.paid: Any = self.recurred + sum(self.further.values()) + sum(self.lined.values())
        self.due: Any = 0
        self.exit_factors: tuple[Any, Any, Any] = (1, 1, 0)

    def advance(self, period: Period) -> None:
        """Go on to the end of the period."""
        factors: Any = period.factors
        paid: Any = 0
        for growth, amount in self.sums:
            paid = paid + amount * factors[growth]
        if not (self.follows or self.by_item):
            self.paid = paid
            return
        part = self.part
        there: Any = True if part is None else part.delivered(period.month)
        if self.recurring:
            self.month = self._items(factors, there)
        if self.by_item:
            paid = sum(self.month.values())
        paid = select(there, paid, 0)
        self.lined, self.early = {}, {}
        self.lump = self.exit_lump = False
        if self.fee is not None:
            paid = paid + self._begin_terms(self.fee, period)
        self.recurred = paid
        if self.lines is not None:
            self.lined = self.lines.in_month(period, self.month, there) | self.lined
            paid = paid + sum(self.lined.values())
        self.paid = paid
        if part is None:
            return
        self.further = part.month(period, paid)
        self.lump, self.exit_lump = self.lump | part.lump, self.exit_lump | part.exit_lump
        self.paid = paid + sum(self.further.values())
        if self.early:
            self.early["tax_deduction"] = -self.v.tax_rate * sum(self.early.values())

    def _items(self, factors: Any, there: Truth) -> dict[str, Any]:
        month: dict[str, Any] = {}
        for name, growth, amount in self.recurring:
            month[name] = month.get(name, 0) + amount * factors[growth]
        if self.part is not None:
            month = {name: select(there, cost, 0) for name, cost in month.items()}
        return month

    def _begin_terms(self, fee: CommitmentFee, period: Period) -> Any:
        """What is paid for the commitment's terms that begin in the month; their lines beside."""
        fee.advance(period)
        self.early = {"commitment_fee": fee.usd * fee.early}
        if self.by_item:
            self.month["commitment_fee"] = fee.paid
        self.lump = self.exit_lump = fee.paid > 0
        if self.lines is not None:
            self.lined, early = self.lines.at_terms(period, fee)
            self.early |= early
            for cost in self.lined.values():
                self.lump = self.exit_lump = self.lump | (cost != 0)
        return fee.paid

    def size(self) -> Any:
        """What is paid, each amount without its sign; what recurs is never received."""
        if not self.follows:
            return self.paid
        size = self.recurred + _size(self.further)
        return size + _size(self.lined) if self.lined else size

    def early_size(self) -> Any:
        """What `early` adds to the present values without their signs."""
        if not self.early:
            return 0
        size = self.early["commitment_fee"]
        for name, amount in (self.further | self.lined).items():
            if name in self.early:
                size = size + select(amount < 0, -self.early[name], self.early[name])
        return size

    def paid_in_all(self, weights: list[Numeric]) -> Any:
        """Present value of all that is paid until the exit, by the weights of the amounts."""
        return self.paid + sum(amount * weights[growth] for growth, amount in self.sums)

    def leave(self, period: Period, by_item: bool = False) -> None:
        """Stop at the end of the period; nothing else changes by that."""
        unused: Any = 0
        if self.has_terms:
            months = rental.unused_months(self.v, period.t, period.terms_begun)
            unused = months * period.rental_growth
        self.exit_factors = factors = (1, period.residual, unused)
        if by_item or self.part is not None or self.lines is not None:
            self.leaving = {name: cost * factors[at] for name, at, cost in self.on_leaving}
            if self.part is not None:
                self.leaving = self.part.at_exit(period, self.leaving, self.lines)
            elif self.lines is not None:
                self.leaving |= self.lines.on_leaving(period, self.leaving)
            self.due = sum(self.leaving.values())
            return
        due: Any = 0
        for _, growth, amount in self.on_leaving:
            due = due + amount * factors[growth]
        self.due = due


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


class Totals(NamedTuple):
    """What one pass leaves: the sums at the horizon, the present-value weights, the crossings.

    `own_npv` and `rent_npv` count the resale and the unused commitment; `gross` is the sum of all
    absolute present values. `weights` are the discounted sums of the factors, by growth: a monthly
    amount times its weight is its present value over the horizon; `exit_weights` are the same for
    what is paid on exit. Where tax, financing and lines are `followed` the weights are not
    everything; `financed` is the same without the lines.

    None without a comparison: `plain_saving`, what buying saves without discounting, and the
    paybacks of the three pairs of curves.
    """

    own_npv: Numeric
    rent_npv: Numeric
    gross: Numeric
    weights: list[Numeric]
    exit_weights: tuple[Numeric, ...]
    followed: Truth
    financed: Truth
    plain_saving: Any = None
    discounted: Any = None
    undiscounted: Any = None
    exits: Any = None

    def part(self, where: Any) -> Totals:
        """Those of some scenarios of a table, without the comparison."""
        weights, at_exit = (
            [take(weight, where) for weight in listed]
            for listed in (self.weights, self.exit_weights)
        )
        own, rent, gross, followed, financed = (
            take(value, where)
            for value in (self.own_npv, self.rent_npv, self.gross, self.followed, self.financed)
        )
        return Totals(own, rent, gross, weights, tuple(at_exit), followed, financed)


class Comparison:
    """Both sides followed from month to month, with what has accumulated until the last one [USD].

    Crossings only if `compared` and `crossed`; `gross` is right only if `sized`; `by_item` as
    `CashFlow` has it.
    """

    def __init__(
        self,
        v: Inputs,
        compared: bool = True,
        sized: bool = True,
        by_item: bool = False,
        crossed: bool = True,
    ) -> None:
        self.v, self.compared, self.crossed = v, compared, crossed
        self.own = own = CashFlow(v, OWN, by_item)
        self.rent = rent = CashFlow(v, RENT, by_item)
        self.followed = own.follows or rent.follows
        self.sized = sized and self.followed
        self.own_sum: Any = own.paid
        self.rent_sum: Any = rent.paid
        self.own_plain: Any = own.paid
        self.rent_plain: Any = rent.paid
        self.size: Any = own.size() + rent.size()
        self.weights: list[Any] = [0 for _ in GROWTHS]
        zero = v.horizon_months * 0
        self.discounted = Payback(zero, own.paid, rent.paid)
        self.undiscounted = Payback(zero, own.paid, rent.paid)
        self.exits: Payback | None = None

    def advance(self, period: Period) -> None:
        """Go on to the end of the period."""
        own, rent, discount, factors = self.own, self.rent, period.discount, period.factors
        weights = self.weights
        self.weights = [weights[growth] + factors[growth] * discount for growth in GROWTHS]
        if not (self.compared or self.followed):
            return
        own.advance(period)
        rent.advance(period)
        own_paid, rent_paid = own.paid, rent.paid
        self.own_sum = own_sum = self.own_sum + own_paid * discount
        rent_sum = self.rent_sum + rent_paid * discount
        if rent.early:
            rent_sum = rent_sum + sum(rent.early.values())
        self.rent_sum = rent_sum
        if self.sized:
            self.size = self.size + (own.size() + rent.size()) * discount + rent.early_size()
        if not self.compared:
            return
        self.own_plain = own_plain = self.own_plain + own_paid
        self.rent_plain = rent_plain = self.rent_plain + rent_paid
        own.leave(period, own.by_item)
        own_exit, rent_exit = own_sum + own.due * discount, rent_sum
        if rent.on_leaving or rent.lines is not None:
            rent.leave(period, rent.by_item)
            rent_exit = rent_sum + rent.due * discount
        self.own_exit, self.rent_exit = own_exit, rent_exit
        if not self.crossed:
            return
        t = period.t
        lump: Truth = own.lump | rent.lump if self.followed else False
        self.discounted.advance(t, own_sum, rent_sum, lump)
        self.undiscounted.advance(t, own_plain, rent_plain, lump)
        if self.exits is None:
            self.exits = Payback(t, own_exit, rent_exit)
        else:
            lump = period.term_starts
            if self.followed:
                lump = lump | own.exit_lump | rent.exit_lump
            self.exits.advance(t, own_exit, rent_exit, lump)

    def totals(self, period: Period) -> Totals:
        """What the pass leaves when it ends with the period."""
        own, rent, discount, compared = self.own, self.rent, period.discount, self.compared
        own.leave(period, by_item=True)
        rent.leave(period, by_item=True)
        own_sum, rent_sum, size = self.own_sum, self.rent_sum, self.size
        if not (compared or self.followed):
            own_sum, rent_sum = own.paid_in_all(self.weights), rent.paid_in_all(self.weights)
        if not self.followed:
            size = own_sum + rent_sum
        plain = self.rent_plain + rent.due - (self.own_plain + own.due) if compared else None
        return Totals(
            own_sum + own.due * discount,
            rent_sum + rent.due * discount,
            size + total_size(own, rent) * discount,
            self.weights,
            tuple(factor * discount for factor in rent.exit_factors),
            own.followed | rent.followed,
            own.financed | rent.financed,
            plain,
            self.discounted if compared else None,
            self.undiscounted if compared else None,
            self.exits,
        )


def accumulate(v: Inputs, compared: bool = True, sized: bool = True) -> Totals:
    """Everything that the answer needs, from one pass over the months.

    Crossings only if `compared`; `gross` is right only if `sized`.

    If nothing is compared, and there is neither tax nor financing, the weights alone give the sums.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7).values())
    >>> round(accumulate(v).own_npv / accumulate(v, compared=False).own_npv, 12)
    1.0
    """
    run = Comparison(v, compared, sized)
    if not (compared or run.followed):
        period, run.weights = _weights(v)
        return run.totals(period)
    period = Period(v)
    while period.month < period.longest:
        period.advance()
        run.advance(period)
    return run.totals(period)


def _weights(v: Inputs) -> tuple[Period, list[Any]]:
    """The last period of a pass, and the discounted sums of the factors, by growth.

    Those of a small table are kept: while one input of a simulation moves that neither grows nor
    lasts, its futures are as long and grow as they did.
    """
    timing = _Timing(v)
    return _kept_weights(timing) if timing.is_kept else _weighed(v)


def _weighed(v: Inputs) -> tuple[Period, list[Any]]:
    period, weights = Period(v), [0 for _ in GROWTHS]
    while period.month < period.longest:
        period.advance()
        factors, discount = period.factors, period.discount
        weights = [weights[growth] + factors[growth] * discount for growth in GROWTHS]
    return period, weights


class _Timing:
    """What of the inputs grows or lasts, to be compared with that of other tables of numbers."""

    def __init__(self, v: Inputs) -> None:
        values = [getattr(v, name) for name in TIMING]
        arrays = [value for value in values if is_array(value)]
        self.v = v
        self.is_kept = bool(arrays) and all(
            array.dtype.kind in "fiub" and array.size <= _MOST_KEPT for array in arrays
        )
        self._key: tuple[Any, ...] = ()
        if self.is_kept:
            self._key = tuple(
                (value.dtype.kind, value.tobytes()) if is_array(value) else (type(value), value)
                for value in values
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Timing) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=32)
def _kept_weights(timing: _Timing) -> tuple[Period, list[Any]]:
    return _weighed(timing.v)


def points(v: Inputs) -> Iterator[Point]:
    """The curves of one scenario: at the start, and at the end of each month.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpu="L4", horizon_months=2.5).values())
    >>> [point.t_months for point in points(v)]
    [0.0, 1.0, 2.0, 2.5]
    """
    period, run = Period(v), Comparison(v, crossed=False)
    own, rent = run.own_sum, run.rent_sum
    run.own.leave(period)
    run.rent.leave(period)
    yield Point(period.t, own, rent, own, rent, own + run.own.due, rent + run.rent.due)
    while period.month < period.longest:
        period.advance()
        run.advance(period)
        plain, left = (run.own_plain, run.rent_plain), (run.own_exit, run.rent_exit)
        yield Point(period.t, run.own_sum, run.rent_sum, *plain, *left)


def present_value(v: Inputs, side: str, totals: Totals) -> Numeric:
    """What a side would cost today with other inputs than those of a pass, by its weights [USD].

    They may differ in nothing that grows or lasts, and have neither tax nor financing.
    """
    found, weights = amounts(v, side), totals.weights
    monthly = [amount * weights[growth] for _, growth, amount in found.month]
    paid: Any = sum(found.start.values()) + sum(monthly)
    due = [amount * totals.exit_weights[GROWTH[side, name]] for name, amount in found.exit.items()]
    total: Numeric = paid + sum(due)
    return total


def entries(v: Inputs, side: str) -> Iterator[tuple[str, int, Any, Any, Any]]:
    """The ledger of `own` or `rent`: item, month, t [months], cost and present value [USD].

    What tax and financing add is listed where it occurs, and anything else in any case.
    """
    flow = CashFlow(v, side, by_item=True)
    for item, cost in (flow.start | _occurring(flow.further) | flow.lined).items():
        yield item, 0, v.horizon_months * 0, cost, cost
    for period in periods(v):
        flow.advance(period)
        paid = flow.month | _occurring(flow.further) | _occurring(flow.lined)
        for item, cost in paid.items():
            value = cost * period.discount + flow.early.get(item, 0)
            yield item, period.month, period.t, cost, value
    flow.leave(period, by_item=True)
    always = [name for name, _, _ in flow.on_leaving]
    due = {name: flow.leaving[name] for name in always} | _occurring(flow.leaving)
    for item, cost in due.items():
        yield item, period.month, period.t, cost, cost * period.discount


def energy(v: Inputs) -> Iterator[tuple[int, Numeric]]:
    """Month by month, what the IT equipment of owning draws until it is sold [kWh].

    Nothing until it is there; a month cut short by the horizon counts as far as it goes.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> case = {"gpus": 1, "gpu_w": 700, "utilization": 1, "load_factor": 1, "server_w": 0}
    >>> case |= {"horizon_months": 1.5, "hours_per_month": 600, "idle_w": 0}
    >>> list(energy(Inputs.of(Scenario(**case).values())))
    [(1, 420.0), (2, 210.0)]
    """
    in_full = ownership.energy_kwh(v, ownership.servers(v))
    for period in periods(v):
        drawn = in_full * period.factors[FLAT]
        yield period.month, select(ownership.delivered(v, period.month), drawn, 0)


class Payments(NamedTuple):
    """What one side pays [USD], at the start and at the end of each period, one after the other.

    `due` is what leaving costs at the last of the times [months], less what is received then;
    `discounts` are today's values of a dollar at them, and `lumps` marks what is not paid evenly.
    What is paid before the end of its period is worth so much more today as `early` says [USD].
    """

    t: Any
    discounts: Any
    paid: Any
    lumps: Any
    early: Any
    due: Any

    def discounted(self) -> list[Any]:
        """What is paid at each time, as it is worth today [USD]."""
        return [
            paid * discount + early
            for paid, discount, early in zip(self.paid, self.discounts, self.early, strict=True)
        ]

    def present_value(self) -> Any:
        """What the side costs today [USD]."""
        return sum(self.discounted()) + self.due * self.discounts[-1]

    def discounted_months(self) -> Any:
        """What being busy over all of the horizon counts [months]."""
        widths = (t - before for before, t in pairwise(self.t))
        return sum(map(mul, widths, self.discounts[1:]))


def payments(v: Inputs, side: str) -> Payments:
    """What `own` or `rent` pays over time, whatever it is for.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7).values())
    >>> round(payments(v, "own").present_value() / accumulate(v).own_npv, 12)
    1.0
    """
    (found,) = _payments(v, (side,))
    return found


def both_payments(v: Inputs) -> tuple[Payments, Payments]:
    """What owning and renting pay over time."""
    own, rent = _payments(v, SIDES)
    return own, rent


def _payments(v: Inputs, sides: Sequence[str]) -> list[Payments]:
    flows, period = [CashFlow(v, side) for side in sides], Period(v)
    rows: list[list[tuple[Any, ...]]] = [
        [(period.t, period.discount, flow.paid, False, 0)] for flow in flows
    ]
    while period.month < period.longest:
        period.advance()
        for flow, listed in zip(flows, rows, strict=True):
            flow.advance(period)
            early = sum(flow.early.values())
            listed.append((period.t, period.discount, flow.paid, flow.lump, early))
    found = []
    for flow, listed in zip(flows, rows, strict=True):
        flow.leave(period)
        t, discounts, paid, lumps, early = map(list, zip(*listed, strict=True))
        found.append(Payments(t, discounts, paid, lumps, early, flow.due))
    return found


def payback(v: Inputs) -> Numeric:
    """When owning is ahead for good [months], `inf` for never: what `accumulate` finds, alone.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.9).values())
    >>> payback(v) == accumulate(v).discounted.months
    True
    """
    own, rent = both_payments(v)
    lumps = [one | other for one, other in zip(own.lumps, rent.lumps, strict=True)]
    owning, renting = (list(running(side.discounted())) for side in (own, rent))
    return payback_months(own.t, owning, renting, lumps)


def total_size(own: CashFlow, rent: CashFlow) -> Any:
    """All that is due on exit, each amount without its sign [USD]."""
    return _size(own.leaving) + _size(rent.leaving)


def _size(items: dict[str, Any]) -> Any:
    return sum(abs(amount) for amount in items.values())


def _occurring(items: dict[str, Any]) -> dict[str, Any]:
    return {item: cost for item, cost in items.items() if any_true(cost != 0)}
