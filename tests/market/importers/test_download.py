"""Downloads from servers that misbehave: nothing hangs, nothing grows, nothing half-done stays."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import netrc
import re
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
import trustme

from tco.errors import DataError, InputError
from tco.market.catalogue import load
from tco.market.importers import PUBLIC
from tco.market.importers.download import (
    BASE,
    REF,
    Downloaded,
    Limits,
    ListDownload,
    Unreachable,
    chosen_lists,
    fetch,
    fetch_all,
    price_lists,
)
from tco.version import __version__
from tests.market.importers.server import BEHAVIORS, PRICES, Handler, Server, serving

ROOT = Path(__file__).resolve().parents[3]
MEBIBYTE = 2**20
SMALL = Limits(
    bytes=MEBIBYTE, connect_seconds=2, read_seconds=2, total_seconds=8, retries=2, pause_seconds=0
)
IMPATIENT = replace(SMALL, read_seconds=0.2, total_seconds=0.5)
ONCE = replace(SMALL, retries=0)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "vms.csv"
    path.write_bytes(b"old")
    return path


def failure(server: Server, path: str, target: Path, limits: Limits) -> str:
    """What is said when it fails; the older file stays, and nothing lies beside it."""
    url = server.url(path)
    with pytest.raises(DataError) as caught:
        fetch(url, target, limits=limits)
    assert target.read_bytes() == b"old"
    assert [entry.name for entry in target.parent.iterdir()] == ["vms.csv"]
    said = str(caught.value)
    assert said.startswith(f"{url}: ")
    assert said.isprintable()
    return said.removeprefix(f"{url}: ")


def calls(server: Server, path: str) -> int:
    return server.calls[path]


@pytest.mark.parametrize("path", ["/good", "/bytes", "/csv", "/chunked", "/gzip", "/moved"])
def test_a_file_arrives_whole(server: Server, path: str, target: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    done = fetch(server.url(path), target, limits=SMALL, progress=lambda *now: seen.append(now))
    assert target.read_bytes() == PRICES
    assert done == Downloaded(
        url=server.url(path),
        path=target,
        sha256=hashlib.sha256(PRICES).hexdigest(),
        bytes=len(PRICES),
        accessed=datetime.now(UTC).date().isoformat(),
    )
    expected = None if path in ("/chunked", "/gzip") else len(PRICES)
    assert seen[-1] == (len(PRICES), expected)
    assert [size for size, _ in seen] == sorted({size for size, _ in seen})
    assert [entry.name for entry in target.parent.iterdir()] == ["vms.csv"]


def test_a_new_folder_is_made(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "catalogs" / "v8" / "vms.csv"
    assert fetch(server.url("/good"), path, limits=SMALL).path == path
    assert path.read_bytes() == PRICES


def test_a_notebook_downloads_too(server: Server, target: Path) -> None:
    async def cell() -> Path:
        return fetch(server.url("/good"), target, limits=SMALL).path

    with ThreadPoolExecutor(1) as kernel:
        assert kernel.submit(lambda: asyncio.run(cell())).result() == target
    assert target.read_bytes() == PRICES


def test_the_server_learns_who_asks_and_no_password(
    server: Server, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = tmp_path / "netrc"
    passwords.write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(passwords))
    assert netrc.netrc(passwords).authenticators("127.0.0.1") == ("user", "", "secret")
    fetch(server.url("/good"), target, limits=SMALL)
    sent = server.headers["/good"]
    assert sent["User-Agent"] == f"gpu-tco/{__version__}"
    assert sent["Accept-Encoding"] == "gzip"
    assert "Authorization" not in sent


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/404", "status 404 Not Found"),
        ("/204", "status 204 No Content"),
        ("/599", "status 599"),
        ("/html", "its content type 'text/html' is not that of a price list"),
        ("/json", "its content type 'application/json' is not that of a price list"),
        ("/untyped", "its content type '' is not that of a price list"),
        ("/brotli", "its content encoding 'br' was not asked for"),
        ("/bomb-in-bomb", "its content encoding 'gzip, gzip' was not asked for"),
        ("/empty", "is empty"),
        ("/endless-lines", "does not say where it ends, so that it cannot be known as complete"),
        ("/huge", "2,147,483,648 bytes, more than the limit of 1,048,576"),
        ("/huge-chunks", "more bytes than the limit of 1,048,576"),
        ("/bomb", "more bytes than the limit of 1,048,576"),
        ("/loop", "more than 3 redirects, the limit"),
        ("/to-http", "redirects to another address; http://example.com/vms.csv: is not an https"),
        ("/to-file", "redirects to another address; file:///etc/passwd: is not an https address"),
        ("/come-back-next-year", "status 503 Service Unavailable; the next try is due in"),
    ],
)
def test_what_another_try_cannot_mend_is_asked_for_once(
    server: Server, target: Path, path: str, says: str
) -> None:
    before = calls(server, path)
    assert failure(server, path, target, SMALL).startswith(says)
    assert calls(server, path) - before == (4 if path == "/loop" else 1)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/503", "status 503 Service Unavailable; tried 3 times"),
        ("/truncated", "broke off before its end; tried 3 times"),
        ("/truncated-chunks", "broke off before its end; tried 3 times"),
        ("/gzip-cut", "broke off before its end; tried 3 times"),
        ("/bad-chunks", "broke off before its end; tried 3 times"),
        ("/reset", "the connection failed: [Errno 104] Connection reset by peer; tried 3 times"),
        ("/nonsense", "the connection failed: illegal status line: "),
        ("/not-gzip", "the connection failed: Error -3 while decompressing data"),
    ],
)
def test_what_another_try_may_mend_is_tried_again(
    server: Server, target: Path, path: str, says: str
) -> None:
    before = calls(server, path)
    assert failure(server, path, target, SMALL).startswith(says)
    assert calls(server, path) - before == 3
    assert failure(server, path, target, ONCE).endswith("; tried once")


@pytest.mark.parametrize(
    ("path", "tries"),
    [
        ("/500-once", 2),
        ("/429-twice", 3),
        ("/truncated-once", 2),
        ("/longer-once", 2),
        ("/reset-once", 2),
        ("/silent-once", 2),
        ("/come-back-whenever", 2),
    ],
)
def test_another_try_mends_it(server: Server, target: Path, path: str, tries: int) -> None:
    done = fetch(server.url(path), target, limits=replace(SMALL, read_seconds=0.5))
    assert done.sha256 == hashlib.sha256(PRICES).hexdigest()
    assert target.read_bytes() == PRICES
    assert calls(server, path) == tries


def test_the_pause_that_a_server_asks_for_is_kept(server: Server, target: Path) -> None:
    start = time.monotonic()
    fetch(server.url("/come-back"), target, limits=SMALL)
    assert 1 <= time.monotonic() - start < 4


def test_the_pauses_between_tries_double(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tco.market.importers.download.time.sleep", pauses.append)
    failure(server, "/503", target, replace(SMALL, retries=4, pause_seconds=0.5))
    assert pauses == [0, 1, 2, 4]


@pytest.mark.parametrize("path", ["/drip", "/drip-head", "/drip-chunk"])
def test_a_server_that_drips_holds_nobody(server: Server, target: Path, path: str) -> None:
    start = time.monotonic()
    assert failure(server, path, target, IMPATIENT) == "not complete after 0.5 seconds, the limit"
    assert time.monotonic() - start < 4
    assert calls(server, path) == 1


@pytest.mark.parametrize("path", ["/silent", "/silent-body"])
def test_a_silent_server_is_left(server: Server, target: Path, path: str) -> None:
    start = time.monotonic()
    limits = replace(ONCE, read_seconds=0.2)
    assert failure(server, path, target, limits) == "silent for 0.2 seconds, the limit; tried once"
    assert time.monotonic() - start < 4
    limits = replace(IMPATIENT, retries=9)
    assert failure(server, path, target, limits) == "not complete after 0.5 seconds, the limit"
    assert time.monotonic() - start < 4
    start = time.monotonic()
    limits = replace(IMPATIENT, read_seconds=5)
    assert failure(server, path, target, limits) == "not complete after 0.5 seconds, the limit"
    assert time.monotonic() - start < 4


def test_nothing_is_read_when_time_is_up(server: Server, target: Path) -> None:
    before = calls(server, "/good")
    limits = replace(SMALL, total_seconds=0)
    assert failure(server, "/good", target, limits) == "not complete after 0 seconds, the limit"
    assert calls(server, "/good") == before


def test_a_name_that_is_looked_up_for_ever_holds_nobody(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    start = time.monotonic()
    with pytest.raises(DataError, match=r"not complete after 0\.5 seconds, the limit"):
        fetch("https://example.org/vms.csv", target, limits=IMPATIENT)
    assert time.monotonic() - start < 2


def test_the_body_of_a_redirect_is_not_read(server: Server, target: Path) -> None:
    done = fetch(server.url("/moved-with-body"), target, limits=SMALL)
    assert done.bytes == len(PRICES)


@pytest.mark.parametrize("path", ["/huge-chunks", "/bomb"])
def test_memory_does_not_grow_with_the_body(server: Server, target: Path, path: str) -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        try:
            failure(server, path, target, replace(ONCE, bytes=size))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(MEBIBYTE)
    small, large = peak(MEBIBYTE), peak(40 * MEBIBYTE)
    assert large < 4 * MEBIBYTE
    assert large - small < MEBIBYTE


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/vms.csv", "is not an https address"),
        ("http://localhost.example.com/vms.csv", "is not an https address"),
        ("ftp://127.0.0.1/vms.csv", "is not an https address"),
        ("file:///etc/passwd", "is not an https address"),
        ("vms.csv", "is not an https address"),
        ("https:///vms.csv", "is not an https address"),
        ("https://user:secret@example.com/", "with a user name or password is not used"),
        ("https://[::1/vms.csv", "is not an address"),
        ("https://example.com:port/vms.csv", "is not an address"),
        ("https://a..b/vms.csv", r"vms\.csv: is not an address$"),
    ],
)
def test_addresses_that_are_not_used(target: Path, url: str, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        fetch(url, target, limits=ONCE)
    assert "secret" not in str(caught.value)
    assert target.read_bytes() == b"old"


def test_nobody_listens(target: Path) -> None:
    with serving() as gone:
        url = gone.url("/good")
    with pytest.raises(Unreachable, match=r"no connection: \[Errno 111\].*; tried 3 times"):
        fetch(url, target, limits=SMALL)


def test_a_server_that_takes_no_connection(target: Path) -> None:
    start = time.monotonic()
    limits = replace(ONCE, connect_seconds=0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as held:
        address = full.getsockname()
        with pytest.raises(DataError, match=r"no connection within 0\.2 seconds"):
            fetch(f"https://127.0.0.1:{address[1]}/vms.csv", target, limits=limits)
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        with pytest.raises(Unreachable, match=r"within 0\.2 seconds, the limit"):
            fetch(f"http://127.0.0.1:{address[1]}/vms.csv", target, limits=limits)
        limits = replace(SMALL, connect_seconds=10, total_seconds=0.2)
        with pytest.raises(DataError, match=r"not complete after 0\.2 seconds, the limit"):
            fetch(f"http://127.0.0.1:{address[1]}/vms.csv", target, limits=limits)
    assert time.monotonic() - start < 4


def test_the_message_is_about_this_connection(target: Path) -> None:
    with serving() as gone:
        url = gone.url("/good")
    try:
        raise KeyError("another error, being handled")
    except KeyError:
        with pytest.raises(Unreachable, match="Connection refused"):
            fetch(url, target, limits=ONCE)


def test_a_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match=r"vms\.csv: (Not a directory|File exists)"):
        fetch(server.url("/good"), tmp_path / "file" / "vms.csv", limits=SMALL)


def test_a_certificate_of_an_unknown_authority_is_refused(
    authority: trustme.CA, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with serving(context) as secure:
        url = secure.url("/good", "localhost")
        with pytest.raises(DataError, match=r"is not secure: .*CERTIFICATE_VERIFY_FAILED"):
            fetch(url, target, limits=SMALL)
        assert secure.calls["/good"] == 0
        with authority.cert_pem.tempfile(str(tmp_path)) as bundle:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
            assert fetch(url, target, limits=SMALL).bytes == len(PRICES)
            with pytest.raises(DataError, match=r"is not secure: .*IP address mismatch"):
                fetch(secure.url("/good"), target, limits=SMALL)
            with pytest.raises(
                DataError, match=r"redirects to http://127\.0\.0\.1:9/vms\.csv, which"
            ):
                fetch(secure.url("/to-loopback", "localhost"), target, limits=SMALL)
            limits = replace(IMPATIENT, retries=0)
            for path in ("/drip", "/drip-head"):
                with pytest.raises(DataError, match="not complete after"):
                    fetch(secure.url(path, "localhost"), target, limits=limits)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(DataError, match=r"the connection failed: .*missing\.pem"):
        fetch(url, target, limits=ONCE)


def test_every_list_is_of_a_known_provider_and_says_where_it_was_seen() -> None:
    rows = price_lists()
    assert {row.provider for row in rows} <= set(load().providers)
    seen = r"at commit [0-9a-f]{40}|pull requests? \d+|accelerators[.]csv at [0-9a-f]{40}"
    assert {row.provider for row in rows if not re.search(seen, row.note)} == {"azure"}
    assert {row.collector for row in rows} == set(PUBLIC)
    assert {"aws", "gcp", "lambda", "runpod"} <= {
        row.provider for row in rows if row.as_of == "download"
    }


def test_addresses_of_the_lists() -> None:
    def addresses(base: str, ref: str, providers: Collection[str] | None) -> dict[str, str]:
        return {row.provider: row.url(base, ref) for row in chosen_lists(ref, providers)}

    usual = addresses(BASE, REF, None)
    assert usual["gcp"] == f"{BASE}/master/catalogs/v8/gcp/vms.csv"
    assert "azure" not in usual
    assert "vastai" not in usual
    assert addresses(f"{BASE}/", REF, ["gcp"]) == {"gcp": usual["gcp"]}
    commit = "2c3d7ea7d76bf84cf80d382e946c1609571485fd"
    named = addresses(BASE, commit, {"vastai", "aws"})
    assert list(named) == ["aws", "vastai"]
    assert named["vastai"].endswith(f"/{commit}/catalogs/v8/vast/vms.csv")
    assert addresses(BASE, REF, []) == {}


@pytest.mark.parametrize("ref", ["", "..", "a/../b", "/a", "a/", "a b", "a?b", "a%2e", "a#b", "é"])
def test_a_reference_that_is_none(ref: str) -> None:
    with pytest.raises(InputError, match="is not a branch or commit"):
        chosen_lists(ref, None)


def test_an_unknown_provider_is_named_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'awss' has no list in the catalog; did you mean aws"):
        fetch_all(tmp_path, providers=["awss", "gcp"])
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server also has three of the lists; Lambda's is missing."""
    for provider in ("aws", "oci", "vast"):
        for ref in ("master", "v1"):
            path = f"/{ref}/catalogs/v8/{provider}/vms.csv"
            monkeypatch.setitem(BEHAVIORS, path, Handler.whole)
    monkeypatch.setitem(BEHAVIORS, "/master/catalogs/v8/lambda/vms.csv", BEHAVIORS["/404"])


@pytest.mark.usefixtures("lists")
def test_one_list_that_fails_does_not_stop_the_others(server: Server, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    wanted = ["vastai", "oci", "lambda", "aws"]
    found = {
        one.provider: one
        for one in fetch_all(
            tmp_path,
            base=server.url(""),
            providers=wanted,
            limits=SMALL,
            progress=lambda *now: told.append(now),
        )
    }
    assert list(found) == ["aws", "lambda", "oci", "vastai"]
    assert isinstance(found["lambda"].outcome, DataError)
    assert "404 Not Found" in str(found["lambda"].outcome)
    for provider, folder in {"aws": "aws", "oci": "oci", "vastai": "vast"}.items():
        outcome = found[provider].outcome
        assert isinstance(outcome, Downloaded)
        assert outcome.path == tmp_path / "catalogs" / "v8" / folder / "vms.csv"
        assert outcome.path.read_bytes() == PRICES
        assert (provider, len(PRICES), len(PRICES)) in told
    today = datetime.now(UTC).date().isoformat()
    dates = {provider: one.as_of for provider, one in found.items()}
    assert dates == {"aws": today, "lambda": "", "oci": today, "vastai": ""}


@pytest.mark.usefixtures("lists")
def test_the_prices_of_an_older_version_have_no_date(server: Server, tmp_path: Path) -> None:
    found = list(
        fetch_all(tmp_path, base=server.url(""), ref="v1", providers=["aws", "oci"], limits=SMALL)
    )
    assert [one.as_of for one in found] == ["", ""]
    assert all(isinstance(one.outcome, Downloaded) for one in found)


def test_without_a_connection_the_other_lists_are_tried_once(tmp_path: Path) -> None:
    with serving() as gone:
        base = gone.url("")
    found: list[ListDownload] = list(
        fetch_all(tmp_path, base=base, providers=["aws", "gcp", "oci"], limits=SMALL)
    )
    ends = [str(one.outcome).rpartition("; ")[2] for one in found]
    assert ends == ["tried 3 times", "tried once", "tried once"]


QUIET = """
import importlib, pkgutil, sys
calls = []
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"):
        calls.append((event, args[1:]))
sys.addaudithook(watch)
import tco, tco.market.importers, tco.app
for package in (tco, tco.market.importers, tco.app):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("tco/app/main.py", default_timeout=60).run()
assert not page.exception, page.exception
print(calls)
import socket
with socket.socket() as probe:
    probe.connect_ex(("127.0.0.1", 9))
print(len(calls))
"""


def test_nothing_is_fetched_at_import_or_when_the_app_starts() -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUIET], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]", "1"], done.stdout


def test_no_http_client_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys, tco, tco.market.importers.download;"
        "print([name for name in ('httpx', 'requests', 'urllib3') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
