"""Files on the Fleet page: a demand by hour, a cloud bill, or logs of GPUs; read beside the server.

What kind of file it is says its content, as in the shell.
"""

from __future__ import annotations

import gzip
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from tco.analysis.decision import is_record
from tco.app import aside
from tco.bills.bill import Bill, read_bill
from tco.bills.telemetry import Telemetry, read_telemetry
from tco.errors import DataError, TcoError, UnknownKind
from tco.inputs.tables import text_of
from tco.workload.demand_curve import DemandCurve
from tco.workload.demand_reading import COLUMNS, demand_of_csv

LARGEST_MB = 50
LARGEST_BYTES = LARGEST_MB * 1_000_000
KINDS = ("csv", "gz", "zip", "parquet", "json", "txt", "log", "prom")
# A file of fewer bytes takes as long here as it takes to hand it over.
_SMALL = 50_000
_LONGEST_NAME, _LONGEST_HEAD = 80, 2_000
_GZIP, _ZIP = b"\x1f\x8b", b"PK"


@dataclass(frozen=True)
class Series:
    """A demand by hour in a file: its text is read again with the peak that it is scaled to."""

    name: str
    text: str

    def curve(self, peak_gpus: float | None) -> DemandCurve:
        """The demand; InputError or DataError say what is wrong with it."""
        return _curve(self.name, self.text, peak_gpus)


@lru_cache(maxsize=4)
def _curve(name: str, text: str, peak_gpus: float | None) -> DemandCurve:
    return demand_of_csv(text, name, peak_gpus=peak_gpus)


def read(files: Sequence[tuple[str, bytes]]) -> Series | Bill | Telemetry:
    """What some files hold together; InputError and DataError say what is wrong with them.

    >>> read([("demand.csv", b"value,unit")]).name
    'demand.csv'
    """
    found = _outcome(tuple(files))
    if isinstance(found, TcoError):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=2)
def _outcome(files: tuple[tuple[str, bytes], ...]) -> Series | Bill | Telemetry | TcoError:
    """The same or what is wrong with it, which every run of the page asks for anew."""
    try:
        if (size := sum(len(data) for _, data in files)) > LARGEST_BYTES:
            raise DataError(f"{size:,} bytes exceed the limit of {LARGEST_BYTES:,}")
        if found := _series(files):
            return found
        work: Callable[..., Any] = _read_here
        is_small = sum(len(data) for _, data in files) <= _SMALL
        read_aside: Bill | Telemetry = work(files) if is_small else aside.done(work, files)
        return read_aside
    except (BrokenProcessPool, TimeoutError):
        return DataError("it needs more time or memory than one file may use: split it")
    except TcoError as wrong:
        return wrong


def _series(files: Sequence[tuple[str, bytes]]) -> Series | None:
    """The demand by hour in the one file; None where no file is one."""
    for name, data in files:
        head = _head(data)
        if is_record(head):
            raise DataError(f"{_plain(name)} is a decision record: open it further down")
        if not _is_series(head):
            continue
        if len(files) > 1:
            told = "is a demand by hour: upload it alone, without other files"
            raise DataError(f"{_plain(name)} {told}")
        if data.startswith((_GZIP, _ZIP)):
            raise DataError(f"{_plain(name)} holds a demand by hour: unpack it, and upload the CSV")
        return Series(_plain(name), text_of(data, _plain(name)))
    return None


def _head(data: bytes) -> str:
    """The beginning of a file, or of what is packed in it; empty where that cannot be told."""
    try:
        if data.startswith(_GZIP):
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_LONGEST_HEAD)
        elif data.startswith(_ZIP):
            packed = zipfile.ZipFile(io.BytesIO(data))
            data = packed.open(packed.infolist()[0]).read(_LONGEST_HEAD)
        return text_of(data[:_LONGEST_HEAD], "")
    except (OSError, EOFError, IndexError, ValueError, RuntimeError, zlib.error, DataError):
        return ""
    except (zipfile.BadZipFile, NotImplementedError):
        return ""


def _is_series(head: str) -> bool:
    """Whether the first line has the columns of a demand by hour."""
    line = head.partition("\n")[0]
    names = {name.strip().strip('"').casefold() for name in re.split(r"[,;\t|]", line)}
    return "value" in names and ("time" in names or names <= set(COLUMNS))


def _read_here(files: tuple[tuple[str, bytes], ...]) -> Bill | Telemetry:
    """A bill or logs, under the names that they have on the reader's disk."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for at, (name, data) in enumerate(files):
            place = Path(folder) / str(at)
            place.mkdir()
            path = place / _plain(name)
            path.write_bytes(data)
            paths.append(path)
        found: Bill | Telemetry = _told(lambda: _bill_or_logs(paths), folder)
        return found


def _bill_or_logs(paths: list[Path]) -> Bill | Telemetry:
    """What the files say that they are; DataError for what is neither."""
    try:
        return read_bill(paths)
    except UnknownKind:
        try:
            return read_telemetry(paths)
        except UnknownKind:
            kinds = "a demand by hour (time, value), a cloud bill of a known kind, or a log of GPUs"
            if len(paths) > 1:
                told = "these files are not read together: all must be parts of a bill, or all logs"
                raise DataError(f"{told}; or one of them is not {kinds}") from None
            raise DataError(f"{paths[0]} is not {kinds}") from None


def _told(work: Callable[[], Any], folder: str) -> Any:
    """What some work comes to; errors name the files as their owner does."""
    try:
        return work()
    except TcoError as wrong:
        said = re.sub(rf"{re.escape(folder)}/\d+/", "", str(wrong))
        raise DataError(said) from None


def _plain(name: str) -> str:
    """The name of a file without folders, such as a system takes."""
    kept = "".join(one if one.isprintable() and one not in "/\\\0" else "_" for one in name)
    kept = PurePath(kept[-_LONGEST_NAME:]).name
    return kept if kept.strip(".") else "file"
