"""Cells of a text file: numbers a spreadsheet reads as numbers, words it never runs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Any

from tco.errors import InputError, Problem

SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (".", ",")
# A spreadsheet takes text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any, decimal: str = ".") -> str:
    """One value as text: none and infinity are empty, flags are words, text is made harmless.

    >>> [cell(v) for v in (0.1, 36.0, True, None, math.inf, "=1+1")]
    ['0.1', '36', 'true', '', '', "'=1+1"]
    >>> cell(0.25, decimal=",")
    '0,25'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            return ""
        return _number(value).replace(".", decimal)
    words = str(value).replace("\x00", "")
    safe = f"'{words}" if words.startswith(_FORMULA) else words
    return safe.replace("\r\n", "\n").replace("\r", "\n")


def _number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def table(
    header: Iterable[str], rows: Iterable[Iterable[Any]], sep: str = ",", decimal: str = "."
) -> str:
    """A CSV text of a header and rows, with LF line ends."""
    check_format(sep, decimal)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=sep, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value, decimal) for value in row] for row in rows)
    return stream.getvalue()


def check_format(sep: str, decimal: str) -> None:
    """InputError unless the separator and the decimal mark can stand in one file."""
    problems = []
    if sep not in SEPARATORS:
        problems.append(Problem("sep", f"sep = {sep!r} is not a comma, semicolon, tab or bar"))
    if decimal not in DECIMALS:
        problems.append(Problem("decimal", f"decimal = {decimal!r} is not a point or a comma"))
    if sep == decimal:
        problems.append(Problem("sep", f"sep and decimal are both {sep!r}: choose another sep"))
    if problems:
        raise InputError(problems)
