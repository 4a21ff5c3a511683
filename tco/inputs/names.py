"""What people call the inputs, so that a name that is none is refused with the right one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tco.errors import bare, shown, suggestion
from tco.inputs import PRICE, RATE, TAKEN

# So many wrong names of one call or table are told, the others counted.
MOST_TOLD = 10

# Everyday words for inputs, without case, blanks, hyphens and underscores. What an input's label,
# phrase or short name says is known without.
_EVERYDAY: dict[str, str] = {
    PRICE: "price cost capex card cardprice cardcost purchaseprice unitprice buyprice gpucost",
    RATE: "rate rent rental hourly hourlyrate hourlyprice usdperhour usdph priceperhour rentprice "
    "cloudprice cloudrate ondemandprice rentalprice",
    "gpus": "n count num number quantity qty gpucount ngpus numgpus numbergpus cards units",
    "gpu": "model gpumodel gputype gpuname accelerator device",
    "utilization": "util usage load busy busyhours dutycycle occupancy used utilrate",
    "horizon_months": "horizon months years year lifetime duration period holdingperiod life",
    "gpu_w": "power watts watt w tdp wattage gpupower boardpower",
    "electricity_usd_per_kwh": "electricity kwh tariff energy energycost energyprice powerprice "
    "powercost usdperkwh electricityprice electricitycost",
    "pue": "cooling",
    "discount_rate": "discount wacc costofcapital hurdle hurdlerate capitalcost",
    "loan_apr": "interest apr interestrate",
    "tax_rate": "tax incometax",
    "sales_tax_rate": "vat salestax duty",
    "resale_decline_per_year": "resale valueloss depreciationrate",
    "residual_share": "residual residualvalue residualshare salvage salvagevalue",
    "provider": "cloud vendor supplier",
    "region": "location country zone place",
    "site": "home office athome",
    "hosting": "colo colocation datacenter",
    "colo_usd_per_kw_month": "colofee coloprice colocost kwmonth",
    "rack_usd_per_month": "rack rackprice rackcost",
    "staff_usd_per_gpu_month": "staff admin labor labour people salaries ops",
    "maintenance_rate_per_year": "maintenance maintenancerate",
    "support_rate": "support",
    "warranty_months": "warranty",
    "insurance_rate_per_year": "insurance",
    "failure_rate_per_year": "failures failurerate failure",
    "server_usd": "server host chassis serverprice servercost",
    "network_usd_per_gpu": "network networking switches",
    "install_usd_per_gpu": "install installation setup freight",
    "spares_rate": "spares spare",
    "storage_egress_usd_per_gpu_month": "storage egress transfer bandwidth",
    "upfront_usd_per_gpu": "upfront migration",
    "commitment_months": "commitment commit reservation reserved",
    "lease_usd_per_gpu_month": "lease leasepayment leaserate",
    "as_of": "date day asofdate",
    "fx_rate": "fx exchangerate exchange",
    "hours_per_month": "hours hourspermonth",
    "billing_overhead": "overhead",
    "opex_growth_per_year": "inflation",
    "rate_growth_per_year": "growth rategrowth pricedecline",
    "rate_cap_usd_per_gpu_month": "cap monthlycap",
}  # fmt: skip


# What the name of a GPU looks like: H100, rtx_4090, l40s.
_GPU = re.compile(
    r"(nvidia|rtx|gtx|tesla|geforce|mi|[abhlptv])[ _-]?[a-z]?\d{1,4}[a-z0-9 _-]*", re.ASCII
)


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Every word for an input: its own names first, then the everyday ones."""
    found: dict[str, str] = {}
    for name, declared in TAKEN.items():
        for said in (name, declared.label, declared.phrase, declared.short):
            found.setdefault(bare(said), name)
    for name, words in _EVERYDAY.items():
        found |= dict.fromkeys(words.split(), name)
    return found


def everyday(word: str) -> str:
    """The input that people call so; empty for none.

    >>> everyday("price"), everyday("number of GPUs"), everyday("blue")
    ('price_usd_per_gpu', 'gpus', '')
    """
    return _words().get(bare(word), "") if len(word) <= 100 else ""


@lru_cache(maxsize=1_024)
def meant(word: str) -> str:
    """The end of a sentence that names the input that was probably meant; empty for none.

    >>> meant("rate"), meant("utilisation")
    ('; did you mean rate_usd_per_gpu_hour?', '; did you mean utilization?')
    """
    if len(word) > 100:
        return ""
    if known := everyday(word):
        return f"; did you mean {known}?"
    if _GPU.fullmatch(word.casefold()):
        return "; did you mean the input gpu, which names one?"
    parts = [name for name in TAKEN if word.casefold() in name.split("_")]
    if 0 < len(parts) <= 3:
        return f"; did you mean {' or '.join(parts)}?"
    return suggestion(word, TAKEN)


def not_inputs(names: Iterable[object]) -> list[tuple[str, str]]:
    """The names, and what to say of each that is no input; of many the last says how many more.

    >>> not_inputs(["pue", "price"])
    [('price', 'price is not an input; did you mean price_usd_per_gpu?')]
    """
    wrong = [name for name in names if name not in TAKEN]
    found = []
    for name in wrong[:MOST_TOLD]:
        is_short = isinstance(name, str) and name.isprintable() and 0 < len(name) <= 100
        told = str(name) if is_short else shown(name) if name else "(no name)"
        found.append((str(name), f"{told} is not an input{meant(str(name))}"))
    if (more := len(wrong) - MOST_TOLD) > 0:
        found.append((str(wrong[MOST_TOLD]), f"{more:,} more names are not inputs"))
    return found
