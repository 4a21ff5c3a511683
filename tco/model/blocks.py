"""The kernel run over a table of scenarios, block by block."""

from __future__ import annotations

from typing import Any

import numpy as np

from tco.inputs import Inputs
from tco.inputs.arrays import flatten
from tco.model.results import RESULTS, solve

# Scenarios a block: few enough that a block's arrays stay in the processor's cache.
BLOCK = 16_384


def solve_table(
    values: dict[str, Any], shape: tuple[int, ...], block: int = BLOCK
) -> dict[str, Any]:
    """Every result as an array of the common shape; memory beyond the results is one block's.

    `status` and `verdict` are positions in STATUSES and VERDICTS.
    """
    size = int(np.prod(shape))
    if not size:
        return {name: np.empty(shape, dtype=np.float64) for name in RESULTS}
    lines = {name: flatten(value, shape) for name, value in values.items()}
    results: dict[str, Any] = {}
    for start in range(0, size, block):
        part = slice(start, min(start + block, size))
        cut = {k: x[part] if hasattr(x, "shape") else x for k, x in lines.items()}
        with np.errstate(all="ignore"):
            solved, _ = solve(Inputs.of(cut))
        for name, value in solved.items():
            if name not in results:
                whole = name in ("status", "verdict")
                results[name] = np.empty(size, dtype=np.int8 if whole else np.float64)
            results[name][part] = value
    return {name: line.reshape(shape) for name, line in results.items()}


def labelled(positions: Any, levels: tuple[str, ...]) -> Any:
    """Positions in the levels as a categorical; words in an array of another shape than a line."""
    if positions.ndim == 1:
        import pandas as pd

        return pd.Categorical.from_codes(positions.astype(np.int8), pd.Index(levels))
    return np.array(levels, dtype=object)[positions.astype(np.int8)]
