"""The value of each input at which buying and renting change places."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from tco.analysis.savings import (
    Case,
    Saving,
    case_of,
    moved,
    numeric_input,
    saving,
    savings,
    spread,
)
from tco.errors import needing
from tco.inputs import INPUTS, Inputs
from tco.inputs.text import takes_inputs
from tco.model.facility import peak_it_kw, servers_by_space
from tco.numeric import WATTS_PER_KILOWATT
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

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
# The points just before and just after a jump, as a share of its distance from 0.
_NEAR = 10**9
# Points this close, as a share of their size, are the two sides of a jump.
_CLOSE = 4 / _NEAR
# A saving within this share of all flows is a tie: the model is no more exact.
_TIE = 10**12
# Beside a jump more is left than this share of the larger side; at a flip less.
_LEFT = 10**6
_MOST_STEPS = 1_000

# A value and the saving there [USD].
_Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Flip:
    """Neighboring values of an input whose savings have opposite signs, ascending.

    They are one and the same where the saving passes 0 without a jump.
    """

    low: float
    high: float


@takes_inputs
def flips(
    scenario: Scenario | None = None,
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
    the inputs that are asked about, which takes as much less time.

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

    case = case_of(scenario_of(scenario, inputs), "flips()")
    asked = {numeric_input(name).name for name in (case.ranges if only is None else only)}
    values = case.values
    ends = {n: case.ranges[n] or (values[n], values[n]) for n in case.ranges if n in asked}
    near = {name: search_grid(values, name, *ends[name]) for name in ends}
    curves = savings(values, near)
    found = {name: flips_between(values, name, near[name], curves[name]) for name in near}
    # Where the range has none the whole domain is searched, around the points of the range.
    far = {}
    for name, points in near.items():
        if not found[name]:
            declared, (low, high) = INPUTS[name], ends[name]
            below = search_grid(values, name, declared.low, low)
            above = search_grid(values, name, high, declared.high)
            far[name] = np.unique([*below, *points, *above])
    for name, curve in savings(values, far).items():
        flipped, (low, high) = flips_between(values, name, far[name], curve), ends[name]
        # Those in the range, which can only be its ends; else the nearest on either side.
        inside = [flip for flip in flipped if low <= flip.low and flip.high <= high]
        below = [flip for flip in flipped if flip.low < low]
        above = [flip for flip in flipped if flip.high > high]
        found[name] = inside or [*below[-1:], *above[:1]]
        if case.ranges[name] is None:
            curves[name] = curve
    slopes = _slopes(values, ends)
    rows = [
        row for name in near for row in _rows(case, name, found[name], curves[name], slopes[name])
    ]
    return pd.DataFrame(rows, columns=FLIP_COLUMNS)


def _rows(
    case: Case, name: str, found: list[Flip], curve: Saving, slope: float
) -> list[tuple[Any, ...]]:
    """The rows of one input: a row for each flip, or one that says why there is none."""
    import numpy as np

    ends, value = case.ranges[name], case.values[name]
    low, high = ends or (math.nan, math.nan)
    at_low, at_high = (curve.usd[0], curve.usd[-1]) if ends else (math.nan, math.nan)
    about = (name, INPUTS[name].unit, value, low, high)
    savings_usd = (case.saving_usd, at_low, at_high, slope, abs(at_high - at_low))
    if not found:
        note = "no flip in range"
        if not np.isfinite(curve.usd).all():
            note += "; part of it does not go with the other inputs"
        elif is_tie(Saving(np.ptp(curve.usd), None, curve.gross.max())):
            note = NO_EFFECT
        return [(*about, math.nan, math.nan, False, *savings_usd, note)]
    rows = []
    for flip in found:
        near, far = sorted((flip.low, flip.high), key=lambda x: abs(x - value))
        in_range = bool(ends and low <= flip.low and flip.high <= high)
        notes = []
        if flip.low < flip.high and INPUTS[name].kind == "integer":
            notes.append(f"jump between {flip.low:.0f} and {flip.high:.0f}")
        elif flip.low < flip.high:
            notes.append(f"jump at {flip.low:g}")
        if not in_range:
            notes.append("outside low to high")
        rows.append((*about, near, far, in_range, *savings_usd, "; ".join(notes)))
    return rows


def _slopes(values: dict[str, Any], ends: dict[str, tuple[float, float]]) -> dict[str, float]:
    """How much the saving rises with each input, at its value [USD per unit of the input].

    The mean of both sides, or the flatter one beside a jump; of an integer the next step.
    """
    import numpy as np

    points = {}
    for name, (low, high) in ends.items():
        declared, value = INPUTS[name], values[name]
        step = 1 if declared.kind == "integer" else ((high - low) or abs(value) or 1) / _STEP
        beside = (value - step, value, value + step)
        points[name] = tuple(x if declared.contains(x) else value for x in beside)
    slopes = {}
    for name, found in savings(values, points).items():
        with np.errstate(invalid="ignore"):
            left, right = (np.diff(found.usd) / np.diff(points[name])).tolist()
        known = [side for side in (right, left) if math.isfinite(side)]
        if not known:
            slopes[name] = math.nan
        elif INPUTS[name].kind == "integer" or len(known) == 1:
            slopes[name] = known[0]
        elif abs(left - right) * _ALIKE <= max(abs(left), abs(right)):
            slopes[name] = (left + right) / 2
        else:
            slopes[name] = min(known, key=abs)
    return slopes


def search_grid(values: dict[str, Any], name: str, low: float, high: float) -> Any:
    """Ascending values of an input from low to high, between which a flip may lie.

    Integers: every whole number, or so many evenly by their ratio. Other numbers: evenly, and the
    places where the saving can jump, each with a neighbor on either side. `values` are those of
    all inputs.

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
    """Where the saving may jump: month ends, and the borders at which a rack holds one more."""
    import numpy as np

    def around(places: Any) -> Any:
        return np.concatenate([places - places / _NEAR, places, places + places / _NEAR])

    if name == "horizon_months":
        ends = np.arange(1, math.ceil(high) + 1)
        return [around(ends), ends - 1 / 2]
    if name not in ("rack_kw", "gpu_w", "server_w") or values["hosting"] != "own_site":
        return []
    most = servers_by_space(values["rack_units"], values["server_units"])
    count = np.arange(1, int(most) + 1)
    cards, card_w, server_w = (values[n] for n in ("gpus_per_server", "gpu_w", "server_w"))
    if name == "rack_kw":
        return [around(count * peak_it_kw(cards, card_w, 1, server_w))]
    peak_w = around(values["rack_kw"] / count) * WATTS_PER_KILOWATT
    return [(peak_w - server_w) / cards if name == "gpu_w" else peak_w - cards * card_w]


def is_tie(found: Saving) -> Any:
    """Whether both sides cost the same, as far as the model can tell."""
    return abs(found.usd) * _TIE <= found.gross


def flips_between(values: dict[str, Any], name: str, grid: Any, curve: Saving) -> list[Flip]:
    """The flips of one input between the points of an ascending grid, given the savings there.

    `values` are those of all inputs. Two flips between the same two points are not seen, and points
    without a saving are passed over: their inputs do not go together.
    """
    import numpy as np

    def at(value: float) -> Saving:
        return saving(Inputs.of({**values, **moved(values, name, value)}))

    between = _whole if INPUTS[name].kind == "integer" else _root
    told = np.isfinite(curve.usd) & ~is_tie(curve)
    points = list(zip(grid[told].tolist(), curve.usd[told].tolist(), strict=True))
    return [
        between(at, before, after)
        for before, after in pairwise(points)
        if (before[1] > 0) != (after[1] > 0)
    ]


def _whole(at: Callable[[float], Saving], before: _Point, after: _Point) -> Flip:
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


def _root(at: Callable[[float], Saving], before: _Point, after: _Point) -> Flip:
    """The root, exact on a straight line; or the sides of the jump."""
    (low, low_usd), (high, high_usd) = before, after
    if high - low <= _CLOSE * max(abs(low), abs(high)):
        root = low if abs(low_usd) <= abs(high_usd) else high
        return Flip(root, root) if _is_passed(at(root)) else Flip(low, high)
    root = low - low_usd * (high - low) / (high_usd - low_usd)
    found = at(root)
    if not is_tie(found):
        with needing("a flip needs"):
            from scipy.optimize import brentq

        finest = sys.float_info.epsilon
        root = brentq(
            lambda value: at(value).usd,
            low,
            high,
            xtol=(high - low) * finest,
            rtol=4 * finest,
            maxiter=_MOST_STEPS,
        )
        found = at(root)
    if _is_passed(found):
        return Flip(root, root)
    beside = max(abs(root), high - low) / _NEAR
    return Flip(max(low, root - beside), min(high, root + beside))


def _is_passed(found: Saving) -> bool:
    """Whether what is left is small enough for a saving that passes 0 instead of jumping."""
    return bool(is_tie(found) or abs(found.usd) * _LEFT <= found.larger)
