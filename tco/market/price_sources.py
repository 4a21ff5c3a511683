"""Which prices answers rest on: the shipped data, alone or with a store or a file on top of it.

What reads the one or the other is loaded where it is asked for.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tco.errors import DataError

if TYPE_CHECKING:
    from tco.market.catalogue import Catalogue
    from tco.market.store import PriceStore

# The words for the shipped data alone, and for the store in its usual place.
SHIPPED, STORE = "shipped", "store"
_TABLES = (".csv", ".csv.gz", ".tsv", ".xlsx", ".zip")


def catalogue_of(name: str = SHIPPED) -> Catalogue:
    """The data of a name: `shipped`, `store`, the address of a store, or a CSV file of prices.

    The same object again as long as nothing was added. DataError for a store or file that is not
    there, or cannot be read.

    >>> from tco.market.catalogue import load
    >>> catalogue_of("shipped") is load()
    True
    """
    from tco.market.catalogue import load

    if name in ("", SHIPPED):
        return load()
    if is_table(name):
        path = Path(name)
        if not path.is_file():
            raise DataError(f"{name}: there is no such file of prices")
        return _of_file(path, path.stat().st_mtime_ns)
    from tco.market.observed import catalogue_with
    from tco.market.store import PriceStore

    store = PriceStore(None if name == STORE else name)
    if not store.exists():
        raise DataError(f"there is no {store.label}: an import makes it (tco prices import)")
    return catalogue_with(store)


def is_table(name: str) -> bool:
    """Whether prices of this name are a table in a file.

    >>> is_table("mine.CSV"), is_table("mine.xlsx"), is_table("prices.db")
    (True, True, False)
    """
    return name.casefold().endswith(_TABLES)


def data_of(store: PriceStore) -> Catalogue:
    """The shipped data with a store on top of it; alone as long as there is no store."""
    from tco.market.catalogue import load
    from tco.market.observed import catalogue_with

    return catalogue_with(store) if store.exists() else load()


@lru_cache(maxsize=4)
def _of_file(path: Path, _changed: int) -> Catalogue:
    from tco.market.catalogue import load
    from tco.market.importers import read_file
    from tco.market.observed import observed_batch

    return load().with_prices(observed_batch(read_file("csv", path)))
