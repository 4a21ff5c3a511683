"""How fast a workbook is written, and how large it is; the targets are for two cores."""

from __future__ import annotations

from typing import Any

from tco.report.workbook import workbook
from tco.scenario import Scenario


def test_sixty_months(benchmark: Any) -> None:
    """Targets 1 s and 300 kB: six sheets, about 7,000 formulas with their values."""
    scenario = Scenario(gpu="L4", horizon_months=60)
    content = benchmark(lambda: workbook(scenario))
    assert len(content) <= 300_000


def test_twenty_years(benchmark: Any) -> None:
    """The longest horizon, taxed, on a loan and with a refresh: no target."""
    taxed = {"tax_rate": 0.25, "financing": "loan"}
    refreshed = {"refresh_months": 36, "refresh_price_usd_per_gpu": 2_000}
    scenario = Scenario(gpu="L4", horizon_months=240, **taxed, **refreshed)
    benchmark(lambda: workbook(scenario))
