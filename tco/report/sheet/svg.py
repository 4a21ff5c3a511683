"""The cumulative-cost curve as static SVG: both lines labelled, crossings marked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tco.report.findings import short_usd
from tco.report.sheet.markup import Html, joined, tag
from tco.words import number

if TYPE_CHECKING:
    import pandas as pd

    from tco.model.breakeven import Breakeven

WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 74, 24, 34
_LINE = 13
_NICE = (1, 2, 2.5, 5, 10)
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 48, 60)
_ROOM = 1.04
_MOST_TICKS = 6
Point = tuple[float, float]


class _Scale:
    """From months and dollars to places in the drawing."""

    def __init__(self, months: float, low: float, high: float) -> None:
        self.months, self.low, self.high = months, low, high

    def x(self, months: float) -> float:
        return LEFT + months / self.months * (WIDTH - LEFT - RIGHT)

    def y(self, usd: float) -> float:
        return TOP + (self.high - usd) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def cumulative(curves: pd.DataFrame, answer: Breakeven, alt: str) -> Html:
    """The cumulative present value [USD] of both sides by month, as an SVG image.

    `curves` is `tco.curves()`, `alt` the text for those who do not see it. A diamond is the total
    after resale, or to the end of a commitment.

    >>> import tco
    >>> drawn = cumulative(tco.curves(gpu="L4"), tco.breakeven(gpu="L4"), "BUY costs less")
    >>> drawn.startswith("<svg"), "BUY" in drawn
    (True, True)
    """
    t, own, rent = ([float(usd) for usd in curves[name]] for name in _COLUMNS)
    ends = [float(curves[f"{side}_exit_usd"].iloc[-1]) for side in ("own", "rent")]
    reached = [0.0, *own, *rent, *ends]
    scale = _Scale(t[-1], min(reached), max(reached) * _ROOM or 1.0)
    drawn = joined(
        _axes(scale),
        _line(scale, t, rent, "rent"),
        _line(scale, t, own, "buy"),
        *(_settled(scale, side[-1], end, name) for side, end, name in _sides(own, rent, ends)),
        *(
            _crossing(scale, months, _at(t, own, months), line)
            for line, (months, _) in enumerate(answer.crossings or ())
        ),
        _end_labels(scale, own[-1], rent[-1], ends),
    )
    return tag(
        "svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=alt, class_="curve"
    )


_COLUMNS = ("t_months", "own_usd", "rent_usd")


def _sides(
    own: list[float], rent: list[float], ends: list[float]
) -> Iterable[tuple[list[float], float, str]]:
    return zip((own, rent), ends, ("buy", "rent"), strict=True)


def _at(t: Sequence[float], usd: Sequence[float], months: float) -> float:
    """The height of a line between its points."""
    for here, after, low, high in zip(t, t[1:], usd, usd[1:], strict=False):
        if here <= months <= after and after > here:
            return low + (high - low) * (months - here) / (after - here)
    return usd[-1]


def _write(x: float, y: float, words: str, kind: str, anchor: str = "start") -> Html:
    return tag("text", words, x=_place(x), y=_place(y), class_=kind, text_anchor=anchor)


def _place(at: float) -> str:
    return f"{at:.1f}"


def _axes(scale: _Scale) -> Html:
    """Round amounts on the left, months below."""
    drawn: list[Html] = [_write(0, 10, "USD, cumulative present value", "axis")]
    right = WIDTH - RIGHT
    for usd in _round_amounts(scale.low, scale.high):
        y = scale.y(usd)
        drawn.append(_segment((LEFT, y), (right, y), "grid" if usd else "base"))
        drawn.append(_write(LEFT - 6, y + 4, short_usd(usd).removesuffix(".00"), "axis", "end"))
    for months in _round_months(scale.months):
        x = scale.x(months)
        drawn.append(_segment((x, HEIGHT - BOTTOM), (x, HEIGHT - BOTTOM + 4), "base"))
        drawn.append(_write(x, HEIGHT - BOTTOM + 16, number(months), "axis", "middle"))
    drawn.append(_write((LEFT + right) / 2, HEIGHT - 3, "months", "axis", "middle"))
    return joined(*drawn)


def _segment(start: Point, end: Point, kind: str) -> Html:
    places = zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
    return tag("line", class_=kind, **{name: _place(at) for name, at in places})


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


def _line(scale: _Scale, t: Sequence[float], usd: Sequence[float], kind: str) -> Html:
    pairs = zip(t, usd, strict=True)
    places = " ".join(
        f"{_place(scale.x(months))},{_place(scale.y(paid))}" for months, paid in pairs
    )
    return tag("polyline", points=places, class_=f"line {kind}")


def _settled(scale: _Scale, before: float, after: float, kind: str) -> Html:
    """What the end itself brings or costs: the resale, or the rest of a commitment."""
    if after == before:
        return joined()
    x, y = scale.x(scale.months), scale.y(after)
    corners = ((x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y))
    diamond = tag(
        "polygon",
        points=" ".join(f"{_place(a)},{_place(b)}" for a, b in corners),
        class_=f"mark {kind}",
    )
    return joined(_segment((x, scale.y(before)), (x, y), f"settled {kind}"), diamond)


def _crossing(scale: _Scale, months: float, usd: float, line: int) -> Html:
    """A crossing and its month, each in a line of its own above the axis."""
    x, y = scale.x(months), scale.y(usd)
    side, shift = ("end", -6) if months > scale.months / 2 else ("start", 6)
    return joined(
        _segment((x, y), (x, HEIGHT - BOTTOM), "drop"),
        tag("circle", cx=_place(x), cy=_place(y), r=4.5, class_="cross"),
        _write(
            x + shift, HEIGHT - BOTTOM - 6 - line * _LINE, f"month {number(months)}", "strong", side
        ),
    )


def _end_labels(scale: _Scale, own: float, rent: float, ends: list[float]) -> Html:
    """What each line ends at, beside its end and not on another label."""
    labels = [(own, "BUY", "buy"), (rent, "RENT", "rent")]
    own_exit, rent_exit = ends
    labels += [(own_exit, "after resale", "buy")] if own_exit != own else []
    labels += [(rent_exit, "to term end", "rent")] if rent_exit != rent else []
    labels.sort(key=lambda label: -label[0])
    places = _apart([scale.y(usd) for usd, _, _ in labels], 2 * _LINE + 2)
    x = WIDTH - RIGHT + 9
    drawn = []
    for (usd, words, kind), y in zip(labels, places, strict=True):
        drawn.append(_write(x, y - 1, words, f"name {kind}"))
        drawn.append(_write(x, y + _LINE - 2, short_usd(usd), f"name {kind}"))
    return joined(*drawn)


def _apart(wanted: Sequence[float], height: float) -> list[float]:
    """Descending places near the wanted ones and in the drawing, at least a height apart."""
    places: list[float] = []
    for at in wanted:
        places.append(max(at, places[-1] + height) if places else max(at, TOP))
    lowest = float(HEIGHT - BOTTOM)
    for index in reversed(range(len(places))):
        places[index] = min(places[index], lowest)
        lowest = places[index] - height
    return places
