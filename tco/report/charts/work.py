"""One GPU at work: output speed and the cost of a million tokens, by sequences in flight."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.report.charts.canvas import SMALL, Canvas, Chart, Label, Look, log_axis
from tco.report.drawing import ROUND, TENS, faint, round_numbers
from tco.words.figures import day_text, number, rate_text

if TYPE_CHECKING:
    import pandas as pd

_HIGH, _ROOM, _FEWEST = 340, 1.12, 3
_MARGINS = (56, 96, 34, 46)


class Point(NamedTuple):
    """Where a piece of work stands: sequences in flight, speed [tok/s], and costs [USD].

    The costs are of a million output tokens; NaN where a price is not known.
    """

    gpus: str
    sequences: float
    tok_s: float
    own: float
    rent: float


def speed_by_concurrency(
    curve: pd.DataFrame, points: pd.DataFrame, point: Point, theme: str = "light"
) -> Chart | None:
    """Output speed of a replica by sequences in flight, with its band and the measured runs.

    `curve` and `points` are the frames of `tco.analysis.same_work.speed_curve` and
    `measured_points`; None where the curve is empty.
    """
    if curve.empty:
        return None
    canvas = Canvas(theme, _MARGINS, _HIGH)
    colors = canvas.colors
    x, speed = curve["concurrency"].tolist(), curve["output_tokens_per_s"].tolist()
    low, high = curve["low"].tolist(), curve["high"].tolist()
    canvas.edge(x, low)
    canvas.edge(x, high, fill="tonexty", fillcolor=faint(colors.ink, 0.1))
    said = "%{y:,.3~r} tok/s at %{x:.3~g} sequences"
    canvas.line(x, speed, "calculated", colors.ink, said)
    shown = points[points["concurrency"] <= 2 * x[-1]]
    for is_same, look in (
        (False, {"color": colors.paper, "size": 8, "line": {"color": colors.quiet, "width": 1.5}}),
        (True, {"color": colors.ink, "size": 9}),
    ):
        rows = shown[shown["is_same"] == is_same]
        if len(rows):
            hover = [_hover(row) for row in rows.to_dict("records")]
            speeds = rows["output_tokens_per_s"].tolist()
            canvas.points(rows["concurrency"].tolist(), speeds, "measured", hover, **look)
    _here(canvas, point.sequences, point.tok_s, f"{number(point.tok_s)} tok/s", x[-1])
    canvas.y_title("output tokens/s of a replica")
    top = max(*high, point.tok_s, *shown["output_tokens_per_s"].tolist()) * _ROOM
    axis = _sequences([*x, *shown["concurrency"].tolist()])
    drawing = canvas.drawing(axis, {"range": [0, top], "tickformat": ",.4~r"})
    title = f"{point.gpus}: {number(point.tok_s)} output tokens/s per replica"
    if not math.isnan(point.sequences):
        title += f", {number(point.sequences)} sequences in flight"
    return Chart(drawing, title, f"{title}. {_ends(curve)}", _caption(shown))


def _hover(row: dict[Any, Any]) -> str:
    lengths = f"{row['prompt_tokens']:g}/{row['output_tokens']:g} tokens"
    return (
        f"measured: {number(row['output_tokens_per_s'])} tok/s at "
        f"{number(row['concurrency'])} sequences<br>{lengths}, {row['engine']}, {row['as_of']}"
    )


def _ends(curve: pd.DataFrame) -> str:
    first, last = curve.iloc[0], curve.iloc[-1]
    return (
        f"From {number(first['output_tokens_per_s'])} tok/s with one sequence to "
        f"{number(last['output_tokens_per_s'])} with {last['concurrency']:.0f}."
    )


def _caption(points: pd.DataFrame) -> str:
    told = "Line: one replica at these lengths; band: what holds 90 % of measurements."
    if points.empty:
        return f"{told} Nobody measured this model on this GPU in this format."
    same = int(points["is_same"].sum())
    others = len(points) - same
    parts = [f"{same} with these lengths (filled)"] if same else []
    parts += [f"{others} with other lengths (open)"] if others else []
    return f"{told} Measured runs: {', '.join(parts)}, {day_text(points['as_of'])}."


def cost_by_concurrency(
    curve: pd.DataFrame, point: Point, api: float | None, theme: str = "light"
) -> Chart | None:
    """What a million output tokens costs, owned and rented, by sequences in flight.

    `api` is the median of the APIs [USD]; None where nobody offers the model.
    """
    canvas = Canvas(theme, _MARGINS, _HIGH, money="y")
    colors = canvas.colors
    sides = {
        "OWN": ("own_usd_per_million_tokens", colors.buy, point.own, "solid"),
        "RENT": ("rent_usd_per_million_tokens", colors.rent, point.rent, "dash"),
    }
    known = {name: side for name, side in sides.items() if not math.isnan(side[2])}
    if curve.empty or not known:
        return None
    x = curve["concurrency"].tolist()
    texts = {"OWN": colors.buy_text, "RENT": colors.rent_text}
    labels: list[Label] = []
    amounts: list[float] = []
    for name, (column, color, here, dash) in known.items():
        costs = curve[column].tolist()
        amounts += costs
        hover, rates = "%{text} at %{x:.3~g} sequences", [*map(rate_text, costs)]
        canvas.line(x, costs, name, color, hover, rates, dash=dash)
        labels.append(Label(x[-1], costs[-1], f"<b>{name}</b> {rate_text(costs[-1])}", texts[name]))
        amounts.append(here)
        if not math.isnan(point.sequences):
            said = f"this work, {_WAYS[name]}: {rate_text(here)}"
            canvas.point(point.sequences, here, "this work", said, symbol="diamond", size=11)
            canvas.traces[-1]["marker"]["color"] = color
    if api is not None:
        amounts.append(api)
        canvas.line([x[0], x[-1]], [api] * 2, "API", colors.quiet, rate_text(api), dash="dot")
        labels.append(Label(x[-1], api, f"API {rate_text(api)}", colors.quiet))
    axis = log_axis(amount for amount in amounts if amount > 0)
    logs = [one._replace(x=math.log10(one.x), y=math.log10(one.y)) for one in labels]
    canvas.labels(logs, axis["range"], is_kept=True, font_size=SMALL)
    canvas.y_title("USD per million output tokens")
    drawing = canvas.drawing(_sequences(x), {**axis, "rangemode": "normal"})
    told = [f"{rate_text(side[2])} {_WAYS[name]}" for name, side in known.items()]
    title = f"{point.gpus}: a million output tokens costs {' or '.join(told)}"
    if api is not None:
        title += f"; APIs ask {rate_text(api)}"
    caption = (
        "The same work with replicas that take so many sequences at once: as many GPUs, as busy, "
        "as it then needs. All cost is on output; prices of APIs include the prompts."
    )
    return Chart(drawing, title, f"{title}.", caption)


_WAYS = {"OWN": "owned", "RENT": "rented"}


def _here(canvas: Canvas, x: float, y: float, said: str, end: float) -> None:
    """The work's own point."""
    if not math.isnan(x):
        is_right = x > math.sqrt(end)
        canvas.point(x, y, "this work", f"this work: {said}", symbol="diamond", size=12)
        canvas.traces[-1]["marker"]["color"] = canvas.colors.buy_text
        side, shift = ("right", -10) if is_right else ("left", 10)
        place: Look = {"bgcolor": canvas.colors.veil, "xshift": shift, "yshift": 12}
        canvas.note(math.log10(x), y, f"<b>this work</b> {said}", side, **place)


def _sequences(numbers: list[float]) -> Look:
    """A logarithmic axis of sequences in flight, with round ticks."""
    low, high = min(*numbers, 1.0), max(*numbers, 2.0)
    for leads in (TENS, ROUND):
        found = round_numbers(low, high, leads)
        if len(found) >= _FEWEST:
            break
    return {
        "title": "sequences in flight",
        "type": "log",
        "range": [math.log10(low) - 0.03, math.log10(high) + 0.03],
        "tickvals": [int(tick) if tick.is_integer() else tick for tick in found],
        "ticktext": [number(tick) for tick in found],
    }
