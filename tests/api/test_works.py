"""Work in threads: few at a time, and what is given up keeps its place until it ends."""

from __future__ import annotations

import asyncio
import threading
from contextvars import Context, ContextVar
from unittest.mock import AsyncMock

import pytest

from tco import Line
from tco.analysis import fleet_units
from tco.analysis.fleet import fleet
from tco.api import routes
from tco.api.limits import Limited, Limits, Rated, client_of
from tco.api.works import Busy, Works
from tco.market.catalogue import load
from tco.model.breakeven import breakeven
from tco.model.cashflows import payments

# A check that fails says so within so many seconds.
SOON = 5


async def give_up(works, work, begun):
    """Have some work done until it has begun, and go away."""
    asked = asyncio.create_task(works.done(work))
    async with asyncio.timeout(SOON):
        while not (begun.is_set() or asked.done()):
            await asyncio.sleep(0.01)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def next_one(works, work):
    """What other work gives once there is a place for it."""
    try:
        async with asyncio.timeout(SOON):
            while True:
                try:
                    return await works.done(work)
                except Busy:
                    await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"what was given up still has its place after {SOON} seconds")


def test_work_that_was_given_up_keeps_its_place_and_nobody_waits_behind_it():
    begun, end = threading.Event(), threading.Event()

    def long():
        begun.set()
        end.wait(20)

    async def asked():
        works = Works(1, "test")
        await give_up(works, long, begun)
        with pytest.raises(Busy):
            async with asyncio.timeout(SOON):
                await works.done(lambda: 1)
        end.set()
        return await next_one(works, lambda: 1)

    try:
        assert asyncio.run(asked()) == 1
    finally:
        end.set()  # no thread outlives a test that fails


def test_a_computation_that_was_given_up_ends_by_itself_and_frees_its_place():
    begun, is_over = threading.Event(), threading.Event()

    def endless():
        while not is_over.is_set():
            breakeven(gpu="L4")
            begun.set()

    async def asked():
        works = Works(1, "test")
        await give_up(works, endless, begun)
        return await next_one(works, lambda: breakeven(gpu="L4").verdict)

    try:
        assert asyncio.run(asked()) == breakeven(gpu="L4").verdict
    finally:
        is_over.set()


def test_a_fleet_that_was_given_up_ends_at_its_next_pass_over_the_months(monkeypatch):
    begun, gone, passes = threading.Event(), threading.Event(), []

    def held(v, side):
        passes.append(side)
        begun.set()
        gone.wait(20)
        return payments(v, side)

    def plan():
        # A line that ends: each month of purchase takes a pass of its own.
        crew = Line(name="crew", side="own", usd=0.01, basis="busy_gpu_hour", last_month=24)
        return fleet(gpu="L4", demand=[1.0] * 24, lines=[crew])

    async def asked():
        works = Works(1, "test")
        await give_up(works, plan, begun)
        gone.set()
        return await next_one(works, lambda: len(passes))

    monkeypatch.setattr(fleet_units, "payments", held)
    try:
        done = asyncio.run(asked())
    finally:
        gone.set()
    assert done == 1, f"{done} passes, all but one of them for nobody"


def test_what_an_iterator_gives_comes_one_by_one():
    async def all_of(parts):
        return [part async for part in Works(1, "test").each(parts)]

    assert asyncio.run(all_of(iter(range(5)))) == [*range(5)]

    def counted():
        for _ in range(3):
            count.set(count.get() + 1)
            yield count.get()

    # What one part leaves in force is there for the next, wherever it begins.
    count = ContextVar("count", default=0)
    assert Context().run(asyncio.run, all_of(counted())) == [1, 2, 3]


def asked(app, receive=None, method="GET", path="/", headers=()):
    """What an application sends, as types and bodies; it waits for a part as long as that says."""
    sent = []

    async def send(message):
        await asyncio.sleep(message.get("wait", 0))
        sent.append(message.get("body") or message["type"])

    scope = {"type": "http", "method": method, "path": path, "query_string": b""}
    scope |= {"headers": [*headers], "asgi": {"spec_version": "2.4"}, "root_path": ""}
    return app(scope, receive, send), sent


@pytest.mark.parametrize(
    ("pauses", "wait", "ends"),
    [((0.2, 0.2), 0, True), ((0.1, 0.6), 0, False), ((0, 0), 0.3, False)],
)
def test_an_answer_that_begins_in_time_has_as_long_again_if_it_is_taken(pauses, wait, ends):
    async def app(_scope, _receive, send):
        for pause, kind in zip(pauses, ("start", "body"), strict=True):
            await asyncio.sleep(pause)
            await send({"type": f"http.response.{kind}", "wait": wait if kind == "body" else 0})

    found, sent = asked(Limited(app, Limits(answer_seconds=0.3, part_seconds=0.1)))
    asyncio.run(found)
    assert sent == ["http.response.start", "http.response.body"][: 1 + ends]


def test_few_tables_are_begun_at_a_time_and_those_that_came_first(monkeypatch):
    begun, ended, at_once = [], [], []

    def parts(name):
        begun.append(name)
        for _ in range(3):
            at_once.append(len(begun) - len(ended))
            yield name
        ended.append(name)

    monkeypatch.setattr(routes, "answered_csv", lambda body, *_: parts(body))
    monkeypatch.setattr(routes, "_FEW_ROWS", 0)

    async def all_of():
        app = routes.api(lambda _headers: load())
        sent = []
        for name in names:
            received = {"type": "http.request", "body": name, "more_body": False}
            receive = AsyncMock(return_value=received)
            headers = [(b"content-type", b"text/csv")]
            sent.append(asked(app, receive, "POST", "/breakeven.csv", headers))
        await asyncio.gather(*(one for one, _ in sent))
        return [bodies for _, bodies in sent]

    names = [b"%d" % at for at in range(12)]
    for name, bodies in zip(names, asyncio.run(all_of()), strict=True):
        assert bodies == ["http.response.start", *[name] * 3, "http.response.body"]
    assert max(at_once) <= 4
    assert {*ended[:4]} <= {*names[:8]}


@pytest.mark.parametrize(
    ("kind", "body", "waits"),
    [
        (b"text/csv", b"gpu\n" + b"L4\n" * 400, False),
        (b"text/csv", b"gpu\r" + b"L4\r" * 600, True),
        (b"application/json", b'[{"gpu": "L4"}]', False),
        (b"application/json", b"[" + b"{}," * 600 + b"{}]", True),
        (b"application/json", b'{"inputs": {"gpus": [%s1]}}' % (b"1," * 600), True),
    ],
)
def test_a_small_table_does_not_wait_for_large_ones(monkeypatch, kind, body, waits):
    monkeypatch.setattr("tco.api.works._BEGUN", 0)  # large ones have all places

    async def post():
        app = routes.api(lambda _headers: load(), Limits(answer_seconds=0.2 if waits else 8))
        receive = AsyncMock(return_value={"type": "http.request", "body": body, "more_body": False})
        found, sent = asked(app, receive, "POST", "/breakeven.json", [(b"content-type", kind)])
        await found
        return sent[1]

    assert (b"too many requests are waiting" in asyncio.run(post())) is waits


def test_a_client_that_waits_is_answered_again_and_others_meanwhile():
    now = [0.0]
    rated = Rated(None, rate=2, clock=lambda: now[0])
    assert [rated.wait_of("a") for _ in range(5)] == [0, 0, 0, 0, 1]
    assert rated.wait_of("b") == 0
    now[0] = 0.5
    assert [rated.wait_of("a") for _ in range(2)] == [0, 1]


def test_clients_are_not_remembered_without_end():
    rated = Rated(None, rate=2)
    for at in range(12_000):
        rated.wait_of(client_of({"client": (f"10.0.{at // 250}.{at % 250}", 1)}))
    assert len(rated._left) == 10_000
