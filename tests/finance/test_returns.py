"""Internal and modified rates of return: published cases, exact counts, and what roots obey."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.finance.returns import irr, mirr, npv, positive_roots

amounts = st.integers(-9, 9).map(float) | st.floats(-1e6, 1e6, allow_subnormal=False)
above_0 = st.floats(1e-3, 1e6)
some_flows = st.lists(amounts, min_size=1, max_size=24).filter(any)
whole_flows = st.lists(st.integers(-9, 9), min_size=1, max_size=9).filter(any)


def changes_of_sign(flows: list[float]) -> int:
    present = [flow for flow in flows if flow]
    return sum((a < 0) != (b < 0) for a, b in pairwise(present))


def gross(rate: float, flows: list[float]) -> float:
    return npv(rate, [abs(flow) for flow in flows])


def sturm_count(coefficients: list[int]) -> int:
    """How many different positive roots a polynomial has, exactly: Sturm's theorem.

    The coefficients ascend, and the first is not 0.
    """

    def remainder(a: list[Fraction], b: list[Fraction]) -> list[Fraction]:
        a = a[:]
        while len(a) >= len(b):
            factor = a[-1] / b[-1]
            for k in range(1, len(b) + 1):
                a[-k] -= factor * b[-k]
            a.pop()
        while a and a[-1] == 0:
            a.pop()
        return a

    chain = [[Fraction(c) for c in coefficients]]
    while chain[0][-1] == 0:
        chain[0].pop()
    chain.append([j * c for j, c in enumerate(chain[0])][1:])
    while chain[-1]:
        chain.append([-c for c in remainder(chain[-2], chain[-1])])
    chain.pop()
    at_0 = [float(row[0]) for row in chain]
    at_infinity = [float(row[-1]) for row in chain]
    return changes_of_sign(at_0) - changes_of_sign(at_infinity)


@pytest.mark.parametrize(
    ("flows", "published", "off_by"),
    [
        # Microsoft Excel function reference, IRR, after five years and after four.
        ((-70_000, 12_000, 15_000, 18_000, 21_000, 26_000), 0.0866309480365316, 1e-14),
        ((-70_000, 12_000, 15_000, 18_000, 21_000), -0.021244848273410943, 1e-14),
        # https://github.com/Anexen/pyxirr/issues/20: one solver finds none.
        ((*[87.17] * 12, -86.43), -0.5020732642263963, 1e-14),
        ((*[-87.17] * 12, 86.43), -0.5020732642263963, 1e-14),
        # https://github.com/Anexen/pyxirr/issues/24: monthly, for 40 years.
        ((-172_545.848122807, *[787.735232517999] * 480), 0.0461 / 12, 1e-5),
    ],
)
def test_one_rate(flows: tuple[float, ...], published: float, off_by: float) -> None:
    (rate,) = irr(flows)
    assert abs(rate - published) <= off_by


@pytest.mark.parametrize(
    ("flows", "published"),
    [
        # The textbook case of two rates: 10 % and 20 %, with a gain only between them.
        ((-100, 230, -132), (0.1, 0.2)),
        # https://github.com/numpy/numpy-financial/issues/44: two versions print one rate each.
        (
            (-1678.87, 771.96, 1814.05, 3520.30, 3552.95, 3584.99, 4789.91, -1),
            (-0.9997912604283283, 1.004269848720547),
        ),
        # https://github.com/numpy/numpy-financial/issues/46: that release prints the second.
        (
            (2113.73, -161_445.03, 7626.73, 8619.84, 8612.92),
            (-0.557330958242, 75.33123197333728),
        ),
        # https://github.com/numpy/numpy/issues/14977: NumPy printed -76 %, a spreadsheet 185 %.
        ((-50, -100, 600, 300, -100), (-0.768895470680, 1.854417828456)),
    ],
)
def test_several_rates(flows: tuple[float, ...], published: tuple[float, ...]) -> None:
    assert irr(flows) == pytest.approx(published, rel=1e-9)


def test_between_two_rates_and_beside_them() -> None:
    flows = (-100, 230, -132)
    assert round(npv(0.15, flows), 9) == 0.189035917
    assert npv(0.05, flows) < 0
    assert npv(0.25, flows) < 0


def test_three_rates() -> None:
    """(1.1 - x)(1.2 - x)(1.3 - x), multiplied out by hand."""
    assert irr((-1_000, 3_600, -4_310, 1_716)) == pytest.approx((0.1, 0.2, 0.3), rel=1e-9)


@pytest.mark.parametrize("flows", [(100, 100), (-5,), (-1, -2, 0), (1, -2, 2), (0, 0, 7)])
def test_no_rate(flows: tuple[float, ...]) -> None:
    assert irr(flows) == ()


@pytest.mark.parametrize(
    ("flows", "rate"), [((-100, 220, -121), 0.1), ((1, -2, 1), 0.0), ((-1, 3, -3, 1), 0.0)]
)
def test_a_repeated_rate_is_listed_once(flows: tuple[float, ...], rate: float) -> None:
    assert irr(flows) == pytest.approx((rate,), abs=1e-6)


@given(st.integers(-90, 300))
def test_a_repeated_rate_that_floats_only_nearly_hold(per_cent: int) -> None:
    """The flows of ((1 + r) x - 1) ** 2, rounded: the value only touches 0, or almost."""
    growth = 1 + per_cent / 100
    assert irr((-1, 2 * growth, -(growth**2))) == pytest.approx((growth - 1,), abs=1e-6)


def test_large_roots_of_a_long_row() -> None:
    """(x - 100)(x - 200)(x ** 398 + 1): a power of the roots is beyond the largest float."""
    factor = [20_000.0, -300.0, 1.0]
    terms = factor + [0.0] * 395 + factor
    assert positive_roots(terms) == pytest.approx((100, 200), rel=1e-9)


def test_rates_that_no_float_can_hold() -> None:
    assert irr((-1e-300, 1e300)) == ()
    assert irr((-1e300, 1e-300)) == ()
    assert irr((-1e-300, 2e-300)) == (1.0,)


@given(some_flows)
def test_rates_are_roots(flows: list[float]) -> None:
    """The value is 0 but for rounding, or changes its sign within rounding of the rate."""
    for rate in irr(flows):
        assert rate > -1
        if rate < -0.999:  # a float has too few digits left to say more
            continue
        near = abs(npv(rate, flows)) <= 1e-9 * gross(rate, flows)
        step = 1e-9 * (1 + rate)
        assert near or npv(rate - step, flows) * npv(rate + step, flows) <= 0


@given(some_flows)
def test_descartes(flows: list[float]) -> None:
    """No more rates than changes of sign; one change, one rate."""
    changes = changes_of_sign(flows)
    rates = irr(flows)
    assert len(rates) <= changes
    assert list(rates) == sorted(set(rates))
    if changes == 1 and min(abs(flow) for flow in flows if flow) > 1e-3:
        assert len(rates) == 1


@given(whole_flows)
def test_none_is_missed(flows: list[int]) -> None:
    while flows[0] == 0:
        flows = flows[1:]
    assert len(irr(flows)) == sturm_count(flows)


@given(st.lists(st.integers(-8, 30), min_size=1, max_size=4, unique=True))
def test_rates_that_flows_were_made_from(tenths: list[int]) -> None:
    """Flows multiplied out of factors (1 + r) x - 1, so that the rates are known."""
    flows = [Fraction(1)]
    for tenth in tenths:
        times = 1 + Fraction(tenth, 10)
        pairs = zip([Fraction(0), *flows], [*flows, Fraction(0)], strict=True)
        flows = [times * shifted - kept for shifted, kept in pairs]
    expected = sorted(tenth / 10 for tenth in tenths)
    assert irr(flows) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@given(
    st.lists(above_0, min_size=1, max_size=12),
    st.lists(above_0, min_size=1, max_size=12),
    st.floats(0.01, 100),
    st.integers(0, 5),
)
def test_scale_sign_and_delay_change_no_rate(
    outlays: list[float], proceeds: list[float], scale: float, delay: int
) -> None:
    flows = [-outlay for outlay in outlays] + proceeds
    (rate,) = irr(flows)
    assert irr([-flow for flow in flows]) == (rate,)
    assert irr([0.0] * delay + flows) == (rate,)
    assert irr([flow * scale for flow in flows]) == pytest.approx((rate,), rel=1e-9, abs=1e-12)


def test_many_changes_of_sign() -> None:
    flows = [1.0, -1.0] * 200
    assert irr(flows) == (0.0,)


def test_numbers_of_other_types() -> None:
    assert irr([Decimal(-100), Fraction(110)]) == pytest.approx((0.1,))
    assert irr(np.array([-100, 110])) == pytest.approx((0.1,))


@pytest.mark.parametrize("flows", [(), (0,), (0.0, 0.0)])
def test_nothing_has_no_rate(flows: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="flows = 0 in all"):
        irr(flows)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_flows_are_finite(wrong: float) -> None:
    for call in (irr, lambda flows: mirr(flows, 0.1, 0.1)):
        with pytest.raises(InputError, match=r"flows\[1\] = .* is outside \(-inf, inf\)"):
            call((-1, wrong, 2))


def test_modified_rate_published() -> None:
    """MIRR of the Microsoft Excel function reference: 12.61 %."""
    flows = (-120_000, 39_000, 30_000, 21_000, 37_000, 46_000)
    assert math.isclose(mirr(flows, 0.10, 0.12), 0.1260941303659051, rel_tol=1e-12)


@given(
    st.lists(amounts, min_size=2, max_size=24),
    st.floats(-0.5, 1.0, allow_subnormal=False),
    st.floats(-0.5, 1.0, allow_subnormal=False),
)
def test_modified_rate_grows_outlays_into_proceeds(
    flows: list[float], finance: float, reinvest: float
) -> None:
    """Account by account: what is paid in, borrowed forward; what comes out, saved to the end."""
    assume(min(flows) < -1e-3 and max(flows) > 1e-3)
    rate = mirr(flows, finance, reinvest)
    assume(rate > -0.999)  # a float nearer to -1 has too few digits left
    saved = 0.0
    for flow in flows:
        saved = saved * (1 + reinvest) + max(flow, 0.0)
    owed = -sum(min(flow, 0.0) / (1 + finance) ** t for t, flow in enumerate(flows))
    assert math.isclose(owed * (1 + rate) ** (len(flows) - 1), saved, rel_tol=1e-9)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=24), st.floats(1, 1e6))
def test_modified_rate_at_the_internal_rate_is_that_rate(
    proceeds: list[float], outlay: float
) -> None:
    flows = [-outlay, *proceeds]
    (rate,) = irr(flows)
    assume(rate > -0.99)
    assert math.isclose(mirr(flows, rate, rate), rate, rel_tol=1e-8, abs_tol=1e-9)


@given(
    st.lists(st.integers(-1_000, 1_000), min_size=2, max_size=24),
    st.floats(-0.5, 1.0, allow_subnormal=False),
)
def test_modified_rate_in_decimals_and_arrays(flows: list[int], rate: float) -> None:
    assume(min(flows) < 0 < max(flows))
    one = mirr(flows, rate, 0.1)
    exact = mirr([Decimal(flow) for flow in flows], Decimal(rate), Decimal("0.1"))
    assert isinstance(exact, Decimal)
    assert math.isclose(one, exact, rel_tol=1e-12, abs_tol=1e-14)
    arrays = mirr(flows, np.array([rate, 0.0]), 0.1)
    assert math.isclose(arrays[0], one, rel_tol=1e-12, abs_tol=1e-14)


@pytest.mark.parametrize("flows", [(), (-1, -2), (1, 2), (0, 0)])
def test_a_modified_rate_needs_both_signs(flows: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="one must be negative, an outlay, and one positive"):
        mirr(flows, 0.1, 0.1)


def test_rates_of_a_modified_rate_are_named() -> None:
    with pytest.raises(InputError, match=r"^finance_rate = -1 is outside"):
        mirr((-1, 2), -1, 0.1)
    with pytest.raises(InputError, match=r"^reinvest_rate = nan is outside"):
        mirr((-1, 2), 0.1, math.nan)


@given(st.lists(above_0, min_size=1, max_size=12), st.lists(above_0, min_size=1, max_size=12))
def test_time_reversed(outlays: list[float], proceeds: list[float]) -> None:
    """1 / x is a root of the same coefficients in reverse."""
    terms = [-outlay for outlay in outlays] + proceeds
    (x,) = positive_roots(terms)
    assert positive_roots(terms[::-1]) == pytest.approx((1 / x,), rel=1e-12)
