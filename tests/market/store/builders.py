"""Small observations and batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import Any

from tco.market.catalogue import Price, Quote, Rate, Source
from tco.market.observed import Batch, RejectedRow

_NUMBERS = count(1)
SOURCE = Source(
    "list",
    "A Cloud",
    "Its prices",
    "https://cloud.example/prices",
    "2026-11",
    "2026-11-21",
    "CC0-1.0",
)


def rate(usd: float = 0.7, /, **other: Any) -> Rate:
    row: dict[str, Any] = {"gpu": "L4", "provider": "acloud", "instance": "g-1"}
    row |= {"gpus_per_instance": 1.0, "region": "us-1", "country": "US", "term": "on_demand"}
    row |= {"host_included": True, "as_of": "2026-11-21", "source_id": "list", "note": ""}
    return Rate(**row | {"usd_per_gpu_hour": usd} | other)


def price(usd: float = 2_650, /, **other: Any) -> Price:
    row: dict[str, Any] = {"gpu": "L4", "price_basis": "street", "as_of": "2026-11"}
    return Price(**row | {"usd": usd, "source_id": "list", "note": ""} | other)


def quote(value: float = 2_500, /, **other: Any) -> Quote:
    row: dict[str, Any] = {"gpu": "L4", "input": "price_usd_per_gpu", "value": value}
    row |= {"provider": "", "region": "", "term": "", "as_of": "2026-11-21"}
    return Quote(**row | {"valid_until": "2026-12-31", "note": "by telephone"} | other)


def batch(*rows: Rate | Price | Quote, **other: Any) -> Batch:
    """A batch of some rows, each time from another file unless `sha256` is given."""
    fields: dict[str, Any] = {"collector": "test", "file": "prices.csv", "as_of": "2026-11-21"}
    fields |= {"sha256": f"{next(_NUMBERS):064x}", "source": SOURCE}
    fields |= {"rows": Counter({("acloud", "L4"): len(rows)}), "kept": Counter()}
    fields |= {"rates": _of(Rate, rows), "prices": _of(Price, rows), "quotes": _of(Quote, rows)}
    return Batch(**fields | other)


def aside(line: int, reason: str = "no price", **other: str) -> RejectedRow:
    return RejectedRow(
        **{"line": line, "provider": "acloud", "gpu": "l4", "reason": reason} | other
    )


def many(number: int, usd: float = 1.0) -> tuple[Rate, ...]:
    """Rates that differ in their instance, of a few GPUs."""
    return tuple(
        rate(usd, gpu=f"GPU-{at % 7}", instance=f"instance-{at}", note="one of many, " * 20)
        for at in range(number)
    )


def _of(kind: type, rows: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(row for row in rows if isinstance(row, kind))
