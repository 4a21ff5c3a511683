"""Every positive root of a polynomial, each between two turning points that enclose no other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise


def positive_roots(coefficients: Sequence[float]) -> tuple[float, ...]:
    """Every x > 0 with sum(c[j] * x ** j) == 0, ascending; a repeated root counts once.

    At most as many as the coefficients change sign (Descartes). p(x) / x ** k turns only where
    sum((j - k) * c[j] * x ** j) is 0; with k at a change of sign, that sum changes sign once less
    often, so that the turning points follow from those of a sum without any change. Between two
    turning points p has one root or none, found by bisection to the last bit. Roots nearer to each
    other than rounding can tell are one.

    >>> [round(x, 9) for x in positive_roots((6.0, -5.0, 1.0))]
    [2.0, 3.0]
    """
    chain = [_scaled(coefficients)]
    while (change := _first_change(chain[-1])) is not None:
        chain.append(_scaled([(j - change) * c for j, c in enumerate(chain[-1])]))
    roots: tuple[float, ...] = ()
    for terms in reversed(chain[:-1]):
        roots = _roots_between(terms, roots)
    return roots


def _scaled(coefficients: Sequence[float]) -> list[float]:
    largest = max(map(abs, coefficients), default=0.0)
    terms = [c / largest for c in coefficients if largest]
    while terms and not terms[-1]:
        terms.pop()
    while terms and not terms[0]:
        terms.pop(0)
    return terms


def _first_change(terms: Sequence[float]) -> float | None:
    present = [(j, c) for j, c in enumerate(terms) if c]
    for (i, before), (j, after) in pairwise(present):
        if (before < 0) != (after < 0):
            return (i + j) / 2
    return None


def _roots_between(terms: list[float], turning: Sequence[float]) -> tuple[float, ...]:
    low = 1 / (1 + max(abs(c / terms[0]) for c in terms[1:]))
    high = min(1 + max(abs(c / terms[-1]) for c in terms[:-1]), sys.float_info.max)
    inner = [(x, _sign(terms, x)) for x in turning if low < x < high]
    points = [(low, _direction(terms[0])), *inner, (high, _direction(terms[-1]))]
    roots = [x for x, sign in inner if sign == 0]
    for (a, before), (b, after) in pairwise(points):
        if before * after < 0:
            roots.append(_bisect(terms, a, b, before))
    return tuple(sorted(roots))


def _direction(value: float) -> int:
    return (value > 0) - (value < 0)


def _sign(terms: Sequence[float], x: float) -> int:
    """The sign of the polynomial at x; 0 where rounding could turn it."""
    value = _value(terms, x)
    noise = 2 * len(terms) * sys.float_info.epsilon * _value([abs(c) for c in terms], x)
    return 0 if abs(value) <= noise else _direction(value)


def _value(terms: Sequence[float], x: float) -> float:
    """The polynomial at x, above 1 divided by the highest power of x."""
    total = 0.0
    if x <= 1:
        for c in reversed(terms):
            total = total * x + c
    else:
        inverse = 1 / x
        for c in terms:
            total = total * inverse + c
    return total


def _bisect(terms: Sequence[float], low: float, high: float, before: int) -> float:
    while low < (middle := low + (high - low) / 2) < high:
        if _direction(_value(terms, middle)) == before:
            low = middle
        else:
            high = middle
    return high
