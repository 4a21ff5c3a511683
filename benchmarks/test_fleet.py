"""How fast a demand becomes a plan; the targets are for two cores."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

import tco


def year(peak: int) -> tco.DemandCurve:
    """A year of hours with every number of GPUs up to the peak."""
    draw = np.random.default_rng(0)
    return tco.DemandCurve(gpus=tuple(map(float, draw.integers(0, peak + 1, size=8_760))))


def test_a_year_of_a_thousand_gpus(benchmark: Any) -> None:
    """Target 200 ms, warm: another rate each time, so that nothing is kept."""
    curve, rates = year(1_000), count(600)
    found = benchmark(
        lambda: tco.fleet(demand=curve, gpu="L4", rate_usd_per_gpu_hour=next(rates) / 1_000)
    )
    assert found.needed == 1_000


def test_a_year_of_a_thousand_gpus_that_are_billed_for_a_day(benchmark: Any) -> None:
    """Target 2 s, warm."""
    curve = year(1_000)
    found = benchmark(lambda: tco.fleet(demand=curve, gpu="L4", minimum_billing_hours=24))
    assert found.all_rent_npv_usd > 0


def test_a_demand_that_grows_for_five_years(benchmark: Any) -> None:
    """Target 500 ms, warm."""
    curve = year(1_000)
    benchmark(
        lambda: tco.fleet(demand=curve, gpu="L4", demand_growth_per_year=0.2, horizon_months=60)
    )
