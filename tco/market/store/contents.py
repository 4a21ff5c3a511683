"""What is in a store: imports, what they set aside, every observation, and snapshots of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, func, literal, select, tuple_

from tco.errors import DataError
from tco.inputs import PRICE, RATE
from tco.market.catalogue import Observations, Price, Quote, Rate, Row, Source
from tco.market.observed import EXPORT_COLUMNS, Import, RejectionCount
from tco.market.store import Address
from tco.market.store.database import ASIDE, IMPORTS, OBSERVATIONS, SEEN, SOURCES, reading

# Of observations that agree in these, only the one that came last is given; quotes all.
_SAME_OFFER = {
    Rate: ("provider", "instance", "region", "term", "as_of", "source_id"),
    Price: ("price_basis", "as_of", "source_id"),
}
_ROWS_AT_ONCE = 5_000
_CITED = ("source_id", "publisher", "title", "url")
_PRICE_COLUMNS = {RATE: "usd_per_gpu_hour", PRICE: "usd"}
_OF_SOURCE = [column for column in SOURCES.c if column.name not in ("source", "import_id")]


def imports(address: Address) -> tuple[Import, ...]:
    """Every import, the oldest first."""
    columns = [column for column in IMPORTS.c if column.name != "source"]
    query = select(*columns, SOURCES.c.source_id).join(
        SOURCES, SOURCES.c.source == IMPORTS.c.source
    )
    with reading(address) as (connection, _store_id):
        rows = connection.execute(query.order_by(IMPORTS.c.import_id)).mappings().all()
    return tuple(Import(**{**row, "sha256": row["sha256"] or ""}) for row in rows)


def newest_import(connection: Connection) -> int:
    """The id of the newest import; 0 before the first."""
    return connection.scalar(select(func.max(IMPORTS.c.import_id))) or 0


def rejections(address: Address, import_id: int | None = None) -> tuple[RejectionCount, ...]:
    """What was set aside, by provider, GPU and reason, by one import or by all."""
    query = select(*(column for column in ASIDE.c if column.name != "position"))
    if import_id is not None:
        query = query.where(ASIDE.c.import_id == import_id)
    with reading(address) as (connection, _store_id):
        rows = connection.execute(query.order_by(ASIDE.c.import_id, ASIDE.c.position)).all()
    return tuple(RejectionCount(*row) for row in rows)


def sources(connection: Connection, import_id: int) -> dict[int, Source]:
    """The sources by their key, those of one source_id in the order in which they came."""
    query = select(SOURCES.c.source, *_OF_SOURCE).where(SOURCES.c.import_id <= import_id)
    rows = connection.execute(query.order_by(SOURCES.c.source)).all()
    return {key: Source(*values) for key, *values in rows}


def export_rows(address: Address) -> Iterator[tuple[Any, ...]]:
    """The header, then every observation: rates, prices, quotes, by GPU as they came.

    Numbers are floats and host_included is yes or no; what a kind does not have is empty.
    """
    with reading(address) as (connection, _store_id):
        last = newest_import(connection)
        cited = sources(connection, last)
        named = connection.execute(select(IMPORTS.c.import_id, IMPORTS.c.collector))
        collectors = dict(named.all())
    yield EXPORT_COLUMNS
    for kind, table in OBSERVATIONS.items():
        order = tuple(table.primary_key)
        after: tuple[Any, ...] = ("", 0, 0)
        query = select(table).where(table.c.import_id <= last).order_by(*order)
        # In parts, so that no import has to wait until the last row is written.
        while after:
            rest = query.where(tuple_(*order) > tuple_(*map(literal, after)))
            with reading(address) as (connection, _store_id):
                rows = connection.execute(rest.limit(_ROWS_AT_ONCE)).mappings().all()
            for row in rows:
                found = {"kind": kind.__name__.lower(), **row}
                found |= {"collector": collectors[row["import_id"]]}
                found |= {name: getattr(cited[row["source"]], name) for name in _CITED}
                if kind is Rate:
                    found["host_included"] = "yes" if row["host_included"] else "no"
                if kind is Quote:
                    found[_PRICE_COLUMNS[row["input"]]] = row["value"]
                yield tuple(found.get(name, "") for name in EXPORT_COLUMNS)
            after = tuple(rows[-1][column.name] for column in order) if rows else ()


class Snapshot(Observations):
    """The observations up to one import, read GPU by GPU when they are wanted.

    Every method raises DataError when the store cannot be read, or is no longer the same one.
    """

    def __init__(self, address: Address, store_id: str, import_id: int) -> None:
        self.label = f"{address.label}, up to import {import_id}"
        self._key = (address, store_id, import_id)
        self._kept: dict[tuple[type, str], Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return snapshot, self._key

    @cached_property
    def sources(self) -> Mapping[str, Source]:  # type: ignore[override]  # read when wanted
        """Every source that was cited, as it was cited last."""
        with self._connected() as (connection, import_id):
            cited = sources(connection, import_id)
        return {source.source_id: source for source in cited.values()}

    @cached_property
    def seen(self) -> Mapping[str, Collection[str]]:  # type: ignore[override]
        """Every date, provider and region of the observations."""
        found: dict[str, list[str]] = {"as_of": [], "provider": [], "region": []}
        with self._connected() as (connection, import_id):
            query = select(SEEN.c.field, SEEN.c.value).where(SEEN.c.import_id <= import_id)
            for field, value in connection.execute(query):
                found[field].append(value)
        return found

    def rows_of(self, kind: type[Row], gpu: str) -> tuple[Row, ...]:
        """The observations of one kind of a GPU, as they came."""
        if (kind, gpu) not in self._kept:
            table = OBSERVATIONS[kind]
            columns = [
                (SOURCES if field.name == "source_id" else table).c[field.name]
                for field in fields(kind)
            ]
            query = select(*columns).join_from(table, SOURCES, table.c.source == SOURCES.c.source)
            query = query.where(table.c.gpu == gpu).order_by(table.c.import_id, table.c.position)
            with self._connected() as (connection, import_id):
                found = connection.execute(query.where(table.c.import_id <= import_id))
                rows = [kind(*row) for row in found]
            if kind in _SAME_OFFER:
                offer = attrgetter(*_SAME_OFFER[kind])
                last = {offer(row): row for row in rows}
                rows = [row for row in rows if last[offer(row)] is row]
            self._kept[kind, gpu] = tuple(rows)
        kept: tuple[Row, ...] = self._kept[kind, gpu]
        return kept

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection, int]]:
        address, store_id, import_id = self._key
        with reading(address) as (connection, found):
            if found != store_id:
                raise DataError(f"{address.label} was replaced by another while it was in use")
            yield connection, import_id


@lru_cache(maxsize=4)
def snapshot(address: Address, store_id: str, import_id: int) -> Snapshot:
    """The snapshot of a store at one import: the same object for the same import."""
    return Snapshot(address, store_id, import_id)


def newest_snapshot(address: Address) -> Snapshot:
    """The snapshot of a store at its newest import."""
    with reading(address) as (connection, store_id):
        import_id = newest_import(connection)
    return snapshot(address, store_id, import_id)
