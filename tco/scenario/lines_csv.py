"""The user's own lines as CSV: a row a line, columns named like its fields."""

from __future__ import annotations

from tco.errors import DataError, InputError, Problem
from tco.inputs import INPUTS
from tco.inputs.lines import FIELDS, MOST_LINES, REQUIRED, Line, lines_of, not_a_field, too_many
from tco.inputs.tables import (
    decimal_of,
    first_line,
    other_table,
    rows_of,
    separator_of,
    wrong_length,
)
from tco.words.figures import as_written

_LONGEST_HEADER, _MOST_SAID = 10_000, 10


def lines_of_csv(text: str, file: str = "lines") -> tuple[Line, ...]:
    r"""The lines of a CSV text; an empty cell is the default of its field.

    Cells are separated by commas, semicolons, tabs or bars; the decimal mark of a table with
    semicolons is what its numbers show. DataError where the text is no such table, InputError that
    lists every wrong cell, both with the row: the header is row 1.

    >>> lines_of_csv("name;side;usd;basis\ncage;own;12,5;rack")
    (Line(name='cage', side='own', usd=12.5, basis='rack'),)
    """
    if other := other_table(text[:80].encode("utf-8", "surrogateescape")):
        raise DataError(f"{file} is {other}")
    sep = separator_of(first_line(text))
    (at, header), *found = rows_of(text, file, sep)
    if listed := _header_problems(header):
        raise DataError(f"{file}, row {at}: {'; '.join(listed)}")
    rows = [(number, [*map(as_written, record)]) for number, record in found]
    if len(rows) > MOST_LINES:  # said once, and nothing is worked out for as many
        raise InputError([Problem("lines", f"{file}: {too_many(len(rows))}")])
    decimal = decimal_of(sep, (cell for _, record in rows for cell in record))
    lines: list[Line] = []
    problems: list[Problem] = []
    for at, record in rows:
        try:
            if why := wrong_length(record, len(header)):
                raise InputError([Problem("lines", why)])
            pairs = zip(header, record, strict=True)
            line = {name: cell.strip() for name, cell in pairs}
            lines = [*lines_of([*lines, line], decimal)]
        except InputError as wrong:
            problems += [
                Problem(
                    "lines", f"{file}, row {at}: {problem.message.removeprefix('lines: ')}", (at,)
                )
                for problem in wrong.problems
            ]
    if problems:
        raise InputError(problems)
    return tuple(lines)


def is_lines_csv(text: str) -> bool:
    """Whether a CSV text is one of lines, not a table of scenarios: what its columns are called.

    >>> is_lines_csv("name;side;usd"), is_lines_csv("name,gpu,utilization")
    (True, False)
    """
    first = first_line(text)[:_LONGEST_HEADER]
    names = {cell.strip().strip('"') for cell in first.split(separator_of(first))}
    return bool(names & {*FIELDS[1:]}) and not names & INPUTS.keys()


def _header_problems(header: list[str]) -> list[str]:
    """What is wrong with the first row."""
    if not any(header):
        return [f"is empty; it names the columns: {', '.join(FIELDS)}"]
    wrong = [not_a_field(name) for name in header if name not in FIELDS][:_MOST_SAID]
    wrong += [f"no column {name}" for name in REQUIRED if name not in header]
    return wrong + [f"{name} is given twice" for name in FIELDS if header.count(name) > 1]
