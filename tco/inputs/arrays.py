"""Arrays, Series and lists as inputs: checked element by element, broadcast, cut into blocks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tco.errors import Problem
from tco.inputs import Param
from tco.inputs.checks import CLEANERS, Wrong, describe, midpoint, outside

_SHOWN = 3
# More axes than anybody needs, and more scenarios than fit into memory.
_MOST_AXES, _MOST_SCENARIOS = 8, 10**8


def clean_array(declared: Param, value: Any) -> tuple[Any, list[Problem]]:
    """A read-only, contiguous copy of the values (a Series keeps its index), and the problems."""
    raw = _elements(value)
    if raw is None or raw.ndim > _MOST_AXES:
        return None, [Problem(declared.name, describe(declared, value, "is not a table column"))]
    if declared.numeric and raw.dtype.kind in "fiu":
        cleaned, wrong = _numbers(declared, raw)
    else:
        cleaned, wrong = _objects(declared, raw)
    if wrong:
        return None, [_problem(declared, raw, wrong)]
    cleaned.flags.writeable = False
    if hasattr(value, "index") and hasattr(value, "to_numpy"):
        import pandas as pd

        return pd.Series(cleaned, index=value.index, copy=False), []
    return cleaned, []


def _elements(value: Any) -> np.ndarray[Any, Any] | None:
    if isinstance(value, (list, tuple)):
        made = np.empty(len(value), dtype=object)
        made[:] = value
        nested = any(isinstance(item, (list, tuple)) for item in value)
        return np.array(value, dtype=object) if nested else made
    if isinstance(value, np.ma.MaskedArray):
        raw = np.array(value.data, dtype=object)
        raw[np.ma.getmaskarray(value)] = None
        return raw
    if hasattr(value, "to_numpy") and value.ndim == 1:
        raw = value.to_numpy()
        return np.asarray(raw if raw.dtype.kind in "fiub" else raw.astype(object))
    return np.asarray(value) if isinstance(value, np.ndarray) else None


def _numbers(declared: Param, raw: Any) -> tuple[Any, list[tuple[int, str]]]:
    flat = raw.reshape(-1)
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(~declared.contains(flat))
    wrong = [(int(at), outside(declared)) for at in bad]
    return np.array(raw, dtype=np.float64, order="C"), wrong


def _objects(declared: Param, raw: Any) -> tuple[Any, list[tuple[int, str]]]:
    kind: Any = {"flag": bool}.get(declared.kind, object)
    made = np.empty(raw.size, dtype=np.float64 if declared.numeric else kind)
    wrong: list[tuple[int, str]] = []
    known: dict[str, Any] = {}
    cleaner = CLEANERS[declared.kind]
    for at, item in enumerate(raw.reshape(-1).tolist()):
        if type(item) is str and item in known:
            made[at] = known[item]
            continue
        try:
            made[at] = midpoint(declared, cleaner(declared, item))
        except Wrong as reason:
            wrong.append((at, "is missing" if _missing(item) else str(reason)))
        else:
            if type(item) is str:
                known[item] = made[at]
    return made.reshape(raw.shape), wrong


def _missing(item: Any) -> bool:
    return item is None or type(item).__name__ in ("NAType", "NaTType")


def _problem(declared: Param, raw: Any, wrong: list[tuple[int, str]]) -> Problem:
    lines = []
    for at, reason in wrong[:_SHOWN]:
        place = ", ".join(str(int(axis)) for axis in np.unravel_index(at, raw.shape))
        item = raw.reshape(-1)[at]
        item = item.item() if isinstance(item, np.generic) else item
        lines.append(describe(declared, item, reason, f"[{place}]"))
    if len(wrong) > _SHOWN:
        lines.append(f"{declared.name}: {len(wrong) - _SHOWN} more elements are wrong")
    return Problem(declared.name, "\n".join(lines), tuple(at for at, _ in wrong))


def common_shape(given: dict[str, Any]) -> tuple[tuple[int, ...], Any, list[Problem]]:
    """Broadcast shape of the arrays among the values, the Series index if any, and problems."""
    arrays = {name: value for name, value in given.items() if hasattr(value, "shape")}
    series = {name: value for name, value in arrays.items() if hasattr(value, "index")}
    sizes = ", ".join(f"{name} {value.shape}" for name, value in arrays.items())
    try:
        shape = np.broadcast_shapes(*(value.shape for value in arrays.values()))
    except ValueError:
        message = f"the inputs do not broadcast to one shape: {sizes}"
        return (), None, [Problem(next(iter(arrays)), message)]
    if math.prod(shape) > _MOST_SCENARIOS:
        message = f"{math.prod(shape):,} scenarios are too many for one call: {sizes}"
        return (), None, [Problem(next(iter(arrays)), message)]
    index = None
    for name, value in series.items():
        if index is not None and not index.equals(value.index):
            message = f"{name} has another index than {next(iter(series))}: align the Series first"
            return shape, None, [Problem(name, message)]
        index = value.index
    if index is not None and shape != (len(index),):
        message = f"a Series and arrays of other shapes cannot be combined: {sizes}"
        return shape, None, [Problem(next(iter(series)), message)]
    return shape, index, []


def flatten(value: Any, shape: tuple[int, ...]) -> Any:
    """An array input as one contiguous line over the common shape; scalars stay as they are."""
    if not hasattr(value, "shape"):
        return value
    return np.ascontiguousarray(np.broadcast_to(np.asarray(value), shape)).reshape(-1)
