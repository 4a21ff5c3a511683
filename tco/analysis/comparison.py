"""Ways to get the same busy hours, followed month by month together, by the model's own months.

Every cost is a straight line in utilisation: energy and rent by use are the only ones that depend
on it, and neither tax nor discounting bends them. So two evaluations give the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.finance.annuity import equivalent_annual_cost
from tco.finance.payback import Payback
from tco.inputs import INPUTS, Inputs
from tco.market.choice import CHOSEN
from tco.model.cashflows import CashFlow
from tco.model.items import FLAT, OWN, RENT
from tco.model.periods import periods
from tco.numeric import MONTHS_PER_YEAR, is_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

# Term and billing of each way to rent; how the hardware of each way to own is paid for.
RENTING = {
    "on_demand": ("on_demand", "per_use"),
    "spot": ("spot", "per_use"),
    "committed_1yr": ("1yr", "committed"),
    "committed_3yr": ("3yr", "committed"),
    "committed_5yr": ("5yr", "committed"),
    "always_on": ("on_demand", "always_on"),
}
OWNING = {"buy_new": "cash", "buy_used": "cash", "lease": "lease", "loan": "loan"}
HOSTING = INPUTS["hosting"].choices
RATE, PRICE, LEASE = "rate_usd_per_gpu_hour", "price_usd_per_gpu", "lease_usd_per_gpu_month"
# Costs that agree to so many digits are the same: what is beyond is left by rounding.
_DIGITS = 12
# What can differ between the options that are followed together.
_VARYING = ("utilization", "upfront_usd_per_gpu", LEASE, *CHOSEN)


@dataclass(frozen=True)
class Way:
    """One option: its inputs, the one that is its price, what it lacks (empty: nothing), a note."""

    option: str
    side: str
    hosting: str
    values: dict[str, Any]
    price: str
    missing: str
    note: str

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"{self.option} at {self.hosting}" if self.hosting else self.option

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all options: of equal ones the first is preferred."""
        return [*RENTING, *OWNING].index(self.option), ["", *HOSTING].index(self.hosting)

    @property
    def together(self) -> str:
        """What can be followed in one pass: all renting, an owning option at every site."""
        return self.side if self.side == "rent" else self.option


class Stretch(NamedTuple):
    """Where a line is the lowest: its position among the lines, from and to which share."""

    line: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The options that have a price, followed over the horizon.

    `course` is what they pay at the scenario's utilisation and `present` its present value, `ends`
    the present values at utilisation 0 and 1 [USD]; `slopes` are what one dollar more of the
    option's own price costs today.
    """

    ways: list[Way]
    calendar: Calendar
    course: Course
    present: list[float]
    ends: list[tuple[float, float]]
    slopes: list[float]

    @cached_property
    def order(self) -> list[int]:
        """The options from the cheapest on; of equal ones the envelope's, then the first."""
        winner = self.cheapest_at(self.ways[0].values["utilization"])
        return sorted(
            range(len(self.ways)), key=lambda at: (rounded(self.present[at]), at != winner)
        )

    @cached_property
    def rented(self) -> int | None:
        """The cheapest rental."""
        return next((at for at in self.order if self.ways[at].side == "rent"), None)

    @cached_property
    def stretches(self) -> list[Stretch]:
        """Which option is cheapest from which utilisation to which."""
        return lower_envelope(self.ends)

    def cheapest_at(self, share: float) -> int:
        """The option to take at a utilisation; the next one where two meet."""
        return next(stretch.line for stretch in reversed(self.stretches) if stretch.low <= share)

    @cached_property
    def _year(self) -> float:
        v = self.ways[0].values
        years = v["horizon_months"] / MONTHS_PER_YEAR
        return float(equivalent_annual_cost(1.0, v["discount_rate"], years) / v["gpus"])

    def per_gpu_year(self, at: int, share: float) -> float:
        """Level annual cost of a GPU at a utilisation [USD per year]."""
        idle, full = self.ends[at]
        return (idle + (full - idle) * share) * self._year


def compared(ways: Sequence[Way]) -> Comparison | None:
    """The options that have a price, compared, whatever their order; None where there are none."""
    priced = sorted((way for way in ways if not way.missing), key=lambda way: way.place)
    if not priced:
        return None
    calendar = Calendar(Inputs.of(priced[-1].values))  # of an owning one where there is any
    parts = [
        _part(list(same), calendar) for _, same in groupby(priced, key=lambda way: way.together)
    ]
    idle, full = joined([part[0] for part in parts]), joined([part[1] for part in parts])
    share = priced[0].values["utilization"]
    course = Course(idle.paid + (full.paid - idle.paid) * share, idle.lumps)
    ends = [calendar.present_values(course).tolist() for course in (idle, full)]
    present = calendar.present_values(course).tolist()
    slopes = [slope for part in parts for slope in part[2]]
    return Comparison(priced, calendar, course, present, list(zip(*ends, strict=True)), slopes)


def _part(ways: list[Way], calendar: Calendar) -> tuple[Course, Course, list[float]]:
    """The options of one pass: never busy, always busy, and what a dollar of the price costs.

    That depends on use where rent is paid by it, but neither on the site nor on use where owning.
    """
    owning = ways[0].side == "own"
    moved = ways[:1] if owning else ways
    cases = [way.values | {"utilization": share} for share in (0.0, 1.0) for way in ways]
    now = [way.values for way in moved]
    cases += [*now, *(way.values | {way.price: _far(way)} for way in moved)]
    found = followed(cases, owning, calendar)
    many, values = len(ways), calendar.present_values(found).tolist()
    slopes = [
        (there - here) / (_far(way) - way.values[way.price])
        for way, here, there in zip(
            moved, values[2 * many : -len(moved)], values[-len(moved) :], strict=True
        )
    ]
    idle, full = (found.taken(slice(at, at + many)) for at in (0, many))
    return idle, full, slopes * many if owning else slopes


def _far(way: Way) -> float:
    """The end of the price's domain that is farther away, for the sake of precision."""
    low, high = INPUTS[way.price].low, INPUTS[way.price].high
    return high if 2 * way.values[way.price] < low + high else low


@dataclass(frozen=True, eq=False)
class Course:
    """What options pay, a column each [USD].

    The rows of `paid` are the start, the end of every period, and what is paid less what is got
    back on leaving at the horizon. `lumps` marks the periods that end with a lump.
    """

    paid: Floats
    lumps: Floats

    def taken(self, columns: Any) -> Course:
        """Some of the columns."""
        return Course(self.paid[:, columns], self.lumps[:, columns])


def joined(courses: Sequence[Course]) -> Course:
    """All columns side by side."""
    import numpy as np

    paid = np.concatenate([course.paid for course in courses], axis=1)
    return Course(paid, np.concatenate([course.lumps for course in courses], axis=1))


class Calendar:
    """The times at which something is paid, and what a dollar of each is worth today.

    `steps` are the months of the scenario asked: of every owning option too, which differ from it
    in nothing that grows. `busy` is what being busy over all of the horizon counts, discounted
    [months].
    """

    def __init__(self, v: Inputs) -> None:
        import numpy as np

        self.steps = steps = list(periods(v))
        discounts = [1.0, *(step.discount for step in steps), steps[-1].discount]
        self.t = [0.0, *(step.t for step in steps)]
        self.discounts: Floats = np.array(discounts)
        widths = np.array([step.factors[FLAT] for step in steps])
        self.busy = float(widths @ self.discounts[1:-1])

    def present_values(self, course: Course) -> Floats:
        """What each option costs today [USD]."""
        found: Floats = self.discounts @ course.paid
        return found

    def paybacks(self, own: Course, rent: Course) -> tuple[Floats, Floats]:
        """When each option stays ahead of the one rental, discounted and not [months]."""
        import numpy as np

        weights = self.discounts[:-1, None]
        courses = [
            np.cumsum(np.concatenate([side.paid[:-1] * weights, side.paid[:-1]], axis=1), axis=0)
            for side in (own, rent)
        ]
        columns = own.paid.shape[1]
        owned, rented = courses[0], np.repeat(courses[1], columns, axis=1)
        lumps = np.concatenate([own.lumps, own.lumps], axis=1)
        race = Payback(0.0, owned[0], rented[0])
        for at, t in enumerate(self.t[1:], 1):
            race.advance(t, owned[at], rented[at], lumps[at - 1])
        months: Any = race.months
        return months[:columns], months[columns:]


def followed(cases: Sequence[dict[str, Any]], owning: bool, calendar: Calendar) -> Course:
    """What scenarios that differ in few inputs pay for one side, by the model's own months."""
    import numpy as np

    v = _stacked(cases)
    with np.errstate(all="ignore"):
        steps = calendar.steps if owning else list(periods(v))
        flow = CashFlow(v, OWN if owning else RENT)
        paid = np.zeros((len(steps) + 2, len(cases)))
        lumps = np.zeros((len(steps), len(cases)), dtype=bool)
        paid[0] = flow.paid
        if owning and flow.part is not None:
            for at, step in enumerate(steps, 1):
                flow.advance(step)
                paid[at], lumps[at - 1] = flow.paid, flow.lump
        else:  # no month depends on the one before: all of them at once
            columns = zip(*(step.factors for step in steps), strict=True)
            factors = tuple(
                np.array(
                    np.broadcast_arrays(*column) if any(map(is_array, column)) else column
                ).reshape(len(steps), -1)
                for column in columns
            )
            every = copy(steps[0])
            every.factors = factors
            flow.advance(every)
            paid[1:-1] = flow.paid
        flow.leave(steps[-1])
        paid[-1] = flow.due
    return Course(paid, lumps)


def _stacked(cases: Sequence[dict[str, Any]]) -> Inputs:
    import numpy as np

    values = dict(cases[0])
    for name in _VARYING:
        column = [case[name] for case in cases]
        if len(set(column)) > 1:
            values[name] = np.array(column, dtype=float if INPUTS[name].numeric else object)
    return Inputs.of(values)


def lower_envelope(lines: Sequence[tuple[float, float]]) -> list[Stretch]:
    """The lines that are lowest somewhere between 0 and 1, from left to right without gaps.

    A line is its value at 0 and at 1. Values are compared to twelve digits; of equal lines the
    first counts, and one that only touches the envelope does not.

    >>> lower_envelope([(4.0, 4.0), (0.0, 8.0), (3.0, 5.0)])
    [Stretch(line=1, low=0.0, high=0.5), Stretch(line=0, low=0.5, high=1.0)]
    """
    ends = [(rounded(at_0), rounded(at_1)) for at_0, at_1 in lines]
    if not ends:
        return []
    found: list[Stretch] = []
    lowest, at = min((*end, line) for line, end in enumerate(ends))[-1], 0.0
    while True:
        crossed = min(_crossings(ends, lowest, at), default=None)
        if crossed is None or crossed[0] >= 1:
            return [*found, Stretch(lowest, at, 1.0)]
        if crossed[0] > at:
            found.append(Stretch(lowest, at, crossed[0]))
        at, _, lowest = crossed


def _crossings(ends: list[tuple[float, float]], lowest: int, at: float) -> Any:
    """Where each line that rises less than the lowest one goes below it, its rise, its position."""
    start, rise = ends[lowest][0], ends[lowest][1] - ends[lowest][0]
    for line, (other, end) in enumerate(ends):
        if end - other < rise:
            yield max(at, (other - start) / (rise - (end - other))), end - other, line


def rounded(value: float) -> float:
    """A cost as it is compared with others."""
    return float(f"{value:.{_DIGITS}g}")
