"""How fast all options are compared; the target is for two cores."""

from __future__ import annotations

from typing import Any

from tco.analysis.options import options, screening
from tco.scenario import Scenario


def test_all_options(benchmark: Any) -> None:
    """Target 5 ms: 17 options over 36 months, with paybacks, envelope and reasons."""
    scenario = Scenario(gpu="L4", utilization=0.6)
    frame = benchmark(lambda: options(scenario))
    assert len(frame) == 17


def test_all_options_taxed_and_leased(benchmark: Any) -> None:
    """Everything that adds lines to the ledgers."""
    scenario = Scenario(gpu="L4", tax_rate=0.25, delivery_months=3, lease_usd_per_gpu_month=100)
    benchmark(lambda: options(scenario))


def test_screening(benchmark: Any) -> None:
    benchmark(lambda: screening(gpu="L4", utilization=0.6))
