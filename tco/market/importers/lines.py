"""The rows of a CSV file that may be broken."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, TypeVar

from tco.errors import DataError
from tco.inputs.tables import encoding_of, other_file

Value = TypeVar("Value")
LONGEST_LINE = 65_536
LONGEST_NAME = 200
_SHOWN = 80
_SPACES = str.maketrans("\t\u00a0\u202f", "   ")


class RejectedError(Exception):
    """Why a row, or one price of it, is not used."""


def parsed(name: str, cell: str, parse: Callable[[str], Value]) -> Value:
    """What a cell holds; RejectedError, with the name of its column, where it cannot be read."""
    try:
        return parse(cell)
    except ValueError as wrong:
        raise RejectedError(f"{name} {wrong}") from None


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, its cells by column, or why it cannot be read.

    `text` is the beginning of the row, fit for a screen; a row with a `fault` is not used.
    """

    number: int
    text: str
    cells: dict[str, str]
    fault: str = ""


def read_lines(
    path: Path, needed: Collection[str], optional: Collection[str] = ()
) -> Iterator[Line]:
    """Every row after the header, in order; the file is never held in memory.

    Cells are those of the needed columns and of the optional ones that the file has, without space
    around them. DataError when the file cannot be read, is no CSV file in UTF-8, or lacks a needed
    column; it is raised with the first row.
    """
    try:
        with path.open("rb") as opened:
            stream = _as_utf8(opened)
            columns = _header(path, stream, needed)
            places = {name: columns.index(name) for name in (*needed, *optional) if name in columns}
            number = 1
            while raw := _physical_line(stream):
                number += 1
                text = raw.decode("utf-8", errors="replace").rstrip("\r\n").translate(_SPACES)
                try:
                    found = _cells(raw, text, len(columns))
                except RejectedError as why:
                    yield Line(number, beginning(text), {}, str(why))
                else:
                    cells = {name: found[at].strip() for name, at in places.items()}
                    yield Line(number, text[:_SHOWN], cells)
    except UnicodeDecodeError as wrong:
        raise DataError(f"{path.name}: is truncated or not UTF-16 text: {wrong.reason}") from wrong
    except OSError as wrong:
        raise unreadable(path, wrong) from wrong


class _Recoded:
    """Lines of a text of another encoding, in UTF-8."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def readline(self, limit: int) -> bytes:
        return self._text.readline(limit).encode()


def _as_utf8(stream: BufferedReader) -> BinaryIO | _Recoded:
    encoding = encoding_of(stream.peek(4))
    if encoding == "utf-8-sig":
        return stream
    return _Recoded(TextIOWrapper(stream, encoding=encoding, newline="\n"))


def unreadable(path: Path, wrong: OSError) -> DataError:
    """What to say of a file that the system does not give."""
    return DataError(f"{path}: {wrong.strerror or wrong}")


def beginning(text: str) -> str:
    """The first characters of a row, with a mark for those that no screen should get.

    >>> beginning("L4,aws")
    'L4,aws'
    """
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:_SHOWN])


def _header(path: Path, stream: BinaryIO | _Recoded, needed: Collection[str]) -> tuple[str, ...]:
    raw = _physical_line(stream)
    if not raw:
        raise DataError(f"{path.name}: the file is empty")
    if other := other_file(raw):
        raise DataError(f"{path.name} is {other}")
    if b"\0" in raw:
        raise DataError(f"{path.name}: UTF-16 or binary, not a CSV file in UTF-8")
    if len(raw) > LONGEST_LINE:
        raise DataError(f"{path.name}: its first line has more than {LONGEST_LINE:,} bytes")
    try:
        text = raw.decode("utf-8-sig").rstrip("\r\n")
        columns = tuple(cell.strip() for cell in next(csv.reader([text], strict=True), []))
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise DataError(f"{path.name}, line 1: not the header of a CSV file: {wrong}") from wrong
    lacking = [name for name in needed if name not in columns]
    if lacking:
        found = beginning(", ".join(columns))
        raise DataError(f"{path.name}: no column {', '.join(lacking)}; its first line: {found}")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise DataError(f"{path.name}: more than one column {beginning(', '.join(twice))}")
    return columns


def _physical_line(stream: BinaryIO | _Recoded) -> bytes:
    """The next line with its end; of one that is far too long only the beginning."""
    raw = stream.readline(LONGEST_LINE + 1)
    rest = raw
    while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
        rest = stream.readline(LONGEST_LINE + 1)
    return raw


def _cells(raw: bytes, text: str, width: int) -> list[str]:
    if len(raw) > LONGEST_LINE:
        raise RejectedError("line far too long")
    if not raw.endswith(b"\n"):
        raise RejectedError("no line end: the file may be cut")
    if not text.strip(" ,"):
        raise RejectedError("empty line")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise RejectedError("not UTF-8") from None
    if not text.isprintable():
        raise RejectedError("characters that cannot be printed")
    try:
        cells = next(csv.reader([text], strict=True))
    except csv.Error:
        raise RejectedError("quotes do not match") from None
    if len(cells) != width:
        raise RejectedError("wrong number of cells")
    return cells
