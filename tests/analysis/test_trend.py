"""The arithmetic of one series, against cases worked by hand."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

import pytest

from tco.analysis.history import trend
from tco.errors import InputError, TcoError

FOUR_YEARS = 1461  # days: exactly four years of 365.25


def every_four_years(count: int) -> list[date]:
    return [date(1800, 1, 1) + timedelta(days=FOUR_YEARS * step) for step in range(count)]


@pytest.mark.parametrize(("factor", "change"), [(2.0, 1.0), (0.9, -0.1)])
def test_an_exact_exponential_gives_its_own_rate_and_no_doubt(factor: float, change: float) -> None:
    found = trend(every_four_years(6), [100 * factor ** (4 * step) for step in range(6)])
    assert (found.method, found.observations, found.years) == ("log_linear", 6, 20)
    assert found.change_per_year == pytest.approx(change, abs=1e-12)
    assert found.low_per_year == pytest.approx(change, abs=1e-12)
    assert found.high_per_year == pytest.approx(change, abs=1e-12)
    assert found.endpoint_change_per_year == pytest.approx(change, abs=1e-12)
    assert found.r_squared == pytest.approx(1)
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_a_regression_worked_by_hand() -> None:
    # x = 0 … 5 (times four years), y = 0, 2, 1, 3, 2, 4: means 2.5 and 2, Sxx 17.5, Sxy 11,
    # slope 22/35 a step, residual squares 108/35, r² 0.6914; neighbours are unlike (r = -5/6), so
    # all six points count: error sqrt(108/35 / 4 / 17.5) = 0.209956, t(0.9, 4) = 1.533206.
    found = trend(every_four_years(6), [math.exp(y) for y in (0, 2, 1, 3, 2, 4)])
    assert found.change_per_year == pytest.approx(math.exp(22 / 35 / 4) - 1)
    assert found.r_squared == pytest.approx(121 / 17.5 / 10)
    assert found.standard_error == pytest.approx(0.209956 / 4, rel=1e-5)
    reach = 1.533206 * 0.209956 / 4
    assert found.low_per_year == pytest.approx(math.exp(22 / 35 / 4 - reach) - 1, rel=1e-5)
    assert found.high_per_year == pytest.approx(math.exp(22 / 35 / 4 + reach) - 1, rel=1e-5)
    assert found.endpoint_change_per_year == pytest.approx(math.exp(4 / 20) - 1)


def test_residuals_that_are_alike_count_for_fewer_points() -> None:
    # Sixteen points on a line of slope 0.1 a step, off it by ±0.01 in an even pattern, which leaves
    # the slope. Of the 15 products of neighbours 9 are +1 and 6 are -1: r = 3/16,
    # m = 16 · (13/16) / (19/16) = 208/19. Error: sqrt(16 · 0.01² / (m - 2) / 340) with Sxx = 340.
    half = [1, 1, -1, -1, 1, 1, -1, -1]
    y = [0.1 * step + 0.01 * off for step, off in enumerate([*half, *half[::-1]])]
    found = trend(every_four_years(16), [math.exp(height) for height in y])
    error = math.sqrt(16 * 0.01**2 / (208 / 19 - 2) / 340) / 4
    assert found.standard_error == pytest.approx(error)
    assert found.change_per_year == pytest.approx(math.exp(0.025) - 1)
    # Student's t at 0.9 is 1.397 for 8 degrees of freedom and 1.383 for 9; here they are 8.95.
    reach = math.log((1 + (found.high_per_year or 0)) / (1 + (found.change_per_year or 0)))
    assert 1.383 < reach / error < 1.386


def test_at_least_four_points_count_however_alike_the_residuals_are() -> None:
    # Twelve points off a line by +, -, + in blocks of 3, 6 and 3: r = 7/12, m = 60/19 < 4.
    off = [1, 1, 1, -1, -1, -1, -1, -1, -1, 1, 1, 1]
    y = [0.1 * step + 0.01 * sign for step, sign in enumerate(off)]
    found = trend(every_four_years(12), [math.exp(height) for height in y])
    assert found.standard_error == pytest.approx(math.sqrt(12 * 0.01**2 / 2 / 143) / 4)


def test_a_step_is_what_lies_between_its_ends() -> None:
    days = [date(2020, 1, 1) + timedelta(days=at) for at in (0, 200, 400, 900, 1200, FOUR_YEARS)]
    found = trend(days, [16, 16, 16, 1, 1, 1])
    assert (found.method, found.why) == ("endpoint", "2 price levels: no slope to fit")
    assert found.change_per_year == found.endpoint_change_per_year == pytest.approx(-0.5)
    nothing = (found.low_per_year, found.high_per_year, found.standard_error, found.r_squared)
    assert nothing == (None, None, None, None)


@pytest.mark.parametrize(
    ("prices", "method"),
    [([1, 2, 3, 3, 2, 1], "endpoint"), ([1, 2, 3, 4, 3, 2], "log_linear")],
)
def test_three_levels_are_a_step_and_four_are_not(prices: list[float], method: str) -> None:
    assert trend(every_four_years(6), prices).method == method


def test_prices_within_a_tenth_of_a_per_cent_are_one_level() -> None:
    rounded = trend(every_four_years(6), [0.70683, 0.706832, 0.70683, 0.7068, 0.707, 0.706832])
    assert rounded.why == "1 price level: no slope to fit"
    assert rounded.change_per_year == 0
    apart = trend(every_four_years(6), [1, 1.0011, 1.0022, 1.0033, 1.0044, 1.0055])
    assert apart.method == "log_linear"


def test_no_trend_under_six_points_or_under_one_year() -> None:
    five = trend(every_four_years(5), [1, 2, 3, 4, 5])
    assert (five.method, five.why, five.change_per_year) == ("none", "under six points", None)
    assert five.endpoint_change_per_year == pytest.approx(5 ** (1 / 16) - 1)
    months = [date(2025, month, 1) for month in range(1, 13)]
    short = trend(months, list(range(1, 13)))
    assert (short.method, short.why) == ("none", "under one year")
    assert (short.change_per_year, short.endpoint_change_per_year) == (None, None)


@pytest.mark.parametrize(("days", "method"), [(364, "none"), (365, "log_linear")])
def test_a_year_is_365_days(days: int, method: str) -> None:
    dates = [date(2025, 1, 1) + timedelta(days=at) for at in (0, 60, 120, 180, 240, days)]
    assert trend(dates, [1, 2, 3, 4, 5, 6]).method == method


def test_the_order_of_the_observations_does_not_matter() -> None:
    days, prices = every_four_years(7), [9.0, 7.0, 8.0, 5.0, 6.0, 3.0, 4.0]
    forward = asdict(trend(days, prices))
    assert asdict(trend(days[::-1], prices[::-1])) == forward
    assert (forward["first_usd"], forward["last_usd"]) == (9, 4)


def test_one_observation_is_no_trend() -> None:
    found = trend([date(2026, 1, 1)], [2])
    assert (found.method, found.years, found.endpoint_change_per_year) == ("none", 0, None)


@pytest.mark.parametrize(
    ("days", "prices", "says"),
    [
        ([], [], "0 prices for 0 days"),
        ([date(2026, 1, 1)], [1, 2], "2 prices for 1 days"),
        ([date(2026, 1, 1)], [0], "usd = 0.0 is not above 0"),
        ([date(2026, 1, 1)], [math.nan], "usd = nan is not above 0"),
        ([date(2026, 1, 1)], [math.inf], "usd = inf is not above 0"),
    ],
)
def test_what_is_no_price(days: Sequence[date], prices: list[float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        trend(days, prices)


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(TcoError, match=r"a trend needs scipy: pip install 'gpu-tco\[risk\]'"):
        trend(every_four_years(6), [1, 2, 3, 4, 5, 6])
    assert trend(every_four_years(6), [1, 1, 1, 2, 2, 2]).method == "endpoint"
