"""Where the scenarios of a sweep come from: a frame, a grid, CSV or Parquet files; in parts."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

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


@dataclass(frozen=True)
class Chunk(ABC):
    """Some rows of a source; `frame` gives its own columns, the rest follows from that.

    `weight` is its share of the source's: rows, or characters of a CSV file.
    """

    weight: int

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The rows as they came, as a frame."""

    def names(self) -> list[str]:
        """Its columns."""
        return list(self.frame().columns)

    def rows(self) -> Rows:
        """The scenarios in them."""
        return frame_rows(self.frame())

    def table(self, schema: Any) -> Any:
        """The rows as they came, as an Arrow table of this schema."""
        return arrow().Table.from_pandas(self.frame(), schema=schema, preserve_index=False)

    def cells(self) -> list[Sequence[str]]:
        """The rows as they came, as columns of CSV cells."""
        columns = [column for _, column in self.frame().items()]
        return [
            number_cells(column.to_numpy())
            if column.dtype == "float64"
            else value_cells(column.tolist())
            for column in columns
        ]


class Source(Protocol):
    """Scenarios in order."""

    @property
    def weight(self) -> int | None:
        """The sum of the chunks' weights, nearly; None where nobody knows it."""

    def identity(self) -> dict[str, Any]:
        """What tells this source from another, as JSON."""

    def names(self) -> list[str]:
        """Its columns."""

    def schema(self) -> Any:
        """Its columns as an Arrow schema."""

    def chunks(self, rows: int, done: Container[int] = ()) -> Iterator[tuple[int, Chunk]]:
        """Numbered parts of at most so many rows, without those that are done."""


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


def arrow() -> Any:
    """The library that knows Parquet; TcoError where it is not installed."""
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as missing:
        raise TcoError("Parquet needs pyarrow: pip install 'gpu-tco[scale]'") from missing


def files_identity(files: Iterable[str]) -> dict[str, Any]:
    """Where the files are, their sizes and when they were written."""
    told = {}
    for file in files:
        path = Path(file).resolve()
        about = path.stat()
        told[str(path)] = [about.st_size, about.st_mtime_ns]
    return {"files": told}


@dataclass(frozen=True)
class FrameChunk(Chunk):
    """Some rows of a frame."""

    part: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """The rows as they came."""
        return self.part


@dataclass(frozen=True)
class FrameSource:
    """The rows of a frame, without its index."""

    frame: pd.DataFrame

    @property
    def weight(self) -> int:
        """How many rows there are."""
        return len(self.frame)

    def identity(self) -> dict[str, Any]:
        """Its size and a checksum of its cells."""
        return {"rows": len(self.frame), "sha256": self._checksum}

    @cached_property
    def _checksum(self) -> str:
        import pandas as pd

        kinds = repr(list(zip(self.frame.columns, self.frame.dtypes, strict=True)))
        digest = hashlib.sha256(kinds.encode())
        for _, column in self.frame.items():
            if column.dtype.kind in "fiu" and hasattr(column.dtype, "itemsize"):
                digest.update(column.to_numpy().tobytes())
            else:
                texts = pd.Series([repr(value) for value in column.tolist()], dtype="str")
                digest.update(pd.util.hash_pandas_object(texts, index=False).to_numpy().tobytes())
        return digest.hexdigest()

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

    def chunks(self, rows: int, done: Container[int] = ()) -> Iterator[tuple[int, Chunk]]:
        """Slices of the frame."""
        for number, start in enumerate(range(0, max(len(self.frame), 1), rows)):
            if number not in done:
                part = self.frame.iloc[start : start + rows]
                yield number, FrameChunk(len(part), part)


@dataclass(frozen=True)
class GridChunk(Chunk):
    """Some scenarios of a grid, not made yet."""

    grid: Grid
    start: int
    stop: int

    def frame(self) -> pd.DataFrame:
        """The scenarios, made."""
        return self.grid.frame(self.start, self.stop)


@dataclass(frozen=True)
class GridSource:
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

    def chunks(self, rows: int, done: Container[int] = ()) -> Iterator[tuple[int, Chunk]]:
        """Runs of positions."""
        for number, start in enumerate(range(0, self.grid.size, rows)):
            if number not in done:
                stop = min(start + rows, self.grid.size)
                yield number, GridChunk(stop - start, self.grid, start, stop)


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
        import pandas as pd

        columns: dict[str, Any] = {}
        for name in self.header:
            if name in INPUTS and INPUTS[name].numeric:
                line = self._lines[name]
                columns[name] = line if line.dtype == "float64" else _numbers(line)
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


def _numbers(line: Any) -> Any:
    import numpy as np

    known = [None if isinstance(value, str) else midpoint_of(value) for value in line]
    return np.array(known, dtype=np.float64)


@dataclass(frozen=True)
class CsvSource:
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
        return files_identity(self.files)

    def names(self) -> list[str]:
        """The header of the first file."""
        with opened(self.files[0]) as stream:
            return self._header(stream, self.files[0])

    def schema(self) -> Any:
        """Numbers, flags and texts, by the declarations of the inputs."""
        pa = arrow()
        kinds = {"number": pa.float64(), "integer": pa.float64(), "flag": pa.bool_()}
        declared = {name: INPUTS[name].kind if name in INPUTS else "" for name in self.names()}
        return pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in declared.items()])

    def chunks(self, rows: int, done: Container[int] = ()) -> Iterator[tuple[int, TextChunk]]:
        """Runs of lines that end where a row does."""
        number, first = 0, None
        for file in self.files:
            with opened(file) as stream:
                header = self._header(stream, file)
                first = first or header
                if header != first:
                    raise DataError(f"{file}, line 1: not the columns of {self.files[0]}")
                for line, text in self._texts(stream, file, rows):
                    if number not in done:
                        told = (tuple(header), self.sep, self.decimal, file, line)
                        yield number, TextChunk(len(text), text, *told)
                    number += 1

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

    def _texts(self, stream: TextIO, file: str, rows: int) -> Iterator[tuple[int, str]]:
        """Texts of whole rows, with the numbers of their first lines; at least an empty one."""
        line = first = 2
        while lines := _some(stream, file, rows):
            if any('"' in text for text in lines):
                self._complete(lines, stream, file, line)
            yield line, "".join(lines)
            line += len(lines)
        if line == first:
            yield line, ""

    def _complete(self, lines: list[str], stream: TextIO, file: str, first: int) -> None:
        """Add lines until the last row is whole: a quoted cell can hold line ends."""
        known = len(lines)

        def further() -> Iterator[str]:
            for text in stream:
                lines.append(text)
                yield text

        reader = csv.reader(chain(lines[:], further()), delimiter=self.sep, strict=True)
        try:
            while reader.line_num < known:
                next(reader)
        except (csv.Error, OSError) as failed:
            raise DataError(f"{file}, line {first + reader.line_num - 1}: {failed}") from failed


def _some(stream: TextIO, file: str, rows: int) -> list[str]:
    lines, characters = [], 0
    try:
        for text in stream:
            lines.append(text)
            characters += len(text)
            if len(lines) == rows or characters > _CHARACTERS:
                break
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed
    return lines


def opened(file: str) -> TextIO:
    """A file as text; what is not UTF-8 comes as lone surrogates and is refused by row."""
    if file == "-" and sys.stdin is None:
        raise DataError("standard input is closed")
    try:
        raw: Any = os.dup(sys.stdin.fileno()) if file == "-" else file
        return open(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as failed:
        raise DataError(f"{file}: {failed.strerror or failed}") from failed


@dataclass(frozen=True)
class ArrowChunk(Chunk):
    """Some rows of a Parquet file: an Arrow table."""

    part: Any

    def frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        frame: pd.DataFrame = self.part.to_pandas(use_threads=False)
        return frame

    def rows(self) -> Rows:
        """The scenarios in them; columns that are only carried along are not looked at."""
        inputs = [name for name in self.part.column_names if name in INPUTS]
        return frame_rows(self.part.select(inputs).to_pandas(use_threads=False))

    def table(self, schema: Any) -> Any:
        """The rows as they came."""
        return self.part.cast(schema)


@dataclass(frozen=True)
class ParquetSource:
    """The rows of Parquet files with the same columns."""

    files: tuple[str, ...]

    @cached_property
    def weight(self) -> int:
        """How many rows there are."""
        return sum(self._open(file).metadata.num_rows for file in self.files)

    def identity(self) -> dict[str, Any]:
        """The files, their sizes and times."""
        return files_identity(self.files)

    def names(self) -> list[str]:
        """The columns."""
        return list(self._schema.names)

    def schema(self) -> Any:
        """The columns of the first file as an Arrow schema."""
        return self._schema

    @cached_property
    def _schema(self) -> Any:
        return self._open(self.files[0]).schema_arrow.remove_metadata()

    def chunks(self, rows: int, done: Container[int] = ()) -> Iterator[tuple[int, ArrowChunk]]:
        """Row groups together up to so many rows, or a larger one in pieces."""
        number = 0
        for file in self.files:
            opened = self._open(file)
            if opened.schema_arrow.remove_metadata() != self._schema:
                raise DataError(f"{file}: not the columns and types of {self.files[0]}")
            for groups, size in _spans(opened.metadata, rows):
                wanted = range(number, number + max(-(-size // rows), 1))
                number = wanted.stop
                if all(at in done for at in wanted):
                    continue
                for at, part in zip(wanted, _pieces(opened, groups, rows), strict=True):
                    if at not in done:
                        yield at, ArrowChunk(part.num_rows, part)

    def _open(self, file: str) -> Any:
        pa = arrow()
        try:
            return pa.parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
        except (OSError, pa.ArrowException) as failed:
            raise DataError(f"{file}: {failed}") from failed


def _spans(metadata: Any, rows: int) -> Iterator[tuple[list[int], int]]:
    """Neighbouring row groups that are together at most so many rows, and how many they are."""
    groups: list[int] = []
    size = 0
    for group in range(metadata.num_row_groups):
        further = metadata.row_group(group).num_rows
        if groups and size + further > rows:
            yield groups, size
            groups, size = [], 0
        groups.append(group)
        size += further
    yield groups, size


def _pieces(opened: Any, groups: list[int], rows: int) -> Iterator[Any]:
    """Tables of so many rows, the last one of fewer; at least an empty one."""
    table = arrow().Table
    schema = opened.schema_arrow
    batches = opened.iter_batches(batch_size=rows, row_groups=groups, use_threads=False)
    held: list[Any] = []
    made = False
    for batch in batches:
        held.append(batch)
        if sum(part.num_rows for part in held) >= rows:
            yield table.from_batches(held, schema)
            held, made = [], True
    if held or not made:
        yield table.from_batches(held, schema)
