"""The AWS Cost and Usage Report, of the first generation and 2.0."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tco.bills.items import (
    ASIDE,
    CREDITS,
    NO_EFFECTIVE,
    NO_KIND,
    ON_DEMAND,
    OTHER,
    REPEATED,
    SPOT,
    TAXES,
    UNKNOWN,
    UNUSED,
    Format,
    Item,
    committed_term,
    is_spot,
    named_machine,
    on_machine,
)
from tco.bills.machines import may_have_gpus
from tco.errors import bare

_FIELDS = {
    "line_type": ("lineitemlineitemtype",),
    "usage_type": ("lineitemusagetype", "productusagetype"),
    "amount": ("lineitemusageamount",),
    "unblended": ("lineitemunblendedcost",),
    "currency": ("lineitemcurrencycode", "pricingcurrency"),
    "start": ("lineitemusagestartdate",),
    "end": ("lineitemusageenddate",),
    "period_start": ("billbillingperiodstartdate",),
    "period_end": ("billbillingperiodenddate",),
    "product": ("lineitemproductcode",),
    "service": ("productservicename", "productproductname", "productservicecode"),
    "instance": ("productinstancetype",),
    "region": ("productregioncode", "productregion", "productfromregioncode"),
    "unit": ("pricingunit",),
    "lease": ("pricingleasecontractlength", "savingsplanpurchaseterm"),
    "plan_term": ("savingsplanpurchaseterm",),
    "plan": ("savingsplansavingsplanarn",),
    "reservation": ("reservationreservationarn",),
    "plan_cost": ("savingsplansavingsplaneffectivecost",),
    "reserved_cost": ("reservationeffectivecost",),
    "plan_total": ("savingsplantotalcommitmenttodate",),
    "plan_used": ("savingsplanusedcommitment",),
    "plan_upfront": ("savingsplanamortizedupfrontcommitmentforbillingperiod",),
    "plan_recurring": ("savingsplanrecurringcommitmentforbillingperiod",),
    "unused_upfront": ("reservationunusedamortizedupfrontfeeforbillingperiod",),
    "unused_recurring": ("reservationunusedrecurringfee",),
    "parent": ("splitlineitemparentresourceid",),
    "split_cost": ("splitlineitemsplitcost",),
    "account": ("billpayeraccountid",),
    "sub_account": ("lineitemusageaccountid",),
    "row": ("identitylineitemid", "lineitemresourceid"),
}
_TEXTS = (
    *("line_type", "usage_type", "currency", "product", "service", "instance", "region", "unit"),
    *("lease", "plan_term", "plan", "reservation", "is_split", "state"),
)
_AMOUNTS = (
    *("unblended", "plan_cost", "reserved_cost", "plan_total", "plan_used", "plan_upfront"),
    *("plan_recurring", "unused_upfront", "unused_recurring"),
)
# Whose rows with a machine type are its hours; of any other service they are charged on top.
_COMPUTE = {"", "amazonec2", "amazonsagemaker"}
_CREDITS = ("credit", "refund", "discount", "bundleddiscount", "edpdiscount", "rounding")
_UNUSED = ("unusedbox", "unusedded")
_NO_HOURS = (
    *("ebsoptimized", "reservation", "capacityreservation", "dedicatedres", "cpucredits"),
    "elasticgpu",
)
# The beginnings of usage types; without one it is us-east-1.
_REGIONS = {
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "SAE1": "sa-east-1",
    "MXC1": "mx-central-1",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "APS7": "ap-southeast-5",
    "APE1": "ap-east-1",
    "AFS1": "af-south-1",
    "MES1": "me-south-1",
    "MEC1": "me-central-1",
    "ILC1": "il-central-1",
    "UGW1": "us-gov-west-1",
    "UGE1": "us-gov-east-1",
}
_PREFIX = re.compile(r"([A-Z]{2,4}\d?)-(?=.)")


def region_of(usage_type: str) -> str:
    """The region that a usage type begins with.

    >>> region_of("APN1-BoxUsage:g6.xlarge"), region_of("BoxUsage:g6.xlarge")
    ('ap-northeast-1', 'us-east-1')
    """
    found = _PREFIX.match(usage_type)
    return _REGIONS.get(found[1], UNKNOWN) if found else "us-east-1"


def _prepared(columns: dict[str, Any]) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = len(columns["line_type"])
    columns["quantity"] = columns.get("amount", pa.nulls(rows, pa.string()))
    is_split = pa.array([""] * rows, pa.string())
    for name in ("parent", "split_cost"):
        if name in columns:
            is_split = pc.if_else(pc.is_valid(columns[name]), "yes", is_split)
    columns["is_split"] = is_split
    return columns


def _item(v: Mapping[str, str], has: frozenset[str]) -> Item:
    kind = bare(v["line_type"])
    service = v["service"] or v["product"] or "no service named"
    base = Item(
        OTHER,
        service,
        region=v["region"] or region_of(v["usage_type"]),
        amounts=(("unblended", 1),),
        currency=v["currency"],
        provider="AWS",
    )
    if not kind:
        return replace(base, kind=ASIDE, what=NO_KIND)
    if v["is_split"]:
        return replace(base, kind=ASIDE, what=REPEATED)
    if kind.endswith(_CREDITS):
        return replace(base, kind=CREDITS, what=v["line_type"])
    if kind not in _TYPES:
        return replace(base, kind=ASIDE, what=f"line item type {v['line_type'][:40]!r}")
    return _TYPES[kind](base, v, has)


def _usage(base: Item, v: Mapping[str, str], _has: frozenset[str]) -> Item:
    spot = is_spot(v["usage_type"])
    return _of_gpus(replace(base, term=SPOT if spot else ON_DEMAND), v)


def _fee(base: Item, v: Mapping[str, str], _has: frozenset[str]) -> Item:
    """A fee: that of a reservation is paid beforehand."""
    return replace(base, amounts=()) if v["reservation"] else base


def _negation(base: Item, _v: Mapping[str, str], has: frozenset[str]) -> Item:
    """What undoes the cost on demand of what a plan covers."""
    is_known = "plan_cost" in has
    return replace(base, amounts=()) if is_known else replace(base, kind=ASIDE, what=NO_EFFECTIVE)


def _plan_fee(base: Item, v: Mapping[str, str], has: frozenset[str]) -> Item:
    """The fee of a savings plan: what of it covers nothing."""
    if "plan_cost" not in has:
        return replace(base, kind=ASIDE, what=NO_EFFECTIVE)
    item = replace(base, kind=UNUSED, what="savings plan")
    if {"plan_total", "plan_used"} <= has:
        return replace(item, amounts=(("plan_total", 1), ("plan_used", -1)))
    if {"plan_upfront", "plan_recurring"} <= has:
        item = replace(item, amounts=(("plan_upfront", 1), ("plan_recurring", 1)))
    return replace(item, plan=f"savings plan {v['plan']}", is_fee=True)


def _reservation_fee(base: Item, v: Mapping[str, str], has: frozenset[str]) -> Item:
    if "reserved_cost" not in has:
        return replace(base, kind=ASIDE, what=NO_EFFECTIVE)
    item = replace(base, kind=UNUSED, what="reserved instances")
    if {"unused_upfront", "unused_recurring"} <= has:
        return replace(item, amounts=(("unused_upfront", 1), ("unused_recurring", 1)))
    return replace(item, plan=f"reservation {v['reservation']}", is_fee=True)


def _by_plan(base: Item, v: Mapping[str, str], has: frozenset[str]) -> Item:
    plan = f"savings plan {v['plan']}"
    return _covered(replace(base, plan=plan), v, has, "plan_cost", v["plan_term"])


def _by_reservation(base: Item, v: Mapping[str, str], has: frozenset[str]) -> Item:
    plan = f"reservation {v['reservation']}"
    return _covered(replace(base, plan=plan), v, has, "reserved_cost", v["lease"])


def _covered(base: Item, v: Mapping[str, str], has: frozenset[str], cost: str, term: str) -> Item:
    """Usage that a commitment covers, at its effective cost."""
    if cost not in has:
        return replace(base, kind=ASIDE, what=NO_EFFECTIVE, plan="")
    return _of_gpus(replace(base, amounts=((cost, 1),), term=committed_term(term)), v)


def _of_gpus(base: Item, v: Mapping[str, str]) -> Item:
    usage = v["usage_type"]
    instance = v["instance"] or named_machine(usage.partition(":")[2], usage)
    family = usage.rpartition(":")[2]
    if "HostUsage:" in usage and may_have_gpus(f"{family}.host"):
        return replace(base, kind=ASIDE, what=f"dedicated host of a GPU family: {family}")
    if not instance:
        return base
    use = bare(_PREFIX.sub("", usage, count=1).partition(":")[0])
    counts = ":" in usage and bare(v["product"]) in _COMPUTE and not use.startswith(_NO_HOURS)
    found = on_machine(base, instance, v["unit"] or "Hrs", v["state"], counts=counts)
    if found is None:
        return base
    if use.startswith(_UNUSED):
        return replace(base, kind=UNUSED, what="capacity reservation", plan="")
    if not counts:
        return replace(base, what=f"{base.what}: on top of GPU machines")
    return found


_TYPES: dict[str, Callable[[Item, Mapping[str, str], frozenset[str]], Item]] = {
    "usage": _usage,
    "tax": lambda base, _v, _has: replace(base, kind=TAXES, what="taxes"),
    "fee": _fee,
    "savingsplancoveredusage": _by_plan,
    "savingsplannegation": _negation,
    "savingsplanrecurringfee": _plan_fee,
    "savingsplanupfrontfee": lambda base, _v, _has: replace(base, amounts=()),
    "discountedusage": _by_reservation,
    "rifee": _reservation_fee,
}

FORMAT = Format(
    key="cur",
    title="AWS Cost and Usage Report",
    needed=(("line_type",), ("unblended",)),
    fields=_FIELDS,
    texts=_TEXTS,
    amounts=_AMOUNTS,
    billed=("unblended",),
    item=_item,
    prepared=_prepared,
    telling=("usage_type", "instance"),
)
