"""The few operations that know floats, decimals and arrays, one by one."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tco.numeric import (
    any_true,
    ceil,
    compound,
    divide,
    floor,
    infinity,
    is_array,
    larger,
    positions,
    put,
    select,
    smaller,
    take,
)

LINE = np.array([1.0, 2.0, 3.0])
ODD = np.array([True, False, True])


def test_select() -> None:
    assert select(True, 1, 2) == 1
    assert select(False, 1, 2) == 2
    assert select(ODD, LINE, 0).tolist() == [1, 0, 3]
    assert select(ODD, 7, LINE).tolist() == [7, 2, 7]


def test_is_array_and_any_true() -> None:
    assert is_array(LINE)
    assert not is_array(1.0)
    assert not is_array(Decimal(1))
    assert [any_true(c) for c in (True, False, ODD, ~(ODD | True))] == [True, False, True, False]


def test_positions_take_and_put() -> None:
    assert positions(True) is True
    assert positions(ODD).tolist() == [0, 2]
    where = positions(ODD)
    assert take(LINE, where).tolist() == [1, 3]
    assert take(5.0, where) == 5.0
    assert take(LINE, True) is LINE
    assert put(1.0, True, 2.0, 0.0) == 2.0
    target = LINE.copy()
    assert put(target, where, np.array([8.0, 9.0]), ODD) is target
    assert target.tolist() == [8, 2, 9]
    assert put(4.0, where, np.array([8.0, 9.0]), ODD).tolist() == [8, 4, 9]


def test_infinity_has_the_type_of_its_like() -> None:
    for like in (1.0, 1, LINE):
        assert type(infinity(like)) is float
        assert infinity(like) == math.inf
    assert infinity(Decimal(1)) == Decimal("Infinity")
    assert type(infinity(Decimal(1))) is Decimal


def test_smaller_larger_and_divide() -> None:
    assert (smaller(1, 2), smaller(2, 1), larger(1, 2), larger(2, 1)) == (1, 1, 2, 2)
    other = np.array([3.0, 2.0, 1.0])
    assert smaller(LINE, other).tolist() == [1, 2, 1]
    assert larger(LINE, other).tolist() == [3, 2, 3]
    assert divide(3.0, 2.0, 9.0) == 1.5
    assert divide(3.0, 0.0, 9.0) == 9.0
    assert divide(LINE, np.array([2.0, 0.0, 1.0]), 9.0).tolist() == [0.5, 9, 3]


@pytest.mark.parametrize(
    ("x", "up", "down"),
    [
        (8.0, 8, 8),
        (8.1, 9, 8),
        (8 * (1 + 0.9e-12), 8, 8),
        (8 * (1 + 1.5e-12), 9, 8),
        (8 * (1 - 0.9e-12), 8, 8),
        (8 * (1 - 1.5e-12), 8, 7),
        (0.0, 0, 0),
        (1e6, 1e6, 1e6),
        (math.inf, math.inf, math.inf),
    ],
)
def test_rounding_forgives_one_part_in_a_million_million(x: float, up: float, down: float) -> None:
    assert (ceil(x), floor(x)) == (up, down)
    assert (ceil(np.array([x])).tolist(), floor(np.array([x])).tolist()) == ([up], [down])
    if math.isfinite(x):
        assert (ceil(Decimal(x)), floor(Decimal(x))) == (up, down)
        assert type(ceil(Decimal(x))) is type(floor(Decimal(x))) is Decimal
    assert type(ceil(x)) is type(floor(x)) is float


@pytest.mark.parametrize(
    ("rate", "months", "factor"),
    [
        (0.21, 6, 1.1),
        (Decimal("0.21"), 6, Decimal("1.1")),
        (Decimal("0.21"), Decimal(6), Decimal("1.1")),
        (0.21, np.array([6.0, 12.0]), [1.1, 1.21]),
        (np.array([0.21, 0.44]), 6, [1.1, 1.2]),
        (np.array([0.21, 0.44]), np.array([6.0, 12.0]), [1.1, 1.44]),
        (-1.0, 3, 0.0),
        (0, 12, 1.0),
    ],
)
def test_compound(rate: Any, months: Any, factor: Any) -> None:
    found = compound(rate, months)
    exact = isinstance(rate, Decimal)
    assert (float(found) if exact else found) == pytest.approx(float(factor) if exact else factor)
    if isinstance(rate, Decimal):
        assert type(found) is Decimal
