"""The command for the accounting view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tco.cli.commands import Command
from tco.cli.help import width
from tco.cli.printing import answering, at_rate, fitted, is_wide
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write, write_tables
from tco.questions import stamped

if TYPE_CHECKING:
    from tco.scenario import Scenario


@click.command("accounting", cls=Command)
@question_options
def accounting_command(scenario: Scenario, form: str, output: str) -> None:
    """Profit and loss by fiscal year, book values, and the classification of a lease.

    It complements the cash view: no payment and no verdict depends on it. With --format csv -o
    books.csv the values at the end of each fiscal year go to books-balances.csv, and the tests that
    classify a lease to books-lease.csv.
    """
    from tco.analysis.accounting import accounting
    from tco.report.accounting_tables import accounting_text, books_sentence, lease_frame
    from tco.report.market_tables import frame_csv

    found, catalogue = accounting(scenario), scenario.catalogue
    if form == "csv":
        frames = {"profit_and_loss": found.profit_and_loss, "balances": found.balances}
        frames |= {"lease": lease_frame(found.lease)} if found.lease else {}
        write_tables(output, {name: frame_csv(one, catalogue) for name, one in frames.items()})
        return
    if form == "json":
        text = stamped(catalogue, scenario=scenario.to_dict(), **found.to_dict())
    else:
        told = fitted(accounting_text(found, 0 if is_wide() else width()))
        text = at_rate("\n".join(filter(None, (answering(books_sentence(found)), told))))
    write(output, text)


COMMANDS = (accounting_command,)
