"""The answers of a part of a sweep, written down: as a frame, as CSV, as Parquet."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from tco.analysis.sweep.answers import ERROR, LEVELS, ODDS, STAMPS, Answers, answered
from tco.analysis.sweep.cells import number_cells, readable, value_cells
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

    Without a folder for files the answers are frames. `suffix` is that of the files, `schema` the
    Arrow schema of the source.
    """

    catalogue: Catalogue | None
    folder: Path | None = None
    suffix: str = ""
    schema: Any = None


@dataclass(frozen=True)
class Done:
    """A part that was answered: rows, those with an error; the frame, or the file and its bytes."""

    rows: int
    errors: int
    size: int = 0
    file: Path | None = None
    frame: pd.DataFrame | None = None


def perform(job: Job, number: int, chunk: Chunk) -> Done:
    """Answer a part, into a new file where there is a folder; DataError where that cannot be."""
    catalogue = job.catalogue or load()
    answers = answered(chunk.rows(), catalogue)
    rows, errors = answers.size, len(answers.errors)
    if job.folder is None:
        return Done(rows, errors, frame=answers.beside(chunk.frame()))
    path = unfinished(job.folder, f"part-{number:06d}")
    try:
        with on_disk(path) as stream:
            if job.suffix == CSV:
                stream.write(csv_text(chunk, answers, catalogue).encode())
            else:
                table = table_of(chunk, answers, catalogue, job.schema)
                arrow().parquet.write_table(table, stream, use_dictionary=_words(table.schema))
    except OSError as failed:
        raise DataError(f"{path}: {failed.strerror or failed}") from failed
    return Done(rows, errors, path.stat().st_size, path)


def unfinished(folder: Path, name: str) -> Path:
    """Where a file is while it is written: a name that was never used before."""
    return folder / f".{name}-{uuid4().hex}"


@contextmanager
def on_disk(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which is on the disk afterwards."""
    with path.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


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
    size = answers.size
    columns = chunk.cells()
    for name, line in answers.results.items():
        if name in LEVELS:
            words = [*LEVELS[name], ""]  # -1 is the last: an empty cell
            columns.append([words[code] for code in line.tolist()])
        else:
            columns.append(number_cells(line, decimal))
    columns.append([harmless(readable(answers.errors.get(at, ""))) for at in range(size)])
    columns.append(number_cells(answers.ages, decimal))
    columns += [[cell] * size for cell in value_cells(stamps(catalogue).values())]
    return _csv(zip(*columns, strict=True), sep)


def _csv(rows: Iterable[Iterable[str]], sep: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=sep, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def table_of(chunk: Chunk, answers: Answers, catalogue: Catalogue, schema: Any) -> Any:
    """The rows of a part and their answers as an Arrow table; no result is null, never is inf."""
    import numpy as np

    pa, size, columns = arrow(), answers.size, dict[str, Any]()
    for name, line in answers.results.items():
        columns[name] = pa.array(line, from_pandas=True)
        if name in LEVELS:
            codes = pa.array(line, mask=line < 0)
            columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array(LEVELS[name]))
    columns[ERROR] = pa.array(map(answers.errors.get, range(size)), pa.string())
    columns[STAMPS[0]] = pa.array(answers.ages, from_pandas=True).cast(pa.int32())
    same = np.zeros(size, dtype=np.int8)
    for name, value in stamps(catalogue).items():
        columns[name] = pa.DictionaryArray.from_arrays(same, pa.array([value]))
    table = chunk.table(schema)
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _words(schema: Any) -> list[str]:
    """The columns of a Parquet file that are worth a dictionary: words only."""
    return [field.name for field in schema if str(field.type).endswith(("string", "ordered=0>"))]


def join_csv(parts: Iterable[Path], header: str, target: Path) -> None:
    """One CSV file of a header and the lines of all parts."""
    with on_disk(target) as stream:
        stream.write(header.encode())
        for path in parts:
            with path.open("rb") as lines:
                shutil.copyfileobj(lines, stream, 2**20)


def join_parquet(parts: Sequence[Path], target: Path) -> None:
    """One Parquet file of the row groups of all parts."""
    parquet = arrow().parquet
    schema = parquet.read_schema(parts[0])
    with (
        on_disk(target) as stream,
        parquet.ParquetWriter(stream, schema, use_dictionary=_words(schema)) as writer,
    ):
        for path in parts:
            writer.write_table(parquet.read_table(path))
