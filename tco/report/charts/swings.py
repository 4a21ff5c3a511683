"""Charts of what would change the answer: futures as dots, swings, a map of two inputs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tco import words
from tco.analysis.sensitivity import zero_contour
from tco.inputs import INPUTS
from tco.model.results import VERDICTS
from tco.report.charts.canvas import SMALL, TALL, TALLER, Canvas, Chart, Look, label, money_axis
from tco.report.drawing import faint, ticks
from tco.report.risk_tables import map_title, tornado_title
from tco.words import currencies
from tco.words.figures import fixed_percent, inside, on_axis, short_usd, usd

if TYPE_CHECKING:
    import pandas as pd

    Row = dict[Any, Any]

# The bins that dots are stacked in, and the room above them.
_BINS, _HEADROOM = 20, 1.5
# A dot, as large as 20 bins have room for on a phone, and its ring.
_DOT, _RING = 10, 2
# The height of a bar with its name above it, how thick it is there, and what stands around.
_ROW, _SWING = 40, 0.4
_AROUND, _AROUND_SWINGS = 74, 88
_ROOM, _LONGEST = 0.25, 40
# How much wider than high a word is, and how many places for it are tried.
_WIDE, _TRIED, _ALIKE = 3, 200, 0.01
_CHECKED = 7
# The ticks of an axis of amounts that fit on a phone.
_TICKS = 5
_CHECKED_CAPTION = (
    "Value of information: the average saving from knowing this input for certain before deciding. "
    "Beside a name, where there is room, its low and high (P10 to P90)."
)
_TORNADO_CAPTION = (
    "A bar spans the saving from the low to the high of one input (P10 to P90), all else equal; "
    "each end is a full run of the model. Dotted: base case. Blue: buying wins."
)
_MAP_CAPTION = (
    "Each point is a full run of the model, all else equal. Gray: toss-up, "
    "within 5 % of the larger side. The line is where both cost the same."
)


def futures_dots(savings: Sequence[float], theme: str = "light") -> Chart:
    """Equally likely futures as dots by what buying saves in each [USD], one upon the other.

    >>> futures_dots([-3.0, 5.0, 8.0, 9.0]).title
    'BUY is cheaper in 3 of 4 simulated futures'
    """
    places, width = _stacked(sorted(savings))
    top = max(height for _, height, _ in places) + _HEADROOM
    canvas = Canvas(theme, (12, 12, 30, 40), max(TALL, round(_AROUND + _DOT * top)), money="x")
    colors = canvas.colors
    ring: Look = {"color": colors.paper, "line": {"color": colors.rent, "width": _RING}}
    for wins, name, look in (
        (False, "renting wins", {"size": _DOT - _RING, **ring}),
        (True, "buying wins", {"size": _DOT, "color": colors.buy}),
    ):
        if told := [place for place in places if (place[2] > 0) == wins]:
            across, up, each = zip(*told, strict=True)
            hover = [f"{name}: <b>{usd(abs(saving))}</b>" for saving in each]
            canvas.points(across, up, name, hover, symbol="circle", **look)
    canvas.rule(0, (0, top), colors.ink, line_width=1.5, line_dash="dash")
    canvas.corner(0.99, 1, "<b>BUY</b> wins", "right bottom", colors.buy_text)
    canvas.corner(0.01, 1, "<b>RENT</b> wins", "left bottom", colors.rent_text)
    ends = (min(0.0, places[0][0] - width), max(0.0, places[-1][0] + width))
    x: Look = {"title": "saving from buying, USD", "tickangle": 0, **money_axis(*ends, _TICKS)}
    drawing = canvas.drawing(x, {"range": [0, top], "visible": False})
    title = words.futures(savings).removesuffix(".")
    span = f"The savings lie between {usd(min(savings))} and {usd(max(savings))}."
    caption = f"Each dot is one of {len(savings)} equally likely futures."
    return Chart(drawing, title, f"{title}. {span}", caption)


def _stacked(ordered: Sequence[float]) -> tuple[list[tuple[float, float, float]], float]:
    """Of each saving the middle of its bin, its height upon the others, and itself; a bin's width.

    0 is the border of two bins and belongs to the lower one: no bin holds winners and losers.
    """
    width = (max(ordered[-1], 0) - min(ordered[0], 0)) / _BINS or 1
    heights: Counter[int] = Counter()
    places = []
    for saving in ordered:
        at = math.ceil(saving / width) - 1
        heights[at] += 1
        places.append(((at + 1 / 2) * width, heights[at] - 1 / 2, saving))
    return places, width


def check_first(drivers: pd.DataFrame, title: str, theme: str = "light") -> Chart | None:
    """The uncertain inputs by what it is worth to know them; None where none would change anything.

    `drivers` is that of `Simulation.drivers`, `title` says which one comes first.
    """
    ordered = drivers.sort_values("value_of_knowing_usd", ascending=False, kind="stable")
    rows = ordered[ordered["value_of_knowing_usd"] > 0].head(_CHECKED).to_dict("records")
    if not rows:
        return None
    height = _AROUND_SWINGS - 36 + _ROW * len(rows)
    canvas = Canvas(theme, (10, 14, 8, 44), height, money="x")
    colors = canvas.colors
    worth = [float(row["value_of_knowing_usd"]) for row in rows]
    told = [
        f"{INPUTS[row['input']].label}: {usd(one)}" for row, one in zip(rows, worth, strict=True)
    ]
    look: Look = {"width": _SWING, "marker": {"color": colors.quiet}, "textposition": "none"}
    canvas.bars(worth, list(range(len(rows))), "value of information", told, **look)
    small: Look = {"font_size": SMALL, "bgcolor": colors.veil}
    for at, (row, one) in enumerate(zip(rows, worth, strict=True)):
        declared = INPUTS[row["input"]]
        low, high = (declared.written(row[end]) for end in ("low", "high"))
        ends = f" {low.removesuffix(' per year')} to {high}"
        name = label(declared.label, _LONGEST)
        name += ends if len(name + ends) <= _LONGEST else ""
        canvas.note(0, at, name, "left bottom", yshift=_ROW * _SWING / 2, xref="paper", **small)
        canvas.note(one, at, f"<b>{short_usd(one)}</b>", "left middle", xshift=4, **small)
    x: Look = {"title": "value of information, USD", "showgrid": True, "tickangle": 0}
    x |= money_axis(0, (1 + _ROOM) * max(worth), _TICKS)
    y = {"range": [len(rows) - 1 / 2, -1 + _SWING / 2], "visible": False}
    return Chart(canvas.drawing(x, y), title, f"{title}. {'; '.join(told)}.", _CHECKED_CAPTION)


def tornado(frame: pd.DataFrame, theme: str = "light") -> Chart | None:
    """What each input does to the saving from its low to its high; None without a row.

    `frame` is that of `tco.tornado()`. Blue is where buying wins, orange where renting does; the
    ends of a bar are labeled with the values of the input.
    """
    rows = [row for row in frame.to_dict("records") if row["swing_usd"] > 0]
    if not rows:
        return None
    canvas = Canvas(theme, (10, 14, 44, 44), _AROUND_SWINGS + _ROW * len(rows), money="x")
    colors, now = canvas.colors, float(rows[0]["saving_now_usd"])
    ends = [_ends(row) for row in rows]
    told = [", ".join(f"{text}: {short_usd(usd)}" for usd, text in pair) for pair in ends]
    bars = np.array([[usd for usd, _ in pair] for pair in ends])
    below, above = np.minimum(bars, 0), np.maximum(bars, 0)
    for name, part, color in (("RENT wins", below, colors.rent), ("BUY wins", above, colors.buy)):
        look: Look = {"width": _SWING, "marker": {"color": color, "opacity": 0.8}}
        look |= {"base": part[:, 0], "textposition": "none"}
        canvas.bars(part[:, 1] - part[:, 0], list(range(len(rows))), name, told, **look)
    for at, (row, pair) in enumerate(zip(rows, ends, strict=True)):
        # The name of an input above its bar, and its values at the ends of it.
        small: Look = {"font_size": SMALL, "bgcolor": colors.veil}
        name = label(INPUTS[row["input"]].label, _LONGEST)
        canvas.note(0, at, name, "left bottom", xref="paper", yshift=_ROW * _SWING / 2, **small)
        for (saving, text), side, shift in zip(pair, ("right", "left"), (-4, 4), strict=True):
            canvas.note(saving, at, text, f"{side} middle", xshift=shift, **small)
    low, high = min(now, 0, bars.min()), max(now, 0, bars.max())
    room = (high - low) * _ROOM
    canvas.rule(0, (0, 1), colors.ink, yref="paper", layer="above")
    canvas.rule(now, (0, 1), line_dash="dot", yref="paper", layer="above")
    for text, side, ink, shift in (
        ("<b>RENT</b> wins", "right", colors.rent_text, -6),
        ("<b>BUY</b> wins", "left", colors.buy_text, 6),
    ):
        canvas.note(0, 1, text, f"{side} bottom", ink, xshift=shift, yref="paper")
    said = f"now {short_usd(now)}"
    canvas.note(now, 1, said, "center bottom", colors.quiet, yshift=18, yref="paper")
    x: Look = {"title": "saving from buying, USD, present value", "showgrid": True, "tickangle": 0}
    x |= money_axis(low - room, high + room, _TICKS)
    y = {"range": [len(rows) - 1 / 2, -1 + _SWING / 2], "visible": False}
    drawing = canvas.drawing(x, y, barmode="overlay")
    title = tornado_title(frame)
    each = "; ".join(
        f"{inside(INPUTS[row['input']].label)} {text}" for row, text in zip(rows, told, strict=True)
    )
    return Chart(drawing, title, f"{title}. Saving from buying: {each}.", _TORNADO_CAPTION)


def _ends(row: Row) -> list[tuple[float, str]]:
    """The saving and the input's value at both ends, the smaller saving first."""
    declared = INPUTS[row["input"]]
    ends = (
        (float(row[f"saving_{end}_usd"]), declared.written(row[end]).removesuffix(" per year"))
        for end in ("low", "high")
    )
    return sorted(ends, key=lambda end: end[0])


def win_map(
    frame: pd.DataFrame, now: tuple[float, float] | None = None, theme: str = "light"
) -> Chart:
    """Who wins over two inputs, with the line where both cost the same and your own point.

    `frame` is that of `tco.win_map()`; `now` are the values of the scenario, in its order.
    """
    canvas = Canvas(theme, (48, 16, 46, 58), TALLER)
    colors = canvas.colors
    across, upward = (INPUTS[str(column)] for column in frame.columns[:2])
    lines = zero_contour(frame)
    _areas(canvas, frame, now)
    for line in lines:
        along, up = (_shown(one.name, line[:, at]) for at, one in enumerate((across, upward)))
        canvas.line(along, up, "both cost the same", colors.ink, "%{x:.4~g}, %{y:.4~g}")
    if now is not None:
        said = f"{across.written(now[0])}, {upward.written(now[1])}"
        is_right = 2 * now[0] > frame[across.name].min() + frame[across.name].max()
        look = {"size": 13, "color": colors.ink, "line": {"color": colors.paper, "width": 1.5}}
        x, y = across.shown(float(now[0])), upward.shown(float(now[1]))
        canvas.yours(x, y, said, said, is_right, **look)
    x_axis, y_axis = (_axis(one.name, frame[one.name]) for one in (across, upward))
    canvas.y_title(y_axis.pop("title"))
    drawing = canvas.drawing(x_axis, y_axis)
    title = map_title(frame, now)
    counts = frame["verdict"].value_counts(normalize=True)
    told = {"buy": "buying wins", "toss_up": "toss-up", "rent": "renting wins"}
    shares = ", ".join(f"{word} on {fixed_percent(counts[one])}" for one, word in told.items())
    over = f"Over {across.asked} and {upward.asked}"
    return Chart(drawing, title, f"{title}. {over}: {shares}.", _MAP_CAPTION)


def _shown(name: str, values: Any) -> list[float]:
    return [INPUTS[name].shown(float(value)) for value in values]


def _axis(name: str, values: Any) -> Look:
    declared = INPUTS[name]
    said = [inside(declared.label), *filter(None, [declared.shown_unit])]
    title = ", ".join(said) if len("".join(said)) < _LONGEST else "<br>".join(said)
    ends = _shown(name, (values.min(), values.max()))
    axis: Look = {"title": title, "range": ends, "showgrid": False, "tickformat": "~g"}
    if declared.is_money:
        low, high = ends
        marks = ticks(low, high, _TICKS)
        axis |= {"tickvals": marks, "ticktext": on_axis(marks, currencies.code()), "nticks": 0}
    return axis


def _areas(canvas: Canvas, frame: pd.DataFrame, now: tuple[float, float] | None) -> None:
    """A color for each verdict, and the word where there is most room for it."""
    names, colors = [str(column) for column in frame.columns[:2]], canvas.colors
    along, up = (np.unique(frame[name]) for name in names)
    codes = frame["verdict"].cat.codes.to_numpy().reshape(len(along), len(up))
    fills = {
        "buy": faint(colors.buy, 0.16),
        "toss_up": faint(colors.ink, 0.07),
        "rent": faint(colors.rent, 0.14),
    }
    edges = [at / len(VERDICTS) for at in range(len(VERDICTS) + 1)]
    scale = [
        [edge, fills[verdict]]
        for verdict, ends in zip(VERDICTS, pairwise(edges), strict=True)
        for edge in ends
    ]
    places = [_shown(name, values) for name, values in zip(names, (along, up), strict=True)]
    ends, hidden = (-1 / 2, len(VERDICTS) - 1 / 2), {"showscale": False, "hoverinfo": "skip"}
    heat: Look = {"x": places[0], "y": places[1], "z": np.where(codes < 0, np.nan, codes).T}
    heat |= {"zmin": ends[0], "zmax": ends[1], "colorscale": scale}
    canvas.traces.append({"type": "heatmap", **heat, **hidden})
    taken = None
    if now is not None:
        taken = [int(np.argmin(abs(at - mine))) for at, mine in zip((along, up), now, strict=True)]
    for verdict, word in (("buy", "BUY"), ("rent", "RENT")):
        found = _roomiest(codes == VERDICTS.index(verdict), taken)
        if found is not None:
            x, y = (place[at] for place, at in zip(places, found, strict=True))
            canvas.note(x, y, f"<b>{word}</b> wins", "center", font_size=16)


def _roomiest(area: Any, taken: list[int] | None) -> Any:
    """The point of an area farthest from its edges and from a point taken; None without an area.

    A word is wider than it is high, so that a step up or down counts for several to the side. Of
    alike places that nearest to the middle.
    """
    inside = np.argwhere(area)
    if not len(inside):
        return None
    framed = np.pad(~area, 1, constant_values=True)
    if taken is not None:
        framed[taken[0] + 1, taken[1] + 1] = True
    inside = inside[:: max(1, len(inside) // _TRIED)]
    steps = abs(inside[:, None] - (np.argwhere(framed) - 1)[None]) / area.shape
    room = np.maximum(steps[..., 0], _WIDE * steps[..., 1]).min(axis=1)
    best = inside[room >= room.max() * (1 - _ALIKE)]
    return best[np.argmin(((best - inside.mean(axis=0)) ** 2).sum(axis=1))]
