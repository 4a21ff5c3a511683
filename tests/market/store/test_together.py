"""Imports at once: one after the other, nothing lost, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tco.market.store import PriceStore
from tests.market.store.builders import batch, many
from tests.market.store.processes import Child, check_whole

ROWS = 3_000


def test_processes_with_files_that_overlap(url: str) -> None:
    children = [Child(url, at * 1_000, at * 1_000 + ROWS) for at in range(3)]
    for child in children:
        child.go()
    said = [child.result() for child in children]
    assert {one["import_id"] for one in said} == {1, 2, 3}
    assert sum(one["added"] for one in said) == 5_000
    assert sum(one["known"] for one in said) == 3 * ROWS - 5_000
    assert len(check_whole(PriceStore(url))) == 5_000


def test_processes_with_the_same_file(url: str) -> None:
    children = [Child(url, 0, ROWS) for _ in range(3)]
    for child in children:
        child.go()
    said = [child.result() for child in children]
    assert {one["import_id"] for one in said} == {1}
    assert sorted(one["added"] for one in said) == [0, 0, ROWS]
    assert sorted(one["repeated"] for one in said) == [False, True, True]
    assert len(check_whole(PriceStore(url))) == ROWS


def test_threads_that_import_and_read(url: str) -> None:
    rows = many(2_000)
    parts = [batch(*rows[at : at + 1_000]) for at in range(0, 1_001, 250)]
    store = PriceStore(url)
    store.add(parts[0])

    def seen(_at: int) -> int:
        return len(store.snapshot().rates_of("GPU-0"))

    with ThreadPoolExecutor(4) as pool:
        added, counts = pool.map(store.add, parts[1:]), list(pool.map(seen, range(20)))
        assert sorted(one.import_id for one in added) == [2, 3, 4, 5]
    whole = sum(row.gpu == "GPU-0" for row in rows)
    assert all(143 <= count <= whole for count in counts)
    assert seen(0) == whole
    assert len(check_whole(store)) == 2_000
