"""What is wrong with the prices themselves: unsourced, implausible, contradictory, stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from statistics import median
from typing import Any

from tco.inputs import INPUTS
from tco.inputs.clock import today
from tco.market.catalogue import (
    ALL_PROVIDERS,
    ANY_REGION,
    ASSUMPTION,
    Catalogue,
    Price,
    Rate,
)
from tco.market.evidence import (
    PLAUSIBLE,
    STALE_DAYS,
    age_days,
    compared,
    newest_of,
    provider_medians,
)
from tco.market.files import first_day, grouped, known_from
from tco.market.observed import UNSOURCED
from tco.market.readable import market_words, readable
from tco.words.figures import age, money

KINDS = (
    *("unsourced", "implausible", "expired", "contradictory", "marked", "stale", "assumption"),
)
# What no shipped row may be.
FAULTS = ("unsourced", "implausible", "contradictory")
# Sources of one thing that differ by more contradict each other.
CONTRADICTION = 0.25
# Amounts from here on are told to the cent [USD].
_LARGE = 100
# What a note says that knows of it.
_MARK = "contradict"


@dataclass(frozen=True)
class Finding:
    """One thing to look at: its kind, the GPU or input, and a sentence."""

    kind: str
    subject: str
    message: str


def check(catalogue: Catalogue, as_of: str | None = None) -> tuple[Finding, ...]:
    """Everything to look at in the prices, the worst kind first; ages count from `as_of`.

    `unsourced`: a price or rate that says nothing of where it comes from. `expired`: a quote of
    your own whose last day is over, on `as_of` or, if that is not given, today. `implausible`: a
    rate below a tenth or above ten times the median of the comparable offers of the GPU on the same
    term, a price so far from the median of the GPU's prices, or a tariff or a colocation fee so far
    from others. `contradictory`: two sources for the same GPU
    and basis, or instance, region and term, of about the same time and more than 25 % apart;
    `marked`: the same where a note says so. `stale`: the newest of its kind is over 90 days old.
    `assumption`: what nobody sourced, labeled as such.

    >>> from tco.market.catalogue import load
    >>> [finding for finding in check(load()) if finding.kind == "unsourced"]
    []
    """
    on = as_of or catalogue.newest
    sides: tuple[Callable[[str], Iterable[Any]], ...] = (catalogue.prices_of, catalogue.rates_of)
    prices, rates = (
        [row for gpu in catalogue.gpus for row in rows_of(gpu) if known_from(row) <= on]
        for rows_of in sides
    )
    found = [
        *_unsourced([*prices, *rates], catalogue),
        *_implausible(catalogue, prices, rates, on),
        *_expired(catalogue, as_of or max(on, today())),
        *_contradictory(catalogue, [*_standing(prices), *_standing(rates)], on),
        *_stale([*prices, *rates], on),
    ]
    return tuple(sorted(found, key=lambda finding: KINDS.index(finding.kind)))


def _thing(row: Price | Rate) -> tuple[str, ...]:
    """What a price or a rate is of: rows with the same thing measure the same."""
    if isinstance(row, Price):
        return row.gpu, row.price_basis
    return row.gpu, row.provider, row.instance, row.region, row.term


def _kind(row: Price | Rate) -> str:
    """What kind of price or rate it is, in words: "list price", "on demand"."""
    if isinstance(row, Price):
        return f"{INPUTS['price_basis'].word(row.price_basis).removesuffix(' price')} price"
    return INPUTS["term"].word(row.term)


def _named(row: Price | Rate) -> str:
    """What a price or a rate is of, in words."""
    return " ".join((*_thing(row)[:-1], _kind(row)))


def _usd(row: Price | Rate) -> float:
    return row.usd if isinstance(row, Price) else row.usd_per_gpu_hour


def _written(usd: float) -> str:
    """An amount as it is: to the cent, a small one to six decimals."""
    return money(round(usd, 2 if usd >= _LARGE else 6))


def _implausible(
    catalogue: Catalogue, prices: list[Price], rates: list[Rate], on: str
) -> Iterator[Finding]:
    """Figures that are further from the median of their like than figures of one thing can be.

    Rates are set against the comparable offers of the GPU on the term, and so are indices of them.
    """
    for gpu, own in grouped(prices, attrgetter("gpu")).items():
        middle = median(map(_usd, own))
        for price in own:
            yield from _far(gpu, _named(price), price.as_of, _usd(price), middle)
    indices = [row for row in catalogue.rate_indices if known_from(row) <= on]
    listed: list[Any] = [*(row for row in rates if row.host_included), *indices]
    for (gpu, term), same in grouped(listed, attrgetter("gpu", "term")).items():
        offers = compared(catalogue, gpu, ALL_PROVIDERS, ANY_REGION, term, on)
        middle = median(provider_medians(offers or same).values())
        for row in same:
            thing = _named(row) if isinstance(row, Rate) else f"{gpu} {row.provider} {row.kind}"
            yield from _far(gpu, thing, row.as_of, row.usd_per_gpu_hour, middle)
    files: tuple[tuple[str, Iterable[Any], str, str, str], ...] = (
        ("tariff", catalogue.electricity, "region", "sector", "usd_per_kwh"),
        ("colocation fee", catalogue.colocation, "market", "power_included", "usd_per_kw_month"),
    )
    for what, rows, place, kind, figure in files:
        known = [row for row in rows if known_from(row) <= on]
        for same in grouped(known, attrgetter(kind)).values():
            middle = median(getattr(row, figure) for row in same)
            for row in same:
                thing = f"{what} {getattr(row, place)}"
                yield from _far(what, thing, row.as_of, getattr(row, figure), middle)


def _far(subject: str, thing: str, as_of: str, usd: float, middle: float) -> Iterator[Finding]:
    """That a figure is far from the median of its like, if it is."""
    if not middle / PLAUSIBLE <= usd <= middle * PLAUSIBLE:
        told = f"{thing} of {as_of}: {_written(usd)}"
        message = f"{told}, while the median of its like is {_written(middle)}"
        yield Finding("implausible", subject, message)


def _standing(rows: list[Any]) -> list[Any]:
    """The rows that are not much older than the newest of their thing."""
    newest: dict[Any, str] = {}
    for row in rows:
        newest[_thing(row)] = max(first_day(row.as_of), newest.get(_thing(row), ""))
    return [row for row in rows if age_days(row.as_of, newest[_thing(row)]) <= STALE_DAYS]


def _unsourced(rows: list[Price | Rate], catalogue: Catalogue) -> Iterator[Finding]:
    """Rows that name no source, and assumptions, among the defaults too."""
    for row in rows:
        source, said = (
            catalogue.sources.get(row.source_id),
            f"{_named(row)} of {row.as_of}",
        )
        if row.source_id == ASSUMPTION:
            yield Finding("assumption", row.gpu, f"{said}: {readable(row.note, catalogue)}")
        elif row.source_id == UNSOURCED or not (source and (source.url or source.title)):
            yield Finding("unsourced", row.gpu, f"{said}: no source")
    for name, entries in catalogue.defaults.items():
        newest = {e.market: e for e in sorted(entries, key=lambda e: first_day(e.as_of))}
        for market, entry in newest.items():
            if entry.source_id == ASSUMPTION:
                kind = f" ({market_words(market)})" if market else ""
                yield Finding(
                    "assumption", name, f"{name}{kind}: {readable(entry.note, catalogue)}"
                )


def _expired(catalogue: Catalogue, on: str) -> Iterator[Finding]:
    for gpu in catalogue.gpus:
        for quote in catalogue.quotes_of(gpu):
            if quote.valid_until < on and first_day(quote.as_of) <= on:
                whose = f" from {quote.provider}" if quote.provider else ""
                told = INPUTS[quote.input].written(quote.value)
                message = f"{gpu}: your quote of {told}{whose} expired on {quote.valid_until}"
                yield Finding("expired", gpu, message)


def _contradictory(catalogue: Catalogue, rows: list[Any], on: str) -> Iterator[Finding]:
    things: dict[Any, list[Any]] = {}
    for row in newest_of(rows, lambda row: (_thing(row), row.source_id), on):
        things.setdefault(_thing(row), []).append(row)
    for same in things.values():
        low, high = min(same, key=_usd), max(same, key=_usd)
        if low.source_id != high.source_id and _usd(high) > _usd(low) * (1 + CONTRADICTION):
            is_marked = any(_MARK in row.note.casefold() for row in (low, high))
            yield Finding(
                "marked" if is_marked else "contradictory",
                low.gpu,
                readable(
                    f"{_named(low)}: {_written(_usd(low))} ({low.source_id}, {low.as_of}) "
                    f"and {_written(_usd(high))} ({high.source_id}, {high.as_of})",
                    catalogue,
                ),
            )


def _stale(rows: list[Any], on: str) -> Iterator[Finding]:
    newest = {}
    for row in sorted(rows, key=lambda row: (isinstance(row, Rate), first_day(row.as_of))):
        is_price = isinstance(row, Price)
        kind = _kind(row) if is_price else f"{row.provider} {_kind(row)}"
        newest[row.gpu, kind] = row
    for (gpu, kind), row in newest.items():
        days = age_days(row.as_of, on)
        if days > STALE_DAYS:
            message = f"{gpu} {kind}: newest of {row.as_of}, {age(days)}"
            yield Finding("stale", gpu, message)
