"""The rate implicit in the offer of a lease: what it costs as a loan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tco.errors import InputError, Problem, shown
from tco.finance.discounting import compound_interest
from tco.finance.returns import irr
from tco.numeric import MONTHS_PER_YEAR

_MOST_MONTHS = 1_200
# What each amount of an offer means.
MONEY = {
    "payment_usd": "amount of each lease payment",
    "value_usd": "cash price of what is leased",
    "residual_usd": "value at the end: the buyout price, or the market value of what is returned",
    "fee_usd": "fee paid once at the start",
}


@dataclass(frozen=True, kw_only=True)
class LeaseRate:
    """A lease as a loan of the value of what is leased: its terms, and the rate implicit in them.

    `rate_per_payment` is the interest from one payment to the next, `nominal_rate` that times the
    payments in a year (an APR), `effective_rate` the same with compounding; negative where the
    lessee pays back less than the value. `payments` are so many, and `interest_usd` is all that is
    paid and left above the value [USD].
    """

    nominal_rate: float
    effective_rate: float
    rate_per_payment: float
    payments: int
    total_paid_usd: float
    interest_usd: float
    payment_usd: float
    months: int
    value_usd: float
    residual_usd: float
    in_advance: bool
    interval_months: int
    fee_usd: float


def lease_rate(
    payment_usd: float,
    months: int,
    value_usd: float,
    *,
    residual_usd: float = 0,
    in_advance: bool = False,
    interval_months: int = 1,
    fee_usd: float = 0,
) -> LeaseRate:
    """The interest rate implicit in the offer of a lease or a loan.

    One offer. `payment_usd` is each payment [USD], due every `interval_months` (1 to 12; 3:
    quarterly) for `months` (a multiple of it), at the end of each interval or `in_advance`.
    `value_usd` is the price of what is leased, `residual_usd` what is left of it at the end: the
    buyout price, or the market value of what is returned; `fee_usd` is paid at the start. The rate
    i per interval solves value = fee + sum of payment / (1 + i) ** k + residual / (1 + i) ** n,
    with k from 0 in advance, else from 1. Payments that are not negative have exactly one such
    rate above -1, unless what is due at the start is all of the value or nothing is due later: that
    is an `InputError`, and so is a number outside its domain. Source: Ross, Westerfield, Jordan,
    Fundamentals of Corporate Finance; FASB ASC 842-10-20, rate implicit in the lease.

    >>> offer = lease_rate(2_900, 36, 100_000, residual_usd=10_000, in_advance=True)
    >>> round(offer.nominal_rate, 5), round(offer.effective_rate, 5), offer.total_paid_usd
    (0.08681, 0.09035, 104400.0)
    """
    amounts = {
        "payment_usd": payment_usd,
        "value_usd": value_usd,
        "residual_usd": residual_usd,
        "fee_usd": fee_usd,
    }
    problems = [problem for name, usd in amounts.items() if (problem := _money(name, usd))]
    problems += _times(months, interval_months)
    if not isinstance(in_advance, bool) and in_advance not in (0, 1):
        message = (
            f"in_advance = {shown(in_advance)}: give true or false (paid at the start of each)"
        )
        problems.append(Problem("in_advance", message))
    if problems:
        raise InputError(problems)
    payment, value, residual, fee = map(float, amounts.values())
    count, interval = int(months) // int(interval_months), int(interval_months)
    at_start = fee + (payment if in_advance else 0)
    later = [payment] * count
    if in_advance:
        later = [*later[1:], 0.0]
    later[-1] += residual
    if at_start >= value:
        message = (
            f"value_usd = {value:g} is paid at the start already ({at_start:g}): nothing is lent, "
            f"so there is no rate ({MONEY['value_usd']})"
        )
        raise InputError([Problem("value_usd", message)])
    rates = irr([value - at_start, *(-usd for usd in later)]) if any(later) else ()
    if not rates:
        message = (
            f"payment_usd = {payment:g} leaves nothing to pay after the start, so there is no rate "
            f"({MONEY['payment_usd']})"
        )
        raise InputError([Problem("payment_usd", message)])
    (rate,) = rates
    per_year = MONTHS_PER_YEAR / interval
    total = fee + count * payment
    effective = float(compound_interest(rate, per_year))
    if not math.isfinite(effective) or not math.isfinite(total + residual):
        message = (
            f"payment_usd = {payment:g} is out of all proportion to value_usd = {value:g}: the "
            f"rate is too large for a number ({MONEY['payment_usd']})"
        )
        raise InputError([Problem("payment_usd", message)])
    return LeaseRate(
        nominal_rate=rate * per_year,
        effective_rate=effective,
        rate_per_payment=rate,
        payments=count,
        total_paid_usd=total,
        interest_usd=total + residual - value,
        payment_usd=payment,
        months=count * interval,
        value_usd=value,
        residual_usd=residual,
        in_advance=bool(in_advance),
        interval_months=interval,
        fee_usd=fee,
    )


def _money(name: str, usd: Any) -> Problem | None:
    low = "(0" if name == "value_usd" else "[0"
    holds = _is_number(usd) and math.isfinite(usd) and (usd > 0 or (usd == 0 and low == "[0"))
    wrong = "is outside" if _is_number(usd) else "is not a number in"
    message = f"{name} = {shown(usd)} {wrong} {low}, inf): {MONEY[name]}, in USD"
    return None if holds else Problem(name, message)


def _times(months: Any, interval: Any) -> list[Problem]:
    found = []
    if not _is_whole(interval) or not 1 <= interval <= MONTHS_PER_YEAR:
        message = (
            f"interval_months = {shown(interval)} is outside [1, {MONTHS_PER_YEAR}]: whole months "
            "from one payment to the next"
        )
        found.append(Problem("interval_months", message))
    if not _is_whole(months) or not 1 <= months <= _MOST_MONTHS:
        message = (
            f"months = {shown(months)} is outside [1, {_MOST_MONTHS}]: length of the lease in "
            "whole months"
        )
        found.append(Problem("months", message))
    if not found and months % interval:
        message = (
            f"months = {months} is no multiple of interval_months = {interval}: the payments would "
            "not end with the lease"
        )
        found.append(Problem("months", message))
    return found


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, (str, bytes, bool)) and float(value) == value
    except (TypeError, ValueError, OverflowError):
        return False


def _is_whole(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value) and int(value) == value
