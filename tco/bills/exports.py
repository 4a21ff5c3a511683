"""Which files make up a bill: the parts of an export, and of several exports of a month the newest.

An export is the files of a folder whose names differ by the number of a part only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from tco.bills import aws, azure, focus, google
from tco.bills.cells import SECONDS_PER_HOUR, utc
from tco.bills.items import Format
from tco.bills.sums import Sums
from tco.bills.tables import MOST_BYTES, BillTable
from tco.errors import DataError, InputError, Problem, UnknownKind, shown, suggestion
from tco.market.importers.opening import PriceFile, unpacked

FORMATS = {each.key: each for each in (focus.FORMAT, aws.FORMAT, google.FORMAT, azure.FORMAT)}
PATTERNS = ("*.csv", "*.csv.gz", "*.csv.gzip", "*.tsv", "*.parquet", "*.zip", "*.gz")
_MOST_FILES = 10_000
_DATE = re.compile(r"(20\d\d)-?([01]\d)-?([0-3]\d)(?:[T_ -]?(\d{2})[:-]?(\d{2})[:-]?(\d{2}))?")
_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|gz|gzip|snappy|parquet|zip))+$", re.IGNORECASE)
_PART = re.compile(r"(?:[-_.](?:part[-_]?)?\d{1,6}|\d{12})+$|(?<=part)[-_]?\d{1,6}", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A file of a bill, and whether it was found in a folder that somebody named."""

    file: PriceFile
    in_folder: bool

    @property
    def path(self) -> Path:
        """Where it is, in an archive too."""
        return self.file.place

    @property
    def export(self) -> tuple[str, str]:
        """What files of one export share: their folder, and their name without a part's number."""
        name = _ENDINGS.sub("", self.path.name)
        dated = _DATE.sub(lambda found: f"<{found[0].replace('-', '')}>", name)
        ending = ".parquet" if self.path.suffix == ".parquet" else ""
        return str(self.path.parent), f"{_PART.sub('', dated)}{ending}"


def files_of(paths: Iterable[Path | str]) -> list[Found]:
    """The files of bills at some paths: files, archives, or folders and those below them."""
    found: list[Found] = []
    for each in paths:
        path = Path(each)
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
        if not path.is_dir():
            found += [Found(file, False) for file in unpacked(path, PATTERNS, MOST_BYTES)]
            continue
        inside = sorted(
            one
            for one in path.rglob("*")
            if one.is_file() and not one.name.startswith((".", "_")) and _fits(one.name)
        )
        if not inside:
            raise DataError(f"{path}: no bill ({', '.join(PATTERNS[:5])}) in this folder")
        for one in inside:
            found += [Found(file, True) for file in unpacked(one, PATTERNS, MOST_BYTES)]
    if len(found) > _MOST_FILES:
        raise DataError(f"{len(found):,} files: the limit is {_MOST_FILES:,}")
    if not found:
        raise InputError([Problem("paths", "paths: no file is given: the files of a bill")])
    paths_seen = [(one.file.path.resolve(), one.file.member) for one in found]
    twice = next((one for at, one in enumerate(paths_seen) if one in paths_seen[:at]), None)
    if twice:
        raise DataError(f"{twice[0].name} is given twice: give each file once")
    return found


def _fits(name: str) -> bool:
    plain = name.casefold()
    return any(plain.endswith(pattern.removeprefix("*")) for pattern in PATTERNS)


def format_named(key: str | None) -> Format | None:
    """The format of a name; InputError for one that there is none of."""
    if key is None:
        return None
    word = str(key).strip().casefold()
    if word in FORMATS:
        return FORMATS[word]
    message = f"format = {shown(key)} is not one of {', '.join(FORMATS)}{suggestion(word, FORMATS)}"
    raise InputError([Problem("format", f"{message}: the kind of export that the bill is")])


def read(found: Found, form: Format | None) -> Sums:
    """The sums of one file; DataError where it is no bill, or none of the kind that is named."""
    forms = tuple(FORMATS.values())

    def fits(names: Sequence[str]) -> bool:
        return any(not each.lacks(names) for each in forms)

    table = BillTable(found.file, fits)
    fitting = [each for each in forms if not each.lacks(table.names)]
    if form is None:
        if not fitting:
            columns = ", ".join(filter(None, table.names))[:200]
            told = ", ".join(f"{each.key} ({each.title})" for each in forms)
            known = f"{table.name} is no bill of a known kind: {told}"
            raise UnknownKind(f"{known}; its first line: {_clean(columns)}")
        form = fitting[0]
    elif lacking := form.lacks(table.names):
        other = f"; its columns are those of --format {fitting[0].key}" if fitting else ""
        told = f"{table.name}: no column {lacking}, which an export of the kind {form.key} has"
        raise DataError(f"{told}{other}")
    sums = Sums(table, form)
    if not sums.rows:
        raise DataError(f"{table.name}: no rows below the header")
    return sums


def _clean(text: str) -> str:
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in text)


# --- Several files


@dataclass
class _Export:
    """Files that belong together."""

    files: list[Found]
    sums: list[Sums]

    @property
    def name(self) -> str:
        one = self.files[0]
        parent = one.path.parent.name
        return f"{parent}/{one.file.name}" if one.in_folder and parent else one.file.name

    def when(self) -> tuple[int, Any]:
        """How new it is: by the date in its path or its manifest, else by when it was written."""
        path = self.files[0].path
        for place in (path.parent.name, path.name):
            # A month is what an export is of; a date with a time, or a day, is when it was made.
            if dates := [m for m in _DATE.finditer(place) if not _is_period(place, m)]:
                return 1, "".join(part or "00" for part in dates[-1].groups())
        changed = max(each.file.path.stat().st_mtime_ns for each in self.files)
        return 0, changed


def _is_period(place: str, found: re.Match[str]) -> bool:
    """Whether a date is one of two that say what an export is of, as 20261001-20261101."""
    rest = place[: found.start()] + "|" + place[found.end() :]
    return bool(re.search(r"\d{6,8}-?\||\|-?\d{6,8}", rest))


def chosen(
    found: Sequence[Found], read_one: Callable[[Found], Sums]
) -> tuple[list[Sums], list[str]]:
    """The sums of the files that count, and remarks on those that do not.

    Of several exports of a month in a folder the newest counts. DataError where a month is in two
    files and nothing says which is newer.
    """
    exports: dict[tuple[str, str], _Export] = {}
    for file in found:
        export = exports.setdefault(file.export, _Export([], []))
        export.files.append(file)
        export.sums.append(read_one(file))
    for export in exports.values():
        _check_repeated(export)
    left = list(exports.values())
    remarks = []
    named = _manifests(left)
    for one, other in combinations(list(left), 2):
        if one not in left or other not in left:
            continue
        shared = _shared(one, other)
        if shared is None:
            continue
        account, first = shared
        month = f"{utc(first * SECONDS_PER_HOUR):%Y-%m}"
        whose = f" of account {account}" if account else ""
        is_found = all(each.files[0].in_folder for each in (one, other))
        newer, older = _newer(one, other, named)
        if newer is None or older is None or not is_found:
            names = f"{one.name} and {other.name}"
            raise DataError(f"{month}{whose} is in two files: {names}: give one of them")
        left.remove(older)
        remarks.append(f"{older.name} is an older export of {month} than {newer.name}: not read")
    return [sums for export in left for sums in export.sums], remarks


def _newer(one: _Export, other: _Export, named: set[str]) -> tuple[_Export | None, _Export | None]:
    is_named = [each.files[0].path.parent.name in named for each in (one, other)]
    if is_named[0] != is_named[1]:
        return (one, other) if is_named[0] else (other, one)
    first, second = one.when(), other.when()
    if first[0] != second[0]:
        first, second = (0, 0), (0, 0)
        first = 0, max(each.file.path.stat().st_mtime_ns for each in one.files)
        second = 0, max(each.file.path.stat().st_mtime_ns for each in other.files)
    if first == second:
        return None, None
    return (one, other) if first > second else (other, one)


def _manifests(exports: Iterable[_Export]) -> set[str]:
    """The folders that manifests beside them name as those that count."""
    found = set()
    for folder in {export.files[0].file.path.parent.parent for export in exports}:
        for path in folder.glob("*[Mm]anifest.json"):
            with suppress(OSError, ValueError, AttributeError):
                told = json.loads(path.read_text(encoding="utf-8"))
                found.add(str(told.get("assemblyId") or told.get("executionId") or ""))
    return found - {""}


def _shared(one: _Export, other: _Export) -> tuple[str, int] | None:
    """An account and an hour of which both exports have charges; None where they share none."""
    import numpy as np

    for mine in one.sums:
        for theirs in other.sums:
            if mine.format.key != theirs.format.key:
                continue
            is_short = bool(mine.hours) and bool(theirs.hours)
            pair = (mine.hours, theirs.hours) if is_short else (_all(mine), _all(theirs))
            for account in pair[0].keys() & pair[1].keys():
                both = np.intersect1d(pair[0][account], pair[1][account])
                if len(both):
                    return account, int(both[0])
    return None


def _all(sums: Sums) -> dict[str, Any]:
    return {**sums.hours, **sums.long_hours}


def _check_repeated(export: _Export) -> None:
    """DataError for a part that is the same as another."""
    seen: dict[object, Found] = {}
    for file, sums in zip(export.files, export.sums, strict=True):
        key = sums.rows, tuple(sorted(sums.totals().items()))
        if key in seen and seen[key].file.sha256() == file.file.sha256():
            names = f"{seen[key].file.name} and {file.file.name}"
            raise DataError(f"{names} are the same: give each file once")
        seen.setdefault(key, file)
