"""What charts of money find, as their titles say it."""

from __future__ import annotations

from tco.words.figures import months_text, number, period, rate_text, short_usd, usd


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


# Which side costs less, and from when on, by what is the case; in the braces the month of the
# payback, and the holding period.
PAYBACK_TITLES = {
    "immediate": "Owning costs less from day one",
    "first_month": "Owning costs less after the first month",
    "breaks_even": "Owning costs less from month {month} on",
    "reverses": "Owning is ahead for a while, but not after {over}",
    "resale": "Owning pays only through resale: no payback within {over} without it",
    "never": "Renting costs less for the full {over}",
}


def payback_title(status: str, payback: float, saving: float, months: float) -> str:
    """Which side costs less, and from when on [months; USD that buying saves].

    >>> payback_title("breaks_even", 13.482, 900, 36), payback_title("never", 0, -9, 36)
    ('Owning costs less from month 13.5 on', 'Renting costs less for the full 36 months')
    """
    case = status
    if status == "breaks_even" and payback < 1:
        case = "first_month"
    elif status == "never" and saving > 0:
        case = "resale"
    return PAYBACK_TITLES[case].format(month=number(payback), over=months_text(months))
