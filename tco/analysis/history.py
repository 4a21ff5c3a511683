"""Every dated rental rate and used price as series, and the trend of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tco.analysis.trend import Trend, trend
from tco.errors import InputError, Problem
from tco.market.catalogue import Catalogue, load
from tco.market.files import (
    column,
    data_folder,
    dated,
    first_day,
    positive,
    read_records,
    source,
    word,
)
from tco.market.freshness import age_days
from tco.market.records import ALL_PROVIDERS, ANY_REGION, ASSUMPTION, Rate
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_OFFER = ("gpu", "provider", "market", "instance", "region", "country", "term", "host_included")
COLUMNS = (
    *_OFFER,
    *("source_id", "source", "series", "as_of", "date", "usd_per_gpu_hour", "age_days"),
)
SERIES = (*_OFFER, "source_id", "source", "series")
_CARD = ("card", "basis", "source_id", "source", "series")
TREND = tuple(declared.name for declared in fields(Trend))
_FIGURES = (
    *("years", "first_usd", "last_usd", "change_per_year", "low_per_year", "high_per_year"),
    *("standard_error", "r_squared", "endpoint_change_per_year"),
)


@dataclass(frozen=True)
class UsedPrice:
    """used_price_history.csv: what one used card cost; `basis` says how it was measured."""

    card: str = column(word)
    date: str = column(dated)
    usd: float = column(positive)
    basis: str = column(word)
    source_id: str = column(source)


def history(
    gpu: str,
    provider: str | None = None,
    term: str = "on_demand",
    region: str | None = None,
    as_of: str | None = None,
    prices: Any = None,
) -> pd.DataFrame:
    """Every dated observation of what a GPU-hour cost, by series and date.

    A series is one instance of one provider in one region, on one term, as one source measured it:
    nothing is joined over sources or tiers. Without provider or region all are listed; offers with
    one price for all regions always are. Rows dated after `as_of` (default: the newest date in the
    data) are left out; `prices` is a price store or a frame. Columns: gpu, provider, market,
    instance, region, country, term, host_included, source_id, source, series, as_of, date,
    usd_per_gpu_hour [USD], age_days (before as_of).

    InputError for a GPU, provider, region or term that is not in the data.

    >>> frame = history("L4", provider="gcp", region="us-central1", term="spot")
    >>> frame = frame[frame["instance"] == "g2-standard-4"].reset_index()
    >>> frame["as_of"][0], float(frame["usd_per_gpu_hour"][0])
    ('2023-06-01', 0.21205)
    """
    import pandas as pd

    rows = _observations(gpu, provider, term, region, as_of, prices)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["date"] = pd.to_datetime(frame["date"])
    return frame


def trends(
    gpu: str,
    provider: str | None = None,
    term: str = "on_demand",
    region: str | None = None,
    as_of: str | None = None,
    prices: Any = None,
) -> pd.DataFrame:
    """How fast each series of `history` rose or fell: a row for each, the longest series first.

    Columns: those that name the series, then first_date, last_date, observations, years,
    first_usd, last_usd, change_per_year (the figure to use, a share a year), low_per_year,
    high_per_year (10th and 90th percentile), standard_error, r_squared, endpoint_change_per_year,
    method (`log_linear`, `endpoint` for a step, `none`) and why. NaN where there is none. Arguments
    and errors as for `history`; TcoError where SciPy is needed and not installed.

    >>> longest = trends("L4", provider="gcp", region="us-central1", term="spot").iloc[0]
    >>> longest["method"], round(float(longest["change_per_year"]), 3)
    ('log_linear', 0.162)
    """
    rows = _observations(gpu, provider, term, region, as_of, prices)
    return _fitted(rows, SERIES, "usd_per_gpu_hour")


@lru_cache(maxsize=2)
def used_prices(folder: Path | None = None) -> tuple[UsedPrice, ...]:
    """What used cards cost, as listed in used_price_history.csv; DataError at the first fault."""
    path = (folder or data_folder()) / "used_price_history.csv"
    known = {*load(folder).sources, ASSUMPTION}
    return read_records(path, UsedPrice, ("card", "date", "basis", "source_id"), known)


def used_price_trends(since: str | None = None) -> pd.DataFrame:
    """How fast used cards lost value: a row for each card, way of measuring and source.

    Only observations from the date `since` on count. Columns: card, basis, source_id, source,
    series, then as for `trends`, with the longest series first; negative changes are losses.
    InputError for a `since` that is no date.

    >>> frame = used_price_trends(since="2022-10").set_index("card")
    >>> round(float(frame.loc["RTX 3090 Ti", "change_per_year"]), 3)
    -0.26
    """
    start = first_day(_date(since)) if since is not None else ""
    rows = [
        {
            **asdict(row),
            "date": date.fromisoformat(first_day(row.date)),
            "source": _cited(load(), row.source_id),
            "series": f"{row.card}, {row.basis}, {row.source_id}",
        }
        for row in used_prices()
        if first_day(row.date) >= start
    ]
    return _fitted(rows, _CARD, "usd")


def _observations(
    gpu: str,
    provider: str | None,
    term: str,
    region: str | None,
    as_of: str | None,
    prices: Any,
) -> list[dict[str, Any]]:
    """The rows of `history`, by series and date."""
    asked = Scenario(
        gpu=gpu, provider=provider, term=term, region=region, as_of=as_of, prices=prices
    )
    if asked.is_table:
        raise InputError([Problem("gpu", "a history takes one value for each argument")])
    values = asked.values()
    day = values["as_of"]
    rows = [
        _row(rate, asked.catalogue, day)
        for rate in asked.catalogue.rates_of(values["gpu"])
        if rate.term == values["term"] and first_day(rate.as_of) <= day
        if _matches(rate, provider or ALL_PROVIDERS, region or ANY_REGION)
    ]
    return sorted(rows, key=lambda row: (row["series"], row["date"]))


def _date(text: str) -> str:
    try:
        return dated(text)
    except (TypeError, ValueError) as wrong:
        message = f"since = {text!r} {wrong}: the date of the first observation that counts"
        raise InputError([Problem("since", message)]) from None


def _matches(rate: Rate, provider: str, region: str) -> bool:
    places = (ANY_REGION, rate.region, rate.country)
    return provider in (ALL_PROVIDERS, rate.provider) and (
        region in places or rate.region == ANY_REGION
    )


def _row(rate: Rate, catalogue: Catalogue, day: str) -> dict[str, Any]:
    provider = catalogue.providers.get(rate.provider)
    series = f"{rate.provider} {rate.instance} {rate.region} {rate.term}, {rate.source_id}"
    return {
        **asdict(rate),
        "market": provider.market if provider else "",
        "source": _cited(catalogue, rate.source_id),
        "series": series if rate.host_included else f"{series}, host not included",
        "date": date.fromisoformat(first_day(rate.as_of)),
        "age_days": age_days(rate.as_of, day),
    }


def _cited(catalogue: Catalogue, source_id: str) -> str:
    known = catalogue.sources.get(source_id)
    return f"{known.publisher}: {known.title}" if known else source_id


def _fitted(rows: list[dict[str, Any]], keys: tuple[str, ...], price: str) -> pd.DataFrame:
    """The trend of each series of some observations, those of most observations first."""
    import pandas as pd

    series: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        series.setdefault(row["series"], []).append(row)
    fitted = []
    for _, same in sorted(series.items(), key=lambda item: (-len(item[1]), item[0])):
        found = trend([row["date"] for row in same], [row[price] for row in same])
        fitted.append({**{key: same[0][key] for key in keys}, **asdict(found)})
    frame = pd.DataFrame(fitted, columns=[*keys, *TREND])
    for name in ("first_date", "last_date"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.astype(dict.fromkeys(_FIGURES, float))
