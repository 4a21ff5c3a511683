"""The lists of the SkyPilot catalog over HTTPS: each bounded, checked, and whole or not there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import ssl
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tco.errors import DataError, InputError, Problem, suggestion
from tco.market import files
from tco.market.files import column, data_folder, read_records
from tco.market.importers import PUBLIC, skypilot
from tco.version import __version__

if TYPE_CHECKING:
    import httpx

BASE = "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog"
REF = "master"

_PART = 2**16
_REDIRECTS = 3
# A server that asks for a longer pause is left alone.
_LONGEST_PAUSE = 60
# Answers that may be another one after a pause.
_BUSY = frozenset({429, 500, 502, 503, 504})
_LENGTH = re.compile(r"[0-9]{1,18}")
_LONGEST_TEXT = 2**8
# Where the certificates of authorities are that a user trusts, if not those of certifi.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_GZIP = 16 + zlib.MAX_WBITS

# Called with the bytes so far and in all; for several lists also with the provider.
Progress = Callable[[int, int | None], None]
ListProgress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a download may cost: bytes after decoding, seconds, and tries after the first.

    `read_seconds` is the longest silence, `total_seconds` covers everything, retries and their
    pauses included; the pauses double, from twice `pause_seconds` before the second retry.
    """

    bytes: int = 2**26
    connect_seconds: float = 10
    read_seconds: float = 30
    total_seconds: float = 300
    retries: int = 3
    pause_seconds: float = 0.5


USUAL_LIMITS = Limits()


class Unreachable(DataError):
    """No connection was made, so that another file of the same server will not come either."""


@dataclass(eq=False)
class FailedError(Exception):
    """A try that failed, in words; as a DataError its text begins with the address.

    `again` says that another try may go well, after the `pause` that the server asks for
    [seconds].
    """

    message: str
    again: bool = False
    pause: float = 0
    kind: type[DataError] = DataError

    def __str__(self) -> str:
        return self.message


def shown(text: str) -> str:
    r"""Text of a server, fit for a terminal: in one line, printable and short.

    >>> shown("no\x1b[31m such\nfile")
    'no?[31m such file'
    """
    line = " ".join(text.split())
    return "".join(mark if mark.isprintable() else "?" for mark in line)[:_LONGEST_TEXT]


@dataclass(frozen=True)
class Downloaded:
    """A file that arrived whole: where from and to, its checksum, size and UTC date."""

    url: str
    path: Path
    sha256: str
    bytes: int
    accessed: str


def fetch(
    url: str,
    target: Path,
    *,
    limits: Limits = USUAL_LIMITS,
    progress: Progress | None = None,
    kinds: Collection[str] = (),
) -> Downloaded:
    """Download `url` into the file `target`, which is replaced only when all of it has arrived.

    HTTPS only, with the certificate verified; plain HTTP for this machine itself. `progress` is
    called with the bytes so far and the bytes in all, or None where the server does not say.
    `kinds` are the content types that are taken beside those of text: of JSON, of an archive.
    A DataError names the URL, what was wrong and the limit that was passed; it is `Unreachable`
    when there was no connection. An older `target` then stays as it was.

    >>> fetch("http://example.com/vms.csv", Path("vms.csv"))
    Traceback (most recent call last):
    ...
    tco.errors.DataError: http://example.com/vms.csv: is not an https address
    """
    _check_address(url)
    deadline = time.monotonic() + limits.total_seconds
    tries = 0
    try:
        trusted = _trusted()
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            part = Path(folder) / target.name
            while True:
                tries += 1
                try:
                    arrived = _run(_once(url, trusted, part, limits, progress, deadline, kinds))
                    part.replace(target)
                    return Downloaded(url, target, *arrived)
                except FailedError as failed:
                    _pause(failed, tries, limits, deadline)
    except FailedError as failed:
        raise failed.kind(f"{url}: {failed}") from failed
    except OSError as wrong:
        raise DataError(f"{target}: {wrong.strerror or wrong}") from wrong


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of the work, also where the caller is in a loop already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _in_loop(work)
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(_in_loop, work).result()


def _in_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """What `asyncio.run` does, without its wait for a name that is still being looked up."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _once(
    url: str,
    trusted: ssl.SSLContext,
    part: Path,
    limits: Limits,
    progress: Progress | None,
    deadline: float,
    kinds: Collection[str],
) -> tuple[str, int, str]:
    """One try: checksum, bytes and day. It ends at the deadline, whatever it waits for."""
    import httpx

    headers = {"User-Agent": f"gpu-tco/{__version__}", "Accept": ", ".join(("text/*", *kinds))}
    headers["Accept-Encoding"] = "gzip"
    timeout = httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds)
    client = httpx.AsyncClient(verify=trusted, timeout=timeout, headers=headers)
    try:
        async with asyncio.timeout(deadline - time.monotonic()), client:
            response = await _answer(client, url)
            length = _checked_length(response, limits, kinds)
            sha256, size = await _saved(_parts(response), part, limits, length, progress)
    except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as failed:
        raise _in_words(failed, limits) from failed
    except TimeoutError:
        raise _late(limits) from None
    return sha256, size, datetime.now(UTC).date().isoformat()


def _late(limits: Limits) -> FailedError:
    return FailedError(f"not complete after {limits.total_seconds:g} seconds, the limit")


def _trusted() -> ssl.SSLContext:
    import certifi

    bundle = Path(next(filter(None, map(os.environ.get, _BUNDLES)), certifi.where()))
    try:
        return _context(bundle, bundle.stat().st_mtime_ns)
    except OSError as wrong:
        cause = wrong.strerror or wrong
        raise FailedError(f"the connection failed: certificates of {bundle}: {cause}") from wrong


@lru_cache(maxsize=2)
def _context(bundle: Path, _changed: int) -> ssl.SSLContext:
    """What is trusted: reading some hundred certificates takes longer than a small file."""
    if bundle.is_dir():
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _pause(failed: FailedError, tries: int, limits: Limits, deadline: float) -> None:
    """Wait before the next try; an error when there is none."""
    if not failed.again:
        raise failed
    left = deadline - time.monotonic()
    if left <= 0:
        raise _late(limits)
    if tries > limits.retries:
        tried = f"tried {tries} times" if limits.retries else "tried once"
        raise FailedError(f"{failed}; {tried}", kind=failed.kind)
    usual = min(limits.pause_seconds * 2 ** (tries - 1), _LONGEST_PAUSE) if tries > 1 else 0
    pause, longest = max(usual, failed.pause), min(_LONGEST_PAUSE, left)
    if pause > longest:
        due = f"the next try is due in {pause:g} seconds"
        allowed = f"more than the {longest:.3g} that are left or allowed"
        raise FailedError(f"{failed}; {due}, {allowed}", kind=failed.kind)
    time.sleep(pause)


async def _answer(client: httpx.AsyncClient, url: str) -> httpx.Response:
    """The answer at the end of a few redirects, which never lead from HTTPS to anything else."""
    # httpx would read the body of each redirect before it follows.
    for _ in range(_REDIRECTS + 1):
        response = await client.send(client.build_request("GET", url), stream=True)
        if not response.has_redirect_location:
            return response
        await response.aclose()
        try:
            target = urljoin(url, response.headers["Location"])
            _check_address(target)
        except ValueError as wrong:
            raise FailedError(f"redirects to another address; {shown(str(wrong))}") from None
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise FailedError(f"redirects to {shown(target)}, which is not an https address")
        url = target
    raise FailedError(f"more than {_REDIRECTS} redirects, the limit")


def _check_address(url: str) -> None:
    """HTTPS, or plain HTTP to this machine itself; no name and password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        raise DataError(f"{shown(url)}: is not an address") from None
    if "@" in parts.netloc:
        raise DataError(f"{shown(host)}: an address with a user name or password is not used")
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise DataError(f"{shown(url)}: is not an https address")


def _checked_length(response: httpx.Response, limits: Limits, kinds: Collection[str]) -> int | None:
    """The length that a price list announces, None with chunks; any other answer is an error."""
    from httpx import codes

    status, headers = response.status_code, response.headers
    if status != codes.OK:
        phrase = f"status {status} {codes.get_reason_phrase(status)}".rstrip()
        raise FailedError(phrase, again=status in _BUSY, pause=_asked_pause(headers))
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    usual = ("application/octet-stream", "application/csv", *kinds)
    if kind == "text/html" or not (kind.startswith("text/") or kind in usual):
        raise FailedError(f"its content type {shown(kind)!r} is not that of a price list")
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise FailedError(f"its content encoding {shown(encoding)!r} was not asked for")
    if headers.get("Transfer-Encoding", "").strip().lower() == "chunked":
        return None
    length = headers.get("Content-Length", "").strip()
    if not _LENGTH.fullmatch(length):
        raise FailedError("does not say where it ends, so that it cannot be known as complete")
    if int(length) > limits.bytes:
        raise FailedError(f"{int(length):,} bytes, more than the limit of {limits.bytes:,}")
    return int(length) if encoding == "identity" else None


def _asked_pause(headers: httpx.Headers) -> float:
    """The seconds that a server asks for, given as such or as a date; 0 for anything else."""
    asked = headers.get("Retry-After", "").strip()
    if _LENGTH.fullmatch(asked):
        return float(asked)
    try:
        return max((parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds(), 0)
    except (ValueError, TypeError, OverflowError):
        return 0


async def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    """The decoded body in parts, none of them long; httpx would unpack what arrived at once."""
    import httpx

    packed = response.headers.get("Content-Encoding", "identity").strip().lower() == "gzip"
    unpacking = zlib.decompressobj(_GZIP)
    try:
        async for raw in response.aiter_raw():
            if not packed:
                yield raw
            left = raw if packed else b""
            while left:
                if unpacking.eof:
                    unpacking = zlib.decompressobj(_GZIP)
                yield unpacking.decompress(left, _PART)
                left = unpacking.unconsumed_tail or unpacking.unused_data
    except httpx.RemoteProtocolError as ended:
        raise FailedError("broke off before its end", again=True) from ended
    if packed and not unpacking.eof:
        raise FailedError("broke off before its end", again=True)


async def _saved(
    parts: AsyncIterator[bytes],
    path: Path,
    limits: Limits,
    length: int | None,
    progress: Progress | None,
) -> tuple[str, int]:
    """Write the parts; their checksum and number of bytes."""
    checksum = hashlib.sha256()
    size = 0
    with path.open("wb") as stream:
        async for part in parts:
            size += len(part)
            if size > limits.bytes:
                raise FailedError(f"more bytes than the limit of {limits.bytes:,}")
            checksum.update(part)
            stream.write(part)
            if progress and part:
                progress(size, length)
        stream.flush()
        os.fsync(stream.fileno())
    if not size:
        raise FailedError("is empty")
    return checksum.hexdigest(), size


def _innermost(error: BaseException) -> BaseException:
    """What an error was made from in the end; not by `__context__`, which may be the caller's."""
    several = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    made_from = (error.__cause__, *several, *error.args)
    found = next((each for each in made_from if isinstance(each, BaseException)), None)
    return error if found is None else _innermost(found)


def _in_words(failed: Exception, limits: Limits) -> FailedError:
    """An error of the network in one sentence; only a certificate or an address stays wrong."""
    import httpx

    inner = _innermost(failed)
    cause = shown(str(inner)) or type(inner).__name__
    if isinstance(inner, ConnectionError) and inner.errno:
        cause = f"[Errno {inner.errno}] {os.strerror(inner.errno)}"
    if isinstance(inner, ssl.SSLError):
        return FailedError(f"the connection is not secure: {cause}")
    if isinstance(failed, httpx.InvalidURL):
        return FailedError(f"is not an address: {cause}")
    if isinstance(failed, httpx.ConnectTimeout):
        said = f"no connection within {limits.connect_seconds:g} seconds, the limit"
    elif isinstance(failed, httpx.TimeoutException):
        said = f"silent for {limits.read_seconds:g} seconds, the limit"
    elif isinstance(failed, (httpx.ConnectError, httpx.ProxyError)):
        said = f"no connection: {cause}"
    else:
        said = f"the connection failed: {cause}"
    unreachable = (httpx.ConnectTimeout, httpx.ConnectError, httpx.ProxyError)
    kind = Unreachable if isinstance(failed, unreachable) else DataError
    return FailedError(said, again=True, kind=kind)


# What catalogues.csv says of the date of a list: a job keeps it up to date, or nobody knows.
_KEPT, _UNKNOWN = "download", "unknown"
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*", re.ASCII)
_HOME = re.compile(r"https://[a-z0-9.-]+(?:/[A-Za-z0-9_.-]+)*", re.ASCII)


@dataclass(frozen=True)
class PriceList:
    """catalogues.csv: one file of a public collector, and of when its prices are.

    `home` is the repository or the server that has it, `path` where it is there. `as_of` is
    `download` where a job keeps the file up to date, the date of its last known change where people
    do, and `unknown` otherwise.
    """

    collector: str = column(files.one_of(*PUBLIC), key=True)
    provider: str = column(files.slug, key=True)
    home: str = column(files.matching(_HOME, "is not an https address"))
    path: str = column(files.matching(_PATH, "is not the path of a file"))
    as_of: str = column(lambda cell: cell if cell in (_KEPT, _UNKNOWN) else files.dated(cell))
    note: str = column(files.word)

    def url(self, base: str, ref: str) -> str:
        """The address of the list at a branch or commit of the repository."""
        return f"{base.rstrip('/')}/{ref}/{self.path}"


@dataclass(frozen=True)
class ListDownload:
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
    return read_records(data_folder() / "catalogues.csv", PriceList)


def chosen_lists(ref: str, providers: Collection[str] | None) -> list[PriceList]:
    """SkyPilot's lists of providers; None stands for every list whose prices have a date.

    An InputError names an unknown provider and a `ref` that is no branch or commit.

    >>> [row.url(BASE, "master").removeprefix(BASE) for row in chosen_lists("master", ["gcp"])]
    ['/master/catalogs/v8/gcp/vms.csv']
    """
    if not _REF.fullmatch(ref):
        message = f"ref = {ref!r} is not a branch or commit: the version of the catalog"
        raise InputError([Problem("ref", message)])
    rows = {row.provider: row for row in price_lists() if row.collector == skypilot.COLLECTOR}
    if providers is None:
        return [row for row in rows.values() if row.as_of != _UNKNOWN]
    message = "provider = {!r} has no list in the catalog{}"
    unknown = [(name, suggestion(name, rows)) for name in providers if name not in rows]
    if unknown:
        raise InputError(Problem("provider", message.format(*each)) for each in unknown)
    return [row for row in rows.values() if row.provider in providers]


def fetch_all(
    folder: Path,
    *,
    base: str = BASE,
    ref: str = REF,
    providers: Collection[str] | None = None,
    limits: Limits = USUAL_LIMITS,
    progress: ListProgress | None = None,
) -> Iterator[ListDownload]:
    """Download the lists one after the other into `folder`, under their paths in the repository.

    A list that fails does not stop the others. `limits` hold for each; once there was no
    connection, the rest are tried once only. `progress` is called with the provider, the bytes so
    far and the bytes in all or None. Errors are those of `chosen_lists`, before anything is
    fetched.
    """
    rows = chosen_lists(ref, providers)

    def fetched(limits: Limits) -> Iterator[ListDownload]:
        for row in rows:
            url, as_of = row.url(base, ref), ""
            told = partial(progress, row.provider) if progress else None
            outcome: Downloaded | DataError
            try:
                outcome = fetch(url, folder / row.path, limits=limits, progress=told)
                if ref == REF and row.as_of != _UNKNOWN:
                    as_of = outcome.accessed if row.as_of == _KEPT else row.as_of
            except DataError as failed:
                outcome = failed
                if isinstance(failed, Unreachable):
                    limits = replace(limits, retries=0)
            yield ListDownload(row.provider, url, as_of, outcome)

    return fetched(limits)
