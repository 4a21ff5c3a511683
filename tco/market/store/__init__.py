"""A price store: dated observations on the user's machine or a team's server, never overwritten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tco.errors import DataError, to_install
from tco.market.catalogue import Observations, Quote
from tco.market.observed import Added, Batch, Import, RejectionCount, Undone

ENVIRONMENT = "TCO_STORE"
_FILE = "prices.db"
_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
_SECRETS = ("password", "sslpassword")
_WANTED = "a file name, sqlite:///file or postgresql://user@host/database"
# Only the user may read the store: quotes are private.
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True)
class Address:
    """Where a store is: `url` has the password, `label` has not; `path` only for a file."""

    url: str = field(repr=False)
    label: str
    path: Path | None = None
    usual: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def concealed(self, message: str) -> str:
        """A message on one line, without the password."""
        line = " ".join(message.split())
        for secret in filter(None, self.secrets):
            line = line.replace(secret, "***")
        return line


def address_of(url: str | Path | None = None) -> Address:
    """What a URL or a file name means; DataError for an address of another kind.

    Without one it is what TCO_STORE says, else prices.db in the user's data folder.

    >>> address_of("sqlite:////srv/prices.db") == address_of(Path("/srv/prices.db"))
    True
    >>> address_of("postgres://ann:secret@db.example.org/prices").label
    'price store postgresql://ann@db.example.org/prices'
    """
    given = url if url is not None else os.environ.get(ENVIRONMENT) or None
    if given is None:
        from platformdirs import user_data_path

        return _file(user_data_path("tco", appauthor=False) / _FILE, usual=True)
    if isinstance(given, Path) or "://" not in given:
        return _file(Path(given))
    kind, rest = given.split("://", 1)
    if kind in _POSTGRESQL:
        return _server(f"postgresql+psycopg://{rest}")
    path = rest.removeprefix("/")
    if kind not in _SQLITE or path == rest or path in ("", ":memory:") or "?" in path:
        raise DataError(f"the address of the price store, {kind}://…, is not {_WANTED}")
    return _file(Path(path))


def absent(address: Address) -> bool:
    """Whether the file of a store is not there; DataError for one that is not for reading."""
    if address.path is None:
        return False
    try:
        if address.path.is_dir():
            raise DataError(f"{address.label} is a folder: give a file name")
        if not address.path.exists():
            return True
    except OSError as wrong:
        raise DataError(f"{address.label}: {wrong.strerror}") from wrong
    if not os.access(address.path, os.R_OK):
        raise DataError(f"{address.label}: no permission to read it")
    return False


def prepare(address: Address) -> None:
    """Make the file of a new store, and its folder if it is the usual one, for the user alone."""
    if address.path is None or not absent(address):
        return
    try:
        if address.usual:
            address.path.parent.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        # Never opened where it exists: closing it would end SQLite's locks on it.
        os.close(os.open(address.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_FILE))
    except FileExistsError:
        return
    except OSError as wrong:
        raise DataError(f"{address.label} cannot be made: {wrong.strerror}") from wrong


def _file(path: Path, *, usual: bool = False) -> Address:
    at = path.expanduser().absolute()
    return Address(f"sqlite:///{at}", f"price store {at}", at, usual)


def _server(url: str) -> Address:
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DataError(f"the address of the price store cannot be read: not {_WANTED}") from None
    host = parsed.host or parsed.query.get("host")
    named = host if isinstance(host, str) else None
    shown = URL.create("postgresql", parsed.username, None, named, parsed.port, parsed.database)
    hidden = (parsed.password, *(parsed.query.get(name) for name in _SECRETS))
    return Address(
        parsed.render_as_string(hide_password=False),
        f"price store {shown.render_as_string()}",
        secrets=tuple(str(secret) for secret in hidden if secret),
    )


@contextmanager
def _installed() -> Iterator[None]:
    """Around whatever needs the packages of a store, which are imported when they are needed."""
    try:
        yield
    except ImportError as missing:
        message = f"a price store needs further packages: {missing}: {to_install('store')}"
        raise DataError(message) from missing


class PriceStore:
    """Observations of prices in a file of the user's (SQLite), or on a server (PostgreSQL).

    `url` is a file name, sqlite:///file or postgresql://user@host/database; without it the value of
    TCO_STORE, else prices.db in the user's data folder. The first import makes the store;
    until then `exists` is False and reading raises DataError, as does every store that cannot be
    read or written. `label` and repr() leave the password out, `url` has it; `path` is the file,
    None for a server.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     PriceStore(Path(folder) / "prices.db").exists()
    False
    """

    @_installed()
    def __init__(self, url: str | Path | None = None) -> None:
        self._address = address_of(url)
        self.url, self.label = self._address.url, self._address.label
        self.path = self._address.path

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
    def undo(self, import_id: int) -> Undone:
        """Take an import back: what only it brought no longer counts; nothing is deleted.

        DataError where there is no such import, or it was taken back before.
        """
        from tco.market.store import append, database

        if not self.exists():
            raise DataError(f"there is no {self.label} yet: the first import makes it")
        with database.writing(self._address) as connection:
            return append.undo(connection, import_id, self.label)

    @_installed()
    def imports(self) -> tuple[Import, ...]:
        """Every import, the oldest first."""
        from tco.market.store import database

        return database.imports(self._address)

    @_installed()
    def quotes(self) -> tuple[tuple[int, str, Quote], ...]:
        """Every quote that counts, as it came: its import, the collector of that, and the quote."""
        from tco.market.store import database

        return database.quotes(self._address)

    @_installed()
    def set_aside(self, import_id: int | None = None) -> tuple[RejectionCount, ...]:
        """What one import, or all, set aside: by provider, GPU and reason."""
        from tco.market.store import database

        return database.rejections(self._address, import_id)

    @_installed()
    def snapshot(self) -> Observations:
        """The observations up to the newest import: the same object until there is another.

        Of rates that agree in provider, instance, region, term, as_of and source, and of prices
        that agree in price_basis, as_of and source, it has the one that came last.
        """
        from tco.market.store import database

        return database.newest_snapshot(self._address)

    @_installed()
    def export_rows(self) -> Iterator[tuple[Any, ...]]:
        """EXPORT_COLUMNS, then every observation: rates, prices, quotes, by GPU as they came.

        Money is in US dollars as floats, host_included is yes or no; what a kind of observation
        does not have is empty.
        """
        from tco.market.store import database

        return database.export_rows(self._address)

    @_installed()
    def close(self) -> None:
        """Let go of the database; the store opens it again when it is used again."""
        from tco.market.store import database

        database.close(self._address)
