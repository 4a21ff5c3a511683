"""One import written to a store, within one transaction; each row is checked once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from tco.errors import DataError
from tco.market.catalogue import Price, Quote, Rate, Source, seen_values
from tco.market.files import observed_fields
from tco.market.observed import Added, Batch, Undone
from tco.market.store.database import (
    AGAIN,
    AGAIN_MARK,
    ASIDE,
    IMPORTS,
    OBSERVATIONS,
    SEEN,
    SOURCES,
    UNDONE,
    add_lines,
    counting,
    newest_import,
    seen_lines,
    sources,
    undone,
)

# A field and a value of it, as in SEEN.
Pairs = set[tuple[str, str]]
_ROWS_AT_ONCE = 10_000
# As many parameters as one statement may have in every SQLite.
_KEYS_AT_ONCE = 999


def add(connection: Connection, batch: Batch) -> Added:
    """Append the observations that the store does not have; a file that brings none is no import.

    A file whose day nobody gave is of the day it was imported with first, under the same provider.
    DataError for an observation that may not be kept. Nobody else may write meanwhile.
    """
    gone = undone(connection)
    before = _earlier(connection, batch, gone)
    if before is not None and batch.guessed and before.as_of != batch.as_of:
        batch = _redated(batch, before.as_of)
    kinds: dict[type, Sequence[Rate | Price | Quote]] = {
        Rate: batch.rates,
        Price: batch.prices,
        Quote: batch.quotes,
    }
    total = sum(map(len, kinds.values()))
    import_id = 1 + newest_import(connection)
    cited, new_sources = _sources(connection, batch, import_id)
    seen = {(name, value) for name, value in connection.execute(select(SEEN.c.field, SEEN.c.value))}
    store = _Appending(connection, import_id, gone, seen)
    # No `with`: where the database itself took the transaction back (a disk that is full), there is
    # no savepoint to go back to, and the reason would be lost.
    point = connection.begin_nested()
    if new_sources:
        connection.execute(insert(SOURCES), new_sources)
    for kind, rows in kinds.items():
        store.rows(OBSERVATIONS[kind], _rows(batch, rows, import_id, cited))
    if before is not None and not store.added:
        point.rollback()
        return Added(before.import_id, 0, total, repeated=True)
    point.commit()
    if store.again:
        listed = [{"import_id": import_id, "digest": key} for key in sorted(store.again)]
        connection.execute(insert(AGAIN), listed)
    named = seen_values(batch.rates, batch.prices, batch.quotes)
    pairs = {(field, value) for field, values in named.items() for value in values}
    add_lines(connection, SEEN, import_id, seen_lines(pairs))
    rejected: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in batch.rejected:
        group = {name: legible(getattr(row, name)) for name in ("provider", "gpu", "reason")}
        first = group | {"count": 0, "first_line": row.line, "example": legible(row.text)}
        rejected.setdefault(tuple(group.values()), first)["count"] += 1
    add_lines(connection, ASIDE, import_id, list(rejected.values()))
    connection.execute(
        insert(IMPORTS).values(
            import_id=import_id,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            collector=batch.collector,
            file=legible(batch.file),
            sha256=_kept_checksum(connection, batch, import_id),
            as_of=batch.as_of,
            rows=batch.rows.total(),
            added=store.added,
            known=total - store.added,
            aside=len(batch.rejected),
            source=cited[batch.source.source_id],
        )
    )
    return Added(import_id, store.added, total - store.added, repeated=False)


def undo(connection: Connection, import_id: int, label: str) -> Undone:
    """Take an import back: its rows no longer count, but for those that another import had too.

    Nothing is deleted. DataError where there is no such import, or it was taken back before.
    """
    query = select(IMPORTS.c.file, IMPORTS.c.as_of).where(IMPORTS.c.import_id == import_id)
    # No database counts further than an integer of 32 bits.
    found = connection.execute(query).one_or_none() if 0 < import_id < 2**31 else None
    gone = undone(connection)
    if found is None or import_id in gone:
        why = f"was undone on {gone[import_id][:10]}" if found else "is not there"
        raise DataError(f"{label}: import {import_id} {why}; tco prices imports lists them")
    last = newest_import(connection)
    gpus, less = set[str](), 0
    for table in OBSERVATIONS.values():
        its = (table.c.import_id == import_id) | table.c.digest.in_(
            select(AGAIN.c.digest).where(AGAIN.c.import_id == import_id)
        )
        counts = [
            _by_gpu(connection, table, [its, *counting(table, state, last)])
            for state in (gone, {**gone, import_id: ""})
        ]
        gpus |= counts[0].keys()
        less += sum(counts[0].values()) - sum(counts[1].values())
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"position": len(gone) + 1, "import_id": import_id, "at": at}
    connection.execute(insert(UNDONE).values(line))
    return Undone(import_id, found.file, found.as_of, tuple(sorted(gpus)), less)


def _by_gpu(connection: Connection, table: Table, which: Iterable[Any]) -> dict[str, int]:
    """How many rows of each GPU fulfil some conditions."""
    query = select(table.c.gpu, func.count()).where(*which).group_by(table.c.gpu)
    return {row[0]: row[1] for row in connection.execute(query)}


def _earlier(connection: Connection, batch: Batch, gone: dict[int, str]) -> Any:
    """The first import of the same file under the same source that still counts; None for none."""
    if not batch.sha256:
        return None
    of_file = (IMPORTS.c.sha256 == batch.sha256) | IMPORTS.c.sha256.startswith(
        f"{batch.sha256}{AGAIN_MARK}", autoescape=True
    )
    query = (
        select(IMPORTS.c.import_id, IMPORTS.c.as_of)
        .join_from(IMPORTS, SOURCES, IMPORTS.c.source == SOURCES.c.source)
        .where(IMPORTS.c.collector == batch.collector, of_file)
        .where(SOURCES.c.source_id == batch.source.source_id)
        .order_by(IMPORTS.c.import_id)
    )
    return next((row for row in connection.execute(query) if row.import_id not in gone), None)


def _kept_checksum(connection: Connection, batch: Batch, import_id: int) -> str | None:
    """The checksum of a file, with a mark where it came before: no two imports share one."""
    if not batch.sha256:  # what was typed in has no file
        return None
    same = (IMPORTS.c.collector == batch.collector, IMPORTS.c.sha256 == batch.sha256)
    came = connection.scalar(select(IMPORTS.c.import_id).where(*same))
    return batch.sha256 if came is None else f"{batch.sha256}{AGAIN_MARK}{import_id}"


def _redated(batch: Batch, as_of: str) -> Batch:
    """The same observations, of another day."""
    return replace(
        batch,
        as_of=as_of,
        source=replace(batch.source, accessed=as_of),
        rates=tuple(replace(row, as_of=as_of) for row in batch.rates),
    )


def _sources(
    connection: Connection, batch: Batch, import_id: int
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The keys of all sources by source_id, and those to add: the new, and changed ones."""
    before = sources(connection, import_id)
    keys = {known.source_id: key for key, known in sorted(before.items())}
    last, new = max(keys.values(), default=0), []
    for given in (batch.source, *batch.sources):
        if before.get(keys.get(given.source_id, 0)) == given:
            continue
        last += 1
        found = cells(given, f"{legible(batch.file)}: source {given.source_id}")
        new.append({"source": last, "import_id": import_id, **found})
        keys[given.source_id], before[last] = last, given
    return keys, new


def _rows(
    batch: Batch, rows: Sequence[Rate | Price | Quote], import_id: int, cited: dict[str, int]
) -> Iterator[dict[str, Any]]:
    file = legible(batch.file)
    for position, row in enumerate(rows, 1):
        where = f"{file}: {type(row).__name__.lower()} {position} of {row.gpu}"
        found = {"source_id": batch.source.source_id} | cells(row, where)
        key, source_id = digest(found), found.pop("source_id")
        if source_id not in cited:
            raise DataError(f"{where}: source_id = {source_id!r} is not a source of this import")
        at = {"import_id": import_id, "position": position, "source": cited[source_id]}
        yield found | at | {"digest": key}


class _Appending:
    """Rows that are appended where the store does not have them; and those that it has again."""

    def __init__(
        self, connection: Connection, import_id: int, gone: dict[int, str], seen: Pairs
    ) -> None:
        self._connection, self._import_id = connection, import_id
        self._gone, self._seen = gone, seen
        self._written: set[bytes] = set()
        self.again: set[bytes] = set()
        self.added = 0

    def rows(self, table: Table, rows: Iterator[dict[str, Any]]) -> None:
        """Append the rows that are not yet in a table."""
        while part := list(islice(rows, _ROWS_AT_ONCE)):
            new: dict[bytes, dict[str, Any]] = {}
            for row in part:
                if row["digest"] not in self._written:
                    new.setdefault(row["digest"], row)
            self._written |= new.keys()
            # A row of a date that no import has had is new.
            asked = {k: row for k, row in new.items() if ("as_of", row["as_of"]) in self._seen}
            fresh = [row for key, row in new.items() if key not in asked]
            while asked:
                found = self._found(table, asked)
                fresh += [row | {"digest": key} for key, row in asked.items() if key not in found]
                standing = self._standing(found)
                self.again |= standing
                # What only imports have that were taken back comes anew, under another key.
                asked = {
                    _next_digest(key, found[key]): row
                    for key, row in asked.items()
                    if key in found and key not in standing
                }
            if fresh:
                self._connection.execute(insert(table), fresh)
                self.added += len(fresh)

    def _found(self, table: Table, keys: Iterable[bytes]) -> dict[bytes, int]:
        """Which keys a table has, and by which import."""
        found: dict[bytes, int] = {}
        for some in _parts(keys):
            query = select(table.c.digest, table.c.import_id).where(table.c.digest.in_(some))
            found |= {bytes(key): import_id for key, import_id in self._connection.execute(query)}
        return found

    def _standing(self, found: dict[bytes, int]) -> set[bytes]:
        """Those of an import that was not taken back, or that such an import has too."""
        standing = {key for key, import_id in found.items() if import_id not in self._gone}
        for some in _parts(key for key in found if key not in standing):
            query = select(AGAIN.c.digest).where(AGAIN.c.digest.in_(some))
            also = query.where(AGAIN.c.import_id.not_in(list(self._gone)))
            standing |= {bytes(key) for key in self._connection.scalars(also)}
        return standing


def _parts(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    listed = iter(keys)
    while some := list(islice(listed, _KEYS_AT_ONCE)):
        yield some


def _next_digest(key: bytes, import_id: int) -> bytes:
    return blake2b(key + str(import_id).encode(), digest_size=len(key)).digest()


def cells(row: Rate | Price | Quote | Source, where: str) -> dict[str, Any]:
    """The fields of a record by name; DataError with `where` for one that its column would refuse.

    >>> cells(Price("L4", "street", 2650, "2026-11", "a-shop", ""), "row 1")["usd"]
    2650.0
    """
    found = {}
    for name, check in _CHECKS[type(row)]:
        value = getattr(row, name)
        try:
            found[name] = check(value)
        except (TypeError, ValueError) as wrong:
            raise DataError(f"{where}: {name} = {value!r} {wrong}") from None
    return found


def digest(found: dict[str, Any]) -> bytes:
    """The same for rows that are the same in every field, else another."""
    return blake2b(repr(tuple(found.values())).encode(), digest_size=16).digest()


def legible(raw: str) -> str:
    r"""Text from a file, without the characters that a database does not keep.

    >>> legible("L4" + chr(0) + chr(0xD800))
    'L4\\x00\\ud800'
    """
    return raw.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not text")
    if "\0" in value:
        raise ValueError("has a NUL character")
    value.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
    return str(value)


def _amount(value: Any) -> float:
    number = float(value)
    if not 0 < number < float("inf"):
        raise ValueError("is not a positive number")
    return number


def _check(kind: type, field: Any) -> Callable[[Any], Any]:
    if field.type == "bool":
        return bool
    if field.type == "float":
        return _amount
    # A quote by telephone has no address.
    rule = str if kind is Source and field.name != "source_id" else field.metadata["parse"]
    return lru_cache(lambda value: rule(_text(value)))  # most texts of a file come again and again


_CHECKS = {
    kind: [(field.name, _check(kind, field)) for field in observed_fields(kind)]
    for kind in (Rate, Price, Quote, Source)
}
