"""The command for the offer of a lease: the rate implicit in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tco.analysis.declared import NEEDED, OFFER
from tco.cli.commands import Command
from tco.cli.printing import aligned, at_rate, fitted
from tco.cli.scenario_commands import question_options
from tco.cli.streams import write
from tco.errors import InputError, Problem
from tco.finance.lease import LeaseRate, lease_rate
from tco.inputs.text import numbers_from
from tco.questions import stamped
from tco.words.currencies import Conversion, shown_in

if TYPE_CHECKING:
    from tco.scenario import Scenario


def _offer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each number of an offer, and for when it is paid."""
    command = click.option(
        "--in-advance/--in-arrears",
        "in_advance",
        default=None,
        help="Paid at the start or at the end of each interval.  [default: in arrears]",
    )(command)
    command = click.option(
        "--interval-months",
        metavar="NUMBER",
        help="Whole months from one payment to the next; 3: quarterly.  [default: 1]",
    )(command)
    for name, declared in reversed(OFFER.items()):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, metavar="NUMBER", help=declared.help)(command)
    return command


@click.command("lease-rate", cls=Command)
@_offer_options
@question_options
def lease_rate_command(
    scenario: Scenario, form: str, output: str, in_advance: bool | None, **told: str | None
) -> None:
    """The interest rate implicit in a lease offer, nominal and effective.

    Give the payment, the term in months and the price of what is leased:
    tco lease-rate --payment-usd 2900 --months 36 --value-usd 100000 --residual-usd 10000
    --in-advance. Without them it is the rate implicit in the lease of the scenario.
    """
    from tco.analysis.lease import lease_rate_of
    from tco.report.lease import LEASE_REPORT_COLUMNS, lease_report_rows
    from tco.report.market_tables import rows_csv

    offer = {name: text for name, text in told.items() if text is not None}
    if offer or in_advance is not None:
        found = lease_rate(**_read(offer, in_advance, scenario.conversion))
    else:
        found = lease_rate_of(scenario)
    converted = scenario.conversion
    if form == "json":
        told_of = {name: value for name, value, _ in lease_report_rows(found, converted)}
        text = stamped(scenario.catalogue, lease_rate=told_of)
    elif form == "csv":
        rows = lease_report_rows(found, converted)
        with shown_in(None):  # converted amounts are rows, and no column beside them
            text = rows_csv(LEASE_REPORT_COLUMNS, rows, scenario.catalogue, converted)
    else:
        with shown_in(converted):
            text = at_rate(_as_text(found))
    write(output, text)


def _read(
    offer: dict[str, str], in_advance: bool | None, conversion: Conversion | None
) -> dict[str, Any]:
    """The offer as numbers in USD; InputError names what is missing."""
    missing = [name for name in NEEDED if name not in offer]
    if missing:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        message = f"{missing[0]} is missing: an offer needs {options} too"
        raise InputError([Problem(missing[0], message)])
    declared = {**OFFER, "interval_months": OFFER["months"]}
    read = numbers_from(offer, declared, conversion)
    return read | ({} if in_advance is None else {"in_advance": in_advance})


def _as_text(found: LeaseRate) -> str:
    from tco.report.lease import LEASE_LABELS, lease_rows, lease_sentence

    rows: list[tuple[Any, ...]] = list(lease_rows(found))
    return f"{fitted(lease_sentence(found))}\n{aligned(LEASE_LABELS, rows)}"


COMMANDS = (lease_rate_command,)
