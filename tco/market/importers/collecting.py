"""The newest version of each collector's list: downloaded, dated, and with its own address.

A repository says when a file changed last and at which commit; gpuhunt's store has a version that
is a day; Azure answers in pages as of now. What a list itself says of its day wins.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tco.errors import DataError, InputError, Problem, TcoError, suggestion
from tco.inputs.clock import is_to_come, today
from tco.market.files import dated
from tco.market.importers import PUBLIC, stated_day
from tco.market.importers.download import (
    USUAL_LIMITS,
    Downloaded,
    Limits,
    ListProgress,
    PriceList,
    Unreachable,
    fetch,
    price_lists,
    shown,
)
from tco.market.importers.opening import PriceFile

_API, _RAW = "https://api.github.com", "https://raw.githubusercontent.com"
_REPOSITORY = re.compile(r"https://github\.com/([A-Za-z0-9-]+/[A-Za-z0-9._-]+)", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_VERSION = re.compile(r"(\d{4})(\d\d)(\d\d)-\d{1,9}", re.ASCII)
_JSON = ("application/json",)
_ARCHIVE = ("application/zip", "application/x-zip-compressed", "binary/octet-stream")
# How lists end whose path at the collector does not say it.
_ENDINGS = {"azure": ".json", "gpuhunt": ".zip"}
# Azure's sizes with GPUs; the answer has so many pages at most.
_AZURE_QUERY = {
    "api-version": "2023-01-01-preview",
    "$filter": "serviceName eq 'Virtual Machines' and contains(armSkuName, 'Standard_N')",
}
_MOST_PAGES = 500
# A list in parts may take so many times as long as one file.
_PARTS = 4
_SMALL_BYTES = 2**20


@dataclass(frozen=True)
class Collected:
    """A list on this machine: its file, the address of this very version, and its day."""

    collector: str
    provider: str
    path: Path
    url: str
    as_of: str


@dataclass(frozen=True)
class NotCollected:
    """A list that did not come, and why."""

    collector: str
    provider: str
    error: TcoError


def lists_of(collectors: Collection[str] = ()) -> list[PriceList]:
    """The lists of some collectors, or of all, in the file's order; InputError for an unknown one.

    >>> [row.path for row in lists_of(["cyclenerd"])]
    ['pricing.yml']
    """
    message = "collector = {!r} is not one of {}{}"
    wrong = [
        Problem("only", message.format(name, ", ".join(PUBLIC), suggestion(name, PUBLIC)))
        for name in collectors
        if name not in PUBLIC
    ]
    if wrong:
        raise InputError(wrong)
    return [row for row in price_lists() if not collectors or row.collector in collectors]


def local_name(row: PriceList) -> str:
    """Where a list is in a folder of downloads, whatever it is called at its collector.

    >>> [local_name(row) for row in lists_of(["cyclenerd", "azure", "gpuhunt"])][-2:]
    ['cyclenerd/gcp.yml', 'azure/azure.json']
    """
    ending = _ENDINGS.get(row.collector) or Path(row.path).suffix
    return f"{row.collector}/{row.provider}{ending}"


def collect(
    rows: Collection[PriceList],
    folder: Path,
    *,
    mirror: str = "",
    limits: Limits = USUAL_LIMITS,
    progress: ListProgress | None = None,
) -> Iterator[Collected | NotCollected]:
    """Download lists into a folder, one after the other; one that fails stops none of the others.

    `mirror` is the address of a copy of all collectors, which has each of their addresses below it,
    as MIRROR/HOST/PATH. Once there was no connection, the rest are tried once only.
    """
    for row in rows:
        told = _told(progress, row)
        asked = _Asked(row, folder / local_name(row), mirror.rstrip("/"), limits, told)
        try:
            yield asked.collected()
        except DataError as failed:
            if isinstance(failed, Unreachable):
                limits = replace(limits, retries=0)
            yield NotCollected(row.collector, row.provider, failed)


def _told(progress: ListProgress | None, row: PriceList) -> Callable[[int, int | None], None]:
    def told(so_far: int, size: int | None) -> None:
        if progress:
            progress(f"{row.collector} {row.provider}", so_far, size)

    return told


def found_in(folder: Path, rows: Collection[PriceList], as_of: str = "") -> Iterator[Any]:
    """Lists that are in a folder of downloads already, each as in `collect`.

    The folder has what `collect` writes, or a list under the path it has at its collector, below
    the collector's name. A list that does not state its day takes `as_of`; without it it is not
    collected. What is not there is left out; DataError where nothing is.
    """
    count = 0
    for row in rows:
        paths = (folder / local_name(row), folder / row.collector / row.path)
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            continue
        count += 1
        try:
            yield _known_from(row, path, as_of)
        except DataError as failed:
            yield NotCollected(row.collector, row.provider, failed)
    if not count:
        raise DataError(f"{folder}: no list of {', '.join(sorted({r.collector for r in rows}))}")


def _known_from(row: PriceList, path: Path, as_of: str) -> Collected:
    noted = path.with_name(path.name + _NOTE)
    if noted.is_file():
        try:
            told = json.loads(noted.read_text(encoding="utf-8"))
            url, day = str(told["url"]), dated(str(told["as_of"]))
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            raise DataError(f"{noted}: does not say where {path.name} is from: {wrong}") from None
        return Collected(row.collector, row.provider, path, url, day)
    day = stated_day(row.collector, PriceFile(path)) or as_of
    if not day:
        raise DataError(f"{path}: the date of these prices is not known: give --as-of")
    return Collected(row.collector, row.provider, path, f"{row.home}/{row.path}", day)


# Beside each list: where it is from and of which day.
_NOTE = ".from.json"


@dataclass(frozen=True)
class _Asked:
    """One list that is asked for."""

    row: PriceList
    target: Path
    mirror: str
    limits: Limits
    told: Callable[[int, int | None], None]

    def collected(self) -> Collected:
        row, repository = self.row, _REPOSITORY.fullmatch(self.row.home)
        self.target.with_name(self.target.name + _NOTE).unlink(missing_ok=True)
        if repository:
            url, day = self._of_repository(repository[1])
        elif row.collector == "azure":
            url, day = self._of_pages()
        else:
            url, day = self._of_store()
        day = stated_day(row.collector, PriceFile(self.target)) or day
        if is_to_come(day):
            raise DataError(f"{url}: its prices are of {day}, a day to come")
        noted = self.target.with_name(self.target.name + _NOTE)
        noted.write_text(json.dumps({"url": url, "as_of": day}) + "\n", encoding="utf-8")
        return Collected(row.collector, row.provider, self.target, url, day)

    def _fetch(
        self, url: str, target: Path, kinds: Collection[str] = (), most_bytes: int = 0
    ) -> Downloaded:
        limits = replace(self.limits, bytes=min(most_bytes or self.limits.bytes, self.limits.bytes))
        at = f"{self.mirror}/{url.removeprefix('https://')}" if self.mirror else url
        return fetch(at, target, limits=limits, progress=self.told, kinds=kinds)

    def _small(self, url: str, kinds: Collection[str]) -> bytes:
        """A short answer, which is not kept."""
        target = self.target.with_name(f".{self.target.name}.part")
        try:
            self._fetch(url, target, kinds, _SMALL_BYTES)
            return target.read_bytes()
        finally:
            target.unlink(missing_ok=True)

    def _json(self, url: str) -> Any:
        return _parsed(url, self._small(url, _JSON))

    def _of_repository(self, name: str) -> tuple[str, str]:
        """The file as of its newest commit, and the day of that."""
        path = self.row.path
        asked = f"{_API}/repos/{name}/commits?{urlencode({'path': path, 'per_page': 1})}"
        answer = self._json(asked)
        try:
            commit, day = str(answer[0]["sha"]), answer[0]["commit"]["committer"]["date"]
            day = datetime.fromisoformat(day).astimezone(UTC).date().isoformat()
        except (KeyError, IndexError, TypeError, ValueError):
            raise DataError(f"{asked}: names no commit and its day") from None
        if not _COMMIT.fullmatch(commit):
            raise DataError(f"{asked}: {shown(commit)!r} is no commit")
        self._fetch(f"{_RAW}/{name}/{commit}/{path}", self.target)
        return f"https://github.com/{name}/blob/{commit}/{path}", day

    def _of_store(self) -> tuple[str, str]:
        """Gpuhunt's newest archive of a provider; its version is a day."""
        home = f"{self.row.home}/{self.row.path}"
        answer = self._small(f"{home}/version", _ARCHIVE)
        version = answer.decode("ascii", "replace").strip()
        found = _VERSION.fullmatch(version)
        if not found:
            raise DataError(f"{home}/version: {shown(version)!r} is not a day and a number")
        try:
            day = dated("-".join(found.groups()))
        except ValueError as wrong:
            raise DataError(f"{home}/version: {shown(version)!r} {wrong}") from None
        url = f"{home}/{version}/catalog.zip"
        self._fetch(url, self.target, _ARCHIVE)
        return url, day

    def _of_pages(self) -> tuple[str, str]:
        """All pages of Azure's answer as one; it is as of now."""
        home = f"{self.row.home}/{self.row.path}"
        query = urlencode(_AZURE_QUERY, quote_via=quote, safe="$")
        first = f"{home}?{query}"
        url, seen, found, size = first, set[str](), list[Any](), 0
        deadline = time.monotonic() + _PARTS * self.limits.total_seconds
        page = self.target.with_name(f".{self.target.name}.part")
        try:
            while url:
                seen.add(url)
                left = deadline - time.monotonic()
                if left <= 0 or len(seen) > _MOST_PAGES:
                    raise DataError(f"{home}: not complete after {len(seen) - 1} pages, the limit")
                size += self._fetch(url, page, _JSON, self.limits.bytes - size or 1).bytes
                answer = _parsed(url, page.read_bytes())
                items = answer.get("Items") if isinstance(answer, dict) else None
                if not isinstance(items, list):
                    raise DataError(f"{url}: no page of prices: it has no list of Items")
                found += items
                url = _next_page(home, answer.get("NextPageLink"))
                if url in seen:
                    raise DataError(f"{home}: its pages lead back to one that was read already")
        finally:
            page.unlink(missing_ok=True)
        self.target.write_text(json.dumps({"Items": found}), encoding="utf-8")
        return first, today()


def _next_page(home: str, link: Any) -> str:
    """The address of the page after one, on the same server; empty after the last."""
    if not link:
        return ""
    parts, own = urlsplit(str(link)), urlsplit(home)
    try:
        same = (parts.hostname, parts.port or 443) == (own.hostname, 443)
    except ValueError:
        same = False
    if parts.scheme != "https" or not same or parts.path.lower() != own.path.lower():
        raise DataError(f"{home}: its next page is {shown(str(link))}, another address")
    return f"{home}?{parts.query}"


def _parsed(url: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise DataError(f"{url}: is not JSON") from None
