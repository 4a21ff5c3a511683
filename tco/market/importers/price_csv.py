"""The project's own CSV: what `tco prices export` writes, or a smaller file of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from tco.errors import DataError
from tco.inputs import INPUTS, PRICE, RATE, guesses
from tco.inputs.clock import is_to_come
from tco.inputs.entry import LONGEST_NOTE, Wrong, currency_in, note_problem, read_day
from tco.market.catalogue import ASSUMPTION, TERM, Price, Quote, Rate, Source, load
from tco.market.files import CellsError, Record, dated, first_day, record_of, source, word
from tco.market.importers.batches import (
    ABSURD,
    NO_PRICE,
    NOT_STATED,
    RowLog,
    exchanged,
    is_absurd,
    odd_prices,
    origin,
    read_count,
)
from tco.market.importers.columns import CURRENCY, Layout, meant, missing, other_period
from tco.market.importers.lines import (
    LONGEST_NAME,
    Line,
    RejectedError,
    Table,
    beginning,
    parsed,
)
from tco.market.importers.money import USD, code_of, price_in_usd
from tco.market.importers.names import UNKNOWN, country_of, gpu_of, provider_key, term_of
from tco.market.importers.opening import TABLES, PriceFile
from tco.market.keys import near_keys
from tco.market.observed import (
    AMOUNTS,
    EXPORT_COLUMNS,
    MACHINE,
    USUAL_CELLS,
    Batch,
    amount_of,
    contradictions,
    of_one_gpu,
)
from tco.words.figures import as_written

COLLECTOR = "csv"
PATTERNS = TABLES
Observation: TypeAlias = Rate | Price | Quote
_FLAGS = {"true": "yes", "false": "no"}
_KINDS = {RATE: "rate", PRICE: "price"}
_NAMES = ("gpu", "provider", "instance", "region", "country", "source_id", "publisher")
_PER_GPU_HOUR = "usd_per_gpu_hour"
_NUMERIC = (*AMOUNTS, "gpus_per_instance")
_COLUMNS = (*EXPORT_COLUMNS, MACHINE, CURRENCY)
_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*", re.ASCII)
_PARTIAL = re.compile(r"\d{4}(?:-\d\d)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
# So many GPUs before or behind a name: 8x H100, H100 x8, H100 (8x).
_COUNTED = re.compile(
    r"(?P<n>\d{1,3})\s*[x×]\s*(?P<gpu>\S.*)|(?P<gpu_>\S.*?)"
    r"(?:[\s_-]*[x×]\s*(?P<n_>\d{1,3})|\s*\((?:(?P<_n>\d{1,3})\s*[x×]|[x×]\s*(?P<_n_>\d{1,3}))\))",
    re.ASCII | re.IGNORECASE,
)
_OF_GPUS = re.compile(r"(?:^\s*[x×]\s*)|(?:\s*(?:[x×]|gpus?)\s*$)", re.IGNORECASE)
# What a list has instead of a price that it does not tell.
_UNTOLD = re.compile(
    r"n\.?/?a\.?|-+|–|—|none|null|nil|tbd|tba|call|custom|(?:contact|talk to|ask) (?:us|sales)|"
    r"(?:up)?on request|request(?: a)? quote|not available|unavailable|sold out|coming soon",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Given:
    """What is known of every row of a file: what stands in it where the row says nothing else."""

    as_of: str
    provider: str
    decimal: str
    usd_per: Mapping[str, float]
    # The currencies that the names of price columns speak of.
    currencies: Mapping[str, str]
    own_source: str
    # What was read before: lists have the same prices again and again.
    prices: dict[tuple[str, ...], tuple[float, str]] = field(default_factory=dict)


def read(
    file: PriceFile, as_of: str | None, source_url: str, provider: str | None, layout: Layout
) -> Batch:
    """Every row of a table, as an observation or rejected; DataError when it is no such table.

    Needed are the columns gpu, usd or usd_per_gpu_hour, and as_of unless it is given, which stands
    where a row has no date, as `provider` does where it has none; rows without a source have the
    file for one.
    """
    found = origin(COLLECTOR, file, as_of)
    name = re.sub(r"[^a-z0-9._-]+", "-", found.file.casefold()).strip("-._") or "prices"
    own = Source(f"file-{name}", "your file", found.file, source_url, "", found.as_of, NOT_STATED)
    needed = ("gpu",) if as_of else ("gpu", "as_of")
    table = Table(file, needed, _COLUMNS, layout, _NUMERIC)
    if not table.places.keys() & AMOUNTS.keys():
        lacking = " or ".join(AMOUNTS)
        pairs = meant(table.unread, AMOUNTS) or {_PER_GPU_HOUR: "NAME"}
        raise DataError(missing(table.name, table.columns, [lacking], pairs))
    for amount, of_input in AMOUNTS.items():
        called = table.columns[table.places[amount]] if amount in table.places else ""
        if of_input == RATE and (period := other_period(called)):
            told = f"column {beginning(called)!r} has prices of another period ({period})"
            raise DataError(f"{table.name}: {told}: convert them to prices per hour first")
    given = _Given(
        as_of=as_of or "",
        provider=provider or "",
        decimal=table.decimal,
        usd_per=layout.usd_per,
        currencies={
            amount: currency_in(table.columns[table.places[amount]])
            for amount in AMOUNTS
            if amount in table.places
        },
        own_source=own.source_id,
    )
    records: dict[Observation, int] = {}
    sources: dict[str, Source] = {}

    def take(line: Line) -> None:
        record = _observation(line.cells, given, sources)
        if is_to_come(first_day(record.as_of)):
            raise RejectedError("as_of is in the future")
        if record in records:
            raise RejectedError("the same row twice")
        records[record] = line.number

    log = RowLog()
    log.read(table, lambda cells: (cells.get("provider", ""), cells.get("gpu", "")), take)
    rates = tuple(row for row in records if isinstance(row, Rate))
    prices = tuple(row for row in records if isinstance(row, Price))
    used = {*records.values()}
    return Batch(
        collector=COLLECTOR,
        file=found.file,
        sha256=found.sha256,
        as_of=as_of or max((first_day(row.as_of) for row in records), default=found.as_of),
        source=own,
        sources=tuple(sources.values()),
        rows=log.count(),
        kept=log.count(used),
        rates=rates,
        prices=prices,
        quotes=tuple(row for row in records if isinstance(row, Quote)),
        rejected=log.rejected(),
        aside=log.reasons(used),
        remarks=(
            *table.remarks,
            *_unread(table),
            *exchanged(records),
            *odd_prices(rates, prices),
            *_twice(records),
        ),
    )


def _unread(table: Table) -> Iterator[str]:
    """Which columns nothing is read from, and how to name those that are probably ours."""
    if table.unread:
        free = [name for name in _COLUMNS if name not in table.places]
        pairs = meant(table.unread, free)
        option = ",".join(f"{ours}={theirs}" for ours, theirs in pairs.items())
        hint = f"; to read them: --columns {option}" if option else ""
        yield f"nothing is read from {beginning(', '.join(table.unread))}{hint}"


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


def _observation(cells: dict[str, str], of_file: _Given, sources: dict[str, Source]) -> Observation:
    """What a row says; a source that it describes is added to `sources`."""
    if any(len(cells.get(name, "")) > LONGEST_NAME for name in _NAMES):
        raise RejectedError("a name far too long")
    given = USUAL_CELLS | {"note": "", "as_of": of_file.as_of, "provider": of_file.provider}
    given |= {name: as_written(cell) for name, cell in cells.items() if cell}
    if why := note_problem(given["note"]):
        raise RejectedError(f"note {why}")
    _keys(given, cells)
    given["as_of"] = _day(given["as_of"])
    parsed("as_of", given["as_of"], dated)
    given["host_included"] = _FLAGS.get(given["host_included"].casefold(), given["host_included"])
    given["price_basis"] = given["price_basis"].casefold()
    given["term"] = parsed("term", given["term"], term_of)
    amount, price, told = _amount(given, cells, of_file)
    of_input, usual_kind = AMOUNTS[amount], _KINDS[AMOUNTS[amount]]
    if not INPUTS[of_input].contains(price) or (of_input == RATE and is_absurd(price)):
        raise RejectedError(ABSURD)
    given[amount] = repr(price)
    given["note"] = "; ".join(filter(None, (told, given["note"])))[:LONGEST_NOTE]
    kind = given.get("kind") or usual_kind
    if kind == "quote":
        return _quote(given, of_input, amount)
    if kind != usual_kind:
        raise RejectedError("kind is not that of the price, nor quote")
    given["source_id"] = _source_id(given, of_file.own_source, sources)
    if kind == "rate" and not given["provider"]:
        raise RejectedError("no provider: name it in a column, or with --provider")
    return _record(Rate, given) if kind == "rate" else _record(Price, given)


def _keys(given: dict[str, str], cells: dict[str, str]) -> None:
    """Put our keys for the GPU, the provider and the country that a row names."""
    given["provider"] = provider_key(given["provider"])
    number, name = _counted(given.get("gpu", ""))
    if number:
        if cells.get("gpus_per_instance", number) not in ("", number):
            raise RejectedError("gpu and gpus_per_instance name two numbers of GPUs")
        given["gpus_per_instance"] = number
    else:
        given["gpus_per_instance"] = _number_of(given["gpus_per_instance"])
    if name not in load().gpus:
        texts = tuple(filter(None, (cells.get("instance", ""),)))
        gpu, unknown = gpu_of(COLLECTOR, given["provider"], name, None, texts)
        if unknown:
            raise RejectedError(f"{unknown}{_near(name)}" if name else "no GPU")
        name = gpu
    given["gpu"] = name
    region = cells.get("region", "")
    if region and not cells.get("country"):
        country = country_of(given["provider"], region)
        given["country"] = given["country"] if country == UNKNOWN else country


@lru_cache(maxsize=1_024)
def _number_of(cell: str) -> str:
    """A number of GPUs as people write it; RejectedError where it is none."""
    return f"{read_count(_OF_GPUS.sub('', cell)):.10g}"


@lru_cache(maxsize=4_096)
def _counted(name: str) -> tuple[str, str]:
    """The number of GPUs that a name says, empty for none, and the name without it."""
    found = None if name in load().gpus else _COUNTED.fullmatch(name)
    if not found:
        return "", name
    number = next(filter(None, found.group("n", "n_", "_n", "_n_")))
    return number, found["gpu"] or found["gpu_"]


@lru_cache(maxsize=1_024)
def _near(name: str) -> str:
    return near_keys(name, load().gpus)


@lru_cache(maxsize=1_024)
def _day(cell: str) -> str:
    """A day as people and machines write it; what is none stays as it is.

    With dots the day comes first, as wherever dates have dots; 3/4/2026 is either of two days.
    """
    if stamped := _TIMESTAMP.fullmatch(cell):
        return stamped[1]
    with suppress(Wrong):
        return read_day(INPUTS["as_of"], cell)
    if _PARTIAL.fullmatch(cell):
        return cell
    found = guesses.days(cell)
    if len(found) > 1 and (dotted := _DOTTED.fullmatch(cell)):
        found = ["-".join((dotted[3], dotted[2].zfill(2), dotted[1].zfill(2)))]
    if len(found) > 1:
        raise RejectedError(f"as_of may be {' or '.join(found)}: write it so")
    return found[0] if found else cell


def _amount(
    given: dict[str, str], cells: dict[str, str], of_file: _Given
) -> tuple[str, float, str]:
    """The column that the price of a row belongs in, the price [USD], and how it was converted.

    What a machine costs is divided by its GPUs.
    """
    named = [name for name in AMOUNTS if given.get(name)]
    kinds = {AMOUNTS[name] for name in named}
    if len(kinds) != 1:
        raise RejectedError("two prices" if named else NO_PRICE)
    found = {name: _price(given, name, of_file) for name in named}
    if MACHINE not in found:
        return named[0], *found[named[0]]
    usd, told = found[MACHINE]
    own = found[_PER_GPU_HOUR][0] if _PER_GPU_HOUR in found else None
    is_counted = cells.get("gpus_per_instance") or _counted(cells["gpu"])[0]
    gpus = given["gpus_per_instance"] if is_counted else ""
    try:
        return _PER_GPU_HOUR, of_one_gpu(usd, gpus, own), told
    except ValueError as why:
        raise RejectedError(f"{MACHINE} {why}") from None


def _price(given: dict[str, str], amount: str, of_file: _Given) -> tuple[float, str]:
    """The price of a row [USD], and how it was converted."""
    if _UNTOLD.fullmatch(given[amount]):
        raise RejectedError(NO_PRICE)
    said = code_of(given.get(CURRENCY, ""))
    named = of_file.currencies.get(amount, "")
    # Our own column names say USD; what a row says of itself counts more.
    told = said or ("" if named == USD else named)

    def number(cell: str) -> float:
        return parsed(amount, cell, lambda text: amount_of(amount, text, of_file.decimal))

    key = (amount, given[amount], told, given["as_of"])
    if key not in of_file.prices:
        of_file.prices[key] = price_in_usd(
            given[amount], told, given["as_of"], of_file.usd_per, number
        )
    return of_file.prices[key]


def _quote(given: dict[str, str], of_input: str, amount: str) -> Quote:
    as_of, until = parsed("as_of", given["as_of"], dated), _day(given.get("valid_until", ""))
    given["valid_until"] = until
    if parsed("valid_until", until, dated) < as_of:
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
