"""The cumulative-cost curve of the sheet: what stands where. `curve.svg.j2` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tco.report.drawing import apart, end_labels, ticks
from tco.words import number, short_usd

if TYPE_CHECKING:
    import pandas as pd

    from tco.model.breakeven import Breakeven

WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 74, 24, 34
LINE = 13
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 48, 60)
_ROOM = 1.04


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
    labels = end_labels(curves)[::-1]
    reached = [0.0, *own, *rent, *(usd for usd, _, _ in labels)]
    months, low, high = t[-1], min(reached), max(reached) * _ROOM or 1.0

    def x(at: float) -> float:
        return LEFT + at / months * (WIDTH - LEFT - RIGHT)

    def y(usd: float) -> float:
        return TOP + (high - usd) / (high - low) * (HEIGHT - TOP - BOTTOM)

    sides = (("rent", rent), ("buy", own))
    settled = {side: usd for usd, words, side in labels if not words.isupper()}
    heights = apart(
        [y(usd) for usd, _, _ in labels],
        [2 * LINE + 2] * len(labels),
        within=(TOP, HEIGHT - BOTTOM),
    )
    marked = ticks(0, months, 6, _MONTHS) if months > 1 else [0.0, months]
    return Curve(
        amounts=[
            (y(usd), short_usd(usd).removesuffix(".00"), not usd) for usd in ticks(low, high, 5)
        ],
        months=[(x(at), number(at)) for at in marked],
        lines=[(side, [(x(m), y(p)) for m, p in zip(t, usd, strict=True)]) for side, usd in sides],
        settled=[
            (side, y(usd[-1]), y(settled[side])) for side, usd in reversed(sides) if side in settled
        ],
        crossings=[
            (x(at), y(_between(t, own, at)), f"month {number(at)}", at > months / 2)
            for at, _ in answer.crossings or ()
        ],
        labels=[
            (height, words, short_usd(usd), side)
            for (usd, words, side), height in zip(labels, heights, strict=True)
        ],
    )


def _between(t: Sequence[float], usd: Sequence[float], months: float) -> float:
    """The height of a line between its points."""
    for here, after, low, high in zip(t, t[1:], usd, usd[1:], strict=False):
        if here <= months <= after and after > here:
            return low + (high - low) * (months - here) / (after - here)
    return usd[-1]
