"""Depreciation: the published tables, the textbook methods, and what every schedule obeys."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.errors import InputError
from tco.finance.depreciation import Schedule, Vintage, macrs
from tco.finance.returns import npv
from tco.market.files import data_folder

Key = tuple[int, str, int | None]

# What of the first year counts: from the middle of the year, or of the quarter, to its end.
FIRST_YEAR = {None: "0.5", 1: "0.875", 2: "0.625", 3: "0.375", 4: "0.125"}


def read_table() -> dict[Key, tuple[Decimal, ...]]:
    """The shipped table, as decimals."""
    table: dict[Key, list[Decimal]] = defaultdict(list)
    with (data_folder() / "macrs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quarter = int(row["placed_in_quarter"]) if row["placed_in_quarter"] else None
            shares = table[int(row["life_years"]), row["convention"], quarter]
            assert int(row["year"]) == len(shares) + 1
            assert row["source_id"] == "irs-p946"
            shares.append(Decimal(row["share"]))
    return {key: tuple(shares) for key, shares in table.items()}


TABLE = read_table()
FLOATS = {key: tuple(map(float, shares)) for key, shares in TABLE.items()}

lives = st.integers(1, 40)
months = st.integers(1, 12)
shares_a_year = st.floats(0, 1, allow_subnormal=False)


def written_off(
    years: Any, rate: Any = 0, month: int = 1, method: str = "declining_balance", bonus: Any = 0
) -> tuple[Any, ...]:
    """The share of the cost in each tax year, of a purchase in a month of the first of them."""
    bought = Vintage(Schedule(method, years, rate * years, "half_year", bonus, month), 1, 0)
    left = [bought.book]
    for _ in range(int(years) + (month > 1)):
        bought.end_year(True)
        left.append(bought.book)
    return tuple(before - after for before, after in pairwise(left))


def straight_line(years: Any, month: int = 1) -> tuple[Any, ...]:
    return written_off(years, month=month, method="straight_line")


def double_declining(life: int, first_year: Decimal) -> list[Decimal]:
    """200 % declining balance until the straight line over the years left is more."""
    book, left, shares = Decimal(1), Decimal(life), []
    for length in (first_year, *[Decimal(1)] * (life - 1)):
        shares.append(book * length * max(Decimal(2) / life, 1 / left))
        book, left = book - shares[-1], left - length
    return [*shares, book]


def shield(rate: Any, shares: Any) -> Any:
    """Present value of the shares, the first of them at the end of the first year."""
    return npv(rate, (0, *shares))


def is_schedule(shares: tuple[Any, ...]) -> bool:
    return min(shares) >= 0 and math.isclose(math.fsum(shares), 1, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("key", "per_cent"),
    [
        # IRS Publication 946, table A-1, as printed in Newnan, Engineering Economic Analysis,
        # table 11-3.
        ((3, "half_year", None), [33.33, 44.45, 14.81, 7.41]),
        ((5, "half_year", None), [20, 32, 19.2, 11.52, 11.52, 5.76]),
        ((7, "half_year", None), [14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46]),
        # Tables, as printed by Cengage, table 8.4, which stops after five years.
        ((3, "mid_quarter", 1), [58.33, 27.78, 12.35, 1.54]),
        ((3, "mid_quarter", 2), [41.67, 38.89, 14.14, 5.30]),
        ((3, "mid_quarter", 3), [25, 50, 16.67, 8.33]),
        ((3, "mid_quarter", 4), [8.33, 61.11, 20.37, 10.19]),
        ((5, "mid_quarter", 1), [35, 26, 15.6, 11.01, 11.01]),
        ((5, "mid_quarter", 2), [25, 30, 18, 11.37, 11.37]),
        ((5, "mid_quarter", 3), [15, 34, 20.4, 12.24, 11.3]),
        ((5, "mid_quarter", 4), [5, 38, 22.8, 13.68, 10.94]),
        ((7, "mid_quarter", 1), [25, 21.43, 15.31, 10.93, 8.75]),
        ((7, "mid_quarter", 2), [17.85, 23.47, 16.76, 11.97, 8.87]),
        ((7, "mid_quarter", 3), [10.71, 25.51, 18.22, 13.02, 9.3]),
        ((7, "mid_quarter", 4), [3.57, 27.55, 19.68, 14.06, 10.04]),
    ],
)
def test_the_shipped_table_is_the_printed_one(key: Key, per_cent: list[float]) -> None:
    shares = macrs(FLOATS, *key)
    assert [round(100 * share, 2) for share in shares[: len(per_cent)]] == per_cent


def test_the_table_is_complete() -> None:
    conventions = [("half_year", None), *(("mid_quarter", quarter) for quarter in range(1, 5))]
    assert set(TABLE) == {(life, *rest) for life in (3, 5, 7) for rest in conventions}
    for key in TABLE:
        assert sum(macrs(TABLE, *key)) == 1
        assert is_schedule(macrs(FLOATS, *key))


@pytest.mark.parametrize("key", TABLE, ids=str)
def test_the_table_is_double_declining_balance(key: Key) -> None:
    """200 % declining balance, then straight line: equal to the digits the table was made with.

    Tables of seven years are rounded so that the sum is 100, up to two units of the last digit.
    """
    life, _, quarter = key
    shares = double_declining(life, Decimal(FIRST_YEAR[quarter]))
    cents = [share.quantize(Decimal("0.0001"), ROUND_HALF_UP) for share in shares]
    off_by = max(abs(a - b) for a, b in zip(cents, TABLE[key], strict=True))
    assert off_by <= (0 if life == 5 else Decimal("0.0002"))


def test_straight_line_and_declining_balance_of_a_spreadsheet() -> None:
    """SLN, DB and DDB of the Microsoft Excel function reference; cost less salvage is spread.

    DB rounds its rate to three digits, 1 - (100,000 / 1,000,000) ** (1 / 6) = 0.319, and counts
    seven months of the first year. Neither goes over to the straight line, as here the later years
    do.
    """
    assert straight_line(10)[0] * (30_000 - 7_500) == pytest.approx(2_250)
    rate = round(1 - (100_000 / 1_000_000) ** (1 / 6), 3)
    printed = [186_083.33, 259_639.42, 176_814.44, 120_410.64]
    assert [round(1_000_000 * share, 2) for share in written_off(6, rate, 6)[:4]] == printed
    shares = [written_off(n, 2 / n)[0] for n in (3_650, 120, 10)]
    shares.append(written_off(10, 1.5 / 10)[1])
    assert [round(2_400 * share, 2) for share in shares] == [1.32, 40, 480, 306]


def test_german_straight_line_and_declining_balance() -> None:
    """100,000 over 5 years, bought on 1 July, 30 % a year: steuerberater-koch-kollegen.de,
    Sofortinvestitionsprogramm; 8,330 are left after five years.
    """
    linear = straight_line(5, month=7)
    assert [round(100_000 * share) for share in linear] == [10_000, *[20_000] * 4, 10_000]
    switched = [round(100_000 * share) for share in written_off(5, 0.3, month=7)]
    assert switched == [15_000, 25_500, 17_850, 16_660, 16_660, 8_330]


def test_british_writing_down_allowance() -> None:
    """14 % a year of the 600,000 left after a first-year allowance of 40 %: policy-wire.co.uk."""
    pool = [600_000 * share for share in written_off(20, 0.14)]
    expected = [84_000, 72_240, 62_126.4, 53_428.704, 45_948.68544]
    assert pool[:5] == pytest.approx(expected, rel=1e-12)
    first_ten_years = [400_000, *pool[:9]]
    assert math.isclose(shield(0.10, first_ten_years), 647_094.3811924211, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (straight_line(1), 0.9090909090909091),
        (straight_line(3), 0.8289506636614072),
        (FLOATS[5, "half_year", None], 0.7732604183542083),
        (straight_line(5), 0.7581573538816896),
        (written_off(5, 0.3, month=7), 0.745473342436416),
        (straight_line(7), 0.6954884025275616),
    ],
)
def test_present_value_of_the_shares_at_ten_per_cent(shares: Any, expected: float) -> None:
    """The first deduction after a year; worked in a spreadsheet, year by year."""
    assert math.isclose(shield(0.10, shares), expected, rel_tol=1e-12)


@given(lives, months)
def test_straight_line_is_level(years: int, month: int) -> None:
    shares = straight_line(years, month)
    assert is_schedule(shares)
    assert shares[1:years] == pytest.approx([1 / years] * (years - 1))
    assert math.isclose(shares[0] * years, (13 - month) / 12)


@given(lives, shares_a_year, months, shares_a_year)
def test_declining_balance_is_a_schedule(years: int, rate: float, month: int, bonus: float) -> None:
    shares = written_off(years, rate, month, bonus=bonus)
    assert is_schedule(shares)
    assert shares[0] >= bonus


@given(lives, shares_a_year, months)
def test_the_switch_is_never_slower(years: int, rate: float, month: int) -> None:
    """At every year's end at least as much is written off as by either method alone."""
    first = rate * (13 - month) / 12
    constant = [first, *((1 - first) * rate * (1 - rate) ** n for n in range(years - 1))]
    both = list(accumulate(written_off(years, rate, month)))
    for slower in (straight_line(years, month), constant):
        for fast, slow in zip(both, accumulate(slower), strict=False):
            assert fast >= slow - 1e-12


@given(lives, months)
def test_the_ends_of_declining_balance(years: int, month: int) -> None:
    """A rate of 0 leaves the straight line; a rate of 1 leaves nothing to a second full year."""
    lazy = written_off(years, 0.0, month)
    assert lazy == pytest.approx(straight_line(years, month), rel=1e-9)
    eager = written_off(years, 1.0, month)
    assert math.isclose(eager[0], (13 - month) / 12)
    assert sum(eager[2:]) <= 1e-12


@given(st.sampled_from(sorted(FLOATS, key=str)), st.floats(0, 1))
def test_faster_is_worth_more(key: Key, rate: float) -> None:
    """Immediate write-off >= the US tables >= straight line in the same part years.

    Under the half-year convention also >= straight line that starts with a full year.
    """
    life, convention, quarter = key
    at_once, table = shield(rate, straight_line(1)), shield(rate, macrs(FLOATS, *key))
    first = float(FIRST_YEAR[quarter])
    level = shield(rate, [first / life, *[1 / life] * (life - 1), (1 - first) / life])
    assert at_once >= table - 1e-12
    assert table >= level - 1e-12
    if convention == "half_year":
        assert table >= shield(rate, straight_line(life)) - 1e-12


@given(st.sampled_from(sorted(FLOATS, key=str)))
def test_without_interest_all_are_worth_the_same(key: Key) -> None:
    for shares in (straight_line(1), straight_line(key[0]), FLOATS[key]):
        assert math.isclose(shield(0.0, shares), 1, rel_tol=1e-12)


@given(lives, shares_a_year)
def test_decimals_and_arrays_agree_with_floats(years: int, rate: float) -> None:
    floats = written_off(years, rate, 7)
    exact = written_off(Decimal(years), Decimal(rate), 7, bonus=Decimal(0))
    arrays = written_off(years, np.array([rate, 0.5]), 7)
    for one, decimal, array in zip(floats, exact, arrays, strict=True):
        assert isinstance(decimal, Decimal)
        assert math.isclose(one, decimal, rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(array[0], one, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize(
    "key", [(4, "half_year", None), (5, "mid_quarter", None), (5, "half_year", 1), (5, "HY", None)]
)
def test_what_is_not_in_the_table_is_refused(key: Key) -> None:
    with pytest.raises(InputError, match=r"is not in the table: \(3, 'half_year', None\);"):
        macrs(FLOATS, *key)


@pytest.mark.parametrize(
    "shares",
    [(), (0.2, 0.8), (0.5, 0.3, 0.1, 0.2), (0.6, 0.6, -0.1, -0.1), (math.nan, 0.5, 0.25, 0.25)],
)
def test_a_wrong_table_is_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"table = .* shares of life_years \+ 1 years"):
        macrs({(3, "half_year", None): shares}, 3, "half_year")
