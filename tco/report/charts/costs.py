"""Charts of what both sides cost: over time, by rate and utilisation, and the steps of owning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tco import words
from tco.report.charts.drawing import (
    BAND,
    BUY,
    GRID,
    INK,
    LINE,
    PALE,
    PER_CENT,
    QUIET,
    RENT,
    RENT_TEXT,
    TALL,
    TALLER,
    WHITE,
    Chart,
    Draft,
    label,
    x_title,
)
from tco.report.placing import apart
from tco.report.waterfall import HONEST
from tco.words import dollars, number, rate_text, short_usd, step_text

if TYPE_CHECKING:
    import pandas as pd

    from tco.model.breakeven import Breakeven
    from tco.report.market_tables import Band
    from tco.report.waterfall import Owning

_AMOUNT, _RATE = "%{y:$.4~s}, month %{x:.3~g}", "%{y:$.3f} at %{x:.3~g} % busy"
_HEADROOM, _ROOM = 1.3, 1.05
_ABOVE_AND_BELOW = 70
_END_LABEL = 2 * LINE + 4
_OVER_TIME = {"l": 48, "r": 82, "t": 30, "b": 40}
_OWN_BAND, _RENT_BAND = "rgba(0,114,178,0.16)", "rgba(213,94,0,0.16)"
_ENDS, _SIDES = ("p10", "p90"), {"own": "owning", "rent": "renting"}
_CUMULATIVE = "Present value of all costs so far; resale and the rest of a commitment at the end."
_RIBBON = "Ribbons: P10 to P90 in the simulated futures."


def cumulative(
    curves: pd.DataFrame, answer: Breakeven, futures: pd.DataFrame | None = None
) -> Chart:
    """Cumulative cost of both sides, crossings marked; resale and unused commitment at the end.

    `futures` are the costs in many futures (`Simulation.curves()`): a ribbon from P10 to P90.
    """
    draft = Draft()
    top = 0.0 if futures is None else _ribbons(draft, futures)
    t, own, rent = (curves[name].to_numpy() for name in ("t_months", "own_usd", "rent_usd"))
    end, own_end, rent_end = float(t[-1]), float(own[-1]), float(rent[-1])
    draft.line(t, own, "BUY", BUY, _AMOUNT)
    draft.line(t, rent, "RENT", RENT, _AMOUNT, dash="dash")
    for months, _ in answer.crossings or ():
        height = float(np.interp(months, t, own))
        dotted = {"color": QUIET, "dash": "dot"}
        draft.shape("line", (months, months), (0, height), line=dotted)
        outline = {"color": INK, "width": 2.5}
        hover = f"crossing at month {number(months)}"
        draft.point(months, height, "crossing", hover, size=11, color=WHITE, line=outline)
        text = f"<b>month {number(months)}</b>"
        draft.note(months, 0, text, xanchor="center", yanchor="bottom", yshift=4, bgcolor=WHITE)
    own_exit, rent_exit = (float(curves[f"{side}_exit_usd"].iloc[-1]) for side in ("own", "rent"))
    _settled(draft, end, (own_end, own_exit), "BUY after resale", BUY)
    _settled(draft, end, (rent_end, rent_exit), "RENT to the end of the term", RENT_TEXT)
    labels = [
        (own_end, "<b>BUY</b>", BUY),
        (rent_end, "<b>RENT</b>", RENT_TEXT),
        *([(own_exit, "after resale", BUY)] if own_exit != own_end else []),
        *([(rent_exit, "to term end", RENT_TEXT)] if rent_exit != rent_end else []),
    ]
    reached = [*own, *rent, *(usd for usd, _, _ in labels)]
    span = [min(0.0, *reached), max(*reached, top) * _ROOM]
    _end_labels(draft, end, labels, span)
    draft.y_title("USD, cumulative present value")
    x = {"title": x_title("months"), "range": [0, end]}
    y = {"tickformat": "$~s", "range": span}
    figure = draft.figure(x, y, margin=_OVER_TIME)
    title = words.payback_title(answer.status, answer.months, answer.npv_saving_usd, end)
    totals = words.totals_sentence(own_end, answer.own_npv_usd, answer.rent_npv_usd, end)
    alt = f"{title}. {totals}"
    growth = answer.scenario.values()["rate_growth_per_year"]
    crossed = words.crossings_sentence(answer.crossings or (), growth)
    said = [crossed, _CUMULATIVE, _RIBBON if top else ""]
    return Chart(figure, title, alt, " ".join(text for text in said if text))


def _settled(draft: Draft, end: float, paid: tuple[float, float], what: str, color: str) -> None:
    """What the end itself brings or costs: the resale, or the rest of a commitment."""
    before, after = paid
    if after == before:
        return
    stroke = {"color": color, "width": 2, "dash": "dot"}
    draft.shape("line", (end, end), (before, after), line=stroke)
    hover = f"{what}: %{{y:$.4~s}}"
    draft.point(end, after, what, hover, size=11, color=color, symbol="diamond")


def cumulative_band(curves: pd.DataFrame) -> Chart:
    """P10 to P90 of the cumulative cost of both sides, with their medians: `Simulation.curves()`.

    A band is where the costs of four in five futures lie at that month.
    """
    draft = Draft()
    t = curves["t_months"].to_numpy()
    _ribbons(draft, curves)
    for side, name, color, dash in (("own", "BUY", BUY, "solid"), ("rent", "RENT", RENT, "dash")):
        middle = curves[f"{side}_p50_usd"].to_numpy()
        draft.line(t, middle, f"{name}, P50", color, _AMOUNT, dash=dash)
    end, last = float(t[-1]), curves.iloc[-1]
    span = [0.0, _ROOM * max(float(last["own_p90_usd"]), float(last["rent_p90_usd"]), 1.0)]
    own, rent = float(last["own_p50_usd"]), float(last["rent_p50_usd"])
    _end_labels(draft, end, [(own, "<b>BUY</b>", BUY), (rent, "<b>RENT</b>", RENT_TEXT)], span)
    draft.y_title("USD, cumulative present value")
    x = {"title": x_title("months"), "range": [0, end]}
    y = {"tickformat": "$~s", "range": span}
    figure = draft.figure(x, y, margin=_OVER_TIME)
    title = f"After {number(end)} months either side may have cost less"
    if not last["gap_p10_usd"] <= 0 <= last["gap_p90_usd"]:
        cheaper = "owning" if last["gap_p10_usd"] > 0 else "renting"
        title = f"After {number(end)} months {cheaper} has cost less in nine of ten futures"
    low, high = ({side: dollars(float(last[f"{side}_{p}_usd"])) for side in _SIDES} for p in _ENDS)
    alt = " ".join(
        f"Then {word} has cost {low[side]} to {high[side]}." for side, word in _SIDES.items()
    )
    caption = "Bands are P10 to P90, lines P50; without resale and what a commitment still costs."
    return Chart(figure, title, f"{title}. {alt}", caption)


def _ribbons(draft: Draft, futures: pd.DataFrame) -> float:
    """P10 to P90 of both sides, behind the lines; the highest amount of them."""
    t = futures["t_months"].to_numpy()
    for side, fill in (("rent", _RENT_BAND), ("own", _OWN_BAND)):
        for at, end in enumerate(_ENDS):
            made = {"type": "scatter", "mode": "lines", "x": t, "hoverinfo": "skip"}
            filled = {"fill": "tonexty", "fillcolor": fill} if at else {}
            costs = futures[f"{side}_{end}_usd"].to_numpy()
            draft.traces.append({**made, "y": costs, "line": {"width": 0}, **filled})
    return float(futures[["own_p90_usd", "rent_p90_usd"]].to_numpy().max())


def _end_labels(
    draft: Draft, end: float, labels: list[tuple[float, str, str]], span: list[float]
) -> None:
    """What each line ends at, beside its end and not on another label."""
    scale = (TALL - _ABOVE_AND_BELOW) / (span[1] - span[0])
    ordered = sorted(labels)
    wanted = [(usd - span[0]) * scale for usd, _, _ in ordered]
    places = apart(wanted, [_END_LABEL] * len(ordered))
    for (usd, word, color), want, at in zip(ordered, wanted, places, strict=True):
        place = {"xanchor": "left", "xshift": 8, "yanchor": "middle", "yshift": at - want}
        draft.note(end, usd, f"{word}<br>{short_usd(usd)}", color, **place)


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
    draft = Draft()
    rates = curve["breakeven_rate_usd_per_gpu_hour"].to_numpy()
    rates = np.where(np.isfinite(rates), rates, np.nan)
    utilization, rate = now
    seen = [rate or 0, band.high if band else 0, 2 * fair if math.isfinite(fair) else 0, 1 / 100]
    if band is not None:
        draft.shape("rect", (0, 100), (band.low, band.high), fillcolor=BAND, line={"width": 0})
        source = "quoted on the web" if band.quoted else "P10–P90 of offers"
        text = f"{source}<br>{rate_text(band.low)}–{rate_text(band.high)}"
        place = {"xanchor": "right", "yanchor": "bottom", "xshift": -12, "align": "right"}
        draft.note(100, band.high, text, RENT_TEXT, **place)
        for provider, usd in band.providers.items():
            hover = f"{label(provider)}: %{{y:$.3f}}"
            draft.point(100, usd, provider, hover, size=9, color=RENT, symbol="line-ew-open")
    draft.line(curve["utilization"].to_numpy() * PER_CENT, rates, "break-even rate", INK, _RATE)
    draft.corner(0.98, 0.98, "<b>BUY</b> wins above the line", BUY, xanchor="right", yanchor="top")
    draft.corner(0.03, 0.02, "<b>RENT</b> wins below", RENT_TEXT, xanchor="left", yanchor="bottom")
    if rate is not None:
        busy, outline = utilization * PER_CENT, {"color": INK, "width": 1.5}
        is_right, look = busy > PER_CENT / 2, {"size": 12, "color": RENT, "line": outline}
        draft.yours(busy, rate, rate_text(rate), _RATE, is_right, **look)
    draft.y_title("USD per GPU-hour")
    x = {"title": x_title("busy, % of all hours"), "range": [0, 100]}
    figure = draft.figure(x, {"range": [0, _HEADROOM * max(seen)], "tickformat": "$~g"})
    title = words.rate_title(None if idle_is_paid else utilization, fair)
    return Chart(
        figure, title, f"{title}. {words.offers_sentence((band.low, band.high) if band else None)}"
    )


def waterfall(owning: Owning) -> Chart:
    """From the card's price per hour at full use to the honest cost of a busy hour of owning."""
    draft = Draft()
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
            "connector": {"line": {"color": QUIET, "width": 1, "dash": "dot"}},
            "increasing": {"marker": {"color": PALE, "line": {"color": BUY, "width": 1}}},
            "decreasing": {"marker": {"color": WHITE, "line": {"color": BUY, "width": 1.5}}},
            "totals": {"marker": {"color": BUY}},
            "hovertemplate": "%{y}<extra></extra>",
        }
    )
    reached = np.cumsum(amounts[:-1])
    low, high = min(0.0, float(reached.min())), float(reached.max())
    x: dict[str, Any] = {"title": x_title("USD per busy GPU-hour")}
    x |= {
        "range": [low, high + (high - low) / 20],
        "tickformat": "$~g",
        "nticks": 5,
        "tickangle": 0,
        "showgrid": True,
        "gridcolor": GRID,
    }
    y = {"autorange": "reversed", "ticksuffix": " ", "showgrid": False, "nticks": 0}
    margin = {"l": 10, "r": 10, "t": 14, "b": 40}
    title = words.steps_title(amounts[0], amounts[-1])
    listed = "; ".join(f"{label} {text}" for label, text in zip(labels, texts, strict=True))
    figure = draft.figure(x, y, height=TALLER, margin=margin)
    return Chart(figure, title, f"{title}. Steps: {listed}.")
