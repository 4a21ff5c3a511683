"""Azure's retail prices: the JSON of its public interface, one page or many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tco.errors import DataError
from tco.inputs.tables import strict_text_of
from tco.market.catalogue import Provider
from tco.market.importers.batches import (
    NO_PRICE,
    ON_DEMAND,
    SPOT,
    ListedPrice,
    Prices,
    RowLog,
)
from tco.market.importers.columns import Layout
from tco.market.importers.lines import LONGEST_NAME, Line, RejectedError, beginning
from tco.market.importers.money import code_of
from tco.market.importers.names import UNKNOWN, gpu_of, machines, term_of
from tco.market.importers.opening import MOST_BYTES, PriceFile

COLLECTOR = "azure"
PUBLISHER, HOME = "Azure retail prices", "https://prices.azure.com/api/retail/prices"
PATTERNS = ("*.json", "*.json.gz", "*.jsonl", "*.zip")
_ITEMS = "Items"
# What of an item is looked at; the rest is not kept.
_FIELDS = frozenset(
    {
        *("armSkuName", "armRegionName", "location", "retailPrice", "unitOfMeasure", "meterName"),
        *("skuName", "productName", "type", "reservationTerm", "currencyCode", "serviceName"),
        *("tierMinimumUnits", "savingsPlan"),
    }
)
_HOURS_PER_YEAR = 365 * 24
_HOURS = re.compile(r"(\d{1,4}) Hours?", re.ASCII | re.IGNORECASE)
_CONSUMPTION, _RESERVATION = "consumption", "reservation"
_OTHER_KINDS = {"devtestconsumption": "price for development and test subscriptions"}


def provider_name(_path: Path) -> str:
    """Whose prices they are: nobody else's.

    >>> provider_name(Path("page-1.json"))
    'azure'
    """
    return "azure"


class Pages:
    """The items of a file, as lines: the number of a line is that of the item."""

    def __init__(self, file: PriceFile) -> None:
        self.name, self.remarks, self._plans = file.name, list[str](), 0
        with file.opened() as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise DataError(f"{file.name}: has more than {MOST_BYTES / 2**20:,.0f} MB")
        self._items = list(_items(file.name, strict_text_of(data, file.name)))

    def __iter__(self) -> Iterator[Line]:
        for number, item in enumerate(self._items, 1):
            text = beginning(" ".join(map(str, item.values())) if isinstance(item, dict) else "")
            if not isinstance(item, dict):
                yield Line(number, text, {}, "not an item of a price list")
                continue
            self._plans += bool(item.get("savingsPlan"))
            cells = {name: _text(item.get(name)) for name in _FIELDS}
            fault = "" if all(map(str.isprintable, cells.values())) else _UNPRINTABLE
            yield Line(number, text, {} if fault else cells, fault)
        if self._plans:
            self.remarks.append(f"prices of savings plans of {self._plans:,} items are not read")


_UNPRINTABLE = "characters that cannot be printed"


def read(file: PriceFile, provider: Provider, as_of: str, layout: Layout) -> tuple[RowLog, Pages]:
    """Every item of a file, as a price or rejected; DataError when it is no such file."""
    log, pages = RowLog(), Pages(file)
    prices = Prices(currency=provider.currency, as_of=as_of, usd_per=layout.usd_per)
    log.read(
        pages,
        lambda cells: (provider.provider, cells.get("armSkuName", "")[:LONGEST_NAME]),
        lambda line: _take(log, line, provider.provider, prices),
    )
    return log, pages


def _take(log: RowLog, line: Line, provider: str, prices: Prices) -> None:
    cells = line.cells
    sku, kind = cells["armSkuName"], cells["type"].casefold()
    machine = machines().get((provider, sku))
    named = f"{cells['meterName']} {cells['skuName']}".casefold()
    tier = cells["tierMinimumUnits"]
    for wrong, reason in (
        (cells["serviceName"] not in ("", "Virtual Machines"), "not a virtual machine"),
        (not sku, "no machine type"),
        (machine is None, "not a machine type with GPUs of machines.csv"),
        (max(len(sku), len(cells["armRegionName"])) > LONGEST_NAME, "a name far too long"),
        ("windows" in cells["productName"].casefold(), "Windows: its license is in the price"),
        ("cloud services" in cells["productName"].casefold(), "Cloud Services, not a machine"),
        ("low priority" in named, "Low Priority: no spot price"),
        (kind in _OTHER_KINDS, _OTHER_KINDS.get(kind, "")),
        (kind not in (_CONSUMPTION, _RESERVATION), "neither consumption nor a reservation"),
        (bool(tier.strip("0.")), "price from a minimum number of units"),
    ):
        if wrong:
            raise RejectedError(reason)
    assert machine is not None  # rejected above
    hours = _HOURS.fullmatch(cells["unitOfMeasure"].strip())
    if hours is None or not int(hours[1]):
        raise RejectedError("price is not per hour")
    term, per = SPOT if "spot" in named else ON_DEMAND, float(hours[1])
    if kind == _RESERVATION:
        term, per = _reserved(cells["reservationTerm"])
    gpu, unknown = gpu_of(COLLECTOR, provider, machine.name, None, (sku,))
    if unknown:
        raise RejectedError(unknown)
    try:
        usd, note = prices.read(cells["retailPrice"], code_of(cells["currencyCode"]))
        if usd is None:
            raise RejectedError(NO_PRICE)
    except RejectedError as why:
        log.lose((line.number,), term, str(why))
        return
    place = (cells["armRegionName"] or UNKNOWN, "")
    offer = (gpu, sku, machine.gpus, *place, term, usd / per)
    log.add(ListedPrice((line.number,), *offer, note=note))


def _reserved(text: str) -> tuple[str, float]:
    """The term of a reservation, and its hours: its price is for all of them, whatever the unit."""
    try:
        term = term_of(text)
    except ValueError:
        term = ""
    if not term.endswith("yr"):
        raise RejectedError("reservation of another length than 1, 3 or 5 years")
    return term, _HOURS_PER_YEAR * float(term.removesuffix("yr"))


def _text(value: Any) -> str:
    """A value of an item as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.strip() if isinstance(value, str) else ""
    return repr(value)


def _items(file: str, text: str) -> Iterator[Any]:
    """The items of one page, of pages in a list, or of pages one after the other."""
    decoder = json.JSONDecoder(object_pairs_hook=_trimmed, parse_constant=_constant)
    at, found = _blank(text, 0), False
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except RecursionError:
            raise DataError(f"{file}: is nested far too deeply") from None
        except ValueError as wrong:
            raise DataError(f"{file}: is not JSON: {' '.join(str(wrong).split())[:100]}") from None
        pages = value if isinstance(value, list) else [value]
        for page in pages:
            items = page.get(_ITEMS) if isinstance(page, dict) else None
            if not isinstance(items, list):
                raise DataError(f"{file}: is not a page of Azure's retail prices: no {_ITEMS}")
            found = True
            yield from items
        at = _blank(text, at)
    if not found:
        raise DataError(f"{file}: is not a page of Azure's retail prices: no {_ITEMS}")


def _trimmed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if name in _FIELDS or name == _ITEMS}


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


_BLANK = re.compile(r"[\s,]*")


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
