"""Work in threads: few at a time, and what is given up keeps its place until it ends."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import Context, ContextVar

import pytest

from tco import Line
from tco.analysis import fleet_units
from tco.analysis.fleet import fleet
from tco.api.limits import Limited, Limits, Rated, client_of
from tco.api.works import Busy, Works
from tco.model.breakeven import breakeven
from tco.model.cashflows import payments


def test_work_that_was_given_up_keeps_its_place_and_nobody_waits_behind_it():
    begun, end = threading.Event(), threading.Event()

    def long():
        begun.set()
        end.wait(20)

    async def asked():
        works = Works(1, "test")
        first = asyncio.create_task(works.done(long))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        with pytest.raises(Busy):
            await works.done(lambda: 1)
        end.set()
        for _ in range(500):
            try:
                return await works.done(lambda: 1)
            except Busy:
                await asyncio.sleep(0.01)
        return None

    assert asyncio.run(asked()) == 1


def test_a_computation_that_was_given_up_ends_by_itself_and_frees_its_place():
    begun, is_over = threading.Event(), threading.Event()

    def endless():
        while not is_over.is_set():
            breakeven(gpu="L4")
            begun.set()

    async def asked():
        works = Works(1, "test")
        first = asyncio.create_task(works.done(endless))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        first.cancel()
        for _ in range(500):
            try:
                return await works.done(lambda: breakeven(gpu="L4").verdict)
            except Busy:
                await asyncio.sleep(0.01)
        return None

    try:
        assert asyncio.run(asked()) == breakeven(gpu="L4").verdict
    finally:
        is_over.set()  # no thread outlives a test that fails


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
        first = asyncio.create_task(works.done(plan))
        while not (begun.is_set() or first.done()):
            await asyncio.sleep(0.01)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gone.set()
        for _ in range(2_000):
            try:
                return await works.done(lambda: len(passes))
            except Busy:
                await asyncio.sleep(0.01)
        return None

    monkeypatch.setattr(fleet_units, "payments", held)
    assert asyncio.run(asked()) == 1


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


def test_tables_are_finished_in_the_order_in_which_they_came():
    begun, ended = [], []

    async def table(works, name, pause=0.0):
        def parts():
            begun.append(name)
            for at in range(4):
                time.sleep(0.002)
                yield at
            ended.append(name)

        async for _ in works.each(parts()):
            await asyncio.sleep(pause)

    async def all_of():
        works = Works(1, "test")
        # The first reads so slowly that nobody could wait for it.
        tables = [table(works, "slow", 0.2), *(table(works, at) for at in range(6))]
        late = [asyncio.create_task(one) for one in tables]
        await asyncio.sleep(0.01)
        late[4].cancel()
        await asyncio.gather(*late, return_exceptions=True)
        assert await works.done(lambda: 1) == 1
        return works

    works = asyncio.run(all_of())
    assert ended == [0, 1, 2, 4, 5, "slow"]
    assert (works._known, works._taken, works._line) == (0, 0, [])


@pytest.mark.parametrize(("pauses", "ends"), [((0.2, 0.2), True), ((0.1, 0.5), False)])
def test_an_answer_that_begins_in_time_has_as_long_again_to_end(pauses, ends):
    sent = []

    async def app(_scope, _receive, send):
        for pause, kind in zip(pauses, ("start", "body"), strict=True):
            await asyncio.sleep(pause)
            await send({"type": f"http.response.{kind}"})

    async def send(message):
        sent.append(message["type"])

    limited = Limited(app, Limits(answer_seconds=0.3))
    asyncio.run(limited({"type": "http", "method": "GET", "headers": []}, None, send))
    assert sent == ["http.response.start", "http.response.body"][: 1 + ends]


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
