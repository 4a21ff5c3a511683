"""What is on people's disks: a change of it needs another schema version."""

from __future__ import annotations

from hashlib import blake2b

import pytest

from tco.errors import DataError
from tco.market.catalogue import Price, Quote, Rate
from tco.market.store import PriceStore
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
    "rates": [*OBSERVATION, *RATE, "usd_per_gpu_hour", "host_included", "as_of", "note"],
    "prices": [*OBSERVATION, "price_basis", "usd", "as_of", "note"],
    "quotes": [
        *OBSERVATION,
        *("input", "value", "provider", "region", "term", "as_of", "valid_until", "note"),
    ],
}


def test_the_tables_of_version_1() -> None:
    assert SCHEMA_VERSION == 1
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
    monkeypatch.setattr("tco.market.store.database.SCHEMA_VERSION", 2)
    store.add(batch(rate()))
    assert len(store.imports()) == 1
    monkeypatch.undo()
    for use in (store.exists, store.imports, store.snapshot, lambda: store.add(batch(rate(0.9)))):
        with pytest.raises(DataError, match="made by a newer tco: its tables have version 2"):
            use()
