"""The application as `tco serve` answers with it, asked without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tco.api.server import Settings, application


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """What asks for addresses below /api/v1."""
    with TestClient(application(Settings()), "http://localhost/api/v1/") as asked:
        yield asked
