import pytest

from tco.market.importers import by_hand
from tco.market.store import PriceStore
from tests.app.helpers import opened

DAY, END = "2026-11-28", "2099-12-31"


@pytest.fixture(autouse=True)
def no_prices_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.delenv("TCO_PRICES", raising=False)
    monkeypatch.setenv("TCO_STORE", str(tmp_path / "own.db"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "prices.db"


@pytest.fixture
def quoted(path, monkeypatch):
    """A store with one rental quote, in use."""
    monkeypatch.setenv("TCO_PRICES", str(path))
    note = "reseller <b>ten</b> $x$ :red[y]"
    batch = by_hand.rental("L4", 0.55, provider="acme", as_of=DAY, valid_until=END, note=note)
    store = PriceStore(path)
    store.add(batch)
    return store


@pytest.fixture
def shipped_screen():
    return opened()
