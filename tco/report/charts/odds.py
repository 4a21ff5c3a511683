"""Charts of the odds: equally likely futures, the band of cumulative costs, what drives them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tco.report import sentences
from tco.report.charts.drawing import (
    BUY,
    GRID,
    INK,
    LINE,
    QUIET,
    RENT,
    RENT_TEXT,
    TALL,
    WHITE,
    Chart,
    Draft,
    apart,
    x_title,
)
from tco.report.display import dollars
from tco.report.findings import short_usd
from tco.report.sentences import called
from tco.words import number

if TYPE_CHECKING:
    import pandas as pd

# The bins that dots are stacked in, the room above them, and the drivers that are shown.
_BINS, _HEADROOM, _SHOWN = 20, 1.5, 10
_ROW, _THICK, _AROUND, _ROOM = 40, 0.35, 74, 1.05
# A dot, as large as 20 bins have room for on a phone, and its ring.
_DOT, _RING = 10, 2
OWN_BAND, RENT_BAND = "rgba(0,114,178,0.16)", "rgba(213,94,0,0.16)"
_END_LABEL = 2 * LINE + 4
_ABOVE_AND_BELOW = 70


def futures_dots(savings: Sequence[float]) -> Chart:
    """Equally likely futures as dots by what buying saves in each [USD], one upon the other.

    >>> futures_dots([-3.0, 5.0, 8.0, 9.0]).title
    'Buying wins in 3 of 4 simulated futures'
    """
    draft = Draft()
    places, width = _stacked(sorted(savings))
    top = max(height for _, height, _ in places) + _HEADROOM
    for wins in (False, True):
        told = [place for place in places if (place[2] > 0) == wins]
        _dots(draft, told, wins)
    draft.shape("line", (0, 0), (0, top), line={"color": INK, "width": 1.5, "dash": "dash"})
    draft.corner(0.99, 0.99, "<b>BUY</b> wins", BUY, xanchor="right", yanchor="top")
    draft.corner(0.01, 0.99, "<b>RENT</b> wins", RENT_TEXT, xanchor="left", yanchor="top")
    ends = [min(0.0, places[0][0] - width), max(0.0, places[-1][0] + width)]
    x: dict[str, Any] = {"title": x_title("what buying saves, USD"), "tickformat": "$~s"}
    x |= {"range": ends, "tickangle": 0, "nticks": 5}
    height, margin = max(TALL, _AROUND + _DOT * top), {"l": 12, "r": 12, "t": 30, "b": 40}
    y = {"range": [0, top], "visible": False}
    figure = draft.figure(x, y, height=height, margin=margin)
    title = sentences.futures(savings).removesuffix(".")
    span = f"The savings lie between {dollars(min(savings))} and {dollars(max(savings))}."
    each = f"Each dot is one of {len(savings)} equally likely futures."
    return Chart(figure, title, f"{title}. {span}", each)


def _stacked(ordered: Sequence[float]) -> tuple[list[tuple[float, float, float]], float]:
    """Of each saving the middle of its bin, its height upon the others, and itself; a bin's width.

    0 is the border of two bins and belongs to the lower one: no bin holds winners and losers.
    """
    width = (max(ordered[-1], 0) - min(ordered[0], 0)) / _BINS or 1
    heights: dict[int, int] = {}
    places = []
    for saving in ordered:
        bin_ = math.ceil(saving / width) - 1
        heights[bin_] = heights.get(bin_, 0) + 1
        places.append(((bin_ + 1 / 2) * width, heights[bin_] - 1 / 2, saving))
    return places, width


def _dots(draft: Draft, told: list[tuple[float, float, float]], wins: bool) -> None:
    if not told:
        return
    x, y, savings = zip(*told, strict=True)
    name = "buying wins" if wins else "renting wins"
    look: dict[str, Any] = {"size": _DOT, "color": BUY, "symbol": "circle"}
    if not wins:
        look |= {"size": _DOT - _RING, "color": WHITE, "line": {"color": RENT, "width": _RING}}
    hover = [f"{name}: <b>{dollars(abs(saving))}</b>" for saving in savings]
    draft.points(x, y, name, hover, **look)


def cumulative_band(curves: pd.DataFrame) -> Chart:
    """P10 to P90 of the cumulative cost of both sides, with their medians: `Simulation.curves()`.

    A band is where the costs of four in five futures lie at that month.
    """
    draft = Draft()
    t = curves["t_months"].to_numpy()
    for side, fill in (("rent", RENT_BAND), ("own", OWN_BAND)):
        ribbon(draft, t, [curves[f"{side}_{end}_usd"].to_numpy() for end in ("p10", "p90")], fill)
    for side, name, color, dash in (("own", "BUY", BUY, "solid"), ("rent", "RENT", RENT, "dash")):
        middle = curves[f"{side}_p50_usd"].to_numpy()
        draft.line(t, middle, f"{name}, P50", color, "%{y:$.4~s}, month %{x:.3~g}", dash=dash)
    end, last = float(t[-1]), curves.iloc[-1]
    span = [0.0, _ROOM * max(float(last["own_p90_usd"]), float(last["rent_p90_usd"]), 1.0)]
    own, rent = float(last["own_p50_usd"]), float(last["rent_p50_usd"])
    _end_labels(draft, end, [(own, "<b>BUY</b>", BUY), (rent, "<b>RENT</b>", RENT_TEXT)], span)
    draft.y_title("USD, cumulative present value")
    x = {"title": x_title("months"), "range": [0, end]}
    y = {"tickformat": "$~s", "range": span}
    figure = draft.figure(x, y, margin={"l": 48, "r": 82, "t": 30, "b": 40})
    title = _band_title(last, end)
    alt = " ".join(
        _ends(name, last, side) for name, side in (("owning", "own"), ("renting", "rent"))
    )
    caption = "Bands are P10 to P90, lines P50; without resale and what a commitment still costs."
    return Chart(figure, title, f"{title}. {alt}", caption)


def ribbon(draft: Draft, t: Any, ends: list[Any], fill: str) -> None:
    """An area between two lines, low and high."""
    for at, costs in enumerate(ends):
        made = {"type": "scatter", "mode": "lines", "x": t, "y": costs, "hoverinfo": "skip"}
        filled = {"fill": "tonexty", "fillcolor": fill} if at else {}
        draft.traces.append({**made, "line": {"width": 0}, **filled})


def _end_labels(
    draft: Draft, end: float, labels: list[tuple[float, str, str]], span: list[float]
) -> None:
    scale = (TALL - _ABOVE_AND_BELOW) / (span[1] - span[0])
    ordered = sorted(labels)
    wanted = [(cost - span[0]) * scale for cost, _, _ in ordered]
    places = apart(wanted, [_END_LABEL] * len(ordered))
    for (cost, word, color), want, at in zip(ordered, wanted, places, strict=True):
        place = {"xanchor": "left", "xshift": 8, "yanchor": "middle", "yshift": at - want}
        draft.note(end, cost, f"{word}<br>{short_usd(cost)}", color, **place)


def _band_title(last: pd.Series[float], end: float) -> str:
    if last["gap_p10_usd"] <= 0 <= last["gap_p90_usd"]:
        return f"After {number(end)} months either side may have cost less"
    cheaper = "owning" if last["gap_p10_usd"] > 0 else "renting"
    return f"After {number(end)} months {cheaper} has cost less in nine of ten futures"


def _ends(name: str, last: pd.Series[float], side: str) -> str:
    low, high = dollars(float(last[f"{side}_p10_usd"])), dollars(float(last[f"{side}_p90_usd"]))
    return f"Then {name} has cost {low} to {high}."


def drivers_ranked(drivers: pd.DataFrame, check_first: str | None = None) -> Chart:
    """The inputs that move the saving most, by rank correlation: `Simulation.drivers`.

    `check_first` is the input that is worth most to know before deciding.

    >>> from tco.analysis.uncertainty import simulate
    >>> odds = simulate(gpu="L4", gpus=8, licence_usd_per_gpu_year=0, staff_usd_per_gpu_month=40)
    >>> drivers_ranked(odds.drivers, odds.check_first).title
    'Check first how busy the GPUs are'
    """
    draft, shown = Draft(), drivers.head(_SHOWN).to_dict("records")
    for at, row in enumerate(shown):
        _bar(draft, at, row["input"], row["rank_correlation"], row["value_of_knowing_usd"])
    x: dict[str, Any] = {"title": x_title("rank correlation with what buying saves")}
    x |= {"range": [-1, 1], "showgrid": True, "gridcolor": GRID, "tickangle": 0}
    x |= {"zeroline": True, "zerolinecolor": QUIET}
    y = {"range": [len(shown) - 1 / 2, -1], "visible": False}
    margin = {"l": 10, "r": 14, "t": 14, "b": 40}
    figure = draft.figure(x, y, height=_AROUND + _ROW * len(shown), margin=margin)
    title = _drivers_title(shown, check_first)
    listed = ", ".join(f"{called(row['input'])} {row['rank_correlation']:+.2f}" for row in shown)
    caption = "Bars: rank correlation. Amounts: what it is worth to know the input before deciding."
    return Chart(figure, title, f"{title}. Rank correlations: {listed or 'none'}.", caption)


def _bar(draft: Draft, at: int, name: str, rank: float, worth: float) -> None:
    """One input, its name above its bar, and what it is worth to know it."""
    hover = f"{called(name)}: rank correlation {rank:+.2f}; knowing it is worth {dollars(worth)}"
    bar = {"type": "bar", "orientation": "h", "x": [rank], "y": [at], "width": _THICK}
    look = {"color": BUY if rank > 0 else RENT}
    draft.traces.append({**bar, "marker": look, "hovertemplate": f"{hover}<extra></extra>"})
    place: dict[str, Any] = {"xref": "paper", "yanchor": "bottom", "yshift": _ROW * _THICK / 2}
    draft.note(0, at, called(name), xanchor="left", **place)
    if worth > 0:
        draft.note(1, at, f"worth {short_usd(worth)}", QUIET, xanchor="right", **place)


def _drivers_title(shown: list[dict[Any, Any]], check_first: str | None) -> str:
    if check_first is not None:
        return sentences.check_first(check_first)
    if not shown:
        return "Nothing is uncertain: every input was given"
    most = called(shown[0]["input"])
    return f"No single input would change the decision; the {most} moves the result most"
