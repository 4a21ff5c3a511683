"""Crossings worked by hand, for one pair of curves and for several at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tco.finance.payback import Payback, crossing

INF = math.inf
# Each: own and rent at t = 0, 1, 2, …; lumps; the crossings; first and last payback.
CURVES = {
    "overtaken, lost, overtaken again": (
        [4, 4, 4, 12, 12, 12],
        [0, 3, 6, 9, 11, 15],
        [],
        ((4 / 3, "own"), (2.4, "rent"), (4.25, "own")),
        4 / 3,
        4.25,
    ),
    "ahead from the start": ([1, 2, 3], [1, 4, 9], [], ((0, "own"),), 0, 0),
    "ahead, lost": ([1, 2, 9], [2, 4, 5], [], ((0, "own"), (4 / 3, "rent")), 0, INF),
    "ahead, lost, regained": (
        [0, 6, 6],
        [0, 2, 10],
        [],
        ((0, "own"), (0.0, "rent"), (1.5, "own")),
        0,
        1.5,
    ),
    "never": ([5, 6, 7], [0, 1, 2], [], (), INF, INF),
    "a tie counts for owning": ([2, 3, 5], [0, 3, 4], [], ((1, "own"), (1, "rent")), 1, INF),
    "in a month with a lump": ([3, 3, 3], [0, 2, 7], [2], ((2, "own"),), 2, 2),
    "to rent with a lump": ([1, 2, 9], [2, 4, 5], [2], ((0, "own"), (2, "rent")), 0, INF),
}


@pytest.mark.parametrize("name", CURVES)
def test_one_pair_of_curves(name: str) -> None:
    own, rent, lumps, crossings, first, last = CURVES[name]
    payback = Payback(0.0, float(own[0]), float(rent[0]))
    for t in range(1, len(own)):
        payback.advance(float(t), float(own[t]), float(rent[t]), t in lumps)
    assert [side for _, side in payback.crossings] == [side for _, side in crossings]
    times = [t for t, _ in payback.crossings]
    assert times == pytest.approx([t for t, _ in crossings])
    assert (payback.first, payback.months) == pytest.approx((first, last))


def test_many_pairs_at_once() -> None:
    longest = max(len(own) for own, *_ in CURVES.values())
    padded = [
        [[*side, *[side[-1]] * (longest - len(side))] for side in (own, rent)]
        for own, rent, *_ in CURVES.values()
    ]
    lumps = np.array([[t in lumps for t in range(longest)] for _, _, lumps, *_ in CURVES.values()])
    own, rent = np.array(padded, dtype=float).transpose(1, 2, 0)
    payback = Payback(0.0, own[0], rent[0])
    for t in range(1, longest):
        payback.advance(float(t), own[t], rent[t], lumps[:, t])
    assert payback.first == pytest.approx([first for *_, first, _ in CURVES.values()])
    assert payback.months == pytest.approx([last for *_, last in CURVES.values()])
    assert payback.crossings == ()


def test_ties_are_relative_to_both_curves_whatever_their_sign() -> None:
    for size in (1.0, 1e12, -1e12):
        just = abs(size) * 1.9e-9
        assert Payback(0.0, size + just, size).ahead is True
        assert Payback(0.0, size + 1.2 * just, size).ahead is False
        payback = Payback(0.0, size + 3 * just, size)
        payback.advance(1.0, size + just, size)
        assert payback.ahead is True
    assert Payback(0.0, 1.0, -1.0).ahead is False


def test_a_crossing_stays_inside_its_period() -> None:
    assert crossing(3.0, 4.0, 30.0, -10.0, False) == 3.75
    assert crossing(3.0, 4.0, 30.0, -10.0, True) == 4.0
    assert crossing(3.0, 4.0, 5.0, 5.0, False) == 4.0
    assert crossing(3.0, 4.0, 5.0, 1.0, False) == 4.0
    assert crossing(3.0, 4.0, -1.0, 5.0 - 10.0, False) == 3.0
    assert crossing(3.0, 4.0, 1.0, 0.0, False) == 4.0
    assert crossing(3.0, 4.0, 0.0, 5.0, False) == 3.0
    lumps = np.array([False, True, False])
    gaps = np.array([30.0, 30.0, 5.0]), np.array([-10.0, -10.0, 5.0])
    assert crossing(3.0, 4.0, *gaps, lumps).tolist() == [3.75, 4.0, 4.0]


def test_starting_arrays_are_not_shared() -> None:
    start = np.array([1.0, 1.0])
    payback = Payback(start, np.array([0.0, 5.0]), np.array([1.0, 1.0]))
    payback.advance(start + 1, np.array([0.0, 5.0]), np.array([2.0, 9.0]))
    assert start.tolist() == [1, 1]
    assert payback.first.tolist() == [1, 1.5]
