"""Commands for decisions: put one on record, print it, and ask it again on the data of today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tco.cli.commands import Command, check_ending
from tco.cli.parameters import (
    catalogue_of,
    json_option,
    output_option,
    prices_option,
    question_command,
    read_text,
    scenario_options,
    show_in_currency_of,
    wide_option,
)
from tco.cli.printing import aligned, at_rate, fitted
from tco.cli.streams import say, write, write_bytes
from tco.words import headline

if TYPE_CHECKING:
    from tco.analysis.decision import Decision
    from tco.analysis.recheck import Recheck
    from tco.scenario import Scenario

# What `tco recheck` exits with where the decision no longer holds: a question for a cron job.
FLIPPED = 1
_RECORD, _PAGE, _PDF = ".json", ".html", ".pdf"


@click.command("decide", cls=Command)
@scenario_options
@click.option("--by", required=True, metavar="NAME", help="Who decides.")
@click.option(
    "--on", "day", metavar="DATE", help="Day of the decision, YYYY-MM-DD.  [default: today]"
)
@click.option("--note", default="", metavar="TEXT", help="The reason, in a sentence or two.")
@output_option("Output file, such as decision.tco.json; - for standard output.")
def decide_command(scenario: Scenario, by: str, day: str | None, note: str, output: str) -> None:
    """Record a decision: the answer, and everything that it rests on, as JSON.

    tco recheck tests it again later; tco decision prints it for signature.
    """
    from tco.analysis.decision import decide

    check_ending(output, (_RECORD,), {})
    record = decide(scenario, by=by, on=day, note=note)
    write(output, record.to_json())
    if output != "-":
        say(f"tco: {output}: {headline(record.verdict, record.confidence)}")


@click.command("decision", cls=Command)
@click.argument("record_file", metavar="FILE")
@output_option("Output file: text, or with .html or .pdf a page; - for standard output.")
def decision_command(record_file: str, output: str) -> None:
    """Print a recorded decision, with a line for signature and date."""
    from tco.report.decision import decision_page, decision_text
    from tco.report.pdf import pdf_of

    check_ending(output, (".txt", _PAGE, _PDF), {})
    record, ending = record_from(record_file), Path(output).suffix.lower()
    if ending == _PDF:
        write_bytes(output, pdf_of(decision_page(record)))
    else:
        write(output, decision_page(record) if ending == _PAGE else decision_text(record))


@question_command("recheck")
@click.argument("record_file", metavar="FILE")
@wide_option
@json_option
@prices_option
@output_option()
def recheck_command(record_file: str, as_json: bool, prices: str, output: str) -> None:
    """Values that were given then are kept; everything else is taken from today's data.

    The exit code is 1 if the verdict has flipped, and 0 if it holds.
    """
    from tco.analysis.recheck import recheck
    from tco.questions.decisions import of_recheck

    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    found = recheck(record_from(record_file), prices=catalogue_of(prices))
    write(output, of_recheck(found).json if as_json else at_rate(_as_text(found)))
    if found.flipped:
        click.get_current_context().exit(FLIPPED)


def record_from(path: str) -> Decision:
    """The record in a file; what the command writes is in its currency, too."""
    from tco.analysis.decision import Decision

    record = Decision.from_json(read_text(path))
    show_in_currency_of(record.as_decided())
    return record


def _as_text(found: Recheck) -> str:
    """The sentence, how sure it is, and what moved."""
    from tco.report.decision import MOVED, moved_rows

    lines = [fitted(found.sentence).rstrip("\n"), headline(found.verdict, found.confidence)]
    moved = moved_rows(found)
    if not moved:
        return "\n".join([*lines, "No input has moved.", ""])
    return "\n".join([*lines, "", aligned(MOVED, moved)])


COMMANDS = (decide_command, decision_command, recheck_command)
