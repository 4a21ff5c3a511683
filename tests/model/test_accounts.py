"""The books beside the cash: what must hold whatever the numbers."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.inputs import Inputs
from tco.inputs.lines import Line
from tco.model.accounts import ACCOUNTS, Closing, closings
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tests.model.test_second_model import drawn_line
from tests.neutral import neutral
from tests.strategies import examples, scenarios

# A lease of one card at 1 % a month, and what the books know of it.
LEASE = neutral(
    price_usd_per_gpu=10_000,
    financing="lease",
    lease_usd_per_gpu_month=300,
    lease_months=24,
    lease_in_advance=False,
    horizon_months=24,
    debt_rate=1.01**12 - 1,
)


def books(case: dict[str, Any], lines: tuple[Line, ...] = ()) -> list[Closing]:
    return list(closings(Inputs.of(Scenario(**case, lines=lines or None).values())))


@st.composite
def lines(draw: st.DrawFn, most: int = 4) -> tuple[Line, ...]:
    dice: random.Random = draw(st.randoms(use_true_random=False))
    return tuple(drawn_line(dice, f"line {k}") for k in range(draw(st.integers(0, most))))


@settings(max_examples=examples(200))
@given(scenarios(), lines())
def test_over_the_whole_life_costs_are_what_is_paid(
    case: dict[str, Any], own: tuple[Line, ...]
) -> None:
    """Of both sides: books move costs between years, and neither make nor lose any."""
    months = books(case, own)
    rows = ledger_rows(Scenario(**case, lines=own or None))
    size = math.fsum(abs(row[4]) for row in rows) or 1.0
    for side in ("own", "rent"):
        paid = math.fsum(row[4] for row in rows if row[0] == side)
        costs = math.fsum(getattr(month, side)["total"] for month in months)
        assert abs(costs - paid) <= 1e-9 * size
        for month in months:
            statement = getattr(month, side)
            accounts = [statement[account.name] for account in ACCOUNTS[side][:-1]]
            assert math.fsum(accounts) == pytest.approx(statement["total"], abs=1e-9 * size)


@settings(max_examples=examples(50))
@given(scenarios(), lines())
def test_nothing_is_worth_less_than_nothing_but_what_income_made_so(
    case: dict[str, Any], own: tuple[Line, ...]
) -> None:
    """Without income among the lines no asset, liability or prepaid fee is ever negative."""
    costs = tuple(line for line in own if line.usd >= 0 and not line.item)
    months = books(case | {"debt_rate": max(0.0, case["debt_rate"])}, costs)
    size = 1e-9 * max(1.0, *(abs(month.book_usd) + abs(month.lease_usd) for month in months))
    for month in months:
        for name in ("book_usd", "right_usd", "loan_usd", "lease_usd", "prepaid_usd"):
            assert getattr(month, name) >= -size, (name, month.month)
        assert month.right_usd <= month.book_usd + size


@settings(max_examples=examples(50))
@given(scenarios(), st.integers(1, 12), st.integers(1, 12))
def test_fiscal_years_part_the_same_months(case: dict[str, Any], first: int, bought: int) -> None:
    case = case | {"purchase_month": bought}
    years = tco.accounting(**case | {"fiscal_year_first_month": first}).years
    assert years[0].first_month == 1
    for before, after in pairwise(years):
        assert after.first_month == before.last_month + 1
        assert (bought - 1 + after.first_month - 1) % 12 + 1 == first
    assert all(year.last_month - year.first_month < 12 for year in years)
    same = tco.accounting(**case | {"fiscal_year_first_month": 1})
    for side in ("own", "rent"):
        sums = [math.fsum(getattr(year, side)["total"] for year in y) for y in (years, same.years)]
        assert sums[0] == pytest.approx(sums[1], rel=1e-9, abs=1e-6)


@settings(max_examples=examples(50))
@given(
    st.integers(1, 10), st.floats(0, 1), st.integers(0, 6), st.floats(0, 0.3),
)  # fmt: skip
def test_depreciation_ends_at_the_residual_value(
    years: int, residual: float, delivery: int, sales_tax: float
) -> None:
    case = neutral(
        price_usd_per_gpu=1_000.0, server_usd=500.0, install_usd_per_gpu=70.0, spares_rate=0.1,
        sales_tax_rate=sales_tax, book_life_years=years, book_residual_share=residual,
        delivery_months=delivery, horizon_months=min(240.0, 12.0 * years + delivery + 5),
    )  # fmt: skip
    months = books(case)
    cost = (1_100 + 500 / 8) * (1 + sales_tax) + 70
    assert months[0].book_usd == pytest.approx(cost)
    assert months[delivery].book_usd == pytest.approx(cost)
    assert months[12 * years + delivery].book_usd == pytest.approx(residual * cost, abs=1e-9)
    assert months[-1].book_usd == months[12 * years + delivery].book_usd
    written = math.fsum(month.own["depreciation"] for month in months)
    assert written == pytest.approx((1 - residual) * cost)
    steps = {round(month.own["depreciation"], 9) for month in months}
    assert len(steps - {0}) <= 1


@settings(max_examples=examples(100))
@given(
    st.integers(1, 10), st.integers(1, 12), st.booleans(), st.floats(0, 500), st.floats(0, 0.5),
    st.integers(1, 3), st.floats(1, 500),
)  # fmt: skip
def test_nothing_is_owed_or_held_when_the_term_of_a_finance_lease_ends(
    payments: int, every: int, advance: bool, fee: float, rate: float, terms: int, usd: float
) -> None:
    """Whatever is paid when, the present value at the start is what the payments pay back."""
    term = min(payments * every, 240 // (terms * every) * every)
    case = LEASE | {
        "lease_months": term, "horizon_months": float(term * terms), "debt_rate": rate,
        "lease_payment_interval_months": every, "lease_in_advance": advance,
        "lease_fee_usd_per_gpu": fee, "lease_usd_per_gpu_month": usd, "lease_specialized": True,
    }  # fmt: skip
    months = books(case)
    size = 1e-9 * (usd * term + fee)
    assert abs(months[-1].lease_usd) <= size
    assert abs(months[-1].right_usd) <= size
    assert months[-1].own["disposal"] == pytest.approx(0, abs=size)
    paid = terms * (usd * term + fee)
    assert math.fsum(month.own["total"] for month in months) == pytest.approx(paid)
    operating = books(case | {"lease_specialized": False, "book_life_years": 40} | _DEAR)
    assert {round(month.own["lease_cost"], 6) for month in operating[1:]} == {
        round(usd + fee / term, 6)
    }


# At this price the payments are worth too little for a finance lease.
_DEAR = {"price_usd_per_gpu": 1_000_000.0}


@settings(max_examples=examples(50))
@given(st.floats(0.1, 30), st.floats(0.2, 60), st.floats(0, 2_000))
def test_fees_of_terms_are_spread_evenly(term: float, horizon: float, fee: float) -> None:
    case = neutral(
        billing="committed", commitment_months=term, horizon_months=horizon,
        commitment_fee_usd_per_gpu=fee,
    )  # fmt: skip
    months = books(case)
    for month in months[1:-1]:
        assert month.rent["commitment"] == pytest.approx(fee / term, rel=1e-6, abs=1e-6)
        assert -1e-6 <= month.prepaid_usd <= fee + 1e-6
    left = months[-1].prepaid_usd + fee / term * (horizon - (len(months) - 2))
    assert months[-1].rent["commitment"] == pytest.approx(left, rel=1e-6, abs=1e-6)


ACCOUNTING_ONLY = {
    "book_life_years": 3,
    "book_residual_share": 0.2,
    "fiscal_year_first_month": 4,
    "lease_transfers_ownership": True,
    "lease_specialized": True,
}


@settings(max_examples=examples(20))
@given(scenarios())
def test_the_cash_view_knows_nothing_of_the_books(case: dict[str, Any]) -> None:
    base, other = (tco.breakeven(**given).to_dict() for given in (case, case | ACCOUNTING_ONLY))
    assert base | {"notes": ()} == other | {"notes": ()}
