"""The cumulative-cost curve of the sheet: what stands where. `curve.svg.j2` draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tco.report.placing import apart
from tco.words import number, short_usd

if TYPE_CHECKING:
    import pandas as pd

    from tco.model.breakeven import Breakeven

WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 74, 24, 34
LINE = 13
_NICE = (1, 2, 2.5, 5, 10)
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 48, 60)
_ROOM = 1.04
_MOST_TICKS = 6


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The drawing in its own units; `line` is the height of a line of text.

    `amounts` are the heights of the round amounts, with their words and whether it is none;
    `months` the places of the months; `lines` the points of each side; `settled` the heights of
    each side before and after its end (resale, or the rest of a commitment), where they differ;
    `crossings` a point, its month in words and whether it lies in the second half; `labels` the
    heights of what stands beside the ends: name, amount and side.
    """

    amounts: list[tuple[float, str, bool]]
    months: list[tuple[float, str]]
    lines: list[tuple[str, list[tuple[float, float]]]]
    settled: list[tuple[str, float, float]]
    crossings: list[tuple[float, float, str, bool]]
    labels: list[tuple[float, str, str, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM
    line: int = LINE


def cumulative(curves: pd.DataFrame, answer: Breakeven) -> Curve:
    """The cumulative present value [USD] of both sides by month; `curves` is `tco.curves()`.

    >>> import tco
    >>> drawn = cumulative(tco.curves(gpu="L4"), tco.breakeven(gpu="L4"))
    >>> [(side, len(points)) for side, points in drawn.lines]
    [('rent', 37), ('buy', 37)]
    """
    t, own, rent = ([float(at) for at in curves[n]] for n in ("t_months", "own_usd", "rent_usd"))
    own_exit, rent_exit = (float(curves[f"{side}_exit_usd"].iloc[-1]) for side in ("own", "rent"))
    reached = [0.0, *own, *rent, own_exit, rent_exit]
    months, low, high = t[-1], min(reached), max(reached) * _ROOM or 1.0

    def x(at: float) -> float:
        return LEFT + at / months * (WIDTH - LEFT - RIGHT)

    def y(usd: float) -> float:
        return TOP + (high - usd) / (high - low) * (HEIGHT - TOP - BOTTOM)

    sides = (("rent", rent), ("buy", own))
    ends = [("buy", own[-1], own_exit), ("rent", rent[-1], rent_exit)]
    names = [(own[-1], "BUY", "buy"), (rent[-1], "RENT", "rent")]
    names += [(own_exit, "after resale", "buy")] if own_exit != own[-1] else []
    names += [(rent_exit, "to term end", "rent")] if rent_exit != rent[-1] else []
    names.sort(key=lambda label: -label[0])
    room = [2 * LINE + 2] * len(names)
    heights = apart([y(usd) for usd, _, _ in names], room, within=(TOP, HEIGHT - BOTTOM))
    return Curve(
        amounts=[
            (y(usd), short_usd(usd).removesuffix(".00"), not usd)
            for usd in _round_amounts(low, high)
        ],
        months=[(x(at), number(at)) for at in _round_months(months)],
        lines=[(side, [(x(m), y(p)) for m, p in zip(t, usd, strict=True)]) for side, usd in sides],
        settled=[(side, y(before), y(after)) for side, before, after in ends if after != before],
        crossings=[
            (x(at), y(_between(t, own, at)), f"month {number(at)}", at > months / 2)
            for at, _ in answer.crossings or ()
        ],
        labels=[
            (height, name, short_usd(usd), side)
            for (usd, name, side), height in zip(names, heights, strict=True)
        ],
    )


def _between(t: Sequence[float], usd: Sequence[float], months: float) -> float:
    """The height of a line between its points."""
    for here, after, low, high in zip(t, t[1:], usd, usd[1:], strict=False):
        if here <= months <= after and after > here:
            return low + (high - low) * (months - here) / (after - here)
    return usd[-1]


def _round_amounts(low: float, high: float) -> list[float]:
    """Four to six round amounts that span the axis."""
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice for nice in _NICE if nice * power >= rough) * power
    first, last = math.ceil(low / step), math.floor(high / step)
    return [at * step for at in range(first, last + 1)]


def _round_months(months: float) -> list[float]:
    if months <= 1:
        return [0.0, months]
    step = next((step for step in _MONTHS if months / step <= _MOST_TICKS), _MONTHS[-1])
    return [float(at) for at in range(0, math.floor(months) + 1, step)]
