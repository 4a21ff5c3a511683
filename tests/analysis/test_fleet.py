"""A demand curve as an owned base and a rented burst: worked cases, and what must always hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tco
from tco.workload.demand_curve import DemandCurve
from tests.neutral import COMMON_CASE, neutral

ROOT = Path(__file__).resolve().parents[2]
WEEK = [10] * 40 + [4] * 80 + [2] * 48
CASE_A = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.5}
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
    threshold = tco.breakeven(**CASE_A).breakeven_utilization
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
    found = tco.fleet(buy_plan={0: 8, 12: 8}, **case)
    assert cents(found.npv_usd, found.all_rent_npv_usd) == (203_872.38, 257_898.74)
    assert (found.owned, round(found.npv_saving_usd, 2)) == (16, 54_026.36)
    assert round(found.units["plan_saving_usd"].sum(), 2) == 54_026.36
    assert found.calendar.values.tolist() == [[0, 8, 8], [12, 8, 16]]


def test_a_unit_is_a_scenario_of_the_model() -> None:
    shares = [1.0, 0.7, 0.31, 0.05]
    gpus = [sum(hour < share * 100 for share in shares) for hour in range(100)]
    found = tco.fleet(demand=gpus, **L4)
    answer = tco.breakeven(**{**L4, "utilization": found.units["utilization"]})
    assert found.units["utilization"].tolist() == pytest.approx(shares)
    assert found.units["npv_saving_usd"].tolist() == pytest.approx(answer.npv_saving_usd.tolist())
    assert found.units["rent_npv_usd"].tolist() == pytest.approx(answer.rent_npv_usd.tolist())


def test_gpus_and_utilization_follow_from_the_demand_and_that_is_said() -> None:
    given = tco.fleet(demand=WEEK, **{**CASE_A, "gpus": 64, "utilization": 0.3})
    assert given.npv_usd == tco.fleet(demand=WEEK, **CASE_A).npv_usd
    assert any("GPUs" in note and "(64)" in note and "(0.3)" in note for note in given.notes)


def bought_in_month_12(**inputs: Any) -> float:
    """What a GPU costs that is bought after a year and sold after two [USD, not discounted]."""
    found = tco.fleet(buy_plan={12: 1}, demand=[1, 1], **neutral(horizon_months=24) | inputs)
    return found.npv_usd


def test_what_has_grown_by_the_month_of_purchase_to_the_cent() -> None:
    def months(growth: float) -> float:
        """The months 13 to 24 of what is 1 USD in the first one."""
        return sum((1 + growth) ** (month / 12) for month in range(12, 24))

    growing = {"opex_growth_per_year": 0.1, "electricity_growth_per_year": 0.2}
    staff = bought_in_month_12(staff_usd_per_gpu_month=100, **growing)
    assert math.isclose(staff, 100 * months(0.1))
    power = {"gpu_w": 1_000, "electricity_usd_per_kwh": 0.1, "hours_per_month": 700}
    assert math.isclose(bought_in_month_12(**power, **growing), 70 * months(0.2))
    # Maintenance is of the price that was paid; its warranty begins with the purchase.
    care = {"price_usd_per_gpu": 1_200, "maintenance_rate_per_year": 0.1, "warranty_months": 6}
    care |= {"resale_decline_per_year": 0.0, "selling_cost_rate": 0.0, **growing}
    late = 10 * sum(1.1 ** (month / 12) for month in range(18, 24))
    assert math.isclose(bought_in_month_12(**care), late)
    # The rent of the first year is that of the first year, a commitment's rest is paid to its end.
    rent = {"rate_usd_per_gpu_hour": 1, "hours_per_month": 700, "rate_growth_per_year": 0.5}
    first = sum(1.5 ** (month / 12) for month in range(12))
    assert math.isclose(bought_in_month_12(**rent), 700 * first)
    committed = {**rent, "billing": "committed", "commitment_months": 9}
    assert math.isclose(bought_in_month_12(**committed), 700 * (9 + 9 * 1.5**0.75))


def test_a_card_whose_price_falls_is_bought_later() -> None:
    case = {**L4, "price_usd_per_gpu": 6_000.0, "rate_growth_per_year": 0.0}
    steady = tco.fleet(demand=[1, 1], **case)
    falling = tco.fleet(demand=[1, 1], price_growth_per_year=-0.6, **case)
    assert falling.npv_usd < steady.npv_usd
    (month,) = falling.units["buy_month"]
    assert month > 0
    assert falling.waiting["npv_usd"].idxmin() == month


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


# --- What must always hold


def random_demand(seed: int) -> list[float]:
    draw = np.random.default_rng(seed)
    return [float(value) for value in draw.integers(0, 9, size=30)]


@pytest.mark.parametrize("seed", range(6))
def test_a_plan_costs_no_more_than_either_extreme(seed: int) -> None:
    draw = np.random.default_rng(seed)
    growth = float(draw.choice([0, 0.4]))
    servers = {"whole_servers": bool(seed % 2), "gpus_per_server": 4}
    found = tco.fleet(
        demand=[*random_demand(seed), 9.0], demand_growth_per_year=growth, **{**L4, **servers}
    )
    slack = 1e-9 * found.all_rent_npv_usd
    assert found.npv_usd <= found.buy_now.npv_usd + slack
    assert found.buy_now.npv_usd <= min(found.all_rent_npv_usd, found.all_own_npv_usd) + slack
    limited = tco.fleet(
        demand=[*random_demand(seed), 9.0],
        demand_growth_per_year=growth,
        owned_max=4,
        **{**L4, **servers},
    )
    assert limited.owned <= 4
    assert found.npv_usd <= limited.npv_usd + slack
    assert limited.npv_usd <= limited.all_own_npv_usd + slack


@pytest.mark.parametrize("seed", range(4))
def test_more_demand_never_owns_less_and_a_lower_rent_never_more(seed: int) -> None:
    demand = [*random_demand(seed), 9.0]
    more = [value + (at % 3 == 0) for at, value in enumerate(demand)]
    rates = (0.3, 0.5, 0.598416, 0.9)

    def owned(hours: list[float], **changes: Any) -> int:
        return tco.fleet(demand=hours, **{**L4, **changes}).owned

    by_rate = [owned(demand, rate_usd_per_gpu_hour=rate) for rate in rates]
    assert by_rate == sorted(by_rate)
    for rate, count in zip(rates, by_rate, strict=True):
        assert owned(more, rate_usd_per_gpu_hour=rate) >= count


def test_servers_of_one_are_the_rule_for_units() -> None:
    case = {**L4, "gpus_per_server": 1, "server_usd": 1_500.0, "server_w": 77.5, "rack_kw": 17.0}
    demand = [*random_demand(3), 9.0]
    units = tco.fleet(demand=demand, **case)
    servers = tco.fleet(demand=demand, **{**case, "whole_servers": True, "sold_by_server": True})
    assert units.units.equals(servers.units)
    assert units.npv_usd == servers.npv_usd


def test_a_limit_that_does_not_bind_changes_nothing() -> None:
    demand = [*random_demand(4), 9.0]
    free = tco.fleet(demand=demand, **L4)
    limited = tco.fleet(demand=demand, owned_max=50, site_kw=40, site_units=42, **L4)
    assert limited.units.equals(free.units)
    assert (limited.npv_usd, limited.binding) == (free.npv_usd, "")


def test_minimum_billing_makes_renting_dearer_and_owning_not() -> None:
    found = [
        tco.fleet(demand=[3, 0, 1, 0, 0, 2, 0, 0], minimum_billing_hours=hours, **L4)
        for hours in (0, 1, 2, 4, 8)
    ]
    rents = [each.all_rent_npv_usd for each in found[1:]]
    assert rents == sorted(rents)
    # Without a minimum the overhead of billing counts, with one it is worked out.
    assert any("overhead of 0.05 does not count" in note for note in found[1].notes)
    share = found[0].all_rent_npv_usd / found[1].all_rent_npv_usd
    assert 1 < share < 1.05
    assert len({each.all_own_npv_usd for each in found}) == 1
    assert found[4].units["billed_share"].tolist() == [1.0] * 3


def test_each_gpu_is_rented_in_its_cheapest_way() -> None:
    case = {"gpu": "L4", "demand": [4, 3, 2, 2, 1, 1, 1, 1, 1, 1]}
    one = {
        name: tco.fleet(rental_options=[name], **case)
        for name in ("on_demand", "committed_1yr", "committed_3yr")
    }
    both = tco.fleet(rental_options=list(one), **case)
    cheapest = min(each.units["rent_npv_usd"][0] for each in one.values())
    assert both.units["rent_npv_usd"][0] == cheapest
    per_unit = np.min([each.units["rent_npv_usd"] for each in one.values()], axis=0)
    assert both.units["rent_npv_usd"].tolist() == per_unit.tolist()
    assert len(set(both.units["rent_option"])) > 1
    # As tco.options() has it, at that utilization.
    table = tco.options(gpu="L4", gpus=1, utilization=0.1).set_index("option")
    said = table.loc["on_demand", "present_value_usd"]
    assert math.isclose(both.units["rent_npv_usd"][3], said, rel_tol=1e-9)


def test_a_plan_for_more_than_the_demand_costs_the_idle_cards_too() -> None:
    found = tco.fleet(demand=[2, 1], buy_plan={0: 5}, **L4)
    assert (found.owned, found.needed, found.most_owned) == (5, 2, 2)
    assert found.npv_usd > found.all_own_npv_usd
    idle = tco.fleet(demand=[2, 1], buy_plan={0: 4}, **L4)
    assert math.isclose(found.npv_usd - idle.npv_usd, -found.units["npv_saving_usd"][4])


def test_a_tie_is_rented() -> None:
    case = neutral(rate_usd_per_gpu_hour=1, discount_rate=0.0, horizon_months=10)
    even = 730.0 * 10 / 3
    found = tco.fleet(demand=[1, 0, 0], price_usd_per_gpu=even, **case_without(case))
    assert found.owned == 0


def case_without(case: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in case.items() if name != "price_usd_per_gpu"}


def test_cards_that_are_there_are_kept_or_sold_today() -> None:
    found = tco.fleet(demand=WEEK, **{**L4, "already_owned": True})
    assert set(found.units["buy_month"].dropna()) == {0}
    assert found.waiting["month"].tolist() == [0]
    answer = tco.breakeven(**{**L4, "already_owned": True})
    assert math.isclose(found.units["npv_saving_usd"][0], answer.npv_saving_usd)
    new = tco.fleet(demand=WEEK, **L4)
    assert found.owned >= new.owned


def test_work_is_a_demand() -> None:
    work = tco.work("Llama-3.1-8B", users=20_000, use_case="chat", gpu="L4")
    found = tco.fleet(demand=work, gpu="L4")
    assert found.needed == work.gpus
    busy = found.units["utilization"].sum() * 730
    assert math.isclose(busy, work.gpu_hours_per_month)
    by_hour = tco.work(
        "Llama-3.3-70B",
        requests_by_hour=[9_000, 400, 0],
        gpu="H100-SXM",
        gpus_per_replica=2,
        weight_bits=8,
    )
    pairs = tco.fleet(demand=by_hour, gpu="H100-SXM")
    assert pairs.needed == by_hour.gpus
    assert pairs.per_purchase == 2
    assert pairs.owned % 2 == 0


def test_a_bill_is_a_demand() -> None:
    bill = tco.read_bill(str(ROOT / "docs" / "bill.csv"))
    found = tco.fleet(demand=bill, gpu=bill.gpus[0])
    assert found.demand is not None
    assert found.demand.hours == bill.hours
    curve = bill.demand(bill.gpus[0]) if len(bill.gpus) > 1 else bill.demand()
    assert found.npv_usd == tco.fleet(demand=curve, gpu=bill.gpus[0]).npv_usd
    assert any("less than a year" in note for note in found.notes)
    assert all(0 <= share <= 1 for share in found.units["utilization"])


def test_fixed_lines_are_paid_once_and_stand_apart() -> None:
    lines = [
        tco.Line(name="cage", side="own", usd=100),
        tco.Line(name="platform", side="rent", usd=50),
        tco.Line(name="agent", side="own", usd=3, basis="gpu"),
    ]
    case = {**L4, "discount_rate": 0.0}
    plain = tco.fleet(demand=WEEK, **case)
    found = tco.fleet(demand=WEEK, lines=lines, **case)
    assert (found.fixed_own_usd, found.fixed_rent_usd) == pytest.approx((3_600, 1_800))
    assert math.isclose(found.all_own_npv_usd, plain.all_own_npv_usd + 10 * 3 * 36)
    assert found.all_rent_npv_usd == plain.all_rent_npv_usd


def test_a_line_that_grows_or_ends_is_as_it_is_then() -> None:
    growing = tco.Line(name="agent", side="own", usd=30, basis="gpu", growth="opex")
    case = {**L4, "staff_usd_per_gpu_month": 0.0}
    as_line = tco.fleet(demand=WEEK, lines=[growing], **case)
    as_staff = tco.fleet(demand=WEEK, **{**L4, "staff_usd_per_gpu_month": 30.0})
    assert as_line.waiting["npv_usd"].tolist() == pytest.approx(
        as_staff.waiting["npv_usd"].tolist()
    )
    short = tco.Line(name="help", side="own", usd=500, basis="gpu", last_month=6)
    helped = tco.fleet(demand=WEEK, lines=[short], **L4)
    plain = tco.fleet(demand=WEEK, **L4)
    assert math.isclose(helped.wait(6).npv_usd, plain.wait(6).npv_usd)
    assert helped.wait(3).npv_usd > plain.wait(3).npv_usd


def test_a_cap_of_the_rent_bends_the_cost_of_a_gpu() -> None:
    case = {**L4, "rate_cap_usd_per_gpu_month": 200.0}
    found = tco.fleet(demand=WEEK, **case)
    answer = tco.breakeven(**{**case, "utilization": found.units["utilization"]})
    assert found.units["npv_saving_usd"].tolist() == pytest.approx(answer.npv_saving_usd.tolist())


def test_what_a_host_has_by_the_number_of_servers_is_that_of_the_fleet() -> None:
    found = tco.fleet(gpu="H100-SXM", demand=[64, 64, 8, 8], rate_usd_per_gpu_hour=9.0)
    assert found.owned == 64
    answer = tco.breakeven(gpu="H100-SXM", gpus=64, utilization=9 / 16, rate_usd_per_gpu_hour=9.0)
    assert found.npv_usd <= answer.own_npv_usd * (1 + 1e-9)
    assert math.isclose(found.npv_usd, answer.own_npv_usd, rel_tol=1e-9)


@pytest.mark.parametrize("growth", [0.0, 0.3])
def test_tax_and_a_loan_are_those_of_the_model(growth: float) -> None:
    case = {**L4, "tax_rate": 0.25, "depreciation": "macrs_5", "financing": "loan"}
    case |= {"loan_apr": 0.08, "loan_months": 24, "financed_share": 0.8}
    found = tco.fleet(demand=[3, 2, 1, 0], demand_growth_per_year=growth, **case)
    if not growth:
        answer = tco.breakeven(**{**case, "utilization": found.units["utilization"]})
        assert found.units["npv_saving_usd"].tolist() == pytest.approx(
            answer.npv_saving_usd.tolist()
        )
    assert found.npv_usd <= min(found.all_rent_npv_usd, found.all_own_npv_usd) + 1e-6


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "demand is missing"),
        (
            {"demand": [1, 2], "minimum_billing_hours": 4, "delivery_months": 3},
            "minimum_billing_hours = 4 cannot be combined with delivery_months",
        ),
        (
            {"demand": [1, 2], "gpu": "RTX-5090", "rental_options": ["committed_5yr"]},
            "rental_options: committed_5yr has no rate",
        ),
        ({"demand": [1, 2], "demand_growth_per_year": 5}, "demand_growth_per_year = 5 is outside"),
        ({"demand": [1, 2], "price_growth_per_year": "x"}, "price_growth_per_year = 'x' is not a"),
        ({"demand": [1, 2], "minimum_billing_hours": -1}, "minimum_billing_hours = -1 is outside"),
        ({"demand": [1, 2], "owned_max": 2.5}, "owned_max = 2.5 is outside whole numbers"),
        ({"demand": [1, 2], "site_kw": [1, "b"]}, "site_kw = 'b' is not a number"),
        ({"demand": [1, 2], "site_kw": [1, 2], "site_units": 4}, "speak of 2 and 1 sites"),
        ({"demand": [1, 2], "rental_options": ["1yr"]}, "rental_options = '1yr' is not one of"),
        ({"demand": [1, 2], "rental_options": []}, "rental_options is empty"),
        ({"demand": [1, 2], "buy_plan": {99: 1}}, "month 99 is outside whole numbers"),
        ({"demand": [1, 2], "buy_plan": {0: 1.5}}, "1.5 GPUs in month 0 is outside"),
        (
            {"demand": [1, 2], "buy_plan": {35: 1}, "delivery_months": 3},
            r"month 35 is outside \[0, 32\]: GPUs are delivered before the end",
        ),
        (
            {"demand": [1, 2], "buy_plan": {5: 1}, "already_owned": True},
            r"month 5 is outside \[0, 0\]: GPUs are there from month 0 on",
        ),
        (
            {"demand": [1, 2], "buy_plan": {0: 3}, "whole_servers": True},
            "3 GPUs in month 0 are no whole number of 8",
        ),
        ({"demand": [1, 2], "buy_plan": [8]}, "is no table of months and GPUs"),
        ({"demand": [1, 2], "buy_plan": {0: 4}, "owned_max": 2}, "4 GPUs are more than the 2"),
        (
            {"demand": {"mean_gpus": 2, "peak_gpus": 4}, "minimum_billing_hours": 4},
            "needs a demand by hour",
        ),
        ({"demand": [1, 200_000]}, "200,000 GPUs at its peak, more than 50,000"),
        (
            {"demand": [1, 2], "colo_committed_kw": 5},
            "colo_committed_kw = 5 is paid for the site as a whole",
        ),
        (
            {"demand": [1, 2], "whole_racks": True, "hosting": "own_site"},
            "whole_racks = true cannot be shared",
        ),
    ],
)
def test_what_is_no_fleet_is_one_clear_error(given: dict[str, Any], said: str) -> None:
    with pytest.raises(tco.InputError, match=said) as wrong:
        tco.fleet(**{"gpu": "L4", **given})
    assert len(str(wrong.value).splitlines()) == 1
