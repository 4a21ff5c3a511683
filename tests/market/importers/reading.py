"""What the tests of the importers share: small files, and a second, plain reading of them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from tco.errors import bare
from tco.market.catalogue import Rate
from tco.market.importers import gpuhunt, read_file, skypilot
from tco.market.importers.batches import choose
from tco.market.importers.columns import USUAL_LAYOUT
from tco.market.importers.names import machines, provider_of
from tco.market.importers.opening import PriceFile
from tco.market.observed import EXPORT_COLUMNS, Batch, amount_of

FIXTURES = Path(__file__).parent / "fixtures"
DAY = "2026-07-30"
SKYPILOT = (
    *("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "SpotPrice", "Region"),
    "AvailabilityZone",
)
GPUHUNT = ("instance_name", "location", "price", "gpu_count", "gpu_name", "spot")
MODULES = {"skypilot": skypilot, "gpuhunt": gpuhunt}


def small(collector: str, name: str, provider: str | None = None) -> Batch:
    """One of the small files, read."""
    return read_file(collector, FIXTURES / collector / name, as_of=DAY, provider=provider)


def aside(batch: Batch) -> dict[int, list[str]]:
    """The reasons by line."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in batch.rejected:
        found[row.line].append(row.reason)
    return dict(found)


def offers(batch: Batch) -> dict[tuple[str, str, str, str], float]:
    """The rates by GPU, instance, region and term."""
    found = {(r.gpu, r.instance, r.region, r.term): r.usd_per_gpu_hour for r in batch.rates}
    assert len(found) == len(batch.rates)
    return found


def assert_accounted(collector: str, path: Path, provider: str, batch: Batch) -> None:
    """Every physical line after the header was kept or set aside, and counted once."""
    lines = path.read_bytes().split(b"\n")
    first = 2 + before_header(line.decode("utf-8", "replace") for line in lines)
    numbers = set(range(first, first + batch.rows.total()))
    assert len(numbers) == len(lines) - (first - 1) - (lines[-1] == b"")
    owner = provider_of(provider, path.name)
    file = PriceFile(path)
    log, _rows = MODULES[collector].read(file, owner, DAY, USUAL_LAYOUT)
    kept = {number for offer in choose(log) for number in offer.price.lines}
    unused = {row.line for row in batch.rejected}
    assert kept | unused == numbers
    assert batch.kept.total() == len(kept)
    assert batch.aside.total() == batch.rows.total() - batch.kept.total()
    assert all(batch.kept[key] <= batch.rows[key] for key in batch.rows)
    assert set(batch.kept) <= set(batch.rows)


def before_header(lines: Iterable[str]) -> int:
    """How many lines stand before the header of a table: those without any text."""
    return next((at for at, line in enumerate(lines) if line.removeprefix("\ufeff").strip()), 0)


def plain_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a file, read line by line without any care for what is wrong with them."""
    lines = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n")
    lines = lines[before_header(lines) :]
    sep = max(",;\t|", key=lines[0].count)
    names = next(csv.reader(lines[:1], delimiter=sep), [])
    known = {*SKYPILOT, *GPUHUNT, *EXPORT_COLUMNS}
    for line in lines[1:]:
        try:
            cells = next(csv.reader([line.rstrip("\r")], delimiter=sep), [])
        except csv.Error:
            continue
        row = dict(zip(map(bare, names), (cell.strip() for cell in cells), strict=False))
        yield {name: row[bare(name)] for name in known if bare(name) in row}


def number(cell: str | None) -> float | None:
    """A cell as a number, if it is one."""
    for read in (float, partial(amount_of, "usd")):
        with suppress(ValueError):
            return read(cell or "")
    return None


def skypilot_prices(path: Path, provider: str) -> set[tuple[str, str, str, float]]:
    """Every (instance, region, term, USD per GPU-hour) that a file can mean."""
    rows = list(plain_rows(path))
    found = set()
    for row in rows:
        count = number(row.get("AcceleratorCount"))
        for term, column in (("on_demand", "Price"), ("spot", "SpotPrice")):
            usd = number(row.get(column))
            if usd is None or not count:
                continue
            name = row.get("InstanceType") or f"{count:g}x {row.get('AcceleratorName')}"
            region = row.get("Region") or "unknown"
            found.add((name, region, term, round(usd / count, 6)))
            name = f"{count:g}x {row.get('AcceleratorName')} without host"
            found.add((name, region, term, round(usd / count, 6)))
            for host in rows:
                machine = machines().get((provider, host.get("InstanceType", "")))
                alone = number(host.get(column))
                if machine and alone is not None and same_zone(host, row):
                    total = alone + usd * (machine.gpus / count)
                    place = (machine.instance, host.get("Region") or "unknown", term)
                    found.add((*place, round(total / machine.gpus, 6)))
    return found


def same_zone(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two rows are of one zone."""
    return all(one.get(name) == other.get(name) for name in ("Region", "AvailabilityZone"))


def gpuhunt_prices(path: Path) -> set[tuple[str, str, str, float]]:
    """Every (instance, region, term, USD per GPU-hour) that a file can mean."""
    found = set()
    for row in plain_rows(path):
        count, usd = number(row.get("gpu_count")), number(row.get("price"))
        if not count or usd is None:
            continue
        term = "spot" if row.get("spot", "").casefold() == "true" else "on_demand"
        name, place = row.get("instance_name", ""), row.get("location") or "unknown"
        for region in (place, place.rpartition("-")[0]):
            for label in (name, f"{name} x{count:g}"):
                found.add((label, region, term, round(usd / count, 6)))
    return found


def assert_traced(collector: str, path: Path, provider: str, rates: tuple[Rate, ...]) -> None:
    """Every rate stands in the file: its instance, region, term and price, or the two to add."""
    known = skypilot_prices(path, provider) if collector == "skypilot" else gpuhunt_prices(path)
    for rate in rates:
        name = rate.instance
        labels = {name, name.removesuffix(f" x{rate.gpus_per_instance:g}")}
        told = re.search(r" at (\S+) USD per", rate.note)
        usd = round(rate.usd_per_gpu_hour / (float(told[1]) if told else 1), 6)
        ways = {(each, rate.region, rate.term, usd) for each in labels}
        assert ways & known, rate
