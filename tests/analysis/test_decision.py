"""A decision on record: what it holds, what is refused, and what it says when it is asked again."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tco
from tco.errors import InputError
from tco.model.breakeven import breakeven
from tests.neutral import COMMON_CASE

CASE: dict[str, Any] = {**COMMON_CASE, "gpu": "L4", "gpus": 8, "utilization": 0.5}
DAY = {"by": "Ada Example", "on": "2026-08-01"}


def decided(**inputs: Any) -> tco.Decision:
    return tco.decide(**CASE | {"rate_usd_per_gpu_hour": 0.9} | inputs, **DAY)


def test_a_record_is_the_answer_and_all_that_it_rests_on() -> None:
    record = tco.decide(gpu="H100-SXM", note="two sites", **DAY)
    answer = breakeven(gpu="H100-SXM")
    assert (record.verdict, record.npv_saving_usd) == (answer.verdict, answer.npv_saving_usd)
    odds = tco.simulate(gpu="H100-SXM")
    assert (record.chance_buy, record.confidence) == (odds.chance_buy, odds.confidence)
    assert record.check_first == odds.check_first
    assert record.values["discount_rate"]["status"] == "default"
    assert record.inputs == {"gpu": "H100-SXM"}
    assert tco.Decision.from_json(record.to_json()) == record
    assert breakeven(record.as_decided()).npv_saving_usd == answer.npv_saving_usd


def test_what_nobody_moved_still_holds() -> None:
    found = tco.recheck(decided().to_json())
    assert (found.flipped, found.verdict, found.moves) == (False, "buy", ())
    assert found.sentence.startswith("Still BUY: buying saves $")
    assert found.model_effect_usd == 0


def test_the_moves_sum_to_the_change_of_the_saving() -> None:
    record = decided()
    found = tco.recheck(record, rate_usd_per_gpu_hour=0.3, electricity_usd_per_kwh=0.3, pue=1.2)
    assert found.flipped
    moved = found.to_frame()
    assert set(moved["input"]) == {"rate_usd_per_gpu_hour", "electricity_usd_per_kwh", "pue"}
    change = found.now.npv_saving_usd - record.npv_saving_usd
    assert moved["effect_usd"].sum() + found.model_effect_usd == pytest.approx(change, rel=1e-12)
    assert moved["effect_usd"].abs().is_monotonic_decreasing
    assert "because the rental rate fell from $0.90 to $0.30" in found.sentence


def test_prices_that_fall_flip_a_decision_on_defaults() -> None:
    import pandas as pd

    record = tco.decide(gpu="L4", **DAY)
    row = {"gpu": "L4", "usd_per_gpu_hour": 0.05, "as_of": "2026-12-31"}
    cheap = pd.DataFrame([{**row, "provider": f"p{at}"} for at in range(9)])
    found = tco.recheck(record, prices=cheap)
    assert (record.verdict, found.verdict, found.flipped) == ("buy", "rent", True)
    assert found.moves[0].phrase == "rental rate"


def test_a_day_in_the_question_is_that_of_the_record_and_not_of_today() -> None:
    record = tco.decide(gpu="L4", as_of="2026-08-01", **DAY)
    assert record.data_date == "2026-08-01"
    assert tco.recheck(record).now.npv_saving_usd == breakeven(gpu="L4").npv_saving_usd


def test_lines_of_ones_own_stay() -> None:
    line = {"name": "administrator", "side": "own", "usd": 250}
    record = tco.decide(gpu="L4", lines=[line], **DAY)
    assert tco.recheck(record).now.npv_saving_usd == record.npv_saving_usd
    assert record.npv_saving_usd < breakeven(gpu="L4").npv_saving_usd


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"by": " "}, "who decides"),
        ({"by": "a" * 300}, "300 characters"),
        ({"by": "Ada", "on": "29.11.2026"}, "is not a date"),
        ({"by": "Ada", "note": "n" * 1_001}, "1,001 characters"),
        ({"by": "Ada", "utilization": 0}, "no busy hours"),
        ({"by": "Ada", "gpu": "RTX-PRO-4500", "provider": "lambda"}, "Rental rate"),
        ({"by": "Ada", "utilization": [0.4, 0.5]}, "one scenario"),
    ],
)
def test_what_is_no_decision_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tco.decide(**{"gpu": "L4", **given})


def _edited(**other: Any) -> str:
    return json.dumps(json.loads(decided().to_json()) | other)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "not a JSON document"),
        ("[1]", "no decision record"),
        ('{"schema_version": 6, "inputs": {}}', "no decision record"),
        ('{"decision_version": 2}', "decision_version 2 is not 1"),
        ('{"decision_version": 1}', "lacks"),
        (_edited(verdict="rent"), "was changed after it was written"),
        (_edited(npv_saving_usd=1e9), "was changed after it was written"),
    ],
)
def test_what_is_no_record_is_refused(document: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        tco.Decision.from_json(document)


def test_a_record_in_another_layout_is_the_same_record() -> None:
    record = decided()
    compact = json.dumps(json.loads(record.to_json()), sort_keys=True)
    assert tco.Decision.from_json(compact) == record


# -- Plan against what happened

PLAN: dict[str, Any] = {**CASE, "gpus": 10, "rate_usd_per_gpu_hour": 0.8}


def planned(**inputs: Any) -> tco.Decision:
    return tco.decide(**PLAN | inputs, **DAY)


def test_the_gap_is_a_rate_effect_and_a_volume_effect() -> None:
    # Planned: 10 GPUs, half of 730 hours, at $0.80. Billed: 2,920 hours for $1,752, $0.60 each.
    found = tco.actuals(planned(), gpu_hours=2_920, compute_usd=1_752, hours=730)
    assert found.planned["gpu_hours"] == pytest.approx(3_650)
    assert found.planned["compute_usd"] == pytest.approx(2_920)
    assert found.rate_effect_usd == pytest.approx(2_920 * -0.2)
    assert found.volume_effect_usd == pytest.approx(-730 * 0.8)
    assert found.gap_usd == pytest.approx(-1_168)
    assert found.actual["utilization"] == pytest.approx(0.4)
    assert {cause.phrase for cause in found.check.moves} == {"utilization", "rental rate"}
    assert found.sentences[0].startswith("Renting cost $1,168 less than planned")


def test_extra_billed_hours_are_part_of_the_plan() -> None:
    found = tco.actuals(
        planned(billing_overhead=0.25), gpu_hours=4_562.5, compute_usd=3_650, hours=730
    )
    assert found.gap_usd == pytest.approx(0, abs=1e-9)
    assert found.actual["utilization"] == pytest.approx(0.5)
    assert not found.check.flipped


def test_more_hours_than_the_planned_gpus_can_run_need_more_gpus() -> None:
    found = tco.actuals(planned(), gpu_hours=8_030, compute_usd=6_424, hours=730)
    assert found.check.now.scenario.values()["gpus"] == 11
    assert found.actual["utilization"] == pytest.approx(1)
    assert "11 GPUs are compared" in found.sentences[0]


def test_measured_power_moves_the_energy_of_owning() -> None:
    # 10 cards, a server of 8 beside them: the energy of the cards alone falls with the load.
    usual = planned(load_factor=1, idle_w=72, server_w=0)
    found = tco.actuals(usual, load_factor=0.5, idle_w=12)
    per_watt = 10 * 730 / 1_000 * 0.12 * 1.5
    assert found.planned["energy_usd_per_month"] == pytest.approx(72 * per_watt)
    assert found.actual["energy_usd_per_month"] == pytest.approx((36 + 12) / 2 * per_watt)
    assert found.gap_usd is None
    assert "less than planned" in found.sentences[0]


def test_a_measured_rate_flips_the_decision_and_is_named() -> None:
    found = tco.actuals(planned(), gpu_hours=3_650, compute_usd=730, hours=730, utilization=0.3)
    assert (found.check.flipped, found.check.verdict) == (True, "rent")
    assert "instead of BUY" in found.sentences[-1]
    assert "the rental rate fell from $0.80 to $0.20" in found.sentences[-1]
    assert found.volume_effect_usd == pytest.approx(0)


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ({}, "nothing was measured"),
        ({"gpu_hours": 100}, "compute_usd is missing"),
        ({"gpu_hours": 0, "compute_usd": 5, "hours": 730}, "says nothing"),
        ({"gpu_hours": -1, "compute_usd": 5, "hours": 730}, "gpu_hours = -1"),
        ({"utilization": 1.2}, "utilization = 1.2"),
        ({"idle_w": "warm"}, "idle_w = 'warm'"),
    ],
)
def test_what_measures_nothing_is_refused(measured: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tco.actuals(planned(), **measured)
