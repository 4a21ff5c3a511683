"""What people type, read as the one thing that it can mean; else refused, with how to write it.

The one reader of numbers, flags, choices, dates and currency codes in text: of keywords, options,
cells, documents, links and boxes. A number may have a unit, a percent sign, thousands marks or a
decimal comma, as long as only one value fits; what fits two is never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import Any

from tco.errors import bare, suggestion
from tco.inputs import guesses
from tco.inputs.clock import is_to_come
from tco.inputs.declaration import Interval, Param
from tco.words.currencies import CODES

# No number that anybody types is as long.
_LONGEST = 60
# Whole numbers of so many digits are kept as such.
_EXACT = 18
# Longer notes are cut or lost by spreadsheets and screens.
LONGEST_NOTE = 1_000
# Closer to an end that does not count than this is a slip, or a forgery: nothing real is.
LEAST = 1e-9

# Blanks, dashes, marks and wide characters in the place of their plain ones, and what is not seen.
_WIDE = {chr(ord(char) + 0xFEE0): char for char in "0123456789.,%$+-/:()"}
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2069\ufeff"
_LIKE = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u2008\u2009\u200a\u202f\u3000\t", " ")
    | dict.fromkeys("’‘`´", "'")
    | dict.fromkeys(_UNSEEN, "")
    | {"−": "-", "\u2011": "-", "￥": "¥", "￡": "£", "٪": "%"}
    | _WIDE
)
_PLAIN = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SIGNED = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)", re.ASCII)
# What a hand writes for thousands, and no program for what it would be.
_ROUND = re.compile(r"[+-]?[1-9]\d{0,2}\.\d\d0", re.ASCII)
# A body of digits and marks, between what stands before it and what behind.
_PARTS = re.compile(
    r"(?P<before>[^\d.,]*(?:(?<=[A-Za-z])\.\s*[^\d.,]*)*)"
    r"(?P<body>[.,]?\d(?:[\d.,']|[ ](?=\d{3}(?!\d)))*(?:[eE][+-]?\d{1,3})?)"
    r"(?P<after>[^\d]*(?:\d(?![\d.,]))?[^\d]*)",
    re.ASCII,
)
_GROUPED = re.compile(r"[1-9]\d{0,2}([ '])\d{3}(?:\1\d{3})*([.,]\d*)?", re.ASCII)
# Thousands, and lakhs as in India.
_THOUSANDS = r"[1-9]\d{{0,2}}(?:\{0}\d{{3}})+|[1-9]\d?(?:\{0}\d\d)+\{0}\d{{3}}"

# 2.900,- and 2900.- are prices without cents.
_NO_CENTS = re.compile(r"(?<=\d)([.,])\s?[-–—]{1,2}$", re.ASCII)

# Currencies as people write them. Amounts are in USD, and no other is taken for it.
CURRENCIES = {
    **dict.fromkeys(
        (
            "$",
            "us$",
            "u.s.$",
            "usd",
            "usd$",
            "$usd",
            "dollar",
            "dollars",
            "us-dollar",
            "usdollar",
            "us-dollars",
        ),
        "USD",
    ),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pound", "pounds"), "GBP"),
    **dict.fromkeys(("p", "penny", "pence"), "pence"),
    **dict.fromkeys(("¥", "jpy", "yen"), "JPY"),
    **dict.fromkeys(("元", "cn¥", "rmb", "yuan"), "CNY"),
    **dict.fromkeys(("₹", "inr", "rs", "rs.", "rupees"), "INR"),
    **dict.fromkeys(("r$", "real", "reais"), "BRL"),
    **dict.fromkeys(("zł", "złoty", "zloty"), "PLN"),
    **dict.fromkeys(("₺", "tl", "try"), "TRY"),
    **dict.fromkeys(("₪", "nis"), "ILS"),
    **dict.fromkeys(("₽", "rub"), "RUB"),
    **dict.fromkeys(("₿", "btc"), "BTC"),
    **dict.fromkeys(("s$", "sg$"), "SGD"),
    **dict.fromkeys(("hk$",), "HKD"),
    "kr": "crown",
    "kč": "CZK",
    **dict.fromkeys(("a$", "au$"), "AUD"),
    **dict.fromkeys(("c$", "ca$"), "CAD"),
    **dict.fromkeys(("fr.", "sfr.", "chf"), "CHF"),
    **dict.fromkeys(("₩", "krw"), "KRW"),
    **{code.lower(): code for code in ("AED", "AUD", "BRL", "CAD", "CNY", "DKK", "HKD", "ILS")},
    **{code.lower(): code for code in ("MXN", "NOK", "NZD", "PLN", "SEK", "SGD", "TWD", "ZAR")},
}
_OF_USD = ("¢", "cent", "cents", "c", "ct")
_TIMES = {
    **dict.fromkeys(("k", "thousand"), 10**3),
    **dict.fromkeys(("m", "mn", "mio", "million"), 10**6),
}
_PER_CENT = ("%", "percent", "per cent", "pct", "prozent", "pour cent", "por ciento")
_BASIS_POINTS, _PER_MILLE = ("bps", "bp", "basis points"), ("‰", "per mille", "per mil")
_YEARS = ("y", "yr", "yrs", "year", "years", "jahr", "jahre", "an", "ans", "année", "années")
_MONTHS = ("m", "mo", "mos", "mth", "mths", "month", "months", "monat", "monate", "mois")
_QUARTERS = ("quarter", "quarters")
# Units as people write them behind a number, by the unit of the input: how many of its own they
# are. What comes after "per" may be left out.
_UNITS: dict[str, dict[str, Decimal]] = {
    "W": {"w": Decimal(1), "watt": Decimal(1), "watts": Decimal(1), "kw": Decimal(1000)},
    "kW": {"kw": Decimal(1), "w": Decimal(1) / 1000, "mw": Decimal(1000)},
    "months": dict.fromkeys(_MONTHS, Decimal(1))
    | dict.fromkeys(_QUARTERS, Decimal(3))
    | dict.fromkeys(_YEARS, Decimal(12)),
    "years": dict.fromkeys(_YEARS, Decimal(1)) | dict.fromkeys(_MONTHS, 1 / Decimal(12)),
    "hours": dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Decimal(1)),
    "GPUs": dict.fromkeys(("gpu", "gpus", "card", "cards", "pcs", "units", "x", "×"), Decimal(1)),
    "U": {"u": Decimal(1)},
    "ratio": {"x": Decimal(1), "times": Decimal(1)},
    # As screens show shares and times.
    **dict.fromkeys(("%", "% per year"), dict.fromkeys(_PER_CENT, Decimal(1))),
}
# Units of which people have thousands, and no three decimals.
_COARSE = ("W", "ms", "users", "requests", "tokens", "tok/s", "parameters", "units", "GPU-hours")
_SHARES = {
    **dict.fromkeys(_PER_CENT, Decimal(1) / 100),
    **dict.fromkeys(_PER_MILLE, Decimal(1) / 1_000),
    **dict.fromkeys(_BASIS_POINTS, Decimal(1) / 10_000),
}
_PER = {
    "hour": (
        "h",
        "hr",
        "hour",
        "gpuhour",
        "gpuh",
        "gpuhr",
        "gpu/h",
        "gpu/hr",
        "gpu/hour",
        "hour/gpu",
        "hr/gpu",
        "h/gpu",
    ),
    "kWh": ("kwh",),
    "month": (
        "mo",
        "month",
        "gpu/month",
        "gpumonth",
        "gpu/mo",
        "kw/month",
        "kw/mo",
        "kwmonth",
        "rack/month",
        "rack/mo",
    ),
    "year": ("y", "yr", "year", "annum", "gpu/year"),
    "GPU": ("gpu", "card", "each", "ea", "piece"),
    "rack": ("rack",),
    "kW": ("kw",),
}
# How many of its own unit an amount per something else is per: $60/day, $245/MWh.
_OTHER_BASES: dict[str, dict[str, float]] = {
    "USD per GPU-hour": {
        **dict.fromkeys(("s", "sec", "second"), 1 / 3_600),
        **dict.fromkeys(("min", "minute"), 1 / 60),
        **dict.fromkeys(("d", "day"), 24),
        "week": 168,
        **dict.fromkeys(("mo", "month"), 730),
        **dict.fromkeys(("y", "yr", "year", "annum"), 8_760),
    },
    "USD per kWh": {"mwh": 1_000, "wh": 1 / 1_000},
}
_PER_OTHER = re.compile(r"(.*\d[^/]*?)\s*(?:/|\bper\b|\ba\b)\s*([a-zA-Z][a-zA-Z/ -]*)", re.ASCII)
_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1", "1.0", "wahr", "ja", "vrai", "oui"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0", "0.0", "falsch", "nein"), False),
    **dict.fromkeys(("faux", "non"), False),
}
# Words of offers for their terms; and terms in months.
_OTHER_WORDS = {
    **dict.fromkeys(("reserved", "committed", "commitment"), ("1yr", "3yr")),
    **dict.fromkeys(("preemptible", "interruptible"), ("spot",)),
    **dict.fromkeys(("payasyougo", "paygo", "hourly"), ("on_demand",)),
}
_IN_MONTHS = re.compile(r"^(\d{1,2})(?:m|mo|mos|months?)$", re.ASCII)
_NOTHING = ("n/a", "na", "none", "null", "nil", "-", "--", "?", "tbd", "unknown", "default")
_INFINITE = ("nan", "inf", "infinity", "∞")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


class Wrong(Exception):
    """A value is not usable; the text says why, without the input's name, `hint` how to mend it.

    A hint that takes longer to find than the fault is a function: it is called when it is read.
    """

    def __init__(self, why: str, hint: str | Callable[[], str] = "") -> None:
        self._hint = hint
        super().__init__(why)

    @property
    def hint(self) -> str:
        """How to mend the value; empty where nobody can tell."""
        if callable(self._hint):
            self._hint = self._hint()
        return self._hint


class Unread(str):
    """A text that was read as a value and is none: it knows why."""

    __slots__ = ("decimal", "wrong")
    wrong: Wrong
    decimal: str

    @classmethod
    def of(cls, text: str, wrong: Wrong, decimal: str = ".") -> Unread:
        """The text, with what is wrong with it, and the decimal mark by which it was read."""
        made = cls(text)
        made.decimal = decimal
        # Without where it was raised, which would keep all that was known there.
        made.wrong = wrong.with_traceback(None)
        made.wrong.__context__ = None
        return made


def plain(text: str) -> str:
    """A text with plain blanks, digits and marks, and without what nobody sees.

    >>> plain("\ufeff４５\u202f％")
    '45 %'
    """
    return text.translate(_LIKE).strip()


def read_number(
    declared: Param, text: str, decimal: str = ".", is_typed: bool = False
) -> float | int | Interval:
    """The number, or the range of numbers, that a text stands for; Wrong where it is not one.

    `decimal` is the mark of the file: a point, a comma, or empty where nobody said. What the mark
    leaves open, 1.234 in a file with decimal commas, is a number with thousands where the input
    has no use for three decimals, and refused elsewhere. So is a point in an amount as people write
    it, USD 2.800, or `is_typed`, 2.800: programs write 2.8. The domain is not checked here.

    >>> from tco.inputs import INPUTS
    >>> share, price, rate = (INPUTS[name] for name in
    ...     ("utilization", "price_usd_per_gpu", "rate_usd_per_gpu_hour"))
    >>> read_number(share, "45%"), read_number(share, "0,65"), read_number(share, "0.4..0.7")
    (0.45, 0.65, Interval(low=0.4, high=0.7))
    >>> read_number(price, "$3,200"), read_number(price, "1.234,50"), read_number(price, "3k")
    (3200, 1234.5, 3000)
    >>> read_number(rate, "3,200")
    Traceback (most recent call last):
    tco.inputs.entry.Wrong: could mean 3.2 or 3200
    """
    if len(text) > _LONGEST:
        raise Wrong("is too long for a number")
    is_open = is_typed and _ROUND.fullmatch(text.strip())
    is_free = decimal == "." and declared.kind != "integer" and not is_open
    if is_free and _SIGNED.fullmatch(text):
        return _scaled(text, Decimal(1))
    found = plain(text).removeprefix("'").strip()
    found = _NO_CENTS.sub(r"\g<1>00", found)
    if is_free and _SIGNED.fullmatch(found):
        return _scaled(found, Decimal(1))
    low, mark, high = found.partition("..")
    if mark and low and high and not high.startswith("."):
        ends = [_one(declared, side.strip(), decimal) for side in (low, high)]
        _check_units(declared, low.strip(), high.strip(), ends, decimal)
        return Interval(*map(float, ends))
    return _one(declared, found, decimal)


def _check_units(
    declared: Param, low: str, high: str, ends: list[float | int], decimal: str
) -> None:
    """Wrong where only the second end of a range has a unit that counts: 3..4k."""
    unit = re.sub(r".*\d", "", high)
    if low[-1:].isdigit() and unit:
        meant = _one(declared, f"{low} {unit}", decimal)
        if meant != ends[0]:
            # 0.5..65% may begin at 0.5 too; 3..4k is 3000..4000.
            as_it_is = [ends[0]] if unit.strip() in _SHARES and declared.contains(ends[0]) else []
            lows = (_written(end, decimal) for end in (meant, *as_it_is))
            told = " or ".join(f"{low}..{_written(ends[1], decimal)}" for low in lows)
            raise Wrong("has a unit at one of its ends only", f"write {told}")


def _one(declared: Param, text: str, decimal: str) -> float | int:
    """One number; Wrong with a way to write it where that can be told."""
    try:
        return _reading(declared, text, decimal)
    except Wrong as wrong:
        if wrong.hint:
            raise
        raise Wrong(str(wrong), partial(_hint, declared, text, decimal)) from None


def _reading(declared: Param, text: str, decimal: str) -> float | int:
    folded = text.casefold()
    if not text:
        raise Wrong("is empty", "leave it out for the default")
    if folded in _NOTHING:
        raise Wrong("is not a number", "leave it out, or leave its cell empty, for the default")
    if folded.lstrip("+-") in _INFINITE:
        raise Wrong(f"is not a number in {declared.domain}")
    if text.startswith("#"):
        raise Wrong("is a spreadsheet error", "write the value")
    if text.startswith("="):
        raise Wrong("is a spreadsheet formula, not its value")
    negative = text.startswith("(") and text.endswith(")")
    parts = _PARTS.fullmatch(text[1:-1] if negative else text)
    if parts is None:
        raise _no_number(declared)
    sign, money = _before(parts["before"], declared)
    factor, also = _after(parts["after"].strip(), declared)
    _check_currency(declared, money or also, parts["body"], decimal)
    if also in _OF_USD or money in _OF_USD:
        factor /= 100
    sign = "" if negative == (sign == "-") else "-"
    numbers = _bodies(declared, parts["body"], decimal)
    if factor != 1 and decimal == ".":  # 1.196 kW has a decimal point
        numbers = numbers[:1] if "," not in parts["body"] else numbers
    values = [_scaled(f"{sign}{number}", factor) for number in numbers]
    is_share = factor < 1 and declared.unit in ("share", "per year")
    if len(values) == 1 and is_share and not declared.contains(values[0]):
        raise Wrong(f"is outside {declared.domain}")  # 101% is no slip for 1.01%
    if len(values) == 1:
        return values[0]
    told = " or ".join(_written(value, decimal) for value in values)
    fitting = [value for value in values if declared.contains(value)] or values
    meant = " or ".join(_written(value, decimal) for value in fitting)
    raise Wrong(f"could mean {told}", f"write {meant}")


def _no_number(declared: Param) -> Wrong:
    bounds = f" in {declared.domain}" if isfinite(declared.high) else ""
    return Wrong(f"is text, not a number{bounds}" if bounds else "is not a number")


def _scaled(number: str, factor: Decimal) -> float | int:
    """A number in the unit of its input: whole as it was written, else the nearest float."""
    if factor == 1 and ({*number} & {*".eE"} or len(number) > _EXACT):
        found = float(number)
    else:
        value = Decimal(number) * factor
        if value == value.to_integral_value() and "." not in number and abs(value) < 10**_EXACT:
            return int(value)
        found = float(value)
    if not found and re.match(r"[^eE]*[1-9]", number):
        raise Wrong("is too close to 0", "write 0")
    return found + 0.0  # there is no -0


def _bodies(declared: Param, body: str, decimal: str) -> list[str]:
    """The plain numbers that digits and marks can be: one, or two; Wrong for none."""
    digits, *power = re.split(r"[eE]", body)
    marks = [mark for mark in digits if mark in ".,"]
    found: list[str] = []
    if _GROUPED.fullmatch(body):
        found = [re.sub(r"[ ']", "", body).replace(",", ".")]
    elif power or not marks:
        plain = body.replace(",", ".") if len(marks) < 2 else ""
        found = [plain] if _PLAIN.fullmatch(plain) else []
    elif len({*marks}) == 2:  # the last one is decimal, the others stand between thousands
        whole, last, fraction = digits.rpartition(marks[-1])
        if _is_grouped(whole, "." if last == "," else ","):
            found = [f"{re.sub('[.,]', '', whole)}.{fraction}"]
    elif len(marks) > 1:
        found = [digits.replace(marks[0], "")] if _is_grouped(digits, marks[0]) else []
    elif _PLAIN.fullmatch(digits.replace(",", ".")):
        found = _with_one_mark(declared, digits, marks[0], decimal)
    if not found:
        raise _no_number(declared)
    return found


def _is_grouped(digits: str, mark: str) -> bool:
    """Whether a mark stands where it does between thousands."""
    return bool(re.fullmatch(_THOUSANDS.format(mark), digits, re.ASCII))


def _with_one_mark(declared: Param, digits: str, mark: str, decimal: str) -> list[str]:
    """The numbers that digits with a single point or comma can be."""
    fraction, whole = digits.replace(mark, "."), digits.replace(mark, "")
    if not _is_grouped(digits, mark):
        return [fraction]
    if declared.kind == "integer":
        return [whole] if mark == "," and decimal == "." else [whole, fraction]
    if mark == decimal:
        # A point in an amount as people write it, USD 2.800, may stand between thousands.
        return [fraction, whole] if decimal == "." and _is_coarse(declared) else [fraction]
    return [whole] if decimal and _is_coarse(declared) else [fraction, whole]


def _is_coarse(declared: Param) -> bool:
    """Whether three decimals of it mean nothing: amounts but those per hour and kWh, and counts."""
    fine = ("USD per GPU-hour", "USD per kWh")
    is_money = declared.unit.startswith("USD") and declared.unit not in fine
    return declared.unit in _COARSE or is_money


def _before(text: str, declared: Param) -> tuple[str, str]:
    """The sign and the currency before a number."""
    told = text.casefold().replace(" ", "")
    signs = [sign for sign in "+-" if told.startswith(sign) or told.endswith(sign)]
    money = told.strip("+-")
    if len(told) - len(money) > 1 or (money and money not in CURRENCIES and money != "¢"):
        raise _no_number(declared)
    return (signs[0] if signs else ""), money


def _after(text: str, declared: Param) -> tuple[Decimal, str]:
    """What a number is multiplied with by its unit, and a currency behind it."""
    told = re.sub(
        r"\s*/\s*|\s*\bper\s+(?!cent|mil)|(?:^|\s+)(?=(?:each|ea)$)", "/", text.casefold()
    ).strip()
    told = re.sub(r"\s*(?:\bp\.?\s?a\.?|\ba year|\bannual(?:ly)?)$", "/year", told)
    told = re.sub(r"\s*\b(hour|month|year)ly$", r"/\1", told)
    told, per, basis = told.partition("/")
    told = told.strip()
    told = told if told in CURRENCIES else told.rstrip(".")
    if per and not _is_per(declared, basis):
        raise Wrong(f"is per {basis.strip() or 'nothing'}, and this input is {_said(declared)}")
    known = _UNITS.get(declared.unit, {})
    if told in known:
        return known[told], ""
    if told in _SHARES:
        if declared.unit not in ("share", "per year"):
            raise Wrong("is a percentage, which only shares and annual rates can be")
        return _SHARES[told], ""
    times = Decimal(1)
    for word in sorted(_TIMES, key=len, reverse=True):
        rest = told.removeprefix(word).strip()
        if told.startswith(word) and (not rest or rest in CURRENCIES or rest in known):
            if word == "m" and not text.startswith("M"):
                raise Wrong("ends in m, which is not a unit here")
            times, told = Decimal(_TIMES[word]), rest
            break
    if told in known:
        return times * known[told], ""
    if told and told not in CURRENCIES and told not in _OF_USD:
        raise Wrong(f"has another unit, and this input is {_said(declared)}")
    return times, told


def _said(declared: Param) -> str:
    plain = {
        "": "without a unit",
        "share": "a share",
        "ratio": "a ratio",
        "per year": "an annual rate",
    }
    return plain.get(declared.unit, f"in {declared.unit}")


def _is_per(declared: Param, basis: str) -> bool:
    """Whether what stands behind a slash is what the input is per."""
    told = re.sub(r"[\s-]+", "", basis)
    if declared.unit in ("share", "per year"):
        return declared.unit == "per year" and told in _PER["year"]
    unit = declared.unit.partition(" per ")[2]
    return any(told in words for part, words in _PER.items() if re.search(rf"\b{part}\b", unit))


def _check_currency(declared: Param, money: str, body: str, decimal: str) -> None:
    """Wrong for an amount that is not in USD, or of what is no amount."""
    if not money:
        return
    code = CURRENCIES.get(money, "USD")
    if not declared.unit.startswith("USD"):
        unit = f" [{declared.unit}]" if declared.unit else ""
        raise Wrong(f"is an amount of money, and this input is not{unit}")
    if money == "ct":
        raise Wrong("is in cents of an unspecified currency", "write US cents as in 29¢")
    if code != "USD":
        known = {"pence": "British pence", "crown": "crowns"}.get(code, code)
        pounds = ""
        if code == "pence":
            with suppress(Wrong, ArithmeticError):
                numbers = _bodies(declared, body, decimal)
                told = (_written(_scaled(one, Decimal(1) / 100), decimal) for one in numbers)
                pounds = f" ({' or '.join(told)} GBP)"
        rate = {"pence": "GBP", "crown": "local"}.get(code, code)
        hint = f"convert it at the {rate}/USD exchange rate"
        raise Wrong(f"is in {known}{pounds}, and this input is in USD", hint)


def currency_in(name: str) -> str:
    """The code of the currency that the name of a column, or a format of numbers, speaks of.

    Empty for none; a lone $ says nothing, as several currencies write it.

    >>> currency_in("eur_per_gpu_hour"), currency_in("[$€-407] #,##0.00"), currency_in("price")
    ('EUR', 'EUR', '')
    """
    words = (word.casefold() for word in re.split(r"[^a-zA-Z€£¥₹₩]+", name))
    codes = (CURRENCIES.get(word, "") for word in words if len(word) > 2 or word in "€£¥₹₩")
    return next((code for code in codes if _CODE.fullmatch(code)), "")


def without_currency(text: str) -> tuple[str, str]:
    """An amount without the currency that stands beside it, and its code; empty where none does.

    >>> without_currency("€0,55/h"), without_currency("0.47 GBP"), without_currency("0.6")
    (('0,55/h', 'EUR'), ('0.47', 'GBP'), ('0.6', ''))
    """
    parts = _PARTS.fullmatch(plain(text))
    if parts is None:
        return text, ""
    before, after = parts["before"].strip(), parts["after"].strip()
    money = before.casefold().replace(" ", "").strip("+-")
    word = re.match(r"[^\s/]*", after)
    behind = word[0].casefold() if word else ""
    codes = [CURRENCIES.get(one, "") for one in (money, behind)]
    code = next((one for one in codes if _CODE.fullmatch(one)), "")
    if not code or len({*filter(None, codes)}) > 1:
        return text, ""
    sign = "-" if before.startswith("-") or before.endswith("-") else ""
    rest = after[len(behind) :] if codes[1] else after
    joint = "" if not rest or rest.startswith("/") else " "
    return f"{sign if codes[0] else before}{parts['body'].strip()}{joint}{rest.strip()}", code


def _written(value: float, decimal: str) -> str:
    text = repr(int(value)) if float(value).is_integer() else repr(float(value))
    return text.replace(".", ",") if decimal == "," else text


def _hint(declared: Param, text: str, decimal: str) -> str:
    """How to write what is not read; empty where nobody can tell."""

    def read(part: str) -> float | int:
        try:
            value = _reading(declared, part.strip(), decimal)
        except Wrong as wrong:
            raise ValueError from wrong
        if not declared.contains(value):
            raise ValueError
        return value

    ends = guesses.numbers(text, read) or _rebased(declared, text, decimal)
    if not ends or not all(map(declared.contains, ends)):
        return ""
    return f"write {'..'.join(_written(end, decimal) for end in ends)}"


def _rebased(declared: Param, text: str, decimal: str) -> list[float]:
    """The number of an amount per another time, or of power, than its input is: $60/day."""
    bases = _OTHER_BASES.get(declared.unit, {})
    if not bases or not (found := _PER_OTHER.fullmatch(text)):
        return []
    of_one = bases.get(re.sub(r"^gpu[\s/-]*", "", found[2].casefold()).strip())
    if of_one is None:
        return []
    with suppress(Wrong):
        amount = replace(declared, unit="USD", high=math.inf)
        return [float(f"{_reading(amount, found[1].strip(), decimal) / of_one:.4g}")]
    return []


def scale_hint(declared: Param, value: Any) -> str:
    """For 60 where 0.6 is meant, and 24.5 cents where it is 0.245 USD."""
    if declared.unit not in ("share", "per year", "ratio", "USD per kWh"):
        return ""
    if type(value) not in (int, float) or not abs(value) <= 100 * declared.high:
        return ""
    meant = value / 100
    if declared.contains(value) or not declared.contains(meant):
        return ""
    told = {"USD per kWh": "prices are in USD, not cents", "ratio": "ratios are not percentages"}
    return f"{told.get(declared.unit, 'shares are fractions')}: did you mean {meant:g}?"


def is_too_small(value: Any, low: float, low_open: bool) -> Any:
    """Whether a number, or each element of an array, is too near a 0 that it may not be."""
    least = LEAST if low_open and low == 0 else 0
    return abs(value) < least


def read_flag(declared: Param, text: str) -> bool:
    """The flag that a word stands for; Wrong for any other.

    >>> from tco.inputs import INPUTS
    >>> read_flag(INPUTS["whole_racks"], "TRUE"), read_flag(INPUTS["whole_racks"], "no")
    (True, False)
    """
    found = _FLAGS.get(plain(text).casefold())
    if found is None:
        raise Wrong(f"is not {declared.domain}")
    return found


def read_word(declared: Param, text: str) -> str:
    """The choice that a word stands for, or a key of the catalog as it is; Wrong for none.

    >>> from tco.inputs import INPUTS
    >>> read_word(INPUTS["term"], "On-Demand"), read_word(INPUTS["term"], "1 year")
    ('on_demand', '1yr')
    """
    if not text.strip():
        raise Wrong(f"is not {declared.domain}", "leave it out for the default")
    if not declared.choices or text in declared.choices:
        return text
    word = plain(text)
    names = {bare(name): name for name in declared.choices}
    names |= {bare(said): name for name, said in declared.choice_words.items()}
    found = names.get(_IN_MONTHS.sub(_in_years, bare(word)))
    if found is None:
        said = bare(word)
        near = [name for known, name in names.items() if known.startswith(said) and said]
        near += [name for known, name in names.items() if said.startswith(known)]
        near += [name for name in _OTHER_WORDS.get(said, ()) if name in declared.choices]
        listed = " or ".join(dict.fromkeys(near))
        hint = f"did you mean {listed}?" if listed else suggestion(word, declared.choices)
        raise Wrong(f"is not {declared.domain}", hint.removeprefix("; "))
    return found


def _in_years(found: re.Match[str]) -> str:
    years, rest = divmod(int(found[1]), 12)
    return found[0] if rest else f"{years}yr"


def read_code(declared: Param, text: str) -> str:
    """The currency code that a text stands for; Wrong for none.

    >>> from tco.inputs import INPUTS
    >>> read_code(INPUTS["currency"], "eur")
    'EUR'
    """
    word = plain(text)
    if word.upper() in CODES:
        return word.upper()
    meant = CURRENCIES.get(word.casefold(), "")
    hint = f"write {meant}" if meant in CODES else ""
    raise Wrong(f"is not {declared.domain}, three capital letters such as USD", hint)


def read_day(declared: Param, text: str) -> str:
    """The day that a text stands for [YYYY-MM-DD]; Wrong for none.

    >>> from tco.inputs import INPUTS
    >>> read_day(INPUTS["as_of"], "2026-11-21 00:00:00")
    '2026-11-21'
    """
    word = plain(text).removeprefix("'")
    if midnight := _MIDNIGHT.fullmatch(word):
        word = midnight[1]
    if not _ISO_DATE.fullmatch(word):
        days = " or ".join(guesses.days(word))
        raise Wrong(f"is not a date {declared.domain}", f"write {days or 'it as in 2026-11-21'}")
    try:
        date.fromisoformat(word)
    except ValueError:
        raise Wrong("is not a day of the calendar") from None
    if declared.is_past and is_to_come(word):
        raise Wrong("is in the future")
    return word


def note_problem(text: str) -> str:
    """Why a note is refused; empty where it is taken.

    >>> note_problem("from the reseller"), note_problem("x" * 1_234)
    ('', 'has 1,234 characters, more than 1,000: shorten it')
    """
    if len(text) <= LONGEST_NOTE:
        return ""
    return f"has {len(text):,} characters, more than {LONGEST_NOTE:,}: shorten it"


def read(declared: Param, text: str, decimal: str = ".") -> Any:
    """The value of an input that a text stands for; Wrong where it is none."""
    if declared.numeric:
        return read_number(declared, text, decimal)
    of_kind = {"flag": read_flag, "code": read_code, "date": read_day}
    return of_kind.get(declared.kind, read_word)(declared, text)
