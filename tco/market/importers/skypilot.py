"""SkyPilot's catalogue: one CSV file a provider, an on-demand and a spot price in each row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tco.market.catalogue import Provider
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
from tco.market.importers.names import UNKNOWN, WHOLE, WITH_GPU, Machine, machines, plain
from tco.market.importers.opening import PriceFile

COLLECTOR = "skypilot"
PUBLISHER, HOME = "SkyPilot catalog", "https://github.com/skypilot-org/skypilot-catalog"
PATTERNS = ("vms.csv", "*vms*.csv", "*vms*.csv.gz", "*.zip")
_NEEDED = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "SpotPrice", "Region")
_OPTIONAL = ("AvailabilityZone", "GpuInfo", CURRENCY)
_PRICES = ((ON_DEMAND, "Price"), (SPOT, "SpotPrice"))
_NUMERIC = ("Price", "SpotPrice", "AcceleratorCount")
# GpuInfo is no JSON and not always a Python literal: what is needed is looked up, nothing is run.
_LONG_NAME = re.compile(r"""["']Name["']: *["']([^"']*)["']""", re.IGNORECASE)
_MEMORY = re.compile(r"""["']SizeInMiB["']: *(\d{1,9})(?:\.0)?\s*[,}]""", re.IGNORECASE)
# A smaller number under SizeInMiB means GB.
_LEAST_MIB = 1_000
_MIB_PER_GB = 1_024
# Their SizeInMiB is that of all GPUs of the instance together.
_TOTAL_MEMORY = frozenset({"primeintellect", "vastai"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: `gpus` accelerators of a name, none for a machine type without them.

    `usd` has the prices by term [USD per hour], each with how it was converted: None is an empty
    cell; a cell that holds no price is not there, and was accounted for.
    """

    line: int
    name: str
    gpu: str
    gpus: float
    region: str
    zone: str
    usd: dict[str, tuple[float | None, str]]


def provider_name(path: Path) -> str:
    """What a catalog file says of its provider: its name before _vms, or that of its folder.

    >>> provider_name(Path("v9/aws/vms.csv")), provider_name(Path("gcp_vms_v9.csv"))
    ('aws', 'gcp')
    """
    before, mark, _ = path.stem.partition("_vms")
    return before if mark else path.absolute().parent.name


def read(file: PriceFile, provider: Provider, as_of: str, layout: Layout) -> tuple[RowLog, Table]:
    """Every row of a file, as prices or rejected; DataError when it is no such file.

    Google's machines and accelerators have a row each: they are added up.
    """
    log, key = RowLog(), provider.provider
    table = Table(file, _NEEDED, _OPTIONAL, layout, _NUMERIC)
    prices = Prices(table.decimal, provider.currency, as_of, layout.usd_per)
    in_two_rows = any(one.provider == key and one.priced != WHOLE for one in machines().values())
    hosts: list[tuple[Machine, Row]] = []
    accelerators: list[Row] = []

    def take(line: Line) -> None:
        cells = line.cells
        instance, name = cells["InstanceType"], cells["AcceleratorName"]
        if max(map(len, (instance, name, cells["Region"]))) > LONGEST_NAME:
            raise RejectedError("a name far too long")
        if not name:
            machine = machines().get((key, instance))
            if machine is None or machine.priced == WHOLE:
                raise RejectedError("no GPU")
            is_free = machine.priced == WITH_GPU
            hosts.append((machine, _row(log, line, "", 0, prices, may_be_free=is_free)))
            return
        long_name, memory_gb = gpu_info(cells.get("GpuInfo", ""))
        texts = tuple(filter(None, (instance, long_name)))
        count, of_all = cells["AcceleratorCount"], key in _TOTAL_MEMORY
        gpu, gpus = gpu_in_row(
            *(COLLECTOR, key, name, count, memory_gb, texts), of_all=of_all, decimal=prices.decimal
        )
        if instance:
            _list(log, _row(log, line, gpu, gpus, prices), instance)
        elif in_two_rows:
            accelerators.append(_row(log, line, gpu, gpus, prices))
        else:
            raise RejectedError("no instance name")

    log.read(table, lambda cells: (key, cells.get("AcceleratorName", "")), take)
    pair(log, hosts, accelerators)
    return log, table


@lru_cache(maxsize=4_096)
def gpu_info(text: str) -> tuple[str, float | None]:
    """The long name and the memory [GB] in a GpuInfo cell, as far as it says them.

    >>> gpu_info("{'Gpus': [{'Name': 'A100 PCIe', 'Maker': null, 'MemoryInfo': {'SizeInMiB': 80}}]")
    ('A100 PCIe', 80.0)
    >>> gpu_info("{'Gpus': [{'Name': 'L4', 'MemoryInfo': {'SizeInMiB': 24576}}]}")
    ('L4', 24.0)
    >>> gpu_info("L4")
    ('', None)
    """
    name, size = _LONG_NAME.search(text), _MEMORY.search(text)
    memory = float(size[1]) if size else 0.0
    gigabytes = memory if memory < _LEAST_MIB else memory / _MIB_PER_GB
    return name[1] if name else "", gigabytes or None


def _row(
    log: RowLog, line: Line, gpu: str, gpus: float, prices: Prices, *, may_be_free: bool = False
) -> Row:
    cells, usd = line.cells, dict[str, tuple[float | None, str]]()
    told = code_of(cells.get(CURRENCY, ""))
    for term, column in _PRICES:
        try:
            is_zero = may_be_free and _is_zero(cells[column])
            usd[term] = (0.0, "") if is_zero else prices.read(cells[column], told)
        except RejectedError as why:
            log.lose((line.number,), term, str(why))
    place = (cells["Region"] or UNKNOWN, cells.get("AvailabilityZone", ""))
    return Row(line.number, cells["AcceleratorName"], gpu, gpus, *place, usd)


def _is_zero(cell: str) -> bool:
    return bool(cell) and not cell.strip("0.,")


def _list(log: RowLog, row: Row, instance: str, *, host_included: bool = True) -> None:
    for term, (usd, note) in row.usd.items():
        if usd is not None:
            offer = (row.gpu, instance, row.gpus, row.region, row.zone, term, usd)
            log.add(ListedPrice((row.line,), *offer, host_included, note))
        elif term == ON_DEMAND:
            log.lose((row.line,), term, NO_PRICE)


def pair(log: RowLog, hosts: Iterable[tuple[Machine, Row]], accelerators: Iterable[Row]) -> None:
    """Add each machine type and the accelerators that machines.csv says it has.

    The row for that very number of accelerators counts, else as many times the row for one. A
    machine costs 0 where the price of its accelerators includes it.
    Accelerators that no machine type in the file has are kept without a host.
    """
    rows: dict[tuple[str, str, str, float], Row] = {}
    for part in accelerators:
        key = (part.region, part.zone, plain(part.name), part.gpus)
        if key in rows:
            log.reject(part.line, "accelerator listed twice in a zone")
        else:
            rows[key] = part
    used = set()
    for machine, host in hosts:
        place, gpus = (host.region, host.zone), machine.gpus
        name = plain(machine.name)
        found = rows.get((*place, name, gpus)) or rows.get((*place, name, 1))
        if found is None:
            log.reject(host.line, "no row of its accelerator in the zone")
            continue
        used.add(found.line)
        for term, _column in _PRICES:
            one, note = host.usd.get(term, (None, ""))
            other, told = found.usd.get(term, (None, ""))
            if one is not None and other is not None:
                usd = one + other * (gpus / found.gpus)
                offer = (found.gpu, machine.instance, gpus, *place, term, usd)
                log.add(ListedPrice((host.line, found.line), *offer, note=told or note))
            elif term == ON_DEMAND or one is not None or other is not None:
                unread = tuple(row.line for row in (host, found) if term in row.usd)
                log.lose(unread, term, "host or accelerator without a price")
    for part in rows.values():
        if part.line not in used:
            _list(log, part, f"{part.gpus:g}x {part.name} without host", host_included=False)
