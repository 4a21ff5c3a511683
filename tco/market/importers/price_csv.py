"""The project's own CSV: what `tco prices export` writes, or a smaller file of one's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from tco.errors import DataError
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.market.catalogue import load
from tco.market.files import dated, first_day, one_of, positive, source, word
from tco.market.importers.batches import NOT_STATED, Origin, origin
from tco.market.importers.lines import LONGEST_NAME, Ledger, read_lines
from tco.market.observed import EXPORT_COLUMNS, USUAL_CELLS, Batch
from tco.market.records import ASSUMPTION, Price, Quote, Rate, Source

COLLECTOR = "csv"
PATTERNS = ("*.csv",)
Observation: TypeAlias = Rate | Price | Quote
_FLAGS = {"true": "yes", "false": "no"}
_AMOUNTS = {"usd_per_gpu_hour": "rate_usd_per_gpu_hour", "usd": "price_usd_per_gpu"}
_KINDS = {"usd_per_gpu_hour": "rate", "usd": "price"}
_NAMES = ("gpu", "provider", "instance", "region", "country", "source_id", "publisher")


class _UnusableError(Exception):
    """Why a row is set aside."""


@dataclass(frozen=True)
class _File:
    """What the rows share, and what they have brought so far."""

    as_of: str | None
    own: Source
    today: str
    sources: dict[str, Source] = field(default_factory=dict)
    records: dict[Observation, int] = field(default_factory=dict)


def read(path: Path, as_of: str | None, source_url: str) -> Batch:
    """Every row of a file, as an observation or set aside; DataError when it is no such file.

    Needed are the columns gpu, as_of and usd or usd_per_gpu_hour; `as_of` stands where a row has
    no date, and rows without a source have the file for one.
    """
    found = origin(COLLECTOR, path, as_of)
    file = _File(as_of, _own_source(found, source_url), datetime.now(UTC).date().isoformat())
    ledger = Ledger()
    for line in read_lines(path, ("gpu", "as_of"), EXPORT_COLUMNS):
        ledger.enter(line, line.cells.get("provider", ""), line.cells.get("gpu", ""))
        if line.cells and not line.cells.keys() & _AMOUNTS.keys():
            raise DataError(f"{path.name}: no column {' or '.join(_AMOUNTS)}")
        try:
            _take(file, line.number, line.cells, line.fault)
        except _UnusableError as wrong:
            ledger.set_aside(line.number, str(wrong))
    records = file.records
    return Batch(
        collector=COLLECTOR,
        file=found.file,
        sha256=found.sha256,
        as_of=as_of or max((first_day(row.as_of) for row in records), default=found.as_of),
        source=file.own,
        sources=tuple(file.sources.values()),
        rows=ledger.count(),
        kept=ledger.count(records.values()),
        rates=tuple(row for row in records if isinstance(row, Rate)),
        prices=tuple(row for row in records if isinstance(row, Price)),
        quotes=tuple(row for row in records if isinstance(row, Quote)),
        aside=ledger.aside(),
    )


def _own_source(found: Origin, url: str) -> Source:
    name = re.sub(r"[^a-z0-9._-]+", "-", found.file.casefold()).strip("-._") or "prices"
    published, licence = "", NOT_STATED
    return Source(f"file-{name}", "your file", found.file, url, published, found.as_of, licence)


def _take(file: _File, number: int, cells: dict[str, str], fault: str) -> None:
    if fault:
        raise _UnusableError(fault)
    if any(len(cells.get(name, "")) > LONGEST_NAME for name in _NAMES):
        raise _UnusableError("a name far too long")
    given = USUAL_CELLS | {name: cell for name, cell in cells.items() if cell}
    if given.get("gpu") not in load().gpus:
        raise _UnusableError("gpu is not in the catalogue")
    given.setdefault("as_of", file.as_of or "")
    given["host_included"] = _FLAGS.get(given["host_included"].casefold(), given["host_included"])
    amount = _amount(given)
    kind = given.get("kind") or _KINDS[amount]
    if kind == "quote":
        record: Observation = _quote(given, amount)
    elif kind != _KINDS[amount]:
        raise _UnusableError("kind is not that of the price, nor quote")
    else:
        given["source_id"] = _source_id(file, given)
        record = _record(Rate if kind == "rate" else Price, given)
    if first_day(record.as_of) > file.today:
        raise _UnusableError("as_of is in the future")
    if record in file.records:
        raise _UnusableError("the same row twice")
    file.records[record] = number


def _amount(given: dict[str, str]) -> str:
    """The column that holds the price, which the model can take."""
    named = [name for name in _AMOUNTS if given.get(name)]
    if len(named) != 1:
        raise _UnusableError("two prices" if named else "no price")
    name = named[0]
    _, problems = clean(INPUTS[_AMOUNTS[name]], _parsed(name, given[name], positive))
    if problems:
        raise _UnusableError("price is absurd")
    return name


def _record(kind: type[Rate] | type[Price], given: dict[str, str]) -> Rate | Price:
    cells = ((each.name, given.get(each.name, ""), each.metadata["parse"]) for each in fields(kind))
    return kind(**{name: _parsed(name, cell, parse) for name, cell, parse in cells})


def _quote(given: dict[str, str], amount: str) -> Quote:
    rented = amount == "usd_per_gpu_hour"
    as_of = _parsed("as_of", given.get("as_of", ""), dated)
    until = _parsed("valid_until", given.get("valid_until", ""), dated)
    if until < as_of:
        raise _UnusableError("valid_until is before as_of")
    return Quote(
        gpu=given["gpu"],
        input=_AMOUNTS[amount],
        value=float(given[amount]),
        provider=_parsed("provider", given.get("provider", ""), word) if rented else "",
        region=given["region"] if rented else "",
        term=_parsed("term", given["term"], one_of(*INPUTS["term"].choices)) if rented else "",
        as_of=as_of,
        valid_until=until,
        note=given.get("note", ""),
    )


def _source_id(file: _File, given: dict[str, str]) -> str:
    """The id of the row's own source, or of the file."""
    name = given.get("source_id", "")
    if not name or name == ASSUMPTION:
        return name or file.own.source_id
    _parsed("source_id", name, source)
    url = given.get("url", "")
    if url and not url.startswith(("https://", "http://")):
        raise _UnusableError("url is not a web address")
    known = load().sources.get(name)
    if known is None and not given.get("publisher"):
        raise _UnusableError("source_id without a publisher")
    if known is None and name not in file.sources:
        seen = _parsed("as_of", given["as_of"], dated)
        publisher, title = given["publisher"], given.get("title", "")
        file.sources[name] = Source(name, publisher, title, url, "", seen, NOT_STATED)
    return name


def _parsed(name: str, cell: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(cell)
    except ValueError as wrong:
        raise _UnusableError(f"{name} {wrong}") from None
