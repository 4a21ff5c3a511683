"""Where the scenarios of a sweep come from: a frame, a grid, CSV or Parquet files; in parts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tco.analysis.sweep.csv_rows import csv_chunks, frame_cells
from tco.analysis.sweep.grid import grid_of
from tco.analysis.sweep.rows import Rows, check_columns
from tco.errors import DataError, InputError, Problem, TcoError, to_install
from tco.inputs import FORMER_NAMES, TAKEN
from tco.market.catalogue import Catalogue

if TYPE_CHECKING:
    import pandas as pd

CSV, PARQUET = ".csv", ".parquet"
# What begins so in a folder is no data, by the custom of the tools that read folders of parts.
_HIDDEN = (".", "_")
# Bytes of a column read at a time.
_BUFFER = 2**20


def arrow() -> Any:
    """The library that knows Parquet; TcoError where it is not installed."""
    try:
        for part in ("parquet", "dataset"):
            import_module(f"pyarrow.{part}")
        return import_module("pyarrow")
    except ImportError as missing:
        raise TcoError(f"Parquet needs pyarrow: {to_install('scale')}") from missing


class FrameRows(Rows):
    """Rows of a frame, or an Arrow batch with types of its own; the columns were checked."""

    refused: Mapping[int, str] = MappingProxyType({})

    def __init__(self, part: Any) -> None:
        self.part, self.size, self.weight = part, len(part), len(part)
        self.header = list(part.columns if hasattr(part, "iloc") else part.schema.names)

    def __reduce__(self) -> tuple[Callable[[Any], FrameRows], tuple[Any]]:
        """As a stream where Arrow would send all rows of the file's group with every slice."""
        if hasattr(self.part, "iloc"):
            return FrameRows, (self.part,)
        stream = arrow().BufferOutputStream()
        with arrow().ipc.new_stream(stream, self.part.schema) as writer:
            writer.write_batch(self.part)
        return _of_stream, (stream.getvalue(),)

    @cached_property
    def lines(self) -> dict[str, Any]:  # type: ignore[override]
        """The inputs among the columns."""
        import numpy as np

        found, frame = {}, self.frame()
        for name in frame.columns.intersection(list(TAKEN)):
            column = frame[name]
            if TAKEN[name].numeric and column.dtype.kind in "fiu":
                found[name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            else:
                found[name] = column.to_numpy(dtype=object)
        return found

    def frame(self) -> pd.DataFrame:
        """The rows as they came."""
        is_frame = hasattr(self.part, "iloc")
        frame: pd.DataFrame = self.part if is_frame else self.part.to_pandas(use_threads=False)
        return frame

    def cells(self) -> list[Sequence[str]]:
        """The rows as they came."""
        return frame_cells(self.frame())


def _of_stream(sent: Any) -> FrameRows:
    return FrameRows(arrow().ipc.open_stream(sent).read_next_batch())


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
    chunks: Callable[[int], Iterator[Rows]]


def source_of(source: Any, carry: tuple[str, ...], catalogue: Catalogue | None) -> Source:
    """The scenarios of a frame, grid or path; InputError or DataError where there are none.

    A path is a CSV or Parquet file, or a folder of files of one of these kinds.
    """
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        found = _of_frames(
            source,
            len(source),
            lambda start, stop: source.iloc[start:stop],
            lambda: {"rows": len(source), "sha256": _digest(source)},
        )
    elif isinstance(source, Mapping):
        grid = grid_of(source, catalogue)
        identity = {"sha256": hashlib.sha256(repr(grid).encode()).hexdigest()}
        found = _of_frames(grid.frame(0, 1), grid.size, grid.frame, lambda: identity)
    elif isinstance(source, (str, os.PathLike)):
        files = _files(Path(source))
        is_csv = files[0].lower().endswith(CSV)
        found = _of_csv(files, carry) if is_csv else _of_parquet(files)
    else:
        message = f"source: {type(source).__name__} is not a frame, a grid or a path"
        raise InputError([Problem("source", message)])
    check_columns(found.names, carry)
    return found


def _of_frames(
    sample: pd.DataFrame,
    size: int,
    frame: Callable[[int, int], pd.DataFrame],
    identity: Callable[[], dict[str, Any]],
) -> Source:
    """Rows of which there are frames; the types are those of a sample."""

    def schema() -> Any:
        pa = arrow()
        try:
            return pa.Table.from_pandas(sample, preserve_index=False).schema
        except (pa.ArrowInvalid, pa.ArrowTypeError) as mixed:
            raise DataError(f"source: a column cannot be written as Parquet: {mixed}") from mixed

    def chunks(rows: int) -> Iterator[Rows]:
        for start in range(0, max(size, 1), rows):
            yield FrameRows(frame(start, start + rows))

    return Source(list(sample.columns), size, identity, schema, chunks)


def _digest(frame: pd.DataFrame) -> str:
    import pandas as pd

    digest = hashlib.sha256(repr([*frame.dtypes.items()]).encode())
    for _, column in frame.items():
        plain = column if column.dtype.kind in "fiu" else column.astype(object).map(repr)
        digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _files(path: Path) -> tuple[str, ...]:
    """A file, or those in a folder in the order of their names; DataError for any others."""
    if path.is_file():
        found = [path]
    else:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
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
    reading = {"pre_buffer": False, "use_buffered_stream": True, "buffer_size": _BUFFER}
    options = pa.dataset.ParquetFragmentScanOptions(**reading)
    form = pa.dataset.ParquetFileFormat(default_fragment_scan_options=options)
    opened, rows_of_all = [], 0
    schema: Any = None
    for file in files:
        try:
            found = pa.dataset.dataset(file, format=form)
            rows_of_all += found.count_rows()
        except (OSError, pa.ArrowException) as failed:
            raise DataError(f"{file}: {failed}") from failed
        own = found.schema.remove_metadata()
        schema = schema or own
        if own != schema:
            raise DataError(f"{file}: not the columns and types of {files[0]}")
        opened.append(found)

    def chunks(rows: int) -> Iterator[Rows]:
        whole = pa.dataset.dataset(opened)
        told = {"use_threads": False, "batch_readahead": 1, "fragment_readahead": 1}
        if not rows_of_all:
            yield FrameRows(pa.RecordBatch.from_pylist([], renamed))
        for batch in whole.to_batches(batch_size=rows, **told):
            if batch.num_rows:
                yield FrameRows(batch.rename_columns(names))

    identity = partial(_files_identity, files)
    names = [FORMER_NAMES.get(name, name) for name in schema.names]
    renamed = pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])
    return Source(names, rows_of_all, identity, lambda: renamed, chunks)


def _of_csv(files: tuple[str, ...], carry: tuple[str, ...]) -> Source:
    """The rows of CSV files with one header."""
    names = next(csv_chunks(files[:1], 1, carry=carry)).header

    def schema() -> Any:
        pa = arrow()
        kinds = {"number": pa.float64(), "integer": pa.float64(), "flag": pa.bool_()}
        declared = {name: TAKEN[name].kind if name in TAKEN else "" for name in names}
        return pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in declared.items()])

    weight = sum(os.stat(file).st_size for file in files)
    chunks = partial(csv_chunks, files, carry=carry)
    return Source(list(names), weight, partial(_files_identity, files), schema, chunks)
