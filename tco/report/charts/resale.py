"""The chart of resale: what used GPUs cost by their age, and what a scenario expects of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tco.report.charts.canvas import SMALL, Canvas, Chart, Label, label
from tco.report.drawing import faint
from tco.words.figures import change_text, day_text, fixed_percent, number, usd

if TYPE_CHECKING:
    import pandas as pd

_STEPS = 48
_LEAST_YEARS, _ROOM = 5.0, 1.02
_LEAST_SHARE, _MOST_SHARE = 1.05, 2.0
_MARKERS = ("circle", "square", "triangle-up", "cross", "x", "star")
_FAINT = 0.55


@dataclass(frozen=True)
class Decline:
    """How fast a scenario lets a GPU lose its value: shares a year; None where unknown.

    `low` and `high` are the 10th and the 90th percentile.
    """

    gpu: str
    per_year: float
    low: float | None
    high: float | None

    def left(self, decline: float, years: float) -> float:
        """The share of the value that is left after some years of this decline."""
        return math.pow(max(1 - decline, 0.0), years)


def resale_by_age(used: pd.DataFrame, decline: Decline, theme: str = "light") -> Chart | None:
    """Used prices as shares of the list price, by age, with what a scenario expects; None without.

    `used` is the frame of `tco.analysis.resale.used_by_age`.

    >>> from tco.analysis.resale import used_by_age
    >>> from tco.market.catalogue import load
    >>> found = used_by_age(load(), "2026-11-21")
    >>> resale_by_age(found, Decline("L4", 0.25, 0, 0.55)).title[:49]
    'A used L4 costs 85 % of its list price 2.8 years '
    """
    known = used[used["share"].notna()]
    if known.empty:
        return None
    canvas = Canvas(theme, (48, 14, 34, 46), 360)
    end = max(_LEAST_YEARS, float(known["years"].max())) * _ROOM
    labels = [_expected(canvas, decline, end)]
    is_own = known["gpu"] == decline.gpu
    listed = [*known[~is_own].groupby("gpu", sort=False), *known[is_own].groupby("gpu")]
    for at, (gpu, rows) in enumerate(listed):
        labels.append(_points(canvas, str(gpu), rows, at, str(gpu) == decline.gpu))
    top = min(max(_LEAST_SHARE, float(known["share"].max()) * _ROOM), _MOST_SHARE)
    canvas.labels(labels, (0, top), bgcolor=canvas.colors.veil, font_size=SMALL)
    canvas.y_title("Share of the list price")
    x = {"title": "years since release", "range": [0, end * 1.12], "nticks": 10}
    y = {"range": [0, top], "tickformat": ".0%", "hoverformat": ".0%"}
    title = _title(known[is_own], decline)
    caption = (
        f"{len(known)} used prices of {known['gpu'].nunique()} GPUs, {day_text(known['as_of'])}, "
        "as shares of the first list price known. Line: the annual decline in this scenario, "
        "from the list price on; band: its P10 to P90."
    )
    said = [
        f"{gpu}: {fixed_percent(rows['share'].iloc[-1])} after "
        f"{number(round(rows['years'].iloc[-1], 1))} years"
        for gpu, rows in listed
    ]
    return Chart(canvas.drawing(x, y), title, f"{title}. {'. '.join(said)}.", caption)


def _expected(canvas: Canvas, decline: Decline, end: float) -> Label:
    years = [end * at / _STEPS for at in range(_STEPS + 1)]
    middle = [decline.left(decline.per_year, year) for year in years]
    lowest, highest, edge = decline.low, decline.high, middle[-1]
    if lowest is not None and highest is not None:
        best = [decline.left(lowest, year) for year in years]
        worst = [decline.left(highest, year) for year in years]
        band = {"name": "P10 to P90", "fill": "toself", "fillcolor": faint(canvas.colors.buy, 0.14)}
        canvas.edge([*years, *years[::-1]], [*best, *worst[::-1]], **band)
        said, edge = change_text(-decline.per_year, -highest, -lowest), best[-1]
    else:
        said = change_text(-decline.per_year)
    name = f"this scenario: {said}"
    canvas.line(years, middle, name, canvas.colors.buy, "%{y:.0%} after %{x:.1f} years")
    text = name.replace(" (", "<br>").rstrip(")")
    return Label(end, edge, text, canvas.colors.buy_text, is_above=True)


def _points(canvas: Canvas, gpu: str, rows: pd.DataFrame, at: int, is_own: bool) -> Label:
    years, shares = rows["years"].tolist(), rows["share"].tolist()
    told = [
        f"{label(gpu)}: {usd(row['usd'])}, {fixed_percent(row['share'])} of "
        f"{usd(row['list_usd'])}<br>{row['as_of']}, {label(row['basis'], 60)}"
        for row in rows.to_dict("records")
    ]
    color = canvas.colors.ink if is_own else canvas.colors.quiet
    look = {"color": color, "size": 10 if is_own else 7, "opacity": 1 if is_own else _FAINT}
    symbol = "diamond" if is_own else _MARKERS[at % len(_MARKERS)]
    canvas.points(years, shares, label(gpu), told, symbol=symbol, **look)
    name = f"<b>{label(gpu)}</b>" if is_own else label(gpu)
    return Label(years[-1], shares[-1], name, color)


def _title(own: pd.DataFrame, decline: Decline) -> str:
    if own.empty:
        later = fixed_percent(decline.left(decline.per_year, 3))
        return (
            f"No used price of the {decline.gpu} yet; this scenario expects {later} after 3 years"
        )
    last = own.iloc[-1]
    years = float(last["years"])
    left = decline.left(decline.per_year, years)
    costs = f"A used {decline.gpu} costs {fixed_percent(last['share'])} of its list price"
    when = f"{number(round(years, 1))} years after release"
    return f"{costs} {when}; this scenario expects {fixed_percent(left)}"
