"""The lists of the SkyPilot catalogue over HTTPS: each bounded, checked, and whole or not there."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import os
import re
import socket
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from tco.errors import DataError, InputError, Problem, suggestion
from tco.market.files import column, data_folder, dated, one_of, read_records, slug, word
from tco.version import __version__

if TYPE_CHECKING:
    import requests
    from urllib3.util import Retry

BASE = "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog"
REF = "master"

# What catalogues.csv says of the date of a list: a job keeps it up to date, or nobody knows.
_KEPT, _UNKNOWN = "download", "unknown"
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
_PATH = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)+\.csv", re.ASCII)

_PART = 2**16
_REDIRECTS = 3
# A server that asks for a longer pause is left alone.
_LONGEST_PAUSE = 60
_PASSING = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_LENGTH = re.compile(r"[0-9]{1,18}")
_LONGEST_TEXT = 2**8

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


class Passing(Exception):
    """What may go well on another try; `pause` is what the server asks for, in seconds."""

    def __init__(self, message: str, kind: type[DataError] = DataError, pause: float = 0) -> None:
        self.kind, self.pause = kind, pause
        super().__init__(message)


def shown(text: str) -> str:
    r"""Text of a server, fit for a terminal: in one line, printable and short.

    >>> shown("no\x1b[31m such\nfile")
    'no?[31m such file'
    """
    line = " ".join(text.split())
    return "".join(mark if mark.isprintable() else "?" for mark in line)[:_LONGEST_TEXT]


@dataclass(frozen=True)
class Downloaded:
    """A file that arrived whole: where from and to, its checksum, size, UTC date and ETag.

    `etag` is empty when the server gave none.
    """

    url: str
    path: Path
    sha256: str
    bytes: int
    accessed: str
    etag: str


def fetch(
    url: str, target: Path, *, limits: Limits = USUAL_LIMITS, progress: Progress | None = None
) -> Downloaded:
    """Download `url` into the file `target`, which is replaced only when all of it has arrived.

    HTTPS only, with the certificate verified; plain HTTP for this machine itself. `progress` is
    called with the bytes so far and the bytes in all, or None where the server does not say.
    A DataError names the URL, what was wrong and the limit that was passed; it is `Unreachable`
    when there was no connection. An older `target` then stays as it was.

    >>> fetch("http://example.com/vms.csv", Path("vms.csv"))
    Traceback (most recent call last):
    ...
    tco.errors.DataError: http://example.com/vms.csv: is not an https address
    """
    _check_address(url)
    deadline = time.monotonic() + limits.total_seconds
    try:
        with _replacing(target) as stream, new_session(limits, deadline) as session:
            sha256, size, etag = _persistently(session, url, stream, limits, progress, deadline)
    except OSError as wrong:
        raise DataError(f"{target}: {wrong.strerror or wrong}") from wrong
    return Downloaded(url, target, sha256, size, datetime.now(UTC).date().isoformat(), etag)


def _check_address(url: str) -> None:
    """HTTPS, or plain HTTP to this machine itself; no name and password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise DataError(f"{shown(url)}: is not an address") from None
    if "@" in parts.netloc:
        raise DataError(f"{shown(host)}: an address with a user name or password is not used")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_local(host))):
        raise DataError(f"{shown(url)}: is not an https address")


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _persistently(
    session: requests.Session,
    url: str,
    stream: BinaryIO,
    limits: Limits,
    progress: Progress | None,
    deadline: float,
) -> tuple[str, int, str]:
    """Try until it goes well, or until no try or no time is left."""
    from urllib3.util import Retry

    policy = Retry(
        total=limits.retries, backoff_factor=limits.pause_seconds, backoff_max=_LONGEST_PAUSE
    )
    while True:
        try:
            with contextlib.closing(_answer(session, url, limits, deadline)) as response:
                declared = _declared(response, url, limits)
                parts = _parts(response, url, limits)
                sha256, size = _saved(parts, stream, url, limits, declared, progress)
                return sha256, size, shown(response.headers.get("ETag", ""))
        except Passing as passing:
            policy = _paused(policy, passing, url, limits, deadline)


def _paused(policy: Retry, passing: Passing, url: str, limits: Limits, deadline: float) -> Retry:
    """Wait before the next try; an error when there is none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise DataError(f"{url}: not complete after {limits.total_seconds:g} seconds, the limit")
    if not policy.total:
        tries = f"tried {limits.retries + 1} times" if limits.retries else "tried once"
        raise passing.kind(f"{url}: {passing}; {tries}") from passing
    policy = policy.increment("GET", url, error=passing)
    pause = max(policy.get_backoff_time(), passing.pause)
    longest = min(_LONGEST_PAUSE, left)
    if pause > longest:
        raise passing.kind(
            f"{url}: {passing}; the next try is due in {pause:g} seconds, "
            f"more than the {longest:.3g} that are left or allowed"
        ) from passing
    time.sleep(pause)
    return policy


def _answer(
    session: requests.Session, url: str, limits: Limits, deadline: float
) -> requests.Response:
    """The answer at the end of a few redirects, which never lead from HTTPS to anything else."""
    from requests import Request

    asked = url
    for _ in range(_REDIRECTS + 1):
        left = max(deadline - time.monotonic(), 1 / _PART)
        with in_words(asked, limits):
            request = session.prepare_request(Request("GET", url))
            address = request.url or url
            response = session.get_adapter(address).send(
                request,
                timeout=(min(limits.connect_seconds, left), limits.read_seconds),
                **session.merge_environment_settings(address, {}, True, None, None),
            )
        location = session.get_redirect_target(response)
        if location is None:
            return response
        response.close()
        url = _redirected(asked, url, location)
    raise DataError(f"{asked}: more than {_REDIRECTS} redirects, the limit")


def _redirected(asked: str, url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        _check_address(target)
    except ValueError as wrong:
        raise DataError(f"{asked}: redirects to another address; {shown(str(wrong))}") from None
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise DataError(f"{asked}: redirects to {shown(target)}, which is not an https address")
    return target


def _declared(response: requests.Response, url: str, limits: Limits) -> int | None:
    """The length that a price list announces, None with chunks; any other answer is an error."""
    status, headers = response.status_code, response.headers
    if status in _PASSING:
        raise Passing(f"status {_phrase(status)}", pause=_asked_pause(response))
    if status != HTTPStatus.OK:
        raise DataError(f"{url}: status {_phrase(status)}")
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html" or not (
        kind.startswith("text/") or kind in ("application/octet-stream", "application/csv")
    ):
        raise DataError(f"{url}: its content type {shown(kind)!r} is not that of a price list")
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise DataError(f"{url}: its content encoding {shown(encoding)!r} was not asked for")
    if headers.get("Transfer-Encoding", "").strip().lower() == "chunked":
        return None
    length = headers.get("Content-Length", "").strip()
    if not _LENGTH.fullmatch(length):
        raise DataError(
            f"{url}: does not say where it ends, so that it cannot be known as complete"
        )
    if int(length) > limits.bytes:
        raise DataError(f"{url}: {int(length):,} bytes, more than the limit of {limits.bytes:,}")
    return int(length) if encoding == "identity" else None


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _asked_pause(response: requests.Response) -> float:
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    try:
        return Retry().get_retry_after(response.raw) or 0
    except (InvalidHeader, ValueError, OverflowError):
        return 0


def _parts(response: requests.Response, url: str, limits: Limits) -> Iterator[bytes]:
    """The decoded body in parts."""
    with in_words(url, limits):
        yield from response.iter_content(_PART)


def _saved(
    parts: Iterator[bytes],
    stream: BinaryIO,
    url: str,
    limits: Limits,
    declared: int | None,
    progress: Progress | None,
) -> tuple[str, int]:
    """Write the parts; their checksum and number of bytes."""
    stream.seek(0)
    stream.truncate()
    checksum = hashlib.sha256()
    size = 0
    for part in parts:
        size += len(part)
        if size > limits.bytes:
            raise DataError(f"{url}: more bytes than the limit of {limits.bytes:,}")
        checksum.update(part)
        stream.write(part)
        if progress:
            progress(size, declared)
    if not size:
        raise DataError(f"{url}: is empty")
    return checksum.hexdigest(), size


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """A stream to a file beside the target, which takes its place when nothing went wrong."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def new_session(limits: Limits, deadline: float) -> requests.Session:
    """A session without passwords of which no read ends after `deadline`.

    `deadline` is a reading of `time.monotonic`. A time limit for each read alone would let a server
    that sends one byte now and then hold the caller for as long as it likes.
    """
    import requests
    from requests.adapters import HTTPAdapter

    def answer(connection: socket.socket, *rest: Any, **named: Any) -> http.client.HTTPResponse:
        source: Any = _Source(connection, deadline, limits.read_seconds)
        return http.client.HTTPResponse(source, *rest, **named)

    class Adapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
            pool = super().get_connection_with_tls_context(*args, **named)
            clocked = {"response_class": staticmethod(answer)}
            pool.ConnectionCls = type("Connection", (pool.ConnectionCls,), clocked)
            return pool

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter())
    session.headers.update(
        {"User-Agent": f"gpu-tco/{__version__}", "Accept": "text/*", "Accept-Encoding": "gzip"}
    )
    session.auth = lambda request: request  # nothing from the user's .netrc
    return session


class _Source:
    """The one thing of a socket that an HTTP response uses: its bytes."""

    def __init__(self, *limits: Any) -> None:
        self._limits = limits

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bytes(*self._limits))


class _Bytes(io.RawIOBase):
    """The bytes that arrive at a socket until the deadline."""

    def __init__(self, connection: socket.socket, deadline: float, silence: float) -> None:
        super().__init__()
        self._connection, self._deadline, self._silence = connection, deadline, silence
        self._stream = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(self._silence, left))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextlib.contextmanager
def in_words(url: str, limits: Limits) -> Iterator[None]:
    """Turn an error of the network into one sentence.

    It becomes `Passing` where another try may help, and a DataError where it will not: with a wrong
    certificate or a wrong address.
    """
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (RequestException, HTTPError, OSError) as failed:
        raise _in_words(failed, url, limits) from failed


def _in_words(failed: Exception, url: str, limits: Limits) -> Exception:
    from requests.exceptions import SSLError
    from urllib3 import exceptions as low

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    chain = list(_chain(failed))
    cause = shown(str(chain[-1]) or type(chain[-1]).__name__)
    if isinstance(failed, (SSLError, ValueError)):
        insecure = "the connection is not secure: " if isinstance(failed, SSLError) else ""
        return DataError(f"{url}: {insecure}{cause}")
    if has(low.NewConnectionError, low.ProxyError):
        return Passing(f"no connection: {cause}", Unreachable)
    if has(low.ConnectTimeoutError) or "handshake" in cause:
        seconds = f"{limits.connect_seconds:g} seconds"
        return Passing(f"no connection within {seconds}, the limit", Unreachable)
    if has(low.ReadTimeoutError):
        return Passing(f"silent for {limits.read_seconds:g} seconds, the limit")
    if has(http.client.IncompleteRead):
        return Passing("broke off before its end")
    return Passing(f"the connection failed: {cause}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was made from; not `__context__`, which may be the caller's."""
    while error is not None:
        yield error
        inner = (getattr(error, "reason", None), error.__cause__, *error.args)
        error = next((link for link in inner if isinstance(link, BaseException)), None)


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
    progress: ListProgress | None = None,
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
    progress: ListProgress | None,
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
