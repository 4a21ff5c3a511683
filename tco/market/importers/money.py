"""Prices of lists: numbers as people write them, in USD or converted at a rate that has a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache

from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.inputs.entry import Wrong, read_code, without_currency
from tco.market.catalogue import exchange_rate, in_usd, load
from tco.market.evidence import age_days
from tco.market.files import first_day
from tco.market.importers.lines import RejectedError

USD = "USD"


def rates_of(text: str) -> dict[str, float]:
    """What one unit of other currencies is worth in USD, as the option has it.

    >>> rates_of("EUR=1.16, sek=0.105")
    {'EUR': 1.16, 'SEK': 0.105}
    """
    found: dict[str, float] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, mark, number = (part.strip() for part in pair.partition("="))
        code = ""
        with suppress(Wrong):
            code = read_code(INPUTS["currency"], name)
        value, wrong = clean(INPUTS["fx_rate"], number) if mark else (0.0, [None])
        if wrong or not code or code == USD or isinstance(value, bool) or not value > 0:
            message = f"usd_per = {pair!r} is not a currency and its value in USD"
            raise InputError([Problem("usd_per", f"{message}, as in EUR=1.16")])
        found[code] = float(value)
    return found


@lru_cache(maxsize=1_024)
def code_of(cell: str) -> str:
    """The code of a cell of a currency column, empty for an empty one; RejectedError for none.

    >>> code_of("eur"), code_of("US$"), code_of("")
    ('EUR', 'USD', '')
    """
    if not cell:
        return ""
    _amount, code = without_currency(f"1 {cell}")
    with suppress(Wrong):
        return code or read_code(INPUTS["currency"], cell)
    raise RejectedError(f"currency {cell[:20]!r} is not a code such as USD")


def price_in_usd(
    cell: str,
    told: str,
    as_of: str,
    usd_per: Mapping[str, float],
    read: Callable[[str], float],
) -> tuple[float, str]:
    """A price of a cell in USD, and how it was converted; empty where it is in USD.

    `told` is the currency that a column says, `read` reads the number. RejectedError where the
    two name different currencies, or nobody knows what one was worth.
    """
    # Most prices are digits and a point: nothing stands beside them.
    is_plain = cell.isascii() and cell.replace(".", "", 1).isdigit()
    amount, beside = (cell, "") if is_plain else without_currency(cell)
    if told and beside and told != beside:
        raise RejectedError(f"price is in {beside}, and its column says {told}")
    code = told or beside or USD
    if code == USD:
        return read(cell), ""
    return converted(read(amount if beside else cell), code, as_of, usd_per)


def converted(
    amount: float, currency: str, as_of: str, usd_per: Mapping[str, float]
) -> tuple[float, str]:
    """An amount in USD and the sentence that says how: at the rate given, else at a known one.

    A known rate is the newest of fx.csv on the day of the price; RejectedError without any.
    """
    if currency == USD:
        return amount, ""
    text = f"{amount:.10g}"
    if currency in usd_per:
        return in_usd(text, currency, usd_per[currency], "as given")
    known = _known(currency, first_day(as_of))
    if known is None:
        hint = f"give its value in USD with --usd-per {currency}=…"
        raise RejectedError(f"price is in {currency}, not converted; {hint}")
    return in_usd(text, currency, known[0], f"of {known[1]}")


@lru_cache(maxsize=1_024)
def _known(currency: str, day: str) -> tuple[float, str] | None:
    found = exchange_rate(load().exchange_rates, currency, day, lambda rate: first_day(rate.as_of))
    return (found.usd_per_unit, found.as_of) if found else None


def age_of_rate(currency: str, as_of: str) -> int:
    """How many days before a price the known rate of its currency is."""
    known = _known(currency, first_day(as_of))
    return age_days(known[1], first_day(as_of)) if known else 0
