"""Observations on top of the shipped data: what a price store or a frame of prices adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from tco.market.batch import Batch
from tco.market.files import first_day
from tco.market.records import Price, Quote, Rate, Source


class Prices(Protocol):
    """Observations that never change: those of a store up to one import, or those of a frame."""

    @property
    def label(self) -> str:
        """What they are, for people: one phrase."""

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources that their rows name."""

    @property
    def newest(self) -> str:
        """The newest date among them; empty without any."""

    @property
    def providers(self) -> frozenset[str]:
        """Every provider of a rate or a quote."""

    @property
    def regions(self) -> frozenset[str]:
        """Every region and country of a rate or a quote."""

    def rates_of(self, gpu: str) -> tuple[Rate, ...]:
        """The rental rates of a GPU."""

    def prices_of(self, gpu: str) -> tuple[Price, ...]:
        """The purchase prices of a GPU."""

    def quotes_of(self, gpu: str) -> tuple[Quote, ...]:
        """The quotes for a GPU."""


class Observed:
    """Observations held in memory."""

    def __init__(
        self,
        label: str,
        sources: Mapping[str, Source],
        rates: Iterable[Rate] = (),
        prices: Iterable[Price] = (),
        quotes: Iterable[Quote] = (),
    ) -> None:
        self.label = label
        self.sources = dict(sources)
        self._rates, self._prices, self._quotes = _by_gpu(rates), _by_gpu(prices), _by_gpu(quotes)
        rented = [row for rows in (*self._rates.values(), *self._quotes.values()) for row in rows]
        bought = [row for rows in self._prices.values() for row in rows]
        self.newest = max((first_day(row.as_of) for row in (*rented, *bought)), default="")
        self.providers = frozenset(row.provider for row in rented if row.provider)
        countries = (row.country for rows in self._rates.values() for row in rows)
        self.regions = frozenset({row.region for row in rented if row.region} | {*countries})

    def rates_of(self, gpu: str) -> tuple[Rate, ...]:
        """The rental rates of a GPU."""
        return self._rates.get(gpu, ())

    def prices_of(self, gpu: str) -> tuple[Price, ...]:
        """The purchase prices of a GPU."""
        return self._prices.get(gpu, ())

    def quotes_of(self, gpu: str) -> tuple[Quote, ...]:
        """The quotes for a GPU."""
        return self._quotes.get(gpu, ())


def _by_gpu(rows: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.gpu, []).append(row)
    return {gpu: tuple(kept) for gpu, kept in found.items()}


def observed_batch(batch: Batch) -> Observed:
    """The observations of one file, without a store."""
    sources = {source.source_id: source for source in (batch.source, *batch.sources)}
    label = f"{batch.file} (sha256 {batch.sha256[:12]})"
    return Observed(label, sources, batch.rates, batch.prices, batch.quotes)
