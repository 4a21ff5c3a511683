"""The app with security headers: `tco app` serves this, `streamlit run app.py` the script alone.

The browser is told to load from, and to send to, nothing but this server.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import streamlit
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from uvicorn.protocols.http import h11_impl

from tco.app.pages import PAGES
from tco.scenario import Scenario

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
# Long links too are answered with a list of what is wrong: the server would refuse request lines of
# more than 64 KiB, and Streamlit hands no setting on to it.
h11_impl.DEFAULT_MAX_INCOMPLETE_EVENT_SIZE = 2**20  # type: ignore[attr-defined]
_HERE, _STATIC = Path(__file__).resolve().parent, Path(streamlit.__file__).parent / "static"
# A page opened by its own address would look for the server below that address first, and fail.
_HEAD = "<head><script>window.__streamlit = {BACKEND_BASE_URL: location.origin}</script>"
_HTML = (_STATIC / "index.html").read_text(encoding="utf-8").replace("<head>", _HEAD, 1)


class SecurityHeaders:
    """An application whose every answer has HEADERS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a websocket is passed on as it is."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name, text) for name, text in message["headers"] if name not in _RAW]
                message = {**message, "headers": [*own, *_RAW.items()]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


_RAW = {name.encode(): text.encode() for name, text in HEADERS.items()}


async def _page(_request: Request) -> HTMLResponse:
    return HTMLResponse(_HTML, headers={"cache-control": "no-cache"})


def warm() -> None:
    """Load what the first simulation needs; it takes seconds, so it has a thread of its own.

    What is loaded by then stays: the collector need not look at it again and again.
    """
    from tco.analysis.simulation import odds_of

    odds_of(Scenario())
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _warmed(_app: streamlit.App) -> AsyncIterator[None]:
    Thread(target=warm, daemon=True, name="warm").start()
    yield


app = streamlit.App(
    _HERE / "main.py",
    lifespan=_warmed,
    routes=[Route(f"/{page.path}", _page) for page in PAGES if page.path],
    middleware=[Middleware(SecurityHeaders)],
)
