"""Lease or buy, at the rates that fit each of the flows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tco.finance.discounting import discount_factor
from tco.finance.domain import require_rate

if TYPE_CHECKING:
    from tco.numeric import Numeric


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
