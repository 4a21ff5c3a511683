"""The tables of a store, connections to it, and what it holds: the same for every database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, lru_cache
from operator import attrgetter
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
    Select,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    func,
    insert,
    inspect,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tco.errors import DataError
from tco.inputs import PRICE, RATE
from tco.market.catalogue import Observations, Price, Quote, Rate, Row, Source
from tco.market.files import keys_of, observed_fields
from tco.market.observed import EXPORT_COLUMNS, Import, RejectionCount
from tco.market.store import Address, absent, prepare

# To be raised with every change of the tables, also of the fields of a stored record.
SCHEMA_VERSION = 2
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
_TYPES = {"str": Text, "float": Double, "bool": Boolean, "int": BigInteger}
_ROWS_AT_ONCE = 5_000
_CITED = ("source_id", "publisher", "title", "url")
_PRICE_COLUMNS = {RATE: "usd_per_gpu_hour", PRICE: "usd"}


def _columns(kind: type, *but: str) -> list[Column[Any]]:
    """A column for each field of a record, but for some."""
    listed = [
        (field.name, str(field.type)) for field in observed_fields(kind) if field.name not in but
    ]
    return [
        # What was typed in is no file with a checksum.
        Column(_STORED.get(name, name), _TYPES[of_type](), key=name, nullable=name == "sha256")
        for name, of_type in listed
    ]


def _number(name: str, *reference: ForeignKey, **options: Any) -> Column[int]:
    return Column(name, Integer, *reference, nullable=False, **options)


def _of_import() -> Column[int]:
    # Checked at the end: an import is written last, when its counts are known.
    reference = ForeignKey("imports.import_id", deferrable=True, initially="DEFERRED")
    return _number("import_id", reference)


def _lines(name: str, *columns: Column[Any]) -> Table:
    """A table with the lines that one import wrote, by their position."""
    key = PrimaryKeyConstraint("import_id", "position")
    return Table(name, METADATA, _of_import(), _number("position"), *columns, key)


def _observations(name: str, kind: type) -> Table:
    return Table(
        name,
        METADATA,
        Column("gpu", _ORDERED, nullable=False),
        *(_of_import(), _number("position"), _number("source", ForeignKey("sources.source"))),
        # Instead of all columns, which are longer than an index may be.
        Column("digest", LargeBinary, nullable=False, unique=True),
        *_columns(kind, "gpu", "source_id"),
        PrimaryKeyConstraint("gpu", "import_id", "position"),
        sqlite_with_rowid=False,  # the rows of a GPU lie together
    )


STORE = Table(
    "tco_store", METADATA, _number("schema_version"), Column("store_id", Text, nullable=False)
)
SOURCES = Table(
    "sources",
    METADATA,
    _number("source", primary_key=True, autoincrement=False),
    _of_import(),
    *_columns(Source),
)
IMPORTS = Table(
    "imports",
    METADATA,
    _number("import_id", primary_key=True, autoincrement=False),
    *_columns(Import, "import_id", "source_id", "undone"),
    _number("source", ForeignKey("sources.source")),
    UniqueConstraint("collector", "sha256"),
)
ASIDE = _lines("set_aside", *_columns(RejectionCount, "import_id"))
# Every provider, region and date of each import.
SEEN = _lines("seen", *(Column(name, Text, nullable=False) for name in ("field", "value")))
# The imports that were taken back, in their order; the rows that an import had and the store too.
UNDONE = Table(
    "undone",
    METADATA,
    _number("position", primary_key=True, autoincrement=False),
    _number("import_id", ForeignKey("imports.import_id"), unique=True),
    Column("at", Text, nullable=False),
)
AGAIN = Table(
    "again",
    METADATA,
    _of_import(),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("import_id", "digest"),
)
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
        else:
            _renew(connection)
        yield connection


def _renew(connection: Connection) -> None:
    """Bring the tables of an older version up to this one; nothing in them is lost.

    Version 1 had no imports taken back, and what was seen by the first import only.
    """
    if connection.scalar(select(STORE.c.schema_version)) == SCHEMA_VERSION:
        return
    METADATA.create_all(connection)
    pairs: dict[int, set[tuple[str, str]]] = {}
    for table in OBSERVATIONS.values():
        columns = [table.c[name] for name in SEEN_COLUMNS if name in table.c]
        for import_id, *values in connection.execute(
            select(table.c.import_id, *columns).distinct()
        ):
            found = pairs.setdefault(import_id, set())
            for column, value in zip(columns, values, strict=True):
                if value:
                    found.add((SEEN_COLUMNS[column.name], value))
    for import_id, found in pairs.items():
        known = select(SEEN.c.field, SEEN.c.value).where(SEEN.c.import_id == import_id)
        kept = {(field, value) for field, value in connection.execute(known)}
        add_lines(connection, SEEN, import_id, seen_lines(found - kept), after=len(kept))
    connection.execute(update(STORE).values(schema_version=SCHEMA_VERSION))


# What is kept of every import to be looked up, by the column that it stands in.
SEEN_COLUMNS = {"as_of": "as_of", "provider": "provider", "region": "region", "country": "region"}


def seen_lines(pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Fields and values as lines of SEEN."""
    return [{"field": field, "value": value} for field, value in sorted(pairs)]


def add_lines(
    connection: Connection,
    table: Table,
    import_id: int,
    lines: Iterable[dict[str, Any]],
    after: int = 0,
) -> None:
    """Write lines of one import, by their position after those it has."""
    at = [{"import_id": import_id, "position": n} | line for n, line in enumerate(lines, after)]
    if at:
        connection.execute(insert(table), at)


def _create(connection: Connection, address: Address) -> None:
    # A file must be empty, a server may have other tables, but none of these names.
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


def undone(connection: Connection, most: int | None = None) -> dict[int, str]:
    """The imports that were taken back, in their order, and when; only the first `most` of them."""
    version: int = connection.execute(select(STORE.c.schema_version)).scalar_one()
    if version < UNDONE_SINCE:
        return {}
    query = select(UNDONE.c.import_id, UNDONE.c.at).order_by(UNDONE.c.position)
    if most is not None:
        query = query.where(UNDONE.c.position <= most)
    return {row.import_id: row.at for row in connection.execute(query)}


# The version of the tables from which imports can be taken back.
UNDONE_SINCE = 2


def counting(table: Table, gone: Collection[int], last: int) -> list[Any]:
    """What rows of a table must fulfil to count: one import at least that has them stands.

    `gone` are the imports that were taken back, `last` is the newest one that counts.
    """
    by_last = table.c.import_id <= last
    if not gone:
        return [by_last]
    taken = list(gone)
    standing = AGAIN.c.import_id.not_in(taken) & (AGAIN.c.import_id <= last)
    also = table.c.digest.in_(select(AGAIN.c.digest).where(standing))
    return [by_last, table.c.import_id.not_in(taken) | also]


def newest_import(connection: Connection) -> int:
    """The id of the newest import; 0 before the first."""
    return connection.scalar(select(func.max(IMPORTS.c.import_id))) or 0


def _selected(kind: type, table: Table) -> Select[Any]:
    """The rows of a table as fields of a record, with the id of a source instead of its key."""
    names = [field.name for field in observed_fields(kind)]
    query = select(*((SOURCES if name == "source_id" else table).c[name] for name in names))
    cites = "source_id" in names and table is not SOURCES
    return query.join_from(table, SOURCES, table.c.source == SOURCES.c.source) if cites else query


def imports(address: Address) -> tuple[Import, ...]:
    """Every import, the oldest first; also those that were taken back."""
    with reading(address) as (connection, _store_id):
        names = [field.name for field in observed_fields(Import) if field.name != "undone"]
        columns = [(SOURCES if name == "source_id" else IMPORTS).c[name] for name in names]
        query = select(*columns).join_from(IMPORTS, SOURCES, IMPORTS.c.source == SOURCES.c.source)
        rows = connection.execute(query.order_by(IMPORTS.c.import_id)).all()
        gone = undone(connection)
    return tuple(
        replace(Import(*row), sha256=checksum_of(row.sha256), undone=gone.get(row.import_id, ""))
        for row in rows
    )


def quotes(address: Address) -> tuple[tuple[int, str, Quote], ...]:
    """Every quote that counts, as it came, with its import and the collector of that."""
    table = OBSERVATIONS[Quote]
    names = [field.name for field in observed_fields(Quote)]
    query = select(table.c.import_id, IMPORTS.c.collector, *(table.c[name] for name in names))
    query = query.join_from(table, IMPORTS, table.c.import_id == IMPORTS.c.import_id)
    query = query.order_by(table.c.import_id, table.c.position)
    with reading(address) as (connection, _store_id):
        last, gone = newest_import(connection), undone(connection)
        rows = connection.execute(query.where(*counting(table, gone, last))).all()
    return tuple((import_id, collector, Quote(*row)) for import_id, collector, *row in rows)


def checksum_of(kept: str | None) -> str:
    """The checksum of a file as it is kept: with a mark behind it where it came again."""
    return (kept or "").partition(AGAIN_MARK)[0]


# Between the checksum of a file that came again and the number of the import.
AGAIN_MARK = "+"


def rejections(address: Address, import_id: int | None = None) -> tuple[RejectionCount, ...]:
    """What was set aside, by provider, GPU and reason, by one import or by all."""
    query = _selected(RejectionCount, ASIDE).order_by(ASIDE.c.import_id, ASIDE.c.position)
    with reading(address) as (connection, _store_id):
        if import_id is not None:
            query = query.where(ASIDE.c.import_id == import_id)
        elif gone := undone(connection):
            query = query.where(ASIDE.c.import_id.not_in(list(gone)))
        return tuple(RejectionCount(*row) for row in connection.execute(query))


def sources(
    connection: Connection, import_id: int, first: Collection[int] = ()
) -> dict[int, Source]:
    """The sources by their key, those of one source_id in the order in which they came.

    `first` are imports whose sources come before all others: what they say counts least.
    """
    query = _selected(Source, SOURCES).add_columns(SOURCES.c.source, SOURCES.c.import_id)
    rows = connection.execute(query.where(SOURCES.c.import_id <= import_id)).all()
    ordered = sorted(rows, key=lambda row: (row[-1] not in first, row[-2]))
    return {key: Source(*values) for *values, key, _import in ordered}


def export_rows(address: Address) -> Iterator[tuple[Any, ...]]:
    """The header, then every observation: rates, prices, quotes, by GPU as they came.

    Numbers are floats and host_included is yes or no; what a kind does not have is empty.
    """
    with reading(address) as (connection, _store_id):
        last = newest_import(connection)
        cited = sources(connection, last)
        named = connection.execute(select(IMPORTS.c.import_id, IMPORTS.c.collector))
        collectors = dict(named.all())
        gone = undone(connection)
    yield EXPORT_COLUMNS
    for kind, table in OBSERVATIONS.items():
        order = tuple(table.primary_key)
        after: tuple[Any, ...] = ("", 0, 0)
        query = select(table).where(*counting(table, gone, last)).order_by(*order)
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
    """The observations up to one import, without those of the first `taken_back` undone imports.

    They are read GPU by GPU when they are wanted. Every method raises DataError when the store
    cannot be read, or is no longer the same one.
    """

    def __init__(self, address: Address, store_id: str, import_id: int, taken_back: int) -> None:
        less = f", {taken_back:,} undone" if taken_back else ""
        self.label = f"{address.label}, up to import {import_id}{less}"
        self._key = (address, store_id, import_id, taken_back)
        self._kept: dict[tuple[type, str], Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return snapshot, self._key

    @cached_property
    def sources(self) -> Mapping[str, Source]:  # type: ignore[override]  # read when wanted
        """Every source that was cited, as it was cited last."""
        with self._connected() as (connection, import_id, gone):
            cited = sources(connection, import_id, first=gone)
        return {source.source_id: source for source in cited.values()}

    @cached_property
    def seen(self) -> Mapping[str, Collection[str]]:  # type: ignore[override]
        """Every date, provider and region of the observations."""
        found: dict[str, list[str]] = {"as_of": [], "provider": [], "region": []}
        with self._connected() as (connection, import_id, gone):
            query = select(SEEN.c.field, SEEN.c.value).where(SEEN.c.import_id <= import_id)
            if gone:
                query = query.where(SEEN.c.import_id.not_in(list(gone)))
            for field, value in connection.execute(query.distinct()):
                found[field].append(value)
        return found

    def rows_of(self, kind: type[Row], gpu: str) -> tuple[Row, ...]:
        """The observations of one kind of a GPU, as they came."""
        if (kind, gpu) not in self._kept:
            table = OBSERVATIONS[kind]
            query = _selected(kind, table).where(table.c.gpu == gpu)
            query = query.order_by(table.c.import_id, table.c.position)
            with self._connected() as (connection, import_id, gone):
                found = connection.execute(query.where(*counting(table, gone, import_id)))
                rows = [kind(*row) for row in found]
            # Of those that agree in their key only the one that came last; quotes have none.
            if keys := keys_of(kind):
                offer = attrgetter(*keys)
                last = {offer(row): row for row in rows}
                rows = [row for row in rows if last[offer(row)] is row]
            self._kept[kind, gpu] = tuple(rows)
        kept: tuple[Row, ...] = self._kept[kind, gpu]
        return kept

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection, int, Collection[int]]]:
        address, store_id, import_id, taken_back = self._key
        with reading(address) as (connection, found):
            if found != store_id:
                raise DataError(f"{address.label} was replaced by another while it was in use")
            yield connection, import_id, undone(connection, taken_back) if taken_back else ()


@lru_cache(maxsize=4)
def snapshot(address: Address, store_id: str, import_id: int, taken_back: int = 0) -> Snapshot:
    """The snapshot of a store at one import: the same object for the same state."""
    return Snapshot(address, store_id, import_id, taken_back)


def newest_snapshot(address: Address) -> Snapshot:
    """The snapshot of a store at its newest import, without what was taken back."""
    with reading(address) as (connection, store_id):
        import_id, taken_back = newest_import(connection), len(undone(connection))
    return snapshot(address, store_id, import_id, taken_back)
