"""The sliders of the decision sheet against Python, over many scenarios; sizes of their sheets.

`python -m pytest benchmarks/test_sheet_sliders.py -n0`; with `--benchmark-disable` over few.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tco.report.sheet import page as sheet
from tests.browser import moved
from tests.browser.conftest import CHROMIUM_ARGUMENTS, installed_chromium

SCENARIOS, FEW, PLACES, MOST_BYTES = 60, 3, 5, 150_000


def test_every_sheet_says_what_python_says(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Random scenarios and places: results to 1e-9, words and key figures to the letter."""
    untimed = bool(pytestconfig.getoption("benchmark_disable"))
    dice, sizes, path = random.Random(60), [0], tmp_path / "sheet.html"
    calls: list[Any] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed_chromium(), args=list(CHROMIUM_ARGUMENTS)
        )
        tab = browser.new_page()
        tab.on("request", lambda request: calls.append(request.url))
        for scenario in moved.scenarios(FEW if untimed else SCENARIOS, 60):
            document = sheet(scenario)
            path.write_text(document, encoding="utf-8")
            sizes.append(len(document.encode()))
            tab.goto(path.as_uri())
            for _ in range(PLACES):
                moved.assert_same(tab, scenario, moved.places(scenario, dice))
        browser.close()
    assert set(calls) == {path.as_uri()}
    assert max(sizes) < MOST_BYTES
    print(f"largest sheet: {max(sizes):,} bytes")
