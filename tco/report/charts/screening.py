"""Charts of options and GPUs: a year by utilization, and what a busy hour is made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tco.model.items import GROUPS, LINES_GROUP, TAX_GROUP
from tco.report.charts.canvas import (
    LINE,
    PER_CENT,
    SMALL,
    TALLER,
    Canvas,
    Chart,
    Label,
    Look,
    log_axis,
    money_axis,
)
from tco.report.drawing import BUY, RENT, Palette
from tco.report.gpu_tables import side_by_side_title
from tco.report.option_tables import (
    NAMES,
    SHORT_SITES,
    WORDS,
    envelope_title,
    named,
    sided,
    stacks_title,
    stretches,
)
from tco.words.figures import percent, rate_text, short_usd

if TYPE_CHECKING:
    import pandas as pd

# Renting is dashed in a way of its own, owning is solid with a marker of its own.
_DASHES = {
    "on_demand": "dash",
    "spot": "dot",
    "committed_1yr": "dashdot",
    "committed_3yr": "longdash",
    "committed_5yr": "longdashdot",
    "always_on": "2px,5px",
}
_MARKERS = {
    "keep": "circle",
    "buy_new": "circle",
    "buy_used": "square",
    "lease": "diamond",
    "loan": "triangle-up",
}
_FAINT, _POINTS, _MARKS = 0.38, 41, 5
# The axis ends at so many times the highest cost of the cheapest option.
_BEYOND = 2.2
# How far the names stand from the ends of their lines.
_LEAD = 18
_MARGINS = (48, 140, 66, 46)
# The strip above the lines, in shares of their height; how wide it is on a phone, and a letter.
_STRIP = (1.01, 1.075)
_NARROW, _LETTER, _TICK = 160, 7.5, 40
# Paint and words of the strip, the same on a light and on a dark page.
_PAINT, _ON_STRIP = {"own": BUY, "rent": "#B24800"}, "#FEFEFE"
_CURVES = (
    "Equivalent annual cost per GPU. Thick: the cheapest option at each utilization. Beside the "
    "lines: the cost at 100 % utilization; ↑ means beyond the axis. Owning stands at its cheapest "
    "site; the table has every site."
)
# Fills that carry words, the same on a light and on a dark page.
_ON_FILL = "#10181F"
_FILLS = {
    "own": ("#4E97C6", "#EAF4FA", "#9CCBE6", "#CFE5F2", "#75B1D8", "#B5D9EC", "#D8E2C0"),
    "rent": ("#F0A066", "#FBDFC8", "#F6C29A", "#D8E2C0", "#C9D1D8"),  # and income tax
}
_ROW, _THICK, _TOP, _BOTTOM, _ROOM = 46, 0.42, 0.85, 0.45, 1.02
_LEAST_TEXT, _ABOVE, _AXIS = 11, 10, 50
# The legend below the axis: where it begins, a line of it, and where its columns are.
_LEGEND, _LEGEND_LINE, _COLUMN = 62, 19, {"own": 0.0, "rent": 0.56}
_OPTION, _COST = ["option", "side", "hosting"], "usd_per_busy_gpu_hour"
_STACKS = (
    "Present value of each cost over discounted busy hours. Each way of owning is taken at its "
    "cheapest site. All amounts are in the table."
)
_GPUS = (
    "Filled marks are what owning costs, open ones what renting costs, at the rate of the "
    "scenario's term."
)


@dataclass(frozen=True)
class _Line:
    """One option: its annual cost at some utilizations, straight between them [USD per GPU]."""

    option: str
    side: str
    hosting: str
    shares: tuple[float, ...]
    costs: tuple[float, ...]

    @property
    def name(self) -> str:
        return named(self.option, self.hosting)

    def color(self, colors: Palette) -> str:
        return colors.buy if self.side == "own" else colors.rent

    def cost(self, share: Any) -> Any:
        return np.interp(share, self.shares, self.costs)

    @property
    def full(self) -> float:
        """What it costs when always busy."""
        return self.costs[-1]

    def between(self, low: float, high: float) -> Any:
        """The utilizations that draw the line from low to high."""
        return np.unique([low, *(share for share in self.shares if low < share < high), high])


def screening_curves(lines: pd.DataFrame, utilization: float, theme: str = "light") -> Chart | None:
    """Annual cost of a GPU against utilization, one line an option; None where none has a price.

    `lines` is the frame of `tco.screening()` without `points`; `utilization` is that of the
    scenario [share]. The lower envelope is drawn as the answer.

    >>> from tco.analysis.options import screening
    >>> screening_curves(screening(gpu="RTX-4090"), 0.6).title
    'Renting spot is cheapest up to 68 % utilization, then renting with a 3-year commitment'
    """
    if lines.empty:
        return None
    options = _lines(lines)
    best = [
        (options[row["option"], row["hosting"]], low, high) for row, low, high in stretches(lines)
    ]
    top = _BEYOND * max(line.cost(line.between(low, high)).max() for line, low, high in best) or 1.0
    winners = [line for line, _, _ in best]
    cheapest: dict[str, _Line] = {}  # of each option the cheapest site
    for line in sorted(options.values(), key=lambda line: line.cost(utilization)):
        cheapest.setdefault(line.option, line)
    # Every line that is drawn has its name; other sites of the same option are in the table.
    told = [line for line in options.values() if line in winners or line in cheapest.values()]
    canvas = Canvas(theme, _MARGINS, TALLER, money="y")
    for line in sorted(told, key=lambda line: line in winners):
        _draw(canvas, line, line in winners)
    free = 0.0
    for line, low, high in best:
        _envelope(canvas, line, low, high)
        if not low:
            continue
        # Where the cheapest changes; written where there is room.
        at = low * PER_CENT
        canvas.rule(at, (0, _STRIP[1]), line_dash="dot", line_width=1.5, yref="paper")
        if low * _NARROW >= free:
            canvas.note(at, _STRIP[1], f"<b>{percent(low)}</b>", "center bottom", yref="paper")
            free = low * _NARROW + _TICK
    _here(canvas, next(line for line, low, _ in reversed(best) if low <= utilization), utilization)
    twice = Counter(line.option for line in told)
    _names(canvas, [(line, twice[line.option] > 1) for line in told], winners, top)
    canvas.y_title("USD per GPU per year", _MARGINS[2] - LINE - 2)
    # The plot is as high as it is reckoned with here, so that lines lead to the names.
    x: Look = {"title": "utilization, %", "range": [0, PER_CENT], "automargin": False}
    y: Look = {**money_axis(0, top), "automargin": False}
    drawing = canvas.drawing(x, y)
    title = envelope_title(lines)
    costs = ", ".join(f"{line.name} {short_usd(line.cost(utilization))}" for line in told)
    said = f"Annual cost per GPU at {percent(utilization)} utilization: {costs}."
    return Chart(drawing, title, f"{title}. {said}", _CURVES)


def _lines(frame: pd.DataFrame) -> dict[tuple[str, str], _Line]:
    """Every option, by the points between which it is straight."""
    groups: Any = frame.sort_values("utilization", kind="stable").groupby(_OPTION, sort=False)
    return {
        (option, hosting): _Line(
            *(option, side, hosting),
            *(tuple(part[name]) for name in ("utilization", "usd_per_gpu_year")),
        )
        for (option, side, hosting), part in groups
    }


def _draw(canvas: Canvas, line: _Line, is_winner: bool) -> None:
    """One option over all utilizations, with points enough for the pointer to meet."""
    shares = np.unique([*np.linspace(0, 1, _POINTS), *line.shares])
    stroke: Look = {"width": 2.5 if is_winner else 2}
    if line.side == "rent":
        stroke["dash"] = _DASHES[line.option]
    hover = "%{y:$,.0f} at %{x:.3~g} % utilization"
    name, ink = "".join(sided(line.option, line.side, line.hosting)), line.color(canvas.colors)
    canvas.line(shares * PER_CENT, line.cost(shares), name, ink, hover, **stroke)
    look: Look = {"opacity": 1 if is_winner else _FAINT}
    if line.side == "own":
        marker = {"symbol": _MARKERS[line.option], "size": 7, "maxdisplayed": _MARKS}
        look |= {"mode": "lines+markers", "marker": {**marker, "color": ink}}
    canvas.traces[-1] |= look


def _envelope(canvas: Canvas, line: _Line, low: float, high: float) -> None:
    """Where an option is the cheapest: its line thick, and its name on the strip above."""
    ends, shares = (low * PER_CENT, high * PER_CENT), line.between(low, high)
    drawn, ink = (shares * PER_CENT, line.cost(shares)), line.color(canvas.colors)
    canvas.line(*drawn, f"cheapest: {line.name}", ink, "%{y:$,.0f}", width=6)
    edge: Look = {"line_width": 1.5, "line_color": canvas.colors.paper}
    canvas.area(ends, _STRIP, _PAINT[line.side], yref="paper", **edge)
    room = (high - low) * _NARROW / _LETTER
    word, rest = sided(line.option, line.side)
    text = next((f"<b>{word}</b>{more}" for more in (rest, "") if len(word + more) <= room), "")
    if text:
        place: Look = {"yref": "paper", "font_size": SMALL}
        canvas.note(sum(ends) / 2, sum(_STRIP) / 2, text, "center middle", _ON_STRIP, **place)


def _here(canvas: Canvas, line: _Line, share: float) -> None:
    """The scenario's own utilization, on the envelope."""
    cost, at, colors = line.cost(share), share * PER_CENT, canvas.colors
    canvas.rule(at, (0, cost), colors.ink, line_width=1.5)
    look: Look = {"size": 13, "color": colors.paper, "line": {"color": colors.ink, "width": 2}}
    hover = f"you, {percent(share)} utilization: {short_usd(cost)}"
    canvas.point(at, cost, "you", hover, symbol="diamond", **look)
    corner, shift = ("right bottom", -6) if share > 1 / 2 else ("left bottom", 6)
    place: Look = {"bgcolor": colors.veil, "xshift": shift, "yshift": 2}
    canvas.note(at, 0, f"<b>you</b> {percent(share)}", corner, **place)


def _names(
    canvas: Canvas, told: Sequence[tuple[_Line, bool]], winners: Sequence[_Line], top: float
) -> None:
    """The name of each line beside its end, with its site where an option has two of them."""
    inks = {"own": canvas.colors.buy_text, "rent": canvas.colors.rent_text}
    labels = []
    for line, is_twice in told:
        name = f"{NAMES[line.option]},<br>{SHORT_SITES[line.hosting]}" if is_twice else ""
        name = name or NAMES[line.option].replace("-year commitment", "-year<br>commitment")
        name = f"<b>{name}</b>" if line in winners else name
        amount = f"{'↑' if line.full > top else ''}{short_usd(line.full)}"
        labels.append(Label(PER_CENT, line.full, f"{name} {amount}", inks[line.side]))
    canvas.labels(labels, (0, top), is_kept=True, font_size=SMALL, lead=_LEAD)


def cost_stacks(stacks: pd.DataFrame, theme: str = "light") -> Chart | None:
    """What a busy hour of each option is made of, owning beside renting, cheapest first.

    `stacks` is that of `tco.report.option_tables.stacks_frame()`; None where it is empty.

    >>> from tco.report.option_tables import compared
    >>> from tco.scenario import Scenario
    >>> cost_stacks(compared(Scenario(gpu="H100-SXM", utilization=0.6)).stacks).title[:18]
    'Renting spot costs'
    """
    if stacks.empty:
        return None
    by_option = stacks.groupby(_OPTION, sort=False)
    costs: dict[Any, list[float]] = {key: part[_COST].tolist() for key, part in by_option}
    rows = by_option.ngroup()
    fills = {
        side: dict(zip(groups, _FILLS[side], strict=True))
        for side, groups in (
            ("own", (*GROUPS["own"], LINES_GROUP)),
            ("rent", (*GROUPS["rent"], LINES_GROUP, TAX_GROUP)),
        )
    }
    # Income tax stands in one of the columns, for both sides.
    drawn = {
        (side, group): (stacks["group"] == group)
        & ((stacks["side"] == side) | (group == TAX_GROUP))
        for side, groups in fills.items()
        for group in groups
    }
    columns = {
        side: [group for group in groups if drawn[side, group].any()]
        for side, groups in fills.items()
    }
    lines = max(map(len, columns.values()))
    canvas, y = _rows(theme, len(costs), _LEGEND_LINE * lines + LINE // 2)
    colors = canvas.colors
    written: Look = {"textposition": "inside", "insidetextanchor": "middle", "textangle": 0}
    written |= {"textfont": {"color": _ON_FILL, "size": SMALL}}
    for side, groups in columns.items():
        for at, group in enumerate(groups):
            edge = {"own": BUY, "rent": RENT}[side] if group != TAX_GROUP else colors.quiet
            is_here, fill = drawn[side, group], fills[side][group]
            amounts = stacks[is_here][_COST].tolist()
            texts = [f"{group} {rate_text(amount)}" for amount in amounts]
            marker = {"color": fill, "line": {"color": edge, "width": 1}}
            bars = (amounts, rows[is_here].tolist(), group, texts)
            canvas.bars(*bars, width=_THICK, marker=marker, **written)
            # Below the axis what the fill stands for.
            box: Look = {"bgcolor": fill, "bordercolor": edge, "borderwidth": 1}
            box |= {"width": 10, "height": 8, "xshift": 2}
            for text, more in (("&nbsp;", box), (group, {"xshift": 19, "font_size": SMALL})):
                depth = _LEGEND + _LEGEND_LINE * at
                canvas.corner(_COLUMN[side], 0, text, "left middle", yshift=-depth, **more)
    for at, (option, amounts) in enumerate(costs.items()):
        # The option, with its side, and its cost above its bar.
        above: Look = {"xref": "paper", "yshift": _ROW * _THICK / 2, "bgcolor": colors.veil}
        word, rest = sided(*option)
        ink = colors.buy_text if option[1] == "own" else colors.rent_text
        canvas.note(0, at, f"<b>{word}</b>{rest}", "left bottom", ink, **above)
        canvas.note(1, at, f"<b>{rate_text(sum(amounts))}</b>", "right bottom", **above)
    # Costs to the right, and gains to the left.
    gains = [sum(amount for amount in amounts if amount < 0) for amounts in costs.values()]
    reached = [sum(amounts) - gain for amounts, gain in zip(costs.values(), gains, strict=True)]
    x: Look = {"title": "USD per busy GPU-hour", "zeroline": True, "showgrid": True, "tickangle": 0}
    x |= money_axis(_ROOM * min(0, *gains), _ROOM * max(0, *reached), 5)
    small = {"mode": "hide", "minsize": _LEAST_TEXT}
    drawing = canvas.drawing(x, y, barmode="relative", uniformtext=small)
    title = stacks_title(stacks)
    said = ", ".join(
        f"{named(option, hosting)} {rate_text(sum(amounts))}"
        for (option, _, hosting), amounts in costs.items()
    )
    return Chart(drawing, title, f"{title}. Per busy hour: {said}.", _STACKS)


def _rows(theme: str, rows: int, below: int = 0, row: int = _ROW) -> tuple[Canvas, Look]:
    """For rows with their names above them, and room below the axis; the vertical axis."""
    height = round(row * (rows - 1 + _TOP + _BOTTOM)) + _AXIS + below
    y = {"range": [rows - 1 + _BOTTOM, -_TOP], "visible": False}
    return Canvas(theme, (10, 14, 4, _AXIS - 4 + below), height, money="x"), y


def gpus_compared(frame: pd.DataFrame, utilization: float, theme: str = "light") -> Chart | None:
    """What a busy hour of each GPU costs to own and to rent; None where neither is known of any.

    `frame` is that of `gpu_tables.side_by_side()`; `utilization` is that of the scenario [share].

    >>> from tco.report.gpu_tables import side_by_side
    >>> from tco.scenario import Scenario
    >>> found = side_by_side(Scenario(utilization=0.6), ["L4", "RTX-4090"])
    >>> gpus_compared(found, 0.6).title
    'At 60 % utilization, buying is cheaper for L4; renting is cheaper for RTX-4090'
    """
    rows = frame.to_dict("records")
    costs = [{side: _known(row[f"{side}_usd_per_gpu_hour"]) for side in WORDS} for row in rows]
    amounts = [cost for both in costs for cost in both.values() if cost]
    if not amounts:
        return None
    canvas, y = _rows(theme, len(rows), row=_ROW + LINE)
    colors = canvas.colors
    looks: dict[str, Look] = {
        "own": {"size": 13, "color": colors.buy, "symbol": "circle"},
        "rent": {"size": 12, "color": colors.paper, "symbol": "diamond"},
    }
    looks["rent"]["line"] = {"color": colors.rent, "width": 2.5}
    place: Look = {"xref": "paper", "yshift": _ABOVE, "bgcolor": colors.veil}
    for at, (gpu, both) in enumerate(zip(frame["gpu"], costs, strict=True)):
        # Its name and both costs above two points and the line between them.
        canvas.note(0, at, f"<b>{gpu}</b><br>{_said(both, bold=True)}", "left bottom", **place)
        known = {side: cost for side, cost in both.items() if cost}
        if len(known) > 1:
            canvas.line([*known.values()], [at, at], gpu, colors.quiet, "%{x:$.3f}", width=2)
        for side, cost in known.items():
            hover = f"{gpu}, {WORDS[side]}: {rate_text(cost)}"
            canvas.point(cost, at, WORDS[side], hover, **looks[side])
    x: Look = {**log_axis(amounts), "title": "USD per busy GPU-hour, log scale", "showgrid": True}
    title = side_by_side_title(frame, utilization)
    said = "; ".join(f"{row['gpu']}: {_said(both)}" for row, both in zip(rows, costs, strict=True))
    return Chart(canvas.drawing(x, y), title, f"{title}. Per busy hour: {said}.", _GPUS)


def _known(cost: Any) -> float | None:
    """A cost that a logarithmic axis can show."""
    is_shown = cost is not None and math.isfinite(cost) and cost > 0
    return float(cost) if is_shown else None


def _said(both: dict[str, float | None], bold: bool = False) -> str:
    """Both costs in words."""
    words = {side: f"<b>{word}</b>" if bold else word for side, word in WORDS.items()}
    return ", ".join(
        f"{words[side]} {'unknown' if cost is None else rate_text(cost)}"
        for side, cost in both.items()
    )
