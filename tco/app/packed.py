"""The files of the page, compressed once: Streamlit sends what is below /static/ as it is."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_ROOT = Path(streamlit.__file__).resolve().parent / "static"
_BELOW = "/static/"
# What becomes smaller, and the type of those that have none in Python's table.
_KINDS = {".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf", ".svg": "image/svg+xml"}
_HEADERS = {
    "cache-control": "public, immutable, max-age=31536000",
    "content-encoding": "gzip",
    "vary": "accept-encoding",
}


class Packed:
    """An application whose files below /static/ are sent compressed to who can read that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a file, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            accepted = Headers(scope=scope).get("accept-encoding", "")
            found = await run_in_threadpool(packed, scope["path"]) if "gzip" in accepted else None
            if found is not None:
                kind = _KINDS[Path(scope["path"]).suffix]
                answer = Response(found, media_type=kind, headers=_HEADERS)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


@lru_cache(maxsize=512)
def packed(path: str) -> bytes | None:
    """A file of Streamlit by the path of its address, compressed; None where there is none.

    >>> packed("/static/../index.html"), packed("/index.html")
    (None, None)
    """
    if not path.startswith(_BELOW):
        return None
    file = (_ROOT / path.removeprefix("/")).resolve()
    is_inside = file.is_relative_to(_ROOT / _BELOW.strip("/"))
    if not is_inside or file.suffix not in _KINDS or not file.is_file():
        return None
    return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
