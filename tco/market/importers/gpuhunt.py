"""gpuhunt's catalogue: one CSV file a provider, with a row for each price."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tco.market.catalogue import Provider
from tco.market.files import positive
from tco.market.importers.batches import (
    NO_PRICE,
    ON_DEMAND,
    SPOT,
    ListedPrice,
    Prices,
    RowLog,
    gpu_in_row,
)
from tco.market.importers.columns import CURRENCY, Layout
from tco.market.importers.lines import LONGEST_NAME, Line, RejectedError, Table
from tco.market.importers.money import code_of
from tco.market.importers.names import NOT_A_GPU, UNKNOWN
from tco.market.importers.opening import TABLES, PriceFile

COLLECTOR = "gpuhunt"
PUBLISHER, HOME = "gpuhunt catalog", "https://github.com/dstackai/gpuhunt"
PATTERNS = TABLES
_NEEDED = ("instance_name", "location", "price", "gpu_count", "gpu_name", "spot")
_OPTIONAL = ("gpu_memory", "gpu_vendor", "flags", CURRENCY)
_NUMERIC = ("price", "gpu_count")
_TERMS = {"true": SPOT, "false": ON_DEMAND}
# Prices for several machines at once, or for hours reserved ahead.
_FLAGS = ("cluster", "calendar")
_LOCATION_IS_ZONE = frozenset({"gcp"})
_ZONE = re.compile(r"(.+)-[a-z]")


def provider_name(path: Path) -> str:
    """What a catalog file says of its provider: its name.

    >>> provider_name(Path("lambdalabs.csv"))
    'lambdalabs'
    """
    return path.stem


def read(file: PriceFile, provider: Provider, as_of: str, layout: Layout) -> tuple[RowLog, Table]:
    """Every row of a file, as prices or rejected; DataError when it is no such file."""
    log, key = RowLog(), provider.provider
    table = Table(file, _NEEDED, _OPTIONAL, layout, _NUMERIC)
    prices = Prices(table.decimal, provider.currency, as_of, layout.usd_per)
    log.read(
        table,
        lambda cells: (key, cells.get("gpu_name", "")),
        lambda line: _take(log, line, provider, prices),
    )
    return log, table


def _take(log: RowLog, line: Line, provider: Provider, prices: Prices) -> None:
    cells = line.cells
    instance, name, location = cells["instance_name"], cells["gpu_name"], cells["location"]
    term = _TERMS.get(cells["spot"].casefold(), "")
    for wrong, reason in (
        (not name, "no GPU"),
        (cells.get("gpu_vendor") == "google", NOT_A_GPU),
        (not instance, "no instance name"),
        (max(map(len, (instance, name, location))) > LONGEST_NAME, "a name far too long"),
        (not term, "spot is neither True nor False"),
        (
            any(flag in cells.get("flags", "") for flag in _FLAGS),
            "price for a cluster or for reserved hours",
        ),
    ):
        if wrong:
            raise RejectedError(reason)
    memory_gb = None
    with suppress(ValueError):
        memory_gb = positive(cells.get("gpu_memory", ""))
    key, count = provider.provider, cells["gpu_count"]
    told = code_of(cells.get(CURRENCY, ""))
    gpu, gpus = gpu_in_row(
        COLLECTOR, key, name, count, memory_gb, (instance,), decimal=prices.decimal
    )
    try:
        usd, note = prices.read(cells["price"], told)
        if usd is None:
            raise RejectedError(NO_PRICE)
    except RejectedError as why:
        log.lose((line.number,), term, str(why))
        return
    zone = _ZONE.fullmatch(location) if key in _LOCATION_IS_ZONE else None
    place = (zone[1], location) if zone else (location or UNKNOWN, "")
    log.add(ListedPrice((line.number,), gpu, instance, gpus, *place, term, usd, note=note))
