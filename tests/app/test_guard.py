"""Strangers get no answer, and the server asks nobody who it is."""

import http.client
import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tco.app import launch
from tco.app.guard import HEADERS, refusal
from tco.cli import main
from tests.browser.conftest import ROOT, served

STRANGER = "rebound.example"
# Every address that the process looks up or connects to, one a line.
WATCHED = """
import os, sys
def note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        told = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        with open(os.environ["SEEN"], "a") as seen:
            seen.write(f"{event} {told!r}\\n")
sys.addaudithook(note)
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A server that listens on every interface, as one that is deployed, and what it asks."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "sitecustomize.py").write_text(WATCHED, encoding="utf-8")
    seen = folder / "seen"
    seen.touch()
    path, known = f"{folder}:{ROOT}", ("--server.address=0.0.0.0", "--server.allowedHosts=tco.test")
    with served(folder, *known, PYTHONPATH=path, SEEN=str(seen)) as address:
        yield urlsplit(address).port, seen


def answer(port, host, path="/", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": host, **headers})
    found = connection.getresponse()
    text = found.read().decode()
    connection.close()
    return found.status, text, found.headers


def stream(port, host, origin):
    """The status of the answer to a browser that opens a websocket."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        try:
            url = f"ws://{host}:{port}/_stcore/stream"
            with connect(url, sock=wire, origin=origin, subprotocols=["streamlit"]):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code


@pytest.mark.parametrize("path", ["/", "/data", "/_stcore/health", "/static/none.js"])
def test_a_page_under_a_strangers_name_reads_nothing(watched, path):
    status, text, headers = answer(watched[0], f"{STRANGER}:{watched[0]}", path)
    assert status == 403
    assert text.startswith(f"This app is not served under the host name '{STRANGER}:{watched[0]}'")
    assert "localhost, 127.0.0.1, tco.test" in text
    assert "tco app --allow-host NAME" in text
    assert headers["content-security-policy"] == HEADERS["content-security-policy"]


def test_a_stranger_that_leads_here_gets_no_stream(watched):
    port = watched[0]
    assert stream(port, STRANGER, f"http://{STRANGER}:{port}") == 403
    assert stream(port, STRANGER, None) == 403


@pytest.mark.parametrize(
    "origin", ["http://stranger.example", "null", "http://localhost:1", "file://"]
)
def test_a_page_of_a_stranger_gets_no_stream_and_no_answer(watched, origin):
    port = watched[0]
    assert stream(port, "localhost", origin) == 403
    status, text, _ = answer(port, f"localhost:{port}", "/_stcore/health", Origin=origin)
    assert status == 403
    assert f"does not accept requests from '{origin}'" in text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "tco.test", "LOCALHOST"])
def test_under_its_own_names_it_answers(watched, host):
    port = watched[0]
    assert answer(port, f"{host}:{port}", "/_stcore/health")[:2] == (200, "ok")
    assert answer(port, host, "/data")[0] == 200
    assert stream(port, host.lower(), f"http://{host.lower()}:{port}") == 101
    assert stream(port, host.lower(), None) == 101


def test_nobody_outside_was_asked_for_an_address(watched):
    port, seen = watched
    assert stream(port, "localhost", "http://stranger.example") == 403
    assert stream(port, "localhost", f"http://localhost:{port}") == 101
    lines = seen.read_text(encoding="utf-8").splitlines()
    others = [line for line in lines if not any(own in line for own in ("127.0.0.1", "0.0.0.0"))]
    assert others == []


def test_the_watch_notices(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WATCHED, encoding="utf-8")
    code = "from streamlit.net_util import get_internal_ip; get_internal_ip()"
    environment = {"PYTHONPATH": str(tmp_path), "SEEN": str(tmp_path / "seen")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert "8.8.8.8" in (tmp_path / "seen").read_text(encoding="utf-8")


def test_streamlit_run_serves_the_same(tmp_path):
    script = ("-m", "streamlit", "run", str(ROOT / "app.py"))
    with served(tmp_path, command=script) as address:
        port = urlsplit(address).port
        status, _, headers = answer(port, f"localhost:{port}", "/data")
        assert status == 200
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert answer(port, STRANGER)[0] == 403
        assert stream(port, "localhost", "http://stranger.example") == 403


@pytest.fixture
def names(monkeypatch):
    known = []
    monkeypatch.setattr("tco.app.guard.config.get_option", lambda _name: known)
    return known


def test_without_a_name_nobody_is_answered(names):
    assert "no name" in refusal("localhost", None)
    names.append("localhost")
    assert refusal("localhost", None) == ""


def test_an_origin_that_is_listed_is_answered(names):
    names += ["localhost", "https://front.example"]
    assert refusal("localhost:8501", "https://front.example") == ""
    assert "front.test" in refusal("localhost:8501", "https://front.test")


def test_what_a_refusal_repeats_is_short_and_plain(names):
    names.append("localhost")
    told = refusal("é\n" * 9_999, None)
    assert len(told) < 600
    assert told.isascii()


def test_a_deployment_adds_names(monkeypatch):
    given = []
    monkeypatch.setattr(launch, "launch", lambda arguments: given.extend(arguments) or 0)
    words = ["app", "--allow-host", "a.example", "--server.port=1", "--allow-host", "*.b.example"]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert given == [
        "--server.allowedHosts=a.example",
        "--server.allowedHosts=*.b.example",
        "--server.port=1",
    ]
    assert "--allow-host NAME" in CliRunner().invoke(main, ["app", "--help"]).output


@pytest.mark.parametrize(("words", "asked"), [([], ""), (["--prices", "shipped"], "shipped")])
def test_prices_are_those_of_this_machine_s_user_unless_others_are_asked_for(
    monkeypatch, words, asked
):
    monkeypatch.setenv("TCO_PRICES", "")
    monkeypatch.setattr(launch, "launch", lambda _arguments: 0)
    assert CliRunner().invoke(main, ["app", *words]).exit_code == 0
    assert os.environ["TCO_PRICES"] == asked
