"""Commands about what would change the answer: flips, tornado, stress, options, odds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tco.cli.options import input_options, output_option, scenario_from
from tco.cli.output import records, stamped, table, write
from tco.report.market_tables import frame_csv
from tco.scenario import Scenario


def _asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a question about one scenario, whose answer is a frame."""
    form = click.option(
        "--format",
        "form",
        type=click.Choice(["table", "csv", "json"]),
        default="table",
        show_default=True,
        help="For a person, a spreadsheet or a program.",
    )
    return input_options(output_option()(form(command)))


@click.command("flips")
@_asked
def flips(form: str, output: str, **told: Any) -> None:
    """At which value of each input the answer would turn, and how steep it is."""
    from tco.analysis.flips import flips as flips_of

    scenario = _scenario(told)
    _write(scenario, {"flips": flips_of(scenario)}, form, output)


@click.command("tornado")
@click.option("--count", type=int, default=12, show_default=True, help="Inputs listed.")
@_asked
def tornado(count: int, form: str, output: str, **told: Any) -> None:
    """Which inputs swing the saving most between their low and their high."""
    from tco.analysis.sensitivity import tornado as tornado_of

    scenario = _scenario(told)
    _write(scenario, {"tornado": tornado_of(scenario, count=count)}, form, output)


@click.command("stress")
@_asked
def stress(form: str, output: str, **told: Any) -> None:
    """The answer under named stresses: falling rents, shortage, no resale and others."""
    from tco.analysis.sensitivity import stress as stress_of

    scenario = _scenario(told)
    _write(scenario, {"stress": stress_of(scenario)}, form, output)


@click.command("options")
@_asked
def options(form: str, output: str, **told: Any) -> None:
    """Every way to get the same busy hours, rented or owned, cheapest first."""
    from tco.analysis.options import options as options_of

    scenario = _scenario(told)
    _write(scenario, {"options": options_of(scenario)}, form, output)


@click.command("simulate")
@click.option("--draws", type=int, default=2_048, show_default=True, help="Simulated futures.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same numbers.")
@_asked
def simulate(draws: int, seed: int, form: str, output: str, **told: Any) -> None:
    """The odds that buying is cheaper, and which inputs decide it.

    Inputs that are not given, or given as a range (--utilization 0.3..0.7), are uncertain.
    """
    from tco.analysis.simulation import simulate as simulate_of

    scenario = _scenario(told)
    found = simulate_of(scenario, draws=draws, seed=seed)
    _write(scenario, {"summary": found.summary(), "drivers": found.drivers}, form, output)


def _scenario(told: dict[str, Any]) -> Scenario:
    return scenario_from(told.pop("scenario_file"), told.pop("prices"), told)


def _write(scenario: Scenario, frames: dict[str, Any], form: str, output: str) -> None:
    if form == "json":
        listed = {name: records(frame) for name, frame in frames.items()}
        text = stamped(scenario.catalogue, scenario=scenario.to_dict(), **listed)
    elif form == "csv":
        text = "\n".join(frame_csv(frame, scenario.catalogue) for frame in frames.values())
    else:
        text = "\n".join(table(frame) for frame in frames.values())
    write(output, text)
