"""How fast a workbook is written, and how large it is; the targets are for two cores."""

from __future__ import annotations

from typing import Any

from tco.report.workbook import workbook
from tco.scenario import Scenario
from tests.report.workbook.test_cached import cells_hold_the_answers


def test_sixty_months(benchmark: Any) -> None:
    """Targets 1 s and 220 kB: eight sheets, the formulas with their values."""
    scenario = Scenario(gpu="L4", horizon_months=60)
    content = benchmark(lambda: workbook(scenario))
    assert len(content) <= 220_000


def test_twenty_years(benchmark: Any) -> None:
    """The longest horizon, taxed, on a loan and with a refresh: no target."""
    taxed = {"tax_rate": 0.25, "financing": "loan"}
    refreshed = {"refresh_months": 36, "refresh_price_usd_per_gpu": 2_000}
    scenario = Scenario(gpu="L4", horizon_months=240, **taxed, **refreshed)
    benchmark(lambda: workbook(scenario))


def test_the_cells_of_results_are_the_answers(benchmark: Any) -> None:
    """Of 170 scenarios beyond those of the suite."""
    benchmark.pedantic(cells_hold_the_answers, [_drawn(benchmark)], rounds=1)


def _drawn(benchmark: Any) -> range:
    """Their numbers; a few where nothing is measured."""
    return range(1_030, 1_200 if benchmark.enabled else 1_032)
