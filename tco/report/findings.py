"""What a chart shows, said in a sentence: its title, and its text for those who do not see it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tco.reason import number, usd

if TYPE_CHECKING:
    from tco.answer import Breakeven
    from tco.report.offers import Band

_PER_CENT = 100
_CENTS = 2
_DIGITS = 6


def rate_text(amount: float) -> str:
    """A rate in whole cents where it is one, else in three digits.

    >>> rate_text(0.5), rate_text(0.745208)
    ('$0.50', '$0.745')
    """
    whole = round(amount * _PER_CENT, _DIGITS).is_integer()
    return f"${amount:,.{_CENTS}f}" if whole else usd(amount)


def short_usd(amount: float) -> str:
    """An amount as narrow as labels need it.

    >>> short_usd(50781.4), short_usd(-1.2e6), short_usd(12.0)
    ('$50.8k', '-$1.2M', '$12.00')
    """
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if abs(amount) >= size:
            return f"{'-' if amount < 0 else ''}${number(abs(amount) / size)}{letter}"
    return usd(amount)


def step_text(amount: float, first_or_last: bool) -> str:
    """One bar of a waterfall: an amount, or a step with its sign.

    >>> step_text(0.11, True), step_text(-0.108, False), step_text(0.0404, False)
    ('$0.110', '−$0.108', '+$0.040')
    """
    if first_or_last:
        return f"${amount:,.3f}"
    return f"{'−' if amount < 0 else '+'}${abs(amount):,.3f}"


def payback_title(answer: Breakeven, months: float) -> str:
    """Which side costs less, and from when on."""
    over = f"{number(months)} months"
    if answer.status == "immediate":
        return "Owning costs less from the first day on"
    if answer.status == "breaks_even":
        return f"Owning costs less from month {number(answer.months)} on"
    if answer.status == "reverses":
        return f"Owning is ahead for a while, but not after {over}"
    if answer.npv_saving_usd > 0:
        return f"Owning pays only through resale: no payback within {over} before it"
    return f"Renting costs less all through the {over}"


def totals_sentence(answer: Breakeven, months: float, own: float) -> str:
    """Both sides over the horizon; `own` is owning before its resale [USD]."""
    return (
        f"Over {number(months)} months owning adds up to {usd(own)} "
        f"({usd(answer.own_npv_usd)} after resale) and renting to {usd(answer.rent_npv_usd)}."
    )


def rate_title(utilization: float | None, fair: float) -> str:
    """Below which rate renting wins; without a utilisation, at any.

    >>> rate_title(0.5, 0.518)
    'At 50 % busy, renting wins below $0.518 per GPU-hour'
    """
    busy = "Busy or not"
    if utilization is not None:
        busy = f"At {number(utilization * _PER_CENT)} % busy"
    if not math.isfinite(fair):
        return f"{busy}, no rental rate makes both sides equal"
    if fair <= 0:
        return f"{busy}, owning wins at any rental rate"
    return f"{busy}, renting wins below {usd(fair)} per GPU-hour"


def offers_sentence(band: Band | None) -> str:
    """Where the offers lie."""
    if band is None:
        return "No offers are known."
    return f"Offers lie between {rate_text(band.low)} and {rate_text(band.high)} per GPU-hour."


def steps_title(card: float, honest: float) -> str:
    """The card alone, and everything counted [USD per hour].

    >>> steps_title(0.11, 0.55)
    'The card alone is $0.110 per hour; counted honestly, owning is $0.550 per busy hour'
    """
    return (
        f"The card alone is {usd(card)} per hour; "
        f"counted honestly, owning is {usd(honest)} per busy hour"
    )
