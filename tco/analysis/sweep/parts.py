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
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from tco.analysis.sweep.csv_rows import csv_header, csv_text
from tco.analysis.sweep.engine import Options, performed
from tco.analysis.sweep.rows import ERROR, NOTES, STAMPS, Rows, answered, versions
from tco.analysis.sweep.sources import CSV, PARQUET, Source, arrow
from tco.errors import DataError, InputError, Problem
from tco.inputs.lines import Line
from tco.market.catalogue import Catalogue, load
from tco.version import __version__

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "_sweep.json"
# What is being written, and what was.
_UNFINISHED = re.compile(r"\.(part-\d+|_sweep\.json)-[0-9a-f]{32}")
_PART = re.compile(rf"part-\d+\.(csv|parquet)|{_UNFINISHED.pattern}")
# How sources are cut into parts; another number than that of the parts that are there refuses them.
_CUT = 4
_WHAT = "parts of a sweep: rows, rows with an error and bytes of each"


def to_files(
    source: Source,
    output: Path,
    catalogue: Catalogue | None,
    options: Options,
    own_lines: tuple[Line, ...] = (),
) -> tuple[int, int]:
    """Sweep into a .csv or .parquet file, or else a folder of Parquet parts.

    The numbers of rows, and of those with an error. InputError where parts of another sweep are
    there, DataError where files cannot be read or written.
    """
    suffix = output.suffix.lower()
    single = suffix in (CSV, PARQUET) and not output.is_dir()
    if suffix and not single and not output.is_dir():
        message = f"output = {str(output)!r}: no {suffix} is written here but {CSV}, {PARQUET}"
        raise InputError([Problem("output", f"{message}, and folders without an ending")])
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
        "lines": [line.to_dict() for line in own_lines],
        "prices": data.label,
        "versions": {"tco_version": __version__, **versions(data)},
        "chunk_rows": options.chunk_rows,
        "format": suffix,
        "cut": _CUT,
    } | ({"notes": True} if options.notes else {})
    folder = output.with_name(f"{output.name}.parts") if single else output
    try:
        with alone(folder):
            manifest = _begun(folder, plan, options.resume)
            done = manifest["parts"]
            if not manifest["complete"]:
                about = (catalogue, own_lines, options.notes)
                work = partial(write_part, about, folder, suffix, schema)
                before = {int(number): rows for number, (rows, *_) in done.items()}
                answers = performed(work, source, options, options.workers, before)
                with closing(answers):
                    for number, (path, told) in answers:
                        path.replace(_part(folder, number, suffix))
                        done[str(number)] = told
                        save_manifest(folder, manifest)
                manifest["complete"] = True
                save_manifest(folder, manifest)
                _tidy(folder, manifest)
            if single:
                files = [_part(folder, number, suffix) for number in range(len(done))]
                header = csv_header(source.names, notes=options.notes)
                _join(files, output, header if suffix == CSV else None)
    except OSError as failed:
        raise DataError(f"{failed.filename or output}: {failed.strerror or failed}") from failed
    return sum(rows for rows, *_ in done.values()), sum(errors for _, errors, _ in done.values())


# --- Writing


def write_part(
    about: tuple[Catalogue | None, tuple[Line, ...], bool],
    folder: Path,
    suffix: str,
    schema: Any,
    number: int,
    chunk: Rows,
) -> tuple[Path, list[int]]:
    """Answer a part into a new file: where it is, its rows, those with an error, and its bytes.

    `about` says on which data, with which lines of one's own, and whether with notes; `schema` is
    the Arrow schema of the source. DataError where the file cannot be written.
    """
    catalogue, own_lines, notes = about
    answers = answered(chunk, catalogue or load(), notes=notes, own_lines=own_lines)
    path = _unfinished(folder, f"part-{number:06d}")
    try:
        with _on_disk(path) as stream:
            if suffix == CSV:
                stream.write(csv_text(chunk, answers).encode())
            else:
                table = _table(chunk, answers, schema)
                arrow().parquet.write_table(table, stream, use_dictionary=_words(table.schema))
    except OSError as failed:
        raise DataError(f"{path}: {failed.strerror or failed}") from failed
    return path, [chunk.size, int(answers[ERROR].notna().sum()), path.stat().st_size]


def _table(rows: Rows, answers: pd.DataFrame, schema: Any) -> Any:
    """The rows of a part and their answers as an Arrow table; no result is null, never is inf."""
    pa = arrow()
    if isinstance(part := getattr(rows, "part", None), pa.RecordBatch):
        table = pa.Table.from_batches([part]).cast(schema)
    else:
        table = pa.Table.from_pandas(rows.frame(), schema=schema, preserve_index=False)
    for name, column in answers.items():
        if column.dtype == "category":
            codes, words = column.cat.codes.to_numpy(), column.cat.categories.tolist()
            array = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(words))
        else:
            array = pa.array(column, from_pandas=True)
            kinds = {ERROR: pa.string(), NOTES: pa.string(), STAMPS[0]: pa.int32()}
            array = array.cast(kinds.get(str(name), array.type))
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


def _join(parts: list[Path], output: Path, header: str | None) -> None:
    """One file out of the parts, whose folder is removed when it is there.

    With a header they are CSV.
    """
    folder = parts[0].parent
    joined = _unfinished(folder, f"part-{len(parts):06d}")
    with _on_disk(joined) as stream:
        if header is not None:
            stream.write(header.encode())
            for path in parts:
                with path.open("rb") as lines:
                    shutil.copyfileobj(lines, stream, 2**20)
        else:
            parquet = arrow().parquet
            schema = parquet.read_schema(parts[0])
            with parquet.ParquetWriter(stream, schema, use_dictionary=_words(schema)) as writer:
                for path in parts:
                    writer.write_table(parquet.read_table(path))
    if output.exists():
        joined.chmod(output.stat().st_mode)
    joined.replace(output)
    shutil.rmtree(folder)


# --- The manifest: the plan, which is all that the content of parts depends on, and the parts that
# --- are complete. A part counts from the moment on when the manifest names it, so that no row is
# --- there twice or lost, whenever the sweep is interrupted.


def _begun(folder: Path, plan: dict[str, Any], resume: bool) -> dict[str, Any]:
    """The manifest of an earlier sweep by the same plan, or that of a new one.

    InputError where there are parts by another plan, DataError where there is anything else: it is
    not touched.
    """
    names = sorted(path.name for path in folder.iterdir())
    ours = _PART if MANIFEST in names else _UNFINISHED
    for name in names:
        if name != MANIFEST and not ours.fullmatch(name):
            raise DataError(f"{folder}: holds {name}, which is of no sweep")
    manifest: dict[str, Any] = {"what": _WHAT, "plan": plan, "complete": False, "parts": {}}
    if resume and MANIFEST in names:
        path = folder / MANIFEST
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            earlier, parts, complete = dict(found["plan"]), found["parts"], found["complete"]
        except (ValueError, TypeError, KeyError) as wrong:
            message = f"{path}: is no manifest of a sweep ({wrong}): start anew with resume=False"
            raise DataError(message) from wrong
        if earlier != plan:
            differing = [name for name in plan if earlier.get(name) != plan[name]]
            message = (
                f"output = {str(folder)!r} holds parts of a sweep with another "
                f"{', '.join(differing) or 'plan'}: let it end as it began, or start anew with "
                "resume=False (--no-resume)"
            )
            raise InputError([Problem("resume", message)])
        for number, told in parts.items():
            part = _part(folder, int(number), plan["format"])
            if part.is_file() and part.stat().st_size == told[-1]:
                manifest["parts"][number] = told
        manifest["complete"] = complete and len(manifest["parts"]) == len(parts)
    save_manifest(folder, manifest)
    _tidy(folder, manifest)
    return manifest


def _part(folder: Path, number: int, suffix: str) -> Path:
    return folder / f"part-{number:06d}{suffix}"


def save_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Say which parts count from now on."""
    parts = dict(sorted(manifest["parts"].items(), key=lambda part: int(part[0])))
    new = _unfinished(folder, MANIFEST)
    new.write_text(json.dumps({**manifest, "parts": parts}, indent=1), encoding="utf-8")
    new.replace(folder / MANIFEST)


def _tidy(folder: Path, manifest: dict[str, Any]) -> None:
    """Remove parts that do not count, and what was not written to its end."""
    counted = [f"part-{int(number):06d}" for number in manifest["parts"]]
    for path in folder.iterdir():
        if path.stem not in counted and _PART.fullmatch(path.name):
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
