"""The tables of a store, and connections to it: the same statements for every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
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
from tco.market.records import Price, Quote, Rate, Source
from tco.market.store.place import Place, absent, prepare

# To be raised with every change of the tables, also of the fields of a stored record.
SCHEMA_VERSION = 1
METADATA = MetaData()
# In the same order in every database, whatever its language.
_ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
_CONNECT_SECONDS = 10
# How long one import waits for another.
_WAIT_SECONDS = 60
_BUSY = ("database is locked", "lock timeout")
# The one thing that no statement for all says: that an import is alone. The first makes the tables,
# so there is none to lock yet; and who may insert need not have the right to lock or change one.
_ALONE = {
    "sqlite": ("PRAGMA foreign_keys = ON", "BEGIN IMMEDIATE"),  # references are not checked unasked
    "postgresql": (
        "SET LOCAL lock_timeout = '{seconds}s'",
        "SELECT pg_advisory_xact_lock(hashtextextended('tco price store', 0))",
    ),
}
_TYPES = {"str": Text, "float": Double, "bool": Boolean}


def _columns(kind: type, but: tuple[str, ...] = ()) -> list[Column[object]]:
    return [
        Column(field.name, _TYPES[str(field.type)](), nullable=False)
        for field in fields(kind)
        if field.name not in but
    ]


def _of_import() -> Column[int]:
    # Checked at the end: an import is written last, when its counts are known.
    reference = ForeignKey("imports.import_id", deferrable=True, initially="DEFERRED")
    return Column("import_id", Integer, reference, nullable=False)


def _position() -> Column[int]:
    return Column("position", Integer, nullable=False)


def _observations(name: str, kind: type) -> Table:
    return Table(
        name,
        METADATA,
        Column("gpu", _ORDERED, nullable=False),
        _of_import(),
        _position(),
        Column("source", Integer, ForeignKey("sources.source"), nullable=False),
        # Instead of all columns, which are longer than an index may be.
        Column("digest", LargeBinary, nullable=False, unique=True),
        *_columns(kind, but=("gpu", "source_id")),
        PrimaryKeyConstraint("gpu", "import_id", "position"),
        sqlite_with_rowid=False,  # the rows of a GPU lie together
    )


STORE = Table(
    "tco_store",
    METADATA,
    Column("schema_version", Integer, nullable=False),
    Column("store_id", Text, nullable=False),
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
    *(Column(name, Text, nullable=False) for name in ("at", "collector", "file")),
    Column("sha256", Text),
    Column("as_of", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("rows", "added", "known", "aside")),
    Column("source", Integer, ForeignKey("sources.source"), nullable=False),
    UniqueConstraint("collector", "sha256"),
)
ASIDE = Table(
    "set_aside",
    METADATA,
    _of_import(),
    _position(),
    *(Column(name, Text, nullable=False) for name in ("provider", "gpu", "reason")),
    *(Column(name, BigInteger, nullable=False) for name in ("count", "first_line")),
    Column("example", Text, nullable=False),
    PrimaryKeyConstraint("import_id", "position"),
)
# Every provider, region and date, by the first import that had it.
SEEN = Table(
    "seen",
    METADATA,
    _of_import(),
    _position(),
    *(Column(name, Text, nullable=False) for name in ("field", "value")),
    PrimaryKeyConstraint("import_id", "position"),
)
RATES = _observations("rates", Rate)
PRICES = _observations("prices", Price)
QUOTES = _observations("quotes", Quote)


def store_id(connection: Connection, place: Place) -> str | None:
    """The name that a store was given when it was made; None where there is no store.

    DataError if a newer version of this package made it.
    """
    if not inspect(connection).has_table(STORE.name):
        return None
    version, found = connection.execute(select(STORE.c.schema_version, STORE.c.store_id)).one()
    if version > SCHEMA_VERSION:
        raise DataError(
            f"{place.label} was made by a newer tco: its tables have version {version}, "
            f"this tco knows versions up to {SCHEMA_VERSION}; update tco"
        )
    return str(found)


def create(connection: Connection, place: Place) -> None:
    """Make the tables, in a database that is empty or, on a server, has no tables of these names.

    DataError where there are such tables.
    """
    strange = set(inspect(connection).get_table_names())
    if place.path is None:
        strange &= set(METADATA.tables)
    if strange:
        raise DataError(
            f"{place.label} is a database of something else, "
            f"with the tables {', '.join(sorted(strange))}: give another name"
        )
    METADATA.create_all(connection)
    made = {"schema_version": SCHEMA_VERSION, "store_id": uuid4().hex}
    connection.execute(insert(STORE).values(made))


def found(place: Place) -> bool:
    """Whether there is a store at a place; nothing is made."""
    with _transaction(place) as connection:
        return store_id(connection, place) is not None


@contextmanager
def reading(place: Place) -> Iterator[tuple[Connection, str]]:
    """A connection to read with, and the store_id; DataError where there is no store."""
    if not absent(place):
        with _transaction(place) as connection:
            known = store_id(connection, place)
            if known is not None:
                yield connection, known
                return
    raise DataError(f"there is no {place.label} yet: the first import makes it")


@contextmanager
def writing(place: Place) -> Iterator[Connection]:
    """A transaction that no other import overlaps; makes the store if there is none.

    It is kept as a whole, or not at all if anything in it fails.
    """
    prepare(place)
    with _transaction(place) as connection:
        for statement in _ALONE[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(seconds=_WAIT_SECONDS))
        if store_id(connection, place) is None:
            create(connection, place)
        yield connection


def close(place: Place) -> None:
    """Let go of a place's database, until it is used again."""
    _engine(place).dispose()


@contextmanager
def _transaction(place: Place) -> Iterator[Connection]:
    try:
        with _engine(place).begin() as connection:
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
    file = URL.create("sqlite", database=place.path.as_uri(), query={"mode": "rw", "uri": "true"})
    # The driver begins no transaction of its own: it would leave the making of tables out.
    options = {"timeout": _WAIT_SECONDS, "isolation_level": None}
    return create_engine(file, poolclass=NullPool, connect_args=options)
