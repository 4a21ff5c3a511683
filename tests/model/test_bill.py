"""From a known monthly bill to the utilization that it implies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

import tco
from tco.scenario import Scenario
from tests.strategies import examples, scenarios


def first_compute(case: Scenario) -> float:
    rows = tco.ledger(case, side="rent")
    return float(rows[(rows["item"] == "compute") & (rows["month"] == 1)]["cost_usd"].sum())


@settings(max_examples=examples(20))
@given(scenarios(billing="per_use"))
def test_the_first_month_costs_the_bill(case: dict[str, Any]) -> None:
    """Whatever is billed beyond the busy hours."""
    case |= {"horizon_months": max(1.0, case["horizon_months"]), "rate_usd_per_gpu_hour": 0.7}
    bill = first_compute(Scenario(**case))
    if case["rate_cap_usd_per_gpu_month"] * case["gpus"] <= bill * (1 + 1e-9):
        return  # the cap is reached, see below
    busy = tco.from_bill(bill, scenario=Scenario(**case))
    assert busy == pytest.approx(case["utilization"], rel=1e-9, abs=1e-9)
    assert first_compute(Scenario(**case | {"utilization": min(1.0, busy)})) == pytest.approx(bill)


@pytest.mark.parametrize(
    ("bill", "inputs", "input_name", "said"),
    [
        (100, {"billing": "always_on"}, "billing", "every hour is paid, busy or idle"),
        (100, {"term": "1yr"}, "billing", "every hour is paid, busy or idle"),
        (100, {"rate_usd_per_gpu_hour": 0}, "rate_usd_per_gpu_hour", "a bill at no price"),
        (100, {"gpu": "RTX-PRO-4500", "provider": "lambda"}, "rate_usd_per_gpu_hour", "not known"),
        (4_089, {"gpus": 8}, "monthly_usd", r"cost running all hours \(4088.00\)"),
        (800, {"gpus": 8, "rate_cap_usd_per_gpu_month": 100}, "monthly_usd", "from 19.6 % util"),
        (801, {"gpus": 8, "rate_cap_usd_per_gpu_month": 100}, "monthly_usd", "monthly cap of the"),
        (4_088.01, {"gpus": 8}, "monthly_usd", "more than these GPUs"),
        (-5, {}, "monthly_usd", "outside"),
    ],
)
def test_what_a_bill_cannot_say(
    bill: float, inputs: dict[str, Any], input_name: str, said: str
) -> None:
    rate = {} if "gpu" in inputs else {"rate_usd_per_gpu_hour": 0.7}
    case = Scenario(**{**rate, "billing_overhead": 0, **inputs})
    with pytest.raises(tco.InputError, match=said) as caught:
        tco.from_bill(bill, scenario=case)
    assert [problem.input for problem in caught.value.problems] == [input_name]


def test_what_is_given_beside_the_scenario_counts() -> None:
    case = Scenario(gpus=4, rate_usd_per_gpu_hour=1, billing_overhead=0, hours_per_month=700)
    assert tco.from_bill(1_400, scenario=case) == pytest.approx(0.5)
    assert tco.from_bill(1_400, 8, scenario=case) == pytest.approx(0.25)
    assert tco.from_bill(1_400, 8, 0.5, 600, scenario=case) == pytest.approx(1_400 / 2_400)
    assert tco.from_bill(5_600.004, 8, 1, scenario=case) == 1
