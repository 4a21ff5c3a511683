"""The inputs as command-line options, and what a command makes of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tco.cli.sources import catalogue_of, prices_option
from tco.errors import DataError, InputError, Problem
from tco.inputs import INPUTS
from tco.inputs.text import parse
from tco.scenario import Scenario

Command = TypeVar("Command", bound=Callable[..., Any])


def input_options(command: Command) -> Command:
    """One option for every input, `--scenario` for a file of them, and `--prices`."""
    command = prices_option(command)
    for declared in reversed(INPUTS.values()):
        unit = f"{declared.unit}, " if declared.unit else ""
        command = click.option(
            f"--{declared.name.replace('_', '-')}",
            declared.name,
            metavar="TEXT" if not declared.numeric else "NUMBER",
            help=f"{declared.meaning} [{unit}{declared.domain}]",
        )(command)
    return click.option(
        "--scenario",
        "scenario_file",
        metavar="FILE",
        help="A scenario as JSON, - for standard input; other options go on top of it.",
    )(command)


def scenario_from(scenario_file: str | None, texts: dict[str, Any], prices: str) -> Scenario:
    """The scenario of a file and the options on top of it, on the data of `--prices`."""
    catalogue = catalogue_of(prices)
    extra = catalogue if catalogue.extra else None
    given = {
        name: parse(INPUTS[name], text)
        for name, text in texts.items()
        if name in INPUTS and text is not None
    }
    if scenario_file is None:
        return Scenario(**given, prices=extra)
    base = Scenario.from_json(read_text(scenario_file))
    return Scenario(**{**base.given, **given}, prices=extra)


def one(scenario: Scenario) -> Scenario:
    """The scenario, unless it is a table: the command line answers tables with --csv."""
    if scenario.is_table:
        message = "scenario: the file holds a table; write it as CSV and use breakeven --csv"
        raise InputError([Problem("scenario", message)])
    return scenario


def read_text(path: str) -> str:
    """A whole small UTF-8 file, - for standard input; DataError when that fails."""
    try:
        if path == "-" and sys.stdin is None:
            raise DataError("standard input is closed")
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise DataError(f"{path}: {wrong}") from wrong
