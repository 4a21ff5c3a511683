"""Where the data files are, and how a CSV file is read: strictly, or not at all."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, field, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tco.errors import DataError

Record = TypeVar("Record")
Row = TypeVar("Row")
Key = TypeVar("Key")
# The currencies of price lists beside USD, the currency of the data.
CURRENCIES = ("EUR", "GBP")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)


def data_folder() -> Path:
    """The folder with the shipped data: inside an installed package, else beside it.

    >>> (data_folder() / "sources.csv").is_file()
    True
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "data", package.parent / "data"):
        if (folder / "sources.csv").is_file():
            return folder
    raise DataError(f"the data files of tco are missing: no sources.csv in {package / 'data'}")


def shipped_files() -> dict[str, bytes]:
    """The shipped data files by name, as they are: for a package of another kind.

    >>> shipped_files()["macrs.csv"][:10]
    b'life_years'
    """
    listed = sorted(data_folder().iterdir())
    return {path.name: path.read_bytes() for path in listed if path.suffix in (".csv", ".toml")}


def shipped_keys(file: str, column: str = "") -> tuple[str, ...]:
    """The words of a column of a shipped file, by default the first, each once and as it stands.

    >>> shipped_keys("gpus.csv")[:2], shipped_keys("demand_traces.csv")
    (('L4', 'L40S'), ('azure_2024_chat', 'burstgpt_chat'))
    """
    with (data_folder() / file).open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        at = header.index(column) if column else 0
        return tuple(dict.fromkeys(row[at] for row in rows))


def first_day(as_of: str) -> str:
    """The day from which a date of any precision counts: its first.

    >>> first_day("2026"), first_day("2026-07"), first_day("2026-07-30")
    ('2026-01-01', '2026-07-01', '2026-07-30')
    """
    return as_of if len(as_of) == 10 else as_of + "-01-01"[len(as_of) - 4 :]


def grouped(rows: Iterable[Row], by: Callable[[Row], Key]) -> dict[Key, tuple[Row, ...]]:
    """The rows by something of theirs, each group in their order.

    >>> grouped(["L4", "T4", "L40S"], lambda name: name[0])
    {'L': ('L4', 'L40S'), 'T': ('T4',)}
    """
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault(by(row), []).append(row)
    return {key: tuple(group) for key, group in found.items()}


def column(parse: Callable[[str], Any], *, key: bool = False) -> Any:
    """Declare a column of a record with the function that reads its text.

    No two rows of a file share the values of all its key columns.
    """
    return field(metadata={"parse": parse, "key": key})


def recorded() -> Any:
    """Declare the column with the day on which a row entered the data files.

    It belongs to the file, not to the observation: a row that a caller brings has none, is known
    from its own date on, and is the same row with or without.
    """
    metadata = {"parse": dated, "key": False, "of_file": True}
    return field(default="", compare=False, kw_only=True, metadata=metadata)


def listed() -> Any:
    """Declare the column with a price in the currency of its list, as `0.7875 EUR`; else empty.

    Like `recorded` it belongs to the file: what is compared is the price that is made of it.
    """
    metadata = {"parse": _in_currency, "key": False, "of_file": True}
    return field(default="", compare=False, kw_only=True, metadata=metadata)


def observed_fields(kind: type) -> tuple[Field[Any], ...]:
    """The columns of a record that belong to what was observed, in their order."""
    return tuple(each for each in fields(kind) if "of_file" not in each.metadata)


def entered(row: Any) -> str:
    """The day on which a row entered the data, whatever day it speaks of."""
    return first_day(row.recorded or row.as_of)


def known_from(row: Any) -> str:
    """The day from which a row counts: its own, or that on which it was recorded, if later.

    >>> from tco.market.catalogue import load
    >>> known_from(next(row for row in load().rates if row.as_of == "2026-07-30"))
    '2026-07-30'
    """
    day, entered = first_day(row.as_of), getattr(row, "recorded", "")
    return max(day, first_day(entered)) if entered else day


def keys_of(kind: type) -> tuple[str, ...]:
    """The names of the key columns of a record."""
    return tuple(each.name for each in fields(kind) if each.metadata["key"])


def word(cell: str) -> str:
    """Text that must be there and has no space around it."""
    if not cell or cell != cell.strip():
        raise ValueError("is empty or has space around it")
    return cell


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of a few words."""

    def parse(cell: str) -> str:
        if cell not in allowed:
            raise ValueError(f"is not one of {', '.join(allowed)}")
        return cell

    return parse


def matching(pattern: re.Pattern[str], wrong: str) -> Callable[[str], str]:
    """Text that a pattern fits as a whole; `wrong` says what any other is not."""

    def parse(cell: str) -> str:
        if not pattern.fullmatch(cell):
            raise ValueError(wrong)
        return cell

    return parse


# A key in lower case: letters, digits, dot, hyphen, underscore; and that of a source.
slug = matching(_SLUG, "is not a key of lower-case letters, digits and . _ -")
source = matching(_SLUG, "is not a source_id")


def dated(cell: str) -> str:
    """A date: YYYY, YYYY-MM or YYYY-MM-DD."""
    if not _DATE.fullmatch(cell):
        raise ValueError("is not a date YYYY, YYYY-MM or YYYY-MM-DD")
    date.fromisoformat(first_day(cell))
    return cell


def dated_or_empty(cell: str) -> str:
    """A date, or nothing."""
    return dated(cell) if cell else cell


def at_least_zero(cell: str) -> float:
    """A number of at least 0, written with a decimal point and nothing else."""
    if not _NUMBER.fullmatch(cell):
        raise ValueError("is not a number")
    number = float(cell)
    if not 0 <= number < float("inf"):
        raise ValueError("is negative or too large")
    return number


def positive(cell: str) -> float:
    """A number above 0."""
    number = at_least_zero(cell)
    if number == 0:
        raise ValueError("is not positive")
    return number


def positive_or_listed(cell: str) -> float:
    """A number above 0, or nothing (NaN) where a price is listed in another currency."""
    return positive(cell) if cell else float("nan")


def positive_or_empty(cell: str) -> float | None:
    """A number above 0, or nothing where nobody publishes one."""
    return positive(cell) if cell else None


def count_or_empty(cell: str) -> float | None:
    """A number of at least 0, or nothing where nobody says how many."""
    return at_least_zero(cell) if cell else None


def yes_no(cell: str) -> bool:
    """The words yes and no."""
    return one_of("yes", "no")(cell) == "yes"


def number_or_yes_no(cell: str) -> float | bool:
    """A number of at least 0, or one of the words yes and no."""
    return yes_no(cell) if cell in ("yes", "no") else at_least_zero(cell)


def _in_currency(cell: str) -> str:
    """A price with its currency, or nothing."""
    if cell:
        amount, _, currency = cell.partition(" ")
        positive(amount)
        if currency not in CURRENCIES:
            raise ValueError(f"is not a price in one of {', '.join(CURRENCIES)}")
    return cell


class CellsError(ValueError):
    """Cells that are not what their columns ask for: name, text (None where missing) and why."""

    def __init__(self, wrong: list[tuple[str, str | None, str]]) -> None:
        self.wrong = wrong
        super().__init__(", ".join(name for name, _cell, _why in wrong))


def record_of(kind: type[Record], cells: Mapping[str, str]) -> Record:
    """The record that texts by column give; CellsError lists every one that cannot be read."""
    values: dict[str, Any] = {}
    wrong: list[tuple[str, str | None, str]] = []
    for name, parse, is_needed in _columns_of(kind):  # type: ignore[arg-type]
        cell = cells.get(name)
        if cell is None:
            if is_needed:
                wrong.append((name, None, "is missing"))
            continue
        try:
            values[name] = parse(cell)
        except ValueError as why:
            wrong.append((name, cell, str(why)))
    if wrong:
        raise CellsError(wrong)
    return kind(**values)


@cache
def _columns_of(kind: type) -> tuple[tuple[str, Callable[[str], Any], bool], ...]:
    """The name of each column, the function that reads its text, and whether it must be there."""
    return tuple(
        (each.name, each.metadata["parse"], each.default is MISSING) for each in fields(kind)
    )


def read_records(
    path: Path, kind: type[Record], sources: Container[str] | None = None
) -> tuple[Record, ...]:
    """Every row of a CSV file as a frozen record; the first wrong cell is a DataError.

    The header must be exactly the record's fields. No row is skipped, no two rows share their key,
    and every source_id is one of `sources`, if these are given.
    """
    header = [declared.name for declared in fields(kind)]  # type: ignore[arg-type]
    key = keys_of(kind)
    cited = [name for name in header if name.endswith("source_id")]
    records = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, cells in _rows(path, header):
        where = f"{path.name}, line {line}"
        try:
            record = record_of(kind, cells)
        except CellsError as error:
            name, cell, why = error.wrong[0]
            raise DataError(f"{where}: {name} = {cell!r} {why}") from None
        for name in cited:
            if sources is not None and cells[name] not in sources:
                raise DataError(f"{where}: {name} = {cells[name]!r} is not in sources.csv")
        day, entered = cells.get("as_of") or cells.get("date", ""), cells.get("recorded")
        if entered and first_day(entered) < first_day(day):
            raise DataError(f"{where}: recorded = {entered!r} is before {day}, its own date")
        same = tuple(getattr(record, name) for name in key)
        if same in seen:
            raise DataError(f"{where}: the same {', '.join(key)} as in line {seen[same]}")
        seen[same] = line
        records.append(record)
    return tuple(records)


def _rows(path: Path, header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            found = next(reader, [])
            if found != header:
                raise DataError(f"{path.name}, line 1: columns {found} are not {header}")
            for cells in reader:
                if len(cells) != len(header):
                    raise DataError(
                        f"{path.name}, line {reader.line_num}: "
                        f"{len(cells)} cells instead of {len(header)}"
                    )
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise DataError(f"{path.name}: {wrong}") from wrong


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; DataError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise DataError(f"{path.name}: {wrong}") from wrong
