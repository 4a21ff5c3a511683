"""Observations on top of the shipped data: of a file, of a frame, or of a price store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tco.errors import InputError, Problem, suggestion
from tco.market.catalogue import Catalogue, load
from tco.market.files import first_day
from tco.market.records import ANY_REGION, ASSUMPTION, Price, Quote, Rate, Source

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SetAside:
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
    aside: tuple[SetAside, ...] = ()
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
class AsideCount:
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


class Observed:
    """Observations held in memory."""

    def __init__(
        self,
        label: str,
        sources: Mapping[str, Source],
        rates: Iterable[Rate] = (),
        prices: Iterable[Price] = (),
        quotes: Iterable[Quote] = (),
    ) -> None:
        self.label = label
        self.sources = dict(sources)
        self._rates, self._prices, self._quotes = _by_gpu(rates), _by_gpu(prices), _by_gpu(quotes)
        rented = [row for rows in (*self._rates.values(), *self._quotes.values()) for row in rows]
        bought = [row for rows in self._prices.values() for row in rows]
        self.newest = max((first_day(row.as_of) for row in (*rented, *bought)), default="")
        self.providers = frozenset(row.provider for row in rented if row.provider)
        countries = (row.country for rows in self._rates.values() for row in rows)
        self.regions = frozenset({row.region for row in rented if row.region} | {*countries})

    def rates_of(self, gpu: str) -> tuple[Rate, ...]:
        """The rental rates of a GPU."""
        return self._rates.get(gpu, ())

    def prices_of(self, gpu: str) -> tuple[Price, ...]:
        """The purchase prices of a GPU."""
        return self._prices.get(gpu, ())

    def quotes_of(self, gpu: str) -> tuple[Quote, ...]:
        """The quotes for a GPU."""
        return self._quotes.get(gpu, ())


def _by_gpu(rows: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.gpu, []).append(row)
    return {gpu: tuple(kept) for gpu, kept in found.items()}


def observed_batch(batch: Batch) -> Observed:
    """The observations of one file, without a store."""
    sources = {source.source_id: source for source in (batch.source, *batch.sources)}
    label = f"{batch.file} (sha256 {batch.sha256[:12]})"
    return Observed(label, sources, batch.rates, batch.prices, batch.quotes)


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


def observed_frame(frame: pd.DataFrame, shipped: Catalogue) -> Observed:
    """The rows of a frame: rental rates where usd_per_gpu_hour is given, else prices (usd).

    Needed are gpu, as_of, and provider with usd_per_gpu_hour, or usd; the rest has the columns of
    rental_rates.csv and purchase_prices.csv. InputError lists what is wrong, by row.
    """
    rates, prices, problems = [], [], []
    cited: dict[str, Source] = {}
    for at, cells in enumerate(_texts(frame)):
        kind = Rate if cells.get("usd_per_gpu_hour") else Price
        wrong, row = _record(kind, cells, shipped)
        problems += [Problem("prices", f"prices[{at}]: {message}", (at,)) for message in wrong]
        if isinstance(row, Rate):
            rates.append(row)
        elif isinstance(row, Price):
            prices.append(row)
        source_id = cells.get("source_id", UNSOURCED)
        if source_id not in shipped.sources and source_id != ASSUMPTION:
            usual = "a frame of prices" if source_id == UNSOURCED else source_id
            cited[source_id] = Source(
                source_id=source_id,
                publisher=cells.get("publisher", "yours"),
                title=cells.get("title", usual),
                url=cells.get("url", ""),
                published="",
                accessed=cells.get("as_of", ""),
                licence="yours",
            )
    if problems:
        raise InputError(problems[:10])
    return Observed("a frame of prices", cited, rates, prices)


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


def _record(
    kind: type[Rate] | type[Price], cells: dict[str, str], shipped: Catalogue
) -> tuple[list[str], Rate | Price | None]:
    given = USUAL_CELLS | {"source_id": UNSOURCED, "note": ""} | cells
    gpu, values, wrong = cells.get("gpu", ""), {}, []
    if gpu not in shipped.gpus:
        wrong.append(f"gpu = {gpu!r} is not in the catalogue{suggestion(gpu, shipped.gpus)}")
    for declared in fields(kind):
        text = given.get(declared.name)
        if text is None:
            wrong.append(f"{declared.name} is missing")
            continue
        try:
            values[declared.name] = declared.metadata["parse"](text)
        except ValueError as error:
            wrong.append(f"{declared.name} = {text!r} {error}")
    return wrong, None if wrong else kind(**values)


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
