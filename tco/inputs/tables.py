"""Files of text from people's disks: their encoding, their marks, and how much of them is read.

A table is read within bounds that no honest one meets: a line of a megabyte or a thousand columns
is refused at once, before anything is done with what it holds.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from tco.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
MOST_COLUMNS = 1_024
# Characters of a line, and of a record whose quoted cells go over several.
LONGEST_LINE = 2**20
# More cells than are looked at to know the decimal mark of a file.
_LOOKED_AT = 10_000

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER_FILES = {
    b"PK\x03\x04": "a workbook (XLSX, ODS) or another archive: save its sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "a workbook (XLS), or one with a password: save its sheet as CSV UTF-8",
    b"PAR1": "a Parquet file: give it the ending .parquet",
    b"\x1f\x8b": "compressed: unpack it first",
    b"BZh": "compressed: unpack it first",
    b"\xfd7zXZ": "compressed: unpack it first",
    b"%PDF": "a PDF: export the table as CSV",
}
# What a table is not, though it is text.
_OTHER_TEXTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:(?P<json>[{\[])|<!doctype|<html|<\?xml)", re.I)
# Characters that move a terminal's cursor, or end a text: none of a table.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Numbers of which one mark can only be the decimal one: 0,6 12,5 1.234,5 and 0.6 12.5 1,234.5.
_DECIMAL = {
    mark: re.compile(
        rf"[^\d.,]*(?:(?:0|\d{{4,}})?\{mark}\d+|\d{{1,3}}(?:\{other}\d{{3}})*\{mark}(?:\d{{1,2}}|\d{{4,}})"
        rf"|\d{{1,3}}(?:\{other}\d{{3}})+\{mark}\d*)[^\d.,]*",
        re.ASCII,
    )
    for mark, other in ((".", ","), (",", "."))
}


def encoding_of(start: bytes) -> str:
    r"""How a file that starts so is encoded: UTF-8 unless it has the mark of another.

    >>> encoding_of(b"\xff\xfeg\x00"), encoding_of(b"gpu")
    ('utf-16', 'utf-8-sig')
    """
    return "utf-16" if start.startswith(_UTF16) else "utf-8-sig"


def other_file(start: bytes) -> str:
    """What a file that starts so is instead of text, and what to do; empty for text.

    >>> other_file(b"%PDF-1.7"), other_file(b"gpu,utilization")
    ('a PDF: export the table as CSV', '')
    """
    return next((said for mark, said in _OTHER_FILES.items() if start.startswith(mark)), "")


def other_table(start: bytes) -> str:
    """The same for a file that ought to be a table.

    >>> other_table(b'{"gpu": "L4"}')
    'a JSON document: give it the ending .json'
    """
    found = _OTHER_TEXTS.match(start)
    if found is None:
        return other_file(start)
    is_json = found["json"] is not None
    return "a JSON document: give it the ending .json" if is_json else "a web page or XML, no CSV"


def text_of(data: bytes, file: str) -> str:
    r"""A whole small file as text; what is not in its encoding stays as lone surrogates.

    DataError where it is no text at all.

    >>> text_of("gpu\nL4".encode("utf-16"), "table.csv")
    'gpu\nL4'
    """
    if other := other_file(data):
        raise DataError(f"{file} is {other}")
    try:
        text = data.decode(encoding_of(data), "surrogateescape").removeprefix("\ufeff")
    except UnicodeDecodeError as wrong:
        raise DataError(f"{file}: is truncated or not UTF-16 text: {wrong.reason}") from None
    if "\0" in text.partition("\n")[0]:
        raise DataError(f"{file} contains characters that are not text: save it as UTF-8")
    return text


def strict_text_of(data: bytes, file: str) -> str:
    r"""The same; DataError, with the row of the first byte, where not all of it is text.

    >>> strict_text_of(b"gpu\nL4\xe9", "table.csv")
    Traceback (most recent call last):
    tco.errors.DataError: table.csv, row 2: byte 0xe9 is not UTF-8: save the file as UTF-8
    """
    text = text_of(data, file)
    for row, line in enumerate(text.split("\n"), 1):
        if why := not_text(line):
            raise DataError(f"{file}, row {row}: {why}")
    return text


def not_text(text: str) -> str:
    r"""Why some text of a file is none: bytes of another encoding, control characters; else empty.

    >>> not_text("L4\x1b[2J")
    'control character 0x1b is not text: remove it'
    """
    if text.isprintable():
        return ""
    byte = "" if text.isascii() else next((c for c in text if "\udc80" <= c <= "\udcff"), "")
    if byte:
        return f"byte 0x{ord(byte) - 0xDC00:x} is not UTF-8: save the file as UTF-8"
    if "\0" in text:
        return "NUL characters are not text: save the file as UTF-8"
    control = _CONTROLS.search(text)
    return f"control character 0x{ord(control[0]):02x} is not text: remove it" if control else ""


def readable(text: str) -> str:
    r"""Text in which a byte that is not UTF-8 stands as its number: no two become the same.

    >>> readable("caf\udce9")
    'caf\\xe9'
    """
    if text.isascii():
        return text
    shown = re.sub("[\udc80-\udcff]", lambda byte: f"\\x{ord(byte[0]) - 0xDC00:x}", text)
    return shown.encode("utf-8", "backslashreplace").decode()


def separator_of(header: str) -> str:
    """What separates the cells of a table, by its first line.

    >>> separator_of("gpu;utilization;note, in words")
    ';'
    """
    return max(SEPARATORS, key=header.count)


def decimal_of(sep: str, cells: Iterable[str]) -> str:
    """The decimal mark of a table, as its cells show it; empty where they leave it open.

    With commas between its cells it is the point, with anything but semicolons too.

    >>> [decimal_of(";", cells) for cells in (["L4", "0,6", "1.234"], ["0.6"], ["1.234"])]
    [',', '.', '']
    """
    if sep != ";":
        return "."
    shown = set()
    for _, cell in zip(range(_LOOKED_AT), cells, strict=False):
        if len(cell) < 40:
            shown |= {mark for mark, form in _DECIMAL.items() if form.fullmatch(cell.strip())}
    return shown.pop() if len(shown) == 1 else ""


def without_controls(text: str) -> str:
    r"""Text in which a control character stands as its number.

    >>> without_controls("L4\x1b[2J")
    'L4\\x1b[2J'
    """
    if text.isprintable():
        return text
    return _CONTROLS.sub(lambda control: f"\\x{ord(control[0]):02x}", text)


def first_line(text: str) -> str:
    r"""The first line of a text that has one, as its header.

    >>> first_line("\n\ngpu;pue\nL4;1.2")
    'gpu;pue'
    """
    found = re.search(r"[^\r\n]*\S[^\r\n]*", text)
    return found[0] if found else ""


def header_of(rows: Iterator[Sequence[str]], most: int = MOST_COLUMNS) -> tuple[list[str], int]:
    """The names in the first row that is not blank, and the number of that row from 1.

    No names where every row is blank; DataError for too many columns.

    >>> header_of(iter([["", ""], ["gpu ", " pue"]]))
    (['gpu', 'pue'], 2)
    """
    for number, row in enumerate(rows, 1):
        check_width(row, most)
        if not is_blank(row):
            return [name.strip() for name in row], number
    return [], 1


def named(header: Sequence[str]) -> list[str]:
    """The columns of a header without the empty ones at its end, as spreadsheets save them.

    >>> named(["gpu", "", "pue", "", ""])
    ['gpu', '', 'pue']
    """
    width = len(header)
    while width and not header[width - 1].strip():
        width -= 1
    return list(header[:width])


def fitted(row: list[str], width: int) -> list[str]:
    """A row without the empty cells behind its last column.

    >>> fitted(["L4", "0.5", ""], 2), fitted(["L4", "0", "5"], 2)
    (['L4', '0.5'], ['L4', '0', '5'])
    """
    return row[:width] if len(row) > width and is_blank(row[width:]) else row


def wrong_length(row: Sequence[str], width: int) -> str:
    """Why a row with more or fewer cells than columns is refused; empty for any other.

    >>> wrong_length(["L4", "0", "5"], 2)
    '3 cells instead of 2: a cell with a comma in it needs quotation marks'
    """
    if len(row) == width:
        return ""
    hint = ": a cell with a comma in it needs quotation marks" if len(row) > width else ""
    return f"{len(row)} cells instead of {width}{hint}"


def check_width(header: Sequence[str], most: int = MOST_COLUMNS) -> None:
    """DataError for more columns than any table of ours has."""
    if len(header) > most:
        raise DataError(f"{len(header):,} columns exceed the limit of {most:,}")


class Lines:
    """The lines of a stream for a reader of records, which says where one ends.

    DataError for a line, or a record of several, that is far too long: a quote may be open.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._pending = stream, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self._pending += len(line)
        if self._pending > LONGEST_LINE:
            told = "a row of more than a million characters: is a quote not closed?"
            raise DataError(told)
        return line

    def taken(self) -> None:
        """A record is complete: what comes next is another."""
        self._pending = 0


def fault(wrong: csv.Error) -> str:
    """What is wrong with a table, in words, by the error of the reader."""
    told = "a cell is far too long" if "field limit" in str(wrong) else str(wrong)
    is_open = told != str(wrong) or "unexpected end" in told
    return f"{told}: is a quote not closed?" if is_open else told


def rows_of(text: str, file: str, sep: str = ",") -> list[tuple[int, list[str]]]:
    r"""The rows of a CSV text with their numbers from 1, the header first; without blank ones.

    DataError for what is no such text, with the name of its `file`.

    >>> rows_of("\n gpu,users,\nL4,5,\n,\n", "work.csv")
    [(2, ['gpu', 'users']), (3, ['L4', '5'])]
    """
    read = Lines(io.StringIO(text, newline=""))
    reader = csv.reader(read, delimiter=sep, strict=True)
    try:
        names, at = header_of(reader)
        header, found = named(names), list[tuple[int, list[str]]]()
        for number, record in enumerate(reader, at + 1):
            read.taken()
            if not is_blank(record):
                found.append((number, fitted(record, len(header))))
    except csv.Error as failed:
        raise DataError(f"{file}, line {reader.line_num}: {fault(failed)}") from failed
    except DataError as wrong:
        raise DataError(f"{file}, {wrong}") from None
    return [(at, header), *found]


def is_blank(record: Iterable[str]) -> bool:
    """Whether a row of a table has no text at all: no row for anybody who made it.

    >>> is_blank(["", " "]), is_blank(["", "0"])
    (True, False)
    """
    return not any(map(str.strip, record))
