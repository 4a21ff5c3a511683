"""What a chart of many rows shows, in a sentence: its title, and its text for screen readers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tco.words import change_text, day_text, rate_text

if TYPE_CHECKING:
    import pandas as pd

# A change a year that is none.
_STILL = 0.005


def strip_title(offers: pd.DataFrame, fair: float | None) -> str:
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


def history_title(trends: pd.DataFrame, history: pd.DataFrame) -> str:
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


def trends_sentence(trends: pd.DataFrame) -> str:
    """Every series with a trend, and how many have none."""
    known = trends[trends["method"] != "none"].to_dict("records")
    said = [f"{row['series']}: {_change_of(row)}" for row in known]
    without = len(trends) - len(known)
    if trends.empty:
        return "No trend was fitted."
    return ". ".join([*said, f"{without} of {len(trends)} series are too short for a trend"]) + "."


def _change_of(row: Any) -> str:
    return change_text(row["change_per_year"], row["low_per_year"], row["high_per_year"])
