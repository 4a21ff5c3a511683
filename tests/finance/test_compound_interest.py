"""Compound interest and effective rates, against published figures and the repeated product."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.finance.discounting import compound_interest, rate_per_period

small = st.sampled_from([sign * 10.0**-k for k in range(6, 19) for sign in (1, -1)])
rates = st.floats(-0.9, 3.0, allow_subnormal=False) | small | st.just(0.0)


def test_effective_rate_of_a_nominal_one() -> None:
    """EFFECT(0.0525, 4) of the Microsoft Excel function reference."""
    assert f"{compound_interest(0.0525 / 4, 4):.7f}" == "0.0535427"


def test_monthly_rate_of_an_annual_one() -> None:
    """10 % a year is 0.797414 % a month; a twelfth of it, 0.833333 %, is 10.4713 % a year."""
    assert math.isclose(rate_per_period(0.10, 12), 0.007974140428903742, rel_tol=1e-12)
    assert math.isclose(compound_interest(0.10 / 12, 12), 0.10471306744129683, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("rate", "periods", "published"),
    [(0.35, 5, "4.484"), (0.35, 10, "20.107"), (0.35, 20, "404.274"), (0.0025, 24, "1.0618")],
)
def test_compound_amount_tables(rate: float, periods: int, published: str) -> None:
    """35 %: Newnan, Engineering Economic Analysis, compound interest tables (F/P); 0.25 %: Blank
    and Tarquin, Engineering Economy, table 1.
    """
    digits = len(published.partition(".")[2])
    assert f"{1 + compound_interest(rate, periods):.{digits}f}" == published


@given(rates, st.integers(0, 240))
def test_it_is_the_repeated_product(rate: float, periods: int) -> None:
    with localcontext() as context:
        context.prec = 400
        grown = Decimal(1)
        for _ in range(periods):
            grown *= 1 + Decimal(rate)
        expected = float(grown - 1)
    assert math.isclose(compound_interest(rate, periods), expected, rel_tol=1e-12)


@given(rates, st.integers(1, 365))
def test_a_year_of_periods_is_a_year(rate: float, periods: int) -> None:
    back = compound_interest(rate_per_period(rate, periods), periods)
    assert math.isclose(back, rate, rel_tol=1e-11, abs_tol=5e-324)


@given(rates, st.integers(1, 240))
def test_decimals_stay_decimals(rate: float, periods: int) -> None:
    for function in (compound_interest, rate_per_period):
        exact = function(Decimal(rate), periods)
        assert isinstance(exact, Decimal)
        assert math.isclose(function(rate, periods), exact, rel_tol=1e-12)


@given(st.lists(rates, min_size=1, max_size=8), st.integers(-60, 60))
def test_arrays_equal_scalars(some: list[float], periods: int) -> None:
    together = compound_interest(np.array(some), periods)
    alone = [compound_interest(rate, periods) for rate in some]
    np.testing.assert_allclose(together, alone, rtol=1e-13)


@pytest.mark.parametrize("rate", [-1, -1.5, math.nan, math.inf, Decimal(-1)])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match=r"rate = .* is outside \(-1, inf\): interest of one"):
        compound_interest(rate, 12)


def test_an_array_names_its_wrong_rows() -> None:
    with pytest.raises(InputError, match=r"^rate = -1.0 is outside") as raised:
        compound_interest(np.array([0.1, -1.0, math.nan]), 12)
    assert raised.value.problems[0].rows == (1, 2)


def test_beyond_the_largest_float() -> None:
    assert compound_interest(1.0, 2_000) == math.inf
    assert compound_interest(np.array([1.0]), 2_000)[0] == math.inf
