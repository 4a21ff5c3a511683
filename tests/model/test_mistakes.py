"""Mistakes that other calculators make: each test fails when the model makes that mistake."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tests.neutral import neutral

OWN_ITEMS = {
    *("gpus", "spares", "servers", "network", "install", "sales_tax"),
    *("energy_it", "energy_cooling", "space", "colocation", "staff", "maintenance"),
    *("failures", "licenses", "insurance", "resale"),
}


def present_value(rows: Any, *items: str) -> float:
    return float(rows.loc[rows["item"].isin(items), "present_value_usd"].sum())


def test_depreciation_is_not_counted_beside_the_purchase_it_comes_from() -> None:
    rows = tco.ledger(
        **neutral(price_usd_per_gpu=1_000, resale_decline_per_year=0.5, horizon_months=24),
        side="own",
    )
    assert set(rows["item"]) == OWN_ITEMS
    assert rows["cost_usd"].sum() == pytest.approx(1_000 - 250)


@pytest.mark.parametrize("utilization", [0.05, 0.9])
def test_break_evens_are_given_whichever_side_wins(utilization: float) -> None:
    case = neutral(
        price_usd_per_gpu=2_500,
        rate_usd_per_gpu_hour=0.7,
        utilization=utilization,
        gpu_w=72,
        idle_w=30,
        electricity_usd_per_kwh=0.12,
        discount_rate=0.08,
        resale_decline_per_year=0.3,
    )
    answer = tco.breakeven(**case)
    assert answer.verdict == ("buy" if utilization == 0.9 else "rent")
    for result, name in {
        "breakeven_rate_usd_per_gpu_hour": "rate_usd_per_gpu_hour",
        "breakeven_price_usd_per_gpu": "price_usd_per_gpu",
        "breakeven_utilization": "utilization",
    }.items():
        root = getattr(answer, result)
        assert math.isfinite(root)
        there = tco.breakeven(**case | {name: root})
        assert abs(there.npv_saving_usd) < 1e-9 * (there.own_npv_usd + there.rent_npv_usd)
    # Not inverted: buying wins above the break-even rate and below the break-even price.
    rate, price = answer.breakeven_rate_usd_per_gpu_hour, answer.breakeven_price_usd_per_gpu
    assert tco.breakeven(**case | {"rate_usd_per_gpu_hour": rate * 1.2}).verdict == "buy"
    assert tco.breakeven(**case | {"price_usd_per_gpu": price * 1.2}).verdict == "rent"


def test_a_payback_is_not_invented() -> None:
    answer = tco.breakeven(**neutral(price_usd_per_gpu=1_000_000, rate_usd_per_gpu_hour=0.5))
    assert (answer.months, answer.hours, answer.status) == (math.inf, math.inf, "never")
    assert answer.crossings == ()
    # Renting that costs less than running what one owns never pays a purchase back.
    answer = tco.breakeven(
        **neutral(price_usd_per_gpu=100, rate_usd_per_gpu_hour=0.01, staff_usd_per_gpu_month=50)
    )
    assert (answer.months, answer.status) == (math.inf, "never")


def test_a_first_crossing_that_is_lost_again_is_no_payback() -> None:
    answer = tco.breakeven(
        **neutral(
            price_usd_per_gpu=1_000,
            rate_usd_per_gpu_hour=500 / 730,
            maintenance_rate_per_year=1,
            warranty_months=6,
            staff_usd_per_gpu_month=100,
            failure_rate_per_year=1,
            opex_growth_per_year=1,
            license_usd_per_gpu_year=2_000,
        )
    )
    assert answer.status == "reverses"
    assert 0 < answer.first_months < 36
    assert answer.months == math.inf
    assert [side for _, side in answer.crossings] == ["own", "rent"]


def test_utilization_touches_the_rent_and_only_the_energy_of_owning() -> None:
    case = neutral(price_usd_per_gpu=2_500, rate_usd_per_gpu_hour=0.7, staff_usd_per_gpu_month=10)
    full, half = tco.breakeven(**case), tco.breakeven(**case | {"utilization": 0.5})
    assert half.rent_npv_usd == pytest.approx(full.rent_npv_usd / 2)
    assert half.own_npv_usd == pytest.approx(full.own_npv_usd)
    for billing in ("always_on", "committed"):
        idle = tco.breakeven(**case | {"utilization": 0.5, "billing": billing})
        assert idle.rent_npv_usd == pytest.approx(full.rent_npv_usd)


def test_twelve_months_are_8760_hours_for_rent_and_energy_alike() -> None:
    rows = tco.ledger(
        **neutral(
            horizon_months=12,
            rate_usd_per_gpu_hour=1,
            gpu_w=1_000,
            electricity_usd_per_kwh=1,
        )
    )
    assert present_value(rows, "compute") == pytest.approx(8_760)
    assert present_value(rows, "energy_it") == pytest.approx(8_760)


def test_colocation_is_billed_on_reserved_power() -> None:
    case = neutral(gpu_w=1_000, colo_usd_per_kw_month=100, hosting="colo_metered", horizon_months=1)
    for use in ({}, {"utilization": 0.1}, {"load_factor": 0.2}, {"idle_w": 10}):
        assert present_value(tco.ledger(**case | use), "colocation") == pytest.approx(100)


def test_pue_is_charged_once() -> None:
    case = neutral(
        gpu_w=1_000,
        electricity_usd_per_kwh=0.1,
        pue=1.5,
        horizon_months=1,
        colo_usd_per_kw_month=100,
    )
    energy = ("energy_it", "energy_cooling")
    for hosting in ("own_site", "colo_metered"):
        rows = tco.ledger(**case | {"hosting": hosting})
        assert present_value(rows, *energy) == pytest.approx(730 * 0.1 * 1.5)
    rows = tco.ledger(**case | {"hosting": "colo_metered"})
    assert present_value(rows, "colocation") == pytest.approx(100)
    rows = tco.ledger(**case | {"hosting": "colo_all_in"})
    assert present_value(rows, *energy) == 0
    assert present_value(rows, "colocation") == pytest.approx(100)


def test_a_fall_of_20_percent_a_year_leaves_80_percent_after_a_year() -> None:
    rows = tco.ledger(
        **neutral(
            rate_usd_per_gpu_hour=1,
            rate_growth_per_year=-0.2,
            resale_decline_per_year=0.2,
            price_usd_per_gpu=1_000,
            horizon_months=13,
        )
    )
    compute = rows[rows["item"] == "compute"].set_index("month")["cost_usd"]
    assert compute[1] == pytest.approx(730)
    assert compute[13] == pytest.approx(730 * 0.8, rel=1e-12)
    year = tco.ledger(
        **neutral(price_usd_per_gpu=1_000, resale_decline_per_year=0.2, horizon_months=12)
    )
    assert present_value(year, "resale") == pytest.approx(-800, rel=1e-12)


def test_the_verdict_goes_by_present_value_and_says_when_plain_totals_differ() -> None:
    answer = tco.breakeven(
        **neutral(
            price_usd_per_gpu=10_000,
            rate_usd_per_gpu_hour=0.45,
            discount_rate=0.25,
            horizon_months=36,
        )
    )
    assert answer.undiscounted_saving_usd > 0 > answer.npv_saving_usd
    assert answer.verdict == "rent"
    assert "Undiscounted, buying saves" in str(answer.reason)


def test_idle_power_is_neither_nothing_nor_board_power() -> None:
    case = neutral(gpu_w=100, idle_w=30, electricity_usd_per_kwh=1, horizon_months=1)
    for utilization, watts in ((0, 30), (0.5, 65), (1, 100)):
        rows = tco.ledger(**case | {"utilization": utilization})
        assert present_value(rows, "energy_it") == pytest.approx(watts * 0.73)
    idle = tco.Scenario(gpu="L4").resolved()["idle_w"]
    assert 0 < idle.value < 72
    assert idle.status == "default"
    assert idle.source_id


def test_resale_counts_in_the_verdict_and_not_in_the_payback() -> None:
    case = neutral(price_usd_per_gpu=10_000, rate_usd_per_gpu_hour=0.3)
    kept = tco.breakeven(**case)
    sold = tco.breakeven(**case | {"resale_decline_per_year": 0.1})
    assert (kept.verdict, kept.status) == ("rent", "never")
    assert (sold.verdict, sold.status) == ("buy", "never")
    assert sold.months == math.inf
    assert 1 <= sold.exit_months <= 36
    assert "if you sell then" in str(sold.reason)


def test_a_commitment_does_not_end_free_of_charge() -> None:
    case = neutral(rate_usd_per_gpu_hour=1, billing="committed", commitment_months=36)
    stopped = tco.breakeven(**case | {"horizon_months": 12})
    assert stopped.rent_npv_usd == pytest.approx(36 * 730)
    rows = tco.ledger(**case | {"horizon_months": 12})
    assert present_value(rows, "unused_commitment") == pytest.approx(24 * 730)
    assert tco.breakeven(**case).rent_npv_usd == pytest.approx(36 * 730)
