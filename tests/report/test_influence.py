"""What each input does to the answer: its curve, its flips, and whether it counts at all."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tco.inputs import INPUTS
from tco.inputs.effects import no_effect
from tco.report import ranges
from tco.report.facts import facts_of, paybacks
from tco.report.influence import (
    POWER,
    ResponseCurve,
    levers,
    picture,
    response_curves,
    scale,
    sliders,
)
from tco.report.ranges import outside, stored
from tco.report.strip import phrases
from tco.words import crossings_sentence

NUMBERS = [name for name, declared in INPUTS.items() if declared.numeric]
FINANCED: list[dict[str, Any]] = [
    {},
    {"hosting": "own_site"},
    {"hosting": "colo_all_in", "billing": "always_on"},
    {"billing": "committed", "term": "1yr"},
    {"tax_rate": 0.25, "depreciation": "straight_line"},
    {"tax_rate": 0.25, "depreciation": "declining_balance"},
    {"tax_rate": 0.25, "depreciation": "macrs_3", "financing": "loan"},
    {"tax_rate": 0.25, "depreciation": "none"},
    {"financing": "lease", "lease_usd_per_gpu_month": 80},
    {"refresh_months": 18, "refresh_price_usd_per_gpu": 2_000, "delivery_months": 2},
    {"already_owned": True, "price_basis": "used", "tax_rate": 0.25, "depreciation": "macrs_7"},
    {"hosting": "colo_all_in", "lines": [{"name": "x", "side": "own", "usd": 9, "basis": "rack"}]},
]


@pytest.mark.parametrize("given", FINANCED, ids=str)
def test_what_is_said_to_have_no_effect_has_none(given: dict[str, Any]) -> None:
    scenario = tco.Scenario(gpu="L4", **given)
    values, saving = scenario.values(), tco.breakeven(scenario).npv_saving_usd
    said = [name for name in NUMBERS if no_effect(name, values)]
    assert said
    for name in said:
        declared = INPUTS[name]
        for value in (declared.high, (declared.low + 3 * declared.high) // 4):
            other = tco.breakeven(scenario, **{name: value}).npv_saving_usd
            assert math.isclose(other, saving, rel_tol=1e-12, abs_tol=1e-6), name


def test_what_counts_is_not_said_to_have_no_effect() -> None:
    for given in FINANCED:
        values = tco.Scenario(gpu="L4", **given).values()
        for name in ("utilization", "price_usd_per_gpu", "rate_usd_per_gpu_hour", "discount_rate"):
            assert no_effect(name, values) == ""


@pytest.mark.parametrize("given", FINANCED, ids=str)
def test_the_same_six_in_the_same_order_and_all_of_them_count(given: dict[str, Any]) -> None:
    values = tco.Scenario(gpu="L4", **given).values()
    six = sliders(values)
    assert six[:4] == (
        "utilization",
        "rate_usd_per_gpu_hour",
        "price_usd_per_gpu",
        "horizon_months",
    )
    assert (len(six), six[5]) == (6, "residual_share")
    assert not any(no_effect(stored(name), values) for name in six)
    assert levers(values) == (*six, *POWER)


@pytest.mark.parametrize("name", ["utilization", "horizon_months", "pue", "gpus_per_server"])
def test_a_curve_is_what_the_library_answers(name: str) -> None:
    scenario = tco.Scenario(gpu="L4", hosting="own_site", utilization=0.6)
    curve = response_curves(scenario, [name])[name]
    gpus = scenario.values()["gpus"]
    for at in (0, len(curve.values) // 3, -1):
        what_if = {name: INPUTS[name].meant(curve.values[at])}
        saving = tco.breakeven(scenario, **what_if).npv_saving_usd / gpus
        assert curve.savings[at] == pytest.approx(saving, rel=1e-9, abs=1e-6)
    assert curve.saving == pytest.approx(tco.breakeven(scenario).npv_saving_usd / gpus)


def test_flips_are_those_of_the_library() -> None:
    scenario = tco.Scenario(gpu="L4", rate_usd_per_gpu_hour=0.7, utilization=0.6)
    curves = response_curves(scenario, ["utilization", "rate_usd_per_gpu_hour"])
    listed = tco.flips(scenario).set_index("input")["flip"]
    for name, curve in curves.items():
        assert curve.flips == pytest.approx([INPUTS[name].shown(listed[name])])
    name, value = tco.breakeven(scenario).flips[0]
    assert value == pytest.approx(listed[name])
    assert abs(tco.breakeven(scenario, **{name: value}).npv_saving_usd) < 1


def test_a_curve_has_gaps_where_a_rack_holds_no_server() -> None:
    scenario = tco.Scenario(gpu="H100-SXM", hosting="own_site", rack_kw=20)
    curve = response_curves(scenario, ["rack_kw"])["rack_kw"]
    assert None in curve.savings
    assert any(saving is not None for saving in curve.savings)
    assert "NaN" not in picture(curve, 20, scale([curve]))


def test_without_a_price_or_a_rate_there_are_sliders_and_no_curves() -> None:
    for scenario in (
        tco.Scenario(gpu="RTX-PRO-4500", provider="lambda"),
        tco.Scenario(gpu="L4", as_of="2019-01-01"),
    ):
        curves = response_curves(scenario, levers(scenario.values()))
        assert all(curve.values == () for curve in curves.values())
        assert facts_of(scenario).answer is None
        assert scale(curves.values()) == (0, 0)


def test_the_scale_holds_every_curve_and_no_more() -> None:
    curves = response_curves(tco.Scenario(gpu="L4"), levers(tco.Scenario(gpu="L4").values()))
    reached = [usd for curve in curves.values() for usd in curve.savings if usd is not None]
    assert scale(curves.values()) == (min(reached), max(reached))
    assert scale([ResponseCurve("pue", None, values=(1, 2), savings=(5.0, 7.0))]) == (0, 7)


@pytest.mark.parametrize("given", [{}, {"utilization": 0.2}, {"already_owned": True}], ids=str)
def test_the_whole_strip_is_told_along_a_slider(given: dict[str, Any]) -> None:
    scenario = tco.Scenario(gpu="L4", **given)
    values, told = scenario.values(), phrases(scenario.values())
    for name, curve in response_curves(scenario, levers(values)).items():
        for at in (0, 17, -1):
            value = ranges.meant(name, curve.values[at], values["horizon_months"])
            facts = facts_of(tco.Scenario(**scenario.given | {stored(name): value}))
            answer = facts.answer
            assert answer is not None
            assert curve.own[at] == pytest.approx(answer.own_usd_per_gpu_hour)
            assert curve.rent[at] == pytest.approx(answer.rent_usd_per_gpu_hour)
            assert curve.fair[at] == pytest.approx(answer.breakeven_rate_usd_per_gpu_hour)
            assert curve.verdicts[at] == answer.verdict
            shape = told["sentences"][curve.cases[at]].partition("{fair}")[0].partition("}")[2]
            assert shape in facts.sentences[0]


def test_resale_as_a_share_is_the_loss_of_value_over_the_holding_period() -> None:
    scenario = tco.Scenario(gpu="L4", resale_decline_per_year=0.5, horizon_months=24)
    curve = response_curves(scenario, ["residual_share"])["residual_share"]
    assert curve.value == 25
    for at in (0, -1):
        share = curve.values[at] / 100
        saving = tco.breakeven(gpu="L4", horizon_months=24, residual_share=share).npv_saving_usd
        assert curve.savings[at] == pytest.approx(saving / scenario.values()["gpus"])


@pytest.mark.parametrize("busy", [0.05, 0.2, 0.3])
def test_the_values_that_would_bring_a_payback_just_do(busy: float) -> None:
    scenario = tco.Scenario(gpu="L4", utilization=busy)
    found = paybacks(scenario)
    assert found
    for name, value in found:
        assert math.isfinite(tco.breakeven(scenario, **{name: value}).months)
        now = scenario.values()[name]
        short = now + (value - now) * 0.99
        assert math.isinf(tco.breakeven(scenario, **{name: short}).months)


def test_nothing_brings_a_payback_where_nothing_can() -> None:
    scenario = tco.Scenario(gpu="L4", utilization=0.01, staff_usd_per_gpu_month=10_000)
    assert paybacks(scenario) == ()


def test_one_crossing_needs_no_reason() -> None:
    assert crossings_sentence(tco.breakeven(gpu="L4", utilization=0.9).crossings or (), 0) == ""


@pytest.mark.parametrize("name", NUMBERS)
def test_the_ends_of_a_domain_are_inside_and_what_lies_beyond_is_not(name: str) -> None:
    declared = INPUTS[name]
    low, high = INPUTS[name].shown(float(declared.low)), INPUTS[name].shown(float(declared.high))
    assert outside(name, high) == ""
    assert bool(outside(name, low)) == declared.low_open
    assert declared.meaning in outside(name, high * 1.5 + 1)
    if declared.kind == "integer":
        assert "whole numbers" in outside(name, low + 0.5)
