"""What is in a store: imports, what they set aside, every observation, and snapshots of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Table, func, literal, select, tuple_

from tco.errors import DataError
from tco.market.files import first_day
from tco.market.observed import EXPORT_COLUMNS, AsideCount, Import
from tco.market.records import PURCHASE, RENTAL, Price, Quote, Rate, Source
from tco.market.store.database import ASIDE, IMPORTS, PRICES, QUOTES, RATES, SEEN, SOURCES, reading
from tco.market.store.place import Place

Record = TypeVar("Record", Rate, Price, Quote)
# Of observations that agree in these, only the one that came last is given; quotes all.
_OFFER = ("provider", "instance", "region", "term", "as_of", "source_id")
_PURCHASE = ("price_basis", "as_of", "source_id")
_ROWS_AT_ONCE = 5_000
_KINDS = {"rate": RATES, "price": PRICES, "quote": QUOTES}
_OF_SOURCE = [column for column in SOURCES.c if column.name not in ("source", "import_id")]


def imports(place: Place) -> tuple[Import, ...]:
    """Every import, the oldest first."""
    columns = [column for column in IMPORTS.c if column.name != "source"]
    query = select(*columns, SOURCES.c.source_id).join(
        SOURCES, SOURCES.c.source == IMPORTS.c.source
    )
    with reading(place) as (connection, _store_id):
        rows = connection.execute(query.order_by(IMPORTS.c.import_id)).mappings().all()
    return tuple(Import(**{**row, "sha256": row["sha256"] or ""}) for row in rows)


def newest_import(connection: Connection) -> int:
    """The id of the newest import; 0 before the first."""
    return connection.scalar(select(func.max(IMPORTS.c.import_id))) or 0


def set_aside(place: Place, import_id: int | None = None) -> tuple[AsideCount, ...]:
    """What was set aside, by provider, GPU and reason, by one import or by all."""
    query = select(*(column for column in ASIDE.c if column.name != "position"))
    if import_id is not None:
        query = query.where(ASIDE.c.import_id == import_id)
    with reading(place) as (connection, _store_id):
        rows = connection.execute(query.order_by(ASIDE.c.import_id, ASIDE.c.position)).all()
    return tuple(AsideCount(*row) for row in rows)


def sources(connection: Connection, import_id: int) -> dict[int, Source]:
    """The sources by their key, those of one source_id in the order in which they came."""
    query = select(SOURCES.c.source, *_OF_SOURCE).where(SOURCES.c.import_id <= import_id)
    rows = connection.execute(query.order_by(SOURCES.c.source)).all()
    return {key: Source(*values) for key, *values in rows}


def export_rows(place: Place) -> Iterator[tuple[Any, ...]]:
    """The header, then every observation: rates, prices, quotes, by GPU as they came.

    Numbers are floats and host_included is yes or no; what a kind does not have is empty.
    """
    with reading(place) as (connection, _store_id):
        last = newest_import(connection)
        cited = sources(connection, last)
        named = connection.execute(select(IMPORTS.c.import_id, IMPORTS.c.collector))
        collectors = dict(named.all())
    yield EXPORT_COLUMNS
    for kind, table in _KINDS.items():
        order = tuple(table.primary_key)
        after: tuple[Any, ...] = ("", 0, 0)
        query = select(table).where(table.c.import_id <= last).order_by(*order)
        # In parts, so that no import has to wait until the last row is written.
        while after:
            rest = query.where(tuple_(*order) > tuple_(*map(literal, after)))
            with reading(place) as (connection, _store_id):
                rows = connection.execute(rest.limit(_ROWS_AT_ONCE)).mappings().all()
            yield from (_line(kind, row, cited[row["source"]], collectors) for row in rows)
            after = tuple(rows[-1][column.name] for column in order) if rows else ()


def _line(
    kind: str, row: RowMapping, source: Source, collectors: dict[int, str]
) -> tuple[Any, ...]:
    found = {"kind": kind, **row, "collector": collectors[row["import_id"]]}
    for name in ("source_id", "publisher", "title", "url"):
        found[name] = getattr(source, name)
    if kind == "rate":
        found["host_included"] = "yes" if row["host_included"] else "no"
    if kind == "quote":
        found[{RENTAL: "usd_per_gpu_hour", PURCHASE: "usd"}[row["input"]]] = row["value"]
    return tuple(found.get(name, "") for name in EXPORT_COLUMNS)


class Snapshot:
    """What `tco.market.catalogue.Prices` asks for, read GPU by GPU when it is wanted.

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
            cited = sources(connection, import_id)
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
            columns = [
                (SOURCES if field.name == "source_id" else table).c[field.name]
                for field in fields(kind)
            ]
            query = select(*columns).join_from(table, SOURCES, table.c.source == SOURCES.c.source)
            query = query.where(table.c.gpu == gpu).order_by(table.c.import_id, table.c.position)
            with self._connected() as (connection, import_id):
                found = connection.execute(query.where(table.c.import_id <= import_id))
                rows = [kind(*row) for row in found]
            if key:
                offer = attrgetter(*key)
                last = {offer(row): row for row in rows}
                rows = [row for row in rows if last[offer(row)] is row]
            self._kept[table.name, gpu] = tuple(rows)
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
        with reading(place) as (connection, found):
            if found != store_id:
                raise DataError(f"{place.label} was replaced by another while it was in use")
            yield connection, import_id


@lru_cache(maxsize=4)
def snapshot(place: Place, store_id: str, import_id: int) -> Snapshot:
    """The snapshot of a store at one import: the same object for the same import."""
    return Snapshot(place, store_id, import_id)


def newest_snapshot(place: Place) -> Snapshot:
    """The snapshot of a store at its newest import."""
    with reading(place) as (connection, store_id):
        import_id = newest_import(connection)
    return snapshot(place, store_id, import_id)
