"""Take the pictures of the README anew: pages of the app, and the decision sheet, in Chromium."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from tco.report.sheet import page as sheet_page
from tco.scenario import Scenario
from tests.browser import screens
from tests.browser.conftest import CHROMIUM_ARGUMENTS, DESK, installed_chromium, served

FOLDER = Path(__file__).parent
# The page of the app that a picture shows, and how tall it is.
PAGES = {"screen.png": ("", 900), "options.png": ("options", 1_000), "risk.png": ("risk", 1_463)}
SHEET, SHEET_HEIGHT = "sheet.png", 1_130


def take() -> None:
    """Write every picture."""
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        path = installed_chromium()
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGUMENTS])
        page: Any = browser.new_page(viewport=DESK)
        with served(Path(folder)) as address:
            for name, (shown, height) in PAGES.items():
                page.set_viewport_size({**DESK, "height": height})
                screens.show(page, address, shown)
                page.screenshot(path=FOLDER / name)
        sheet = Path(folder) / "sheet.html"
        sheet.write_text(sheet_page(Scenario(gpu="L4", as_of="2026-11-28")), encoding="utf-8")
        page.set_viewport_size({**DESK, "height": SHEET_HEIGHT})
        page.goto(sheet.as_uri())
        page.screenshot(path=FOLDER / SHEET)
        browser.close()


if __name__ == "__main__":
    take()
