"""Commands for decisions: put one on record, print it, and ask it again on the data of today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tco.analysis.actuals import FIGURES, actuals
from tco.analysis.decision import Decision, decide
from tco.analysis.recheck import Recheck, recheck
from tco.cli.commands import Command, check_ending
from tco.cli.parameters import (
    catalogue_of,
    json_option,
    output_option,
    prices_option,
    read_text,
    scenario_options,
    show_in_currency_of,
    wide_option,
)
from tco.cli.printing import aligned, fitted, table
from tco.cli.streams import say, write, write_bytes
from tco.questions import stamped
from tco.questions.decisions import of_recheck
from tco.report.decision import MOVED, decision_page, decision_text, moved_rows
from tco.report.pdf import pdf_of
from tco.scenario import Scenario
from tco.words import headline

# What `tco recheck` exits with where the decision no longer holds: a question for a cron job.
FLIPPED = 1
_RECORD, _PAGE, _PDF = ".json", ".html", ".pdf"


def _figures(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each figure of a bill or a log."""
    for name, meaning in reversed(FIGURES.items()):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, type=float, metavar="NUMBER", help=meaning)(command)
    return command


@click.command("decide", cls=Command)
@scenario_options
@click.option("--by", required=True, metavar="NAME", help="Who decides.")
@click.option(
    "--on", "day", metavar="DATE", help="Day of the decision, YYYY-MM-DD [default: today]."
)
@click.option("--note", default="", metavar="TEXT", help="The reason, in a sentence or two.")
@output_option("Output file, such as decision.tco.json; - for standard output.")
def decide_command(scenario: Scenario, by: str, day: str | None, note: str, output: str) -> None:
    """Put a decision on record: the answer, and all that it rests on, as JSON.

    tco recheck asks it again later; tco decision prints it, with a line to sign.
    """
    check_ending(output, (_RECORD,), {})
    record = decide(scenario, by=by, on=day, note=note)
    write(output, record.to_json())
    if output != "-":
        say(f"tco: {output}: {headline(record.verdict, record.confidence)}")


@click.command("decision", cls=Command)
@click.argument("record_file", metavar="FILE")
@output_option("Output file: text, or with .html or .pdf a page; - for standard output.")
def decision_command(record_file: str, output: str) -> None:
    """Print the record of a decision, with a line to sign and to date."""
    check_ending(output, (".txt", _PAGE, _PDF), {})
    record, ending = _record(record_file), Path(output).suffix.lower()
    if ending == _PDF:
        write_bytes(output, pdf_of(decision_page(record)))
    else:
        write(output, decision_page(record) if ending == _PAGE else decision_text(record))


@click.command("recheck", cls=Command)
@click.argument("record_file", metavar="FILE")
@wide_option
@json_option
@prices_option
@output_option()
def recheck_command(record_file: str, as_json: bool, prices: str, output: str) -> None:
    """Whether a decision on record still holds on the data of today.

    What was given then stays; defaults are those of today. The exit code is 1 where the verdict has
    flipped, and 0 where it holds.
    """
    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    found = recheck(_record(record_file), prices=catalogue_of(prices))
    write(output, of_recheck(found).json if as_json else _as_text(found))
    if found.flipped:
        click.get_current_context().exit(FLIPPED)


@click.command("actuals", cls=Command)
@click.argument("record_file", metavar="FILE")
@click.option(
    "--bill", "bills", metavar="FILE", multiple=True, help="An export of the bill; may be repeated."
)
@click.option(
    "--telemetry", "logs", metavar="FILE", multiple=True, help="A log of GPUs; may be repeated."
)
@_figures
@wide_option
@json_option
@output_option()
def actuals_command(
    record_file: str,
    bills: tuple[str, ...],
    logs: tuple[str, ...],
    as_json: bool,
    output: str,
    **figures: float | None,
) -> None:
    """What a decision on record expected of a period, beside what was billed and measured.

    The gap to the plan is the sum of a rate effect and a volume effect. The decision is then asked
    again with the measured rate, utilization and power. A figure that is given counts before that
    of a file. The exit code is 1 where the verdict is another one at the measured values.
    """
    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    found = actuals(_record(record_file), bill=bills or None, telemetry=logs or None, **figures)
    if as_json:
        text = stamped(found.check.now.scenario.catalogue, **found.to_dict())
    else:
        said = "".join(fitted(sentence) for sentence in found.sentences)
        text = f"{said}\n{table(found.to_frame())}"
    write(output, text)
    if found.check.flipped:
        click.get_current_context().exit(FLIPPED)


def _record(path: str) -> Decision:
    record = Decision.from_json(read_text(path))
    show_in_currency_of(record.as_decided())
    return record


def _as_text(found: Recheck) -> str:
    """The sentence, how sure it is, and what moved."""
    lines = [fitted(found.sentence).rstrip("\n"), headline(found.verdict, found.confidence)]
    moved = moved_rows(found)
    if not moved:
        return "\n".join([*lines, "No input has moved.", ""])
    return "\n".join([*lines, "", aligned(MOVED, moved)])


COMMANDS = (decide_command, decision_command, recheck_command, actuals_command)
