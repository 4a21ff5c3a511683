"""What tax, loans, leases, delivery and refresh must obey, beside tests/model/test_financing.py."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.options import compared, options_of, what_if
from tco.errors import InputError
from tco.finance.discounting import discount_factor
from tco.inputs import INPUTS, Inputs
from tco.model.cashflows import CashFlow
from tco.model.ledger import ledger_rows
from tco.model.periods import periods
from tco.model.results import checked, feasible, solve
from tco.model.tax import TaxAndFinancing
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import examples, scenarios

SCHEDULE = [name for name, declared in INPUTS.items() if declared.group == "tax"][1:]
PURCHASE = ("gpus", "spares", "servers", "network", "install", "sales_tax", "lease_buyout")
LEASE = {"financing": "lease", "lease_usd_per_gpu_month": 95.0}


def total(case: dict[str, Any], *items: str) -> float:
    """What owning pays for some items over the horizon, less what it receives [USD]."""
    rows = ledger_rows(Scenario(**case), "own")
    return math.fsum(cost for _, item, _, _, cost, _ in rows if item in items)


def gross(case: dict[str, Any]) -> float:
    return sum(abs(present) for *_, present in ledger_rows(Scenario(**case))) or 1.0


# Tax


@given(scenarios(tax_rate=0.0), scenarios())
def test_a_schedule_means_nothing_without_tax(case: dict[str, Any], other: dict[str, Any]) -> None:
    """Not by a bit, however the hardware is paid for."""
    changed = case | {name: other[name] for name in SCHEDULE}
    assert solve(Inputs.of(case)) == solve(Inputs.of(changed))
    assert ledger_rows(Scenario(**case)) == ledger_rows(Scenario(**changed))


@given(scenarios(tax_rate=0.3))
def test_the_book_value_is_never_negative(case: dict[str, Any]) -> None:
    v = Inputs.of(case)
    flow = CashFlow(v, "own")
    assert isinstance(flow.part, TaxAndFinancing)
    books = flow.part.depreciation
    before = books.value
    assert before >= 0
    for period in periods(v):
        flow.advance(period)
        bought = flow.further["lease_buyout"] + flow.further["refresh"]
        assert 0 <= books.value <= (before + bought) * (1 + 1e-12)
        before = books.value


@given(scenarios(financing="lease", tax_rate=0.4))
def test_shields_of_what_a_lessee_buys_add_up_to_the_tax_on_it(case: dict[str, Any]) -> None:
    found = total(case, "depreciation_shield", "disposal_tax")
    bought, sold = total(case, *PURCHASE), -total(case, "resale")
    assert found == pytest.approx(0.4 * (sold - bought), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("cost", "years", "plan", "year", "published"),
    [
        # Microsoft Excel function reference: SLN(30000, 7500, 10) spreads 22,500.
        (22_500, 10, {"depreciation": "straight_line"}, 4, 2_250),
        # DDB(2400, 300, 10, 1, 2) and, by a factor of 1.5, DDB(2400, 300, 10, 2, 1.5).
        (2_400, 10, {"declining_balance_factor": 2.0}, 1, 480),
        (2_400, 10, {"declining_balance_factor": 1.5}, 2, 306),
    ],
)
def test_a_spreadsheets_depreciation_is_in_the_ledger(
    cost: float, years: int, plan: dict[str, Any], year: int, published: float
) -> None:
    plan = {"depreciation": "declining_balance", "depreciation_years": years, **plan}
    case = neutral(price_usd_per_gpu=cost, horizon_months=60, tax_rate=1.0, **plan)
    rows = ledger_rows(Scenario(**case), "own")
    shields = {month: -usd for _, item, month, _, usd, _ in rows if item == "depreciation_shield"}
    assert shields[12 * year] == pytest.approx(published, abs=0.005)


# Loan and lease


@given(scenarios(financing="loan", tax_rate=0.35, financed_share=0.8, refresh_months=0))
def test_interest_is_what_a_loan_costs_and_all_of_it_is_deducted(case: dict[str, Any]) -> None:
    paid = ("loan_payment", "loan_balloon", "loan_settlement")
    interest = total(case, "loan_proceeds", *paid)
    shields = total(case, "loan_interest_shield", "exit_deduction")
    borrowed = -total(case, "loan_proceeds")
    assert interest >= -1e-9 * borrowed
    assert shields == pytest.approx(-0.35 * interest, rel=1e-9, abs=1e-9 * borrowed)


@pytest.mark.parametrize("months", [4, 10, 24, 6.5])
def test_what_settles_a_loan_is_worth_the_payments_that_are_left(months: float) -> None:
    """PMT(8%/12, 10, 10000) = -1,037.03 of the Microsoft Excel function reference."""
    case = neutral(
        price_usd_per_gpu=10_000,
        financing="loan",
        financed_share=1.0,
        loan_apr=0.08,
        loan_months=10,
        horizon_months=months,
    )
    rows = ledger_rows(Scenario(**case), "own")
    paid = [usd for _, item, _, _, usd, _ in rows if item == "loan_payment"]
    assert [round(payment, 2) for payment in paid] == [1_037.03] * min(10, int(months))
    month = 1 + 0.08 / 12
    left = sum(paid[0] * month ** (months - due) for due in range(int(months) + 1, 11))
    assert total(case, "loan_settlement") == pytest.approx(left, rel=1e-12, abs=1e-9)


def running_costs(rate: float) -> dict[str, Any]:
    """Costs that are the same every month, discounted."""
    return neutral(
        gpus=3,
        discount_rate=rate,
        spares_rate=0.1,
        sales_tax_rate=0.07,
        resale_decline_per_year=0.3,
        selling_cost_rate=0.05,
        staff_usd_per_gpu_month=20,
        gpu_w=300,
        electricity_usd_per_kwh=0.1,
        maintenance_rate_per_year=0.05,
        failure_rate_per_year=0.04,
        insurance_rate_per_year=0.01,
        price_usd_per_gpu=2_500,
        rate_usd_per_gpu_hour=0.5,
    )


@given(
    st.floats(-0.2, 0.5),
    st.integers(1, 48),
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
    st.floats(0, 300),
)
def test_a_lease_that_is_renewed_is_the_same_lease_later(
    rate: float, term: int, in_advance: bool, tax: float, back: float
) -> None:
    once = running_costs(rate) | LEASE | {"horizon_months": term, "tax_rate": tax}
    once |= {"lease_months": term, "lease_in_advance": in_advance, "lease_return_usd_per_gpu": back}
    first, both = tco.breakeven(**once), tco.breakeven(**once | {"horizon_months": 2 * term})
    expected = first.own_npv_usd * (1 + discount_factor(rate, term))
    assert both.own_npv_usd == pytest.approx(expected, rel=1e-10)


# Delivery and refresh


@given(
    st.floats(-0.2, 0.5),
    st.integers(1, 4),
    st.sampled_from(INPUTS["depreciation"].choices),
    st.integers(1, 12),
    st.sampled_from([0.0, 0.3]),
    st.integers(2, 3),
)
def test_a_refresh_at_the_same_price_is_the_same_purchase_later(
    rate: float, years: int, depreciation: str, month: int, tax: float, purchases: int
) -> None:
    """Of whole years, so that the tax years of all purchases end on the same days of their lives.

    The chain of replacements is what makes annual costs of unequal lives comparable.
    """
    once = running_costs(rate) | {"horizon_months": 12 * years, "tax_rate": tax}
    once |= {"depreciation": depreciation, "purchase_month": month, "depreciation_years": 3}
    chain = {"horizon_months": 12 * years * purchases, "refresh_months": 12 * years}
    chain["refresh_price_usd_per_gpu"] = once["price_usd_per_gpu"]
    first, all_of_them = tco.measures(**once), tco.measures(**once | chain)
    assert all_of_them.own_usd_per_year == pytest.approx(first.own_usd_per_year, rel=1e-10)


@given(st.floats(-0.2, 0.5), st.integers(1, 40), st.integers(1, 12))
def test_late_hardware_is_rent_and_then_the_same_running_costs_for_less_long(
    rate: float, months: int, late: int
) -> None:
    case = running_costs(rate) | {"resale_decline_per_year": 1.0, "horizon_months": months}
    whole = tco.breakeven(**case)
    delayed = tco.breakeven(**case | {"delivery_months": late, "horizon_months": months + late})
    rented = tco.breakeven(**case | {"horizon_months": late}).rent_npv_usd
    bought = total(case, *PURCHASE)
    later = (whole.own_npv_usd - bought) * discount_factor(rate, late)
    assert delayed.own_npv_usd == pytest.approx(bought + rented + later, rel=1e-10)


# All options


BRUTE: dict[str, dict[str, Any]] = {
    "default": {},
    "leased and taxed": LEASE | {"tax_rate": 0.25, "depreciation": "macrs_5"},
    "late": LEASE | {"delivery_months": 5, "tax_rate": 0.2, "rate_usd_per_gpu_hour": 0.3},
    "refreshed": {"refresh_months": 18, "refresh_price_usd_per_gpu": 2_000, "horizon_months": 40.5},
}


@pytest.mark.parametrize("case", BRUTE)
def test_the_envelope_is_the_least_of_all_answers_at_1001_utilizations(case: str) -> None:
    scenario = Scenario(gpu="L4", as_of="2026-11-21", **BRUTE[case])
    shares = np.linspace(0, 1, 1_001)
    found = compared(options_of(scenario))
    assert found is not None
    costs = []
    for option in found.options:
        asked = what_if(scenario, option.option, option.hosting or None)
        answer = tco.breakeven(asked, utilization=shares)
        costs.append(answer.own_npv_usd if option.side == "own" else answer.rent_npv_usd)
    every = np.array(costs)
    winners = [found.cheapest_at(share) for share in shares.tolist()]
    least = every.min(axis=0)
    assert len(set(winners)) > 1
    assert every[winners, np.arange(len(shares))] == pytest.approx(least, rel=1e-9)


# What cannot be combined


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        (
            {"refresh_months": 6, "refresh_price_usd_per_gpu": 1_000, "delivery_months": 6},
            "refresh_months",
            "replaces GPUs before delivery: give more than delivery_months",
        ),
        (
            LEASE | {"lease_months": 4, "delivery_months": 6},
            "lease_months",
            "ends before delivery: give more than delivery_months",
        ),
    ],
)
def test_nothing_ends_before_the_hardware_is_there(
    changes: dict[str, Any], name: str, words: str
) -> None:
    with pytest.raises(InputError, match=f"{name} = {changes[name]} {words}"):
        tco.breakeven(**running_costs(0.08) | changes)
    sooner = changes | {"delivery_months": changes[name] - 1}
    assert tco.breakeven(**running_costs(0.08) | sooner).own_npv_usd > 0
    late = [0, changes["delivery_months"]]
    with pytest.raises(InputError, match=rf"{name}\[1\] = {changes[name]} {words}"):
        tco.breakeven(**running_costs(0.08) | changes | {"delivery_months": late})


@settings(max_examples=examples(100))
@given(scenarios(), st.integers(0, 60), st.integers(0, 240), st.integers(1, 240))
def test_every_other_combination_is_answered_with_numbers(
    case: dict[str, Any], delivery: int, refresh: int, term: int
) -> None:
    """Terms beyond the horizon, hardware that never comes, loans of twenty years: all of them."""
    case |= {"delivery_months": delivery, "lease_months": term, "loan_months": term}
    case |= {"lease_payment_interval_months": math.gcd(term, 12)}
    case |= {"loan_interest_only_months": term // 2, "already_owned": False}
    case |= {"refresh_months": 0 if case["financing"] == "lease" else refresh}
    early = case["financing"] == "lease" and term <= delivery
    if early or 0 < case["refresh_months"] <= delivery:
        with pytest.raises(InputError, match="give more than delivery_months"):
            tco.breakeven(**case)
        return
    answer = tco.breakeven(**case)
    for name in ("own_npv_usd", "rent_npv_usd", "npv_saving_usd", "undiscounted_saving_usd"):
        assert math.isfinite(getattr(answer, name))
    assert not any(math.isnan(x) for x in answer.__dict__.values() if isinstance(x, float))
    present = math.fsum(row[5] for row in ledger_rows(Scenario(**case), "own"))
    assert abs(present - answer.own_npv_usd) <= 1e-9 * gross(case)


# Currency


def test_a_rate_without_its_day_says_that_the_day_is_assumed() -> None:
    euro = Scenario(currency="EUR", fx_rate=0.9, as_of="2026-11-21")
    found = euro.conversion
    assert found is not None
    assert found.label == "converted at 0.9 EUR per USD as of 2026-11-21 (day assumed)"


LEASE = {"financing": "lease", "lease_usd_per_gpu_month": 60.0, "lease_months": 24}
REFRESH = {"refresh_months": 24, "refresh_price_usd_per_gpu": 900.0}
TOGETHER = [
    ({}, True),
    ({"hosting": "own_site"}, True),
    ({"hosting": "own_site", "rack_units": 1, "server_units": 2}, False),
    ({"hosting": "own_site", "rack_units": 2, "server_units": 2}, True),
    ({"hosting": "colo_metered", "rack_units": 1, "server_units": 2}, True),
    (LEASE, True),
    (LEASE | {"lease_usd_per_gpu_month": 0.0}, False),
    (LEASE | {"delivery_months": 23}, True),
    (LEASE | {"delivery_months": 24}, False),
    (LEASE | {"lease_payment_interval_months": 12}, True),
    (LEASE | {"lease_payment_interval_months": 5}, False),
    ({"lease_payment_interval_months": 5}, True),
    (LEASE | {"lease_buyout_at_market": True}, True),
    (LEASE | {"lease_buyout_at_market": True, "lease_buyout_usd_per_gpu": 9.0}, False),
    ({"lease_buyout_at_market": True, "lease_buyout_usd_per_gpu": 9.0}, True),
    (REFRESH, True),
    (REFRESH | {"refresh_price_usd_per_gpu": 0.0}, False),
    (REFRESH | {"delivery_months": 24}, False),
    (LEASE | REFRESH, False),
]


@pytest.mark.parametrize(("inputs", "together"), TOGETHER)
def test_what_goes_together_is_feasible_and_nothing_else(inputs: Any, together: bool) -> None:
    v = Inputs.of(tco.Scenario(**neutral(**inputs)).values())
    assert bool(feasible(v)) is together
    if together:
        checked(v)
    else:
        with pytest.raises(tco.InputError):
            checked(v)


def test_of_a_table_each_row_is_feasible_by_itself() -> None:
    names = {name for inputs, _ in TOGETHER for name in inputs}
    rows = [neutral(**inputs) for inputs, _ in TOGETHER]
    columns = {name: np.array([row[name] for row in rows]) for name in names}
    v = Inputs.of({**tco.Scenario(**rows[0]).values(), **columns})
    assert np.broadcast_to(feasible(v), len(rows)).tolist() == [found for _, found in TOGETHER]


def test_what_is_paid_on_leaving_grows_no_further_in_a_table_with_longer_horizons() -> None:
    lines = [
        {"name": growth, "side": side, "usd": 300, "when": "exit", "growth": growth}
        for side, growth in (("own", "opex"), ("own", "electricity"), ("rent", "rental"))
    ]
    growing = {"opex_growth_per_year": 0.1, "electricity_growth_per_year": 0.2}
    case = neutral(lines=lines, rate_growth_per_year=0.3, **growing)
    horizons = [24.0, 36.5]
    table = tco.breakeven(**case | {"horizon_months": horizons})
    for at, horizon in enumerate(horizons):
        alone = tco.breakeven(**case | {"horizon_months": horizon})
        assert table.own_npv_usd[at] == pytest.approx(alone.own_npv_usd, rel=1e-12)
        assert table.rent_npv_usd[at] == pytest.approx(alone.rent_npv_usd, rel=1e-12)
    # In the 24th month: 300 x 1.1 ** (23 / 12) and 300 x 1.2 ** (23 / 12).
    assert table.own_npv_usd[0] == pytest.approx(300 * (1.1 ** (23 / 12) + 1.2 ** (23 / 12)))
