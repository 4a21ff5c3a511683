"""The five tests of a lease, each as a sentence of plain numbers."""

from __future__ import annotations

from tco.words.figures import exact, fixed_percent


def transfer_sentence(is_met: bool) -> str:
    """Whether ownership passes to the lessee.

    >>> transfer_sentence(False)
    'Ownership stays with the lessor at lease end.'
    """
    to = "passes to the lessee" if is_met else "stays with the lessor"
    return f"Ownership {to} at lease end."


def option_sentence(is_bought: bool, at_market: bool, share: float | None) -> str:
    """What the purchase at the end costs, as a share of the market value then; None for no value.

    >>> option_sentence(True, False, 0.25)
    'The buyout price is 25 % of the market value at lease end: exercise is reasonably certain.'
    >>> option_sentence(False, False, None)
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
    certain = "exercise is reasonably certain" if share < 1 else "not a bargain purchase option"
    price = fixed_percent(share)
    return f"The buyout price is {price} of the market value at lease end: {certain}."


def term_sentence(term: float, life: float, least: float) -> str:
    """How much of the economic life the term takes [months], beside the share that counts.

    >>> term_sentence(36, 60, 0.75)
    'The term of 36 months is 60 % of the economic life of 60 months, less than 75 %.'
    """
    than = _than(term / life, least)
    months = f"term of {exact(term)} months is {fixed_percent(term / life)}"
    return f"The {months} of the economic life of {exact(life)} months, {than}."


def payments_sentence(share: float | None, rate: float, least: float) -> str:
    """The present value of the payments as a share of the price, beside the share that counts.

    >>> payments_sentence(0.923, 0.08, 0.9)
    'The present value of the payments at 8.0 % a year is 92.3 % of the fair value, at least 90 %.'
    """
    if share is None:
        return "What is leased has no fair value, so any payment is all of it."
    than = _than(share, least)
    worth, yearly = fixed_percent(share, 1), fixed_percent(rate, 1)
    present = f"The present value of the payments at {yearly} a year"
    return f"{present} is {worth} of the fair value, {than}."


def use_sentence(is_met: bool) -> str:
    """Whether what is leased is of use to nobody else.

    >>> use_sentence(False)
    'The lessor can lease the hardware to others afterwards.'
    """
    if is_met:
        return "The hardware is so specialized that the lessor has no other use for it."
    return "The lessor can lease the hardware to others afterwards."


def _than(share: float, least: float) -> str:
    return f"{'at least' if share >= least else 'less than'} {fixed_percent(least)}"
