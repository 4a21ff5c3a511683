"""The page as it is served: Streamlit's own, with the look of the app and what it will load.

On the first page the answer to its link stands in it already, made by the code that the page itself
runs: it is read while the scripts still load. When all of the page has come, it is shown instead.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.responses import HTMLResponse

from tco.app import state
from tco.app.style import head
from tco.errors import DataError
from tco.report.strip import converted_markup, markup, strip
from tco.scenario.link import decode
from tco.words.currencies import shown_in

if TYPE_CHECKING:
    from starlette.requests import Request

_log = logging.getLogger(__name__)
STATIC = Path(streamlit.__file__).resolve().parent / "static"
_SCRIPTS = STATIC / "static" / "js"
# A page opened by its own address would look for the server below that address first, and fail. Who
# knows from the start who may talk to the page opens the connection without asking for it first.
_CONNECT = """<script>window.__streamlit = {
  BACKEND_BASE_URL: location.origin,
  HOST_CONFIG: {allowedOrigins: [location.origin], useExternalAuthToken: false},
}</script>"""
# The scripts of what every page shows, which Streamlit asks for only when it is to be shown.
_SHOWN = ("Html", "BidiComponent", "PageLink", "ButtonGroup", "Button", "DownloadButton")
_IMPORT = re.compile(r"(?:from|import)\s*[`\"']\./([\w.-]+\.js)[`\"']")
# Where the answer stands: the rows above it keep their height, see decide.css. On a phone the way
# back to the example has a row of its own.
_FIRST = (
    "<div class='tco-first'><div><div class='st-key-amounts'>{}</div>"
    "<div class='st-key-top {}'></div><div class='st-key-presets'></div>"
    "<div class='st-key-strip'>{}</div></div></div>"
)
_ROOT = '<div id="root">'
# The page waits as long for its answer [s], and is served without one otherwise: the first answers
# of a server, whose libraries are still being loaded, or when many ask at once.
_PATIENCE = 0.25
_ahead = ThreadPoolExecutor(1, "ahead")


async def page(request: Request) -> HTMLResponse:
    """Any page."""
    return _answer(request, _html())


async def decide(request: Request) -> HTMLResponse:
    """The first page, with the answer to its link where that is there in time."""
    query = request.query_params
    link = {name: query.getlist(name) for name in query}
    asked = asyncio.get_running_loop().run_in_executor(
        _ahead, first, link, tuple(request.headers.keys())
    )
    try:
        found = await asyncio.wait_for(asked, _PATIENCE)
    except TimeoutError:
        found = ""
    return _answer(request, _html().replace(_ROOT, f"{found}{_ROOT}", 1))


def _answer(request: Request, text: str) -> HTMLResponse:
    headers = {"cache-control": "no-cache", "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(text, headers=headers)
    packed = gzip.compress(text.encode(), compresslevel=3, mtime=0)
    return HTMLResponse(packed, headers={**headers, "content-encoding": "gzip"})


def first(link: Mapping[str, Sequence[str]], headers: Collection[str]) -> str:
    """The answer to a link as it stands in the page, for who asks with these headers.

    Empty where there is none: the page itself says why.

    >>> "data-tco='word'>BUY<" in first({}, ())
    True
    """
    try:
        scenario = decode(link, state.prices(headers)).scenario
        with shown_in(scenario.conversion):
            told = markup(strip(state.facts(scenario)))
        at_rate = converted_markup(scenario)
        return _FIRST.format(at_rate, "" if scenario.is_example else "tco-yours", told)
    except DataError:
        return ""
    except Exception:
        _log.exception("no answer ahead of the page")
        return ""


@lru_cache(maxsize=1)
def _html() -> str:
    """Streamlit's page, with what is ours at both ends of its head."""
    own = (STATIC / "index.html").read_text(encoding="utf-8")
    own = own.replace("<head>", f"<head>{_CONNECT}", 1)
    links = (
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">'
        for name in _needed(_SHOWN, own)
    )
    return own.replace("</head>", f"{head()}{''.join(links)}</head>", 1)


def _needed(kinds: Iterable[str], own: str) -> list[str]:
    """The files of these kinds of scripts and what they import, but for those of `own`.

    Their names change with each release of Streamlit; where one is not found, nothing is loaded
    ahead.
    """
    found: list[str] = []
    waiting = [file.name for kind in kinds for file in _SCRIPTS.glob(f"{kind}.*.js")]
    while waiting:
        name = waiting.pop(0)
        if name in found or name in own or not (_SCRIPTS / name).is_file():
            continue
        found.append(name)
        waiting += _IMPORT.findall((_SCRIPTS / name).read_text(encoding="utf-8"))
    return found
