"""`tco fleet`: which GPUs of a demand to own, which to rent, and when to buy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tco.cli.parameters import asked_option, question_command, read_text
from tco.cli.printing import at_rate, fitted, table
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write, write_tables
from tco.errors import InputError, Problem
from tco.questions import QUESTIONS
from tco.questions.asked import of_texts
from tco.questions.fleets import TRACES, demand_of, of_fleet
from tco.workload.demand_fields import OVER_WHAT, WEEK_HOURS

if TYPE_CHECKING:
    from tco.scenario import Scenario
    from tco.workload.demand_curve import DemandCurve

_QUESTION = QUESTIONS["fleet"]
# What is a file here, and text or a list elsewhere.
_FILES = ("trace", "demand_csv", "week")


def _asked_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for everything that is asked: of the demand, its growth, and the plan."""
    for one in reversed(_QUESTION.takes):
        if one.name not in _FILES:
            command = asked_option(one)(command)
    return command


@question_command("fleet")
@click.option(
    "--demand",
    "demand_file",
    metavar="FILE",
    help="GPUs needed by hour as CSV (time,value[,unit]), - for standard input, or a public "
    f"trace: {', '.join(TRACES)}.",
)
@click.option(
    "--week",
    "week_file",
    metavar="FILE",
    help=f"A week as CSV with the column value: {WEEK_HOURS} hours from Monday 0:00 on.",
)
@_asked_options
@question_options
def fleet_command(scenario: Scenario, form: str, output: str, **told: Any) -> None:
    """As CSV, every GPU of the plan is a row.

    With --format csv -o plan.csv the plan and its extremes go to plan-costs.csv, and
    renting all until a month to plan-waiting.csv.
    """
    from tco.analysis.fleet import fleet
    from tco.report.fleet_tables import compact_units

    files = {name: told.pop(name) for name in ("demand_file", "week_file")}
    texts = {name: text for name, text in told.items() if text is not None}
    read = of_texts(texts, _QUESTION.takes, of_scenario=False)
    if read.problems:
        raise InputError(read.problems)
    asked = read.asked
    found = fleet(scenario, demand=_demand(asked, **files), **asked)
    answered = of_fleet(found, scenario)
    if form == "csv":
        write_tables(output, {name: answered.csv(name) for name in answered.frames})
        return
    if form == "json":
        text = answered.json
    else:
        said = "".join(fitted(sentence) for sentence in answered.sentences)
        cost = table(answered.frames["costs"], "costs")
        text = at_rate("\n".join([said, cost, table(compact_units(found), "units")]))
    write(output, text)


COMMANDS = (fleet_command,)


def _demand(
    asked: dict[str, Any], demand_file: str | None, week_file: str | None
) -> DemandCurve | None:
    """The demand of a file, or of numbers; what says so is taken out of what is asked."""
    from tco.workload.demand_reading import demand_of_csv

    given = {"demand": demand_file, "week": week_file, "mean_gpus": asked.get("mean_gpus")}
    routes = [f"--{name.replace('_', '-')}" for name, one in given.items() if one is not None]
    if len(routes) > 1:
        message = f"demand: {' and '.join(routes)} are given: give one of them"
        raise InputError([Problem("demand", message)])
    if demand_file in TRACES:
        return demand_of({"trace": demand_file, **_reading(asked)})
    if demand_file is not None:
        return demand_of_csv(read_text(demand_file), _name(demand_file), **_reading(asked))
    if week_file is None:
        return demand_of(asked)
    curve = demand_of_csv(read_text(week_file), _name(week_file), **_reading(asked))
    if not curve.repeats:
        found = f"{len(curve.gpus):,} rows" + (" with times" if curve.start else "")
        message = f"week has {found}: give the column value alone, {WEEK_HOURS} hours from "
        raise InputError([Problem("week", f"{message}Monday 0:00 on")])
    return curve


def _reading(asked: dict[str, Any]) -> dict[str, Any]:
    """How a file of demand is read, taken out of what is asked."""
    if "peak_over_mean" in asked:
        raise InputError([Problem("peak_over_mean", OVER_WHAT)])
    names = ("peak_gpus", "unit", "time_zone", "gaps")
    return {name: asked.pop(name) for name in names if name in asked}


def _name(path: str) -> str:
    return "standard input" if path == "-" else path
