"""One import written to a store, within one transaction; each row is checked once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from tco.errors import DataError
from tco.market.catalogue import Price, Quote, Rate, Source, seen_values
from tco.market.files import observed_fields
from tco.market.observed import Added, Batch
from tco.market.store.database import (
    ASIDE,
    IMPORTS,
    OBSERVATIONS,
    SEEN,
    SOURCES,
    newest_import,
    sources,
)

# A field and a value of it, as in SEEN.
Pairs = set[tuple[str, str]]
_ROWS_AT_ONCE = 10_000
# As many parameters as one statement may have in every SQLite.
_KEYS_AT_ONCE = 999


def add(connection: Connection, batch: Batch) -> Added:
    """Append the observations that the store does not have; nothing of a file it has had before.

    DataError for an observation that may not be kept. Nobody else may write meanwhile.
    """
    kinds: dict[type, Sequence[Rate | Price | Quote]] = {
        Rate: batch.rates,
        Price: batch.prices,
        Quote: batch.quotes,
    }
    total = sum(map(len, kinds.values()))
    same = (IMPORTS.c.collector == batch.collector, IMPORTS.c.sha256 == batch.sha256)
    before: int | None = connection.scalar(select(IMPORTS.c.import_id).where(*same))
    if before is not None:
        return Added(before, 0, total, repeated=True)
    import_id = 1 + newest_import(connection)
    cited = _add_sources(connection, batch, import_id)
    seen = {(name, value) for name, value in connection.execute(select(SEEN.c.field, SEEN.c.value))}
    added = sum(
        _add_rows(connection, OBSERVATIONS[kind], _rows(batch, rows, import_id, cited), seen)
        for kind, rows in kinds.items()
    )
    named = seen_values(batch.rates, batch.prices, batch.quotes)
    pairs = {(field, value) for field, values in named.items() for value in values}
    new = [{"field": field, "value": value} for field, value in sorted(pairs - seen)]
    _add_lines(connection, SEEN, import_id, new)
    rejected: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in batch.rejected:
        group = {name: legible(getattr(row, name)) for name in ("provider", "gpu", "reason")}
        first = group | {"count": 0, "first_line": row.line, "example": legible(row.text)}
        rejected.setdefault(tuple(group.values()), first)["count"] += 1
    _add_lines(connection, ASIDE, import_id, list(rejected.values()))
    connection.execute(
        insert(IMPORTS).values(
            import_id=import_id,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            collector=batch.collector,
            file=legible(batch.file),
            sha256=batch.sha256 or None,  # what was typed in has no file
            as_of=batch.as_of,
            rows=batch.rows.total(),
            added=added,
            known=total - added,
            aside=len(batch.rejected),
            source=cited[batch.source.source_id],
        )
    )
    return Added(import_id, added, total - added, repeated=False)


def _add_sources(connection: Connection, batch: Batch, import_id: int) -> dict[str, int]:
    """The keys of all sources by source_id; one that has changed is added beside the older."""
    before = sources(connection, import_id)
    keys = {known.source_id: key for key, known in before.items()}
    last = max(keys.values(), default=0)
    for given in (batch.source, *batch.sources):
        if before.get(keys.get(given.source_id, 0)) == given:
            continue
        last += 1
        found = cells(given, f"{legible(batch.file)}: source {given.source_id}")
        connection.execute(insert(SOURCES).values(source=last, import_id=import_id, **found))
        keys[given.source_id], before[last] = last, given
    return keys


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


def _add_rows(
    connection: Connection, table: Table, rows: Iterator[dict[str, Any]], seen: Pairs
) -> int:
    """Append the rows that are not yet in a table; how many they were."""
    added: set[bytes] = set()
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        new: dict[bytes, dict[str, Any]] = {}
        for row in part:
            if row["digest"] not in added:
                new.setdefault(row["digest"], row)
        # A row of a date that no import has had is new.
        asked = [key for key, row in new.items() if ("as_of", row["as_of"]) in seen]
        for at in range(0, len(asked), _KEYS_AT_ONCE):
            among = table.c.digest.in_(asked[at : at + _KEYS_AT_ONCE])
            for known in connection.scalars(select(table.c.digest).where(among)):
                del new[known]
        if new:
            connection.execute(insert(table), list(new.values()))
        added.update(new)
    return len(added)


def _add_lines(
    connection: Connection, table: Table, import_id: int, lines: list[dict[str, Any]]
) -> None:
    if lines:
        at = [{"import_id": import_id, "position": n} | line for n, line in enumerate(lines)]
        connection.execute(insert(table), at)


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
