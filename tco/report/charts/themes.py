"""The dark look of every chart: neutral colours turned over, and words in lighter tones."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from tco.report.charts.drawing import (
    BUY,
    GRID,
    INK,
    PALE,
    QUIET,
    RENT,
    RENT_TEXT,
    WHITE,
    Chart,
)

# What a dark page is painted with, and the words on it. BUY and RENT themselves stay: both are at
# least 3:1 on white and on NIGHT.
NIGHT = "#11171D"
NIGHT_INK, NIGHT_QUIET, NIGHT_GRID, NIGHT_PALE = "#E6EBF0", "#A9B4BF", "#2C3742", "#24587A"
NIGHT_BUY_TEXT, NIGHT_RENT_TEXT = "#5AB0E6", "#FF9B57"
_HEX = re.compile("#[0-9A-Fa-f]{6}")
_RGB = re.compile(r"rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)")

Triple = tuple[int, int, int]


def themed(chart: Chart, dark: bool) -> Chart:
    """The chart for a dark page, or as it is.

    Colours of the palette are replaced wherever they stand in the figure, with their transparency;
    others stay. So do the title, the sentence and the caption.

    >>> from tco.report.charts.drawing import Draft
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
