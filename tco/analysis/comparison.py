"""Options to get the same busy hours, compared: present values, paybacks, who is cheapest when.

Every cost is a straight line in utilization: energy and rent by use are the only ones that depend
on it, and neither tax nor discounting bends them. So two evaluations give the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from tco.finance.annuity import equivalent_cost_per_period
from tco.finance.payback import payback_months
from tco.inputs import INPUTS, Inputs
from tco.market.choice import CHOSEN
from tco.model.cashflows import Payments, payments
from tco.model.items import OWN, RENT
from tco.numeric import MONTHS_PER_YEAR

# Term and billing of each option to rent; how the hardware of each option to own is paid for.
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
# What can differ between the options of one side.
_VARYING = ("utilization", "upfront_usd_per_gpu", LEASE, *CHOSEN)


@dataclass(frozen=True)
class Option:
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
    def other_price(self) -> float:
        """The end of its price's domain that is farther away, for the sake of precision."""
        low, high = INPUTS[self.price].low, INPUTS[self.price].high
        return high if 2 * self.values[self.price] < low + high else low


class Segment(NamedTuple):
    """Where a line is the lowest: its position among the lines, from and to which share."""

    line: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The options that have a price, renting first, and their payments over the horizon.

    `payments` are those at the scenario's utilization, a column an option, `present` their present
    values, `ends` the present values at utilization 0 and 1 [USD]; `slopes` are what one dollar
    more of the option's own price costs today.
    """

    options: list[Option]
    payments: Payments
    present: list[float]
    ends: list[tuple[float, float]]
    slopes: list[float]

    @cached_property
    def order(self) -> list[int]:
        """The options from the cheapest on; of equal ones the envelope's, then the first."""
        winner = self.cheapest_at(self.options[0].values["utilization"])
        return sorted(
            range(len(self.options)), key=lambda at: (rounded(self.present[at]), at != winner)
        )

    @cached_property
    def envelope(self) -> list[Segment]:
        """Which option is cheapest from which utilization to which."""
        return lower_envelope(self.ends)

    def cheapest_at(self, share: float) -> int:
        """The option to take at a utilization; the next one where two meet."""
        return next(segment.line for segment in reversed(self.envelope) if segment.low <= share)

    @cached_property
    def _year(self) -> float:
        v = self.options[0].values
        years = v["horizon_months"] / MONTHS_PER_YEAR
        return float(equivalent_cost_per_period(1.0, v["discount_rate"], years) / v["gpus"])

    def per_gpu_year(self, at: int, share: float) -> float:
        """Level annual cost of a GPU at a utilization [USD per year]."""
        idle, full = self.ends[at]
        return (idle + (full - idle) * share) * self._year

    def paybacks(self) -> tuple[int, dict[int, tuple[float, float]]] | None:
        """The cheapest rental, and when each owning option is ahead of it for good [months].

        Discounted and not, by the position of the option; None where one of the sides is missing.
        """
        import numpy as np

        owned = [at for at, option in enumerate(self.options) if option.side == OWN]
        rented = [at for at in self.order if self.options[at].side == RENT]
        if not (owned and rented):
            return None
        t, discounts, paid, lumps, _ = self.payments
        weighted = np.stack([paid * np.array(discounts)[:, None], paid], axis=1)
        own = np.cumsum(weighted[:, :, owned], axis=0)
        rent = np.broadcast_to(np.cumsum(weighted[:, :, rented[:1]], axis=0), own.shape)
        own, rent = (side.reshape(len(t), -1) for side in (own, rent))
        months: Any = payback_months(t, own, rent, np.tile(lumps[:, owned], 2))
        discounted, plain = months.reshape(2, -1).tolist()
        return rented[0], dict(zip(owned, zip(discounted, plain, strict=True), strict=True))


def compared(options: Sequence[Option]) -> Comparison | None:
    """The options that have a price, compared, whatever their order; None where there are none."""
    import numpy as np

    names, sites = [*RENTING, *OWNING], ["", *HOSTING]
    priced = sorted(
        (option for option in options if not option.missing),
        key=lambda option: (names.index(option.option), sites.index(option.hosting)),
    )
    passes, present, slopes = [], [], []
    ends: list[tuple[float, float]] = []
    for _, group in groupby(priced, key=lambda option: OWNING.get(option.option)):
        same = list(group)
        found = _payments(
            [
                *(option.values for option in same),
                *(option.values | {"utilization": 0.0} for option in same),
                *(option.values | {"utilization": 1.0} for option in same),
                *(option.values | {option.price: option.other_price} for option in same),
            ],
            same[0].side,
        )
        now, idle, full, other = found.present_value().reshape(4, -1).tolist()
        present += now
        ends += zip(idle, full, strict=True)
        slopes += [
            (there - here) / (option.other_price - option.values[option.price])
            for option, here, there in zip(same, now, other, strict=True)
        ]
        paid, lumps, due = found[2:]
        passes.append((paid[:, : len(same)], lumps[:, : len(same)], due[: len(same)]))
    if not priced:
        return None
    columns = (np.concatenate(parts, axis=-1) for parts in zip(*passes, strict=True))
    return Comparison(priced, Payments(found.t, found.discounts, *columns), present, ends, slopes)


def _payments(cases: Sequence[dict[str, Any]], side: str) -> Payments:
    """What scenarios that differ in few inputs pay, a column each."""
    import numpy as np

    values = dict(cases[0])
    for name in _VARYING:
        column = [case[name] for case in cases]
        if len(set(column)) > 1:
            values[name] = np.array(column, dtype=float if INPUTS[name].numeric else object)
    with np.errstate(all="ignore"):
        found = payments(Inputs.of(values), side)
    paid = np.empty((len(found.t), len(cases)))
    lumps, due = np.empty(paid.shape, dtype=bool), np.empty(len(cases))
    due[:] = found.due  # of some rows all columns are one number
    for at, (row, lump) in enumerate(zip(found.paid, found.lumps, strict=True)):
        paid[at], lumps[at] = row, lump
    return found._replace(paid=paid, lumps=lumps, due=due)


def lower_envelope(lines: Sequence[tuple[float, float]]) -> list[Segment]:
    """The lines that are lowest somewhere between 0 and 1, from left to right without gaps.

    A line is its value at 0 and at 1. Values are compared to twelve digits; of equal lines the
    first counts, and one that only touches the envelope does not.

    >>> lower_envelope([(4.0, 4.0), (0.0, 8.0), (3.0, 5.0)])
    [Segment(line=1, low=0.0, high=0.5), Segment(line=0, low=0.5, high=1.0)]
    """
    ends = [(rounded(at_0), rounded(at_1)) for at_0, at_1 in lines]
    if not ends:
        return []
    found: list[Segment] = []
    lowest, at = min((*end, line) for line, end in enumerate(ends))[-1], 0.0
    while True:
        crossed = min(_crossings(ends, lowest, at), default=None)
        if crossed is None or crossed[0] >= 1:
            return [*found, Segment(lowest, at, 1.0)]
        if crossed[0] > at:
            found.append(Segment(lowest, at, crossed[0]))
        at, _, lowest = crossed


def _crossings(
    ends: list[tuple[float, float]], lowest: int, at: float
) -> Iterator[tuple[float, float, int]]:
    """Where each line that rises less than the lowest one goes below it, its rise, its position."""
    start, rise = ends[lowest][0], ends[lowest][1] - ends[lowest][0]
    for line, (other, end) in enumerate(ends):
        if end - other < rise:
            yield max(at, (other - start) / (rise - (end - other))), end - other, line


def rounded(value: float) -> float:
    """A cost as it is compared with others."""
    return float(f"{value:.{_DIGITS}g}")
