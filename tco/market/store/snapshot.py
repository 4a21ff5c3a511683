"""The observations of a store up to one import: they never change, so answers can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select

from tco.errors import DataError
from tco.market.files import first_day
from tco.market.records import Price, Quote, Rate, Source
from tco.market.store import contents, database
from tco.market.store.place import Place
from tco.market.store.schema import PRICES, QUOTES, RATES, SEEN, SOURCES

Record = TypeVar("Record", Rate, Price, Quote)
# Of observations that agree in these, only the one that came last is given; quotes all.
_OFFER = ("provider", "instance", "region", "term", "as_of", "source_id")
_PURCHASE = ("price_basis", "as_of", "source_id")


class Snapshot:
    """What `tco.market.observed.Prices` asks for, read GPU by GPU when it is wanted.

    Every method raises DataError when the store cannot be read, or is no longer the same one.
    """

    def __init__(self, place: Place, store_id: str, import_id: int) -> None:
        self.label = f"{place.label}, up to import {import_id}"
        self._key = (place, store_id, import_id)
        self._kept: dict[tuple[str, str], tuple[Any, ...]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return snapshot, self._key

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source that was cited, as it was cited last."""
        with self._connected() as (connection, import_id):
            cited = contents.sources(connection, import_id)
        return {source.source_id: source for source in cited.values()}

    @property
    def newest(self) -> str:
        """The newest date among them; empty without any."""
        return max(map(first_day, self._seen["as_of"]), default="")

    @property
    def providers(self) -> frozenset[str]:
        """Every provider of a rate or a quote."""
        return frozenset(self._seen["provider"])

    @property
    def regions(self) -> frozenset[str]:
        """Every region and country of a rate or a quote."""
        return frozenset(self._seen["region"])

    def rates_of(self, gpu: str) -> tuple[Rate, ...]:
        """The rental rates of a GPU."""
        return self._of(gpu, Rate, RATES, _OFFER)

    def prices_of(self, gpu: str) -> tuple[Price, ...]:
        """The purchase prices of a GPU."""
        return self._of(gpu, Price, PRICES, _PURCHASE)

    def quotes_of(self, gpu: str) -> tuple[Quote, ...]:
        """The quotes for a GPU."""
        return self._of(gpu, Quote, QUOTES)

    def _of(
        self, gpu: str, kind: type[Record], table: Table, key: tuple[str, ...] = ()
    ) -> tuple[Record, ...]:
        if (table.name, gpu) not in self._kept:
            with self._connected() as (connection, import_id):
                rows = _records(connection, kind, table, gpu, import_id)
            self._kept[table.name, gpu] = _last(rows, key) if key else tuple(rows)
        return self._kept[table.name, gpu]

    @cached_property
    def _seen(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {"as_of": [], "provider": [], "region": []}
        with self._connected() as (connection, import_id):
            query = select(SEEN.c.field, SEEN.c.value).where(SEEN.c.import_id <= import_id)
            for field, value in connection.execute(query):
                found[field].append(value)
        return found

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection, int]]:
        place, store_id, import_id = self._key
        with database.reading(place) as (connection, found):
            if found != store_id:
                raise DataError(f"{place.label} was replaced by another while it was in use")
            yield connection, import_id


@lru_cache(maxsize=4)
def snapshot(place: Place, store_id: str, import_id: int) -> Snapshot:
    """The snapshot of a store at one import: the same object for the same import."""
    return Snapshot(place, store_id, import_id)


def newest(place: Place) -> Snapshot:
    """The snapshot of a store at its newest import."""
    with database.reading(place) as (connection, store_id):
        import_id = contents.newest_import(connection)
    return snapshot(place, store_id, import_id)


def _records(
    connection: Connection, kind: type[Record], table: Table, gpu: str, import_id: int
) -> list[Record]:
    names = [field.name for field in fields(kind)]
    columns = [SOURCES.c.source_id if name == "source_id" else table.c[name] for name in names]
    query = (
        select(*columns)
        .join_from(table, SOURCES, table.c.source == SOURCES.c.source)
        .where(table.c.gpu == gpu, table.c.import_id <= import_id)
        .order_by(table.c.import_id, table.c.position)
    )
    return [kind(*row) for row in connection.execute(query).all()]


def _last(rows: list[Record], key: tuple[str, ...]) -> tuple[Record, ...]:
    offer, found = attrgetter(*key), dict[Any, Record]()
    for row in reversed(rows):
        found.setdefault(offer(row), row)
    return tuple(reversed(found.values()))
