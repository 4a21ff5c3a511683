"""How fast market data is read, kept and asked for; targets for two cores.

A full-size catalogue (100,000 rows) is made up here in the format of the SkyPilot catalogue: the
names are real, the prices are not.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tco
from tco.market.importers import read_file

ROWS = 100_000
DAY = "2026-11-21"
_HEADER = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice"
_GPUS = {"L4": 22_888, "T4": 15_360, "L40S": 45_776, "H100": 81_920, "H200": 144_384}
_MEMORY = """
import sys, tco
from pathlib import Path
from tco.market.importers import read_file
store = tco.PriceStore(sys.argv[2])
store.add(read_file("skypilot", Path(sys.argv[1]), as_of="2026-11-21"))
tco.offers("L4", region="any", prices=store)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def catalogue(path: Path) -> Path:
    """A catalog of AWS's with so many rows: five GPUs, sizes, regions, zones."""
    regions = [
        f"{area}-{side}-{n}"
        for area in ("us", "eu", "ap")
        for side in ("east", "west")
        for n in (1, 2)
    ]
    zones = "abcde"
    sizes = range(-(-ROWS // (len(_GPUS) * len(regions) * len(zones))))
    lines = []
    for at, (gpu, size, region, zone) in enumerate(itertools.product(_GPUS, sizes, regions, zones)):
        info = f"\"{{'Gpus': [{{'Name': '{gpu}', 'MemoryInfo': {{'SizeInMiB': {_GPUS[gpu]}}}}}]}}\""
        price = f"{1 + at % 97 / 10:.4f},{0.5 + at % 89 / 100:.4f}"
        machine = f"g9.{size}x{gpu.lower()},{gpu},1.0,4.0,16.0"
        lines.append(f"{machine},{info},{price},{region},{region}{zone}\n")
    lines = lines[:ROWS]
    path.write_text(f"{_HEADER},Region,AvailabilityZone\n{''.join(lines)}")
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue(tmp_path_factory.mktemp("catalogue") / "aws_vms.csv")


@pytest.fixture(scope="module")
def store(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    kept = tco.PriceStore(tmp_path_factory.mktemp("store") / "prices.db")
    kept.add(read_file("skypilot", file, as_of=DAY))
    return kept


def test_import(benchmark: Any, file: Path, tmp_path: Path) -> None:
    """A file of 100,000 rows, read and kept: target 10 s."""
    numbers = itertools.count()

    def run() -> Any:
        return tco.PriceStore(tmp_path / f"{next(numbers)}.db").add(
            read_file("skypilot", file, as_of=DAY)
        )

    added = benchmark.pedantic(run, rounds=3)
    assert added.added > ROWS / 10


def test_offers(benchmark: Any, store: Any) -> None:
    """Every offer for one GPU out of that store: target 50 ms."""
    frame = benchmark(lambda: tco.offers("L4", region="any", prices=store))
    assert len(frame) > 1_000


def test_first_offers(benchmark: Any, store: Any) -> None:
    """The same by a program that asks for the first time: nothing is in memory yet."""
    tco.offers("T4", prices=store)  # the libraries are loaded
    benchmark.pedantic(
        lambda opened: tco.offers("L4", region="any", prices=opened),
        setup=lambda: ((tco.PriceStore(store.url),), {}),
        rounds=5,
    )


def test_memory(benchmark: Any, file: Path, tmp_path: Path) -> None:
    """Peak memory of a process that imports the file and asks for offers: target 500 MB."""
    command = [sys.executable, "-c", _MEMORY, str(file), str(tmp_path / "prices.db")]
    done = benchmark.pedantic(
        lambda: subprocess.run(command, check=True, capture_output=True, text=True), rounds=1
    )
    megabytes = int(done.stdout)
    benchmark.extra_info["peak_mb"] = megabytes
    assert megabytes < 500
