"""What all tests share."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.market.store.server import binaries

# The workers take file after file: what takes long comes first, of what has no browser and of what
# has one. Those come last of all, since Playwright leaves its event loop running in their thread:
# whoever starts one after them, as any script with `asyncio.run` does, is refused.
LONGEST = tuple(f"tests/{folder}/" for folder in ("report", "analysis", "app", "model"))
BROWSER = "tests/browser/"
LONGEST_OF_BROWSER = tuple(
    f"{BROWSER}test_{topic}.py"
    for topic in ("widgets", "accessibility", "pages", "handover", "calm", "data", "curve_slider")
)

# The shell writes for a terminal of its usual width: workers are given that of some other one.
os.environ.pop("COLUMNS", None)

# While tests are collected nothing is garbage, and looking for some takes a third of the time.
gc.disable()

settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile(
    "mutation", max_examples=25, deadline=None, derandomize=True, database=None
)
settings.load_profile("ci")


def pytest_report_header() -> list[str]:
    """What is not there to test with is said, and its tests are not counted."""
    found, lacking = "tested", "not tested, and not counted: "
    catalogues = found if os.environ.get("TCO_CATALOGUES") else f"{lacking}TCO_CATALOGUES not set"
    server = found if binaries() else f"{lacking}PostgreSQL not found (.ci/postgres)"
    return [f"real catalogue files: {catalogues}", f"price store on PostgreSQL: {server}"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, those with a browser last (`--no-loadscope-reorder` keeps this)."""
    items.sort(key=lambda item: _turn(item.nodeid))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def _turn(test: str) -> tuple[bool, int]:
    with_browser = test.startswith(BROWSER)
    longest = LONGEST_OF_BROWSER if with_browser else LONGEST
    place = (at for at, start in enumerate(longest) if test.startswith(start))
    return with_browser, next(place, len(longest))
