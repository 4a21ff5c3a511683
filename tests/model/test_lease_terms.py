"""Leases as they are offered: of GPUs alone, by the quarter, with a fee, bought at the market."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tco
from tco.errors import InputError
from tco.inputs import Inputs
from tco.model.cashflows import points
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import OFTEN, examples, scenarios

intervals = st.sampled_from(OFTEN["lease_payment_interval_months"])
LEASE: dict[str, Any] = {"financing": "lease", "lease_usd_per_gpu_month": 100.0}
NO_SHARES = dict.fromkeys(
    ("maintenance_rate_per_year", "failure_rate_per_year", "insurance_rate_per_year"), 0.0
)


def npv(case: dict[str, Any]) -> float:
    return tco.breakeven(**case).own_npv_usd


def gross(case: dict[str, Any]) -> float:
    return math.fsum(abs(row[5]) for row in ledger_rows(Scenario(**case))) or 1.0


def paid(case: dict[str, Any], item: str) -> list[tuple[float, float]]:
    """When and how much of an item is paid [months, USD]."""
    rows = ledger_rows(Scenario(**case), "own")
    return [(t, usd) for _, name, _, t, usd, _ in rows if name == item and usd]


# GPUs alone


@settings(max_examples=examples(60))
@given(scenarios(financing="lease", server_usd=0.0, network_usd_per_gpu=0.0))
def test_a_lease_of_gpus_is_one_of_everything_where_nothing_else_costs(
    case: dict[str, Any],
) -> None:
    one, other = (npv(case | {"lease_covers": what}) for what in ("gpus", "all_hardware"))
    assert one == pytest.approx(other, rel=1e-12, abs=1e-9 * gross(case))


@settings(max_examples=examples(60))
@given(scenarios(financing="lease", lease_covers="gpus", refresh_months=0, **NO_SHARES))
def test_servers_beside_leased_gpus_cost_what_they_cost_a_buyer(case: dict[str, Any]) -> None:
    """Price, network, tax on both, shields, resale and its tax: those of a purchase for cash."""
    nothing = {"server_usd": 0.0, "network_usd_per_gpu": 0.0}
    bought = case | {"financing": "cash", "price_usd_per_gpu": 0.0}
    beside, alone = npv(case) - npv(case | nothing), npv(bought) - npv(bought | nothing)
    assert abs(beside - alone) <= 1e-9 * (gross(case) + gross(bought))


def test_what_is_bought_beside_leased_gpus() -> None:
    case = neutral(
        gpus=8, price_usd_per_gpu=9_999, spares_rate=0.5, server_usd=20_000, gpus_per_server=4,
        network_usd_per_gpu=300, install_usd_per_gpu=50, sales_tax_rate=0.1,
        resale_decline_per_year=0.75, horizon_months=12, lease_covers="gpus", lease_months=12,
        **LEASE,
    )  # fmt: skip
    assert paid(case, "gpus") == paid(case, "spares") == []
    assert paid(case, "servers") == [(0, 40_000)]
    assert paid(case, "network") == [(0, 2_400)]
    assert paid(case, "install") == [(0, 400)]
    assert paid(case, "sales_tax") == [(0, pytest.approx(4_240))]
    # A quarter is left of two servers; the cards go back.
    assert paid(case, "resale") == [(12, -10_000)]


# By the quarter, with a fee


@settings(max_examples=examples(60))
@given(
    st.floats(-0.2, 0.5), st.integers(1, 6), intervals, st.booleans(), st.floats(0, 90),
    st.integers(1, 3), st.sampled_from((0.0, 0.3)),
)  # fmt: skip
def test_payments_are_worth_each_by_its_day(
    rate: float, count: int, apart: int, in_advance: bool, fee: float, terms: int, tax: float
) -> None:
    """Listed one by one: by the days on which an invoice of `apart` months falls due."""
    term = count * apart
    case = neutral(
        gpus=3, discount_rate=rate, tax_rate=tax, horizon_months=term * terms, lease_months=term,
        lease_payment_interval_months=apart, lease_in_advance=in_advance,
        lease_fee_usd_per_gpu=fee, lease_return_usd_per_gpu=7.0, **LEASE,
    )  # fmt: skip
    invoices = []
    for start in range(0, term * terms, term):
        days = range(start, start + term, apart)
        invoices += [((day if in_advance else day + apart), 3 * 100.0 * apart) for day in days]
        invoices += [(start, 3 * fee), (start + term, 21.0)]
    worth = math.fsum(usd * (1 + rate) ** (-day / 12) for day, usd in invoices)
    assert npv(case) == pytest.approx((1 - tax) * worth, rel=1e-10)


@settings(max_examples=examples(60))
@given(scenarios(financing="lease"), st.integers(1, 60))
def test_leaving_is_the_same_whether_it_was_planned_or_not(
    case: dict[str, Any], month: int
) -> None:
    """The exit curve at a month of a longer lease is the cost of one that ends then."""
    assume(month <= case["horizon_months"])
    exits = list(points(Inputs.of(Scenario(**case).values())))[month].own_exit
    planned = case | {"horizon_months": float(month)}
    assert abs(exits - npv(planned)) <= 1e-9 * (gross(case) + gross(planned))


def test_who_leaves_within_a_quarter_pays_what_has_accrued_and_the_rest_of_the_term() -> None:
    case = neutral(lease_months=12, lease_payment_interval_months=3, horizon_months=16.5, **LEASE)
    case |= {"lease_fee_usd_per_gpu": 40.0}
    quarters = [(3.0 * n, 300.0) for n in range(1, 6)]
    assert paid(case, "lease") == [*quarters, (16.5, 150)]
    assert paid(case, "unused_lease") == [(16.5, 750)]
    assert paid(case, "lease_fee") == [(0, 40), (12, 40)]
    case["lease_in_advance"] = True
    assert paid(case, "lease") == [(3.0 * n, 300.0) for n in range(6)]
    assert paid(case, "unused_lease") == [(16.5, 600)]


def test_who_leaves_as_a_term_ends_owes_nothing_of_the_next() -> None:
    case = neutral(lease_months=6, lease_payment_interval_months=3, horizon_months=12, **LEASE)
    case |= {
        "lease_fee_usd_per_gpu": 40.0,
        "lease_in_advance": True,
        "lease_return_usd_per_gpu": 9.0,
    }
    curves = tco.curves(**case)
    # At 6 a quarter in advance and the fee of the second term have been paid.
    assert curves["own_usd"].tolist()[5:8] == [640, 640 + 300 + 49, 989]
    assert curves["own_exit_usd"].tolist()[5:8] == [649, 649, 989 + 300 + 9]


def test_a_payment_for_several_months_is_a_lump() -> None:
    """Rent of 120 a month against 300 a quarter in arrears, and a fee: ahead, behind, ahead."""
    case = neutral(
        rate_usd_per_gpu_hour=120 / 730, horizon_months=6, lease_months=6,
        lease_payment_interval_months=3, lease_fee_usd_per_gpu=50, **LEASE,
    )  # fmt: skip
    answer = tco.breakeven(**case)
    assert [(round(t, 9), side) for t, side in answer.crossings] == [(round(50 / 120, 9), "own")]
    dearer = tco.breakeven(**case | {"lease_fee_usd_per_gpu": 100})
    # 360 of rent by month 3, 400 of lease at its end, 480 of rent by month 4.
    assert [(round(t, 9), side) for t, side in dearer.crossings] == [
        (round(100 / 120, 9), "own"),
        (3, "rent"),
        (round(3 + 40 / 120, 9), "own"),
    ]


# Bought at the market value


@settings(max_examples=examples(60))
@given(scenarios(financing="lease", lease_buyout_usd_per_gpu=0.0, refresh_months=0))
def test_bought_and_sold_on_the_same_day_costs_the_cost_of_selling(case: dict[str, Any]) -> None:
    """Against giving it back at that day, which costs what returning costs; all of it deducted."""
    term = case["lease_months"]
    case |= {"horizon_months": float(term), "delivery_months": 0}
    bought, returned = (npv(case | {"lease_buyout_at_market": how}) for how in (True, False))
    cards = case["price_usd_per_gpu"] * (1 + case["spares_rate"])
    servers = case["gpus"] / case["gpus_per_server"]
    servers = math.ceil(servers * (1 - 1e-12)) if case["whole_servers"] else servers
    gpus = case["gpus"]
    if case["whole_servers"] and case["sold_by_server"]:
        gpus = servers * case["gpus_per_server"]
    value = gpus * cards
    if case["lease_covers"] == "all_hardware":
        value += servers * case["server_usd"]
    lost = case["resale_decline_per_year"]
    value *= 0 if lost == 1 else (1 - lost) ** (term / 12)
    sold = case["selling_cost_rate"] * value - gpus * case["lease_return_usd_per_gpu"]
    expected = (1 - case["tax_rate"]) * sold * (1 + case["discount_rate"]) ** (-term / 12)
    assert abs(bought - returned - expected) <= 1e-9 * (gross(case) + value)


@settings(max_examples=examples(60))
@given(
    scenarios(
        financing="lease", lease_covers="gpus", lease_buyout_usd_per_gpu=0.0, spares_rate=0.0,
        price_usd_per_gpu=4_000.0, resale_decline_per_year=0.36,
    )
)  # fmt: skip
def test_the_market_value_as_a_price_is_the_same(case: dict[str, Any]) -> None:
    years = case["lease_months"] / 12
    price = {"lease_buyout_usd_per_gpu": 4_000 * 0.64**years, "lease_buyout_at_market": False}
    one, other = npv(case | {"lease_buyout_at_market": True}), npv(case | price)
    assert abs(one - other) <= 1e-9 * gross(case)


def test_what_keeps_its_value_costs_the_payments_alone() -> None:
    case = neutral(
        gpus=2, gpus_per_server=1, price_usd_per_gpu=5_000, server_usd=4_000,
        resale_decline_per_year=0.0, lease_buyout_at_market=True, lease_months=12,
        horizon_months=30, **LEASE,
    )  # fmt: skip
    assert paid(case, "lease_buyout") == [(12, 18_000)]
    assert npv(case) == 12 * 200
    assert paid(case | {"lease_covers": "gpus"}, "lease_buyout") == [(12, 10_000)]
    assert npv(case | {"lease_covers": "gpus"}) == 12 * 200
    worthless = case | {"resale_decline_per_year": 1.0}
    assert (paid(worthless, "lease_buyout"), npv(worthless)) == ([], 12 * 200)


def test_the_purchase_enters_the_tax_books_at_its_price() -> None:
    """4,000 kept at 64 %, straight line over two years of the tax from the thirteenth month."""
    case = neutral(
        price_usd_per_gpu=4_000, resale_decline_per_year=0.36, lease_buyout_at_market=True,
        lease_months=12, horizon_months=24, tax_rate=0.5, depreciation="straight_line",
        depreciation_years=2, **LEASE,
    )  # fmt: skip
    assert paid(case, "lease_buyout") == [(12, pytest.approx(2_560))]
    assert paid(case, "depreciation_shield") == [(24, pytest.approx(-640))]
    # Sold for 1,638.40 with 1,280 in the books.
    assert paid(case, "disposal_tax") == [(24, pytest.approx(179.2))]


# What cannot be


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (
            {"lease_payment_interval_months": 5},
            "lease_months",
            "lease_months = 36 does not end with a payment: give a multiple of "
            "lease_payment_interval_months",
        ),
        (
            {"lease_buyout_at_market": True, "lease_buyout_usd_per_gpu": 10},
            "lease_buyout_at_market",
            "lease_buyout_at_market = true cannot be combined with a price",
        ),
    ],
)
def test_terms_that_contradict_each_other_are_refused(
    change: dict[str, Any], name: str, words: str
) -> None:
    for ask in (tco.breakeven, tco.ledger, tco.measures):
        with pytest.raises(InputError, match=words) as caught:
            ask(**neutral(**LEASE, **change))
        assert [problem.input for problem in caught.value.problems] == [name]
    assert tco.breakeven(**neutral(**change)).own_npv_usd == 0
    table = {key: [neutral()[key], value] for key, value in change.items()}
    with pytest.raises(InputError) as caught:
        tco.breakeven(**neutral(**LEASE, **table))
    assert caught.value.problems[0].rows == (1,)
