"""Sweeps: a frame, a grid, files or a cluster's table of scenarios, every row answered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tco.analysis.sweep.engine import CHUNK_ROWS, Options, performed
from tco.analysis.sweep.parts import to_files
from tco.analysis.sweep.rows import (
    ANSWERS,
    IN_CURRENCY,
    NOTES,
    Rows,
    answered,
    by_current_names,
    check_columns,
)
from tco.analysis.sweep.sources import FrameRows, source_of
from tco.errors import InputError, Problem
from tco.inputs.lines import Line, lines_of
from tco.market.catalogue import Catalogue, load
from tco.market.observed import catalogue_with

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["answer_frame", "sweep"]

# Cells of a grid that is answered in memory.
_MOST_CELLS = 10**8


def answer_frame(
    frame: pd.DataFrame,
    *,
    carry: Iterable[str] = (),
    lines: Any = None,
    prices: Any = None,
    odds: bool = False,
    notes: bool = False,
) -> pd.DataFrame:
    """The frame with every result of `breakeven()`, its odds and `error` beside its own columns.

    The columns are inputs (units as everywhere), `id`, `name`, `note`, and those named in `carry`;
    an empty cell (None, NaN) stands for the default of its row. A column `currency` brings each
    amount in the currency of its row, too, as `…_in_currency`. Results are those of
    `tco.breakeven()` with the same columns, to the last bit; a row that is wrong has none, and says
    so in `error`, which is missing elsewhere. `chance_buy` and `confidence` are those of
    `tco.simulate()` where `odds` are asked for, which takes hundredths of a second a row, and else
    missing. With `notes` a column of that name says what is out of the ordinary in a row, or does
    not count; sweeps of many odd values take several times as long with it. All rows have the same
    `lines` (`tco.Line`). The index is kept. InputError for other columns.

    Pure and picklable, it can be mapped over the parts of any engine: see docs/scale-out.md.

    >>> import pandas as pd
    >>> cases = pd.DataFrame({"gpu": ["L4", "L5"], "utilization": [0.9, 0.9]})
    >>> answers = answer_frame(cases)
    >>> answers["verdict"].tolist(), answers["error"].isna().tolist()
    (['buy', nan], [True, False])
    """
    frame = by_current_names(frame)
    check_columns(frame.columns, tuple(carry))
    own_lines = () if lines is None else lines_of(lines)
    found = answered(FrameRows(frame), catalogue_with(prices), odds, notes, own_lines)
    return _beside(frame, found)


def sweep(
    source: Any,
    *,
    lines: Any = None,
    prices: Any = None,
    output: str | os.PathLike[str] | None = None,
    carry: Iterable[str] = (),
    chunk_rows: int = CHUNK_ROWS,
    workers: int | None = None,
    progress: bool | None = None,
    resume: bool = True,
    notes: bool = False,
) -> Any:
    """The answers of many scenarios, beside their inputs.

    `source` is a frame with columns as for `answer_frame`; a grid, which maps inputs to a list of
    values, to (first, last, count), or to one value; the path of a CSV or Parquet file or a folder
    of them; or a Dask frame, which is answered lazily. All rows have the same `lines` (`tco.Line`).

    The answer is a frame, or with `output` a path: a `.csv` or `.parquet` file, or a folder of
    Parquet parts of `chunk_rows` rows. These are all that is in memory, `workers` processes (by
    default one a core) share them, and an interrupted sweep goes on where it ended when it is
    called again, unless `resume` is false. `progress` is shown at a terminal (None), or always.
    `notes` are as for `answer_frame`.

    InputError for columns, grids and options that are wrong, DataError for files, before any work.

    >>> len(sweep({"gpu": ["L4", "T4"], "utilization": (0.2, 1, 5)}))
    10
    """
    carry, own_lines = tuple(carry), () if lines is None else lines_of(lines)
    catalogue = None if prices is None else catalogue_with(prices)
    source = by_current_names(source) if hasattr(source, "columns") else source
    of_dask = type(source).__module__.partition(".")[0] == "dask"  # which is not imported for that
    if of_dask and hasattr(source, "map_partitions") and hasattr(source, "columns"):
        return _of_dask(source, carry, catalogue, own_lines, output, notes)
    found = source_of(source, carry, catalogue)
    options = Options(chunk_rows, workers, progress, resume, notes)
    if output is not None:
        to_files(found, Path(output), catalogue, options, own_lines)
        return Path(output)
    cells = found.weight * (len(found.names) + len(ANSWERS))
    if isinstance(source, Mapping) and cells > _MOST_CELLS:
        message = f"grid: {found.weight:,} scenarios are too many for a frame: give an output"
        raise InputError([Problem("output", message)])
    import pandas as pd

    work = partial(_frame_of_part, catalogue or load(), own_lines, notes)
    with closing(performed(work, found, options, options.workers or 1)) as answers:
        frames = dict(answers)
    joined = pd.concat([frames[number] for number in sorted(frames)], ignore_index=True)
    return joined.set_axis(source.index) if hasattr(source, "columns") else joined


def _frame_of_part(
    catalogue: Catalogue, own_lines: tuple[Line, ...], notes: bool, _number: int, chunk: Rows
) -> pd.DataFrame:
    found = answered(chunk, catalogue, notes=notes, own_lines=own_lines)
    return _beside(chunk.frame(), found)


def _beside(frame: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    names = [name for name in (*ANSWERS, NOTES, *IN_CURRENCY.values()) if name in answers]
    return pd.concat([frame, answers[names].set_axis(frame.index)], axis=1)


def _of_dask(
    source: Any,
    carry: tuple[str, ...],
    catalogue: Catalogue | None,
    own_lines: tuple[Line, ...],
    output: Any,
    notes: bool,
) -> Any:
    """The Dask frame of the answers: nothing is computed, but wrong columns are refused.

    The partitions are those of the source, and so are index and divisions. InputError where there
    is an output.
    """
    if output is not None:
        message = f"output = {str(output)!r}: a Dask frame of answers writes itself"
        raise InputError([Problem("output", message)])
    check_columns(source.columns, carry)
    told: dict[str, Any] = {"carry": carry, "lines": own_lines, "prices": catalogue, "notes": notes}
    return source.map_partitions(answer_frame, **told, meta=answer_frame(source._meta, **told))
