"""Where the scenarios of a sweep come from: a frame, a grid, CSV or Parquet files."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from tco.analysis.sweep.chunks import Chunk, FrameChunk, GridChunk
from tco.analysis.sweep.files import arrow
from tco.analysis.sweep.grid import Grid
from tco.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


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
        return _checksum(self.frame)

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


def _checksum(frame: pd.DataFrame) -> str:
    import pandas as pd

    digest = hashlib.sha256(repr(list(zip(frame.columns, frame.dtypes, strict=True))).encode())
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind in "fiu" and hasattr(column.dtype, "itemsize"):
            digest.update(column.to_numpy().tobytes())
        else:
            texts = pd.Series([repr(value) for value in column.tolist()], dtype="str")
            digest.update(pd.util.hash_pandas_object(texts, index=False).to_numpy().tobytes())
    return digest.hexdigest()


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
