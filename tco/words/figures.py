"""Every number as people read it: plain, of money, of shares, of time.

Amounts are given in USD and written in the currency in force: see `tco.words.currencies`.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence

from tco.words import currencies
from tco.words.currencies import Conversion, shown_in, sign

__all__ = ["Conversion", "shown_in", "sign"]

_PER_CENT = 100
# A space at which no line ends.
_FIXED = "\u00a0"
_PER_YEAR = 12
_SIGNIFICANT = 3
# Beyond these, amounts are written with a power of ten.
_LEAST_SHOWN, _MOST_SHOWN = 1 / 10**6, 10**15
# What is paid by the hour is told in cents.
_HOURLY = (" per GPU-hour", " per busy GPU-hour", " per kWh")
_MOST_PLACES = 15
_SIZES = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def number(value: float) -> str:
    """A plain number with three significant figures.

    >>> number(36.0), number(13.482), number(4_612.0)
    ('36', '13.5', '4,610')
    """
    text = f"{value:.{_SIGNIFICANT}g}"
    return f"{float(text):,.0f}" if "e+" in text and abs(value) < _MOST_SHOWN else text


def counted(count: float, noun: str) -> str:
    """So many of something, by the word for one of them.

    >>> counted(1, "GPU"), counted(100_000, "GPU"), counted(0, "line"), counted(13.482, "month")
    ('1 GPU', '100,000 GPUs', '0 lines', '13.5 months')
    """
    text = f"{count:,}" if isinstance(count, int) else number(count)
    return f"{text} {noun}{'' if text == '1' else 's'}"


def exact(value: float) -> str:
    """A number as it was typed, with commas.

    >>> exact(1.54), exact(10_000.0), exact(1e10)
    ('1.54', '10,000', '10,000,000,000')
    """
    is_whole = float(value).is_integer() and abs(value) < _MOST_SHOWN
    return f"{value:,.0f}" if is_whole else f"{value:,.10g}"


# A limit from here on is there to catch slips, and is not told.
_NO_LIMIT = 10**6


def span(low: float, high: float, low_open: bool = False, whole: bool = False) -> str:
    """Which values a number may have.

    >>> span(0, 1), span(0, 240, low_open=True), span(1, 72, whole=True)
    ('0 to 1', 'above 0, up to 240', 'whole, 1 to 72')
    >>> span(1, 10**6), span(0, 1e12, low_open=True), span(-0.5, 1)
    ('1 or more', 'above 0', '−0.5 to 1')
    """
    least, most = (_signed(end, exact(abs(end))) for end in (low, high))
    if high >= _NO_LIMIT:
        said = f"above {least}" if low_open else f"{least} or more"
    else:
        said = f"above {least}, up to {most}" if low_open else f"{least} to {most}"
    return f"whole, {said}" if whole else said


def tabled(value: float) -> str:
    """A number in a column of them.

    >>> tabled(4612.34567)
    '4,612.3457'
    """
    return f"{value:,.4f}"


def usd(amount: float, currency: str = "") -> str:
    """An amount in words of three significant figures, cents below 100 dollars.

    It is in USD and written in the currency in force, or it is in the currency that is named and
    stays in it: so here and in the other formatters of amounts.

    >>> usd(4812.3), usd(-0.4372), usd(12.0)
    ('$4,810', '−$0.437', '$12.00')
    >>> with shown_in(Conversion("EUR", 0.5, "2026-11-20")):
    ...     usd(4812.3), usd(-0.4372), usd(0)
    ('€2,410', '−€0.219', '€0')
    """
    return _worded(*_amount(amount, currency))


def _amount(amount: float, currency: str) -> tuple[float, str]:
    """An amount as it is written, and its currency."""
    if currency:
        return float(amount), currency
    return float(currencies.shown(amount)), currencies.code()


def _worded(amount: float, currency: str) -> str:
    """The same of an amount that is in its currency."""
    size, before = abs(amount), sign(currency)
    if size == 0:
        return f"{before}0"
    if not _LEAST_SHOWN <= size < _MOST_SHOWN:
        return _signed(amount, f"{before}{size:.{_SIGNIFICANT}g}")
    digits = _SIGNIFICANT - 1 - math.floor(math.log10(size))
    rounded = round(size, digits)
    places = max(digits, 2)
    if rounded >= 100:
        places = 0
    elif not currencies.decimals(currency):
        places = digits if rounded % 1 else 0
    return _signed(amount, f"{before}{rounded:,.{places}f}")


def money(amount: float, currency: str = "") -> str:
    """An amount as somebody typed it, to the cent.

    >>> money(1750.0), money(0.455), money(1609.5, "EUR"), money(1.54e10)
    ('$1,750', '$0.455', '€1,609.50', '$15,400,000,000')
    >>> with shown_in(Conversion("CHF", 0.5, "2026-11-20")):
    ...     money(3219), money(1609.5, "USD")
    ('CHF 1,609.50', '$1,609.50')
    """
    if not currency and currencies.conversion():
        # Ten digits are kept: more are rounding of the conversion.
        amount, currency = float(f"{currencies.shown(amount):.10g}"), currencies.code()
    places = currencies.decimals(currency)
    size, cents = abs(amount), round(amount, places)
    written = exact(size)
    if cents == amount:
        written = f"{size:,.{places}f}" if amount % 1 else f"{size:,.0f}"
    return _signed(amount, f"{sign(currency)}{written}")


def to_the_cent(amount: float) -> str:
    """An amount that was worked out, to the cent of the currency shown.

    >>> to_the_cent(-584.004), to_the_cent(0.455), to_the_cent(-0.001)
    ('−$584', '$0.46', '$0')
    >>> with shown_in(Conversion("EUR", 0.9, "2026-11-20")):
    ...     to_the_cent(29.96)
    '€26.96'
    """
    shown, currency = _amount(amount, "")
    rounded = round(shown, currencies.decimals(currency))
    return money(rounded + 0.0, currency)


def cents(amount: float) -> str:
    """An amount of a table whose currency stands at its head, to the cent.

    >>> cents(1609.5), cents(-50), cents(-0.001)
    ('1,609.50', '−50.00', '0.00')
    """
    return _signed(round(amount, 2), f"{abs(amount):,.2f}")


def _signed(amount: float, size: str) -> str:
    """The text of a size with the sign of its amount, a minus sign and no hyphen."""
    return f"−{size}" if amount < 0 else size


def whole_usd(amount: float, currency: str = "") -> str:
    """An amount in a sentence: three figures, without cents from ten dollars on.

    >>> whole_usd(4812.3), whole_usd(-12.4), whole_usd(0.5)
    ('$4,810', '−$12', '$0.500')
    >>> with shown_in(Conversion("JPY", 150, "2026-11-20")):
    ...     whole_usd(4812.3), whole_usd(-0.24)
    ('¥722,000', '−¥36')
    """
    return _whole(*_amount(amount, currency))


def _whole(amount: float, currency: str) -> str:
    if abs(amount) < 10:
        return _worded(amount, currency)
    return _worded(round(amount), currency).removesuffix(".00")


def dollars(amount: float, currency: str = "") -> str:
    """An amount of a table of finance, in whole dollars, or whole euros.

    >>> dollars(12_345.6), dollars(-480.2), dollars(-0.2), dollars(480.2, "EUR")
    ('$12,346', '−$480', '$0', '€480')
    >>> dollars(1e308)
    '$1e+308'
    """
    amount, currency = _amount(amount, currency)
    if abs(amount) >= _MOST_SHOWN:
        return _worded(amount, currency)
    whole = round(amount)
    return _signed(whole, f"{sign(currency)}{abs(whole):,}")


def rate_text(amount: float, currency: str = "") -> str:
    """A rate in whole cents where it is one, else in three digits.

    >>> rate_text(0.5), rate_text(0.745208), rate_text(-0.5)
    ('$0.50', '$0.745', '−$0.50')
    >>> with shown_in(Conversion("JPY", 150, "2026-11-20")):
    ...     rate_text(0.5), rate_text(0.123)
    ('¥75', '¥18.4')
    """
    return _hourly(*_amount(amount, currency))


def _hourly(amount: float, currency: str) -> str:
    places = currencies.decimals(currency) and 2
    if not round(amount * 10**places, 6).is_integer():
        return _worded(amount, currency)
    return _signed(amount, f"{sign(currency)}{abs(amount):,.{places}f}")


def short_usd(amount: float, currency: str = "") -> str:
    """An amount as narrow as labels need it.

    >>> short_usd(50781.4), short_usd(-1.2e6), short_usd(12.0), short_usd(50781.4, "EUR")
    ('$50.8k', '−$1.2M', '$12.00', '€50.8k')
    >>> short_usd(999_999.0), short_usd(1.44e12)
    ('$1M', '$1.44T')
    """
    amount, currency = _amount(amount, currency)
    amount = float(f"{amount:.{_SIGNIFICANT}g}")
    for size, letter in _SIZES:
        if abs(amount) >= size:
            return _signed(amount, f"{sign(currency)}{number(abs(amount) / size)}{letter}")
    return _worded(amount, currency)


def on_axis(amounts: Iterable[float], currency: str = "") -> list[str]:
    """Amounts along an axis, as narrow as there is room for; where one has cents, all have them.

    >>> on_axis([0.0, 0.5, 1.0]), on_axis([0.0, 0.025, 0.05]), on_axis([0.0, 5.0, 10.0])
    (['$0', '$0.50', '$1.00'], ['$0', '$0.025', '$0.050'], ['$0', '$5', '$10'])
    >>> on_axis([0.01, 0.1, 1.0, 100.0]), on_axis([-2_500.0, 0.0, 10_250.0])
    (['$0.01', '$0.10', '$1.00', '$100'], ['−$2.5k', '$0', '$10.25k'])
    """
    # Ten digits are kept: more are rounding.
    given = [float(f"{_amount(one, currency)[0]:.10g}") for one in amounts]
    currency = currency or currencies.code()
    least = 2 if currencies.decimals(currency) else 0
    most = max((_places(abs(one)) for one in given if abs(one) < _SIZES[-1][0]), default=0)
    return [_on_axis(one, currency, most and max(most, least), least) for one in given]


def _on_axis(amount: float, currency: str, most: int, least: int) -> str:
    """One of them; so many decimals at most, and the least of what has some at all."""
    size = abs(amount)
    for unit, letter in _SIZES:
        if size >= unit:
            return _signed(amount, f"{sign(currency)}{exact(float(f'{size / unit:.10g}'))}{letter}")
    if size < _LEAST_SHOWN:
        return _worded(amount, currency)
    places, own = most, _places(size)
    if size >= 100 and not own:
        places = 0
    elif most > least:
        places = max(own, min(most, max(least, _SIGNIFICANT - 1 - math.floor(math.log10(size)))))
    return _signed(amount, f"{sign(currency)}{size:,.{places}f}")


def _places(size: float) -> int:
    """How many decimals an amount has."""
    return next((at for at in range(_MOST_PLACES) if round(size, at) == size), _MOST_PLACES)


def step_text(amount: float, first_or_last: bool) -> str:
    """One bar of a waterfall: an amount, or a step with its sign; from ten dollars on in cents.

    >>> step_text(0.11, True), step_text(-0.108, False), step_text(0.0404, False)
    ('$0.110', '−$0.108', '+$0.040')
    >>> step_text(43.8356, True)
    '$43.84'
    """
    amount = currencies.shown(amount)
    places = currencies.decimals()
    places = (2 if abs(amount) >= 10 else 3) if places else (0 if abs(amount) >= 100 else 1)
    size = f"{sign()}{abs(amount):,.{places}f}"
    if first_or_last:
        return _signed(amount, size)
    return f"{'−' if amount < 0 else '+'}{size}"


def percent(share: float) -> str:
    """A share in words.

    >>> percent(0.05), percent(12.144), percent(-0.05)
    ('5 %', '1,214 %', '−5 %')
    """
    value = abs(share) * _PER_CENT
    return _signed(share, f"{value:,.0f} %" if value >= _PER_CENT else f"{number(value)} %")


def more_or_less(share: float) -> str:
    """A change of a value, as a share of it.

    >>> more_or_less(0.25), more_or_less(-0.0612)
    ('25 % more', '6.12 % less')
    """
    return f"{percent(abs(share))} {'less' if share < 0 else 'more'}"


def fixed_percent(share: float, decimals: int = 0) -> str:
    """A share with so many decimals: the odds, and with one their error.

    >>> fixed_percent(0.4567), fixed_percent(0.4567, 1)
    ('46 %', '45.7 %')
    """
    return f"{share * _PER_CENT:.{decimals}f} %"


def change_text(change: float, low: float | None = None, high: float | None = None) -> str:
    """A change a year in per cent, with its 10th and 90th percentile where they are known.

    >>> change_text(-0.05, -0.2, 0.15), change_text(0)
    ('−5 % a year (P10 −20 %, P90 +15 %)', '0 % a year')
    """

    def signed(share: float) -> str:
        rounded = round(share * _PER_CENT)
        return f"{'−' if rounded < 0 else '+' if rounded > 0 else ''}{abs(rounded)} %"

    said = f"{signed(change)} a year"
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return said
    return f"{said} (P10 {signed(low)}, P90 {signed(high)})"


def energy_text(kwh_per_month: float, kwh: float) -> str:
    """Energy in a full month, and in all.

    >>> energy_text(1_167.4, 42_025.3), energy_text(0, 0)
    ('1,170 kWh a month, 42 MWh in all', '0 kWh a month, 0 kWh in all')
    """
    in_all = f"{number(kwh / 1_000)} MWh" if kwh >= 1_000 else f"{number(kwh)} kWh"
    return f"{number(kwh_per_month)} kWh a month, {in_all} in all"


def emissions_text(co2_kg: float) -> str:
    """Emissions in tonnes; of less than one in kilograms.

    >>> emissions_text(16_810.1), emissions_text(512.3)
    ('16.8 t CO2', '512 kg CO2')
    """
    return f"{number(co2_kg / 1_000)} t CO2" if co2_kg >= 1_000 else f"{number(co2_kg)} kg CO2"


def period(months: float) -> str:
    """A time in words, in years where they are whole [months].

    >>> period(36), period(12), period(20.5)
    ('3 years', '1 year', '20.5 months')
    """
    years = months / _PER_YEAR
    if years.is_integer():
        return counted(years, "year")
    return months_text(months)


def months_text(months: float) -> str:
    """A time in months.

    >>> months_text(36), months_text(1), months_text(13.482)
    ('36 months', '1 month', '13.5 months')
    """
    return counted(float(months), "month")


def age(days: int) -> str:
    """How old something is [days].

    >>> age(59), age(1), age(0)
    ('59 days old', '1 day old', 'of that day')
    """
    return f"{counted(days, 'day')} old" if days else "of that day"


def day_text(dates: Iterable[str]) -> str:
    """From when to when things are dated, by dates of any precision.

    >>> day_text(["2026-07", "2025-11-30"]), day_text(["2026"])
    ('dated 2025-11-30 to 2026-07', 'dated 2026')
    """
    known = sorted(set(dates))
    if not known:
        return "undated"
    return f"dated {known[0]}" + (f" to {known[-1]}" if len(known) > 1 else "")


def quantity(value: float, unit: str) -> str:
    """A value in the unit in which people see it: dollars without cents where there are none.

    A value in USD is written in the currency in force, one in another currency as it is.

    >>> quantity(45, "%"), quantity(2900.0, "USD per GPU"), quantity(1.54, ""), quantity(-10, "%")
    ('45 %', '$2,900', '1.54', '−10 %')
    >>> quantity(0.5, "USD per GPU-hour"), quantity(44.0, "USD per GPU per month")
    ('$0.50', '$44')
    >>> quantity(1, "years"), quantity(1.5, "years"), quantity(2900.0, "EUR per GPU")
    ('1 year', '1.5 years', '€2,900')
    >>> quantity(7, "month")
    'month 7'
    """
    if unit == "month":  # of a year, not a time
        return f"{unit} {number(value)}"
    if currencies.of_unit(unit):
        value, currency = _of(value, unit)
        if _is_hourly(unit):
            return _hourly(value, currency)
        return _worded(value, currency).removesuffix(".00")
    size = abs(value)
    written = counted(float(size), unit[:-1]) if unit.endswith("s") else f"{number(size)} {unit}"
    return _signed(value, written.strip())


def spoken(value: float, unit: str) -> str:
    """The same in a sentence, with as few digits as the money needs.

    >>> spoken(0.5, "USD per GPU-hour"), spoken(1450.0, "USD per GPU"), spoken(45, "%")
    ('$0.50', '$1,450', '45 %')
    """
    if not currencies.of_unit(unit):
        return quantity(value, unit)
    value, currency = _of(value, unit)
    return _hourly(value, currency) if _is_hourly(unit) else _whole(value, currency)


def _is_hourly(unit: str) -> bool:
    return unit[3:] in _HOURLY


def _of(value: float, unit: str) -> tuple[float, str]:
    """A value of a unit of money as it is written, and its currency."""
    currency = currencies.of_unit(unit)
    return _amount(value, "" if currency == currencies.USD else currency)


def capital(text: str) -> str:
    """A text that begins with a capital letter.

    >>> capital("own site"), capital("")
    ('Own site', '')
    """
    return f"{text[:1].upper()}{text[1:]}"


def inside(text: str) -> str:
    """A text as it stands inside a sentence: without its capital, unless it is an abbreviation.

    >>> inside("Cost of selling"), inside("GPU price")
    ('cost of selling', 'GPU price')
    """
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"


# A spreadsheet takes text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Text of a cell that no spreadsheet runs and every reader of CSV reads.

    >>> harmless("=1+1"), harmless("L4")
    ("'=1+1", 'L4')
    """
    text = text.replace("\x00", "")
    safe = f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text
    return safe.replace("\r\n", "\n").replace("\r", "\n")


def as_written(text: str) -> str:
    """The text of a cell without the mark of `harmless`.

    >>> as_written("'=1+1"), as_written("'tis"), as_written(harmless("'-5"))
    ('=1+1', "'tis", "'-5")
    """
    is_marked = text.startswith("'") and text.lstrip("'").startswith(_FORMULA)
    return text[1:] if is_marked else text


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of so many characters at most; a number and its per cent stay together.

    >>> wrapped("below 46.2 % of all hours", 11)
    ['below', '46.2 % of', 'all hours']
    """
    lines = textwrap.wrap(
        text.replace(" %", f"{_FIXED}%"), width, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_FIXED, " ") for line in lines]


def in_columns(rows: Sequence[Sequence[str]], sides: str) -> str:
    """Rows of text as lines of a table, each column to its side: < to the left, > to the right.

    >>> print(in_columns([("NPV", "$4,082"), ("Payback", "never")], "<>"), end="")
    NPV      $4,082
    Payback   never
    """
    widths = [max(len(row[at]) for row in rows) for at in range(len(sides))]
    lines = (
        "  ".join(f"{t:{s}{w}}" for t, s, w in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    )
    return "".join(f"{line}\n" for line in lines)
