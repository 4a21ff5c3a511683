"""One pass over the months: both ledgers accumulated, discounted, and compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.finance.payback import Payback
from tco.model import ownership, rental
from tco.model.flow import (
    ELECTRICITY,
    FLAT,
    FLAT_AFTER_WARRANTY,
    OPEX,
    OPEX_AFTER_WARRANTY,
    RENTAL,
    by_growth,
)
from tco.model.lines import Lines, lines_of
from tco.model.periods import Period, periods, start
from tco.numeric import any_true, select

if TYPE_CHECKING:
    from tco.inputs import Inputs
    from tco.numeric import Numeric, Truth


# Neither the curves nor those after an exit have a lump.
_EVEN = (False, False)


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
    """What one pass leaves: the sums at the horizon, the crossings, the present-value weights.

    `own_npv` and `rent_npv` count the resale and the unused commitment; `gross` is the sum of all
    absolute present values; `plain_saving` is what buying saves without discounting. `weights` are
    the discounted sums of the factors, by growth: a monthly amount times its weight is its present
    value over the horizon. `unused_weight` is the same for what an unfinished commitment costs.
    Where there are further `lines` the weights are not everything.
    """

    own_npv: Numeric
    rent_npv: Numeric
    gross: Numeric
    plain_saving: Numeric
    period: Period
    weights: list[Numeric]
    unused_weight: Numeric
    lines: Lines | None
    race: Race


def accumulate(v: Inputs, compared: bool = True) -> Totals:
    """Everything that the answer needs, from one pass over the months; crossings if `compared`."""
    own_amounts, rent_amounts = by_growth(ownership.monthly(v)), by_growth(rental.monthly(v))
    lines, sold = lines_of(v, compared), -ownership.market_value(v)
    committed = any_true(v.billing == "committed")
    own, rent, own_due = _start(v, lines, sold)
    own_plain, rent_plain = own, rent
    rent_due = unused = v.horizon_months * 0
    race = Race(rent_due, own, rent, own + own_due)
    weights: list[Any] = [0] * (RENTAL + 1)
    for period in periods(v):
        t, discount, factors = period.t, period.discount, period.factors
        own_paid, rent_paid = _recurring(own_amounts, rent_amounts, factors)
        if lines is not None:
            own_paid, rent_paid = lines.paid(period, own_paid, rent_paid)
        own, rent = own + own_paid * discount, rent + rent_paid * discount
        own_plain, rent_plain = own_plain + own_paid, rent_plain + rent_paid
        weights = [w + f * discount for w, f in zip(weights, factors, strict=True)]
        if committed:
            unused = rental.unused_months(v, t) * period.rental_growth
            rent_due = unused * rent_amounts[RENTAL]
        if compared or not any_true(period.inside):
            own_due, rent_due = _due(lines, sold, period, rent_due)
            own_exit = own + own_due * discount
            rent_exit = rent + rent_due * discount if committed else rent
        if compared:
            lump, exit_lump = (lines.lump, lines.exit_lump) if lines is not None else _EVEN
            curves = (own, rent, own_plain, rent_plain, own_exit, rent_exit)
            race.advance(t, curves, lump, exit_lump | period.term_starts)
    plain_saving = rent_plain + rent_due - (own_plain + own_due)
    gross = own - own_due * discount + rent_exit
    if lines is not None:
        gross = select(lines.some, lines.gross, gross)
    return Totals(
        own_exit, rent_exit, gross, plain_saving, period, weights, unused * discount, lines, race
    )


def _due(lines: Lines | None, sold: Any, period: Period, unused: Any) -> tuple[Any, Any]:
    """What both sides pay, less what they receive, when they stop at the end of a period [USD]."""
    if lines is None:
        return sold * period.residual, unused
    return lines.due(period, unused)


def _start(v: Inputs, lines: Lines | None, sold: Any) -> tuple[Any, Any, Any]:
    """What both sides pay at the start, and what owning would if one stopped there [USD]."""
    own: Any = sum(ownership.upfront(v).values())
    rent: Any = sum(rental.upfront(v).values())
    due, _ = _due(lines, sold, start(v), 0)
    if lines is not None:
        own = own + sum(lines.own_start.values())
        rent = rent + sum(lines.rent_start.values())
    return own, rent, due


def _recurring(own: list[Any], rent: list[Any], factors: tuple[Any, ...]) -> tuple[Any, Any]:
    """What recurs in one period, by the amounts of a full first month [USD]."""
    own_paid = (
        own[FLAT] * factors[FLAT]
        + own[FLAT_AFTER_WARRANTY] * factors[FLAT_AFTER_WARRANTY]
        + own[OPEX] * factors[OPEX]
        + own[OPEX_AFTER_WARRANTY] * factors[OPEX_AFTER_WARRANTY]
        + own[ELECTRICITY] * factors[ELECTRICITY]
    )
    return own_paid, rent[OPEX] * factors[OPEX] + rent[RENTAL] * factors[RENTAL]


class Race:
    """The three pairs of curves whose crossings the answer reports.

    `points` has the values of scalar curves at each time, in the order of `Point`.
    """

    def __init__(self, start: Numeric, own: Any, rent: Any, own_exit: Any) -> None:
        self.points: list[tuple[Any, ...]] = [(start, own, rent, own, rent, own_exit, rent)]
        self.discounted = Payback(start, own, rent)
        self.undiscounted = Payback(start, own, rent)
        self.exit: Any = None

    def advance(self, t: Numeric, curves: tuple[Any, ...], lump: Truth, exit_lump: Truth) -> None:
        """Go on to the next time, with the values of `Point`; exits are compared from the first on.

        With a lump on the way a crossing lies at t; in the exit curves other things are lumps.
        """
        own, rent, own_plain, rent_plain, own_exit, rent_exit = curves
        self.discounted.advance(t, own, rent, lump)
        self.undiscounted.advance(t, own_plain, rent_plain, lump)
        if self.exit is None:
            self.exit = Payback(t, own_exit, rent_exit)
        else:
            self.exit.advance(t, own_exit, rent_exit, exit_lump)
        if isinstance(self.discounted.ahead, bool):
            self.points.append((t, *curves))


def entries(v: Inputs, option: str) -> Iterator[tuple[str, int, Any, Any, Any]]:
    """The ledger of `own` or `rent`: item, month, t [months], cost and present value [USD]."""
    owning, lines = option == "own", lines_of(v)
    side = ownership if owning else rental
    flows, paid = side.monthly(v), side.upfront(v)
    if lines is not None:
        paid |= _occurring(lines.own_start if owning else lines.rent_start)
    for item, cost in paid.items():
        yield item, 0, v.horizon_months * 0, cost, cost
    for period in periods(v):
        paid = {
            item: flow.usd_per_month * period.factors[flow.growth] for item, flow in flows.items()
        }
        if lines is not None:
            paid = _with_lines(lines, period, owning, paid)
        for item, cost in paid.items():
            yield item, period.month, period.t, cost, cost * period.discount
    unused = rental.unused_months(v, period.t) * period.rental_growth * by_growth(flows)[RENTAL]
    at_end = {"resale": -ownership.market_value(v) * period.residual}
    if not owning:
        at_end = {"unused_commitment": unused}
    if lines is not None:
        own_due, rent_due = lines.at_exit(period, unused)
        due = own_due if owning else rent_due
        at_end = {item: due[item] for item in at_end} | _occurring(due)
    for item, cost in at_end.items():
        yield item, period.month, period.t, cost, cost * period.discount


def _with_lines(lines: Lines, period: Period, owning: bool, paid: dict[str, Any]) -> dict[str, Any]:
    """What is paid in a period, by item, with the further lines that occur in it."""
    if not owning:
        _, more = lines.month(period, 0, sum(paid.values()))
        return paid | _occurring(more)
    there = lines.delivered(period.month)
    paid = {item: select(there, cost, 0) for item, cost in paid.items()}
    more, _ = lines.month(period, sum(paid.values()), 0)
    return paid | _occurring(more)


def _occurring(items: dict[str, Any]) -> dict[str, Any]:
    return {item: cost for item, cost in items.items() if any_true(cost != 0)}
