"""The tables of a price store; the columns of an observation are the fields of its record."""

from __future__ import annotations

from dataclasses import fields
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
)

from tco.errors import DataError
from tco.market.records import Price, Quote, Rate, Source
from tco.market.store.place import Place

# To be raised with every change of the tables, also of the fields of a stored record.
SCHEMA_VERSION = 1
METADATA = MetaData()
# In the same order in every database, whatever its language.
_ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
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
