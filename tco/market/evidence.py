"""What rows of the catalog say together: which count, which can be compared, how old they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter, itemgetter
from statistics import median, quantiles
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from tco.inputs import INPUTS, PRICE, RATE
from tco.market.catalogue import (
    ALL_PROVIDERS,
    ANY_REGION,
    ASSUMPTION,
    DESKTOP_LICENSE,
    LOWEST_OFFER,
    MIXED,
    OTHERS_MACHINES,
    USED,
    Catalogue,
    Gpu,
    Price,
    Rate,
    load,
)
from tco.market.files import entered, first_day, grouped, known_from
from tco.words import remarks
from tco.words.figures import counted, rate_text

Row = TypeVar("Row", bound=Any)
# Up to when an observation is fresh, after when it is stale, and after when it does not count.
FRESH_DAYS, STALE_DAYS, OLD_DAYS = 30, 90, 180
# Why an offer cannot be compared with the others.
NO_HOST = "the host is not included"
FRACTION = "a fraction of a GPU"
WITHDRAWN = f"withdrawn: over {STALE_DAYS} days older than the provider's newest in this region"
OLD = f"over {OLD_DAYS} days older than the newest offer in this market"
LICENSED = "includes a license for virtual workstations"
LOWEST = "the lowest offer of the moment, not what the market asks"
# Within which factor of the median of its like a price is plausible.
PLAUSIBLE = 10
TOO_LOW = "under a tenth of the median of comparable offers"
TOO_HIGH = "over ten times the median of comparable offers"
FAR_FROM_KNOWN = "under a tenth or over ten times the median of the known prices"
PEERS = "machines of other owners: the provider's own data centers stand for it"
# Kinds of purchase prices whose words stand for more than a choice.
_BASES = {"street": "street", MIXED: "new-or-used"}
_KINDS = {DESKTOP_LICENSE: LICENSED, LOWEST_OFFER: LOWEST}
LARGER = "a larger host or a higher tier: the provider has a cheaper one in this region"
# Another GPU is near up to this factor of memory bandwidth, with so much memory.
_NEAR, _ENOUGH_GB = 2, 24


@dataclass(frozen=True)
class Resolved:
    """One input as the model uses it: a value and where it comes from.

    `status` is `yours`, `default` (with source and date), `assumption`, `missing` (value None; the
    note says why) or, where the rows of a table differ, `mixed`. `low` and `high` are the 10th and
    90th percentile of what it may be, whatever was given; None where nothing is known. `providers`
    is how many are behind a rental rate that is not yours, `discounts` how many of them or of
    others are behind its discount for a commitment, `borrowed` the key of the GPU that it is of,
    where nobody rents this one out. `quote` is your own quote that decides, or would if it had not
    expired before `as_of`; where the rows of a table differ, an array.
    `tiers` are what it is for clusters of up to so many servers, ascending, where that differs.
    """

    name: str
    value: Any
    status: str
    source_id: str = ""
    as_of: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None
    providers: int | None = None
    discounts: int | None = None
    quote: Any = None
    borrowed: Any = ""
    tiers: tuple[tuple[float, Resolved], ...] = ()

    @property
    def unit(self) -> str:
        """The unit of the value, as declared."""
        return INPUTS[self.name].unit

    @property
    def fewest(self) -> int | None:
        """How many providers a rental rate rests on: those of its discount where they are fewer."""
        known = [number for number in (self.providers, self.discounts) if number is not None]
        return min(known, default=None)

    @property
    def discount_is_thinner(self) -> bool:
        """Whether fewer providers are behind a rate's discount than behind the rate on demand."""
        return self.fewest != self.providers


def is_listed(row: Any, as_of: str) -> bool:
    """Whether a GPU, or a figure of a host class, was in the catalog on a day.

    What was recorded on its own date counts for all days: nothing older is known.
    """
    return entered(row) <= max(as_of, first_day(row.as_of))


def nearest(gpu: Gpu, as_of: str, catalogue: Catalogue) -> list[Gpu]:
    """The other GPUs within a factor of 2 of the memory bandwidth of one, the nearest first.

    Only those with as much memory, or with 24 GB where it has more.

    >>> [near.gpu for near in nearest(load().gpus["RTX-PRO-4500"], "2026-11-21", load())][:2]
    ['L40S', 'A30']
    """

    def apart(other: Gpu, name: str) -> float:
        return abs(math.log(getattr(other, name) / getattr(gpu, name)))

    enough = min(gpu.memory_gb, _ENOUGH_GB)
    alike = [
        other
        for other in catalogue.gpus.values()
        if other.gpu != gpu.gpu
        and is_listed(other, as_of)
        and other.memory_gb >= enough
        and apart(other, "bandwidth_gb_s") <= math.log(_NEAR)
    ]
    return sorted(
        alike, key=lambda other: (*(apart(other, n) for n in ("bandwidth_gb_s", "memory_gb")),)
    )


def borrowed_rate(gpu: Gpu, near: Gpu, region: str, as_of: str, catalogue: Catalogue) -> str:
    """That the rate is that of another GPU, with what makes it the nearest."""
    elsewhere = is_rented(gpu.gpu, ANY_REGION, as_of, catalogue)
    return remarks.borrowed_rate(
        *(gpu.gpu, near.gpu, gpu.bandwidth_gb_s, near.bandwidth_gb_s),
        *(gpu.memory_gb, near.memory_gb, region if elsewhere else ""),
    )


def market_of(provider: str, catalogue: Catalogue) -> str:
    """The kind of market of a provider; empty for one that the data does not know."""
    known = catalogue.providers.get(provider)
    return known.market if known else ""


def sourced(name: str, value: Any, rows: Iterable[Any], note: str) -> Resolved:
    """A value made of rows; one of them that is an assumption makes the whole an assumption."""
    listed = list(rows)
    ids = dict.fromkeys(row.source_id for row in listed)
    status = ASSUMPTION if ASSUMPTION in ids else "default"
    newest: str = max((row.as_of for row in listed), key=first_day)
    return Resolved(name, value, status, " ".join(ids), newest, note)


def purchase_price(rows: Iterable[Price], wanted: str, as_of: str) -> Resolved:
    """The median of the newest observations from each source, of the wanted basis or the next."""
    basis, chosen = of_basis(rows, wanted, as_of)
    if not chosen:
        return Resolved(PRICE, None, "missing", note=f"no purchase price on or before {as_of}")
    note = remarks.median_price(len(chosen), span(chosen), *map(_basis_words, (basis, wanted)))
    return sourced(PRICE, median(row.usd for row in chosen), chosen, note)


def _basis_words(basis: str) -> str:
    return _BASES.get(basis, INPUTS["price_basis"].word(basis).removesuffix(" price"))


def of_basis(rows: Iterable[Price], wanted: str, as_of: str) -> tuple[str, list[Price]]:
    """The newest prices from each source of the wanted basis, or of the next that has any.

    Those over 180 days older than the newest of them do not count. Prices of new and used cards
    together stand for used ones before a price of new ones, and for new ones last.
    """
    known = list(rows)
    others = [basis for basis in INPUTS["price_basis"].choices if basis != wanted]
    others.insert(0 if wanted == USED else len(others), MIXED)
    for basis in (wanted, *others):
        same = (row for row in known if row.price_basis == basis)
        if chosen := newest_of(same, attrgetter("source_id"), as_of):
            newest = max(map(_first_day, chosen))
            return basis, [row for row in chosen if age_days(row.as_of, newest) <= OLD_DAYS]
    return wanted, []


def offers(
    catalogue: Catalogue, gpu: str, provider: str, region: str, term: str, as_of: str
) -> list[Rate]:
    """The newest offer of each (provider, instance, region), comparable or not.

    A region is a provider's region or a country; offers with one price for all regions always
    count.
    """
    rows: Iterable[Rate] = (rate for rate in catalogue.rates_of(gpu) if rate.term == term)
    if provider != ALL_PROVIDERS:
        rows = (rate for rate in rows if rate.provider == provider)
    if region != ANY_REGION:
        places = (ANY_REGION, region)
        rows = (rate for rate in rows if rate.region in places or rate.country == region)
    return newest_of(rows, attrgetter("provider", "instance", "region"), as_of)


def judged(rows: Iterable[Rate], catalogue: Catalogue | None = None) -> list[tuple[Rate, str]]:
    """Each offer with the reason why it cannot be compared with the others; empty if it can.

    What is compared is one whole GPU with the smallest host around it: of each provider and region
    the cheapest offer per GPU, in its own data centers where it has any. All rows are of one GPU
    and term. `catalogue` says what providers and instances are, by default the shipped data.
    """
    known, listed = catalogue or load(), list(rows)
    day = max(map(known_from, listed), default="")
    days = [first_day(rate.as_of) for rate in listed]
    kinds = [known.kind_of(rate.provider, rate.instance) for rate in listed]
    reasons = [_unlike(rate) or _KINDS.get(k, "") for rate, k in zip(listed, kinds, strict=True)]
    least = floor_usd(listed[0].gpu, listed[0].term, day, known) if listed else 0
    for at, rate in enumerate(listed):
        if not reasons[at] and rate.usd_per_gpu_hour < least:
            reasons[at] = TOO_LOW
    markets = {name: market_of(name, known) for name in {rate.provider for rate in listed}}
    alike = [at for at, reason in enumerate(reasons) if not reason]
    for group in grouped(alike, lambda at: markets[listed[at].provider]).values():
        newest = max(days[at] for at in group)
        for at in group:
            if age_days(days[at], newest) > OLD_DAYS:
                reasons[at] = OLD
    alike = [at for at in alike if not reasons[at]]
    own = {listed[at].provider for at in alike if kinds[at] != OTHERS_MACHINES}
    for at in alike:
        if kinds[at] == OTHERS_MACHINES and listed[at].provider in own:
            reasons[at] = PEERS
    alike = [at for at in alike if not reasons[at]]
    for group in grouped(alike, lambda at: (listed[at].provider, listed[at].region)).values():
        newest = max(days[at] for at in group)
        current = {at for at in group if age_days(days[at], newest) <= STALE_DAYS}
        order = sorted(current)
        smallest = min(order, key=lambda at: (listed[at].usd_per_gpu_hour, listed[at].instance))
        for at in group:
            reasons[at] = LARGER if at in current else WITHDRAWN
        reasons[smallest] = ""
    return list(zip(listed, reasons, strict=True))


def comparable(rows: Iterable[Rate], catalogue: Catalogue | None = None) -> list[Rate]:
    """The offers that can be compared with each other."""
    return [rate for rate, reason in judged(rows, catalogue) if not reason]


def no_offer(
    catalogue: Catalogue, gpu: str, provider: str, region: str, term: str, as_of: str
) -> str:
    """Why there is no rate: there is no offer, or none that can be compared, and why not."""
    whose = "all providers" if provider == ALL_PROVIDERS else provider
    asked = f"the {gpu} ({whose}, {region}, {INPUTS['term'].word(term)}) on or before {as_of}"
    listed = offers(catalogue, gpu, provider, region, term, as_of)
    if not listed:
        return f"no rental offer for {asked}"
    reasons = Counter(reason for _, reason in judged(listed, catalogue)).most_common()
    lowest, *others = sorted({rate.usd_per_gpu_hour for rate in listed})
    usd = f"{lowest:g} to {others[-1]:g}" if others else f"{lowest:g}"
    why = "; ".join(
        f"{number:,} of them {reason}" if len(reasons) > 1 else reason for reason, number in reasons
    )
    return (
        f"no comparable rental offer for {asked}: {counted(len(listed), 'offer')} at {usd} USD per "
        f"GPU-hour excluded, {why}"
    )


@lru_cache(maxsize=4096)
def is_rented(gpu: str, region: str, as_of: str, catalogue: Catalogue) -> bool:
    """Whether anybody rents out a GPU in a region, on any term."""
    return any(
        compared(catalogue, gpu, ALL_PROVIDERS, region, term, as_of)
        for term in INPUTS["term"].choices
    )


@lru_cache(maxsize=4096)
def compared(
    catalogue: Catalogue, gpu: str, provider: str, region: str, term: str, as_of: str
) -> tuple[Rate, ...]:
    """The comparable offers: a commitment asks for those on demand too, a borrowed rate again."""
    return tuple(comparable(offers(catalogue, gpu, provider, region, term, as_of), catalogue))


# What is too low for a rate [USD per GPU-hour], by GPU, term and day, as far as it was asked for.
_FLOORS: WeakKeyDictionary[Catalogue, dict[tuple[str, str, str], float]] = WeakKeyDictionary()


def is_too_low(rate: Rate) -> bool:
    """Whether a rate is under a tenth of the median of comparable offers of its day, as shipped."""
    return rate.usd_per_gpu_hour < floor_usd(rate.gpu, rate.term, known_from(rate), load())


def is_too_high(rate: Rate) -> bool:
    """Whether a rate is over ten times the median of comparable offers of its day, as shipped."""
    least = floor_usd(rate.gpu, rate.term, known_from(rate), load())
    return 0 < least * PLAUSIBLE**2 < rate.usd_per_gpu_hour


def is_implausible(price: Price) -> bool:
    """Whether a purchase price is further from the median of the shipped ones than any is.

    >>> [is_implausible(Price("L4", "street", usd, "2026-11", "s", "")) for usd in (2.65, 2_650)]
    [True, False]
    """
    known = [row.usd for row in load().prices_of(price.gpu)]
    return bool(known) and not 1 / PLAUSIBLE <= price.usd / median(known) <= PLAUSIBLE


def floor_usd(gpu: str, term: str, day: str, catalogue: Catalogue) -> float:
    """What a rate is too low under [USD per GPU-hour]: it is a lowest bid, or a slip; 0 for none.

    A tenth of the median over all providers of the median offer of each, in all regions.
    """
    key, floors = (gpu, term, day), _FLOORS.setdefault(catalogue, {})
    if key not in floors:
        rows = offers(catalogue, gpu, ALL_PROVIDERS, ANY_REGION, term, day)
        usual = [
            row
            for row in rows
            if not _unlike(row) and not _KINDS.get(catalogue.kind_of(row.provider, row.instance))
        ]
        middles = provider_medians(usual).values()
        floors[key] = median(middles) / PLAUSIBLE if middles else 0.0
    return floors[key]


def _unlike(rate: Rate) -> str:
    if not rate.host_included:
        return NO_HOST
    return FRACTION if rate.gpus_per_instance < 1 else ""


def provider_medians(rows: Iterable[Rate]) -> dict[str, float]:
    """The median offer of each provider [USD per GPU-hour], cheapest first."""
    own = grouped(rows, attrgetter("provider"))
    medians = {name: median(rate.usd_per_gpu_hour for rate in own[name]) for name in own}
    return dict(sorted(medians.items(), key=itemgetter(1)))


def deciles(rates: Iterable[float]) -> tuple[float, float, float] | None:
    """P10, P50 and P90 of some rates; None without any.

    Between two of them it is linear, as in spreadsheets (PERCENTILE.INC).

    >>> deciles([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    (2.0, 6, 10.0)
    """
    values = sorted(rates)
    if len(values) <= 1:
        return (values[0],) * 3 if values else None
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], median(values), tenths[-1]


def rental_rate(rows: list[Rate], missing: str) -> Resolved:
    """The median over providers of the median offer of each; `missing` explains an empty list."""
    if not rows:
        return Resolved(RATE, None, "missing", note=missing)
    medians = provider_medians(rows)
    listed = ", ".join(f"{provider} {rate_text(value)}" for provider, value in medians.items())
    told = remarks.over_providers(
        len(medians), "of the median offer of each", "the median offer of"
    )
    note = f"{told}: {listed}; {span(rows)}"
    found = sourced(RATE, median(medians.values()), rows, note)
    return replace(found, providers=len(medians))


def newest_of(rows: Iterable[Row], key: Callable[[Row], Any], as_of: str) -> list[Row]:
    """Of each key only the rows with the newest date, of those known on as_of."""
    found = []
    for same in grouped((row for row in rows if known_from(row) <= as_of), key).values():
        newest = max(map(_first_day, same)) if len(same) > 1 else ""
        found += [row for row in same if not newest or first_day(row.as_of) == newest]
    return found


def _first_day(row: Any) -> str:
    return first_day(row.as_of)


def span(rows: Iterable[Any]) -> str:
    """From when to when rows are dated, in words."""
    dates = sorted((row.as_of for row in rows), key=first_day)
    return f"dated {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else "")


@lru_cache(maxsize=4096)
def age_days(as_of: str, on: str) -> int:
    """Days from the date of an observation, of any precision, to a day; negative if it is later.

    >>> age_days("2026-07", "2026-07-31"), age_days("2026-07-30", "2026-07-30")
    (30, 0)
    """
    return (date.fromisoformat(on) - date.fromisoformat(first_day(as_of))).days


def freshness(days: float) -> str:
    """The word for an age: fresh up to 30 days, aging up to 90, else stale.

    >>> [freshness(days) for days in (30, 31, 90, 91)]
    ['fresh', 'aging', 'aging', 'stale']
    """
    if days <= FRESH_DAYS:
        return "fresh"
    return "aging" if days <= STALE_DAYS else "stale"
