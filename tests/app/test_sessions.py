"""How many visitors a server can hold."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from tco.app.sessions import MOST_GONE, GoneSessions
from tests.browser.conftest import ROOT, served

resource = pytest.importorskip("resource", reason="Windows has no limit of descriptors")
FEW, VISITS = 90, 40


class Visit:
    """What Streamlit keeps of a session, as far as the storage looks at it."""

    def __init__(self, name):
        self.ended = 0
        self.session = SimpleNamespace(id=name, shutdown=self.end)

    def end(self):
        self.ended += 1


def run(coroutine):
    # In a thread: a browser of another test may run a loop in this one.
    with ThreadPoolExecutor() as pool:
        return pool.submit(lambda: asyncio.run(coroutine)).result()


def test_only_the_last_sessions_are_kept_and_the_others_ended():
    visits = [Visit(str(at)) for at in range(5)]

    async def gone():
        storage = GoneSessions(60, most=3)
        for visit in visits:
            storage.save(visit)
        assert not any(visit.ended for visit in visits), "the caller holds a lock"
        await asyncio.sleep(0)
        return storage

    storage = run(gone())
    assert [visit.ended for visit in visits] == [1, 1, 0, 0, 0]
    assert storage.list() == visits[2:]
    assert storage.get("0") is None
    assert storage.get("4") is visits[4]


def test_a_session_ends_after_its_time_unless_its_browser_is_back(monkeypatch):
    stays, returns = Visit("stays"), Visit("returns")

    async def gone():
        loop, ends = asyncio.get_running_loop(), []
        # The seconds go by when the test says so.
        monkeypatch.setattr(loop, "call_later", lambda _ttl, *end: ends.append(end))
        storage = GoneSessions(60)
        storage.save(stays)
        storage.save(returns)
        storage.delete("returns")  # its browser is back
        storage.delete("unknown")
        storage.save(again := Visit("stays"))  # went once more: its time starts anew
        for end, visit in ends[:2]:
            end(visit)
        assert storage.get("stays") is again
        end, visit = ends[2]
        end(visit)
        return storage, again

    storage, again = run(gone())
    assert storage.list() == []
    assert (stays.ended, returns.ended, again.ended) == (0, 0, 1)


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one():
    code = (
        "import resource as r; from tco.app.sessions import raise_descriptor_limit as up\n"
        "hard = min(r.getrlimit(r.RLIMIT_NOFILE)[1], 5_000) if r.getrlimit(r.RLIMIT_NOFILE)[1] > 0"
        " else 5_000\n"
        "r.setrlimit(r.RLIMIT_NOFILE, (64, hard))\n"
        "assert up() == hard == r.getrlimit(r.RLIMIT_NOFILE)[0]\n"
        "assert up() == hard\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_visitors_come_and_go_under_a_low_limit(tmp_path):
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({FEW}, {FEW}))\n"
        "from tco.app.launch import launch; launch(sys.argv[1:])"
    )
    with served(tmp_path, command=("-c", code)) as address:
        port = urlsplit(address).port
        for _ in range(VISITS):
            stream = f"ws://127.0.0.1:{port}/_stcore/stream"
            with connect(stream, subprotocols=["streamlit"], open_timeout=60):
                pass
        log = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert len(log) < 20, log[:20]
    assert 3 * MOST_GONE < FEW < 3 * VISITS, "the limit is one that all sessions would pass"
