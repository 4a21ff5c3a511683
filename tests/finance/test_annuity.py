"""Annuities and equivalent costs, against published tables and payment by payment."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.finance.annuity import (
    capital_recovery_factor,
    equivalent_cost_per_period,
    net_advantage_to_leasing,
    present_value_of_annuity,
)
from tco.finance.discounting import discount_factor, rate_per_period

near_zero = st.sampled_from([sign * 10.0**-k for k in range(6, 17) for sign in (1, -1)])
rates = st.floats(-0.5, 2.0, allow_subnormal=False) | near_zero | st.just(0.0)
money = st.floats(-1e7, 1e7, allow_subnormal=False)
counts = st.integers(1, 240)


def paid_one_by_one(rate: float, periods: int) -> float:
    """The present value of 1 a period, by adding up discounted payments in 80 digits."""
    with localcontext() as context:
        context.prec = 80
        worth, total = Decimal(1), Decimal(0)
        for _ in range(periods):
            worth /= 1 + Decimal(rate)
            total += worth
        return float(total)


@pytest.mark.parametrize(
    ("rate", "periods", "capital_recovery", "present_worth"),
    [
        # Newnan, Engineering Economic Analysis, compound interest tables, 35 %, A/P and P/A.
        (0.35, 2, "0.7755", "1.289"),
        (0.35, 5, "0.4505", "2.220"),
        (0.35, 10, "0.3683", "2.715"),
        (0.35, 20, "0.3509", "2.850"),
        # Blank and Tarquin, Engineering Economy, table 1, 0.25 %, A/P and P/A.
        (0.0025, 1, "1.00250", "0.9975"),
        (0.0025, 12, "0.08469", "11.8073"),
        (0.0025, 24, "0.04298", "23.2660"),
    ],
)
def test_compound_interest_tables(
    rate: float, periods: int, capital_recovery: str, present_worth: str
) -> None:
    digits = len(capital_recovery.partition(".")[2])
    assert f"{capital_recovery_factor(rate, periods):.{digits}f}" == capital_recovery
    digits = len(present_worth.partition(".")[2])
    assert f"{present_value_of_annuity(1, rate, periods):.{digits}f}" == present_worth


def test_loan_payments() -> None:
    """PMT(8%/12, 10, 10000) of the Microsoft Excel function reference, at the end and start."""
    end = equivalent_cost_per_period(10_000, 0.08 / 12, 10)
    assert f"{end:.2f}" == "1037.03"
    assert f"{end / (1 + 0.08 / 12):.2f}" == "1030.16"


@pytest.mark.parametrize(
    ("capex", "running", "years", "rate", "published", "off_by"),
    [
        # Wikipedia, Equivalent annual cost: machines A and B at 5 %.
        (50_000, 13_000, 3, 0.05, 31_360.43, 0.005),
        (150_000, 7_500, 8, 0.05, 30_708.27, 0.005),
        # Brealey, Myers, Allen, Principles of Corporate Finance, machines A and B at 6 %.
        (15, 5, 3, 0.06, 10.61, 0.005),
        (10, 6, 2, 0.06, 11.45, 0.005),
        # Ross, Westerfield, Jaffe, Corporate Finance, at 10 %; A by a factor of four digits.
        (500, 120, 3, 0.10, 321.05, 0.01),
        (600, 100, 4, 0.10, 289.28, 0.005),
        # Worked answer at https://dev.123jaloezie.nl/respuestas/13864688, at 11 %; B from rounded
        # present values.
        (85, 130, 2, 0.11, 179.63, 0.005),
        (155, 105, 3, 0.11, 168.42, 0.01),
    ],
)
def test_equivalent_annual_cost_of_textbooks(
    capex: float, running: float, years: int, rate: float, published: float, off_by: float
) -> None:
    cost = equivalent_cost_per_period(capex, rate, years) + running
    assert abs(cost - published) <= off_by
    present_value = capex + present_value_of_annuity(running, rate, years)
    spread = equivalent_cost_per_period(present_value, rate, years)
    assert math.isclose(spread, cost, rel_tol=1e-12)


def test_timing_of_sixty_monthly_payments() -> None:
    """14,600 a month at 10 % effective: LibreOffice PV() at the end and the start of months."""
    monthly = rate_per_period(0.10, 12)
    end = present_value_of_annuity(14_600, monthly, 60)
    assert math.isclose(end, 694_062.103957354, rel_tol=1e-12)
    assert math.isclose(end * (1 + monthly), 699_596.652640691, rel_tol=1e-12)
    assert math.isclose(equivalent_cost_per_period(end, monthly, 60), 14_600, rel_tol=1e-12)


def test_a_negative_rate() -> None:
    """100 a month for 60 months at -2 % a year: LibreOffice PV()."""
    present_value = present_value_of_annuity(100, rate_per_period(-0.02, 12), 60)
    assert math.isclose(present_value, 6_318.82338998811, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("rate", "factor"),
    [
        (1e-06, 59.998170037819406),
        (1e-09, 59.999998170000026),
        (1e-12, 59.999999998170004),
        (1e-15, 59.99999999999816),
        (5e-324, 60.0),
        (0.0, 60.0),
        (-0.0, 60.0),
    ],
)
def test_near_a_rate_of_0(rate: float, factor: float) -> None:
    """Factors computed in 50 digits; (1 - (1 + r) ** -n) / r in floats is 66.6 at 1e-15."""
    assert math.isclose(present_value_of_annuity(1, rate, 60), factor, rel_tol=1e-15)
    assert math.isclose(capital_recovery_factor(rate, 60), 1 / factor, rel_tol=1e-15)


def test_plain_shares_without_interest() -> None:
    assert present_value_of_annuity(100, 0, 60) == 6_000
    assert present_value_of_annuity(100, 0.1, 0) == 0
    assert capital_recovery_factor(0, 5) == 0.2
    assert equivalent_cost_per_period(1_200.0, 0.0, 12) == 100
    assert equivalent_cost_per_period(np.array([100.0, 200.0]), 0.0, np.array([1, 4])).tolist() == [
        100,
        50,
    ]


@given(rates, counts)
def test_closed_form_is_the_sum_of_payments(rate: float, periods: int) -> None:
    expected = paid_one_by_one(rate, periods)
    assert math.isclose(present_value_of_annuity(1.0, rate, periods), expected, rel_tol=1e-12)
    assert math.isclose(capital_recovery_factor(rate, periods) * expected, 1, rel_tol=1e-12)


@given(money, rates, st.integers(1, 40))
def test_equivalent_annual_cost_goes_round(present_value: float, rate: float, years: int) -> None:
    """The level cost, discounted year by year, is worth what it was made from."""
    cost = equivalent_cost_per_period(present_value, rate, years)
    back = sum(cost * discount_factor(rate, 12 * year) for year in range(1, years + 1))
    assert math.isclose(back, present_value, rel_tol=1e-11)


@given(money, rates, counts)
def test_equivalent_monthly_cost_goes_round(present_value: float, rate: float, months: int) -> None:
    cost = equivalent_cost_per_period(present_value, rate_per_period(rate, 12), months)
    back = sum(cost * discount_factor(rate, month) for month in range(1, months + 1))
    assert math.isclose(back, present_value, rel_tol=1e-11)


@given(money, money, st.floats(-100, 100, allow_subnormal=False), rates, counts)
def test_linear_in_money(
    first: float, second: float, scale: float, rate: float, periods: int
) -> None:
    for value in (present_value_of_annuity, equivalent_cost_per_period):
        together = value(first + scale * second, rate, periods)
        apart = value(first, rate, periods) + scale * value(second, rate, periods)
        gross = value(abs(first) + abs(scale * second), rate, periods)
        assert abs(together - apart) <= 1e-12 * gross


@given(rates, counts, counts)
def test_an_annuity_is_its_beginning_and_its_discounted_rest(
    rate: float, first: int, rest: int
) -> None:
    whole = present_value_of_annuity(1, rate, first + rest)
    discounted = present_value_of_annuity(1, rate, rest) * (1 + rate) ** -first
    beginning = present_value_of_annuity(1, rate, first)
    assert math.isclose(whole, beginning + discounted, rel_tol=1e-11)


@given(rates, rates, counts)
def test_a_higher_rate_is_worth_less(one: float, other: float, periods: int) -> None:
    low, high = sorted((one, other))
    worth = present_value_of_annuity(1, low, periods)
    assert worth >= present_value_of_annuity(1, high, periods) * (1 - 1e-12)


@given(st.sampled_from([1e-6, 1e-9, 1e-12]), counts)
def test_a_rate_near_0_costs_no_more_than_its_interest(rate: float, periods: int) -> None:
    """|PV(e) - sum of flows| <= e * sum of times * flows, but for rounding."""
    lost = periods - present_value_of_annuity(1, rate, periods)
    assert abs(lost) <= rate * sum(range(1, periods + 1)) + 1e-15 * periods


@given(rates, counts, money)
def test_decimals_agree_with_floats(rate: float, periods: int, amount: float) -> None:
    exact = Decimal(amount)
    pairs = [
        (present_value_of_annuity, (amount, rate, periods), (exact, Decimal(rate), periods)),
        (capital_recovery_factor, (rate, periods), (Decimal(rate), Decimal(periods))),
        (equivalent_cost_per_period, (amount, rate, periods), (exact, Decimal(rate), periods)),
    ]
    for function, floats, decimals in pairs:
        result = function(*decimals)
        assert isinstance(result, Decimal), function
        assert math.isclose(function(*floats), result, rel_tol=1e-12), function


@given(st.lists(st.tuples(rates, counts), min_size=1, max_size=8))
def test_arrays_equal_scalars(cases: list[tuple[float, int]]) -> None:
    some, periods = (np.array(column) for column in zip(*cases, strict=True))
    for function in (capital_recovery_factor, lambda r, n: present_value_of_annuity(7, r, n)):
        alone = [function(rate, count) for rate, count in cases]
        np.testing.assert_allclose(function(some, periods), alone, rtol=1e-13)


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match=r"^rate = .* is outside \(-1, inf\)"):
        present_value_of_annuity(100, rate, 12)
    with pytest.raises(InputError, match=r"^rate = .* is outside \(-1, inf\)"):
        equivalent_cost_per_period(100, rate, 12)


@pytest.mark.parametrize("periods", [-1, math.nan, math.inf])
def test_what_is_no_number_of_periods_is_refused(periods: float) -> None:
    with pytest.raises(InputError, match=r"^periods = .* is outside"):
        present_value_of_annuity(100, 0.1, periods)


def test_a_cost_is_not_spread_over_nothing() -> None:
    with pytest.raises(InputError, match=r"periods = 0 is outside \(0, inf\)"):
        capital_recovery_factor(0.1, np.array([0, 1]))


def test_a_value_no_float_can_hold_is_refused() -> None:
    with pytest.raises(InputError, match="beyond the largest float"):
        present_value_of_annuity(1, -0.99, 240)


def test_leasing_is_weighed_at_two_rates() -> None:
    """1,000 saved at once, 600 paid after a year, 200 given up after two: 5 % and 10 %."""
    saved, residual = [(0, 1_000), (12, -600)], [(24, -200)]
    found = net_advantage_to_leasing(saved, residual, 0.05, 0.10)
    assert found == pytest.approx(1_000 - 600 / 1.05 - 200 / 1.21)
    assert net_advantage_to_leasing([], residual, 0.05, 0.10) == pytest.approx(-200 / 1.21)
    assert net_advantage_to_leasing(saved, [], 0.05, 0.10) == pytest.approx(1_000 - 600 / 1.05)


@pytest.mark.parametrize("name", ["after_tax_debt_rate", "residual_rate"])
def test_the_rates_of_a_lease_are_above_minus_one(name: str) -> None:
    rates = {"after_tax_debt_rate": 0.05, "residual_rate": 0.05, name: -1.0}
    with pytest.raises(InputError, match=name):
        net_advantage_to_leasing([(0, 1)], [(12, -1)], **rates)
