"""Tables of scenarios from the reader's disk, each row answered: bounded work, beside the server.

The work of a large table is left to another process, see `tco.app.aside`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from tco.analysis.sweep.csv_rows import CsvRows, csv_header, csv_text
from tco.analysis.sweep.rows import ERROR, answered, column_problems, questions
from tco.app import aside
from tco.errors import DataError
from tco.inputs import FORMER_NAMES
from tco.inputs.tables import (
    Lines,
    fault,
    first_line,
    header_of,
    is_blank,
    named,
    separator_of,
)
from tco.market.catalogue import Catalogue, load

MOST_ROWS, MOST_COLUMNS = 5_000, 128
# What rows ask of the data takes most of the work; the answers to so many stay in memory while a
# table is worked on (tco.market.choice.resolve), so that none is worked out twice.
MOST_QUESTIONS = 2_000
# A table of fewer characters takes as long here as it takes to hand it over.
_SMALL = 2_000


@dataclass(frozen=True)
class Table:
    """The answers to a table of scenarios, as the CSV of `tco breakeven --csv`."""

    rows: int
    wrong: int
    answers: str


def answered_aside(text: str, catalogue: Catalogue) -> Table:
    """As `answers_of`; a large table is worked on by another process, one at a time.

    Errors are those of `aside.done`.
    """
    if len(text) <= _SMALL:
        return answers_of(text, catalogue)
    _begun(text)  # what is wrong with the header needs no other process
    return aside.done(answers_of, text, catalogue if catalogue.extra else None)


def _begun(text: str) -> tuple[str, Lines, Any, list[str], int]:
    """A table of which the header was read: separator, lines, rows that follow, names, its row.

    DataError says what is wrong with the header.
    """
    sep = separator_of(first_line(text))
    lines = Lines(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=sep, strict=True)
    try:
        names, at = header_of(reader, MOST_COLUMNS)
    except csv.Error as wrong:
        raise DataError(f"line 1: {fault(wrong)}") from None
    if problems := column_problems([FORMER_NAMES.get(name, name) for name in named(names)]):
        raise DataError(f"line {at}: {'; '.join(problems)}")
    return sep, lines, reader, names, at


def answers_of(text: str, catalogue: Catalogue | None = None) -> Table:
    """The rows of a CSV text, each answered or with what is wrong with it.

    Without a catalog on the shipped data. InputError and DataError say what is wrong with it.
    """
    sep, lines, reader, names, at = _begun(text)
    header = [FORMER_NAMES.get(name, name) for name in named(names)]
    records, numbers = list[list[str]](), list[int]()
    try:
        for number, record in enumerate(reader, at + 1):
            lines.taken()
            if is_blank(record):
                continue
            records.append(record)
            numbers.append(number)
            if len(records) > MOST_ROWS:
                break
    except csv.Error as wrong:
        raise DataError(f"the table, line {reader.line_num}: {fault(wrong)}") from None
    if not records:
        raise DataError("no rows below the header: a table has one scenario per row")
    if len(records) > MOST_ROWS:
        told = f"more than {MOST_ROWS:,} rows, which is the limit here"
        raise DataError(f"{told}: split it, or use tco breakeven --csv")
    if any(not is_blank(row[len(header) : len(names)]) for row in records):
        raise DataError(f"line {at}: {'; '.join(column_problems([*header, '']))}")
    part = CsvRows(tuple(header), records, len(text), None, numbers, sep)
    if (asked := questions(part)) > MOST_QUESTIONS:
        raise DataError(
            f"its rows need {asked:,} different look-ups in the data (different GPUs, providers, "
            f"regions, terms, dates, price bases, billing, commitments or hosting), more than "
            f"{MOST_QUESTIONS:,}: split it, or use tco breakeven --csv"
        )
    answers = answered(part, catalogue or load(), notes=True)
    mark = part.decimal or "."
    written = csv_header(header, sep, notes=True) + csv_text(part, answers, sep, mark)
    return Table(len(records), int(answers[ERROR].notna().sum()), written)
