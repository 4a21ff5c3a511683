"""What imports of 100,000 rows take: `python -m benchmarks.imports`.

Prints rows of the table in docs/performance.md. Each file is made up in one of the forms that
people have: names are real, prices are not. A process of its own imports it into a new store and
asks that for offers. Times are those of the processor, so that other work counts little.
"""

from __future__ import annotations

import csv
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tco.analysis.history import offers
from tco.market.catalogue import load
from tco.market.importers import read_file
from tco.market.store import PriceStore

ROWS = 100_000
# Targets: seconds of an import, milliseconds of a list of offers, and megabytes.
MOST_SECONDS, MOST_MS, MOST_MEGABYTES = 20, 50, 500
DAY, GPU = "2026-11-21", "L4"
_TIMES = 7
_OWN = ("gpu", "provider", "instance", "region", "term", "usd_per_gpu_hour", "as_of")
_SKYPILOT = (
    *("InstanceType", "AcceleratorName", "AcceleratorCount", "GpuInfo", "Price", "SpotPrice"),
    *("Region", "AvailabilityZone"),
)
_MEMORY_MIB = {"L4": 22_888, "T4": 15_360, "L40S": 45_776, "H100": 81_920, "H200": 144_384}
Cells = tuple[str | float, ...]


def skypilot_rows() -> Iterator[Cells]:
    """A collector's list without end: five GPUs, sizes, twelve regions of five zones."""
    places = itertools.product(("us", "eu", "ap"), ("east", "west"), (1, 2))
    regions = ["-".join(map(str, place)) for place in places]
    kinds = tuple(itertools.product(_MEMORY_MIB.items(), regions, "abcde"))
    for at, ((gpu, memory), region, zone) in enumerate(itertools.cycle(kinds)):
        size = at // len(kinds)
        info = f"{{'Gpus': [{{'Name': '{gpu}', 'MemoryInfo': {{'SizeInMiB': {memory}}}}}]}}"
        prices = f"{1 + at % 97 / 10:.4f}", f"{0.5 + at % 89 / 100:.4f}"
        yield f"g9.{size}x{gpu.lower()}", gpu, 1, info, *prices, region, f"{region}{zone}"


def own_rows() -> Iterator[Cells]:
    """A table of one's own without end: every GPU, 40 providers, 300 regions, 30 days."""
    draw, gpus, newest = Random(0), sorted(load().gpus), date.fromisoformat(DAY)
    for at in itertools.count():
        place = f"provider-{at % 40}", f"type-{at % 97}", f"region-{at // 40 % 300}"
        day = (newest - timedelta(days=at % 30)).isoformat()
        usd = round(0.2 + draw.random() * 4, 4)
        yield gpus[at // 3 % len(gpus)], *place, ("on_demand", "spot")[at // 7 % 2], usd, day


def _csv(path: Path, rows: Iterable[Cells]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _workbook(path: Path, rows: Iterable[Cells]) -> None:
    """A workbook; one written in a stream has its texts in the cells, not in a list."""
    from xlsxwriter import Workbook

    with Workbook(path, {"constant_memory": path.stem == "streamed"}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)


FORMS: dict[str, tuple[str, str]] = {
    "aws_vms.csv": ("skypilot", "a collector's list"),
    "own.csv": ("csv", "a table, CSV"),
    "own.xlsx": ("csv", "a table, XLSX"),
    "streamed.xlsx": ("csv", "a table, XLSX written in a stream"),
}


def written(path: Path, rows: int = ROWS) -> Path:
    """A file of one of the forms with so many rows."""
    is_own = FORMS[path.name][0] == "csv"
    header, listed = (_OWN, own_rows()) if is_own else (_SKYPILOT, skypilot_rows())
    write = _workbook if path.suffix == ".xlsx" else _csv
    write(path, itertools.chain([header], itertools.islice(listed, rows)))
    return path


def measured(path: Path) -> dict[str, Any]:
    """What an import takes in this process, and then a list of offers, once the first came."""
    store = PriceStore(path.with_suffix(".db"))
    load()
    begun = time.process_time()
    batch = read_file(FORMS[path.name][0], path, as_of=DAY)
    rows = batch.rows.total()
    store.add(batch)
    imported = time.process_time() - begun
    del batch
    found = offers(GPU, region="any", prices=store)
    asked = []
    for _ in range(_TIMES):
        start = time.process_time()
        offers(GPU, region="any", prices=store)
        asked.append(time.process_time() - start)
    told = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(line for line in told if line.startswith("VmHWM"))
    return {
        "rows": rows,
        "seconds": imported,
        "offers": len(found),
        "ms": 1_000 * sorted(asked)[_TIMES // 2],
        "megabytes": int(peak.split()[1]) / 1_024,
    }


def _main() -> int:
    if len(sys.argv) > 1:
        print(json.dumps(measured(Path(sys.argv[1]))))
        return 0
    print("| file of 100,000 rows | import | rows a second | offers of one GPU | peak memory |")
    missed = False
    for name, (_, form) in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "benchmarks.imports", str(written(Path(folder, name)))]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        took = json.loads(done.stdout)
        seconds, ms, megabytes = (took[key] for key in ("seconds", "ms", "megabytes"))
        missed |= seconds > MOST_SECONDS or ms > MOST_MS or megabytes > MOST_MEGABYTES
        print(
            f"| {form} | {seconds:.1f} s | {took['rows'] / seconds:,.0f} |"
            f" {took['offers']:,} in {ms:.0f} ms | {megabytes:.0f} MB |"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(_main())
