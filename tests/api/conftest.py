"""The application as `tco serve` answers with it, without a network and on a server of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from tco.api.server import Punctual, Settings, application, run_options


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """What asks for addresses below /api/v1."""
    with TestClient(application(Settings(rate=1e6)), "http://localhost/api/v1/") as asked:
        yield asked


class Impatient(Punctual):
    """A connection that waits for a second at most; there are few of them."""

    seconds, taken_seconds, most = 1.0, 1.0, 150


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[int]:
    """The port of a server on this machine that answers with an application."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = run_options(Settings(port=port)) | {"http": Impatient, "log_level": "critical"}
    server = uvicorn.Server(uvicorn.Config(app, **options))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until, "the server does not start"
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(timeout=30)
