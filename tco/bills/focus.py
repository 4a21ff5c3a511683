"""FOCUS 1.0 to 1.2, the common form of cloud bills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tco.bills.google import PROVIDER, part_of
from tco.bills.items import (
    ASIDE,
    CREDITS,
    NO_EFFECTIVE,
    NO_KIND,
    NOT_THERE,
    ON_DEMAND,
    OTHER,
    PRICE_ONLY,
    SPOT,
    TAXES,
    UNKNOWN,
    UNUSED,
    Format,
    Item,
    committed_term,
    in_use,
    is_spot,
    named_machine,
    on_machine,
)
from tco.bills.machines import Hardware, gpu_in, hardware, whole_gpus
from tco.errors import bare
from tco.market.importers.names import provider_key

_FIELDS = {
    "category": ("chargecategory",),
    "charge_class": ("chargeclass", "chargesubcategory"),
    "description": ("chargedescription",),
    "billed": ("billedcost",),
    "effective": ("effectivecost", "amortizedcost"),
    "currency": ("billingcurrency",),
    "start": ("chargeperiodstart",),
    "end": ("chargeperiodend",),
    "period_start": ("billingperiodstart",),
    "period_end": ("billingperiodend",),
    "consumed": ("consumedquantity", "usagequantity"),
    "consumed_unit": ("consumedunit", "usageunit"),
    "priced": ("pricingquantity",),
    "pricing_unit": ("pricingunit",),
    "pricing": ("pricingcategory",),
    "commitment": ("commitmentdiscountid",),
    "commitment_status": ("commitmentdiscountstatus",),
    "commitment_type": ("commitmentdiscounttype", "commitmentdiscountname"),
    "reservation_status": ("capacityreservationstatus",),
    "service": ("servicename",),
    "service_category": ("servicecategory",),
    "region": ("regionid", "region", "regionname"),
    "provider": ("providername", "serviceprovidername", "provider", "invoiceissuername"),
    "sku": ("skuid",),
    "sku_details": ("skupricedetails", "xskudetails"),
    "sku_words": ("xskudescription", "skumeter", "xskumetername", "xusagetype"),
    "instance": ("xinstancetype", "xskuinstancetype", "xinstanceclass", "xskuarmskuname"),
    "resource_type": ("resourcetype",),
    "account": ("billingaccountid",),
    "sub_account": ("subaccountid",),
    "row": ("resourceid",),
}
_TEXTS = (
    *("category", "charge_class", "description", "currency", "pricing", "commitment_status"),
    *("commitment_type", "reservation_status", "service", "service_category", "region"),
    *("provider", "sku", "sku_details", "sku_words", "instance", "unit", "state", "is_committed"),
)
# Services whose rows with a machine type are its hours.
_COMPUTE = {"", "compute", "aiandmachinelearning", "other", "virtualmachines"}
# What is charged on top of a machine's hours, in words of its description.
_ON_TOP = ("ebs", "software", "license", "licence", "elastic mapreduce", "snapshot", "cpu credits")
# How AWS calls capacity that is reserved and not used.
_UNUSED = ("unusedbox:", "unusedded:")
_DETAILS = (
    "instancetype",
    "servicetype",
    "instance_type",
    "machinetype",
    "vmsize",
    "xinstancetype",
)


def _prepared(columns: dict[str, Any]) -> dict[str, Any]:
    """One quantity and its unit: what was consumed, else what was priced."""
    import pyarrow as pa
    import pyarrow.compute as pc

    consumed, priced = columns.get("consumed"), columns.get("priced")
    rows = len(next(iter(columns.values())))
    columns.setdefault("billed", columns.get("effective"))
    nothing = pa.nulls(rows, pa.string())
    units = columns.get("consumed_unit", nothing), columns.get("pricing_unit", nothing)
    if consumed is None or priced is None:
        is_priced = consumed is None
        columns["quantity"] = priced if is_priced else consumed
        columns["unit"] = units[1] if is_priced else pc.coalesce(*units)
        if columns["quantity"] is None:
            columns["quantity"] = nothing
    else:
        has = pc.is_valid(consumed)
        columns["quantity"] = pc.if_else(has, consumed, priced)
        columns["unit"] = pc.if_else(has, units[0], units[1])
    committed = columns.get("commitment", nothing)
    columns["is_committed"] = pc.if_else(pc.is_valid(committed), "yes", "")
    return columns


@lru_cache(maxsize=16_384)
def _details(text: str) -> dict[str, str]:
    """The properties of a SKU, by bare name."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, list):
            found = dict(pair for pair in found if isinstance(pair, list) and len(pair) == 2)
        if isinstance(found, dict):
            return {bare(str(name)): str(value) for name, value in found.items()}
    return {}


def _item(v: Mapping[str, str], has: frozenset[str]) -> Item:
    category = bare(v["category"])
    provider = provider_key(v["provider"]) if v["provider"] else ""
    service = v["service"] or v["service_category"] or "no service named"
    cost = (("effective" if "effective" in has else "billed", 1),)
    base = Item(
        OTHER,
        service,
        region=v["region"] or UNKNOWN,
        amounts=cost,
        currency=v["currency"],
        provider=v["provider"],
    )
    if category in _KINDS:
        told = "taxes" if category == "tax" else f"{v['category'].casefold()}: {service}"
        return replace(base, kind=_KINDS[category], what=told if category else NO_KIND)
    is_committed = bool(v["is_committed"]) or bare(v["pricing"]) == "committed"
    if category == "purchase":
        return _purchase(base, v, has) if is_committed or v["commitment_type"] else base
    if category != "usage":
        return replace(base, kind=ASIDE, what=f"kind of charge {v['category'][:40]!r}")
    return _usage(base, v, has, provider, is_committed)


# What a category of charges is, where it is no usage and no purchase.
_KINDS = {"tax": TAXES, "credit": CREDITS, "adjustment": CREDITS, "": ASIDE}


def _purchase(base: Item, v: Mapping[str, str], has: frozenset[str]) -> Item:
    """A commitment: its cost is in the rows that it covers, and in those of what is unused."""
    if "effective" in has:
        return replace(base, what=v["commitment_type"] or "commitment", amounts=(), as_billed=False)
    return replace(base, kind=ASIDE, what=NO_EFFECTIVE)


def _usage(
    base: Item, v: Mapping[str, str], has: frozenset[str], provider: str, is_committed: bool
) -> Item:
    status, reserved = bare(v["commitment_status"]), bare(v["reservation_status"])
    if "unused" in (status, reserved):
        of = v["commitment_type"] if status == "unused" else "capacity reservation"
        return replace(base, kind=UNUSED, what=of or "commitment", as_billed=False)
    if is_committed:
        base = replace(base, as_billed=False)
        if "effective" not in has:
            return replace(base, kind=ASIDE, what=NO_EFFECTIVE)
    state = v["state"]
    if state == NOT_THERE and bare(v["charge_class"]) == "correction":
        state = PRICE_ONLY
    return _of_gpus(v, replace(base, term=_term(v, is_committed)), provider, state) or base


def _term(v: Mapping[str, str], is_committed: bool) -> str:
    words = (v["description"], v["sku_words"])
    if bare(v["pricing"]) == "dynamic" or is_spot(*words):
        return SPOT
    return committed_term(v["commitment_type"], *words) if is_committed else ON_DEMAND


def _of_gpus(v: Mapping[str, str], base: Item, provider: str, state: str) -> Item | None:
    """What a row of usage is where it is of GPUs; None for any other."""
    if bare(v["service_category"]) not in _COMPUTE:
        return None
    if provider == PROVIDER and (
        found := part_of(base, v["description"] or v["sku_words"], v, state)
    ):
        return found
    details = _details(v["sku_details"]) if v["sku_details"] else {}
    instance = _instance(v, details)
    if not instance:
        return _named(v, base, provider, state, details)
    words = f"{v['description']} {v['sku_words']}".casefold()
    if any(word in words for word in _ON_TOP):
        return None
    if any(word in words for word in _UNUSED):
        return replace(base, kind=UNUSED, what="capacity reservation")
    return on_machine(base, _meter(instance), v["unit"], state)


def _instance(v: Mapping[str, str], details: Mapping[str, str]) -> str:
    """The machine type that a row names, wherever it does; empty for none."""
    told = next((details[name] for name in _DETAILS if name in details), "")
    places = (v["instance"], told, v["sku_words"], v["sku"], v["description"])
    known = (x for x in places[:3] if x and hardware(_meter(x)))
    return next(known, "") or named_machine(*places)


def _named(
    v: Mapping[str, str], base: Item, provider: str, state: str, details: Mapping[str, str]
) -> Item | None:
    """A row that names a GPU and no machine type."""
    text = " ".join(filter(None, (v["description"], v["sku_words"], v["sku"])))
    gpu, count, unclear = gpu_in(text, provider)
    if gpu:
        with suppress(ValueError):
            count = int(float(details.get("gpucount", ""))) or count
        return in_use(base, Hardware("", gpu, whole_gpus(count)), v["unit"], state)
    return replace(base, kind=ASIDE, what=unclear) if unclear else None


def _meter(name: str) -> str:
    """The machine type of a meter's name, which says too whether it is a spot one."""
    return name.replace(" Low Priority", "").replace(" Spot", "")


FORMAT = Format(
    key="focus",
    title="FOCUS",
    needed=(("category",), ("billed", "effective")),
    fields=_FIELDS,
    texts=_TEXTS,
    amounts=("billed", "effective"),
    billed=("billed",),
    item=_item,
    prepared=_prepared,
    telling=("description", "sku", "sku_details", "sku_words"),
)
