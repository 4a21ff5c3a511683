"""One workbook of the defaults, which the tests look at and change."""

from __future__ import annotations

import pytest

from tco.report.workbook import workbook
from tco.scenario import Scenario
from tests.report.workbook.office import Places, places


@pytest.fixture(scope="session")
def base() -> bytes:
    return workbook(Scenario(gpu="L4"))


@pytest.fixture(scope="session")
def named(base: bytes) -> Places:
    return places(base)
