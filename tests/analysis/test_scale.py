"""The same function on engines: Dask for real on two processes, what Spark and Ray ask of it."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from dask.distributed import Client, LocalCluster

import tco
from tco.analysis.sweep import answer_frame, sweep
from tco.analysis.sweep.rows import ODDS
from tco.errors import InputError
from tco.model.results import RESULTS, STATUSES, VERDICTS
from tests.analysis.test_sweep import draws

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "scale-out.md"
ROWS, PARTITIONS = 16_000, 8


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenarios with errors and empty cells in a Parquet file of several row groups."""
    path = tmp_path_factory.mktemp("cases") / "cases.parquet"
    found = draws(ROWS, seed=3).assign(note="x")
    found["commitment_months"] = found["commitment_months"].astype("float64")
    found["whole_servers"] = found["whole_servers"].astype("boolean")
    found.loc[::1_000, "utilization"] = 60
    found.to_parquet(path, row_group_size=ROWS // PARTITIONS)
    return path


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two worker processes of one thread each."""
    lean = {"distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1}}
    with (
        dask.config.set(lean),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
        ) as found,
    ):
        yield found


def read(path: Path) -> Any:
    return dd.read_parquet(path, split_row_groups=True)


def test_two_processes_give_the_same_to_the_last_bit(cluster: LocalCluster, cases: Path) -> None:
    source = read(cases)
    assert source.npartitions == PARTITIONS
    expected = answer_frame(source.compute(scheduler="synchronous"))
    assert expected["error"].notna().sum() >= ROWS / 1_000
    with Client(cluster) as client:
        found = sweep(source).compute()
        assert len(client.ncores()) == 2
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    single = sweep(cases)
    for name in RESULTS[:-2]:
        assert np.array_equal(
            found[name].to_numpy().view(np.int64), single[name].to_numpy().view(np.int64)
        ), name


def test_nothing_is_computed_before_it_is_asked_for(cases: Path) -> None:
    def never(_: pd.DataFrame) -> pd.DataFrame:
        raise AssertionError("computed")

    source = read(cases)
    lazy = sweep(source.map_partitions(never, meta=source._meta))
    assert isinstance(lazy, dd.DataFrame)
    assert lazy.npartitions == PARTITIONS
    with pytest.raises(AssertionError, match="computed"):
        lazy.compute(scheduler="synchronous")


def test_the_meta_is_what_comes(cases: Path) -> None:
    lazy = sweep(read(cases))
    found = lazy.partitions[1].compute(scheduler="synchronous")
    assert list(lazy.columns) == list(found.columns)
    pd.testing.assert_series_equal(lazy.dtypes, found.dtypes)
    assert tuple(lazy["status"].cat.categories) == STATUSES
    assert tuple(lazy["verdict"].cat.categories) == VERDICTS
    mean = lazy["npv_saving_usd"].mean().compute(scheduler="synchronous")
    assert mean == pytest.approx(sweep(cases)["npv_saving_usd"].mean())


def test_a_worker_that_is_killed_loses_nothing(cluster: LocalCluster, cases: Path) -> None:
    def slowly(part: pd.DataFrame) -> pd.DataFrame:
        time.sleep(0.3)
        return part

    source = read(cases)
    with Client(cluster) as client:
        running = client.compute(sweep(source.map_partitions(slowly, meta=source._meta)))
        time.sleep(0.6)
        assert not running.done()
        victim = next(iter(cluster.workers.values()))
        os.kill(victim.pid, signal.SIGKILL)
        found = running.result(timeout=120)
    expected = answer_frame(source.compute(scheduler="synchronous"))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_prices_go_along(cluster: LocalCluster) -> None:
    own = pd.DataFrame(
        {"gpu": ["L4"], "price_basis": ["street"], "usd": [9_000.0], "as_of": ["2026-11-20"]}
    )
    cases = pd.DataFrame({"gpu": ["L4", "T4"], "utilization": [0.5, 0.5], "team": ["a", "b"]})
    with Client(cluster):
        found = sweep(dd.from_pandas(cases, npartitions=2), prices=own, carry=["team"]).compute()
    expected = answer_frame(cases, prices=own, carry=["team"])
    assert found["own_npv_usd"].tolist() == expected["own_npv_usd"].tolist()
    assert found["own_npv_usd"][0] != answer_frame(cases, carry=["team"])["own_npv_usd"][0]


def test_wrong_columns_are_refused_at_once(tmp_path: Path) -> None:
    wrong = dd.from_pandas(pd.DataFrame({"utilisation": [0.5]}), npartitions=1)
    with pytest.raises(InputError, match="did you mean utilization"):
        sweep(wrong)
    right = dd.from_pandas(pd.DataFrame({"utilization": [0.5]}), npartitions=1)
    with pytest.raises(InputError, match="a Dask frame of answers writes itself"):
        sweep(right, output=tmp_path / "answers")


def test_spark_maps_an_iterator_of_frames() -> None:
    """`mapInPandas` gives a function an iterator of frames and wants one back."""
    cases = draws(90)
    sent = partial(map, pickle.loads(pickle.dumps(answer_frame)))
    parts = (cases.iloc[start : start + 25].reset_index(drop=True) for start in range(0, 90, 25))
    answers = sent(parts)
    assert iter(answers) is answers
    found = pd.concat(list(answers), ignore_index=True)
    pd.testing.assert_frame_equal(found, answer_frame(cases), check_exact=True)
    kinds = set(map(str, answer_frame(cases.iloc[:0]).dtypes[RESULTS[0] :]))
    assert kinds == {"float64", "category", "str"}


def test_ray_maps_a_batch_to_a_batch() -> None:
    """`map_batches(batch_format="pandas")` sends frames of any size, an empty one too."""
    cases = draws(30)
    for batch in (cases, cases.iloc[:1], cases.iloc[:0]):
        sent = pickle.loads(pickle.dumps(partial(answer_frame, carry=())))
        answers = sent(batch)
        assert type(answers) is pd.DataFrame
        assert len(answers) == len(batch)
        assert list(answers.columns) == [*cases.columns, *RESULTS, *ODDS, "error"]


def test_a_process_that_knows_nothing_gives_the_same() -> None:
    """No globals: what a function gives depends on what it is given, wherever it runs."""
    code = (
        "import pickle, sys; function, frame = pickle.load(sys.stdin.buffer); "
        "sys.stdout.buffer.write(pickle.dumps(function(frame)))"
    )
    cases = draws(40)
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps((answer_frame, cases)),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    pd.testing.assert_frame_equal(pickle.loads(done.stdout), answer_frame(cases), check_exact=True)


def test_dask_is_not_imported_to_find_out() -> None:
    code = (
        "import sys; from tco.analysis.sweep import sweep; sweep({'pue': [1.5]}); "
        "print([m for m in ('dask', 'distributed', 'pyarrow.parquet') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert tco.__version__


PROGRAMS = re.findall(
    r"^```python\n(import .*?|from .*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE
)


def test_the_programs_of_the_page(cluster: LocalCluster, cases: Path, tmp_path: Path) -> None:
    local, remote, spark, ray = PROGRAMS
    (tmp_path / "cases.parquet").write_bytes(cases.read_bytes())
    expected = sweep(cases)
    for program in (local, remote.replace("tcp://scheduler:8786", cluster.scheduler_address)):
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        )
        found = pd.read_parquet(tmp_path / "answers")
        assert found["own_npv_usd"].tolist() == pytest.approx(
            expected["own_npv_usd"].tolist(), nan_ok=True, rel=0
        )
        shutil.rmtree(tmp_path / "answers")
    for program in (spark, ray):
        compile(program, "docs/scale-out.md", "exec")
