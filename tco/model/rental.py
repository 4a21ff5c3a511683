"""What renting takes: the hours that are billed, and the months of a commitment."""

from __future__ import annotations

from tco.inputs import Inputs
from tco.numeric import Numeric, ceil, select


def compute_usd(v: Inputs) -> Numeric:
    """The GPU-hours that are billed in a full first month [USD]."""
    busy_share = v.utilization * (1 + v.billing_overhead)
    billed = select(v.billing == "per_use", busy_share, 1)
    return v.gpus * v.hours_per_month * billed * v.rate_usd_per_gpu_hour


def bill_by_use(v: Inputs) -> tuple[Numeric, Numeric]:
    """A full first month's bill of renting the busy hours by use, whatever `billing` is [USD].

    The part that moves with the rental rate, and the part that moves with operating costs.
    """
    hours = v.gpus * v.hours_per_month * v.utilization * (1 + v.billing_overhead)
    compute = hours * v.rate_usd_per_gpu_hour
    return compute * (1 + v.support_rate), v.gpus * v.storage_egress_usd_per_gpu_month


def unused_months(v: Inputs, t: Numeric) -> Numeric:
    """Months of the running commitment that are still to be paid when one stops at t."""
    paid_for = ceil(t / v.commitment_months) * v.commitment_months
    return select(v.billing == "committed", paid_for - t, 0)
