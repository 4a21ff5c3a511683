"""`tco serve`: the questions for other programs, on a server of their own.

It has no page. Settings come to each of its processes by one environment variable, the token by a
file or a variable of its own.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import json
import math
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors import Multiprocess

from tco.api.answers import refusal
from tco.api.guard import HEADERS, LOOPBACK, Known, SecurityHeaders, is_name
from tco.api.limits import RATE, Limits
from tco.api.routes import BUSY, PREFIX, mounted
from tco.errors import DataError, InputError, Problem, shown
from tco.market.catalogue import Catalogue
from tco.market.policy import catalogue_under
from tco.market.price_sources import SHIPPED, catalogue_of
from tco.questions import QUESTIONS

TOKEN = "TCO_TOKEN"
_SETTINGS = "TCO_SERVE"
_NAMES = "give a name such as tco.example.com or *.example.com, without http:// and port"
# The headers of an answer after which the connection ends, and what is told to one too many.
_LAST = {"connection": "close", **HEADERS}
_FULL = refusal(503, "server", BUSY, {"retry-after": "5", **_LAST})
# A token that can be guessed is none.
_SHORTEST_TOKEN = 16
# After so many seconds one thread makes way for another: who listens does not wait for an answer.
_SWITCH_SECONDS = 0.001
# Connections that wait to be taken.
_BACKLOG = 2_048
# Bytes of a request's first lines, and seconds between two requests.
_LONGEST_HEAD, _IDLE_SECONDS = 2**17, 30


@dataclass(frozen=True)
class Settings:
    """How a server answers.

    `names` are the host names besides those of this machine, `prices` and `policy` what its answers
    rest on, `rate` the requests a second of a client, `token_file` where the token stands.
    """

    host: str = "127.0.0.1"
    port: int = 8600
    names: tuple[str, ...] = ()
    token_file: str = ""
    workers: int = 1
    rate: float = RATE
    prices: str = "shipped"
    policy: str = ""
    proxies: str = ""

    @property
    def is_near(self) -> bool:
        """Whether nobody but this machine reaches the server."""
        return self.host in LOOPBACK


def checked(settings: Settings) -> Settings:
    """The same; InputError where others could reach a server that does not know them.

    A name or a proxy that no request could have is one too: everybody would be refused.
    """
    problems = []
    if not 0 < settings.rate < math.inf:
        told = f"rate = {settings.rate} is no number of requests a second"
        problems.append(Problem("rate", told))
    problems += [
        Problem("allow_host", f"allow_host = {shown(name)} is no host name: {_NAMES}")
        for name in settings.names
        if not is_name(name)
    ]
    problems += [
        Problem("proxy", f"proxy = {shown(one)} is neither an IP address nor a network")
        for one in filter(None, settings.proxies.split(","))
        if not _is_network(one.strip())
    ]
    token = token_of(settings)
    if not settings.is_near:
        if not token:
            told = f"listening on {settings.host} needs a token: --token-file FILE or {TOKEN}"
            problems.append(Problem("token", f"token: {told}"))
        if not settings.names:
            told = f"listening on {settings.host} needs its host name: --allow-host NAME"
            problems.append(Problem("allow_host", f"allow_host: {told}"))
    if problems:
        raise InputError(problems)
    return settings


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def token_of(settings: Settings) -> str:
    """The token that is asked for, if any; InputError for one that can be guessed."""
    name = "token"
    if settings.token_file:
        name = settings.token_file
        try:
            text = Path(settings.token_file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as wrong:
            reason = getattr(wrong, "strerror", None) or "no text"
            raise DataError(f"{settings.token_file}: {reason}") from None
        if not text:
            raise DataError(f"{settings.token_file}: the file is empty")
    else:
        text = os.environ.get(TOKEN, "").strip()
    if text and (len(text) < _SHORTEST_TOKEN or not text.isascii() or not text.isprintable()):
        told = f"{name}: a token has at least {_SHORTEST_TOKEN} printable ASCII characters"
        raise InputError([Problem("token", told)])
    return text


def application(settings: Settings, token: str = "", limits: Limits | None = None) -> ASGIApp:
    """The application of these settings."""

    def source(_headers: Any) -> Catalogue:
        found = catalogue_of(settings.prices)
        return catalogue_under(settings.policy, found) if settings.policy else found

    is_at_hand = settings.prices in ("", SHIPPED) and not settings.policy
    outer = Starlette(
        routes=[mounted(source, settings.rate, limits, at_once=is_at_hand)],
        exception_handlers={HTTPException: _nothing},
    )
    names = (*LOOPBACK, *settings.names)
    return SecurityHeaders(Known(outer, names, token), HEADERS)


async def _nothing(_request: Request, wrong: Exception) -> Response:
    status = wrong.status_code if isinstance(wrong, HTTPException) else 500
    return refusal(status, "path", f"there is nothing here; see {PREFIX}/")


class Punctual(H11Protocol):
    """A connection that ends where the first lines of a request take more than so many `seconds`.

    What was sent too much is read until then, so that the client reads why it was refused. An
    answer that is not taken within `taken_seconds` is dropped: closed alone, a connection would
    wait for its client for ever. Beyond the `most` connections of one process all are refused.
    """

    seconds, taken_seconds, most = 10.0, 60.0, 512
    _late: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # writing pauses until all is taken
        if max(len(self.connections), len(self.tasks)) > self.most:
            self.app = _FULL
        self._wait()

    def pause_writing(self) -> None:
        """Begin to wait until the client takes what was sent."""
        super().pause_writing()
        self._untaken = self.loop.call_later(self.taken_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        self._stop_holding()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Say that this is no request; where an answer has begun, the connection just ends."""
        if self.cycle is not None:  # whoever makes an answer sends nothing more
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = refusal(400, "request", "this is not a valid HTTP request", _LAST)
            begin = h11.Response(status_code=400, headers=answer.raw_headers, reason=b"Bad Request")
            for event in (begin, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Go on waiting until a request is there."""
        if self._late is None and not self._is_asked():
            self._wait()
        super().data_received(data)
        if self._is_asked():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        self._stop_holding()
        super().connection_lost(exc)

    def _is_asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _stop_holding(self) -> None:
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None


def from_environment() -> ASGIApp:
    """The application, in a process of its own."""
    told = json.loads(os.environ[_SETTINGS])
    settings = Settings(**{**told, "names": tuple(told["names"])})
    return _warmed(application(settings, token_of(settings)))


def _warmed(app: ASGIApp) -> ASGIApp:
    """The same; what the first answers need is loaded meanwhile, in a thread of its own.

    What is loaded by then stays: the collector need not look at it again and again.
    """

    def warm() -> None:
        for name in ("breakeven", "options"):
            QUESTIONS[name].of_texts({})
        gc.collect()
        gc.freeze()

    Thread(target=warm, daemon=True, name="warm").start()
    sys.setswitchinterval(_SWITCH_SECONDS)
    return app


def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Answer until the process is stopped.

    The data is read and the port is taken first, so that errors come at once; `ready` is called
    then.
    """
    checked(settings)
    found = catalogue_of(settings.prices)
    if settings.policy:
        catalogue_under(settings.policy, found)
    with listening(settings) as taken:
        ready()
        os.environ[_SETTINGS] = json.dumps(asdict(settings))
        config = uvicorn.Config(
            "tco.api.server:from_environment",
            factory=True,
            workers=settings.workers,
            **run_options(settings),
        )
        if settings.workers > 1:
            Multiprocess(config, sockets=[taken]).run()
        else:
            uvicorn.Server(config).run(sockets=[taken])


def listening(settings: Settings) -> socket.socket:
    """The socket of the server; DataError where the port is taken, or the host is another's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # By this protocol the event loop knows a connection whose small writes must not wait for the
    # client's acknowledgment, which takes 40 ms.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.set_inheritable(True)
    try:
        taken.bind((settings.host, settings.port))
        taken.listen(_BACKLOG)
    except OSError as wrong:
        taken.close()
        if wrong.errno == errno.EADDRINUSE:
            told = f"port {settings.port} is taken: choose another with --port"
            raise DataError(told) from None
        told = f"{settings.host}, port {settings.port}: {wrong.strerror or wrong}"
        raise DataError(told) from None
    return taken


def run_options(settings: Settings) -> dict[str, Any]:
    """How the server runs: it writes no address of a request, and trusts no client's headers."""
    return {
        "host": settings.host,
        "port": settings.port,
        "http": Punctual,
        "ws": "none",
        "lifespan": "off",
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": bool(settings.proxies),
        "forwarded_allow_ips": settings.proxies or None,
        "timeout_keep_alive": _IDLE_SECONDS,
        "timeout_graceful_shutdown": 10,
        "h11_max_incomplete_event_size": _LONGEST_HEAD,
    }
