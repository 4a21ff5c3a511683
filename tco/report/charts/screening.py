"""Charts of options and GPUs: a year by utilisation, and what a busy hour is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tco.model.items import GROUPS, TAX_GROUP
from tco.report.charts.drawing import (
    BUY,
    GRID,
    INK,
    LINE,
    PER_CENT,
    QUIET,
    RENT,
    RENT_TEXT,
    TALLER,
    VEIL,
    WHITE,
    Chart,
    Draft,
    log_axis,
    x_title,
)
from tco.report.gpu_tables import side_by_side_title
from tco.report.option_tables import (
    NAMES,
    WORDS,
    envelope_title,
    named,
    sided,
    stacks_title,
    stretches,
)
from tco.report.placing import apart
from tco.words import percent, rate_text, short_usd

if TYPE_CHECKING:
    import pandas as pd

    Row = dict[Any, Any]
    # Option, side and hosting.
    Way = tuple[str, str, str]

_SMALL = 12
# Renting is dashed in a way of its own, owning is solid with a marker of its own.
_DASHES = {
    "on_demand": "dash",
    "spot": "dot",
    "committed_1yr": "dashdot",
    "committed_3yr": "longdash",
    "committed_5yr": "longdashdot",
    "always_on": "2px,5px",
}
_MARKERS = {"buy_new": "circle", "buy_used": "square", "lease": "diamond", "loan": "triangle-up"}
_FAINT, _POINTS, _MARKS = 0.38, 41, 5
# The axis ends at so many times the highest cost of the cheapest option.
_BEYOND = 2.2
# The longest name of an option on one line.
_ONE_LINE = 12
_MARGIN = {"l": 48, "r": 128, "t": 66, "b": 40}
_DRAWN = TALLER - _MARGIN["t"] - _MARGIN["b"]
# The strip above the lines, in shares of their height; how wide it is on a phone, and a letter.
_STRIP = (1.01, 1.075)
_NARROW, _LETTER, _TICK = 160, 7.5, 40
# Paint and words of the strip, the same on a light and on a dark page.
_PAINT, _ON_STRIP = {"own": BUY, "rent": "#B24800"}, "#FEFEFE"
_CURVES = (
    "Level annual cost of a GPU, from present values. Thick: the cheapest option at each "
    "utilisation, and where it changes. Beside the lines: what each costs when always busy, owning "
    "at its cheapest site; other sites are pale. ↑: beyond the axis."
)
# Fills that carry words, the same on a light and on a dark page.
_ON_FILL = "#10181F"
_FILLS = {
    "own": ("#4E97C6", "#EAF4FA", "#9CCBE6", "#CFE5F2", "#75B1D8", "#B5D9EC"),
    "rent": ("#F0A066", "#FBDFC8", "#F6C29A"),
}
_TAX_FILL = "#C9D1D8"
_EDGES = {"own": (BUY, BUY), "rent": (RENT, RENT_TEXT)}
_ROW, _THICK, _TOP, _BOTTOM, _ROOM = 46, 0.42, 0.85, 0.45, 1.02
_LEAST_TEXT, _ABOVE, _AXIS = 11, 10, 50
# The legend below the axis: where it begins, a line of it, and where its columns are.
_LEGEND, _LEGEND_LINE, _COLUMN = 62, 19, {"own": 0.0, "rent": 0.56}
_COST = "usd_per_busy_gpu_hour"
_STACKS = (
    "Present value of each cost over discounted busy hours. Each way of owning at its cheapest "
    "site. All amounts are in the table."
)
_GPUS = "Filled: what owning costs. Open: what renting costs, at the rate of the scenario's term."


@dataclass(frozen=True)
class _Line:
    """One option: its annual cost never and always busy [USD per GPU and year]."""

    option: str
    side: str
    hosting: str
    idle: float
    full: float

    @property
    def name(self) -> str:
        return named(self.option, self.hosting)

    @property
    def color(self) -> str:
        return BUY if self.side == "own" else RENT

    @property
    def ink(self) -> str:
        return BUY if self.side == "own" else RENT_TEXT

    def cost(self, share: Any) -> Any:
        return self.idle + (self.full - self.idle) * share


Stretch = tuple[_Line, float, float]


def screening_curves(lines: pd.DataFrame, utilization: float) -> Chart | None:
    """Annual cost of a GPU against utilisation, one line an option; None where none has a price.

    `lines` is the frame of `tco.screening()` without `points`; `utilization` is that of the
    scenario [share]. The lower envelope is drawn as the answer.

    >>> from tco.analysis.options import screening
    >>> screening_curves(screening(gpu="H100-SXM"), 0.6).title
    'Renting spot is cheapest at any utilisation'
    """
    if lines.empty:
        return None
    options = _lines(lines)
    best = [
        (options[row["option"], row["hosting"]], low, high) for row, low, high in stretches(lines)
    ]
    top = _BEYOND * max(line.cost(share) for line, *ends in best for share in ends) or 1.0
    winners = [line for line, _, _ in best]
    cheapest: dict[str, _Line] = {}  # of each option the cheapest site
    for line in sorted(options.values(), key=lambda line: line.cost(utilization)):
        cheapest.setdefault(line.option, line)
    told = list(cheapest.values())
    draft = Draft()
    for line in sorted(options.values(), key=lambda line: (line in winners, line in told)):
        _draw(draft, line, line in winners)
    for stretch in best:
        _envelope(draft, stretch)
    free = 0.0
    for _, low, _ in best[1:]:  # where the cheapest changes; written where there is room
        at = low * PER_CENT
        dotted = {"color": QUIET, "dash": "dot", "width": 1.5}
        draft.shape("line", (at, at), (0, _STRIP[1]), yref="paper", line=dotted)
        if low * _NARROW >= free:
            place = {"yref": "paper", "yanchor": "bottom", "xanchor": "center"}
            draft.note(at, _STRIP[1], f"<b>{percent(low)}</b>", **place)
            free = low * _NARROW + _TICK
    _here(draft, next(line for line, low, _ in reversed(best) if low <= utilization), utilization)
    _names(draft, told, winners, top)
    draft.y_title("USD per GPU and year")
    draft.notes[-1]["yshift"] = _MARGIN["t"] - LINE - 2
    x = {"title": x_title("busy, % of all hours"), "range": [0, PER_CENT]}
    y = {"range": [0, top], "tickformat": "$~s"}
    figure = draft.figure(x, y, height=TALLER, margin=_MARGIN)
    title = envelope_title(lines)
    costs = ", ".join(f"{line.name} {short_usd(line.cost(utilization))}" for line in told)
    said = f"At {percent(utilization)} busy a GPU costs a year: {costs}."
    return Chart(figure, title, f"{title}. {said}", _CURVES)


def _lines(frame: pd.DataFrame) -> dict[tuple[str, str], _Line]:
    """Every option, by the ends of its straight line."""
    ends = frame[frame["utilization"].isin([0, 1])].sort_values("utilization", kind="stable")
    costs: dict[tuple[str, str, str], list[float]] = {}
    for row in ends.to_dict("records"):
        key = (row["option"], row["side"], row["hosting"])
        costs.setdefault(key, []).append(row["usd_per_gpu_year"])
    return {(key[0], key[2]): _Line(*key, cost[0], cost[-1]) for key, cost in costs.items()}


def _draw(draft: Draft, line: _Line, is_winner: bool) -> None:
    """One option over all utilisations, with points enough for the pointer to meet."""
    shares = np.linspace(0, 1, _POINTS)
    stroke: dict[str, Any] = {"width": 2.5 if is_winner else 2}
    if line.side == "rent":
        stroke["dash"] = _DASHES[line.option]
    hover = "%{y:$,.0f} at %{x:.3~g} % busy"
    name = "".join(sided(line.option, line.side, line.hosting))
    draft.line(shares * PER_CENT, line.cost(shares), name, line.color, hover, **stroke)
    look: dict[str, Any] = {"opacity": 1 if is_winner else _FAINT}
    if line.side == "own":
        marker = {"symbol": _MARKERS[line.option], "size": 7, "maxdisplayed": _MARKS}
        look |= {"mode": "lines+markers", "marker": {**marker, "color": line.color}}
    draft.traces[-1] |= look


def _envelope(draft: Draft, stretch: Stretch) -> None:
    """Where an option is the cheapest: its line thick, and its name on the strip above."""
    line, low, high = stretch
    ends, costs = (low * PER_CENT, high * PER_CENT), [line.cost(low), line.cost(high)]
    draft.line(list(ends), costs, f"cheapest: {line.name}", line.color, "%{y:$,.0f}", width=6)
    edge = {"width": 1.5, "color": WHITE}
    draft.shape("rect", ends, _STRIP, yref="paper", fillcolor=_PAINT[line.side], line=edge)
    room = (high - low) * _NARROW / _LETTER
    word, rest = sided(line.option, line.side)
    for more in (rest, ""):
        if len(word + more) <= room:
            place = {"yref": "paper", "yanchor": "middle", "xanchor": "center"}
            text = f"<b>{word}</b>{more}"
            font = {"size": _SMALL, "color": _ON_STRIP}
            draft.note(sum(ends) / 2, sum(_STRIP) / 2, text, **place, font=font)
            return


def _here(draft: Draft, line: _Line, share: float) -> None:
    """The scenario's own utilisation, on the envelope."""
    cost, at = line.cost(share), share * PER_CENT
    draft.shape("line", (at, at), (0, cost), line={"color": INK, "width": 1.5})
    outline = {"color": INK, "width": 2}
    hover = f"you, {percent(share)} busy: {short_usd(cost)}"
    draft.point(at, cost, "you", hover, size=13, symbol="diamond", color=WHITE, line=outline)
    is_right = share > 1 / 2
    place: dict[str, Any] = {"xanchor": "right" if is_right else "left"}
    place["xshift"] = -6 if is_right else 6
    text = f"<b>you</b> {percent(share)}"
    draft.note(at, 0, text, bgcolor=VEIL, yanchor="bottom", yshift=2, **place)


def _names(draft: Draft, told: Sequence[_Line], winners: Sequence[_Line], top: float) -> None:
    """The name of each option beside the end of its line, not on another name."""
    ordered = sorted(told, key=lambda line: line.full)
    wanted = [min(max(line.full / top, 0), 1) * _DRAWN for line in ordered]
    names = [NAMES[line.option] for line in ordered]
    broken = [name.replace(" ", "<br>") if len(name) > _ONE_LINE else name for name in names]
    places = apart(wanted, [LINE * (1 + name.count("<br>")) for name in broken], (0, _DRAWN))
    for line, name, place in zip(ordered, broken, places, strict=True):
        text = f"<b>{name}</b>" if line in winners else name
        amount = f"{'↑' if line.full > top else ''}{short_usd(line.full)}"
        beside: dict[str, Any] = {
            "xanchor": "left",
            "xshift": 6,
            "yanchor": "middle",
            "yshift": place,
        }
        font = {"size": _SMALL, "color": line.ink}
        draft.note(PER_CENT, 0, f"{text} {amount}", **beside, font=font)


def cost_stacks(stacks: pd.DataFrame) -> Chart | None:
    """What a busy hour of each option is made of, owning beside renting, cheapest first.

    `stacks` is that of `tco.report.option_tables.stacks_frame()`; None where it is empty.

    >>> from tco.report.option_tables import ways
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
    _segments(draft, [part for part in parts if part["group"] == TAX_GROUP], rows, _TAX_FILL, QUIET)
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

    `frame` is that of `gpu_tables.side_by_side()`; `utilization` is that of the scenario [share].

    >>> from tco.report.gpu_tables import side_by_side
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
