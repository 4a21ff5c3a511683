"""Parquet files of scenarios, read in parts of bounded size."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tco.analysis.sweep.chunks import ArrowChunk
from tco.analysis.sweep.files import arrow, files_identity
from tco.errors import DataError

# Bytes of a column read at a time.
_BUFFER = 2**20


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
