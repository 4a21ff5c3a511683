"""How old the data behind an answer is: from `as_of` in every export, from today in badges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tco.market.choice import age_days, freshness

# What people call the data: the two prices that an answer rests on most.
PRICES = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")


def input_age_days(entry: Any, on: str) -> int | None:
    """Days from the date of a default to a day; None for what has no date.

    >>> from tco.scenario import Scenario
    >>> entry = Scenario(gpu="L4", as_of="2026-11-21").resolved()["price_usd_per_gpu"]
    >>> entry.as_of, input_age_days(entry, "2026-11-21")
    ('2026-07-21', 123)
    """
    return age_days(entry.as_of, on) if entry.as_of else None


def data_age_days(resolved: Mapping[str, Any], given: Iterable[str] = ()) -> int | None:
    """The age of the older of purchase price and rental rate; None where both are the caller's.

    It counts from the scenario's `as_of`, so that the same inputs have the same age tomorrow.
    `resolved` holds resolved inputs or beliefs; those in `given` do not count.
    """
    on = resolved["as_of"].value
    ages = [input_age_days(resolved[name], on) for name in PRICES if name not in set(given)]
    return max((age for age in ages if age is not None), default=None)


def badge(as_of: str, today: date | None = None) -> tuple[str, int] | None:
    """Freshness and age of a date as of today; None for what has no date.

    >>> badge("2026-07-21", date(2026, 8, 30))
    ('ageing', 40)
    """
    if not as_of:
        return None
    days = age_days(as_of, (today or date.today()).isoformat())
    return freshness(days), days
