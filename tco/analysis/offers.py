"""The rental offers for a GPU, each with its age, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.market.choice import age_days, comparable, deciles, freshness, judged
from tco.market.choice import offers as newest_offers
from tco.market.files import first_day
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue, Rate

COLUMNS = (
    *("gpu", "provider", "market", "instance", "gpus_per_instance", "form_factor", "region"),
    *("country", "term", "usd_per_gpu_hour", "host_included", "comparable", "why_not", "as_of"),
    *("age_days", "freshness", "source_id", "source", "url", "note"),
)
_MADE = {"market", "form_factor", "comparable", "why_not", "age_days", "freshness", "source", "url"}
_AS_STORED = tuple(name for name in COLUMNS if name not in _MADE)
ALL = "all"


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

    catalogue, chosen, day = _chosen(gpu, provider, term, region, as_of, prices)
    rows = sorted(judged(chosen), key=lambda item: item[0].usd_per_gpu_hour)
    rates = [rate for rate, _ in rows]
    cited = [catalogue.cited(rate.source_id) for rate in rates]
    ages = [age_days(rate.as_of, day) for rate in rates]
    markets = {key: row.market for key, row in catalogue.providers.items()}
    cells = {name: [getattr(rate, name) for rate in rates] for name in _AS_STORED} | {
        "market": [markets.get(rate.provider, "") for rate in rates],
        "form_factor": [catalogue.gpus[rate.gpu].form_factor for rate in rates],
        "comparable": [not reason for _, reason in rows],
        "why_not": [reason for _, reason in rows],
        "age_days": ages,
        "freshness": [freshness(age) for age in ages],
        "source": [source for source, _ in cited],
        "url": [url for _, url in cited],
    }
    return pd.DataFrame(cells, columns=list(COLUMNS))


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
    of the newest offer). No rows without offers. Arguments and errors as for `offers`.

    >>> frame = offer_quantiles("L4", as_of="2026-11-21").set_index("provider")
    >>> bool(frame.loc["all", "p10"] < frame.loc["all", "p50"] < frame.loc["all", "p90"])
    True
    """
    import pandas as pd

    _, chosen, _ = _chosen(gpu, provider, term, region, as_of, prices)
    counted = comparable(chosen)
    rows = [
        _quantiles(name, [rate for rate in counted if rate.provider == name])
        for name in dict.fromkeys(rate.provider for rate in counted)
    ]
    rows.sort(key=lambda row: row["p50"])
    rows += [_quantiles(ALL, counted)] if counted else []
    return pd.DataFrame(
        rows, columns=["provider", "offers", "providers", "p10", "p50", "p90", "newest"]
    )


def _chosen(
    gpu: str,
    provider: str | None,
    term: Any,
    region: str | None,
    as_of: str | None,
    prices: Any,
) -> tuple[Catalogue, list[Rate], str]:
    asked = Scenario(
        gpu=gpu, provider=provider, term=term, region=region, as_of=as_of, prices=prices
    )
    values = asked.values()
    choice = [values[name] for name in ("gpu", "provider", "region", "term", "as_of")]
    return asked.catalogue, newest_offers(asked.catalogue, *choice), values["as_of"]


def _quantiles(name: str, rates: list[Rate]) -> dict[str, Any]:
    low, middle, high = deciles(rate.usd_per_gpu_hour for rate in rates) or (None, None, None)
    return {
        "provider": name,
        "offers": len(rates),
        "providers": len({rate.provider for rate in rates}),
        "p10": low,
        "p50": middle,
        "p90": high,
        "newest": max((rate.as_of for rate in rates), key=first_day, default=""),
    }
