"""gpuhunt's catalogue: one CSV file a provider, with a row for each price; and Google's TPUs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tco.errors import DataError
from tco.market.files import positive
from tco.market.importers.lines import (
    LONGEST_NAME,
    ON_DEMAND,
    SPOT,
    Ledger,
    Line,
    Sighting,
    beginning,
    read_count,
    read_lines,
    read_price,
    unreadable,
)
from tco.market.importers.names import UNKNOWN, fits, gpu_of
from tco.market.records import Provider

COLLECTOR = "gpuhunt"
TPU_FILE = "tpu_pricing.json"
TPU_PROVIDER = "gcp"
PATTERNS = ("*.csv", TPU_FILE)
_NEEDED = ("instance_name", "location", "price", "gpu_count", "gpu_name", "spot")
_OPTIONAL = ("gpu_memory", "gpu_vendor", "flags")
_TERMS = {"true": SPOT, "false": ON_DEMAND}
# Prices for several machines at once, or for hours reserved ahead.
_FLAGS = ("cluster", "calendar")
_LOCATION_IS_ZONE = frozenset({"gcp"})
_LONGEST_JSON = 2**24
_ZONE = re.compile(r"(.+)-[a-z]")


def read(path: Path, provider: Provider) -> Ledger:
    """Every row of a file, as sightings or set aside; DataError when it is no such file."""
    ledger = Ledger()
    if path.name == TPU_FILE:
        _read_tpus(ledger, path, provider)
        return ledger
    for line in read_lines(path, _NEEDED, _OPTIONAL):
        ledger.enter(line, provider.provider, line.cells.get("gpu_name", ""))
        reason = line.fault or _unfit(line.cells, provider)
        if reason:
            ledger.set_aside(line.number, reason)
        else:
            _offer(ledger, line, provider.provider)
    return ledger


def _unfit(cells: dict[str, str], provider: Provider) -> str:
    names = (cells["instance_name"], cells["gpu_name"], cells["location"])
    reasons = {
        f"price is in {provider.currency}, not converted": provider.currency != "USD",
        "no GPU": not cells["gpu_name"],
        "not a GPU of the catalogue": cells.get("gpu_vendor") == "google",
        "no instance name": not cells["instance_name"],
        "a name far too long": max(map(len, names)) > LONGEST_NAME,
        "spot is neither True nor False": cells["spot"].casefold() not in _TERMS,
        "price for a cluster or for reserved hours": any(
            flag in cells.get("flags", "") for flag in _FLAGS
        ),
    }
    return next((reason for reason, wrong in reasons.items() if wrong), "")


def _offer(ledger: Ledger, line: Line, provider: str) -> None:
    cells, number = line.cells, line.number
    gpus, reason = read_count(cells["gpu_count"])
    memory = _memory(cells.get("gpu_memory", ""))
    name, instance = cells["gpu_name"], cells["instance_name"]
    gpu, unknown = gpu_of(COLLECTOR, provider, name, memory, (instance,))
    reason = unknown or reason
    if not reason and not fits(gpu, memory, gpus or 1):
        reason = f"memory is not that of {gpu}"
    if reason or not gpus:
        ledger.set_aside(number, reason)
        return
    term = _TERMS[cells["spot"].casefold()]
    usd, reason = read_price(cells["price"])
    if usd is None:
        ledger.lose((number,), term, reason)
    else:
        place = _place(provider, cells["location"])
        ledger.see(Sighting((number,), gpu, instance, gpus, *place, term, usd))


def _memory(cell: str) -> float | None:
    try:
        return positive(cell)
    except ValueError:
        return None


def _place(provider: str, location: str) -> tuple[str, str]:
    """The region and zone of a location; Google's locations are zones."""
    zone = _ZONE.fullmatch(location) if provider in _LOCATION_IS_ZONE else None
    return (zone[1], location) if zone else (location or UNKNOWN, "")


def _read_tpus(ledger: Ledger, path: Path, provider: Provider) -> None:
    try:
        with path.open("rb") as stream:
            content = stream.read(_LONGEST_JSON + 1)
        if len(content) > _LONGEST_JSON:
            raise DataError(f"{path.name}: more than {_LONGEST_JSON:,} bytes")
        entries = list(_entries(json.loads(content)))
    except OSError as wrong:
        raise unreadable(path, wrong) from wrong
    except (ValueError, RecursionError) as wrong:
        raise DataError(f"{path.name}: no prices of TPUs as JSON: {wrong}") from wrong
    for number, (name, text) in enumerate(entries, 1):
        ledger.enter(Line(number, text, {}), provider.provider, name)
        ledger.set_aside(number, "not a GPU of the catalogue")


def _entries(found: Any) -> Iterator[tuple[str, str]]:
    """The TPU version, and the beginning of the entry, of each version and region."""
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise ValueError("not a table of regions for each version")
    for name, regions in found.items():
        for region, entry in regions.items():
            yield beginning(name), beginning(f"{region}: {json.dumps(entry)}")
