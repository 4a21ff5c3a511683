"""When buying gets ahead: the saving by month, with the band of the crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.report.charts.canvas import SMALL, TALL, Canvas, Chart, Look, money_axis
from tco.report.drawing import faint
from tco.words.figures import fixed_percent, number, period, short_usd

if TYPE_CHECKING:
    import pandas as pd

_ROOM, _SAVES = 1.08, "%{y:$,.4~r}, month %{x:.3~g}"
_BAND, _LEAST = 7, 0.15
_CAPTION = (
    "The saving if you stop at the end of a month and sell. Ribbon: P10 to P90 of the simulated "
    "futures. Bar: P10 to P90 of the month from which buying is ahead."
)


def crossing(
    curve: pd.DataFrame,
    month: float,
    band: tuple[float, float, float],
    never: float,
    theme: str = "light",
) -> Chart:
    """What buying saves if one stops and sells, by month, with the band of the crossing.

    `curve` has t_months, saving_usd and, in many futures, p10_usd and p90_usd, see
    `tco.report.risk_tables.crossing_frame`; `month` is that from which buying is ahead in the base
    case, `band` its P10, P50 and P90 in the futures [months; `inf`: not within the holding period],
    of which `never` is the share without one.
    """
    canvas = Canvas(theme, (52, 16, 30, 44), TALL, money="y")
    colors = canvas.colors
    t, saving, low, high = (
        curve[name].to_numpy() for name in ("t_months", "saving_usd", "p10_usd", "p90_usd")
    )
    end = float(t[-1])
    ends = (min(0.0, low.min(), saving.min()), max(0.0, high.max(), saving.max()))
    span = (_ROOM * float(ends[0]), _ROOM * float(ends[1]) or 1.0)
    canvas.area((0, end), (0, span[1]), faint(colors.buy, 0.07))
    canvas.area((0, end), (span[0], 0), faint(colors.rent, 0.07))
    canvas.edge(t, low)
    canvas.edge(t, high, fill="tonexty", fillcolor=faint(colors.ink, 0.1))
    canvas.line(t, saving, "base case", colors.ink, _SAVES)
    # Each side's area has its word where it is high enough.
    least = _LEAST * (span[1] - span[0])
    if span[1] >= least:
        canvas.corner(0.02, 0.98, "<b>BUY</b> is ahead", "left top", colors.buy_text)
    if -span[0] >= least:
        canvas.corner(0.98, 0.02, "<b>RENT</b> is ahead", "right bottom", colors.rent_text)
    _bar(canvas, band, end)
    if month <= end:
        ring: Look = {"size": 12, "color": colors.paper}
        ring["line"] = {"color": colors.ink, "width": 2.5}
        said = f"month {number(month)}"
        canvas.point(month, 0, "crossing", f"base case: {said}", **ring)
        side, shift = ("right", -4) if month > end / 2 else ("left", 4)
        place: Look = {"xshift": shift, "yshift": -8, "bgcolor": colors.veil}
        canvas.note(month, 0, f"<b>{said}</b>", f"{side} top", **place)
    canvas.y_title("saving from buying, USD, present value")
    x: Look = {"title": "months", "range": [0, end]}
    y: Look = money_axis(*span) | {"zeroline": True}
    title = _title(month, band, never, end)
    last = ", ".join(
        f"{word} {short_usd(float(usd[-1]))}"
        for word, usd in (("P10", low), ("base case", saving), ("P90", high))
    )
    return Chart(canvas.drawing(x, y), title, f"{title}. After {period(end)}: {last}.", _CAPTION)


def _bar(canvas: Canvas, band: tuple[float, float, float], end: float) -> None:
    """The band of the crossing on the zero line, with the month at each end that is one."""
    low, _, high = band
    if low > end:
        return
    colors = canvas.colors
    ends = (low, min(high, end))
    months = " to ".join("never" if at > end else f"month {number(at)}" for at in (low, high))
    canvas.line(ends, (0, 0), "P10 to P90", colors.ink, months, width=_BAND)
    canvas.traces[-1]["opacity"] = 0.45
    look: Look = {"yshift": 6, "font_size": SMALL, "bgcolor": colors.veil}
    for at, said, side in ((low, "P10", "left"), (high, "P90", "right")):
        text = f"{said}: {'never' if at > end else f'month {at:.0f}'}"
        canvas.note(min(at, end), 0, text, f"{side} bottom", **look)


def _title(month: float, band: tuple[float, float, float], never: float, end: float) -> str:
    """From which month buying is ahead, and how that varies.

    >>> _title(23.07, (12.8, 24.0, 31.0), 0.0, 36)
    'Buying is ahead from month 23.1 if you sell then; P10 to P90: months 12.8 to 31'
    >>> inf = float("inf")
    >>> _title(23.07, (12.8, inf, inf), 0.44, 36)
    'Buying is ahead from month 23.1 if you sell then; in 44 % of futures it never is'
    >>> _title(inf, (12.8, inf, inf), 0.7, 36)
    'Buying is not ahead within 3 years; in 30 % of futures it is'
    """
    low, _, high = band
    base = f"Buying is ahead from month {number(month)} if you sell then"
    if month == 0:
        base = "Buying is ahead from the start"
    if month > end:
        base = f"Buying is not ahead within {period(end)}"
        others = f"in {fixed_percent(1 - never)} of futures it is"
    elif high <= end:
        others = f"P10 to P90: months {number(low)} to {number(high)}"
    else:
        others = f"in {fixed_percent(never)} of futures it never is"
    if (month > end and never >= 1) or (month == 0 and high == 0):
        return f"{base}, in {'no' if month else 'any'} future"
    return f"{base}; {others}"
