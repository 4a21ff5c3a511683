"""Grids of scenarios: the values of each input, every combination of them, expanded lazily."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

from tco.analysis.sweep.rows import CURRENCY, FX_RATE
from tco.errors import InputError, Problem, shown
from tco.inputs import ENTRIES, INPUTS, RATE, TAKEN, current_names
from tco.inputs.amounts import names_another, per_month
from tco.inputs.checks import clean
from tco.inputs.names import not_inputs
from tco.market.catalogue import Catalogue
from tco.market.choice import OWN_FIGURES
from tco.scenario import Scenario
from tco.scenario.amounts import read_rate_of_currency

if TYPE_CHECKING:
    import pandas as pd

# More scenarios than one sweep can be meant to have.
MOST = 10**9
_MOST_LISTED = 10**6
_STEPS = ("first", "last", "count")
# What stands beside GPUs of one's own, and beside a currency.
_NEEDED = {"gpu": OWN_FIGURES, CURRENCY: (FX_RATE,)}
# What an amount in another currency is read with, and a price by the month too.
_BILLING = "billing"
_OF_AMOUNT = (CURRENCY, FX_RATE)
_OF_MONTH = (*_OF_AMOUNT, _BILLING, "hours_per_month", "term")
_MEANING = "a list of values, (first, last, count) for numbers, or one value"


@dataclass(frozen=True)
class Axis:
    """The values of one input: all that were listed, or the ends of `count` evenly spaced ones."""

    values: tuple[Any, ...]
    count: int

    def at(self, places: Any) -> Any:
        """The values at some places; words as a categorical, steps as numpy.linspace gives them."""
        import numpy as np
        import pandas as pd

        if isinstance(self.values[0], str):
            return pd.Categorical.from_codes(places, pd.Index(self.values))
        if self.count == len(self.values):
            return np.array(self.values)[places]
        first, last = self.values
        step = (last - first) / (self.count - 1)
        return np.where(places == self.count - 1, last, places * step + first)


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of some inputs; that of the last input changes fastest."""

    axes: Mapping[str, Axis]

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
            columns[name] = values.astype(np.int64) if TAKEN[name].kind == "integer" else values
        return pd.DataFrame({name: columns[name] for name in self.axes})


def grid_of(spec: Any, catalogue: Catalogue | None = None) -> Grid:
    """The grid of a specification; InputError lists everything that is wrong with it.

    A mapping of inputs to a list of values, to three numbers (first, last, count) as a tuple or as
    a mapping of these words, or to one value. Amounts may be texts in the currency of the grid, if
    it has one currency and one rate.

    >>> grid_of({"price_usd_per_gpu": "2300 EUR", "currency": "EUR", "fx_rate": 0.5}).frame(0, 1)
       price_usd_per_gpu currency  fx_rate
    0             4600.0      EUR      0.5
    """
    if not isinstance(spec, Mapping) or not spec:
        message = f"grid = {shown(spec)} is no grid: it maps inputs to {_MEANING}"
        raise InputError([Problem("grid", message)])
    axes: dict[str, Axis] = {}
    asked = current_names(spec)
    rate, code = asked.get(FX_RATE), asked.get(CURRENCY)
    if isinstance(rate, str) and isinstance(code, str):
        asked = {**asked, FX_RATE: read_rate_of_currency(rate, code.strip().upper())}
    problems = [Problem(name, message) for name, message in not_inputs(asked)]
    for name, given in asked.items():
        if name not in TAKEN:
            continue
        try:
            axes[name] = _axis(name, given, catalogue, asked)
        except InputError as error:
            problems += error.problems
        except ValueError as wrong:
            problems.append(Problem(name, f"{name} = {shown(given)} {wrong}: give {_MEANING}"))
    if problems:
        raise InputError(problems)
    grid = Grid(axes)
    if grid.size > MOST:
        counts = " x ".join(f"{axis.count:,}" for axis in axes.values())
        message = f"grid: {counts} = {grid.size:,} scenarios are more than {MOST:,}"
        raise InputError([Problem("grid", f"{message}: make it coarser, or sweep it in parts")])
    return grid


def _axis(name: str, given: Any, catalogue: Catalogue | None, spec: Mapping[str, Any]) -> Axis:
    """The values of an input; ValueError says what is wrong with their form."""
    if isinstance(given, Mapping):
        if set(given) != set(_STEPS):
            raise ValueError(f"has not the keys {', '.join(_STEPS)}")
        given = tuple(given[key] for key in _STEPS)
    steps = isinstance(given, tuple)
    declared = TAKEN[name]
    if steps and not (declared.numeric and len(given) == len(_STEPS)):
        raise ValueError("is not (first, last, count) of numbers")
    if isinstance(given, str) or not hasattr(given, "__len__"):
        given = [given.item() if hasattr(given, "item") else given]
    if isinstance(given, (Set, bytes)):
        raise ValueError("has no order")
    if not 0 < len(given) <= _MOST_LISTED:
        raise ValueError(f"has {len(given):,} values, not 1 to {_MOST_LISTED:,}")
    listed = list(given[:2]) if steps else list(given)
    if name in ENTRIES:
        made, problems = clean(declared, listed)
        if problems:
            raise InputError(problems)
        return _of_values(name, made, given, steps)
    # Some values need others beside them; which ones, is for the axes that hold these.
    beside = {other: INPUTS[other].neutral for other in _NEEDED.get(name, ()) if other in spec}
    beside |= _read_with(name, listed, spec)
    made = Scenario(**{name: listed, **beside}, prices=catalogue).given
    if _BILLING in made and _BILLING not in spec:
        message = f"{name} is a price by the month, paid busy or idle: give billing beside it"
        raise InputError([Problem(name, message)])
    return _of_values(name, made[name], given, steps)


def _read_with(name: str, listed: list[Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """What of a grid says what amounts in texts are; InputError where it has several of that."""
    texts = [one for one in listed if isinstance(one, str)] if TAKEN[name].is_money else []
    needed: tuple[str, ...] = ()
    if name == RATE and any(map(per_month, texts)):
        needed = _OF_MONTH
    elif any(map(names_another, texts)):
        needed = _OF_AMOUNT
    found = {}
    for other in needed:
        if other not in spec:
            continue
        values = spec[other]
        one = [values] if isinstance(values, str) or not hasattr(values, "__len__") else [*values]
        if len(one) != 1:
            message = f"{name} depends on {other}, of which the grid has several values: give one"
            raise InputError([Problem(name, message)])
        found[other] = one[0]
    return found


def _of_values(name: str, made: Any, given: Any, steps: bool) -> Axis:
    """The axis of values that are right, or of evenly spaced ones between two of them."""
    if made.ndim != 1:
        raise ValueError("is not one list")
    values = tuple(made.tolist())
    if steps:
        return _steps(values, given[2], whole=TAKEN[name].kind == "integer")
    if len(set(values)) < len(values):
        raise ValueError("holds a value twice")
    return Axis(values, len(values))


def _steps(ends: tuple[float, float], count: Any, whole: bool) -> Axis:
    first, last = ends
    count = int(count) if isinstance(count, Integral) and not isinstance(count, bool) else 0
    if count < 1:
        raise ValueError("has a count that is not a whole number above 0")
    if first > last:
        raise ValueError("has a first value above the last")
    if count > 1 and first == last:
        raise ValueError("has one value, not so many")
    if whole and (last - first) % max(count - 1, 1):
        raise ValueError("has steps that are not whole")
    return Axis(ends[:1] if count == 1 else ends, count)
