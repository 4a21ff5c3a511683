"""Connections to a store: SQLite and PostgreSQL made to behave alike, their errors in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tco.errors import DataError
from tco.market.store import schema
from tco.market.store.place import Place, absent, prepare

_CONNECT_SECONDS = 10
# How long one import waits for another.
_WAIT_SECONDS = 60
_BUSY = ("database is locked", "lock timeout")
_WRITING = "tco_writing"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tco price store', 0))"


def found(place: Place) -> bool:
    """Whether there is a store at a place; nothing is made."""
    with _transaction(place) as connection:
        return schema.store_id(connection, place) is not None


@contextmanager
def reading(place: Place) -> Iterator[tuple[Connection, str]]:
    """A connection to read with, and the store_id; DataError where there is no store."""
    if not absent(place):
        with _transaction(place) as connection:
            store_id = schema.store_id(connection, place)
            if store_id is not None:
                yield connection, store_id
                return
    raise DataError(f"there is no {place.label} yet: the first import makes it")


@contextmanager
def writing(place: Place) -> Iterator[Connection]:
    """A transaction that no other import overlaps; makes the store if there is none.

    It is kept as a whole, or not at all if anything in it fails.
    """
    prepare(place)
    with _transaction(place, writing=True) as connection:
        if place.path is None:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'"))
            connection.execute(text(_LOCK))
        if schema.store_id(connection, place) is None:
            schema.create(connection, place)
        yield connection


def close(place: Place) -> None:
    """Let go of a place's database, until it is used again."""
    _engine(place).dispose()


@contextmanager
def _transaction(place: Place, *, writing: bool = False) -> Iterator[Connection]:
    try:
        with _engine(place).execution_options(**{_WRITING: writing}).begin() as connection:
            yield connection
    except SQLAlchemyError as wrong:
        message = place.concealed(str(getattr(wrong, "orig", None) or wrong))
        if any(sign in message for sign in _BUSY):
            message += f" (another import has not ended in {_WAIT_SECONDS} seconds)"
        # Without the cause: its text has whole rows, and may have more of the address.
        raise DataError(f"{place.label}: {message}") from None


@lru_cache(maxsize=8)
def _engine(place: Place) -> Engine:
    # No pool: a connection is used by one thread of one process, and none is left open.
    if place.path is None:
        return create_engine(
            place.url,
            poolclass=NullPool,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"},
        )
    # With SQLite's usual journal, not a write-ahead log: that needs files beside the store, also
    # to read one, and is not for network folders. Readers wait while an import is written.
    query = {"mode": "rw", "uri": "true"}
    engine = create_engine(
        URL.create("sqlite", database=place.path.as_uri(), query=query),
        poolclass=NullPool,
        connect_args={"timeout": _WAIT_SECONDS},
    )
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin in `_sqlite_begins`, nowhere else
    connection.execute("PRAGMA foreign_keys = ON")


def _sqlite_begins(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
