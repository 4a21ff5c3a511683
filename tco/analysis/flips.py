"""The value of each input at which buying and renting change places."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tco.analysis.brackets import search_grid
from tco.analysis.crossings import Flip, flips_between, is_tie
from tco.analysis.savings import Case, Saving, case_of, numeric_input, savings
from tco.inputs import INPUTS
from tco.inputs.calling import takes_inputs
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

FLIP_COLUMNS = (
    "input",
    "unit",
    "value",
    "low",
    "high",
    "flip",
    "flip_to",
    "in_range",
    "saving_now_usd",
    "saving_low_usd",
    "saving_high_usd",
    "slope_usd_per_unit",
    "swing_usd",
    "note",
)
# The step of a slope as a share of the range, and how alike its two sides are without a jump.
_STEP, _ALIKE = 10**4, 100


@takes_inputs
def flips(
    scenario: Scenario | None = None, /, *, only: Iterable[str] | None = None, **inputs: Any
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
    import pandas as pd

    case = _asked(case_of(scenario_of(scenario, inputs), "flips()"), only)
    near = {name: search_grid(case.values, name, *_ends(case, name)) for name in case.ranges}
    curves = savings(case.values, near)
    found = {name: flips_between(case.values, name, near[name], curves[name]) for name in near}
    far = {name: _domain_grid(case, name, near[name]) for name in near if not found[name]}
    for name, curve in savings(case.values, far).items():
        flipping = flips_between(case.values, name, far[name], curve)
        found[name] = _nearest(flipping, *_ends(case, name))
        if case.ranges[name] is None:
            curves[name] = curve
    slopes = _slopes(case)
    rows = [
        row for name in near for row in _rows(case, name, found[name], curves[name], slopes[name])
    ]
    return pd.DataFrame(rows, columns=FLIP_COLUMNS)


def _asked(case: Case, only: Iterable[str] | None) -> Case:
    """The case with the ranges of some inputs alone."""
    if only is None:
        return case
    asked = {numeric_input(name).name for name in only}
    return replace(case, ranges={name: case.ranges[name] for name in case.ranges if name in asked})


def _ends(case: Case, name: str) -> tuple[float, float]:
    value = case.values[name]
    return case.ranges[name] or (value, value)


def _domain_grid(case: Case, name: str, near: Any) -> Any:
    """The whole domain, around the points of the range."""
    import numpy as np

    declared, (low, high) = INPUTS[name], _ends(case, name)
    below = search_grid(case.values, name, declared.low, low)
    above = search_grid(case.values, name, high, declared.high)
    return np.unique([*below, *near, *above])


def _nearest(found: list[Flip], low: float, high: float) -> list[Flip]:
    """Those in the range, which can only be its ends; else the nearest on either side."""
    inside = [flip for flip in found if low <= flip.low and flip.high <= high]
    below = [flip for flip in found if flip.low < low]
    above = [flip for flip in found if flip.high > high]
    return inside or [*below[-1:], *above[:1]]


def _rows(
    case: Case, name: str, found: list[Flip], curve: Saving, slope: float
) -> list[tuple[Any, ...]]:
    ends, value = case.ranges[name], case.values[name]
    low, high = ends or (math.nan, math.nan)
    at_low, at_high = (curve.usd[0], curve.usd[-1]) if ends else (math.nan, math.nan)
    about = (name, INPUTS[name].unit, value, low, high)
    savings_usd = (case.saving_usd, at_low, at_high, slope, abs(at_high - at_low))
    if not found:
        return [(*about, math.nan, math.nan, False, *savings_usd, _no_flip(curve))]
    rows = []
    for flip in found:
        near, far = sorted((flip.low, flip.high), key=lambda x: abs(x - value))
        in_range = bool(ends and low <= flip.low and flip.high <= high)
        rows.append((*about, near, far, in_range, *savings_usd, _note(name, flip, in_range)))
    return rows


def _no_flip(curve: Saving) -> str:
    """Why there is none: nothing moves, or not enough."""
    import numpy as np

    if not np.isfinite(curve.usd).all():
        return "no flip in range; part of it does not go with the other inputs"
    is_flat = is_tie(Saving(np.ptp(curve.usd), None, curve.gross.max()))
    return "no effect here" if is_flat else "no flip in range"


def _note(name: str, flip: Flip, in_range: bool) -> str:
    notes = []
    if flip.low < flip.high and INPUTS[name].kind == "integer":
        notes.append(f"jump between {flip.low:.0f} and {flip.high:.0f}")
    elif flip.low < flip.high:
        notes.append(f"jump at {flip.low:g}")
    if not in_range:
        notes.append("outside low to high")
    return "; ".join(notes)


def _slopes(case: Case) -> dict[str, float]:
    """How much the saving rises with each input, at its value [USD per unit of the input]."""
    points = {name: _beside(case, name) for name in case.ranges}
    solved = savings(case.values, points)
    return {name: _slope(name, points[name], solved[name].usd) for name in points}


def _beside(case: Case, name: str) -> tuple[float, float, float]:
    """The value and its neighbours, inside the domain."""
    declared, value, (low, high) = INPUTS[name], case.values[name], _ends(case, name)
    step = 1 if declared.kind == "integer" else ((high - low) or abs(value) or 1) / _STEP
    below, above = value - step, value + step
    if not declared.contains(below):
        below = value
    return below, value, above if declared.contains(above) else value


def _slope(name: str, x: tuple[float, float, float], usd: Any) -> float:
    """The mean of both sides, or the flatter one beside a jump; of an integer the next step."""
    left, right = (
        float(usd[at + 1] - usd[at]) / (x[at + 1] - x[at]) if x[at] < x[at + 1] else math.nan
        for at in (0, 1)
    )
    known = [side for side in (right, left) if math.isfinite(side)]
    if not known:
        return math.nan
    if INPUTS[name].kind == "integer" or len(known) == 1:
        return known[0]
    if abs(left - right) * _ALIKE <= max(abs(left), abs(right)):
        return (left + right) / 2
    return min(known, key=abs)
