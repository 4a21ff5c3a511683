"""What charts of money find, as their titles say it."""

from __future__ import annotations

from tco.words.figures import period, rate_text, short_usd, usd


def waterfall_title(side: str, first: float, last: float) -> str:
    """From which price to which full cost the steps of a side lead [USD per GPU-hour].

    >>> waterfall_title("rent", 0.598, 0.629)
    'The rate is $0.598 per hour, the full cost $0.629 per busy hour'
    >>> waterfall_title("own", 0, 0.475)  # leased
    'No card is bought; the full cost is $0.475 per busy hour'
    """
    if side == "own" and not first:
        return f"No card is bought; the full cost is {usd(last)} per busy hour"
    price = f"The rate is {rate_text(first)}" if side == "rent" else f"The card is {usd(first)}"
    return f"{price} per hour, the full cost {usd(last)} per busy hour"


def bridge_title(rent: float, own: float, horizon_months: float) -> str:
    """From what renting costs to what owning costs [USD], and which of them saves how much.

    >>> bridge_title(58_054, 53_973, 36)
    'Over 3 years renting costs $58.1k, owning $54k: buying saves $4.08k'
    """
    costs = (
        f"Over {period(horizon_months)} renting costs {short_usd(rent)}, owning {short_usd(own)}"
    )
    if round(own - rent) == 0:
        return f"{costs}: the same"
    side = "buying" if own < rent else "renting"
    return f"{costs}: {side} saves {short_usd(abs(own - rent))}"
