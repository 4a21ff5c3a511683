"""What people type, read as the one thing that it can mean; else refused, with how to write it.

The one reader of numbers, flags, choices, dates and currency codes in text: of keywords, options,
cells, documents, links and boxes. A number may have a unit, a percent sign, thousands marks or a
decimal comma, as long as only one value fits; what fits two is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any, TypeAlias

from tco.errors import bare, suggestion
from tco.inputs.declaration import Interval, Param

# No number that anybody types is as long.
_LONGEST = 60
# Whole numbers of so many digits are kept as such.
_EXACT = 18
# Longer notes are cut or lost by spreadsheets and screens.
LONGEST_NOTE = 1_000
# Closer to an end that does not count than this is a slip, or a forgery: nothing real is.
_LEAST = 1e-9

_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " ") | {"−": "-", "’": "'"})
_PLAIN = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SIGNED = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)", re.ASCII)
# A body of digits and marks, between what stands before it and what behind.
_PARTS = re.compile(
    r"(?P<before>[^\d.,]*)(?P<body>[.,]?\d(?:[\d.,']|[ ](?=\d{3}(?!\d)))*(?:[eE][+-]?\d{1,3})?)"
    r"(?P<after>[^\d]*(?:\d(?![\d.,]))?[^\d]*)",
    re.ASCII,
)
_GROUPED = re.compile(r"[1-9]\d{0,2}([ '])\d{3}(?:\1\d{3})*([.,]\d*)?", re.ASCII)
_RANGE = re.compile(
    r"(.*\d[^\d-]*?)\s*(?:\.{3}|…|–|—|\bto\b|\bbis\b|(?<=[\d %])-)\s*([^-]*\d.*)", re.ASCII
)
_AROUND = re.compile(r"(.*\d.*?)\s*(?:±|\+/?-)\s*(.*\d.*)")
_FRACTION = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})", re.ASCII)
_ABOUT = re.compile(r"(?:~|≈|about|approx\.?|ca\.?|circa|around|<=?|>=?|≤|≥)\s*(.*\d.*)", re.I)

# 2.900,- and 2900.- are prices without cents.
_NO_CENTS = re.compile(r"(?<=\d)([.,])\s?[-–—]{1,2}$", re.ASCII)

# Currencies as people write them. Amounts are in USD, and no other is taken for it.
_CURRENCIES = {
    **dict.fromkeys(("$", "us$", "usd", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pound", "pounds"), "GBP"),
    **dict.fromkeys(("p", "penny", "pence"), "pence"),
    **dict.fromkeys(("¥", "jpy", "yen"), "JPY"),
    **dict.fromkeys(("₹", "inr", "rupees"), "INR"),
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
_PER_CENT, _BASIS_POINTS = ("%", "percent", "per cent", "pct"), ("bps", "bp", "basis points")
_YEARS = ("y", "yr", "yrs", "year", "years")
_MONTHS = ("mo", "mos", "mth", "mths", "month", "months")
# Units as people write them behind a number, by the unit of the input: how many of its own they
# are. What comes after "per" may be left out.
_UNITS: dict[str, dict[str, Decimal]] = {
    "W": {"w": Decimal(1), "watt": Decimal(1), "watts": Decimal(1), "kw": Decimal(1000)},
    "kW": {"kw": Decimal(1), "w": Decimal(1) / 1000, "mw": Decimal(1000)},
    "months": dict.fromkeys(_MONTHS, Decimal(1)) | dict.fromkeys(_YEARS, Decimal(12)),
    "years": dict.fromkeys(_YEARS, Decimal(1)) | dict.fromkeys(_MONTHS, 1 / Decimal(12)),
    "hours": dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Decimal(1)),
    "GPUs": dict.fromkeys(("gpu", "gpus", "card", "cards"), Decimal(1)),
    "U": {"u": Decimal(1)},
    "ratio": {"x": Decimal(1), "times": Decimal(1)},
    # As screens show shares and times.
    **dict.fromkeys(("%", "% per year"), dict.fromkeys(_PER_CENT, Decimal(1))),
}
_SHARES = dict.fromkeys(_PER_CENT, Decimal(1) / 100) | dict.fromkeys(
    _BASIS_POINTS, Decimal(1) / 10_000
)
_PER = {
    "hour": ("h", "hr", "hour", "gpuhour", "gpuh", "gpuhr", "gpu/h", "gpu/hour", "hour/gpu"),
    "kWh": ("kwh",),
    "month": ("mo", "month", "gpu/month", "gpumonth", "kw/month", "kwmonth", "rack/month"),
    "year": ("y", "yr", "year", "annum", "gpu/year"),
    "GPU": ("gpu", "card", "each", "ea", "piece"),
    "rack": ("rack",),
    "kW": ("kw",),
}
_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "on", "1", "wahr", "ja", "vrai", "oui"), True),
    **dict.fromkeys(("false", "no", "n", "off", "0", "falsch", "nein", "faux", "non"), False),
}
_NOTHING = ("n/a", "na", "none", "null", "nil", "-", "--", "?", "tbd", "unknown", "default")
_INFINITE = ("nan", "inf", "infinity", "∞")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?", re.ASCII)
_DAY = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


class Wrong(Exception):
    """A value is not usable; the text says why, without the input's name, `hint` how to mend it."""

    def __init__(self, why: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(why)


class Unread(str):
    """A text that was read as a value and is none: it knows why."""

    __slots__ = ("wrong",)
    wrong: Wrong

    @classmethod
    def of(cls, text: str, wrong: Wrong) -> Unread:
        """The text, with what is wrong with it."""
        made = cls(text)
        made.wrong = wrong
        return made


def read_number(declared: Param, text: str, decimal: str = ".") -> float | int | Interval:
    """The number, or the range of numbers, that a text stands for; Wrong where it is not one.

    `decimal` is the mark of the file: a point, a comma, or empty where nobody said. What the mark
    leaves open, 1.234 in a file with decimal commas, is a number with thousands where the input
    has no use for three decimals, and refused elsewhere. The domain is not checked here.

    >>> from tco.inputs import INPUTS
    >>> share, price, rate = (INPUTS[name] for name in
    ...     ("utilization", "price_usd_per_gpu", "rate_usd_per_gpu_hour"))
    >>> read_number(share, "45%"), read_number(share, "0,65"), read_number(share, "0.4..0.7")
    (0.45, 0.65, Interval(low=0.4, high=0.7))
    >>> read_number(price, "$3,200"), read_number(price, "1.234,50"), read_number(price, "3k")
    (3200, 1234.5, 3000)
    >>> read_number(rate, "3,200")
    Traceback (most recent call last):
    tco.inputs.entry.Wrong: can be 3.2 or 3200
    """
    if len(text) > _LONGEST:
        raise Wrong("is too long for a number")
    found = text.translate(_SPACES).strip().removeprefix("'").strip()
    found = _NO_CENTS.sub(r"\g<1>00", found)
    if decimal == "." and declared.kind != "integer" and _SIGNED.fullmatch(found):
        return float(found) if {*found} & {*".eE"} or len(found) > _EXACT else int(found)
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
            told = "..".join(_written(end, decimal) for end in (meant, ends[1]))
            raise Wrong("has a unit at one of its ends only", f"write {told}")


def _one(declared: Param, text: str, decimal: str) -> float | int:
    """One number; Wrong with a way to write it where that can be told."""
    try:
        return _reading(declared, text, decimal)
    except Wrong as wrong:
        if wrong.hint:
            raise
        raise Wrong(str(wrong), _hint(declared, text, decimal)) from None


def _reading(declared: Param, text: str, decimal: str) -> float | int:
    folded = text.casefold()
    if not text:
        raise Wrong("is empty", "leave it out for the default")
    if folded in _NOTHING:
        raise Wrong("is not a number", "leave it out, or leave its cell empty, for the default")
    if folded.lstrip("+-") in _INFINITE:
        raise Wrong(f"is not a number in {declared.domain}")
    if text.startswith("#"):
        raise Wrong("is a spreadsheet error")
    negative = text.startswith("(") and text.endswith(")")
    parts = _PARTS.fullmatch(text[1:-1] if negative else text)
    if parts is None:
        raise _no_number(declared)
    sign, money = _before(parts["before"], declared)
    factor, also = _after(parts["after"].strip(), declared)
    _check_currency(declared, money or also, parts["body"], decimal)
    if also in _OF_USD:
        factor /= 100
    sign = "" if negative == (sign == "-") else "-"
    numbers = _bodies(declared, parts["body"], decimal)
    values = [_scaled(f"{sign}{number}", factor) for number in numbers]
    if len(values) == 1:
        return values[0]
    told = " or ".join(_written(value, decimal) for value in values)
    fitting = [value for value in values if declared.contains(value)] or values
    meant = " or ".join(_written(value, decimal) for value in fitting)
    raise Wrong(f"can be {told}", f"write {meant}")


def _no_number(declared: Param) -> Wrong:
    bounds = f" in {declared.domain}" if isfinite(declared.high) else ""
    return Wrong(f"is text, not a number{bounds}" if bounds else "is not a number")


def _scaled(number: str, factor: Decimal) -> float | int:
    """A number in the unit of its input: whole as it was written, else the nearest float."""
    value = Decimal(number) * factor
    if value == value.to_integral_value() and "." not in number and abs(value) < 10**_EXACT:
        return int(value)
    return float(value)


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
    return bool(re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+", digits, re.ASCII))


def _with_one_mark(declared: Param, digits: str, mark: str, decimal: str) -> list[str]:
    """The numbers that digits with a single point or comma can be."""
    fraction, whole = digits.replace(mark, "."), digits.replace(mark, "")
    if not _is_grouped(digits, mark):
        return [fraction]
    if declared.kind == "integer":
        return [whole] if mark == "," and decimal == "." else [whole, fraction]
    if mark == decimal:
        return [fraction]
    return [whole] if decimal and _is_coarse(declared) else [fraction, whole]


def _is_coarse(declared: Param) -> bool:
    """Whether three decimals of it mean nothing: amounts but those per hour and kWh, and watts."""
    fine = ("USD per GPU-hour", "USD per kWh")
    return declared.unit == "W" or (declared.unit.startswith("USD") and declared.unit not in fine)


def _before(text: str, declared: Param) -> tuple[str, str]:
    """The sign and the currency before a number."""
    told = text.casefold().replace(" ", "")
    signs = [sign for sign in "+-" if told.startswith(sign) or told.endswith(sign)]
    money = told.strip("+-")
    if len(told) - len(money) > 1 or (money and money not in _CURRENCIES):
        raise _no_number(declared)
    return (signs[0] if signs else ""), money


def _after(text: str, declared: Param) -> tuple[Decimal, str]:
    """What a number is multiplied with by its unit, and a currency behind it."""
    told = re.sub(
        r"\s*/\s*|\s*\bper\s+(?!cent)|\s*\b(?=(?:each|ea)$)", "/", text.casefold()
    ).strip()
    if re.search(r"p\.\s?a\.?|\ba year", told):
        told = re.sub(r"\s*(p\.\s?a\.?|\ba year)", "/year", told)
    told, per, basis = told.partition("/")
    told = told.strip()
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
        if told.startswith(word) and (not rest or rest in _CURRENCIES or rest in known):
            if word == "m" and not text.startswith("M"):
                raise Wrong("ends in m, which is not a unit here")
            times, told = Decimal(_TIMES[word]), rest
            break
    if told in known:
        return times * known[told], ""
    if told and told not in _CURRENCIES and told not in _OF_USD:
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
    code = _CURRENCIES.get(money, "USD")
    if not declared.unit.startswith("USD"):
        unit = f" [{declared.unit}]" if declared.unit else ""
        raise Wrong(f"is an amount of money, and this input is not{unit}")
    if money == "ct":
        raise Wrong("is in cents of an unspecified currency", "write US cents as in 29¢")
    if code != "USD":
        known = "British pence" if code == "pence" else code
        pounds = ""
        if code == "pence":
            with suppress(Wrong, ArithmeticError):
                (number,) = _bodies(declared, body, decimal)
                pounds = f" ({_written(_scaled(number, Decimal(1) / 100), decimal)} GBP)"
        hint = f"convert it with the price of one {'pound' if pounds else code} in USD"
        raise Wrong(f"is in {known}{pounds}, and this input is in USD", hint)


def _written(value: float, decimal: str) -> str:
    text = repr(int(value)) if float(value).is_integer() else repr(float(value))
    return text.replace(".", ",") if decimal == "," else text


def _hint(declared: Param, text: str, decimal: str) -> str:
    """How to write what is not read; empty where nobody can tell."""

    def read(part: str) -> float | int:
        value = _reading(declared, part.strip(), decimal)
        if not declared.contains(value):
            raise Wrong(f"is outside {declared.domain}")
        return value

    for guess in (_fraction, _around, _between, _about, _minus_behind, _percent, _underscored):
        with suppress(Wrong, ZeroDivisionError):
            ends = guess(text, read)
            if ends and all(map(declared.contains, ends)):
                return f"write {'..'.join(_written(end, decimal) for end in ends)}"
    return ""


# What a text could be in another form, of one number or the two ends of a range.
_Read: TypeAlias = Callable[[str], float | int]


def _fraction(text: str, _read: _Read) -> list[float]:
    found = _FRACTION.fullmatch(text)
    return [float(f"{int(found[1]) / int(found[2]):.4g}")] if found else []


def _around(text: str, read: _Read) -> list[float]:
    if not (found := _AROUND.fullmatch(text)):
        return []
    middle, width = map(read, found.groups())
    return [float(f"{end:.10g}") for end in (middle - width, middle + width)]


def _between(text: str, read: _Read) -> list[float]:
    if not (found := _RANGE.fullmatch(text)):
        return []
    low, high = found.groups()
    unit = re.sub(r".*\d", "", high.strip()) if low.strip()[-1:].isdigit() else ""
    return [read(low + unit), read(high)]


def _about(text: str, read: _Read) -> list[float]:
    found = _ABOUT.fullmatch(text)
    return [read(found[1])] if found else []


def _minus_behind(text: str, read: _Read) -> list[float]:
    return [read(f"-{text[:-1]}")] if text.endswith("-") else []


def _percent(text: str, _read: _Read) -> list[float]:
    plain = re.sub(r"\s*(%|percent|pct)", "", text)
    if plain == text or not _PLAIN.fullmatch(plain.replace(",", ".")):
        return []
    return [float(f"{float(plain.replace(',', '.')) / 100:.10g}")]


def _underscored(text: str, read: _Read) -> list[float]:
    return [read(text.replace("_", ""))] if "_" in text else []


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


def is_too_small(declared: Param, value: Any) -> Any:
    """Whether a number, or each element of an array, is too near a 0 that it may not be."""
    least = _LEAST if declared.low_open and declared.low == 0 else 0
    return abs(value) < least


def read_flag(declared: Param, text: str) -> bool:
    """The flag that a word stands for; Wrong for any other.

    >>> from tco.inputs import INPUTS
    >>> read_flag(INPUTS["whole_racks"], "TRUE"), read_flag(INPUTS["whole_racks"], "no")
    (True, False)
    """
    found = _FLAGS.get(text.strip().casefold())
    if found is None:
        raise Wrong(f"is not {declared.domain}")
    return found


def read_word(declared: Param, text: str) -> str:
    """The choice that a word stands for, or a key of the catalogue as it is; Wrong for none.

    >>> from tco.inputs import INPUTS
    >>> read_word(INPUTS["term"], "On-Demand"), read_word(INPUTS["term"], "1 year")
    ('on_demand', '1yr')
    """
    if not text.strip():
        raise Wrong(f"is not {declared.domain}", "leave it out for the default")
    if not declared.choices or text in declared.choices:
        return text
    word = text.strip()
    names = {bare(name): name for name in declared.choices}
    names |= {bare(said): name for name, said in declared.choice_words.items()}
    found = names.get(bare(word))
    if found is None:
        begun = [names[said] for said in names if said.startswith(bare(word)) and bare(word)]
        listed = " or ".join(dict.fromkeys(begun))
        near = f"did you mean {listed}?" if listed else suggestion(word, declared.choices)
        raise Wrong(f"is not {declared.domain}", near.removeprefix("; "))
    return found


def read_code(declared: Param, text: str) -> str:
    """The currency code that a text stands for; Wrong for none.

    >>> from tco.inputs import INPUTS
    >>> read_code(INPUTS["currency"], "eur")
    'EUR'
    """
    word = text.strip()
    if _CODE.fullmatch(word.upper()):
        return word.upper()
    meant = _CURRENCIES.get(word.casefold(), "")
    hint = f"write {meant}" if _CODE.fullmatch(meant) else ""
    raise Wrong(f"is not {declared.domain}, three capital letters such as USD", hint)


def read_day(declared: Param, text: str) -> str:
    """The day that a text stands for [YYYY-MM-DD]; Wrong for none.

    >>> from tco.inputs import INPUTS
    >>> read_day(INPUTS["as_of"], "2026-11-21 00:00:00")
    '2026-11-21'
    """
    word = text.strip().removeprefix("'")
    if midnight := _MIDNIGHT.fullmatch(word):
        word = midnight[1]
    if not _ISO_DATE.fullmatch(word):
        days = " or ".join(_days(word))
        raise Wrong(f"is not a date {declared.domain}", f"write {days}" if days else "")
    try:
        date.fromisoformat(word)
    except ValueError:
        raise Wrong("is not a day of the calendar") from None
    return word


def _days(text: str) -> list[str]:
    """The days that a date in another form can be."""
    found = _DAY.fullmatch(text)
    if not found and re.fullmatch(r"\d{8}", text, re.ASCII):
        found = _DAY.fullmatch(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    if not found:
        return []
    a, b, c = found.groups()
    orders = [(a, b, c)] if len(a) == 4 else [(c, b, a), (c, a, b)] if len(c) == 4 else []
    days = []
    for year, month, day in orders:
        with suppress(ValueError):
            days.append(date(int(year), int(month), int(day)).isoformat())
    return sorted({*days})


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
