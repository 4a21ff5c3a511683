"""Commands that list what there is: inputs, GPUs, rates, offers, history."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tco.cli.parameters import (
    asked_of,
    asked_option,
    catalogue_of,
    json_option,
    prices_option,
    question_command,
    wide_option,
)
from tco.cli.printing import said_first, table
from tco.cli.streams import write
from tco.questions import QUESTIONS
from tco.questions.answer import Answered, data_of

if TYPE_CHECKING:
    from tco.market.catalogue import Catalogue


@question_command("inputs")
@wide_option
@json_option
@prices_option
def _inputs(as_json: bool, prices: str) -> None:
    _list("inputs", catalogue_of(prices), as_json)


@question_command("gpus")
@wide_option
@json_option
@prices_option
def _gpus(as_json: bool, prices: str) -> None:
    _list("gpus", catalogue_of(prices), as_json)


@question_command("rates")
@asked_option(asked_of("rates", "gpu"))
@wide_option
@json_option
@prices_option
def _rates(gpu: str | None, as_json: bool, prices: str) -> None:
    _list("rates", catalogue_of(prices), as_json, gpu=gpu)


def _list(name: str, catalogue: Catalogue, as_json: bool, **asked: Any) -> None:
    _show(_answered(name, catalogue, asked), as_json)


def _show(found: Answered, as_json: bool) -> None:
    """An answer: what is said, then its tables."""
    tables = (table(frame, name) for name, frame in found.frames.items())
    said = said_first(found)
    write("-", found.json if as_json else "\n".join(filter(None, (said, *tables))))


def _answered(name: str, catalogue: Catalogue, asked: dict[str, Any]) -> Answered:
    from tco.scenario import Scenario

    given = {one: value for one, value in asked.items() if value is not None}
    found: Answered = QUESTIONS[name].of(Scenario(**data_of(catalogue)), given)
    return found


def _market_options(command: Callable[..., None]) -> Callable[..., Any]:
    """The options of a question to the rental market, which needs a GPU."""
    for one in reversed(QUESTIONS["offers"].takes):
        command = asked_option(one, required=one.needed)(command)
    return command


@question_command("offers")
@_market_options
@wide_option
@json_option
@prices_option
def offers_command(as_json: bool, prices: str, **asked: Any) -> None:
    """The sentence on top is the rate that answers use where none is given.

    It is not always P50: a commitment is a discount on the on-demand rate, and a GPU that no
    provider rents out borrows the rate of another.
    """
    _show(_answered("offers", catalogue_of(prices), asked), as_json)


@question_command("history")
@_market_options
@wide_option
@json_option
@prices_option
def _history(as_json: bool, prices: str, **asked: Any) -> None:
    _show(_answered("history", catalogue_of(prices), asked), as_json)


COMMANDS = (_inputs, _gpus, _rates, offers_command, _history)
