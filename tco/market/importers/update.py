"""The lists of the SkyPilot catalogue that can be downloaded, and a download of some of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tco.errors import DataError, InputError, Problem, suggestion
from tco.market.files import column, data_folder, dated, one_of, read_records, slug, word
from tco.market.importers.download import Downloaded, Limits, Unreachable, fetch
from tco.market.importers.transport import USUAL_LIMITS

BASE = "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog"
REF = "master"

# What catalogues.csv says of the date of a list: a job keeps it up to date, or nobody knows.
_KEPT, _UNKNOWN = "download", "unknown"
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
_PATH = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)+\.csv", re.ASCII)

Progress = Callable[[str, int, int | None], None]


def _path(cell: str) -> str:
    if not _PATH.fullmatch(cell):
        raise ValueError("is not the path of a CSV file in lower case")
    return cell


def _list_date(cell: str) -> str:
    return cell if cell in (_KEPT, _UNKNOWN) else dated(cell)


@dataclass(frozen=True)
class PriceList:
    """catalogues.csv: one file of a public collector, and of when its prices are.

    `as_of` is `download` where a job keeps the file up to date, the date of its last known change
    where people do, and `unknown` otherwise.
    """

    collector: str = column(one_of("skypilot"))
    provider: str = column(slug)
    path: str = column(_path)
    as_of: str = column(_list_date)
    note: str = column(word)


@dataclass(frozen=True)
class Fetched:
    """What became of one list: the file, or the error that kept it away.

    `as_of` is the date of its prices, empty where it cannot be known and must be asked for: in a
    list that nobody keeps up to date, or in an older version of any list.
    """

    provider: str
    url: str
    as_of: str
    outcome: Downloaded | DataError


def price_lists() -> tuple[PriceList, ...]:
    """Every list that is known, in the file's order.

    >>> price_lists()[0].path
    'catalogs/v8/aws/vms.csv'
    """
    return read_records(data_folder() / "catalogues.csv", PriceList, ("provider",))


def downloads(base: str, ref: str, providers: Collection[str] | None) -> list[tuple[str, str]]:
    """The provider and the address of each list, at a branch or commit of the repository.

    None stands for every list whose prices have a date; the others come only when they are named.
    An InputError names an unknown provider and a `ref` that is no branch or commit.

    >>> downloads(BASE, "master", ["gcp"])[0][1].removeprefix(BASE)
    '/master/catalogs/v8/gcp/vms.csv'
    """
    return [(row.provider, _address(base, ref, row)) for row in _chosen(ref, providers)]


def fetch_all(
    folder: Path,
    *,
    base: str = BASE,
    ref: str = REF,
    providers: Collection[str] | None = None,
    limits: Limits = USUAL_LIMITS,
    progress: Progress | None = None,
) -> Iterator[Fetched]:
    """Download the lists one after the other into `folder`, under their paths in the repository.

    A list that fails does not stop the others. `limits` hold for each; once there was no
    connection, the rest are tried once only. `progress` is called with the provider, the bytes so
    far and the bytes in all or None. Errors are those of `downloads`, before anything is fetched.
    """
    return _fetched(_chosen(ref, providers), folder, base, ref, limits, progress)


def _fetched(
    rows: list[PriceList],
    folder: Path,
    base: str,
    ref: str,
    limits: Limits,
    progress: Progress | None,
) -> Iterator[Fetched]:
    for row in rows:
        url = _address(base, ref, row)
        told = partial(progress, row.provider) if progress else None
        outcome: Downloaded | DataError
        try:
            outcome = fetch(url, folder / row.path, limits=limits, progress=told)
        except DataError as failed:
            outcome = failed
            if isinstance(failed, Unreachable):
                limits = replace(limits, retries=0)
        yield Fetched(row.provider, url, _as_of(row, ref, outcome), outcome)


def _as_of(row: PriceList, ref: str, outcome: Downloaded | DataError) -> str:
    if ref != REF or row.as_of == _UNKNOWN or isinstance(outcome, DataError):
        return ""
    return outcome.accessed if row.as_of == _KEPT else row.as_of


def _chosen(ref: str, providers: Collection[str] | None) -> list[PriceList]:
    if not _REF.fullmatch(ref):
        message = f"ref = {ref!r} is not a branch or commit: the version of the catalogue"
        raise InputError([Problem("ref", message)])
    rows = {row.provider: row for row in price_lists()}
    if providers is None:
        return [row for row in rows.values() if row.as_of != _UNKNOWN]
    wrong = [name for name in providers if name not in rows]
    if wrong:
        raise InputError(
            Problem(
                "provider",
                f"provider = {name!r} has no list in the catalogue{suggestion(name, rows)}",
            )
            for name in wrong
        )
    return [row for row in rows.values() if row.provider in providers]


def _address(base: str, ref: str, row: PriceList) -> str:
    return f"{base.rstrip('/')}/{ref}/{row.path}"
