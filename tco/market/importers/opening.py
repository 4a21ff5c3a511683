"""Price files as people have them: plain, compressed, or in an archive; each read within bounds."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from tco.errors import DataError

# What a compressed file may become, and how many files an archive may have: no honest one is near.
MOST_BYTES = 2**28
_MOST_MEMBERS = 10_000
# How tables are named.
TABLES = ("*.csv", "*.csv.gz", "*.tsv", "*.xlsx", "*.zip")
PACKED = _ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
# What tells a workbook from other archives.
_WORKBOOK = "xl/workbook.xml"
_OPEN_DOCUMENT = "META-INF/manifest.xml"
_PART = 2**16
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class PriceFile:
    """A file of prices: one on the disk, or the member of an archive.

    `kind` is what is done to read it: empty, `gzip`, `zip` or `workbook`; `most` is how many bytes
    it may have once it is unpacked, 0 for the usual limit.
    """

    path: Path
    member: str = ""
    kind: str = ""
    most: int = 0

    @property
    def place(self) -> Path:
        """What it is called, with its folders: a provider may be named by these."""
        if self.member:
            return self.path.parent / PurePosixPath(self.member)
        is_packed = self.kind == "gzip" and self.path.suffix.casefold() in (".gz", ".gzip")
        return self.path.with_suffix("") if is_packed else self.path

    @property
    def name(self) -> str:
        """The name to show."""
        name = self.place.name
        shown = "".join(mark if mark.isprintable() else "\ufffd" for mark in name)
        return f"{self.path.name}: {shown}" if self.member else shown

    @contextmanager
    def opened(self) -> Iterator[io.BufferedReader]:
        """Its bytes, unpacked; DataError where they cannot be had, or are far too many."""
        try:
            with self.path.open("rb") as raw:
                if self.kind == "gzip":
                    with gzip.GzipFile(fileobj=raw) as unpacked:
                        yield io.BufferedReader(
                            _Bounded(unpacked, self.name, self.most or MOST_BYTES)
                        )
                elif self.kind == "zip":
                    with zipfile.ZipFile(raw) as archive, archive.open(self.member) as unpacked:
                        yield io.BufferedReader(
                            _Bounded(unpacked, self.name, self.most or MOST_BYTES)
                        )
                else:
                    yield raw
        except _BROKEN as wrong:
            if not self.kind or isinstance(wrong, DataError | UnicodeError):
                raise
            raise DataError(f"{self.name}: cannot be unpacked: {wrong}") from wrong

    def sha256(self) -> str:
        """The checksum of what is in it: of a list the same, packed or not."""
        with self.opened() as stream:
            found = hashlib.sha256()
            while part := stream.read(_PART):
                found.update(part)
        return found.hexdigest()

    def changed(self) -> datetime:
        """When it was last written [UTC], as far as the disk or the archive says."""
        found = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        if self.kind == "zip":
            with zipfile.ZipFile(self.path) as archive:
                try:
                    written = datetime(*archive.getinfo(self.member).date_time, tzinfo=UTC)
                except ValueError:
                    return found
            return min(found, written) if written.year > 1980 else found  # the year of none
        return found


class _Bounded(io.RawIOBase):
    """A stream that ends with a DataError where it becomes far too long."""

    def __init__(self, stream: Any, name: str, most: int) -> None:
        self._stream, self._name, self._most, self._left = stream, name, most, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(min(len(buffer), _PART))
        self._left -= len(part)
        if self._left < 0:
            raise DataError(f"{self._name}: unpacks to more than {self._most / 2**20:,.0f} MB")
        buffer[: len(part)] = part
        return len(part)


def unpacked(path: Path, patterns: Iterable[str], most: int = 0) -> list[PriceFile]:
    """The files of prices at a path: itself, or those of an archive that fit a pattern.

    `most` is how many bytes each may have once it is unpacked, 0 for the usual limit. DataError for
    an archive that cannot be read or has none.
    """
    start = _start(path)
    if start.startswith(_GZIP):
        return [PriceFile(path, kind="gzip", most=most)]
    if not start.startswith(_ZIP):
        return [PriceFile(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except _BROKEN as wrong:
        raise DataError(f"{path.name}: cannot be unpacked: {wrong}") from wrong
    names = [one.filename for one in members if not one.is_dir()]
    if _WORKBOOK in names:
        if sum(one.file_size for one in members) > MOST_BYTES:
            raise DataError(f"{path.name}: unpacks to more than {MOST_BYTES / 2**20:,.0f} MB")
        return [PriceFile(path, kind="workbook")]
    if _OPEN_DOCUMENT in names:
        raise DataError(f"{path.name} is an OpenDocument file: save its sheet as XLSX or CSV")
    if len(names) > _MOST_MEMBERS:
        raise DataError(f"{path.name}: an archive of {len(names):,} files")
    usual = [name for name in names if not PurePosixPath(name).name.startswith(".")]
    fitting = [
        name
        for name in sorted(usual)
        if "__MACOSX" not in name
        and any(fnmatchcase(PurePosixPath(name).name.casefold(), each) for each in patterns)
    ]
    if not fitting:
        has = ", ".join(sorted(usual)[:5]) or "nothing"
        raise DataError(
            f"{path.name}: no price file ({', '.join(patterns)}) in this archive; it has {has}"
        )
    return [PriceFile(path, name, "zip", most) for name in fitting]


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as raw:
            return raw.read(8)
    except OSError as wrong:
        raise unreadable(path, wrong) from wrong


def unreadable(path: Path, wrong: OSError) -> DataError:
    """What to say of a file that the system does not give."""
    return DataError(f"{path}: {wrong.strerror or wrong}")


def sniffed(stream: BinaryIO) -> bytes:
    """The first bytes of a stream, which stay to be read."""
    return stream.peek(8)[:8] if isinstance(stream, io.BufferedReader) else b""
