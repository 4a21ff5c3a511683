"""The options that commands share, and what they make of them: scenarios and data.

What makes them is loaded when a command runs: the tab key and `--help` only read the options.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tco.cli.commands import Command
from tco.cli.printing import WIDE
from tco.cli.streams import is_told, say
from tco.errors import DataError, InputError, Problem
from tco.inputs import DECLINE, RESIDUAL, TAKEN
from tco.inputs.declaration import midpoint_of
from tco.inputs.lines import FIELDS, Line
from tco.inputs.text import parse
from tco.market.price_sources import SHIPPED
from tco.questions import QUESTIONS
from tco.questions.asked import FLAG, NUMBER, TEXT, Asked
from tco.words.currencies import shown_in
from tco.words.figures import capital

if TYPE_CHECKING:
    from tco.market.catalogue import Catalogue
    from tco.scenario import Scenario

Function = TypeVar("Function", bound=Callable[..., Any])

# Where a command keeps the path of the policy that it was given.
_POLICY = "tco.policy"
# What stands for the value of a thing that is asked; of several for a list.
_METAVARS = {TEXT: "TEXT", NUMBER: "NUMBER"}
_SEPARATORS = {"tab": "\t", "\\t": "\t"}


def question_command(
    name: str, epilog: str | None = None
) -> Callable[[Callable[..., Any]], click.Command]:
    """The command that asks a question.

    Its help is the summary of the question; a docstring adds what is the command's own.
    """

    def made(command: Callable[..., Any]) -> click.Command:
        told = f"{QUESTIONS[name].summary}\n\n{inspect.getdoc(command) or ''}".rstrip()
        as_command = click.command(name.replace("_", "-"), cls=Command, help=told, epilog=epilog)
        return as_command(command)

    return made


def asked_option(one: Asked, **look: Any) -> Callable[[Function], Function]:
    """The option of one thing that a question takes; its help is what that means."""
    if one.kind == FLAG:
        usual: dict[str, Any] = {"is_flag": True, "default": None, "help": one.words}
    elif one.choices:
        usual = {"type": click.Choice(one.choices), "help": f"{capital(one.meaning)}."}
    else:
        usual = {"metavar": _METAVARS.get(one.kind, "LIST"), "help": one.words}
    return click.option(f"--{one.name.replace('_', '-')}", one.name, **{**usual, **look})


def asked_of(name: str, part: str) -> Asked:
    """One thing that a question takes, by both names."""
    return next(one for one in QUESTIONS[name].takes if one.name == part)


def _remember_wide(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    ctx.meta[WIDE] = is_asked


wide_option = click.option(
    "--wide",
    is_flag=True,
    expose_value=False,
    callback=_remember_wide,
    help="Show every column under its name, at full width.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def output_option(
    words: str = "Output file; - for standard output.", default: str = "-"
) -> Callable[[Function], Function]:
    """The option `-o`, `--output`."""
    return click.option("-o", "--output", default=default, metavar="FILE", help=words)


def format_options(command: Function) -> Function:
    """How a file of text is written, and a table read: `--sep` and `--decimal`."""
    command = click.option(
        "--decimal",
        help="Decimal mark: . or ,  [default: . or, for a table with semicolons, inferred]",
    )(command)
    return click.option(
        "--sep",
        default=",",
        callback=lambda _ctx, _option, text: _SEPARATORS.get(text, text),
        help="Cell separator: , ; tab or |",
    )(command)


def table_options(command: Function) -> Function:
    """How a table is read, where it does not show by itself: `--sep` and `--decimal`."""
    command = click.option(
        "--decimal", help="Decimal mark: . or ,  [default: inferred from the numbers]"
    )(command)
    return click.option(
        "--sep",
        default="",
        callback=lambda _ctx, _option, text: _SEPARATORS.get(text, text),
        help="Cell separator: , ; tab or |  [default: that of the first line]",
    )(command)


def _remember_policy(ctx: click.Context, option: click.Parameter, path: str | None) -> None:
    if path == "":  # as from a variable that is not set: no policy would count, unnoticed
        raise click.BadParameter("name a policy file", ctx, option)
    ctx.meta[_POLICY] = path


def prices_option(command: Function) -> Function:
    """The options `--prices` and `--policy`; environment variables stand for them.

    A policy counts wherever the command asks for the data: `catalogue_of`.
    """
    return _data_options(command, SHIPPED)


def prices_of_app_option(command: Function) -> Function:
    """The same for the app, which takes its user's own prices where nobody asks for any.

    The answer is empty then: tco.app.state knows whom the app serves.
    """
    usual = "your price store while the app is available on this machine only, else shipped"
    return _data_options(command, "", show_default=usual)


def _data_options(command: Function, default: str, show_default: str | bool = True) -> Function:
    command = click.option(
        "--policy",
        metavar="FILE",
        envvar="TCO_POLICY",
        expose_value=False,
        callback=_remember_policy,
        help="A policy file: the values that your finance department has locked, and the ranges "
        "that it allows.  [env: TCO_POLICY]",
    )(command)
    return click.option(
        "--prices",
        metavar="SOURCE",
        envvar="TCO_PRICES",
        default=default,
        show_default=show_default,
        help="Prices in addition to the shipped data: store (your price store), the address of a "
        "store, or a CSV file of prices.  [env: TCO_PRICES]",
    )(command)


def lines_option(command: Function) -> Function:
    """The option `--lines`."""
    return click.option(
        "--lines",
        "lines_file",
        metavar="FILE",
        help="Your own lines of cost and income as CSV, - for standard input; columns: "
        f"{', '.join(FIELDS)}.",
    )(command)


def lines_from(lines_file: str | None) -> tuple[Line, ...]:
    """The lines of `--lines`."""
    from tco.scenario.lines_csv import lines_of_csv

    return () if lines_file is None else lines_of_csv(read_text(lines_file), lines_file)


def catalogue_of(prices: str) -> Catalogue:
    """The data that `--prices` and `--policy` ask for; what is not the shipped data is told."""
    from tco.market.policy import catalogue_under
    from tco.market.price_sources import catalogue_of as named

    catalogue = named(prices)
    if path := policy_asked():
        catalogue = catalogue_under(path, catalogue)
        policy = catalogue.policy
        say(f"tco: policy: {policy.name} of {policy.as_of}: {', '.join(policy.by_input)}")
    if catalogue.extra is not None:
        say(f"tco: prices: {catalogue.label}, newest of {catalogue.newest}")
        for remark in catalogue.extra.remarks:
            say(f"tco: prices: {remark}")
    return catalogue


def policy_asked() -> str | None:
    """The path of the policy that the command was given, if any."""
    context = click.get_current_context(silent=True)
    path: str | None = context.meta.get(_POLICY) if context else None
    return path


def input_options(command: Function) -> Function:
    """One option for every input, `--scenario` for a file of them, `--lines` and `--prices`."""
    command = lines_option(prices_option(command))
    for declared in reversed(TAKEN.values()):
        command = click.option(
            f"--{declared.name.replace('_', '-')}",
            declared.name,
            metavar="TEXT" if not declared.numeric else "NUMBER",
            help=declared.help,
        )(command)
    command = click.option(
        "--link",
        metavar="LINK",
        help="A link to a scenario in the app; other options override it.",
    )(command)
    return click.option(
        "--scenario",
        "scenario_file",
        metavar="FILE",
        help="A scenario as JSON, - for standard input; other options override it.",
    )(command)


def scenario_options(command: Function) -> Callable[..., Any]:
    """The same, for a command that takes the scenario that they make, on the data of `--prices`.

    InputError where the file holds a table: the command line answers tables with --csv.
    """

    @wraps(command)
    def run(
        scenario_file: str | None,
        link: str | None,
        lines_file: str | None,
        prices: str,
        **told: Any,
    ) -> Any:
        texts = {name: told.pop(name) for name in TAKEN}
        return command(scenario_from(scenario_file, link, lines_file, prices, texts), **told)

    return input_options(run)


def scenario_from(
    scenario_file: str | None,
    link: str | None,
    lines_file: str | None,
    prices: str,
    texts: dict[str, Any],
) -> Scenario:
    """The scenario of a file or a link and what is on top of it: what `scenario_options` passes on.

    What of the link is not used is announced.
    """
    from tco.questions.answer import data_of
    from tco.scenario import Scenario, on_top
    from tco.scenario.link import decode, parameters_of

    catalogue = catalogue_of(prices)
    given = {name: parse(TAKEN[name], text) for name, text in texts.items() if text is not None}
    if lines_file is not None:
        given["lines"] = lines_from(lines_file)
    if scenario_file is not None and link is not None:
        raise InputError([Problem("link", "link: give either a link or a file, not both")])
    if scenario_file is not None:
        given = on_top(Scenario.from_json(read_text(scenario_file)).given_and_lines, given)
    if link is not None:
        if not link.strip():
            raise InputError([Problem("link", "link is empty: give the address from the app")])
        found = decode(parameters_of(link), catalogue)
        for remark in found.remarks:
            say(f"tco: link: {remark}")
        given = on_top(found.scenario.given_and_lines, given)
    scenario = Scenario(**given, **data_of(catalogue))
    if scenario.is_table:
        message = "scenario: the file holds a table; write it as CSV and use breakeven --csv"
        raise InputError([Problem("scenario", message)])
    if RESIDUAL in given:
        entry = scenario.resolved()[DECLINE]
        say(f"tco: {DECLINE} = {midpoint_of(entry.value):.6g}: {entry.note}")
    show_in_currency_of(scenario)
    return scenario


def show_in_currency_of(scenario: Scenario) -> None:
    """Whatever the command writes from now on is in the currency of the scenario, too.

    At which rate is said behind the answer, unless that says it itself; not behind an error.
    """
    found = scenario.conversion
    if found is None:
        return

    def say_rate() -> None:
        has_failed = isinstance(sys.exc_info()[1], InputError | DataError)
        if not has_failed and not is_told(found.sentence):
            say(f"tco: {found.sentence}")

    context = click.get_current_context()
    context.with_resource(shown_in(found))
    context.call_on_close(say_rate)


def read_text(path: str) -> str:
    """A whole small file of text, - for standard input; DataError when that fails."""
    from tco.inputs.tables import strict_text_of

    try:
        if path == "-" and sys.stdin is None:
            raise DataError("standard input is closed")
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as wrong:
        raise DataError(f"{path}: {wrong.strerror or wrong}") from wrong
    return strict_text_of(data, path)
