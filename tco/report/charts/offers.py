"""Rental offers as a strip plot: a row for each provider, what is not compared is pale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tco.report import findings
from tco.report.charts.drawing import (
    GRID,
    INK,
    QUIET,
    RENT,
    RENT_TEXT,
    SHADE,
    Chart,
    Draft,
    label,
    log_axis,
    x_title,
)
from tco.report.findings import day_text, rate_text

if TYPE_CHECKING:
    import pandas as pd

_ROW, _AROUND = 27, 84
# The row of the quantiles, above the providers and as high as its three lines of text.
_ALL_ROW, _TOP, _BOTTOM = -1.6, -2.8, 0.5
_ALL = "all"
_AXIS_TITLE = "USD per GPU-hour, log scale"
_QUANTILES = ("p10", "p50", "p90")


def offers_strip(
    offers: pd.DataFrame,
    quantiles: pd.DataFrame,
    rate: float | None = None,
    fair: float | None = None,
) -> Chart | None:
    """Offers by provider, cheapest first; None without any.

    `offers` and `quantiles` are the frames of `tco.analysis.offers`; `rate` is the rental rate that
    a scenario uses and `fair` its break-even rate, both [USD per GPU-hour].

    >>> from tco.analysis.offers import offer_quantiles, offers
    >>> chart = offers_strip(offers("L4"), offer_quantiles("L4"), fair=0.6)
    >>> chart.title.endswith("comparable offers for L4 are below the break-even rate of $0.60")
    True
    """
    if offers.empty:
        return None
    draft = Draft()
    rows = _rows(offers, quantiles)
    overall = quantiles[quantiles["provider"] == _ALL].to_dict("records")
    lines = {name: usd for name, usd in (("rate used", rate), ("break-even", fair)) if _shown(usd)}
    amounts = [*offers["usd_per_gpu_hour"], *(usd for usd in lines.values() if usd)]
    x = {**log_axis(amounts), "title": x_title(_AXIS_TITLE), "showgrid": True, "gridcolor": GRID}
    for row in overall:
        _band(draft, [float(row[name]) for name in _QUANTILES], len(rows))
    for is_counted in (False, True):
        _marks(draft, offers[offers["comparable"] == is_counted], rows, is_counted)
    for at, (name, usd) in enumerate(lines.items()):
        _level(draft, name, usd or 0, at, x["range"])
    top = _TOP if overall else -1
    y = {"range": [len(rows) - _BOTTOM, top], "gridcolor": GRID, **_ticks(rows, overall)}
    height = _AROUND + round(_ROW * (len(rows) - _BOTTOM - top))
    margin = {"l": 10, "r": 14, "t": 44, "b": 40}
    figure = draft.figure(x, y, height=height, margin=margin)
    title = findings.strip_title(offers, fair)
    return Chart(figure, title, f"{title}. {_listed(offers, quantiles)}", _caption(offers))


def _rows(offers: pd.DataFrame, quantiles: pd.DataFrame) -> dict[str, int]:
    """The place of each provider: by the median of what is compared, then by the cheapest offer."""
    names = [name for name in quantiles["provider"] if name != _ALL]
    names += list(dict.fromkeys(offers["provider"]))
    return {name: at for at, name in enumerate(dict.fromkeys(names))}


def _ticks(rows: dict[str, int], overall: list[dict[Any, Any]]) -> dict[str, Any]:
    """The names of the rows; that of the quantiles says them."""
    places: dict[str, float] = {f"{label(name)} ": at for name, at in rows.items()}
    for row in overall:
        said = (f"{name.upper()} {rate_text(row[name])} " for name in _QUANTILES)
        places["<br>".join(said)] = _ALL_ROW
    return {"tickvals": list(places.values()), "ticktext": list(places), "nticks": 0}


def _shown(usd: float | None) -> bool:
    return usd is not None and 0 < usd < math.inf


def _marks(draft: Draft, offers: pd.DataFrame, rows: dict[str, int], is_counted: bool) -> None:
    look: dict[str, Any] = {"size": 7, "color": QUIET, "symbol": "circle-open", "opacity": 0.5}
    if is_counted:
        look = {"size": 10, "color": INK, "symbol": "circle", "opacity": 0.75}
    hover = [_told(row) for row in offers.to_dict("records")]
    places = [rows[name] for name in offers["provider"]]
    name = "comparable" if is_counted else "not comparable"
    draft.points(offers["usd_per_gpu_hour"].to_numpy(), places, name, hover, **look)


def _told(row: dict[Any, Any]) -> str:
    said = f"{label(row['provider'])} {label(row['instance'])}, {label(row['region'])}"
    why = f"<br>not compared: {label(row['why_not'], 99)}" if row["why_not"] else ""
    price = rate_text(row["usd_per_gpu_hour"])
    return f"{said}: <b>{price}</b><br>{row['as_of']}, {row['age_days']} days old{why}"


def _band(draft: Draft, tenths: list[float], rows: int) -> None:
    """From P10 to P90 of what is compared, with the median, through all rows."""
    low, middle, high = tenths
    span = (_ALL_ROW, rows - _BOTTOM)
    draft.shape("rect", (low, high), span, fillcolor=SHADE, line={"width": 0})
    draft.shape("line", (middle, middle), span, line={"color": QUIET, "dash": "dot"})
    draft.line([low, high], [_ALL_ROW] * 2, "P10 to P90", QUIET, "%{x:$.3f}", width=3)
    ends = {"symbol": "line-ns-open", "size": 11, "color": QUIET}
    draft.points([low, high], [_ALL_ROW] * 2, "P10, P90", "%{x:$.3f}", **ends)
    draft.point(middle, _ALL_ROW, "P50", "P50: %{x:$.3f}", size=10, color=QUIET, symbol="diamond")


def _level(draft: Draft, name: str, usd: float, at: int, span: list[float]) -> None:
    """A rate through all rows; its label above them, one below the other."""
    stroke, ink, dash = (INK, INK, "dash") if name == "break-even" else (RENT, RENT_TEXT, "solid")
    line = {"color": stroke, "width": 2, "dash": dash}
    draft.shape("line", (usd, usd), (0, 1), yref="paper", layer="between", line=line)
    is_right = math.log10(usd) > sum(span) / 2
    place = {"yref": "paper", "yanchor": "bottom", "yshift": 4 + 18 * at}
    place["xanchor"] = "right" if is_right else "left"
    draft.note(math.log10(usd), 1, f"<b>{name}</b> {rate_text(usd)}", ink, **place)


def _listed(offers: pd.DataFrame, quantiles: pd.DataFrame) -> str:
    names = [row for row in quantiles.to_dict("records") if row["provider"] != _ALL]
    medians = ", ".join(f"{row['provider']} {rate_text(row['p50'])}" for row in names)
    left_out = int((~offers["comparable"]).sum())
    listed = f"Median by provider: {medians}. " if medians else ""
    return f"{listed}{left_out} of {len(offers)} offers cannot be compared."


def _caption(offers: pd.DataFrame) -> str:
    return (
        f"Newest offer of each provider, instance and region, {day_text(offers['as_of'])}. Filled: "
        "compared, one whole GPU with the smallest host of its provider and region. Open: not "
        "compared, with the reason on hover and in the table."
    )
