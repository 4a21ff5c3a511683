"""Values as given, checked once against their declarations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from tco.errors import Problem
from tco.inputs import Param
from tco.inputs.declaration import Interval, interval_of, midpoint_of

_LONGEST_SHOWN = 60
_PER_CENT = 100
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Wrong(Exception):
    """A value is not usable; the text says why, without the input's name."""


def clean(declared: Param, value: Any) -> tuple[Any, list[Problem]]:
    """The value in the model's own types, and what is wrong with it.

    Scalars become float, int, bool or str, and the text `low..high` of a number an Interval; arrays
    and sequences become read-only arrays, a Series stays a Series. The value is None when there are
    problems.
    """
    if hasattr(value, "ndim") or isinstance(value, (list, tuple)):
        if getattr(value, "ndim", 1) == 0:
            value = _item(value)
        else:
            from tco.inputs.arrays import clean_array

            return clean_array(declared, value)
    try:
        return CLEANERS[declared.kind](declared, value), []
    except Wrong as wrong:
        return None, [Problem(declared.name, describe(declared, value, str(wrong)))]


def _item(value: Any) -> Any:
    """The one value of an array without axes; None where it is masked."""
    if getattr(value, "mask", False):
        return None
    if getattr(value.dtype, "kind", "") == "M":
        return str(value)[: len("YYYY-MM-DD")]
    return value.item()


def describe(declared: Param, value: Any, wrong: str, where: str = "") -> str:
    """One clear sentence: input, value, what is wrong, domain and meaning."""
    try:
        shown = repr(value)
    except ValueError:  # of whole numbers with thousands of digits
        shown = "a number of thousands of digits"
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    return f"{declared.name}{where} = {shown} {wrong}: {declared.meaning}{_hint(declared, value)}"


def _hint(declared: Param, value: Any) -> str:
    """For 60 where 0.6 is meant."""
    if declared.unit not in ("share", "per year") or type(value) not in (int, float):
        return ""
    if not declared.high < value <= _PER_CENT * declared.high:
        return ""
    share = value / _PER_CENT
    percent = declared.contains(share)
    return f"; shares are fractions: did you mean {share:g}?" if percent else ""


def outside(declared: Param) -> str:
    """What is said of a value beyond the domain."""
    if declared.kind == "integer":
        return f"is not a whole number in {declared.domain}"
    return f"is outside {declared.domain}"


def _clean_number(declared: Param, value: Any) -> float | int | Interval:
    kind = type(value)
    if kind is str or kind is Interval:
        return _clean_interval(declared, value)
    if kind is not float and kind is not int:
        value = _as_number(declared, value)
    if not declared.contains(value):
        raise Wrong(outside(declared))
    return int(value) if declared.kind == "integer" else float(value)


def _as_number(declared: Param, value: Any) -> Any:
    from decimal import Decimal
    from numbers import Real

    if value is None:
        raise Wrong("is missing")
    if isinstance(value, bool):
        raise Wrong(f"is true or false, not a number in {declared.domain}")
    if isinstance(value, Decimal) and value.is_snan():
        raise Wrong(outside(declared))
    if not isinstance(value, (Real, Decimal)):
        raise Wrong(f"is not a number in {declared.domain}")
    try:
        return float(value)
    except (OverflowError, ValueError):
        raise Wrong(outside(declared)) from None


def _clean_interval(declared: Param, value: Any) -> float | int | Interval:
    """An interval inside the domain; one without width is a number like any other."""
    found = value if isinstance(value, Interval) else interval_of(value)
    if found is None:
        raise Wrong(f"is text, not a number in {declared.domain}")
    if found.low > found.high:
        raise Wrong("ends before it begins")
    if not (declared.contains(found.low) and declared.contains(found.high)):
        raise Wrong(outside(declared))
    if found.low == found.high:
        return int(found.low) if declared.kind == "integer" else float(found.low)
    return Interval(float(found.low), float(found.high))


def midpoint(declared: Param, value: Any) -> Any:
    """The number that stands for an interval, a whole one where only such count; else the value."""
    found = midpoint_of(value)
    return int(found) if found is not value and declared.kind == "integer" else found


def _clean_flag(declared: Param, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"is not {declared.domain}")
    return value


def _clean_choice(declared: Param, value: Any) -> str:
    if not isinstance(value, str) or value not in declared.choices:
        raise Wrong(f"is not {declared.domain}")
    return str(value)


def _clean_key(declared: Param, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Wrong(f"is not {declared.domain}")
    return str(value)


def _clean_code(declared: Param, value: Any) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise Wrong(f"is not {declared.domain}, three capital letters such as USD")
    return value


def _clean_date(declared: Param, value: Any) -> str:
    if isinstance(value, date):
        value = value.isoformat()[: len("YYYY-MM-DD")]
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise Wrong(f"is not a date {declared.domain}")
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Wrong("is not a day of the calendar") from None
    return value


CLEANERS: dict[str, Callable[[Param, Any], Any]] = {
    "number": _clean_number,
    "integer": _clean_number,
    "flag": _clean_flag,
    "choice": _clean_choice,
    "key": _clean_key,
    "code": _clean_code,
    "date": _clean_date,
}
