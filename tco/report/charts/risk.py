"""Charts of what would change the answer: a bar for each input, and a map over two of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tco.analysis.winmap import zero_contour
from tco.report.charts.drawing import (
    BAND,
    BUY,
    GRID,
    INK,
    PER_CENT,
    QUIET,
    RENT,
    RENT_TEXT,
    TALLER,
    VEIL,
    Chart,
    Draft,
    label,
    x_title,
)
from tco.report.display import shown, unit, written
from tco.report.findings import short_usd
from tco.solution import VERDICTS

if TYPE_CHECKING:
    import pandas as pd

    Labels = Mapping[str, str]

_ROW, _AROUND, _LONGEST = 30, 92, 40
_ROOM = 0.16
# The part of an input's name that its unit says again.
_UNIT = re.compile(r"_(usd.*|per_year|per_month|w|kw|months)$")
_BUYS = "rgba(0,114,178,0.16)"
_FILLS = {"buy": _BUYS, "toss_up": "rgba(27,39,51,0.05)", "rent": BAND}
_TORNADO_CAPTION = (
    "A bar spans the saving from the low to the high of one input (P10 to P90), every other value "
    "held; each end is a full run of the model. Dotted: as it is now. Blue: buying wins."
)
_MAP_CAPTION = (
    "Each point is a full run of the model, every other value held. Grey: too close to call, "
    "within 5 % of the larger side. The line is where both cost the same."
)
_SAVING = "what buying saves, USD, present value"


def named(name: str, labels: Labels | None = None) -> str:
    """An input in a chart: by its label, else by its name without the unit.

    >>> named("resale_decline_per_year"), named("gpu_w", {"gpu_w": "Board power"})
    ('resale decline', 'Board power')
    """
    known = (labels or {}).get(name)
    return label(known or _UNIT.sub("", name).replace("_", " "), _LONGEST)


def tornado(frame: pd.DataFrame, labels: Labels | None = None) -> Chart | None:
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
    _bars(draft, rows, np.array(bars))
    for at, row in enumerate(rows):
        _end_labels(draft, at, row)
    low, high = min(now, 0, *(bar[0] for bar in bars)), max(now, 0, *(bar[1] for bar in bars))
    room = (high - low) * _ROOM
    draft.shape("line", (0, 0), (0, 1), yref="paper", layer="above", line={"color": INK})
    dotted = {"color": QUIET, "dash": "dot", "width": 2}
    draft.shape("line", (now, now), (0, 1), yref="paper", layer="above", line=dotted)
    _sides(draft, now)
    names = [f"{named(row['input'], labels)} " for row in rows]
    x: dict[str, Any] = {"title": x_title(_SAVING)}
    x |= {"range": [low - room, high + room], "tickformat": "$~s"}
    x |= {"showgrid": True, "gridcolor": GRID, "nticks": 6}
    y: dict[str, Any] = {"range": [len(rows) - 1 / 2, -1 / 2], "showgrid": False, "nticks": 0}
    y |= {"tickvals": list(range(len(rows))), "ticktext": names}
    height, margin = _AROUND + _ROW * len(rows), {"l": 10, "r": 14, "t": 44, "b": 44}
    figure = draft.figure(x, y, height=height, margin=margin, barmode="overlay", bargap=0.42)
    title = _tornado_title(rows, now, labels)
    return Chart(figure, title, f"{title}. {_listed(rows, labels)}", _TORNADO_CAPTION)


def _bars(draft: Draft, rows: list[dict[Any, Any]], bars: Any) -> None:
    """The part of each bar below 0 and the part above it."""
    below, above = np.minimum(bars, 0), np.maximum(bars, 0)
    for name, part, color in (("RENT wins", below, RENT), ("BUY wins", above, BUY)):
        draft.traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "y": list(range(len(rows))),
                "base": part[:, 0],
                "x": part[:, 1] - part[:, 0],
                "marker": {"color": color, "opacity": 0.8},
                "text": [_told(row) for row in rows],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
        )


def _ends(row: dict[Any, Any]) -> list[tuple[float, str]]:
    """The saving and the input's value at both ends, the smaller saving first."""
    ends = ((row[f"saving_{end}_usd"], written(row["input"], row[end])) for end in ("low", "high"))
    return sorted(ends, key=lambda end: float(end[0]))


def _told(row: dict[Any, Any]) -> str:
    return ", ".join(f"{text}: {short_usd(usd)}" for usd, text in _ends(row))


def _end_labels(draft: Draft, at: int, row: dict[Any, Any]) -> None:
    for (usd, text), side, shift in zip(_ends(row), ("right", "left"), (-4, 4), strict=True):
        place: dict[str, Any] = {"xanchor": side, "xshift": shift, "yanchor": "middle"}
        draft.note(usd, at, text, bgcolor=VEIL, font={"size": 12, "color": INK}, **place)


def _sides(draft: Draft, now: float) -> None:
    """The words above the zero line, and the saving as it is now, where they do not collide."""
    place: dict[str, Any] = {"yref": "paper", "yanchor": "bottom"}
    draft.note(0, 1, "<b>RENT</b> wins", RENT_TEXT, xanchor="right", xshift=-6, **place)
    draft.note(0, 1, "<b>BUY</b> wins", BUY, xanchor="left", xshift=6, **place)
    text = f"now {short_usd(now)}"
    draft.note(now, 1, text, QUIET, xanchor="center", **place, yshift=18)


def _tornado_title(rows: list[dict[Any, Any]], now: float, labels: Labels | None) -> str:
    ends = [(row["saving_low_usd"], row["saving_high_usd"], now) for row in rows]
    turning = [row for row, usd in zip(rows, ends, strict=True) if min(usd) < 0 < max(usd)]
    if not turning:
        winner = "Buying" if now > 0 else "Renting"
        return f"{winner} stays ahead at the low and the high of each of these {len(rows)} inputs"
    most = named(turning[0]["input"], labels)
    if len(turning) == 1:
        return f"Of these {len(rows)} inputs only {most} can turn the answer"
    return f"{len(turning)} of {len(rows)} inputs can each turn the answer, {most} by the most"


def _listed(rows: list[dict[Any, Any]], labels: Labels | None) -> str:
    said = (f"{named(row['input'], labels)} {_told(row)}" for row in rows)
    return f"What buying saves: {'; '.join(said)}."


def win_map(
    frame: pd.DataFrame,
    now: tuple[float, float] | None = None,
    labels: Labels | None = None,
) -> Chart:
    """Who wins over two inputs, with the line where both cost the same and your own point.

    `frame` is that of `tco.win_map()`; `now` are the values of the scenario, in its order.
    """
    draft = Draft()
    first, second = (str(column) for column in frame.columns[:2])
    lines = zero_contour(frame)
    _areas(draft, frame, (first, second))
    for line in lines:
        along, up = (_shown(name, line[:, at]) for at, name in enumerate((first, second)))
        draft.line(along, up, "both cost the same", INK, "%{x:.4~g}, %{y:.4~g}")
    if now is not None:
        _yours(draft, (first, second), now, frame)
    axes = [_axis(name, frame[name]) for name in (first, second)]
    draft.y_title(_titled(second, labels))
    x = {**axes[0], "title": x_title(_titled(first, labels))}
    figure = draft.figure(x, axes[1], height=TALLER)
    title = _map_title(frame, lines, now, labels)
    return Chart(figure, title, f"{title}. {_shares(frame)}", _MAP_CAPTION)


def _shown(name: str, values: Any) -> list[float]:
    return [shown(name, float(value)) for value in values]


def _titled(name: str, labels: Labels | None) -> str:
    return f"{named(name, labels)}, {unit(name)}".removesuffix(", ")


def _axis(name: str, values: Any) -> dict[str, Any]:
    ends = _shown(name, (values.min(), values.max()))
    money = {"tickprefix": "$"} if unit(name).startswith("USD") else {}
    return {"range": ends, "showgrid": False, "tickformat": "~g", **money}


def _areas(draft: Draft, frame: pd.DataFrame, names: tuple[str, str]) -> None:
    """A colour for each verdict, and the word in the middle of where it holds."""
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
    for verdict, word, color in (("buy", "BUY", BUY), ("rent", "RENT", RENT_TEXT)):
        where = np.argwhere(codes == VERDICTS.index(verdict))
        if len(where):
            middle = where[np.argmin(((where - where.mean(axis=0)) ** 2).sum(axis=1))]
            x, y = shown(names[0], float(along[middle[0]])), shown(names[1], float(up[middle[1]]))
            draft.note(x, y, f"<b>{word}</b> wins", color, xanchor="center", font={"size": 16})


def _yours(
    draft: Draft, names: tuple[str, str], now: tuple[float, float], frame: pd.DataFrame
) -> None:
    (x,), (y,) = (_shown(name, [value]) for name, value in zip(names, now, strict=True))
    outline = {"color": "white", "width": 1.5}
    text = ", ".join(written(name, value) for name, value in zip(names, now, strict=True))
    draft.point(x, y, "you", f"you: {text}", size=13, symbol="diamond", color=INK, line=outline)
    left = 2 * now[0] > frame[names[0]].min() + frame[names[0]].max()
    place: dict[str, Any] = {"xanchor": "right" if left else "left", "xshift": -10 if left else 10}
    draft.note(x, y, f"<b>you</b> {text}", bgcolor=VEIL, **place)


def _map_title(
    frame: pd.DataFrame, lines: list[Any], now: tuple[float, float] | None, labels: Labels | None
) -> str:
    """From which value of the second input on buying wins at yours of the first, if that is one."""
    first, second = (str(column) for column in frame.columns[:2])
    saving = frame["npv_saving_usd"]
    if now is not None and len(found := _crossings(lines, now[0])) == 1:
        here = frame[frame[first] == _next(frame[first], now[0])].dropna()
        side = "above" if here["npv_saving_usd"].iloc[-1] > 0 else "below"
        at = f"{named(first, labels)} at {written(first, now[0])}"
        limit = f"{named(second, labels)} is {side} {written(second, found[0])}"
        return f"With {at}, buying wins where {limit}"
    if not lines:
        winner = "Buying" if saving.max() > 0 else "Renting"
        return f"{winner} wins all over the map"
    return f"Buying wins on {_per_cent((saving > 0).sum() / saving.count())} of the map"


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


def _shares(frame: pd.DataFrame) -> str:
    counts = frame["verdict"].value_counts(normalize=True)
    words = {"buy": "buying wins", "toss_up": "too close to call", "rent": "renting wins"}
    said = (f"{word} on {_per_cent(counts[verdict])}" for verdict, word in words.items())
    return f"Of the map: {', '.join(said)}."


def _per_cent(share: float) -> str:
    return f"{share * PER_CENT:.0f} %"
