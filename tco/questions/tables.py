"""Tables of scenarios, answered row by row, part by part, however many rows there are.

The shell and HTTP answer theirs here, so that the columns are the same. A row that is wrong says so
in its column `error`. What answers many rows needs NumPy, which is only loaded for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from tco.inputs.lines import Line
from tco.market.catalogue import Catalogue, load
from tco.report.csv import check_format

if TYPE_CHECKING:
    from tco.analysis.sweep.rows import Rows

# Rows read, answered and written at a time.
CHUNK = 16_384


@dataclass(frozen=True)
class Part:
    """Some rows that were answered: their text, and how many of them have an error.

    The text of the first part begins with the header.
    """

    rows: Rows
    text: str
    wrong: int


def csv_parts(
    chunks: Iterable[Rows],
    catalogue: Catalogue | None = None,
    sep: str = ",",
    decimal: str | None = ".",
    odds: bool = False,
    notes: bool = False,
    own_lines: tuple[Line, ...] = (),
) -> Iterator[Part]:
    """The answers of rows of any source as CSV.

    There are the columns of the input, every result, the odds (empty unless asked for), `error`,
    `notes` on values that are out of the ordinary if asked for, the age of the data behind the row,
    and the versions. A decimal mark of None is that of the rows. `catalogue` is by default the
    shipped data; every row has the `own_lines`.
    """
    from tco.analysis.sweep.csv_rows import csv_header, csv_text
    from tco.analysis.sweep.rows import ERROR, answered

    catalogue = catalogue or load()
    for number, chunk in enumerate(chunks):
        head = "" if number else csv_header(chunk.header, sep, notes)
        answers = answered(chunk, catalogue, odds, notes, own_lines)
        mark = getattr(chunk, "decimal", "") if decimal is None else decimal
        text = csv_text(chunk, answers, sep, mark or ".")
        yield Part(chunk, f"{head}{text}", int(answers[ERROR].notna().sum()))


def write_parts(parts: Iterable[Part], target: TextIO) -> tuple[int, int]:
    """Write parts as they come and show how far it is; rows, and rows with an error."""
    from tco.analysis.sweep.engine import progress_bar

    rows = wrong = 0
    with progress_bar(None, shown=True) as add:
        for part in parts:
            target.write(part.text)
            rows += part.rows.size
            wrong += part.wrong
            add(part.rows)
    return rows, wrong


def answer_rows(
    source: str,
    target: TextIO,
    sep: str = ",",
    decimal: str | None = ".",
    chunk: int = CHUNK,
    catalogue: Catalogue | None = None,
    odds: bool = False,
    own_lines: tuple[Line, ...] = (),
) -> tuple[int, int]:
    """Answer every row of a CSV file; the numbers of rows and of rows with an error.

    `source` may be a pipe, or `-` for standard input; the columns are those of `csv_parts`, with
    notes.
    """
    from tco.analysis.sweep.csv_rows import csv_chunks

    check_format(sep, decimal or ".")
    chunks = csv_chunks((source,), chunk, sep, decimal)
    return write_parts(csv_parts(chunks, catalogue, sep, decimal, odds, True, own_lines), target)
