"""Cases on the borders of the definitions."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tests.neutral import neutral


def saving(own: float, rent: float) -> tco.Breakeven:
    """An answer whose present values are the two amounts [USD]."""
    return tco.breakeven(
        **neutral(price_usd_per_gpu=own, upfront_usd_per_gpu=rent, horizon_months=1)
    )


@pytest.mark.parametrize(
    ("own", "rent", "verdict"),
    [
        (100, 95, "toss_up"),
        (100, 94.9, "rent"),
        (95, 100, "toss_up"),
        (94.9, 100, "buy"),
        (0, 0, "toss_up"),
        (0.1, 0.5, "buy"),
        (0.5, 0.1, "rent"),
        (0, 0.5, "buy"),
    ],
)
def test_within_5_percent_of_the_larger_side_is_a_toss_up(
    own: float, rent: float, verdict: str
) -> None:
    answer = saving(own, rent)
    assert (answer.own_npv_usd, answer.rent_npv_usd) == (own, rent)
    assert answer.verdict == verdict


def test_exactly_5_percent_is_a_toss_up_whatever_sums_it_comes_from() -> None:
    # 157.32 is 95 % of 12 x 13.80; floats make 8.28000000000003 of the saving of 8.28.
    for monthly, months, own in ((13.8, 12, 157.32), (79.8, 24, 2_016.0)):
        case = neutral(storage_egress_usd_per_gpu_month=monthly, horizon_months=months)
        assert tco.breakeven(**case | {"price_usd_per_gpu": own}).verdict == "toss_up"
        nearly = own * (0.9999 if own < monthly * months else 1.0001)
        assert tco.breakeven(**case | {"price_usd_per_gpu": nearly}).verdict != "toss_up"


@pytest.mark.parametrize(
    ("resale_decline", "gross", "utilization"),
    [(1.0, 1e7, 0.25), (0.0, 2e7, 0.25), (0.0, 2e7, 0.75)],
)
def test_a_slope_below_a_part_in_a_million_million_has_no_root(
    resale_decline: float, gross: float, utilization: float
) -> None:
    case = neutral(
        server_usd=1e7,
        gpus_per_server=1,
        horizon_months=1,
        utilization=utilization,
        resale_decline_per_year=resale_decline,
    )
    slope = 1e-12 * gross  # USD per unit of utilization
    for factor, found in ((0.8, False), (1.25, True)):
        rate = slope * factor / 730
        answer = tco.breakeven(**case | {"rate_usd_per_gpu_hour": rate})
        assert math.isfinite(answer.breakeven_utilization) is found


@pytest.mark.parametrize("billed", [{"upfront_usd_per_gpu": 1e6}, {"server_usd": 1e6}])
def test_gross_flows_are_present_values_of_both_sides(billed: dict[str, Any]) -> None:
    """Half of the server comes back after a year, and is worth a quarter as much today."""
    case = neutral(
        horizon_months=12, gpus_per_server=1, utilization=0.25, discount_rate=1, **billed
    )
    case |= {"resale_decline_per_year": 0.5}
    gross = 1e6 if "upfront_usd_per_gpu" in billed else 1e6 + 1e6 / 4
    annuity = sum(2 ** (-month / 12) for month in range(1, 13))
    for factor, found in ((0.95, False), (1.05, True)):
        rate = 1e-12 * gross * factor / (730 * annuity)
        answer = tco.breakeven(**case | {"rate_usd_per_gpu_hour": rate})
        assert math.isfinite(answer.breakeven_utilization) is found


def test_the_exit_curve_starts_with_the_resale_of_the_first_day() -> None:
    case = neutral(price_usd_per_gpu=1_000, selling_cost_rate=0.1, resale_decline_per_year=0.3)
    first = tco.curves(**case).iloc[0]
    assert (first["own_usd"], first["own_exit_usd"]) == (1_000, 100)
    assert (first["rent_usd"], first["rent_exit_usd"]) == (0, 0)


def exit_case(**more: Any) -> dict[str, Any]:
    return neutral(horizon_months=24, rate_usd_per_gpu_hour=1 / 730, **more)


def test_only_a_new_commitment_term_is_a_lump() -> None:
    # Paid by use, renting reaches 12.5 in the middle of month 13.
    by_use = tco.breakeven(**exit_case(price_usd_per_gpu=12.5, commitment_months=12))
    assert by_use.exit_months == pytest.approx(12.5)
    # Committed, months 13 to 24 are owed as soon as month 13 begins: the crossing is its end.
    fixed = exit_case(price_usd_per_gpu=12.5, billing="committed", commitment_months=12)
    assert tco.breakeven(**fixed).exit_months == 13
    # The second term of one month begins in month 2, and nothing of it is left at its end.
    monthly = exit_case(price_usd_per_gpu=1.5, billing="committed", commitment_months=1)
    assert tco.breakeven(**monthly).exit_months == 2
    # In the first term there is no new one: 12 are owed from the first month on.
    first = exit_case(price_usd_per_gpu=12, billing="committed", commitment_months=12)
    assert tco.breakeven(**first).exit_months == 1


def test_exit_from_the_first_month_on() -> None:
    answer = tco.breakeven(**neutral(rate_usd_per_gpu_hour=1, horizon_months=0.5))
    assert answer.exit_months == 0.5
    assert answer.months == 0


def test_racks_at_the_border() -> None:
    case = {"gpus": 3, "gpus_per_server": 1, "gpu_w": 0, "server_w": 0, "rack_units": 2}
    assert tco.rack(**case, server_units=2, whole_racks=True).racks == 3
    assert tco.rack(**case, server_units=2, whole_racks=True).servers_per_rack == 1
    assert tco.rack(**case, server_units=1, whole_racks=True).racks == 2
    assert tco.rack(**case, server_units=1, whole_racks=False).racks == 1.5
    half = case | {"gpus_per_server": 2, "server_units": 2}
    assert (tco.rack(**half).racks, tco.rack(**half, whole_racks=True).racks) == (1.5, 2)
    table = tco.breakeven(**case, server_units=[1, 2, 3], whole_racks=True, hosting="colo_metered")
    assert table.racks.tolist() == [2, 3, math.inf]
    assert table.gpus_per_rack.tolist() == [2, 1, 0]


def test_the_binding_limit_is_named() -> None:
    with pytest.raises(tco.InputError) as caught:
        tco.rack(
            gpus_per_server=1, gpu_w=1_000, server_w=0, rack_units=2, server_units=2, rack_kw=0.5
        )
    (problem,) = caught.value.problems
    assert problem.input == "rack_kw"
    assert problem.message == (
        "rack_kw = 0.5 holds no server (a full server draws 1 kW at peak): power limit of one rack"
    )
    with pytest.raises(tco.InputError) as caught:
        tco.breakeven(gpu="L4", hosting="own_site", rack_units=[42, 1, 1], server_units=2)
    (problem,) = caught.value.problems
    assert (problem.input, problem.rows) == ("rack_units", (1, 2))
    assert (
        problem.message
        == "rack_units[1] = 1 holds no server (a server takes 2 U): height of a rack"
    )
