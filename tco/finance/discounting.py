"""The time value of money: discounting, compound interest exact near a rate of 0, residuals."""

from __future__ import annotations

import math
from typing import Any

from tco.errors import InputError, Problem, shown
from tco.numeric import (
    Numeric,
    Truth,
    compound,
    divide,
    infinity,
    is_array,
    is_formula,
    positions,
    select,
)


def discount_factor(rate_per_year: Numeric, months: Numeric) -> Numeric:
    """Present value of one dollar paid after some months [ratio].

    `rate_per_year` > -1 is effective annual: (1 + r) ** (-months / 12).
    Source: Newnan, Eschenbach, Lavelle, Engineering Economic Analysis.

    >>> round(discount_factor(0.08, 12), 6)
    0.925926
    """
    return 1 / compound(rate_per_year, months)


def levelized(present_value: Numeric, discounted_units: Numeric) -> Numeric:
    """Constant price of a unit that repays a present value; `inf` when there are no units.

    >>> levelized(900.0, 1500.0)
    0.6
    """
    return divide(present_value, discounted_units, infinity(present_value))


def residual_share(decline_per_year: Numeric, months: Numeric) -> Numeric:
    """Share of the market value left after some months, by a constant annual decline.

    Declining balance on the market value; a decline of 1 leaves nothing at any time, 0 included.

    >>> residual_share(0.25, 24.0), residual_share(1.0, 0.0)
    (0.5625, 0)
    """
    gone = decline_per_year == 1
    if gone is True:
        return 0  # without 0 ** 0, which decimals do not know
    return select(gone, 0, compound(-decline_per_year, months))


def decline_of(share: Any, months: Any) -> Any:
    """The constant annual decline that leaves a share of the market value after some months.

    The inverse of `residual_share`, for shares from 0 to 1 and months above 0.

    >>> decline_of(0.5625, 24.0), round(decline_of(0.3, 48), 6)
    (0.25, 0.259917)
    """
    return 1 - share ** (12 / months)


def compound_interest(rate: Any, periods: Any) -> Numeric:
    """Interest that 1 earns over some periods, (1 + rate) ** periods - 1 [ratio].

    Broadcast shape of the inputs. `rate` > -1 per period, else `InputError`; `periods` may be
    negative or broken. 0 at rate 0, and rate * periods near it: no digits cancel. `inf` beyond the
    largest float. Source: Newnan, Eschenbach, Lavelle, Engineering Economic Analysis.

    >>> round(compound_interest(0.0525 / 4, 4), 7)
    0.0535427
    """
    if is_formula(rate):
        grown: Numeric = (1 + rate) ** periods - 1
        return grown
    require_rate(rate)
    product = rate * periods  # its type is the type of the answer
    if is_array(product):
        import numpy as np

        with np.errstate(over="ignore"):
            earned: Numeric = np.expm1(periods * np.log1p(rate))
        return earned
    if isinstance(product, (int, float)):
        try:
            return math.expm1(periods * math.log1p(rate))
        except OverflowError:
            return math.inf
    if 1 + (abs(periods) + 1) * rate == 1:
        simple: Numeric = product  # the series in r begins n r + n (n - 1) r ** 2 / 2
        return simple
    from decimal import localcontext

    with localcontext() as context:
        context.prec *= 2  # as many digits as a rate near 0 cancels
        exact = (1 + rate) ** periods - 1
    rounded: Numeric = +exact
    return rounded


def rate_per_period(rate_per_year: Any, periods_per_year: Any) -> Numeric:
    """Effective rate of a period, given the effective annual rate [1/period].

    Broadcast shape of the inputs. `rate_per_year` > -1, else `InputError`; 0 at 0. Not the nominal
    rate divided by the periods. Source: Newnan, Eschenbach, Lavelle.

    >>> round(rate_per_period(0.10, 12), 9)
    0.00797414
    """
    return compound_interest(rate_per_year, (1 + 0 * rate_per_year) / periods_per_year)


def finite(value: Any) -> Truth:
    """Whether a value is a number: neither infinite nor NaN, element by element.

    >>> finite(36.0), finite(math.inf), finite(math.nan)
    (True, False, False)
    """
    number: Truth = abs(value) < math.inf
    return number


def require(holds: Truth, name: str, value: Any, domain: str, meaning: str) -> None:
    """Raise `InputError` unless `holds`, for every element of an array `value`.

    >>> require(-2 > -1, "rate", -2, "(-1, inf)", "interest of one period")
    Traceback (most recent call last):
    tco.errors.InputError: rate = -2 is outside (-1, inf): interest of one period
    """
    rows = None
    if isinstance(holds, bool):
        if holds:
            return
    else:
        rows = tuple(int(row) for row in positions(~holds))
        if not rows:
            return
        value = value.ravel()[rows[0]].item()
    message = f"{name} = {shown(value)} is outside {domain}: {meaning}"
    raise InputError([Problem(name, message, rows)])


def require_rate(rate: Any, name: str = "rate") -> None:
    """Raise `InputError` unless a rate of interest is finite and above -1.

    >>> require_rate(-0.02)
    """
    holds = (rate > -1) & finite(rate)
    require(holds, name, rate, "(-1, inf)", "interest of one period, as a fraction")
