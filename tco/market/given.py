"""Prices that a caller gives: a price store or a frame, on top of the shipped data."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from tco.errors import InputError, Problem
from tco.market.catalogue import Catalogue, load

_KNOWN: WeakKeyDictionary[Any, Catalogue] = WeakKeyDictionary()
_MEANING = "a price store (tco.PriceStore), or a frame with a row for each price or rate"


def catalogue_with(prices: Any = None) -> Catalogue:
    """The shipped data, with the observations of a price store or a frame on top of it.

    Where an offer stands in both, the newer observation counts. InputError for anything that is
    neither, DataError for a store that cannot be read.

    >>> catalogue_with() is load()
    True
    """
    if prices is None:
        return load()
    if isinstance(prices, Catalogue):
        return prices
    if hasattr(prices, "snapshot"):
        snapshot = prices.snapshot()
        if snapshot not in _KNOWN:
            _KNOWN[snapshot] = load().with_prices(snapshot)
        return _KNOWN[snapshot]
    if hasattr(prices, "columns") and hasattr(prices, "to_dict"):
        from tco.market.frames import observed_frame

        return load().with_prices(observed_frame(prices, load()))
    raise InputError([Problem("prices", f"prices = {type(prices).__name__} is not {_MEANING}")])
