"""`tco serve`: what it refuses before it listens, and that it answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import click
import pytest
from click.testing import CliRunner

import tco
from tco.api.server import Settings, listening
from tco.cli import main
from tco.errors import to_install
from tests.processes import started

FAR = ("--host", "0.0.0.0")
NAMED = (*FAR, "--allow-host", "tco.test")


def told(*words, **environment):
    found = CliRunner().invoke(main, ["serve", *words], env={"TCO_TOKEN": None, **environment})
    return found.exit_code, found.output


def test_to_listen_elsewhere_needs_a_token_and_a_name():
    code, said = told(*FAR)
    assert code == 2
    assert "--token-file" in said
    assert "--allow-host" in said
    assert told(*NAMED)[0] == 2
    code, said = told(*FAR, TCO_TOKEN="a token that is long enough")
    assert (code, "--token-file" in said) == (2, False)


@pytest.mark.parametrize(
    ("content", "code"), [(None, 3), ("", 3), ("short", 2), ("ein Schlüssel mit Umlaut", 2)]
)
def test_a_token_that_is_none_is_refused(tmp_path, content, code):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    for where in (NAMED, ()):
        found, said = told(*where, "--token-file", str(file))
        assert found == code
        assert "token" in said
        assert "answers until" not in said


@pytest.mark.parametrize(
    "words",
    [
        *(("--allow-host", name) for name in ("http://tco.test", "tco.test:8600", "*", "", "a b")),
        *(("--proxy", address) for address in ("proxy.test", "*", "127.0.0.1:80")),
    ],
)
def test_names_and_proxies_that_no_request_has_are_refused(words):
    code, said = told(*words)
    assert (code, "answers until" in said) == (2, False)
    assert words[0].strip("-").replace("-", "_") in said


def test_prices_that_are_not_there_are_told_at_once(tmp_path):
    code, said = told("--prices", str(tmp_path / "none.csv"))
    assert (code, "none.csv" in said) == (3, True)


def test_a_port_that_is_taken_and_a_rate_that_is_none_are_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = told("--port", str(port))
    assert (code, f"port {port} is taken: choose another with --port" in said) == (3, True)
    assert "answers until" not in said
    assert told("--rate", "nan")[0] == 2


def test_a_plain_installation_says_what_is_missing(monkeypatch):
    monkeypatch.delitem(sys.modules, "tco.api.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, said = told()
    assert code == 2
    assert "uvicorn" in said
    assert to_install("serve") in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_answers_until_it_is_stopped(workers, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = tmp_path / "token"
    token.write_text("a token that is long enough\n")
    command = [sys.executable, "-m", "tco", "serve", "--port", str(port), "--workers", workers]
    command += ["--token-file", str(token)]
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/breakeven.json?gpu=T4",
        headers={"Authorization": "Bearer a token that is long enough"},
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    with started(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        answer = b""
        for _ in range(300):
            try:
                with urllib.request.urlopen(asked, timeout=30) as found:
                    answer = found.read()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[1]
    assert json.loads(answer)["results"]["verdict"] == tco.breakeven(gpu="T4").verdict
    assert f"http://127.0.0.1:{port}/api/v1/" in said
    assert "Traceback" not in said
    assert "gpu=T4" not in said


def test_what_is_not_given_is_what_the_server_takes_anyway() -> None:
    command = main.get_command(click.Context(main), "serve")
    assert command is not None
    usual = {param.name: param.default for param in command.params}
    for name in ("host", "port", "workers", "rate", "token_file"):
        assert usual[name] == getattr(Settings(), name), name


def test_small_writes_of_the_server_wait_for_no_acknowledgment() -> None:
    # asyncio switches Nagle's algorithm off for sockets of this protocol only: with it every
    # request over a connection that stays open took 40 ms.
    with listening(Settings(port=0)) as taken:
        assert taken.proto == socket.IPPROTO_TCP
