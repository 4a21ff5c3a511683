"""Where words go in a drawing, whatever draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def apart(
    wanted: Sequence[float],
    heights: Sequence[float],
    within: tuple[float, float] = (-math.inf, math.inf),
) -> list[float]:
    """Places near the wanted ones, in the same order, where things of these heights do not overlap.

    `wanted` ascends. All places are within two ends, as long as there is room.

    >>> apart([10, 12, 100], [10, 10, 10])
    [6.0, 16.0, 100.0]
    >>> apart([10, 12, 100], [10, 10, 10], within=(10, 95))
    [10.0, 20.0, 95.0]
    """
    groups: list[list[int]] = []
    middles: list[float] = []

    def size(group: list[int]) -> float:
        return sum(heights[at] for at in group)

    for at in range(len(wanted)):
        group, middle = [at], float(wanted[at])
        while groups and middles[-1] + size(groups[-1]) / 2 > middle - size(group) / 2:
            group = groups.pop() + group
            middles.pop()
            middle = sum(wanted[one] for one in group) / len(group)
        groups.append(group)
        middles.append(middle)
    places = []
    for group, middle in zip(groups, middles, strict=True):
        edge = middle - size(group) / 2
        for at in group:
            places.append(edge + heights[at] / 2)
            edge += heights[at]
    lowest, highest = map(float, within)
    gaps = [0.0, *((one + other) / 2 for one, other in pairwise(heights)), 0.0]
    for at in range(len(places)):
        places[at] = lowest = max(places[at], lowest + gaps[at])
    for at in reversed(range(len(places))):
        places[at] = highest = min(places[at], highest - gaps[at + 1])
    return places
