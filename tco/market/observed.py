"""Observations on top of the shipped data: of a file, of a frame, or of a price store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tco.errors import InputError, Problem, suggestion
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
from tco.market.files import CellsError, record_of

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
    `sources` are those of rows that name another than `source`; `remarks` are sentences on what was
    kept though it looks odd.
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
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Added:
    """What one import did: observations added, and those that the store knew already.

    `repeated` says that the whole file was imported before, as `import_id`.
    """

    import_id: int
    added: int
    known: int
    repeated: bool


@dataclass(frozen=True)
class Import:
    """One import: when (UTC), by which collector, of which file, and the number of its rows."""

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


def observed_batch(batch: Batch) -> Observations:
    """The observations of one file, without a store."""
    sources = {source.source_id: source for source in (batch.source, *batch.sources)}
    label = f"{batch.file} (sha256 {batch.sha256[:12]})"
    return Observations(label, sources, batch.rates, batch.prices, batch.quotes)


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

    Needed are gpu, as_of, and provider with usd_per_gpu_hour, or usd; the rest has the columns of
    rental_rates.csv and purchase_prices.csv. InputError lists what is wrong, by row.
    """
    rates, prices, problems = [], [], []
    cited: dict[str, Source] = {}
    for at, cells in enumerate(_texts(frame)):
        given = USUAL_CELLS | {"source_id": UNSOURCED, "note": ""} | cells
        gpu, wrong = cells.get("gpu", ""), []
        if gpu not in shipped.gpus:
            wrong.append(f"gpu = {gpu!r} is not in the catalogue{suggestion(gpu, shipped.gpus)}")
        try:
            if cells.get("usd_per_gpu_hour"):
                rates.append(record_of(Rate, given))
            else:
                prices.append(record_of(Price, given))
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
    if problems:
        raise InputError(problems[:10])
    return Observations("a frame of prices", cited, rates, prices)


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
