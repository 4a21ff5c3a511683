"""Charts of options and of GPUs side by side: what a busy hour costs, and of what it is made."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tco.report.charts.drawing import (
    BUY,
    GRID,
    INK,
    LINE,
    QUIET,
    RENT,
    RENT_TEXT,
    VEIL,
    WHITE,
    Chart,
    Draft,
    log_axis,
    x_title,
)
from tco.report.findings import rate_text
from tco.report.gpu_data import side_by_side_title
from tco.report.option_frames import GROUPS, TAX
from tco.report.options_data import WORDS, named, sided, stacks_title

if TYPE_CHECKING:
    import pandas as pd

    Row = dict[Any, Any]
    # Option, side and hosting.
    Way = tuple[str, str, str]

# Fills that carry words, the same on a light and on a dark page.
_ON_FILL = "#10181F"
_FILLS = {
    "own": ("#4E97C6", "#EAF4FA", "#9CCBE6", "#CFE5F2", "#75B1D8", "#B5D9EC"),
    "rent": ("#F0A066", "#FBDFC8", "#F6C29A"),
}
_TAX_FILL = "#C9D1D8"
_EDGES = {"own": (BUY, BUY), "rent": (RENT, RENT_TEXT)}
_ROW, _THICK, _TOP, _BOTTOM, _ROOM = 46, 0.42, 0.85, 0.45, 1.02
_LEAST_TEXT, _SMALL, _ABOVE, _AXIS = 11, 12, 10, 50
# The legend below the axis: where it begins, a line of it, and where its columns are.
_LEGEND, _LEGEND_LINE, _COLUMN = 62, 19, {"own": 0.0, "rent": 0.56}
_COST = "usd_per_busy_gpu_hour"
_STACKS = (
    "Present value of each cost over discounted busy hours. Each way of owning at its cheapest "
    "site. All amounts are in the table."
)
_GPUS = "Filled: what owning costs. Open: what renting costs, at the rate of the scenario's term."


def cost_stacks(stacks: pd.DataFrame) -> Chart | None:
    """What a busy hour of each option is made of, owning beside renting, cheapest first.

    `stacks` is that of `tco.report.option_frames.stacks_frame()`; None where it is empty.

    >>> from tco.report.option_frames import ways
    >>> from tco.scenario import Scenario
    >>> cost_stacks(ways(Scenario(gpu="H100-SXM", utilization=0.6)).stacks).title[:18]
    'Renting spot costs'
    """
    if stacks.empty:
        return None
    draft, parts = Draft(), stacks.to_dict("records")
    costs: dict[Way, list[float]] = {}
    for part in parts:
        costs.setdefault(_way(part), []).append(part[_COST])
    rows = {way: at for at, way in enumerate(costs)}
    for side, groups in GROUPS.items():
        for group, fill in zip(groups, _FILLS[side], strict=True):
            same = [part for part in parts if (part["side"], part["group"]) == (side, group)]
            _segments(draft, same, rows, fill, _EDGES[side][0])
    _segments(draft, [part for part in parts if part["group"] == TAX], rows, _TAX_FILL, QUIET)
    for way, at in rows.items():
        _row_title(draft, way, at, sum(costs[way]))
    x = {"range": _span(costs.values()), "showgrid": True, "gridcolor": GRID, "tickangle": 0}
    x |= {"title": x_title("USD per busy GPU-hour"), "tickformat": "$~g", "nticks": 6}
    x |= {"zeroline": True, "zerolinecolor": QUIET}
    more: Row = {"barmode": "relative", "uniformtext": {"mode": "hide", "minsize": _LEAST_TEXT}}
    figure = _figure(draft, x, len(rows), _legend(draft), **more)
    title = stacks_title(stacks)
    said = ", ".join(
        f"{named(option, hosting)} {rate_text(sum(amounts))}"
        for (option, _, hosting), amounts in costs.items()
    )
    return Chart(figure, title, f"{title}. Per busy hour: {said}.", _STACKS)


def _way(part: Row) -> Way:
    return part["option"], part["side"], part["hosting"]


def _legend(draft: Draft) -> int:
    """Below the axis what each fill stands for, in a column for each side; how high it is."""
    lines = dict.fromkeys(_COLUMN, 0)
    for trace in list(draft.traces):
        look, name = trace["marker"], trace["name"]
        side = "own" if name in GROUPS["own"] else "rent"
        place: Row = {"xanchor": "left", "yanchor": "middle"}
        place["yshift"] = -_LEGEND - _LEGEND_LINE * lines[side]
        box = {"bgcolor": look["color"], "bordercolor": look["line"]["color"]}
        size = {"width": 10, "height": 8, "borderwidth": 1, "xshift": 2}
        draft.corner(_COLUMN[side], 0, "&nbsp;", INK, **place, **box, **size)
        font = {"size": _SMALL, "color": INK}
        draft.corner(_COLUMN[side], 0, name, INK, **place, xshift=19, font=font)
        lines[side] += 1
    return _LEGEND_LINE * max(lines.values()) + LINE // 2


def _figure(draft: Draft, x: Row, rows: int, below: int = 0, row: int = _ROW, **more: Any) -> Any:
    """A figure of rows with their names above them, and room below the axis."""
    y = {"range": [rows - 1 + _BOTTOM, -_TOP], "visible": False}
    height = round(row * (rows - 1 + _TOP + _BOTTOM)) + _AXIS + below
    margin = {"l": 10, "r": 14, "t": 4, "b": _AXIS - 4 + below}
    return draft.figure(x, y, height=height, margin=margin, **more)


def _span(costs: Iterable[list[float]]) -> list[float]:
    """From the lowest to the highest that the bars reach: costs to the right, gains to the left."""
    ends = [0.0]
    for amounts in costs:
        gains = sum(amount for amount in amounts if amount < 0)
        ends += [gains, sum(amounts) - gains]
    return [_ROOM * min(ends), _ROOM * max(ends)]


def _segments(draft: Draft, parts: list[Row], rows: dict[Way, int], fill: str, edge: str) -> None:
    """One group of costs in the bars of all options that have it."""
    if not parts:
        return
    draft.traces.append(
        {
            "type": "bar",
            "orientation": "h",
            "name": parts[0]["group"],
            "x": [part[_COST] for part in parts],
            "y": [rows[_way(part)] for part in parts],
            "width": _THICK,
            "marker": {"color": fill, "line": {"color": edge, "width": 1}},
            "text": [f"{part['group']} {rate_text(part[_COST])}" for part in parts],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "textfont": {"color": _ON_FILL, "size": _SMALL},
            "hovertemplate": "%{text}<extra></extra>",
        }
    )


def _row_title(draft: Draft, way: Way, at: int, total: float) -> None:
    """The option, with its side, and its cost above its bar."""
    place: Row = {"xref": "paper", "yanchor": "bottom", "yshift": _ROW * _THICK / 2}
    word, rest = sided(*way)
    ink = _EDGES[way[1]][1]
    draft.note(0, at, f"<b>{word}</b>{rest}", ink, xanchor="left", bgcolor=VEIL, **place)
    draft.note(1, at, f"<b>{rate_text(total)}</b>", xanchor="right", bgcolor=VEIL, **place)


def gpus_compared(frame: pd.DataFrame, utilization: float) -> Chart | None:
    """What a busy hour of each GPU costs to own and to rent; None where neither is known of any.

    `frame` is that of `tco.report.gpu_data.side_by_side()`; `utilization` is that of the scenario.

    >>> from tco.report.gpu_data import side_by_side
    >>> from tco.scenario import Scenario
    >>> found = side_by_side(Scenario(utilization=0.6), ["L4", "H100-SXM"])
    >>> gpus_compared(found, 0.6).title
    'At 60 % busy buying is cheaper for L4; renting is cheaper for H100-SXM'
    """
    draft, rows = Draft(), frame.to_dict("records")
    costs = [{side: _known(row[f"{side}_usd_per_gpu_hour"]) for side in WORDS} for row in rows]
    amounts = [cost for both in costs for cost in both.values() if cost]
    if not amounts:
        return None
    for at, (row, both) in enumerate(zip(rows, costs, strict=True)):
        _gpu(draft, row, at, both)
    axis = log_axis(amounts)
    x = {**axis, "title": x_title("USD per busy GPU-hour, log scale"), "showgrid": True}
    figure = _figure(draft, {**x, "gridcolor": GRID}, len(rows), row=_ROW + LINE)
    title = side_by_side_title(frame, utilization)
    said = "; ".join(f"{row['gpu']}: {_said(both)}" for row, both in zip(rows, costs, strict=True))
    return Chart(figure, title, f"{title}. Per busy hour: {said}.", _GPUS)


def _known(cost: Any) -> float | None:
    """A cost that a logarithmic axis can show."""
    is_shown = cost is not None and math.isfinite(cost) and cost > 0
    return float(cost) if is_shown else None


def _gpu(draft: Draft, row: Row, at: int, both: dict[str, float | None]) -> None:
    """One GPU: its name and both costs above two points and the line between them."""
    place: Row = {"xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": _ABOVE}
    draft.note(0, at, f"<b>{row['gpu']}</b><br>{_said(both, bold=True)}", bgcolor=VEIL, **place)
    known = [cost for cost in both.values() if cost]
    if len(known) > 1:
        gap = {"width": 2}
        draft.line(known, [at, at], str(row["gpu"]), QUIET, "%{x:$.3f}", **gap)
    for side, cost in both.items():
        if cost:
            hover = f"{row['gpu']}, {WORDS[side]}: {rate_text(cost)}"
            look: Row = {"size": 13, "color": BUY, "symbol": "circle"}
            if side == "rent":
                look = {"size": 12, "color": WHITE, "symbol": "diamond"}
                look["line"] = {"color": RENT, "width": 2.5}
            draft.point(cost, at, WORDS[side], hover, **look)


def _said(both: dict[str, float | None], bold: bool = False) -> str:
    """Both costs in words."""
    words = {side: f"<b>{word}</b>" if bold else word for side, word in WORDS.items()}
    return ", ".join(
        f"{words[side]} {'unknown' if cost is None else rate_text(cost)}"
        for side, cost in both.items()
    )
