"""How much is timed, and how much runs where nothing is timed (`--benchmark-disable`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_FEWER = 100


@pytest.fixture(scope="session")
def sized(pytestconfig: pytest.Config) -> Callable[[int], int]:
    """The rows of a table: a hundredth of them where a benchmark only has to run."""
    untimed = bool(pytestconfig.getoption("benchmark_disable"))
    return lambda rows: rows // _FEWER if untimed else rows
