"""The page as it is served: with the answer that its run will show, and nothing else of a link."""

import asyncio
import gzip
import re
from threading import Event
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from tco.app import served, state
from tco.app.packed import packed
from tco.report.facts import facts_of
from tco.report.strip import markup, strip
from tco.scenario import Scenario
from tests.app.helpers import opened

LINKS = (
    {},
    {"v": "1", "gpu": "T4", "utilization": "0.45", "hosting": "own_site"},
    {"gpu": "A100-80", "billing": "committed", "term": "3yr", "currency": "EUR"},
    {"gpu": "RTX-PRO-4500", "provider": "lambda"},  # without a rental rate
    {"utilization": "0"},
    {"hosting": "own_site", "rack_kw": "1"},  # cannot be combined
    {"gpu": "no such GPU", "utilization": "<b>", "what": "?", "v": "99", "check": "0"},
    {"as_of": "2026-09-01", "already_owned": "true"},
    {"simple": "1", "embed": "true"},
)


def ahead(link):
    return served.first({name: [text] for name, text in link.items()}, ())


def asked(link, path="/", **headers):
    """What is answered to somebody who asks for a page."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": urlencode(link).encode(),
    }
    told = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    answer = asyncio.run(served.decide(Request({**scope, "headers": told})))
    is_packed = answer.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(answer.body) if is_packed else answer.body).decode(), answer.headers


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_the_answer_that_is_served_is_the_one_that_the_page_will_show(link):
    app = opened(**link)
    bodies = (element.proto.body for element in app.get("html"))
    (shown,) = (body for body in bodies if "class='tco-strip" in body)
    assert ahead(link).count("class='tco-strip") == 1
    assert shown in ahead(link)


@pytest.fixture
def patient(monkeypatch):
    """A page that waits for its answer, however busy the machine is."""
    monkeypatch.setattr(served, "_PATIENCE", 60)


@pytest.mark.usefixtures("patient")
def test_a_page_without_a_link_is_served_with_the_example():
    text, headers = asked({})
    assert markup(strip(facts_of(Scenario()))) in text
    assert text.index("class='tco-strip") < text.index('<div id="root">')
    assert headers["cache-control"] == "no-cache"
    assert asked({}, accept_encoding="gzip, br")[0] == text


@pytest.mark.usefixtures("patient")
def test_nothing_of_a_link_becomes_markup():
    lines = '[["own","<img src=x onerror=alert(1)>",5]]'
    for link in (
        dict.fromkeys(
            ("gpu", "region", "provider", "as_of", "currency"), "<script>alert(1)</script>"
        ),
        {"<script>": "1", "gpu": "'\"><script>alert(1)</script>", "lines": lines},
        {"region": "</div><img src=x onerror=alert(1)>", "utilization": "</section>"},
    ):
        text, _ = asked(link)
        assert "alert(1)" not in text
        assert text.count("<script") == asked({})[0].count("<script")


def test_a_page_does_not_wait_long_for_its_answer(monkeypatch):
    held = Event()
    monkeypatch.setattr(served, "first", lambda *_: held.wait(20) and "never")
    monkeypatch.setattr(served, "_PATIENCE", 0.01)
    texts = [asked({})[0] for _ in range(3)]
    held.set()
    assert set(texts) == {served._html()}


@pytest.mark.usefixtures("patient")
def test_what_goes_wrong_ahead_of_the_page_is_said_by_the_page(monkeypatch, caplog):
    def fail(_headers):
        raise RuntimeError("not told to anybody")

    monkeypatch.setattr(state, "prices", fail)
    assert asked({})[0] == served._html()
    assert "no answer ahead of the page" in caplog.text


def test_the_scripts_of_what_is_shown_are_loaded_ahead():
    text = served._html()
    names = re.findall(r'modulepreload" crossorigin href="\./(static/js/[^"]+)"', text)
    assert len(names) == len(set(names))
    assert all((served.STATIC / name).is_file() for name in names)
    for kind in served._SHOWN:
        assert any(name.startswith(f"static/js/{kind}.") for name in names), kind
    # What is ours stands at its place: another release of Streamlit may have another page.
    head, _, body = text.partition("</head>")
    assert head.index("BACKEND_BASE_URL") < head.index("<meta")
    assert "tco-loading" in head
    assert '<div id="root">' in body


def test_a_file_has_one_address_only():
    name = next((served.STATIC / "static" / "js").glob("Html.*.js")).name
    source = (served.STATIC / "static" / "js" / name).read_bytes()
    assert gzip.decompress(packed(f"/static/js/{name}")) == source
    others = (
        f"./{name}",
        f"/{name}",
        f"../js/{name}",
        f"{name}/",
        "x.js",
        "\0.js",
        f"{'x' * 9_999}.js",
    )
    assert [packed(f"/static/js/{one}") for one in others] == [None] * len(others)
