"""Amounts of a scenario that are given in another currency, or by the month: read as USD.

The rate is that of the scenario, never one of the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tco.errors import InputError, Problem, shown
from tco.inputs import INPUTS, RATE, TAKEN
from tco.inputs.amounts import names_another, per_month, read_amount
from tco.inputs.checks import clean
from tco.inputs.declaration import Interval, midpoint_of
from tco.inputs.entry import Unread, Wrong, plain
from tco.inputs.lines import Line
from tco.words.currencies import USD, Conversion

_HOURS, _BILLING, _TERM = "hours_per_month", "billing", "term"
ALWAYS, PER_USE = "always_on", "per_use"
_NO_POLICY: Mapping[str, Any] = {}
# What an amount depends on: in another currency on the first two, by the month on all.
_ROW = ("currency", "fx_rate", _HOURS, _BILLING, _TERM)
# What a row finds in a column that is not of its rows.
_OTHER_SHAPE = object()
# Terms that commit, so that idle hours are paid anyway.
_COMMITTING = ("1yr", "3yr", "5yr")
_PER = re.compile(r"\s*(?P<number>.*?)\s*(?P<one>[A-Za-z]{3})\s+per\s+(?P<other>[A-Za-z]{3})\s*")


def read_rate_of_currency(text: str, currency: str) -> float | str:
    """The units of a currency for one USD in a text that says of what; other text as it is.

    >>> read_rate_of_currency("1.25 USD per EUR", "EUR"), read_rate_of_currency("0.8", "EUR")
    (0.8, '0.8')
    """
    found = _PER.fullmatch(plain(text))
    if found is None:
        return text
    one, other = found["one"].upper(), found["other"].upper()
    value, wrong = clean(INPUTS["fx_rate"], found["number"])
    if wrong or {one, other} != {USD, currency} or isinstance(value, Interval):
        return text
    return float(value) if other == USD else 1 / float(value)


@dataclass(frozen=True)
class _Case:
    """What the amounts of one row depend on."""

    conversion: Conversion | None
    hours: float | None
    billing: str | None
    term: str | None

    def read(self, name: str, text: str) -> Any:
        """The value of an input in USD; the text with what is wrong where it is none."""
        declared, decimal = TAKEN[name], getattr(text, "decimal", ".")
        monthly = per_month(text) if name == RATE else ""
        try:
            if not monthly:
                return read_amount(declared, text, decimal, conversion=self.conversion)
            if self.billing == PER_USE:
                raise Wrong(
                    "is a price by the month, paid busy or idle, and billing = 'per_use' pays "
                    "busy hours only",
                    "leave billing out, or give the price of a GPU-hour",
                )
            asked = replace(declared, unit=USD, high=10**7)
            found = read_amount(asked, monthly, decimal, conversion=self.conversion)
        except Wrong as wrong:
            return Unread.of(str(text), wrong, decimal)
        if self.hours is None:
            why = Wrong(
                f"is a price by the month, and the {_HOURS} of its row are not known",
                "give the price of a GPU-hour",
            )
            return Unread.of(str(text), why, decimal)
        if isinstance(found, Interval):
            return Interval(found.low / self.hours, found.high / self.hours)
        return found / self.hours

    @property
    def is_always_paid(self) -> bool:
        """Whether a price by the month says by itself that idle hours are paid."""
        return self.billing is None and self.term not in _COMMITTING


def settled(
    given: Mapping[str, Any], usual: Callable[[str], Any], policy: Mapping[str, Any] = _NO_POLICY
) -> dict[str, Any]:
    """What is given, with every amount of another currency, or by the month, in USD.

    Texts of other kinds stay as they are, and what cannot be read stays a text that knows why: the
    check of its input says so. A price by the month sets `billing` to always_on where neither it
    nor a commitment is given. `usual` is asked for the hours of a month where they are not given. A
    currency and a rate that are not given are those of the `policy`.

    >>> asked = {"rate_usd_per_gpu_hour": "146 EUR per month", "currency": "EUR", "fx_rate": 0.8}
    >>> found = settled(asked, {"hours_per_month": 730}.get)
    >>> found["rate_usd_per_gpu_hour"], found["billing"]
    (0.25, 'always_on')
    """
    found, known = dict(given), {name: policy[name] for name in _ROW[:2] if name in policy}
    named = given.get("currency", known.get("currency"))
    if isinstance(text := given.get("fx_rate"), str) and isinstance(named, str):
        code, wrong = clean(INPUTS["currency"], named)
        found["fx_rate"] = text if wrong else read_rate_of_currency(text, code)
    told = {
        name: value
        for name, value in given.items()
        if name in TAKEN and TAKEN[name].is_money and _may_be_told(value)
    }
    cases: dict[Any, _Case] = {}

    def case(at: int | None, size: int) -> _Case:
        row = tuple(_at(found.get(name, known.get(name)), at, size) for name in _ROW)
        if (key := tuple(map(repr, row))) not in cases:
            cases[key] = _case(*row, usual=usual)
        return cases[key]

    for name, value in told.items():
        if isinstance(value, str):
            is_monthly = name == RATE and bool(per_month(value))
            if not is_monthly and not names_another(value):
                continue
            size = _rows(found, _ROW if is_monthly else _ROW[:2])
            if size is None:
                one = case(None, 0)
                found[name], always = one.read(name, value), is_monthly and one.is_always_paid
            else:
                found[name], always = _column(name, [value] * size, case)
        else:
            changed, always = _column(name, value, case)
            if changed is not None:
                found[name] = changed
        if always and _is_nothing(given.get(_BILLING)):
            found[_BILLING] = ALWAYS
    return found


def lines_in_usd(lines: Iterable[Line], given: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines with their amounts in USD, at the rate that is given; InputError without it.

    >>> fee = Line(name="fee", side="own", usd="86 EUR")
    >>> lines_in_usd([fee], {"currency": "EUR", "fx_rate": 0.86})[0].usd
    100.0
    """
    found, problems = list[Line](), list[Problem]()
    for line in lines:
        currency, rate = given.get("currency", USD), given.get("fx_rate")
        if line.currency == USD:
            found.append(line)
        elif isinstance(rate, float) and line.currency == currency:
            found.append(line.at(rate))
        else:
            hint = f"give currency = {line.currency!r} and fx_rate"
            if hasattr(currency, "shape") or hasattr(rate, "shape"):
                hint = "in a table of scenarios lines are in USD"
            elif currency != USD:
                hint = f"give it in USD or {currency}, the currency of this scenario"
            told = f"line {shown(line.name)}: is in {line.currency}, and lines are in USD; {hint}"
            problems.append(Problem("lines", told))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _column(name: str, value: Any, case: Callable[[int, int], _Case]) -> tuple[Any, bool]:
    """A column with its amounts in USD, None where none is to be read, and whether all are monthly.

    Prices by the month beside others take a billing of each.
    """
    import numpy as np

    elements = list(value)
    size, known, changed, monthly = len(elements), dict[Any, Any](), False, 0
    for at, text in enumerate(elements):
        if not isinstance(text, str):
            continue
        is_monthly = name == RATE and bool(per_month(text))
        if not is_monthly and not names_another(text):
            continue
        one = case(at, size)
        if (text, one) not in known:
            known[text, one] = one.read(name, text)
        read = known[text, one]
        if is_monthly and one.is_always_paid:
            monthly += 1
        elements[at], changed = read, True
    if not changed:
        return None, False
    if 0 < monthly < size:
        why = Wrong("is a price by the month beside others", "give billing for each of them")
        for at, text in enumerate(list(value)):
            if per_month(text) and case(at, size).is_always_paid:
                elements[at] = Unread.of(str(text), why)
    line = np.empty(size, dtype=object)
    line[:] = elements
    if hasattr(value, "index") and hasattr(value, "to_numpy"):
        import pandas as pd

        return pd.Series(line, index=value.index), monthly == size
    return line, monthly == size


def _case(*row: Any, usual: Callable[[str], Any]) -> _Case:
    """The case of one row, of what it gives; what is wrong with that its own check says."""
    currency, rate, hours, billing, term = row

    def checked(name: str, value: Any) -> Any:
        if _is_nothing(value) or value is _OTHER_SHAPE:
            return None
        cleaned, wrong = clean(INPUTS[name], value)
        return None if wrong else midpoint_of(cleaned)

    code, per_usd = checked("currency", currency), checked("fx_rate", rate)
    known = code and code != USD and per_usd
    return _Case(
        Conversion(code, float(per_usd), "") if known else None,
        None if hours is _OTHER_SHAPE else checked(_HOURS, hours) or usual(_HOURS),
        checked(_BILLING, billing),
        checked(_TERM, term),
    )


def _may_be_told(value: Any) -> bool:
    """Whether an input, or an element of a column of one axis, came as text."""
    if isinstance(value, str):
        return True
    if hasattr(value, "dtype"):
        kind = getattr(value.dtype, "kind", "O")
        return value.ndim == 1 and kind not in "fiub" and any(isinstance(x, str) for x in value)
    return isinstance(value, list | tuple) and any(isinstance(x, str) for x in value)


def _rows(given: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """The rows of the columns among what an amount depends on; None where all are one value."""
    return next((len(given[name]) for name in names if _is_column(given.get(name))), None)


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str)


def _at(value: Any, at: int | None, size: int) -> Any:
    """The value of a row, of a column of as many rows or of one value for all."""
    if not _is_column(value):
        return value
    if at is None or len(value) != size:
        return _OTHER_SHAPE
    one = value.iloc[at] if hasattr(value, "iloc") else value[at]
    return _OTHER_SHAPE if _is_column(one) else one


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 (NaN)
