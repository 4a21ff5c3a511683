"""Currencies: their codes, and in which one amounts are shown.

The model computes in USD. A scenario may name another currency with its rate; amounts are then
written in it wherever people read them. Which one is in force is said once, around everything that
is written, with `shown_in`: every formatter of `tco.words.figures` asks here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

USD = "USD"

# The currencies of ISO 4217, list one (SIX Financial Information, the maintenance agency), without
# its funds, metals, bond market units and test codes.
_LISTED = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV
    WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """
CODES = frozenset(_LISTED.split())
# Currencies that are not written with two decimals, by the same list.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_IN_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_IN_THOUSANDTHS.split(), 3)
# Signs that mean one currency to every reader; all others stand with their code.
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}


@dataclass(frozen=True)
class Conversion:
    """Units of a currency for one USD, and the day of that rate, given or assumed."""

    currency: str
    fx_rate: float
    fx_as_of: str
    assumed: bool = False

    @property
    def usd_per_unit(self) -> float:
        """What one unit of the currency is worth in USD.

        >>> Conversion("EUR", 0.8, "2026-11-20").usd_per_unit
        1.25
        """
        return 1 / self.fx_rate

    @property
    def rate(self) -> str:
        """The rate in words.

        >>> Conversion("EUR", 0.86, "2026-11-20").rate
        '0.86 EUR per USD'
        """
        return f"{self.fx_rate:g} {self.currency} per USD"

    @property
    def label(self) -> str:
        """What stands beside every converted amount.

        >>> Conversion("EUR", 0.9, "2026-11-20").label
        'converted at 0.9 EUR per USD as of 2026-11-20'
        """
        day = f"{self.fx_as_of} (day assumed)" if self.assumed else self.fx_as_of
        return f"converted at {self.rate} as of {day}"

    @property
    def sentence(self) -> str:
        """That amounts are converted, and what the model computes in.

        >>> Conversion("EUR", 0.9, "2026-11-20").sentence
        'Amounts are converted at 0.9 EUR per USD as of 2026-11-20; the model computes in USD.'
        """
        return f"Amounts are {self.label}; the model computes in USD."

    def name(self, usd_name: str) -> str:
        """The name of a converted result.

        >>> Conversion("EUR", 0.9, "2026-11-20").name("own_usd_per_gpu_hour")
        'own_eur_per_gpu_hour'
        """
        return usd_name.replace("usd", self.currency.lower())

    def unit(self, usd_unit: str) -> str:
        """The unit of a converted result."""
        return usd_unit.replace(USD, self.currency)


Answer = TypeVar("Answer")

# Conversions in force, the innermost first; empty where nothing was said, and amounts are in USD.
_in_force: ContextVar[tuple[Conversion | None, ...]] = ContextVar("shown_in", default=())


@contextmanager
def shown_in(conversion: Conversion | None) -> Iterator[None]:
    """Within it, amounts are written in another currency; None: in USD.

    Not around the `yield` of a generator, whose caller would write in it too.

    >>> from tco.words.figures import usd
    >>> with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
    ...     usd(4_812)
    '€2,410'
    """
    token = _in_force.set((conversion,))
    try:
        yield
    finally:
        _in_force.reset(token)


@contextmanager
def shown_by_default(conversion: Conversion | None) -> Iterator[None]:
    """The same for what is written alone; within a document that document's currency stays.

    >>> from tco.words.figures import usd
    >>> with shown_in(None), shown_by_default(Conversion("EUR", 0.5, "2026-11-20")):
    ...     usd(4_812)
    '$4,810'
    """
    if _in_force.get():
        yield
        return
    with shown_in(conversion):
        yield


def conversion() -> Conversion | None:
    """The conversion in force; None for USD."""
    found = _in_force.get()
    return found[0] if found else None


def code() -> str:
    """The currency in which amounts are shown now."""
    found = conversion()
    return found.currency if found else USD


def shown(usd: Any) -> Any:
    """An amount in USD, or an array of them, in the currency shown.

    >>> with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
    ...     shown(3.0), in_usd(1.5)
    (1.5, 3.0)
    """
    found = conversion()
    return usd * found.fx_rate if found and usd is not None else usd


def in_usd(amount: Any) -> Any:
    """An amount of the currency shown, in USD: the inverse of `shown`."""
    found = conversion()
    return amount / found.fx_rate if found and amount is not None else amount


def sign(currency: str = "") -> str:
    """What stands before an amount: the sign of the currency shown, or of another.

    >>> sign(), sign("EUR"), sign("CHF")
    ('$', '€', 'CHF ')
    """
    currency = currency or code()
    return _SIGNS.get(currency, f"{currency} ")


def decimals(currency: str = "") -> int:
    """How many decimals an amount has.

    >>> decimals(), decimals("JPY")
    (2, 0)
    """
    return _DECIMALS.get(currency or code(), 2)


def money_unit(unit: str) -> str:
    """A unit in the currency shown.

    >>> with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
    ...     money_unit("USD per GPU-hour"), money_unit("W")
    ('EUR per GPU-hour', 'W')
    """
    found = conversion()
    return found.unit(unit) if found and of_unit(unit) == USD else unit


def of_unit(unit: str) -> str:
    """The currency of a unit; empty where it is none of money.

    >>> of_unit("USD per GPU"), of_unit("EUR"), of_unit("GPU-hours"), of_unit("")
    ('USD', 'EUR', '', '')
    """
    first = unit[:3]
    return first if first in CODES and unit[3:4] in ("", " ", ",") else ""


def headed(text: str) -> str:
    """The head of a column or the title of an axis, with the currency shown for USD.

    >>> with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
    ...     headed("undiscounted, USD"), headed("USD per GPU-hour, log scale")
    ('undiscounted, EUR', 'EUR per GPU-hour, log scale')
    """
    return re.sub(rf"\b{USD}\b", code(), text)


def beside(unit: str) -> str:
    """What of a unit stands behind an amount whose sign says its currency.

    >>> beside("EUR per GPU"), beside("USD"), beside("W")
    ('per GPU', '', 'W')
    """
    return unit[3:].lstrip(" ,") if of_unit(unit) else unit


class Spoken(Protocol):
    """What speaks of a scenario whose amounts are shown in a currency."""

    @property
    def scenario(self) -> Any:
        """The scenario: its `conversion` says how."""


class text_property(Generic[Answer]):  # noqa: N801 (a descriptor like cached_property)
    """A property with amounts in words: kept like a cached one, for each currency it is asked in.

    Alone it is written in the currency of the `scenario` of its object, within a document in that
    of the document.
    """

    def __init__(self, function: Callable[[Any], Answer]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = f"{name} in currencies"

    @overload
    def __get__(self, one: None, _owner: type) -> text_property[Answer]: ...

    @overload
    def __get__(self, one: Spoken, _owner: type) -> Answer: ...

    def __get__(self, one: Any, _owner: type) -> Any:
        if one is None:
            return self
        with shown_by_default(one.scenario.conversion):
            known = one.__dict__.setdefault(self._name, {})
            if (now := conversion()) not in known:
                known[now] = self._function(one)
            return known[now]


Asked = ParamSpec("Asked")


def cached(maxsize: int) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """`lru_cache` for a function that writes amounts: by the currency shown, too."""

    def keep(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        @lru_cache(maxsize=maxsize)
        def known(_shown: Conversion | None, /, *asked: Any, **named: Any) -> Answer:
            return function(*asked, **named)

        @wraps(function)
        def ask(*asked: Asked.args, **named: Asked.kwargs) -> Answer:
            return known(conversion(), *asked, **named)  # type: ignore[arg-type]

        for name in ("cache_clear", "cache_info"):
            setattr(ask, name, getattr(known, name))
        return ask

    return keep
