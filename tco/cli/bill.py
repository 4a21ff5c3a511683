"""Commands that read what happened: cloud bills, logs of GPUs, and one number of a bill."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from tco.cli.commands import Command, check_ending
from tco.cli.completion import OneOf
from tco.cli.parameters import (
    json_option,
    output_option,
    scenario_options,
    wide_option,
)
from tco.cli.printing import aligned, at_rate, fitted, is_wide, listed, table
from tco.cli.streams import say, write
from tco.errors import InputError, Problem
from tco.inputs.text import numbers_from
from tco.questions import records, stamped
from tco.words.currencies import USD
from tco.words.figures import cents, money, percent, usd

if TYPE_CHECKING:
    from tco.bills.bill import Bill
    from tco.scenario import Scenario

_TABLES = ("usage", "machines", "amounts", "hourly")
_USAGE = ("gpu", "region", "term", "gpu_hours", "cost", "rate_per_gpu_hour")


def _formats() -> Iterable[str]:
    from tco.bills.exports import FORMATS

    return FORMATS


@click.command("bill", cls=Command)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format",
    "form",
    type=OneOf(_formats),
    help="Kind of export.  [default: inferred from its columns]",
)
@click.option("--gpu", help="With --demand: only this GPU.")
@click.option("--region", help="With --demand: only this region.")
@click.option("--term", help="With --demand: only this term.")
@click.option(
    "--demand",
    "demand_file",
    metavar="FILE",
    help="Write GPUs in use by hour as CSV, for tco fleet --demand.",
)
@click.option(
    "--table",
    "frame",
    type=click.Choice(_TABLES),
    help="Write one table as CSV: usage by GPU, region and term, the same by machine type, where "
    "the money went, or GPU-hours by hour.",
)
@click.option(
    "--usd-per",
    metavar="CODE=USD,…",
    default="",
    help="What one unit of a currency is worth in USD, such as EUR=1.16.",
)
@output_option()
@wide_option
@json_option
def bill_command(
    files: tuple[str, ...],
    form: str | None,
    gpu: str | None,
    region: str | None,
    term: str | None,
    demand_file: str | None,
    frame: str | None,
    usd_per: str,
    output: str,
    as_json: bool,
) -> None:
    """GPU-hours in a cloud bill, what they cost, and what else was billed.

    FILE is an export as CSV (also .gz or .zip) or Parquet, or a folder of them. If a folder has
    several exports of one month, the newest counts.
    """
    from tco.bills.bill import read_bill
    from tco.market.catalogue import load
    from tco.market.importers.money import rates_of

    if frame and as_json:
        raise InputError([Problem("table", "table: a table is CSV; --json has all of them")])
    endings = (".csv",) if frame else (".json",) if as_json else (".txt",)
    check_ending(output, endings, {".json": "with --json", ".csv": "with --table"})
    check_ending(demand_file or "-", (".csv",), {}, "demand")
    found = read_bill(files, form, usd_per=rates_of(usd_per))
    for said in found.remarks:
        say(f"tco: {said}")
    if demand_file is not None:
        write(demand_file, _demand_csv(found, gpu, region, term))
    if as_json:
        frames = {name: records(getattr(found, name)) for name in _TABLES[:3]}
        write(output, stamped(load(), bill=found.to_dict(), **frames))
    elif frame:
        write(output, _frame_csv(getattr(found, frame)))
    elif demand_file != "-" or output != "-":
        write(output, fitted(_text(found)))


def _demand_csv(found: Bill, gpu: str | None, region: str | None, term: str | None) -> str:
    """The demand as `tco.demand_curve` reads it: one row an hour, GPUs in use on average."""
    from datetime import datetime, timedelta

    from tco.report.csv import table as csv_table

    curve = found.demand(gpu, region, term)
    for said in curve.told:
        say(f"tco: {said}")
    start = datetime.fromisoformat(curve.start)
    hours = (start + timedelta(hours=at) for at in range(len(curve.gpus)))
    rows = [
        (f"{hour:%Y-%m-%dT%H:%MZ}", value, "gpus")
        for hour, value in zip(hours, curve.gpus, strict=True)
    ]
    return csv_table(("time", "value", "unit"), rows)


def _frame_csv(frame: Any) -> str:
    from tco.report.csv import table as csv_table

    plain = frame.copy()
    if "hour" in plain:
        plain["hour"] = plain["hour"].dt.strftime("%Y-%m-%dT%H:%MZ")
    return csv_table(tuple(plain.columns), plain.itertuples(index=False))


def _text(found: Bill) -> str:
    """A bill for the terminal: what an hour cost, hours and rates, then where the money went."""
    from tco.bills.exports import FORMATS
    from tco.bills.items import KIND_TITLES, KINDS

    when = "no dates"
    if found.start and found.end:
        when = f"{found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M} UTC"
        when += f", {found.hours:,} hours"
    title = FORMATS[found.format].title
    names = ", ".join(found.files[:3]) + (" …" if len(found.files) > 3 else "")
    lines = [f"{_in_use(found)}\n{names}: {title}, {found.rows:,} rows, {when}, {found.currency}\n"]
    if len(found.lines):
        lines.append(table(found.usage[list(_USAGE)]))
    money = [
        (KIND_TITLES[kind], cents(float(found.amounts_by_kind[kind])))
        for kind in KINDS
        if found.amounts_by_kind[kind]
    ]
    money.append(("total of the files", cents(found.total)))
    lines.append(aligned(("amount", found.currency), money))
    aside = [
        (what, rows, cents(float(cost)))
        for kind, what, cost, rows in found.details
        if kind == "set_aside"
    ]
    if aside:
        lines.append(aligned(("not understood, because", "rows", found.currency), aside))
    return "\n".join(lines)


def _in_use(found: Bill) -> str:
    """How many GPU-hours were in use, and what one cost, in a sentence."""
    rate, dollars = found.rate_per_gpu_hour, found.usd_per_gpu_hour
    if rate is None:
        return "No GPU-hours in use."
    per = money(round(rate, 4), found.currency)
    if found.currency != USD and dollars is not None:
        per += f" ({money(round(dollars, 4), USD)})"
    return f"{found.gpu_hours:,.2f} GPU-hours in use at {per} per GPU-hour."


@click.command("telemetry", cls=Command)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--gpu", help="The GPU, if no log names it; its board power is that of the catalog.")
@click.option("--gpus", type=int, help="Number of GPUs that serve, if no log of theirs is given.")
@click.option(
    "--every", type=float, metavar="SECONDS", help="Time between scrapes without timestamps."
)
@output_option()
@wide_option
@json_option
def telemetry_command(
    files: tuple[str, ...],
    gpu: str | None,
    gpus: int | None,
    every: float | None,
    output: str,
    as_json: bool,
) -> None:
    """How busy GPUs are, how much power they draw, and how much work a paid hour does, from logs.

    FILE is a log of nvidia-smi as CSV, the metrics of the DCGM exporter or of vLLM as text, a query
    result of Prometheus, or a folder of these. The scenario in the JSON answer can be given to tco
    breakeven --scenario.
    """
    from tco.bills.telemetry import read_telemetry
    from tco.market.catalogue import load
    from tco.scenario import Scenario

    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    found = read_telemetry(files, gpu, gpus=gpus, every=every)
    for said in found.remarks:
        say(f"tco: {said}")
    if as_json:
        scenario = json.loads(Scenario(**found.inputs()).to_json())
        each = records(found.by_gpu)
        told = {"telemetry": found.to_dict(), "by_gpu": each, "scenario": scenario}
        write(output, stamped(load(), **told))
        return
    names = ("utilization", "load_factor", "idle_w", "mean_activity", *_MORE)
    known = {name: value for name in names if (value := getattr(found, name)) is not None}
    if is_wide():
        write(output, aligned(("result", "value"), list(known.items())))
        return
    text = listed(known)
    if found.utilization is not None:
        text = f"The GPUs were busy {percent(found.utilization)} of the time.\n\n{text}"
    write(output, text)


_MORE = (
    *("busy_w", "mean_w", "gpu", "gpus", "hours", "gap_hours", "serving_share", "served_hours"),
    *("prompt_tokens", "output_tokens", "output_tokens_per_gpu_hour"),
)


@click.command("from-bill", cls=Command)
@click.option(
    "--monthly-usd",
    metavar="NUMBER",
    required=True,
    help="The compute part of one month's bill for these GPUs [USD].",
)
@scenario_options
@output_option()
@wide_option
@json_option
def from_bill_command(scenario: Scenario, monthly_usd: str, output: str, as_json: bool) -> None:
    """The utilization that one month's bill implies, at the rate and number of GPUs given.

    If you have the whole bill as a file, use tco bill.
    """
    from tco.model.bill import BILL, from_bill

    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    given, name = scenario.conversion, BILL.name
    bill_usd = numbers_from({name: monthly_usd}, {name: BILL}, given)[name]
    share = from_bill(bill_usd, scenario=scenario)
    if as_json:
        told = {name: bill_usd, "utilization": share}
        write(output, stamped(scenario.catalogue, scenario=scenario.to_dict(), from_bill=told))
    elif is_wide():
        write(output, aligned(("result", "value"), [("utilization", share)]))
    else:
        said = f"A bill of {usd(bill_usd)} for the month means a utilization of {percent(share)}."
        write(output, at_rate(fitted(said)))


COMMANDS = (bill_command, telemetry_command, from_bill_command)
