"""The tables of a store, and connections to it: the same statements for every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tco.errors import DataError
from tco.market.catalogue import Price, Quote, Rate, Source
from tco.market.store import Address, absent, prepare

# To be raised with every change of the tables, also of the fields of a stored record.
SCHEMA_VERSION = 1
METADATA = MetaData()
# In the same order in every database, whatever its language.
_ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
_CONNECT_SECONDS = 10
# How long one import waits for another.
_WAIT_SECONDS = 60
_BUSY = ("database is locked", "lock timeout")
# The one thing that SQLAlchemy has no statement for: that an import is alone from its beginning,
# the making of the tables included. No table can be locked instead: the first import makes them,
# and who may insert need not have the right to lock or change one.
_ALONE = {
    "sqlite": ("PRAGMA foreign_keys = ON", "BEGIN IMMEDIATE"),  # references are not checked unasked
    "postgresql": (
        "SET LOCAL lock_timeout = '{seconds}s'",
        "SELECT pg_advisory_xact_lock(hashtextextended('tco price store', 0))",
    ),
}
# What the tables call a field that was renamed since.
_STORED = {"license": "licence"}
_TYPES = {"str": Text, "float": Double, "bool": Boolean}


def _columns(kind: type, but: tuple[str, ...] = ()) -> list[Column[object]]:
    return [
        Column(
            _STORED.get(field.name, field.name),
            _TYPES[str(field.type)](),
            key=field.name,
            nullable=False,
        )
        for field in fields(kind)
        if field.name not in but
    ]


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _of_import() -> Column[int]:
    # Checked at the end: an import is written last, when its counts are known.
    reference = ForeignKey("imports.import_id", deferrable=True, initially="DEFERRED")
    return Column("import_id", Integer, reference, nullable=False)


def _lines(name: str, *columns: Column[Any]) -> Table:
    """A table with the lines that one import wrote, by their position."""
    position = Column("position", Integer, nullable=False)
    key = PrimaryKeyConstraint("import_id", "position")
    return Table(name, METADATA, _of_import(), position, *columns, key)


def _observations(name: str, kind: type) -> Table:
    return Table(
        name,
        METADATA,
        Column("gpu", _ORDERED, nullable=False),
        _of_import(),
        Column("position", Integer, nullable=False),
        Column("source", Integer, ForeignKey("sources.source"), nullable=False),
        # Instead of all columns, which are longer than an index may be.
        Column("digest", LargeBinary, nullable=False, unique=True),
        *_columns(kind, but=("gpu", "source_id")),
        PrimaryKeyConstraint("gpu", "import_id", "position"),
        sqlite_with_rowid=False,  # the rows of a GPU lie together
    )


STORE = Table(
    "tco_store", METADATA, Column("schema_version", Integer, nullable=False), *_texts("store_id")
)
SOURCES = Table(
    "sources",
    METADATA,
    Column("source", Integer, primary_key=True, autoincrement=False),
    _of_import(),
    *_columns(Source),
)
IMPORTS = Table(
    "imports",
    METADATA,
    Column("import_id", Integer, primary_key=True, autoincrement=False),
    *_texts("at", "collector", "file"),
    Column("sha256", Text),
    *_texts("as_of"),
    *_counts("rows", "added", "known", "aside"),
    Column("source", Integer, ForeignKey("sources.source"), nullable=False),
    UniqueConstraint("collector", "sha256"),
)
ASIDE = _lines(
    "set_aside",
    *_texts("provider", "gpu", "reason"),
    *_counts("count", "first_line"),
    *_texts("example"),
)
# Every provider, region and date, by the first import that had it.
SEEN = _lines("seen", *_texts("field", "value"))
OBSERVATIONS = {
    Rate: _observations("rates", Rate),
    Price: _observations("prices", Price),
    Quote: _observations("quotes", Quote),
}


def store_id(connection: Connection, address: Address) -> str | None:
    """The name that a store was given when it was made; None where there is no store.

    DataError if a newer version of this package made it.
    """
    if not inspect(connection).has_table(STORE.name):
        return None
    version, found = connection.execute(select(STORE.c.schema_version, STORE.c.store_id)).one()
    if version > SCHEMA_VERSION:
        raise DataError(
            f"{address.label} was made by a newer tco: its tables have version {version}, "
            f"this tco knows versions up to {SCHEMA_VERSION}; update tco"
        )
    return str(found)


def found(address: Address) -> bool:
    """Whether there is a store at an address; nothing is made."""
    with _transaction(address) as connection:
        return store_id(connection, address) is not None


@contextmanager
def reading(address: Address) -> Iterator[tuple[Connection, str]]:
    """A connection to read with, and the store_id; DataError where there is no store."""
    if not absent(address):
        with _transaction(address) as connection:
            known = store_id(connection, address)
            if known is not None:
                yield connection, known
                return
    raise DataError(f"there is no {address.label} yet: the first import makes it")


@contextmanager
def writing(address: Address) -> Iterator[Connection]:
    """A transaction that no other import overlaps; makes the store if there is none.

    It is kept as a whole, or not at all if anything in it fails.
    """
    prepare(address)
    with _transaction(address) as connection:
        for statement in _ALONE[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(seconds=_WAIT_SECONDS))
        if store_id(connection, address) is None:
            _create(connection, address)
        yield connection


def _create(connection: Connection, address: Address) -> None:
    """Make the tables; DataError in a database of something else.

    A file must be empty, a server may have other tables, but none of these names.
    """
    strange = set(inspect(connection).get_table_names())
    if address.path is None:
        strange &= set(METADATA.tables)
    if strange:
        raise DataError(
            f"{address.label} is a database of something else, "
            f"with the tables {', '.join(sorted(strange))}: give another name"
        )
    METADATA.create_all(connection)
    made = {"schema_version": SCHEMA_VERSION, "store_id": uuid4().hex}
    connection.execute(insert(STORE).values(made))


def close(address: Address) -> None:
    """Let go of a store's database, until it is used again."""
    _engine(address).dispose()


@contextmanager
def _transaction(address: Address) -> Iterator[Connection]:
    try:
        with _engine(address).begin() as connection:
            yield connection
    except SQLAlchemyError as wrong:
        message = address.concealed(str(getattr(wrong, "orig", None) or wrong))
        if any(sign in message for sign in _BUSY):
            message += f" (another import has not ended in {_WAIT_SECONDS} seconds)"
        # Without the cause: its text has whole rows, and may have more of the address.
        raise DataError(f"{address.label}: {message}") from None


@lru_cache(maxsize=8)
def _engine(address: Address) -> Engine:
    # No pool: a connection is used by one thread of one process, and none is left open.
    if address.path is None:
        return create_engine(
            address.url,
            poolclass=NullPool,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"},
        )
    # With SQLite's usual journal, not a write-ahead log: that needs files beside the store, also
    # to read one, and is not for network folders. Readers wait while an import is written.
    file = URL.create("sqlite", database=address.path.as_uri(), query={"mode": "rw", "uri": "true"})
    # The driver begins no transaction of its own: it would leave the making of tables out.
    options = {"timeout": _WAIT_SECONDS, "isolation_level": None}
    return create_engine(file, poolclass=NullPool, connect_args=options)
