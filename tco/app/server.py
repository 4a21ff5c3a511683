"""The app as it is served, by `tco app` and by `streamlit run app.py` alike.

It answers under its own names only, and the browser is told to load from, and to send to, nothing
but this server.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.runtime import memory_session_storage
from uvicorn.protocols.http import h11_impl

from tco.api.guard import SecurityHeaders
from tco.api.routes import mounted
from tco.app import served, state
from tco.app.guard import HEADERS, KnownNames
from tco.app.packed import Packed
from tco.app.pages import PAGES
from tco.app.sessions import GoneSessions, raise_descriptor_limit
from tco.scenario import Scenario

# Long links too are answered with a list of what is wrong: the server would refuse request lines of
# more than 64 KiB, and Streamlit hands no setting on to it.
h11_impl.DEFAULT_MAX_INCOMPLETE_EVENT_SIZE = 2**20  # type: ignore[attr-defined]
# Streamlit has no setting for how many sessions it keeps whose browser has gone.
memory_session_storage.MemorySessionStorage = GoneSessions  # type: ignore[assignment, misc]
_HERE = Path(__file__).resolve().parent


def warm() -> None:
    """Load what the first simulation and a PDF need; it takes seconds, so it has its own thread.

    What is loaded by then stays: the collector need not look at it again and again.
    """
    from tco.analysis.simulation import odds_of
    from tco.report.pdf import why_no_pdf

    odds_of(Scenario())
    why_no_pdf()
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _warmed(_app: streamlit.App) -> AsyncIterator[None]:
    raise_descriptor_limit()
    Thread(target=warm, daemon=True, name="warm").start()
    yield


# What the application is made of: `streamlit run` looks in a file for the call of App.
PARTS: dict[str, Any] = {
    "script_path": _HERE / "main.py",
    "lifespan": _warmed,
    "routes": [
        *(Route(f"/{page.path}", served.page if page.path else served.decide) for page in PAGES),
        mounted(state.prices),
    ],
    "middleware": [
        Middleware(SecurityHeaders, headers=HEADERS),
        Middleware(KnownNames),
        Middleware(Packed),
    ],
}
app = streamlit.App(**PARTS)
