"""A number of which somebody knows only from where to where: `0.50..0.85`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_BETWEEN = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*", re.ASCII)


@dataclass(frozen=True)
class Interval:
    """The 10th to the 90th percentile of a value; answers without odds use the midpoint.

    Written as `low..high`, the one form of text that counts as a number anywhere.
    """

    low: float
    high: float

    @property
    def midpoint(self) -> float:
        """The middle: what counts in an answer without odds."""
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        return f"{_short(self.low)}..{_short(self.high)}"


def interval_of(text: str) -> Interval | None:
    """The interval that a text stands for; None where it stands for none.

    >>> interval_of("0.50..0.85"), str(interval_of("2_000..3_000")), str(interval_of("8 .. 16"))
    (Interval(low=0.5, high=0.85), 'None', '8..16')
    """
    found = _BETWEEN.fullmatch(text)
    return Interval(*map(float, found.groups())) if found else None


def midpoint_of(value: Any) -> Any:
    """The midpoint of an interval; any other value as it is."""
    return value.midpoint if isinstance(value, Interval) else value


def _short(number: float) -> str:
    return repr(int(number)) if number.is_integer() else repr(number)
