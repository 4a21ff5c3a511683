"""Sweeps into files: in parts that survive an interruption, joined to one file where asked for."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from tco.analysis.sweep.csv_rows import TextChunk, csv_header, csv_text, frame_cells
from tco.analysis.sweep.engine import Options, cores, performed
from tco.analysis.sweep.rows import ERROR, STAMPS, answered, versions
from tco.analysis.sweep.sources import CSV, PARQUET, Chunk, Source, arrow
from tco.errors import DataError, InputError, Problem
from tco.market.catalogue import Catalogue, load
from tco.version import __version__

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "_sweep.json"
# What is being written, and what was.
_UNFINISHED = re.compile(r"\.(part-\d+|_sweep\.json)-[0-9a-f]{32}")
_PART = re.compile(rf"part-\d+\.(csv|parquet)|{_UNFINISHED.pattern}")
# How sources are cut into parts; another number than that of the parts that are there refuses them.
_CUT = 3
_WHAT = "parts of a sweep: rows, rows with an error and bytes of each"


def to_files(
    source: Source, output: Path, catalogue: Catalogue | None, options: Options
) -> tuple[int, int]:
    """Sweep into a .csv or .parquet file, or else a folder of Parquet parts.

    The numbers of rows, and of those with an error. InputError where parts of another sweep are
    there, DataError where files cannot be read or written.
    """
    suffix = output.suffix.lower()
    single = suffix in (CSV, PARQUET) and not output.is_dir()
    suffix = suffix if single else PARQUET
    schema = source.schema() if suffix == PARQUET else None
    identity, data = source.identity(), catalogue or load()
    target = output.resolve()
    places = [Path(file) for file in identity.get("files", ())]
    if target in places or target in {place.parent for place in places}:
        message = f"output = {str(output)!r} is where the source is: choose another place"
        raise InputError([Problem("output", message)])
    if not target.parent.is_dir():
        raise DataError(f"{output}: there is no folder {target.parent}")
    plan = {
        "source": identity,
        "columns": source.names,
        "prices": data.label,
        "versions": {"tco_version": __version__, **versions(data)},
        "chunk_rows": options.chunk_rows,
        "format": suffix,
        "cut": _CUT,
    }
    parts = Parts(output.with_name(f"{output.name}.parts") if single else output, suffix, plan)
    try:
        with alone(parts.folder):
            parts.begin(options.resume)
            if not parts.complete:
                work = partial(write_part, catalogue, parts.folder, suffix, schema)
                workers, before = options.workers or cores(), parts.total(0)
                answers = performed(work, source, options, workers, set(parts.done), before)
                with closing(answers):
                    for number, (path, told) in answers:
                        parts.commit(number, path, told)
                parts.finish()
            if single:
                _join(parts, output, source.names)
    except OSError as failed:
        raise DataError(f"{failed.filename or output}: {failed.strerror or failed}") from failed
    return parts.total(0), parts.total(1)


# --- Writing


def write_part(
    catalogue: Catalogue | None, folder: Path, suffix: str, schema: Any, number: int, chunk: Chunk
) -> tuple[Path, list[int]]:
    """Answer a part into a new file: where it is, its rows, those with an error, and its bytes.

    `schema` is the Arrow schema of the source. DataError where the file cannot be written.
    """
    answers = answered(chunk.rows(), catalogue or load())
    path = _unfinished(folder, f"part-{number:06d}")
    try:
        with _on_disk(path) as stream:
            if suffix == CSV:
                stream.write(csv_text([*chunk.cells(), *frame_cells(answers)]).encode())
            else:
                table = _table(chunk, answers, schema)
                arrow().parquet.write_table(table, stream, use_dictionary=_words(table.schema))
    except OSError as failed:
        raise DataError(f"{path}: {failed.strerror or failed}") from failed
    return path, [chunk.size, int(answers[ERROR].notna().sum()), path.stat().st_size]


def _table(chunk: Chunk, answers: pd.DataFrame, schema: Any) -> Any:
    """The rows of a part and their answers as an Arrow table; no result is null, never is inf."""
    pa = arrow()
    if isinstance(chunk, TextChunk) or not isinstance(chunk.part, pa.RecordBatch):
        table = pa.Table.from_pandas(chunk.frame(), schema=schema, preserve_index=False)
    else:
        table = pa.Table.from_batches([chunk.part]).cast(schema)
    for name, column in answers.items():
        if column.dtype == "category":
            codes, words = column.cat.codes.to_numpy(), column.cat.categories.tolist()
            array = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(words))
        else:
            array = pa.array(column.to_numpy(), from_pandas=True)
            array = array.cast({ERROR: pa.string(), STAMPS[0]: pa.int32()}.get(name, array.type))
        table = table.append_column(name, array)
    return table


def _words(schema: Any) -> list[str]:
    """The columns of a Parquet file that are worth a dictionary: words only."""
    return [field.name for field in schema if str(field.type).endswith(("string", "ordered=0>"))]


def _unfinished(folder: Path, name: str) -> Path:
    """Where a file is while it is written: a name that was never used before."""
    return folder / f".{name}-{uuid4().hex}"


@contextmanager
def _on_disk(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which is on the disk afterwards."""
    with path.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _join(parts: Parts, output: Path, names: list[str]) -> None:
    """One file out of the parts, which are removed when it is there."""
    joined = _unfinished(parts.folder, f"part-{len(parts.done):06d}")
    written = [parts.path(number) for number in sorted(parts.done)]
    with _on_disk(joined) as stream:
        if parts.suffix == CSV:
            stream.write(csv_header(names).encode())
            for path in written:
                with path.open("rb") as lines:
                    shutil.copyfileobj(lines, stream, 2**20)
        else:
            parquet = arrow().parquet
            schema = parquet.read_schema(written[0])
            with parquet.ParquetWriter(stream, schema, use_dictionary=_words(schema)) as writer:
                for path in written:
                    writer.write_table(parquet.read_table(path))
    if output.exists():
        joined.chmod(output.stat().st_mode)
    joined.replace(output)
    shutil.rmtree(parts.folder)


# --- The manifest


@dataclass
class Parts:
    """A folder of part files; `plan` is all that their content depends on.

    `done` has rows, rows with an error and bytes of the parts that are complete, by number. A part
    counts from the moment on when the manifest names it, so that no row is there twice or lost,
    whenever the sweep is interrupted.
    """

    folder: Path
    suffix: str
    plan: dict[str, Any]
    done: dict[int, list[int]] = field(default_factory=dict)
    complete: bool = False

    def begin(self, resume: bool) -> None:
        """Go on where an earlier sweep by the same plan ended, or start anew.

        InputError where there are parts by another plan, DataError where there is anything else:
        it is not touched.
        """
        names = sorted(path.name for path in self.folder.iterdir())
        ours = _PART if MANIFEST in names else _UNFINISHED
        for name in names:
            if name != MANIFEST and not ours.fullmatch(name):
                raise DataError(f"{self.folder}: holds {name}, which is of no sweep")
        if resume and MANIFEST in names:
            self._go_on()
        else:
            self._save()
        self._tidy()

    def _go_on(self) -> None:
        """Count the parts of an earlier sweep that are still there."""
        path = self.folder / MANIFEST
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            plan, parts, complete = dict(found["plan"]), found["parts"], found["complete"]
        except (ValueError, TypeError, KeyError) as wrong:
            message = f"{path}: is no manifest of a sweep ({wrong}): start anew with resume=False"
            raise DataError(message) from wrong
        if plan != self.plan:
            differing = [name for name in self.plan if plan.get(name) != self.plan[name]]
            message = (
                f"output = {str(self.folder)!r} holds parts of a sweep with another "
                f"{', '.join(differing) or 'plan'}: let it end as it began, or start anew with "
                "resume=False (--no-resume)"
            )
            raise InputError([Problem("resume", message)])
        for number, told in parts.items():
            path = self.path(int(number))
            if path.is_file() and path.stat().st_size == told[-1]:
                self.done[int(number)] = told
        self.complete = complete and len(self.done) == len(parts)

    def total(self, at: int) -> int:
        """The sum of what is told of all parts: rows (0), or rows with an error (1)."""
        return sum(told[at] for told in self.done.values())

    def path(self, number: int) -> Path:
        """Where a part is when it is complete."""
        return self.folder / f"part-{number:06d}{self.suffix}"

    def commit(self, number: int, path: Path, told: list[int]) -> None:
        """Take a part that is on the disk into the manifest."""
        path.replace(self.path(number))
        self.done[number] = told
        self._save()

    def finish(self) -> None:
        """Say that there are no further parts."""
        self.complete = True
        self._save()
        self._tidy()

    def _save(self) -> None:
        parts = {str(number): self.done[number] for number in sorted(self.done)}
        said = {"what": _WHAT, "plan": self.plan, "complete": self.complete, "parts": parts}
        new = _unfinished(self.folder, MANIFEST)
        new.write_text(json.dumps(said, indent=1), encoding="utf-8")
        new.replace(self.folder / MANIFEST)

    def _tidy(self) -> None:
        """Remove parts that do not count, and what was not written to its end."""
        counted = {self.path(number).name for number in self.done}
        for path in self.folder.iterdir():
            if path.name not in counted and _PART.fullmatch(path.name):
                path.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make a folder, and keep other sweeps out of it; DataError where one is at work there."""
    folder.mkdir(exist_ok=True)
    handle = None
    with contextlib.suppress(ImportError):  # Windows has no such locks
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as failed:
            os.close(handle)
            if failed.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise DataError(f"{folder}: another sweep is at work there") from failed
            handle = None  # a file system without locks
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
