"""The steps from the rental rate to the full cost of a busy hour of renting."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings

import tco
from tco.inputs.lines import Line
from tco.model.items import MORE_STEPS, RENT, items_of
from tco.report import charts
from tco.report.facts import facts_of
from tco.report.waterfall import SideCost, renting
from tco.scenario import Scenario
from tests.model.test_line_relations import gross, lines
from tests.neutral import neutral
from tests.strategies import examples, scenarios

# One GPU of 365 busy hours a month at a dollar.
HALF = {"rate_usd_per_gpu_hour": 1, "utilization": 0.5, "hours_per_month": 730, "gpus": 1}


def steps(**inputs: Any) -> dict[str, float]:
    found = dict(renting(Scenario(**neutral(**HALF | inputs))).steps)
    return {name: round(usd, 9) for name, usd in found.items()}


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, {}),
        ({"gpus": 64, "horizon_months": 20.5}, {}),
        ({"billing_overhead": 0.1}, {"extra billed hours": 0.1}),
        ({"billing": "always_on"}, {"idle hours": 1.0}),
        # Whoever commits pays all hours, and nothing for hours beyond them.
        ({"billing": "committed", "billing_overhead": 0.1}, {"idle hours": 1.0}),
        # 292 instead of 365 a month; above the cap the hours of a commitment change nothing.
        ({"rate_cap_usd_per_gpu_month": 292}, {"monthly cap": -0.2}),
        (
            {"rate_cap_usd_per_gpu_month": 292, "billing": "always_on"},
            {"idle hours": 1.0, "monthly cap": -1.2},
        ),
        # The second of two months costs nine tenths of the first.
        ({"horizon_months": 2, "rate_growth_per_year": 0.9**12 - 1}, {"rate trend": -0.05}),
        (
            {"horizon_months": 2, "rate_growth_per_year": 0.9**12 - 1, "billing_overhead": 1},
            {"extra billed hours": 1.0, "rate trend": -0.1},
        ),
        # A commitment keeps the rate of its start.
        (
            {
                "billing": "committed",
                "commitment_months": 2,
                "horizon_months": 2,
                "rate_growth_per_year": 0.5,
            },
            {"idle hours": 1.0, "rate trend": 0.0},
        ),
        (
            {"support_rate": 0.05, "billing_overhead": 0.1},
            {"extra billed hours": 0.1, "support plan": 0.055},
        ),
        ({"storage_egress_usd_per_gpu_month": 36.5}, {"storage, transfer": 0.1}),
        ({"upfront_usd_per_gpu": 365, "horizon_months": 10}, {"migration, commitment": 0.1}),
        # 73 at the start, of two months at 0.99 and 0.9801: 73 / (365 * 1.9701) less 0.10.
        (
            {"upfront_usd_per_gpu": 73, "horizon_months": 2, "discount_rate": 0.99**-12 - 1},
            {"migration, commitment": 0.1, "discounting": 0.001517690},
        ),
        # Of a term of 12 months two are left after 10, at two dollars a busy hour.
        (
            {"billing": "committed", "commitment_months": 12, "horizon_months": 10},
            {"idle hours": 1.0, "migration, commitment": 0.4},
        ),
        ({"tax_rate": 0.25}, {"income tax": -0.25}),
    ],
)
def test_steps_by_hand(inputs: dict[str, Any], said: dict[str, float]) -> None:
    found = steps(**inputs)
    assert found == pytest.approx({"rental rate": 1.0, **said}, abs=2e-9)


def test_lines_of_ones_own_are_steps() -> None:
    vat = Line(name="VAT", side="rent", usd=0.21, basis="item:compute")
    other = Line(name="administrator", side="own", usd=100)
    trend = Line(name="rate trend", side="rent", usd=36.5)
    found = dict(renting(Scenario(**neutral(**HALF), lines=[vat, other, trend])).steps)
    assert found == pytest.approx({"rental rate": 1, "VAT": 0.21, "rate trend (yours)": 0.1})


def test_every_item_of_renting_has_a_step() -> None:
    shown = {item.step for item in items_of(RENT)}
    assert shown == {"rental rate", *MORE_STEPS[RENT]}


def ends_at_the_cost(found: SideCost, case: Scenario) -> None:
    answer = tco.breakeven(case)
    cost, total = answer.rent_usd_per_gpu_hour, math.fsum(usd for _, usd in found.steps)
    size = math.fsum(abs(usd) for _, usd in found.steps)
    if not case.values()["utilization"]:
        assert found.steps == ()
        return
    assert abs(total - cost) <= 1e-9 * (
        size + gross(dict(case.given), case.lines) / answer_hours(case)
    )
    assert found.npv_usd == pytest.approx(answer.rent_npv_usd, rel=1e-9, abs=1e-6)


def answer_hours(case: Scenario) -> float:
    values = case.values()
    hours = values["gpus"] * values["hours_per_month"] * values["utilization"]
    return float(hours * values["horizon_months"]) or math.inf


@settings(max_examples=examples(20))
@given(scenarios(), lines())
def test_steps_sum_to_the_cost_of_a_busy_hour(case: dict[str, Any], own: tuple[Line, ...]) -> None:
    for mixed in (Scenario(**case), Scenario(**case, lines=own)):
        ends_at_the_cost(renting(mixed), mixed)


@pytest.mark.parametrize("term", ["on_demand", "spot", "1yr", "3yr", "5yr"])
def test_steps_of_offers_sum_to_the_cost(term: str) -> None:
    case = Scenario(gpu="H100-SXM", term=term, rate_usd_per_gpu_hour=2.1, horizon_months=30.5)
    found = renting(case)
    ends_at_the_cost(found, case)
    assert found.steps[0] == ("rental rate", 2.1)
    drawn = charts.waterfall(found)
    assert drawn.title.startswith("The rate is $2.10 per hour, the full cost $")
    assert list(drawn.figure.data[0].x)[:-1] == [usd for _, usd in found.steps]


def test_facts_have_it_where_both_prices_are_known() -> None:
    assert facts_of(Scenario(gpu="RTX-PRO-4500", provider="lambda")).renting is None
    assert facts_of(Scenario(gpu="L4", utilization=0)).renting is not None
