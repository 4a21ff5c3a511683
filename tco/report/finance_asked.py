"""What the finance part of the page Report asks beside a scenario: the offer of a lease.

It is no input of the scenario: the answer does not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from tco.finance.lease import LeaseRate, lease_rate
from tco.inputs.declaration import Param
from tco.inputs.labels import in_labels
from tco.report.facts import Figure
from tco.words.figures import counted, dollars, fixed_percent

_MOST_USD, _MOST_MONTHS = 10**12, 1_200
_number = partial(Param, group="lease offer", kind="number", high=_MOST_USD)
# The numbers of an offer that is typed in, by the names that `tco.lease_rate` has for them.
OFFER: dict[str, Param] = {
    one.name: one
    for one in (
        _number(
            name="payment_usd",
            meaning="each payment of the lease",
            label="Each payment",
            unit="USD",
        ),
        _number(
            kind="integer",
            name="months",
            meaning="length of the lease in whole months",
            label="Length",
            unit="months",
            low=1,
            high=_MOST_MONTHS,
        ),
        _number(
            name="value_usd",
            meaning="price of what is leased, if it were bought",
            label="Price if bought",
            unit="USD",
            low_open=True,
        ),
        _number(
            name="residual_usd",
            meaning="the buyout price, or the market value of what goes back",
            label="Residual at the end",
            unit="USD",
        ),
        _number(
            name="fee_usd",
            meaning="paid once at the start",
            label="Fee at the start",
            unit="USD",
        ),
    )
}
# What an offer needs before it has a rate.
NEEDED = ("payment_usd", "months", "value_usd")
INTERVALS = {1: "Every month", 3: "Every quarter", 6: "Every half-year", 12: "Every year"}
TIMES = {True: "In advance", False: "In arrears"}
_PERIODS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
_DECIMALS = 3


def rate_of_offer(told: Mapping[str, float | None], interval: int, in_advance: bool) -> LeaseRate:
    """The rate inside an offer as it was typed in; a residual or fee that is not given is none.

    InputError says in labels why there is no rate.

    >>> offer = {"payment_usd": 2_900, "months": 36, "value_usd": 100_000, "residual_usd": 10_000}
    >>> round(rate_of_offer(offer, 1, True).nominal_rate, 5)
    0.08681
    """
    known: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    return lease_rate(**known, interval_months=interval, in_advance=in_advance)


def offer_in_labels(message: str) -> str:
    """A message about an offer with labels in the place of names.

    >>> offer_in_labels("value_usd = 1 is paid at the start already")
    '“Price if bought” = 1 is paid at the start already'
    """
    return in_labels(message, OFFER)


def rate_figures(found: LeaseRate) -> list[Figure]:
    """The rate inside a lease as key figures: title, value, and what stands under it.

    >>> found = lease_rate(2_900, 36, 100_000, residual_usd=10_000, in_advance=True)
    >>> [(title, value) for title, value, _, _ in rate_figures(found)][:2]
    [('Nominal rate', '8.681 %'), ('Effective rate', '9.035 %')]
    """
    period = _PERIODS.get(found.interval_months, f"{found.interval_months} months")
    per_period = f"{_rate(found.rate_per_payment)} a {period}"
    paid = counted(found.payments, "payment")
    paid += " and the fee" if found.fee_usd else ""
    above = "all payments and the residual, less the price"
    return [
        (
            "Nominal rate",
            _rate(found.nominal_rate),
            f"a year (APR): {per_period}",
            "",
        ),
        (
            "Effective rate",
            _rate(found.effective_rate),
            "a year, with compounding",
            "",
        ),
        ("Paid in all", dollars(found.total_paid_usd), paid, ""),
        ("Interest", dollars(found.interest_usd), above, ""),
    ]


def _rate(share: float) -> str:
    """A rate as offers are compared: to a thousandth of a per cent."""
    return f"{'−' if share < 0 else ''}{fixed_percent(abs(share), _DECIMALS)}"
