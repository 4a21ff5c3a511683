"""What people call an input beside its widget, short."""

from __future__ import annotations

from tco.inputs import INPUTS
from tco.report.display import unit
from tco.report.sentences import called

_LABELS = {
    "gpus": "Number of GPUs",
    "price_usd_per_gpu": "GPU price",
    "rate_usd_per_gpu_hour": "Rental rate",
    "rate_growth_per_year": "Change of the rental rate",
    "utilization": "Busy hours",
    "horizon_months": "Years kept",
    "gpu_w": "Board power",
    "pue": "Cooling (PUE)",
    "electricity_usd_per_kwh": "Electricity",
    "gpus_per_server": "GPUs per server",
    "server_units": "Height of a server",
    "rack_kw": "Power per rack",
    "server_usd": "Server without GPUs",
    "resale_decline_per_year": "Loss of value",
    "licence_usd_per_gpu_year": "Software licences",
    "staff_usd_per_gpu_month": "Staff",
    "colo_usd_per_kw_month": "Colocation fee",
    "storage_egress_usd_per_gpu_month": "Storage and transfer",
    "billing_overhead": "Extra billed hours",
    "discount_rate": "Cost of capital",
}


def label(name: str) -> str:
    """What an input is called beside its widget, without its unit.

    >>> label("pue"), label("spares_rate")
    ('Cooling (PUE)', 'Share of spare GPUs')
    """
    if name in _LABELS:
        return _LABELS[name]
    words = called(name) if INPUTS[name].numeric else INPUTS[name].meaning
    return f"{words[:1].upper()}{words[1:]}"


def labelled(name: str) -> str:
    """The label with its unit, where it does not say it already.

    >>> labelled("gpu_w"), labelled("horizon_months")
    ('Board power [W]', 'Years kept')
    """
    plain, said = label(name), unit(name)
    return plain if not said or said.casefold() in plain.casefold().split() else f"{plain} [{said}]"
