"""The rows of a table that may be broken: a CSV file, or a sheet of a workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO, TypeVar

from tco.errors import DataError
from tco.inputs.tables import decimal_of, encoding_of, fitted, other_table, separator_of
from tco.market.importers.columns import USUAL_LAYOUT, Layout, places_of
from tco.market.importers.opening import PACKED, PriceFile, unpacked, unreadable

Value = TypeVar("Value")
LONGEST_LINE = 65_536
LONGEST_NAME = 200
_SHOWN = 80
_SPACES = str.maketrans("\t\u00a0\u202f", "   ")
# The header is one of so many lines: a title may stand before it, or a spreadsheet's sep=;
_MOST_BEFORE = 20
# Rows that are looked at to know the decimal mark.
_LOOKED_AT = 2_000
_TITLED = "the header is {} {}: what is above it is not read"
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
NOT_ENDED = "the last line has no line end: check that the file is whole"


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


@dataclass(frozen=True, slots=True)
class _Record:
    """A row as it stands: its cells, or why there are none."""

    number: int
    text: str
    cells: Sequence[str] = ()
    fault: str = ""


class Table:
    """The rows of a file after its header; the file is never held in memory.

    The cells are those of the needed columns and of the optional ones that the file has, without
    space around them. `decimal` is the mark in the `numeric` columns, `unread` are the columns that
    nothing is read from, `remarks` what is to be said after the last row. DataError when the file
    cannot be read, is no table, or lacks a needed column.
    """

    def __init__(
        self,
        file: PriceFile | Path,
        needed: Collection[str],
        optional: Collection[str] = (),
        layout: Layout = USUAL_LAYOUT,
        numeric: Collection[str] = (),
    ) -> None:
        self._file = file if isinstance(file, PriceFile) else unpacked(file, ("*",))[0]
        self.name = self._file.name
        self.remarks: list[str] = []
        wanted = (needed, optional, layout)

        def fits(names: Sequence[str]) -> object:
            return places_of(self.name, names, *wanted)

        with self._errors():
            if self._file.kind == "workbook":
                from tco.market.importers.workbook import sheet_of

                self._sheet, self._before, header, others = sheet_of(self._file.path, fits)
                self._sep = ","
                if self._before > 1:
                    self.remarks.append(_TITLED.format("row", self._before))
                if others:
                    read = f"sheet {beginning(self._sheet)} is read"
                    self.remarks.append(f"{read}, not {beginning(', '.join(others))}")
            else:
                self._sep, self._before, header = self._csv_header(layout.sep, fits)
            self.columns = header
            self.places = places_of(self.name, header, *wanted)
            used = {*self.places.values()}
            self.unread = tuple(c for at, c in enumerate(header) if c and at not in used)
            self.decimal = layout.decimal or self._decimal(numeric)

    def __iter__(self) -> Iterator[Line]:
        """Every row after the header, in order."""
        places = self.places.items()
        for record in self._records():
            if record.fault:
                yield Line(record.number, beginning(record.text), {}, record.fault)
            else:
                cells = {name: record.cells[at].strip() for name, at in places}
                yield Line(record.number, record.text[:_SHOWN], cells)

    def _errors(self) -> _Errors:
        return _Errors(self._file)

    def _decimal(self, numeric: Collection[str]) -> str:
        if self._sep != ";":
            return "."
        places = [self.places[name] for name in numeric if name in self.places]
        some = islice((each for each in self._records() if not each.fault), _LOOKED_AT)
        found = decimal_of(self._sep, (each.cells[at] for each in some for at in places))
        self.remarks = [told for told in self.remarks if told != NOT_ENDED]
        return found

    def _records(self) -> Iterator[_Record]:
        with self._errors():
            if self._file.kind == "workbook":
                from tco.market.importers.workbook import rows_of

                width = len(self.columns)
                for number, cells in rows_of(self._file.path, self._sheet, self._before, width):
                    yield _of_sheet(number, cells)
                return
            width = len(self.columns)
            with self._file.opened() as opened:
                stream = _as_utf8(opened)
                number = self._before
                for _ in range(number):
                    _physical_line(stream)
                while raw := _physical_line(stream):
                    number += 1
                    text = raw.decode("utf-8", errors="replace").rstrip("\r\n").translate(_SPACES)
                    try:
                        yield _Record(number, text, _cells(raw, text, width, self._sep))
                    except RejectedError as why:
                        yield _Record(number, text, (), str(why))
                    if not raw.endswith(b"\n") and len(raw) <= LONGEST_LINE:
                        self.remarks.append(NOT_ENDED)

    def _csv_header(
        self, sep: str, fits: Callable[[Sequence[str]], object]
    ) -> tuple[str, int, tuple[str, ...]]:
        """The separator, the number of the line that is the header, and the names in it.

        A title may stand before it; where no line fits, DataError says what the first one lacks.
        """
        first: DataError | None = None
        with self._file.opened() as opened:
            stream = _as_utf8(opened)  # kept: it closes the file that it is of
            lines = [*_first_lines(stream)]
        for number, raw, told in lines:
            try:
                found, names = self._names(raw, sep or told)
                fits(names)
            except DataError as wrong:
                first = first or wrong
                continue
            if first:
                self.remarks.append(_TITLED.format("line", number))
            return found, number, names
        raise first or DataError(f"{self.name}: the file is empty")

    def _names(self, raw: bytes, sep: str) -> tuple[str, tuple[str, ...]]:
        """The separator and the names of a line that may be the header; DataError for no text."""
        if _JSON.match(raw):
            told = "a JSON document, no table; pages of Azure's retail prices are read by azure"
            raise DataError(f"{self.name} is {told}")
        if self._file.member and raw.startswith(PACKED):
            raise DataError(f"{self.name} is packed itself: unpack the archive first")
        if other := other_table(raw):
            raise DataError(f"{self.name} is {other}")
        if b"\0" in raw:
            raise DataError(f"{self.name}: UTF-16 or binary, not a CSV file in UTF-8")
        if len(raw) > LONGEST_LINE:
            raise DataError(f"{self.name}: its first line has more than {LONGEST_LINE:,} bytes")
        if b"\r" in raw.rstrip(b"\r\n"):
            raise DataError(f"{self.name}: its lines end as on an old Mac: save it as CSV UTF-8")
        try:
            text = raw.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise DataError(f"{self.name} is not UTF-8 text: save it as CSV UTF-8") from None
        try:
            sep = sep or separator_of(text)
            row = next(csv.reader([text], delimiter=sep, strict=True), [])
        except csv.Error as wrong:
            why = f"not the header of a CSV file: {wrong}"
            raise DataError(f"{self.name}, line 1: {why}") from wrong
        return sep, tuple(cell.strip() for cell in row)


class _Errors:
    """Around reading a file: what the system says of it becomes a DataError that names it."""

    def __init__(self, file: PriceFile) -> None:
        self._file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, wrong: BaseException | None, _trace: object) -> None:
        if isinstance(wrong, UnicodeDecodeError):
            why = f"is truncated or not UTF-16 text: {wrong.reason}"
            raise DataError(f"{self._file.name}: {why}") from wrong
        if isinstance(wrong, OSError):
            raise unreadable(self._file.path, wrong) from wrong


def read_lines(
    path: PriceFile | Path,
    needed: Collection[str],
    optional: Collection[str] = (),
    layout: Layout = USUAL_LAYOUT,
) -> Iterator[Line]:
    """Every row of a table after its header: see `Table`."""
    yield from Table(path, needed, optional, layout)


class _Recoded:
    """Lines of a text of another encoding, in UTF-8."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def readline(self, limit: int) -> bytes:
        return self._text.readline(limit).encode()


def _as_utf8(stream: io.BufferedReader) -> BinaryIO | _Recoded:
    encoding = encoding_of(stream.peek(4))
    if encoding == "utf-8-sig":
        return stream
    return _Recoded(io.TextIOWrapper(stream, encoding=encoding, newline="\n"))


def beginning(text: str) -> str:
    """The first characters of a row, with a mark for those that no screen should get.

    >>> beginning("L4,aws")
    'L4,aws'
    """
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:_SHOWN])


def _first_lines(stream: BinaryIO | _Recoded) -> Iterator[tuple[int, bytes, str]]:
    """The first lines with text, by their number, each with a separator that is named before.

    Spreadsheets write sep=; before a header.
    """
    told = ""
    for number in range(1, _MOST_BEFORE + 1):
        raw = _physical_line(stream)
        plain = raw.removeprefix(b"\xef\xbb\xbf").strip()
        if len(plain) == len(b"sep=;") and plain.startswith(b"sep=") and not told:
            told = plain[-1:].decode("ascii", "replace")
        elif plain:
            yield number, raw, told
        if not raw:
            return


def _physical_line(stream: BinaryIO | _Recoded) -> bytes:
    """The next line with its end; of one that is far too long only the beginning."""
    raw = stream.readline(LONGEST_LINE + 1)
    rest = raw
    while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
        rest = stream.readline(LONGEST_LINE + 1)
    return raw


def _cells(raw: bytes, text: str, width: int, sep: str) -> list[str]:
    if len(raw) > LONGEST_LINE:
        raise RejectedError("line far too long")
    if not text.strip(f" {sep}"):
        raise RejectedError("empty line")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise RejectedError("not UTF-8: save the file as CSV UTF-8") from None
    if not text.isprintable():
        raise RejectedError("characters that cannot be printed")
    try:
        # A tab between cells became a space above: such a text is read as it was.
        told = text if sep != "\t" else raw.decode().rstrip("\r\n")
        cells = next(csv.reader([told], delimiter=sep, strict=True))
    except csv.Error:
        raise RejectedError("quotes do not match, or a cell goes over several lines") from None
    cells = fitted(cells, width)
    if len(cells) != width:
        raise RejectedError("wrong number of cells")
    return [cell.translate(_SPACES) for cell in cells] if sep == "\t" else cells


def _of_sheet(number: int, cells: Sequence[str]) -> _Record:
    said = ",".join(cells)
    text = said.translate(_SPACES)
    if not text.strip(" ,"):
        return _Record(number, text, (), "empty line")
    if len(text) > LONGEST_LINE:
        return _Record(number, text[:_SHOWN], (), "line far too long")
    if not text.isprintable():
        return _Record(number, text, (), "characters that cannot be printed")
    plain = cells if said == text else [cell.translate(_SPACES) for cell in cells]
    return _Record(number, text, plain)


def listed(names: Iterable[str], most: int = 8) -> str:
    """The first names of some, in order, and how many more there are.

    >>> listed(["b", "a", "b"]), listed("abc", 2)
    ('a, b', 'a, b and 1 more')
    """
    unique = sorted(set(names))
    more = len(unique) - most
    return ", ".join(unique[:most]) + (f" and {more} more" if more > 0 else "")
