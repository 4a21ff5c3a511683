"""A file of scenarios answered row by row, in memory that does not grow with it."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TextIO

import numpy as np
from tqdm import tqdm

from tco.answer import breakeven
from tco.errors import DataError, InputError, suggestion
from tco.inputs import INPUTS
from tco.report.text import cell, check_format
from tco.scenario import Scenario
from tco.solution import RESULTS
from tco.texts import parse

# Rows read, answered and written at a time.
CHUNK = 4_096
# Columns that are carried over as they are.
CARRIED = ("id", "name", "note")
# Seconds after which a run shows its progress.
_PATIENCE = 2


def answer_rows(
    source: str, target: TextIO, sep: str = ",", decimal: str = ".", chunk: int = CHUNK
) -> tuple[int, int]:
    """Answer every row of a CSV file; the numbers of rows and of rows with an error.

    The output has the columns of the input, every result, and `error`.
    """
    check_format(sep, decimal)
    with _opened(source) as stream:
        reader = csv.reader(stream, delimiter=sep, strict=True)
        header = _header(reader, source)
        writer = csv.writer(target, delimiter=sep, lineterminator="\n")
        writer.writerow([*header, *RESULTS, "error"])
        rows = wrong = 0
        with tqdm(delay=_PATIENCE, unit=" rows", file=sys.stderr, leave=False) as progress:
            for part in _chunks(reader, source, chunk):
                for cells, answer in zip(part, _answers(header, part, decimal), strict=True):
                    rows += 1
                    wrong += isinstance(answer, str)
                    writer.writerow(_line(header, cells, answer, decimal))
                progress.update(len(part))
    return rows, wrong


def _opened(source: str) -> TextIO:
    """The file as text; what is not UTF-8 comes as lone surrogates and is refused by row."""
    try:
        raw: Any = os.dup(sys.stdin.fileno()) if source == "-" else source
    except io.UnsupportedOperation:
        raw = sys.stdin.buffer
        return io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        return open(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as failed:
        raise DataError(f"{source}: {failed.strerror or failed}") from failed


def _header(reader: Iterator[list[str]], source: str) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except (csv.Error, OSError) as failed:
        raise DataError(f"{source}, line 1: {failed}") from failed
    if not header:
        raise DataError(f"{source}: is empty; the first line names the inputs")
    problems = [
        f"{name or '(no name)'} is not an input{suggestion(name, INPUTS)}"
        for name in header
        if name not in INPUTS and name not in CARRIED
    ]
    problems += sorted({f"{name} stands there twice" for name in header if header.count(name) > 1})
    if not problems and not set(header) & set(INPUTS):
        problems.append("no column is an input: `tco inputs` lists them")
    if problems:
        raise DataError(f"{source}, line 1: " + "; ".join(problems))
    return header


def _chunks(reader: Iterator[list[str]], source: str, size: int) -> Iterator[list[list[str]]]:
    while True:
        try:
            part = list(islice(reader, size))
        except (csv.Error, OSError) as failed:
            line = getattr(reader, "line_num", 0)
            raise DataError(f"{source}, line {line}: {failed}") from failed
        if not part:
            return
        yield part


def _answers(
    header: list[str], part: list[list[str]], decimal: str
) -> list[dict[str, Any] | str | None]:
    """For each row its results, or what is wrong with it."""
    answers: list[dict[str, Any] | str | None] = [None] * len(part)
    groups: dict[tuple[str, ...], list[tuple[int, dict[str, Any]]]] = {}
    for at, cells in enumerate(part):
        if len(cells) != len(header):
            answers[at] = f"{len(cells)} cells instead of {len(header)}"
            continue
        given = {
            name: parse(INPUTS[name], text, decimal)
            for name, text in zip(header, cells, strict=True)
            if name in INPUTS and text.strip()
        }
        groups.setdefault(tuple(given), []).append((at, given))
    for names, rows in groups.items():
        for at, answer in _group(names, rows):
            answers[at] = answer
    return answers


def _group(
    names: tuple[str, ...], rows: list[tuple[int, dict[str, Any]]]
) -> Iterable[tuple[int, dict[str, Any] | str]]:
    """Rows that give the same inputs: answered together, the wrong ones one by one."""
    wrong: set[int] = set()
    if names:
        try:
            yield from _together(names, rows)
            return
        except InputError as error:
            known = [problem.rows for problem in error.problems]
            every = any(affected is None for affected in known)
            wrong = set(range(len(rows))) if every else {at for a in known for at in a or ()}
    for place, (at, given) in enumerate(rows):
        if place in wrong or not names:
            yield at, _alone(given)
    rest = [row for place, row in enumerate(rows) if place not in wrong]
    if names and rest:
        yield from _group(names, rest)


def _together(
    names: tuple[str, ...], rows: list[tuple[int, dict[str, Any]]]
) -> list[tuple[int, dict[str, Any] | str]]:
    columns = {name: _column([given[name] for _, given in rows]) for name in names}
    frame = breakeven(Scenario(**columns)).to_frame()
    records = zip(*(frame[name].tolist() for name in RESULTS), strict=True)
    return [
        (at, dict(zip(RESULTS, record, strict=True)))
        for (at, _), record in zip(rows, records, strict=True)
    ]


def _column(values: list[Any]) -> Any:
    plain = all(type(value) is float or type(value) is int for value in values)
    return np.array(values, dtype=np.float64) if plain else values


def _alone(given: dict[str, Any]) -> dict[str, Any] | str:
    try:
        answer = breakeven(Scenario(**given))
    except InputError as error:
        return str(error)
    return {name: getattr(answer, name) for name in RESULTS}


def _line(header: list[str], cells: list[str], answer: Any, decimal: str) -> list[str]:
    echoed = [_echo(name, text) for name, text in zip(header, cells, strict=False)]
    echoed += [""] * (len(header) - len(echoed))
    if isinstance(answer, str):
        return [*echoed, *[""] * len(RESULTS), _clean(answer)]
    return [*echoed, *(cell(answer[name], decimal) for name in RESULTS), ""]


def _echo(name: str, text: str) -> str:
    """The cell as it was; a number keeps its sign, other text is made harmless."""
    declared = INPUTS.get(name)
    number = declared is not None and declared.numeric
    signed = number and not isinstance(parse(declared, text), str)  # type: ignore[arg-type]
    return text if signed else _clean(text)


def _clean(text: str) -> str:
    return cell(text.encode("utf-8", "replace").decode("utf-8"))
