"""A file of scenarios answered row by row, in memory that does not grow with it."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO, TypeAlias

import numpy as np
from tqdm import tqdm

from tco.answer import breakeven
from tco.errors import DataError, InputError, suggestion
from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue, load
from tco.market.choice import QUESTION_INPUTS
from tco.report.ages import data_age_days
from tco.report.csv_report import versions
from tco.report.schema import STAMP_COLUMNS
from tco.report.text import SEPARATORS, cell, check_format
from tco.scenario import Resolved, Scenario
from tco.solution import RESULTS
from tco.texts import parse

# Rows read, answered and written at a time, and the characters that end a part before.
CHUNK = 4_096
_CHARACTERS = 2**22
# Columns that are carried over as they are.
CARRIED = ("id", "name", "note")
# Seconds after which a run shows its progress, and between two lines of it in a log.
_PATIENCE, _PAUSE = 2, 10

_ANY_NUMBER = INPUTS["price_usd_per_gpu"]

Answer: TypeAlias = "dict[str, Any] | str"


def answer_rows(
    source: str,
    target: TextIO,
    sep: str = ",",
    decimal: str = ".",
    chunk: int = CHUNK,
    catalogue: Catalogue | None = None,
) -> tuple[int, int]:
    """Answer every row of a CSV file; the numbers of rows and of rows with an error.

    The output has the columns of the input, every result, `error`, the age of the data behind the
    row, and the versions. `catalogue` is by default the shipped data.
    """
    catalogue = catalogue or load()
    check_format(sep, decimal)
    with _opened(source) as stream:
        reader = csv.reader(stream, delimiter=sep, strict=True)
        header = _header(reader, source)
        writer = csv.writer(target, delimiter=sep, lineterminator="\n")
        writer.writerow([*header, *RESULTS, "error", *STAMP_COLUMNS])
        stamps = [cell(stamp) for stamp in versions(catalogue).values()]
        rows = wrong = 0
        with _progress() as progress:
            for part in _chunks(reader, source, chunk):
                answers, ages = _answers(header, part, decimal, catalogue)
                for cells, answer, age in zip(part, answers, ages, strict=True):
                    rows += 1
                    wrong += isinstance(answer, str)
                    line = _line(header, cells, answer, decimal)
                    writer.writerow([*line, cell(age), *stamps])
                progress.update(len(part))
    return rows, wrong


def _progress() -> tqdm[Any]:
    """Progress on standard error: a bar for a person, a line now and then for a log."""
    listening = sys.stderr is not None
    pause = 1 / _PAUSE if listening and sys.stderr.isatty() else _PAUSE
    return tqdm(delay=_PATIENCE, unit=" rows", mininterval=pause, disable=not listening)


def _opened(source: str) -> TextIO:
    """The file as text; what is not UTF-8 comes as lone surrogates and is refused by row."""
    if source == "-" and sys.stdin is None:
        raise DataError("standard input is closed")
    try:
        raw: Any = os.dup(sys.stdin.fileno()) if source == "-" else source
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
    if not all(name.isprintable() for name in header):
        raise DataError(f"{source}, line 1: is not UTF-8 text")
    other = next((mark for mark in SEPARATORS if len(header) == 1 and mark in header[0]), None)
    if other is not None:
        raise DataError(
            f"{source}, line 1: one column {header[0]!r}; did you mean --sep {other!r}?"
        )
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
    """The rows in parts of so many rows, or fewer where their cells are long."""
    part: list[list[str]] = []
    characters = 0
    try:
        for cells in reader:
            part.append(cells)
            characters += sum(map(len, cells))
            if len(part) == size or characters > _CHARACTERS:
                yield part
                part, characters = [], 0
    except (csv.Error, OSError) as failed:
        line = getattr(reader, "line_num", 0)
        raise DataError(f"{source}, line {line}: {failed}") from failed
    if part:
        yield part


def _answers(
    header: list[str], part: list[list[str]], decimal: str, catalogue: Catalogue
) -> tuple[list[Answer], list[int | None]]:
    """For each row its results, or what is wrong with it; and the age of its data."""
    answers: list[Answer] = [""] * len(part)
    ages: list[int | None] = [None] * len(part)
    beliefs: dict[tuple[Any, ...], dict[str, Resolved]] = {}
    rows = []
    for at, cells in enumerate(part):
        if len(cells) != len(header):
            answers[at] = f"{len(cells)} cells instead of {len(header)}"
            continue
        given = {
            name: parse(INPUTS[name], text, decimal)
            for name, text in zip(header, cells, strict=True)
            if name in INPUTS and text.strip()
        }
        key = tuple(given.get(name) for name in QUESTION_INPUTS)
        if key not in beliefs:
            beliefs[key] = _believed(given, catalogue)
        known = beliefs[key]
        ages[at] = data_age_days(known, given) if known else None
        filled = {
            name: given[name] if name in given else known[name].value if known else None
            for name in header
            if name in INPUTS
        }
        if None in filled.values():
            answers[at] = _alone(given, catalogue)
        else:
            rows.append((at, filled))
    for at, answer in _group(rows, catalogue):
        answers[at] = answer
    return answers, ages


def _believed(given: dict[str, Any], catalogue: Catalogue) -> dict[str, Resolved]:
    """What an empty cell of such a row stands for; nothing where its choices are wrong."""
    chosen = {name: given[name] for name in QUESTION_INPUTS if name in given}
    try:
        return Scenario(**chosen, prices=catalogue).resolved()
    except InputError:
        return {}


def _group(
    rows: list[tuple[int, dict[str, Any]]], catalogue: Catalogue
) -> Iterable[tuple[int, Answer]]:
    """Rows that give the same inputs: answered together, the wrong ones one by one."""
    if not rows:
        return
    try:
        yield from _together(rows, catalogue)
        return
    except InputError as error:
        known = [problem.rows for problem in error.problems]
    every = any(affected is None for affected in known)
    wrong = set(range(len(rows))) if every else {at for some in known for at in some or ()}
    for place in sorted(wrong):
        at, given = rows[place]
        yield at, _alone(given, catalogue)
    yield from _group([row for place, row in enumerate(rows) if place not in wrong], catalogue)


def _together(
    rows: list[tuple[int, dict[str, Any]]], catalogue: Catalogue
) -> list[tuple[int, Answer]]:
    columns = {name: _column([given[name] for _, given in rows]) for name in rows[0][1]}
    frame = breakeven(Scenario(**columns, prices=catalogue)).to_frame()
    records = zip(*(frame[name].tolist() for name in RESULTS), strict=True)
    return [
        (at, dict(zip(RESULTS, record, strict=True)))
        for (at, _), record in zip(rows, records, strict=True)
    ]


def _column(values: list[Any]) -> Any:
    plain = all(type(value) is float or type(value) is int for value in values)
    return np.array(values, dtype=np.float64) if plain else values


def _alone(given: dict[str, Any], catalogue: Catalogue) -> Answer:
    try:
        answer = breakeven(Scenario(**given, prices=catalogue))
    except InputError as error:
        return str(error)
    return {name: getattr(answer, name) for name in RESULTS}


def _line(header: list[str], cells: list[str], answer: Any, decimal: str) -> list[str]:
    echoed = [_echo(text) for text in cells[: len(header)]]
    echoed += [""] * (len(header) - len(echoed))
    if isinstance(answer, str):
        return [*echoed, *[""] * len(RESULTS), _clean(answer)]
    return [*echoed, *(cell(answer[name], decimal) for name in RESULTS), ""]


def _echo(text: str) -> str:
    """The cell as it was; a number keeps its sign, other text is made harmless."""
    return text if not isinstance(parse(_ANY_NUMBER, text), str) else _clean(text)


def _clean(text: str) -> str:
    return cell(text.encode("utf-8", "replace").decode("utf-8"))
