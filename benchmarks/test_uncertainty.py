"""How fast the odds are; targets for one core of two.

`python -m pytest benchmarks/test_uncertainty.py -n0 --benchmark-only`
"""

from __future__ import annotations

from typing import Any

import pytest

from tco.analysis.simulation import Simulation, simulate

# Everything is uncertain but the horizon.
ASKED = {"gpu": "L4", "horizon_months": 36}


@pytest.fixture
def odds() -> Simulation:
    return simulate(**ASKED)


def test_simulate(benchmark: Any) -> None:
    """2,048 futures of 36 months, 36 uncertain inputs: target 50 ms."""
    found = benchmark(lambda: simulate(**ASKED))
    assert len(found.uncertain) > 30


def test_simulate_ten_thousand(benchmark: Any) -> None:
    benchmark(lambda: simulate(**ASKED, draws=10_000))


def test_simulate_a_hundred_thousand(benchmark: Any) -> None:
    benchmark.pedantic(lambda: simulate(**ASKED, draws=100_000), rounds=3)


def test_drivers(benchmark: Any) -> None:
    """Rank correlations and values of knowing, which are worked out when asked for."""
    benchmark.pedantic(
        lambda found: found.drivers,
        setup=lambda: ((simulate(**ASKED),), {}),
        rounds=10,
    )


def test_bands(benchmark: Any, odds: Simulation) -> None:
    """P10, P50 and P90 of the cumulative costs of 2,048 futures: target 50 ms."""
    benchmark(odds.curves)


def test_sobol_indices(benchmark: Any, odds: Simulation) -> None:
    """38 x 1,024 model runs."""
    benchmark.pedantic(odds.sobol_indices, rounds=5)
