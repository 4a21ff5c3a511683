"""The command `tco sweep`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tco.cli.commands import Command, check_ending
from tco.cli.parameters import (
    catalogue_of,
    lines_from,
    lines_option,
    output_option,
    prices_option,
    read_text,
)
from tco.cli.streams import say, writing
from tco.errors import InputError, Problem
from tco.inputs import FORMER_NAMES
from tco.words.figures import counted

# The exit code of a table in which a row had an error.
_SOME_ROWS_WRONG = 1


@click.command("sweep", cls=Command)
@click.argument("source", required=False, metavar="[SOURCE]")
@click.option("--grid", metavar="JSON", help="A grid instead of SOURCE, or a JSON file with one.")
@output_option(
    "A .csv or .parquet file, or a folder for Parquet parts; - for CSV to standard output."
)
@click.option(
    "--carry",
    multiple=True,
    metavar="COLUMN",
    help="A column to copy that is no input; may be repeated.",
)
@click.option("--resume/--no-resume", default=True, help="Continue an interrupted sweep.")
@click.option(
    "--workers", type=int, metavar="NUMBER", help="Number of processes; by default one per core."
)
@click.option("--chunk-rows", type=int, metavar="NUMBER", help="Rows per part.")
@click.option(
    "--notes",
    is_flag=True,
    help="Add a column with notes on values that are unusual or do not count.",
)
@lines_option
@prices_option
def sweep(
    source: str | None,
    grid: str | None,
    output: str,
    carry: tuple[str, ...],
    resume: bool,
    workers: int | None,
    chunk_rows: int | None,
    notes: bool,
    lines_file: str | None,
    prices: str,
) -> None:
    """Answer every row of a CSV or Parquet file, of a folder of such files, or of a grid.

    A grid maps inputs to values, for instance '{"gpu": ["L4", "T4"], "utilization": {"first": 0.1,
    "last": 1, "count": 10}}': every combination is answered. Amounts may be in its currency, such
    as "2300 EUR". An empty cell takes the default, and a row with an error reports it in the column
    `error`. An interrupted sweep into a file continues where it stopped when it is started again.
    """
    from tco.analysis.sweep.engine import CHUNK_ROWS, Options
    from tco.analysis.sweep.parts import to_files
    from tco.analysis.sweep.sources import source_of
    from tco.questions.tables import csv_parts, write_parts

    if not Path(output).is_dir():
        check_ending(output, (".csv", ".parquet"), {})
    named, own_lines = catalogue_of(prices), lines_from(lines_file)
    catalogue = named if named.extra else None
    rows_of_a_part = CHUNK_ROWS if chunk_rows is None else chunk_rows
    options = Options(rows_of_a_part, workers, progress=True, resume=resume, notes=notes)
    found = source_of(_asked(source, grid), carry, catalogue)
    if output == "-":
        with writing(output) as target:
            chunks = found.chunks(options.chunk_rows)
            parts = csv_parts(chunks, catalogue, notes=notes, own_lines=own_lines)
            rows, errors = write_parts(parts, target)
    else:
        rows, errors = to_files(found, Path(output), catalogue, options, own_lines)
    say_rows(rows, errors)


def say_rows(rows: int, wrong: int) -> None:
    """How many rows were answered; with one that had an error, the command ends with a code."""
    say(f"tco: {counted(rows, 'row')}, {wrong:,} with an error")
    if wrong:
        click.get_current_context().exit(_SOME_ROWS_WRONG)


def _asked(source: str | None, grid: str | None) -> Any:
    """What is swept: the path of the source, or the grid."""
    if (source is None) == (grid is None):
        raise InputError([Problem("source", "source: give either a file or folder, or --grid")])
    if grid is None:
        return source
    text = grid if grid.lstrip().startswith("{") else read_text(grid)
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as wrong:
        raise InputError([Problem("grid", f"grid: not a JSON document: {wrong}")]) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for written, value in pairs:
        name = FORMER_NAMES.get(written, written)
        if name in found:
            raise ValueError(f"{name} is given twice")
        found[name] = value
    return found


COMMANDS = (sweep,)
