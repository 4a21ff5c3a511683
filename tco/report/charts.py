"""Results as Plotly figures: the finding in words, units on the axes, labels on the lines.

Blue is buying, orange is renting, and the words stand beside the colours. Plotly is imported here
and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from tco.reason import number
from tco.report import findings
from tco.report.findings import rate_text, short_usd, step_text
from tco.report.sticker import HONEST

if TYPE_CHECKING:
    import pandas as pd

    from tco.answer import Breakeven
    from tco.report.offers import Band
    from tco.report.sticker import Owning

BUY, RENT = "#0072B2", "#D55E00"
RENT_TEXT = "#B84A00"
_INK, _QUIET, _GRID, _PALE, _WHITE = "#1B2733", "#56626E", "#E3E8ED", "#9CC4DD", "#FFFFFF"
_BAND, _VEIL, _CLEAR = "rgba(213,94,0,0.14)", "rgba(255,255,255,0.75)", "rgba(0,0,0,0)"
_AMOUNT, _RATE = "%{y:$.4~s}, month %{x:.3~g}", "%{y:$.3f} at %{x:.3~g} % busy"
_PER_CENT = 100
_HEADROOM = 1.3
_TALL, _TALLER = 320, 420

_LAYOUT = {
    "font": {"family": "sans-serif", "size": 13, "color": _INK},
    "paper_bgcolor": _CLEAR,
    "plot_bgcolor": _CLEAR,
    "margin": {"l": 48, "r": 62, "t": 30, "b": 40},
    "showlegend": False,
    "hovermode": "closest",
    "dragmode": False,
}
_AXIS = {"zeroline": False, "fixedrange": True, "automargin": True}
_X_AXIS = {**_AXIS, "showgrid": False, "linecolor": _QUIET, "ticks": "outside", "nticks": 7}
_Y_AXIS = {**_AXIS, "gridcolor": _GRID, "rangemode": "tozero", "nticks": 6}


@dataclass(frozen=True)
class Chart:
    """A figure, its finding as a title, and a sentence for those who do not see it."""

    figure: go.Figure
    title: str
    alt: str


@dataclass
class _Draft:
    """What a figure will hold; it is made, and checked by Plotly, once at the end."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, x: float, y: float, text: str, color: str = _INK, **more: Any) -> None:
        plain = {"x": x, "y": y, "text": text, "showarrow": False, "align": "left"}
        self.notes.append({**plain, "font": {"color": color}, **more})

    def corner(self, x: float, y: float, text: str, color: str, **more: Any) -> None:
        self.note(x, y, text, color, xref="paper", yref="paper", **more)

    def line(self, x: Any, y: Any, name: str, color: str, hover: str, dash: str = "solid") -> None:
        hover = f"{name}: {hover}<extra></extra>"
        stroke = {"color": color, "width": 2.5, "dash": dash}
        made = {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "line": stroke}
        self.traces.append({**made, "hovertemplate": hover})

    def point(self, x: float, y: float, name: str, hover: str, **marker: Any) -> None:
        made = {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "name": name}
        hover = f"{hover}<extra></extra>"
        self.traces.append({**made, "marker": marker, "cliponaxis": False, "hovertemplate": hover})

    def shape(self, kind: str, x: tuple[float, float], y: tuple[float, float], **more: Any) -> None:
        self.shapes.append(
            {"type": kind, "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "layer": "below", **more}
        )

    def figure(self, x: dict[str, Any], y: dict[str, Any], **more: Any) -> go.Figure:
        layout = {**_LAYOUT, "height": _TALL, "xaxis": _X_AXIS | x, "yaxis": _Y_AXIS | y, **more}
        return go.Figure(self.traces, {**layout, "annotations": self.notes, "shapes": self.shapes})


def cumulative(curves: pd.DataFrame, answer: Breakeven) -> Chart:
    """Cumulative cost of both sides, crossings marked; resale and unused commitment at the end."""
    draft = _Draft()
    t, own, rent = (curves[name].to_numpy() for name in ("t_months", "own_usd", "rent_usd"))
    end, own_end, rent_end = float(t[-1]), float(own[-1]), float(rent[-1])
    draft.line(t, own, "BUY", BUY, _AMOUNT)
    draft.line(t, rent, "RENT", RENT, _AMOUNT, "dash")
    _end_label(draft, "BUY", end, own_end, own_end > rent_end, BUY)
    _end_label(draft, "RENT", end, rent_end, own_end <= rent_end, RENT_TEXT)
    for months, _ in answer.crossings or ():
        _crossing(draft, months, float(np.interp(months, t, own)))
    own_exit, rent_exit = (float(curves[f"{side}_exit_usd"].iloc[-1]) for side in ("own", "rent"))
    _settled(draft, end, own_end, own_exit, "BUY after resale", BUY)
    _settled(draft, end, rent_end, rent_exit, "RENT to the end of the term", RENT_TEXT)
    _y_title(draft, "USD, cumulative present value")
    figure = draft.figure({"title": _x_title("months"), "range": [0, end]}, {"tickformat": "$~s"})
    title = findings.payback_title(answer, end)
    return Chart(figure, title, f"{title}. {findings.totals_sentence(answer, end, own_end)}")


def breakeven_rate(
    curve: pd.DataFrame,
    now: tuple[float, float | None],
    fair: float,
    band: Band | None,
    idle_is_paid: bool = False,
) -> Chart:
    """Break-even rental rate against utilisation, with the offers as a band and your own point.

    `now` is the utilisation and the rental rate of the scenario, the rate None where unknown;
    `fair` is the break-even rate there.
    """
    draft = _Draft()
    rates = curve["breakeven_rate_usd_per_gpu_hour"].to_numpy()
    rates = np.where(np.isfinite(rates), rates, np.nan)
    utilization, rate = now
    seen = [rate or 0, band.high if band else 0, 2 * fair if math.isfinite(fair) else 0, 1 / 100]
    if band is not None:
        _offers(draft, band)
    draft.line(curve["utilization"].to_numpy() * _PER_CENT, rates, "break-even rate", _INK, _RATE)
    draft.corner(0.98, 0.98, "<b>BUY</b> wins above the line", BUY, xanchor="right", yanchor="top")
    draft.corner(0.03, 0.02, "<b>RENT</b> wins below", RENT_TEXT, xanchor="left", yanchor="bottom")
    if rate is not None:
        _yours(draft, utilization * _PER_CENT, rate)
    _y_title(draft, "USD per GPU-hour")
    x = {"title": _x_title("busy, % of all hours"), "range": [0, 100]}
    figure = draft.figure(x, {"range": [0, _HEADROOM * max(seen)], "tickformat": "$~g"})
    title = findings.rate_title(None if idle_is_paid else utilization, fair)
    return Chart(figure, title, f"{title}. {findings.offers_sentence(band)}")


def waterfall(owning: Owning) -> Chart:
    """From the card's price per hour at full use to the honest cost of a busy hour of owning."""
    draft = _Draft()
    labels = [*(label for label, _ in owning.steps), HONEST]
    amounts = [*(amount for _, amount in owning.steps), owning.usd_per_gpu_hour or 0.0]
    kinds = ["absolute", *["relative"] * (len(owning.steps) - 1), "total"]
    texts = [step_text(a, kind != "relative") for a, kind in zip(amounts, kinds, strict=True)]
    draft.traces.append(
        {
            "type": "waterfall",
            "orientation": "h",
            "y": [f"{label}  <b>{text}</b>" for label, text in zip(labels, texts, strict=True)],
            "x": amounts,
            "measure": kinds,
            "connector": {"line": {"color": _QUIET, "width": 1, "dash": "dot"}},
            "increasing": {"marker": {"color": _PALE, "line": {"color": BUY, "width": 1}}},
            "decreasing": {"marker": {"color": _WHITE, "line": {"color": BUY, "width": 1.5}}},
            "totals": {"marker": {"color": BUY}},
            "hovertemplate": "%{y}<extra></extra>",
        }
    )
    x: dict[str, Any] = {"title": _x_title("USD per busy GPU-hour")}
    x |= {
        "range": _span(amounts[:-1]),
        "tickformat": "$~g",
        "nticks": 5,
        "tickangle": 0,
        "showgrid": True,
        "gridcolor": _GRID,
    }
    y = {"autorange": "reversed", "ticksuffix": " ", "showgrid": False, "nticks": 0}
    margin = {"l": 10, "r": 10, "t": 14, "b": 40}
    title = findings.steps_title(amounts[0], amounts[-1])
    listed = "; ".join(f"{label} {text}" for label, text in zip(labels, texts, strict=True))
    figure = draft.figure(x, y, height=_TALLER, margin=margin)
    return Chart(figure, title, f"{title}. Steps: {listed}.")


def _x_title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 6, "font": {"size": 13}}


def _y_title(draft: _Draft, text: str) -> None:
    """Above the axis and level, so that it can be read and takes no width."""
    place = {"xanchor": "left", "yanchor": "bottom", "xshift": -40, "yshift": 4}
    draft.corner(0, 1, text, _QUIET, **place)


def _end_label(
    draft: _Draft, word: str, end: float, amount: float, upper: bool, color: str
) -> None:
    """BUY or RENT at the end of its line, the upper label above it and the lower one below."""
    text = f"<b>{word}</b><br>{short_usd(amount)}"
    anchor = "bottom" if upper else "top"
    draft.note(end, amount, text, color, xanchor="left", xshift=8, yanchor=anchor)


def _crossing(draft: _Draft, months: float, height: float) -> None:
    dotted = {"color": _QUIET, "dash": "dot"}
    draft.shape("line", (months, months), (0, height), line=dotted)
    outline = {"color": _INK, "width": 2.5}
    hover = f"crossing at month {number(months)}"
    draft.point(months, height, "crossing", hover, size=11, color=_WHITE, line=outline)
    text = f"<b>month {number(months)}</b>"
    draft.note(months, 0, text, xanchor="center", yanchor="bottom", yshift=4, bgcolor=_WHITE)


def _settled(draft: _Draft, end: float, paid: float, after: float, what: str, color: str) -> None:
    """What the end itself brings or costs: the resale, or the rest of a commitment."""
    if after == paid:
        return
    draft.shape("line", (end, end), (paid, after), line={"color": color, "width": 2, "dash": "dot"})
    hover = f"{what}: %{{y:$.4~s}}"
    draft.point(end, after, what, hover, size=11, color=color, symbol="diamond")
    text = f"{what}<br>{short_usd(after)}"
    place = {"xanchor": "right", "xshift": -10, "yanchor": "top", "bgcolor": _VEIL}
    draft.note(end, after, text, color, **place)


def _offers(draft: _Draft, band: Band) -> None:
    """The band, and a tick at the edge for the median offer of each provider."""
    draft.shape("rect", (0, 100), (band.low, band.high), fillcolor=_BAND, line={"width": 0})
    source = "quoted on the web" if band.quoted else "P10–P90 of offers"
    text = f"{source} {rate_text(band.low)}–{rate_text(band.high)}"
    draft.note(100, band.high, text, RENT_TEXT, xanchor="right", yanchor="bottom", xshift=-4)
    for provider, rate in band.providers.items():
        hover = f"{provider}: %{{y:$.3f}}"
        draft.point(100, rate, provider, hover, size=9, color=RENT, symbol="line-ew-open")


def _yours(draft: _Draft, busy: float, rate: float) -> None:
    outline = {"color": _INK, "width": 1.5}
    hover = f"you: {_RATE}"
    draft.point(busy, rate, "you", hover, size=12, symbol="diamond", color=RENT, line=outline)
    left = busy > _PER_CENT / 2
    place: dict[str, Any] = {"xanchor": "right" if left else "left"}
    place["xshift"] = -10 if left else 10
    draft.note(busy, rate, f"<b>you</b> {rate_text(rate)}", bgcolor=_VEIL, **place)


def _span(steps: list[float]) -> list[float]:
    """From the lowest to the highest point that the steps reach, with a little room."""
    reached = np.cumsum(steps)
    low, high = min(0.0, float(reached.min())), float(reached.max())
    return [low, high + (high - low) / 20]
