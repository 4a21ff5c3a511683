"""Rental offers as they are today, every dated rate as a series, and how fast each moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem, needing, shown
from tco.market.catalogue import ALL_PROVIDERS, ANY_REGION, Catalogue, Rate, load
from tco.market.data_tables import used_prices
from tco.market.evidence import age_days, deciles, freshness, judged
from tco.market.evidence import offers as newest_offers
from tco.market.files import dated, first_day
from tco.scenario import Scenario
from tco.words.figures import counted

if TYPE_CHECKING:
    import pandas as pd

OFFER_COLUMNS = (
    *("gpu", "provider", "market", "instance", "gpus_per_instance", "form_factor", "region"),
    *("country", "term", "usd_per_gpu_hour", "host_included", "comparable", "why_not", "as_of"),
    *("age_days", "freshness", "source_id", "source", "url", "note"),
)
ALL = "all"
_OFFER = ("gpu", "provider", "market", "instance", "region", "country", "term", "host_included")
COLUMNS = (
    *_OFFER,
    *("source_id", "source", "series", "as_of", "date", "usd_per_gpu_hour", "age_days"),
)
SERIES = (*_OFFER, "source_id", "source", "series")
_CARD = ("card", "basis", "source_id", "source", "series")
DAYS_A_YEAR = 365.25
# No fit below these: a year of 365 days, six points.
FEWEST_DAYS, FEWEST_POINTS = 365, 6
# A list price that stood at so few levels moved in steps; prices this close are one level.
STEP_LEVELS, SAME_PRICE = 3, 0.001
# However alike neighboring residuals are, two degrees of freedom stay.
FEWEST_INDEPENDENT = 4


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How one series moved.

    `method` is `log_linear`, `endpoint` (the series is a step) or `none`; `why` says what decided
    it. `change_per_year` is the figure to use [share a year], `low_per_year` and `high_per_year`
    its 10th and 90th percentile, `standard_error` that of the slope of the log price [1/year];
    they and `r_squared` are None where there is no fit. `endpoint_change_per_year` compares the
    last price with the first, whatever lies between; None under one year.
    """

    first_date: date
    last_date: date
    observations: int
    years: float
    first_usd: float
    last_usd: float
    change_per_year: float | None = None
    low_per_year: float | None = None
    high_per_year: float | None = None
    standard_error: float | None = None
    r_squared: float | None = None
    endpoint_change_per_year: float | None = None
    method: str
    why: str


# The price of used cards fell with mining until here; later months say more about today.
AFTER_MINING = "2022-10"
TREND = tuple(declared.name for declared in fields(Trend))
_FIGURES = tuple(one.name for one in fields(Trend) if str(one.type).startswith("float"))


def offers(
    gpu: str,
    provider: str | None = None,
    term: str | None = None,
    region: str | None = None,
    as_of: str | None = None,
    prices: Any = None,
) -> pd.DataFrame:
    """The newest offer of each provider, instance and region, cheapest first.

    Choices that are not given are the defaults of a scenario: all providers, on demand, the US (and
    offers with one price for all regions); region `any` lists all. Columns: gpu, provider, market,
    instance, gpus_per_instance, form_factor, region, country, term, usd_per_gpu_hour [USD],
    host_included, comparable (whether the offer counts for the default rate), why_not, as_of,
    age_days (from the question's as_of, never from today), freshness (fresh up to 30 days, aging
    up to 90, else stale), source_id, source, url, note. `prices` is a price store or a frame.

    InputError for a GPU, provider, region or term that is not in the data.

    >>> frame = offers("L4", provider="gcp", region="us-central1", as_of="2026-11-21")
    >>> row = frame[frame["comparable"]].iloc[0]
    >>> row["instance"], round(float(row["usd_per_gpu_hour"]), 4), int(row["age_days"])
    ('g2-standard-4', 0.7068, 114)
    """
    import pandas as pd

    asked = _asked(gpu, provider, term, region, as_of, prices)
    catalogue, values = asked.catalogue, asked.values()
    choice = [values[name] for name in ("gpu", "provider", "region", "term", "as_of")]
    found = judged(newest_offers(catalogue, *choice), catalogue)
    found.sort(key=lambda one: one[0].usd_per_gpu_hour)
    rates = [rate for rate, _ in found]
    columns = _columns(rates, catalogue, values["as_of"])
    columns["comparable"] = [not reason for _, reason in found]
    columns["why_not"] = [reason for _, reason in found]
    columns["freshness"] = list(map(freshness, columns["age_days"]))
    columns["form_factor"] = [catalogue.gpus[rate.gpu].form_factor for rate in rates]
    return pd.DataFrame({name: columns[name] for name in OFFER_COLUMNS})


def offer_quantiles(
    gpu: str,
    provider: str | None = None,
    term: str | None = None,
    region: str | None = None,
    as_of: str | None = None,
    prices: Any = None,
) -> pd.DataFrame:
    """Where the comparable offers lie: a row for each provider, cheapest first, and one for `all`.

    Columns: provider, offers and providers (counts), p10, p50, p90 [USD per GPU-hour], newest (date
    of the newest offer). Those of `all` are over the providers, each with the median of its own
    offers: a provider with many regions counts once, and p50 is the default rate (of a commitment
    what is listed, which is not it). No rows without offers. Arguments and errors as for `offers`.

    >>> frame = offer_quantiles("L4", as_of="2026-11-21").set_index("provider")
    >>> bool(frame.loc["all", "p10"] < frame.loc["all", "p50"] < frame.loc["all", "p90"])
    True
    """
    import pandas as pd

    found = offers(gpu, provider, term, region, as_of, prices)
    found = found[found["comparable"].astype(bool)]
    counted = list(zip(found["provider"], found["usd_per_gpu_hour"], found["as_of"], strict=True))
    names = list(dict.fromkeys(found["provider"]))
    rows: list[tuple[Any, ...]] = []
    for name in (*names, *([ALL] if counted else [])):
        same = [(usd, day) for provider, usd, day in counted if name in (ALL, provider)]
        each = [row[4] for row in rows] if name == ALL else [usd for usd, _ in same]
        tenths = deciles(each) or ()
        newest = max((day for _, day in same), key=first_day)
        rows.append((name, len(same), len(names) if name == ALL else 1, *tenths, newest))
    rows.sort(key=lambda row: (row[0] == ALL, row[4]))
    columns = ["provider", "offers", "providers", "p10", "p50", "p90", "newest"]
    return pd.DataFrame(rows, columns=columns)


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

    asked = _asked(gpu, provider, term, region, as_of, prices)
    if asked.is_table:
        raise InputError([Problem("gpu", "a history takes one value for each argument")])
    values, catalogue = asked.values(), asked.catalogue
    day = values["as_of"]
    provider, region = provider or ALL_PROVIDERS, region or ANY_REGION
    found = []
    for rate in catalogue.rates_of(values["gpu"]):
        if rate.term != values["term"] or first_day(rate.as_of) > day:
            continue
        if provider not in (ALL_PROVIDERS, rate.provider):
            continue
        if region not in (ANY_REGION, rate.region, rate.country) and rate.region != ANY_REGION:
            continue
        series = f"{rate.provider} {rate.instance} {rate.region} {rate.term}, {rate.source_id}"
        if not rate.host_included:
            series += ", host not included"
        found.append((series, date.fromisoformat(first_day(rate.as_of)), rate))
    found.sort(key=itemgetter(0, 1))
    columns = _columns([rate for *_, rate in found], catalogue, day)
    columns["series"], columns["date"] = [one[0] for one in found], [one[1] for one in found]
    frame = pd.DataFrame({name: columns[name] for name in COLUMNS})
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
    rows = history(gpu, provider, term, region, as_of, prices)
    return _fitted(rows, SERIES, "usd_per_gpu_hour")


def used_price_trends(since: str | None = None) -> pd.DataFrame:
    """How fast used cards lost value: a row for each card, way of measuring and source.

    Only observations from the date `since` on count. Columns: card, basis, source_id, source,
    series, then as for `trends`, with the longest series first; negative changes are losses.
    InputError for a `since` that is no date.

    >>> frame = used_price_trends(since="2022-10").set_index("card")
    >>> round(float(frame.loc["RTX 3090 Ti", "change_per_year"]), 3)
    -0.26
    """
    import pandas as pd

    start = ""
    if since is not None:
        try:
            start = first_day(dated(since))
        except (TypeError, ValueError) as wrong:
            message = (
                f"since = {shown(since)} {wrong}: the date of the first observation that counts"
            )
            raise InputError([Problem("since", message)]) from None
    rows = [
        {
            **vars(row),
            "date": date.fromisoformat(first_day(row.date)),
            "source": load().cited(row.source_id)[0],
            "series": f"{row.card}, {row.basis}, {row.source_id}",
        }
        for row in used_prices()
        if first_day(row.date) >= start
    ]
    return _fitted(pd.DataFrame(rows, columns=[*_CARD, "date", "usd"]), _CARD, "usd")


def _asked(gpu: str, provider: Any, term: Any, region: Any, as_of: Any, prices: Any) -> Scenario:
    return Scenario(
        gpu=gpu, provider=provider, term=term, region=region, as_of=as_of, prices=prices
    )


def _columns(rates: Sequence[Rate], catalogue: Catalogue, day: str) -> dict[str, list[Any]]:
    """Rates by column, with their market, their source and their age on a day.

    Columns and no rows: a store has thousands of offers, and few providers, sources and days.
    """
    columns = {each.name: [getattr(rate, each.name) for rate in rates] for each in fields(Rate)}
    providers, sources = columns["provider"], columns["source_id"]
    known = {name: catalogue.providers.get(name) for name in set(providers)}
    markets = {name: found.market if found else "" for name, found in known.items()}
    cited = {name: catalogue.cited(name) for name in set(sources)}
    columns["market"] = [markets[name] for name in providers]
    columns["source"] = [cited[name][0] for name in sources]
    columns["url"] = [cited[name][1] for name in sources]
    columns["age_days"] = [age_days(as_of, day) for as_of in columns["as_of"]]
    return columns


def _fitted(observed: pd.DataFrame, keys: tuple[str, ...], price: str) -> pd.DataFrame:
    """The trend of each series of some observations, those of most observations first."""
    import pandas as pd

    series: dict[str, list[dict[Any, Any]]] = {}
    days = pd.to_datetime(observed["date"]).dt.date
    for row in observed.assign(date=days).to_dict("records"):
        series.setdefault(row["series"], []).append(row)
    fitted = []
    for _, same in sorted(series.items(), key=lambda item: (-len(item[1]), item[0])):
        found = trend([row["date"] for row in same], [row[price] for row in same])
        fitted.append({key: same[0][key] for key in keys} | vars(found))
    frame = pd.DataFrame(fitted, columns=[*keys, *TREND])
    for name in ("first_date", "last_date"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.astype(dict.fromkeys(_FIGURES, float))


def trend(days: Sequence[date], usd: Sequence[float]) -> Trend:
    """The trend of prices [USD], each above 0, on days in any order.

    `none` under one year or under six points, `endpoint` for at most three price levels, else
    `log_linear`: ordinary least squares of the log price on years, exp(slope) - 1 a year, and the
    10th and 90th percentile from Student's t, which allow for residuals that are like their
    neighbors: see docs/trends.md.

    InputError for prices that are no prices, TcoError where SciPy is not installed.

    >>> yearly = [date(2020 + year, 1, 1) for year in range(6)]
    >>> halved = trend(yearly, [64, 32, 16, 8, 4, 2])
    >>> halved.method, round(halved.change_per_year, 3)
    ('log_linear', -0.5)
    >>> cut = trend(yearly, [4, 4, 4, 1, 1, 1])
    >>> cut.method, round(cut.change_per_year, 3), cut.low_per_year
    ('endpoint', -0.242, None)
    >>> trend(yearly[:5], [64, 32, 16, 8, 4]).why
    'under six points'
    """
    prices = [float(price) for price in usd]
    if not prices or len(prices) != len(days):
        raise InputError([Problem("usd", f"usd: {len(prices)} prices for {len(days)} days")])
    wrong = [price for price in prices if not 0 < price < math.inf]
    if wrong:
        raise InputError([Problem("usd", f"usd = {wrong[0]!r} is not above 0: a price")])
    points = sorted(zip(days, prices, strict=True))
    (begin, first), (end, last) = points[0], points[-1]
    length = (end - begin).days
    years = length / DAYS_A_YEAR
    ends = None
    if length >= FEWEST_DAYS:
        same = abs(last / first - 1) <= SAME_PRICE
        ends = 0.0 if same else math.expm1(math.log(last / first) / years)
    # Prices within a tenth of a per cent of the next are one level.
    levels = 1 + sum(high / low - 1 > SAME_PRICE for low, high in pairwise(sorted(prices)))
    found: dict[str, float | None] = {}
    method, why = "none", ""
    if length < FEWEST_DAYS:
        why = "under one year"
    elif len(points) < FEWEST_POINTS:
        why = "under six points"
    elif levels <= STEP_LEVELS:
        method, found = "endpoint", {"change_per_year": ends}
        why = f"{counted(levels, 'price level')}: no slope to fit"
    else:
        method, found = "log_linear", _log_linear(points)
        why = f"{levels} price levels"
    return Trend(
        first_date=begin,
        last_date=end,
        observations=len(points),
        years=years,
        first_usd=first,
        last_usd=last,
        endpoint_change_per_year=ends,
        method=method,
        why=why,
        **found,
    )


def _log_linear(points: list[tuple[date, float]]) -> dict[str, float | None]:
    with needing("a trend needs"):
        import numpy as np
        from scipy import stats

    time = np.array([(day - points[0][0]).days / DAYS_A_YEAR for day, _ in points])
    height = np.log([price for _, price in points])
    line = stats.linregress(time, height)
    residuals = height - line.intercept - line.slope * time
    # How many independent points the residuals are worth, by the correlation with the next.
    count, power = len(residuals), float(residuals @ residuals)
    alike = float(residuals[1:] @ residuals[:-1]) / power if power else 0
    free = min(max(count * (1 - alike) / (1 + alike), FEWEST_INDEPENDENT), count) - 2
    spread = time - time.mean()
    error = math.sqrt(residuals @ residuals / free / (spread @ spread))
    reach = float(stats.t.ppf(0.9, free)) * error
    return {
        "change_per_year": math.expm1(line.slope),
        "low_per_year": math.expm1(line.slope - reach),
        "high_per_year": math.expm1(line.slope + reach),
        "standard_error": error,
        "r_squared": float(line.rvalue) ** 2,
    }
