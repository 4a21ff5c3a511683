"""Which prices the app rests on: the shipped data or, on request, a price store on top of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from tco.app import state
from tco.errors import DataError
from tco.market.catalogue import load
from tco.market.price_sources import SHIPPED, STORE, catalogue_of, open_store

if TYPE_CHECKING:
    from tco.market.store import PriceStore

ENVIRONMENT = "TCO_PRICES"
_TROUBLE = "trouble"
_FILE = ".csv"


def settle() -> None:
    """Bring the session up to the prices that were asked for, or to the shipped data alone."""
    try:
        state.settle(catalogue_of(_asked()))
        st.session_state[_TROUBLE] = ""
    except DataError as wrong:
        state.settle(load())
        st.session_state[_TROUBLE] = str(wrong)


def trouble() -> str:
    """Why the prices that were asked for are not used; empty when they are."""
    return str(st.session_state.get(_TROUBLE, ""))


def is_file() -> bool:
    """Whether the prices asked for are a file, to which nothing can be added."""
    return _asked().endswith(_FILE)


def store() -> PriceStore | None:
    """The price store that was asked for, whether it exists or not; None without one."""
    if _asked() == SHIPPED or is_file():
        return None
    try:
        return open_store("" if _asked() == STORE else _asked())
    except DataError:
        return None


def _asked() -> str:
    return os.environ.get(ENVIRONMENT) or SHIPPED
