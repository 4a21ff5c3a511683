"""Work in threads: few at a time, and what is given up keeps its place until it ends."""

from __future__ import annotations

import asyncio
import threading
from contextvars import Context, ContextVar

import pytest

from tco.api.limits import Rated, client_of
from tco.api.works import Busy, Works
from tco.model.breakeven import breakeven


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
