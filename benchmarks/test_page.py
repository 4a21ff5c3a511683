"""How fast the decision sheet is made; targets for one core of two.

`python -m pytest benchmarks/test_page.py -n0 --benchmark-only`
"""

from __future__ import annotations

from typing import Any

from tco.report.sheet import page
from tco.scenario import Scenario


def test_the_decision_sheet(benchmark: Any) -> None:
    """Target 300 ms, warm: odds, flips of every input, all options, the curve, the text, the model
    as a script."""
    scenario = Scenario(gpu="L4", utilization=0.6)
    document = benchmark(lambda: page(scenario))
    assert len(document) < 80_000


def test_the_decision_sheet_of_ten_taxed_years(benchmark: Any) -> None:
    """The longest usual ledger, with a loan and depreciation."""
    scenario = Scenario(
        gpu="L4", horizon_months=120, tax_rate=0.25, depreciation="macrs_5", financing="loan"
    )
    benchmark(lambda: page(scenario))
