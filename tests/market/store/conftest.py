"""Stores to test with: files, and a PostgreSQL server that is started and ended here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.market.store import server

_FOUND = server.binaries()
if _FOUND is None and os.environ.get("CI"):
    raise pytest.UsageError("PostgreSQL is not installed: run .ci/postgres")
DATABASES = ["sqlite", *(["postgresql"] if _FOUND else [])]
collect_ignore = [] if _FOUND else ["test_server.py"]
NAMES = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """The folder of a running server's socket."""
    with server.running() as folder:
        yield folder


@pytest.fixture(scope="session")
def administrator(postgresql: Path) -> Iterator[Callable[[str], Any]]:
    """What runs a command on the server."""
    import psycopg

    address = server.url(postgresql)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection.execute


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """What gives the address of a new store, as often as it is called."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/prices-{next(NAMES)}.db"
    folder: Path = request.getfixturevalue("postgresql")
    execute: Callable[[str], Any] = request.getfixturevalue("administrator")

    def schema() -> str:
        name = f"s{next(NAMES)}"
        execute(f"CREATE SCHEMA {name}")
        return server.url(folder, schema=name)

    return schema


@pytest.fixture
def url(fresh: Callable[[], str]) -> str:
    """The address of a new store."""
    return fresh()


@contextmanager
def nobody() -> Iterator[None]:
    """As a user without rights, where the tests run as root."""
    root = os.geteuid() == 0
    if root:
        os.setresuid(65_534, 65_534, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)
