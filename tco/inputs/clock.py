"""Which day it is. No answer depends on it: it dates what is entered, and refuses a day to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# Where a day begins first, it is so much later than in UTC.
_FIRST = timedelta(hours=14)


def today() -> str:
    """The day of the clock, in UTC; no answer depends on it."""
    return datetime.now(UTC).date().isoformat()


def is_to_come(day: str) -> bool:
    """Whether a day [YYYY-MM-DD] has begun nowhere yet: in the east it is later than in UTC.

    >>> is_to_come(today()), is_to_come("2999-01-01")
    (False, True)
    """
    return day > (datetime.now(UTC) + _FIRST).date().isoformat()
