"""Same input, same bytes: in another process, hash seed, locale, time zone, thread."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tco
from tco.model.results import RESULTS
from tco.report.csv import ledger_csv, report_csv

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import sys, tco
from tco.report.csv import ledger_csv, report_csv
scenario = tco.Scenario(gpu="L4", utilization=0.6, term="1yr", horizon_months=30.5)
text = report_csv(scenario) + ledger_csv(scenario)
table = tco.breakeven(gpu=["L4", "T4"], utilization=[0.2, 0.9])
sys.stdout.buffer.write((text + table.to_frame().to_csv() + scenario.to_json()).encode())
"""


def output(**environment: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    return done.stdout


@lru_cache
def plain_output() -> bytes:
    return output(PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "OMP_NUM_THREADS": "1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids="-".join,
)
def test_the_environment_does_not_matter(environment: dict[str, str]) -> None:
    assert output(**environment) == plain_output()


def test_threads_do_not_matter() -> None:
    scenario = tco.Scenario(gpu="L4", utilization=0.6)
    expected = report_csv(scenario) + ledger_csv(scenario)
    with ThreadPoolExecutor(8) as pool:
        reports = pool.map(report_csv, [scenario] * 32)
        ledgers = pool.map(ledger_csv, [scenario] * 32)
        texts = {report + ledger for report, ledger in zip(reports, ledgers, strict=True)}
    assert texts == {expected}


def test_the_layout_of_an_array_does_not_matter() -> None:
    line = np.linspace(0.05, 1, 1_000)
    strided, reversed_ = np.repeat(line, 3)[::3], line[::-1][::-1]
    locked = line.copy()
    locked.flags.writeable = False
    expected = tco.breakeven(gpu="L4", utilization=line, pue=line + 1)
    for same in (strided, reversed_, locked, line.tolist(), pd.Series(line), line.astype(">f8")):
        answer = tco.breakeven(gpu="L4", utilization=same, pue=line + 1)
        for name in RESULTS[:-2]:
            assert np.array_equal(getattr(answer, name), getattr(expected, name)), name
