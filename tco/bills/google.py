"""Google Cloud's billing export: a GPU, its processors and its memory are rows of their own."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from tco.bills.cells import number_of
from tco.bills.items import (
    ASIDE,
    CREDITS,
    NO_KIND,
    OTHER,
    SPOT,
    TAXES,
    UNKNOWN,
    USED,
    Format,
    Item,
    committed_term,
    in_use,
    is_spot,
)
from tco.bills.machines import Hardware, gpu_in, hardware, whole_gpus
from tco.errors import DataError, shown
from tco.market.importers.names import machines

PROVIDER = "gcp"
_FIELDS = {
    "service": ("servicedescription", "servicename", "service"),
    "sku": ("skudescription", "skuname", "sku"),
    "cost": ("unroundedcost", "cost"),
    "credits": ("credits", "creditsamount", "creditamount", "creditsjson"),
    "credit_type": ("creditstype", "credittype"),
    "currency": ("currency", "currencycode"),
    "start": ("usagestarttime", "usagestartdate"),
    "end": ("usageendtime", "usageenddate"),
    "month": ("invoicemonth",),
    "amount": ("usageamount",),
    "amount_unit": ("usageunit",),
    "priced": ("usageamountinpricingunits", "amountinpricingunits"),
    "priced_unit": ("usagepricingunit", "pricingunit"),
    "region": ("locationregion", "location", "locationlocation"),
    "cost_type": ("costtype",),
    "machine": ("machinespec", "machinetype", "computegoogleapiscommachinespec"),
    "labels": ("systemlabels",),
    "row": ("resourceglobalname", "resourcename"),
    "account": ("billingaccountid",),
    "sub_account": ("projectid",),
}
_TEXTS = (
    *("service", "sku", "currency", "region", "cost_type", "machine", "unit", "state"),
    "credit_type",
)
# Credits that are part of the price; any other is money that somebody gave.
_COMMITTED = ("COMMITTED_USAGE_DISCOUNT", "FEE_UTILIZATION_OFFSET")
_PRICE = ("SUSTAINED_USAGE_DISCOUNT", "DISCOUNT", "RESELLER_MARGIN")
_MACHINE = re.compile(
    r"machine_spec\W+value\W+([\w-]+)|value\W+([\w-]+)\W+key\W+compute.googleapis.com/machine_spec"
)


def _prepared(columns: dict[str, Any]) -> dict[str, Any]:
    """One quantity, the machine type of the labels, and credits by what they are."""
    import pyarrow as pa

    from tco.bills.cells import exact, of_each, texts

    rows = len(next(iter(columns.values())))
    nothing = pa.nulls(rows, pa.string())
    is_priced = "priced" in columns and "priced_unit" in columns
    columns["quantity"] = columns["priced"] if is_priced else columns.get("amount", nothing)
    columns["unit"] = columns.get("priced_unit" if is_priced else "amount_unit", nothing)
    if "priced_unit" not in columns and "amount_unit" not in columns:
        columns["unit"] = _unit_by_price(columns)
    if "machine" not in columns and "labels" in columns:
        found = of_each(texts(columns["labels"]), _machine, "")
        columns["machine"] = pa.array(found, pa.string())
    kinds = [(Decimal(0),) * 3] * rows
    if "credits" in columns:
        kinds = of_each(texts(columns["credits"]), _credits, kinds[0])
        if "credit_type" in columns:
            types = texts(columns["credit_type"]).to_pylist()
            kinds = [
                _of_type(kind, told) if told else kind
                for kind, told in zip(kinds, types, strict=True)
            ]
    for at, name in enumerate(("cud_credits", "price_credits", "other_credits")):
        columns[name] = pa.array([kind[at] for kind in kinds], exact())
    return columns


# No GPU costs less in an hour, or more in a second [of any currency that has cents].
_LEAST_PER_HOUR = 0.02


def _unit_by_price(columns: dict[str, Any]) -> Any:
    """Whether amounts without a unit are hours or seconds: by what one of them costs."""
    import numpy as np
    import pyarrow as pa

    from tco.bills.cells import numbers

    cost, amount = (
        np.asarray(numbers(columns[name], name, 1).cast("float64").fill_null(0))
        for name in ("cost", "quantity")
    )
    each = np.divide(np.abs(cost), np.abs(amount), out=np.zeros(len(cost)), where=amount != 0)
    return pa.array(
        np.where(each >= _LEAST_PER_HOUR, "hour", "seconds").astype(object), pa.string()
    )


@lru_cache(maxsize=4_096)
def _machine(labels: str) -> str:
    found = _MACHINE.search(labels)
    return (found[1] or found[2]) if found else ""


@lru_cache(maxsize=16_384)
def _credits(text: str) -> tuple[Decimal, Decimal, Decimal]:
    """Credits of a row: for commitments, others that are part of the price, and all else.

    >>> [str(each) for each in _credits('[{"amount": "-1.5", "type": "PROMOTION"}]')]
    ['0', '0', '-1.5']
    """
    sums = [Decimal(0), Decimal(0), Decimal(0)]
    plain = text.strip()
    if plain in ("", "[]", "{}"):
        return sums[0], sums[1], sums[2]
    with suppress(ValueError):
        return sums[0], sums[1], number_of(plain)
    try:
        listed = _listed(plain)
        for one in listed:
            of = str(one.get("type") or one.get("name") or "").upper()
            at = 0 if of.startswith(_COMMITTED) else 1 if of in _PRICE else 2
            sums[at] += number_of(str(one.get("amount") or 0))
    except (ValueError, SyntaxError, AttributeError, TypeError, RecursionError):
        raise DataError(f"credits = {shown(text)} is not a list of credits with amounts") from None
    return sums[0], sums[1], sums[2]


def _listed(text: str) -> list[dict[str, Any]]:
    """The credits of a cell: JSON, or as Python prints it."""
    try:
        found = json.loads(text, parse_float=str)
    except ValueError:
        found = ast.literal_eval(text)
    if isinstance(found, dict):
        found = found.get("list", [found])
    return [one.get("element", one) for one in found]


def _of_type(kind: tuple[Decimal, ...], told: str) -> tuple[Decimal, Decimal, Decimal]:
    """A credit whose type stands in a column of its own."""
    amount, of = sum(kind, Decimal(0)), told.upper()
    at = 0 if of.startswith(_COMMITTED) else 1 if of in _PRICE else 2
    zero = Decimal(0)
    return tuple(amount if at == each else zero for each in range(3))  # type: ignore[return-value]


_HOST = re.compile(
    r"\b(?P<family>[A-Z]\d\w*)(?: \w+)? (?:(?:Predefined |Custom )?Instance )?"
    r"(?P<part>Core|Cpu|Ram)\b"
)


@cache
def families() -> dict[str, tuple[str, ...]]:
    """The GPUs of the machine types of each family of which all have some."""
    found: dict[str, dict[str, None]] = {}
    for provider, instance in machines():
        has = hardware(instance)
        if provider == PROVIDER and has:
            found.setdefault(instance.partition("-")[0], {})[has.gpu] = None
    return {family: tuple(gpus) for family, gpus in found.items()}


def part_of(base: Item, sku: str, v: Mapping[str, str], state: str) -> Item | None:
    """A row of a machine with GPUs: the GPUs, which count hours, or its processors or memory.

    None for a row of any other machine or service.
    """
    machine = v.get("machine", "")
    host = hardware(machine) if machine else None
    base = replace(base, term=SPOT if is_spot(sku) else base.term)
    part = _HOST.search(sku)
    if part is None:
        gpu, count, unclear = gpu_in(sku, PROVIDER)
        if unclear and host:
            gpu, count = host.gpu, 1
        if gpu:
            has = Hardware(machine, gpu, whole_gpus(count))
            return replace(in_use(base, has, v["unit"], state), plan=f"{gpu} gpu")
        return replace(base, kind=ASIDE, what=unclear) if unclear else None
    family = part["family"].casefold()
    gpus = families().get(family, ())
    if host is None and not gpus:
        return None
    one = host.gpu if host else gpus[0] if len(gpus) == 1 else ""
    name = "core" if part["part"] != "Ram" else "ram"
    plan = f"{family} {name}"
    return replace(base, kind=USED, gpu=one, plan=plan, family=family, instance=machine)


def _item(v: Mapping[str, str], has: frozenset[str]) -> Item:
    service, kind = v["service"] or "no service named", v["cost_type"].casefold()
    amounts = (("cost", 1), ("cud_credits", 1), ("price_credits", 1))
    base = Item(
        OTHER,
        service,
        region=v["region"] or UNKNOWN,
        amounts=amounts,
        currency=v["currency"],
        provider="Google Cloud",
    )
    if kind in _KINDS:
        told = "taxes" if kind == "tax" else f"{kind.replace('_', ' ')}: {service}"
        return replace(base, kind=_KINDS[kind], what=told)
    sku = v["sku"]
    if "service" in has and not sku and not v["service"]:
        return replace(base, kind=ASIDE, what=NO_KIND)
    if sku.casefold().startswith("commitment"):
        return _fee(base, sku, v)
    if v["service"] and "compute engine" not in service.casefold():
        return base
    return part_of(base, sku, v, v["state"]) or base


# What a type of cost is, where it is not a regular one.
_KINDS = {"tax": TAXES, "adjustment": CREDITS, "rounding_error": OTHER}


def _fee(base: Item, sku: str, v: Mapping[str, str]) -> Item:
    """The fee of a commitment: its hours are those that it covers."""
    found = part_of(base, sku.partition(":")[2] or sku, {**v, "unit": "hour"}, "")
    if found is None or found.kind != USED:
        return replace(base, what="commitments without GPUs")
    return replace(found, term=committed_term(sku), hours=Fraction(0), is_fee=True)


FORMAT = Format(
    key="gcp",
    title="Google Cloud billing export",
    needed=(("sku",), ("cost",)),
    fields=_FIELDS,
    texts=_TEXTS,
    amounts=("cost", "cud_credits", "price_credits", "other_credits"),
    billed=("cost", "cud_credits", "price_credits", "other_credits"),
    item=_item,
    prepared=_prepared,
    telling=("sku", "machine"),
)
