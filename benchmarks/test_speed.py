"""How fast the answers are: `python -m pytest benchmarks -n0 --benchmark-only`.

Timings vary from machine to machine and from run to run: compare within one run.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tco

ROOT = Path(__file__).resolve().parents[1]
ROWS = 1_000_000


@pytest.fixture(scope="module")
def million() -> dict[str, Any]:
    """A million scenarios with eight varying inputs."""
    draw = np.random.default_rng(0).uniform
    return {
        "utilization": draw(0.05, 1, ROWS),
        "price_usd_per_gpu": draw(1_500, 4_000, ROWS),
        "rate_usd_per_gpu_hour": draw(0.3, 1.2, ROWS),
        "rate_growth_per_year": draw(-0.3, 0.2, ROWS),
        "resale_decline_per_year": draw(0, 0.6, ROWS),
        "electricity_usd_per_kwh": draw(0.05, 0.3, ROWS),
        "pue": draw(1.1, 2, ROWS),
        "discount_rate": draw(0, 0.15, ROWS),
    }


def test_import(benchmark: Any) -> None:
    """A process that imports the package; target 80 ms, the interpreter's start included."""
    benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", "import tco"], cwd=ROOT, check=True),
        rounds=15,
        warmup_rounds=2,
    )


def test_interpreter(benchmark: Any) -> None:
    """A process that does nothing, to compare with."""
    benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", "pass"], cwd=ROOT, check=True),
        rounds=15,
        warmup_rounds=2,
    )


def test_one_answer(benchmark: Any) -> None:
    """Target 200 microseconds."""
    benchmark(lambda: tco.breakeven(gpu="L4", utilization=0.6, rate_usd_per_gpu_hour=0.7))


def test_one_answer_with_its_reason(benchmark: Any) -> None:
    benchmark(lambda: tco.breakeven(gpu="L4", utilization=0.6).reason)


def test_one_answer_after_tax(benchmark: Any) -> None:
    """Every line of both ledgers, with a pass for each break-even value."""
    taxed = {"tax_rate": 0.25, "depreciation": "macrs_5", "financing": "loan"}
    benchmark(lambda: tco.breakeven(gpu="L4", utilization=0.6, **taxed))


def test_a_million_answers(benchmark: Any, million: dict[str, Any]) -> None:
    """36 months, one core; target 1.5 s."""
    answer = benchmark.pedantic(lambda: tco.breakeven(**million), rounds=5, warmup_rounds=1)
    assert len(answer.months) == ROWS


def test_a_win_map(benchmark: Any) -> None:
    """100 x 100 scenarios over two inputs."""
    axes = {
        "utilization": np.linspace(0.05, 1, 100)[:, None],
        "rate_usd_per_gpu_hour": np.linspace(0.3, 1.2, 100),
    }
    benchmark(lambda: tco.breakeven(gpu="L4", **axes))
