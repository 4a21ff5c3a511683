"""`tco goal`: what it takes to reach a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tco.analysis.declared import MEANINGS, TARGETS, USUAL
from tco.cli.commands import Command
from tco.cli.finance_commands import noted, noted_json
from tco.cli.printing import aligned
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write
from tco.inputs.text import numbers_from
from tco.words.figures import capital

if TYPE_CHECKING:
    from tco.scenario import Scenario

# How a target is read.
_DECLARED = {**TARGETS, "simple_payback_months": TARGETS["payback_months"]}


def _targets(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each target."""
    for name in reversed(MEANINGS):
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
    help="Input to solve for, such as price-usd-per-gpu; may be repeated.  [default: "
    f"{', '.join(name.replace('_', '-') for name in USUAL)}]",
)
@question_options
def goal_command(
    scenario: Scenario, names: tuple[str, ...], form: str, output: str, **targets: str | None
) -> None:
    """The price, rate or utilization at which buying pays back in time or saves an amount.

    Give one target. All other inputs are held constant, and the whole domain of the input is
    searched.
    """
    from tco.analysis.goal import goal
    from tco.report.finance_tables import GOAL_LABELS, goal_rows
    from tco.report.market_tables import frame_csv

    asked = {name: text for name in MEANINGS if (text := targets[f"target_{name}"]) is not None}
    given = numbers_from(asked, _DECLARED, scenario.conversion)
    of = [name.replace("-", "_") for name in names] or None
    found = goal(scenario, of=of, **given)
    if form == "json":
        text = noted_json(scenario, goal=found.to_dict())
    elif form == "csv":
        text = frame_csv(found.to_frame(), scenario.catalogue)
    else:
        rows: list[tuple[Any, ...]] = [row[1:] for row in goal_rows(found)]
        text = noted(scenario, found.sentence, aligned(GOAL_LABELS, rows))
    write(output, text)


COMMANDS = (goal_command,)
