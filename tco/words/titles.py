"""What charts of money find, as their titles say it."""

from __future__ import annotations

from tco.words.figures import rate_text, usd


def waterfall_title(side: str, first: float, last: float) -> str:
    """From which price to which full cost the steps of a side lead [USD per GPU-hour].

    >>> waterfall_title("rent", 0.598, 0.629)
    'The rate is $0.598 per hour, the full cost $0.629 per busy hour'
    """
    price = f"The rate is {rate_text(first)}" if side == "rent" else f"The card is {usd(first)}"
    return f"{price} per hour, the full cost {usd(last)} per busy hour"
