"""What all charts share: the templates of both themes, and a figure as it is made."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure

from tco import words
from tco.report.drawing import DARK, FINER, LIGHT, ROUND, TENS, Palette, apart, round_numbers, ticks
from tco.words import currencies
from tco.words.figures import on_axis

# Properties of some part of a figure, by Plotly's names for them.
Look = dict[str, Any]
THEMES = {"light": LIGHT, "dark": DARK}
PER_CENT = 100
TALL, TALLER = 320, 420
# The sizes of words, and the height of a line of small ones.
SIZE, SMALL, LINE = 13, 12, 17
# What fits beside an axis and in a label.
LONGEST_NAME = 22
# The font of the app's pages, which brings it, so that labels are as wide on every machine.
FAMILY = '"Source Sans", sans-serif'
_CLEAR = "rgba(0,0,0,0)"
_FEWEST_TICKS, _MOST_TICKS = 3, 6
_ROOM = 0.06
# No axis is so narrow that no round price falls on it: a factor of 2.5.
_NARROWEST = 0.4
# An amount in a template of Plotly, as dollars; digits that are kept of one in another currency.
_DOLLARS, _DIGITS = re.compile(r"%\{([xy]):\$([^}]*)\}"), 12


def _template(colors: Palette) -> Look:
    """How a figure looks where it does not say otherwise."""
    axis = {"gridcolor": colors.grid, "fixedrange": True, "automargin": True}
    axis |= {"zeroline": False, "zerolinecolor": colors.quiet}
    below = {"showgrid": False, "showline": True, "linecolor": colors.quiet, "ticks": "outside"}
    title = {"standoff": 6, "font": {"size": SIZE}}
    return {
        "layout": {
            "font": {"family": FAMILY, "size": SIZE, "color": colors.ink},
            "paper_bgcolor": _CLEAR,
            "plot_bgcolor": _CLEAR,
            "showlegend": False,
            "hovermode": "closest",
            "hoverlabel": {"align": "left"},
            "dragmode": False,
            "autotypenumbers": "strict",
            "xaxis": {**axis, **below, "nticks": 7, "title": title},
            "yaxis": {**axis, "nticks": 6, "rangemode": "tozero"},
            "annotationdefaults": {"showarrow": False, "align": "left"},
            "shapedefaults": {"layer": "below", "line": {"color": colors.quiet}},
        }
    }


_TEMPLATES = {theme: _template(colors) for theme, colors in THEMES.items()}


class Drawn(BaseFigure):  # type: ignore[misc]
    """A figure that Plotly does not check again: Streamlit sends it as it is.

    The check takes longer than all the rest of a chart, and what it finds does not depend on the
    numbers: tests make it.
    """

    def __init__(self, drawing: Look) -> None:
        self._drawing = drawing

    def to_dict(self) -> Look:
        """The figure as it is sent to the browser."""
        return self._drawing


@dataclass(frozen=True)
class Chart:
    """A figure, its finding as a title, and a sentence for those who do not see it.

    `drawing` is the figure as Plotly draws it, as a dict of its traces (`data`) and its `layout`;
    `caption` says what the data is and of when.
    """

    drawing: Look
    title: str
    alt: str
    caption: str = ""

    @cached_property
    def figure(self) -> go.Figure:
        """The figure, checked by Plotly."""
        return go.Figure(self.drawing)

    @property
    def drawn(self) -> Drawn:
        """The figure as it is."""
        return Drawn(self.drawing)

    def of_owner(self, values: Mapping[str, Any]) -> Chart:
        """The chart, where the hardware is there already about keeping instead of buying it.

        `values` are those of its scenario.
        """
        if not values.get("already_owned"):
            return self
        told = (words.of_owner(text, values) for text in (self.title, self.alt, self.caption))
        return Chart(_spoken(self.drawing, values), *told)


def _spoken(part: Any, values: Mapping[str, Any]) -> Any:
    """A part of a figure with its texts about keeping; amounts and looks as they are."""
    if isinstance(part, dict):
        return {name: _spoken(inner, values) for name, inner in part.items()}
    if isinstance(part, list | tuple):
        return [_spoken(inner, values) for inner in part]
    return words.of_owner(part, values) if isinstance(part, str) else part


class Label(NamedTuple):
    """Words beside the end of a line, or left of it and above; `y` is as the axis counts."""

    x: Any
    y: float
    text: str
    color: str
    is_above: bool = False


class Canvas:
    """What a figure will hold, in the colors of a theme.

    A property of a property may be named after both: `line_width`.

    `margins` are to the left, to the right, above and below; they and `height` are in pixels.
    `money` is the axis, x or y, along which amounts are drawn: everything on it is given in USD,
    and stands in the figure in the currency shown.
    """

    def __init__(
        self,
        theme: str,
        margins: tuple[int, int, int, int],
        height: int = TALL,
        money: str = "",
    ) -> None:
        self.theme, self.margins, self.height, self.money = theme, margins, height, money
        self.colors = THEMES[theme]
        self.traces: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.shapes: list[dict[str, Any]] = []

    def trace(self, kind: str, x: Any, y: Any, name: str, hover: Any, **more: Any) -> None:
        """A trace of a Plotly type; `hover` is one template, or a text for each point."""
        told = {"hovertemplate": f"{hover}<extra></extra>"}
        if not isinstance(hover, str):
            told = {"text": hover, "hovertemplate": "%{text}<extra></extra>"}
        self.traces.append({"type": kind, "x": x, "y": y, "name": name, **told, **more})

    def line(
        self,
        x: Any,
        y: Any,
        name: str,
        color: str,
        hover: str,
        texts: Sequence[str] = (),
        **stroke: Any,
    ) -> None:
        """A line with its name; `texts` of its points stand in `hover` as %{text}."""
        look: Look = {
            "mode": "lines",
            "line": {"color": color, "width": 2.5, "dash": "solid", **stroke},
        }
        look |= {"text": [*texts]} if texts else {}
        self.trace("scatter", x, y, name, f"{name}: {hover}", **look)

    def edge(self, x: Any, y: Any, **fill: Any) -> None:
        """The edge of a filled area, which is no line."""
        hidden = {"mode": "lines", "line_width": 0, "hoverinfo": "skip"}
        self.traces.append({"type": "scatter", "x": x, "y": y, **hidden, **fill})

    def points(self, x: Any, y: Any, name: str, hover: Any, **marker: Any) -> None:
        """Points of one kind."""
        look = {"mode": "markers", "marker": marker, "cliponaxis": False}
        self.trace("scatter", x, y, name, hover, **look)

    def bars(self, x: Any, y: Any, name: str, hover: Any, **more: Any) -> None:
        """Horizontal bars of one kind."""
        self.trace("bar", x, y, name, hover, orientation="h", **more)

    def point(self, x: Any, y: Any, name: str, hover: str, **marker: Any) -> None:
        """One point with its name."""
        self.points([x], [y], name, hover, **marker)

    def yours(self, x: Any, y: Any, said: str, hover: str, is_right: bool, **marker: Any) -> None:
        """The scenario's own point, and what it is on the side where there is room."""
        self.point(x, y, "you", f"you: {hover}", symbol="diamond", **marker)
        side, shift = ("right", -10) if is_right else ("left", 10)
        self.note(x, y, f"<b>you</b> {said}", side, bgcolor=self.colors.veil, xshift=shift)

    def rule(self, x: Any, ends: tuple[Any, Any], color: str = "", **more: Any) -> None:
        """A vertical line; how it looks and where its ends are measured are in `more`."""
        more |= {"line_color": color} if color else {}
        places = {"x0": x, "x1": x, "y0": ends[0], "y1": ends[1]}
        self.shapes.append({"type": "line", **places, **more})

    def area(self, x: tuple[Any, Any], y: tuple[Any, Any], color: str, **more: Any) -> None:
        """A filled rectangle."""
        places = {"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]}
        self.shapes.append({"type": "rect", **places, "fillcolor": color, "line_width": 0} | more)

    def note(self, x: Any, y: Any, text: str, at: str = "", color: str = "", **more: Any) -> None:
        """Text of which a point of the data is this side or corner, such as "right" or "left top".

        With `xref` or `yref` "paper" the point is a share of the figure's width or height.
        """
        more |= dict(zip(("xanchor", "yanchor"), at.split(), strict=False))
        more |= {"font_color": color} if color else {}
        self.notes.append({"x": x, "y": y, "text": text, **more})

    def corner(self, x: float, y: float, text: str, at: str, color: str = "", **more: Any) -> None:
        """The same with a place of the figure."""
        self.note(x, y, text, at, color, xref="paper", yref="paper", **more)

    def labels(
        self,
        labels: Iterable[Label],
        axis: Sequence[float],
        is_kept: bool = False,
        lead: float = 0,
        **more: Any,
    ) -> None:
        """Words beside the ends of lines, moved up or down where they would lie on each other.

        The vertical axis runs from and to `axis`; what lies beyond is written at its end. Words
        that are kept do not leave the axis, and are as far apart if Plotly draws it shorter; with a
        `lead` [px] a thin line leads to each from where it belongs.
        """
        (low, high), (*_, above, below) = axis, self.margins
        tall = self.height - above - below
        line = LINE if more.get("font_size") == SMALL else LINE + 2
        ordered = sorted(labels, key=lambda label: label.y)
        ends = [min(max(label.y, low), high) for label in ordered]
        heights = [(1 + label.text.count("<br>")) * line for label in ordered]
        at = [(end - low) / (high - low) * tall for end in ends]
        rows = zip(ordered, heights, at, strict=True)
        wanted = [here + height / 2 * label.is_above for label, height, here in rows]
        places = apart(wanted, heights, (0.0, tall) if is_kept else (-math.inf, math.inf))
        for label, end, here, place in zip(ordered, ends, at, places, strict=True):
            y, rise = (low, place) if is_kept else (end, place - here)
            side, shift = ("right", -4) if label.is_above else ("left", 8)
            look = {"xshift": shift, "yshift": rise, **more}
            if lead:
                look = {"showarrow": True, "arrowhead": 0, "arrowwidth": 1, "standoff": 4, **more}
                look |= {"arrowcolor": label.color, "ax": lead, "ay": here - place}
                y = end
            self.note(label.x, y, label.text, f"{side} middle", label.color, **look)

    def y_title(self, text: str, rise: float = 4) -> None:
        """Above the axis and level, so that it can be read and takes no width."""
        title = currencies.headed(text)
        self.corner(0, 1, title, "left bottom", self.colors.quiet, xshift=-40, yshift=rise)

    def drawing(self, x: dict[str, Any], y: dict[str, Any], **more: Any) -> Look:
        """The figure, with its axes."""
        left, right, above, below = self.margins
        axes = {"x": _titled(x), "y": _titled(y)}
        if self.money and currencies.conversion():
            axes[self.money] = self._converted(axes[self.money])
        layout = {
            "height": self.height,
            "margin": {"l": left, "r": right, "t": above, "b": below},
            "xaxis": axes["x"],
            "yaxis": axes["y"],
            "annotations": self.notes,
            "shapes": self.shapes,
            **more,
        }
        layout = _parted(layout) | {"template": _TEMPLATES[self.theme]}
        return {"data": _parted(self.traces), "layout": layout}

    def _converted(self, axis: Look) -> Look:
        """The axis of amounts in the currency shown, and with it everything that lies on it."""
        at, is_log = self.money, axis.get("type") == "log"
        for trace in self.traces:
            trace |= {name: _shown(trace[name]) for name in (at, "base") if name in trace}
            if "hovertemplate" in trace:
                said = rf"%{{\1:\2}} {currencies.code()}"
                trace["hovertemplate"] = _DOLLARS.sub(said, trace["hovertemplate"])
        for part in (*self.notes, *self.shapes):
            if part.get(f"{at}ref") == "paper":
                continue
            # Of words a place on a logarithmic axis is a power of ten; of lines it is an amount.
            is_power = is_log and at in part
            for name in (at, f"{at}0", f"{at}1"):
                if name in part:
                    part[name] = _power(part[name]) if is_power else _shown(part[name])
        low, high = axis["range"]
        told = {"range": [_power(low), _power(high)] if is_log else _shown([low, high])}
        if "tickvals" in axis:
            told["tickvals"] = _shown(axis["tickvals"])
        return axis | told


def _titled(axis: Look) -> Look:
    if "title" not in axis:
        return axis
    return {**axis, "title": {"text": currencies.headed(axis["title"])}}


def _shown(amounts: Any) -> Any:
    """Amounts in the currency shown, None where there is none."""
    if isinstance(amounts, int | float):
        return float(f"{currencies.shown(amounts):.{_DIGITS}g}")
    return [None if one is None else _shown(float(one)) for one in amounts]


def _power(place: float) -> float:
    """A place on a logarithmic axis, in the currency shown."""
    return place + math.log10(currencies.shown(1.0))


def _parted(part: Any) -> Any:
    """A part of a figure with every property by its own name, `line_width` as the line's width.

    >>> _parted([{"font_size": 12, "font": {"color": "red"}, "x0": 1}])
    [{'font': {'size': 12, 'color': 'red'}, 'x0': 1}]
    """
    if isinstance(part, list):
        return [_parted(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    found: Look = {}
    for name, inner in part.items():
        whole, _, rest = name.partition("_")
        value = _parted({rest: inner} if rest else inner)
        if isinstance(value, dict) and whole in found:
            value = {**found[whole], **value}
        found[whole] = value
    return found


def label(text: str, longest: int = LONGEST_NAME) -> str:
    """Text of others as a figure shows it: not markup, and no longer than there is room.

    >>> label("<b>acme</b>"), label("a-very-long-name-of-a-provider")
    ('&lt;b&gt;acme&lt;/b&gt;', 'a-very-long-name-of-a…')
    """
    words = " ".join(text.split())
    return html.escape(words if len(words) <= longest else f"{words[: longest - 1]}…", quote=False)


def money_axis(low: float, high: float, most: int = _MOST_TICKS) -> dict[str, Any]:
    """An axis of amounts of money, with round ticks in words: billions are B.

    >>> money_axis(-1e9, 5e10)["ticktext"], money_axis(0, 1.2)["ticktext"]
    (['$0', '$10B', '$20B', '$30B', '$40B', '$50B'], ['$0', '$0.20', '$0.40', '$0.60', '$0.80', \
'$1.00', '$1.20'])
    """
    ends = currencies.shown(low), currencies.shown(high)
    marks = [currencies.in_usd(at) for at in ticks(*ends, most)] if high > low else [low]
    return {"range": [low, high], "tickvals": marks, "ticktext": on_axis(marks), "nticks": 0}


def log_axis(amounts: Iterable[float]) -> dict[str, Any]:
    """A logarithmic axis that holds amounts of money, all above 0, with round ticks.

    >>> axis = log_axis([0.44, 3.4])
    >>> axis["tickvals"], axis["ticktext"]
    ([0.5, 1, 2], ['$0.50', '$1.00', '$2.00'])
    """
    logs = [math.log10(amount) for amount in amounts]
    low, high = min(logs), max(logs)
    room = max((high - low) * _ROOM, (_NARROWEST - high + low) / 2)
    low, high = low - room, high + room
    for leads in (TENS, ROUND, FINER):
        ends = currencies.shown(10**low), currencies.shown(10**high)
        found = round_numbers(*ends, leads)
        if len(found) >= _FEWEST_TICKS:
            break
    marks = [currencies.in_usd(int(tick) if tick.is_integer() else tick) for tick in found]
    return {"type": "log", "range": [low, high], "tickvals": marks, "ticktext": on_axis(marks)}
