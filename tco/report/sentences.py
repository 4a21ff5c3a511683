"""What an input is called in a sentence, and the clauses that name a value of it."""

from __future__ import annotations

from tco import words
from tco.inputs import INPUTS
from tco.report.display import shown, unit

# What an input is called in a sentence, where its meaning is too long for one.
_NAMES = {
    "utilization": "share of busy hours",
    "horizon_months": "time the hardware is kept",
    "price_usd_per_gpu": "price of a card",
    "rate_usd_per_gpu_hour": "rental rate of a GPU-hour",
    "server_usd": "price of a server without GPUs",
    "gpus": "number of GPUs",
    "hours_per_month": "number of hours in a month",
    "network_usd_per_gpu": "price of the network for a GPU",
    "install_usd_per_gpu": "price of installing a GPU",
    "gpus_per_server": "number of GPUs in a server",
    "server_w": "power of a server without its GPUs",
    "pue": "PUE",
    "staff_usd_per_gpu_month": "cost of staff per GPU-month",
    "licence_usd_per_gpu_year": "cost of licences per GPU-year",
    "spares_rate": "share of spare GPUs",
    "load_factor": "load of a busy GPU",
    "electricity_usd_per_kwh": "electricity tariff",
    "rack_usd_per_month": "price of a rack and month",
    "rack_kw": "power of one rack",
    "maintenance_rate_per_year": "cost of maintenance a year",
    "insurance_rate_per_year": "cost of insurance a year",
    "support_rate": "cost of support",
    "storage_egress_usd_per_gpu_month": "storage and transfer per GPU-month",
    "resale_decline_per_year": "loss of value a year",
    "opex_growth_per_year": "growth of other operating costs",
    "rate_growth_per_year": "change of the rental rate",
    "billing_overhead": "share of extra billed hours",
    "declining_balance_factor": "factor of the declining balance",
    "purchase_month": "month of purchase in the tax year",
    "bonus_rate": "share written off in the first year",
    "financed_share": "share of the price that is borrowed",
    "loan_months": "length of the loan",
    "lease_usd_per_gpu_month": "lease payment per GPU-month",
    "lease_months": "length of a lease term",
    "lease_buyout_usd_per_gpu": "price of a GPU after the lease",
    "lease_return_usd_per_gpu": "cost of returning a leased GPU",
    "residual_discount_rate": "discount rate of the lessee's resale",
    "delivery_months": "time until delivery",
    "refresh_months": "time until GPUs are replaced",
    "refresh_price_usd_per_gpu": "price of a replacing GPU",
    "fx_rate": "exchange rate",
}


def called(name: str) -> str:
    """What an input is called in a sentence.

    >>> called("price_usd_per_gpu"), called("discount_rate")
    ('price of a card', 'cost of capital')
    """
    meaning = INPUTS[name].meaning
    for end in (",", ";", ":", " ("):
        meaning = meaning.split(end)[0]
    return _NAMES.get(name, meaning)


def asked(name: str) -> str:
    """An input as what one looks up.

    >>> asked("utilization"), asked("pue")
    ('how busy the GPUs are', 'the PUE')
    """
    told = {"utilization": "how busy the GPUs are", "horizon_months": "how long you keep them"}
    return told.get(name, f"the {called(name)}")


def check_first(name: str) -> str:
    """Which input to look up before deciding.

    >>> check_first("utilization"), check_first("pue")
    ('Check first how busy the GPUs are', 'Check first the PUE')
    """
    return words.check_first(asked(name))


def turns(name: str, value: float, now: float, is_buying: bool, is_yours: bool = True) -> str:
    """At which value of an input the other side wins, and what it is now; `is_buying`: who leads.

    >>> turns("utilization", 0.3, 0.6, True)
    'Renting wins if the GPUs are busy less than 30 % of the time. You said 60 %.'
    >>> turns("rate_usd_per_gpu_hour", 0.9, 0.7, False, False)
    'Buying wins if the rental rate of a GPU-hour is above $0.90. Here it is $0.70.'
    """
    at, is_below = spoken(name, value), value < now
    if name == "utilization":
        clause = f"the GPUs are busy {'less' if is_below else 'more'} than {at} of the time"
    elif name == "horizon_months":
        clause = f"you keep them {'shorter' if is_below else 'longer'} than {at}"
    else:
        clause = f"the {called(name)} is {'below' if is_below else 'above'} {at}"
    return words.turns(clause, spoken(name, now), is_buying, is_yours)


def way(name: str, value: float) -> str:
    """A value of an input that would bring a payback.

    >>> way("price_usd_per_gpu", 1450), way("utilization", 0.41)
    ('$1,450 a card', '41 % busy')
    """
    told = {"price_usd_per_gpu": " a card", "utilization": " busy"}
    return f"{spoken(name, value)}{told.get(name, f' as the {called(name)}')}"


def spoken(name: str, value: float) -> str:
    """A value of an input in a sentence."""
    return words.spoken(shown(name, value), unit(name))
