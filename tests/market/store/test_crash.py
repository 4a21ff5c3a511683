"""kill -9 in the middle of an import leaves the store as it was."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tco.market.store import PriceStore, database
from tests.market.store.builders import batch, many
from tests.market.store.processes import Child, check_whole

ROWS = 12_000
MOMENTS = ("CREATE TABLE", "INSERT INTO sources", "INSERT INTO rates", "INSERT INTO imports")


def instances(first: int, last: int) -> set[str]:
    return {f"instance-{at}" for at in range(first, last)}


def written(url: str) -> int:
    return Path(url.removeprefix("sqlite:///")).stat().st_size if url.startswith("sqlite") else 0


@pytest.mark.parametrize("statement", MOMENTS)
def test_killed_in_the_first_import(url: str, statement: str) -> None:
    child = Child(url, 0, ROWS, statement)
    child.go()
    assert child.result() == {}
    store = PriceStore(url)
    assert not store.exists()
    assert store.add(batch(*many(10))).added == 10
    assert check_whole(store) == instances(0, 10)


@pytest.mark.parametrize("statement", MOMENTS[2:])
def test_killed_in_the_second_import(url: str, statement: str) -> None:
    store = PriceStore(url)
    store.add(batch(*many(100)))
    before = (store.imports(), list(store.export_rows()), store.snapshot())
    size = written(url)
    child = Child(url, 50, ROWS, statement)
    child.go()
    assert child.result() == {}
    # Pages are in the file before the import is complete; the journal takes them back.
    assert not url.startswith("sqlite") or written(url) > size
    after = (store.imports(), list(store.export_rows()), store.snapshot())
    assert before == after
    again = Child(url, 50, ROWS)
    again.go()
    assert again.result() == {"import_id": 2, "added": ROWS - 100, "known": 50, "repeated": False}
    assert check_whole(store) == instances(0, ROWS)


def test_killed_at_random_moments(url: str, fresh: Callable[[], str]) -> None:
    timed = Child(fresh(), 0, ROWS)
    began = time.perf_counter()
    timed.go()
    timed.result()
    lasts = time.perf_counter() - began
    store, moments = PriceStore(url), random.Random(4)
    kept: set[str] = set()
    for round_ in range(6):
        first, last = round_ * ROWS, (round_ + 1) * ROWS
        child = Child(url, first, last)
        child.go()
        time.sleep(lasts * moments.uniform(0.05, 0.9))
        child.process.kill()
        said = child.result()
        with database.writing(store._address):  # a server may not have noticed yet
            pass
        now = check_whole(store)
        assert now in (kept, kept | instances(first, last))
        assert not said or now > kept
        kept = now
    assert store.add(batch(*many(10))).import_id == len(store.imports())
    assert check_whole(store) == kept | instances(0, 10)
