"""How fast the app answers: `python -m benchmarks.browser`, `--seconds 900` for a longer crowd.

Prints a table of docs/performance.md. Chromium and the clients run on the same machine as the
server, so that they take part of its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from tests.browser.conftest import CHROMIUM_ARGUMENTS, installed_chromium, served

CHANGES, STARTS, VISITS = 30, 3, 8
SESSIONS, PERIOD, SECONDS = 25, 2.0, 60.0  # of the crowd, unless told otherwise
QUIET_MS, LIMIT_SECONDS = 500, 60.0
STRIP, SLIDER, MIB, KILO = ".tco-strip", "utilization", 2**20, 1_000
CHART = ".st-key-live svg .own"
SCREENS = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
# From the press of a key to the first change of the strip, to the end of the frame that shows it,
# to the exact answer with its confidence, and to the last change of the chart [ms].
WATCH = """quiet => new Promise(done => {
  const strip = () => document.querySelector('.tco-strip');
  const live = document.querySelector('.st-key-live [data-testid^=stBidiComponent]').shadowRoot;
  const words = () => strip().textContent;
  const before = words();
  let start = null, first = null, painted = null, exact = null, drawn = null, timer = null;
  const since = () => performance.now() - start;
  const look = (isChart) => {
    if (start === null) return;
    if (isChart) drawn = since();
    if (first === null && words() !== before) {
      first = since();
      const frame = new MessageChannel();
      frame.port1.onmessage = () => { painted = since(); };
      requestAnimationFrame(() => frame.port2.postMessage(null));
    }
    if (first !== null && strip().getAttribute('aria-busy') !== 'true') exact ??= since();
    clearTimeout(timer);
    if (exact !== null) timer = setTimeout(end, quiet);
  };
  const ears = [new MutationObserver(() => look(false)), new MutationObserver(() => look(true))];
  const end = () => {
    ears.forEach((ear) => ear.disconnect());
    done([first, painted, exact, drawn ?? exact]);
  };
  const all = {subtree: true, childList: true, characterData: true, attributes: true};
  ears[0].observe(document.querySelector('.st-key-strip'), all);
  ears[1].observe(live, all);
  // Before the slider hears of it, and from the moment at which the key was pressed.
  const press = (event) => { start = event.timeStamp; };
  window.addEventListener('keydown', press, {once: true, capture: true});
})"""
AFTER_A_KEY = {
    "first change of the answer": "17",
    "the frame that shows it": "",
    "exact answer with its confidence": "250",
    "chart": "300",
}
# What moved by itself since the page was opened, as a share of the screen.
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const note = (list) => list.getEntries().forEach((one) => {
    if (!one.hadRecentInput) sum += one.value;
  });
  new PerformanceObserver(note).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 500);
})"""


@dataclass(frozen=True)
class Row:
    """One line of the table; times in milliseconds."""

    what: str
    target: str
    times: list[float]

    def __str__(self) -> str:
        ninety_fifth = statistics.quantiles(self.times, n=20, method="inclusive")[-1]
        middle = statistics.median(self.times)
        return f"| {self.what} | {self.target} | {middle:,.0f} | {ninety_fifth:,.0f} |"


@contextmanager
def app() -> Iterator[str]:
    """The app on a free port of this machine, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address:
        yield address


def server() -> psutil.Process:
    """The process that serves the app."""
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if "tco" in child.cmdline())


@dataclass
class Visit:
    """A new visitor's page: times to the answer and to the chart [ms], and bytes [kB]."""

    page: Page
    answer: float
    chart: float
    kilobytes: float


def visit(browser: Browser, address: str, screen: Any = SCREENS[0]) -> Visit:
    """Open the app as somebody who was never there."""
    page = browser.new_context(viewport=screen).new_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(STRIP)
    answer = 1_000 * (time.perf_counter() - start)
    page.wait_for_selector(CHART)
    chart = 1_000 * (time.perf_counter() - start)
    page.wait_for_timeout(QUIET_MS)
    return Visit(page, answer, chart, sum(received) / KILO)


def cold_start(browser: Browser) -> float:
    """From the start of the process to the first verdict on a screen [ms]."""
    start = time.perf_counter()
    with app() as address:
        page = browser.new_context(viewport=SCREENS[0]).new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(STRIP)
        took = 1_000 * (time.perf_counter() - start)
        page.context.close()
    return took


def key_presses(page: Page) -> list[tuple[float, ...]]:
    """Times of what AFTER_A_KEY names, after each key on a slider [ms]."""
    page.locator("input[type=range]").first.focus()
    page.wait_for_timeout(4 * QUIET_MS)
    times = []
    for _ in range(CHANGES):
        page.evaluate(f"quiet => {{ window.measured = ({WATCH})(quiet); }}", QUIET_MS)
        page.keyboard.press("ArrowRight")
        times.append(tuple(page.evaluate("() => window.measured")))
    return times


@dataclass
class Session:
    """A visitor without a screen: the messages of a browser over its websocket."""

    socket: ClientConnection
    address: str
    lever: str = ""
    moves: int = 0
    errors: list[str] = field(default_factory=list)

    async def run(self, value: float | None = None) -> tuple[float, float]:
        """One run of the page; seconds to the verdict and to the end."""
        start = time.perf_counter()
        await self.socket.send(self._wish(value))
        verdict = 0.0
        while True:
            message = ForwardMsg.FromString(await self.socket.recv(decode=False))
            if message.WhichOneof("type") == "script_finished":
                return verdict, time.perf_counter() - start
            if self._note(message):
                verdict = time.perf_counter() - start

    def _note(self, message: ForwardMsg) -> bool:
        """Whether a message is the verdict; the slider is looked up and errors are kept."""
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.component_name == "sliders":
            self.lever = self.lever or element.bidi_component.id
        if kind in ("exception", "alert"):
            self.errors.append(str(element)[:200])
        return kind == "html" and "class='tco-strip" in element.html.body

    def _wish(self, value: float | None) -> bytes:
        wish = BackMsg()
        wish.rerun_script.context_info.url = self.address
        if value is not None:
            self.moves += 1
            move = {"value": value, "n": self.moves, "live": False}
            states = wish.rerun_script.widget_states.widgets
            states.add(id=self.lever, json_value=json.dumps({"moves": {SLIDER: move}}))
        return bytes(wish.SerializeToString())


async def joined(address: str) -> Session:
    """A new visitor, after the first run of the page."""
    stream = address.replace("http", "ws", 1) + "_stcore/stream"
    session = Session(await connect(stream, subprotocols=["streamlit"], max_size=None), address)
    await session.run()
    return session


async def alone(address: str) -> list[tuple[float, float]]:
    """Changes of one visitor: seconds to the verdict and to the end."""
    session, draw = await joined(address), Random(0)
    times = [await session.run(round(draw.uniform(20, 90), 2)) for _ in range(CHANGES)]
    await session.socket.close()
    return times


async def crowd(address: str, seconds: float) -> tuple[list[float], int, float, float]:
    """Many visitors for so long.

    Seconds to verdicts, errors, and bytes a session at first and at the end.
    """
    process = server()
    sessions = [await joined(address)]
    await sessions[0].run(50.0)
    empty = process.memory_info().rss
    sessions += [await joined(address) for _ in range(SESSIONS - 1)]
    joined_bytes = process.memory_info().rss - empty
    until = time.perf_counter() + seconds
    waits = await asyncio.gather(*(moving(s, at, until) for at, s in enumerate(sessions)))
    used = process.memory_info().rss - empty
    errors = sum(len(session.errors) for session in sessions)
    for session in sessions:
        await session.socket.close()
    others = SESSIONS - 1
    return [one for wait in waits for one in wait], errors, joined_bytes / others, used / others


async def moving(session: Session, at: int, until: float) -> list[float]:
    """One visitor who moves the slider at every period, the first time at one of his own."""
    draw, waits = Random(at), []
    await asyncio.sleep(PERIOD * at / SESSIONS)
    while time.perf_counter() < until:
        start = time.perf_counter()
        async with asyncio.timeout(LIMIT_SECONDS):
            verdict, _ = await session.run(round(draw.uniform(20, 90), 2))
        waits.append(verdict)
        await asyncio.sleep(max(0.0, start + PERIOD - time.perf_counter()))
    return waits


def _milliseconds(times: Iterable[float]) -> list[float]:
    return [1_000 * one for one in times]


def screens(browser: Browser) -> Iterator[Row | str]:
    """What a person in front of a browser sees."""
    starts = [cold_start(browser) for _ in range(STARTS)]
    yield Row("cold start: from the start of the process to the first verdict", "5,000", starts)
    with app() as address:
        visit(browser, address).page.context.close()
        for screen in SCREENS:
            visits, shifts = [], []
            for _ in range(VISITS):
                visits.append(visit(browser, address, screen))
                shifts.append(visits[-1].page.evaluate(SHIFTS))
                visits[-1].page.context.close()
            wide = f"at {screen['width']} px"
            yield Row(
                f"answer on the screen, warm, {wide}", "1,200", [one.answer for one in visits]
            )
            yield Row(f"chart on the screen, warm, {wide}", "1,500", [one.chart for one in visits])
            sizes = [one.kilobytes for one in visits]
            yield Row(f"a first visit, kB, {wide}", "1,500", sizes)
            yield f"| cumulative layout shift, {wide} | 0.02 | {max(shifts):.4f} at most | |"
        presses = zip(*key_presses(visit(browser, address).page), strict=True)
        for (name, bar), times in zip(AFTER_A_KEY.items(), presses, strict=True):
            yield Row(f"{name} after a key on a slider", bar, list(times))


def messages(seconds: float) -> Iterator[Row | str]:
    """What clients without a screen wait for; the crowd stays for so long [s]."""
    with app() as address:
        verdicts, ends = zip(*asyncio.run(alone(address)), strict=True)
        yield Row("verdict, server side", "60", _milliseconds(verdicts))
        yield Row("all of the page, server side", "", _milliseconds(ends))
    with app() as address:
        waits, errors, at_first, at_last = asyncio.run(crowd(address, seconds))
        what = f"verdict with {SESSIONS} sessions, a move every {PERIOD:g} s for {seconds:g} s"
        yield Row(what, "p95 500", _milliseconds(waits))
        yield f"| errors in {len(waits):,} moves | 0 | {errors} | |"
        memory = f"{at_first / MIB:.1f} | {at_last / MIB:.1f} after the moves"
        yield f"| memory of each session after the first, MiB | 10 | {memory} |"


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description="How fast the app answers.")
    asked.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"how long {SESSIONS} sessions move a slider"
    )
    seconds = asked.parse_args().seconds
    print(f"Two cores wanted, {psutil.cpu_count()} there; load {psutil.getloadavg()[0]:.1f}.\n")
    print("| what, in ms | target | median | p95 |", "|---|---|---|---|", sep="\n")
    with sync_playwright() as playwright:
        path, arguments = installed_chromium(), list(CHROMIUM_ARGUMENTS)
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        for row in screens(browser):
            print(row, flush=True)
        browser.close()
    for line in messages(seconds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
