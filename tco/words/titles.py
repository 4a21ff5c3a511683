"""What charts of money find, as their titles say it."""

from __future__ import annotations

from tco.words.figures import rate_text, usd


def waterfall_title(side: str, first: float, last: float) -> str:
    """From which price to which full cost the steps of a side lead [USD per GPU-hour].

    >>> waterfall_title("rent", 0.598, 0.629)
    'The rental rate is $0.598; the full cost of renting is $0.629 per busy hour'
    """
    if side == "rent":
        start, what = f"The rental rate is {rate_text(first)}", "renting"
    else:
        start, what = f"The card alone costs {usd(first)} per hour", "owning"
    return f"{start}; the full cost of {what} is {usd(last)} per busy hour"
