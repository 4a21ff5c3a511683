"""The rental offers for a GPU, each with its age, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.market.choice import age_days, deciles, freshness, judged
from tco.market.choice import offers as newest_offers
from tco.market.files import first_day
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("gpu", "provider", "market", "instance", "gpus_per_instance", "form_factor", "region"),
    *("country", "term", "usd_per_gpu_hour", "host_included", "comparable", "why_not", "as_of"),
    *("age_days", "freshness", "source_id", "source", "url", "note"),
)
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

    asked = Scenario(
        gpu=gpu, provider=provider, term=term, region=region, as_of=as_of, prices=prices
    )
    catalogue, values = asked.catalogue, asked.values()
    choice = [values[name] for name in ("gpu", "provider", "region", "term", "as_of")]
    rows = []
    for rate, reason in judged(newest_offers(catalogue, *choice)):
        source, url = catalogue.cited(rate.source_id)
        known = catalogue.providers.get(rate.provider)
        age = age_days(rate.as_of, values["as_of"])
        made = {
            "market": known.market if known else "",
            "form_factor": catalogue.gpus[rate.gpu].form_factor,
            "comparable": not reason,
            "why_not": reason,
            "age_days": age,
            "freshness": freshness(age),
            "source": source,
            "url": url,
        }
        rows.append(vars(rate) | made)
    rows.sort(key=lambda row: row["usd_per_gpu_hour"])
    return pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})


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

    found = offers(gpu, provider, term, region, as_of, prices).to_dict("records")
    counted = [row for row in found if row["comparable"]]
    names = list(dict.fromkeys(row["provider"] for row in counted))
    rows = []
    for name in (*names, *([ALL] if counted else [])):
        same = [row for row in counted if name in (ALL, row["provider"])]
        tenths = deciles(row["usd_per_gpu_hour"] for row in same) or ()
        newest = max((row["as_of"] for row in same), key=first_day)
        providers = len(names) if name == ALL else 1
        rows.append((name, len(same), providers, *tenths, newest))
    rows.sort(key=lambda row: (row[0] == ALL, row[4]))
    columns = ["provider", "offers", "providers", "p10", "p50", "p90", "newest"]
    return pd.DataFrame(rows, columns=columns)
