"""What a row of a bill is: its kind, its GPU, and which of its amounts it costs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from tco.bills.cells import hours_in
from tco.bills.machines import Hardware, hardware, instance_in, may_have_gpus
from tco.errors import bare

if TYPE_CHECKING:
    from tco.bills.tables import Column

# Where the money of a row goes. Together they are the total of the file.
USED, UNUSED, CREDITS, TAXES = "used", "unused", "credits", "taxes"
OTHER, ASIDE, PREPAID = "other", "set_aside", "prepaid"
KINDS = (USED, UNUSED, CREDITS, TAXES, OTHER, ASIDE, PREPAID)
# What each is called.
KIND_TITLES = {
    USED: "GPU-hours used",
    UNUSED: "unused commitments",
    CREDITS: "credits and discounts",
    TAXES: "taxes",
    OTHER: "everything else",
    ASIDE: "not understood",
    PREPAID: "paid for other months",
}
ON_DEMAND, SPOT, COMMITTED = "on_demand", "spot", "committed"
UNKNOWN = "unknown"
# Reasons why a row is set aside.
NO_QUANTITY = "a row of a GPU without a quantity"
NO_UNIT = "a row of a GPU whose unit is no time"
NOT_IN_MACHINES = "machine type of a GPU family that is not known"
NO_EFFECTIVE = "covered by a commitment, and the export has no column of its effective cost"
REPEATED = "a split row, which repeats its parent row"
NO_KIND = "no kind of charge"
# A negative cost beside a positive quantity corrects the price: no hours are given back.
PRICE_ONLY, NOT_THERE = "price", "none"


@dataclass(frozen=True)
class Item:
    """What rows with the same texts are.

    `hours` are GPU-hours of a unit of quantity; `amounts` name the columns of what it costs, taken
    together with their signs; `plan` names the commitment that a row pays for or is covered by, and
    `is_fee` tells which: what such fees are above what they cover is unused. `family` is that of a
    machine whose GPU is not stated. `as_billed` is whether what is billed for it is what it costs:
    not so for what a commitment pays.
    """

    kind: str
    what: str = ""
    gpu: str = ""
    instance: str = ""
    region: str = UNKNOWN
    term: str = ON_DEMAND
    hours: Fraction = Fraction(0)
    amounts: tuple[tuple[str, int], ...] = ()
    plan: str = ""
    is_fee: bool = False
    family: str = ""
    currency: str = ""
    provider: str = ""
    as_billed: bool = True


@dataclass(frozen=True)
class Format:
    """A kind of export: how it is known by its columns, and what a row of it is.

    `fields` are its columns by ours, as bare names in the order of preference; `texts` are those
    that say what a row is, `amounts` those of money. `billed` names the amounts that make the total
    of the file. `prepared` makes columns of others before they are read.
    """

    key: str
    title: str
    needed: tuple[tuple[str, ...], ...]
    fields: Mapping[str, tuple[str, ...]]
    texts: tuple[str, ...]
    amounts: tuple[str, ...]
    billed: tuple[str, ...]
    item: Callable[[Mapping[str, str], frozenset[str]], Item]
    prepared: Callable[[dict[str, Column]], dict[str, Column]] | None = None
    account: tuple[str, ...] = ("account", "sub_account")
    # Texts that count only where they may be of a machine or a GPU.
    telling: tuple[str, ...] = ()
    ends_on_last_day: bool = False

    def found(self, names: Sequence[str]) -> dict[str, str]:
        """The columns of a file by our fields."""
        plain: dict[str, str] = {}
        for name in names:
            plain.setdefault(bare(name), name)
        found = {}
        for field, words in self.fields.items():
            column = next((plain[word] for word in words if word in plain), None)
            if column is not None:
                found[field] = column
        return found

    def lacks(self, names: Sequence[str]) -> str:
        """A column that this kind always has and a file has not; empty where it has all."""
        fields = self.found(names)
        for choice in self.needed:
            if not any(one in fields for one in choice):
                return self.titles(choice[0])
        return ""

    def titles(self, field: str) -> str:
        """What a field is called in such an export."""
        return COLUMN_TITLES.get((self.key, field), field)


# How the columns that a kind needs are written in it.
COLUMN_TITLES = {
    ("focus", "category"): "ChargeCategory",
    ("focus", "billed"): "BilledCost",
    ("cur", "line_type"): "line_item_line_item_type",
    ("cur", "unblended"): "line_item_unblended_cost",
    ("gcp", "sku"): "sku.description",
    ("gcp", "cost"): "cost",
    ("gcp", "service"): "service.description",
    ("azure", "meter"): "MeterName",
    ("azure", "meter_category"): "MeterCategory",
    ("azure", "cost"): "CostInBillingCurrency",
    ("azure", "quantity"): "Quantity",
}

_SPOT = re.compile(r"spot|preemptible|low[\s_-]?priority", re.IGNORECASE)
_YEARS = re.compile(r"\b([135])[\s_-]*(?:yr|year)s?\b|\bP([135])Y\b", re.IGNORECASE)


def is_spot(*texts: str) -> bool:
    """Whether some text says that a machine may be taken away at any time."""
    return any(_SPOT.search(text) for text in texts)


@lru_cache(maxsize=4_096)
def committed_term(*texts: str) -> str:
    """The length of a commitment that some text states.

    >>> committed_term("1yr"), committed_term("", "Commitment v1: L4 for 3 Years"), committed_term()
    ('1yr', '3yr', 'committed')
    """
    for text in texts:
        if found := _YEARS.search(text):
            return f"{found[1] or found[2]}yr"
        if text.strip().casefold() in ("12 months", "36 months"):
            return "1yr" if text.startswith("12") else "3yr"
    return COMMITTED


def on_machine(
    base: Item, instance: str, unit: str, state: str, *, counts: bool = True
) -> Item | None:
    """The row of a machine type: in use, or set aside with a reason; None for one without GPUs.

    `base` has what is known of the row otherwise; `counts` is false where its hours are those of
    another row.
    """
    found = hardware(instance)
    if found is None:
        if may_have_gpus(instance):
            named = f"{NOT_IN_MACHINES}: {instance}"
            return replace(base, kind=ASIDE, what=named, instance=instance)
        return None
    return in_use(base, found, unit, state, counts=counts)


def in_use(base: Item, found: Hardware, unit: str, state: str, *, counts: bool = True) -> Item:
    """A row of known GPUs: how many hours its quantity is."""
    item = replace(base, kind=USED, gpu=found.gpu, instance=found.instance)
    if not counts or state == PRICE_ONLY:
        return item
    if state == NOT_THERE:
        return replace(item, kind=ASIDE, what=NO_QUANTITY)
    per = hours_in(unit)
    if per is None:
        return replace(item, kind=ASIDE, what=f"{NO_UNIT}: {unit or 'none'}")
    hours, is_of_gpu = per
    return replace(item, hours=hours * (1 if is_of_gpu else found.gpus))


def named_machine(*places: str) -> str:
    """The machine type that the first text with one names."""
    return next((found for text in places if text and (found := instance_in(text))), "")
