"""Compound interest over any number of periods, exact near a rate of 0."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tco.finance.domain import require_rate
from tco.numeric import is_array

if TYPE_CHECKING:
    from tco.numeric import Numeric


def compound_interest(rate: Any, periods: Any) -> Numeric:
    """Interest that 1 earns over some periods, (1 + rate) ** periods - 1 [ratio].

    Broadcast shape of the inputs. `rate` > -1 per period, else `InputError`; `periods` may be
    negative or broken. 0 at rate 0, and rate * periods near it: no digits cancel. `inf` beyond the
    largest float. Source: Newnan, Eschenbach, Lavelle, Engineering Economic Analysis.

    >>> round(compound_interest(0.0525 / 4, 4), 7)
    0.0535427
    """
    require_rate(rate)
    product = rate * periods  # its type is the type of the answer
    if is_array(product):
        return _of_arrays(rate, periods)
    if isinstance(product, (int, float)):
        return _of_floats(rate, periods)
    return _of_decimals(rate, periods)


def _of_floats(rate: float, periods: float) -> float:
    try:
        return math.expm1(periods * math.log1p(rate))
    except OverflowError:
        return math.inf


def _of_arrays(rate: Any, periods: Any) -> Numeric:
    import numpy as np

    with np.errstate(over="ignore"):
        earned: Numeric = np.expm1(periods * np.log1p(rate))
    return earned


def _of_decimals(rate: Any, periods: Any) -> Numeric:
    from decimal import localcontext

    if 1 + (abs(periods) + 1) * rate == 1:
        simple: Numeric = periods * rate  # the series in r begins n r + n (n - 1) r ** 2 / 2
        return simple
    with localcontext() as context:
        context.prec *= 2  # as many digits as a rate near 0 cancels
        earned = (1 + rate) ** periods - 1
    rounded: Numeric = +earned
    return rounded


def rate_per_period(rate_per_year: Any, periods_per_year: Any) -> Numeric:
    """Effective rate of a period, given the effective annual rate [1/period].

    Broadcast shape of the inputs. `rate_per_year` > -1, else `InputError`; 0 at 0. Not the nominal
    rate divided by the periods. Source: Newnan, Eschenbach, Lavelle.

    >>> round(rate_per_period(0.10, 12), 9)
    0.00797414
    """
    return compound_interest(rate_per_year, (1 + 0 * rate_per_year) / periods_per_year)
