"""How long others wait while files that take the most work arrive: `python -m benchmarks.uploads`.

Prints rows of the table in docs/performance.md. The clients run on the same machine as the server,
so that they take part of its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from urllib.parse import urlsplit

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browser import SESSIONS, Row, Session, app, joined, moving, server
from tco.app.report_page import LARGEST_BYTES
from tco.app.tables import MOST_QUESTIONS, MOST_ROWS
from tco.inputs import INPUTS
from tco.market.catalogue import load

# Visitors who do nothing but upload, one file after the other.
UPLOADERS = 2
_BOUNDARY = "a-boundary-that-no-file-holds"
_XSRF = "_streamlit_xsrf"


def worst_files() -> Iterator[tuple[str, bytes]]:
    """Files within every limit that take the most work, none of them like another."""
    draw, kinds = Random(0), (_questions, _wrong_cells, _unknown_names, _dates)
    for number in itertools.count():
        yield f"{number}.csv", kinds[number % len(kinds)](draw).encode()[:LARGEST_BYTES]


def _questions(draw: Random) -> str:
    """As many different questions of the data as are answered, on rows that differ."""
    data, last = load(), _newest()
    choices = [sorted(data.gpus), sorted(data.renting), sorted(data.regions), ["on_demand", "spot"]]
    asked = [
        ",".join([*map(draw.choice, choices), str(last - timedelta(days=draw.randrange(900)))])
        for _ in range(MOST_QUESTIONS)
    ]
    rows = (f"{asked[at % MOST_QUESTIONS]},{draw.random():.6f}" for at in range(MOST_ROWS))
    return "\n".join(["gpu,provider,region,term,as_of,utilization", *rows])


def _newest() -> date:
    return date.fromisoformat(load().newest)


def _wrong_cells(draw: Random) -> str:
    """Rows of which every cell is wrong, in other ways than in the rows before."""
    names = [n for n, one in INPUTS.items() if one.numeric and n != "commitment_months"]
    start = draw.randrange(1_000)
    widest = ",".join(["z999"] * len(names))
    rows = range(min(MOST_ROWS, LARGEST_BYTES // len(widest) - 10))
    return "\n".join(
        [",".join(names), *(widest.replace("z999", f"z{(start + at) % 1_000}") for at in rows)]
    )


def _unknown_names(draw: Random) -> str:
    """Names that nobody knows, each of which is compared with all that are known."""
    names = [f"NVIDIA X{draw.randrange(10**9)}" for _ in range(MOST_QUESTIONS)]
    rows = (f"{names[at % MOST_QUESTIONS]},{'us-central'}" for at in range(MOST_ROWS))
    return "\n".join(["gpu,region", *rows])


def _dates(draw: Random) -> str:
    """A date of its own for each row: more than are answered."""
    last = _newest() - timedelta(days=draw.randrange(100))
    return "\n".join(["as_of", *(str(last - timedelta(days=at)) for at in range(MOST_ROWS))])


@dataclass
class Uploader:
    """A visitor of the page Report who opens files."""

    session: Session
    times: list[float] = field(default_factory=list)
    widget: str = ""

    async def run_until(self, until: float, files: Iterator[tuple[str, bytes]]) -> None:
        """Open one file after the other; the seconds of each go into `times`."""
        await self._answers(self._wish(), str)
        while time.perf_counter() < until:
            name, data = next(files)
            start = time.perf_counter()
            await self._open(name, data)
            self.times.append(time.perf_counter() - start)

    async def _open(self, name: str, data: bytes) -> None:
        wish = BackMsg()
        wish.file_urls_request.request_id = name
        wish.file_urls_request.file_names.append(name)
        found: list[ForwardMsg] = []
        await self._answers(wish, found.append, "file_urls_response")
        urls = found[-1].file_urls_response.file_urls[0]
        await asyncio.to_thread(_put, self.session.address, urls.upload_url, name, data)
        wish = self._wish()
        state = wish.rerun_script.widget_states.widgets.add(id=self.widget)
        file = state.file_uploader_state_value.uploaded_file_info.add()
        file.name, file.size, file.file_id = name, len(data), urls.file_id
        file.file_urls.CopyFrom(urls)
        said: list[str] = []
        await self._answers(wish, lambda message: said.append(_text(message)))
        if not any(name in text for text in said):
            raise RuntimeError(f"the page says nothing of {name}")

    def _wish(self) -> BackMsg:
        wish = BackMsg()
        wish.rerun_script.page_name = "report"
        wish.rerun_script.context_info.url = f"{self.session.address}report"
        return wish

    async def _answers(
        self, wish: BackMsg, note: Callable[[ForwardMsg], object], last: str = "script_finished"
    ) -> None:
        await self.session.socket.send(bytes(wish.SerializeToString()))
        while True:
            message = ForwardMsg.FromString(await self.session.socket.recv(decode=False))
            element = message.delta.new_element
            if element.WhichOneof("type") == "file_uploader":
                self.widget = element.file_uploader.id
            note(message)
            if message.WhichOneof("type") == last:
                return


def _text(message: ForwardMsg) -> str:
    element = message.delta.new_element
    return f"{element.markdown.body} {element.html.body} {element.alert.body}".replace("\\", "")


def _put(address: str, path: str, name: str, data: bytes) -> None:
    """Send a file as a browser does, with the token of the server's cookie."""
    server = urlsplit(address)
    connection = http.client.HTTPConnection(server.hostname or "", server.port, timeout=60)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookie = next(c for c in answer.headers.get_all("set-cookie", []) if c.startswith(_XSRF))
    token = cookie.removeprefix(f"{_XSRF}=").partition(";")[0]
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
    head = f"--{_BOUNDARY}\r\n{disposition}\r\nContent-Type: text/csv\r\n\r\n"
    headers = {
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Cookie": f"{_XSRF}={token}",
        "X-Xsrftoken": token,
    }
    body = head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
    connection.request("PUT", path, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"the upload was refused: {answer.status} {told[:200]!r}")


@dataclass(frozen=True)
class Crowd:
    """What many visitors at once came to: times [ms], errors, and the server's processor time.

    The latter without the process in which tables are worked on, until the last move ended.
    """

    waits: list[float]
    opened: list[float]
    errors: int
    seconds: float
    server_seconds: float

    def rows(self, told: str) -> Iterator[Row | str]:
        """Rows of the table; `told` says who there was."""
        moves = len(self.waits)
        yield Row(f"verdict with {told}", "p95 500", self.waits)
        if len(self.opened) > 1:
            yield Row(f"each of {len(self.opened)} such uploads", "", self.opened)
        yield f"| errors in {moves:,} moves | 0 | {self.errors} | |"
        each, share = 1_000 * self.server_seconds / moves, self.server_seconds / self.seconds
        yield f"| processor time of the server, ms for each move | 56 | {each:.0f} | |"
        yield f"| the same, % of one core | 70 | {100 * share:.0f} | |"


async def crowd_with_uploads(address: str, seconds: float, uploaders: int) -> Crowd:
    """Visitors who move sliders, and others who upload files one after the other."""
    process = server()
    sessions = [await joined(address) for _ in range(SESSIONS)]
    openers = [Uploader(await joined(address)) for _ in range(uploaders)]
    start, before = time.perf_counter(), process.cpu_times()
    until, files = start + seconds, worst_files()
    tasks = [asyncio.create_task(opener.run_until(until, files)) for opener in openers]
    waits = await asyncio.gather(*(moving(one, at, until) for at, one in enumerate(sessions)))
    took, after = time.perf_counter() - start, process.cpu_times()
    await asyncio.gather(*tasks)
    for session in (*sessions, *(opener.session for opener in openers)):
        await session.socket.close()
    errors = sum(len(session.errors) for session in sessions)
    return Crowd(
        [1_000 * one for wait in waits for one in wait],
        [1_000 * one for opener in openers for one in opener.times],
        errors,
        took,
        after.user + after.system - before.user - before.system,
    )


def main() -> None:
    """Print the rows of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--uploaders", type=int, default=UPLOADERS)
    told = parser.parse_args()
    print(f"Two cores wanted, {psutil.cpu_count()} there; load {psutil.getloadavg()[0]:.1f}.\n")
    with app() as address:
        crowd = asyncio.run(crowd_with_uploads(address, told.seconds, told.uploaders))
    who = f"{SESSIONS} sessions for {told.seconds:g} s, {told.uploaders} more upload worst files"
    for row in crowd.rows(who):
        print(row)


if __name__ == "__main__":
    main()
