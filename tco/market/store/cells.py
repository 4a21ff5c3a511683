"""Records as rows of a table: checked once more, as nothing that is stored can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from hashlib import blake2b
from typing import Any

from tco.errors import DataError
from tco.market.files import dated, one_of, text, word
from tco.market.records import Price, Quote, Rate, Source

PURCHASE, RENTAL = "price_usd_per_gpu", "rate_usd_per_gpu_hour"
_DIGEST_BYTES = 16
_NUL = "\0"
# What the record does not say of its own fields.
_OF_QUOTE = {
    "gpu": word,
    "input": one_of(PURCHASE, RENTAL),
    "as_of": dated,
    "valid_until": dated,
}


def cells(row: Rate | Price | Quote | Source, where: str) -> dict[str, Any]:
    """The fields of a record by name; DataError with `where` for one that its column would refuse.

    >>> cells(Price("L4", "street", 2650, "2026-11", "a-shop", ""), "row 1")["usd"]
    2650.0
    """
    found = {}
    for name, check in _CHECKS[type(row)]:
        value = getattr(row, name)
        try:
            found[name] = check(value)
        except ValueError as wrong:
            raise DataError(f"{where}: {name} = {value!r} {wrong}") from None
    return found


def digest(found: dict[str, Any]) -> bytes:
    """The same for rows that are the same in every field, else another."""
    return blake2b(repr(tuple(found.values())).encode(), digest_size=_DIGEST_BYTES).digest()


def legible(raw: str) -> str:
    r"""Text from a file, without the characters that a database does not keep.

    >>> legible("L4" + chr(0) + chr(0xD800))
    'L4\\x00\\ud800'
    """
    return raw.replace(_NUL, "\\x00").encode("utf-8", "backslashreplace").decode()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not text")
    if _NUL in value:
        raise ValueError("has a NUL character")
    value.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
    return str(value)


def _amount(value: Any) -> float:
    number = float(value)
    if not 0 < number < float("inf"):
        raise ValueError("is not a positive number")
    return number


def _check(kind: type, field: Any) -> Callable[[Any], Any]:
    if field.type == "bool":
        return bool
    if field.type == "float":
        return _amount
    rule = field.metadata.get("parse", text)
    if kind is Quote:
        rule = _OF_QUOTE.get(field.name, text)
    if kind is Source and field.name != "source_id":
        rule = text  # a quote by telephone has no address
    return lambda value: rule(_text(value))


_CHECKS = {
    kind: [(field.name, _check(kind, field)) for field in fields(kind)]
    for kind in (Rate, Price, Quote, Source)
}
