"""Where a store is, who may read it, and what is not a store."""

from __future__ import annotations

import pickle
import resource
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tco.errors import DataError
from tco.market.store import PriceStore
from tests.market.store.builders import batch, many, rate
from tests.market.store.conftest import nobody
from tests.market.store.processes import ROOT


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may read, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TCO_STORE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_usual_place_is_private(home: Path) -> None:
    store = PriceStore()
    file = home / "share" / "tco" / "prices.db"
    assert store.url == f"sqlite:///{file}"
    assert store.label == f"price store {file}"
    assert repr(store) == str(store) == f"<price store {file}>"
    assert not store.exists()
    assert not file.parent.exists()
    store.add(batch(rate()))
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert list(file.parent.iterdir()) == [file]


def test_the_environment_names_another_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, file in (
        ("", home / "share" / "tco" / "prices.db"),
        ("~/mine.db", home / "mine.db"),
        (f"sqlite:///{home}/theirs.db", home / "theirs.db"),
    ):
        monkeypatch.setenv("TCO_STORE", value)
        assert PriceStore().url == f"sqlite:///{file}"
    assert PriceStore(home / "given.db").url == f"sqlite:///{home}/given.db"


@pytest.mark.parametrize("name", ["prices.db", "a b #1?50%.db", "é 🙂.db", "file:x.db"])
def test_any_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    store = PriceStore(name)
    store.add(batch(rate()))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert mode(tmp_path / name) == 0o600
    assert PriceStore(tmp_path / name).snapshot() is store.snapshot()


def test_a_relative_name_means_the_folder_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    stores = [PriceStore("p.db"), PriceStore("sqlite:///p.db"), PriceStore(Path("p.db"))]
    monkeypatch.chdir(tmp_path)
    assert {store.url for store in stores} == {f"sqlite:///{tmp_path}/sub/p.db"}
    assert pickle.loads(pickle.dumps(stores[0])).url == stores[0].url


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("mysql://me:secret@host/prices", "mysql"),
        ("sqlite://", "sqlite"),
        ("sqlite:///", "sqlite"),
        ("sqlite:///:memory:", "sqlite"),
        ("sqlite:///prices.db?mode=ro", "sqlite"),
        ("sqlite://prices.db", "sqlite"),
        ("postgresql+asyncpg://me:secret@host/prices", "postgresql.asyncpg"),
        ("https://me:secret@host/prices.db", "https"),
    ],
)
def test_addresses_of_another_kind(url: str, kind: str) -> None:
    with pytest.raises(DataError, match=f"{kind}://…, is not a file name, sqlite:///") as caught:
        PriceStore(url)
    assert "secret" not in str(caught.value)


def test_an_address_that_cannot_be_read() -> None:
    with pytest.raises(DataError, match="the address of the price store cannot be read") as caught:
        PriceStore("postgresql://me:secret@host:port/prices")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://ann:se%2Fcret@db.example.org:6432/prices", "ann@db.example.org:6432/prices"),
        ("postgresql://db/prices?user=ann&password=se/cret", "db/prices"),
        ("postgresql+psycopg://ann:se%2Fcret@/prices?host=db", "ann@db/prices"),
    ],
)
def test_the_password_is_not_shown(url: str, shown: str) -> None:
    store = PriceStore(url)
    assert store.label == f"price store postgresql://{shown}"
    for text in (str(store), repr(store), repr(store._address), store.label):
        assert "cret" not in text
    assert store._address.concealed("no\n  se/cret: 'se/cret'") == "no ***: '***'"
    assert "cret" in store.url
    assert store.url.startswith("postgresql+psycopg://")
    assert PriceStore(store.url).label == store.label


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("gpu,usd\nL4,2650\n" * 100, encoding="utf-8")
    store = PriceStore(file)
    for use in (store.exists, store.snapshot, lambda: store.add(batch(rate()))):
        with pytest.raises(DataError, match=r"prices.csv: file is not a database"):
            use()
    assert file.read_text(encoding="utf-8") == "gpu,usd\nL4,2650\n" * 100


def test_a_database_of_something_else(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE bookmarks (address TEXT)")
    before, store = (tmp_path / "other.db").read_bytes(), PriceStore(tmp_path / "other.db")
    assert not store.exists()
    with pytest.raises(DataError, match="there is no price store"):
        store.imports()
    with pytest.raises(DataError, match="a database of something else, with the tables bookmarks"):
        store.add(batch(rate()))
    assert (tmp_path / "other.db").read_bytes() == before


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "prices.db").touch()
    store = PriceStore(tmp_path / "prices.db")
    assert not store.exists()
    assert store.add(batch(rate())).added == 1


def test_a_file_that_another_import_makes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PriceStore(tmp_path / "prices.db")
    store.add(batch(rate()))
    monkeypatch.setattr("tco.market.store.absent", lambda _address: True)
    assert store.add(batch(rate(0.9))).import_id == 2


def test_reading_never_makes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tco.market.store.database.absent", lambda _address: False)
    with pytest.raises(DataError, match="unable to open database file"):
        PriceStore(tmp_path / "prices.db").imports()
    assert list(tmp_path.iterdir()) == []


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be made: No such file or directory"):
        PriceStore(tmp_path / "none" / "prices.db").add(batch(rate()))
    assert not PriceStore(tmp_path / "none" / "prices.db").exists()
    for use in (PriceStore(tmp_path).exists, lambda: PriceStore(tmp_path).add(batch(rate()))):
        with pytest.raises(DataError, match="is a folder: give a file name"):
            use()


def test_permissions(open_folder: Path) -> None:
    store = PriceStore(open_folder / "prices.db")
    store.add(batch(rate()))
    (open_folder / "prices.db").chmod(0o444)
    open_folder.chmod(0o555)
    with nobody():
        assert len(store.imports()) == 1
        assert store.snapshot().rates_of("L4") == (rate(),)
        with pytest.raises(DataError, match=r"prices.db: attempt to write a readonly database"):
            store.add(batch(rate(0.9)))
        with pytest.raises(DataError, match=r"new.db cannot be made: Permission denied"):
            PriceStore(open_folder / "new.db").add(batch(rate()))
    (open_folder / "prices.db").chmod(0)
    with nobody(), pytest.raises(DataError, match=r"prices.db: no permission to read it"):
        store.imports()
    open_folder.chmod(0)
    with nobody(), pytest.raises(DataError, match=r"prices.db: Permission denied"):
        store.exists()


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    store = PriceStore(tmp_path / "prices.db")
    store.add(batch(rate()))
    before = (store.imports(), list(store.export_rows()))
    size = (tmp_path / "prices.db").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1_000_000, limits[1]))
    try:
        with pytest.raises(DataError, match=r"prices.db: (disk I/O error|.* full)"):
            store.add(batch(*many(10_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert before == (store.imports(), list(store.export_rows()))
    assert store.add(batch(*many(10_000))).added == 10_000


def test_a_file_that_was_cut(tmp_path: Path) -> None:
    store = PriceStore(tmp_path / "prices.db")
    store.add(batch(*many(1_000)))
    whole = (tmp_path / "prices.db").read_bytes()
    (tmp_path / "prices.db").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"prices.db: database disk image is malformed"):
        list(store.export_rows())


def test_an_import_waits_no_longer_than_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tco.market.store.database._WAIT_SECONDS", 0.1)
    store = PriceStore(tmp_path / "prices.db")
    store.add(batch(rate()))
    with closing(sqlite3.connect(tmp_path / "prices.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert len(store.imports()) == 1
        with pytest.raises(DataError, match="another import has not ended"):
            store.add(batch(rate(0.9)))
    assert store.add(batch(rate(0.9))).added == 1


@pytest.mark.parametrize("name", ["sqlalchemy", "platformdirs"])
def test_without_the_packages(name: str, tmp_path: Path) -> None:
    (tmp_path / "prices.db").touch()
    given = "" if name == "platformdirs" else "'prices.db'"
    code = f"""
import sys
sys.modules[{name!r}] = None
from tco.market.store import PriceStore
PriceStore({given}).exists()
"""
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.splitlines()[-1]
    assert said.startswith("tco.errors.DataError: a price store needs further packages: ")
    assert name in said
    assert "'.[store]' in the folder with the pyproject.toml of tco" in said
