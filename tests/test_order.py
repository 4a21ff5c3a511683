"""The order in which the workers take the tests."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import BROWSER, LONGEST, LONGEST_OF_BROWSER, pytest_collection_modifyitems

ROOT = Path(__file__).resolve().parents[1]


def test_the_longest_come_first_and_those_with_a_browser_last(
    pytestconfig: pytest.Config,
) -> None:
    wanted = [*LONGEST, "tests/api/", *LONGEST_OF_BROWSER, f"{BROWSER}test_amounts.py"]
    assert all((ROOT / name).exists() for name in wanted)
    items = [SimpleNamespace(nodeid=f"{name}::test") for name in reversed(wanted)]
    pytest_collection_modifyitems(items)
    assert [item.nodeid.removesuffix("::test") for item in items] == wanted
    assert pytestconfig.getoption("loadscopereorder") is False, "the workers take another order"


def test_only_tests_that_come_last_start_a_browser() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        is_last = path.relative_to(ROOT).as_posix().startswith(BROWSER)
        assert is_last or path == Path(__file__) or "playwright" not in path.read_text("utf-8")
