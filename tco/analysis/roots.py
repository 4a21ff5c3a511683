"""Where a saving changes its sign between two values of what it depends on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tco.analysis.savings import Saving
from tco.errors import needing

# The points just before and just after a jump, as a share of its distance from 0.
NEAR = 10**9
# Points this close, as a share of their size, are the two sides of a jump.
CLOSE = 4 / NEAR
# A saving within this share of all flows is a tie: the model is no more exact.
_TIE = 10**12
# Beside a jump more is left than this share of the larger side; at a flip less.
_LEFT = 10**6
_MOST_STEPS = 1_000

# A value and the saving there [USD].
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Flip:
    """Neighboring values of an input whose savings have opposite signs, ascending.

    They are one and the same where the saving passes 0 without a jump.
    """

    low: float
    high: float


def is_tie(found: Saving) -> Any:
    """Whether both sides cost the same, as far as the model can tell."""
    return abs(found.usd) * _TIE <= found.gross


def root_between(at: Callable[[float], Saving], before: Point, after: Point) -> Flip:
    """The root, exact on a straight line; or the sides of the jump."""
    (low, low_usd), (high, high_usd) = before, after
    if high - low <= CLOSE * max(abs(low), abs(high)):
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
    beside = max(abs(root), high - low) / NEAR
    return Flip(max(low, root - beside), min(high, root + beside))


def _is_passed(found: Saving) -> bool:
    """Whether what is left is small enough for a saving that passes 0 instead of jumping."""
    return bool(is_tie(found) or abs(found.usd) * _LEFT <= found.larger)
