"""The command for the accounting view."""

from __future__ import annotations

import click

from tco.analysis.accounting import accounting
from tco.cli.commands import Command
from tco.cli.help import width
from tco.cli.printing import fitted, is_wide
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write
from tco.questions import stamped
from tco.report.accounting_tables import accounting_text, lease_frame
from tco.report.market_tables import frame_csv
from tco.scenario import Scenario


@click.command("accounting", cls=Command)
@question_options
def accounting_command(scenario: Scenario, form: str, output: str) -> None:
    """Profit and loss by fiscal year, book values, and the classification of a lease.

    It stands beside the cash view: no payment and no verdict depends on it. As CSV it is several
    tables with an empty line between them: the statements, the values at the end of each fiscal
    year, and the tests of a lease where there is one.
    """
    found, catalogue = accounting(scenario), scenario.catalogue
    if form == "json":
        text = stamped(catalogue, scenario=scenario.to_dict(), **found.to_dict())
    elif form == "csv":
        frames = [found.profit_and_loss, found.balances]
        frames += [lease_frame(found.lease)] if found.lease else []
        text = "\n".join(frame_csv(frame, catalogue) for frame in frames)
    else:
        text = fitted(accounting_text(found, 0 if is_wide() else width()))
    write(output, text)


COMMANDS = (accounting_command,)
