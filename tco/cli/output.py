"""Where answers go: standard output, or a file that is replaced only when it is complete."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from tco.errors import DataError
from tco.market.catalogue import Catalogue
from tco.report.csv import versions
from tco.version import __version__


@contextlib.contextmanager
def writing(path: str) -> Iterator[TextIO]:
    """A text stream to a file, or to standard output for -, in UTF-8 with LF line ends.

    The file appears under its name when all of it is on the disk; until then, and if anything goes
    wrong, an older file of that name stays as it was. Devices and pipes are written directly.
    """
    try:
        if path == "-":
            stream = _standard_output()
            yield stream
            stream.flush()
            return
        target = Path(path).resolve()
        if path and target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as stream:
                yield stream
            return
        with _replacing(target) as stream:
            yield stream
    except BrokenPipeError:
        raise
    except OSError as wrong:
        raise DataError(f"{path or 'output'}: {wrong.strerror or wrong}") from wrong


def _standard_output() -> TextIO:
    stream = sys.stdout
    if stream is None:
        raise DataError("standard output is closed")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", newline="")
    return stream


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[TextIO]:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def stamped(catalogue: Catalogue, /, **content: Any) -> str:
    """A JSON document with the versions that made it; never NaN or infinity."""
    stamps = {"tco_version": __version__, "data": catalogue.label, **versions(catalogue)}
    return json.dumps({**stamps, **content}, allow_nan=False, indent=2, ensure_ascii=False) + "\n"


def say(message: str) -> None:
    """A message for the person at the terminal, never among the answers."""
    with contextlib.suppress(OSError, AttributeError):  # nobody listens
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
