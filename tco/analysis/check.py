"""What is wrong with the prices themselves: unsourced, contradictory, stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tco.market.catalogue import ASSUMPTION, Catalogue, Price, Rate
from tco.market.choice import STALE_DAYS, age_days, newest_of
from tco.market.files import first_day
from tco.market.observed import UNSOURCED

KINDS = ("unsourced", "contradictory", "stale", "assumption")
# Sources of one thing that differ by more contradict each other.
CONTRADICTION = 0.25


@dataclass(frozen=True)
class Finding:
    """One thing to look at: its kind, the GPU or input, and a sentence."""

    kind: str
    subject: str
    message: str


def check(catalogue: Catalogue, as_of: str | None = None) -> tuple[Finding, ...]:
    """Everything to look at in the prices, the worst kind first; ages count from `as_of`.

    `unsourced`: a price or rate that says nothing of where it comes from. `contradictory`: two
    sources for the same GPU and basis, or instance, region and term, more than 25 % apart. `stale`:
    the newest of its kind is over 90 days old. `assumption`: what nobody sourced, labeled as such.

    >>> from tco.market.catalogue import load
    >>> [finding for finding in check(load()) if finding.kind == "unsourced"]
    []
    """
    on = as_of or catalogue.newest
    sides: tuple[Callable[[str], Iterable[Any]], ...] = (catalogue.rates_of, catalogue.prices_of)
    rates, prices = (
        [row for gpu in catalogue.gpus for row in rows_of(gpu) if first_day(row.as_of) <= on]
        for rows_of in sides
    )
    found = [
        *_unsourced([*prices, *rates], catalogue),
        *_contradictory(prices, lambda row: (row.price_basis,), lambda row: row.usd, on),
        *_contradictory(_standing(rates), _offer, lambda row: row.usd_per_gpu_hour, on),
        *_stale(prices, lambda row: (f"{row.price_basis} price",), on),
        *_stale(rates, lambda row: (row.provider, row.term), on),
        *_assumptions([*prices, *rates], catalogue),
    ]
    return tuple(sorted(found, key=lambda finding: KINDS.index(finding.kind)))


def _standing(rates: list[Rate]) -> list[Rate]:
    """The rates that are not much older than the newest of their offer."""
    newest: dict[Any, str] = {}
    for row in rates:
        day, key = first_day(row.as_of), (row.gpu, *_offer(row))
        newest[key] = max(day, newest.get(key, ""))
    return [
        row for row in rates if age_days(row.as_of, newest[row.gpu, *_offer(row)]) <= STALE_DAYS
    ]


def _offer(row: Rate) -> tuple[str, ...]:
    return row.provider, row.instance, row.region, row.term


def _unsourced(rows: list[Rate | Price], catalogue: Catalogue) -> Iterator[Finding]:
    for row in rows:
        source = catalogue.sources.get(row.source_id)
        named = source is not None and (source.url or source.title)
        if row.source_id == UNSOURCED or not (named or row.source_id == ASSUMPTION):
            yield Finding("unsourced", row.gpu, f"{_named(row)} of {row.as_of}: no source")


def _contradictory(
    rows: list[Any], thing: Callable[[Any], tuple[str, ...]], usd: Callable[[Any], float], on: str
) -> Iterator[Finding]:
    things: dict[Any, list[Any]] = {}
    for row in newest_of(rows, lambda row: (row.gpu, thing(row), row.source_id), on):
        things.setdefault((row.gpu, thing(row)), []).append(row)
    for (gpu, key), same in things.items():
        low, high = min(same, key=usd), max(same, key=usd)
        if low.source_id != high.source_id and usd(high) > usd(low) * (1 + CONTRADICTION):
            yield Finding(
                "contradictory",
                gpu,
                f"{_described(low, key)}: {usd(low):g} USD ({low.source_id}, {low.as_of}) "
                f"and {usd(high):g} USD ({high.source_id}, {high.as_of})",
            )


def _stale(rows: list[Any], thing: Callable[[Any], tuple[str, ...]], on: str) -> Iterator[Finding]:
    newest = {(row.gpu, thing(row)): row for row in sorted(rows, key=lambda r: first_day(r.as_of))}
    for row in newest.values():
        age = age_days(row.as_of, on)
        if age > STALE_DAYS:
            message = f"{_described(row, thing(row))}: newest of {row.as_of}, {age} days old"
            yield Finding("stale", row.gpu, message)


def _assumptions(rows: list[Rate | Price], catalogue: Catalogue) -> Iterator[Finding]:
    for row in rows:
        if row.source_id == ASSUMPTION:
            yield Finding("assumption", row.gpu, f"{_named(row)} of {row.as_of}: {row.note}")
    for name, entries in catalogue.defaults.items():
        newest = {e.market: e for e in sorted(entries, key=lambda e: first_day(e.as_of))}
        for market, entry in newest.items():
            if entry.source_id == ASSUMPTION:
                kind = f" ({market})" if market else ""
                yield Finding("assumption", name, f"{name}{kind}: {entry.note}")


def _named(row: Rate | Price) -> str:
    return _described(row, _offer(row) if isinstance(row, Rate) else (row.price_basis,))


def _described(row: Any, key: tuple[str, ...]) -> str:
    return " ".join((row.gpu, *key))
