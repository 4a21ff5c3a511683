"""Azure's cost details, actual or amortized, of enterprise and customer agreements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tco.bills.items import (
    ASIDE,
    CREDITS,
    ON_DEMAND,
    OTHER,
    SPOT,
    TAXES,
    UNKNOWN,
    UNUSED,
    Format,
    Item,
    committed_term,
    is_spot,
    on_machine,
)
from tco.bills.machines import hardware, may_have_gpus
from tco.errors import bare

_FIELDS = {
    "meter": ("metername", "meter"),
    "meter_category": ("metercategory", "servicename"),
    "sub_category": ("metersubcategory",),
    "quantity": ("quantity", "usagequantity", "consumedquantity"),
    "unit": ("unitofmeasure",),
    "cost": ("costinbillingcurrency", "pretaxcost", "cost", "extendedcost", "costinusd"),
    "currency": ("billingcurrencycode", "billingcurrency", "currency"),
    "start": ("date", "usagedatetime", "usagedate"),
    "period_start": ("billingperiodstartdate",),
    "period_end": ("billingperiodenddate",),
    "charge": ("chargetype",),
    "pricing": ("pricingmodel",),
    "term": ("term",),
    "details": ("additionalinfo", "additionalinfos"),
    "region": ("resourcelocation", "resourcelocationnormalized", "location", "meterregion"),
    "reservation": ("reservationid", "benefitid"),
    "account": ("billingaccountid",),
    "sub_account": ("subscriptionid", "subscriptionguid"),
    "row": ("resourceid", "instanceid"),
}
_TEXTS = (
    *("meter", "meter_category", "sub_category", "unit", "currency", "charge", "pricing", "term"),
    *("machine", "region", "is_committed", "state"),
)
_MACHINE = re.compile(r"\"?(?:ServiceType|VMSize|vmSize)\"?\s*:\s*\"?([\w-]+)")


def _prepared(columns: dict[str, Any]) -> dict[str, Any]:
    """The machine type that the additional information of a row names."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from tco.bills.cells import of_each, texts

    rows = len(next(iter(columns.values())))
    nothing = pa.nulls(rows, pa.string())
    found = of_each(texts(columns["details"]), _machine, "") if "details" in columns else None
    columns["machine"] = nothing if found is None else pa.array(found, pa.string())
    reserved = columns.get("reservation", nothing)
    columns["is_committed"] = pc.if_else(pc.is_valid(reserved), "yes", "")
    return columns


@lru_cache(maxsize=16_384)
def _machine(details: str) -> str:
    """The machine type in the additional information of a row.

    >>> _machine('{"ServiceType": "Standard_NC4as_T4_v3", "VMName": "a"}')
    'Standard_NC4as_T4_v3'
    """
    found = _MACHINE.search(details)
    return found[1] if found else ""


def machine_of_meter(meter: str) -> str:
    """The machine type with GPUs that a meter is of; empty for any other meter.

    >>> machine_of_meter("NC24ads A100 v4 Spot"), machine_of_meter("D3 v2/DS3 v2")
    ('NC24ads A100 v4', '')
    """
    name = re.sub(r"\s+(?:Spot|Low Priority|Hours?)\b", "", meter, flags=re.IGNORECASE)
    for one in name.split("/"):
        plain = one.strip()
        if hardware(plain) or may_have_gpus(plain):
            return plain
    return ""


def _item(v: Mapping[str, str], _has: frozenset[str]) -> Item:
    charge, service = bare(v["charge"]), v["meter_category"] or "no service named"
    base = Item(
        OTHER,
        service,
        region=v["region"] or UNKNOWN,
        amounts=(("cost", 1),),
        currency=v["currency"],
        provider="Azure",
    )
    if charge in _KINDS:
        return replace(base, kind=_KINDS[charge], what=v["charge"])
    if charge == "purchase":
        is_reservation = "reservation" in service.casefold() or bool(v["is_committed"])
        return replace(base, what="purchases of commitments" if is_reservation else service)
    if charge not in ("usage", ""):
        return replace(base, kind=ASIDE, what=f"kind of charge {v['charge'][:40]!r}")
    if bare(service) not in ("virtualmachines", "azuremachinelearning", "noservicenamed"):
        return base
    return _of_machine(base, v)


# What a kind of charge is, where it is no usage and no purchase.
_KINDS = {
    "tax": TAXES,
    **dict.fromkeys(("refund", "credit", "adjustment", "roundingadjustment", "discount"), CREDITS),
    **dict.fromkeys(("unusedreservation", "unusedsavingsplan"), UNUSED),
}


def _of_machine(base: Item, v: Mapping[str, str]) -> Item:
    is_committed = bare(v["pricing"]) in ("reservation", "savingsplan")
    words = (v["meter"], v["sub_category"], v["pricing"])
    term = committed_term(v["term"]) if is_committed else ON_DEMAND
    base = replace(base, term=SPOT if is_spot(*words) else term)
    instance = v["machine"] if hardware(v["machine"]) else machine_of_meter(v["meter"])
    if not instance and may_have_gpus(v["machine"]):
        instance = v["machine"]
    found = on_machine(base, instance, v["unit"] or "1 Hour", v["state"]) if instance else None
    return found or base


FORMAT = Format(
    key="azure",
    title="Azure cost details",
    needed=(("meter_category", "meter"), ("cost",), ("quantity",)),
    fields=_FIELDS,
    texts=_TEXTS,
    amounts=("cost",),
    billed=("cost",),
    item=_item,
    prepared=_prepared,
    telling=("meter", "machine"),
    ends_on_last_day=True,
)
