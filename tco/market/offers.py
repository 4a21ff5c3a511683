"""Which rental offers can be compared with each other, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median, quantiles

from tco.market.catalogue import Catalogue
from tco.market.files import first_day
from tco.market.freshness import STALE_DAYS, age_days
from tco.market.newest import count, newest_date, newest_of, span
from tco.market.records import ALL_PROVIDERS, ANY_REGION, Belief, Rate, believed

NO_HOST = "the host is not included"
FRACTION = "a fraction of a GPU"
WITHDRAWN = f"withdrawn: over {STALE_DAYS} days older than the provider's newest in this region"
_TENTHS = 10
LARGER = "a larger host or a higher tier: the provider has a cheaper one in this region"


def offers(
    catalogue: Catalogue, gpu: str, provider: str, region: str, term: str, as_of: str
) -> list[Rate]:
    """The newest offer of each (provider, instance, region), comparable or not.

    A region is a provider's region or a country; offers with one price for all regions always
    count.
    """
    rows = (
        rate
        for rate in catalogue.rates_of(gpu)
        if rate.term == term
        and provider in (ALL_PROVIDERS, rate.provider)
        and (ANY_REGION in (region, rate.region) or region in (rate.region, rate.country))
    )
    return newest_of(rows, lambda rate: (rate.provider, rate.instance, rate.region), as_of)


def judged(rows: Iterable[Rate]) -> list[tuple[Rate, str]]:
    """Each offer with the reason why it cannot be compared with the others; empty if it can.

    What is compared is one whole GPU with the smallest host around it: of each provider and region
    the cheapest offer per GPU.
    """
    listed = list(rows)
    newest: dict[tuple[str, str], str] = {}
    for rate in listed:
        place, day = (rate.provider, rate.region), first_day(rate.as_of)
        if not _unlike(rate) and day > newest.get(place, ""):
            newest[place] = day
    reasons = [
        _unlike(rate) or _withdrawn(rate, newest[rate.provider, rate.region]) for rate in listed
    ]
    smallest: dict[tuple[str, str], int] = {}
    for at, (rate, reason) in enumerate(zip(listed, reasons, strict=True)):
        place = (rate.provider, rate.region)
        if not reason and (place not in smallest or _smaller(rate, listed[smallest[place]])):
            smallest[place] = at
    kept = set(smallest.values())
    return [
        (rate, reason or ("" if at in kept else LARGER))
        for at, (rate, reason) in enumerate(zip(listed, reasons, strict=True))
    ]


def comparable(rows: Iterable[Rate]) -> list[Rate]:
    """The offers that can be compared with each other."""
    return [rate for rate, reason in judged(rows) if not reason]


def _unlike(rate: Rate) -> str:
    if not rate.host_included:
        return NO_HOST
    return FRACTION if rate.gpus_per_instance < 1 else ""


def _withdrawn(rate: Rate, newest: str) -> str:
    return WITHDRAWN if age_days(rate.as_of, newest) > STALE_DAYS else ""


def _smaller(one: Rate, other: Rate) -> bool:
    return (one.usd_per_gpu_hour, one.instance) < (other.usd_per_gpu_hour, other.instance)


def provider_medians(rows: Iterable[Rate]) -> dict[str, float]:
    """The median offer of each provider [USD per GPU-hour], cheapest first."""
    found: dict[str, list[float]] = {}
    for rate in rows:
        found.setdefault(rate.provider, []).append(rate.usd_per_gpu_hour)
    medians = {provider: median(values) for provider, values in found.items()}
    return dict(sorted(medians.items(), key=lambda item: item[1]))


def deciles(rates: Iterable[float]) -> tuple[float, float, float] | None:
    """P10, P50 and P90 of some rates; None without any.

    Between two of them it is linear, as in spreadsheets (PERCENTILE.INC).

    >>> deciles([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    (2.0, 6, 10.0)
    """
    values = sorted(rates)
    if len(values) <= 1:
        return (values[0],) * 3 if values else None
    tenths = quantiles(values, n=_TENTHS, method="inclusive")
    return tenths[0], median(values), tenths[-1]


def rental_rate(rows: list[Rate], missing: str) -> Belief:
    """The median over providers of the median offer of each; `missing` explains an empty list."""
    if not rows:
        return Belief(None, "missing", "", "", missing)
    medians = provider_medians(rows)
    listed = ", ".join(f"{provider} {value:.4g}" for provider, value in medians.items())
    ids = tuple(row.source_id for row in rows)
    providers = count(medians, "provider")
    note = f"median over {providers} of the median offer of each: {listed}; {span(rows)}"
    return believed(median(medians.values()), ids, newest_date(rows), note)
