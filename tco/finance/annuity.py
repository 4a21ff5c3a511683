"""Level payments: present value, capital recovery, equivalent cost; lease or buy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from tco.errors import InputError, Problem
from tco.finance.discounting import (
    compound_interest,
    discount_factor,
    finite,
    require,
    require_rate,
)
from tco.numeric import Numeric, any_true, is_formula, select


def present_value_of_annuity(payment_usd: Any, rate: Any, periods: Any) -> Numeric:
    """Present value of a level payment at the end of each period [USD].

    Broadcast shape of the inputs. payment * (1 - (1 + r) ** -n) / r, at r = 0 the limit
    payment * n; `rate` > -1 per period, `periods` >= 0 and may be broken, else `InputError`, and so
    is a value beyond the largest float. Paid at the start of each period it is (1 + r) times as
    much. Source: Newnan, Eschenbach, Lavelle, Engineering Economic Analysis.

    >>> round(present_value_of_annuity(100.0, 0.08, 5), 2)
    399.27
    >>> present_value_of_annuity(100.0, 0.0, 60)
    6000.0
    """
    if is_formula(rate):
        written: Numeric = payment_usd * rate.annuity(periods)
        return written
    require_rate(rate)
    holds = (periods >= 0) & finite(periods)
    require(holds, "periods", periods, "[0, inf)", "number of level payments")
    flat = 1 + (periods + 1) * rate == 1  # the series in r begins n - n (n + 1) r / 2
    discounted = -compound_interest(rate, -periods)
    factor: Any = select(flat, periods + 0 * rate, discounted / select(flat, 1, rate))
    if any_true(factor == math.inf):
        message = f"rate = {rate!r} over periods = {periods!r}: beyond the largest float"
        raise InputError([Problem("rate", message)])
    value: Numeric = payment_usd * factor
    return value


def capital_recovery_factor(rate: Any, periods: Any) -> Numeric:
    """Level payment per unit of capital [1/period].

    Broadcast shape of the inputs. r / (1 - (1 + r) ** -n), at r = 0 the limit 1 / n; `rate` > -1
    per period, `periods` > 0, else `InputError`. Source: Newnan, Eschenbach, Lavelle.

    >>> round(capital_recovery_factor(0.08, 5), 6), capital_recovery_factor(0.0, 5)
    (0.250456, 0.2)
    """
    if is_formula(rate):
        written: Numeric = rate.payment(periods)
        return written
    return equivalent_cost_per_period(1, rate, periods)


def equivalent_cost_per_period(present_value_usd: Any, rate: Any, periods: Any) -> Numeric:
    """Level cost at the end of each period that is worth a present value [USD/period].

    With years as periods it is the equivalent annual cost, which ranks alternatives of unequal
    lives only if each is replaced at the same price. Broadcast shape of the inputs; domain, limit,
    errors and source as `capital_recovery_factor`.

    >>> round(equivalent_cost_per_period(10_000, 0.08 / 12, 10), 2)
    1037.03
    """
    holds = periods > 0
    require(holds, "periods", periods, "(0, inf)", "periods over which a cost is spread")
    cost: Numeric = present_value_usd / present_value_of_annuity(1, rate, periods)
    return cost


def net_advantage_to_leasing(
    saved: Iterable[tuple[Any, Any]],
    residual: Iterable[tuple[Any, Any]],
    after_tax_debt_rate: Any,
    residual_rate: Any,
) -> Numeric:
    """What leasing saves against buying, present value [USD]; positive: lease.

    Flows are (months from the start, USD), each what buying costs less what leasing costs, after
    tax. `saved` are those as certain as debt: the purchase that a lease avoids, its payments and
    the depreciation shields that it gives up (negative). `residual` is what is given up at the end
    (negative). Both rates are effective annual, > -1, else `InputError`. Source: Ross, Westerfield,
    Jordan, Fundamentals of Corporate Finance, chapter on leasing.

    >>> flows = [(0, 10_000), *((12 * year, -1_650 - 680) for year in range(1, 6))]
    >>> round(net_advantage_to_leasing(flows, [], 0.05, 0.05), 2)
    -87.68
    """
    require_rate(after_tax_debt_rate, "after_tax_debt_rate")
    require_rate(residual_rate, "residual_rate")
    certain: Any = sum(usd * discount_factor(after_tax_debt_rate, t) for t, usd in saved)
    given_up: Any = sum(usd * discount_factor(residual_rate, t) for t, usd in residual)
    total: Numeric = certain + given_up
    return total
