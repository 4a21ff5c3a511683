"""Who is answered, and with which headers.

A page of a stranger can have a name of its own that leads to this machine, and its visitor's
browser then takes our answers for the stranger's. So the server answers under its own names only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from streamlit import config
from streamlit.web.server.server_util import is_allowed_origin
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from tco.api.guard import LOOPBACK, host_of, told

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# Where the page may load from and send to. What runs in it is Streamlit's, which needs to evaluate.
_POLICY = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
)
HEADERS = {
    "content-security-policy": "; ".join(_POLICY),
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
# What a program between a browser and this server adds to what is asked.
_PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class KnownNames:
    """An application that answers under its own names, and pages of its own, only.

    Its names are those of the setting `server.allowedHosts`. Pages of another origin are answered
    where `server.corsAllowedOrigins` lists it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket, or refuse it with status 403."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            if reason := refusal(headers.get("host"), headers.get("origin")):
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
                else:
                    await PlainTextResponse(reason, 403)(scope, receive, send)
                return
        if scope["type"] == "websocket":
            # Streamlit would ask an outside service for this machine's address, to compare an
            # origin that is listed with it, while everybody waits.
            kept = [(name, text) for name, text in scope["headers"] if name != b"origin"]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)


def refusal(host: str | None, origin: str | None) -> str:
    """Why a request is not answered; empty where it is.

    `host` is the name under which the browser looks for the server, `origin` the address of the
    page that asks, which browsers tell of websockets, uploads and pages of others.
    """
    names: list[str] = config.get_option("server.allowedHosts")
    if not names or not is_host_allowed(host):
        known = ", ".join(names) or "no name"
        return (
            f"This app is not served under the host name {told(host)}, only under: {known}. "
            "Its operator can add a name: tco app --allow-host NAME\n"
        )
    if origin is None or host_of(origin) == host or is_allowed_origin(origin):
        return ""
    return (
        f"This app, served as {told(host)}, does not accept requests from {told(origin)}. "
        "Its operator can allow a page: tco app --server.corsAllowedOrigins=https://NAME\n"
    )


def serves_this_machine(headers: Collection[str] = ()) -> bool:
    """Whether this machine alone is served: nobody else reaches the server, by whatever name.

    `headers` are the names of those with which a browser asked: a proxy, behind which others may
    be, adds some.
    """
    names: list[str] = config.get_option("server.allowedHosts")
    is_near = config.get_option("server.address") in LOOPBACK
    is_known = bool(names) and {*names} <= {*LOOPBACK}
    others = config.get_option("server.corsAllowedOrigins")
    passed_on = {name.casefold() for name in headers} & {*_PASSED_ON}
    return is_near and is_known and not others and not passed_on
