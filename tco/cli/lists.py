"""Commands that list what there is: inputs, GPUs, rates, offers, history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tco.cli.commands import Command
from tco.cli.parameters import catalogue_of, json_option, prices_option, wide_option
from tco.cli.printing import fitted, table
from tco.cli.streams import write
from tco.market.catalogue import Catalogue
from tco.questions import QUESTIONS
from tco.questions.answer import Answered, data_of
from tco.scenario import Scenario


@click.command("inputs", cls=Command)
@wide_option
@json_option
@prices_option
def inputs_command(as_json: bool, prices: str) -> None:
    """Every input: name, unit, domain, default, source."""
    _list("inputs", catalogue_of(prices), as_json)


@click.command("gpus", cls=Command)
@wide_option
@json_option
@prices_option
def gpus_command(as_json: bool, prices: str) -> None:
    """The GPUs in the catalog."""
    _list("gpus", catalogue_of(prices), as_json)


@click.command("rates", cls=Command)
@click.option("--gpu", metavar="TEXT", help="Only this GPU.")
@wide_option
@json_option
@prices_option
def rates_command(gpu: str | None, as_json: bool, prices: str) -> None:
    """Rental rates with provider, region, term, date and source: every observation."""
    _list("rates", catalogue_of(prices), as_json, gpu=gpu)


def _list(name: str, catalogue: Catalogue, as_json: bool, **asked: Any) -> None:
    found = _answered(name, catalogue, asked)
    write("-", found.json if as_json else table(found.frames[name], name))


def _answered(name: str, catalogue: Catalogue, asked: dict[str, Any]) -> Answered:
    given = {one: value for one, value in asked.items() if value is not None}
    found: Answered = QUESTIONS[name].of(Scenario(**data_of(catalogue)), given)
    return found


def _market_options(command: Callable[..., None]) -> Callable[..., Any]:
    """The options of a question to the rental market."""
    for name, words in (
        ("as-of", "count ages from this date; later offers are left out"),
        ("region", "a region or a country; any for all"),
        ("term", "on_demand, spot, 1yr, 3yr or 5yr"),
        ("provider", "only this provider"),
    ):
        command = click.option(f"--{name}", metavar="TEXT", help=words)(command)
    return click.option("--gpu", metavar="TEXT", required=True, help="The GPU.")(command)


@click.command("offers", cls=Command)
@_market_options
@wide_option
@json_option
@prices_option
def offers_command(as_json: bool, prices: str, **asked: Any) -> None:
    """The rental offers for a GPU: which are comparable, how old they are, P10, P50 and P90.

    And the rate that answers take where none is given, which need not be P50: a commitment is a
    discount on the on-demand rate, and a GPU that no provider rents out borrows the rate of
    another.
    """
    found = _answered("offers", catalogue_of(prices), asked)
    if as_json:
        write("-", found.json)
    else:
        listed = table(found.frames["offers"], "offers")
        lie = table(found.frames["quantiles"], "quantiles")
        write("-", f"{listed}\n{fitted(found.sentences[0])}\n{lie}")


@click.command("history", cls=Command)
@_market_options
@wide_option
@json_option
@prices_option
def history_command(as_json: bool, prices: str, **asked: Any) -> None:
    """The rental price of a GPU over time, and the change per year of each series."""
    found = _answered("history", catalogue_of(prices), asked)
    if as_json:
        write("-", found.json)
    else:
        told, fitted = found.frames["history"], found.frames["trends"]
        write("-", f"{table(told, 'history')}\n{table(fitted, 'trends')}")


COMMANDS = (inputs_command, gpus_command, rates_command, offers_command, history_command)
