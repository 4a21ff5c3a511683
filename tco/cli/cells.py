"""How the values of a table are written for a reader: whole dollars, per cent, months, words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tco.inputs import INPUTS
from tco.questions import columns, work_columns
from tco.questions.fields import Field
from tco.report.csv import cell
from tco.report.option_tables import NAMES, SITES, WORDS, in_words
from tco.report.risk_tables import titled
from tco.words import VERDICT_WORDS
from tco.words.currencies import of_unit
from tco.words.figures import cents, dollars, number, percent, rate_text

_NEVER, _NONE, _BILLION = "never", "none", 10**9
# Values in the unit of the input that their row is about.
_OF_INPUT = ("value", "low", "high", "flip", "flip_to", "default", "now", "needed")
_NAMES_INPUT = ("input", "name")
# The words of columns that hold codes.
_CODES: dict[str, Mapping[str, str]] = {
    "option": NAMES,
    "rent_option": NAMES,
    "payback_against": NAMES,
    "hosting": SITES,
    "side": WORDS,
    "verdict": VERDICT_WORDS,
    "cheapest": {"own": "owning", "rent": "renting", "api": "an API"},
    "term": INPUTS["term"].choice_words,
}
# Remarks, which name inputs and options.
_SENTENCES = ("changes", "why_not", "note", "reason")
# Money that is told in cents: of an hour, of tokens, of energy, of a unit of work.
_CENTS = ("GPU-hour", "tokens", "kWh", "GPU-second", " per unit")
# When something has paid back.
_MONTHS, _PAYBACKS = "months", ("months", "payback", "discounted_payback")
_SHARES = ("share", "share per year", "per year")


@lru_cache(maxsize=1)
def _units() -> dict[str, str]:
    """The unit of every declared column."""
    found: dict[str, str] = {}
    for module in (columns, work_columns):
        for declared in vars(module).values():
            if isinstance(declared, tuple):
                for one in declared:
                    if isinstance(one, Field):
                        found.setdefault(one.name, one.unit)
    return found


def written(name: str, value: Any, row: Mapping[str, Any]) -> str:
    """A value of a column as a reader sees it, in the currency in force; empty for none.

    >>> written("present_value_usd", 45_991.3, {}), written("cheapest_from", 0.4257, {})
    ('$45,991', '42.6 %')
    >>> written("payback_months", float("inf"), {}), written("value", 0.5, {"input": "utilization"})
    ('never', '50 %')
    """
    if value is None or value != value:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    about = next((INPUTS[row[key]] for key in _NAMES_INPUT if row.get(key) in INPUTS), None)
    if about is not None and name in _OF_INPUT and _is_number(value) == about.numeric:
        return about.written(value)
    if isinstance(value, str):
        return _word(name, value)
    if not _is_number(value):
        return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else cell(value)
    about_name = str(row.get("name", name)) if name == "value" else name
    return _number(about_name, float(value), str(row.get("unit", "")) if name in _OF_INPUT else "")


def _word(name: str, text: str) -> str:
    """A text by what it is: the name of an input, a remark, or a code."""
    if name == "input" and text in INPUTS:
        return INPUTS[text].label
    if name in _SENTENCES:
        return in_words(text)
    if name == "title":
        return titled(text)
    if name == "series":  # of an instance: its term stands before its source
        before, mark, rest = text.partition(", ")
        place, space, term = before.rpartition(" ")
        return f"{place}{space}{_CODES['term'].get(term, term)}{mark}{rest}"
    return _CODES.get(name, {}).get(text, text)


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, str | bool)


def _number(name: str, value: float, unit: str) -> str:
    unit = unit or _units().get(name, "")
    is_money = of_unit(unit) == "USD" or (not unit and "usd" in name.split("_"))
    if math.isinf(value):
        return _NEVER if unit == _MONTHS else _NONE
    if is_money:
        in_cents = any(part in unit for part in _CENTS) or "hour" in name or "million" in name
        return rate_text(value) if in_cents else dollars(value)
    size = f"{abs(value):,.0f}" if value.is_integer() else number(abs(value))
    plain = f"−{size}" if value < 0 else size
    if unit == _MONTHS and name.startswith(_PAYBACKS):
        return f"month {number(value)}"
    return {
        **dict.fromkeys(_SHARES, percent(value)),
        "parameters": f"{number(value / _BILLION)}B",
        "currency of the bill": cents(value),
        "currency per GPU-hour": f"{'−' * (value < 0)}{abs(value):,.4f}",
        "W": f"{plain} W",
        "GB": f"{plain} GB",
    }.get(unit, plain)
