"""Lines of cost or income of the user's own, beside the items that the model knows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from tco.errors import InputError, Problem, suggestion

SIDES = ("own", "rent")
WHENS = ("monthly", "start", "term", "exit")
GROWTHS = ("flat", "opex", "electricity", "rental")
ITEM = "item:"
# What `usd` is multiplied with: the meaning, the sides and the times that it goes with.
_ALWAYS = ("monthly", "start", "term", "exit")
BASES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "fixed": ("the amount as it is", SIDES, _ALWAYS),
    "gpu": ("each GPU bought or rented", SIDES, _ALWAYS),
    "server": ("each server", ("own",), _ALWAYS),
    "rack": ("each rack", ("own",), _ALWAYS),
    "it_kw": ("each kW of IT equipment at peak", ("own",), _ALWAYS),
    "facility_kw": ("each kW at the meter at peak, PUE included", ("own",), _ALWAYS),
    "busy_gpu_hour": ("each busy GPU-hour", SIDES, ("monthly",)),
    "idle_gpu_hour": ("each idle GPU-hour", SIDES, ("monthly",)),
}
_TEXTS = ("name", "side", "basis", "when", "growth")
_LIMIT = 10**12
_LONGEST_NAME = 60
# A name is a column of files and a part of the link.
_FORBIDDEN = frozenset("\r\n\t\x00")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A cost that the model has no item for; negative: an income.

    `usd` is paid for each unit of `basis` (BASES, or `item:` and the name of an item, of which it
    is then a multiple: 0.19 is 19 % of it): each month from `first_month` to `last_month`, at the
    `start`, at the start of each commitment `term` (renting only), or on leaving (`exit`). It grows
    like operating costs (`opex`), electricity, the market's rental rate, or not at all (`flat`).
    From `cap_usd` on [USD, absolute, undiscounted] nothing more is paid. InputError lists
    everything that is wrong with it.

    >>> Line(name="VAT", side="rent", usd=0.21, basis="item:compute").item
    'compute'
    """

    name: str
    side: str
    usd: float
    basis: str = "fixed"
    when: str = "monthly"
    first_month: int = 1
    last_month: int | None = None
    growth: str = "flat"
    cap_usd: float | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InputError([Problem("lines", message) for message in problems])
        object.__setattr__(self, "usd", float(self.usd))
        object.__setattr__(self, "first_month", int(self.first_month))
        if self.last_month is not None:
            object.__setattr__(self, "last_month", int(self.last_month))
        if self.cap_usd is not None:
            object.__setattr__(self, "cap_usd", float(self.cap_usd))

    @property
    def item(self) -> str:
        """The item that it is a multiple of; empty for any other basis."""
        return self.basis.removeprefix(ITEM) if self.basis.startswith(ITEM) else ""

    def to_dict(self) -> dict[str, Any]:
        """What differs from the defaults, in plain types.

        >>> Line(name="line", side="own", usd=45).to_dict()
        {'name': 'line', 'side': 'own', 'usd': 45.0}
        """
        return {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    def _problems(self) -> Iterable[str]:
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str):
                yield f"{self._says(name)} is not a text"
                return
        if not self.name.strip() or len(self.name) > _LONGEST_NAME or _FORBIDDEN & set(self.name):
            yield f"{self._says('name')} is not a name of 1 to {_LONGEST_NAME} characters, one line"
        yield from self._choice("side", SIDES, "which side pays")
        yield from self._choice("when", WHENS, "when it is paid")
        yield from self._choice("growth", GROWTHS, "what it grows like")
        if not self.item:
            yield from self._choice("basis", (*BASES, f"{ITEM}<name>"), "what it is paid for")
        elif self.growth != "flat":
            yield f"{self._says('growth')}: a multiple of an item grows as the item does"
        _, sides, whens = BASES.get(self.basis, ("", SIDES, WHENS))
        if self.side in SIDES and self.side not in sides:
            yield f"{self._says('basis')} is of owning only, and the line's side is {self.side}"
        if self.when in WHENS and self.when not in whens:
            yield f"{self._says('basis')} is counted by the month, and when = {self.when!r}"
        if self.when == "term" and self.side == "own":
            yield f"{self._says('when')} is of renting only: a commitment's term"
        yield from self._number("usd", -_LIMIT, _LIMIT, "USD for each unit of the basis")
        if self.cap_usd is not None:
            yield from self._number("cap_usd", 0, _LIMIT, "USD in all, without its sign")
        yield from self._months()

    def _months(self) -> Iterable[str]:
        last = self.last_month
        for name in ("first_month", "last_month"):
            value = getattr(self, name)
            if value is None and name == "last_month":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
                yield f"{self._says(name)} is not a whole month"
                return
            if not 1 <= value <= 240:
                yield f"{self._says(name)} is outside [1, 240]: months from the start"
                return
        if self.when != "monthly" and (self.first_month != 1 or last is not None):
            yield f"{self._says('when')}: first_month and last_month are of monthly lines only"
        if last is not None and last < self.first_month:
            yield f"{self._says('last_month')} is before first_month = {self.first_month}"

    def _choice(self, name: str, known: tuple[str, ...], meaning: str) -> Iterable[str]:
        value = getattr(self, name)
        if value not in known:
            listed = f"one of {', '.join(known)}"
            yield f"{self._says(name)} is not {listed}: {meaning}{suggestion(value, known)}"

    def _number(self, name: str, low: float, high: float, meaning: str) -> Iterable[str]:
        value = getattr(self, name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            yield f"{self._says(name)} is not a number: {meaning}"
        elif not low <= value <= high:
            yield f"{self._says(name)} is outside [{low:g}, {high:g}]: {meaning}"

    def _says(self, field: str) -> str:
        value = getattr(self, field)
        own = f"lines: {field} = {value!r}"
        return own if field == "name" else f"line {self.name!r}: {field} = {value!r}"


def lines_of(given: Any) -> tuple[Line, ...]:
    """Lines from lines, or from dicts like those of `Line.to_dict`; InputError for anything else.

    >>> lines_of([{"name": "fee", "side": "own", "usd": 45}])[0].basis
    'fixed'
    """
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        message = (
            f"lines = {given!r} is not a list of lines: give tco.Line(...) or tables of fields"
        )
        raise InputError([Problem("lines", message)])
    lines: list[Line] = []
    problems: list[Problem] = []
    for entry in given:
        try:
            lines.append(entry if isinstance(entry, Line) else _line_of(entry))
        except InputError as wrong:
            problems += wrong.problems
    names = [line.name for line in lines]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem("lines", f"lines: {name!r} is the name of two lines"))
    if problems:
        raise InputError(problems)
    return tuple(lines)


def _line_of(entry: Any) -> Line:
    known = [field.name for field in fields(Line)]
    if not isinstance(entry, Mapping):
        raise InputError([Problem("lines", f"lines: {entry!r} is not a line: a table of fields")])
    wrong = [f"lines: {key!r} is not a field of a line{suggestion(str(key), known)}"
             for key in entry if key not in known]  # fmt: skip
    wrong += [f"lines: {name} is missing: {dict(entry)!r}"
              for name in ("name", "side", "usd") if name not in entry]  # fmt: skip
    if wrong:
        raise InputError([Problem("lines", message) for message in wrong])
    return Line(**entry)
