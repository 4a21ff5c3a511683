"""Commands that answer a scenario: the break-even, the ledger, the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from tco.analysis.simulation import Simulation, odds_of, simulate
from tco.cli.options import (
    catalogue_of,
    format_options,
    input_options,
    json_option,
    output_option,
    scenario_from,
)
from tco.cli.output import say, stamped, write, writing
from tco.errors import InputError, Problem
from tco.model.breakeven import breakeven as answer_of
from tco.model.ledger import LEDGER_COLUMNS, OPTIONS, ledger_rows
from tco.report.csv import check_format, input_rows, ledger_csv, report_csv, stamped_ledger
from tco.report.schema import ODDS_MEANINGS, REPORT_COLUMNS
from tco.scenario import Scenario
from tco.words import futures

# Kinds of report that are one file of their own; every other name is one of CSV.
_WHOLE = (".html", ".xlsx")


@click.command("breakeven")
@input_options
@click.option("--csv", "table_file", metavar="FILE", help="A table, one scenario a row.")
@click.option(
    "--odds", is_flag=True, help="Also report chance_buy and confidence, from simulated futures."
)
@output_option()
@json_option
@format_options
def breakeven(
    scenario_file: str | None,
    table_file: str | None,
    odds: bool,
    prices: str,
    output: str,
    as_json: bool,
    sep: str,
    decimal: str,
    **texts: Any,
) -> None:
    """Whether renting or buying is cheaper, and from when on.

    With --csv every row is answered; a row with an error says so in the column `error`, an empty
    cell means that the default counts. With --odds the answer says how sure it is: the share of
    simulated futures in which buying is cheaper, and the confidence in the verdict.
    """
    if table_file is not None:
        if scenario_file or as_json or any(text is not None for text in texts.values()):
            message = "csv: a table takes no other inputs and answers in CSV; put them into columns"
            raise InputError([Problem("csv", message)])
        _answer_table(table_file, output, sep, decimal, prices, odds)
        return
    check_format(sep, decimal)
    answer = answer_of(scenario_from(scenario_file, prices, texts))
    found = simulate(answer.scenario) if odds else None
    sure, text = _odds(found), f"{answer}\n"
    if as_json:
        text = stamped(
            answer.scenario.catalogue,
            scenario=answer.scenario.to_dict(),
            inputs=_inputs(answer.scenario),
            results={**answer.to_dict(), **sure},
        )
    elif found:
        share = "share of futures in which buying is cheaper"
        text += f"{'chance_buy':<31}  {found.chance_buy:>14.4f}  {share}\n"
        text += f"{'confidence':<31}  {found.confidence or 'none':>14}\n"
        text += f"{futures(found.dots(20))}\n"
    write(output, text)


def _odds(found: Simulation | None) -> dict[str, Any]:
    """Chance and confidence, in plain types; None stands for "none"."""
    if found is None:
        return dict.fromkeys(ODDS_MEANINGS)
    return {"chance_buy": found.chance_buy, "confidence": found.confidence or None}


def _answer_table(
    source: str, output: str, sep: str, decimal: str, prices: str, odds: bool
) -> None:
    from tco.cli.sweep import SOME_ROWS_WRONG, answer_rows

    catalogue = catalogue_of(prices)
    with writing(output) as target:
        rows, wrong = answer_rows(source, target, sep, decimal, catalogue=catalogue, odds=odds)
    say(f"tco: {rows:,} rows, {wrong:,} with an error")
    if wrong:
        click.get_current_context().exit(SOME_ROWS_WRONG)


@click.command("ledger")
@input_options
@click.option("--option", type=click.Choice(OPTIONS), help="Only this side.")
@output_option()
@json_option
@format_options
def ledger(
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
    scenario = scenario_from(scenario_file, prices, texts)
    rows = ledger_rows(scenario, option)
    if as_json:
        listed = [dict(zip(LEDGER_COLUMNS, row, strict=True)) for row in rows]
        write(output, stamped(scenario.catalogue, scenario=scenario.to_dict(), ledger=listed))
    else:
        write(output, stamped_ledger(scenario, rows, sep, decimal))


@click.command("report")
@input_options
@output_option()
@click.option("--ledger", "ledger_file", metavar="FILE", help="Where the ledger goes.")
@json_option
@format_options
def report(
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
    scenario = scenario_from(scenario_file, prices, texts)
    if Path(output).suffix.lower() in _WHOLE:
        asked = {"ledger": ledger_file is not None, "sep": sep != ",", "decimal": decimal != "."}
        _write_whole(scenario, output, {"json": as_json, **asked})
        return
    if ledger_file is None and output != "-" and not as_json:
        path = Path(output)
        ledger_file = str(path.with_name(f"{path.stem}-ledger{path.suffix}"))
    if ledger_file is not None:
        if Path(ledger_file).resolve() == Path(output).resolve():
            raise InputError([Problem("ledger", f"ledger = {ledger_file!r} is the report itself")])
        write(ledger_file, ledger_csv(scenario, sep, decimal))
    if as_json:
        results = answer_of(scenario).to_dict()
        found, why = odds_of(scenario)
        if why:
            say(f"tco: {why}")
        results |= _odds(found)
        write(output, stamped(scenario.catalogue, inputs=_inputs(scenario), results=results))
    else:
        write(output, report_csv(scenario, sep, decimal))


def _write_whole(scenario: Scenario, path: str, asked: dict[str, bool]) -> None:
    """Write a workbook or a page; InputError where something that only text has is asked for."""
    suffix = Path(path).suffix.lower()
    problems = [
        Problem(name, f"{name} does not go with -o {path}: a report in {suffix} is one file")
        for name, given in asked.items()
        if given
    ]
    if problems:
        raise InputError(problems)
    if suffix == ".xlsx":
        from tco.report.workbook import workbook

        content = workbook(scenario)
    else:
        from tco.app.link import encode
        from tco.report.sheet import page

        query = urlencode(encode(scenario))
        content = page(scenario, f"?{query}" if query else "").encode()
    with writing(path) as stream:
        stream.buffer.write(content)


def _inputs(scenario: Scenario) -> list[dict[str, Any]]:
    columns = tuple(REPORT_COLUMNS)[1:]
    return [dict(zip(columns, row[1:], strict=True)) for row in input_rows(scenario)]
