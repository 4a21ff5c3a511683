"""The answers of a part of a sweep, written down: as a frame, as CSV, as Parquet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tco.analysis.sweep.answers import ERROR, LEVELS, ODDS, STAMPS, Answers, answered
from tco.analysis.sweep.cells import number_cells, readable, value_cells, word_cells
from tco.analysis.sweep.sources import CSV, Chunk, arrow
from tco.errors import DataError
from tco.market.catalogue import Catalogue, load
from tco.model.results import RESULTS
from tco.version import MODEL_VERSION, SCHEMA_VERSION
from tco.words import harmless

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Job:
    """What is done with every part; None as `catalogue` is the shipped data.

    `suffix` is that of the files, or empty for frames; `schema` the Arrow schema of the source.
    """

    catalogue: Catalogue | None
    suffix: str = ""
    schema: Any = None


@dataclass(frozen=True)
class Done:
    """A part that was answered: rows, those with an error, bytes written; the frame if no file."""

    rows: int
    errors: int
    size: int = 0
    frame: pd.DataFrame | None = None


def perform(job: Job, chunk: Chunk, path: Path | None) -> Done:
    """Answer a part, into a file where there is a path; DataError where it cannot be written."""
    catalogue = job.catalogue or load()
    answers = answered(chunk.rows(), catalogue)
    rows, errors = answers.rows.size, len(answers.errors)
    if path is None:
        return Done(rows, errors, frame=answers.beside(chunk.frame()))
    try:
        with path.open("wb") as stream:
            if job.suffix == CSV:
                stream.write(csv_text(chunk, answers, catalogue).encode())
            else:
                table = table_of(chunk, answers, catalogue, job.schema)
                words = _words(table.schema)
                arrow().parquet.write_table(table, stream, use_dictionary=words)
            stream.flush()
            os.fsync(stream.fileno())
            return Done(rows, errors, stream.tell())
    except OSError as failed:
        raise DataError(f"{path}: {failed.strerror or failed}") from failed


def stamps(catalogue: Catalogue) -> dict[str, Any]:
    """The versions that every row of a file carries."""
    return dict(zip(STAMPS[1:], (MODEL_VERSION, catalogue.newest, SCHEMA_VERSION), strict=True))


def csv_header(names: Sequence[str], sep: str = ",") -> str:
    """The first line of a CSV file of answers."""
    return _csv([[*names, *RESULTS, *ODDS, ERROR, *STAMPS]], sep)


def csv_text(
    chunk: Chunk, answers: Answers, catalogue: Catalogue, sep: str = ",", decimal: str = "."
) -> str:
    """The rows of a part and their answers as lines of CSV, without a header."""
    size = answers.rows.size
    columns: list[Sequence[str]] = [*chunk.cells()]
    for name, line in answers.results.items():
        words = name in LEVELS
        columns.append(word_cells(line, LEVELS[name]) if words else number_cells(line, decimal))
    columns.append([harmless(readable(answers.errors.get(at, ""))) for at in range(size)])
    columns.append(number_cells(answers.ages, decimal))
    columns += [cells * size for cells in map(value_cells, zip(stamps(catalogue).values()))]
    return _csv(zip(*columns, strict=True), sep)


def _csv(rows: Any, sep: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=sep, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def table_of(chunk: Chunk, answers: Answers, catalogue: Catalogue, schema: Any) -> Any:
    """The rows of a part and their answers as an Arrow table; no result is null, never is inf."""
    import numpy as np

    pa, size = arrow(), answers.rows.size
    table = chunk.table(schema)
    for name, line in answers.results.items():
        if name in LEVELS:
            codes = pa.array(line, mask=line < 0)
            column = pa.DictionaryArray.from_arrays(codes, pa.array(LEVELS[name]))
        else:
            column = pa.array(line, from_pandas=True)
        table = table.append_column(name, column)
    errors = pa.nulls(size, pa.string())
    if answers.errors:
        errors = pa.array([answers.errors.get(at) for at in range(size)], pa.string())
    ages = answers.ages
    days = pa.array(np.nan_to_num(ages).astype(np.int32), mask=np.isnan(ages))
    table = table.append_column(ERROR, errors).append_column(STAMPS[0], days)
    for name, value in stamps(catalogue).items():
        same = pa.array(np.zeros(size, dtype=np.int8))
        table = table.append_column(name, pa.DictionaryArray.from_arrays(same, pa.array([value])))
    return table


def _words(schema: Any) -> list[str]:
    """The columns of a Parquet file that are worth a dictionary: words only."""
    return [field.name for field in schema if str(field.type).endswith(("string", "ordered=0>"))]


def join_csv(parts: Iterator[Path], header: str, target: Path) -> None:
    """One CSV file of a header and the lines of all parts."""
    import shutil

    with target.open("wb") as stream:
        stream.write(header.encode())
        for part in parts:
            with part.open("rb") as lines:
                shutil.copyfileobj(lines, stream, 2**20)
        stream.flush()
        os.fsync(stream.fileno())


def join_parquet(parts: Iterator[Path], target: Path) -> None:
    """One Parquet file of the row groups of all parts."""
    parquet = arrow().parquet
    tables = map(parquet.read_table, parts)
    first = next(tables)
    words = _words(first.schema)
    with target.open("wb") as stream:
        with parquet.ParquetWriter(stream, first.schema, use_dictionary=words) as writer:
            for table in chain([first], tables):
                writer.write_table(table)
        stream.flush()
        os.fsync(stream.fileno())
