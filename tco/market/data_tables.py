"""The data files beside the catalogue, each read when it is first asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tco.errors import DataError, suggestion
from tco.finance.depreciation import CONVENTIONS, LIVES, YEARS, macrs
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.market import files
from tco.market.catalogue import load
from tco.market.files import column, data_folder, read_records, read_toml


@dataclass(frozen=True)
class MacrsShare:
    """macrs.csv: the share of the cost that is written off in one year."""

    life_years: str = column(files.one_of("3", "5", "7"), key=True)
    convention: str = column(files.one_of("half_year", "mid_quarter"), key=True)
    placed_in_quarter: str = column(files.one_of("", "1", "2", "3", "4"), key=True)
    year: float = column(files.at_least_zero, key=True)
    share: float = column(files.at_least_zero)
    source_id: str = column(files.source)


@lru_cache(maxsize=4)
def macrs_shares(folder: Path | None = None) -> tuple[float, ...]:
    """The shares of `tco.finance.depreciation`: by life, convention and year, in its order [ratio].

    DataError for a file that is not like the shipped one. Source: data/macrs.csv, IRS
    Publication 946, Appendix A.

    >>> macrs_shares()[:6]
    (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576)
    """
    table: dict[tuple[int, str, int | None], list[float]] = {}
    for row in read_records((folder or data_folder()) / "macrs.csv", MacrsShare):
        quarter = int(row.placed_in_quarter) if row.placed_in_quarter else None
        table.setdefault((int(row.life_years), row.convention, quarter), []).append(row.share)
    rows: list[list[Any]] = [
        list(macrs(table, life, *convention))
        for life in LIVES.values()
        for convention in CONVENTIONS
    ]
    return tuple(share for row in rows for share in row + [0.0] * (YEARS - len(row)))


# The name of the row without any stress.
BASE = "base"
HOW = ("set", "copy", "add", "multiply")
_TEXTS = {"name": files.slug, "title": files.word, "as_of": files.dated}
_TEXTS |= {"source_id": files.slug, "note": files.word}


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
    at = path or data_folder() / "stresses.toml"
    content = read_toml(at)
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
    if texts["source_id"] not in load().source_ids:
        raise DataError(f"{where}: source_id = {texts['source_id']!r} is not in sources.csv")
    changes: list[Change] = []
    for how in HOW:
        table = entry.get(how, {})
        if not isinstance(table, dict):
            raise DataError(f"{where}: {how} = {table!r} is not a table of inputs")
        _known(table, INPUTS, f"{where}, {how}")
        changes += [_change(name, how, amount, f"{where}, {how}") for name, amount in table.items()]
    inputs = [change.input for change in changes]
    if not changes or len(set(inputs)) < len(inputs):
        raise DataError(f"{where}: changes no input, or one of them twice: {', '.join(inputs)}")
    return Stress(changes=tuple(changes), **texts)


def _known(keys: Iterable[str], allowed: Iterable[str], where: str) -> None:
    for key in keys:
        if key not in allowed:
            raise DataError(f"{where}: {key} is unknown{suggestion(key, allowed)}")


def _change(name: str, how: str, amount: Any, where: str) -> Change:
    """A change that some value of the input survives; every value, for a copy of another input."""
    declared = INPUTS[name]
    if how == "set":
        amount, problems = clean(declared, amount)
        if problems:
            raise DataError(f"{where}: {problems[0].message}")
        return Change(name, how, amount)
    if how == "copy":
        if not isinstance(amount, str):
            raise DataError(f"{where}: {name} from {amount!r} is not the name of an input")
        _known([amount], INPUTS, f"{where}, {name}")
        alike = [(INPUTS[at].kind, INPUTS[at].unit, INPUTS[at].domain) for at in (name, amount)]
        if amount == name or alike[0] != alike[1]:
            message = f"{name} from {amount} is not from another of its unit and domain"
            raise DataError(f"{where}: {message}")
        return Change(name, how, amount)
    if type(amount) not in (int, float) or not math.isfinite(amount) or not declared.numeric:
        raise DataError(f"{where}: {name} by {amount!r} is not a number for a numeric input")
    change = Change(name, how, amount)
    ends = sorted(change.applied({name: end}) for end in (declared.low, declared.high))
    too_low = ends[1] <= declared.low if declared.low_open else ends[1] < declared.low
    if too_low or ends[0] > declared.high:
        left = f"leaves no value inside {declared.domain}: {declared.meaning}"
        raise DataError(f"{where}: {name} by {amount:g} {left}")
    return change


# The inputs that can correlate, in their order.
_NUMBERS = tuple(name for name, declared in INPUTS.items() if declared.numeric)


def _rank_correlation(cell: str) -> float:
    """A number from -1 to 1."""
    size = files.at_least_zero(cell.removeprefix("-"))
    if size > 1:
        raise ValueError("is not between -1 and 1")
    return -size if cell.startswith("-") else size


@dataclass(frozen=True)
class Correlation:
    """correlations.csv: how two inputs move together, as Spearman's rank correlation."""

    input: str = column(files.one_of(*_NUMBERS), key=True)
    other: str = column(files.one_of(*_NUMBERS), key=True)
    rank_correlation: float = column(_rank_correlation)
    as_of: str = column(files.dated, key=True)
    recorded: str = files.recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@lru_cache(maxsize=4)
def correlations(folder: Path | None = None) -> tuple[Correlation, ...]:
    """The rows of correlations.csv; DataError at the first fault."""
    path = (folder or data_folder()) / "correlations.csv"
    rows = read_records(path, Correlation, load(folder).source_ids)
    for row in rows:
        if _NUMBERS.index(row.input) >= _NUMBERS.index(row.other):
            raise DataError(
                f"{path.name}: {row.input}, {row.other}: not in the order of the inputs"
            )
    return rows


@dataclass(frozen=True)
class UsedPrice:
    """used_price_history.csv: what one used card cost; `basis` says how it was measured."""

    card: str = column(files.word, key=True)
    date: str = column(files.dated, key=True)
    recorded: str = files.recorded()
    usd: float = column(files.positive)
    basis: str = column(files.word, key=True)
    source_id: str = column(files.source, key=True)


@lru_cache(maxsize=2)
def used_prices(folder: Path | None = None) -> tuple[UsedPrice, ...]:
    """What used cards cost, as listed in used_price_history.csv; DataError at the first fault."""
    path = (folder or data_folder()) / "used_price_history.csv"
    return read_records(path, UsedPrice, load(folder).source_ids)
