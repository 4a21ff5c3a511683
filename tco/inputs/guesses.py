"""What a text that is no value probably means: the form in which it would be one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import TypeAlias

# Reads a part of a text as a number; ValueError where it is none in the domain.
Read: TypeAlias = Callable[[str], float | int]

_RANGE = re.compile(
    r"(?:between\s+|from\s+)?(.*\d[^\d-]*?)\s*"
    r"(?:\.{3}|…|–|—|\bto\b|\bbis\b|\band\b|(?<=[\d %])-)\s*([^-]*\d.*)",
    re.ASCII | re.I,
)
_BRACKETED = re.compile(r"\[(.*\d.*)[,;]\s(.*\d.*)\]", re.ASCII)
_AROUND = re.compile(r"(.*\d.*?)\s*(?:±|\+/?-)\s*(.*\d.*)")
_FRACTION = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})", re.ASCII)
_ABOUT = re.compile(
    r"(?:~|≈|about|approx\.?|ca\.?|circa|around|from|up to|<=?|>=?|≤|≥)\s*(.*\d.*)", re.I
)
_PLAIN = re.compile(r"(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)
# Marks around a number that say nothing of its size: 2.49*, =45%, 0.45.
_BEFORE, _BEHIND = " *†‡+=([\"'", " *†‡+.,;:!?)]\"'"

_DAY = re.compile(r"(\d{1,4})\s?[./–—-]\s?(\d{1,2})\s?[./–—-]\s?(\d{1,4})", re.ASCII)
_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*", re.ASCII)
_NAMED_MONTH = re.compile(
    r"(?:(\d{1,2})[.\s/-]*)?([a-z]{3})[a-z]*[.\s/-]*(?:(\d{1,2}),?\s+)?(\d{4})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# How spreadsheets count days; the numbers of 2000 to 2099.
_FIRST_DAY, _NUMBERED = date(1899, 12, 30), range(36_526, 73_051)


def numbers(text: str, read: Read) -> list[float]:
    """The number that a text probably means, or the two ends of a range; none for no idea.

    >>> numbers("3/4", float), numbers("0.5±0.1", float), numbers("2.49*", float)
    ([0.75], [0.4, 0.6], [2.49])
    """
    for guess in (
        _fraction,
        _around,
        _between,
        _about,
        _minus_behind,
        _percent,
        _underscored,
        _other_digits,
        _marked,
    ):
        with suppress(ValueError, ZeroDivisionError, ArithmeticError):
            if ends := guess(text, read):
                return ends
    return []


def _fraction(text: str, read: Read) -> list[float]:
    found = _FRACTION.fullmatch(text)
    return [read(f"{int(found[1]) / int(found[2]):.4g}")] if found else []


def _around(text: str, read: Read) -> list[float]:
    if not (found := _AROUND.fullmatch(text)):
        return []
    middle, width = map(read, found.groups())
    return [float(f"{end:.10g}") for end in (middle - width, middle + width)]


def _between(text: str, read: Read) -> list[float]:
    if not (found := _RANGE.fullmatch(text) or _BRACKETED.fullmatch(text)):
        return []
    low, high = found[1], found[2]
    unit = re.sub(r".*\d", "", high.strip()) if low.strip()[-1:].isdigit() else ""
    return [read(low + unit), read(high)]


def _about(text: str, read: Read) -> list[float]:
    found = _ABOUT.fullmatch(text)
    return [read(found[1])] if found else []


def _minus_behind(text: str, read: Read) -> list[float]:
    return [read(f"-{text[:-1]}")] if text.endswith("-") else []


def _percent(text: str, read: Read) -> list[float]:
    plain = re.sub(r"\s*(%|percent|pct|Prozent|pour cent|por ciento)\.?", "", text)
    if plain == text or not _PLAIN.fullmatch(plain):
        return []
    with suppress(ValueError):
        return [read(f"{plain}%")]
    return [read(f"{float(plain.replace(',', '.')) / 100:.10g}")]


def _underscored(text: str, read: Read) -> list[float]:
    return [read(text.replace("_", ""))] if "_" in text else []


def _other_digits(text: str, read: Read) -> list[float]:
    plain = "".join(str(unicodedata.decimal(char, char)) for char in text)
    return [read(plain.replace("٫", "."))] if plain != text else []


def _marked(text: str, read: Read) -> list[float]:
    plain = text.lstrip(_BEFORE).rstrip(_BEHIND)
    return [read(plain)] if plain != text else []


def days(text: str) -> list[str]:
    """The days that a date in another form can be, in order; none for no idea.

    >>> days("3.4.2026"), days("1 Nov 2026"), days("46327"), days("2026-11-01T12:00Z")
    (['2026-03-04', '2026-04-03'], ['2026-11-01'], ['2026-11-01'], ['2026-11-01'])
    """
    found = []
    for year, month, day in _orders(text.strip()):
        with suppress(ValueError):
            found.append(date(year, month, day).isoformat())
    return sorted({*found})


def _orders(text: str) -> Iterator[tuple[int, int, int]]:
    """Years, months and days as which a text can be read, of the calendar or not."""
    plain = "".join(str(unicodedata.decimal(char, char)) for char in text)
    if found := _DAY_AND_TIME.fullmatch(plain):
        plain = found[1]
    if plain.isascii() and plain.isdigit() and int(plain[:8]) in _NUMBERED and len(plain) == 5:
        day = _FIRST_DAY + timedelta(int(plain))
        yield day.year, day.month, day.day
    if named := _NAMED_MONTH.fullmatch(plain.casefold()):
        before, month, behind, year = named.groups()
        if month in _MONTHS and (before or behind):
            yield int(year), _MONTHS.index(month) + 1, int(before or behind)
    digits = plain.isascii() and plain.isdigit() and len(plain) == 8
    if not (found := _DAY.fullmatch(f"{plain[:4]}-{plain[4:6]}-{plain[6:]}" if digits else plain)):
        return
    a, b, c = found.groups()
    if len(a) == 4:
        yield int(a), int(b), int(c)
    elif len(c) == 4:
        yield from ((int(c), int(b), int(a)), (int(c), int(a), int(b)))
    elif len(a) == 2 and len(c) == 2 and "-" in plain:  # of this century, as ISO 8601 orders them
        yield 2000 + int(a), int(b), int(c)
        yield 2000 + int(c), int(b), int(a)
    elif len(c) == 2:
        yield from ((2000 + int(c), int(b), int(a)), (2000 + int(c), int(a), int(b)))
