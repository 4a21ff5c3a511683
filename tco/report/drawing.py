"""What every drawing shares, whatever draws it: colors, round numbers on axes, places for words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from tco.model.breakeven import Breakeven
from tco.words.figures import months_text, usd
from tco.words.titles import payback_title

if TYPE_CHECKING:
    import pandas as pd

# Buying and renting, on every page: both are at least 3:1 on white and on the dark page.
BUY, RENT = "#0072B2", "#D55E00"


def faint(color: str, opacity: float) -> str:
    """A color that lets through what is behind it.

    >>> faint(RENT, 0.14)
    'rgba(213,94,0,0.14)'
    """
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return f"rgba({red},{green},{blue},{opacity})"


@dataclass(frozen=True)
class Palette:
    """The colors of a theme. On a dark page both sides are drawn in the shades of their words."""

    paper: str
    ink: str
    quiet: str
    grid: str
    pale: str
    buy_text: str
    rent_text: str
    buy: str = BUY
    rent: str = RENT

    @property
    def veil(self) -> str:
        """Behind words: what they lie on can be guessed."""
        return faint(self.paper, 0.75)


LIGHT = Palette("#FFFFFF", "#1B2733", "#56626E", "#E3E8ED", "#9CC4DD", BUY, "#B84A00")
_SKY, _PEACH = "#5AB0E6", "#FF9B57"
DARK = Palette(
    "#11171D", "#E6EBF0", "#A9B4BF", "#2C3742", "#24587A", _SKY, _PEACH, buy=_SKY, rent=_PEACH
)
# The digits that a round number may begin with, from the roundest on.
TENS, ROUND, FINER = (1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)
_STEPS = (1, 2, 2.5, 5)
# A tick that lies so little beyond the end of an axis, in steps, is the end.
_NEAR = 1e-9
# Two cumulative costs for those who do not see them; in the braces what they find, how long, and
# what both come to.
CUMULATIVE = (
    "{title}. Over {over} owning adds up to {own} ({after} after resale) and renting to {rent}."
)
# What stands beside the end of each, and beside what it comes to after leaving then.
ENDS = {"buy": ("BUY", "after resale"), "rent": ("RENT", "to term end")}


def round_numbers(low: float, high: float, leads: Sequence[float] = ROUND) -> list[float]:
    """All round numbers from `low` to `high`, both above 0: one of the leads, and zeros.

    >>> round_numbers(0.3, 10)
    [0.5, 1.0, 2.0, 5.0, 10.0]
    >>> round_numbers(130, 1300, FINER)[0]
    150.0
    """
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    found = [float(f"{lead}e{power}") for power in powers for lead in leads]
    return [number for number in found if low <= number <= high]


def ticks(low: float, high: float, most: int, steps: Sequence[float] = ()) -> list[float]:
    """Multiples of a round step, or of one of `steps`, that part the axis `most` times at most.

    >>> ticks(-10, 95, 5)
    [0.0, 25.0, 50.0, 75.0]
    >>> len(ticks(0, 1.2, 6))  # also where 6 × 0.2 is more than 1.2
    7
    >>> ticks(0, 36, 6, steps=(1, 3, 6, 12))
    [0, 6, 12, 18, 24, 30, 36]
    """
    least = (high - low) / most
    step = next(one for one in steps or round_numbers(least, 10 * least, _STEPS) if one >= least)
    first, last = math.ceil(low / step - _NEAR), math.floor(high / step + _NEAR)
    return [at * step for at in range(first, last + 1)]


def apart(
    wanted: Sequence[float],
    heights: Sequence[float],
    within: tuple[float, float] = (-math.inf, math.inf),
) -> list[float]:
    """Places near the wanted ones, in the same order, where things of these heights do not overlap.

    `wanted` ascends. The squares of all moves are the smallest there are. All places are within
    two ends, as long as there is room.

    >>> apart([10, 12, 100], [10, 10, 10])
    [6.0, 16.0, 100.0]
    >>> apart([10, 12, 100], [10, 10, 10], within=(10, 95))
    [10.0, 20.0, 95.0]
    """
    # Measured from where each would be in a stack, places only have to ascend. Those that would
    # not are a block: they touch, around the mean of their wishes.
    stack = [0.0, *accumulate((one + other) / 2 for one, other in pairwise(heights))]
    blocks: list[tuple[float, int]] = []
    for want, height in zip(wanted, stack, strict=False):
        mean, size = want - height, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    low, high = within[0], within[1] - stack[-1]
    moved = [min(max(mean, low), high) for mean, size in blocks for _ in range(size)]
    return [height + move for height, move in zip(stack, moved, strict=False)]


def ends_of(curves: pd.DataFrame, side: str) -> tuple[float, float]:
    """What `own` or `rent` comes to at the end of `tco.curves()`, and after leaving then [USD]."""
    before, after = (curves[f"{side}{then}_usd"].to_numpy()[-1] for then in ("", "_exit"))
    return float(before), float(after)


def end_labels(curves: pd.DataFrame) -> list[tuple[float, str, str]]:
    """What stands beside the ends of two cumulative costs, from the lowest on: USD, words, side.

    `curves` is `tco.curves()`. An end that brings or costs something itself has two labels: before
    and after the resale, or the rest of a commitment.
    """
    labels = []
    for (side, (name, settled)), cost in zip(ENDS.items(), ("own", "rent"), strict=True):
        before, after = ends_of(curves, cost)
        labels.append((before, name, side))
        if after != before:
            labels.append((after, settled, side))
    return sorted(labels)


def cumulative_words(curves: pd.DataFrame, answer: Breakeven) -> tuple[str, str]:
    """The finding of two cumulative costs, and a sentence for those who do not see them."""
    end, own = float(curves["t_months"].iloc[-1]), float(curves["own_usd"].iloc[-1])
    title = payback_title(answer.status, answer.months, answer.npv_saving_usd, end)
    amounts = {"own": own, "after": answer.own_npv_usd, "rent": answer.rent_npv_usd}
    told = {name: usd(amount) for name, amount in amounts.items()}
    return title, CUMULATIVE.format(title=title, over=months_text(end), **told)
