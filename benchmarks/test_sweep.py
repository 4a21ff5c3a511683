"""How fast sweeps are: `python -m pytest benchmarks/test_sweep.py -n0 --benchmark-only`.

Targets for two cores: 10 million rows from Parquet to Parquet in 30 s and 2 GB, cost per scenario
flat (20 %) from 10 thousand to 10 million, Dask on two workers 80 % of two plain processes. The
scenarios are those of the kernel's benchmark: 36 months, eight varying inputs.
"""

from __future__ import annotations

import itertools
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask.distributed import Client, LocalCluster

from tco.analysis.sweep import answer_frame, sweep

ROOT = Path(__file__).resolve().parents[1]
MILLION = 10**6
# A sweep in a process of its own: seconds, and the peak memory of it and of its workers in MB.
_SWEEP = """
import re, resource, sys, time
from tco.analysis.sweep import sweep
source, target, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
began = time.perf_counter()
sweep(source, output=target, workers=workers)
lasted = time.perf_counter() - began
own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(lasted, own + (workers * others if workers > 1 else 0))
"""


def cases(rows: int, seed: int = 0) -> dict[str, Any]:
    draw = np.random.default_rng(seed).uniform
    return {
        "utilization": draw(0.05, 1, rows),
        "price_usd_per_gpu": draw(1_500, 4_000, rows),
        "rate_usd_per_gpu_hour": draw(0.3, 1.2, rows),
        "rate_growth_per_year": draw(-0.3, 0.2, rows),
        "resale_decline_per_year": draw(0, 0.6, rows),
        "electricity_usd_per_kwh": draw(0.05, 0.3, rows),
        "pue": draw(1.1, 2, rows),
        "discount_rate": draw(0, 0.15, rows),
    }


@pytest.fixture(scope="module")
def file(
    tmp_path_factory: pytest.TempPathFactory, sized: Callable[[int], int]
) -> Callable[[int], Path]:
    """A Parquet file of so many scenarios, in row groups of at most a million."""
    folder = tmp_path_factory.mktemp("cases")

    def made(wanted: int) -> Path:
        rows = sized(wanted)
        path = folder / f"{rows}.parquet"
        if not path.exists():
            sizes = [min(MILLION, rows - start) for start in range(0, rows, MILLION)]
            with pq.ParquetWriter(path, pa.table(cases(1)).schema) as writer:
                for seed, size in enumerate(sizes):
                    writer.write_table(pa.table(cases(size, seed)), row_group_size=2**17)
        return path

    return made


def shortest(benchmark: Any) -> float:
    """The shortest round [s]; NaN where nothing was timed (`--benchmark-disable`)."""
    return float(benchmark.stats.stats.min) if benchmark.stats else float("nan")


def noted(benchmark: Any, rows: int, seconds: float, **more: float) -> None:
    benchmark.extra_info.update(
        rows=rows, microseconds_per_row=round(seconds / rows * MILLION, 3), **more
    )


@pytest.mark.parametrize("rows", [10**4, 10**5, 10**6, 10**7])
def test_one_process(
    benchmark: Any, file: Callable[[int], Path], tmp_path: Path, rows: int
) -> None:
    """Parquet to Parquet in this process: is the cost per scenario flat?"""
    source, numbers = file(rows), itertools.count()
    benchmark.pedantic(
        lambda: sweep(source, output=tmp_path / str(next(numbers)), workers=1),
        rounds=max(1, min(20, MILLION // rows)),
        warmup_rounds=1,
    )
    noted(benchmark, rows, shortest(benchmark))


@pytest.mark.parametrize("name", ["answers", "answers.parquet"])
def test_ten_million_rows(
    benchmark: Any, file: Callable[[int], Path], tmp_path: Path, name: str
) -> None:
    """Parquet to Parquet on two cores, start of the processes included: 30 s and 2 GB."""
    command = [sys.executable, "-c", _SWEEP, str(file(10**7)), str(tmp_path / name), "2"]
    done = benchmark.pedantic(
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True),
        rounds=1,
    )
    seconds, megabytes = map(float, done.stdout.split())
    noted(benchmark, 10**7, seconds, peak_megabytes=round(megabytes))
    assert megabytes < 2_000


def test_a_million_rows_of_csv(benchmark: Any, tmp_path: Path, sized: Callable[[int], int]) -> None:
    """CSV to CSV on two cores."""
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    pd.DataFrame(cases(sized(MILLION))).to_csv(source, index=False)
    command = [sys.executable, "-c", _SWEEP, str(source), str(target), "2"]
    done = benchmark.pedantic(
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True),
        rounds=1,
    )
    seconds, megabytes = map(float, done.stdout.split())
    noted(benchmark, MILLION, seconds, peak_megabytes=round(megabytes))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two Dask workers that are warm."""
    lean = {"distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1}}
    with (
        dask.config.set(lean),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as found,
    ):
        found.run(lambda: answer_frame(pd.DataFrame(cases(1))) is not None)
        yield found


@pytest.mark.usefixtures("client")
def test_dask_beside_two_processes(
    benchmark: Any, file: Callable[[int], Path], tmp_path: Path
) -> None:
    """The same file on two Dask workers and on two plain processes: at least 80 % of the rate.

    Both write a folder of Parquet. The start of the Dask cluster does not count, that of the plain
    processes does.
    """
    rows = 4 * MILLION
    source, target = file(rows), tmp_path / "dask"

    def on_dask() -> None:
        shutil.rmtree(target, ignore_errors=True)
        answers = sweep(dd.read_parquet(source, split_row_groups=True))
        answers.to_parquet(target, use_dictionary=["status", "verdict", "error"])

    benchmark.pedantic(on_dask, rounds=3, warmup_rounds=1)
    plain = []
    for at in range(3):
        began = time.perf_counter()
        sweep(source, output=tmp_path / f"plain-{at}", workers=2)
        plain.append(time.perf_counter() - began)
    fastest = shortest(benchmark)
    noted(benchmark, rows, fastest, plain_seconds=min(plain), of_plain=min(plain) / fastest)


def test_frames(benchmark: Any, sized: Callable[[int], int]) -> None:
    """A million rows in memory, beside the bare kernel in benchmarks/test_speed.py."""
    frame = pd.DataFrame(cases(sized(MILLION)))
    benchmark.pedantic(lambda: answer_frame(frame), rounds=5, warmup_rounds=1)
    noted(benchmark, MILLION, shortest(benchmark))
    benchmark.extra_info["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
