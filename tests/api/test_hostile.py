"""Requests of strangers get an error and harm nothing: afterwards the server answers as before."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import psutil
import pytest

from tco.api.asking import document_of
from tco.api.limits import Limits
from tco.api.server import Settings, application
from tco.errors import InputError
from tco.inputs import INPUTS
from tests.api.conftest import serving

LIMITS = Limits(body_seconds=2, answer_seconds=20)
CSV = {"Content-Type": "text/csv"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(application(Settings(rate=1e6), limits=LIMITS)) as found:
        yield found


def asked(port, path="breakeven.json", method="GET", body=None, **headers):
    """Status, what is wrong by input, and headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, f"/api/v1/{path}", body, headers)
        found = connection.getresponse()
        text = found.read()
    finally:
        connection.close()
    is_error = found.status >= 400
    told = {one["input"]: one["message"] for one in json.loads(text)["errors"]} if is_error else {}
    assert "Traceback" not in text.decode()
    return found.status, told, found.headers


def raw(port, *parts, pause=0.0):
    """What comes back for bytes that are sent as they are, one part after the other."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        found = b""
        try:
            for part in parts:
                wire.sendall(part)
                time.sleep(pause)
            while more := wire.recv(2**16):
                found += more
        except (ConnectionError, TimeoutError):
            pass
    return found


def is_well(port):
    return asked(port, "breakeven.json?gpu=L4")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../../etc/passwd",
            "%2e%2e/%2e%2e/etc/passwd",
            "..%2f..%2fetc%2fpasswd",
            "breakeven.json/",
        ),
        *("breakeven.json%00", "breakeven.exe", "breakeven.", ".json", "rack.txt", "BREAKEVEN"),
        *("//", "breakeven.json;a=1", "%ff%fe", "openapi.yaml", "breakeven.json.csv"),
    ],
)
def test_tricks_with_paths_lead_nowhere(port, path):
    status, told, _ = asked(port, path)
    assert (status, [*told]) == (404, ["path"])
    assert "root:" not in str(told)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("gpu=L4&gpu=T4", {"gpu"}),
        ("utilization=nan&pue=inf&gpus=1e999", {"utilization", "pue", "gpus"}),
        ("utilization=%ff", {"query"}),
        ("&".join(f"x{at}=1" for at in range(10_000)), {"query"}),
        ("gpu=" + "A" * 50_000, {"gpu"}),
        ("prices=/etc/passwd&policy=/etc/passwd", {"prices", "policy"}),
        ("lines=/etc/passwd", {"lines"}),
        ("lines=" + "[" * 5_000, {"lines"}),
        ("lines=[1e999]", {"lines"}),
        ("v=1&check=0&gpu=L4", {"check"}),
        ("v=2", {"v", "check"}),
        ("utilization=1&utilization=1", {"utilization"}),
        ("table=x", {"table"}),
        ("odds=perhaps", {"odds"}),
    ],
)
def test_wrong_parameters_are_each_told(port, query, wrong):
    status, told, _ = asked(port, f"breakeven.json?{query}")
    assert (status, {*told}) == (422, wrong)
    assert all(len(message) < 1_100 for message in told.values())


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("simulate.json?draws=1e9", "draws"),
        ("simulate.json?draws=65536&horizon_months=240", "draws"),
        ("simulate.json?draws=0", "draws"),
        ("win_map.json?points=1001", "points"),
        ("fleet.json?demand_csv=/etc/passwd", "demand_csv"),
        ("fleet.json?demand=/etc/passwd&mean_gpus=1", "demand"),
        ("fleet.json?trace=../../etc/passwd", "trace"),
        ("fleet.json?mean_gpus=4&peak_gpus=8&unit=tokens&time_zone=../passwd", "time_zone"),
        ("fleet.json?buy_plan=0:8&peak_gpus=8&unit=tokens", "peak_gpus"),
        ("work.json?model=Llama-3.1-8B&requests_by_hour=1e308", "requests_by_hour"),
        ("work.json?model=Llama-3.1-8B&requests_by_hour=1&peak_over_mean=2", "peak_over_mean"),
        ("recheck.json?record=/etc/passwd", "record"),
        ("offers.json?gpu=L4&as_of=9999999-01-01", "as_of"),
        ("breakeven.txt?result=__class__", "result"),
        ("ledger.csv?table=../ledger", "table"),
        ("ledger.csv?table=../ledger&option=x&pue=9", "option"),
        ("simulate.json?draws=1e9&pue=9", "pue"),
    ],
)
def test_what_is_too_much_or_names_a_file_is_refused(port, path, wrong):
    status, told, _ = asked(port, path)
    assert status == 422
    assert wrong in told


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", JSON),
        (b"{", JSON),
        (b'{"gpu": NaN}', JSON),
        (b'{"utilization": 1e999}', JSON),
        (b'{"utilization": Infinity}', JSON),
        (b'{"gpu": "L4", "gpu": "T4"}', JSON),
        (b"[" * 200_000, JSON),
        (b'{"a":' * 50_000, JSON),
        (b'{"utilization": ' + b"9" * 5_000 + b"}", JSON),
        (b'{"gpu": "\\ud800"}', JSON),
        (b'{"gpu": {"a": 1}, "pue": [1]}', JSON),
        ('{"gpu": "L4"}'.encode("utf-16"), JSON),
        (b"\xff\xfe\xfd", JSON),
        (b"5", JSON),
        (b"[1, 2]", JSON),
        (b"[]", JSON),
        (b'{"schema_version": 1, "scenarios": []}', JSON),
        (b"[" + b"[]," * 250_000 + b"[]]", JSON),
        (b"[" + b"1," * 4_100_000 + b"1]", JSON),
        (b"{" + b",".join(b'"%d":1' % at for at in range(20_000)) + b"}", JSON),
        (b'[{"": 1}]', JSON),
        (b'[{"no input": 1}]', JSON),
        (b'{"prices": "/etc/passwd"}', JSON),
        (b'{"schema_version": 99, "inputs": {}}', JSON),
        (b'{"schema_version": 1, "inputs": {"gpu": ["L4", "T4"], "gpus": [1, 2, 3]}}', JSON),
        (b"", CSV),
        (b"no input,other\n1,2\n", CSV),
        (b'gpu\n"L4', CSV),
        (b"gpu,gpu\nL4,T4\n", CSV),
        (b"PK\x03\x04", CSV),
        (b"\x00" * 1_000, CSV),
        (b"gpu\n" + b'"' + b"x" * 2_000_000, CSV),
        (b",".join(b"x%d" % at for at in range(10_000)), CSV),
        (b'{"gpu": "L4"}', CSV),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bodies_that_are_none_are_refused(port, body, kind):
    status, told, _ = asked(port, "breakeven.json", "POST", body, **kind)
    assert status == 422, told
    assert told


_FEW, _MANY = 20_000, 3_000_000


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[" + b"{}," * _MANY + b"{}]", "250,000 objects and lists"),
        (b"[" + b'"ab",' * _MANY + b'""]', "4,000,000 names and values"),
        (b'{"":{}' + b',"":1' * 260_000 + b"}", "objects of far too many names"),
        (b'{"a":"{"' + b',"":1' * 260_000 + b',"b":"}"}', "objects of far too many names"),
        (b'{"a":"{\\"","b":' + b"[" * 999 + b'{"":1}' + b"]" * 999 + b"}", "nested too deeply"),
        (b"[" + b",".join(b'{"%x":1}' % at for at in range(_FEW)) + b"]", "different names"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_documents_that_would_fill_the_memory_are_refused_before_they_do(body, told):
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=told):
            document_of(body)
        assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    finally:
        tracemalloc.stop()


def test_a_large_table_of_any_text_is_read():
    row = {"gpu": "L4", "name": 'a "{b}" \u00e9\\', **dict.fromkeys([*INPUTS][5:18], 0.5)}
    assert document_of(json.dumps([row] * 20_000).encode()) == [row] * 20_000


def test_cells_that_are_wrong_are_errors_of_their_rows(port):
    cells = [None, True, -1, 1e308, 10**300, "\ud800", "=1+1", "x" * 10_000, [], {}, "nan", "\x00"]
    rows = [{"gpu": "L4", "utilization": value} for value in cells]
    rows += [{"gpu": value} for value in cells]
    rows += [{"gpu": "L4", "name": value} for value in cells]
    body = json.dumps(rows).replace("1e+308", "1e999")  # which reads as infinity
    assert "1e999" in body
    assert asked(port, "breakeven.json", "POST", body, **JSON)[0] == 200
    assert asked(port, "breakeven.csv", "POST", body, **JSON)[0] == 200


def test_types_methods_and_encodings_that_are_not_read(port):
    assert asked(port, method="POST", body=b"gpu=L4")[0] == 415
    assert asked(port, method="POST", body=b"{}", **{"Content-Type": "text/plain"})[0] == 415
    assert asked(port, method="POST", body=b"", **JSON, **{"Content-Encoding": "gzip"})[0] == 415
    assert asked(port, "ledger.csv", "POST", b"gpu\nL4\n", **CSV)[0] == 415
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        status, told, headers = asked(port, method=method)
        assert (status, [*told]) == (405, ["method"])
        assert "GET" in headers["allow"]
    for kind in (JSON, CSV):
        assert asked(port, "breakeven.txt", "POST", b"{}", **kind)[0] == 405


def test_large_bodies_are_refused_before_and_while_they_come(port):
    assert asked(port, "breakeven.csv", "POST", b"x" * 100 * 2**20, **CSV)[0] == 413
    head = b"POST /api/v1/breakeven.csv HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    chunk = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
    before = psutil.Process().memory_info().rss
    found = raw(port, head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 100)
    assert b" 413 " in found.split(b"\r\n")[0]
    assert psutil.Process().memory_info().rss - before < 200 * 2**20
    assert is_well(port)


def test_tables_of_too_many_rows_are_refused(port):
    status, told, _ = asked(port, "breakeven.csv", "POST", b"gpus\n" + b"1\n" * 100_001, **CSV)
    assert (status, [*told]) == (413, ["body"])
    rows = b"[" + b",".join([b"{}"] * 100_001) + b"]"
    assert asked(port, "breakeven.json", "POST", rows, **JSON)[0] == 413
    listed = json.dumps({"schema_version": 1, "inputs": {"gpu": "L4", "gpus": [1] * 100_001}})
    assert asked(port, "breakeven.json", "POST", listed, **JSON)[0] == 413
    quoted = b'gpus,note\n1,"a\nb"\n' + b"1,\n" * 100_000
    assert asked(port, "breakeven.csv", "POST", quoted, **CSV)[0] == 413


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET /api/v1/",),
        (b"GET /api/v1/ HTTP/1.1\r\n", b"Host: localhost\r\n", b"A: b\r\n"),
        (b"",),
    ],
)
def test_a_client_that_does_not_end_its_request_is_left(port, parts):
    begun = time.perf_counter()
    assert raw(port, *parts, pause=0.1) == b""
    assert 0.5 < time.perf_counter() - begun < 8


def test_a_body_that_does_not_come_is_not_waited_for(port):
    head = b"POST /api/v1/breakeven.csv HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    begun = time.perf_counter()
    found = raw(port, head + b"Content-Length: 1000\r\n\r\ngpu\n")
    assert b" 408 " in found.split(b"\r\n")[0]
    assert 1.5 < time.perf_counter() - begun < 8


def test_slow_clients_keep_nobody_waiting(port):
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for wire in slow:
        wire.sendall(b"POST /api/v1/breakeven.csv HTTP/1.1\r\nHost: local")
    assert is_well(port)
    for wire in slow:
        wire.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/v1/ HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * 300_000 + b"\r\n\r\n",
        b"GET /api/v1/breakeven.json?" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_is_no_http_is_an_error(port, head):
    found = raw(port, head)
    assert found.split(b" ")[1:2] in ([b"400"], [b"403"], [])
    assert not found or json.loads(found.partition(b"\r\n\r\n")[2])["errors"]
    assert is_well(port)


@pytest.mark.parametrize("path", ["simulate.json?draws=2000", "breakeven.json", "none"])
def test_a_body_that_ends_in_nonsense_ends_the_connection(port, path, caplog):
    head = f"GET /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    for pause in (0, 0.1):
        raw(port, head.encode(), b"no chunk\r\n\r\n", pause=pause)
    raw(port, head.encode() + b"no chunk\r\n\r\n")
    assert not [one for one in caplog.records if one.exc_info]
    assert is_well(port)


def test_connections_whose_answers_are_not_taken_end(port):
    server, table = psutil.Process(), b"gpu\n" + b"L4\n" * 20_000
    head = b"POST /api/v1/breakeven.csv HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.connect(("127.0.0.1", port))
        wire.sendall(head + f"Content-Length: {len(table)}\r\n\r\n".encode() + table)
        own = wire.getsockname()[1]
        for _ in range(200):
            ports = {one.raddr.port for one in server.net_connections("tcp") if one.raddr}
            if own not in ports:
                break
            time.sleep(0.1)
        assert own not in ports


def test_one_connection_too_many_is_refused():
    with serving(application(Settings(rate=1e6))) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]
        status, told, headers = asked(port)
        assert (status, [*told], headers["retry-after"]) == (503, ["server"], "5")
        for wire in held:
            wire.close()
        time.sleep(0.2)
        assert is_well(port)


@pytest.mark.parametrize(
    "host", ["rebound.example", "localhost.rebound.example", "", "[::1", "a:b"]
)
def test_under_the_name_of_a_stranger_nobody_is_answered(port, host):
    status, told, _ = asked(port, Host=host)
    assert (status, [*told]) == (403, ["host"])


def test_pages_of_others_are_not_answered(port):
    assert asked(port, Origin="http://stranger.example")[0] == 403
    assert asked(port, Origin="null")[0] == 403
    assert asked(port, Origin=f"http://127.0.0.1:{port}")[0] == 200
    _, _, headers = asked(port)
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_only_who_tells_the_token_is_answered():
    token = "a token of some length"
    with serving(application(Settings(rate=1e6), token)) as port:
        wrong = (None, "", "Bearer", f"Basic {token}", "Bearer x", f"Bearer {token}x", token)
        for told in wrong:
            headers = {} if told is None else {"Authorization": told}
            status, inputs, answered = asked(port, **headers)
            assert (status, [*inputs]) == (401, ["authorization"])
            assert answered["www-authenticate"] == "Bearer"
        assert asked(port, "none", Authorization="Bearer x")[0] == 401
        assert asked(port, Authorization=f"Bearer {token}")[0] == 200


def test_a_client_is_answered_at_its_rate():
    with serving(application(Settings(rate=2))) as port:
        found = [asked(port) for _ in range(8)]
        statuses = [status for status, _, _ in found]
        assert statuses[:4] == [200] * 4
        assert 429 in statuses
        refused = next(headers for status, _, headers in found if status == 429)
        assert int(refused["retry-after"]) >= 1


def test_while_slow_questions_are_answered_quick_ones_are_too(port):
    slow = [
        threading.Thread(target=asked, args=(port, f"simulate.json?draws=1500&seed={at}"))
        for at in range(4)
    ]
    for one in slow:
        one.start()
    begun = time.perf_counter()
    assert is_well(port)
    assert time.perf_counter() - begun < 3
    for one in slow:
        one.join()


def test_messages_are_of_here_and_name_whole_numbers(port):
    told = asked(port, "simulate.json?draws=65537")[1]["draws"]
    assert told.startswith("draws = 65537 is outside whole numbers [1, 65536] over HTTP")
    told = asked(port, "breakeven.csv", "POST", b"gpu;gpus\nL4;8\n", **CSV)[1]["body"]
    assert "the parameter sep = ';'" in told
    told = asked(port, "breakeven.csv", "POST", b'{"gpu": "L4"}', **CSV)[1]["body"]
    assert told == "table is a JSON document"
    assert asked(port, "openapi.json", "POST", b"{}", **JSON)[0] == 405


def test_what_takes_too_long_is_given_up():
    limits = Limits(answer_seconds=0.05)
    with serving(application(Settings(rate=1e6), limits=limits)) as port:
        body = json.dumps({"draws": 65_536, "gpu": "L4"})
        status, told, _ = asked(port, "simulate.json", "POST", body, **JSON)
        assert (status, [*told]) == (503, ["time"])


def test_nothing_is_written_to_the_disk(port, tmp_path):
    opened = {file.path for file in psutil.Process().open_files()}
    table = b"gpu,utilization\n" + b"L4,0.5\n" * 1_000
    assert asked(port, "breakeven.csv", "POST", table, **CSV)[0] == 200
    assert asked(port, "options.csv")[0] == 200
    assert {file.path for file in psutil.Process().open_files()} <= opened
    assert not os.listdir(tmp_path)
