"""Who is answered: under which names, to pages of which origin, and with which token.

A page of a stranger can have a name of its own that leads to this machine, and its visitor's
browser then takes our answers for the stranger's. So a server answers under its own names only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from tco.api.answers import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
# What every answer says to a browser: it is no page, and nobody else's to read.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_LONGEST_TOLD = 80
# A name or an address, of IPv6 with or without brackets.
_NAME = re.compile(
    r"(\*\.)?[\w-]+(\.[\w-]+)*|(?P<open>\[)?[0-9a-f]*(:[0-9a-f.]*){2,7}(?(open)\])",
    re.ASCII | re.IGNORECASE,
)
# A name, an address, or an address of IPv6 in brackets, and a port.
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]]+|::1)(:\d{1,5})?", re.ASCII)


@dataclass
class SecurityHeaders:
    """An application whose every answer has these headers; a websocket is passed on as it is."""

    app: ASGIApp
    headers: Mapping[str, str]

    def __post_init__(self) -> None:
        self._raw = {name.encode(): text.encode() for name, text in self.headers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name, text) for name, text in message["headers"] if name not in self._raw]
                message = {**message, "headers": [*own, *self._raw.items()]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


@dataclass
class Known:
    """An application that answers under these names, to no page of another origin.

    With a token it answers only who tells it.
    """

    app: ASGIApp
    names: Collection[str]
    token: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it with status 401 or 403."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            answer = None
            if reason := stranger(headers, self.names):
                answer = refusal(403, "host", reason)
            elif self.token and not is_told(self.token, headers.getlist("authorization")):
                told = "this server needs its token: send Authorization: Bearer TOKEN"
                answer = refusal(401, "authorization", told, {"www-authenticate": "Bearer"})
            if answer:
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


def stranger(headers: Headers, names: Collection[str]) -> str:
    """Why a request is not answered; empty where it is.

    `host` is the name under which a program looks for the server, `origin` the address of the page
    that asks, which browsers tell of pages of others.
    """
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not is_named(hosts[0], names):
        known = ", ".join(names)
        return (
            f"not served under the host name {told(', '.join(hosts))}, only under: {known}. "
            "The operator of the server can add a name: --allow-host NAME"
        )
    if any(host_of(origin) != hosts[0] for origin in origins):
        return f"requests from pages of {told(', '.join(origins))} are refused"
    return ""


def is_name(text: str) -> bool:
    """Whether a text is a host name as `is_named` takes it: one without a port.

    >>> is_name("*.example.com"), is_name("2001:db8::1"), is_name("localhost:80"), is_name("*")
    (True, True, False, False)
    """
    return bool(_NAME.fullmatch(text))


def is_named(host: str, names: Collection[str]) -> bool:
    """Whether a host, with or without a port, is one of these names; *. stands for what is before.

    >>> is_named("localhost:8600", LOOPBACK), is_named("[::1]:8600", LOOPBACK)
    (True, True)
    >>> is_named("tco.example.com", ["*.example.com"]), is_named("example.com.evil", LOOPBACK)
    (True, False)
    >>> is_named("[2001:db8::1]:80", ["2001:DB8::1"])
    True
    """
    found = _HOST.fullmatch(host)
    name = found["name"].casefold().rstrip(".").strip("[]") if found else ""
    return any(
        name == one.casefold().strip("[]")
        or (one.startswith("*.") and name.endswith(one[1:].casefold()))
        for one in names
    )


def host_of(origin: str) -> str | None:
    """The host and port of an origin; None where it has none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def is_told(token: str, authorizations: Collection[str]) -> bool:
    """Whether a request tells the token; how long that takes says nothing of it.

    >>> is_told("abc", ["Bearer abc"]), is_told("abc", ["Bearer abd"]), is_told("abc", [])
    (True, False, False)
    """
    if len(authorizations) != 1:
        return False
    kind, _, told = next(iter(authorizations)).partition(" ")
    same = hmac.compare_digest(_digest(told.strip()), _digest(token))
    return same and kind.casefold() == "bearer"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def told(text: str | None) -> str:
    """A text from anybody, as it is told: ASCII, and cut short."""
    return ascii((text or "")[:_LONGEST_TOLD])
