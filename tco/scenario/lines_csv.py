"""The user's own lines as CSV: a row a line, columns named like its fields."""

from __future__ import annotations

import csv
import io
from typing import Any

from tco.errors import DataError, InputError, Problem, shown, suggestion
from tco.inputs import INPUTS, PRICE
from tco.inputs.lines import FIELDS, REQUIRED, Line, lines_of
from tco.inputs.text import parse

_SEPARATORS = (",", ";", "\t", "|")
_NUMBERS = ("usd", "first_month", "last_month", "cap_usd")


def lines_of_csv(text: str, file: str = "lines") -> tuple[Line, ...]:
    r"""The lines of a CSV text; an empty cell is the default of its field.

    Cells are separated by commas, semicolons, tabs or bars; with other marks than commas, numbers
    may have decimal commas. DataError where the text is no such table, InputError that lists every
    wrong cell, both with the row: the header is row 1.

    >>> lines_of_csv("name;side;usd;basis\ncage;own;12,5;rack")
    (Line(name='cage', side='own', usd=12.5, basis='rack'),)
    """
    first = text.partition("\n")[0]
    sep = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sep, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if listed := _header_problems(header):
            raise DataError(f"{file}, row 1: {'; '.join(listed)}")
        rows = [(at, record) for at, record in enumerate(reader, 2) if any(map(str.strip, record))]
    except csv.Error as failed:
        raise DataError(f"{file}, line {reader.line_num}: {failed}") from failed
    lines: list[Line] = []
    problems: list[Problem] = []
    for at, record in rows:
        try:
            if len(record) != len(header):
                message = f"{len(record)} cells instead of {len(header)}"
                raise InputError([Problem("lines", message)])
            cells = zip(header, record, strict=True)
            lines = [*lines_of([*lines, {name: _value(name, cell, sep) for name, cell in cells}])]
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
    first = text.partition("\n")[0]
    sep = max(_SEPARATORS, key=first.count)
    names = {cell.strip().strip('"') for cell in first.split(sep)}
    return bool(names & {*FIELDS[1:]}) and not names & INPUTS.keys()


def _header_problems(header: list[str]) -> list[str]:
    """What is wrong with the first row."""
    if not any(header):
        return [f"is empty; it names the columns: {', '.join(FIELDS)}"]
    wrong = [f"{shown(name)} is not a field of a line{suggestion(name, FIELDS)}"
             for name in header if name not in FIELDS]  # fmt: skip
    wrong += [f"no column {name}" for name in REQUIRED if name not in header]
    return wrong + [f"{name} stands there twice" for name in FIELDS if header.count(name) > 1]


def _value(name: str, cell: str, sep: str) -> Any:
    """What a cell says: a number where one is meant and written as such, else text."""
    text = cell.strip()
    if name not in _NUMBERS or not text:
        return text
    found = parse(INPUTS[PRICE], text, "," if sep != "," and "," in text else ".")
    return found if isinstance(found, int | float) else text
