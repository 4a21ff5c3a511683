"""The options that say which prices count and where the store is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tco.cli.output import say
from tco.market.catalogue import Catalogue
from tco.market.price_sources import SHIPPED
from tco.market.price_sources import catalogue_of as named

Command = TypeVar("Command", bound=Callable[..., Any])


def prices_option(command: Command) -> Command:
    """The option `--prices`; the environment variable TCO_PRICES stands for it."""
    return click.option(
        "--prices",
        metavar="SOURCE",
        envvar="TCO_PRICES",
        default=SHIPPED,
        show_default=True,
        help="Prices on top of the shipped data: store (your price store), the address of one, or "
        "a CSV file of prices.  [env: TCO_PRICES]",
    )(command)


def store_option(command: Command) -> Command:
    """The option `--store`; the environment variable TCO_STORE stands for it."""
    return click.option(
        "--store",
        metavar="URL",
        help="Address of the price store (sqlite:///…, postgresql://…) or its file; by default a "
        "file in your data folder.  [env: TCO_STORE]",
    )(command)


def catalogue_of(prices: str) -> Catalogue:
    """The data that `--prices` asks for; whatever is not only the shipped data is announced."""
    catalogue = named(prices)
    if catalogue.extra is not None:
        say(f"tco: prices: {catalogue.label}, newest of {catalogue.newest}")
    return catalogue
