"""Sweeps into files: in parts that survive an interruption, joined to one file where asked for."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tco.analysis.sweep.files import CSV, PARQUET
from tco.analysis.sweep.parts import Parts, alone
from tco.analysis.sweep.progress import Progress
from tco.analysis.sweep.run import CHUNK_ROWS
from tco.analysis.sweep.sources import Source
from tco.analysis.sweep.workers import performed
from tco.analysis.sweep.writing import Job, csv_header, join_csv, join_parquet, stamps
from tco.errors import DataError, InputError, Problem
from tco.market.catalogue import Catalogue, load
from tco.version import __version__

_MOST = {"chunk_rows": 10**7, "workers": 2**10}


@dataclass(frozen=True)
class Options:
    """How a sweep is done; nothing here changes an answer."""

    chunk_rows: int = CHUNK_ROWS
    workers: int | None = None
    progress: bool | None = None
    resume: bool = True

    def checked(self) -> Options:
        """The same; InputError where a number makes no sense."""
        problems = []
        for name, most in _MOST.items():
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and 0 < value <= most) and (name, value) != ("workers", None):
                message = f"{name} = {value!r} is not a whole number from 1 to {most:,}"
                problems.append(Problem(name, message))
        if problems:
            raise InputError(problems)
        return self


@dataclass(frozen=True)
class Written:
    """A sweep in files: where it is, its rows, and those with an error."""

    path: Path
    rows: int
    errors: int


def to_files(
    source: Source, output: Path, catalogue: Catalogue | None, options: Options
) -> Written:
    """Sweep into a .csv or .parquet file, or else a folder of Parquet parts.

    InputError where parts of another sweep are there, DataError where files cannot be read or
    written.
    """
    suffix = output.suffix.lower()
    single = suffix in (CSV, PARQUET) and not output.is_dir()
    suffix = suffix if single else PARQUET
    schema = source.schema() if suffix == PARQUET else None
    _check_place(source, output)
    folder = output.with_name(f"{output.name}.parts") if single else output
    parts = Parts(folder, suffix, _plan(source, catalogue, options, suffix))
    try:
        with alone(folder):
            parts.begin(options.resume)
            if not parts.complete:
                _answer(source, parts, Job(catalogue, suffix, schema), options)
            done = parts.done.values()
            written = Written(output, sum(d.rows for d in done), sum(d.errors for d in done))
            if single:
                _join(parts, output, source)
    except OSError as failed:
        raise DataError(f"{failed.filename or output}: {failed.strerror or failed}") from failed
    return written


def _answer(source: Source, parts: Parts, job: Job, options: Options) -> None:
    """Answer the parts that are not done yet."""
    before = sum(done.rows for done in parts.done.values())
    chunks = source.chunks(options.chunk_rows, parts.done)
    with (
        Progress(source.weight, options.progress, before) as progress,
        closing(performed(job, chunks, parts.temporary, options.workers or _cores())) as answered,
    ):
        for number, chunk, path, done in answered:
            assert path
            parts.commit(number, path, done)
            progress.add(done.rows, chunk.weight)
    parts.finish()


def _cores() -> int:
    """The cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _plan(
    source: Source, catalogue: Catalogue | None, options: Options, suffix: str
) -> dict[str, Any]:
    """All that the content of the parts depends on."""
    data = catalogue or load()
    return {
        "source": source.identity(),
        "columns": source.names(),
        "prices": data.label,
        "versions": {"tco_version": __version__, **stamps(data)},
        "chunk_rows": options.chunk_rows,
        "format": suffix,
    }


def _check_place(source: Source, output: Path) -> None:
    """Errors where the answers would be written over their own source, or nowhere."""
    places = [Path(file) for file in source.identity().get("files", ())]
    target = output.resolve()
    if target in places or target in {place.parent for place in places}:
        message = f"output = {str(output)!r} is where the source is: choose another place"
        raise InputError([Problem("output", message)])
    if not target.parent.is_dir():
        raise DataError(f"{output}: there is no folder {target.parent}")


def _join(parts: Parts, output: Path, source: Source) -> None:
    """One file out of the parts, which are removed when it is there."""
    joined = parts.temporary(len(parts.done))
    if parts.suffix == CSV:
        join_csv(parts.paths(), csv_header(source.names()), joined)
    else:
        join_parquet(parts.paths(), joined)
    if output.exists():
        joined.chmod(output.stat().st_mode)
    joined.replace(output)
    shutil.rmtree(parts.folder)
