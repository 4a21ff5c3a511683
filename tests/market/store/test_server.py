"""What only a server can do: refuse, be slow, be shared."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tco.errors import DataError
from tco.market.store import PriceStore
from tests.market.store import server
from tests.market.store.builders import batch, rate
from tests.market.store.conftest import NAMES

Execute = Callable[[str], Any]


@pytest.fixture
def schema(administrator: Execute) -> str:
    name = f"own_{next(NAMES)}"
    administrator(f"CREATE SCHEMA {name}")
    return name


def refusal(store: PriceStore) -> str:
    said = set()
    for use in (store.exists, store.imports, store.snapshot, lambda: store.add(batch(rate()))):
        with pytest.raises(DataError) as caught:
            use()
        assert caught.value.__cause__ is None
        said.add(str(caught.value))
    assert len(said) == 1
    return said.pop()


def test_a_wrong_password(postgresql: Path) -> None:
    right = server.url(postgresql)
    said = refusal(PriceStore(right.replace(server.quote(server.PASSWORD, safe=""), "hunter2")))
    assert 'password authentication failed for user "tco"' in said
    assert "hunter2" not in said
    assert "\n" not in said


def test_no_such_database(postgresql: Path) -> None:
    said = refusal(PriceStore(server.url(postgresql, database="none")))
    assert 'database "none" does not exist' in said
    assert server.PASSWORD not in said


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    said = refusal(PriceStore(f"postgresql://me:hunter2@127.0.0.1:{port}/prices"))
    assert said.startswith(f"price store postgresql://me@127.0.0.1:{port}/prices: ")
    assert "refused" in said
    assert "hunter2" not in said


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tco.market.store.database._CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(DataError, match="timeout"):
            PriceStore(f"postgresql://me:hunter2@127.0.0.1:{port}/prices").exists()
        assert time.monotonic() - began < 60


def test_who_may_only_read(postgresql: Path, administrator: Execute, schema: str) -> None:
    PriceStore(server.url(postgresql, schema=schema)).add(batch(rate()))
    administrator(f"CREATE ROLE reader_{schema} LOGIN PASSWORD 'x-y-z'")
    administrator(f"GRANT USAGE ON SCHEMA {schema} TO reader_{schema}")
    administrator(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader_{schema}")
    url = server.url(postgresql, schema=schema)
    url = url.replace(
        f"{server.USER}:{server.quote(server.PASSWORD, safe='')}", f"reader_{schema}:x-y-z"
    )
    reader = PriceStore(url)
    assert reader.snapshot().rates_of("L4") == (rate(),)
    with pytest.raises(DataError, match="permission denied for table"):
        reader.add(batch(rate(0.9)))


def test_tables_of_these_names_are_left_alone(
    postgresql: Path, administrator: Execute, schema: str
) -> None:
    administrator(f"CREATE TABLE {schema}.invoices (x TEXT)")
    administrator(f"CREATE TABLE {schema}.prices (x TEXT)")
    store = PriceStore(server.url(postgresql, schema=schema))
    with pytest.raises(DataError, match="something else, with the tables prices: give another"):
        store.add(batch(rate()))
    administrator(f"DROP TABLE {schema}.prices")
    assert store.add(batch(rate())).added == 1


def test_two_stores_on_one_server(postgresql: Path, administrator: Execute, schema: str) -> None:
    administrator(f"CREATE SCHEMA {schema}_b")
    first, second = (
        PriceStore(server.url(postgresql, schema=name)) for name in (schema, f"{schema}_b")
    )
    first.add(batch(rate(0.7)))
    second.add(batch(rate(0.8)))
    assert first.snapshot().rates_of("L4") == (rate(0.7),)
    assert second.snapshot().rates_of("L4") == (rate(0.8),)


def test_a_database_without_an_encoding(postgresql: Path, administrator: Execute) -> None:
    administrator("CREATE DATABASE plain ENCODING SQL_ASCII TEMPLATE template0")
    store = PriceStore(server.url(postgresql, database="plain"))
    store.add(batch(rate(note="é 🙂")))
    assert store.snapshot().rates_of("L4") == (rate(note="é 🙂"),)


def test_text_that_the_database_cannot_hold(postgresql: Path, administrator: Execute) -> None:
    administrator("CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0")
    store = PriceStore(server.url(postgresql, database="latin"))
    store.add(batch(rate(note="é")))
    with pytest.raises(DataError, match="has no equivalent in encoding"):
        store.add(batch(rate(note="🙂")))
    assert store.snapshot().rates_of("L4") == (rate(note="é"),)


def test_an_import_waits_no_longer_than_it_says(
    postgresql: Path, administrator: Execute, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tco.market.store.database._WAIT_SECONDS", 0.1)
    store = PriceStore(server.url(postgresql, schema=schema))
    store.add(batch(rate()))
    lock = "pg_advisory_%s(hashtextextended('tco price store', 0))"
    administrator(f"SELECT {lock % 'lock'}")
    try:
        assert len(store.imports()) == 1
        with pytest.raises(DataError, match="another import has not ended"):
            store.add(batch(rate(0.9)))
    finally:
        administrator(f"SELECT {lock % 'unlock'}")
    assert store.add(batch(rate(0.9))).added == 1


def test_what_refers_to_what_is_checked(
    postgresql: Path, administrator: Execute, schema: str
) -> None:
    PriceStore(server.url(postgresql, schema=schema)).add(batch(rate()))
    references = (
        "SELECT table_name FROM information_schema.table_constraints "
        f"WHERE constraint_type = 'FOREIGN KEY' AND table_schema = '{schema}'"
    )
    found = sorted(name for (name,) in administrator(references).fetchall())
    twice = ["prices", "quotes", "rates"]
    once = ["again", "imports", "seen", "set_aside", "sources", "undone"]
    assert found == sorted([*twice, *twice, *once])


def test_no_connection_is_left_open(postgresql: Path, administrator: Execute, schema: str) -> None:
    store = PriceStore(server.url(postgresql, schema=schema))
    store.add(batch(rate()))
    store.snapshot().rates_of("L4")
    part = store.export_rows()
    assert [next(part), next(part)][1][0] == "rate"
    others = (
        "SELECT 1 FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    until = time.monotonic() + 10  # a backend ends a little after its client
    while administrator(others).fetchall() and time.monotonic() < until:
        time.sleep(0.01)
    assert administrator(others).fetchall() == []
