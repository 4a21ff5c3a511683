"""What the cells of a bill hold: amounts, quantities, moments, units of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from tco.errors import DataError, shown

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from tco.bills.tables import Column

# Amounts and quantities are exact to so many places, in sums too.
PLACES = 18
_DIGITS = 38
_LEAST = Decimal(1).scaleb(-PLACES)
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
MISSING = -(2**62)
SECONDS_PER_HOUR, SECONDS_PER_DAY = 3_600, 86_400
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_AROUND = re.compile(r"^[\s$€£]+|[\s$€£%]+$")
Value = TypeVar("Value")


def exact() -> pa.DataType:
    """The type of amounts and quantities: sums of it do not depend on the order."""
    import pyarrow as pa

    return pa.decimal128(_DIGITS, PLACES)


def number_of(text: str) -> Decimal:
    """A number as bills write it; ValueError for none.

    >>> [str(number_of(text)) for text in ("1.5", "-1,234.50", "(2.25)", "$3", "5.6E-05")]
    ['1.5', '-1234.50', '-2.25', '3', '0.000056']
    """
    plain = _AROUND.sub("", text.replace("\u2212", "-").replace("\u00a0", " ").strip())
    sign = 1
    if plain.startswith("(") and plain.endswith(")"):
        plain, sign = plain[1:-1], -1
    if plain.startswith("-"):
        plain, sign = _AROUND.sub("", plain[1:]), -sign
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain)
        if not found.is_finite() or abs(found) >= Decimal(10) ** (_DIGITS - PLACES - 4):
            raise ValueError(text)
        return sign * (found if found.as_tuple().exponent >= -PLACES else _rounded(found))  # type: ignore[operator]
    except InvalidOperation:
        raise ValueError(text) from None


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_LEAST, context=_WIDE)


def numbers(column: Column, where: str, first: int) -> pa.Array:
    """A column of numbers, exactly; null where a cell is empty.

    `where` names file and column in the DataError for what is no number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = _plain(column)
    if pa.types.is_null(plain.type):
        return pa.nulls(len(plain), exact())
    is_text = pa.types.is_string(plain.type) or pa.types.is_large_string(plain.type)
    if not is_text and not _is_number(plain.type):
        raise DataError(f"{where} holds {plain.type}, not numbers")
    try:
        return plain.cast(exact())
    except pa.ArrowException:
        found: list[Decimal | None] = []
        if not is_text:
            plain = pc.cast(plain, pa.string())
        known: dict[str, Decimal | None] = {"": None}
        for at, text in enumerate(plain.to_pylist()):
            if text is None:
                found.append(None)
                continue
            if text not in known:
                try:
                    known[text] = number_of(text) if text.strip() else None
                except ValueError:
                    told = f"{where}, row {first + at}: {shown(text)} is not a number"
                    if where.endswith(f": {text}"):
                        told += ": the header is there again, so two files were joined"
                    raise DataError(told) from None
            found.append(known[text])
        return pa.array(found, exact())


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return any(is_one(kind) for is_one in (types.is_integer, types.is_floating, types.is_decimal))


def _plain(column: Column) -> pa.Array:
    """A column in one piece, and as itself rather than as numbers of a dictionary."""
    import pyarrow as pa

    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found


def texts(column: Column) -> pa.Array:
    """A column as text; lists and maps as JSON, and nothing where they are empty."""
    import json

    import pyarrow as pa
    import pyarrow.compute as pc

    plain = _plain(column)
    if pa.types.is_string(plain.type):
        return plain
    if pa.types.is_nested(plain.type):
        found = [json.dumps(x, default=str) if x else None for x in plain.to_pylist()]
        return pa.array(found, pa.string())
    return pc.cast(plain, pa.string())


def of_each(column: pa.Array, read: Callable[[str], Value], missing: Value) -> list[Value]:
    """What a function makes of each text, called once for those that are the same."""
    coded = column.dictionary_encode()
    values = [read(text) if text is not None else missing for text in coded.dictionary.to_pylist()]
    return [missing if at is None else values[at] for at in coded.indices.to_pylist()]


_US_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]M)?)?",
    re.I | re.ASCII,
)


# No bill is of other years.
_YEARS = (1970, 2200)
# A zone may stand apart from the time.
_ZONE = re.compile(r"\s+([+-]\d{2}:?\d{2})$")


@lru_cache(maxsize=65_536)
def moment(text: str) -> int:
    """Seconds since 1970 of a time as bills write it, in UTC where it says no zone.

    >>> [moment(text) for text in ("1970-01-02", "1/2/1970", "1970-01-01T01:00:00Z")]
    [86400, 86400, 3600]
    >>> moment("1970-01-01 01:00:00 UTC"), moment("1970-01-01T01:00:00.000 +0100")
    (3600, 0)
    """
    plain = text.strip().removesuffix("UTC").strip()
    if found := _US_DATE.fullmatch(plain):
        month, day, year, hour, minute, second = (int(x or 0) for x in found.groups()[:6])
        if month > 12:
            month, day = day, month
        if half := found[7]:
            hour = hour % 12 + (12 if half.upper() == "PM" else 0)
        when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    else:
        when = datetime.fromisoformat(_ZONE.sub(r"\1", plain.replace("/", "-")))
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if not _YEARS[0] <= when.year < _YEARS[1]:
        raise ValueError(text)
    seconds = int(when.timestamp())
    # 23:59:59 is how some write the end of a day.
    return seconds + 1 if seconds % SECONDS_PER_DAY == SECONDS_PER_DAY - 1 else seconds


def moments(column: Column, where: str, first: int) -> np.ndarray[Any, Any]:
    """A column of times in seconds since 1970; MISSING where a cell is empty.

    DataError for what is no time.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = _plain(column)
    if pa.types.is_temporal(plain.type) and not pa.types.is_time(plain.type):
        seconds = pc.cast(pc.cast(plain, pa.timestamp("s"), safe=False), pa.int64())
        found = np.asarray(seconds.fill_null(MISSING))
        low, high = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in _YEARS)
        if ((found != MISSING) & ((found < low) | (found >= high))).any():
            raise DataError(f"{where} has a time that is not between {_YEARS[0]} and {_YEARS[1]}")
        return found
    coded = texts(plain).dictionary_encode()
    values = []
    for text in coded.dictionary.to_pylist():
        try:
            values.append(moment(text) if text is not None and text.strip() else MISSING)
        except (ValueError, OverflowError):
            row = first + coded.dictionary.to_pylist().index(text)
            raise DataError(f"{where}, row {row} or later: {shown(text)} is not a time") from None
    known = np.asarray([*values, MISSING], np.int64)
    return np.asarray(known[np.asarray(coded.indices.fill_null(len(values)))])


def utc(seconds: int) -> datetime:
    """The moment of seconds since 1970.

    >>> utc(3600).isoformat()
    '1970-01-01T01:00:00+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC)


def month_of(text: str) -> str:
    """The month of an invoice, as 202610 or 2026-10, as YYYY-MM; ValueError for none.

    >>> month_of("202610")
    '2026-10'
    """
    digits = text.strip().replace("-", "")[:6]
    return date(int(digits[:4]), int(digits[4:]), 1).isoformat()[:7]


_UNIT = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)?[\s/]*(?P<what>(?:[a-z]+[\s_-]+)*)?"
    r"(?P<unit>hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s)(?:\(s\))?",
    re.IGNORECASE,
)
_SECONDS = {"h": 3_600, "m": 60, "s": 1}
# Whose hours may be counted: an instance's, or a GPU's.
_INSTANCES = {"", "instance", "compute", "vm", "node", "server", "machine", "usage", "on-demand"}
_GPUS = {"gpu", "gpus", "accelerator"}


@lru_cache(maxsize=4_096)
def hours_in(unit: str) -> tuple[Fraction, bool] | None:
    """The hours of one unit, and whether they are those of a GPU; None for a unit of other kind.

    >>> hours_in("100 Hours"), hours_in("Hrs"), hours_in("GPU-Hours"), hours_in("GB-Months")
    ((Fraction(100, 1), False), (Fraction(1, 1), False), (Fraction(1, 1), True), None)
    >>> hours_in("seconds"), hours_in("vCPU-Hours"), hours_in("GPU Per Hour")
    ((Fraction(1, 3600), False), None, (Fraction(1, 1), True))
    """
    found = _UNIT.fullmatch(unit.strip())
    if found is None:
        return None
    whose = (found["what"] or "").strip(" -_").casefold().removesuffix("per").strip(" -_")
    if whose not in _INSTANCES | _GPUS:
        return None
    seconds = _SECONDS[found["unit"][0].casefold()] * Fraction(found["number"] or 1)
    return seconds / SECONDS_PER_HOUR, whose in _GPUS
