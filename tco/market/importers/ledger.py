"""The account of one file: every row, the prices it gave, and what was not used and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tco.market.batch import SetAside
from tco.market.files import at_least_zero, positive
from tco.market.importers.lines import Line

ON_DEMAND = "on_demand"
SPOT = "spot"
NO_PRICE = "no price"
# What collectors write where they know no price [USD per hour].
_PLACEHOLDERS = frozenset({700.0})
# A GPU-hour outside of this [USD], or an instance with more GPUs, is a slip of the collector.
_LEAST_USD, _MOST_USD, _MOST_GPUS = 0.001, 1_000, 1_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """One price of an instance [USD per hour] in one zone, and the rows it stands in."""

    lines: tuple[int, ...]
    gpu: str
    instance: str
    gpus: float
    region: str
    zone: str
    term: str
    usd: float
    host_included: bool = True


@dataclass
class Ledger:
    """Rows as they come: each gives sightings, or is set aside; or one of its prices is lost."""

    sightings: list[Sighting] = field(default_factory=list)
    # The provider, GPU name and beginning of each row.
    _rows: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    _aside: dict[tuple[int, str], SetAside] = field(default_factory=dict)
    _lost: list[tuple[tuple[int, ...], str, str]] = field(default_factory=list)

    def enter(self, line: Line, provider: str, gpu: str) -> None:
        """Count a row under its provider and the GPU's name in the file."""
        self._rows[line.number] = (provider, gpu, line.text)

    def set_aside(self, number: int, reason: str) -> None:
        """Say why a row, or one price of it, was not used."""
        provider, gpu, text = self._rows[number]
        self._aside[number, reason] = SetAside(number, provider, gpu, reason, text)

    def see(self, sighting: Sighting) -> None:
        """Take a price, if it can be one."""
        if _LEAST_USD <= sighting.usd / sighting.gpus <= _MOST_USD:
            self.sightings.append(sighting)
        else:
            self.lose(sighting.lines, sighting.term, "price is absurd")

    def lose(self, lines: tuple[int, ...], term: str, reason: str) -> None:
        """Say why a price of a term was not used; counts for rows that do not give it otherwise."""
        self._lost.append((lines, term, reason))

    def close(self, kept: Iterable[tuple[int, str]]) -> None:
        """Set aside what was lost; `kept` are the row numbers and terms that were used."""
        used = set(kept)
        for lines, term, reason in self._lost:
            for number in lines:
                if (number, term) not in used:
                    self.set_aside(number, f"{SPOT}: {reason}" if term == SPOT else reason)
        self._lost.clear()

    def aside(self) -> tuple[SetAside, ...]:
        """What was set aside, in the order of the file."""
        return tuple(self._aside[key] for key in sorted(self._aside))

    def count(self, numbers: Iterable[int] | None = None) -> Counter[tuple[str, str]]:
        """The rows of these numbers, or all, by provider and GPU name."""
        return Counter(self._rows[at][:2] for at in (self._rows if numbers is None else {*numbers}))


def read_price(cell: str) -> tuple[float | None, str]:
    """A price [USD per hour], or why the cell holds none.

    >>> read_price("0.8048"), read_price(""), read_price("1,5"), read_price("700.0")
    ((0.8048, ''), (None, 'no price'), (None, 'price is not a number'), (None, 'placeholder price'))
    """
    if not cell:
        return None, NO_PRICE
    try:
        usd = at_least_zero(cell)
    except ValueError as wrong:
        return None, f"price {wrong}"
    if usd == 0:
        return None, "price is not positive"
    return (None, "placeholder price") if usd in _PLACEHOLDERS else (usd, "")


def read_count(cell: str) -> tuple[float | None, str]:
    """A number of GPUs, below 1 for a part of one, or why the cell holds none.

    >>> read_count("8.0"), read_count("0.125"), read_count("1.5")
    ((8.0, ''), (0.125, ''), (None, 'number of GPUs is not whole'))
    """
    try:
        gpus = positive(cell)
    except ValueError as wrong:
        return None, f"number of GPUs {wrong}"
    if gpus > 1 and gpus != int(gpus):
        return None, "number of GPUs is not whole"
    return (gpus, "") if gpus <= _MOST_GPUS else (None, "number of GPUs is absurd")
