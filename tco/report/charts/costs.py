"""Charts of what both sides cost: over time, by rate and utilization, and the steps of owning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tco import words
from tco.analysis.bridge import END, START, BridgeStep
from tco.model.breakeven import Breakeven
from tco.model.items import OWN, RENT, SIDES
from tco.report.charts.canvas import PER_CENT, Canvas, Chart, Label, Look, label, money_axis
from tco.report.drawing import cumulative_words, end_labels, ends_of, faint
from tco.report.finance_tables import bridge_text
from tco.report.market_tables import Band
from tco.report.waterfall import FULL, SideCost
from tco.words import buys_below
from tco.words.figures import number, rate_text, short_usd, step_text
from tco.words.titles import bridge_title, waterfall_title

if TYPE_CHECKING:
    import pandas as pd

_AMOUNT, _RATE = "%{y:$,.4~r}, month %{x:.3~g}", "%{y:$.3f} at %{x:.3~g} % utilization"
_HEADROOM, _ROOM = 1.3, 1.05
# How high a step of a waterfall is, and what is around them [px].
_STEP, _AROUND_STEPS = 29, 66
# From this share of the height on, what stands above a place meets the label in the corner.
_HIGH = 0.72
_CUMULATIVE = "Present value of all costs so far; resale and the rest of a commitment at the end."
_RIBBON = "Ribbons: P10 to P90 in the simulated futures."


def cumulative(
    curves: pd.DataFrame,
    answer: Breakeven,
    futures: pd.DataFrame | None = None,
    theme: str = "light",
) -> Chart:
    """Cumulative cost of both sides, crossings marked; resale and unused commitment at the end.

    `futures` are the costs in many futures (`Simulation.curves()`): a ribbon from P10 to P90.
    """
    canvas = Canvas(theme, (48, 82, 30, 40), money="y")
    colors = canvas.colors
    top = 0.0 if futures is None else _ribbons(canvas, futures)
    t, own, rent = (curves[name].to_numpy() for name in ("t_months", "own_usd", "rent_usd"))
    end = float(t[-1])
    canvas.line(t, own, "BUY", canvas.colors.buy, _AMOUNT)
    canvas.line(t, rent, "RENT", canvas.colors.rent, _AMOUNT, dash="dash")
    for months, _ in answer.crossings or ():
        height = float(np.interp(months, t, own))
        canvas.rule(months, (0, height), line_dash="dot")
        said, ring = f"month {number(months)}", {"line_color": colors.ink, "line_width": 2.5}
        hover = f"crossing at {said}"
        canvas.point(months, height, "crossing", hover, size=11, color=colors.paper, **ring)
        canvas.note(months, 0, f"<b>{said}</b>", "center bottom", bgcolor=colors.paper, yshift=4)
    for side, what, color in (
        ("own", "BUY after resale", canvas.colors.buy),
        ("rent", "RENT to the end of the term", colors.rent_text),
    ):
        before, after = ends_of(curves, side)
        if after != before:
            canvas.rule(end, (before, after), color, line_dash="dot")
            hover = f"{what}: %{{y:$,.4~r}}"
            canvas.point(end, after, what, hover, size=11, color=color, symbol="diamond")
    labels = end_labels(curves)
    reached = [*own, *rent, *(usd for usd, _, _ in labels)]
    span = [min(0.0, *reached), max(*reached, top) * _ROOM]
    inks = {"buy": colors.buy_text, "rent": colors.rent_text}
    bold = {"BUY": "<b>BUY</b>", "RENT": "<b>RENT</b>"}
    beside = [
        Label(end, usd, f"{bold.get(word, word)}<br>{short_usd(usd)}", inks[side])
        for usd, word, side in labels
    ]
    canvas.labels(beside, span)
    canvas.y_title("USD, cumulative present value")
    drawing = canvas.drawing({"title": "months", "range": [0, end]}, money_axis(*span))
    title, alt = cumulative_words(curves, answer)
    growth = answer.scenario.values()["rate_growth_per_year"]
    crossed = words.crossings_sentence(answer.crossings or (), growth)
    caption = [crossed, _CUMULATIVE, _RIBBON if top else ""]
    made = Chart(drawing, title, alt, " ".join(filter(None, caption)))
    return made.of_owner(answer.scenario.values())


def _ribbons(canvas: Canvas, futures: pd.DataFrame) -> float:
    """P10 to P90 of both sides, behind the lines; the highest amount of them."""
    t = futures["t_months"].to_numpy()
    for side, color in (("rent", canvas.colors.rent), ("own", canvas.colors.buy)):
        filled: Look = {"fill": "tonexty", "fillcolor": faint(color, 0.16)}
        for end, look in (("p10", {}), ("p90", filled)):
            canvas.edge(t, futures[f"{side}_{end}_usd"].to_numpy(), **look)
    return max(float(futures[f"{side}_p90_usd"].max()) for side in SIDES)


def breakeven_rate(
    curve: pd.DataFrame,
    now: tuple[float, float | None],
    fair: float,
    band: Band | None,
    idle_is_paid: bool = False,
    theme: str = "light",
    is_buying: bool | None = None,
    end: float | None = None,
) -> Chart:
    """Break-even rental rate against utilization, with the offers as a band and your own point.

    `now` is the utilization and the rental rate of the scenario, the rate None where unknown;
    `fair` is the break-even rate there, and `is_buying` who leads at the scenario's rate. `end` is
    the other break-even rate there, where buying wins between two.
    """
    canvas = Canvas(theme, (48, 62, 30, 40), money="y")
    colors = canvas.colors
    rates = curve["breakeven_rate_usd_per_gpu_hour"].to_numpy()
    rates = np.where(np.isfinite(rates), rates, np.nan)
    utilization, rate = now
    seen = [rate or 0, band.high if band else 0, 2 * fair if math.isfinite(fair) else 0, 1 / 100]
    seen.append(end or 0)
    if band is not None:
        canvas.area((0, PER_CENT), (band.low, band.high), faint(canvas.colors.rent, 0.14))
        source = "quoted on the web" if band.quoted else "P10–P90 of offers"
        text = f"{source}<br>{rate_text(band.low)}–{rate_text(band.high)}"
        place: Look = {"xshift": -12, "align": "right", "bgcolor": colors.veil}
        # Above the band, unless another label stands in the corner there.
        is_high = band.high > _HIGH * _HEADROOM * max(seen)
        at, anchor = (band.low, "right top") if is_high else (band.high, "right bottom")
        canvas.note(PER_CENT, at, text, anchor, colors.rent_text, **place)
        dash: Look = {"size": 9, "color": canvas.colors.rent, "symbol": "line-ew-open"}
        for provider, median in band.providers.items():
            canvas.point(PER_CENT, median, provider, f"{label(provider)}: %{{y:$.3f}}", **dash)
    busy = curve["utilization"].to_numpy() * PER_CENT
    canvas.line(busy, rates, "break-even rate", colors.ink, _RATE)
    sides = [("BUY", colors.buy_text), ("RENT", colors.rent_text)]
    if rate is not None and is_buying is not None and buys_below(fair, rate, is_buying):
        sides.reverse()
    (above, ink), (below, other_ink) = sides
    if end is None:
        canvas.corner(0.98, 0.98, f"<b>{above}</b> wins above the line", "right top", ink)
        canvas.corner(0.03, 0.02, f"<b>{below}</b> wins below", "left bottom", other_ink)
    else:
        place = {"size": 9, "color": colors.ink, "symbol": "line-ew-open"}
        canvas.point(utilization * PER_CENT, end, "the other one", _RATE, **place)
        between = " and ".join(map(rate_text, sorted((fair, end))))
        canvas.corner(
            0.98, 0.98, f"<b>BUY</b> wins between {between}", "right top", colors.buy_text
        )
    if rate is not None:
        at = utilization * PER_CENT
        look: Look = {"size": 12, "color": colors.rent, "line_color": colors.ink, "line_width": 1.5}
        canvas.yours(at, rate, rate_text(rate), _RATE, at > PER_CENT / 2, **look)
    canvas.y_title("USD per GPU-hour")
    x: Look = {"title": "utilization, %", "range": [0, PER_CENT]}
    drawing = canvas.drawing(x, money_axis(0, _HEADROOM * max(seen)))
    title = words.rate_title(None if idle_is_paid else utilization, fair, rate, is_buying, end)
    offered = "No offers are known."
    if band is not None:
        ends = f"{rate_text(band.low)} and {rate_text(band.high)}"
        offered = f"Offers lie between {ends} per GPU-hour."
    return Chart(drawing, title, f"{title}. {offered}")


def waterfall(cost: SideCost, theme: str = "light") -> Chart:
    """From a price to the full cost of a busy hour: of the card, or of the rental rate.

    >>> from tco.report.waterfall import renting
    >>> from tco.scenario import Scenario
    >>> waterfall(renting(Scenario(gpu="L4", rate_usd_per_gpu_hour=0.6))).title[:36]
    'The rate is $0.60 per hour, the full'
    """
    # Bars of both sides are equally high, whatever their number.
    height = _AROUND_STEPS + _STEP * (len(cost.steps) + 1)
    canvas = Canvas(theme, (10, 10, 14, 40), height, money="x")
    colors = canvas.colors
    color, pale = colors.rent, faint(colors.rent, 0.35)
    if cost.side == OWN:
        color, pale = colors.buy, colors.pale
    names = [*(label(name) for name, _ in cost.steps), FULL]
    amounts = [*(amount for _, amount in cost.steps), cost.usd_per_gpu_hour or 0.0]
    kinds = ["absolute", *["relative"] * (len(cost.steps) - 1), "total"]
    texts = [step_text(a, kind != "relative") for a, kind in zip(amounts, kinds, strict=True)]
    rows = [f"{name}  <b>{text}</b>" for name, text in zip(names, texts, strict=True)]
    look: Look = {
        "connector_line": {"color": colors.quiet, "width": 1, "dash": "dot"},
        "increasing_marker": {"color": pale, "line": {"color": color, "width": 1}},
        "decreasing_marker": {"color": colors.paper, "line": {"color": color, "width": 1.5}},
        "totals_marker_color": color,
    }
    canvas.trace("waterfall", amounts, rows, "", "%{y}", orientation="h", measure=kinds, **look)
    reached = np.cumsum(amounts[:-1])
    low, high = min(0.0, float(reached.min())), float(reached.max())
    x: Look = {"title": "USD per busy GPU-hour", "tickangle": 0, "showgrid": True}
    x |= money_axis(low, high + (high - low) / 20, 4)
    y = {"autorange": "reversed", "ticksuffix": " ", "showgrid": False, "nticks": 0}
    title = waterfall_title(cost.side, amounts[0], amounts[-1])
    listed = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    return Chart(canvas.drawing(x, y), title, f"{title}. Steps: {listed}.")


def bridge(steps: Sequence[BridgeStep], values: Mapping[str, Any], theme: str = "light") -> Chart:
    """From what renting costs to what owning costs, group by group, in present values.

    `steps` are those of `tco.analysis.bridge.bridge_steps`; `values` those of the scenario.

    >>> from tco.analysis.bridge import bridge_steps
    >>> from tco.scenario import Scenario
    >>> asked = Scenario(gpu="L4", as_of="2026-11-21")
    >>> bridge(bridge_steps(asked), asked.values()).title[:28]
    'Over 3 years renting costs $'
    """
    canvas = Canvas(theme, (10, 10, 14, 40), _AROUND_STEPS + _STEP * len(steps), money="x")
    colors = canvas.colors
    strong = {OWN: colors.buy, RENT: colors.rent}
    pale = {OWN: colors.pale, RENT: faint(colors.rent, 0.35)}
    # Each bar reaches from what was summed up before it to what is after it.
    bases, fills = [], []
    for one in steps:
        is_end = one.step in (START, END)
        bases.append(0.0 if is_end else one.running_usd - one.usd)
        # What a side pays is filled, what it gets is not.
        paid = one.usd if one.side == OWN else -one.usd
        fills.append(strong[one.side] if is_end else pale[one.side] if paid > 0 else colors.paper)
    rows = [f"{label(one.label)}  <b>{bridge_text(one)}</b>" for one in steps]
    edges = [strong[one.side] for one in steps]
    look: Look = {"base": bases, "width": 0.8, "marker_color": fills}
    look |= {"marker_line": {"color": edges, "width": 1.5}}
    canvas.bars(
        [one.running_usd - b for one, b in zip(steps, bases, strict=True)], rows, "", "%{y}", **look
    )
    for at, one in enumerate(steps[:-1]):
        line: Look = {"line_color": colors.quiet, "line_width": 1, "line_dash": "dot"}
        canvas.rule(one.running_usd, (at, at + 1), **line)
    reached = [0.0, *(one.running_usd for one in steps)]
    low, high = min(reached), max(reached)
    room = (high - low) / 40
    axis = money_axis(low - room if low < 0 else low, high + room, 3)
    x: Look = {"title": "USD, present value", **axis, "tickangle": 0, "showgrid": True}
    y = {"autorange": "reversed", "ticksuffix": " ", "showgrid": False, "nticks": 0}
    title = bridge_title(steps[0].usd, steps[-1].usd, values["horizon_months"])
    listed = "; ".join(f"{one.label} {bridge_text(one)}" for one in steps)
    caption = "Filled: paid; outlined: received or saved. Renting is taken away, owning added."
    made = Chart(canvas.drawing(x, y), title, f"{title}. Steps: {listed}.", caption)
    return made.of_owner(values)
