"""Where a saving changes sign between the points of a grid: to the last bit, jumps included."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from tco.analysis.brackets import NEAR
from tco.analysis.savings import Saving, saving
from tco.errors import TcoError
from tco.inputs import INPUTS, Inputs

# A saving within this share of all flows is a tie: the model is no more exact.
_TIE = 10**12
# Beside a jump more is left than this share of the larger side; at a flip less.
_LEFT = 10**6
# Points this close, as a share of their size, are the two sides of a jump.
_CLOSE = 4 / NEAR
_MOST_STEPS = 1_000


# A value and the saving there [USD].
_Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Flip:
    """Neighbouring values of an input whose savings have opposite signs, ascending.

    They are one and the same where the saving passes 0 without a jump.
    """

    low: float
    high: float


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
        return saving(Inputs.of({**values, name: value}))

    between = _whole if INPUTS[name].kind == "integer" else _root
    told = np.isfinite(curve.usd) & ~is_tie(curve)
    points = list(zip(grid[told].tolist(), curve.usd[told].tolist(), strict=True))
    return [
        between(at, before, after)
        for before, after in pairwise(points)
        if (before[1] > 0) != (after[1] > 0)
    ]


def _whole(at: Callable[[float], Saving], before: _Point, after: _Point) -> Flip:
    """The neighbouring whole numbers, or the one at which both sides cost the same.

    Numbers without a saving are no neighbours: those on either side of them are.
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
        root = _polished(at, low, high)
        found = at(root)
    if _is_passed(found):
        return Flip(root, root)
    beside = max(abs(root), high - low) / NEAR
    return Flip(max(low, root - beside), min(high, root + beside))


def _is_passed(found: Saving) -> bool:
    """Whether what is left is small enough for a saving that passes 0 instead of jumping."""
    return bool(is_tie(found) or abs(found.usd) * _LEFT <= found.larger)


def _polished(at: Callable[[float], Saving], low: float, high: float) -> float:
    try:
        from scipy.optimize import brentq
    except ModuleNotFoundError as missing:
        message = f"a flip needs {missing.name}: pip install 'gpu-tco[risk]'"
        raise TcoError(message) from None
    finest = sys.float_info.epsilon
    return brentq(
        lambda value: at(value).usd,
        low,
        high,
        xtol=(high - low) * finest,
        rtol=4 * finest,
        maxiter=_MOST_STEPS,
    )
