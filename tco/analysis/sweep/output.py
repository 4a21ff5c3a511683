"""Sweeps into files: in parts that survive an interruption, joined to one file where asked for."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tco.analysis.sweep.engine import Options, Progress, cores, performed
from tco.analysis.sweep.sources import CSV, PARQUET, Source
from tco.analysis.sweep.writing import (
    Done,
    Job,
    csv_header,
    join_csv,
    join_parquet,
    stamps,
    unfinished,
)
from tco.errors import DataError, InputError, Problem
from tco.market.catalogue import Catalogue, load
from tco.version import __version__

MANIFEST = "_sweep.json"
# What is being written, and what was.
_UNFINISHED = re.compile(r"\.(part-\d+|_sweep\.json)-[0-9a-f]{32}")
_PART = re.compile(rf"part-\d+\.(csv|parquet)|{_UNFINISHED.pattern}")
# How sources are cut into parts; another number than that of the parts that are there refuses them.
_CUT = 2
_WHAT = "parts of a sweep: rows, rows with an error and bytes of each"


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
        "versions": {"tco_version": __version__, **stamps(data)},
        "chunk_rows": options.chunk_rows,
        "format": suffix,
        "cut": _CUT,
    }
    parts = Parts(output.with_name(f"{output.name}.parts") if single else output, suffix, plan)
    try:
        with alone(parts.folder):
            parts.begin(options.resume)
            if not parts.complete:
                _answer(source, parts, Job(catalogue, parts.folder, suffix, schema), options)
            done = parts.done.values()
            written = Written(output, sum(d.rows for d in done), sum(d.errors for d in done))
            if single:
                _join(parts, output, source.names)
    except OSError as failed:
        raise DataError(f"{failed.filename or output}: {failed.strerror or failed}") from failed
    return written


def _answer(source: Source, parts: Parts, job: Job, options: Options) -> None:
    """Answer the parts that are not done yet."""
    before = sum(done.rows for done in parts.done.values())
    numbered = enumerate(source.chunks(options.chunk_rows))
    wanted = ((number, chunk) for number, chunk in numbered if number not in parts.done)
    with (
        Progress(source.weight, options.progress, before) as progress,
        contextlib.closing(performed(job, wanted, options.workers or cores())) as answered,
    ):
        for number, chunk, done in answered:
            parts.commit(number, done)
            progress.add(done.rows, chunk.weight)
    parts.finish()


def _join(parts: Parts, output: Path, names: list[str]) -> None:
    """One file out of the parts, which are removed when it is there."""
    joined = unfinished(parts.folder, f"part-{len(parts.done):06d}")
    written = [parts.path(number) for number in sorted(parts.done)]
    if parts.suffix == CSV:
        join_csv(written, csv_header(names), joined)
    else:
        join_parquet(written, joined)
    if output.exists():
        joined.chmod(output.stat().st_mode)
    joined.replace(output)
    shutil.rmtree(parts.folder)


@dataclass
class Parts:
    """A folder of part files; `plan` is all that their content depends on.

    `done` has the parts that are complete, by number. A part counts from the moment on when the
    manifest names it, so that no row is there twice or lost, whenever the sweep is interrupted.
    """

    folder: Path
    suffix: str
    plan: dict[str, Any]
    done: dict[int, Done] = field(default_factory=dict)
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
            done, path = Done(*told), self.path(int(number))
            if path.is_file() and path.stat().st_size == done.size:
                self.done[int(number)] = done
        self.complete = complete and len(self.done) == len(parts)

    def path(self, number: int) -> Path:
        """Where a part is when it is complete."""
        return self.folder / f"part-{number:06d}{self.suffix}"

    def commit(self, number: int, done: Done) -> None:
        """Take a part that is on the disk into the manifest."""
        assert done.file
        done.file.replace(self.path(number))
        self.done[number] = done
        self._save()

    def finish(self) -> None:
        """Say that there are no further parts."""
        self.complete = True
        self._save()
        self._tidy()

    def _save(self) -> None:
        parts = {str(at): [d.rows, d.errors, d.size] for at, d in sorted(self.done.items())}
        said = {"what": _WHAT, "plan": self.plan, "complete": self.complete, "parts": parts}
        new = unfinished(self.folder, MANIFEST)
        new.write_text(json.dumps(said, indent=1), encoding="utf-8")
        new.replace(self.folder / MANIFEST)

    def _tidy(self) -> None:
        """Remove parts that do not count, and what was not written to its end."""
        counted = {self.path(number).name for number in self.done}
        for path in self.folder.iterdir():
            if path.name not in counted and _PART.fullmatch(path.name):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make a folder, and keep other sweeps out of it; DataError where one is at work there."""
    folder.mkdir(exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failed:
        if failed.errno in (errno.EWOULDBLOCK, errno.EACCES):
            os.close(handle)
            raise DataError(f"{folder}: another sweep is at work there") from failed
    try:
        yield
    finally:
        os.close(handle)
