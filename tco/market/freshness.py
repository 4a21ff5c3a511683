"""How old an observation is, and what that makes of it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from tco.market.files import first_day

FRESH_DAYS, STALE_DAYS = 30, 90


@lru_cache(maxsize=4096)
def age_days(as_of: str, on: str) -> int:
    """Days from the date of an observation, of any precision, to a day; negative if it is later.

    >>> age_days("2026-07", "2026-07-31"), age_days("2026-07-30", "2026-07-30")
    (30, 0)
    """
    return (date.fromisoformat(on) - date.fromisoformat(first_day(as_of))).days


def freshness(days: float) -> str:
    """The word for an age: fresh up to 30 days, ageing up to 90, else stale.

    >>> [freshness(days) for days in (30, 31, 90, 91)]
    ['fresh', 'ageing', 'ageing', 'stale']
    """
    if days <= FRESH_DAYS:
        return "fresh"
    return "ageing" if days <= STALE_DAYS else "stale"
