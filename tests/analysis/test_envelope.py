"""The lower envelope of lines, against trying all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.analysis.comparison import Stretch, lower_envelope

# Small whole numbers so that lines meet in one point, coincide and run in parallel.
ends = st.integers(-20, 20).map(float) | st.floats(-1e6, 1e6, allow_subnormal=False)
lines = st.lists(st.tuples(ends, ends), min_size=1, max_size=20)


def at(line: tuple[float, float], share: float) -> float:
    return line[0] + (line[1] - line[0]) * share


@given(lines, st.floats(0, 1))
def test_the_winner_is_the_least_of_all(drawn: list[tuple[float, float]], share: float) -> None:
    scale = max(abs(end) for line in drawn for end in line)
    for stretch in lower_envelope(drawn):
        if stretch.low <= share <= stretch.high:
            least = min(at(line, share) for line in drawn)
            assert at(drawn[stretch.line], share) <= least + 1e-11 * scale


@given(lines)
def test_the_stretches_cover_everything_once(drawn: list[tuple[float, float]]) -> None:
    found = lower_envelope(drawn)
    assert (found[0].low, found[-1].high) == (0, 1)
    assert [stretch.high for stretch in found[:-1]] == [stretch.low for stretch in found[1:]]
    assert all(stretch.low < stretch.high for stretch in found)
    rises = [drawn[stretch.line][1] - drawn[stretch.line][0] for stretch in found]
    assert rises == sorted(rises, reverse=True)
    assert len({stretch.line for stretch in found}) == len(found)


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(
    drawn: list[tuple[float, float]], random: object
) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        [(lines[stretch.line], stretch.low, stretch.high) for stretch in lower_envelope(lines)]
        for lines in (drawn, shuffled)
    )
    # Lines that agree to twelve digits stand for each other.
    for (a, *places), (b, *others) in zip(one, other, strict=True):
        assert places == others
        assert a == pytest.approx(b, rel=1e-11)


def test_ties() -> None:
    assert lower_envelope([]) == []
    assert lower_envelope([(1.0, 2.0), (1.0, 2.0)]) == [Stretch(0, 0, 1)]
    # Equal but for rounding.
    assert lower_envelope([(1.0, 2.0 + 1e-15), (1.0, 2.0)]) == [Stretch(0, 0, 1)]
    # From one point: the flatter one.
    assert lower_envelope([(0.0, 2.0), (0.0, 1.0)]) == [Stretch(1, 0, 1)]
    # Meeting at the end only.
    assert lower_envelope([(0.0, 1.0), (2.0, 1.0)]) == [Stretch(0, 0, 1)]
    # The one in the middle only touches.
    three = [(0.0, 2.0), (0.5, 1.5), (1.0, 1.0)]
    assert lower_envelope(three) == [Stretch(0, 0, 0.5), Stretch(2, 0.5, 1)]


def test_no_stretch_is_empty_where_rounding_makes_one_point_two() -> None:
    """Three lines through (0.3, 2.5) or so: in floats they do not meet in one point."""
    found = lower_envelope([(1.21, -0.89), (0.53, 5.23), (1.4, -2.6)])
    assert all(stretch.low < stretch.high for stretch in found)
    assert [stretch.line for stretch in found] == [1, 2]
