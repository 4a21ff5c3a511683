"""Commands that answer in the terms of finance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tco.analysis.bridge import BRIDGE_COLUMNS, bridge_steps
from tco.analysis.goal import MEANINGS, USUAL, goal
from tco.analysis.measures import measures
from tco.analysis.thresholds import TARGETS
from tco.cli.commands import Command
from tco.cli.parameters import numbers_from
from tco.cli.printing import aligned, fitted
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write
from tco.questions import stamped
from tco.report.finance_asked import TARGETS as ASKED
from tco.report.finance_tables import (
    BRIDGE_LABELS,
    GOAL_LABELS,
    MEASURE_REPORT_COLUMNS,
    bridge_rows,
    goal_rows,
    measure_report_rows,
)
from tco.report.market_tables import frame_csv, rows_csv
from tco.scenario import Scenario
from tco.scenario.notes import notes
from tco.words import of_owner
from tco.words.figures import capital, in_columns
from tco.words.titles import bridge_title


@click.command("measures", cls=Command)
@question_options
def measures_command(scenario: Scenario, form: str, output: str) -> None:
    """NPV, IRR, MIRR, paybacks, equivalent annual costs, cash by year, and lease or buy.

    The rates of return are those of what buying saves over renting, month by month.
    """
    found = measures(scenario)
    if form == "json":
        text = _json(scenario, measures=found.to_dict())
    elif form == "csv":
        rows = measure_report_rows(found)
        text = rows_csv(MEASURE_REPORT_COLUMNS, rows, scenario.catalogue)
    else:
        text = _noted(scenario, f"{found}\n")
    write(output, text)


# How a target is read.
_DECLARED = {**ASKED, "simple_payback_months": ASKED["payback_months"]}


def _targets(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each target."""
    for name in reversed(TARGETS):
        option = f"--{name.replace('_', '-')}"
        command = click.option(
            option, f"target_{name}", metavar="NUMBER", help=f"{capital(MEANINGS[name])}."
        )(command)
    return command


@click.command("goal", cls=Command)
@_targets
@click.option(
    "--of",
    "names",
    multiple=True,
    metavar="INPUT",
    help="Input that is asked about, such as price-usd-per-gpu; may be repeated.  [default: "
    f"{', '.join(name.replace('_', '-') for name in USUAL)}]",
)
@question_options
def goal_command(
    scenario: Scenario, names: tuple[str, ...], form: str, output: str, **targets: str | None
) -> None:
    """At which price, rate or utilization buying pays back by a month, or saves an amount.

    Give one target. Every other value is held; the whole domain of the input is searched.
    """
    asked = {name: text for name in TARGETS if (text := targets[f"target_{name}"]) is not None}
    given = numbers_from(asked, _DECLARED, scenario.conversion)
    of = [name.replace("-", "_") for name in names] or None
    found = goal(scenario, of=of, **given)
    if form == "json":
        text = _json(scenario, goal=found.to_dict())
    elif form == "csv":
        text = frame_csv(found.to_frame(), scenario.catalogue)
    else:
        rows: list[tuple[Any, ...]] = [row[1:] for row in goal_rows(found)]
        text = _noted(scenario, f"{found.sentence}\n\n{aligned(GOAL_LABELS, rows)}")
    write(output, text)


@click.command("bridge", cls=Command)
@question_options
def bridge_command(scenario: Scenario, form: str, output: str) -> None:
    """From what renting costs to what owning costs, group by group, in present values."""
    steps = bridge_steps(scenario)
    if form == "json":
        text = _json(scenario, bridge=[step._asdict() for step in steps])
    elif form == "csv":
        text = rows_csv(BRIDGE_COLUMNS, steps, scenario.catalogue)
    else:
        rows = bridge_rows(steps)
        values = scenario.values()
        title = bridge_title(steps[0].usd, steps[-1].usd, values["horizon_months"])
        lines = in_columns([BRIDGE_LABELS, *((r.label, r.usd, r.running) for r in rows)], "<>>")
        text = _noted(scenario, f"{of_owner(title, values)}\n\n{lines}")
    write(output, text)


def _json(scenario: Scenario, **found: Any) -> str:
    said = tuple(notes(scenario).values())
    return stamped(scenario.catalogue, scenario=scenario.to_dict(), notes=said, **found)


def _noted(scenario: Scenario, text: str) -> str:
    """A text after what is odd about the values of its scenario."""
    return "\n".join(
        [*(fitted(f"Note: {note}") for note in notes(scenario).values()), fitted(text)]
    )


COMMANDS = (
    measures_command,
    goal_command,
    bridge_command,
)
