"""The rows of a sheet of a workbook (XLSX), as text: what a spreadsheet shows, without formulas."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from tco.errors import DataError, TcoError, needing
from tco.inputs.entry import currency_in
from tco.inputs.tables import MOST_COLUMNS, named

_MOST_ROWS = 2**20
# The header is looked for in so many rows.
_HEADER_WITHIN = 20
_MIDNIGHT = time()


def sheet_of(
    path: Path, fits: Callable[[Sequence[str]], Any]
) -> tuple[str, int, tuple[str, ...], list[str]]:
    """The first sheet with a header that fits, its row and names, and the names of other sheets.

    A title may stand above the header. DataError where none fits: what `fits` says of the first
    row that is not empty.
    """
    first: DataError | None = None
    with _book(path) as book:
        names = [sheet.title for sheet in book.worksheets]
        for name in names:
            for number, cells in _rows(book[name], _HEADER_WITHIN, MOST_COLUMNS):
                header = tuple(named([cell.strip() for cell in cells]))
                if not header:
                    continue
                try:
                    fits(header)
                except DataError as wrong:
                    first = first or wrong
                else:
                    return name, number, header, [other for other in names if other != name]
    raise first or DataError(f"{path.name}: the file is empty")


def rows_of(path: Path, sheet: str, header: int, width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet below that of its header, by their number, filled up to its width.

    Rows without any cell are none.
    """
    with _book(path) as book:
        for number, cells in _rows(book[sheet], _MOST_ROWS, width):
            if number > header:
                yield number, [*cells, *[""] * (width - len(cells))]


def _rows(sheet: Any, most: int, width: int) -> Iterator[tuple[int, list[str]]]:
    # What the file says of its own size may be wrong, or meant to be.
    sheet.reset_dimensions()
    before: Any = None
    for number, row in enumerate(sheet.iter_rows(max_col=width), 1):
        if number > most:
            return
        # Rows between others that nobody wrote come as one and the same.
        if row is not before and any(cell.value is not None for cell in row):
            yield number, [_text(cell) for cell in row]
        before = row


def _text(cell: Any) -> str:
    """A cell as it would be typed: days as YYYY-MM-DD, amounts with the currency they show."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        day = value.date().isoformat()
        return day if value.time() == _MIDNIGHT else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    number = repr(int(value)) if float(value).is_integer() else repr(value)
    shown = _currency_of(cell.number_format)
    return f"{number} {shown}" if shown not in ("", "USD") else number


# A sheet has few formats and many numbers.
_currency_of = lru_cache(maxsize=1_024)(currency_in)


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    with needing("a workbook needs", "store"):
        import openpyxl
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and checks that no price needs
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except (TcoError, OSError):
        raise
    except Exception as wrong:  # a library that meets a broken file raises anything
        why = " ".join(str(wrong).split())[:200]
        raise DataError(f"{path.name}: cannot be read as a workbook: {why}") from wrong
