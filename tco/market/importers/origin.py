"""What is known of a file besides its rows: whose prices they are, of which day, from where."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tco.errors import DataError, InputError, Problem
from tco.market.files import dated
from tco.market.importers.lines import unreadable
from tco.market.importers.names import provider_of
from tco.market.records import Provider, Source

_PUBLISHERS = {
    "skypilot": ("SkyPilot catalog", "https://github.com/skypilot-org/skypilot-catalog"),
    "gpuhunt": ("gpuhunt catalog", "https://github.com/dstackai/gpuhunt"),
}
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Origin:
    """A file's day, checksum and source; `remark` says so where the day is a guess."""

    collector: str
    file: str
    as_of: str
    sha256: str
    remark: str


def origin(collector: str, path: Path, as_of: str | None) -> Origin:
    """What is known of a file; without `as_of` its day is that of its last change [UTC].

    DataError when the file cannot be read, InputError when `as_of` is not a date.
    """
    if as_of is not None:
        try:
            dated(as_of)
        except ValueError as wrong:
            message = f"as_of = {as_of!r} {wrong}: the day the prices were seen"
            raise InputError([Problem("as_of", message)]) from None
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as wrong:
        raise unreadable(path, wrong) from wrong
    day = min(changed, datetime.now(UTC)).date().isoformat()
    remark = f"no date in the file: taken as of {day}, the day it was last written"
    return Origin(collector, path.name, as_of or day, sha256, "" if as_of else remark)


def provider_from(collector: str, path: Path) -> Provider:
    """The provider that a catalogue file, or the folder of a `vms.csv`, is named after.

    DataError when providers.csv has no such provider.

    >>> provider_from("skypilot", Path("v9/aws/vms.csv")).provider
    'aws'
    >>> provider_from("gpuhunt", Path("lambdalabs.csv")).provider
    'lambda'
    """
    name = path.stem
    if collector == "skypilot":
        before, mark, _ = path.stem.partition("_vms")
        name = before if mark else path.absolute().parent.name
    return provider_of(name.removeprefix("CONVERTED_"), path.name)


def source_of(found: Origin, provider: Provider, url: str) -> Source:
    """The source that a catalogue's observations name."""
    publisher, home = _PUBLISHERS[found.collector]
    return Source(
        source_id=f"{found.collector}-catalog-{provider.provider}",
        publisher=publisher,
        title=f"{publisher}: {provider.name}",
        url=url or home,
        published="",
        accessed=found.as_of,
        licence=NOT_STATED,
    )


def files_under(path: Path, patterns: tuple[str, ...], what: str) -> list[Path]:
    """The file itself, or the files of a folder and its subfolders that fit, in order.

    DataError when there is none.
    """
    if not path.is_dir():
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
        return [path]
    found = {each for pattern in patterns for each in path.rglob(pattern) if each.is_file()}
    if not found:
        raise DataError(f"{path}: no {what} in this folder or below it")
    return sorted(found)
