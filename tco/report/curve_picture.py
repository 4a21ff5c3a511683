"""One response curve as a picture of its own, where the live sliders are not wanted."""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import quote

from tco.report.influence import ResponseCurve
from tco.words import curve_caption

_WIDTH, _HEIGHT = 300, 60
_BUY, _RENT, _LINE = "#0072B2", "#D55E00", "#767676"


def picture(curve: ResponseCurve, now: float, scale: tuple[float, float]) -> str:
    """The curve of one input as an image element, with its finding as the text.

    `now` is the value of the input as it is shown, `scale` the ends of the vertical axis
    [USD per GPU]. Only numbers of the model stand in it.
    """
    alt = html.escape(curve_caption(curve.saving, curve.flip_words))
    source = f"data:image/svg+xml,{quote(_svg(curve, now, scale))}"
    return f"<img class='tco-curve' alt='{alt}' src='{source}' width='100%' height='{_HEIGHT}'>"


def _svg(curve: ResponseCurve, now: float, scale: tuple[float, float]) -> str:
    low, high = scale
    first, last = curve.values[0], curve.values[-1]

    def x(value: float) -> float:
        return round(_WIDTH * (value - first) / (last - first), 1)

    def y(usd: float) -> float:
        return round(_HEIGHT * (1 - (usd - low) / ((high - low) or 1)), 1)

    known = [
        (x(v), y(s)) for v, s in zip(curve.values, curve.savings, strict=True) if s is not None
    ]
    zero = y(0)
    areas = "".join(
        _polygon([(known[0][0], zero), *((at, edge(up, zero)) for at, up in known)], zero, colour)
        for edge, colour in ((min, _BUY), (max, _RENT))
    )
    flips = "".join(_rule(x(flip), 1.5, " stroke-dasharray='3 3'") for flip in curve.flips)
    line = " ".join(f"{at},{up}" for at, up in known)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' "
        f"preserveAspectRatio='none'>{areas}"
        f"<path d='M0 {zero}H{_WIDTH}' stroke='{_LINE}'/>{flips}"
        f"<polyline points='{line}' fill='none' stroke='{_LINE}' stroke-width='1.75'/>"
        f"{_rule(x(now), 3.5)}</svg>"
    )


def _polygon(points: Iterable[tuple[float, float]], zero: float, colour: str) -> str:
    listed = list(points)
    corners = " ".join(f"{at},{up}" for at, up in [*listed, (listed[-1][0], zero)])
    return f"<polygon points='{corners}' fill='{colour}' fill-opacity='.5'/>"


def _rule(at: float, width: float, more: str = "") -> str:
    return f"<path d='M{at} 0V{_HEIGHT}' stroke='{_LINE}' stroke-width='{width}'{more}/>"
