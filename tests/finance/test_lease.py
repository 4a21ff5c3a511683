"""The rate implicit in a lease: published offers, other solvers, and payment by payment."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import numpy_financial
import pytest
import pyxirr
from hypothesis import assume, given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.finance.lease import LeaseRate, lease_rate

OFFER: dict[str, Any] = {"payment_usd": 2_900, "months": 36, "value_usd": 100_000}
money = st.floats(1, 1e6, allow_subnormal=False)


def value_paid_off(offer: LeaseRate) -> float:
    """What is left of the value when each payment, with interest at the rate, is taken off it."""
    with localcontext() as context:
        context.prec = 60
        grows = 1 + Decimal(offer.rate_per_payment)
        payment = Decimal(offer.payment_usd)
        left = Decimal(offer.value_usd) - Decimal(offer.fee_usd)
        for _ in range(offer.payments):
            left = (left - payment) * grows if offer.in_advance else left * grows - payment
        return float(left)


@pytest.mark.parametrize(
    ("offer", "nominal", "rounded"),
    [
        # 2,900 in advance for 36 months on 100,000 with 10,000 left.
        (OFFER | {"residual_usd": 10_000, "in_advance": True}, 0.08681, 5e-6),
        # Microsoft, RATE function: 200 a month for four years on 8,000 is 9.24 % a year.
        ({"payment_usd": 200, "months": 48, "value_usd": 8_000}, 0.0924, 5e-5),
        # Mescius Spread, RATE function: RATE(360, -600, 80000) is 0.686 % a month.
        ({"payment_usd": 600, "months": 360, "value_usd": 80_000}, 12 * 0.00686, 12 * 5e-6),
        # Hewlett-Packard, hp 12c user's guide, section 14, Leasing, example 3: 66.86 in advance
        # yields the lessor of equipment worth 750 15 % a year.
        ({"payment_usd": 66.86, "months": 12, "value_usd": 750, "in_advance": True}, 0.15, 5e-4),
        # EZLease, Calculating Initial Liability and ROU: 100 a month in advance for three years at
        # 6 % is 3,303.54, and 3,721.36 with a buyout option of 500.
        ({"payment_usd": 100, "months": 36, "value_usd": 3_303.54, "in_advance": True}, 0.06, 5e-6),
        (
            {"payment_usd": 100, "months": 36, "value_usd": 3_721.36, "in_advance": True}
            | {"residual_usd": 500},
            *(0.06, 5e-6),
        ),
        # Spiceland, Intermediate Accounting, Leases: 23,346 at the start of each of six years on
        # 114,000 and initial direct costs of 2,562 is 8 %.
        (
            {"payment_usd": 23_346, "months": 72, "value_usd": 116_562, "in_advance": True}
            | {"interval_months": 12},
            *(0.08, 5e-5),
        ),
    ],
)
def test_published_offers(offer: dict[str, Any], nominal: float, rounded: float) -> None:
    assert lease_rate(**offer).nominal_rate == pytest.approx(nominal, abs=rounded)


offers = st.fixed_dictionaries(
    {
        "payment_usd": money,
        "value_usd": money,
        "residual_usd": st.just(0.0) | money,
        "fee_usd": st.just(0.0) | st.floats(0, 1e4),
        "in_advance": st.booleans(),
    }
)
times = st.tuples(st.integers(1, 60), st.sampled_from((1, 2, 3, 6, 12)))


@given(offers, times)
def test_the_rate_pays_the_value_off_to_the_residual(
    offer: dict[str, Any], time: tuple[int, int]
) -> None:
    at_start = offer["fee_usd"] + offer["payment_usd"] * offer["in_advance"]
    count, interval = time
    assume(at_start < 0.99 * offer["value_usd"])
    assume(count > 1 or not offer["in_advance"] or offer["residual_usd"] > 0)
    found = lease_rate(**offer, months=count * interval, interval_months=interval)
    size = offer["value_usd"] * max(1, (1 + found.rate_per_payment) ** count)
    assert abs(value_paid_off(found) - offer["residual_usd"]) <= 1e-9 * size
    assert found.payments == count
    assert found.total_paid_usd == pytest.approx(count * offer["payment_usd"] + offer["fee_usd"])
    lent = found.total_paid_usd + offer["residual_usd"] - offer["value_usd"]
    assert found.interest_usd == pytest.approx(lent)
    # Interest is above 0 exactly where more is paid back than was lent.
    if abs(lent) > 1e-9 * offer["value_usd"]:
        assert (found.nominal_rate > 0) is (lent > 0)


@given(st.floats(0.005, 0.08), st.integers(2, 60), st.booleans(), st.floats(0, 0.9))
def test_other_solvers_find_the_same(
    rate: float, count: int, in_advance: bool, left: float
) -> None:
    """Excel's RATE as numpy-financial has it, and the XIRR of the flows by date."""
    due = 1 if in_advance else 0
    payment = -numpy_financial.pmt(rate, count, 1_000, -left * 1_000, due)
    assume(payment > 0)
    found = lease_rate(
        payment, 3 * count, 1_000, residual_usd=left * 1_000, in_advance=in_advance,
        interval_months=3,
    )  # fmt: skip
    oracle = numpy_financial.rate(count, -payment, 1_000, -left * 1_000, due, tol=1e-12)
    assert found.rate_per_payment == pytest.approx(rate, rel=1e-9)
    assert found.nominal_rate == pytest.approx(4 * oracle, rel=1e-8)
    flows = [1_000.0] + [0.0] * count
    for at in range(count):
        flows[at if in_advance else at + 1] -= payment
    flows[-1] -= left * 1_000
    assert found.rate_per_payment == pytest.approx(pyxirr.irr(flows), rel=1e-8)
    assert found.effective_rate == pytest.approx((1 + found.rate_per_payment) ** 4 - 1, rel=1e-12)


def test_quarterly_payments_are_a_loan_of_quarters() -> None:
    monthly = lease_rate(1_000, 12, 11_000)
    quarterly = lease_rate(1_000, 36, 11_000, interval_months=3)
    assert quarterly.rate_per_payment == monthly.rate_per_payment
    assert quarterly.nominal_rate == pytest.approx(monthly.nominal_rate / 3)
    assert quarterly.effective_rate == pytest.approx(
        (1 + monthly.effective_rate) ** (1 / 3) - 1, rel=1e-12
    )


def test_what_costs_nothing_and_what_costs_less_than_nothing() -> None:
    assert lease_rate(100, 12, 1_200).nominal_rate == 0
    assert lease_rate(100, 12, 1_200).effective_rate == 0
    # Half the value is paid back, once, after a month.
    half = lease_rate(50, 1, 100)
    assert half.nominal_rate == -6
    assert half.effective_rate == pytest.approx(0.5**12 - 1)
    # All of it as a balloon: 21 % in two years.
    assert lease_rate(0, 24, 100, residual_usd=121).effective_rate == pytest.approx(0.1)


def test_a_fee_is_worth_as_much_less_value() -> None:
    with_fee = lease_rate(**OFFER, fee_usd=1_500)
    less = lease_rate(**OFFER | {"value_usd": 98_500})
    assert with_fee.nominal_rate == less.nominal_rate
    assert with_fee.total_paid_usd == less.total_paid_usd + 1_500
    assert with_fee.interest_usd == less.interest_usd


def test_any_number_type_is_a_number() -> None:
    found = lease_rate(np.float64(2_900), np.int64(36), 100_000, interval_months=1.0)  # type: ignore[arg-type]
    assert dataclasses.asdict(found) == dataclasses.asdict(lease_rate(**OFFER))
    assert type(found.months) is int


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"payment_usd": -1}, "payment_usd", "amount of each lease payment"),
        ({"payment_usd": math.nan}, "payment_usd", "is not a number in [0, inf)"),
        ({"payment_usd": "2,900"}, "payment_usd", "is not a number in [0, inf)"),
        ({"value_usd": 0}, "value_usd", "is outside (0, inf)"),
        ({"residual_usd": math.inf}, "residual_usd", "value at the end: the buyout price"),
        ({"fee_usd": -5}, "fee_usd", "paid once at the start"),
        ({"months": 0}, "months", "is outside [1, 1200]"),
        ({"months": 10.5}, "months", "length of the lease in whole months"),
        ({"interval_months": 13}, "interval_months", "is outside [1, 12]"),
        ({"months": 35, "interval_months": 3}, "months", "no multiple of interval_months = 3"),
        ({"in_advance": "yes"}, "in_advance", "give true or false"),
        # Nothing is lent, or nothing is paid back.
        ({"fee_usd": 100_000}, "value_usd", "is paid at the start already"),
        ({"payment_usd": 1e5, "in_advance": True}, "value_usd", "nothing is lent"),
        ({"payment_usd": 0}, "payment_usd", "leaves nothing to pay after the start"),
        ({"months": 1, "in_advance": True}, "payment_usd", "there is no rate"),
    ],
)
def test_what_is_no_offer_is_said(change: dict[str, Any], name: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        lease_rate(**OFFER | change)
    assert [problem.input for problem in caught.value.problems] == [name]
    assert words in str(caught.value)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        lease_rate(-1, 0, 0, residual_usd=-1, fee_usd=-1, interval_months=0)
    assert [problem.input for problem in caught.value.problems] == [
        *("payment_usd", "value_usd", "residual_usd", "fee_usd", "interval_months", "months")
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"payment_usd": "2900"}, "payment_usd = '2900' is not a number in"),
        ({"payment_usd": 1e300}, "out of all proportion to value_usd = 100000"),
        ({"payment_usd": 1e308, "value_usd": 1e308}, "out of all proportion"),
    ],
)
def test_no_offer_has_a_rate_that_is_no_number(more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        lease_rate(**{"payment_usd": 2_900, "months": 36, "value_usd": 100_000, **more})
