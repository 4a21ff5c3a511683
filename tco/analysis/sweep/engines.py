"""Sweeps on engines that hold their data in partitions."""

from __future__ import annotations

from typing import Any

from tco.analysis.sweep.answers import check_columns
from tco.analysis.sweep.run import answer_frame
from tco.errors import InputError, Problem
from tco.market.catalogue import Catalogue


def is_dask(source: Any) -> bool:
    """Whether this is a Dask frame; Dask is not imported to find out."""
    of_dask = type(source).__module__.partition(".")[0] == "dask"
    return of_dask and hasattr(source, "map_partitions") and hasattr(source, "columns")


def dask_answers(
    source: Any, carry: tuple[str, ...], catalogue: Catalogue | None, output: Any = None
) -> Any:
    """The Dask frame of the answers: nothing is computed, but wrong columns are refused.

    The partitions are those of the source, and so are index and divisions. InputError where there
    is an output.
    """
    if output is not None:
        message = f"output = {str(output)!r}: a Dask frame of answers writes itself"
        raise InputError([Problem("output", message)])
    check_columns(source.columns, carry)
    told: dict[str, Any] = {"carry": carry, "prices": catalogue}
    return source.map_partitions(answer_frame, **told, meta=answer_frame(source._meta, **told))
