"""Net present value of a row of flows, and the rates of return that it implies."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from tco.errors import InputError, Problem
from tco.finance.discounting import require_rate
from tco.numeric import Numeric

# What is left of amounts by rounding, as a share of them, is nothing.
_ROUNDING = 1e-12


def npv(rate: Any, flows: Sequence[Any]) -> Numeric:
    """Present value of one flow a period, the first of them today [USD].

    Broadcast shape of the rate and the flows. `rate` > -1 per period, else `InputError`; at 0 the
    plain sum. A spreadsheet's NPV() puts the first flow a period later, and is (1 + rate) times
    smaller. Source: Newnan, Eschenbach, Lavelle, Engineering Economic Analysis.

    >>> round(npv(0.08, (-40_000, 8_000, 9_200, 10_000, 12_000, 14_500)), 2)
    1922.06
    """
    require_rate(rate)
    value: Any = 0 * rate
    for flow in reversed(flows):
        value = value / (1 + rate) + flow
    total: Numeric = value
    return total


def net(amounts: Iterable[float]) -> float:
    """The sum of amounts [USD]; 0 where only rounding is left of them.

    >>> net([0.1, 0.2, -0.3]), net([0.1, 0.4])
    (0.0, 0.5)
    """
    listed = list(amounts)
    total = math.fsum(listed)
    return total if abs(total) > _ROUNDING * math.fsum(map(abs, listed)) else 0.0


def irr(flows: Sequence[Any]) -> tuple[float, ...]:
    """Every rate per period, above -1, at which the net present value is 0 [1/period], ascending.

    One flow a period, the first of them today; computed in floats. Empty when no rate does it. More
    than one means that there is no single internal rate of return, and none of them may be
    compared with a cost of capital: use `npv` or `mirr`. There are never more of them than the
    flows change sign (Descartes), and flows that change it once have one, unless no float can hold
    it. A flow that is not finite, or flows that are all 0, are an `InputError`. Source: Newnan,
    Eschenbach, Lavelle.

    >>> [round(rate, 9) for rate in irr((-100, 230, -132))]
    [0.1, 0.2]
    >>> irr((100, 100))
    ()
    """
    amounts = _amounts(flows)
    if not any(amounts):
        message = (
            f"flows = 0 in all {len(amounts)} periods: one must differ, or every rate is a root"
        )
        raise InputError([Problem("flows", message)])
    rates = {(1 - x) / x for x in positive_roots(amounts)}
    return tuple(sorted(rate for rate in rates if -1 < rate < math.inf))


def mirr(flows: Sequence[Any], finance_rate: Any, reinvest_rate: Any) -> Numeric:
    """Modified rate of return [1/period]: outlays financed at one rate, proceeds reinvested.

    Broadcast shape of the rates, both > -1 per period. The rate at which the present value of the
    outlays grows into the future value of the proceeds at the last flow. One flow a period, the
    first of them today; at least one negative and one positive, else `InputError`. Source: Newnan,
    Eschenbach, Lavelle.

    >>> round(mirr((-120_000, 39_000, 30_000, 21_000, 37_000, 46_000), 0.10, 0.12), 4)
    0.1261
    """
    amounts = _amounts(flows)
    least, most = min(amounts, default=0), max(amounts, default=0)
    if not least < 0 < most:
        message = f"flows = {least} to {most}: one must be negative, an outlay, and one positive"
        raise InputError([Problem("flows", message)])
    require_rate(finance_rate, "finance_rate")
    require_rate(reinvest_rate, "reinvest_rate")
    periods = len(amounts) - 1
    outlay = -npv(finance_rate, [flow if flow < 0 else 0 for flow in flows])
    proceeds = npv(reinvest_rate, [flow if flow > 0 else 0 for flow in flows])
    growth: Any = proceeds / outlay * (1 + reinvest_rate) ** periods
    rate: Numeric = growth ** ((1 + 0 * growth) / periods) - 1
    return rate


def _amounts(flows: Sequence[Any]) -> tuple[float, ...]:
    amounts = tuple(float(flow) for flow in flows)
    for row, amount in enumerate(amounts):
        if not math.isfinite(amount):
            message = f"flows[{row}] = {amount} is outside (-inf, inf): one flow a period, in USD"
            raise InputError([Problem("flows", message, (row,))])
    return amounts


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
    largest = max(map(abs, coefficients), default=0.0)
    terms = [c / largest for c in coefficients if largest]
    while terms and not terms[-1]:
        terms.pop()
    while terms and not terms[0]:
        terms.pop(0)
    present = [j for j, c in enumerate(terms) if c]
    changes = ((i + j) / 2 for i, j in pairwise(present) if (terms[i] < 0) != (terms[j] < 0))
    change = next(changes, None)
    if change is None:
        return ()
    turning = positive_roots([(j - change) * c for j, c in enumerate(terms)])
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
