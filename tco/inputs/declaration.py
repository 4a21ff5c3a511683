"""What an input is: its unit, domain, neutral value and meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Param:
    """What an input is.

    `kind` is number, integer, flag, choice, key (of the catalogue), code (of a currency) or date.
    """

    group: str
    kind: str
    meaning: str
    unit: str = ""
    low: float = 0
    high: float = 0
    low_open: bool = False
    choices: tuple[str, ...] = ()
    neutral: Any = None
    name: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the value is a number (flags are not)."""
        return self.kind in ("number", "integer")

    @property
    def domain(self) -> str:
        """The allowed values, as people write them; `kind` says whether they are whole.

        >>> Param(group="", kind="number", meaning="", high=240, low_open=True).domain
        '(0, 240]'
        >>> Param(group="", kind="choice", meaning="", choices=("own_site", "colo")).domain
        'own_site or colo'
        """
        if self.numeric:
            return f"{'(' if self.low_open else '['}{self.low}, {self.high}]"
        if self.choices:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        words = {"flag": "true or false", "date": "YYYY-MM-DD", "code": "a code of ISO 4217"}
        return words.get(self.kind, "a key of the catalogue")

    def contains(self, value: Any) -> Any:
        """Whether a number, or each element of an array, lies in the domain; NaN does not."""
        above = value > self.low if self.low_open else value >= self.low
        inside = above & (value <= self.high)
        return inside & (value // 1 == value) if self.kind == "integer" else inside


def param(group: str, kind: str, meaning: str, **declared: Any) -> Any:
    """Declare one input as a dataclass field; the default None means "not given"."""
    declaration = Param(group=group, kind=kind, meaning=meaning, **declared)
    return field(default=None, metadata={"param": declaration})


def number(group: str, unit: str, low: float, high: float, neutral: Any, meaning: str) -> Any:
    """A number in [low, high]."""
    return param(group, "number", meaning, unit=unit, low=low, high=high, neutral=neutral)


def integer(group: str, unit: str, low: int, high: int, neutral: int, meaning: str) -> Any:
    """A whole number in [low, high]."""
    return param(group, "integer", meaning, unit=unit, low=low, high=high, neutral=neutral)


def choice(group: str, choices: tuple[str, ...], neutral: str | None, meaning: str) -> Any:
    """One of a few words."""
    return param(group, "choice", meaning, choices=choices, neutral=neutral)
