"""What holds of tax, loan, lease, delivery and refresh, whatever the numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tco
from tco.errors import InputError
from tco.inputs import INPUTS, Inputs
from tco.inputs.checks import common_shape
from tco.model.breakeven import solve_table
from tco.model.ledger import ledger_rows
from tco.model.results import RESULTS, solve
from tco.scenario import Scenario
from tests.neutral import COMMON_CASE, neutral
from tests.strategies import CASH, NOT_GIVEN, examples, scenarios

FURTHER = [name for name, p in INPUTS.items() if p.group in ("tax", "financing", "replacement")]
SHIELDS = ("depreciation_shield", "disposal_tax", "refresh_tax")


def items(case: dict[str, Any], side: str = "own") -> dict[str, list[tuple[float, float, float]]]:
    """Time, cost and present value of each item of one side."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for _, item, _, t, cost, present in ledger_rows(Scenario(**case), side):
        found.setdefault(item, []).append((t, cost, present))
    return found


def total(rows: dict[str, list[tuple[float, float, float]]], *names: str) -> float:
    return math.fsum(cost for name in names for _, cost, _ in rows.get(name, []))


def gross(case: dict[str, Any]) -> float:
    return sum(abs(row[5]) for row in ledger_rows(Scenario(**case))) or 1.0


# Off is off.


@given(scenarios(**CASH), scenarios())
def test_what_is_switched_off_changes_no_bit(case: dict[str, Any], other: dict[str, Any]) -> None:
    changed = case | {name: other[name] for name in FURTHER if name not in CASH}
    before, after = (solve(Inputs.of(Scenario(**c).values())) for c in (case, changed))
    assert before == after
    assert ledger_rows(Scenario(**case)) == ledger_rows(Scenario(**changed))


@settings(max_examples=examples(100))
@given(scenarios(**CASH), scenarios(tax_rate=0.3))
def test_a_row_does_not_feel_its_neighbors(case: dict[str, Any], other: dict[str, Any]) -> None:
    """Not by a bit, whether the row beside it is taxed and financed or like itself."""
    columns = {name: [case[name], other[name], case[name]] for name in case}
    scenario = Scenario(**columns)
    shape, _, _ = common_shape(scenario.given)
    together, apart = (solve_table(scenario.values(), shape, block) for block in (3, 1))
    for name in RESULTS:
        assert np.array_equal(together[name], apart[name]), name


# Tax


@given(scenarios(discount_rate=0.0, financing="cash"), st.floats(0, 1))
def test_without_discounting_tax_takes_its_share_however_the_cost_is_written_off(
    case: dict[str, Any], rate: float
) -> None:
    before, after = (tco.breakeven(**case | {"tax_rate": r}) for r in (0.0, rate))
    scale = gross(case)
    for name in ("own_npv_usd", "rent_npv_usd"):
        expected = (1 - rate) * getattr(before, name)
        assert abs(getattr(after, name) - expected) <= 1e-9 * scale


@given(scenarios(financing="cash", tax_rate=0.4))
def test_shields_and_the_gain_add_up_to_the_tax_on_cost_less_proceeds(case: dict[str, Any]) -> None:
    rows = items(case)
    paid = ("gpus", "spares", "servers", "network", "install", "sales_tax", "refresh")
    cost, proceeds = total(rows, *paid), -total(rows, "resale", "refresh_resale")
    found = total(rows, *SHIELDS)
    assert found == pytest.approx(0.4 * (proceeds - cost), rel=1e-9, abs=1e-6)
    assert all(cost <= 0 for _, cost, _ in rows.get("depreciation_shield", []))


@given(scenarios(financing="cash", tax_rate=0.4, refresh_months=0))
def test_no_more_is_written_off_than_was_paid(case: dict[str, Any]) -> None:
    rows = items(case)
    paid = total(rows, "gpus", "spares", "servers", "network", "install", "sales_tax")
    assert -total(rows, "depreciation_shield") <= 0.4 * paid * (1 + 1e-12)


def test_all_written_off_at_once_is_cary_and_brown() -> None:
    """With the first tax year at its end a month after the purchase, the tax is a partner."""
    case = COMMON_CASE | {"resale_decline_per_year": 1, "rate_usd_per_gpu_hour": 0.7}
    once = case | {"tax_rate": 0.3, "bonus_rate": 1.0, "purchase_month": 12}
    before, after = tco.breakeven(**case), tco.breakeven(**once)
    waiting = 0.3 * 4_000 * (1 - 1.08 ** (-1 / 12))
    assert after.own_npv_usd == pytest.approx(0.7 * before.own_npv_usd + waiting, rel=1e-12)
    assert after.rent_npv_usd == pytest.approx(0.7 * before.rent_npv_usd, rel=1e-12)


def test_sale_at_book_value_bears_no_tax() -> None:
    """5,000 over five years; after two the market pays what the books say, 60 %."""
    case = neutral(
        price_usd_per_gpu=5_000,
        resale_decline_per_year=1 - 0.6**0.5,
        horizon_months=24,
        tax_rate=0.3,
        depreciation="straight_line",
        depreciation_years=5,
    )
    assert total(items(case), "disposal_tax") == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("rate", [0.0, 0.08])
def test_sooner_is_better(rate: float) -> None:
    """At once, then MACRS, then straight line; without a cost of money all the same."""
    case = neutral(price_usd_per_gpu=10_000, horizon_months=84, tax_rate=0.3, discount_rate=rate)
    plans = (
        {"bonus_rate": 1.0},
        {"depreciation": "macrs_5"},
        {"depreciation": "straight_line", "depreciation_years": 6},
    )
    costs = [tco.breakeven(**case | plan).own_npv_usd for plan in plans]
    assert costs == pytest.approx([7_000] * 3) if rate == 0 else costs == sorted(costs)
    assert len(set(costs)) == 3 or rate == 0


@pytest.mark.parametrize(
    ("plan", "per_cent"),
    [
        # IRS Publication 946, tables A-1 (half-year) and A-2 to A-5 (mid-quarter).
        ({"depreciation": "macrs_5", "purchase_month": 7}, [20, 32, 19.2, 11.52, 11.52, 5.76]),
        ({"depreciation": "macrs_3"}, [33.33, 44.45, 14.81, 7.41]),
        (
            {"depreciation": "macrs_5", "macrs_convention": "mid_quarter", "purchase_month": 2},
            [35, 26, 15.6, 11.01, 11.01, 1.38],
        ),
        (
            {"depreciation": "macrs_5", "macrs_convention": "mid_quarter", "purchase_month": 11},
            [5, 38, 22.8, 13.68, 10.94, 9.58],
        ),
        (
            {"depreciation": "macrs_3", "macrs_convention": "mid_quarter", "purchase_month": 9},
            [25, 50, 16.67, 8.33],
        ),
        # Section 7 EStG: 100,000 over five years, bought on 1 July.
        (
            {"depreciation": "straight_line", "purchase_month": 7},
            [10, 20, 20, 20, 20, 10],
        ),
        (
            {
                "depreciation": "declining_balance",
                "declining_balance_factor": 1.5,
                "purchase_month": 7,
            },
            [15, 25.5, 17.85, 16.66, 16.66, 8.33],
        ),
        # Half first, the rest by the table.
        ({"depreciation": "macrs_3", "bonus_rate": 0.5}, [66.665, 22.225, 7.405, 3.705]),
    ],
)
def test_published_schedules(plan: dict[str, Any], per_cent: list[float]) -> None:
    case = neutral(price_usd_per_gpu=100_000, horizon_months=120, tax_rate=1, **plan)
    shields = items(case)["depreciation_shield"]
    first = 13 - case["purchase_month"]
    assert [t for t, _, _ in shields] == [first + 12 * year for year in range(len(per_cent))]
    assert [round(-cost / 1_000, 3) for _, cost, _ in shields] == pytest.approx(
        per_cent, abs=0.0051
    )


# Loan and lease


@given(
    scenarios(**CASH, discount_rate=0.07, loan_fee_rate=0.0, already_owned=False),
    *(st.floats(0, 1), st.integers(1, 60), st.integers(0, 59)),
)
def test_a_loan_at_the_discount_rate_is_worth_nothing(
    case: dict[str, Any], share: float, months: int, interest_only: int
) -> None:
    """But for a fee: whatever is paid back in the end, and however late that begins."""
    loan = {
        "financing": "loan",
        "loan_apr": 12 * (1.07 ** (1 / 12) - 1),
        "financed_share": share,
        "loan_months": months,
        "loan_interest_only_months": min(interest_only, months - 1),
    }
    cash, lent = tco.breakeven(**case), tco.breakeven(**case | loan)
    assert abs(lent.own_npv_usd - cash.own_npv_usd) <= 1e-9 * gross(case | loan)


@given(
    st.floats(100, 10_000),
    st.floats(0, 0.3),
    st.floats(0, 0.6),
    st.integers(1, 48),
    st.integers(0, 24),
    st.booleans(),
)
def test_a_lease_of_the_amortized_price_with_the_same_residual_is_buying(
    price: float, rate: float, share: float, term: int, more: int, in_advance: bool
) -> None:
    """Payments worth the price less the buyout at the term's end; sold at any time after it."""
    buyout = 1 + share * price
    factor = (1 + rate) ** (-1 / 12)
    annuity = math.fsum(factor ** (m - in_advance) for m in range(1, term + 1))
    payment = (price - buyout * factor**term) / annuity
    assume(payment > 0)
    buying = neutral(
        price_usd_per_gpu=price,
        discount_rate=rate,
        horizon_months=term + more,
        resale_decline_per_year=0.3,
    )
    leasing = buying | {
        "financing": "lease",
        "lease_usd_per_gpu_month": payment,
        "lease_months": term,
        "lease_in_advance": in_advance,
        "lease_buyout_usd_per_gpu": buyout,
    }
    bought, leased = tco.breakeven(**buying), tco.breakeven(**leasing)
    assert leased.own_npv_usd == pytest.approx(bought.own_npv_usd, rel=1e-9, abs=1e-6)


def test_a_lease_that_goes_back_at_its_residual_is_buying_and_selling_then() -> None:
    """The lessor's residual is the market value: the lessee pays the loss of value and interest."""
    factor = 1.08 ** (-1 / 12)
    annuity = sum(factor**m for m in range(1, 25))
    payment = (3_000 - 3_000 * 0.7**2 * factor**24) / annuity
    buying = neutral(
        price_usd_per_gpu=3_000, discount_rate=0.08, horizon_months=24, resale_decline_per_year=0.3
    )
    leasing = {"financing": "lease", "lease_usd_per_gpu_month": payment, "lease_months": 24}
    bought, leased = tco.breakeven(**buying), tco.breakeven(**buying | leasing)
    assert leased.own_npv_usd == pytest.approx(bought.own_npv_usd, rel=1e-12)


@given(
    scenarios(
        financing="lease", tax_rate=0.0, discount_rate=0.0, resale_decline_per_year=1.0,
        sold_by_server=False,
    )
)  # fmt: skip
def test_whatever_the_horizon_whole_terms_of_a_lease_are_paid(case: dict[str, Any]) -> None:
    bought_out = case["lease_buyout_usd_per_gpu"] > 0 or case["lease_buyout_at_market"]
    terms = math.ceil(case["horizon_months"] / case["lease_months"] * (1 - 1e-12))
    terms = 1 if bought_out else terms
    amount = case["gpus"] * case["lease_usd_per_gpu_month"] * case["lease_months"]
    rows = items(case | {"refresh_months": 0})
    assert total(rows, "lease", "unused_lease") == pytest.approx(terms * amount, rel=1e-9)
    if not bought_out:
        back = case["gpus"] * case["lease_return_usd_per_gpu"]
        assert total(rows, "lease_return") == pytest.approx(terms * back, rel=1e-9)
    fees = terms * case["gpus"] * case["lease_fee_usd_per_gpu"]
    assert total(rows, "lease_fee") == pytest.approx(fees, rel=1e-9)


# Delivery and refresh


def test_hardware_that_never_comes_costs_its_price_and_the_rent() -> None:
    case = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7, "resale_decline_per_year": 1}
    answer = tco.breakeven(**case | {"delivery_months": 36, "utilization": 0.5})
    assert answer.own_npv_usd == pytest.approx(4_000 + answer.rent_npv_usd, rel=1e-12)
    assert answer.months == math.inf


def test_a_crossing_in_a_month_with_a_refresh_lies_at_its_end() -> None:
    case = neutral(
        price_usd_per_gpu=1_000,
        rate_usd_per_gpu_hour=200 / 730,
        horizon_months=12,
        refresh_months=6,
        refresh_price_usd_per_gpu=250,
    )
    answer = tco.breakeven(**case)
    assert answer.crossings == ((5.0, "own"), (6.0, "rent"), (pytest.approx(6.25), "own"))


def test_a_crossing_in_a_month_with_a_shield_lies_at_its_end() -> None:
    case = neutral(price_usd_per_gpu=1_000, rate_usd_per_gpu_hour=0.1, horizon_months=24)
    taxed = case | {"tax_rate": 0.5, "bonus_rate": 1.0, "purchase_month": 9}
    # After tax 36.5 a month: without the shield of 500 in month 4 the payback would be in 27.4.
    assert tco.breakeven(**taxed).months == pytest.approx(500 / 36.5)
    soon = tco.breakeven(**taxed | {"rate_usd_per_gpu_hour": 0.4})
    assert soon.months == 4


# Break-evens stay exact, and answers stay numbers.


@given(
    scenarios(rate_cap_usd_per_gpu_month=1e8),
    st.sampled_from(["price_usd_per_gpu", "rate_usd_per_gpu_hour"]),
)
def test_the_saving_is_linear_in_price_and_rate(case: dict[str, Any], name: str) -> None:
    low, high = 0.0, 1_000.0
    saved = [tco.breakeven(**case | {name: at}).npv_saving_usd for at in (low, 0.4 * high, high)]
    line = 0.6 * saved[0] + 0.4 * saved[2]
    assert abs(saved[1] - line) <= 1e-9 * (gross(case | {name: high}) + gross(case | {name: low}))


# What cannot be combined


@pytest.mark.parametrize(
    ("given_inputs", "name", "words"),
    [
        ({"financing": "lease"}, "lease_usd_per_gpu_month", "no lease quote is known"),
        (
            {"refresh_months": 12},
            "refresh_price_usd_per_gpu",
            "price of the replacement GPUs is not known",
        ),
        (
            {
                "financing": "lease",
                "lease_usd_per_gpu_month": 9,
                "refresh_months": 12,
                "refresh_price_usd_per_gpu": 5,
            },
            "refresh_months",
            "cannot be combined with a lease",
        ),
    ],
)
def test_half_a_lease_or_refresh_is_refused(
    given_inputs: dict[str, Any], name: str, words: str
) -> None:
    for ask in (tco.breakeven, tco.ledger, tco.curves, tco.measures):
        with pytest.raises(InputError, match=words) as caught:
            ask(**given_inputs)
        assert [problem.input for problem in caught.value.problems] == [name]
    table = {key: [INPUTS[key].neutral, value] for key, value in given_inputs.items()}
    with pytest.raises(InputError, match=rf"{name}\[1\] = ") as caught:
        tco.breakeven(**table)
    assert caught.value.problems[0].rows == (1,)
    assert set(NOT_GIVEN) >= {name} or name == "refresh_months"


def test_owning_needs_a_rental_rate_only_until_the_hardware_is_there() -> None:
    no_offer = {
        "gpu": "RTX-PRO-4500",
        "provider": "lambda",
        "tax_rate": 0.25,
        "depreciation": "macrs_5",
    }
    assert len(tco.ledger(**no_offer, side="own"))
    with pytest.raises(InputError, match="rate_usd_per_gpu_hour is not known"):
        tco.ledger(**no_offer, delivery_months=1, side="own")


def test_results_say_whether_they_are_after_tax() -> None:
    assert "before income tax" in repr(tco.breakeven(gpu="L4"))
    taxed = Scenario(gpu="L4", tax_rate=0.25)
    assert "after income tax at 25 %" in repr(tco.breakeven(taxed))
    assert "after income tax at 25 %" in tco.breakeven(replace(taxed, gpus=4))._repr_html_()
