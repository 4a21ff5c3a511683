"""How fast the sensitivities are: `python -m pytest benchmarks -n0 --benchmark-only`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tco.analysis.flips import flips
from tco.analysis.sensitivity import response, responses, stress, tornado, win_map, zero_contour
from tco.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
L4 = Scenario(gpu="L4", utilization=0.6)
# The sliders of the first screen: ten curves of 61 points, up to 60 months.
FIRST_SCREEN = (
    "utilization",
    "rate_usd_per_gpu_hour",
    "horizon_months",
    "rate_growth_per_year",
    "price_usd_per_gpu",
    "electricity_usd_per_kwh",
    "resale_decline_per_year",
    "pue",
    "gpu_w",
    "rack_kw",
)
COMMITTED = Scenario(
    gpu="L4", term="1yr", hosting="own_site", whole_servers=True, whole_racks=True, gpus=13
)


def test_the_curves_of_the_first_screen(benchmark: Any) -> None:
    """Target 10 ms."""
    frame = benchmark(lambda: responses(L4, FIRST_SCREEN))
    assert len(frame) == len(FIRST_SCREEN) * 61


def test_one_curve(benchmark: Any) -> None:
    benchmark(lambda: response(L4, "utilization"))


@pytest.mark.parametrize("scenario", [L4, COMMITTED], ids=["per_use", "committed"])
def test_all_flips(benchmark: Any, scenario: Scenario) -> None:
    """40 inputs; with a commitment, whole servers and racks there are jumps to look for."""
    benchmark(lambda: flips(scenario))


def test_a_tornado(benchmark: Any) -> None:
    benchmark(lambda: tornado(L4))


@pytest.mark.parametrize("points", [41, 201])
def test_a_win_map(benchmark: Any, points: int) -> None:
    """41 x 41 and 201 x 201 runs of the model."""
    benchmark(lambda: win_map(L4, points=points))


def test_a_contour(benchmark: Any) -> None:
    frame = win_map(L4)
    benchmark(lambda: zero_contour(frame))


def test_all_stresses(benchmark: Any) -> None:
    benchmark(lambda: stress(L4))


def test_the_first_flips_of_a_process(benchmark: Any) -> None:
    """A new process: what importing NumPy, pandas and SciPy costs, once."""
    code = "from tco.analysis.flips import flips; flips(gpu='L4')"
    benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True),
        rounds=3,
        warmup_rounds=1,
    )
