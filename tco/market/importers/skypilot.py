"""SkyPilot's catalogue: one CSV file a provider, an on-demand and a spot price in each row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tco.market.importers.lines import (
    LONGEST_NAME,
    NO_PRICE,
    ON_DEMAND,
    SPOT,
    Ledger,
    Line,
    Sighting,
    read_count,
    read_lines,
    read_price,
)
from tco.market.importers.names import UNKNOWN, Machine, fits, gpu_of, machines, plain
from tco.market.records import Provider

COLLECTOR = "skypilot"
PATTERNS = ("vms.csv", "*vms*.csv")
_NEEDED = (
    *("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "SpotPrice", "Region"),
)
_OPTIONAL = ("AvailabilityZone", "GpuInfo")
_PRICES = ((ON_DEMAND, "Price"), (SPOT, "SpotPrice"))
# GpuInfo is no JSON and not always a Python literal: what is needed is looked up, nothing is run.
_LONG_NAME = re.compile(r"""["']Name["']: *["']([^"']*)["']""", re.IGNORECASE)
_MEMORY = re.compile(r"""["']SizeInMiB["']: *(\d{1,9})(?:\.0)?\s*[,}]""", re.IGNORECASE)
# A smaller number under SizeInMiB means GB.
_LEAST_MIB = 1_000
_MIB_PER_GB = 1_024
# Their SizeInMiB is that of all GPUs of the instance together.
_TOTAL_MEMORY = frozenset({"primeintellect", "vastai"})


def read(path: Path, provider: Provider) -> Ledger:
    """Every row of a file, as sightings or set aside; DataError when it is no such file.

    Google's machines and accelerators have a row each: they are added up.
    """
    ledger = Ledger()
    split = {machine.provider for machine in machines().values()}
    hosts: list[Host] = []
    accelerators: list[Accelerator] = []
    for line in read_lines(path, _NEEDED, _OPTIONAL):
        cells = line.cells
        ledger.enter(line, provider.provider, cells.get("AcceleratorName", ""))
        reason = line.fault or _unfit(cells, provider)
        if reason:
            ledger.set_aside(line.number, reason)
        elif not cells["AcceleratorName"]:
            host = _host(ledger, line, provider.provider)
            hosts += [host] if host else []
        elif not cells["InstanceType"] and provider.provider in split:
            part = _accelerator(ledger, line, provider.provider)
            accelerators += [part] if part else []
        else:
            _instance(ledger, line, provider.provider)
    pair(ledger, hosts, accelerators)
    return ledger


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


def _unfit(cells: dict[str, str], provider: Provider) -> str:
    if provider.currency != "USD":
        return f"price is in {provider.currency}, not converted"
    names = ("InstanceType", "AcceleratorName", "Region")
    if max(len(cells[name]) for name in names) > LONGEST_NAME:
        return "a name far too long"
    return ""


def _zone(line: Line) -> str:
    return line.cells.get("AvailabilityZone", "")


def _host(ledger: Ledger, line: Line, provider: str) -> Host | None:
    machine = machines().get((provider, line.cells["InstanceType"]))
    if machine is None:
        ledger.set_aside(line.number, "no GPU")
        return None
    region = line.cells["Region"] or UNKNOWN
    return Host(line.number, machine, region, _zone(line), _prices(ledger, line))


def _accelerator(ledger: Ledger, line: Line, provider: str) -> Accelerator | None:
    gpu, gpus = _gpu(ledger, line, provider)
    if not gpu:
        return None
    name, region = line.cells["AcceleratorName"], line.cells["Region"] or UNKNOWN
    prices = _prices(ledger, line)
    return Accelerator(line.number, name, gpu, gpus, region, _zone(line), prices)


def _instance(ledger: Ledger, line: Line, provider: str) -> None:
    name, region = line.cells["InstanceType"], line.cells["Region"] or UNKNOWN
    gpu, gpus = _gpu(ledger, line, provider)
    if gpu and not name:
        ledger.set_aside(line.number, "no instance name")
    elif gpu:
        for term, usd in _prices(ledger, line).items():
            if usd is not None:
                place = (region, _zone(line))
                ledger.see(Sighting((line.number,), gpu, name, gpus, *place, term, usd))
            elif term == ON_DEMAND:
                ledger.lose((line.number,), term, NO_PRICE)


def _gpu(ledger: Ledger, line: Line, provider: str) -> tuple[str, float]:
    """The GPU's key and how many there are; no key if the row is set aside."""
    cells = line.cells
    gpus, reason = read_count(cells["AcceleratorCount"])
    long_name, memory = gpu_info(cells.get("GpuInfo", ""))
    if memory and gpus and provider in _TOTAL_MEMORY:
        memory /= gpus
    texts = tuple(filter(None, (cells["InstanceType"], long_name)))
    gpu, unknown = gpu_of(COLLECTOR, provider, cells["AcceleratorName"], memory, texts)
    reason = unknown or reason
    if not reason and not fits(gpu, memory, gpus or 1):
        reason = f"memory is not that of {gpu}"
    if reason:
        ledger.set_aside(line.number, reason)
        return "", 0
    return gpu, gpus or 0


def _prices(ledger: Ledger, line: Line) -> dict[str, float | None]:
    """The prices by term; None where the cell is empty, none where it holds no price."""
    found = {}
    for term, column in _PRICES:
        usd, reason = read_price(line.cells[column])
        if reason in ("", NO_PRICE):
            found[term] = usd
        else:
            ledger.lose((line.number,), term, reason)
    return found


@dataclass(frozen=True, slots=True)
class Host:
    """A machine type's row: processor and memory only [USD per hour by term].

    None is an empty cell; a cell that holds no price is not there, and was accounted for.
    """

    line: int
    machine: Machine
    region: str
    zone: str
    usd: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Accelerator:
    """An accelerator's row: the price of `gpus` of them; `usd` is as for a host."""

    line: int
    name: str
    gpu: str
    gpus: float
    region: str
    zone: str
    usd: dict[str, float | None]


def pair(ledger: Ledger, hosts: Iterable[Host], accelerators: Iterable[Accelerator]) -> None:
    """Add each machine type and the accelerators that machines.csv says it has.

    The row for that very number of accelerators counts, else as many times the row for one.
    Accelerators that no machine type in the file has are kept without a host.
    """
    rows: dict[tuple[str, str, str, float], Accelerator] = {}
    for part in accelerators:
        key = (part.region, part.zone, plain(part.name), part.gpus)
        if key in rows:
            ledger.set_aside(part.line, "accelerator listed twice in a zone")
        else:
            rows[key] = part
    used = set()
    for host in hosts:
        wanted = host.machine.gpus
        place = (host.region, host.zone, plain(host.machine.name))
        chosen = rows.get((*place, wanted)) or rows.get((*place, 1))
        if chosen is None:
            ledger.set_aside(host.line, "no row of its accelerator in the zone")
            continue
        used.add(chosen.line)
        for term in (ON_DEMAND, SPOT):
            _add(ledger, host, chosen, term)
    for part in rows.values():
        if part.line not in used:
            _alone(ledger, part)


def _add(ledger: Ledger, host: Host, part: Accelerator, term: str) -> None:
    one, other = host.usd.get(term), part.usd.get(term)
    if one is not None and other is not None:
        lines, wanted, name = (host.line, part.line), host.machine.gpus, host.machine.instance
        usd = one + other * (wanted / part.gpus)
        ledger.see(Sighting(lines, part.gpu, name, wanted, host.region, host.zone, term, usd))
    elif term == ON_DEMAND or one is not None or other is not None:
        open_ones = tuple(each.line for each in (host, part) if term in each.usd)
        ledger.lose(open_ones, term, "host or accelerator without a price")


def _alone(ledger: Ledger, part: Accelerator) -> None:
    name = f"{part.gpus:g}x {part.name} without host"
    for term, usd in part.usd.items():
        if usd is not None:
            place = (part.region, part.zone)
            seen = Sighting((part.line,), part.gpu, name, part.gpus, *place, term, usd, False)
            ledger.see(seen)
        elif term == ON_DEMAND:
            ledger.lose((part.line,), term, NO_PRICE)
