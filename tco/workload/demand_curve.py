"""A demand as a curve: GPUs needed in each hour, how often each of them is, and for how long.

The k-th GPU is needed in the hours whose demand is k or more. Of the last one of an hour with a
fraction only that fraction is: a bill's GPU-hours of a clock hour say how many were used on
average. Without hours, the load-duration curve of a mean and a peak stands for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco.words.figures import number
from tco.words.fleet import gpus_text
from tco.workload.demand import mean_at_least, share_above
from tco.workload.demand_fields import WEEK_HOURS, YEAR_HOURS

if TYPE_CHECKING:
    import pandas as pd

# What is this share of a whole number from one is one.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, repr=False)
class DemandCurve:
    """GPUs in use over time, whole ones or, on average over an hour, fractions of them.

    `gpus` has one number for each `step_hours`, in the order of time, from `start` on (ISO 8601,
    empty where that is not known). A week `repeats`, other series end. Without `gpus` the curve is
    that of `smooth`, a mean and a peak; where these are a load that takes whole replicas,
    `is_rounded_up`. `block` are the GPUs that serve together, as one replica. `told` says what was
    done to get here, a sentence each; `notes` have the time that is covered too.
    """

    gpus: tuple[float, ...] = ()
    smooth: tuple[float, float] | None = None
    is_rounded_up: bool = False
    step_hours: float = 1.0
    repeats: bool = False
    start: str = ""
    block: int = 1
    told: tuple[str, ...] = ()

    def __repr__(self) -> str:
        mean, peak = gpus_text(round(self.mean_gpus, 2)), gpus_text(round(self.peak_gpus, 2))
        hours = f"{self.hours:,.10g} hours, " if self.gpus else ""
        return f"DemandCurve({hours}mean {mean}, peak {peak})"

    @property
    def hours(self) -> float:
        """The hours that the series covers; 0 for a mean and a peak."""
        return len(self.gpus) * self.step_hours

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to get here, and how long the series is: what it cannot show.

        >>> DemandCurve(gpus=(2.0, 1.0)).notes
        ('2 hours, repeated: less than a week, so it shows no day of the week that is not in it',)
        """
        return (*self.told, self._coverage())

    def _coverage(self) -> str:
        hours = self.hours
        if not hours:
            return "no hourly data: a load-duration curve is assumed between the mean and the peak"
        if self.repeats:
            return f"{hours:,.10g} hours, a week from Monday 0:00 on, repeated over the horizon"
        since = f" from {self.start}" if self.start else ""
        said = f"{number(hours) if hours < 1_000 else f'{hours:,.10g}'} hours{since}, repeated"
        if hours < WEEK_HOURS:
            return f"{said}: less than a week, so it shows no day of the week that is not in it"
        if hours < YEAR_HOURS:
            return f"{said}: less than a year, so it shows no season that is not in it"
        return said

    @cached_property
    def peak_gpus(self) -> float:
        """The most GPUs that are needed at a time."""
        if self.smooth is None:
            return max(self.gpus)
        return float(len(self.shares)) if self.is_rounded_up else self.smooth[1]

    @cached_property
    def mean_gpus(self) -> float:
        """GPUs needed as a mean over all hours."""
        if self.smooth is None:
            return math.fsum(self.gpus) / len(self.gpus)
        return math.fsum(self.shares)

    @property
    def mean_over_peak(self) -> float:
        """The mean over the peak [share]."""
        return self.mean_gpus / self.peak_gpus

    @cached_property
    def units(self) -> int:
        """GPUs that serve the peak, whole replicas."""
        whole = max(1, math.ceil(self._largest / self.block * (1 - _ROUNDING)))
        return whole * self.block

    @property
    def _largest(self) -> float:
        return max(self.gpus) if self.smooth is None else self.smooth[1]

    @cached_property
    def shares(self) -> Any:
        """The share of all hours in which each GPU is needed, from the first on: an array.

        >>> DemandCurve(gpus=(2, 0.5, 0, 0)).shares.tolist()
        [0.375, 0.25]
        """
        import numpy as np

        if self.smooth is not None:
            return np.array(self._smooth_shares())
        needed = np.asarray(self.gpus, dtype=np.float64)
        whole = np.floor(needed * (1 + _ROUNDING))
        rest = np.clip(needed - whole, 0, None)
        size = self.units
        # How many hours need exactly so many GPUs; from the end on: at least as many.
        full = np.bincount(whole.astype(np.int64), minlength=size + 1)
        at_least = full[::-1].cumsum()[::-1][1 : size + 1].astype(np.float64)
        part = np.bincount(whole.astype(np.int64), weights=rest, minlength=size + 1)[:size]
        found: Any = (at_least + part) / len(needed)
        return found

    def _smooth_shares(self) -> list[float]:
        assert self.smooth is not None
        (mean, peak), size = self.smooth, self.units
        if self.is_rounded_up:
            mean, peak = mean / self.block, peak / self.block
            by_replica = [share_above(at, mean, peak) for at in range(size // self.block)]
            return [share for share in by_replica for _ in range(self.block)]
        above = [mean_at_least(at, mean, peak) - at for at in range(size + 1)]
        return [min(1.0, max(0.0, above[at] - above[at + 1])) for at in range(size)]

    def grown(self, factor: float) -> DemandCurve:
        """The demand times a factor: whole GPUs, or replicas, rounded up; fractions as they are.

        >>> DemandCurve(gpus=(10, 4, 2)).grown(1.5**2).gpus
        (23, 9, 5)
        """
        if factor == 1:
            return self
        if self.smooth is not None:
            mean, peak = self.smooth
            return replace(self, smooth=(mean * factor, peak * factor))
        block = self.block
        if all(float(value / block).is_integer() for value in self.gpus):
            steps = (math.ceil(value / block * factor * (1 - _ROUNDING)) for value in self.gpus)
            return replace(self, gpus=tuple(step * block for step in steps))
        return replace(self, gpus=tuple(value * factor for value in self.gpus))

    def billed_shares(self, minimum_hours: float) -> Any:
        """The share of all hours that each GPU is billed for if it is rented for so long at least.

        An instance that runs is kept or stopped, whichever is cheaper in the end: the cheapest
        cover of the hours that need the GPU by intervals of at least `minimum_hours`. A week
        repeats; any other series ends. An hour that is begun counts.

        >>> curve = DemandCurve(gpus=(1, 0, 0, 0, 1, 0, 0, 0))
        >>> [curve.billed_shares(hours).tolist() for hours in (1, 2, 3)]
        [[0.25], [0.5], [0.625]]
        """
        import numpy as np

        if minimum_hours <= 0:
            return self.shares
        levels = np.ceil(np.asarray(self.gpus, dtype=np.float64) * (1 - _ROUNDING)).astype(np.int64)
        steps = max(1, math.ceil(minimum_hours / self.step_hours * (1 - _ROUNDING)))
        # GPUs that are needed in the same hours are billed for the same.
        distinct = np.unique(levels[levels > 0])
        billed = np.minimum(_cover(levels, distinct, steps, self.repeats), len(levels))
        place = np.searchsorted(distinct, np.arange(1, self.units + 1))
        found: Any = np.append(billed, 0)[place] / len(levels)
        return found

    def duration(self) -> pd.DataFrame:
        """The load-duration curve: the share of hours, and the GPUs exceeded or needed in it.

        Columns: share [of all hours], gpus. A step for each number of GPUs.

        >>> DemandCurve(gpus=(2, 1, 1, 0)).duration().values.tolist()
        [[0.0, 2.0], [0.25, 2.0], [0.25, 1.0], [0.75, 1.0], [0.75, 0.0], [1.0, 0.0]]
        """
        import numpy as np
        import pandas as pd

        if self.smooth is not None and not self.is_rounded_up:
            (mean, peak), share = self.smooth, np.linspace(0, 1, 101)
            drawn = peak * (1 - share) ** (peak / mean - 1)
            return pd.DataFrame({"share": share, "gpus": drawn})
        if self.smooth is not None:
            values = np.arange(self.units, -1, -1, dtype=np.float64)
            ends = np.append(self.shares[::-1], 1.0)
        else:
            values, counts = np.unique(np.asarray(self.gpus, dtype=np.float64), return_counts=True)
            values, ends = values[::-1], counts[::-1].cumsum() / len(self.gpus)
        starts = np.append(0.0, ends[:-1])
        is_wide = ends > starts
        pairs = np.stack([starts[is_wide], ends[is_wide]], axis=1).reshape(-1)
        return pd.DataFrame({"share": pairs, "gpus": np.repeat(values[is_wide], 2)})


def _cover(levels: Any, distinct: Any, least: int, repeats: bool) -> Any:
    """Steps billed at each of the distinct levels: the cheapest cover by intervals.

    From the end backwards: `off` is what the rest costs if nothing runs, `free` if an instance runs
    that may stop. An interval begins where the GPU is needed, and runs for `least` steps at least.
    Of a week one interval begins somewhere: each hour is tried where a run of hours begins.
    """
    import numpy as np

    size = len(levels)
    needed = levels[:, None] >= distinct[None, :]
    if not repeats:
        return _line(needed, least)
    best = np.full(len(distinct), size)  # without a pause
    begins = (needed & ~np.roll(needed, 1, axis=0)).any(axis=1)
    for hour in np.flatnonzero(begins):
        best = np.minimum(best, _line(np.roll(needed, -hour, axis=0), least))
    return best


def _line(needed: Any, least: int) -> Any:
    """The cheapest cover of a series that ends, for each column."""
    import numpy as np

    size, columns = needed.shape
    off = np.zeros(columns, dtype=np.int32)
    # `free` of the last steps, in a ring: what lies beyond the end costs nothing.
    free = np.zeros((least + 1, columns), dtype=np.int32)
    for at in range(size - 1, -1, -1):
        started = free[(at + least) % (least + 1)] + least
        np.copyto(off, started, where=needed[at])
        np.minimum(off, free[(at + 1) % (least + 1)] + 1, out=free[at % (least + 1)])
    return off
