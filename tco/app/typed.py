"""Numbers as people type them into a box, in the unit that it shows.

A browser's own box for numbers drops what it does not know without a word, and 0,65 becomes 65. So
the boxes of the app hold text, which is read as everywhere (tco.inputs.entry).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tco.errors import InputError, Problem
from tco.inputs import TAKEN
from tco.inputs.checks import meaning
from tco.inputs.declaration import Interval, Param
from tco.inputs.entry import Wrong, read_number, without_currency
from tco.words import currencies

# What an empty box of a number says: of one that is needed, and of one that need not be.
PLACEHOLDER, NONE = "type one", "none"
_LONGEST_SHOWN = 40
# Larger numbers are written with a power of ten.
_MOST_WHOLE = 1e15


def number(name: str, told: Any, declared: Param | None = None) -> float | None:
    """The number in a box of an input, in the unit shown; None for an empty box.

    InputError says why it is none, and how to write it. What is no input is `declared`. An amount
    is in the currency shown, unless another stands beside it.

    >>> number("utilization", "45%"), number("horizon_months", "30 months"), number("pue", " ")
    (45.0, 2.5, None)
    >>> with currencies.shown_in(currencies.Conversion("EUR", 0.5, "2026-11-20")):
    ...     [number("server_usd", text) for text in ("900", "900 EUR", "$1,800")]
    [900.0, 900.0, 900.0]
    """
    if told is None or isinstance(told, int | float):
        return told
    text = str(told).strip()
    if not text:
        return None
    of = declared or TAKEN[name]
    shown = _shown(of)
    amount, currency = without_currency(text) if of.is_money else (text, "")
    # A number alone is in the currency shown; dollars are dollars everywhere.
    is_usd = currency == currencies.USD
    if is_usd:
        shown = replace(shown, unit=of.usual_unit)
    try:
        is_known = is_usd or currency == currencies.code()
        found = read_number(shown, amount if is_known else text, is_typed=True)
        if isinstance(found, Interval):
            raise Wrong("is a range, which the Risk page takes", "write one number here")
    except Wrong as wrong:
        said = f"{text[:_LONGEST_SHOWN]}…" if len(text) > _LONGEST_SHOWN else text
        mend = f"; {wrong.hint}" if wrong.hint else ""
        message = f"“{said}” {wrong}: {meaning(shown, wrong)}{mend}"
        raise InputError([Problem(name, message)]) from None
    return float(of.shown(float(found)) if is_usd else found)


def same(name: str, told: Any, decimals: int | None = None, declared: Param | None = None) -> Any:
    """What stands for a text in comparisons: its number, where it is one, as far as it is shown.

    >>> same("utilization", "45 %"), same("utilization", "45.04", 1), same("utilization", "half")
    (45.0, 45.0, 'half')
    """
    try:
        found = number(name, told, declared)
    except InputError:
        return told
    return found if found is None or decimals is None else round(found, decimals)


def written(value: float | None, decimals: int | None = None) -> str:
    """A number as a box shows it, a default rounded to some decimals; empty for none.

    >>> written(2900.0), written(0.59833, 2), written(None), written(1e12)
    ('2900', '0.6', '', '1000000000000')
    """
    if value is None:
        return ""
    shown = value if decimals is None else round(value, decimals)
    is_whole = float(shown).is_integer() and abs(shown) < _MOST_WHOLE
    return f"{shown:.0f}" if is_whole else f"{shown:.10g}"


def _shown(declared: Param) -> Param:
    """The input as its box has it."""
    low, high = (int(end) if float(end).is_integer() else end for end in declared.shown_domain)
    return replace(declared, unit=declared.shown_unit, low=low, high=high)
