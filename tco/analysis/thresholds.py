"""For which values of an input a target is reached, every other value held."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tco.analysis.flips import search_grid
from tco.analysis.roots import is_tie
from tco.analysis.savings import answers_at, moved, saving
from tco.inputs import INPUTS, Inputs, Param
from tco.model.cashflows import accumulate, payback
from tco.model.results import feasible
from tco.numeric import select

# A threshold is found to this share of it, and must hold where the same is asked for one scenario.
EXACT, _INSIDE = 1e-12, 1e-9
# The points of each kind of grid, and those that each step of a search is divided by.
_POINTS, _PARTS, _WHOLE = 65, 65, 64
# How far down a grid by ratios begins, as a share of its end.
_SMALLEST = 1e-6
_MOST_ROUNDS = 60


@dataclass(frozen=True)
class Target:
    """A result that is wanted of buying.

    `kind` is payback_months, simple_payback_months or exit_months (the month by which it is to be,
    at the latest), saving_usd (what buying is to save, at least), or irr (the rate of return that
    it is to have, at least: the discount rate at which it still saves).
    """

    kind: str
    wanted: float

    @property
    def is_month(self) -> bool:
        """Whether less is better: a month."""
        return self.kind in _MONTHS

    def result(self, v: Inputs, forgiving: bool = False) -> Any:
        """What is compared with the target, for floats and arrays alike; NaN where there is none.

        Months, `inf` for never; else what buying saves [USD]. If `forgiving`, a saving that only
        rounding keeps from the target is the target.
        """
        if self.is_month:
            return select(feasible(v), _MONTHS[self.kind](v), math.nan)
        if self.kind == "irr":
            v = v.with_value("discount_rate", 0 * v.discount_rate + self.wanted)
        found = saving(v)
        if not forgiving:
            return found.usd
        least = self.least
        return select(is_tie(found._replace(usd=found.usd - least)), least, found.usd)

    @property
    def least(self) -> float:
        """What buying is to save at least [USD], of a target that is no month."""
        return 0.0 if self.kind == "irr" else self.wanted

    def is_met(self, result: Any) -> Any:
        """Whether a result reaches the target."""
        if self.is_month:
            return result <= self.wanted
        return result >= self.least


_MONTHS: dict[str, Callable[[Inputs], Any]] = {
    "payback_months": payback,
    "simple_payback_months": lambda v: accumulate(v, sized=False).undiscounted.months,
    "exit_months": lambda v: accumulate(v, sized=False).exits.months,
}
TARGETS = (*_MONTHS, "saving_usd", "irr")


class Stretch(NamedTuple):
    """Neighboring values of an input at all of which a target is reached, ascending.

    `low` or `high` is None where the stretch goes on to that end of what was searched.
    """

    low: float | None
    high: float | None


class Reached(NamedTuple):
    """Where a target is reached along one input: the stretch at or nearest to its value, if any.

    `best` and `at` are the result closest to the target, and the value that brings it; `is_flat`:
    the result is the same everywhere.
    """

    stretch: Stretch | None
    best: float
    at: float
    is_flat: bool


def reached(
    values: dict[str, Any],
    target: Target,
    grids: Mapping[str, Any],
    share: float = EXACT,
    parts: int = _PARTS,
) -> dict[str, Reached]:
    """Where a target is reached along each of some inputs, to a share of the values found.

    `grids` are ascending values of the inputs: two stretches between the same two points are one,
    or none. Each step of the search divides by so many `parts`. `values` are those of `values_of`.

    >>> import numpy as np
    >>> from tco.analysis.savings import values_of
    >>> from tco.scenario import Scenario
    >>> idle = values_of(Scenario(gpu="L4", utilization=0.2))
    >>> found = reached(idle, Target("payback_months", 36), {"utilization": np.linspace(0, 1, 9)})
    >>> 0.4 < found["utilization"].stretch.low < 0.8, found["utilization"].stretch.high
    (True, None)
    """
    import numpy as np

    curves = _curves(values, target, grids, forgiving=True)
    found: dict[str, Reached] = {}
    brackets: dict[tuple[str, bool], tuple[float, float]] = {}
    for name, grid in grids.items():
        curve = curves[name]
        met = target.is_met(curve)
        best, at = _best(target, grid, curve)
        told = curve[~np.isnan(curve)]
        is_flat = len(told) == len(curve) and bool((told == told[0]).all())
        ends = _nearest(grid, met, float(values[name]))
        stretch = None
        if ends is not None:
            first, last = ends
            stretch = Stretch(None, None)
            if first:
                brackets[name, False] = (float(grid[first]), float(grid[first - 1]))
            if last + 1 < len(grid):
                brackets[name, True] = (float(grid[last]), float(grid[last + 1]))
        found[name] = Reached(stretch, best, at, is_flat)
    for (name, is_high), value in _refined(values, target, brackets, share, parts).items():
        one = found[name]
        if one.stretch is not None:
            ends_of = {"high" if is_high else "low": value}
            found[name] = one._replace(stretch=one.stretch._replace(**ends_of))
    return found


def _curves(
    values: dict[str, Any], target: Target, grids: Mapping[str, Any], forgiving: bool = False
) -> dict[str, Any]:
    solved = answers_at(values, grids, lambda v: (target.result(v, forgiving),))
    return {name: result for name, (result,) in solved.items()}


def _best(target: Target, grid: Any, curve: Any) -> tuple[float, float]:
    """The result closest to the target, and where; NaN where there is none at all."""
    import numpy as np

    order = curve if target.is_month else -curve
    if np.isnan(order).all():
        return math.nan, math.nan
    place = int(np.nanargmin(order))
    return float(curve[place]), float(grid[place])


def _nearest(grid: Any, met: Any, now: float) -> tuple[int, int] | None:
    """The first and the last point of the stretch at a value, or of the nearest one; None: none."""
    import numpy as np

    if not met.any():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[False], met, [False]]).astype(int)))
    starts, stops = edges[::2], edges[1::2] - 1
    away = np.maximum(np.maximum(grid[starts] - now, now - grid[stops]), 0)
    nearest = int(away.argmin())
    return int(starts[nearest]), int(stops[nearest])


def _refined(
    values: dict[str, Any],
    target: Target,
    brackets: dict[tuple[str, bool], tuple[float, float]],
    share: float,
    parts: int,
) -> dict[tuple[str, bool], float]:
    """The last values that reach the target, between one that does and one beyond that does not."""
    import numpy as np

    brackets = dict(brackets)
    for _ in range(_MOST_ROUNDS):
        open_ones = {
            key: _between(INPUTS[key[0]], *ends, parts)
            for key, ends in brackets.items()
            if abs(ends[1] - ends[0]) > share * abs(ends[0])
            and not is_next_to_zero(key[0], ends[0])
        }
        open_ones = {key: points for key, points in open_ones.items() if len(points)}
        if not open_ones:
            break
        names = dict.fromkeys(name for name, _ in open_ones)
        grids = {
            name: np.concatenate([p for (one, _), p in open_ones.items() if one == name])
            for name in names
        }
        curves = _curves(values, target, grids)
        taken = dict.fromkeys(names, 0)
        for key, points in open_ones.items():
            name = key[0]
            part = slice(taken[name], taken[name] + len(points))
            taken[name] = part.stop
            met = target.is_met(curves[name][part])
            inside, beyond = brackets[key]
            lost = len(points) if met.all() else int(met.argmin())
            brackets[key] = (
                inside if lost == 0 else float(points[lost - 1]),
                beyond if lost == len(points) else float(points[lost]),
            )
    return {
        key: inside if share > EXACT else _held(values, target, key[0], inside, beyond)
        for key, (inside, beyond) in brackets.items()
    }


def is_next_to_zero(name: str, value: float) -> bool:
    """Whether a value of an input is above 0 and no other than 0, as far as anybody could tell.

    >>> is_next_to_zero("lease_buyout_usd_per_gpu", 1e-9), is_next_to_zero("utilization", 0.01)
    (True, False)
    """
    return 0 < value <= EXACT * INPUTS[name].high


def _between(declared: Param, inside: float, beyond: float, parts: int) -> Any:
    """Values between two, from the first towards the second; whole ones of an integer."""
    import numpy as np

    if 0 < 4 * min(inside, beyond) < max(inside, beyond):
        points = np.geomspace(inside, beyond, parts + 1)[1:-1]
    else:
        points = np.linspace(inside, beyond, parts + 1)[1:-1]
    if declared.kind == "integer":
        points = np.round(points)
    low, high = min(inside, beyond), max(inside, beyond)
    points = points[(points > low) & (points < high)]
    return np.unique(points)[:: 1 if inside < beyond else -1]


def _held(values: dict[str, Any], target: Target, name: str, inside: float, beyond: float) -> float:
    """The same value, or one so close to it that one scenario with it reaches the target too.

    A table of scenarios and one alone differ in the last digits.
    """
    if INPUTS[name].kind == "integer":
        return inside
    step = math.copysign(EXACT * abs(inside), inside - beyond)
    value = inside
    while step and abs(step) <= _INSIDE * abs(inside) and INPUTS[name].contains(value):
        if target.is_met(result_at(values, target, name, value)):
            return value
        value, step = inside + step, 4 * step
    return inside


def result_at(values: dict[str, Any], target: Target, name: str, value: float) -> float:
    """What the target is compared with, of one scenario with another value of an input."""
    number = int(value) if INPUTS[name].kind == "integer" else value
    return float(target.result(Inputs.of({**values, **moved(values, name, number)})))


def whole_domain(values: dict[str, Any], name: str) -> Any:
    """Values of an input over its whole domain, closer to each other around its present value.

    Integers: whole numbers. Other numbers: evenly and by their ratio, the places where a saving can
    jump or bend, and evenly from half to twice the value.

    >>> from tco.analysis.savings import values_of
    >>> from tco.scenario import Scenario
    >>> grid = whole_domain(values_of(Scenario(gpu="L4", utilization=0.2)), "utilization")
    >>> bool(0.2 in grid), float(grid[0]), float(grid[-1])
    (True, 0.0, 1.0)
    """
    import numpy as np

    declared, now = INPUTS[name], float(values[name])
    parts = [search_grid(values, name, declared.low, declared.high), [now]]
    if declared.kind == "integer":
        parts.append(np.arange(now - _WHOLE, now + _WHOLE + 1))
    else:
        high = float(declared.high)
        parts.append(np.geomspace(max(declared.low, high * _SMALLEST), high, _POINTS))
        parts.append(np.linspace(now / 2, 2 * now, _POINTS))
    points = np.unique(np.concatenate(parts))
    return points[declared.contains(points)]
