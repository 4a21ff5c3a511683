"""What is in a store: its imports, what they set aside, and every observation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, literal, select, tuple_

from tco.market.records import Source
from tco.market.store.cells import PURCHASE, RENTAL
from tco.market.store.database import reading
from tco.market.store.place import Place
from tco.market.store.rows import EXPORT_COLUMNS, AsideCount, Import
from tco.market.store.schema import ASIDE, IMPORTS, PRICES, QUOTES, RATES, SOURCES

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
        after: tuple[Any, ...] = ("", 0, 0)
        # In parts, so that no import has to wait until the last row is written.
        while rows := _part(place, table, after, last):
            after = tuple(rows[-1][column.name] for column in table.primary_key)
            yield from (_line(kind, row, cited[row["source"]], collectors) for row in rows)


def _part(place: Place, table: Table, after: tuple[Any, ...], last: int) -> Sequence[RowMapping]:
    order = tuple(table.primary_key)
    query = (
        select(table)
        .where(tuple_(*order) > tuple_(*map(literal, after)), table.c.import_id <= last)
        .order_by(*order)
        .limit(_ROWS_AT_ONCE)
    )
    with reading(place) as (connection, _store_id):
        return connection.execute(query).mappings().all()


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
