"""What renting takes: the hours that are billed, and the months of a commitment."""

from __future__ import annotations

from typing import Any

from tco.inputs import INPUTS, Inputs
from tco.numeric import Numeric, Truth, any_true, ceil, divide, infinity, select, smaller

_CAP = "rate_cap_usd_per_gpu_month"
# What a bill without a cap is a straight line of, each alone.
_BILLED = (
    *("utilization", "hours_per_month", "rate_usd_per_gpu_hour", "billing_overhead"),
    _CAP,
)


def compute_usd(v: Inputs) -> Numeric:
    """The GPU-hours that are billed in a full first month [USD]."""
    return v.gpus * bill_of_gpu(v, billed_share(v))


def billed_share(v: Inputs) -> Numeric:
    """The share of all hours that is billed."""
    return select(v.billing == "per_use", used_share(v), 1)


def is_capped(v: Inputs) -> Truth:
    """Whether the monthly cap cuts a full first month's bill.

    >>> from tco.scenario import Scenario
    >>> case = dict(rate_usd_per_gpu_hour=1, rate_cap_usd_per_gpu_month=292, utilization=0.5)
    >>> bool(is_capped(Inputs.of(Scenario(**case).values())))
    True
    """
    by_hours: Any = v.hours_per_month * billed_share(v) * v.rate_usd_per_gpu_hour
    capped: Truth = by_hours > v.rate_cap_usd_per_gpu_month
    return capped


def bill_by_use(v: Inputs) -> tuple[Numeric, Numeric]:
    """A full first month's bill of renting the busy hours by use, whatever `billing` is [USD].

    The part that moves with the rental rate, and the part that moves with operating costs.
    """
    compute = v.gpus * bill_of_gpu(v, used_share(v))
    return compute * (1 + v.support_rate), v.gpus * v.storage_egress_usd_per_gpu_month


def used_share(v: Inputs) -> Numeric:
    """The share of all hours that is billed by use."""
    return v.utilization * (1 + v.billing_overhead)


def bill_of_gpu(v: Inputs, billed_share: Numeric) -> Numeric:
    """A GPU's bill for a full first month in which that share of the hours is billed [USD]."""
    by_hours = v.hours_per_month * billed_share * v.rate_usd_per_gpu_hour
    return smaller(by_hours, v.rate_cap_usd_per_gpu_month)


def capped_at(v: Inputs, name: str) -> list[Any]:
    """Where the cap begins or ceases to count as one input moves; nowhere without a cap.

    >>> from tco.scenario import Scenario
    >>> case = dict(rate_usd_per_gpu_hour=1, rate_cap_usd_per_gpu_month=292, billing_overhead=0)
    >>> capped_at(Inputs.of(Scenario(**case).values()), "utilization")
    [0.4]
    """
    is_capped = name == _CAP or any_true(v.rate_cap_usd_per_gpu_month < INPUTS[_CAP].high)
    if name not in _BILLED or not is_capped:
        return []
    low, high = INPUTS[name].low, INPUTS[name].high
    none = infinity(v.hours_per_month)
    ends = [_beyond_cap(v.with_value(name, end)) for end in (low, high)]
    return [
        low - divide(below * (high - low), above - below, none)
        for below, above in zip(*ends, strict=True)
    ]


def _beyond_cap(v: Inputs) -> list[Any]:
    """By how much a month's bill would exceed the cap [USD]: that of renting, and by use.

    Until a delivery the busy hours are rented by use, whatever the billing.
    """
    shares = [billed_share(v)]
    if any_true(v.delivery_months > 0):
        shares.append(select(v.delivery_months > 0, used_share(v), 0))
    monthly = [v.hours_per_month * share * v.rate_usd_per_gpu_hour for share in shares]
    return [usd - v.rate_cap_usd_per_gpu_month for usd in monthly]


def uncapped(v: Inputs) -> Inputs:
    """The same inputs without a cap."""
    return v.with_value(_CAP, INPUTS[_CAP].high)


def terms_begun(v: Inputs, t: Numeric) -> Numeric:
    """The terms of a commitment that begin before t; the first begins with the purchase.

    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(commitment_months=12).values())
    >>> [terms_begun(v, t) for t in (11.5, 12.0, 12.5)]
    [1.0, 1.0, 2.0]
    """
    return ceil(t / v.commitment_months)


def unused_months(v: Inputs, t: Numeric, begun: Numeric) -> Numeric:
    """Months of so many terms that are still to be paid when one stops at t."""
    return select(v.billing == "committed", begun * v.commitment_months - t, 0)
