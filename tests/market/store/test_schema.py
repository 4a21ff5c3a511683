"""What is on people's disks: a change of it needs another schema version."""

from __future__ import annotations

from hashlib import blake2b

import pytest
from sqlalchemy import delete, update

from tco.errors import DataError
from tco.market.catalogue import Price, Quote, Rate
from tco.market.store import PriceStore, database
from tco.market.store.append import cells, digest
from tco.market.store.database import METADATA, SCHEMA_VERSION
from tests.market.store.builders import batch, price, quote, rate

OBSERVATION = ["gpu", "import_id", "position", "source", "digest"]
RATE = ["provider", "instance", "gpus_per_instance", "region", "country", "term"]
TABLES = {
    "tco_store": ["schema_version", "store_id"],
    "sources": [
        *("source", "import_id", "source_id", "publisher", "title", "url", "published"),
        *("accessed", "licence"),
    ],
    "imports": [
        *("import_id", "at", "collector", "file", "sha256", "as_of", "rows", "added", "known"),
        *("aside", "source"),
    ],
    "set_aside": [
        *("import_id", "position", "provider", "gpu", "reason", "count", "first_line", "example"),
    ],
    "seen": ["import_id", "position", "field", "value"],
    "undone": ["position", "import_id", "at"],
    "again": ["import_id", "digest"],
    "rates": [*OBSERVATION, *RATE, "usd_per_gpu_hour", "host_included", "as_of", "note"],
    "prices": [*OBSERVATION, "price_basis", "usd", "as_of", "note"],
    "quotes": [
        *OBSERVATION,
        *("input", "value", "provider", "region", "term", "as_of", "valid_until", "note"),
    ],
}


def test_the_tables_of_version_2() -> None:
    assert SCHEMA_VERSION == 2
    assert {
        name: [column.name for column in table.columns] for name, table in METADATA.tables.items()
    } == TABLES


KNOWN = [
    (
        rate(0.1 + 0.2),
        "('list', 'L4', 'acloud', 'g-1', 1.0, 'us-1', 'US', 'on_demand', 0.30000000000000004, "
        "True, '2026-11-21', '')",
    ),
    (price(2_650), "('list', 'L4', 'street', 2650.0, '2026-11', '')"),
    (
        quote(2_500),
        "('list', 'L4', 'price_usd_per_gpu', 2500.0, '', '', '', '2026-11-21', '2026-12-31', "
        "'by telephone')",
    ),
]


@pytest.mark.parametrize(("row", "text"), KNOWN, ids=["rate", "price", "quote"])
def test_a_later_version_knows_a_row_again(row: Rate | Price | Quote, text: str) -> None:
    found = {"source_id": "list"} | cells(row, "here")
    assert digest(found) == blake2b(text.encode(), digest_size=16).digest()


def test_a_store_of_a_newer_version(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PriceStore(url)
    monkeypatch.setattr("tco.market.store.database.SCHEMA_VERSION", 3)
    store.add(batch(rate()))
    assert len(store.imports()) == 1
    monkeypatch.undo()
    for use in (store.exists, store.imports, store.snapshot, lambda: store.add(batch(rate(0.9)))):
        with pytest.raises(DataError, match="made by a newer tco: its tables have version 3"):
            use()


def test_a_store_of_version_1_is_read_as_it_is_and_renewed_by_an_import(url: str) -> None:
    store = PriceStore(url)
    store.add(batch(rate(0.7)))
    store.add(batch(rate(0.8, instance="g-2")))
    with database.writing(store._address) as connection:
        for table in (database.UNDONE, database.AGAIN):
            table.drop(connection)
        # What a later import had too was not kept.
        connection.execute(delete(database.SEEN).where(database.SEEN.c.import_id == 2))
        connection.execute(update(database.STORE).values(schema_version=1))
    assert [row.usd_per_gpu_hour for row in store.snapshot().rates_of("L4")] == [0.7, 0.8]
    assert [one.undone for one in store.imports()] == ["", ""]
    assert len(list(store.export_rows())) == 3
    assert store.undo(1).gone == 1
    after = store.snapshot()
    assert [row.usd_per_gpu_hour for row in after.rates_of("L4")] == [0.8]
    assert (after.newest, after.regions) == ("2026-11-21", {"us-1", "US"})
