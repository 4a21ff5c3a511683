"""Whatever is added in whatever order: only more, and the snapshot by the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tco.market.catalogue import Observations, Price, Quote, Rate
from tco.market.observed import Added, Batch
from tco.market.store import PriceStore
from tests.market.store.builders import SOURCE, batch, price, quote, rate
from tests.strategies import examples

GPUS = ("L4", "T4")
few = st.sampled_from
day, place, money = few(["2026-10", "2026-11-21"]), few(["us", "eu"]), few([1.0, 2.0])
any_rate = st.builds(
    rate,
    money,
    gpu=few(GPUS),
    provider=few(["a", "b"]),
    instance=few(["x", "y"]),
    region=place,
    country=place,
    term=few(["on_demand", "spot"]),
    as_of=day,
    note=few(["", "n"]),
)
any_price = st.builds(
    price,
    money,
    gpu=few(GPUS),
    price_basis=few(["street", "used"]),
    as_of=day,
    note=few(["", "n"]),
)
any_quote = st.builds(quote, money, gpu=few(GPUS), as_of=day, provider=place)
batches = st.builds(
    lambda rows, **other: batch(*rows, **other),
    st.lists(any_rate | any_price | any_quote, max_size=6),
    sha256=few(["", "one", "two", "three", "four", "five"]),
    collector=few(["first", "second"]),
    source=st.builds(lambda title: replace(SOURCE, title=title), few(["old", "new"])),
)


class Model:
    """The rule in plain Python."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], int] = {}
        self.rows: list[Any] = []
        self.imports = 0
        self.sources = {}

    def add(self, one: Batch) -> Added:
        given = [*one.rates, *one.prices, *one.quotes]
        file = (one.collector, one.sha256)
        new = [row for row in dict.fromkeys(given) if row not in self.rows]
        if one.sha256 and file in self.files and not new:
            return Added(self.files[file], 0, len(given), repeated=True)
        self.imports += 1
        self.files.setdefault(file, self.imports)
        self.rows += new
        self.sources["list"] = one.source
        return Added(self.imports, len(new), len(given) - len(new), repeated=False)

    def seen(self) -> Observations:
        last: dict[Any, Any] = {}
        for at, row in enumerate(self.rows):
            key = at if isinstance(row, Quote) else offer(row)
            last.pop(key, None)
            last[key] = row
        return Observations(
            "model", self.sources, *(of(kind, last.values()) for kind in (Rate, Price, Quote))
        )


def offer(row: Rate | Price) -> tuple[object, ...]:
    price_or_note = ("usd_per_gpu_hour", "usd", "note", "country", "host_included")
    apart = (*price_or_note, "gpus_per_instance")
    return type(row), *(getattr(row, one.name) for one in fields(row) if one.name not in apart)


def of(kind: type, rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


@given(several=st.lists(batches, max_size=5))
@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_imports(fresh: Callable[[], str], several: list[Batch]) -> None:
    store, model, before = PriceStore(fresh()), Model(), []
    snapshots = []
    for one in several:
        assert store.add(one) == model.add(one)
        after = list(store.export_rows())
        assert set(before) <= set(after)
        assert len(after) == len(set(after)) == len(model.rows) + 1
        before = after
        snapshots.append((store.snapshot(), model.seen()))
        assert len(store.imports()) == model.imports
    every_region = {row.region for row in model.rows if not isinstance(row, Price)}
    every_region |= {row.country for row in model.rows if isinstance(row, Rate)}
    for snapshot, expected in snapshots:
        for gpu in GPUS:
            assert snapshot.rates_of(gpu) == expected.rates_of(gpu)
            assert snapshot.prices_of(gpu) == expected.prices_of(gpu)
            assert snapshot.quotes_of(gpu) == expected.quotes_of(gpu)
        assert snapshot.newest == expected.newest
        assert snapshot.providers == expected.providers
        assert expected.regions <= snapshot.regions <= every_region
        assert snapshot.sources == expected.sources
