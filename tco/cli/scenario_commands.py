"""Commands that answer one scenario: break-even, ledger, report, and what would change them.

What answers is loaded when a command runs: the tab key and `--help` only read its options.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tco.cli.commands import Command, check_ending
from tco.cli.help import width
from tco.cli.parameters import (
    asked_of,
    asked_option,
    catalogue_of,
    format_options,
    input_options,
    json_option,
    lines_from,
    output_option,
    question_command,
    scenario_from,
    scenario_options,
    wide_option,
)
from tco.cli.printing import answering, at_rate, fitted, is_wide, said_first, table
from tco.cli.streams import (
    beside,
    is_stream,
    say,
    write,
    write_bytes,
    write_table,
    write_tables,
    writing,
)
from tco.errors import InputError, Problem
from tco.questions import QUESTIONS, Answered, records, stamped
from tco.words import of_owner
from tco.words.figures import fixed_percent, wrapped

if TYPE_CHECKING:
    from tco.analysis.simulation import Simulation
    from tco.scenario import Scenario

# Endings of what is written as text, and how to have another.
_TABLE = (".csv", ".txt")
_AS_JSON = {".json": "with --json"}
_FILES = ("csv", "json")


@question_command("breakeven")
@input_options
@click.option("--csv", "table_file", metavar="FILE", help="A CSV table, one scenario per row.")
@click.option(
    "--odds",
    is_flag=True,
    help="Add how sure the verdict is and what to check first, from simulated futures.",
)
@wide_option
@output_option()
@json_option
@format_options
def breakeven_command(
    scenario_file: str | None,
    link: str | None,
    lines_file: str | None,
    table_file: str | None,
    odds: bool,
    prices: str,
    output: str,
    as_json: bool,
    sep: str,
    decimal: str | None,
    **texts: Any,
) -> None:
    """The answer comes as a sentence, then the figures behind it; --wide lists every result.

    With --csv, every row of a table is answered: an empty cell takes the default, a row with an
    error reports it in the column `error`, and --lines applies to every row. With --odds, the
    answer adds the share of simulated futures in which buying is cheaper, and the confidence in the
    verdict.
    """
    from tco.analysis.simulation import simulate
    from tco.model.breakeven import breakeven
    from tco.questions.scenarios import of_breakeven
    from tco.report.csv import check_format
    from tco.report.whole_answer import whole_text

    if table_file is not None:
        if scenario_file or link or as_json or any(text is not None for text in texts.values()):
            message = (
                "csv: a table takes no other inputs and is answered as CSV; put inputs into columns"
            )
            raise InputError([Problem("csv", message)])
        from tco.cli.sweep import say_rows
        from tco.questions.tables import answer_rows

        check_ending(output, _TABLE, {})
        catalogue = catalogue_of(prices)
        with writing(output) as target:
            rows, wrong = answer_rows(
                table_file,
                target,
                sep,
                decimal,
                catalogue=catalogue,
                odds=odds,
                own_lines=lines_from(lines_file),
            )
        say_rows(rows, wrong)
        return
    check_format(sep, decimal or ".")
    ways = {".csv": "with --csv, for a table", ".json": "with --json"}
    check_ending(output, (".json",) if as_json else (".txt",), ways)
    answer = breakeven(scenario_from(scenario_file, link, lines_file, prices, texts))
    found = simulate(answer.scenario) if odds else None
    if as_json:
        text = of_breakeven(answer, found).json
    else:
        text = whole_text(answer, found) if is_wide() else f"{answer.told.text(width(), _NEXT)}\n"
        if found:
            last = "" if is_wide() else fitted(_NEXT)
            text = f"{text.removesuffix(last)}{_odds_text(found)}\n{last}"
    write(output, text)


# What to ask next, with the same options.
_NEXT = "Next, with the same options: tco flips, tco options, tco simulate; tco breakeven --wide."


def _odds_text(found: Simulation) -> str:
    """How sure the verdict is, and what to look up first."""
    from tco.report.risk_tables import first_check

    sure = f" ({found.confidence} confidence)" if found.confidence else ""
    chance = f"Buying is cheaper in {fixed_percent(found.chance_buy)} of simulated futures{sure}."
    lines = filter(None, [chance, found.median_future, f"{first_check(found)}."])
    return "\n".join(line for one in lines for line in wrapped(one, width()))


@question_command("ledger")
@scenario_options
@asked_option(asked_of("ledger", "option"))
@output_option()
@json_option
@format_options
def ledger_command(
    scenario: Scenario,
    option: str | None,
    output: str,
    as_json: bool,
    sep: str,
    decimal: str | None,
) -> None:
    """The ledger is written as CSV, or as JSON with --json."""
    from tco.model.ledger import ledger_table
    from tco.report.csv import check_format, stamped_ledger

    decimal = decimal or "."
    check_format(sep, decimal)
    check_ending(output, (".json",) if as_json else _TABLE, _AS_JSON)
    if as_json:
        write(output, QUESTIONS["ledger"].of(scenario, {"option": option}).json)
    else:
        columns, rows = ledger_table(scenario, option)
        write_table(output, stamped_ledger(scenario, columns, rows, sep, decimal), decimal)


@question_command("report")
@scenario_options
@output_option()
@click.option("--ledger", "ledger_file", metavar="FILE", help="Output file for the ledger.")
@json_option
@format_options
def report_command(
    scenario: Scenario,
    output: str,
    ledger_file: str | None,
    as_json: bool,
    sep: str,
    decimal: str | None,
) -> None:
    """The ending of the file name selects the format.

    With -o report.csv it is the report, and the ledger goes to report-ledger.csv unless --ledger
    names another file. With -o report.xlsx it is a workbook with live formulas, with -o report.html
    or -o report.pdf the decision sheet: one A4 page, with its notes on a second.
    """
    from tco.analysis.simulation import odds_of
    from tco.questions.scenarios import of_report
    from tco.report.csv import check_format, ledger_csv, report_csv

    decimal = decimal or "."
    check_format(sep, decimal)
    path, ways = Path(output), {".csv": "without --json", **_AS_JSON}
    whole = (".html", ".pdf", ".xlsx")
    check_ending(output, ((".json",) if as_json else _TABLE) + whole, ways if as_json else _AS_JSON)
    check_ending(ledger_file or "-", _TABLE, {}, "ledger")
    if path.suffix.lower() in whole:
        asked = {"ledger": ledger_file is not None, "sep": sep != ",", "decimal": decimal != "."}
        _write_whole(scenario, output, {"json": as_json, **asked})
        return
    if ledger_file is None and not is_stream(output) and not as_json:
        ledger_file = beside(output, "ledger")
    if ledger_file is not None:
        if Path(ledger_file).resolve() == path.resolve():
            raise InputError([Problem("ledger", f"ledger = {ledger_file!r} is the report itself")])
        write_table(ledger_file, ledger_csv(scenario, sep, decimal), decimal)
    if as_json:
        found, why = odds_of(scenario)
        if why:
            say(f"tco: {why}")
        write(output, of_report(scenario, found).json)
    else:
        write_table(output, report_csv(scenario, sep, decimal), decimal)


def _write_whole(scenario: Scenario, path: str, asked: dict[str, bool]) -> None:
    """Write a workbook or a page; InputError where something that only text has is asked for."""
    suffix = Path(path).suffix.lower()
    problems = [
        Problem(name, f"{name} cannot be combined with -o {path}: a report in {suffix} is one file")
        for name, given in asked.items()
        if given
    ]
    if problems:
        raise InputError(problems)
    if suffix == ".xlsx":
        from tco.report.workbook import workbook

        content = workbook(scenario)
    else:
        from tco.report.pdf import pdf_of
        from tco.report.sheet import page
        from tco.scenario.link import query

        html = page(scenario, query(scenario))
        content = pdf_of(html) if suffix == ".pdf" else html.encode()
    write_bytes(path, content)


# --- What would change the answer: questions that are answered by frames


def question_options(command: Callable[..., None]) -> Callable[..., Any]:
    """The options of a command that answers one scenario with frames, in one of three formats."""
    form = click.option(
        "--format",
        "form",
        type=click.Choice(["table", "csv", "json"]),
        default="table",
        show_default=True,
        help="Output format.",
    )

    @wraps(command)
    def checked(scenario: Scenario, form: str, output: str, **told: Any) -> None:
        endings = {"table": (".txt",), "csv": _TABLE, "json": (".json",)}
        check_ending(output, endings[form], {f".{one}": f"with --format {one}" for one in _FILES})
        command(scenario, form=form, output=output, **told)

    return scenario_options(wide_option(output_option()(form(checked))))


def _plain_command(name: str) -> click.Command:
    """The command that asks a question of a scenario and takes nothing beside it."""

    def run(scenario: Scenario, form: str, output: str) -> None:
        _answer(name, scenario, form, output)

    return question_command(name)(question_options(run))


@question_command("tornado")
@asked_option(asked_of("tornado", "count"), type=int, default=12, show_default=True)
@question_options
def tornado_command(scenario: Scenario, count: int, form: str, output: str) -> None:
    """Low and high are the 10th and 90th percentiles of an input."""
    _answer("tornado", scenario, form, output, count=count)


@question_command("simulate")
@asked_option(asked_of("simulate", "draws"), type=int, default=2_048, show_default=True)
@asked_option(asked_of("simulate", "seed"), type=int, default=0, show_default=True)
@question_options
def simulate_command(scenario: Scenario, draws: int, seed: int, form: str, output: str) -> None:
    """Inputs left at their defaults, or given as a range such as 0.3..0.7, vary.

    With --format csv -o odds.csv the drivers go to odds-drivers.csv.
    """
    _answer("simulate", scenario, form, output, draws=draws, seed=seed)


def _answer(name: str, scenario: Scenario, form: str, output: str, **asked: Any) -> None:
    """Write the answer of a question: what is to be read first, then its tables."""
    _write(QUESTIONS[name].of(scenario, asked), scenario, form, output)


def _write(found: Answered, scenario: Scenario, form: str, output: str) -> None:
    if form == "csv":
        write_tables(output, {name: found.csv(name) for name in found.frames})
        return
    if form == "json":
        text = found.json
    else:
        first = of_owner(said_first(found), scenario.values())
        tables = (table(frame, name) for name, frame in found.frames.items())
        last = []
        if "options" in found.frames:
            from tco.report.option_tables import left_out, payback_note

            compared = found.frames["options"]
            lacking = [f"Not compared: {one}." for one in left_out(compared)]
            told = filter(None, [payback_note(compared), *lacking])
            last = ["".join(map(fitted, told))]
        text = at_rate("\n".join(filter(None, [first, *tables, *last])))
    write(output, text)


# --- What else there is to see of a scenario


@question_command("win_map")
@click.option(
    "--x",
    metavar="INPUT",
    default="utilization",
    show_default=True,
    help="The input on the horizontal axis.",
)
@click.option(
    "--y",
    metavar="INPUT",
    default="rate-usd-per-gpu-hour",
    show_default=True,
    help="The input on the vertical axis.",
)
@asked_option(asked_of("win_map", "points"), type=int, default=21, show_default=True)
@question_options
def win_map_command(
    scenario: Scenario, x: str, y: str, points: int, form: str, output: str
) -> None:
    """The terminal shows a map of letters; CSV and JSON have a row for each pair of values."""
    asked = {"x": x.replace("-", "_"), "y": y.replace("-", "_"), "points": points}
    found = QUESTIONS["win_map"].of(scenario, asked)
    if form == "table":
        from tco.report.map_text import map_text

        first = said_first(found)
        told = f"{map_text(scenario, found.frames['win_map'], width())}\n"
        text = of_owner("\n".join(filter(None, (first, told))), scenario.values())
        write(output, at_rate(text))
    else:
        _write(found, scenario, form, output)


@click.command("curves", cls=Command)
@question_options
def curves_command(scenario: Scenario, form: str, output: str) -> None:
    """Cumulative costs of owning and renting by month, in present values.

    The exit columns are the costs if you stop in that month: net of resale, and with what is then
    left of a commitment.
    """
    from tco.model.ledger import curves
    from tco.report.market_tables import frame_csv

    found = curves(scenario)
    if form == "json":
        text = stamped(scenario.catalogue, scenario=scenario.to_dict(), curves=records(found))
    elif form == "csv":
        text = frame_csv(found, scenario.catalogue)
    else:
        from tco.model.breakeven import breakeven
        from tco.report.drawing import cumulative_words

        title, _ = cumulative_words(found, breakeven(scenario))
        first = answering(of_owner(f"{title}.", scenario.values()))
        text = at_rate("\n".join(filter(None, (first, table(found, "curves")))))
    write(output, text)


COMMANDS = (
    *(breakeven_command, ledger_command, report_command, tornado_command, simulate_command),
    *(win_map_command, curves_command),
    *map(_plain_command, ("flips", "stress", "options", "rack")),
)
