"""Connections whose every read knows when time is up, and what went wrong with one, in words."""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.errors import DataError
from tco.version import __version__

if TYPE_CHECKING:
    import requests

_LONGEST_TEXT = 2**8


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
