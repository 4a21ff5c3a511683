"""The five tests of a lease, each as a sentence of plain numbers."""

from __future__ import annotations

from tco.words.figures import exact, fixed_percent

# What agrees in so many decimals of a per cent is the same: a rounding error is forgiven.
_MOST_DECIMALS = 6


def share_text(share: float, threshold: float, decimals: int = 0) -> str:
    """A share with more decimals where fewer would make the threshold of it, which it is not.

    >>> share_text(0.7458, 0.75), share_text(0.8999, 0.9, 1), share_text(0.75, 0.75)
    ('74.6 %', '89.99 %', '75 %')
    """
    for places in range(decimals, _MOST_DECIMALS + 1):
        if (text := fixed_percent(share, places)) != fixed_percent(threshold, places):
            return text
    return fixed_percent(threshold, decimals)


def transfer_sentence(is_met: bool, is_bought: bool) -> str:
    """Whether ownership passes to the lessee, and whether the plan has it so.

    >>> transfer_sentence(False, False)
    'Ownership stays with the lessor at lease end.'
    """
    if not is_met:
        return "Ownership stays with the lessor at lease end."
    passes = "Ownership passes to the lessee at lease end"
    if is_bought:
        return f"{passes}."
    back = "in the cash view the hardware goes back: enter what buying it costs, 1 if nothing"
    return f"{passes}, but {back}."


def option_sentence(is_met: bool, is_bought: bool, at_market: bool, share: float | None) -> str:
    """What the purchase at the end costs, as a share of the market value then; None for no value.

    >>> option_sentence(True, True, False, 0.25)
    'The buyout price is 25 % of the market value at lease end: exercise is reasonably certain.'
    >>> option_sentence(False, False, False, None)
    'The hardware is not bought at lease end.'
    """
    if not is_bought:
        return "The hardware is not bought at lease end."
    if at_market:
        return (
            "The hardware is bought at its fair market value: exercise is not reasonably certain."
        )
    if share is None:
        return "The hardware is expected to be worth nothing: exercise is not reasonably certain."
    certain = "exercise is reasonably certain" if is_met else "not a bargain purchase option"
    price = share_text(share, 1)
    return f"The buyout price is {price} of the market value at lease end: {certain}."


def term_sentence(is_met: bool, term: float, life: float, least: float) -> str:
    """How much of the economic life the term takes [months], beside the share that counts.

    >>> term_sentence(False, 36, 60, 0.75)
    'The term of 36 months is 60 % of the economic life of 60 months, less than 75 %.'
    """
    months = f"term of {exact(term)} months is {share_text(term / life, least)}"
    return f"The {months} of the economic life of {exact(life)} months, {_than(is_met, least)}."


def payments_sentence(is_met: bool, share: float | None, rate: float, least: float) -> str:
    """The present value of the payments as a share of the price, beside the share that counts.

    >>> payments_sentence(True, 0.923, 0.08, 0.9)
    'The present value of the payments at 8.0 % a year is 92.3 % of the fair value, at least 90 %.'
    """
    if share is None:
        return "What is leased has no fair value, so any payment is all of it."
    present = f"The present value of the payments at {fixed_percent(rate, 1)} a year"
    worth = share_text(share, least, 1)
    return f"{present} is {worth} of the fair value, {_than(is_met, least)}."


def use_sentence(is_met: bool) -> str:
    """Whether what is leased is of use to nobody else.

    >>> use_sentence(False)
    'The lessor can lease the hardware to others afterwards.'
    """
    if is_met:
        return "The hardware is so specialized that the lessor has no other use for it."
    return "The lessor can lease the hardware to others afterwards."


def _than(is_met: bool, least: float) -> str:
    return f"{'at least' if is_met else 'less than'} {fixed_percent(least)}"
