"""Commands that answer in the terms of finance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tco.cli.commands import Command
from tco.cli.parameters import question_command
from tco.cli.printing import at_rate, fitted
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write
from tco.questions import stamped

if TYPE_CHECKING:
    from tco.scenario import Scenario


@question_command("measures")
@question_options
def measures_command(scenario: Scenario, form: str, output: str) -> None:
    """Rates of return are those of the monthly cash flow of buying instead of renting."""
    from tco.analysis.measures import measures
    from tco.report.finance_tables import MEASURE_REPORT_COLUMNS, measure_report_rows
    from tco.report.market_tables import rows_csv

    found = measures(scenario)
    if form == "json":
        text = noted_json(scenario, measures=found.to_dict())
    elif form == "csv":
        rows = measure_report_rows(found)
        text = rows_csv(MEASURE_REPORT_COLUMNS, rows, scenario.catalogue)
    else:
        title, _, figures = str(found).partition("\n\n")
        text = noted(scenario, title, f"{figures}\n")
    write(output, text)


@click.command("bridge", cls=Command)
@question_options
def bridge_command(scenario: Scenario, form: str, output: str) -> None:
    """From the cost of renting to the cost of owning, group by group, in present values."""
    from tco.analysis.bridge import BRIDGE_COLUMNS, bridge_steps
    from tco.report.finance_tables import BRIDGE_LABELS, bridge_rows
    from tco.report.market_tables import rows_csv
    from tco.words import of_owner
    from tco.words.figures import in_columns
    from tco.words.titles import bridge_title

    steps = bridge_steps(scenario)
    if form == "json":
        text = noted_json(scenario, bridge=[step._asdict() for step in steps])
    elif form == "csv":
        text = rows_csv(BRIDGE_COLUMNS, steps, scenario.catalogue)
    else:
        rows = bridge_rows(steps)
        values = scenario.values()
        title = bridge_title(steps[0].usd, steps[-1].usd, values["horizon_months"])
        lines = in_columns([BRIDGE_LABELS, *((r.label, r.usd, r.running) for r in rows)], "<>>")
        text = noted(scenario, of_owner(f"{title}.", values), lines)
    write(output, text)


def noted_json(scenario: Scenario, **found: Any) -> str:
    """A document about a scenario, with what is odd about its values."""
    from tco.scenario.notes import notes

    said = tuple(notes(scenario).values())
    return stamped(scenario.catalogue, scenario=scenario.to_dict(), notes=said, **found)


def noted(scenario: Scenario, sentence: str, text: str) -> str:
    """The sentence of an answer, what is odd about the values of its scenario, and the figures."""
    from tco.scenario.notes import notes

    said = [sentence, *(f"Note: {note}" for note in notes(scenario).values())]
    return at_rate("\n".join(["".join(map(fitted, said)), fitted(text)]))


COMMANDS = (
    measures_command,
    bridge_command,
)
