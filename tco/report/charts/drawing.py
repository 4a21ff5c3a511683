"""What all charts share: the colours by day and by night, the axes, a figure as it is made."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import plotly.graph_objects as go

BUY, RENT = "#0072B2", "#D55E00"
RENT_TEXT = "#B84A00"
INK, QUIET, GRID, PALE, WHITE = "#1B2733", "#56626E", "#E3E8ED", "#9CC4DD", "#FFFFFF"
BAND, VEIL, CLEAR = "rgba(213,94,0,0.14)", "rgba(255,255,255,0.75)", "rgba(0,0,0,0)"
SHADE = "rgba(27,39,51,0.07)"
PER_CENT = 100
TALL, TALLER = 320, 420
# The height of a line of text.
LINE = 17
# What fits beside an axis and in a label.
LONGEST_NAME = 22

# The font of the app's pages, which brings it, so that labels are as wide on every machine.
FAMILY = '"Source Sans", sans-serif'
_LAYOUT = {
    "font": {"family": FAMILY, "size": 13, "color": INK},
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
    "margin": {"l": 48, "r": 62, "t": 30, "b": 40},
    "showlegend": False,
    "hovermode": "closest",
    "dragmode": False,
}
_AXIS = {"zeroline": False, "fixedrange": True, "automargin": True}
_X_AXIS = {**_AXIS, "showgrid": False, "linecolor": QUIET, "ticks": "outside", "nticks": 7}
_Y_AXIS = {**_AXIS, "gridcolor": GRID, "rangemode": "tozero", "nticks": 6}
_ROUND = ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8))
_FEWEST_TICKS = 3
_ROOM = 0.06
# No axis is so narrow that no round price falls on it: a factor of 2.5.
_NARROWEST = 0.4
# What a dark page is painted with, and the words on it. BUY and RENT themselves stay: both are at
# least 3:1 on white and on NIGHT.
NIGHT = "#11171D"
NIGHT_INK, NIGHT_QUIET, NIGHT_GRID, NIGHT_PALE = "#E6EBF0", "#A9B4BF", "#2C3742", "#24587A"
NIGHT_BUY_TEXT, NIGHT_RENT_TEXT = "#5AB0E6", "#FF9B57"
_HEX = re.compile("#[0-9A-Fa-f]{6}")
_RGB = re.compile(r"rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)")

Triple = tuple[int, int, int]


@dataclass(frozen=True)
class Chart:
    """A figure, its finding as a title, and a sentence for those who do not see it.

    `caption` says what the data is and of when.
    """

    figure: go.Figure
    title: str
    alt: str
    caption: str = ""


@dataclass
class Draft:
    """What a figure will hold; it is made, and checked by Plotly, once at the end."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, x: Any, y: Any, text: str, color: str = INK, **more: Any) -> None:
        """Text at a point of the data."""
        plain = {"x": x, "y": y, "text": text, "showarrow": False, "align": "left"}
        self.notes.append({**plain, "font": {"color": color}, **more})

    def corner(self, x: float, y: float, text: str, color: str, **more: Any) -> None:
        """Text at a place of the figure, as shares of its width and height."""
        self.note(x, y, text, color, xref="paper", yref="paper", **more)

    def line(self, x: Any, y: Any, name: str, color: str, hover: str, **stroke: Any) -> None:
        """A line with its name."""
        hover = f"{name}: {hover}<extra></extra>"
        stroke = {"color": color, "width": 2.5, "dash": "solid", **stroke}
        made = {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "line": stroke}
        self.traces.append({**made, "hovertemplate": hover})

    def point(self, x: Any, y: Any, name: str, hover: str, **marker: Any) -> None:
        """One point with its name."""
        self.points([x], [y], name, hover, **marker)

    def yours(self, x: Any, y: Any, said: str, hover: str, is_right: bool, **marker: Any) -> None:
        """The scenario's own point, and what it is on the side where there is room."""
        self.point(x, y, "you", f"you: {hover}", symbol="diamond", **marker)
        side, shift = ("right", -10) if is_right else ("left", 10)
        self.note(x, y, f"<b>you</b> {said}", bgcolor=VEIL, xanchor=side, xshift=shift)

    def points(self, x: Any, y: Any, name: str, hover: Any, **marker: Any) -> None:
        """Points of one kind; `hover` is one template, or a text for each."""
        made = {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name}
        said = {"hovertemplate": f"{hover}<extra></extra>"}
        if not isinstance(hover, str):
            said = {"text": hover, "hovertemplate": "%{text}<extra></extra>"}
        self.traces.append({**made, "marker": marker, "cliponaxis": False, **said})

    def shape(self, kind: str, x: tuple[Any, Any], y: tuple[Any, Any], **more: Any) -> None:
        """A line or a rectangle between two points."""
        self.shapes.append(
            {"type": kind, "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "layer": "below", **more}
        )

    def y_title(self, text: str) -> None:
        """Above the axis and level, so that it can be read and takes no width."""
        place = {"xanchor": "left", "yanchor": "bottom", "xshift": -40, "yshift": 4}
        self.corner(0, 1, text, QUIET, **place)

    def figure(self, x: dict[str, Any], y: dict[str, Any], **more: Any) -> go.Figure:
        """The figure, with its axes."""
        layout = {**_LAYOUT, "height": TALL, "xaxis": _X_AXIS | x, "yaxis": _Y_AXIS | y, **more}
        return go.Figure(self.traces, {**layout, "annotations": self.notes, "shapes": self.shapes})


def x_title(text: str) -> dict[str, Any]:
    """The title of a horizontal axis."""
    return {"text": text, "standoff": 6, "font": {"size": 13}}


def label(text: str, longest: int = LONGEST_NAME) -> str:
    """Text of others as a figure shows it: not markup, and no longer than there is room.

    >>> label("<b>acme</b>"), label("a-very-long-name-of-a-provider")
    ('&lt;b&gt;acme&lt;/b&gt;', 'a-very-long-name-of-a…')
    """
    words = " ".join(text.split())
    return html.escape(words if len(words) <= longest else f"{words[: longest - 1]}…", quote=False)


def log_axis(amounts: Iterable[float]) -> dict[str, Any]:
    """A logarithmic axis that holds amounts of money, all above 0, with round ticks.

    >>> log_axis([0.44, 3.4])["tickvals"]
    [0.5, 1, 2]
    """
    known = list(amounts)
    low, high = math.log10(min(known)), math.log10(max(known))
    room = max((high - low) * _ROOM, (_NARROWEST - high + low) / 2)
    low, high = low - room, high + room
    for lead in _ROUND:
        powers = range(math.floor(low), math.ceil(high) + 1)
        ticks = [float(f"{number}e{power}") for power in powers for number in lead]
        ticks = [tick for tick in ticks if low <= math.log10(tick) <= high]
        if len(ticks) >= _FEWEST_TICKS:
            break
    ticks = [int(tick) if tick.is_integer() else tick for tick in ticks]
    return {"type": "log", "range": [low, high], "tickvals": ticks, "tickformat": "$~g"}


def themed(chart: Chart, dark: bool) -> Chart:
    """The chart for a dark page, or as it is.

    Colours of the palette are replaced wherever they stand in the figure, with their transparency;
    others stay. So do the title, the sentence and the caption.

    >>> draft = Draft()
    >>> draft.corner(0, 1, "<b>BUY</b> wins", BUY)
    >>> chart = Chart(draft.figure({}, {}), "title", "sentence")
    >>> themed(chart, dark=True).figure.layout.annotations[0].font.color
    '#5AB0E6'
    """
    if not dark:
        return chart
    figure = _turned(chart.figure.to_dict())
    # Plotly puts its template, most of a figure, back by itself.
    figure["layout"].pop("template", None)
    return replace(chart, figure=go.Figure(figure))


def _turned(part: Any, is_text: bool = False) -> Any:
    """Part of a figure, with every colour in it replaced."""
    if isinstance(part, list):
        return [_turned(inner, is_text) for inner in part]
    if not isinstance(part, dict):
        return part
    turned = {}
    for name, inner in part.items():
        if name.endswith(("color", "colorscale", "colorway")):
            turned[name] = _painted(inner, is_text)
        else:
            turned[name] = _turned(inner, is_text or name.endswith("font"))
    return turned


def _painted(color: Any, is_text: bool) -> Any:
    """A colour, or all colours of a list; numbers that stand for colours stay."""
    if isinstance(color, (list, tuple)):
        return [_painted(one, is_text) for one in color]
    if not isinstance(color, str) or (found := _parts(color)) is None:
        return color
    triple, opacity = found
    night = (_TEXTS if is_text else _FILLS).get(triple)
    if night is None:
        return color
    return night if opacity is None else "rgba({},{},{},{})".format(*_triple(night), opacity)


def _parts(color: str) -> tuple[Triple, str | None] | None:
    """Red, green and blue of a colour, and its opacity where it states one."""
    color = WHITE if color == "white" else color
    if _HEX.fullmatch(color):
        return _triple(color), None
    if found := _RGB.fullmatch(color):
        red, green, blue, opacity = found.groups()
        return (int(red), int(green), int(blue)), opacity
    return None


def _triple(color: str) -> Triple:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


_FILLS = {
    _triple(day): night
    for day, night in {
        INK: NIGHT_INK,
        QUIET: NIGHT_QUIET,
        GRID: NIGHT_GRID,
        PALE: NIGHT_PALE,
        WHITE: NIGHT,
        RENT_TEXT: NIGHT_RENT_TEXT,
    }.items()
}
_TEXTS = {**_FILLS, _triple(BUY): NIGHT_BUY_TEXT, _triple(RENT): NIGHT_RENT_TEXT}
