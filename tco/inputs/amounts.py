"""Amounts that are given in another currency than USD, and prices by the month.

They come as text, `2300 EUR` or `€184 per month`, and are USD as soon as they are read: the model,
a scenario, its link and its files know only USD. The rate is that of the scenario, never one of the
data.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf
from typing import Any

from tco.inputs.declaration import Interval, Param
from tco.inputs.entry import CURRENCIES, Wrong, plain, read_number
from tco.words.currencies import CODES, USD, Conversion, of_unit

# Words that may be a currency: what stands between numbers, marks and units.
_WORDS = re.compile(r"[^\s\d,/()+-]+")
_MONTHLY = re.compile(
    r"\s*(?:(?:/|\bper\b|\ba\b|\bp\.)\s*(?:(?:gpu|card)\s*(?:and|per|/|-)?\s*)?"
    r"(?:months?|mo|mth)\b\.?|\bmonthly)\s*(?:(?:/|per)\s*(?:gpu|card))?\s*$",
    re.I,
)
# Currencies that are called dollar or crown, or whose sign is that of another.
_DOLLARS = ("ARS", "AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD")
_CROWNS = ("SEK", "NOK", "DKK", "ISK")
_OF_CODE = {"crown": _CROWNS, "JPY": ("JPY", "CNY"), USD: (USD, *_DOLLARS)}
_LONE = ("$", "kr", "¥", "dollar", "dollars")


def read_amount(
    declared: Param,
    text: str,
    decimal: str = ".",
    is_typed: bool = False,
    conversion: Conversion | None = None,
) -> float | int | Interval:
    """The number that a text stands for, in the unit of its input; Wrong where it is not one.

    An amount in the currency of the conversion becomes one in the input's own, and one in USD too
    where the input is a box of that currency. In any other it is refused.

    >>> euros = Conversion("EUR", 0.8, "2026-11-20")
    >>> from tco.inputs import INPUTS
    >>> price = INPUTS["price_usd_per_gpu"]
    >>> read_amount(price, "2.400 EUR", ",", conversion=euros), read_amount(price, "$2,400")
    (3000.0, 2400)
    >>> read_amount(price, "2400 EUR")
    Traceback (most recent call last):
    tco.inputs.entry.Wrong: is in EUR, and this input is in USD
    """
    own = of_unit(declared.unit)
    if not own:
        return read_number(declared, text, decimal, is_typed)
    told, code = in_dollars(text, own, conversion)
    asked = declared if own == USD else replace(declared, unit=USD + declared.unit[3:])
    if not code or code == own:
        try:
            return read_number(asked, told, decimal, is_typed)
        except Wrong as wrong:
            if own == USD:
                raise
            raise Wrong(str(wrong).replace(USD, own), wrong.hint.replace(USD, own)) from None
    known = () if conversion is None else (USD, conversion.currency)
    if conversion is None or code not in known or own not in known:
        hint = f"give it in {own}"
        if own == USD and conversion is None:
            hint = f'give currency="{code}" and fx_rate, the units of {code} for one USD'
        elif conversion is not None:
            hint = f"give it in {USD} or {conversion.currency}, the currency of this scenario"
        raise Wrong(f"is in {code}, and this input is in {own}", hint)
    found = read_number(replace(asked, high=inf), told, decimal, is_typed)
    rate = conversion.fx_rate

    def converted(amount: float) -> float:
        value = amount * rate if code == USD else amount / rate
        if not declared.contains(value):
            raise Wrong(f"is {value:,.10g} {own}, outside {declared.domain}")
        return value

    if isinstance(found, Interval):
        return Interval(converted(found.low), converted(found.high))
    return converted(float(found))


def in_dollars(text: str, own: str = USD, conversion: Conversion | None = None) -> tuple[str, str]:
    """A text with its currency written as USD, and the code of that currency; empty for none.

    Wrong for a sign that may mean two.

    >>> in_dollars("€2,300 per card"), in_dollars("2300")
    (('USD 2,300 per card', 'EUR'), ('2300', ''))
    """
    told, codes = plain(text), dict[str, str]()
    for word in _WORDS.findall(told):
        code = CURRENCIES.get(word.casefold(), word if word in CODES else "")
        other = conversion.currency if conversion else own
        if word.casefold() in _LONE and code != other and other in _OF_CODE.get(code, ()):
            if code == USD:
                raise Wrong(f"could be in {USD} or {other}", f"write {USD} or {other} for {word}")
            code = other
        if code in CODES:
            codes[word] = code
    found = {*codes.values()}
    if len(found) != 1:
        return told, ""
    (code,) = found
    for word in codes if code != USD else ():
        told = told.replace(word, f" {USD} ")
    return " ".join(told.split()), code


def per_month(text: Any) -> str:
    """The amount of a price by the month, with its currency; empty for any other text.

    A number alone is not taken for one: it may as well be a slip.

    >>> [per_month(text) for text in ("184 EUR per month", "€184/GPU/month", "184/month", "€184")]
    ['184 EUR', '€184', '', '']
    """
    if not isinstance(text, str) or not (found := _MONTHLY.search(plain(text))):
        return ""
    amount = plain(text)[: found.start()].strip()
    return amount if in_dollars(amount)[1] else ""


def names_another(text: str) -> bool:
    """Whether a text names a currency other than USD, or one that may be another."""
    words = _WORDS.findall(plain(text))
    codes = {CURRENCIES.get(word.casefold(), word if word in CODES else "") for word in words}
    return bool(codes - {"", USD}) or "$" in words
