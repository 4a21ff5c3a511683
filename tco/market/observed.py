"""Observations on top of the shipped data: of a file, of a frame, or of a price store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tco.errors import DataError, InputError, Problem
from tco.inputs import INPUTS, PRICE, RATE
from tco.inputs.declaration import Interval
from tco.inputs.entry import Wrong, note_problem, read_number
from tco.market.catalogue import (
    ANY_REGION,
    ASSUMPTION,
    Catalogue,
    Observations,
    Price,
    Quote,
    Rate,
    Source,
    load,
)
from tco.market.files import CellsError, positive, record_of
from tco.market.keys import near_keys

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RejectedRow:
    """A row, or one price of a row, that was not used: where it stands and why.

    `gpu` is the name as the file has it, `text` the beginning of the row.
    """

    line: int
    provider: str
    gpu: str
    reason: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Everything that one import brings, before it is stored.

    `rows` counts the file's rows without its header, by provider and GPU name as the file has them;
    a row may give two observations (on demand and spot), or one observation may need two rows.
    `aside` counts the rows that nothing was used of, by the reason: with `kept` they are `rows`.
    `sources` are those of rows that name another than `source`; `remarks` are sentences on what was
    kept though it looks odd; `guessed` says that nobody gave the day, nor the file.
    """

    collector: str
    file: str
    sha256: str
    as_of: str
    source: Source
    rows: Counter[tuple[str, str]]
    kept: Counter[tuple[str, str]]
    rates: tuple[Rate, ...] = ()
    prices: tuple[Price, ...] = ()
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Source, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    aside: Counter[str] = field(default_factory=Counter)
    remarks: tuple[str, ...] = ()
    guessed: bool = False

    @property
    def observations(self) -> int:
        """How many prices, rates and quotes it brings."""
        return len(self.rates) + len(self.prices) + len(self.quotes)


@dataclass(frozen=True)
class Added:
    """What one import did: observations added, and those that the store knew already.

    `repeated` says that the file was imported before, as `import_id`, and brings nothing more.
    """

    import_id: int
    added: int
    known: int
    repeated: bool


@dataclass(frozen=True)
class Undone:
    """What taking an import back did: its file and day, its GPUs, and observations that are gone.

    What another import had too still counts.
    """

    import_id: int
    file: str
    as_of: str
    gpus: tuple[str, ...]
    gone: int


@dataclass(frozen=True)
class Import:
    """One import: when (UTC), by which collector, of which file, and the number of its rows.

    `undone` is when it was taken back (UTC), empty while it counts.
    """

    import_id: int
    at: str
    collector: str
    file: str
    sha256: str
    as_of: str
    rows: int
    added: int
    known: int
    aside: int
    source_id: str
    undone: str = ""


@dataclass(frozen=True)
class RejectionCount:
    """How many rows of one provider and GPU an import set aside for one reason.

    `first_line` and `example` are the line and the beginning of the first of them.
    """

    import_id: int
    provider: str
    gpu: str
    reason: str
    count: int
    first_line: int
    example: str


# The columns of the project's own CSV of prices.
EXPORT_COLUMNS = (
    *("kind", "gpu", "provider", "instance", "gpus_per_instance", "region", "country", "term"),
    *("usd_per_gpu_hour", "host_included", "price_basis", "usd", "valid_until", "as_of"),
    *("source_id", "publisher", "title", "url", "note", "collector", "import_id"),
)


# The columns that hold a price: the input that it stands for. That of a whole machine becomes one
# of a GPU.
MACHINE = "usd_per_instance_hour"
AMOUNTS = {"usd_per_gpu_hour": RATE, "usd": PRICE, MACHINE: RATE}
# Prices of one row for a GPU and for its machine may differ so much, as lists round.
_ROUNDED = 0.02


def amount_of(name: str, cell: str, decimal: str = ".") -> float:
    """The price in a cell of one of these columns; ValueError says why it is none.

    `decimal` is the mark of the file, empty where it leaves it open.

    >>> amount_of("usd_per_gpu_hour", "$0.60"), amount_of("usd", "2,650")
    (0.6, 2650.0)
    """
    try:
        found = read_number(INPUTS[AMOUNTS[name]], cell, decimal)
    except Wrong as wrong:
        raise ValueError(f"{wrong}; {wrong.hint}" if wrong.hint else str(wrong)) from None
    if isinstance(found, Interval):
        raise ValueError("is a range, not a price")
    if not 0 <= found < float("inf"):
        raise ValueError("is negative or too large")
    if found == 0:
        raise ValueError("is not positive")
    return float(found)


def of_one_gpu(usd: float, gpus: str, per_gpu: float | None = None) -> float:
    """The price of a GPU of a machine that costs so much an hour [USD]; ValueError without any.

    `gpus` is the number of its GPUs as the row states it, empty where it does not; `per_gpu` is
    what the row says of one GPU itself.

    >>> of_one_gpu(21.2, "8")
    2.65
    """
    if not gpus:
        raise ValueError("is of a machine whose number of GPUs is not stated (gpus_per_instance)")
    found = round(usd / positive(gpus), 6)
    if per_gpu is None:
        return found
    if abs(found - per_gpu) > _ROUNDED * per_gpu:
        raise ValueError(f"is {found:g} per GPU, and usd_per_gpu_hour is {per_gpu:g}")
    return per_gpu


def contradictions(
    rows: Iterable[tuple[int, Rate | Price | Quote]],
) -> Iterator[tuple[int, int, float, float]]:
    """Where one offer of one day and source stands twice, and its two prices."""
    seen: dict[Any, tuple[int, float]] = {}
    for at, row in rows:
        offer, price = _OFFERS[type(row)]
        now = price(row)
        first, before = seen.setdefault((type(row), offer(row)), (at, now))
        if before != now:
            yield first, at, before, now


def _offer_of(kind: type, price: str) -> tuple[Callable[[Any], Any], Callable[[Any], float]]:
    """What tells an offer from others, and its price."""
    left_out = {price, "note", "valid_until"}
    names = [one.name for one in fields(kind) if one.name not in left_out]
    return attrgetter(*names), attrgetter(price)


_OFFERS = {
    kind: _offer_of(kind, price)
    for kind, price in ((Rate, "usd_per_gpu_hour"), (Price, "usd"), (Quote, "value"))
}


# So many rows of a file that are not used are told.
_MOST_TOLD = 5


def observed_batch(batch: Batch) -> Observations:
    """The observations of one file, without a store; DataError where it has none."""
    sources = {source.source_id: source for source in (batch.source, *batch.sources)}
    label = f"{batch.file} (sha256 {batch.sha256[:12]})"
    aside = [f"line {row.line}: {row.reason}" for row in batch.rejected]
    remarks = (*batch.remarks, *(f"{told}: not used" for told in aside[:_MOST_TOLD]))
    more = len(aside) - _MOST_TOLD
    remarks += (f"{more:,} more rows are not used",) if more > 0 else ()
    rows = (batch.rates, batch.prices, batch.quotes)
    if aside and not any(rows):
        raise DataError(f"{batch.file}: no row can be used; {aside[0]}")
    return Observations(label, sources, *rows, remarks=remarks)


# What a row of a frame or a CSV file of prices may leave out.
USUAL_CELLS = {
    "instance": "unnamed",
    "gpus_per_instance": "1",
    "region": ANY_REGION,
    "country": ANY_REGION,
    "term": "on_demand",
    "host_included": "yes",
    "price_basis": "street",
}
UNSOURCED = "frame"


def observed_frame(frame: pd.DataFrame, shipped: Catalogue) -> Observations:
    """The rows of a frame: rental rates where usd_per_gpu_hour is given, else prices (usd).

    Needed are gpu, as_of, and provider with usd_per_gpu_hour, or usd; instead of usd_per_gpu_hour
    also usd_per_instance_hour with gpus_per_instance. The rest has the columns of rental_rates.csv
    and purchase_prices.csv. InputError lists what is wrong, by row.
    """
    rows, problems = list[tuple[int, Rate | Price]](), []
    cited: dict[str, Source] = {}
    for at, cells in enumerate(_texts(frame)):
        given = USUAL_CELLS | {"source_id": UNSOURCED, "note": ""} | cells
        gpu, wrong = cells.get("gpu", ""), []
        if gpu not in shipped.gpus:
            wrong.append(f"gpu = {gpu!r} is not in the catalog{near_keys(gpu, shipped.gpus)}")
        for name in AMOUNTS.keys() & given.keys():
            try:
                given[name] = repr(amount_of(name, given[name]))
            except ValueError as why:
                wrong.append(f"{name} = {given[name]!r} {why}")
                given[name] = "1"
        if (currency := given.get("currency", "USD").strip().upper()) != "USD":
            wrong.append(f"currency = {currency!r}: prices are in USD, convert it first")
        if long_note := note_problem(given["note"]):
            wrong.append(f"note {long_note}")
        if MACHINE in cells and not wrong:
            wrong += _of_machine(given, cells)
        try:
            is_rate = bool(given.get("usd_per_gpu_hour"))
            rows.append((at, record_of(Rate, given) if is_rate else record_of(Price, given)))
        except CellsError as error:
            wrong += [
                f"{name} {why}" if cell is None else f"{name} = {cell!r} {why}"
                for name, cell, why in error.wrong
            ]
        problems += [Problem("prices", f"prices[{at}]: {message}", (at,)) for message in wrong]
        source_id = given["source_id"]
        if source_id not in shipped.sources and source_id != ASSUMPTION:
            usual = "a frame of prices" if source_id == UNSOURCED else source_id
            cited[source_id] = Source(
                source_id=source_id,
                publisher=cells.get("publisher", "yours"),
                title=cells.get("title", usual),
                url=cells.get("url", ""),
                published="",
                accessed=cells.get("as_of", ""),
                license="yours",
            )
    for first, at, *both in contradictions(rows):
        message = f"prices[{at}] is the same offer as prices[{first}] with another price"
        told = " and ".join(f"{price:g}" for price in both)
        problems.append(Problem("prices", f"{message}: {told}; leave one of them out", (at,)))
    if problems:
        raise InputError(problems[:10])
    rates = [row for _, row in rows if isinstance(row, Rate)]
    prices = [row for _, row in rows if isinstance(row, Price)]
    return Observations("a frame of prices", cited, rates, prices)


def _of_machine(given: dict[str, str], cells: dict[str, str]) -> Iterator[str]:
    """Put the price of a GPU where a row has that of a machine; what is wrong with it."""
    gpus, own = cells.get("gpus_per_instance", ""), given.get("usd_per_gpu_hour")
    try:
        usd = of_one_gpu(float(given[MACHINE]), gpus, float(own) if own else None)
        given["usd_per_gpu_hour"] = repr(usd)
    except ValueError as why:
        yield f"{MACHINE} = {cells[MACHINE]!r} {why}"


def _texts(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """The cells of each row as text, without those that are empty."""
    import pandas as pd

    flags = {"True": "yes", "true": "yes", "False": "no", "false": "no"}
    for row in frame.to_dict("records"):
        cells = {}
        for name, value in row.items():
            if (pd.api.types.is_scalar(value) and pd.isna(value)) or str(value) == "":
                continue
            day = value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
            cells[str(name)] = flags.get(day, day)
        yield cells


_KNOWN: WeakKeyDictionary[Any, Catalogue] = WeakKeyDictionary()


def catalogue_with(prices: Any = None) -> Catalogue:
    """The shipped data, with the observations of a price store or a frame on top of it.

    Where an offer stands in both, the newer observation counts. InputError for anything that is
    neither, DataError for a store that cannot be read.

    >>> catalogue_with() is load()
    True
    """
    if prices is None:
        return load()
    if isinstance(prices, Catalogue):
        return prices
    if hasattr(prices, "snapshot"):
        snapshot = prices.snapshot()
        if snapshot not in _KNOWN:
            _KNOWN[snapshot] = load().with_prices(snapshot)
        return _KNOWN[snapshot]
    if hasattr(prices, "columns") and hasattr(prices, "to_dict"):
        return load().with_prices(observed_frame(prices, load()))
    wanted = "a price store (tco.PriceStore), or a frame with a row for each price or rate"
    raise InputError([Problem("prices", f"prices = {type(prices).__name__} is not {wanted}")])
