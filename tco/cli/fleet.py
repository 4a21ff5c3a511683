"""`tco fleet`: which GPUs of a demand to own, which to rent, and when to buy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tco.analysis.fleet import DOMAINS, fleet
from tco.analysis.fleet_limits import LIMITS
from tco.analysis.options import RENTING
from tco.cli.commands import Command
from tco.cli.parameters import read_text
from tco.cli.printing import records, stamped, table, write
from tco.cli.scenario_commands import question_options
from tco.errors import InputError, Problem
from tco.market.traces import demand_traces
from tco.report.fleet_tables import compact_units, costs, plan_csv, sentences
from tco.scenario import Scenario
from tco.workload import demand_reading
from tco.workload.demand_curve import WEEK_HOURS, DemandCurve
from tco.workload.demand_reading import GAPS, UNITS, demand_curve, demand_of_csv


def _number_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each number: of the demand, its growth, and what limits the plan."""
    domains = {**demand_reading.DOMAINS, **DOMAINS, **LIMITS}
    for name, domain in reversed(domains.items()):
        words = f"{domain.meaning[0].upper()}{domain.meaning[1:]} [{domain.text}]"
        several = name in ("site_kw", "site_units")
        command = click.option(
            f"--{name.replace('_', '-')}",
            name,
            metavar="LIST" if several else "NUMBER",
            help=f"{words}{'; several sites separated by commas' if several else ''}.",
        )(command)
    return command


@click.command("fleet", cls=Command)
@click.option(
    "--demand",
    metavar="FILE",
    help="GPUs needed by hour as CSV (time,value[,unit]), - for standard input, or a public "
    f"trace: {', '.join(demand_traces())}.",
)
@click.option(
    "--week",
    metavar="FILE",
    help=f"A week as CSV with the column value: {WEEK_HOURS} hours from Monday 0:00 on.",
)
@_number_options
@click.option("--unit", type=click.Choice(UNITS), help="What a value is, where no column says so.")
@click.option("--time-zone", metavar="NAME", help="Of times without an offset: Europe/Berlin.")
@click.option(
    "--gaps",
    type=click.Choice(GAPS),
    default="error",
    show_default=True,
    help="What hours are that are missing: an error, or zero.",
)
@click.option(
    "--rental-options",
    metavar="LIST",
    help=f"Ways to rent, of which each GPU takes the cheapest: {', '.join(RENTING)}.",
)
@click.option(
    "--buy-plan",
    metavar="LIST",
    help="Purchases by month instead of the best ones: 0:8,12:8 is 8 GPUs now and 8 in month 12.",
)
@question_options
def fleet_command(scenario: Scenario, form: str, output: str, **told: Any) -> None:
    """Which GPUs of a demand to own, which to rent, and when to buy them.

    As CSV every GPU of the plan is a row.
    """
    numbers = {name: _number(name, told[name]) for name in (*DOMAINS, "owned_max")}
    limits = {name: _numbers(name, told[name]) for name in ("site_kw", "site_units")}
    given: dict[str, Any] = {
        name: value for name, value in {**numbers, **limits}.items() if value is not None
    }
    options = told["rental_options"]
    if options is not None:
        given["rental_options"] = [name.strip() for name in options.split(",")]
    if told["buy_plan"] is not None:
        given["buy_plan"] = _plan(told["buy_plan"])
    curve = _demand(told)
    found = fleet(scenario, demand=curve, **given)
    if form == "json":
        text = stamped(
            scenario.catalogue,
            scenario=scenario.to_dict(),
            fleet=found.to_dict(),
            costs=records(costs(found)),
            waiting=records(found.waiting),
        )
    elif form == "csv":
        text = plan_csv(found, scenario.catalogue)
    else:
        said = [f"{sentence}\n" for sentence in sentences(found)]
        text = "\n".join(["".join(said), table(costs(found)), table(compact_units(found))])
    write(output, text)


COMMANDS = (fleet_command,)


def _demand(told: dict[str, Any]) -> DemandCurve | None:
    """The demand that the options describe; None where they describe none."""
    numbers: dict[str, Any] = {name: _number(name, told[name]) for name in demand_reading.DOMAINS}
    routes = [name for name in ("demand", "week", "mean_gpus") if told[name] is not None]
    if len(routes) > 1:
        named = " and ".join(f"--{name.replace('_', '-')}" for name in routes)
        raise InputError([Problem("demand", f"demand: {named} are given: give one of them")])
    if numbers["peak_over_mean"] is not None and told["mean_gpus"] is None:
        raise InputError([Problem("peak_over_mean", demand_reading.OVER_WHAT)])
    reading: dict[str, Any] = {"peak_gpus": numbers["peak_gpus"]}
    reading |= {name: told[name] for name in ("unit", "time_zone", "gaps")}
    if told["demand"] is not None:
        if told["demand"] in demand_traces():
            return demand_curve(told["demand"], **reading)
        return demand_of_csv(read_text(told["demand"]), _name(told["demand"]), **reading)
    if told["week"] is not None:
        curve = demand_of_csv(read_text(told["week"]), _name(told["week"]), **reading)
        if not curve.repeats:
            found = f"{len(curve.gpus):,} rows" + (" with times" if curve.start else "")
            message = f"week has {found}: give the column value alone, {WEEK_HOURS} hours from "
            raise InputError([Problem("week", f"{message}Monday 0:00 on")])
        return curve
    if told["mean_gpus"] is not None:
        return demand_curve(**numbers)
    return None


def _name(path: str) -> str:
    return "standard input" if path == "-" else path


def _number(name: str, text: str | None) -> float | None:
    """The number that a text is; InputError for what is none."""
    if text is None:
        return None
    try:
        number = float(text.strip().replace("_", ""))
    except ValueError:
        meaning = {**demand_reading.DOMAINS, **DOMAINS, **LIMITS}[name].meaning
        message = f"{name} = {text!r} is not a number: {meaning}"
        raise InputError([Problem(name, message)]) from None
    return number


def _numbers(name: str, text: str | None) -> list[float] | None:
    """Those of a list, one a site."""
    if text is None:
        return None
    return [number for one in text.split(",") if (number := _number(name, one)) is not None]


def _plan(text: str) -> dict[int, int]:
    """Purchases by month: 0:8,12:8."""
    found: dict[int, int] = {}
    try:
        for part in text.split(","):
            month, gpus = (int(number) for number in part.split(":"))
            if month in found:
                message = f"buy_plan = {text!r} has month {month} twice: give it once"
                raise InputError([Problem("buy_plan", message)])
            found[month] = gpus
    except InputError:
        raise
    except ValueError:
        message = f"buy_plan = {text!r} is no list of months and GPUs such as 0:8,12:8"
        raise InputError([Problem("buy_plan", message)]) from None
    return found
