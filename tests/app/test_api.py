"""What other programs ask is answered by the app too, behind its guard."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

import tco
from tco.app.guard import HEADERS
from tests.browser.conftest import served


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with served(tmp_path_factory.mktemp("api")) as address:
        yield urlsplit(address).port


def asked(port, path, method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    told = {"Host": f"localhost:{port}", **headers}
    connection.request(method, f"/api/v1/{path}", body, told)
    found = connection.getresponse()
    text = found.read().decode()
    connection.close()
    return found.status, text, found.headers


def test_the_app_answers_the_same_routes(port):
    status, text, headers = asked(port, "breakeven.json?gpu=T4&utilization=45%25")
    assert status == 200
    wanted = tco.breakeven(gpu="T4", utilization=0.45)
    assert json.loads(text)["results"]["npv_saving_usd"] == wanted.npv_saving_usd
    assert headers["cache-control"] == "no-store"
    assert {name: headers[name] for name in HEADERS} == HEADERS
    table = "gpu,utilization\nT4,45%\nL5,0.5\n"
    kind = {"Content-Type": "text/csv"}
    status, text, _ = asked(port, "breakeven.csv", "POST", table.encode(), **kind)
    assert (status, len(text.splitlines())) == (200, 3)
    assert asked(port, "openapi.json")[0] == 200
    assert asked(port, "")[0] == 200


def test_the_app_refuses_what_is_wrong_and_strangers(port):
    status, text, _ = asked(port, "breakeven.json?pue=0.1")
    assert (status, json.loads(text)["errors"][0]["input"]) == (422, "pue")
    assert asked(port, "none.json")[0] == 404
    assert asked(port, "breakeven.json", "DELETE")[0] == 405
    assert asked(port, "breakeven.json", Host="rebound.example")[0] == 403
    assert asked(port, "breakeven.json", Origin="http://stranger.example")[0] == 403
    too_large = {"Content-Type": "text/csv", "Content-Length": str(100 * 2**20)}
    assert asked(port, "breakeven.csv", "POST", b"gpu\n", **too_large)[0] == 413
