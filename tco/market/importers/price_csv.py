"""The project's own CSV: what `tco prices export` writes, or a smaller file of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tco.errors import DataError
from tco.inputs import INPUTS, RATE
from tco.inputs.entry import note_problem
from tco.market.catalogue import ASSUMPTION, TERM, Price, Quote, Rate, Source, load
from tco.market.files import CellsError, Record, dated, first_day, record_of, source, word
from tco.market.importers.batches import NOT_STATED, RowLog, origin
from tco.market.importers.lines import LONGEST_NAME, Line, RejectedError, parsed, read_lines
from tco.market.observed import (
    AMOUNTS,
    EXPORT_COLUMNS,
    USUAL_CELLS,
    Batch,
    amount_of,
    contradictions,
)
from tco.words.figures import as_written

COLLECTOR = "csv"
PATTERNS = ("*.csv",)
Observation: TypeAlias = Rate | Price | Quote
_FLAGS = {"true": "yes", "false": "no"}
_KINDS = {"usd_per_gpu_hour": "rate", "usd": "price"}
_NAMES = ("gpu", "provider", "instance", "region", "country", "source_id", "publisher")


def read(path: Path, as_of: str | None, source_url: str) -> Batch:
    """Every row of a file, as an observation or rejected; DataError when it is no such file.

    Needed are the columns gpu, as_of and usd or usd_per_gpu_hour; `as_of` stands where a row has
    no date, and rows without a source have the file for one.
    """
    found = origin(COLLECTOR, path, as_of)
    name = re.sub(r"[^a-z0-9._-]+", "-", found.file.casefold()).strip("-._") or "prices"
    file = (found.file, source_url, "", found.as_of, NOT_STATED)
    own = Source(f"file-{name}", "your file", *file)
    today = datetime.now(UTC).date().isoformat()
    records: dict[Observation, int] = {}
    sources: dict[str, Source] = {}

    def take(line: Line) -> None:
        if not line.cells.keys() & AMOUNTS.keys():
            raise DataError(f"{path.name}: no column {' or '.join(AMOUNTS)}")
        record = _observation(line.cells, as_of or "", own.source_id, sources)
        if first_day(record.as_of) > today:
            raise RejectedError("as_of is in the future")
        if record in records:
            raise RejectedError("the same row twice")
        records[record] = line.number

    log = RowLog()
    log.read(
        read_lines(path, ("gpu", "as_of"), (*EXPORT_COLUMNS, "currency")),
        lambda cells: (cells.get("provider", ""), cells.get("gpu", "")),
        take,
    )
    return Batch(
        collector=COLLECTOR,
        file=found.file,
        sha256=found.sha256,
        as_of=as_of or max((first_day(row.as_of) for row in records), default=found.as_of),
        source=own,
        sources=tuple(sources.values()),
        rows=log.count(),
        kept=log.count(records.values()),
        rates=tuple(row for row in records if isinstance(row, Rate)),
        prices=tuple(row for row in records if isinstance(row, Price)),
        quotes=tuple(row for row in records if isinstance(row, Quote)),
        rejected=log.rejected(),
        remarks=tuple(_twice(records)),
    )


def _twice(records: dict[Observation, int]) -> Iterator[str]:
    """What to say of rows that give one offer two prices."""
    named = {line: row for row, line in records.items()}
    for first, at, before, now in contradictions((line, row) for row, line in records.items()):
        row = named[at]
        offer = ", ".join(filter(None, (row.gpu, getattr(row, "provider", ""))))
        yield (
            f"lines {first} and {at} are one offer ({offer}) with two prices, {before:g} and "
            f"{now:g}: both are kept, so take the wrong one out"
        )


def _observation(
    cells: dict[str, str], as_of: str, own_source: str, sources: dict[str, Source]
) -> Observation:
    """What a row says; a source that it describes is added to `sources`."""
    if any(len(cells.get(name, "")) > LONGEST_NAME for name in _NAMES):
        raise RejectedError("a name far too long")
    given = USUAL_CELLS | {"note": ""}
    given |= {name: as_written(cell) for name, cell in cells.items() if cell}
    if why := note_problem(given["note"]):
        raise RejectedError(f"note {why}")
    if given.get("currency", "USD").upper() != "USD":
        raise RejectedError(f"price is in {given['currency'][:LONGEST_NAME]}, not converted")
    if given.get("gpu") not in load().gpus:
        raise RejectedError("gpu is not in the catalog")
    given.setdefault("as_of", as_of)
    given["host_included"] = _FLAGS.get(given["host_included"].casefold(), given["host_included"])
    named = [name for name in AMOUNTS if given.get(name)]
    if len(named) != 1:
        raise RejectedError("two prices" if named else "no price")
    amount = named[0]
    of_input, usual_kind = AMOUNTS[amount], _KINDS[amount]
    price = parsed(amount, given[amount], partial(amount_of, amount))
    if not INPUTS[of_input].contains(price):
        raise RejectedError("price is absurd")
    given[amount] = repr(price)
    kind = given.get("kind") or usual_kind
    if kind == "quote":
        return _quote(given, of_input, amount)
    if kind != usual_kind:
        raise RejectedError("kind is not that of the price, nor quote")
    given["source_id"] = _source_id(given, own_source, sources)
    return _record(Rate, given) if kind == "rate" else _record(Price, given)


def _quote(given: dict[str, str], of_input: str, amount: str) -> Quote:
    as_of = parsed("as_of", given["as_of"], dated)
    if parsed("valid_until", given.get("valid_until", ""), dated) < as_of:
        raise RejectedError("valid_until is before as_of")
    rented = {"provider": "", "region": "", "term": ""}
    if of_input == RATE:
        parsed("provider", given.get("provider", ""), word)
        parsed("term", given["term"], TERM)
        rented = {}
    return _record(Quote, {**given, **rented, "input": of_input, "value": given[amount]})


def _source_id(given: dict[str, str], own: str, sources: dict[str, Source]) -> str:
    name = given.get("source_id", "")
    if not name or name == ASSUMPTION:
        return name or own
    parsed("source_id", name, source)
    url = given.get("url", "")
    if url and not url.startswith(("https://", "http://")):
        raise RejectedError("url is not a web address")
    if name in load().sources:
        return name
    if not given.get("publisher"):
        raise RejectedError("source_id without a publisher")
    if name not in sources:
        seen = parsed("as_of", given["as_of"], dated)
        title = given.get("title", "")
        sources[name] = Source(name, given["publisher"], title, url, "", seen, NOT_STATED)
    return name


def _record(kind: type[Record], given: dict[str, str]) -> Record:
    try:
        return record_of(kind, {"provider": "", **given})
    except CellsError as error:
        name, _cell, why = error.wrong[0]
        raise RejectedError(f"{name} {why}") from None
