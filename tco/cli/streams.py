"""Where answers are written, and messages said.

A file is replaced only when its successor is complete.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import click

from tco.errors import DataError

# Where a command keeps what it wrote to standard output.
_ANSWER = "tco.answer"


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
        target, is_device = Path(path).resolve(), is_stream(path)
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
    if path == "-" and (context := click.get_current_context(silent=True)):
        context.meta[_ANSWER] = text


def is_told(sentence: str) -> bool:
    """Whether what the command wrote to standard output has that sentence, in lines or in one."""
    context = click.get_current_context(silent=True)
    return context is not None and sentence in " ".join(context.meta.get(_ANSWER, "").split())


def write_table(path: str, text: str, decimal: str) -> None:
    """Write a CSV text, to a file for spreadsheets with decimal commas with a byte-order mark.

    Such a spreadsheet takes a file without one for text of its own region, and € for three letters.
    """
    write(path, f"\ufeff{text}" if decimal == "," and path != "-" else text)


def is_stream(path: str) -> bool:
    """Whether it is standard output, a device or a pipe: no further file stands beside it.

    >>> is_stream("-"), is_stream("answers.csv")
    (True, False)
    """
    with contextlib.suppress(OSError):  # who may not look there is told so on writing
        return path == "-" or (path != "" and Path(path).exists() and not Path(path).is_file())
    return False


def beside(path: str, name: str) -> str:
    """The file of a further table beside that of the first.

    >>> beside("out/report.csv", "ledger")
    'out/report-ledger.csv'
    """
    first = Path(path)
    return str(first.with_name(f"{first.stem}-{name}{first.suffix}"))


def write_tables(path: str, tables: Mapping[str, str]) -> None:
    """Write CSV texts by name, one table a file: the first to `path`, the others beside it.

    To standard output, or a device, goes the first alone. What is written where is said.
    """
    first, *others = tables
    write(path, tables[first])
    if not others:
        return
    if is_stream(path):
        files = ", ".join(beside("FILE.csv", name) for name in others)
        say(f"tco: 1 of {len(tables)} tables; -o FILE.csv also writes {files}")
        return
    for name in others:
        write(beside(path, name), tables[name])
    say(f"tco: also written: {', '.join(beside(path, name) for name in others)}")


def write_bytes(path: str, content: bytes) -> None:
    """Write what is no text to a file."""
    with writing(path) as stream:
        stream.buffer.write(content)


def say(message: str) -> None:
    """A message for the person at the terminal, never among the answers."""
    with contextlib.suppress(OSError, AttributeError):  # nobody listens
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
