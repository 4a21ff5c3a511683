"""The files of the page, compressed once: Streamlit sends what is below /static/ as it is."""

from __future__ import annotations

import gzip
from contextlib import suppress
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
# Of the files that there are, each that was asked for, by the path of its address.
_made: dict[str, bytes] = {}


class Packed:
    """An application whose files below /static/ are sent compressed to who can read that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a file, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            found = await _found(scope["path"], Headers(scope=scope).get("accept-encoding", ""))
            if found is not None:
                kind = _KINDS[Path(scope["path"]).suffix]
                answer = Response(found, media_type=kind, headers=_HEADERS)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _found(path: str, accepted: str) -> bytes | None:
    """The file to be sent; None where it is another's to answer."""
    if "gzip" not in accepted or not path.startswith(_BELOW):
        return None
    if path not in _made and (made := await run_in_threadpool(packed, path)) is not None:
        _made[path] = made
    return _made.get(path)


def packed(path: str) -> bytes | None:
    """A file of Streamlit by the path of its address, compressed; None where there is none.

    A file has one address only: what is kept of them is as much as there are.

    >>> packed("/static/../index.html"), packed("/index.html"), packed("/static/./js/x.js")
    (None, None, None)
    """
    with suppress(OSError, ValueError):  # of what no file can be called
        file = (_ROOT / path.removeprefix("/")).resolve()
        is_its_own = path.startswith(_BELOW) and file.as_posix() == f"{_ROOT.as_posix()}{path}"
        if is_its_own and file.suffix in _KINDS and file.is_file():
            return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
    return None
