"""The rate implicit in the lease of a scenario: what is lent, what is left, and what is paid."""

from __future__ import annotations

from typing import Any

import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.lease import lease_rate_of, rate_inside
from tco.errors import InputError
from tco.report.lease import lease_sentence
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import examples

# 4 cards with one spare at 1,000, a server of 6,000 and switches for 500, 64 % kept after a year.
SYSTEM = neutral(
    gpus=4,
    price_usd_per_gpu=1_000,
    spares_rate=0.25,
    server_usd=6_000,
    gpus_per_server=4,
    network_usd_per_gpu=125,
    install_usd_per_gpu=70,
    sales_tax_rate=0.08,
    selling_cost_rate=0.2,
    resale_decline_per_year=0.36,
    rate_usd_per_gpu_hour=0.5,
    financing="lease",
    lease_usd_per_gpu_month=150,
    lease_months=24,
)
CARDS = {"lease_covers": "gpus", "lease_usd_per_gpu_month": 60.0}
QUARTERS: dict[str, Any] = {"lease_payment_interval_months": 3, "lease_in_advance": True}


@pytest.mark.parametrize(
    ("change", "value", "left"),
    [
        # 11,500 of hardware with 8 % tax; cards and server keep 0.64 * 0.64 of 11,000.
        ({}, 12_420, 4_505.6),
        ({"lease_buyout_usd_per_gpu": 300.0}, 12_420, 1_200),
        ({"lease_buyout_at_market": True}, 12_420, 4_505.6),
        # The cards alone: 5,000 with tax, and 0.4096 of them.
        (CARDS, 5_400, 2_048),
        (CARDS | {"lease_buyout_usd_per_gpu": 1.0}, 5_400, 4),
        ({"resale_decline_per_year": 1.0}, 12_420, 0),
    ],
)
def test_what_is_lent_and_what_is_left(change: dict[str, Any], value: float, left: float) -> None:
    monthly = lease_rate_of(**SYSTEM | change)
    assert monthly.value_usd == pytest.approx(value)
    assert monthly.residual_usd == pytest.approx(left)
    month = 4 * change.get("lease_usd_per_gpu_month", 150)
    oracle = numpy_financial.rate(24, -month, value, -left, tol=1e-12)
    assert monthly.nominal_rate == pytest.approx(12 * oracle, rel=1e-8)
    fee = {"lease_fee_usd_per_gpu": 25}
    quarterly = lease_rate_of(**SYSTEM | change | QUARTERS | fee)
    assert (quarterly.payment_usd, quarterly.payments, quarterly.fee_usd) == (3 * month, 8, 100)
    oracle = numpy_financial.rate(8, -3 * month, value - 100, -left, 1, tol=1e-12)
    assert quarterly.nominal_rate == pytest.approx(4 * oracle, rel=1e-8)
    assert quarterly.effective_rate == pytest.approx((1 + oracle) ** 4 - 1, rel=1e-8)


@settings(max_examples=examples(60))
@given(st.floats(0, 1), st.sampled_from((1, 2, 3, 6, 12)), st.booleans(), st.booleans())
def test_at_its_own_rate_a_lease_is_worth_what_buying_is(
    dearer: float, apart: int, in_advance: bool, cards: bool
) -> None:
    """Discounted at the effective rate, paying the lease and giving back is buying and selling.

    Somebody who buys has the market value left; without the cost of selling, the fee included.
    """
    terms = {
        "lease_payment_interval_months": apart,
        "lease_in_advance": in_advance,
        "lease_covers": "gpus" if cards else "all_hardware",
        "lease_fee_usd_per_gpu": 10.0,
        "lease_usd_per_gpu_month": (25 + 20 * dearer) * (1 if cards else 2.4),
        "selling_cost_rate": 0.0,
        "horizon_months": 24,
    }
    found = lease_rate_of(**SYSTEM | terms)
    at = {"discount_rate": found.effective_rate}
    leased = tco.breakeven(**SYSTEM | terms | at).own_npv_usd
    bought = tco.breakeven(**SYSTEM | terms | at | {"financing": "cash"}).own_npv_usd
    assert leased == pytest.approx(bought, rel=1e-9)


def test_a_purchase_may_have_an_offer_beside_it() -> None:
    bought = SYSTEM | {"financing": "cash"}
    assert lease_rate_of(**bought) == lease_rate_of(**SYSTEM)
    assert tco.measures(**bought).lease_rate == lease_rate_of(**SYSTEM)
    rows = {row.name: row.value for row in tco.measures(**bought).rows}
    assert rows["lease_nominal_rate"] == lease_rate_of(**SYSTEM).nominal_rate
    assert rows["lease_effective_rate"] == lease_rate_of(**SYSTEM).effective_rate
    none = tco.measures(**bought | {"lease_usd_per_gpu_month": 0})
    assert none.lease_rate is None
    assert "lease_nominal_rate" not in {row.name for row in none.rows}


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"lease_usd_per_gpu_month": 0}, "lease_usd_per_gpu_month", "no lease quote is known"),
        ({"price_usd_per_gpu": 0, "lease_covers": "gpus"}, "price_usd_per_gpu", "needs the price"),
        (
            {"lease_usd_per_gpu_month": 5_000, "lease_in_advance": True},
            *("lease_usd_per_gpu_month", "has no implicit rate"),
        ),
        ({"lease_payment_interval_months": 5}, "lease_months", "does not end with a payment"),
    ],
)
def test_where_no_rate_is_it_is_said(change: dict[str, Any], name: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        lease_rate_of(**SYSTEM | change)
    assert [problem.input for problem in caught.value.problems] == [name]
    assert rate_inside(Scenario(**SYSTEM | change)) is None


def test_a_table_has_no_one_rate() -> None:
    with pytest.raises(InputError, match="one scenario at a time"):
        lease_rate_of(**SYSTEM | {"gpus": [4, 8]})


def test_the_sentence_says_all_terms() -> None:
    found = lease_rate_of(**SYSTEM | QUARTERS | {"lease_fee_usd_per_gpu": 25})
    assert lease_sentence(found) == (
        "This lease costs 43.205 % a year nominal, 50.723 % effective: $1,800 quarterly in advance "
        "for 2 years, plus $100 at the start, on $12,420, with a residual value of $4,506."
    )
    odd = lease_rate_of(
        **SYSTEM | {"lease_payment_interval_months": 4, "gpus": 1, "spares_rate": 0}
    )
    assert "every 4 months in arrears" in lease_sentence(odd)
