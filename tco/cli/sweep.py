"""The command `tco sweep`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tco.cli.options import read_text
from tco.cli.output import say, writing
from tco.cli.sources import catalogue_of, prices_option
from tco.errors import InputError, Problem

_SOME_ROWS_WRONG = 1


@click.command("sweep")
@click.argument("source", required=False, metavar="[SOURCE]")
@click.option("--grid", metavar="JSON", help="A grid instead of SOURCE, or a file that holds one.")
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="A .csv or .parquet file, or a folder for Parquet parts; - is CSV to standard output.",
)
@click.option("--carry", multiple=True, metavar="COLUMN", help="A column that is no input.")
@click.option("--resume/--no-resume", default=True, help="Go on where an earlier sweep ended.")
@click.option("--workers", type=int, metavar="NUMBER", help="Processes; by default one a core.")
@click.option("--chunk-rows", type=int, metavar="NUMBER", help="Rows of a part.")
@prices_option
def sweep(
    source: str | None,
    grid: str | None,
    output: str,
    carry: tuple[str, ...],
    resume: bool,
    workers: int | None,
    chunk_rows: int | None,
    prices: str,
) -> None:
    """Answer every row of a CSV or Parquet file, of a folder of them, or of a grid.

    A grid maps inputs to values, for instance '{"gpu": ["L4", "T4"], "utilization": {"first": 0.1,
    "last": 1, "count": 10}}': every combination is answered. A row with an error says so in the
    column `error`, an empty cell means that the default counts. A sweep into a file that was
    interrupted goes on where it ended when it is started again.
    """
    from tco.analysis.sweep.output import Options, to_files
    from tco.analysis.sweep.run import CHUNK_ROWS, source_of
    from tco.cli.stream import answer_source

    named = catalogue_of(prices)
    catalogue = named if named.extra else None
    rows_of_a_part = CHUNK_ROWS if chunk_rows is None else chunk_rows
    options = Options(rows_of_a_part, workers, progress=True, resume=resume).checked()
    found = source_of(_asked(source, grid), carry, catalogue)
    if output == "-":
        with writing(output) as target:
            rows, errors = answer_source(found, target, catalogue, options.chunk_rows)
    else:
        written = to_files(found, Path(output), catalogue, options)
        rows, errors = written.rows, written.errors
    say(f"tco: {rows:,} rows, {errors:,} with an error")
    if errors:
        click.get_current_context().exit(_SOME_ROWS_WRONG)


def _asked(source: str | None, grid: str | None) -> Any:
    """What is swept: the path of the source, or the grid."""
    if (source is None) == (grid is None):
        raise InputError([Problem("source", "source: give a file or folder, or else --grid")])
    if grid is None:
        return source
    text = grid if grid.lstrip().startswith("{") else read_text(grid)
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as wrong:
        raise InputError([Problem("grid", f"grid: not a JSON document: {wrong}")]) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found
