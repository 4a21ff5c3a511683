"""Of dated rows the newest that were known on a day, and what to say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from typing import Any, TypeVar

from tco.market.files import first_day

Row = TypeVar("Row")


def newest_of(rows: Iterable[Row], key: Any, as_of: str) -> list[Row]:
    """Of each key only the rows with the newest date on or before as_of."""
    best: dict[Any, tuple[str, list[Row]]] = {}
    for row in rows:
        day = first_day(row.as_of)  # type: ignore[attr-defined]
        if day > as_of:
            continue
        place = key(row)
        kept = best.get(place)
        if kept is None or day > kept[0]:
            best[place] = (day, [row])
        elif day == kept[0]:
            kept[1].append(row)
    return [row for _, kept in best.values() for row in kept]


def newest_date(rows: Iterable[Any]) -> str:
    """The newest date among rows, as written."""
    dates: list[str] = [row.as_of for row in rows]
    return max(dates, key=first_day)


def count(found: Sized, word: str) -> str:
    """A number with its word: 1 provider, 2 providers."""
    return f"{len(found)} {word}{'' if len(found) == 1 else 's'}"


def span(rows: Iterable[Any]) -> str:
    """From when to when rows are dated, in words."""
    dates = sorted((row.as_of for row in rows), key=first_day)
    return f"dated {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else "")
