"""Results as Plotly figures: the finding in words, units on the axes, labels on the lines.

Blue is buying, orange is renting, and the words stand beside the colours. Plotly is imported here
and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from tco.reason import number, usd
from tco.report.sticker import HONEST

if TYPE_CHECKING:
    import pandas as pd

    from tco.answer import Breakeven
    from tco.report.offers import Band
    from tco.report.sticker import Owning

BUY, RENT = "#0072B2", "#D55E00"
RENT_TEXT = "#B84A00"
_INK, _QUIET, _GRID, _PALE = "#1B2733", "#56626E", "#E3E8ED", "#9CC4DD"
_BAND = "rgba(213, 94, 0, 0.14)"
_VEIL = "rgba(255, 255, 255, 0.75)"
_PER_CENT = 100
_HEADROOM = 1.3

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": "sans-serif", "size": 13, "color": _INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 48, "r": 62, "t": 34, "b": 40},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "xaxis": {"showgrid": False, "zeroline": False, "linecolor": _QUIET, "ticks": "outside"},
        "yaxis": {"gridcolor": _GRID, "zeroline": False, "rangemode": "tozero"},
    }
)


@dataclass(frozen=True)
class Chart:
    """A figure, its finding as a title, and a sentence for those who do not see it."""

    figure: go.Figure
    title: str
    alt: str


def cumulative(curves: pd.DataFrame, answer: Breakeven) -> Chart:
    """Cumulative cost of both sides, crossings marked, the resale at the end."""
    figure = _figure("months", "USD, cumulative present value", 330)
    t, own, rent = (curves[name].to_numpy() for name in ("t_months", "own_usd", "rent_usd"))
    figure.add_scatter(**_line(t, own, "BUY", BUY, "solid"))
    figure.add_scatter(**_line(t, rent, "RENT", RENT, "dash"))
    _end_labels(figure, float(t[-1]), float(own[-1]), float(rent[-1]))
    for months, _ in answer.crossings or ():
        _mark_crossing(figure, months, float(np.interp(months, t, own)))
    _drop(figure, float(t[-1]), float(own[-1]), float(curves["own_exit_usd"].iloc[-1]))
    figure.update_xaxes(range=[0, float(t[-1])])
    figure.update_yaxes(tickformat="$~s", nticks=6)
    title = _cumulative_title(answer, float(t[-1]))
    ends = f"Over {number(float(t[-1]))} months owning adds up to {usd(float(own[-1]))} "
    ends += f"({usd(answer.own_npv_usd)} after resale) and renting to {usd(answer.rent_npv_usd)}."
    return Chart(figure, title, f"{title}. {ends}")


def breakeven_rate(
    curve: pd.DataFrame, now: tuple[float, float | None], fair: float, band: Band | None
) -> Chart:
    """Break-even rental rate against utilisation, with the offers as a band and your own point.

    `now` is the utilisation and the rental rate of the scenario, the rate None where unknown;
    `fair` is the break-even rate there.
    """
    figure = _figure("busy, % of all hours", "USD per GPU-hour", 330)
    busy = curve["utilization"].to_numpy() * _PER_CENT
    rates = curve["breakeven_rate_usd_per_gpu_hour"].to_numpy()
    rates = np.where(np.isfinite(rates), rates, np.nan)
    utilization, rate = now
    top = _HEADROOM * max(
        [2 * fair if math.isfinite(fair) else 0, rate or 0, band.high if band else 0, 0.01]
    )
    _band(figure, band)
    figure.add_scatter(**_line(busy, rates, "break-even rate", _INK, "solid"))
    figure.update_yaxes(range=[0, top], tickformat="$~g", nticks=6)
    figure.update_xaxes(range=[0, 100])
    _sides(figure)
    if rate is not None:
        _point(figure, utilization * _PER_CENT, rate)
    title = _rate_title(utilization, fair)
    return Chart(figure, title, f"{title}. {_band_sentence(band)}".strip())


def waterfall(owning: Owning) -> Chart:
    """From the card's price per hour at full use to the honest cost of a busy hour of owning."""
    figure = _figure("USD per busy GPU-hour", "", 430)
    labels = [*(label for label, _ in owning.steps), HONEST]
    amounts = [*(amount for _, amount in owning.steps), owning.usd_per_gpu_hour or 0.0]
    kinds = ["absolute", *["relative"] * (len(owning.steps) - 1), "total"]
    texts = [_signed(amount, kind) for amount, kind in zip(amounts, kinds, strict=True)]
    figure.add_waterfall(
        orientation="h",
        y=[f"{label}  <b>{text}</b>" for label, text in zip(labels, texts, strict=True)],
        x=amounts,
        measure=kinds,
        connector={"line": {"color": _QUIET, "width": 1, "dash": "dot"}},
        increasing={"marker": {"color": _PALE, "line": {"color": BUY, "width": 1}}},
        decreasing={"marker": {"color": "#FFFFFF", "line": {"color": BUY, "width": 1.5}}},
        totals={"marker": {"color": BUY}},
        hovertemplate="%{y}<extra></extra>",
    )
    reached = np.cumsum([amount for _, amount in owning.steps])
    low, high = min(0.0, float(reached.min())), float(reached.max())
    figure.update_xaxes(
        range=[low, high + (high - low) / 20],
        showgrid=True,
        tickformat="$~g",
        nticks=5,
        tickangle=0,
        gridcolor=_GRID,
    )
    figure.update_yaxes(autorange="reversed", ticksuffix=" ", showgrid=False)
    figure.update_layout(margin={"l": 10, "r": 10, "t": 14})
    figure.update_yaxes(automargin=True)
    title = (
        f"The card alone is {usd(amounts[0])} per hour; "
        f"counted honestly, owning is {usd(amounts[-1])} per busy hour"
    )
    listed = "; ".join(f"{label} {text}" for label, text in zip(labels, texts, strict=True))
    return Chart(figure, title, f"{title}. Steps: {listed}.")


def _figure(x_title: str, y_title: str, height: int) -> go.Figure:
    figure = go.Figure(layout={"template": TEMPLATE, "height": height})
    figure.update_xaxes(
        title={"text": x_title, "standoff": 6, "font_size": 13}, fixedrange=True, nticks=7
    )
    figure.update_yaxes(fixedrange=True)
    corner = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    _note(figure, 0, 1, y_title, xshift=-40, yshift=4, font_color=_QUIET, **corner)
    return figure


def _line(x: Any, y: Any, name: str, color: str, dash: str) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "name": name,
        "mode": "lines",
        "line": {"color": color, "width": 2.5, "dash": dash},
        "hovertemplate": f"{name}: %{{y:$,.4~g}} at %{{x:.3~g}}<extra></extra>",
    }


def _note(figure: go.Figure, x: float, y: float, text: str, **more: Any) -> None:
    how = {"showarrow": False, "font": {"color": _INK}, "align": "left", **more}
    figure.add_annotation(x=x, y=y, text=text, **how)


def _end_labels(figure: go.Figure, t: float, own: float, rent: float) -> None:
    """BUY and RENT at the ends of the lines, the upper one above and the lower one below."""
    for word, amount, other, color in (("BUY", own, rent, BUY), ("RENT", rent, own, RENT_TEXT)):
        anchor = "bottom" if (amount, word) >= (other, "BUY") else "top"
        text = f"<b>{word}</b><br>{_short_usd(amount)}"
        _note(figure, t, amount, text, xanchor="left", xshift=8, yanchor=anchor, font_color=color)


def _mark_crossing(figure: go.Figure, months: float, height: float) -> None:
    figure.add_shape(
        type="line", x0=months, x1=months, y0=0, y1=height, line={"color": _QUIET, "dash": "dot"}
    )
    figure.add_scatter(
        x=[months],
        y=[height],
        mode="markers",
        name="crossing",
        marker={"size": 11, "color": "#FFFFFF", "line": {"color": _INK, "width": 2.5}},
        hovertemplate=f"crossing at month {number(months)}<extra></extra>",
    )
    text = f"<b>month {number(months)}</b>"
    _note(figure, months, 0, text, xanchor="center", yanchor="bottom", yshift=4, bgcolor="#FFFFFF")


def _drop(figure: go.Figure, t: float, own: float, after: float) -> None:
    """What the resale takes off owning at the end."""
    if after == own:
        return
    figure.add_scatter(
        x=[t, t],
        y=[own, after],
        mode="lines+markers",
        name="after resale",
        line={"color": BUY, "width": 2, "dash": "dot"},
        marker={"symbol": ["circle", "diamond"], "size": [1, 11], "color": BUY},
        cliponaxis=False,
        hovertemplate="BUY after resale: %{y:$,.4~g}<extra></extra>",
    )
    text = f"after resale<br>{_short_usd(after)}"
    place = {"xanchor": "right", "xshift": -10, "yanchor": "top", "bgcolor": _VEIL}
    _note(figure, t, after, text, font_color=BUY, **place)


def _band(figure: go.Figure, band: Band | None) -> None:
    if band is None:
        return
    figure.add_shape(
        type="rect",
        x0=0,
        x1=100,
        y0=band.low,
        y1=band.high,
        fillcolor=_BAND,
        line_width=0,
        layer="below",
    )
    text = f"offers {_rate(band.low)}–{_rate(band.high)}"
    place = {"xanchor": "right", "yanchor": "bottom", "xshift": -4, "font_color": RENT_TEXT}
    _note(figure, 100, band.high, text, **place)


def _sides(figure: go.Figure) -> None:
    """Which side wins on which side of the line."""
    for x, y, anchor, text, color in (
        (0.98, 0.98, "top", "<b>BUY</b> wins above the line", BUY),
        (0.03, 0.03, "bottom", "<b>RENT</b> wins below", RENT_TEXT),
    ):
        side = "right" if anchor == "top" else "left"
        paper = {"xref": "paper", "yref": "paper", "yanchor": anchor, "xanchor": side}
        _note(figure, x, y, text, font_color=color, **paper)


def _point(figure: go.Figure, busy: float, rate: float) -> None:
    figure.add_scatter(
        x=[busy],
        y=[rate],
        mode="markers",
        name="you",
        marker={
            "size": 12,
            "symbol": "diamond",
            "color": RENT,
            "line": {"color": _INK, "width": 1.5},
        },
        hovertemplate="you: %{y:$.3~g} at %{x:.3~g} % busy<extra></extra>",
    )
    left = busy > _PER_CENT / 2
    place = {"xanchor": "right" if left else "left", "xshift": -10 if left else 10}
    _note(figure, busy, rate, f"<b>you</b> {_rate(rate)}", bgcolor=_VEIL, **place)


def _cumulative_title(answer: Breakeven, months: float) -> str:
    over = f"{number(months)} months"
    if answer.status == "immediate":
        return "Owning costs less from the first day on"
    if answer.status == "breaks_even":
        return f"Owning costs less from month {number(answer.months)} on"
    if answer.status == "reverses":
        return f"Owning is ahead for a while, but not after {over}"
    if answer.npv_saving_usd > 0:
        return f"Owning pays only through resale: no payback within {over} before it"
    return f"Renting costs less all through the {over}"


def _rate_title(utilization: float, fair: float) -> str:
    busy = f"At {number(utilization * _PER_CENT)} % busy"
    if not math.isfinite(fair):
        return f"{busy}, no rental rate makes both sides equal"
    if fair <= 0:
        return f"{busy}, owning wins at any rental rate"
    return f"{busy}, renting wins below {usd(fair)} per GPU-hour"


def _band_sentence(band: Band | None) -> str:
    if band is None:
        return "No offers are known."
    return f"Offers lie between {_rate(band.low)} and {_rate(band.high)}."


def _signed(amount: float, kind: str) -> str:
    """An amount with its sign where it is a step; cents are enough for none, so three digits."""
    if kind != "relative":
        return f"${amount:,.3f}"
    return f"{'−' if amount < 0 else '+'}${abs(amount):,.3f}"


def _rate(amount: float) -> str:
    """A rate in whole cents where it is one, else in three digits."""
    whole = round(amount * _PER_CENT, 6).is_integer()
    return f"${amount:,.2f}" if whole else usd(amount)


def _short_usd(amount: float) -> str:
    """$56.0k, so that labels stay narrow."""
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if abs(amount) >= size:
            return f"{'-' if amount < 0 else ''}${number(abs(amount) / size)}{letter}"
    return usd(amount)
