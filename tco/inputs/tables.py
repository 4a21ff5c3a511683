"""Files of text from people's disks: their encoding, their marks, and how much of them is read.

A table is read within bounds that no honest one meets: a line of a megabyte or a thousand columns
is refused at once, before anything is done with what it holds.
"""

from __future__ import annotations

import csv
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
    b"\xd0\xcf\x11\xe0": "a workbook (XLS): save its sheet as CSV UTF-8",
    b"PAR1": "a Parquet file: give it the ending .parquet",
    b"\x1f\x8b": "compressed: unpack it first",
    b"BZh": "compressed: unpack it first",
    b"\xfd7zXZ": "compressed: unpack it first",
    b"%PDF": "a PDF: export the table as CSV",
}
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
    """Why some text of a file is none: a byte of another encoding, or a NUL; empty where it is."""
    if text.isascii():
        return "NUL characters are not text: save the file as UTF-8" if "\0" in text else ""
    byte = next((char for char in text if "\udc80" <= char <= "\udcff"), "")
    if byte:
        return f"byte 0x{ord(byte) - 0xDC00:x} is not UTF-8: save the file as UTF-8"
    return "NUL characters are not text: save the file as UTF-8" if "\0" in text else ""


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


def check_width(header: Sequence[str]) -> None:
    """DataError for more columns than any table of ours has."""
    if len(header) > MOST_COLUMNS:
        raise DataError(f"{len(header):,} columns exceed the limit of {MOST_COLUMNS:,}")


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
    is_long = "field limit" in str(wrong)
    return "a cell is far too long: is a quote not closed?" if is_long else str(wrong)


def is_blank(record: Iterable[str]) -> bool:
    """Whether a row of a table has no text at all: no row for anybody who made it.

    >>> is_blank(["", " "]), is_blank(["", "0"])
    (True, False)
    """
    return not any(map(str.strip, record))
