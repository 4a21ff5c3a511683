"""The rows of a CSV file that may be broken, and the account of what each of them gave."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tco.errors import DataError
from tco.market.files import at_least_zero, positive
from tco.market.observed import RejectedRow

LONGEST_LINE = 65_536
LONGEST_NAME = 200
_SHOWN = 80
_SPACES = str.maketrans("\t\u00a0\u202f", "   ")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class RejectedError(Exception):
    """Why a row, or one price of it, is not used."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, its cells by column, or why it cannot be read.

    `text` is the beginning of the row, fit for a screen; with a `fault` there are no cells.
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
        with path.open("rb") as stream:
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
    except OSError as wrong:
        raise unreadable(path, wrong) from wrong


def unreadable(path: Path, wrong: OSError) -> DataError:
    """What to say of a file that the system does not give."""
    return DataError(f"{path}: {wrong.strerror or wrong}")


def beginning(text: str) -> str:
    """The first characters of a row, with a mark for those that no screen should get.

    >>> beginning("L4,aws")
    'L4,aws'
    """
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:_SHOWN])


def _header(path: Path, stream: BinaryIO, needed: Collection[str]) -> tuple[str, ...]:
    raw = _physical_line(stream)
    if not raw:
        raise DataError(f"{path.name}: the file is empty")
    if raw.startswith(_WIDE_MARKS) or b"\0" in raw:
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


def _physical_line(stream: BinaryIO) -> bytes:
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
    if not text.strip():
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


ON_DEMAND = "on_demand"
SPOT = "spot"
NO_PRICE = "no price"
# What collectors write where they know no price [USD per hour].
_PLACEHOLDERS = frozenset({700.0})
# A GPU-hour outside of this [USD], or an instance with more GPUs, is a slip of the collector.
_LEAST_USD, _MOST_USD, _MOST_GPUS = 0.001, 1_000, 1_000


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """One price of an instance [USD per hour] in one zone, and the rows it stands in."""

    lines: tuple[int, ...]
    gpu: str
    instance: str
    gpus: float
    region: str
    zone: str
    term: str
    usd: float
    host_included: bool = True


@dataclass
class RowLog:
    """Rows as they come: each gives prices, or is rejected; or one of its prices is lost."""

    prices: list[ListedPrice] = field(default_factory=list)
    # The provider, GPU name and beginning of each row.
    _rows: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    _rejected: dict[tuple[int, str], RejectedRow] = field(default_factory=dict)
    _lost: list[tuple[tuple[int, ...], str, str]] = field(default_factory=list)

    def read(
        self,
        lines: Iterable[Line],
        name: Callable[[dict[str, str]], tuple[str, str]],
        take: Callable[[Line], None],
    ) -> None:
        """Enter each row under its provider and GPU name, and reject those that `take` refuses."""
        for line in lines:
            self._rows[line.number] = (*name(line.cells), line.text)
            try:
                if line.fault:
                    raise RejectedError(line.fault)
                take(line)
            except RejectedError as why:
                self.reject(line.number, str(why))

    def reject(self, number: int, reason: str) -> None:
        """Say why a row, or one price of it, was not used."""
        provider, gpu, text = self._rows[number]
        self._rejected[number, reason] = RejectedRow(number, provider, gpu, reason, text)

    def add(self, price: ListedPrice) -> None:
        """Take a price, if it can be one."""
        if _LEAST_USD <= price.usd / price.gpus <= _MOST_USD:
            self.prices.append(price)
        else:
            self.lose(price.lines, price.term, "price is absurd")

    def lose(self, lines: tuple[int, ...], term: str, reason: str) -> None:
        """Say why a price of a term was not used; counts for rows that do not give it otherwise."""
        self._lost.append((lines, term, reason))

    def close(self, used: Collection[tuple[int, str]]) -> None:
        """Reject what was lost; `used` are the row numbers and terms of the prices that count."""
        for lines, term, reason in self._lost:
            for number in lines:
                if (number, term) not in used:
                    self.reject(number, f"{SPOT}: {reason}" if term == SPOT else reason)
        self._lost.clear()

    def rejected(self) -> tuple[RejectedRow, ...]:
        """What was rejected, in the order of the file."""
        return tuple(self._rejected[key] for key in sorted(self._rejected))

    def count(self, numbers: Iterable[int] | None = None) -> Counter[tuple[str, str]]:
        """The rows of these numbers, or all, by provider and GPU name."""
        return Counter(self._rows[at][:2] for at in (self._rows if numbers is None else {*numbers}))


def read_price(cell: str) -> float | None:
    """A price [USD per hour], None where the cell is empty; RejectedError where it holds none.

    >>> read_price("0.8048"), read_price("")
    (0.8048, None)
    >>> read_price("1,5")
    Traceback (most recent call last):
    ...
    tco.market.importers.lines.RejectedError: price is not a number
    """
    if not cell:
        return None
    try:
        usd = at_least_zero(cell)
    except ValueError as wrong:
        raise RejectedError(f"price {wrong}") from None
    if usd == 0:
        raise RejectedError("price is not positive")
    if usd in _PLACEHOLDERS:
        raise RejectedError("placeholder price")
    return usd


def read_count(cell: str) -> float:
    """A number of GPUs, below 1 for a part of one; RejectedError where the cell holds none.

    >>> read_count("8.0"), read_count("0.125")
    (8.0, 0.125)
    """
    try:
        gpus = positive(cell)
    except ValueError as wrong:
        raise RejectedError(f"number of GPUs {wrong}") from None
    if gpus > 1 and gpus != int(gpus):
        raise RejectedError("number of GPUs is not whole")
    if gpus > _MOST_GPUS:
        raise RejectedError("number of GPUs is absurd")
    return gpus
