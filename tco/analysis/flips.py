"""The value of each input at which buying and renting change places."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from tco.analysis.roots import CLOSE, NEAR, Flip, Point, is_tie, root_between
from tco.analysis.savings import (
    FEWEST_POINTS,
    Saving,
    asked_of,
    case_of,
    moved,
    numeric_input,
    saving,
    savings,
    spread,
)
from tco.inputs import INPUTS, Inputs
from tco.inputs.effects import no_effects
from tco.inputs.text import takes_inputs
from tco.model import ownership
from tco.model.bends import bends
from tco.model.facility import peak_it_kw, servers_by_space
from tco.numeric import WATTS_PER_KILOWATT
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.work import Work
    from tco.inputs.values import InputValues

FLIP_COLUMNS = (
    *("input", "unit", "value", "low", "high", "flip", "flip_to", "in_range"),
    *("saving_now_usd", "saving_low_usd", "saving_high_usd", "slope_usd_per_unit", "swing_usd"),
    "note",
)
# The note of an input that moves nothing.
NO_EFFECT = "no effect here"
# The step of a slope as a share of the range, and how alike its two sides are without a jump.
_STEP, _ALIKE = 10**4, 100
# Points of a range; every whole number of it where there are no more.
_EVENLY, _WHOLE = 65, 257
# How often a grid is made finer.
_ROUNDS = 8
# The most terms of a commitment, and about the most places at which the first month of one moves.
_MOST_TERMS, _MOST_STARTS = 240, 480


class Mover(NamedTuple):
    """What is moved: an input, or the speed of a piece of work. `ends` are its P10 and P90."""

    name: str
    unit: str
    is_whole: bool
    value: float
    ends: tuple[float, float] | None


@takes_inputs
def flips(
    scenario: Scenario | Work | None = None,
    /,
    *,
    only: Iterable[str] | None = None,
    **inputs: Unpack[InputValues],
) -> pd.DataFrame:
    """For every numeric input the values at which `npv_saving_usd` changes sign, the others held.

    At least one row an input, in the order of the documentation: input, unit, value, low and high
    (P10 and P90, widened to hold the value; NaN where nothing is believed), flip (NaN: none) and
    flip_to (the other side of a jump, or of two whole numbers, farther from the value; else the
    flip itself), in_range, saving_now_usd, saving_low_usd and saving_high_usd [USD],
    slope_usd_per_unit [USD per unit of the input] (at the value; of an integer the step to the
    next), swing_usd (between low and high) [USD] and note. Where no flip lies in the range, the
    nearest one on either side of it inside the domain is listed, with in_range False. `only` names
    the inputs that are asked about, which takes as much less time. Of a piece of work
    (`tco.work()`) the first rows are those of its speed, `output_tokens_per_s` of a replica, with
    which the GPUs in use and their utilization move.

    InputError for a table, a name that is no numeric input, and where a price or rate is not known;
    TcoError where a flip lies on no straight line and SciPy is not installed.

    >>> found = flips(gpu="L4", rate_usd_per_gpu_hour=0.7, utilization=0.6).set_index("input")
    >>> bool(found.loc["rate_usd_per_gpu_hour", "flip"] < 0.7)
    True
    >>> found.loc["rack_kw", "note"], len(flips(gpu="L4", only=["pue"]))
    ('no effect here', 1)
    """
    import numpy as np
    import pandas as pd

    asked_about, speed = asked_of(scenario, inputs)
    case = case_of(asked_about, "flips()")
    named = set(case.ranges if only is None else only)
    asked = {numeric_input(name).name for name in named if speed is None or name != speed.name}
    values = case.values
    ends = {n: case.ranges[n] or (values[n], values[n]) for n in case.ranges if n in asked}
    # Both ends are enough of what does not count.
    still = no_effects(values)

    def grid(name: str, low: float, high: float) -> Any:
        if name in still:
            return np.unique(spread(INPUTS[name], low, high, FEWEST_POINTS))
        return search_grid(values, name, low, high)

    near = {name: grid(name, *ends[name]) for name in ends}
    near, curves = searched(values, near)
    found = {name: flips_between(values, name, near[name], curves[name]) for name in near}
    # Where the range has none the whole domain is searched, around the points of the range.
    far = {}
    for name, points in near.items():
        if not found[name]:
            declared, (low, high) = INPUTS[name], ends[name]
            below, above = grid(name, declared.low, low), grid(name, high, declared.high)
            far[name] = np.unique([*below, *points, *above])
    far, wide = searched(values, far)
    for name, curve in wide.items():
        flipped, (low, high) = flips_between(values, name, far[name], curve), ends[name]
        # Those in the range, which can only be its ends; else the nearest on either side.
        inside = [flip for flip in flipped if low <= flip.low and flip.high <= high]
        below = [flip for flip in flipped if flip.low < low]
        above = [flip for flip in flipped if flip.high > high]
        found[name] = inside or [*below[-1:], *above[:1]]
        if case.ranges[name] is None:
            curves[name] = curve
    slopes = _slopes(values, ends)
    rows: list[tuple[Any, ...]] = []
    if speed is not None and (only is None or speed.name in named):
        rows += _rows(speed.mover, *speed.flips(), case.saving_usd)
    for name in near:
        one = Mover(*_words(name), values[name], case.ranges[name])
        rows += _rows(one, found[name], curves[name], slopes[name], case.saving_usd)
    return pd.DataFrame(rows, columns=FLIP_COLUMNS)


def _words(name: str) -> tuple[str, str, bool]:
    return name, INPUTS[name].unit, INPUTS[name].kind == "integer"


def _rows(
    of: Mover, found: Sequence[Flip], curve: Saving, slope: float, now_usd: float
) -> list[tuple[Any, ...]]:
    """The rows of what is moved: a row for each flip, or one that says why there is none."""
    import numpy as np

    low, high = of.ends or (math.nan, math.nan)
    at_low, at_high = (curve.usd[0], curve.usd[-1]) if of.ends else (math.nan, math.nan)
    about = (of.name, of.unit, of.value, low, high)
    savings_usd = (now_usd, at_low, at_high, slope, abs(at_high - at_low))
    if not found:
        note = "no break-even in range"
        if not np.isfinite(curve.usd).all():
            note += "; part of it cannot be combined with the other inputs"
        elif is_tie(Saving(np.ptp(curve.usd), None, curve.gross.max())):
            note = NO_EFFECT
        return [(*about, math.nan, math.nan, False, *savings_usd, note)]
    rows = []
    for flip in found:
        near, far = sorted((flip.low, flip.high), key=lambda x: abs(x - of.value))
        in_range = bool(of.ends and low <= flip.low and flip.high <= high)
        notes = []
        if flip.low < flip.high and of.is_whole:
            notes.append(f"jump between {flip.low:.0f} and {flip.high:.0f}")
        elif flip.low < flip.high:
            notes.append(f"jump at {flip.low:g}")
        if not in_range:
            notes.append("outside low to high")
        rows.append((*about, near, far, in_range, *savings_usd, "; ".join(notes)))
    return rows


def _slopes(values: dict[str, Any], ends: dict[str, tuple[float, float]]) -> dict[str, float]:
    """How much the saving rises with each input, at its value [USD per unit of the input]."""
    points = {}
    for name, (low, high) in ends.items():
        declared, value = INPUTS[name], values[name]
        step = 1 if declared.kind == "integer" else ((high - low) or abs(value) or 1) / _STEP
        beside = (value - step, value, value + step)
        points[name] = tuple(x if declared.contains(x) else value for x in beside)
    return {
        name: slope_of(points[name], found.usd, INPUTS[name].kind == "integer")
        for name, found in savings(values, points).items()
    }


def slope_of(points: Sequence[float], usd: Any, is_whole: bool = False) -> float:
    """The slope at the middle of three points, given the savings there [USD per unit].

    The mean of both sides, or the flatter one beside a jump; of whole numbers the step to the next.
    """
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = map(float, np.diff(usd) / np.diff(points))
    known = [side for side in (right, left) if math.isfinite(side)]
    if not known:
        return math.nan
    if is_whole or len(known) == 1:
        return known[0]
    if abs(left - right) * _ALIKE <= max(abs(left), abs(right)):
        return (left + right) / 2
    return min(known, key=abs)


def searched(
    values: dict[str, Any], grids: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Saving]]:
    """The grids of some inputs, finer where the saving may pass 0 twice, and the savings there.

    `values` are those of all inputs.
    """
    import numpy as np

    grids, curves = dict(grids), savings(values, grids)
    for _ in range(_ROUNDS):
        finer = _peaks(grids, curves)
        if not finer:
            break
        for name, added in savings(values, finer).items():
            joined = np.concatenate([grids[name], finer[name]])
            order = np.argsort(joined, kind="stable")
            grids[name] = joined[order]
            both = zip(curves[name], added, strict=True)
            curves[name] = Saving(*(np.concatenate(pair)[order] for pair in both))
    return grids, curves


def _peaks(grids: dict[str, Any], curves: dict[str, Saving]) -> dict[str, Any]:
    """Where a saving of one sign at two points may have the other between them, by input.

    So it may where the straight lines of the stretches before and after them meet on the other side
    of 0: at a bend just there. Before the first stretch and after the last one there is one line.
    """
    import numpy as np

    names = [name for name in grids if INPUTS[name].kind != "integer"]
    # One after the other, with a gap between any two.
    gap = [np.nan]
    grid = np.concatenate([gap, *(part for name in names for part in (grids[name], gap))])
    usd = np.concatenate([gap, *(part for name in names for part in (curves[name].usd, gap))])
    low, high, at_low, at_high = grid[:-1], grid[1:], usd[:-1], usd[1:]
    with np.errstate(all="ignore"):
        near = CLOSE * np.maximum(np.abs(low), np.abs(high))
        slopes = np.where(high - low > near, (at_high - at_low) / (high - low), np.nan)
        before, after = np.append(np.nan, slopes[:-1]), np.append(slopes[1:], np.nan)
        meets = (at_high - at_low + before * low - after * high) / (before - after)
        passes = (at_low + before * (meets - low)) * at_low < 0
        # With one line only, half way to where that passes 0.
        is_first, is_last = np.isnan(before), np.isnan(after)
        zero = np.where(is_first, high - at_high / after, low - at_low / before)
        alone = is_first != is_last
        half = (zero + np.where(is_first, low, high)) / 2
        passes = np.where(alone, (zero > low) & (zero < high), passes)
        meets = np.where(alone, half, meets)
        passes &= (meets - low > near) & (high - meets > near) & (at_low * at_high > 0)
    ends = np.cumsum([len(grids[name]) + 1 for name in names])
    found = {
        name: meets[end - len(grids[name]) : end][passes[end - len(grids[name]) : end]]
        for name, end in zip(names, ends.tolist(), strict=True)
    }
    return {name: places for name, places in found.items() if len(places)}


def search_grid(values: dict[str, Any], name: str, low: float, high: float) -> Any:
    """Ascending values of an input from low to high, between which a flip may lie.

    Integers: every whole number, or so many evenly by their ratio. Other numbers: evenly, and the
    places where the saving can jump or bend, each with a neighbor on either side. `values` are
    those of all inputs.

    >>> search_grid({}, "gpus", 4, 8).tolist()
    [4.0, 5.0, 6.0, 7.0, 8.0]
    """
    import numpy as np

    declared = INPUTS[name]
    if declared.kind != "integer":
        found = np.concatenate([spread(declared, low, high, _EVENLY), *_jumps(values, name, high)])
    elif high - low < _WHOLE:
        found = np.arange(low, high + 1)
    else:
        found = np.round([low, *np.geomspace(max(low, 1), high, _WHOLE)])
    inside = (found >= low) & (found <= high) & declared.contains(found)
    return np.unique(found[inside]).astype(float)


def _jumps(values: dict[str, Any], name: str, high: float) -> list[Any]:
    """Where the saving may jump or bend.

    It jumps at the ends of months and of terms, and at the borders at which a rack holds one more;
    it bends where a cap is reached, and where the power is just what was committed to.
    """
    import numpy as np

    if not values:
        return []
    v = Inputs.of(values)
    if name == "horizon_months":
        ends = np.arange(1, math.ceil(high) + 1)
        places = [_around(ends), ends - 1 / 2]
        if values["billing"] == "committed":
            terms = np.arange(1, _MOST_TERMS + 1) * values["commitment_months"]
            places.append(_around(terms[terms <= high]))
        return places
    if name == "commitment_months":
        return [_around(_term_lengths(values))] if values["billing"] == "committed" else []
    if name == "colo_committed_kw" and values["hosting"] != "own_site":
        reserved = float(ownership.reserved_kw(v, ownership.servers(v)))
        return [np.array([reserved / NEAR, reserved])]
    if name in ("rack_kw", "gpu_w", "server_w") and values["hosting"] == "own_site":
        return _rack_borders(values, name)
    return [np.array([place]) for place in bends(v, name)]


def _around(places: Any) -> Any:
    """Places at which something may jump, each with a neighbor on either side."""
    import numpy as np

    return np.concatenate([places - places / NEAR, places, places + places / NEAR])


def _term_lengths(values: dict[str, Any]) -> Any:
    """Lengths of a term at which one more fits into the horizon, or starts in another month."""
    import numpy as np

    horizon = values["horizon_months"]
    fitting = horizon / np.arange(1, _MOST_TERMS + 1)
    if not values["rate_growth_per_year"]:
        return fitting
    months = np.arange(1, math.ceil(horizon) + 1)
    parts = np.arange(1, max(1, _MOST_STARTS // len(months)) + 1)
    return np.concatenate([fitting, np.divide.outer(months, parts).reshape(-1)])


def _rack_borders(values: dict[str, Any], name: str) -> list[Any]:
    """Where a rack on the own site holds one server more."""
    import numpy as np

    most = servers_by_space(values["rack_units"], values["server_units"])
    count = np.arange(1, int(most) + 1)
    cards, card_w, server_w = (values[n] for n in ("gpus_per_server", "gpu_w", "server_w"))
    if name == "rack_kw":
        return [_around(count * peak_it_kw(cards, card_w, 1, server_w))]
    peak_w = _around(values["rack_kw"] / count) * WATTS_PER_KILOWATT
    return [(peak_w - server_w) / cards if name == "gpu_w" else peak_w - cards * card_w]


def flips_between(values: dict[str, Any], name: str, grid: Any, curve: Saving) -> list[Flip]:
    """The flips of one input between the points of an ascending grid, given the savings there.

    `values` are those of all inputs. Two flips between the same two points are not seen, and points
    without a saving are passed over: their inputs cannot be combined.
    """
    import numpy as np

    def at(value: float) -> Saving:
        return saving(Inputs.of({**values, **moved(values, name, value)}))

    between = _whole if INPUTS[name].kind == "integer" else root_between
    told = np.isfinite(curve.usd) & ~is_tie(curve)
    points = list(zip(grid[told].tolist(), curve.usd[told].tolist(), strict=True))
    return [
        between(at, before, after)
        for before, after in pairwise(points)
        if (before[1] > 0) != (after[1] > 0)
    ]


def _whole(at: Callable[[float], Saving], before: Point, after: Point) -> Flip:
    """The neighboring whole numbers, or the one at which both sides cost the same.

    Numbers without a saving are no neighbors: those on either side of them are.
    """
    low, high, is_buy = before[0], after[0], before[1] > 0

    def known(number: float, step: int) -> tuple[float, bool | None]:
        """The next number with a saving, and whether buying wins there; None for a tie."""
        found = at(number)
        while math.isnan(found.usd) and low < number < high:
            number += step
            found = at(number)
        return number, None if is_tie(found) else found.usd > 0

    while high - low > 1:
        middle = (low + high) // 2
        (below, buys_below), (above, buys_above) = known(middle, -1), known(middle, 1)
        for number, buys in ((below, buys_below), (above, buys_above)):
            if buys is None:
                return Flip(number, number)
        if buys_below != is_buy:
            high = below
        elif buys_above == is_buy:
            low = above
        else:
            return Flip(below, above)
    return Flip(low, high)
