"""The named stresses of stresses.toml, read strictly."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tco.errors import DataError, suggestion
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.market.catalogue import load
from tco.market.files import data_folder, dated, slug, word
from tco.market.records import ASSUMPTION

FILE = "stresses.toml"
# The name of the row without any stress.
BASE = "base"
HOW = ("set", "copy", "add", "multiply")
_TEXTS = {"name": slug, "title": word, "as_of": dated, "source_id": slug, "note": word}


@dataclass(frozen=True)
class Change:
    """What a stress does to one input: `set`, `add` or `multiply`, and the amount.

    `copy` gives it the value of another input, whose name is the amount.
    """

    input: str
    how: str
    amount: Any

    def applied(self, values: Mapping[str, Any]) -> Any:
        """The input's value under the stress, its domain aside; `values` are those before it.

        >>> Change("utilization", "multiply", 0.5).applied({"utilization": 0.6})
        0.3
        """
        if self.how == "set":
            return self.amount
        if self.how == "copy":
            return values[self.amount]
        value = values[self.input]
        return value + self.amount if self.how == "add" else value * self.amount


@dataclass(frozen=True)
class Stress:
    """One named stress: its title, what it changes, and why it is worth trying."""

    name: str
    title: str
    changes: tuple[Change, ...]
    as_of: str
    source_id: str
    note: str


@lru_cache(maxsize=4)
def load_stresses(path: Path | None = None) -> tuple[Stress, ...]:
    """The stresses of a file, by default the shipped ones; DataError at the first fault.

    A fault is an unknown key, input or source, an input changed twice, a name given twice, a copy
    of an input of another unit or domain, and a change that leaves no value of the input inside its
    domain.

    >>> load_stresses()[0].changes
    (Change(input='rate_growth_per_year', how='set', amount=-0.2),)
    """
    at = path or data_folder() / FILE
    try:
        content = tomllib.loads(at.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise DataError(f"{at.name}: {wrong}") from wrong
    entries = content.get("stress")
    if set(content) != {"stress"} or not isinstance(entries, list):
        raise DataError(f"{at.name}: not a list of [[stress]] tables and nothing else")
    found: dict[str, Stress] = {}
    for number, entry in enumerate(entries, 1):
        read = _stress(entry, f"{at.name}, stress {number}")
        if read.name in (*found, BASE):
            raise DataError(f"{at.name}, stress {number}: the name {read.name} is taken")
        found[read.name] = read
    return tuple(found.values())


def _stress(entry: Any, where: str) -> Stress:
    if not isinstance(entry, dict):
        raise DataError(f"{where}: is not a table")
    _known(entry, (*_TEXTS, *HOW), where)
    texts = {}
    for key, parse in _TEXTS.items():
        value = entry.get(key)
        try:
            texts[key] = parse(value if isinstance(value, str) else "")
        except ValueError as wrong:
            raise DataError(f"{where}: {key} = {value!r} {wrong}") from None
    if texts["source_id"] not in {*load().sources, ASSUMPTION}:
        raise DataError(f"{where}: source_id = {texts['source_id']!r} is not in sources.csv")
    changes = tuple(_changes(entry, where))
    inputs = [change.input for change in changes]
    if not changes or len(set(inputs)) < len(inputs):
        raise DataError(f"{where}: changes no input, or one of them twice: {', '.join(inputs)}")
    return Stress(changes=changes, **texts)


def _known(keys: Iterable[str], allowed: Iterable[str], where: str) -> None:
    for key in keys:
        if key not in allowed:
            raise DataError(f"{where}: {key} is unknown{suggestion(key, allowed)}")


def _changes(entry: dict[str, Any], where: str) -> Iterator[Change]:
    for how in HOW:
        table = entry.get(how, {})
        if not isinstance(table, dict):
            raise DataError(f"{where}: {how} = {table!r} is not a table of inputs")
        _known(table, INPUTS, f"{where}, {how}")
        for name, amount in table.items():
            yield _change(name, how, amount, f"{where}, {how}")


def _change(name: str, how: str, amount: Any, where: str) -> Change:
    """A change that some value of the input survives."""
    declared = INPUTS[name]
    if how == "set":
        amount, problems = clean(declared, amount)
        if problems:
            raise DataError(f"{where}: {problems[0].message}")
        return Change(name, how, amount)
    if how == "copy":
        return _copy(name, amount, where)
    if type(amount) not in (int, float) or not math.isfinite(amount) or not declared.numeric:
        raise DataError(f"{where}: {name} by {amount!r} is not a number for a numeric input")
    change = Change(name, how, amount)
    ends = sorted(change.applied({name: end}) for end in (declared.low, declared.high))
    too_low = ends[1] <= declared.low if declared.low_open else ends[1] < declared.low
    if too_low or ends[0] > declared.high:
        raise DataError(
            f"{where}: {name} by {amount:g} leaves no value inside {declared.domain}: "
            f"{declared.meaning}"
        )
    return change


def _copy(name: str, other: Any, where: str) -> Change:
    """A copy of an input that has every value of the other inside its domain."""
    if not isinstance(other, str):
        raise DataError(f"{where}: {name} from {other!r} is not the name of an input")
    _known([other], INPUTS, f"{where}, {name}")
    one, source = INPUTS[name], INPUTS[other]
    if other == name or (one.kind, one.unit, one.domain) != (
        source.kind,
        source.unit,
        source.domain,
    ):
        raise DataError(f"{where}: {name} from {other} is not from another of its unit and domain")
    return Change(name, "copy", other)
