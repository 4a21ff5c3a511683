"""Scenarios answered row by row into one stream, in memory that does not grow with them."""

from __future__ import annotations

from typing import TextIO

from tco.analysis.sweep.answers import answered
from tco.analysis.sweep.csv_source import CsvSource
from tco.analysis.sweep.progress import Progress
from tco.analysis.sweep.sources import Source
from tco.analysis.sweep.writing import csv_header, csv_text
from tco.market.catalogue import Catalogue, load
from tco.report.text import check_format

# Rows read, answered and written at a time.
CHUNK = 16_384


def answer_rows(
    source: str,
    target: TextIO,
    sep: str = ",",
    decimal: str = ".",
    chunk: int = CHUNK,
    catalogue: Catalogue | None = None,
) -> tuple[int, int]:
    """Answer every row of a CSV file; the numbers of rows and of rows with an error.

    `source` may be a pipe, or `-` for standard input. The output has the columns of the input,
    every result, `error`, the age of the data behind the row, and the versions. `catalogue` is by
    default the shipped data.
    """
    check_format(sep, decimal)
    return answer_source(CsvSource((source,), sep, decimal), target, catalogue, chunk, sep, decimal)


def answer_source(
    source: Source,
    target: TextIO,
    catalogue: Catalogue | None = None,
    chunk: int = CHUNK,
    sep: str = ",",
    decimal: str = ".",
) -> tuple[int, int]:
    """The same for any source of a sweep."""
    catalogue = catalogue or load()
    rows = wrong = 0
    with Progress(None, shown=True) as progress:
        for number, part in source.chunks(chunk):
            if number == 0:
                target.write(csv_header(part.names(), sep))
            answers = answered(part.rows(), catalogue)
            target.write(csv_text(part, answers, catalogue, sep, decimal))
            rows += answers.rows.size
            wrong += len(answers.errors)
            progress.add(answers.rows.size, part.weight)
    return rows, wrong
