"""`tco actuals`: what a decision expected of a period, beside what was billed and measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tco.analysis.declared import FIGURES
from tco.cli.commands import Command, check_ending
from tco.cli.decision import FLIPPED, record_from
from tco.cli.parameters import json_option, output_option, wide_option
from tco.cli.printing import aligned, at_rate, fitted, is_wide, table
from tco.cli.streams import write
from tco.inputs.text import numbers_from
from tco.questions import stamped
from tco.words.figures import capital


def _figures(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each figure of a bill or a log."""
    for name, declared in reversed(FIGURES.items()):
        option = f"--{name.replace('_', '-')}"
        told = f"{capital(declared.meaning)} [{declared.unit}]"
        command = click.option(option, name, metavar="NUMBER", help=told)(command)
    return command


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
    **figures: str | None,
) -> None:
    """What a recorded decision expected for a period, beside what was billed and measured.

    The variance from the plan is split into a rate effect and a volume effect. The decision is then
    tested again with the measured rate, utilization and power. A figure given as an option takes
    precedence over that of a file. The exit code is 1 if the verdict changes at the measured
    values.
    """
    from tco.analysis.actuals import actuals
    from tco.report.decision import PLAN, actual_rows

    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    record = record_from(record_file)
    texts = {name: text for name, text in figures.items() if text is not None}
    given = numbers_from(texts, FIGURES, record.as_decided().conversion)
    found = actuals(record, bill=bills or None, telemetry=logs or None, **given)
    if as_json:
        text = stamped(found.check.now.scenario.catalogue, **found.to_dict())
    else:
        said = "".join(fitted(sentence) for sentence in found.sentences)
        rows: list[tuple[Any, ...]] = [*actual_rows(found)]
        shown = table(found.to_frame()) if is_wide() else aligned(PLAN, rows)
        text = at_rate(f"{said}\n{shown}")
    write(output, text)
    if found.check.flipped:
        click.get_current_context().exit(FLIPPED)


COMMANDS = (actuals_command,)
