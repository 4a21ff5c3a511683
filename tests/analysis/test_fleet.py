"""A demand curve as an owned base and a rented burst: worked cases, and what must always hold."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tco.workload.demand_curve import DemandCurve
from tests.neutral import COMMON_CASE, neutral

WEEK = [10] * 40 + [4] * 80 + [2] * 48
CASE_A = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.5}
CASE_A.pop("gpus"), CASE_A.pop("utilization")
CASE_B = CASE_A | {"rate_growth_per_year": -0.1}
# The inputs of an L4 as they were on 2026-11-21.
L4 = neutral(
    price_usd_per_gpu=2_900.0,
    server_usd=12_000.0,
    network_usd_per_gpu=50.0,
    install_usd_per_gpu=50.0,
    resale_decline_per_year=0.25,
    selling_cost_rate=0.1325,
    gpu_w=72.0,
    idle_w=32.6,
    server_w=620.0,
    pue=1.54,
    electricity_usd_per_kwh=0.146,
    electricity_growth_per_year=0.04,
    hosting="colo_metered",
    colo_usd_per_kw_month=196.0,
    staff_usd_per_gpu_month=40.0,
    maintenance_rate_per_year=0.05,
    failure_rate_per_year=0.04,
    warranty_months=36,
    server_warranty_months=36,
    insurance_rate_per_year=0.0055,
    opex_growth_per_year=0.04,
    rate_usd_per_gpu_hour=0.598416,
    rate_growth_per_year=-0.05,
    billing_overhead=0.05,
    storage_egress_usd_per_gpu_month=15.0,
    discount_rate=0.09,
)
L4.pop("gpus"), L4.pop("utilization")


def cents(*amounts: float) -> tuple[float, ...]:
    return tuple(round(amount, 2) for amount in amounts)


def test_a_week_to_the_cent() -> None:
    found = tco.fleet(demand=WEEK, **CASE_A)
    assert found.owned == 4
    assert cents(found.npv_usd, found.all_rent_npv_usd, found.all_own_npv_usd) == (
        *(32_764.94, 56_808.25, 40_141.58),
    )
    savings = [7_681.66] * 2 + [4_340.0] * 2 + [-1_229.44] * 6
    assert found.units["npv_saving_usd"].round(2).tolist() == savings
    assert found.units["owned"].tolist() == [True] * 4 + [False] * 6
    assert found.units["buy_month"].tolist()[:4] == [0] * 4
    assert found.units["buy_month"].isna().tolist() == [False] * 4 + [True] * 6
    threshold = tco.breakeven(**CASE_A, utilization=1).breakeven_utilization
    assert round(float(threshold), 6) == 0.343213


@pytest.mark.parametrize(
    ("owned", "total"),
    list(enumerate([56808.25, 49126.59, 41444.93, 37104.94, 32764.94, 33994.38, 35223.82])),
)
def test_every_number_of_owned_cards_to_the_cent(owned: int, total: float) -> None:
    plan = {0: owned} if owned else None
    found = tco.fleet(demand=WEEK, buy_plan=plan, owned_max=owned, **CASE_A)
    assert (found.owned, round(found.npv_usd, 2)) == (owned, total)


def test_whole_servers_are_bought_full() -> None:
    found = tco.fleet(demand=WEEK, **{**CASE_A, "whole_servers": True})
    assert (found.owned, round(found.npv_usd, 2)) == (8, 37_682.70)
    by_server = found.units.groupby("server")["npv_saving_usd"].sum().round(2).tolist()
    assert by_server == [19_125.55, -26_543.83]


def test_a_growing_demand_to_the_cent() -> None:
    found = tco.fleet(demand=WEEK, demand_growth_per_year=0.5, **CASE_B)
    assert cents(found.all_rent_npv_usd, found.all_own_npv_usd) == (74_960.08, 92_325.63)
    assert (found.buy_now.owned, round(found.buy_now.npv_usd, 2)) == (6, 50_305.33)
    assert (found.owned, round(found.npv_usd, 2)) == (9, 49_605.30)
    assert found.calendar.values.tolist() == [[0, 4, 4], [12, 2, 6], [24, 3, 9]]
    savings = found.units["npv_saving_usd"].round(2).tolist()
    assert savings[:7] == [6118.74, 6118.74, 4973.42, 4018.98, 2110.12, 1314.76, -275.96]
    assert savings[9:16] == [-1601.56, *[-2556.0] * 5, -3351.36]


def test_all_bought_later_is_the_same_table_read_there() -> None:
    found = tco.fleet(demand=WEEK, demand_growth_per_year=0.5, **CASE_B)
    # Month 12: units 1 to 6 are worth it, by the table of the worked case.
    at_12 = 74_960.08 - (3 * 3_090.56 + 2_136.12 * 2 + 1_340.76)
    assert found.wait(12).owned == 6
    assert math.isclose(found.wait(12).npv_usd, at_12, abs_tol=0.05)
    assert found.wait(0) == found.buy_now
    assert found.wait().npv_usd > found.npv_usd


@pytest.mark.parametrize(
    ("trace", "owned", "rent", "own", "best", "by_server", "in_servers"),
    [
        ("azure_2024_chat", 28, 371_623, 255_207, 208_780, 24, 214_725),
        ("burstgpt_chat", 12, 167_161, 251_939, 133_756, 8, 136_838),
    ],
)
def test_the_public_traces(
    trace: str, owned: int, rent: int, own: int, best: int, by_server: int, in_servers: int
) -> None:
    curve = tco.demand_curve(trace, peak_gpus=40)
    found = tco.fleet(demand=curve, **L4)
    assert found.owned == owned
    totals = (found.all_rent_npv_usd, found.all_own_npv_usd, found.npv_usd)
    assert [round(total) for total in totals] == [rent, own, best]
    servers = tco.fleet(demand=curve, **{**L4, "whole_servers": True, "sold_by_server": True})
    assert (servers.owned, round(servers.npv_usd)) == (by_server, in_servers)
    assert any("less than a year" in note or "less than a week" in note for note in found.notes)


def test_purchases_at_given_months() -> None:
    case: dict[str, Any] = neutral(
        price_usd_per_gpu=20_000,
        rate_usd_per_gpu_hour=2.0,
        utilization=0.6,
        resale_decline_per_year=0.3,
        discount_rate=0.09,
        rate_growth_per_year=-0.2,
        horizon_months=36,
    )
    case.pop("gpus")
    found = tco.fleet(buy_plan={0: 8, 12: 8}, **case)
    assert cents(found.npv_usd, found.all_rent_npv_usd) == (203_872.38, 257_898.74)
    assert found.owned == 16
    assert round(found.units["plan_saving_usd"].sum(), 2) == 54_026.36
    assert found.calendar.values.tolist() == [[0, 8, 8], [12, 8, 16]]


def test_a_unit_is_a_scenario_of_the_model() -> None:
    shares = [1.0, 0.7, 0.31, 0.05]
    gpus = [sum(hour < share * 100 for share in shares) for hour in range(100)]
    found = tco.fleet(demand=gpus, **L4)
    answer = tco.breakeven(gpus=1, utilization=found.units["utilization"], **L4)
    assert found.units["utilization"].tolist() == pytest.approx(shares)
    assert found.units["npv_saving_usd"].tolist() == pytest.approx(answer.npv_saving_usd.tolist())
    assert found.units["rent_npv_usd"].tolist() == pytest.approx(answer.rent_npv_usd.tolist())


def test_limits_are_named() -> None:
    curve = DemandCurve(gpus=(128.0, 128.0))
    found = tco.fleet(demand=curve, site_units=18, **{**L4, "whole_servers": True})
    assert (found.owned, found.binding) == (72, "Rack space: 72 GPUs fit; rent the other 56.")
    power = tco.fleet(demand=curve, site_kw=[10.0, 4.0], **{**L4, "whole_servers": True})
    # A server takes (8 x 72 + 620) W x 1.54 = 1.842 kW: five and two fit.
    assert power.owned == 56
    assert power.binding.startswith("Site power: 56 GPUs fit")
    free = tco.fleet(demand=curve, **{**L4, "whole_servers": True})
    assert (free.owned, free.binding) == (128, "")
