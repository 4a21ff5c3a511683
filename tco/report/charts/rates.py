"""Charts of rental rates: offers as a strip, a row a provider, and prices over time with fans."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from tco.numeric import MONTHS_PER_YEAR
from tco.report.charts.canvas import SMALL, Canvas, Chart, Label, label, log_axis
from tco.report.drawing import faint
from tco.report.market_tables import change_of, history_title
from tco.words.figures import age, change_text, counted, day_text, rate_text

if TYPE_CHECKING:
    import pandas as pd


_Row = dict[Any, Any]

_ROW, _AROUND = 27, 84
# The row of the quantiles, above the providers and as high as its three lines of text.
_ALL_ROW, _ABOVE, _BELOW = -1.6, -2.8, 0.5
_ALL, _AXIS_TITLE = "all", "USD per GPU-hour, log scale"
_QUANTILES = ("p10", "p50", "p90")
_DAYS = 365.25
# A series has a name if it spans a tenth of the time.
_MOST_NAMED, _SHORTEST = 8, 0.1
_ROOM = 0.75
_DRAWN = [
    *("series", "provider", "instance", "region", "source_id", "date", "as_of"),
    "usd_per_gpu_hour",
]
_LONG, _FAINT = 60, 0.45
_DASHES = ("solid", "dash", "dot", "dashdot")
_PRICE = "%{text} on %{x|%Y-%m-%d}"
_SMALLEST_FAN = 1e-6
_STEPS = 24
# How far beyond what was observed the axis follows what is expected.
_REACH = 8


def offers_strip(
    offers: pd.DataFrame,
    quantiles: pd.DataFrame,
    rate: float | None = None,
    fair: float | None = None,
    theme: str = "light",
) -> Chart | None:
    """Offers by provider, cheapest first; None without any.

    `offers` and `quantiles` are the frames of `tco.analysis.history`; `rate` is the rental rate
    that a scenario uses and `fair` its break-even rate, both [USD per GPU-hour].

    >>> from tco.analysis.history import offer_quantiles, offers
    >>> chart = offers_strip(offers("L4"), offer_quantiles("L4"), fair=0.6)
    >>> chart.title.endswith("comparable offers for L4 are below the break-even rate of $0.60")
    True
    """
    if offers.empty:
        return None
    overall = quantiles[quantiles["provider"] == _ALL].to_dict("records")
    each = quantiles[quantiles["provider"] != _ALL]
    # By the median of what is compared, then by the cheapest offer.
    names = dict.fromkeys([*each["provider"], *offers["provider"]])
    rows = {name: at for at, name in enumerate(names)}
    top, bottom = _ABOVE if overall else -1, len(rows) - _BELOW
    height = _AROUND + round(_ROW * (bottom - top))
    canvas = Canvas(theme, (10, 14, 44, 40), height, money="x")
    asked = {"rate used": rate, "break-even": fair}
    lines = {name: usd for name, usd in asked.items() if usd is not None and 0 < usd < math.inf}
    x = log_axis([*offers["usd_per_gpu_hour"], *lines.values()])
    ticks: dict[str, float] = {f"{label(name)} ": at for name, at in rows.items()}
    for row in overall:
        _band(canvas, [float(row[name]) for name in _QUANTILES], bottom)
        # The name of their row says the quantiles.
        said = (f"{name.upper()} {rate_text(row[name])} " for name in _QUANTILES)
        ticks["<br>".join(said)] = _ALL_ROW
    ink, quiet = canvas.colors.ink, canvas.colors.quiet
    for name, marker in (
        ("not comparable", {"size": 7, "color": quiet, "symbol": "circle-open", "opacity": 0.5}),
        ("comparable", {"size": 10, "color": ink, "symbol": "circle", "opacity": 0.75}),
    ):
        same = offers[offers["comparable"] == (name == "comparable")]
        hover = [_offer(row) for row in same.to_dict("records")]
        places = [rows[provider] for provider in same["provider"]]
        canvas.points(same["usd_per_gpu_hour"].to_numpy(), places, name, hover, **marker)
    for at, (name, usd) in enumerate(lines.items()):
        _level(canvas, name, usd, at, x["range"])
    y = {"tickvals": list(ticks.values()), "ticktext": list(ticks), "nticks": 0}
    y |= {"range": [bottom, top]}
    drawing = canvas.drawing({**x, "title": _AXIS_TITLE, "showgrid": True}, y)
    title = _strip_title(offers, fair)
    medians = ", ".join(
        f"{name} {rate_text(p50)}" for name, p50 in zip(each["provider"], each["p50"], strict=True)
    )
    listed = f"Median by provider: {medians}. " if medians else ""
    left_out = f"{(~offers['comparable']).sum()} of {len(offers)} offers are not comparable."
    caption = (
        f"Newest offer of each provider, instance and region, {day_text(offers['as_of'])}. Filled: "
        "compared, one whole GPU with the smallest host of its provider and region. Open: not "
        "compared, with the reason on hover and in the table."
    )
    return Chart(drawing, title, f"{title}. {listed}{left_out}", caption)


def _offer(row: _Row) -> str:
    said = f"{label(row['provider'])} {label(row['instance'])}, {label(row['region'])}"
    why = f"<br>not compared: {label(row['why_not'], 99)}" if row["why_not"] else ""
    price = rate_text(row["usd_per_gpu_hour"])
    return f"{said}: <b>{price}</b><br>{row['as_of']}, {age(row['age_days'])}{why}"


def _band(canvas: Canvas, tenths: list[float], bottom: float) -> None:
    """From P10 to P90 of what is compared, with the median, through all rows."""
    low, middle, high = tenths
    quiet = canvas.colors.quiet
    canvas.area((low, high), (_ALL_ROW, bottom), faint(canvas.colors.ink, 0.07))
    canvas.rule(middle, (_ALL_ROW, bottom), line_dash="dot")
    canvas.line([low, high], [_ALL_ROW] * 2, "P10 to P90", quiet, "%{x:$.3f}", width=3)
    ends = {"symbol": "line-ns-open", "size": 11, "color": quiet}
    canvas.points([low, high], [_ALL_ROW] * 2, "P10, P90", "%{x:$.3f}", **ends)
    middle_point = {"size": 10, "color": quiet, "symbol": "diamond"}
    canvas.point(middle, _ALL_ROW, "P50", "P50: %{x:$.3f}", **middle_point)


def _level(canvas: Canvas, name: str, usd: float, at: int, span: list[float]) -> None:
    """A rate through all rows; its label above them, one below the other."""
    colors = canvas.colors
    stroke, dash, ink = colors.ink, "dash", colors.ink
    if name == "rate used":
        stroke, dash, ink = colors.rent, "solid", colors.rent_text
    canvas.rule(usd, (0, 1), stroke, line_dash=dash, yref="paper", layer="between")
    place, said = math.log10(usd), f"<b>{name}</b> {rate_text(usd)}"
    corner = "right bottom" if place > sum(span) / 2 else "left bottom"
    canvas.note(place, 1, said, corner, ink, yref="paper", yshift=4 + 18 * at)


@dataclass(frozen=True)
class Expected:
    """A rental rate that changes from a day on, as a scenario expects or a fit goes on.

    `rate` [USD per GPU-hour]; `change`, `low` and `high` are shares a year, None where unknown.
    """

    day: date
    rate: float
    change: float
    low: float | None = None
    high: float | None = None

    def at(self, change: float | None, day: date) -> float:
        """The rate on a day with this change a year [USD per GPU-hour]."""
        growth = self.change if change is None else change
        years = (day - self.day).days / _DAYS
        return self.rate * math.exp(years * math.log1p(max(growth, _SMALLEST_FAN - 1)))


def price_history(
    history: pd.DataFrame,
    trends: pd.DataFrame,
    months: float = 0,
    expected: Expected | None = None,
    theme: str = "light",
) -> Chart | None:
    """Rental rates over time, each trend projected over some months; None without observations.

    `history` and `trends` are the frames of `tco.history` and `tco.analysis.history.trends`. A
    series with a fit has its line and, from P10 to P90, its fan; list prices are drawn as steps.

    >>> from tco.analysis.history import history, trends
    >>> asked = {"gpu": "L4", "provider": "gcp", "term": "spot", "region": "us-central1"}
    >>> price_history(history(**asked), trends(**asked), months=36).title[:40]
    'gcp g2-standard-4 us-central1 spot: +16 '
    """
    if history.empty:
        return None
    canvas = Canvas(theme, (48, 14, 34, 40), 380, money="y")
    first, last = (getattr(history["date"], name)().date() for name in ("min", "max"))
    start = max(last, expected.day) if expected else last
    end = start + timedelta(days=months / MONTHS_PER_YEAR * _DAYS)
    labels = _series(canvas, history, trends)
    for row in trends[trends["method"] == "log_linear"].to_dict("records"):
        fit = _fit(row, history[history["series"] == row["series"]])
        if end > fit.day:
            labels.append(_fan(canvas, fit, row["first_date"].date(), end))
    if expected and end > expected.day:
        labels.append(_fan(canvas, expected, expected.day, end, "this scenario: "))
    # The axis shows all that was observed, and of what is expected no more than fits.
    seen = history["usd_per_gpu_hour"]
    floor, top = float(seen.min()) / _REACH, float(seen.max()) * _REACH
    drawn = [usd for trace in canvas.traces for usd in trace["y"] if usd is not None]
    y = log_axis([*(min(max(float(usd), floor), top) for usd in drawn), *seen])
    logs = [one._replace(y=math.log10(one.y)) for one in labels]
    canvas.labels(logs, y["range"], bgcolor=canvas.colors.veil, font_size=SMALL)
    canvas.y_title(_AXIS_TITLE)
    # With room for the labels behind the last observation.
    edge, room = timedelta(days=20), timedelta(days=20 + (last - first).days * _ROOM)
    x = {"type": "date", "nticks": 6, "range": [first - edge, max(end + edge, last + room)]}
    drawing = canvas.drawing(x, {**y, "rangemode": "normal"})
    title = history_title(history, trends)
    caption = (
        f"{counted(len(history), 'observation')} in {history['series'].nunique()} series, "
        f"{day_text(history['as_of'])}. A series is one instance of one provider in one region, on "
        "one term, from one source; list prices move in steps. A fan extends the fitted trend, "
        "P10 to P90."
    )
    known = trends[trends["method"] != "none"].to_dict("records")
    said = [f"{row['series']}: {change_of(row)}" for row in known]
    said.append(f"{len(trends) - len(known)} of {len(trends)} series are too short for a trend")
    told = "No trend was fitted" if trends.empty else ". ".join(said)
    return Chart(drawing, title, f"{title}. {told}.", caption)


def _series(canvas: Canvas, history: pd.DataFrame, trends: pd.DataFrame) -> list[Label]:
    """Draw every series; the labels of those with the most observations."""
    by_name = history[_DRAWN].groupby("series", sort=False)
    series = {name: rows.to_dict("records") for name, rows in by_name}
    least = (history["date"].max() - history["date"].min()) * _SHORTEST
    several = [rows for rows in series.values() if len(rows) > 1]
    long = [rows for rows in several if rows[-1]["date"] - rows[0]["date"] >= least]
    named = {rows[0]["series"]: rows for rows in sorted(long, key=len, reverse=True)[:_MOST_NAMED]}
    _others(canvas, [rows for name, rows in series.items() if name not in named])
    methods = dict(zip(trends["series"], trends["method"], strict=True))
    short = series_names(rows[0] for rows in named.values())
    ink, labels = canvas.colors.ink, []
    for at, (name, rows) in enumerate(named.items()):
        days, prices = ([row[column] for row in rows] for column in ("date", "usd_per_gpu_hour"))
        shape = "hv" if methods.get(name) == "endpoint" else "linear"
        stroke: dict[str, Any] = {"dash": _DASHES[at % len(_DASHES)], "width": 1.5, "shape": shape}
        texts = [*map(rate_text, prices)]
        canvas.line(days, prices, label(name, _LONG), ink, _PRICE, texts, **stroke)
        labels.append(Label(days[-1].date(), prices[-1], label(short[name]), ink))
    return labels


def _others(canvas: Canvas, series: list[list[_Row]]) -> None:
    """Series that have no name, pale: in one trace, with gaps between them."""
    if not series:
        return
    days, prices, told = [], [], []
    for row in chain.from_iterable([*rows, dict.fromkeys(_DRAWN)] for rows in series):
        name, usd = row["series"], row["usd_per_gpu_hour"]
        days.append(row["date"])
        prices.append(usd)
        said = f"{label(name, _LONG)}: {rate_text(usd)} on {row['as_of']}" if name else ""
        told.append(said)
    quiet = canvas.colors.quiet
    look = {"mode": "lines+markers", "opacity": _FAINT, "line": {"width": 1, "color": quiet}}
    marker = {"size": 5, "color": quiet}
    canvas.trace("scatter", days, prices, "other series", told, marker=marker, **look)


def _fit(row: _Row, same: pd.DataFrame) -> Expected:
    """How a fit of a series goes on, from where it stands on its last day."""
    last = row["last_date"].date()
    slope = math.log1p(row["change_per_year"])
    years = [(day.date() - last).days / _DAYS for day in same["date"]]
    logs = [math.log(price) for price in same["usd_per_gpu_hour"]]
    level = (sum(logs) - slope * sum(years)) / len(logs)
    changes = (row[f"{name}_per_year"] for name in ("change", "low", "high"))
    return Expected(last, math.exp(level), *changes)


def _fan(canvas: Canvas, rate: Expected, since: date, end: date, whose: str = "") -> Label:
    """The expected price as a line, since an earlier day, and what it may be as a band."""
    colors = canvas.colors
    fill, stroke, ink = faint(colors.ink, 0.13), colors.quiet, colors.ink
    if whose:
        fill, stroke, ink = faint(colors.rent, 0.15), colors.rent, colors.rent_text
    days = [rate.day + (end - rate.day) * at / _STEPS for at in range(_STEPS + 1)]
    low, high = ([rate.at(change, day) for day in days] for change in (rate.low, rate.high))
    band: dict[str, Any] = {"name": f"{whose}P10 to P90", "fill": "toself", "fillcolor": fill}
    canvas.edge([*days, *days[::-1]], [*high, *low[::-1]], **band)
    said = f"{whose}{change_text(rate.change, rate.low, rate.high)}"
    drawn = [*([since] if since < rate.day else []), *days]
    middle = [rate.at(rate.change, day) for day in drawn]
    texts = [*map(rate_text, middle)]
    canvas.line(drawn, middle, said, stroke, _PRICE, texts, dash="dot", width=2)
    return Label(end, high[-1], said.replace(" (", "<br>").rstrip(")"), ink, is_above=True)


def _strip_title(offers: pd.DataFrame, fair: float | None) -> str:
    """How many comparable offers lie below the break-even rate, or else where they lie."""
    counted = offers[offers["comparable"]]
    gpu = "/".join(offers["gpu"].unique())
    if counted.empty:
        return f"No offer for {gpu} can be compared: {len(offers)} are listed, all of another kind"
    if fair is not None and 0 < fair < math.inf:
        below = int((counted["usd_per_gpu_hour"] < fair).sum())
        of_all = f"{below} of {len(counted)} comparable offers"
        return f"{of_all} for {gpu} are below the break-even rate of {rate_text(fair)}"
    half = rate_text(float(counted["usd_per_gpu_hour"].median()))
    listed = f"Half of the {len(counted)} comparable offers for {gpu}"
    return f"{listed} cost less than {half} per GPU-hour"


def series_names(observations: Iterable[Any]) -> dict[str, str]:
    """A short name for each series: provider and region, and more only where it is needed.

    `observations` are rows of a history, one for each series.
    """
    short: dict[str, str] = {}
    for row in observations:
        place = "" if row["region"] == "any" else f" {row['region']}"
        names = [f"{row['provider']}{place}", f"{row['provider']} {row['instance']}{place}"]
        names.append(f"{names[-1]}, {row['source_id']}")
        taken = set(short.values())
        short[row["series"]] = next((name for name in names if name not in taken), names[-1])
    return short
