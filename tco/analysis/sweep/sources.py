"""Where the scenarios of a sweep come from: a frame, a grid, CSV or Parquet files; in parts."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
from abc import ABC, abstractmethod
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
class Chunk(ABC):
    """Some rows; `frame` gives its own columns, the rest follows from that.

    `weight` is its share of the source's: rows, or characters of a CSV file.
    """

    weight: int

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The rows as they came, as a frame."""

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
class FrameChunk(Chunk):
    """Some rows of a frame, or of a grid, which are made where they are answered."""

    make: Callable[[], pd.DataFrame]

    def frame(self) -> pd.DataFrame:
        """The rows as they came."""
        return self.make()


@dataclass(frozen=True)
class ArrowChunk(Chunk):
    """Some rows of a Parquet file: an Arrow batch."""

    batch: Any

    def frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        frame: pd.DataFrame = self.batch.to_pandas(use_threads=False)
        return frame

    def rows(self) -> Rows:
        """The scenarios in them; columns that are only carried along are not looked at."""
        inputs = [name for name in self.batch.schema.names if name in INPUTS]
        return frame_rows(self.batch.select(inputs).to_pandas(use_threads=False))

    def table(self, schema: Any) -> Any:
        """The rows as they came."""
        return arrow().Table.from_batches([self.batch]).cast(schema)


@dataclass(frozen=True)
class TextChunk(Chunk):
    """Some lines of a CSV file, the first of which has a number there."""

    text: str
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
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.sep, strict=True)
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


class Source(ABC):
    """Scenarios in order."""

    @property
    @abstractmethod
    def weight(self) -> int | None:
        """The sum of the chunks' weights, nearly; None where nobody knows it."""

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """What tells this source from another, as JSON."""

    @abstractmethod
    def names(self) -> list[str]:
        """Its columns."""

    @abstractmethod
    def schema(self) -> Any:
        """Its columns as an Arrow schema."""

    @abstractmethod
    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Its rows in order, at most so many at a time."""


def source_of(source: Any, carry: tuple[str, ...], catalogue: Catalogue | None) -> Source:
    """The scenarios of a frame, grid or path; InputError or DataError where there are none.

    A path is a CSV or Parquet file, or a folder of files of one of these kinds.
    """
    found: Source
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        found = FrameSource(source)
    elif isinstance(source, Mapping):
        found = GridSource(grid_of(source, catalogue))
    elif isinstance(source, (str, os.PathLike)):
        files = _files(Path(source))
        csv = files[0].lower().endswith(CSV)
        found = CsvSource(files, carry=carry) if csv else ParquetSource(files)
    else:
        message = f"source: {type(source).__name__} is not a frame, a grid or a path"
        raise InputError([Problem("source", message)])
    check_columns(found.names(), carry)
    return found


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
    told = {}
    for path in (Path(file).resolve() for file in files):
        about = path.stat()
        told[str(path)] = [about.st_size, about.st_mtime_ns]
    return {"files": told}


@dataclass(frozen=True)
class FrameSource(Source):
    """The rows of a frame, without its index."""

    frame: pd.DataFrame

    @property
    def weight(self) -> int:
        """How many rows there are."""
        return len(self.frame)

    def identity(self) -> dict[str, Any]:
        """Its size and a checksum of its cells."""
        import pandas as pd

        kinds = repr(list(zip(self.frame.columns, self.frame.dtypes, strict=True)))
        digest = hashlib.sha256(kinds.encode())
        for _, column in self.frame.items():
            plain = column if column.dtype.kind in "fiu" else column.astype(object).map(repr)
            digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
        return {"rows": len(self.frame), "sha256": digest.hexdigest()}

    def names(self) -> list[str]:
        """Its columns."""
        return list(self.frame.columns)

    def schema(self) -> Any:
        """Its columns as an Arrow schema; DataError for one that holds values of many kinds."""
        pa = arrow()
        try:
            return pa.Table.from_pandas(self.frame, preserve_index=False).schema
        except (pa.ArrowInvalid, pa.ArrowTypeError) as mixed:
            raise DataError(f"source: a column cannot be written as Parquet: {mixed}") from mixed

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Slices of the frame."""
        for start in range(0, max(len(self.frame), 1), rows):
            some = self.frame.iloc[start : start + rows]
            yield FrameChunk(len(some), partial(_same, some))


def _same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


@dataclass(frozen=True)
class GridSource(Source):
    """The scenarios of a grid."""

    grid: Grid

    @property
    def weight(self) -> int:
        """How many scenarios there are."""
        return self.grid.size

    def identity(self) -> dict[str, Any]:
        """Its axes, as a checksum."""
        return {"sha256": hashlib.sha256(repr(self.grid).encode()).hexdigest()}

    def names(self) -> list[str]:
        """Its inputs."""
        return list(self.grid.axes)

    def schema(self) -> Any:
        """Its inputs as an Arrow schema."""
        return arrow().Schema.from_pandas(self.grid.frame(0, 1), preserve_index=False)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Runs of positions, not made yet."""
        for start in range(0, self.grid.size, rows):
            stop = min(start + rows, self.grid.size)
            yield FrameChunk(stop - start, partial(self.grid.frame, start, stop))


@dataclass(frozen=True)
class CsvSource(Source):
    """The rows of CSV files with one header; `-` is standard input."""

    files: tuple[str, ...]
    sep: str = ","
    decimal: str = "."
    carry: tuple[str, ...] = ()

    @property
    def weight(self) -> int | None:
        """Bytes of the files."""
        return None if self.files == ("-",) else sum(os.stat(file).st_size for file in self.files)

    def identity(self) -> dict[str, Any]:
        """The files, their sizes and times."""
        return _files_identity(self.files)

    def names(self) -> list[str]:
        """The header of the first file."""
        with _opened(self.files[0]) as stream:
            return self._header(stream, self.files[0])

    def schema(self) -> Any:
        """Numbers, flags and texts, by the declarations of the inputs."""
        pa = arrow()
        kinds = {"number": pa.float64(), "integer": pa.float64(), "flag": pa.bool_()}
        declared = {name: INPUTS[name].kind if name in INPUTS else "" for name in self.names()}
        return pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in declared.items()])

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Runs of lines that end where a row does; of each file at least an empty one."""
        first = None
        for file in self.files:
            with _opened(file) as stream:
                header = self._header(stream, file)
                first = first or header
                if header != first:
                    raise DataError(f"{file}, line 1: not the columns of {self.files[0]}")
                line, ended = 2, False
                while not ended:
                    lines = self._lines(stream, file, rows, line)
                    ended = not lines
                    if lines or line == 2:
                        text = "".join(lines)
                        told = (tuple(header), self.sep, self.decimal, file, line)
                        yield TextChunk(len(text), text, *told)
                    line += len(lines)

    def _header(self, stream: TextIO, file: str) -> list[str]:
        try:
            reader = csv.reader(stream, delimiter=self.sep, strict=True)
            header = [name.strip() for name in next(reader, [])]
        except (csv.Error, OSError) as failed:
            raise DataError(f"{file}, line 1: {failed}") from failed
        if not header:
            raise DataError(f"{file}: is empty; the first line names the inputs")
        if not all(name.isprintable() for name in header):
            raise DataError(f"{file}, line 1: is not UTF-8 text")
        other = next((mark for mark in _SEPARATORS if len(header) == 1 and mark in header[0]), None)
        if other is not None:
            raise DataError(
                f"{file}, line 1: one column {header[0]!r}; did you mean --sep {other!r}?"
            )
        if problems := column_problems(header, self.carry):
            raise DataError(f"{file}, line 1: " + "; ".join(problems))
        return header

    def _lines(self, stream: TextIO, file: str, rows: int, first: int) -> list[str]:
        """The lines of so many rows or a few more, the last of which is whole."""
        lines: list[str] = []
        characters = 0

        def further() -> Iterator[str]:
            for text in stream:
                lines.append(text)
                yield text

        try:
            for text in islice(further(), rows):
                characters += len(text)
                if characters > _CHARACTERS:
                    break
            if any('"' in text for text in lines):  # a quoted cell can hold line ends
                known = len(lines)
                reader = csv.reader(chain(lines[:], further()), delimiter=self.sep, strict=True)
                while reader.line_num < known:
                    next(reader)
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


@dataclass(frozen=True)
class ParquetSource(Source):
    """The rows of Parquet files with the same columns."""

    files: tuple[str, ...]

    @property
    def weight(self) -> int:
        """How many rows there are."""
        return sum(self._open(file).metadata.num_rows for file in self.files)

    def identity(self) -> dict[str, Any]:
        """The files, their sizes and times."""
        return _files_identity(self.files)

    def names(self) -> list[str]:
        """The columns."""
        return list(self.schema().names)

    def schema(self) -> Any:
        """The columns of the first file as an Arrow schema."""
        return self._open(self.files[0]).schema_arrow.remove_metadata()

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """So many rows at a time, whatever the row groups; of each file at least none."""
        schema = self.schema()
        none = arrow().RecordBatch.from_pylist([], schema)
        for file in self.files:
            opened = self._open(file)
            if opened.schema_arrow.remove_metadata() != schema:
                raise DataError(f"{file}: not the columns and types of {self.files[0]}")
            empty = [] if opened.metadata.num_rows else [none]
            for batch in chain(empty, opened.iter_batches(batch_size=rows, use_threads=False)):
                yield ArrowChunk(batch.num_rows, batch)

    def _open(self, file: str) -> Any:
        pa = arrow()
        try:
            return pa.parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
        except (OSError, pa.ArrowException) as failed:
            raise DataError(f"{file}: {failed}") from failed
