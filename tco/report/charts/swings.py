"""Charts of what would change the answer: futures as dots, drivers, swings, a map of two inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tco import words
from tco.analysis.winmap import zero_contour
from tco.inputs import INPUTS
from tco.model.results import VERDICTS
from tco.report.charts.drawing import (
    BAND,
    BUY,
    GRID,
    INK,
    QUIET,
    RENT,
    RENT_TEXT,
    SHADE,
    TALL,
    TALLER,
    VEIL,
    WHITE,
    Chart,
    Draft,
    label,
    x_title,
)
from tco.words import dollars, fixed_percent, short_usd

if TYPE_CHECKING:
    import pandas as pd

# The bins that dots are stacked in, the room above them, and the drivers that are shown.
_BINS, _HEADROOM, _SHOWN = 20, 1.5, 10
# A dot, as large as 20 bins have room for on a phone, and its ring.
_DOT, _RING = 10, 2
# The height of a bar with its name above it, how thick it is there, and what stands around bars.
_ROW, _DRIVER, _SWING = 40, 0.35, 0.4
_AROUND, _AROUND_SWINGS = 74, 88
_ROOM, _LONGEST = 0.25, 40
# How much wider than high a word is, and how many places for it are tried.
_WIDE, _TRIED, _ALIKE = 3, 200, 0.01
_FILLS = {"buy": "rgba(0,114,178,0.16)", "toss_up": SHADE, "rent": BAND}
_TORNADO_CAPTION = (
    "A bar spans the saving from the low to the high of one input (P10 to P90), every other value "
    "held; each end is a full run of the model. Dotted: as it is now. Blue: buying wins."
)
_MAP_CAPTION = (
    "Each point is a full run of the model, every other value held. Grey: toss-up, "
    "within 5 % of the larger side. The line is where both cost the same."
)
_SAVING = "what buying saves, USD, present value"


def futures_dots(savings: Sequence[float]) -> Chart:
    """Equally likely futures as dots by what buying saves in each [USD], one upon the other.

    >>> futures_dots([-3.0, 5.0, 8.0, 9.0]).title
    'Buying wins in 3 of 4 simulated futures'
    """
    draft = Draft()
    places, width = _stacked(sorted(savings))
    top = max(height for _, height, _ in places) + _HEADROOM
    for wins, name in ((False, "renting wins"), (True, "buying wins")):
        if not (told := [place for place in places if (place[2] > 0) == wins]):
            continue
        across, up, each = zip(*told, strict=True)
        look: dict[str, Any] = {"size": _DOT, "color": BUY, "symbol": "circle"}
        if not wins:
            look |= {"size": _DOT - _RING, "color": WHITE, "line": {"color": RENT, "width": _RING}}
        hover = [f"{name}: <b>{dollars(abs(saving))}</b>" for saving in each]
        draft.points(across, up, name, hover, **look)
    draft.shape("line", (0, 0), (0, top), line={"color": INK, "width": 1.5, "dash": "dash"})
    draft.corner(0.99, 0.99, "<b>BUY</b> wins", BUY, xanchor="right", yanchor="top")
    draft.corner(0.01, 0.99, "<b>RENT</b> wins", RENT_TEXT, xanchor="left", yanchor="top")
    ends = [min(0.0, places[0][0] - width), max(0.0, places[-1][0] + width)]
    x: dict[str, Any] = {"title": x_title("what buying saves, USD"), "tickformat": "$~s"}
    x |= {"range": ends, "tickangle": 0, "nticks": 5}
    height, margin = max(TALL, _AROUND + _DOT * top), {"l": 12, "r": 12, "t": 30, "b": 40}
    y = {"range": [0, top], "visible": False}
    figure = draft.figure(x, y, height=height, margin=margin)
    title = words.futures(savings).removesuffix(".")
    span = f"The savings lie between {dollars(min(savings))} and {dollars(max(savings))}."
    caption = f"Each dot is one of {len(savings)} equally likely futures."
    return Chart(figure, title, f"{title}. {span}", caption)


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


def drivers_ranked(drivers: pd.DataFrame, check_first: str | None = None) -> Chart:
    """The inputs that move the saving most, by rank correlation: `Simulation.drivers`.

    `check_first` is the input that is worth most to know before deciding.

    >>> from tco.analysis.simulation import simulate
    >>> odds = simulate(gpu="L4", gpus=8, license_usd_per_gpu_year=0, staff_usd_per_gpu_month=40)
    >>> drivers_ranked(odds.drivers, odds.check_first).title
    'Check first how busy the GPUs are'
    """
    draft, most = Draft(), drivers.head(_SHOWN).to_dict("records")
    above: dict[str, Any] = {"xref": "paper", "yanchor": "bottom", "yshift": _ROW * _DRIVER / 2}
    for at, row in enumerate(most):
        name, rank = INPUTS[row["input"]].phrase, row["rank_correlation"]
        worth = row["value_of_knowing_usd"]
        hover = f"{name}: rank correlation {rank:+.2f}; knowing it is worth {dollars(worth)}"
        bar = {"type": "bar", "orientation": "h", "x": [rank], "y": [at], "width": _DRIVER}
        look = {"color": BUY if rank > 0 else RENT}
        draft.traces.append({**bar, "marker": look, "hovertemplate": f"{hover}<extra></extra>"})
        draft.note(0, at, name, xanchor="left", **above)
        if worth > 0:
            draft.note(1, at, f"worth {short_usd(worth)}", QUIET, xanchor="right", **above)
    x: dict[str, Any] = {"title": x_title("rank correlation with what buying saves")}
    x |= {"range": [-1, 1], "showgrid": True, "gridcolor": GRID, "tickangle": 0}
    x |= {"zeroline": True, "zerolinecolor": QUIET}
    y = {"range": [len(most) - 1 / 2, -1], "visible": False}
    margin = {"l": 10, "r": 14, "t": 14, "b": 40}
    figure = draft.figure(x, y, height=_AROUND + _ROW * len(most), margin=margin)
    title = "Nothing is uncertain: every input was given"
    if check_first is not None:
        title = words.check_first(INPUTS[check_first].asked)
    elif most:
        first = INPUTS[most[0]["input"]].phrase
        title = f"No single input would change the decision; the {first} moves the result most"
    listed = ", ".join(
        f"{INPUTS[row['input']].phrase} {row['rank_correlation']:+.2f}" for row in most
    )
    caption = "Bars: rank correlation. Amounts: what it is worth to know the input before deciding."
    return Chart(figure, title, f"{title}. Rank correlations: {listed or 'none'}.", caption)


def tornado(frame: pd.DataFrame) -> Chart | None:
    """What each input does to the saving from its low to its high; None without a row.

    `frame` is that of `tco.tornado()`. Blue is where buying wins, orange where renting does; the
    ends of a bar are labelled with the values of the input.
    """
    rows = [row for row in frame.to_dict("records") if row["swing_usd"] > 0]
    if not rows:
        return None
    draft = Draft()
    now = float(rows[0]["saving_now_usd"])
    bars = [sorted((row["saving_low_usd"], row["saving_high_usd"])) for row in rows]
    below, above = np.minimum(bars, 0), np.maximum(bars, 0)
    for name, part, color in (("RENT wins", below, RENT), ("BUY wins", above, BUY)):
        draft.traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "width": _SWING,
                "y": list(range(len(rows))),
                "base": part[:, 0],
                "x": part[:, 1] - part[:, 0],
                "marker": {"color": color, "opacity": 0.8},
                "text": [_told(row) for row in rows],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    for at, row in enumerate(rows):
        _words(draft, at, row)
    low, high = min(now, 0, *(bar[0] for bar in bars)), max(now, 0, *(bar[1] for bar in bars))
    room = (high - low) * _ROOM
    draft.shape("line", (0, 0), (0, 1), yref="paper", layer="above", line={"color": INK})
    dotted = {"color": QUIET, "dash": "dot", "width": 2}
    draft.shape("line", (now, now), (0, 1), yref="paper", layer="above", line=dotted)
    on_top: dict[str, Any] = {"yref": "paper", "yanchor": "bottom"}
    draft.note(0, 1, "<b>RENT</b> wins", RENT_TEXT, xanchor="right", xshift=-6, **on_top)
    draft.note(0, 1, "<b>BUY</b> wins", BUY, xanchor="left", xshift=6, **on_top)
    draft.note(now, 1, f"now {short_usd(now)}", QUIET, xanchor="center", **on_top, yshift=18)
    x: dict[str, Any] = {"title": x_title(_SAVING)}
    x |= {"range": [low - room, high + room], "tickformat": "$~s"}
    x |= {"showgrid": True, "gridcolor": GRID, "nticks": 6, "tickangle": 0}
    y: dict[str, Any] = {"range": [len(rows) - 1 / 2, -1 + _SWING / 2], "visible": False}
    height, margin = _AROUND_SWINGS + _ROW * len(rows), {"l": 10, "r": 14, "t": 44, "b": 44}
    figure = draft.figure(x, y, height=height, margin=margin, barmode="overlay")
    title = _tornado_title(rows, now)
    said = "; ".join(f"{INPUTS[row['input']].phrase} {_told(row)}" for row in rows)
    return Chart(figure, title, f"{title}. What buying saves: {said}.", _TORNADO_CAPTION)


def _ends(row: dict[Any, Any]) -> list[tuple[float, str]]:
    """The saving and the input's value at both ends, the smaller saving first."""
    ends = (
        (row[f"saving_{end}_usd"], INPUTS[row["input"]].written(row[end]).removesuffix(" per year"))
        for end in ("low", "high")
    )
    return sorted(ends, key=lambda end: float(end[0]))


def _told(row: dict[Any, Any]) -> str:
    return ", ".join(f"{text}: {short_usd(usd)}" for usd, text in _ends(row))


def _words(draft: Draft, at: int, row: dict[Any, Any]) -> None:
    """The name of an input above its bar, and its values at the ends of it."""
    above = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "bgcolor": VEIL}
    name = label(INPUTS[row["input"]].phrase, _LONGEST)
    draft.note(0, at, name, yshift=_ROW * _SWING / 2, **above, font={"size": 12, "color": INK})
    for (usd, text), side, shift in zip(_ends(row), ("right", "left"), (-4, 4), strict=True):
        place: dict[str, Any] = {"xanchor": side, "xshift": shift, "yanchor": "middle"}
        draft.note(usd, at, text, bgcolor=VEIL, font={"size": 12, "color": INK}, **place)


def _tornado_title(rows: list[dict[Any, Any]], now: float) -> str:
    ends = [(row["saving_low_usd"], row["saving_high_usd"], now) for row in rows]
    turning = [row for row, usd in zip(rows, ends, strict=True) if min(usd) < 0 < max(usd)]
    if not turning:
        winner = "Buying" if now > 0 else "Renting"
        return f"{winner} stays ahead at the low and the high of each of these {len(rows)} inputs"
    most = INPUTS[turning[0]["input"]].phrase
    if len(turning) == 1:
        return f"Of these {len(rows)} inputs only the {most} can turn the answer"
    return f"{len(turning)} of {len(rows)} inputs can each turn the answer, the {most} by the most"


def win_map(frame: pd.DataFrame, now: tuple[float, float] | None = None) -> Chart:
    """Who wins over two inputs, with the line where both cost the same and your own point.

    `frame` is that of `tco.win_map()`; `now` are the values of the scenario, in its order.
    """
    draft = Draft()
    first, second = (str(column) for column in frame.columns[:2])
    lines = zero_contour(frame)
    _areas(draft, frame, (first, second), now)
    for line in lines:
        along, up = (_shown(name, line[:, at]) for at, name in enumerate((first, second)))
        draft.line(along, up, "both cost the same", INK, "%{x:.4~g}, %{y:.4~g}")
    if now is not None:
        x, y = (
            INPUTS[name].shown(float(value))
            for name, value in zip((first, second), now, strict=True)
        )
        said = f"{INPUTS[first].written(now[0])}, {INPUTS[second].written(now[1])}"
        is_right = 2 * now[0] > frame[first].min() + frame[first].max()
        outline = {"color": "white", "width": 1.5}
        draft.yours(x, y, said, said, is_right, size=13, color=INK, line=outline)
    axes = [_axis(name, frame[name]) for name in (first, second)]
    draft.y_title(_titled(second))
    below = {**axes[0], "title": x_title(_titled(first))}
    margin = {"l": 48, "r": 16, "t": 46, "b": 58}
    figure = draft.figure(below, axes[1], height=TALLER, margin=margin)
    title = _map_title(frame, lines, now)
    counts = frame["verdict"].value_counts(normalize=True)
    told = {"buy": "buying wins", "toss_up": "toss-up", "rent": "renting wins"}
    shares = ", ".join(f"{word} on {fixed_percent(counts[one])}" for one, word in told.items())
    over = f"Over the {INPUTS[first].phrase} and the {INPUTS[second].phrase}"
    return Chart(figure, title, f"{title}. {over}: {shares}.", _MAP_CAPTION)


def _shown(name: str, values: Any) -> list[float]:
    return [INPUTS[name].shown(float(value)) for value in values]


def _titled(name: str) -> str:
    words = [INPUTS[name].phrase, *filter(None, [INPUTS[name].shown_unit])]
    return ", ".join(words) if len("".join(words)) < _LONGEST else "<br>".join(words)


def _axis(name: str, values: Any) -> dict[str, Any]:
    ends = _shown(name, (values.min(), values.max()))
    money = {"tickprefix": "$"} if INPUTS[name].shown_unit.startswith("USD") else {}
    return {"range": ends, "showgrid": False, "tickformat": "~g", **money}


def _areas(
    draft: Draft, frame: pd.DataFrame, names: tuple[str, str], now: tuple[float, float] | None
) -> None:
    """A colour for each verdict, and the word where there is most room for it."""
    along, up = (np.unique(frame[name]) for name in names)
    codes = frame["verdict"].cat.codes.to_numpy().reshape(len(along), len(up))
    fills = [_FILLS[verdict] for verdict in VERDICTS]
    edges = [at / len(fills) for at in range(len(fills) + 1)]
    scale = [
        [edge, fill] for fill, ends in zip(fills, pairwise(edges), strict=True) for edge in ends
    ]
    draft.traces.append(
        {
            "type": "heatmap",
            "x": _shown(names[0], along),
            "y": _shown(names[1], up),
            "z": np.where(codes < 0, np.nan, codes).T,
            "zmin": -1 / 2,
            "zmax": len(fills) - 1 / 2,
            "colorscale": scale,
            "showscale": False,
            "hoverinfo": "skip",
        }
    )
    taken = None if now is None else [_at(along, now[0]), _at(up, now[1])]
    for verdict, word, color in (("buy", "BUY", BUY), ("rent", "RENT", RENT_TEXT)):
        found = _roomiest(codes == VERDICTS.index(verdict), taken)
        if found is not None:
            x, y = (
                INPUTS[names[0]].shown(float(along[found[0]])),
                INPUTS[names[1]].shown(float(up[found[1]])),
            )
            draft.note(x, y, f"<b>{word}</b> wins", color, xanchor="center", font={"size": 16})


def _at(values: Any, value: float) -> int:
    return int(np.argmin(abs(values - value)))


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


def _map_title(frame: pd.DataFrame, lines: list[Any], now: tuple[float, float] | None) -> str:
    """From which value of the second input on buying wins at yours of the first, if that is one."""
    first, second = (str(column) for column in frame.columns[:2])
    saving = frame["npv_saving_usd"]
    if now is not None and len(found := _crossings(lines, now[0])) == 1:
        here = frame[frame[first] == _next(frame[first], now[0])].dropna()
        side = "above" if here["npv_saving_usd"].iloc[-1] > 0 else "below"
        at = f"the {INPUTS[first].phrase} at {INPUTS[first].written(now[0])}"
        limit = f"the {INPUTS[second].phrase} is {side} {INPUTS[second].written(found[0])}"
        return f"With {at}, buying wins where {limit}"
    if not lines:
        winner = "Buying" if saving.max() > 0 else "Renting"
        return f"{winner} wins all over the map"
    return f"Buying wins on {words.fixed_percent((saving > 0).sum() / saving.count())} of the map"


def _crossings(lines: list[Any], x: float) -> list[float]:
    """Where the lines pass a value of the first input; a corner of a line is one place."""
    found = {}
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line.tolist()):
            if x0 != x1 and min(x0, x1) <= x <= max(x0, x1):
                y = y0 + (y1 - y0) * (x - x0) / (x1 - x0)
                found[f"{y:.9g}"] = y
    return list(found.values())


def _next(values: Any, x: float) -> Any:
    return values.iloc[(values - x).abs().argmin()]
