"""The commands of `tco`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tco.cli import lists, risk
from tco.cli.options import input_options, one, scenario_from
from tco.cli.output import say, stamped, writing
from tco.cli.prices import prices as prices_group
from tco.cli.reports import is_whole, write_report
from tco.cli.sheets import addin
from tco.cli.sources import catalogue_of, prices_option
from tco.cli.sweep import sweep
from tco.errors import DataError, InputError, Problem, TcoError
from tco.market.catalogue import Catalogue
from tco.model.breakeven import breakeven
from tco.model.ledger import LEDGER_COLUMNS, OPTIONS, ledger_rows
from tco.report.csv import input_rows, ledger_csv, report_csv, stamped_ledger
from tco.report.schema import REPORT_COLUMNS
from tco.report.text import check_format
from tco.scenario import Scenario
from tco.version import __version__

# Exit codes: 0 all is well; 130 and 143 interrupted and ended from outside; and
SOME_ROWS_WRONG, WRONG_INPUT, WRONG_FILE, INTERRUPTED, ENDED = 1, 2, 3, 130, 143
# Packages that a plain installation leaves out, and the extra that brings each.
_OPTIONAL = {"requests": "store", "urllib3": "store", "xlsxwriter": "excel"}
_SEPARATORS = {"tab": "\t", "\\t": "\t"}


class Tco(click.Group):
    """Turns the package's errors into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; InputError exits with 2, DataError with 3."""
        try:
            return super().invoke(ctx)
        except TcoError as error:
            say(f"tco: {error}")
            ctx.exit(WRONG_FILE if isinstance(error, DataError) else WRONG_INPUT)
        except ModuleNotFoundError as missing:
            package = (missing.name or "").partition(".")[0]
            if package not in _OPTIONAL:
                raise
            say(f"tco: {package} is not installed: pip install 'gpu-tco[{_OPTIONAL[package]}]'")
            ctx.exit(WRONG_FILE)
        except KeyboardInterrupt:
            say("tco: interrupted")
            ctx.exit(INTERRUPTED)


def run() -> None:
    """The command `tco`: nothing that can go wrong with its streams ends in a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))
    try:
        main(prog_name="tco")
    except OSError as failed:
        _abandon_output()
        if isinstance(failed, BrokenPipeError):
            sys.exit(0)
        say(f"tco: standard output: {failed.strerror or failed}")
        sys.exit(WRONG_FILE)
    except SystemExit as done:
        if done.code == WRONG_FILE:
            _abandon_output()
        raise


def _abandon_output() -> None:
    """Let the interpreter not try once more to write what could not be written."""
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_output = click.option(
    "-o", "--output", default="-", metavar="FILE", help="Where to write; - is standard output."
)


def _format(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--decimal", default=".", help="Decimal mark: . or ,")(command)
    return click.option(
        "--sep",
        default=",",
        callback=lambda _ctx, _option, text: _SEPARATORS.get(text, text),
        help="Separator of cells: , ; tab or |",
    )(command)


@click.group(cls=Tco, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tco")
def main() -> None:
    """Rent GPUs or buy them? Break-evens from sourced prices.

    Exit codes: 0 all is well, 1 a row of a table had an error, 2 an input is wrong, 3 a file is.
    """


@main.command("breakeven")
@input_options
@click.option("--csv", "table_file", metavar="FILE", help="A table, one scenario a row.")
@_output
@_as_json
@_format
def breakeven_command(
    scenario_file: str | None,
    table_file: str | None,
    prices: str,
    output: str,
    as_json: bool,
    sep: str,
    decimal: str,
    **texts: Any,
) -> None:
    """Whether renting or buying is cheaper, and from when on.

    With --csv every row is answered; a row with an error says so in the column `error`, an empty
    cell means that the default counts.
    """
    if table_file is not None:
        if scenario_file or as_json or any(text is not None for text in texts.values()):
            message = "csv: a table takes no other inputs and answers in CSV; put them into columns"
            raise InputError([Problem("csv", message)])
        _answer_table(table_file, output, sep, decimal, catalogue_of(prices))
        return
    check_format(sep, decimal)
    answer = breakeven(one(scenario_from(scenario_file, texts, prices)))
    text = f"{answer}\n"
    if as_json:
        text = stamped(
            answer.scenario.catalogue,
            scenario=answer.scenario.to_dict(),
            inputs=_inputs(answer.scenario),
            results=answer.to_dict(),
        )
    _write(output, text)


@main.command("ledger")
@input_options
@click.option("--option", type=click.Choice(OPTIONS), help="Only this side.")
@_output
@_as_json
@_format
def ledger_command(
    scenario_file: str | None,
    option: str | None,
    prices: str,
    output: str,
    as_json: bool,
    sep: str,
    decimal: str,
    **texts: Any,
) -> None:
    """Every cost of both sides, item by item and month by month, as CSV."""
    check_format(sep, decimal)
    scenario = one(scenario_from(scenario_file, texts, prices))
    rows = ledger_rows(scenario, option)
    if as_json:
        listed = [dict(zip(LEDGER_COLUMNS, row, strict=True)) for row in rows]
        _write(output, stamped(scenario.catalogue, scenario=scenario.to_dict(), ledger=listed))
    else:
        _write(output, stamped_ledger(scenario, rows, sep, decimal))


@main.command("report")
@input_options
@_output
@click.option("--ledger", "ledger_file", metavar="FILE", help="Where the ledger goes.")
@_as_json
@_format
def report_command(
    scenario_file: str | None,
    prices: str,
    output: str,
    ledger_file: str | None,
    as_json: bool,
    sep: str,
    decimal: str,
    **texts: Any,
) -> None:
    """Inputs with their sources and all results as CSV; the ledger in a second file.

    With -o report.csv the ledger goes to report-ledger.csv, unless --ledger says otherwise. With
    -o report.xlsx it is a workbook that calculates, with -o report.html a decision sheet on one
    page.
    """
    check_format(sep, decimal)
    scenario = one(scenario_from(scenario_file, texts, prices))
    if is_whole(output):
        asked = {"ledger": ledger_file is not None, "sep": sep != ",", "decimal": decimal != "."}
        write_report(scenario, output, {"json": as_json, **asked})
        return
    if ledger_file is None and output != "-" and not as_json:
        path = Path(output)
        ledger_file = str(path.with_name(f"{path.stem}-ledger{path.suffix}"))
    if ledger_file is not None:
        if Path(ledger_file).resolve() == Path(output).resolve():
            raise InputError([Problem("ledger", f"ledger = {ledger_file!r} is the report itself")])
        _write(ledger_file, ledger_csv(scenario, sep, decimal))
    if as_json:
        results = breakeven(scenario).to_dict()
        _write(output, stamped(scenario.catalogue, inputs=_inputs(scenario), results=results))
    else:
        _write(output, report_csv(scenario, sep, decimal))


@main.command("app", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@prices_option
def app_command(arguments: tuple[str, ...], prices: str) -> None:
    """Open the app in a browser; further arguments go to Streamlit."""
    os.environ["TCO_PRICES"] = prices
    from tco.app.launch import launch

    click.get_current_context().exit(launch(arguments))


def _answer_table(source: str, output: str, sep: str, decimal: str, catalogue: Catalogue) -> None:
    from tco.cli.stream import answer_rows

    with writing(output) as target:
        rows, wrong = answer_rows(source, target, sep, decimal, catalogue=catalogue)
    say(f"tco: {rows:,} rows, {wrong:,} with an error")
    if wrong:
        click.get_current_context().exit(SOME_ROWS_WRONG)


def _inputs(scenario: Scenario) -> list[dict[str, Any]]:
    columns = tuple(REPORT_COLUMNS)[1:]
    return [dict(zip(columns, row[1:], strict=True)) for row in input_rows(scenario)]


def _write(path: str, text: str) -> None:
    with writing(path) as stream:
        stream.write(text)


for listing in (lists.inputs, lists.gpus, lists.rates, lists.offers, lists.history, prices_group):
    main.add_command(listing)
for question in (risk.flips, risk.tornado, risk.stress, risk.options, risk.simulate, sweep):
    main.add_command(question)
main.add_command(addin)
