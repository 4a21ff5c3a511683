"""Sweeps into files: in parts that survive an interruption, joined to one file where asked for."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tco.analysis.sweep.sources import CSV, PARQUET, Source
from tco.analysis.sweep.workers import performed
from tco.analysis.sweep.writing import Done, Job, csv_header, join_csv, join_parquet, stamps
from tco.errors import DataError, InputError, Problem
from tco.market.catalogue import Catalogue, load
from tco.version import __version__

if TYPE_CHECKING:
    from tqdm import tqdm

# Rows of a part: enough that what a part costs by itself does not count.
CHUNK_ROWS = 2**16
_MOST = {"chunk_rows": 10**7, "workers": 2**10}
MANIFEST = "_sweep.json"
# What is being written, and what was.
_UNFINISHED = re.compile(r"\.(part-\d+|_sweep\.json)-[0-9a-f]{32}")
_PART = re.compile(rf"part-\d+\.(csv|parquet)|{_UNFINISHED.pattern}")
_WHAT = "parts of a sweep: rows, rows with an error and bytes of each"
# Seconds after which a sweep shows its progress, and between two lines of it in a log.
_PATIENCE, _PAUSE = 2, 10


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
        contextlib.closing(
            performed(job, chunks, parts.temporary, options.workers or _cores())
        ) as answered,
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


class Progress:
    """Rows done, rows a second and the time left, on standard error.

    `weight` is that of the whole source, None where nobody knows it. `shown` is true, false, or
    None: at a terminal only. `before` are rows that an earlier run has done.
    """

    def __init__(self, weight: int | None, shown: bool | None, before: int = 0) -> None:
        from tqdm import tqdm

        self.weight, self.rows, self.done = weight, 0, 0
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self.bar: tqdm[Any] = tqdm(
            initial=before,
            unit=" rows",
            unit_scale=True,
            delay=_PATIENCE,
            mininterval=1 / _PAUSE if terminal else _PAUSE,
            disable=sys.stderr is None or not (terminal if shown is None else shown),
        )

    def add(self, rows: int, weight: int) -> None:
        """Some rows are done; how many there are in all follows from their weight so far."""
        self.rows += rows
        self.done += weight
        if self.weight and self.done:
            self.bar.total = round(self.rows * self.weight / self.done)
        self.bar.update(rows)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            self.bar.total = self.bar.n
        self.bar.close()


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

        InputError where there are parts by another plan, DataError where there is anything else.
        """
        self._check_folder()
        found = self._manifest() if resume else None
        if found is None:
            self._save()
        else:
            self._take(found)
        self._tidy()

    def _take(self, found: dict[str, Any]) -> None:
        """Count the parts of an earlier sweep that are still there."""
        differing = [name for name in self.plan if found["plan"].get(name) != self.plan[name]]
        if differing or len(found["plan"]) != len(self.plan):
            raise InputError([Problem("resume", self._another(differing))])
        for name, told in found["parts"].items():
            done = Done(*told)
            path = self.path(int(name))
            if path.is_file() and path.stat().st_size == done.size:
                self.done[int(name)] = done
        self.complete = found["complete"] and len(self.done) == len(found["parts"])

    def _another(self, differing: list[str]) -> str:
        return (
            f"output = {str(self.folder)!r} holds parts of a sweep with another "
            f"{', '.join(differing) or 'plan'}: let it end as it began, or start anew with "
            "resume=False (--no-resume)"
        )

    def path(self, number: int) -> Path:
        """Where a part is when it is complete."""
        return self.folder / f"part-{number:06d}{self.suffix}"

    def temporary(self, number: int) -> Path:
        """A name for a part that is being written, never used before."""
        return self.folder / f".part-{number:06d}-{uuid4().hex}"

    def commit(self, number: int, written: Path, done: Done) -> None:
        """Take a part that is on the disk into the manifest."""
        written.replace(self.path(number))
        self.done[number] = done
        self._save()

    def finish(self) -> None:
        """Say that there are no further parts."""
        self.complete = True
        self._save()
        self._tidy()

    def paths(self) -> Iterator[Path]:
        """The parts, in order."""
        return map(self.path, sorted(self.done))

    def _manifest(self) -> dict[str, Any] | None:
        path = self.folder / MANIFEST
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if set(found) != {"what", "plan", "complete", "parts"}:
                raise ValueError("other keys")
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as wrong:
            message = f"{path}: is no manifest of a sweep ({wrong}): start anew with resume=False"
            raise DataError(message) from wrong
        return dict(found)

    def _save(self) -> None:
        parts = {str(at): [d.rows, d.errors, d.size] for at, d in sorted(self.done.items())}
        said = {"what": _WHAT, "plan": self.plan, "complete": self.complete, "parts": parts}
        new = self.folder / f".{MANIFEST}-{uuid4().hex}"
        new.write_text(json.dumps(said, indent=1), encoding="utf-8")
        new.replace(self.folder / MANIFEST)

    def _check_folder(self) -> None:
        """DataError where the folder holds anything that is of no sweep: it is not touched."""
        names = sorted(path.name for path in self.folder.iterdir())
        ours = _PART if MANIFEST in names else _UNFINISHED
        others = [name for name in names if name != MANIFEST and not ours.fullmatch(name)]
        if others:
            raise DataError(f"{self.folder}: holds {others[0]}, which is of no sweep")

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
