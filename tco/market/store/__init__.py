"""A price store: dated observations on the user's machine or a team's server, never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tco.errors import DataError
from tco.market.catalogue import Observations
from tco.market.observed import Added, Batch, Import, RejectionCount
from tco.market.store.address import absent, address_of


@contextmanager
def _installed() -> Iterator[None]:
    """Around whatever needs the packages of a store, which are imported when they are needed."""
    try:
        yield
    except ImportError as missing:
        raise DataError(
            f"a price store needs further packages: {missing}: pip install 'gpu-tco[store]'"
        ) from missing


class PriceStore:
    """Observations of prices in a file of the user's (SQLite), or on a server (PostgreSQL).

    `url` is a file name, sqlite:///file or postgresql://user@host/database; without it the value of
    TCO_STORE, else prices.db in the user's data folder. The first import makes the store;
    until then `exists` is False and reading raises DataError, as does every store that cannot be
    read or written. `label` and repr() leave the password out, `url` has it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     PriceStore(Path(folder) / "prices.db").exists()
    False
    """

    @_installed()
    def __init__(self, url: str | Path | None = None) -> None:
        self._address = address_of(url)
        self.url, self.label = self._address.url, self._address.label

    def __repr__(self) -> str:
        return f"<{self.label}>"

    @_installed()
    def exists(self) -> bool:
        """Whether there is a store; makes nothing."""
        if absent(self._address):
            return False
        from tco.market.store import database

        return database.found(self._address)

    @_installed()
    def add(self, batch: Batch) -> Added:
        """Append what the store does not have yet: all of it, or nothing if anything is wrong."""
        from tco.market.store import append, database

        with database.writing(self._address) as connection:
            return append.add(connection, batch)

    @_installed()
    def imports(self) -> tuple[Import, ...]:
        """Every import, the oldest first."""
        from tco.market.store import contents

        return contents.imports(self._address)

    @_installed()
    def set_aside(self, import_id: int | None = None) -> tuple[RejectionCount, ...]:
        """What one import, or all, set aside: by provider, GPU and reason."""
        from tco.market.store import contents

        return contents.rejections(self._address, import_id)

    @_installed()
    def snapshot(self) -> Observations:
        """The observations up to the newest import: the same object until there is another.

        Of rates that agree in provider, instance, region, term, as_of and source, and of prices
        that agree in price_basis, as_of and source, it has the one that came last.
        """
        from tco.market.store import contents

        return contents.newest_snapshot(self._address)

    @_installed()
    def export_rows(self) -> Iterator[tuple[Any, ...]]:
        """EXPORT_COLUMNS, then every observation: rates, prices, quotes, by GPU as they came.

        Money is in US dollars as floats, host_included is yes or no; what a kind of observation
        does not have is empty.
        """
        from tco.market.store import contents

        return contents.export_rows(self._address)

    @_installed()
    def close(self) -> None:
        """Let go of the database; the store opens it again when it is used again."""
        from tco.market.store import database

        database.close(self._address)
