"""Grids of scenarios: the values of each input, every combination of them, expanded lazily."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem, suggestion
from tco.inputs import INPUTS, Param
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue

# More scenarios than one sweep can be meant to have.
MOST = 10**9
_MOST_LISTED = 10**6
_KEYS = ("first", "last", "count")
_MEANING = "a list of values, (first, last, count) for numbers, or one value"


@dataclass(frozen=True)
class Steps:
    """`count` numbers from `first` to `last`, evenly spaced, as numpy.linspace gives them."""

    first: float
    last: float
    count: int

    def at(self, places: Any) -> Any:
        """The values at some places."""
        import numpy as np

        if self.count == 1:
            return np.full(places.shape, self.first)
        step = (self.last - self.first) / (self.count - 1)
        return np.where(places == self.count - 1, self.last, places * step + self.first)


@dataclass(frozen=True)
class Values:
    """The values of one input that were listed, or the only one."""

    listed: tuple[Any, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.listed)

    def at(self, places: Any) -> Any:
        """The values at some places; words as a categorical."""
        import numpy as np
        import pandas as pd

        if isinstance(self.listed[0], str):
            return pd.Categorical.from_codes(places, pd.Index(self.listed))
        return np.array(self.listed)[places]


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of some inputs; that of the last input changes fastest."""

    axes: Mapping[str, Steps | Values]

    @property
    def size(self) -> int:
        """How many scenarios there are."""
        return math.prod(axis.count for axis in self.axes.values())

    def frame(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        """The scenarios from one position to another as a frame; the others are never made.

        >>> grid = grid_of({"gpu": ["L4", "T4"], "utilization": (0.2, 1, 5), "pue": 1.3})
        >>> grid.size, grid.frame(4, 6).values.tolist()
        (10, [['L4', 1.0, 1.3], ['T4', 0.2, 1.3]])
        """
        import numpy as np
        import pandas as pd

        places = np.arange(start, self.size if stop is None else min(stop, self.size))
        columns = {}
        for name, axis in reversed(list(self.axes.items())):
            places, place = np.divmod(places, axis.count)
            values = axis.at(place)
            columns[name] = values.astype(np.int64) if INPUTS[name].kind == "integer" else values
        return pd.DataFrame({name: columns[name] for name in self.axes})


def grid_of(spec: Any, catalogue: Catalogue | None = None) -> Grid:
    """The grid of a specification; InputError lists everything that is wrong with it.

    A mapping of inputs to a list of values, to three numbers (first, last, count) as a tuple or as
    a mapping of these words, or to one value.
    """
    if not isinstance(spec, Mapping) or not spec:
        message = f"grid = {spec!r} is no grid: it maps inputs to {_MEANING}"
        raise InputError([Problem("grid", message)])
    axes: dict[str, Steps | Values] = {}
    problems: list[Problem] = []
    for name, given in spec.items():
        try:
            axes[name] = _axis(name, given, catalogue)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    grid = Grid(axes)
    if grid.size > MOST:
        counts = " x ".join(f"{axis.count:,}" for axis in axes.values())
        message = f"grid: {counts} = {grid.size:,} scenarios are more than {MOST:,}"
        raise InputError([Problem("grid", f"{message}: make it coarser, or sweep it in parts")])
    return grid


def _axis(name: Any, given: Any, catalogue: Catalogue | None) -> Steps | Values:
    if name not in INPUTS:
        words = f"{name} is not an input{suggestion(str(name), INPUTS)}"
        raise InputError([Problem(str(name), words)])
    if isinstance(given, Mapping):
        if set(given) != set(_KEYS):
            raise _wrong(name, given, f"has not the keys {', '.join(_KEYS)}")
        given = tuple(given[key] for key in _KEYS)
    if isinstance(given, tuple):
        return _steps(INPUTS[name], given, catalogue)
    listed = _listed(name, given)
    made = Scenario(**{name: listed}, prices=catalogue).given[name]
    if made.ndim != 1:
        raise _wrong(name, given, "is not one list")
    checked = made.tolist()
    if len(set(checked)) < len(checked):
        raise _wrong(name, given, "holds a value twice")
    return Values(tuple(checked))


def _listed(name: str, given: Any) -> list[Any]:
    """The values of a list, a range, an array or a Series; or the only value."""
    if isinstance(given, str) or not hasattr(given, "__len__"):
        return [given.item() if hasattr(given, "item") else given]
    if isinstance(given, (Set, bytes)):
        raise _wrong(name, given, "has no order")
    if not 0 < len(given) <= _MOST_LISTED:
        raise _wrong(name, given, f"has {len(given):,} values, not 1 to {_MOST_LISTED:,}")
    return list(given)


def _steps(declared: Param, given: tuple[Any, ...], catalogue: Catalogue | None) -> Steps:
    name = declared.name
    if not declared.numeric or len(given) != len(_KEYS):
        raise _wrong(name, given, "is not (first, last, count) of numbers")
    ends = Scenario(**{name: list(given[:2])}, prices=catalogue).given[name].tolist()
    count = int(given[2]) if isinstance(given[2], Integral) else 0
    if isinstance(given[2], bool) or count < 1:
        raise _wrong(name, given, "has a count that is not a whole number above 0")
    first, last = ends
    if first > last:
        raise _wrong(name, given, "has a first value above the last")
    if count > 1 and first == last:
        raise _wrong(name, given, "has one value, not so many")
    if declared.kind == "integer" and (last - first) % max(count - 1, 1):
        raise _wrong(name, given, "has steps that are not whole")
    return Steps(first, last, count)


def _wrong(name: str, given: Any, why: str) -> InputError:
    message = f"{name} = {given!r} {why}: give {_MEANING}"
    return InputError([Problem(name, message)])
