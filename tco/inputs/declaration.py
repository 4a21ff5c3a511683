"""What an input is: its unit, domain, neutral value and meaning, and the words people use for it.

Also a value of which somebody knows only from where to where: `0.50..0.85`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tco.words import currencies, figures

_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_BETWEEN = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*", re.ASCII)
# How people see a unit of the model, and how many of theirs are one of the model's.
_SHOWN_UNITS = {"share": "%", "per year": "% per year", "ratio": ""}
_PER_CENT, _PER_YEAR = 100, 12
# Digits that are kept of a value shown: more are rounding.
_DIGITS, _CONVERTED_DIGITS = 10, 12


@dataclass(frozen=True)
class Interval:
    """The 10th to the 90th percentile of a value; answers without odds use the midpoint.

    Written as `low..high`, the one form of text that counts as a number anywhere.
    """

    low: float
    high: float

    @property
    def midpoint(self) -> float:
        """The middle: what counts in an answer without odds."""
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        ends = (repr(int(n)) if n.is_integer() else repr(n) for n in (self.low, self.high))
        return "..".join(ends)


def interval_of(text: str) -> Interval | None:
    """The interval that a text stands for; None where it stands for none.

    >>> interval_of("0.50..0.85"), str(interval_of("2_000..3_000")), str(interval_of("8 .. 16"))
    (Interval(low=0.5, high=0.85), 'None', '8..16')
    """
    found = _BETWEEN.fullmatch(text)
    return Interval(*map(float, found.groups())) if found else None


def midpoint_of(value: Any) -> Any:
    """The midpoint of an interval; any other value as it is."""
    return value.midpoint if isinstance(value, Interval) else value


@dataclass(frozen=True, kw_only=True)
class Param:
    """What an input is, and what it is called.

    `kind` is number, integer, flag, choice, key (of the catalog), code (of a currency) or date.
    `phrase` names it in a sentence, `label` beside its widget, `short` in a list of values; `asked`
    is what one looks up to know it, and `question` how a reader is asked for it. `below`, `above`
    and `at` are clauses with a value in the braces, `zero` is what 0 means. `choice_words` are what
    its choices are called, `choice_short` the same where there is little room, and
    `choice_phrases` in a sentence or as an answer to the question. What is not declared follows
    from the rest.
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
    phrase: str = ""
    label: str = ""
    short: str = ""
    asked: str = ""
    question: str = ""
    below: str = ""
    above: str = ""
    at: str = ""
    zero: str = ""
    choice_words: Mapping[str, str] = field(default_factory=dict, hash=False)
    choice_short: Mapping[str, str] = field(default_factory=dict, hash=False)
    choice_phrases: Mapping[str, str] = field(default_factory=dict, hash=False)
    # Of a date: it cannot be one to come.
    is_past: bool = False

    def __post_init__(self) -> None:
        phrase = self.phrase or re.split(r",|;|:| \(", self.meaning)[0]
        label = self.label or figures.capital(phrase if self.numeric else self.meaning)
        derived = {
            "phrase": phrase,
            "label": label,
            "short": self.short or figures.inside(label),
            "asked": self.asked or f"the {phrase}",
            "question": self.question or label,
            "below": self.below or f"the {phrase} is below {{}}",
            "above": self.above or f"the {phrase} is above {{}}",
            "at": self.at or f"{'an' if phrase[:1] in 'aeio' else 'a'} {phrase} of {{}}",
        }
        for name, text in derived.items():
            object.__setattr__(self, name, text)

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
        said = {"flag": "true or false", "date": "YYYY-MM-DD", "code": "a code of ISO 4217"}
        return said.get(self.kind, "a key of the catalog")

    @property
    def help(self) -> str:
        """What it means, with its unit and the values that it may have, in a line.

        >>> Param(group="", kind="number", meaning="length of it", unit="months", high=9).help
        'Length of it [months, 0 to 9]'
        """
        values = self.domain
        if self.numeric:
            values = figures.span(self.low, self.high, self.low_open, self.kind == "integer")
        unit = f"{self.unit}, " if self.unit else ""
        return f"{figures.capital(self.meaning)} [{unit}{values}]"

    def contains(self, value: Any) -> Any:
        """Whether a number, or each element of an array, lies in the domain; NaN does not."""
        above = value > self.low if self.low_open else value >= self.low
        inside = above & (value <= self.high)
        return inside & (value // 1 == value) if self.kind == "integer" else inside

    # -- As people see it: per cent, years, and the currency in force

    @property
    def shown_unit(self) -> str:
        """The unit in which people see it.

        >>> Param(group="", kind="number", meaning="", unit="share").shown_unit
        '%'
        >>> price = Param(group="", kind="number", meaning="", unit="USD per GPU per month")
        >>> price.shown_unit
        'USD per GPU per month'
        >>> with figures.shown_in(figures.Conversion("EUR", 0.5, "2026-11-20")):
        ...     price.shown_unit, price.shown(3.0), price.meant(1.5)
        ('EUR per GPU per month', 1.5, 3.0)
        """
        return currencies.money_unit(self.usual_unit)

    @cached_property
    def usual_unit(self) -> str:
        """The same, whatever currency is shown: amounts in USD."""
        if self._in_years:
            return "years"
        return _SHOWN_UNITS.get(self.unit, self.unit)

    @cached_property
    def is_money(self) -> bool:
        """Whether it is an amount of money."""
        return currencies.of_unit(self.unit) == currencies.USD

    @property
    def _in_years(self) -> bool:
        return self.name == "horizon_months"

    def shown(self, value: Any) -> Any:
        """A value of the model in the unit shown; None stays None.

        >>> Param(group="", kind="number", meaning="", unit="share").shown(0.07)
        7.0
        """
        if value is None or self.kind != "number":
            return value
        if self._in_years:
            return round(value / _PER_YEAR, _DIGITS)
        if self.is_money and currencies.conversion():
            return round(currencies.shown(value), _CONVERTED_DIGITS)
        return round(value * _PER_CENT if "%" in self.usual_unit else value, _DIGITS)

    def meant(self, value: Any) -> Any:
        """The model's value of what is shown: the inverse of `shown`, as it would be written.

        >>> Param(group="", kind="number", meaning="", unit="share").meant(33.3)
        0.333
        """
        if value is None or self.kind != "number":
            return value
        if self._in_years:
            return round(value * _PER_YEAR, _DIGITS)
        if "%" in self.usual_unit:
            return round(value / _PER_CENT, _DIGITS + 2)  # a share has two more than its per cent
        if self.is_money and currencies.conversion():
            return round(currencies.in_usd(value), _DIGITS)
        return value

    @property
    def shown_domain(self) -> tuple[float, float]:
        """Smallest and largest value that may be typed, in the unit shown."""
        kind = int if self.kind == "integer" else float
        return self.shown(kind(self.low)), self.shown(kind(self.high))

    # -- In words

    @property
    def labeled(self) -> str:
        """The label with its unit, where it does not say it already."""
        said = self.shown_unit
        is_said = not said or said.casefold() in self.label.casefold().split()
        return self.label if is_said else f"{self.label} [{said}]"

    def written(self, value: Any) -> str:
        """A value, or a range of values, with its unit in words.

        >>> share = Param(group="", kind="number", meaning="", unit="share")
        >>> share.written(0.45), share.written(Interval(0.4, 0.7)), share.written(None)
        ('45 %', '40 % to 70 %', 'unknown')
        """
        if value is None:
            return "unknown"
        if isinstance(value, Interval):
            return f"{self.written(value.low)} to {self.written(value.high)}"
        if self._in_years and 0 < value < _PER_YEAR:
            return figures.months_text(value)
        if self.numeric:
            return figures.quantity(self.shown(value), self.shown_unit)
        return self.word(value)

    def spoken(self, value: Any) -> str:
        """A value in a sentence, with as few digits as the money needs."""
        return figures.spoken(self.shown(value), self.shown_unit)

    def spoken_at(self, value: Any) -> str:
        """A value as one that would do, in a sentence.

        >>> Param(group="", kind="number", meaning="", unit="USD", at="{} a card").spoken_at(1450)
        '$1,450 a card'
        """
        return self.at.format(self.spoken(value))

    def clause(self, value: Any, now: Any) -> str:
        """That it is beyond a value, seen from the present one.

        >>> pue = Param(group="", kind="number", meaning="", phrase="PUE", unit="ratio")
        >>> pue.clause(1.2, 1.5), pue.clause(1.8, 1.5)
        ('the PUE is below 1.2', 'the PUE is above 1.8')
        """
        return (self.below if value < now else self.above).format(self.spoken(value))

    def word(self, choice: Any) -> str:
        """What one of its choices is called.

        >>> Param(group="", kind="choice", meaning="", choice_words={"1yr": "1 year"}).word("1yr")
        '1 year'
        """
        return self.choice_words.get(choice, str(choice))

    def short_word(self, choice: Any) -> str:
        """The same where there is little room."""
        return self.choice_short.get(choice, self.word(choice))

    def choice_phrase(self, choice: Any) -> str:
        """What one of its choices is called in a sentence or an answer."""
        return self.choice_phrases.get(choice, self.word(choice))


def param(group: str, kind: str, meaning: str, **declared: Any) -> Any:
    """Declare one input as a dataclass field; the default None means "not given"."""
    return field(
        default=None,
        metadata={"param": {**declared, "group": group, "kind": kind, "meaning": meaning}},
    )


def number(
    group: str, unit: str, low: float, high: float, neutral: Any, meaning: str, **said: Any
) -> Any:
    """A number in [low, high], or with `low_open` in (low, high]."""
    return param(group, "number", meaning, unit=unit, low=low, high=high, neutral=neutral, **said)


def flag(group: str, meaning: str) -> Any:
    """Something that is or is not; false is neutral."""
    return param(group, "flag", meaning, neutral=False)


def share(group: str, meaning: str, neutral: int = 0, **said: str) -> Any:
    """A share of something, from none to all of it."""
    return number(group, "share", 0, 1, neutral, meaning, **said)


def yearly(group: str, meaning: str, **said: str) -> Any:
    """A share a year, from none to all of it."""
    return number(group, "per year", 0, 1, 0, meaning, **said)


def cost(group: str, unit: str, meaning: str, **said: str) -> Any:
    """An amount of money from nothing, which is neutral, to a million."""
    return number(group, unit, 0, 10**6, 0, meaning, **said)


def integer(
    group: str, unit: str, low: int, high: int, neutral: int, meaning: str, **said: str
) -> Any:
    """A whole number in [low, high]."""
    return param(group, "integer", meaning, unit=unit, low=low, high=high, neutral=neutral, **said)


def choice(
    group: str, choices: Mapping[str, str], neutral: str | None, meaning: str, **said: Any
) -> Any:
    """One of a few words; `choices` maps each to what it is called."""
    listed = {"choices": tuple(choices), "choice_words": choices}
    return param(group, "choice", meaning, neutral=neutral, **listed, **said)
