"""Charts of rental rates: offers as a strip, a row a provider, and prices over time with fans."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tco.numeric import MONTHS_PER_YEAR
from tco.report.charts.drawing import (
    GRID,
    INK,
    LINE,
    QUIET,
    RENT,
    RENT_TEXT,
    SHADE,
    VEIL,
    Chart,
    Draft,
    label,
    log_axis,
    x_title,
)
from tco.report.placing import apart
from tco.words import change_text, day_text, rate_text

if TYPE_CHECKING:
    import pandas as pd


_Row = dict[Any, Any]

_ROW, _AROUND = 27, 84
# The row of the quantiles, above the providers and as high as its three lines of text.
_ALL_ROW, _ABOVE, _BELOW = -1.6, -2.8, 0.5
_ALL, _AXIS_TITLE = "all", "USD per GPU-hour, log scale"
_QUANTILES = ("p10", "p50", "p90")
_DAYS = 365.25
_HEIGHT, _TOP, _BOTTOM = 380, 34, 40
# A series has a name if it spans a tenth of the time.
_MOST_NAMED, _SHORTEST = 8, 0.1
_ROOM = 0.75
_DRAWN = [
    *("series", "provider", "instance", "region", "source_id", "date", "as_of"),
    "usd_per_gpu_hour",
]
_LONG, _FAINT = 60, 0.45
_DASHES = ("solid", "dash", "dot", "dashdot")
_GREY_FAN, _RENT_FAN = "rgba(27,39,51,0.13)", "rgba(213,94,0,0.15)"
_PRICE = "%{y:$.4~g} on %{x|%Y-%m-%d}"
_SMALLEST_FAN = 1e-6
_STEPS = 24
# How far beyond what was observed the axis follows what is expected.
_REACH = 8


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
    # By the median of what is compared, then by the cheapest offer.
    names = [name for name in quantiles["provider"] if name != _ALL]
    names = list(dict.fromkeys([*names, *offers["provider"]]))
    rows = {name: at for at, name in enumerate(names)}
    overall = quantiles[quantiles["provider"] == _ALL].to_dict("records")
    asked = {"rate used": rate, "break-even": fair}
    lines = {name: usd for name, usd in asked.items() if usd is not None and 0 < usd < math.inf}
    amounts = [*offers["usd_per_gpu_hour"], *lines.values()]
    x = {**log_axis(amounts), "title": x_title(_AXIS_TITLE), "showgrid": True, "gridcolor": GRID}
    for row in overall:
        _band(draft, [float(row[name]) for name in _QUANTILES], len(rows))
    for is_counted in (False, True):
        _marks(draft, offers[offers["comparable"] == is_counted], rows, is_counted)
    for at, (name, usd) in enumerate(lines.items()):
        _level(draft, name, usd, at, x["range"])
    top = _ABOVE if overall else -1
    ticks: dict[str, float] = {f"{label(name)} ": at for name, at in rows.items()}
    for row in overall:  # the name of the row of the quantiles says them
        said = (f"{name.upper()} {rate_text(row[name])} " for name in _QUANTILES)
        ticks["<br>".join(said)] = _ALL_ROW
    y = {"tickvals": list(ticks.values()), "ticktext": list(ticks), "nticks": 0}
    y |= {"range": [len(rows) - _BELOW, top], "gridcolor": GRID}
    height = _AROUND + round(_ROW * (len(rows) - _BELOW - top))
    margin = {"l": 10, "r": 14, "t": 44, "b": 40}
    figure = draft.figure(x, y, height=height, margin=margin)
    title = _strip_title(offers, fair)
    each = [row for row in quantiles.to_dict("records") if row["provider"] != _ALL]
    medians = ", ".join(f"{row['provider']} {rate_text(row['p50'])}" for row in each)
    listed = f"Median by provider: {medians}. " if medians else ""
    left_out = f"{(~offers['comparable']).sum()} of {len(offers)} offers cannot be compared."
    caption = (
        f"Newest offer of each provider, instance and region, {day_text(offers['as_of'])}. Filled: "
        "compared, one whole GPU with the smallest host of its provider and region. Open: not "
        "compared, with the reason on hover and in the table."
    )
    return Chart(figure, title, f"{title}. {listed}{left_out}", caption)


def _marks(draft: Draft, offers: pd.DataFrame, rows: dict[str, int], is_counted: bool) -> None:
    look: dict[str, Any] = {"size": 7, "color": QUIET, "symbol": "circle-open", "opacity": 0.5}
    if is_counted:
        look = {"size": 10, "color": INK, "symbol": "circle", "opacity": 0.75}
    hover = [_offer(row) for row in offers.to_dict("records")]
    places = [rows[name] for name in offers["provider"]]
    name = "comparable" if is_counted else "not comparable"
    draft.points(offers["usd_per_gpu_hour"].to_numpy(), places, name, hover, **look)


def _offer(row: _Row) -> str:
    said = f"{label(row['provider'])} {label(row['instance'])}, {label(row['region'])}"
    why = f"<br>not compared: {label(row['why_not'], 99)}" if row["why_not"] else ""
    price = rate_text(row["usd_per_gpu_hour"])
    return f"{said}: <b>{price}</b><br>{row['as_of']}, {row['age_days']} days old{why}"


def _band(draft: Draft, tenths: list[float], rows: int) -> None:
    """From P10 to P90 of what is compared, with the median, through all rows."""
    low, middle, high = tenths
    span = (_ALL_ROW, rows - _BELOW)
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


@dataclass(frozen=True)
class Expected:
    """What a scenario expects of its rental rate: from a day on, this change a year.

    `rate` [USD per GPU-hour]; `change`, `low` and `high` are shares a year, None where unknown.
    """

    day: date
    rate: float
    change: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class _Fan:
    """A price that grows from a day on, with its 10th and 90th percentile where they are known.

    The line is drawn since an earlier day: the first of a fit.
    """

    since: date
    day: date
    usd: float
    change: float
    low: float | None
    high: float | None
    whose: str = ""

    def at(self, change: float | None, day: date) -> float:
        growth = self.change if change is None else change
        years = (day - self.day).days / _DAYS
        return self.usd * math.exp(years * math.log1p(max(growth, _SMALLEST_FAN - 1)))


@dataclass(frozen=True)
class _Label:
    """Text to the right of the end of a line, or above the end of a fan."""

    day: date
    usd: float
    text: str
    ink: str
    is_fan: bool = False

    @property
    def lines(self) -> int:
        return 1 + self.text.count("<br>")


def price_history(
    history: pd.DataFrame,
    trends: pd.DataFrame,
    months: float = 0,
    expected: Expected | None = None,
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
    draft = Draft()
    first, last = (getattr(history["date"], name)().date() for name in ("min", "max"))
    start = max(last, expected.day) if expected else last
    end = start + timedelta(days=months / MONTHS_PER_YEAR * _DAYS)
    fans = _fits(history, trends)
    if expected:
        moves = (expected.rate, expected.change, expected.low, expected.high)
        fans.append(_Fan(expected.day, expected.day, *moves, whose="this scenario: "))
    names = _series(draft, history, trends)
    labels = [_fan(draft, fan, end) for fan in fans if end > fan.day]
    # The axis shows all that was observed, and of what is expected no more than fits.
    seen = history["usd_per_gpu_hour"]
    floor, top = float(seen.min()) / _REACH, float(seen.max()) * _REACH
    drawn = [usd for trace in draft.traces for usd in trace["y"] if usd is not None]
    axis = log_axis([*(min(max(float(usd), floor), top) for usd in drawn), *seen])
    _place(draft, [*names, *labels], axis["range"])
    draft.y_title(_AXIS_TITLE)
    # With room for the labels behind the last observation.
    edge, room = timedelta(days=20), timedelta(days=20 + (last - first).days * _ROOM)
    x = {"type": "date", "nticks": 6, "range": [first - edge, max(end + edge, last + room)]}
    y = {**axis, "gridcolor": GRID, "rangemode": "normal"}
    margin = {"l": 48, "r": 14, "t": _TOP, "b": _BOTTOM}
    figure = draft.figure(x, y, height=_HEIGHT, margin=margin)
    title = _history_title(trends, history)
    caption = (
        f"{len(history)} observations in {history['series'].nunique()} series, "
        f"{day_text(history['as_of'])}. A series is one instance of one provider in one region, on "
        "one term, from one source; list prices are steps. A fan is a fit carried on, P10 to P90."
    )
    return Chart(figure, title, f"{title}. {_trends_sentence(trends)}", caption)


def _series(draft: Draft, history: pd.DataFrame, trends: pd.DataFrame) -> list[_Label]:
    """Draw every series; the labels of those with the most observations."""
    series: dict[str, list[_Row]] = {}
    for row in history[_DRAWN].to_dict("records"):
        series.setdefault(row["series"], []).append(row)
    least = (history["date"].max() - history["date"].min()) * _SHORTEST
    several = [rows for rows in series.values() if len(rows) > 1]
    long = [rows for rows in several if rows[-1]["date"] - rows[0]["date"] >= least]
    named = sorted(long, key=len, reverse=True)[:_MOST_NAMED]
    names = {rows[0]["series"] for rows in named}
    _others(draft, [rows for name, rows in series.items() if name not in names])
    methods = dict(zip(trends["series"], trends["method"], strict=True))
    short = series_names(same[0] for same in named)
    labels = []
    for at, same in enumerate(named):
        name, last = same[0]["series"], same[-1]
        days, prices = ([row[column] for row in same] for column in ("date", "usd_per_gpu_hour"))
        shape = "hv" if methods.get(name) == "endpoint" else "linear"
        stroke: dict[str, Any] = {"dash": _DASHES[at % len(_DASHES)], "width": 1.5, "shape": shape}
        draft.line(days, prices, label(name, _LONG), INK, _PRICE, **stroke)
        labels.append(_Label(last["date"].date(), prices[-1], label(short[name]), INK))
    return labels


def _others(draft: Draft, series: list[list[_Row]]) -> None:
    """Series that have no name, pale: in one trace, with gaps between them."""
    rows: list[_Row] = []
    for same in series:
        rows += [*same, dict.fromkeys(_DRAWN)]
    if not rows:
        return
    made = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "other series",
        "x": [row["date"] for row in rows],
        "y": [row["usd_per_gpu_hour"] for row in rows],
        "text": [_told(row) for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": QUIET, "width": 1},
        "marker": {"color": QUIET, "size": 5},
        "opacity": _FAINT,
    }
    draft.traces.append(made)


def _told(row: _Row) -> str:
    if not row["series"]:
        return ""
    price = rate_text(row["usd_per_gpu_hour"])
    return f"{label(row['series'], _LONG)}: {price} on {row['as_of']}"


def _fits(history: pd.DataFrame, trends: pd.DataFrame) -> list[_Fan]:
    """Where each fit stands on its last day, which is where its fan begins."""
    found = []
    for row in trends[trends["method"] == "log_linear"].to_dict("records"):
        same = history[history["series"] == row["series"]]
        first, last = row["first_date"].date(), row["last_date"].date()
        slope = math.log1p(row["change_per_year"])
        years = [(day.date() - last).days / _DAYS for day in same["date"]]
        logs = [math.log(price) for price in same["usd_per_gpu_hour"]]
        level = (sum(logs) - slope * sum(years)) / len(logs)
        changes = (row[f"{name}_per_year"] for name in ("change", "low", "high"))
        found.append(_Fan(first, last, math.exp(level), *changes))
    return found


def _fan(draft: Draft, fan: _Fan, end: date) -> _Label:
    """The expected price as a line and what it may be as a band; the label at its end."""
    fill, stroke, ink = (_RENT_FAN, RENT, RENT_TEXT) if fan.whose else (_GREY_FAN, QUIET, INK)
    days = [fan.day + (end - fan.day) * at / _STEPS for at in range(_STEPS + 1)]
    low, high = ([fan.at(change, day) for day in days] for change in (fan.low, fan.high))
    band = {"type": "scatter", "mode": "lines", "x": [*days, *days[::-1]], "y": [*high, *low[::-1]]}
    hidden = {"line": {"width": 0}, "hoverinfo": "skip", "name": f"{fan.whose}P10 to P90"}
    draft.traces.append({**band, **hidden, "fill": "toself", "fillcolor": fill})
    said = f"{fan.whose}{change_text(fan.change, fan.low, fan.high)}"
    drawn = [*([fan.since] if fan.since < fan.day else []), *days]
    middle = [fan.at(fan.change, day) for day in drawn]
    draft.line(drawn, middle, said, stroke, _PRICE, dash="dot", width=2)
    return _Label(end, high[-1], said.replace(" (", "<br>").rstrip(")"), ink, True)


def _place(draft: Draft, labels: list[_Label], span: list[float]) -> None:
    """Labels beside the ends of their lines, moved apart where they would lie on each other."""
    scale = (_HEIGHT - _TOP - _BOTTOM) / (span[1] - span[0])
    ordered = sorted(labels, key=lambda item: item.usd)
    heads = [min(max(math.log10(item.usd), span[0]), span[1]) for item in ordered]
    ends = [(head - span[0]) * scale for head in heads]
    heights = [LINE * item.lines for item in ordered]
    lifts = [
        height / 2 if item.is_fan else 0 for item, height in zip(ordered, heights, strict=True)
    ]
    wanted = [end + lift for end, lift in zip(ends, lifts, strict=True)]
    places = apart(wanted, heights)
    for item, head, end, at in zip(ordered, heads, ends, places, strict=True):
        side, shift = ("right", -4) if item.is_fan else ("left", 8)
        place: dict[str, Any] = {"xanchor": side, "xshift": shift, "yanchor": "middle"}
        font = {"color": item.ink, "size": 12}
        look: dict[str, Any] = {"yshift": at - end, "bgcolor": VEIL, "font": font}
        draft.note(item.day, head, item.text, **place, **look)


# A change a year that is none.
_STILL = 0.005


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


def _history_title(trends: pd.DataFrame, history: pd.DataFrame) -> str:
    """How the longest series moved, or that none is long enough; what there is without trends."""
    known = trends[trends["method"] != "none"].sort_values(
        ["method", "observations"], ascending=[False, False]
    )
    count = history["series"].nunique()
    if trends.empty:
        return f"{len(history)} observations in {count} series, {day_text(history['as_of'])}"
    if known.empty:
        return f"None of {count} series is long enough for a trend: a year and six points"
    row = known.iloc[0]
    name = f"{row['provider']} {row['instance']} {row['region']} {row['term']}"
    since = f"since {row['first_date']:%Y-%m}"
    if row["method"] == "endpoint" and abs(row["change_per_year"]) < _STILL:
        return f"{name} has stood still {since}"
    steps = ", in steps," if row["method"] == "endpoint" else ""
    return f"{name}: {_change_of(row)}{steps} {since}"


def _trends_sentence(trends: pd.DataFrame) -> str:
    """Every series with a trend, and how many have none."""
    known = trends[trends["method"] != "none"].to_dict("records")
    said = [f"{row['series']}: {_change_of(row)}" for row in known]
    without = len(trends) - len(known)
    if trends.empty:
        return "No trend was fitted."
    return ". ".join([*said, f"{without} of {len(trends)} series are too short for a trend"]) + "."


def _change_of(row: Any) -> str:
    return change_text(row["change_per_year"], row["low_per_year"], row["high_per_year"])
