"""What a GPU of a fleet costs: owned from any month on, or rented in any of several ways.

A GPU of a fleet is a scenario of the model with one GPU, a share of a server, and the utilization
that the demand leaves it. What it pays in a month is a straight line in utilization (a cap of the
rent bends it), so the passes at both ends, and at each bend, give every GPU and every year. Buying
in a later month is the same scenario as it stands then: everything that grows has grown, and what
is left of the horizon is shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from tco.finance.discounting import discount_factor
from tco.inputs import PRICE, RATE, Inputs
from tco.inputs.lines import Line
from tco.model.bends import bends
from tco.model.cashflows import accumulate, payments, points
from tco.model.items import OWN
from tco.numeric import MONTHS_PER_YEAR, ceil, compound

# What of one GPU is as of the day of the purchase, by how it grows.
_GROWING = {
    "rate_growth_per_year": (RATE, "rate_cap_usd_per_gpu_month"),
    "electricity_growth_per_year": ("electricity_usd_per_kwh",),
    "opex_growth_per_year": (
        *("staff_usd_per_gpu_month", "colo_usd_per_kw_month", "rack_usd_per_month"),
        *("license_usd_per_gpu_year", "maintenance_rate_per_year"),
        "storage_egress_usd_per_gpu_month",
    ),
}
_LINE_GROWTH = {
    "opex": "opex_growth_per_year",
    "electricity": "electricity_growth_per_year",
    "rental": "rate_growth_per_year",
}
# A GPU of a fleet has a share of a server, and of a rack.
ONE_GPU = {"gpus": 1.0, "whole_servers": False, "sold_by_server": False, "whole_racks": False}
# What is paid for GPUs in use alone, not for those that fill a server.
_IN_USE = ("staff_usd_per_gpu_month", "license_usd_per_gpu_year")


@dataclass(frozen=True, eq=False)
class Needs:
    """What every GPU is needed for: arrays with a row a GPU and a column a stretch of time.

    `starts` are the months in which the stretches begin; `busy` is the share of hours in which the
    GPU is needed, `billed` that which renting it is billed for; it is needed from month `first` on
    until the end of month `last`.
    """

    starts: tuple[int, ...]
    busy: Any
    billed: Any
    first: Any
    last: Any

    def stretches(self, months: Any) -> Any:
        """The stretch in which each month lies, counted from 1."""
        import numpy as np

        return np.searchsorted(np.asarray(self.starts), np.asarray(months) - 1, side="right") - 1


@dataclass(frozen=True, eq=False)
class Unit:
    """The values of one GPU of a fleet, and how its price moves until it is bought."""

    values: dict[str, Any]
    price_growth_per_year: float

    @cached_property
    def months(self) -> int:
        """The months of the horizon, the last of which may be a part of one."""
        return int(ceil(self.values["horizon_months"]))

    @cached_property
    def knots(self) -> list[float]:
        """The utilizations between which every cost is a straight line."""
        return sorted({0.0, 1.0, *bends(Inputs.of(self.values), "utilization")})

    def later(self, months: Any) -> dict[str, Any]:
        """The values as they are so many months from now, for what is left of the horizon."""
        v = self.values
        found = dict(v)
        for growth, names in _GROWING.items():
            for name in names:
                found[name] = v[name] * compound(v[growth], months)
        found[PRICE] = v[PRICE] * compound(self.price_growth_per_year, months)
        found["horizon_months"] = v["horizon_months"] - months
        found["purchase_month"] = (v["purchase_month"] - 1 + months) % MONTHS_PER_YEAR + 1
        if lines := v.get("lines"):
            found["lines"] = tuple(filter(None, (self._later(one, months) for one in lines)))
        return found

    def _later(self, line: Line, months: Any) -> Line | None:
        """A line as it is so many months from now; None where it has ended."""
        if _stays(line):
            return line
        usd, last = line.usd, line.last_month
        if line.growth in _LINE_GROWTH:
            usd = usd * float(compound(self.values[_LINE_GROWTH[line.growth]], months))
        if last is not None and (last := last - months) < 1:
            return None
        first = max(1, line.first_month - months)
        return replace(line, usd=usd, first_month=first, last_month=last)


def _stays(line: Line) -> bool:
    """Whether a line is the same from whatever month on."""
    is_timed = line.when == "monthly" and (line.first_month > 1 or line.last_month is not None)
    return not is_timed and line.growth not in _LINE_GROWTH


def _hinges(shares: Any, knots: Sequence[float]) -> Any:
    """How much of each share lies between two knots each: one more axis."""
    import numpy as np

    parts = [np.clip(shares - low, 0, high - low) for low, high in pairwise(knots)]
    return np.stack(parts, axis=-1)


def owned(unit: Unit, needs: Needs, months: Sequence[int]) -> Any:
    """What each GPU costs if it is bought in each of the months, until it is sold at the end.

    Present values [USD], a row a GPU and a column a month.
    """
    import numpy as np

    base, slopes = _owning(unit, needs, months)
    cost: Any = base + np.einsum("kyj,myj->km", _hinges(needs.busy, unit.knots), slopes)
    return cost


def idle(unit: Unit, needs: Needs, months: Sequence[int]) -> Any:
    """The same for a GPU that fills a server and is never needed, a number a month."""
    values = unit.values | dict.fromkeys(_IN_USE, 0.0)
    return _owning(replace(unit, values=values), needs, months)[0]


def _owning(unit: Unit, needs: Needs, months: Sequence[int]) -> tuple[Any, Any]:
    """Owning from each month on, never busy; and what being busy adds, by stretch and hinge."""
    import numpy as np

    lines = unit.values.get("lines", ())
    groups: list[Sequence[int]] = [months]
    if not all(_stays(line) for line in lines):
        groups = [[month] for month in months]
    bases, slopes = zip(*(_from(unit, needs, group) for group in groups), strict=True)
    return np.concatenate(bases), np.concatenate(slopes)


def _from(unit: Unit, needs: Needs, months: Sequence[int]) -> tuple[Any, Any]:
    import numpy as np

    knots, from_month = np.array(unit.knots), np.asarray(months)
    rows = np.repeat(from_month, len(knots))
    # A line's month is a whole number; of several months they are all the same.
    found = unit.later(rows if len(months) > 1 else int(months[0]))
    found["utilization"] = np.tile(knots, len(months))
    paid = payments(Inputs.of(found), OWN)
    to_now = discount_factor(unit.values["discount_rate"], rows.astype(np.float64))
    amounts = np.empty((len(paid.t), len(rows)))
    for at, amount in enumerate(paid.discounted()):
        amounts[at] = amount
    amounts[-1] += paid.due * paid.discounts[-1]
    by_month = (amounts * to_now).reshape(len(paid.t), len(months), len(knots))
    steps = np.diff(by_month, axis=2) / np.diff(knots)
    slopes = np.zeros((len(months), len(needs.starts), len(knots) - 1))
    ages = np.arange(len(paid.t))[:, None]
    stretch = needs.stretches(np.maximum(from_month[None, :] + np.maximum(ages, 1), 1))
    column = np.broadcast_to(np.arange(len(months)), stretch.shape)
    np.add.at(slopes, (column, stretch), steps)
    return by_month[:, :, 0].sum(axis=0), slopes


def rented(unit: Unit, needs: Needs) -> Any:
    """What renting each GPU costs until the end of each month, from when it is needed on.

    Present values [USD], a row a GPU, a column for the start and each month of the horizon: what
    stopping then costs is in it.
    """
    import numpy as np

    cost = np.zeros((len(needs.first), unit.months + 1))
    hinges = _hinges(needs.billed, unit.knots)
    for first in np.unique(needs.first).tolist():
        rows = np.flatnonzero(needs.first == first)
        base, slopes = _renting(unit, needs, first)
        cost[rows, first:] = base + np.einsum("kyj,myj->km", hinges[rows], slopes)
        # At the start of its first month nothing is rented yet.
        cost[rows, first] = 0
    ends = np.minimum(np.arange(unit.months + 1)[None, :], needs.last[:, None])
    return np.take_along_axis(cost, ends, axis=1)


def _renting(unit: Unit, needs: Needs, first: int) -> tuple[Any, Any]:
    """Renting from one month on until each later one: never busy, and what being busy adds."""
    import numpy as np

    knots = np.array(unit.knots)
    found = unit.later(first) | {"utilization": knots}
    rows = [(point.rent, point.rent_exit) for point in points(Inputs.of(found))]
    sums, left = np.empty((2, len(rows), len(knots)))
    for at, (so_far, on_leaving) in enumerate(rows):
        sums[at], left[at] = so_far, on_leaving
    to_now = float(discount_factor(unit.values["discount_rate"], first))
    sums, left = sums * to_now, left * to_now
    base = sums[:, 0] + (left - sums)[:, 0]
    steps = np.diff(np.diff(sums, axis=0, prepend=0), axis=1) / np.diff(knots)
    by_stretch = np.zeros((len(rows), len(needs.starts), len(knots) - 1))
    row = np.arange(len(rows))
    by_stretch[row, needs.stretches(first + np.maximum(row, 1))] = steps
    return base, by_stretch.cumsum(axis=0)


def fixed_usd(values: dict[str, Any], lines: Sequence[Line]) -> tuple[float, float]:
    """What lines of a fixed amount cost, present values [USD]: those of owning, of renting."""
    if not lines:
        return 0.0, 0.0
    found = [
        accumulate(Inputs.of(values | {"lines": tuple(listed)}), compared=False, sized=False)
        for listed in (lines, ())
    ]
    own, rent = (
        float(getattr(found[0], side) - getattr(found[1], side)) for side in ("own_npv", "rent_npv")
    )
    return own, rent
