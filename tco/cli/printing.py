"""How answers are written: where they go, and how a table looks in a terminal.

A file is replaced only when its successor is complete.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from tco.errors import DataError
from tco.questions.answer import records
from tco.report.csv import cell
from tco.report.currency import in_currency
from tco.words.currencies import conversion

_WIDEST = 60


@contextlib.contextmanager
def writing(path: str) -> Iterator[TextIO]:
    """A text stream to a file, or to standard output for -, in UTF-8 with LF line ends.

    The file appears under its name when all of it is on the disk; until then, and if anything goes
    wrong, an older file of that name stays as it was. Devices and pipes are written directly.
    """
    try:
        if path == "-":
            stream = sys.stdout
            if stream is None:
                raise DataError("standard output is closed")
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", newline="")
            yield stream
            stream.flush()
            return
        target = Path(path).resolve()
        is_device = path and target.exists() and not target.is_file()
        opened = target.open("w", encoding="utf-8", newline="") if is_device else _replacing(target)
        with opened as stream:
            yield stream
    except BrokenPipeError:
        raise
    except OSError as wrong:
        raise DataError(f"{path or 'output'}: {wrong.strerror or wrong}") from wrong


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[TextIO]:
    os.umask(mask := os.umask(0))  # the only way to read it
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        unfinished.touch(0o600, exist_ok=False)
        with unfinished.open("w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.chmod(mode)
        unfinished.replace(target)
    except BaseException:  # an interruption, too, at any moment since the name is known
        unfinished.unlink(missing_ok=True)
        raise


def write(path: str, text: str) -> None:
    """Write a text to a file, or to standard output for -."""
    with writing(path) as stream:
        stream.write(text)


def write_table(path: str, text: str, decimal: str) -> None:
    """Write a CSV text, to a file for spreadsheets with decimal commas with a byte-order mark.

    Such a spreadsheet takes a file without one for text of its own region, and € for three letters.
    """
    write(path, f"\ufeff{text}" if decimal == "," and path != "-" else text)


def write_bytes(path: str, content: bytes) -> None:
    """Write what is no text to a file."""
    with writing(path) as stream:
        stream.buffer.write(content)


def say(message: str) -> None:
    """A message for the person at the terminal, never among the answers."""
    with contextlib.suppress(OSError, AttributeError):  # nobody listens
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()


def table(frame: Any, columns: tuple[str, ...] = ()) -> str:
    """Some columns of a frame, or all, aligned for a terminal, with the currency shown."""
    frame = in_currency(frame[list(columns)] if columns else frame, conversion())
    shown = tuple(frame.columns)
    return aligned(shown, [tuple(row[name] for name in shown) for row in records(frame)])


def aligned(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A table for the terminal; numbers with up to six significant figures, long cells cut."""
    lines = [
        header,
        *([f"{x:.6g}" if isinstance(x, float) else cell(x) for x in row] for row in rows),
    ]
    widths = [min(_WIDEST, max(len(line[at]) for line in lines)) for at in range(len(header))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )
