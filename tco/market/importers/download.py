"""One file over HTTPS: bounded in time and size, checked, and there as a whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin, urlsplit

from tco.errors import DataError
from tco.market.importers.transport import (
    USUAL_LIMITS,
    Limits,
    Passing,
    Unreachable,
    in_words,
    new_session,
    shown,
)

if TYPE_CHECKING:
    import requests
    from urllib3.util import Retry

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

__all__ = ["Downloaded", "Limits", "Progress", "Unreachable", "fetch"]

Progress = Callable[[int, int | None], None]


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
