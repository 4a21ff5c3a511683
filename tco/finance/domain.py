"""Whether a function was given what it is defined for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem
from tco.numeric import positions

if TYPE_CHECKING:
    from tco.numeric import Truth


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
    message = f"{name} = {value!r} is outside {domain}: {meaning}"
    raise InputError([Problem(name, message, rows)])


def require_rate(rate: Any, name: str = "rate") -> None:
    """Raise `InputError` unless a rate of interest is finite and above -1.

    >>> require_rate(-0.02)
    """
    holds = (rate > -1) & finite(rate)
    require(holds, name, rate, "(-1, inf)", "interest of one period, as a fraction")
