"""A server on a free loopback port and a headless Chromium, each started and ended once.

So are the tabs: a new one compiles all scripts of the app anew, which takes longer than most tests.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tco.market.importers import by_hand
from tco.market.store import PriceStore
from tests.browser.runs import watch

ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LACKING = "no Chromium: install Debian's chromium or set TCO_CHROMIUM"
_START_SECONDS = 60
DAY, END = "2026-11-21", "2099-12-31"
DESK = {"width": 1280, "height": 900}


def installed_chromium():
    return os.environ.get("TCO_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def chromium_path():
    if found := installed_chromium():
        return found
    if os.environ.get("CI"):
        pytest.fail(_LACKING, pytrace=False)
    pytest.skip(_LACKING)


@pytest.fixture(scope="session")
def address(chromium_path, tmp_path_factory):  # noqa: ARG001 - no server without a browser
    """Where the app is served, by the command and from a folder that knows nothing of it."""
    with served(tmp_path_factory.mktemp("elsewhere")) as url:
        yield url


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A price store with one rental quote for an L4."""
    found = PriceStore(str(tmp_path_factory.mktemp("store") / "prices.db"))
    quote = by_hand.rental("L4", 0.55, provider="acme", as_of=DAY, valid_until=END, note="a note")
    found.add(quote)
    return found


@pytest.fixture(scope="session")
def store_address(chromium_path, tmp_path_factory, store):  # noqa: ARG001
    """Where the app is served with the price store."""
    path = store.url.removeprefix("sqlite:///")
    with served(tmp_path_factory.mktemp("with-store"), TCO_PRICES=path) as url:
        yield url


LAUNCH = ("-m", "tco", "app")


@contextmanager
def served(folder, *arguments, command=LAUNCH, **environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "log").open("w", encoding="utf-8")
    known = {name: text for name, text in os.environ.items() if name != "TCO_PRICES"}
    known["TCO_STORE"] = str(folder / "own.db")
    server = subprocess.Popen(
        [sys.executable, *command, f"--server.port={port}", *arguments],
        cwd=folder,
        stdout=log,
        stderr=log,
        env={**known, "PYTHONPATH": str(ROOT), **environment},
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server, folder / "log")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait(url, server, log):
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8')}", pytrace=False)


@pytest.fixture(scope="session")
def browser(chromium_path):
    playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium_path, args=list(CHROMIUM_ARGUMENTS)
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def context(browser):
    with visitor(browser) as fresh:
        yield fresh


@contextmanager
def visitor(browser, **options):
    """Somebody who shares nothing with others."""
    # What moves is drawn anew all the time, by the processor, for nobody to see.
    options |= {"viewport": DESK, "accept_downloads": True, "reduced_motion": "reduce"}
    fresh = browser.new_context(**options)
    # The first page of a server on a busy machine.
    fresh.set_default_timeout(1_000 * _START_SECONDS)
    fresh.on("page", watch)
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def _tab(context):
    return context.new_page()


@pytest.fixture(scope="session")
def _other_tab(browser):
    with visitor(browser, has_touch=True) as other:
        yield other.new_page()


@contextmanager
def _emptied(tab):
    tab.set_viewport_size(DESK)
    # What a test before asked for, such as paper, is none of this one.
    tab.emulate_media(media="null", color_scheme="light", forced_colors="null")
    tab.mouse.move(0, 0)
    yield tab
    tab.unroute_all()
    if tab.url.startswith("http"):
        tab.evaluate("localStorage.clear()")  # as a choice of a theme
    tab.goto("about:blank")


@pytest.fixture
def page(_tab):
    """An empty tab at a desk."""
    with _emptied(_tab) as emptied:
        yield emptied


@pytest.fixture
def elsewhere(_other_tab):
    """The same of somebody else, whose screen can be touched too."""
    with _emptied(_other_tab) as emptied:
        yield emptied


@dataclass
class Heard:
    """What a page told and whom it called."""

    said: list[tuple[str, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def complaints(self):
        return [one for one in self.said if one[0] in ("error", "warning", "dialog")]

    def strangers(self, address):
        own = (address, address.replace("http", "ws"), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def heard(page):
    """What is heard from the page as long as the test runs."""
    with listening(page) as heard:
        yield heard


@contextmanager
def listening(page):
    heard = Heard()

    def dismiss(dialog):
        heard.said.append(("dialog", dialog.message))
        dialog.dismiss()

    listeners = {
        "console": lambda said: heard.said.append((said.type, said.text)),
        "pageerror": lambda error: heard.said.append(("error", str(error))),
        "dialog": dismiss,
        "request": lambda request: heard.requests.append(request.url),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    yield heard
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
