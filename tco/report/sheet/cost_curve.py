"""The chart of the decision sheet: what both sides cost over time, and where each part stands.

`curve.svg.j2` draws it. In a page with sliders `curve.js` does the same at other values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tco.model.breakeven import Breakeven
from tco.report.drawing import CUMULATIVE, ENDS, apart, cumulative_words, end_labels, ticks
from tco.words import currencies, of_owner
from tco.words.figures import number, on_axis, short_usd
from tco.words.titles import PAYBACK_TITLES

if TYPE_CHECKING:
    import pandas as pd

# In the drawing's own units; how much room is above the highest point, the months that the axis may
# show, and into how many parts both axes are parted at most.
WIDTH, HEIGHT, LINE = 380, 260, 13
LEFT, RIGHT, TOP, BOTTOM = 52, 74, 24, 34
_HEADROOM, _MONTHS, _MOST = 1.04, (1, 2, 3, 6, 12, 24, 36, 48, 60), (5, 6)
# The columns of the workbook that the chart is made of, in the order in which `curve.js` has them.
FOLLOWED = ("t_months", "own_usd", "rent_usd", "discounted_ahead", "discounted_crossing")


def curve(curves: pd.DataFrame, answer: Breakeven) -> dict[str, Any]:
    """The cumulative present value [USD] of both sides by month; `curves` is `tco.curves()`.

    All places are in the drawing's own units. `amounts` are the heights of round amounts, with
    their words and whether that is 0; `months` the places of months; `lines` the points of each
    side; `settled` the heights of a side before and after what its end itself brings or costs;
    `crossings` a point, its month in words and whether it lies in the second half; `labels` the
    heights of what stands beside the ends: name, amount and side.

    >>> import tco
    >>> drawn = curve(tco.curves(gpu="L4"), tco.breakeven(gpu="L4"))
    >>> [(side, len(points)) for side, points in drawn["lines"]]
    [('rent', 37), ('buy', 37)]
    """
    import numpy as np

    t, own, rent = ([float(at) for at in curves[n]] for n in ("t_months", "own_usd", "rent_usd"))
    labels = end_labels(curves)[::-1]
    reached = [0.0, *own, *rent, *(usd for usd, _, _ in labels)]
    months, low, high = t[-1], min(reached), max(reached) * _HEADROOM or 1.0

    def x(at: float) -> float:
        return LEFT + at / months * (WIDTH - LEFT - RIGHT)

    def y(usd: float) -> float:
        return TOP + (high - usd) / (high - low) * (HEIGHT - TOP - BOTTOM)

    ends = {side: usd for usd, words, side in labels if words.isupper()}
    settled = {side: usd for usd, words, side in labels if not words.isupper()}
    room, within = [2 * LINE + 2] * len(labels), (TOP, HEIGHT - BOTTOM)
    heights = apart([y(usd) for usd, _, _ in labels], room, within)
    # Round in the currency shown.
    least, most = currencies.shown(low), currencies.shown(high)
    amounts = [currencies.in_usd(at) for at in ticks(least, most, _MOST[0])]
    marked = ticks(0, months, _MOST[1], _MONTHS) if months > 1 else [0.0, months]
    title, alt = cumulative_words(curves, answer)
    return {
        "title": title,
        "alt": alt,
        "axis": currencies.headed("USD, cumulative present value"),
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "bottom": BOTTOM,
        "line": LINE,
        "amounts": [
            (y(usd), text, not usd) for usd, text in zip(amounts, on_axis(amounts), strict=True)
        ],
        "months": [(x(at), number(at)) for at in marked],
        "lines": [
            (side, [(x(at), y(usd)) for at, usd in zip(t, paid, strict=True)])
            for side, paid in (("rent", rent), ("buy", own))
        ],
        "settled": [
            (side, y(ends[side]), y(settled[side])) for side in ("buy", "rent") if side in settled
        ],
        "crossings": [
            (x(at), y(float(np.interp(at, t, own))), f"month {number(at)}", at > months / 2)
            for at, _ in answer.crossings or ()
        ],
        "labels": [
            (height, of_owner(words, answer.scenario.values()), short_usd(usd), side)
            for (usd, words, side), height in zip(labels, heights, strict=True)
        ],
    }


def for_script(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the script knows of the chart: measures and words."""
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "top": TOP,
        "bottom": BOTTOM,
        "line": LINE,
        "headroom": _HEADROOM,
        "months": _MONTHS,
        "most": _MOST,
        "titles": PAYBACK_TITLES,
        "told": CUMULATIVE,
        "ends": {side: [of_owner(text, values) for text in both] for side, both in ENDS.items()},
    }
