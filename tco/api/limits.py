"""How much a request may bring, how long it may take, and how many a client may send."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from tco.api.answers import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)
# Requests a second of one client: more than a sheet of a thousand cells asks when it is opened.
RATE = 500.0
# Clients of whom is remembered how much they asked.
_MOST_CLIENTS = 10_000
# The header of an answer after which the connection ends.
_LAST = {"connection": "close"}


@dataclass(frozen=True)
class Limits:
    """What one request may bring and take; seconds and bytes.

    An answer begins within `answer_seconds`, and ends within as many from there on; of one in
    parts each is taken within `part_seconds`. `held_bytes` are those of all bodies that are in
    memory at a time.
    """

    body_bytes: int = 32 * 2**20
    rows: int = 100_000
    body_seconds: float = 30
    answer_seconds: float = 60
    part_seconds: float = 20
    held_bytes: int = 8 * 32 * 2**20


class TooLarge(Exception):
    """A body that is larger than any that is read."""


class Full(Exception):
    """Bodies of others fill the memory."""


@dataclass
class Limited:
    """An application whose requests are as large, and take as long, as the limits allow."""

    app: ASGIApp
    limits: Limits = field(default_factory=Limits)
    _held: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or say which limit it is over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(self, scope, receive, send)
        length = _length(scope)
        try:
            if length is None:
                await refusal(400, "content-length", "content-length is not a whole number")(
                    scope, receive, request.send
                )
                return
            if length > self.limits.body_bytes:
                raise self.too_large
            async with asyncio.timeout(None) as request.time:
                is_read = request.is_read
                request.wait(self.limits.answer_seconds if is_read else self.limits.body_seconds)
                await self.app(scope, request.receive, request.send)
        except TooLarge as wrong:  # the rest is read, so that the client comes to read why
            await request.refuse(413, "body", str(wrong))
        except TimeoutError:
            if request.is_read:
                told = f"no answer within {self.limits.answer_seconds:g} s: ask for less"
                await request.refuse(503, "time", told, {"retry-after": "30", **_LAST})
            else:
                told = f"the body did not arrive within {self.limits.body_seconds:g} s"
                await request.refuse(408, "time", told, _LAST)
        finally:
            self._held -= request.held

    @property
    def too_large(self) -> TooLarge:
        """Why a body is not read."""
        most = self.limits.body_bytes // 2**20
        return TooLarge(f"the body is larger than {most} MB: send it in parts")

    def hold(self, more: int) -> None:
        """Count bytes of a body that are kept; Full where there are too many."""
        if self._held + more > self.limits.held_bytes:
            raise Full("other requests use the memory available: try again in a few seconds")
        self._held += more


class _Request:
    """One request: what of it was read, and whether its answer began."""

    time: asyncio.Timeout | None = None

    def __init__(self, limited: Limited, scope: Scope, receive: Receive, send: Send) -> None:
        self._limited, self._scope = limited, scope
        self._receive, self._send = receive, send
        self.held = 0
        self.is_read = scope["method"] in ("GET", "HEAD")
        self._is_answered = False

    def wait(self, seconds: float) -> None:
        if self.time is not None and not self.time.expired():
            self.time.reschedule(asyncio.get_running_loop().time() + seconds)

    async def receive(self) -> Message:
        """What of the body comes next."""
        message = await self._receive()
        if message["type"] == "http.request":
            more = len(message.get("body", b""))
            if self.held + more > self._limited.limits.body_bytes:
                raise self._limited.too_large
            self._limited.hold(more)
            self.held += more
            if not message.get("more_body", False) and not self.is_read:
                self.is_read = True
                self.wait(self._limited.limits.answer_seconds)
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer; one that has begun in time is not cut short."""
        if not self._is_answered:
            self.wait(self._limited.limits.answer_seconds)
        self._is_answered = True
        async with asyncio.timeout(self._limited.limits.part_seconds):
            await self._send(message)

    async def refuse(
        self, status: int, name: str, told: str, headers: dict[str, str] | None = None
    ) -> None:
        """Say why there is no answer; where one has begun, it ends there."""
        if not self._is_answered:
            answer = refusal(status, name, told, headers)
            await answer(self._scope, self._receive, self._send)


def _length(scope: Scope) -> int | None:
    """How long a body says it is, 0 where it does not; None where that is no number."""
    told = [text for name, text in scope["headers"] if name == b"content-length"]
    if not told:
        return 0
    return int(told[0]) if len(told) == 1 and told[0].isdigit() and len(told[0]) < 20 else None


@dataclass
class Rated:
    """An application that answers so many requests a second of each client, and some more at once.

    `rate` is in requests per second; as many as come in `burst` seconds are answered at once.
    """

    app: ASGIApp
    rate: float
    burst: float = 2
    clock: Callable[[], float] = time.monotonic
    # By client, the requests that are left to it, and when that was counted.
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it with status 429."""
        if scope["type"] == "http" and (seconds := self.wait_of(client_of(scope))):
            told = f"more than {self.rate:g} requests a second: try again in {seconds} s"
            answer = refusal(429, "rate", told, {"retry-after": str(seconds)})
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def wait_of(self, client: str) -> int:
        """Seconds until a client is answered again; 0, and one request less, where it is now."""
        now, most = self.clock(), max(1.0, self.rate * self.burst)
        left, at = self._left.pop(client, (most, now))
        left = min(most, left + (now - at) * self.rate)
        is_answered = left >= 1
        self._left[client] = (left - is_answered, now)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0 if is_answered else math.ceil((1 - left) / self.rate)


def client_of(scope: Scope) -> str:
    """Who asks: an address, of IPv6 the network, which one client has as a whole.

    >>> client_of({"client": ("2001:db8:1:2:3:4:5:6", 1)}), client_of({"client": None})
    ('2001:db8:1:2::', '')
    """
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


@dataclass
class Answering:
    """An application that has an answer to everything: what nobody expected is logged, not told."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_begun = False

        async def send_and_know(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_know)
        except Exception:
            _log.exception("a request without an answer")
            if scope["type"] == "http" and not is_begun:
                told = "this request cannot be answered: please report it"
                await refusal(500, "server", told, _LAST)(scope, receive, send)
