"""Parts of a table of scenarios, on their way from a source to its answers."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco.analysis.sweep.answers import Rows, frame_rows
from tco.analysis.sweep.cells import echoed, line_of, number_cells, readable, value_cells
from tco.analysis.sweep.files import arrow
from tco.analysis.sweep.grid import Grid
from tco.errors import DataError
from tco.inputs import INPUTS
from tco.inputs.interval import midpoint_of
from tco.inputs.text import parse

if TYPE_CHECKING:
    import pandas as pd


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
        frame = self.frame()
        return [_cells(frame[name]) for name in frame.columns]


def _cells(column: pd.Series[Any]) -> list[str]:
    if column.dtype == "float64":
        return number_cells(column.to_numpy())
    return value_cells(column.tolist())


@dataclass(frozen=True)
class FrameChunk(Chunk):
    """Some rows of a frame."""

    part: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """The rows as they came."""
        return self.part


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
