"""The lower envelope of straight lines: which option is cheapest at which utilisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

# Costs that agree to so many digits are the same: what is beyond is left by rounding.
_DIGITS = 12


class Stretch(NamedTuple):
    """Where a line is the lowest: its position among the lines, from and to which share."""

    line: int
    low: float
    high: float


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
