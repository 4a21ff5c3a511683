"""Values as given, checked once against their declarations: scalars, and arrays of scenarios."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from tco.errors import Problem, shown
from tco.inputs import Param
from tco.inputs.declaration import Interval, midpoint_of
from tco.inputs.entry import (
    Unread,
    Wrong,
    is_too_small,
    read_code,
    read_day,
    read_flag,
    read_number,
    read_word,
    scale_hint,
)

if TYPE_CHECKING:
    import numpy as np

_SHOWN = 3
# More axes than anybody needs, and more scenarios than fit into memory.
_MOST_AXES, _MOST_SCENARIOS = 8, 10**8


def clean(declared: Param, value: Any) -> tuple[Any, list[Problem]]:
    """The value in the model's own types, and what is wrong with it.

    Scalars become float, int, bool or str, and the text `low..high` of a number an Interval; arrays
    and sequences become read-only arrays, a Series stays a Series. Text is read as people write
    values (tco.inputs.entry). The value is None when there are problems.
    """
    if hasattr(value, "ndim") or isinstance(value, (list, tuple)):
        if getattr(value, "ndim", 1) == 0:
            value = _item(value)
        else:
            return clean_array(declared, value)
    try:
        return CLEANERS[declared.kind](declared, value), []
    except Wrong as wrong:
        return None, [Problem(declared.name, describe(declared, value, wrong))]


def _item(value: Any) -> Any:
    """The one value of an array without axes; None where it is masked."""
    if getattr(value, "mask", False):
        return None
    if getattr(value.dtype, "kind", "") == "M":
        return str(value)[: len("YYYY-MM-DD")]
    return value.item()


def describe(declared: Param, value: Any, wrong: str | Wrong, where: str = "") -> str:
    """One clear sentence: input, value, what is wrong, domain and meaning; and how to mend it."""
    told = shown(str(value) if isinstance(value, Interval | Unread) else value)
    hint = wrong.hint if isinstance(wrong, Wrong) else ""
    mend = f"; {hint}" if hint else ""
    return f"{declared.name}{where} = {told} {wrong}: {meaning(declared, wrong)}{mend}"


def meaning(declared: Param, wrong: object = "") -> str:
    """What an input is, with the numbers that it may be unless they are said already.

    >>> from tco.inputs import INPUTS
    >>> meaning(INPUTS["utilization"], "is text")
    'share of all hours in which the GPUs do useful work, within [0, 1]'
    """
    is_said = not declared.numeric or declared.domain in str(wrong)
    told = "" if is_said or not math.isfinite(declared.high) else f", within {declared.domain}"
    return f"{declared.meaning}{told}"


def outside(declared: Param) -> str:
    """What is said of a value beyond the domain."""
    if declared.kind == "integer":
        return f"is not a whole number in {declared.domain}"
    return f"is outside {declared.domain}"


def _outside(declared: Param, value: Any) -> Wrong:
    """The same, and what was probably meant."""
    return Wrong(outside(declared), scale_hint(declared, value))


def _clean_number(declared: Param, value: Any) -> float | int | Interval:
    kind = type(value)
    if kind is not float and kind is not int:
        value = _as_number(declared, value)
        if isinstance(value, Interval):
            return _clean_interval(declared, value)
    if not declared.contains(value):
        raise _outside(declared, value)
    if is_too_small(value, declared.low, declared.low_open):
        raise Wrong(f"is too close to 0 for {declared.domain}")
    return int(value) if declared.kind == "integer" else float(value) + 0.0  # there is no -0


def _as_number(declared: Param, value: Any) -> Any:
    from decimal import Decimal
    from numbers import Real

    if isinstance(value, Unread):
        raise value.wrong
    if isinstance(value, str):
        return read_number(declared, value)
    if value is None:
        raise Wrong("is missing")
    if isinstance(value, Interval):
        return value
    if isinstance(value, bool):
        raise Wrong(f"is true or false, not a number in {declared.domain}")
    if isinstance(value, Decimal) and value.is_snan():
        raise Wrong(outside(declared))
    if not isinstance(value, (Real, Decimal)):
        raise Wrong(f"is not a number in {declared.domain}")
    try:
        return float(value)
    except (OverflowError, ValueError):
        raise Wrong(outside(declared)) from None


def _clean_interval(declared: Param, found: Interval) -> float | int | Interval:
    """An interval inside the domain; one without width is a number like any other."""
    if found.low > found.high:
        raise Wrong("ends before it begins")
    ends = found.low, found.high
    if not all(map(declared.contains, ends)):
        meant = [end if declared.contains(end) else end / 100 for end in ends]
        is_scale = any(scale_hint(declared, end) for end in ends) and meant[0] < meant[1]
        is_scale = is_scale and all(map(declared.contains, meant))
        hint = f"did you mean {meant[0]:g}..{meant[1]:g}?" if is_scale else ""
        raise Wrong(outside(declared), hint)
    if found.low == found.high:
        return _clean_number(declared, float(found.low))
    return Interval(float(found.low), float(found.high))


def midpoint(declared: Param, value: Any) -> Any:
    """The number that stands for an interval, a whole one where only such count; else the value."""
    found = midpoint_of(value)
    return int(found) if found is not value and declared.kind == "integer" else found


def _clean_flag(declared: Param, value: Any) -> bool:
    if isinstance(value, str):
        return read_flag(declared, value)
    if not isinstance(value, bool):
        is_number = isinstance(value, int | float) and value in (0, 1)
        hint = f"write {'true' if value else 'false'}" if is_number else ""
        raise Wrong(f"is not {declared.domain}", hint)
    return value


def _clean_word(declared: Param, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(f"is not {declared.domain}")
    return read_word(declared, value)


def _clean_code(declared: Param, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(f"is not {declared.domain}, three capital letters such as USD")
    return read_code(declared, value)


def _clean_date(declared: Param, value: Any) -> str:
    if isinstance(value, date):
        value = value.isoformat()[: len("YYYY-MM-DD")]
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # 20261121: refused, with the date that it may be
    if not isinstance(value, str):
        raise Wrong(f"is not a date {declared.domain}")
    return read_day(declared, value)


CLEANERS: dict[str, Callable[[Param, Any], Any]] = {
    "number": _clean_number,
    "integer": _clean_number,
    "flag": _clean_flag,
    "choice": _clean_word,
    "key": _clean_word,
    "code": _clean_code,
    "date": _clean_date,
}


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
    import numpy as np

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


def _numbers(declared: Param, raw: Any) -> tuple[Any, list[tuple[int, Wrong]]]:
    import numpy as np

    flat = raw.reshape(-1)
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(
            ~declared.contains(flat) | is_too_small(flat, declared.low, declared.low_open)
        )
    wrong: list[tuple[int, Wrong]] = []
    for at in bad.tolist():
        try:
            _clean_number(declared, flat[at].item())
        except Wrong as reason:
            wrong.append((at, reason))
    return np.array(raw, dtype=np.float64, order="C"), wrong


def _objects(declared: Param, raw: Any) -> tuple[Any, list[tuple[int, Wrong]]]:
    import numpy as np

    kind: Any = {"flag": bool}.get(declared.kind, object)
    made = np.empty(raw.size, dtype=np.float64 if declared.numeric else kind)
    wrong: list[tuple[int, Wrong]] = []
    known: dict[str, Any] = {}
    cleaner = CLEANERS[declared.kind]
    for at, item in enumerate(raw.reshape(-1).tolist()):
        if type(item) is str and item in known:
            made[at] = known[item]
            continue
        try:
            made[at] = midpoint(declared, cleaner(declared, item))
        except Wrong as reason:
            missing = item is None or type(item).__name__ in ("NAType", "NaTType")
            wrong.append((at, Wrong("is missing") if missing else reason))
        else:
            if type(item) is str:
                known[item] = made[at]
    return made.reshape(raw.shape), wrong


def _problem(declared: Param, raw: Any, wrong: list[tuple[int, Wrong]]) -> Problem:
    import numpy as np

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
    import numpy as np

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
            message = (
                f"{name} has a different index from {next(iter(series))}: align the Series first"
            )
            return shape, None, [Problem(name, message)]
        index = value.index
    if index is not None and shape != (len(index),):
        message = f"a Series and arrays of other shapes cannot be combined: {sizes}"
        return shape, None, [Problem(next(iter(series)), message)]
    return shape, index, []


def flatten(value: Any, shape: tuple[int, ...]) -> Any:
    """An array input as one contiguous line over the common shape; scalars stay as they are."""
    import numpy as np

    if not hasattr(value, "shape"):
        return value
    return np.ascontiguousarray(np.broadcast_to(np.asarray(value), shape)).reshape(-1)
