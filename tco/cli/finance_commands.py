"""Commands that answer in the terms of finance."""

from __future__ import annotations

import click

from tco.analysis.measures import measures
from tco.cli.commands import Command
from tco.cli.printing import stamped, write
from tco.cli.scenario_commands import question_options
from tco.report.finance_tables import MEASURE_REPORT_COLUMNS, measure_report_rows
from tco.report.market_tables import rows_csv
from tco.scenario import Scenario
from tco.scenario.notes import notes


@click.command("measures", cls=Command)
@question_options
def measures_command(scenario: Scenario, form: str, output: str) -> None:
    """NPV, IRR, MIRR, paybacks, equivalent annual costs, cash by year, and lease or buy.

    The rates of return are those of what buying saves over renting, month by month.
    """
    found = measures(scenario)
    said = tuple(notes(scenario).values())
    if form == "json":
        known = {"scenario": scenario.to_dict(), "notes": said}
        text = stamped(scenario.catalogue, **known, measures=found.to_dict())
    elif form == "csv":
        rows = measure_report_rows(found)
        text = rows_csv(MEASURE_REPORT_COLUMNS, rows, scenario.catalogue)
    else:
        text = "\n".join([*(f"Note: {note}\n" for note in said), f"{found}\n"])
    write(output, text)


COMMANDS = (measures_command,)
