"""Where the scenarios of a sweep come from: a frame, a grid, CSV or Parquet files; in parts."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from tco.analysis.sweep.answers import Rows, check_columns, column_problems, frame_rows
from tco.analysis.sweep.cells import echoed, line_of, number_cells, readable, value_cells
from tco.analysis.sweep.grid import Grid, grid_of
from tco.errors import DataError, InputError, Problem, TcoError
from tco.inputs import INPUTS
from tco.inputs.declaration import midpoint_of
from tco.inputs.text import parse

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue

CSV, PARQUET = ".csv", ".parquet"
# What begins so in a folder is no data, by the custom of the tools that read folders of parts.
_HIDDEN = (".", "_")
# A part ends by these characters too, however few its rows are.
_CHARACTERS = 2**21
_SEPARATORS = (",", ";", "\t", "|")
# Bytes of a column read at a time.
_BUFFER = 2**20


def arrow() -> Any:
    """The library that knows Parquet; TcoError where it is not installed."""
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as missing:
        raise TcoError("Parquet needs pyarrow: pip install 'gpu-tco[scale]'") from missing


# --- Parts: some rows of a source, sent to whoever answers them


@dataclass(frozen=True)
class Chunk:
    """Some rows of a frame or a grid; of others `frame` makes one, and the rest follows from that.

    `weight` is its share of the source's: rows, or characters of a CSV file.
    """

    weight: int
    part: Any

    def frame(self) -> pd.DataFrame:
        """The rows as they came, as a frame."""
        frame: pd.DataFrame = self.part
        return frame

    def rows(self) -> Rows:
        """The scenarios in them."""
        return frame_rows(self.frame())

    def names(self) -> list[str]:
        """Its columns."""
        return list(self.frame().columns)

    def table(self, schema: Any) -> Any:
        """The rows as they came, as an Arrow table of this schema."""
        return arrow().Table.from_pandas(self.frame(), schema=schema, preserve_index=False)

    def cells(self) -> list[Sequence[str]]:
        """The rows as they came, as columns of CSV cells."""
        return [
            number_cells(column.to_numpy())
            if column.dtype == "float64"
            else value_cells(column.tolist())
            for _, column in self.frame().items()
        ]


@dataclass(frozen=True)
class ArrowChunk(Chunk):
    """Some rows of a Parquet file: an Arrow batch."""

    def frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        frame: pd.DataFrame = self.part.to_pandas(use_threads=False)
        return frame

    def rows(self) -> Rows:
        """The scenarios in them; columns that are only carried along are not looked at."""
        inputs = [name for name in self.part.schema.names if name in INPUTS]
        return frame_rows(self.part.select(inputs).to_pandas(use_threads=False))

    def table(self, schema: Any) -> Any:
        """The rows as they came."""
        return arrow().Table.from_batches([self.part]).cast(schema)


@dataclass(frozen=True)
class TextChunk(Chunk):
    """Some lines of a CSV file, the first of which has a number there."""

    header: tuple[str, ...]
    sep: str
    decimal: str
    source: str
    line: int

    def names(self) -> list[str]:
        """Its columns."""
        return list(self.header)

    @cached_property
    def records(self) -> list[list[str]]:
        """The cells, row by row; DataError where they cannot be told apart."""
        reader = csv.reader(io.StringIO(self.part, newline=""), delimiter=self.sep, strict=True)
        try:
            return list(reader)
        except csv.Error as failed:
            at = self.line + reader.line_num - 1
            raise DataError(f"{self.source}, line {at}: {failed}") from failed

    @cached_property
    def columns(self) -> dict[str, Sequence[str]]:
        """The cells by column; rows of another length are cut or filled up with empty ones."""
        width = len(self.header)
        padded = [(*record, *[""] * width)[:width] for record in self.records]
        return dict(zip(self.header, zip(*padded, strict=True), strict=True)) if padded else {}

    def rows(self) -> Rows:
        """The scenarios in them; rows with too many cells or too few are refused."""
        width = len(self.header)
        refused = {
            at: f"{len(record)} cells instead of {width}"
            for at, record in enumerate(self.records)
            if len(record) != width
        }
        return Rows(len(self.records), self._lines, refused, self._given)

    @cached_property
    def _lines(self) -> dict[str, Any]:
        return {
            name: line_of(INPUTS[name], self.columns.get(name, ()), self.decimal)
            for name in self.header
            if name in INPUTS
        }

    def _given(self, at: int) -> dict[str, Any]:
        return {
            name: parse(INPUTS[name], text, self.decimal)
            for name, text in zip(self.header, self.records[at], strict=True)
            if name in INPUTS and text.strip()
        }

    def frame(self) -> pd.DataFrame:
        """The rows as a frame: numbers (of ranges the midpoints), flags, texts; wrong ones miss."""
        import numpy as np
        import pandas as pd

        columns: dict[str, Any] = {}
        for name in self.header:
            if name in INPUTS and INPUTS[name].numeric:
                line = self._lines[name]
                if line.dtype != "float64":
                    known = [None if isinstance(x, str) else midpoint_of(x) for x in line]
                    line = np.array(known, dtype=np.float64)
                columns[name] = line
            elif name in INPUTS and INPUTS[name].kind == "flag":
                flags = [value if isinstance(value, bool) else None for value in self._lines[name]]
                columns[name] = pd.array(flags, dtype="boolean")
            else:
                texts = [readable(text) or None for text in self.columns.get(name, ())]
                columns[name] = pd.array(texts, dtype="str")
        return pd.DataFrame(columns)

    def cells(self) -> list[Sequence[str]]:
        """The cells as they were, made harmless."""
        columns: list[Sequence[str]] = []
        for name in self.header:
            texts, line = self.columns.get(name, ()), self._lines.get(name)
            numbers = line is not None and line.dtype == "float64"
            columns.append(texts if numbers else [echoed(text) for text in texts])
        return columns


# --- Sources: scenarios in order


@dataclass(frozen=True)
class Source:
    """Scenarios in order, with their columns.

    `weight` is the sum of the chunks' weights, nearly. `identity` tells this source from another,
    as JSON; `schema` is that of Arrow; `chunks` are its rows in order, at most so many at a time.
    """

    names: list[str]
    weight: int
    identity: Callable[[], dict[str, Any]]
    schema: Callable[[], Any]
    chunks: Callable[[int], Iterator[Chunk]]


def source_of(source: Any, carry: tuple[str, ...], catalogue: Catalogue | None) -> Source:
    """The scenarios of a frame, grid or path; InputError or DataError where there are none.

    A path is a CSV or Parquet file, or a folder of files of one of these kinds.
    """
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        found = _of_frame(source)
    elif isinstance(source, Mapping):
        found = _of_grid(grid_of(source, catalogue))
    elif isinstance(source, (str, os.PathLike)):
        files = _files(Path(source))
        is_csv = files[0].lower().endswith(CSV)
        found = _of_csv(files, carry) if is_csv else _of_parquet(files)
    else:
        message = f"source: {type(source).__name__} is not a frame, a grid or a path"
        raise InputError([Problem("source", message)])
    check_columns(found.names, carry)
    return found


def _of_frame(frame: pd.DataFrame) -> Source:
    """The rows of a frame, without its index."""

    def identity() -> dict[str, Any]:
        import pandas as pd

        kinds = repr(list(zip(frame.columns, frame.dtypes, strict=True)))
        digest = hashlib.sha256(kinds.encode())
        for _, column in frame.items():
            plain = column if column.dtype.kind in "fiu" else column.astype(object).map(repr)
            digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
        return {"rows": len(frame), "sha256": digest.hexdigest()}

    def schema() -> Any:
        pa = arrow()
        try:
            return pa.Table.from_pandas(frame, preserve_index=False).schema
        except (pa.ArrowInvalid, pa.ArrowTypeError) as mixed:
            raise DataError(f"source: a column cannot be written as Parquet: {mixed}") from mixed

    def chunks(rows: int) -> Iterator[Chunk]:
        for start in range(0, max(len(frame), 1), rows):
            part = frame.iloc[start : start + rows]
            yield Chunk(len(part), part)

    return Source(list(frame.columns), len(frame), identity, schema, chunks)


def _of_grid(grid: Grid) -> Source:
    """The scenarios of a grid, made part by part."""

    def chunks(rows: int) -> Iterator[Chunk]:
        for start in range(0, grid.size, rows):
            part = grid.frame(start, start + rows)
            yield Chunk(len(part), part)

    return Source(
        list(grid.axes),
        grid.size,
        lambda: {"sha256": hashlib.sha256(repr(grid).encode()).hexdigest()},
        lambda: arrow().Schema.from_pandas(grid.frame(0, 1), preserve_index=False),
        chunks,
    )


def _files(path: Path) -> tuple[str, ...]:
    """A file, or those in a folder in the order of their names; DataError for any others."""
    if path.is_file():
        found = [path]
    else:
        listed = sorted(path.iterdir()) if path.is_dir() else []
        found = [file for file in listed if not file.name.startswith(_HIDDEN) and file.is_file()]
    kinds = {file.suffix.lower() for file in found}
    if len(kinds) != 1 or not kinds <= {CSV, PARQUET}:
        raise DataError(f"{path}: is no .csv or .parquet file, nor a folder of files of one kind")
    return tuple(map(str, found))


def _files_identity(files: tuple[str, ...]) -> dict[str, Any]:
    """Where the files are, their sizes and when they were written."""
    found = {str(path): path.stat() for path in (Path(file).resolve() for file in files)}
    return {"files": {path: [it.st_size, it.st_mtime_ns] for path, it in found.items()}}


def _of_parquet(files: tuple[str, ...]) -> Source:
    """The rows of Parquet files with the same columns; each of them is read bit by bit."""
    pa = arrow()

    def opened(file: str) -> Any:
        try:
            return pa.parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
        except (OSError, pa.ArrowException) as failed:
            raise DataError(f"{file}: {failed}") from failed

    def chunks(rows: int) -> Iterator[Chunk]:
        for file in files:
            found = opened(file)
            if found.schema_arrow.remove_metadata() != schema:
                raise DataError(f"{file}: not the columns and types of {files[0]}")
            batches = found.iter_batches(batch_size=rows, use_threads=False)
            none = [] if found.metadata.num_rows else [pa.RecordBatch.from_pylist([], schema)]
            for batch in chain(none, batches):
                yield ArrowChunk(batch.num_rows, batch)

    schema = opened(files[0]).schema_arrow.remove_metadata()
    weight = sum(opened(file).metadata.num_rows for file in files)
    identity = partial(_files_identity, files)
    return Source(list(schema.names), weight, identity, lambda: schema, chunks)


def _of_csv(files: tuple[str, ...], carry: tuple[str, ...]) -> Source:
    """The rows of CSV files with one header."""
    with _opened(files[0]) as stream:
        names = _header(stream, files[0], ",", carry)

    def schema() -> Any:
        pa = arrow()
        kinds = {"number": pa.float64(), "integer": pa.float64(), "flag": pa.bool_()}
        declared = {name: INPUTS[name].kind if name in INPUTS else "" for name in names}
        return pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in declared.items()])

    weight = sum(os.stat(file).st_size for file in files)
    chunks = partial(csv_chunks, files, carry=carry)
    return Source(names, weight, partial(_files_identity, files), schema, chunks)


def csv_chunks(
    files: tuple[str, ...],
    rows: int,
    sep: str = ",",
    decimal: str = ".",
    carry: tuple[str, ...] = (),
) -> Iterator[Chunk]:
    """Rows of CSV files with one header; of each file at least none. `-` is standard input."""
    first = None
    for file in files:
        with _opened(file) as stream:
            header = _header(stream, file, sep, carry)
            first = first or header
            if header != first:
                raise DataError(f"{file}, line 1: not the columns of {files[0]}")
            line = 2
            while (lines := _lines(stream, file, sep, rows, line)) or line == 2:
                text = "".join(lines)
                yield TextChunk(len(text), text, tuple(header), sep, decimal, file, line)
                line += len(lines) or 1


def _header(stream: TextIO, file: str, sep: str, carry: tuple[str, ...]) -> list[str]:
    """The first line of a CSV file; DataError where it names no inputs."""
    try:
        reader = csv.reader(stream, delimiter=sep, strict=True)
        header = [name.strip() for name in next(reader, [])]
    except (csv.Error, OSError) as failed:
        raise DataError(f"{file}, line 1: {failed}") from failed
    if not header:
        raise DataError(f"{file}: is empty; the first line names the inputs")
    if not all(name.isprintable() for name in header):
        raise DataError(f"{file}, line 1: is not UTF-8 text")
    other = next((mark for mark in _SEPARATORS if len(header) == 1 and mark in header[0]), None)
    if other is not None:
        raise DataError(f"{file}, line 1: one column {header[0]!r}; did you mean --sep {other!r}?")
    if problems := column_problems(header, carry):
        raise DataError(f"{file}, line 1: " + "; ".join(problems))
    return header


def _lines(stream: TextIO, file: str, sep: str, rows: int, first: int) -> list[str]:
    """The lines of so many rows, or of fewer that are long; a quoted cell can hold line ends."""
    lines: list[str] = []

    def read() -> Iterator[str]:
        for text in stream:
            lines.append(text)
            yield text

    reader = csv.reader(read(), delimiter=sep, strict=True)
    characters = 0
    try:
        for row in islice(reader, rows):
            characters += sum(map(len, row))
            if characters > _CHARACTERS:
                break
    except csv.Error as failed:
        raise DataError(f"{file}, line {first + reader.line_num - 1}: {failed}") from failed
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed
    return lines


def _opened(file: str) -> TextIO:
    """A file as text; what is not UTF-8 comes as lone surrogates and is refused by row."""
    if file == "-" and sys.stdin is None:
        raise DataError("standard input is closed")
    try:
        raw: Any = os.dup(sys.stdin.fileno()) if file == "-" else file
        return open(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed
