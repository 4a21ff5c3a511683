"""Relations that hold for every scenario, whatever its numbers."""

from __future__ import annotations

import csv
import io
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tco
from tco.errors import InputError
from tco.finance.discounting import discount_factor, residual_share
from tco.finance.payback import Payback
from tco.inputs import INPUTS, Inputs
from tco.inputs.text import parse
from tco.model.cashflows import Point, points
from tco.model.ledger import ledger_rows
from tco.model.results import RESULTS
from tco.numeric import compound
from tco.report.csv import report_csv
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import CASH, curves, scenarios

MONEY = ("own_npv_usd", "rent_npv_usd", "npv_saving_usd", "undiscounted_saving_usd")
TIMES = ("months", "first_months", "simple_months", "exit_months")


def gross(case: dict[str, Any]) -> float:
    """Sum of all items' absolute present values [USD]."""
    return sum(abs(present) for *_, present in ledger_rows(Scenario(**case))) or 1.0


def plain_gross(case: dict[str, Any]) -> float:
    return sum(abs(cost) for _, _, _, _, cost, _ in ledger_rows(Scenario(**case))) or 1.0


def npv(case: dict[str, Any]) -> tuple[float, float]:
    answer = tco.breakeven(**case)
    return answer.own_npv_usd, answer.rent_npv_usd


def close(a: float, b: float, scale: float) -> bool:
    return a == b or abs(a - b) <= 1e-9 * scale


# A. Algebra


@given(scenarios())
def test_items_add_up(case: dict[str, Any]) -> None:
    rows, answer, scale = ledger_rows(Scenario(**case)), tco.breakeven(**case), gross(case)
    for option, total in (("own", answer.own_npv_usd), ("rent", answer.rent_npv_usd)):
        assert close(math.fsum(row[5] for row in rows if row[0] == option), total, scale)
    plain = {o: math.fsum(row[4] for row in rows if row[0] == o) for o in ("own", "rent")}
    saving = plain["rent"] - plain["own"]
    assert close(saving, answer.undiscounted_saving_usd, plain_gross(case))
    by_item = {item: 0.0 for _, item, *_ in rows}
    for _, item, _, _, _, present in rows:
        by_item[item] += present
    total = answer.own_npv_usd + answer.rent_npv_usd
    assert close(math.fsum(by_item.values()), total, scale)


# Nothing that is bought as a whole, and no power committed to for the whole site.
DIVISIBLE = {"whole_servers": False, "whole_racks": False, "colo_committed_kw": 0.0}
# A rate cap that no bill reaches.
NO_CAP = {"rate_cap_usd_per_gpu_month": 1e8}


@given(scenarios(**DIVISIBLE), st.integers(1, 30), st.integers(1, 30))
def test_a_fleet_split_in_two_adds_up(case: dict[str, Any], a: int, b: int) -> None:
    parts = [npv(case | {"gpus": n}) for n in (a, b)]
    whole = npv(case | {"gpus": a + b})
    for side in (0, 1):
        assert close(parts[0][side] + parts[1][side], whole[side], gross(case | {"gpus": a + b}))


@given(scenarios(**DIVISIBLE), st.integers(2, 50))
def test_more_gpus_scale_money_and_leave_months_alone(case: dict[str, Any], k: int) -> None:
    one, many = (tco.breakeven(**case | {"gpus": n}) for n in (1, k))
    scale = gross(case | {"gpus": k})
    for name in ("own_npv_usd", "rent_npv_usd", "npv_saving_usd"):
        assert close(getattr(one, name) * k, getattr(many, name), scale)
    assume(away_from_ties(case | {"gpus": 1}))
    for name in TIMES:
        assert getattr(one, name) == pytest.approx(getattr(many, name), rel=1e-6, abs=1e-6)


MONEY_INPUTS = [name for name, p in INPUTS.items() if "usd" in name]


@given(scenarios(), st.sampled_from([0.25, 0.5, 2.0]))
def test_all_money_times_a_factor(case: dict[str, Any], factor: float) -> None:
    scaled = case | {name: case[name] * factor for name in MONEY_INPUTS}
    assume(all(INPUTS[name].contains(scaled[name]) for name in MONEY_INPUTS))
    before, after = tco.breakeven(**case), tco.breakeven(**scaled)
    for name in MONEY:
        assert getattr(before, name) * factor == pytest.approx(getattr(after, name), rel=1e-12)
    for name in (*TIMES, "status", "verdict"):
        assert getattr(before, name) == getattr(after, name)


@given(scenarios(), st.floats(0, 100))
def test_the_same_cost_on_both_sides_changes_nothing(case: dict[str, Any], extra: float) -> None:
    both = ("staff_usd_per_gpu_month", "storage_egress_usd_per_gpu_month")
    more = case | {name: case[name] + extra for name in both}
    before, after = tco.breakeven(**case), tco.breakeven(**more)
    assert close(before.npv_saving_usd, after.npv_saving_usd, gross(more))


@given(curves)
def test_swapping_sides_mirrors_the_crossings(steps: list[tuple[int, int, bool]]) -> None:
    """Ties aside, which count for owning."""
    own, rent = Payback(0, 5, 2), Payback(0, 2, 5)
    a, b = 5, 2
    for t, (x, y, lump) in enumerate(steps, 1):
        a, b = a + x, b + y
        assume(a != b)
        own.advance(t, a, b, lump)
        rent.advance(t, b, a, lump)
    other = {"own": "rent", "rent": "own"}
    mirrored = tuple((t, other[side]) for t, side in own.crossings)
    assert mirrored == rent.crossings[1:]
    assert rent.crossings[0] == (0, "own")


@given(scenarios(**CASH, resale_decline_per_year=1.0, billing="per_use"))
def test_sides_that_cost_the_same_save_nothing(case: dict[str, Any]) -> None:
    same = case | {"utilization": 0.0, "upfront_usd_per_gpu": 0.0, "price_usd_per_gpu": 0.0}
    free = dict.fromkeys(MONEY_INPUTS, 0.0)
    paid = {"staff_usd_per_gpu_month": 30.0, "storage_egress_usd_per_gpu_month": 30.0}
    answer = tco.breakeven(**same | free | paid)
    assert answer.npv_saving_usd == answer.undiscounted_saving_usd == 0
    assert (answer.status, answer.verdict) == ("immediate", "toss_up")


@given(scenarios(delivery_months=0))
def test_each_side_has_inputs_of_its_own(case: dict[str, Any]) -> None:
    """Until the hardware is delivered, owning pays the rental rate."""
    own, rent = npv(case)
    owning = {
        "price_usd_per_gpu": 1.0,
        "pue": 2.5,
        "electricity_usd_per_kwh": 1.5,
        "resale_decline_per_year": 0.1,
        "staff_usd_per_gpu_month": 7.0,
    }
    assert npv(case | owning)[1] == rent
    renting = {
        "rate_usd_per_gpu_hour": 3.0,
        "rate_growth_per_year": 0.3,
        "billing": "always_on",
        "support_rate": 0.5,
    }
    assert npv(case | renting)[0] == own


@given(
    scenarios(hosting="own_site", idle_w=0.0, rack_usd_per_month=0.0), st.sampled_from([0.25, 0.5])
)
def test_energy_is_proportional(case: dict[str, Any], factor: float) -> None:
    def energy(changed: dict[str, Any]) -> float:
        rows = ledger_rows(Scenario(**case | changed), "own")
        return math.fsum(row[4] for row in rows if row[1].startswith("energy"))

    base = energy({})
    halves = {"gpu_w": case["gpu_w"] * factor, "server_w": case["server_w"] * factor}
    assert energy(halves) == pytest.approx(base * factor, rel=1e-12)
    tariff = {"electricity_usd_per_kwh": case["electricity_usd_per_kwh"] * factor}
    assert energy(tariff) == pytest.approx(base * factor, rel=1e-12)
    assert energy({"pue": 3.0}) == pytest.approx(energy({"pue": 1.5}) * 2, rel=1e-12)
    hours = energy({"hours_per_month": 600.0}) / 600
    assert energy({"hours_per_month": 744.0}) == pytest.approx(hours * 744, rel=1e-12)


@given(st.floats(-0.9, 2.0))
def test_growth_is_1_in_month_1_and_a_year_later_1_plus_g(growth: float) -> None:
    case = neutral(rate_usd_per_gpu_hour=1, rate_growth_per_year=growth, horizon_months=13)
    compute = {
        month: cost
        for _, item, month, _, cost, _ in ledger_rows(Scenario(**case))
        if item == "compute"
    }
    assert compute[1] == 730
    assert compute[13] == pytest.approx(730 * (1 + growth), rel=1e-12)


# B. Discounting


@given(scenarios(discount_rate=0.0))
def test_without_discounting_present_value_is_the_plain_sum(case: dict[str, Any]) -> None:
    answer = tco.breakeven(**case)
    assert answer.npv_saving_usd == answer.undiscounted_saving_usd
    assert answer.months == answer.simple_months
    for *_, cost, present in ledger_rows(Scenario(**case)):
        assert cost == present


@given(scenarios(**CASH), st.floats(-0.5, 1), st.floats(-0.5, 1))
def test_a_higher_rate_lowers_the_present_value_of_costs(
    case: dict[str, Any], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    kept = case | {"resale_decline_per_year": 1.0}
    less, more = npv(kept | {"discount_rate": high}), npv(kept | {"discount_rate": low})
    scale = gross(kept | {"discount_rate": low})
    for side in (0, 1):
        assert less[side] <= more[side] + 1e-9 * scale


@given(scenarios(), st.sampled_from([1e-6, 1e-9, 1e-12]))
def test_discounting_near_zero_is_smooth(case: dict[str, Any], rate: float) -> None:
    rows = ledger_rows(Scenario(**case))
    bound = rate * math.fsum(t / 12 * abs(cost) for _, _, _, t, cost, _ in rows)
    for side, option in enumerate(("own", "rent")):
        plain = math.fsum(row[4] for row in rows if row[0] == option)
        found = npv(case | {"discount_rate": rate})[side]
        assert abs(found - plain) <= bound * 1.001 + 1e-9 * plain_gross(case)


@given(st.floats(-0.5, 1), st.floats(-0.4, 0.8), st.integers(1, 120))
def test_growth_is_discounting_at_the_real_rate(rate: float, growth: float, months: int) -> None:
    real = (1 + rate) / (1 + growth) - 1
    assume(-0.98 < real < 1)
    base = {"storage_egress_usd_per_gpu_month": 100.0, "horizon_months": months}
    grown = npv(neutral(**base, opex_growth_per_year=growth, discount_rate=rate))[1]
    level = npv(neutral(**base, discount_rate=real))[1]
    assert grown == pytest.approx(level * (1 + growth) ** (-1 / 12), rel=1e-9)


@given(st.one_of(st.just(0.0), st.floats(-0.5, 1)), st.integers(1, 240))
def test_the_annuity_in_closed_form(rate: float, months: int) -> None:
    case = neutral(
        storage_egress_usd_per_gpu_month=100.0, horizon_months=months, discount_rate=rate
    )
    monthly = math.expm1(math.log1p(rate) / 12)
    factor = (
        months if abs(monthly) < 1e-12 else -math.expm1(-months * math.log1p(monthly)) / monthly
    )
    assert npv(case)[1] == pytest.approx(100 * factor, rel=1e-9)


@given(st.floats(-0.5, 1), st.integers(1, 60), st.integers(1, 60))
def test_present_value_adds_up_over_time(rate: float, first: int, second: int) -> None:
    def pv(months: int) -> float:
        paid = neutral(storage_egress_usd_per_gpu_month=100.0, horizon_months=months)
        return npv(paid | {"discount_rate": rate})[1]

    later = discount_factor(rate, first) * pv(second)
    assert pv(first + second) == pytest.approx(pv(first) + later, rel=1e-11)


@given(st.floats(-0.5, 1), st.floats(0, 120), st.floats(0, 120))
def test_discount_factors_multiply(rate: float, a: float, b: float) -> None:
    product = discount_factor(rate, a) * discount_factor(rate, b)
    assert discount_factor(rate, a + b) == pytest.approx(product, rel=1e-12)
    assert compound(rate, a) * discount_factor(rate, a) == pytest.approx(1, rel=1e-12)
    assert residual_share(0.25, a) == pytest.approx(0.75 ** (a / 12), rel=1e-12)


# C. Direction


UPWARDS = (
    "electricity_usd_per_kwh",
    "pue",
    "gpu_w",
    "idle_w",
    "server_w",
    "staff_usd_per_gpu_month",
    "colo_usd_per_kw_month",
    "price_usd_per_gpu",
    "server_usd",
    "maintenance_rate_per_year",
    "failure_rate_per_year",
    "insurance_rate_per_year",
    "license_usd_per_gpu_year",
    "network_usd_per_gpu",
    "install_usd_per_gpu",
    "sales_tax_rate",
    "spares_rate",
)


# What hardware costs, and therefore what a loan brings and what it is sold for.
FINANCED = ("price_usd_per_gpu", "server_usd", "network_usd_per_gpu", "spares_rate")


def pays_for_itself(case: dict[str, Any]) -> bool:
    """Whether dearer hardware can make owning cheaper, as somebody else pays for it.

    A lease pays for what is sold after a cheap buyout; and a loan at less than the cost of capital
    for what is written off long before it is paid back.
    """
    if case["financing"] == "lease":
        return bool(case["lease_buyout_usd_per_gpu"] > 0)
    return bool(case["financing"] == "loan" and case["tax_rate"] > 0)


@given(scenarios(whole_racks=False), st.sampled_from(UPWARDS), st.floats(0, 1), st.floats(0, 1))
def test_what_costs_more_makes_owning_dearer(
    case: dict[str, Any], name: str, one: float, other: float
) -> None:
    """Where money later is worth no more than now, nor hardware, and it is paid by its owner."""
    assume(case["resale_decline_per_year"] >= 0)
    assume(case["discount_rate"] >= 0)
    assume(name not in ("gpu_w", "server_w") or case["hosting"] != "own_site")
    assume(name not in FINANCED or not pays_for_itself(case))
    declared = INPUTS[name]
    low, high = sorted(
        declared.low + share * (declared.high - declared.low) for share in (one, other)
    )
    cheap, dear = npv(case | {name: low})[0], npv(case | {name: high})[0]
    assert dear >= cheap - 1e-9 * gross(case | {name: high})


def test_dearer_hardware_that_a_lease_pays_for_makes_owning_cheaper() -> None:
    """It raises nothing but the resale of what was bought out for one dollar."""
    lease = {"financing": "lease", "lease_usd_per_gpu_month": 1.0, "lease_months": 1}
    case = neutral(**lease, lease_buyout_usd_per_gpu=1.0, resale_decline_per_year=0.0)
    owned = [npv(case | {"price_usd_per_gpu": price})[0] for price in (0.0, 1.0, 1e6)]
    assert owned == [2.0, 1.0, -999_998.0]


def test_dearer_hardware_on_a_cheap_loan_can_be_paid_for_by_the_tax() -> None:
    """All is written off at the end of the first year, and paid back over twenty."""
    loan = {"financing": "loan", "financed_share": 1.0, "loan_apr": 0.0, "loan_months": 240}
    case = neutral(**loan, tax_rate=1.0, bonus_rate=1.0, discount_rate=1.0, horizon_months=240)
    owned = [npv(case | {"price_usd_per_gpu": price})[0] for price in (0.0, 1.0, 1e6)]
    assert owned[0] == 0
    assert owned[0] > owned[1] > owned[2]
    # Shield 1/2 after a year, less 1/240 a month in arrears at the rate of doubling in a year.
    paid = sum(2 ** -(month / 12) for month in range(1, 241)) / 240
    assert owned[2] == pytest.approx(1e6 * (paid - 1 / 2), rel=1e-9)


@given(scenarios(), st.floats(0, 1), st.floats(0, 1))
def test_resale_and_rent_move_as_they_must(case: dict[str, Any], one: float, other: float) -> None:
    slow, fast = sorted((one, other))
    name = "resale_decline_per_year"
    # What is there already costs what it would fetch today, which falls with the decline too.
    bought = case | {"already_owned": False}
    slow_npv, fast_npv = (npv(bought | {name: rate})[0] for rate in (slow, fast))
    assert slow_npv <= fast_npv + 1e-9 * gross(bought | {name: slow})
    rising, falling = (
        case | {"rate_growth_per_year": fast},
        case | {"rate_growth_per_year": -slow / 2},
    )
    assert npv(falling)[1] <= npv(rising)[1] + 1e-9 * gross(rising)


@given(scenarios(), st.floats(0.001, 1), st.floats(1, 3))
def test_a_higher_price_is_never_paid_back_earlier(
    case: dict[str, Any], utilization: float, factor: float
) -> None:
    """Where what comes back of it later is never worth more than the price."""
    assume(case["resale_decline_per_year"] >= 0 or not case["refresh_months"])
    assume(case["discount_rate"] >= 0 or not (case["refresh_months"] or case["tax_rate"]))
    assume(case["financing"] != "loan" or not pays_for_itself(case))
    base = case | {"utilization": utilization}
    changed = base | {"price_usd_per_gpu": base["price_usd_per_gpu"] * factor}
    assume(away_from_ties(base) and away_from_ties(changed))
    assert tco.breakeven(**changed).months >= tco.breakeven(**base).months - 1e-6


@given(scenarios(**NO_CAP), st.floats(0.001, 1), st.floats(1, 3))
def test_a_higher_rate_is_never_paid_back_later(
    case: dict[str, Any], utilization: float, factor: float
) -> None:
    """Where what is rented until the delivery costs no more than renting does."""
    base = case | {"utilization": utilization}
    by_use = base["billing"] == "per_use"
    fewer = utilization * (1 + base["billing_overhead"]) <= 1
    steady = base["billing"] == "always_on" or base["rate_growth_per_year"] <= 0
    assume(not base["delivery_months"] or by_use or (fewer and steady))
    changed = base | {"rate_usd_per_gpu_hour": base["rate_usd_per_gpu_hour"] * factor}
    assume(away_from_ties(base) and away_from_ties(changed))
    assert tco.breakeven(**changed).months <= tco.breakeven(**base).months + 1e-6


def test_a_higher_rate_can_be_paid_back_later_if_more_is_rented_until_the_delivery() -> None:
    """Three times the hours that renting pays, in the month before the hardware is there."""
    case = neutral(delivery_months=1, billing_overhead=2.0, billing="always_on", utilization=1.0)
    case |= {"upfront_usd_per_gpu": 1.0}
    months = [tco.breakeven(**case | {"rate_usd_per_gpu_hour": rate}).months for rate in (1.0, 2.0)]
    assert months == pytest.approx([3 - 1 / 730, 3 - 1 / 1460], rel=1e-12)
    assert [round(month, 4) for month in months] == [2.9986, 2.9993]


@given(scenarios(**NO_CAP), st.floats(0, 1))
def test_the_saving_is_affine_in_utilization(case: dict[str, Any], use: float) -> None:
    at = {u: tco.breakeven(**case | {"utilization": u}) for u in (0.0, use, 1.0)}
    line = at[0.0].npv_saving_usd * (1 - use) + at[1.0].npv_saving_usd * use
    assert close(at[use].npv_saving_usd, line, gross(case | {"utilization": 1.0}) + gross(case))


@given(scenarios(**CASH))
def test_the_slope_in_utilization_is_rent_less_energy(case: dict[str, Any]) -> None:
    at = {u: tco.breakeven(**case | {"utilization": u}) for u in (0.0, 1.0)}

    def items(u: float, *names: str) -> float:
        rows = ledger_rows(Scenario(**case | {"utilization": u}))
        return math.fsum(row[5] for row in rows if row[1] in names)

    energy = [items(u, "energy_it", "energy_cooling") for u in (0.0, 1.0)]
    paid = [items(u, "compute", "support") for u in (0.0, 1.0)]
    slope = (paid[1] - paid[0]) - (energy[1] - energy[0])
    rise = at[1.0].npv_saving_usd - at[0.0].npv_saving_usd
    assert close(rise, slope, gross(case | {"utilization": 1.0}) + gross(case))
    if case["billing"] != "per_use":
        assert paid[0] == paid[1]


@given(st.floats(0.01, 1), st.floats(0.1, 5), st.floats(0.1, 5), st.integers(1, 5))
def test_a_commitment_wins_above_the_ratio_of_the_rates(
    use: float, committed: float, on_demand: float, terms: int
) -> None:
    assume(abs(use * on_demand - committed) > 1e-6)
    base = {"horizon_months": 12 * terms, "utilization": use}
    fixed = npv(neutral(**base, billing="committed", rate_usd_per_gpu_hour=committed))[1]
    flexible = npv(neutral(**base, rate_usd_per_gpu_hour=on_demand))[1]
    assert (fixed < flexible) == (use > committed / on_demand)


# E. Break-even


def both_curves(case: dict[str, Any]) -> list[Point]:
    """Both sides at the start and at the end of each month."""
    return list(points(Inputs.of(Scenario(**case).values())))


def away_from_ties(case: dict[str, Any]) -> bool:
    """Whether the two curves are apart by more than rounding at every month end."""
    followed, least = both_curves(case), gross(case) / 1_000
    for pair in ((1, 2), (3, 4), (5, 6)):
        for point in followed:
            own, rent = (point[at] for at in pair)
            if abs(own - rent) <= 1e-6 * max(abs(own) + abs(rent), least):
                return False
    return True


@given(curves, st.integers(0, 20), st.integers(0, 20))
def test_crossings_follow_the_definition(
    steps: list[tuple[int, int, bool]], own_start: int, rent_start: int
) -> None:
    own, rent = [float(own_start)], [float(rent_start)]
    lumps = [False]
    for x, y, lump in steps:
        own.append(own[-1] + x)
        rent.append(rent[-1] + y)
        lumps.append(lump)
    payback = Payback(0.0, own[0], rent[0])
    for t in range(1, len(own)):
        payback.advance(float(t), own[t], rent[t], lumps[t])
    ahead = [a <= b for a, b in zip(own, rent, strict=True)]
    expected = [(0.0, "own")] if ahead[0] else []
    for t in range(1, len(own)):
        if ahead[t] != ahead[t - 1]:
            before, after = own[t - 1] - rent[t - 1], own[t] - rent[t]
            at = float(t) if lumps[t] else t - 1 + before / (before - after)
            expected.append((at, "own" if ahead[t] else "rent"))
    assert [side for _, side in payback.crossings] == [side for _, side in expected]
    for (found, _), (worked, _) in zip(payback.crossings, expected, strict=True):
        assert found == pytest.approx(worked)
    to_own = [t for t, side in payback.crossings if side == "own"]
    assert payback.first == (to_own[0] if to_own else math.inf)
    assert payback.months == (to_own[-1] if ahead[-1] else math.inf)
    sides = [side for _, side in payback.crossings]
    assert sides == [("own", "rent")[at % 2] for at in range(len(sides))]


@given(scenarios())
def test_crossings_alternate_and_their_number_fits_the_ends(case: dict[str, Any]) -> None:
    answer = tco.breakeven(**case)
    crossings = answer.crossings or ()
    for (t0, side0), (t1, side1) in pairwise(crossings):
        assert side0 != side1
        assert t0 <= t1
    first, *_, last = both_curves(case)
    ahead = [p.own - p.rent <= 1e-9 * (abs(p.own) + abs(p.rent)) for p in (first, last)]
    starts_ahead = bool(crossings) and crossings[0] == (0.0, "own") and ahead[0]
    assert (len(crossings) - starts_ahead) % 2 == (ahead[0] != ahead[1])
    assert (answer.months == math.inf) == (not ahead[1])
    assert all(0 <= t <= case["horizon_months"] for t, _ in crossings)


@given(scenarios())
def test_break_evens_put_back_give_no_saving(case: dict[str, Any]) -> None:
    answer = tco.breakeven(**case)
    for result, name in (
        ("breakeven_rate_usd_per_gpu_hour", "rate_usd_per_gpu_hour"),
        ("breakeven_price_usd_per_gpu", "price_usd_per_gpu"),
        ("breakeven_utilization", "utilization"),
    ):
        root = getattr(answer, result)
        if math.isfinite(root) and INPUTS[name].contains(root):
            there = case | {name: root}
            assert close(tco.breakeven(**there).npv_saving_usd, 0.0, gross(there) + gross(case))
    if case["billing"] != "per_use":
        assert answer.breakeven_utilization == math.inf


@given(st.integers(1, 20_000), st.integers(1, 3_000), st.one_of(st.just(0.0), st.floats(0.001, 1)))
def test_constant_flows_cross_in_the_month_of_the_closed_form(
    capital: int, monthly: int, rate: float
) -> None:
    case = neutral(
        price_usd_per_gpu=capital,
        storage_egress_usd_per_gpu_month=monthly,
        discount_rate=rate,
        horizon_months=240,
    )
    months = tco.breakeven(**case).months
    i = math.expm1(math.log1p(rate) / 12)
    if i * capital >= monthly:
        assert months == math.inf
        return
    exact = capital / monthly if i == 0 else -math.log1p(-i * capital / monthly) / math.log1p(i)
    assume(abs(exact - round(exact)) > 1e-6)
    assert months == math.inf if exact > 240 else math.ceil(months) == math.ceil(exact)


@given(scenarios(), st.integers(1, 30))
def test_a_longer_horizon_changes_nothing_earlier(case: dict[str, Any], more: int) -> None:
    short = case | {"horizon_months": 12}
    long = case | {"horizon_months": 12 + more}
    a, b = (both_curves(c) for c in (short, long))
    for one, other in zip(a[:12], b[:12], strict=True):
        assert one == other
    # What is only done when the service goes on: a payment in advance, a refresh.
    if case["financing"] != "lease" and not case["refresh_months"]:
        assert a[12] == pytest.approx(b[12], rel=1e-12)


@given(scenarios(utilization=0.0, billing="per_use"))
def test_without_busy_hours_renting_by_use_costs_no_compute(case: dict[str, Any]) -> None:
    rows = ledger_rows(Scenario(**case), "rent")
    assert all(row[4] == 0 for row in rows if row[1] in ("compute", "support"))
    answer = tco.breakeven(**case)
    assert answer.own_usd_per_gpu_hour == answer.rent_usd_per_gpu_hour == math.inf
    if not case["upfront_usd_per_gpu"] and not case["storage_egress_usd_per_gpu_month"]:
        owned = sum(row[4] for row in ledger_rows(Scenario(**case), "own") if row[1] != "resale")
        assert owned == 0 or answer.status in ("never", "reverses")


# F. Interfaces


@given(st.lists(scenarios(), min_size=2, max_size=3))
def test_a_table_gives_what_its_rows_give_alone(cases: list[dict[str, Any]]) -> None:
    table = tco.breakeven(**{name: [case[name] for case in cases] for name in cases[0]}).to_frame()
    for at, case in enumerate(cases):
        alone, scale = tco.breakeven(**case), gross(case)
        for name in MONEY[:3]:
            assert abs(table[name].iloc[at] - getattr(alone, name)) <= 1e-12 * scale
        if away_from_ties(case):
            for name in (*TIMES, "racks", "gpus_per_rack"):
                there, here = table[name].iloc[at], getattr(alone, name)
                assert there == here or there == pytest.approx(here, rel=1e-6, abs=1e-9), name
            assert table["status"].iloc[at] == alone.status
    columns = {name: [case[name] for case in cases] for name in cases[0]}
    order = np.arange(len(cases))[::-1]
    flipped = tco.breakeven(**{name: [v[at] for at in order] for name, v in columns.items()})
    for name in RESULTS[:-2]:
        assert np.array_equal(table[name].to_numpy()[order], getattr(flipped, name))


@given(scenarios())
def test_there_and_back(case: dict[str, Any]) -> None:
    scenario = Scenario(**case)
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    assert Scenario.from_json(scenario.to_json()) == scenario
    rows = csv.DictReader(io.StringIO(report_csv(scenario)))
    text = {row["name"]: row["value"] for row in rows if row["section"] == "input"}
    assert Scenario(**{name: parse(INPUTS[name], text[name]) for name in case}) == scenario


@given(
    st.dictionaries(
        st.sampled_from(list(INPUTS)),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(),
            st.binary(),
            st.complex_numbers(),
            st.lists(st.one_of(st.floats(), st.none(), st.text(), st.booleans())),
        ),
        max_size=5,
    )
)
def test_anything_is_answered_or_refused(inputs: dict[str, Any]) -> None:
    try:
        answer: tco.Breakeven | InputError = tco.breakeven(**inputs)
    except InputError as error:
        answer = error
    if isinstance(answer, InputError):
        assert answer.problems
        assert all(problem.input in str(answer) for problem in answer.problems)
    else:
        assert set(answer.to_frame().columns) == set(RESULTS)
