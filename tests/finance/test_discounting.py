"""Discounting, against published figures, and the relations of present values."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.finance.discounting import discount_factor
from tco.finance.returns import npv

rates = st.floats(-0.5, 1.0, allow_subnormal=False) | st.just(0.0)
amounts = st.integers(-1_000, 1_000).map(float) | st.floats(-1e6, 1e6, allow_subnormal=False)
flows = st.lists(amounts, max_size=40)
costs = st.lists(st.floats(0, 1e6, allow_subnormal=False), max_size=40)


def gross(rate: float, some: list[float]) -> float:
    return npv(rate, [abs(flow) for flow in some])


def test_npv_of_a_spreadsheet_starts_a_period_later() -> None:
    """NPV(10%, -10000, 3000, 4200, 6800) = 1188.44, Microsoft Excel function reference."""
    project = (-10_000, 3_000, 4_200, 6_800)
    assert f"{npv(0.10, (0, *project)):.2f}" == "1188.44"
    assert f"{npv(0.10, project):.2f}" == "1307.29"


def test_npv_with_an_outlay_today() -> None:
    """Microsoft Excel function reference, NPV, example 2, with and without a loss in year 6."""
    project = (-40_000, 8_000, 9_200, 10_000, 12_000, 14_500)
    assert f"{npv(0.08, project):.2f}" == "1922.06"
    assert f"{npv(0.08, (*project, -9_000)):.2f}" == "-3749.47"


def test_npv_of_dated_flows() -> None:
    """XNPV at 9 %, Microsoft Excel function reference: days of a year of 365, leap year or not."""
    dated = [
        (date(2008, 1, 1), -10_000),
        (date(2008, 3, 1), 2_750),
        (date(2008, 10, 30), 4_250),
        (date(2009, 2, 15), 3_250),
        (date(2009, 4, 1), 2_750),
    ]
    months = [((day - dated[0][0]).days / 365 * 12, flow) for day, flow in dated]
    value = sum(flow * discount_factor(0.09, t) for t, flow in months)
    assert f"{value:.2f}" == "2086.65"
    at_its_return = sum(flow * discount_factor(0.373362535, t) for t, flow in months)
    assert abs(at_its_return) < 1e-3


def test_sixty_payments_in_the_middle_of_months() -> None:
    """14,600 a month at 10 %: 696,823.88, between 694,062.10 at the ends and 699,596.65."""
    middle = sum(14_600 * discount_factor(0.10, month - 0.5) for month in range(1, 61))
    assert math.isclose(middle, 696_823.8835267639, rel_tol=1e-12)


def test_at_rate_0_it_is_the_plain_sum() -> None:
    assert npv(0.0, [100.0] * 60) == 6_000
    assert npv(0.0, ()) == 0


@given(rates, flows, flows, st.floats(-100, 100, allow_subnormal=False))
def test_linear(rate: float, some: list[float], others: list[float], scale: float) -> None:
    size = max(len(some), len(others))
    some, others = (row + [0.0] * (size - len(row)) for row in (some, others))
    mixed = [a + scale * b for a, b in zip(some, others, strict=True)]
    apart = npv(rate, some) + scale * npv(rate, others)
    bound = gross(rate, some) + abs(scale) * gross(rate, others)
    assert abs(npv(rate, mixed) - apart) <= 1e-12 * bound


@given(rates, flows, st.integers(0, 60))
def test_a_shift_discounts(rate: float, some: list[float], periods: int) -> None:
    later = npv(rate, [0.0] * periods + some)
    factor = discount_factor(rate, 12 * periods)
    assert abs(later - factor * npv(rate, some)) <= 1e-12 * factor * gross(rate, some)


@given(rates, rates, costs)
def test_a_higher_rate_is_worth_less(one: float, other: float, some: list[float]) -> None:
    low, high = sorted((one, other))
    assert npv(low, some) >= npv(high, some) * (1 - 1e-12)


@given(rates, flows, flows)
def test_the_beginning_and_the_discounted_rest(
    rate: float, first: list[float], rest: list[float]
) -> None:
    whole = npv(rate, first + rest)
    parts = npv(rate, first) + npv(rate, rest) * discount_factor(rate, 12 * len(first))
    assert abs(whole - parts) <= 1e-12 * gross(rate, first + rest)


@given(flows, st.sampled_from([1e-6, 1e-9, 1e-12]))
def test_near_no_discounting(some: list[float], rate: float) -> None:
    moved = rate * sum(period * abs(flow) for period, flow in enumerate(some))
    rounding = 1e-12 * gross(0.0, some)
    assert abs(npv(rate, some) - sum(some)) <= moved + rounding


@given(flows, st.floats(0, 0.5), st.floats(0, 0.3))
def test_nominal_and_real(some: list[float], nominal: float, inflation: float) -> None:
    """Flows that grow with prices, at the nominal rate, are worth the same flows at the real one.

    Fisher: nominal 10 % with 3 % inflation is 6.796117 % real, not 7 %.
    """
    grown = [flow * (1 + inflation) ** period for period, flow in enumerate(some)]
    real = (1 + nominal) / (1 + inflation) - 1
    assert abs(npv(nominal, grown) - npv(real, some)) <= 1e-11 * gross(real, some)


@given(rates, flows)
def test_decimals_agree_with_floats(rate: float, some: list[float]) -> None:
    exact = npv(Decimal(rate), [Decimal(flow) for flow in some])
    assert isinstance(exact, Decimal)
    assert abs(npv(rate, some) - float(exact)) <= 1e-12 * gross(rate, some)


@pytest.mark.parametrize("rate", [-1.0, -2, math.nan])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match=r"^rate = .* is outside \(-1, inf\)"):
        npv(rate, (1, 2))
