"""From the sums of files to amounts that add up: commitments are set against what they cover."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tco.bills.cells import SECONDS_PER_HOUR
from tco.bills.google import families
from tco.bills.items import CREDITS, KINDS, OTHER, PREPAID, UNUSED, USED, Item
from tco.bills.sums import Sums

_ZERO = Decimal(0)
_CENTS = Decimal("0.005")
_HOSTS = "processors and memory of machines with GPUs"


@dataclass(frozen=True)
class Line:
    """GPU-hours on one kind of machine, in one region and term, and what they cost."""

    gpu: str
    instance: str
    region: str
    term: str
    gpu_hours: Fraction
    cost: Decimal


@dataclass(frozen=True)
class Settled:
    """Where the money of a bill went, and when GPUs were in use."""

    amounts: dict[str, Decimal]
    details: tuple[tuple[str, str, Decimal, int], ...]
    lines: tuple[Line, ...]
    by_hour: dict[tuple[str, str, str], dict[int, float]]
    spread_share: float
    remarks: tuple[str, ...]


@dataclass
class _Entry:
    """All rows of an item: what is billed and what it costs, and how much there is of it."""

    item: Item
    billed: Decimal = _ZERO
    cost: Decimal = _ZERO
    covered: Decimal = _ZERO
    quantity: Decimal = _ZERO
    rows: int = 0
    slots: dict[tuple[int, int], Decimal] = field(default_factory=dict)


def settled(sums: Iterable[Sums]) -> Settled:
    """What the files of a bill come to together."""
    return _Settling(list(sums)).done()


class _Settling:
    def __init__(self, sums: list[Sums]) -> None:
        self._amounts = dict.fromkeys(KINDS, _ZERO)
        self._details: dict[tuple[str, str], list[Any]] = {}
        self._lines: dict[tuple[str, str, str, str], list[Any]] = {}
        self._remarks: list[str] = []
        self._entries: dict[Item, _Entry] = {}
        self._rounded = _rounded(sums)
        self._total = _ZERO
        # The terms of the commitments that cover items.
        self._terms: dict[Item, str] = {}
        for each in sums:
            self._take(each)
        if any(each.is_coarse for each in sums):
            self._remarks.append("rows of several hours begin and end at whole hours in the demand")
        for provider in sorted(self._rounded):
            who = provider or "the file"
            self._remarks.append(
                f"EffectiveCost of {who} is rounded to whole units: BilledCost counts instead, "
                "except for what commitments cover"
            )

    def _take(self, sums: Sums) -> None:
        form = sums.format
        gifts = [name for name in form.billed if name == "other_credits"]
        entries = [self._entries.setdefault(item, _Entry(item)) for item in sums.items]
        for number, start, end, found in sums.groups():
            entry, item = entries[number], sums.items[number]
            billed = sum((found[name] for name in form.billed if name in found), _ZERO)
            given = sum((found[name] for name in gifts if name in found), _ZERO)
            amounts = item.amounts
            if item.as_billed and item.provider in self._rounded and amounts:
                amounts = (("billed", 1),)
            entry.cost += sum((sign * found.get(name, _ZERO) for name, sign in amounts), _ZERO)
            entry.billed += billed - given
            entry.covered -= found.get("cud_credits", _ZERO)
            entry.quantity += found["quantity"]
            entry.rows += found["rows"]
            self._total += billed
            if given:
                self._add(CREDITS, "promotions and other credits", given, 0)
            if item.hours:
                slots = entry.slots
                slots[start, end] = slots.get((start, end), _ZERO) + found["quantity"]

    def done(self) -> Settled:
        """Set fees against what they cover, and add everything up."""
        shares = self._fees()
        hosts = []
        for item, entry in self._entries.items():
            if item.is_fee:
                continue
            if item.kind == USED and not item.gpu:
                hosts.append(entry)
            elif item.kind == USED:
                self._use(entry, shares.get(item, Fraction(0)))
            else:
                self._add(item.kind, item.what, entry.cost, entry.rows)
        by_hour, spread = self._hours(shares)
        for entry in hosts:
            self._host(entry)
        self._add(PREPAID, "", self._total - sum(self._amounts.values(), _ZERO), 0)
        details = sorted(
            ((kind, what, cost, rows) for (kind, what), (cost, rows) in self._details.items()),
            key=lambda one: (KINDS.index(one[0]), -abs(one[2]), one[1]),
        )
        lines = [Line(*key, *values) for key, values in self._lines.items()]
        lines.sort(key=lambda line: (-line.gpu_hours, line.gpu, line.region, line.term, line.cost))
        if abs(self._amounts[PREPAID]) >= _CENTS:
            self._remarks.append(
                "fees of commitments are counted where they are used: what is paid here for other "
                "months, or there for this one, stands apart as prepaid"
            )
        return Settled(
            self._amounts,
            tuple(one for one in details if one[0] != PREPAID or one[2]),
            tuple(lines),
            by_hour,
            spread,
            tuple(self._remarks),
        )

    def _add(self, kind: str, what: str, cost: Decimal, rows: int) -> None:
        self._amounts[kind] += cost
        kept = self._details.setdefault((kind, what), [_ZERO, 0])
        kept[0] += cost
        kept[1] += rows

    def _line(self, item: Item, term: str, hours: Fraction, cost: Decimal) -> None:
        key = item.gpu, item.instance, item.region, term
        kept = self._lines.setdefault(key, [Fraction(0), _ZERO])
        kept[0] += hours
        kept[1] += cost

    # --- Commitments

    def _fees(self) -> dict[Item, Fraction]:
        """Set the fees of plans against what they cover.

        The share of the hours of items that a plan of Google covers, whose cost is in its fee.
        """
        fees: dict[str, list[_Entry]] = defaultdict(list)
        covered: dict[str, list[_Entry]] = defaultdict(list)
        for item, entry in self._entries.items():
            if item.plan:
                (fees if item.is_fee else covered)[item.plan].append(entry)
        shares: dict[Item, Fraction] = {}
        for plan, paid in sorted(fees.items()):
            if paid[0].item.kind == UNUSED:
                self._residual(paid, covered.get(plan, []))
            else:
                self._by_quantity(paid, covered.get(plan, []), shares)
        return shares

    def _residual(self, paid: list[_Entry], covered: list[_Entry]) -> None:
        """What of fees is above the cost of what they cover is unused."""
        fee = sum((entry.cost for entry in paid), _ZERO)
        used = sum((entry.cost for entry in covered), _ZERO)
        rows = sum(entry.rows for entry in paid)
        self._add(UNUSED, paid[0].item.what, max(_ZERO, fee - used), rows)

    def _by_quantity(
        self, paid: list[_Entry], covered: list[_Entry], shares: dict[Item, Fraction]
    ) -> None:
        """Fees for quantities: the part for what was used goes to its hours, the rest is unused."""
        taken = Fraction(0)
        for entry in covered:
            list_cost = entry.billed + entry.covered
            if entry.covered > 0 and list_cost > 0:
                share = min(Fraction(1), Fraction(entry.covered) / Fraction(list_cost))
                shares[entry.item] = share
                taken += share * Fraction(entry.quantity)
        bought = sum((Fraction(entry.quantity) for entry in paid), Fraction(0))
        share = min(Fraction(1), taken / bought) if bought > 0 else Fraction(bool(taken))
        for entry in paid:
            used = _times(entry.billed, share)
            if used and entry.item.gpu:
                self._add(USED, entry.item.gpu, used, entry.rows)
                self._line(entry.item, entry.item.term, Fraction(0), used)
            elif used:
                self._host(_Entry(entry.item, entry.billed, used, rows=entry.rows))
            self._add(UNUSED, "committed use", entry.billed - used, 0 if used else entry.rows)
        terms = {entry.item.term for entry in paid}
        for entry in covered:
            if entry.item in shares:
                self._terms[entry.item] = min(terms)

    # --- Hours

    def _use(self, entry: _Entry, share: Fraction) -> None:
        item = entry.item
        self._add(USED, item.gpu, entry.cost, entry.rows)
        hours = Fraction(entry.quantity) * item.hours
        self._line(item, item.term, hours * (1 - share), entry.cost)
        if share:
            self._line(item, self._terms[item], hours * share, _ZERO)

    def _hours(
        self, shares: Mapping[Item, Fraction]
    ) -> tuple[dict[tuple[str, str, str], dict[int, float]], float]:
        """GPU-hours by GPU, region and term in each clock hour, and the share that was spread.

        What goes over several hours is spread over them evenly.
        """
        sums: dict[tuple[str, str, str], dict[int, list[float]]] = {}
        total = spread = 0.0
        for item, entry in self._entries.items():
            covered = float(shares.get(item, 0))
            parts = [(item.term, 1 - covered)]
            if covered:
                parts.append((self._terms[item], covered))
            by_term = [
                (sums.setdefault((item.gpu, item.region, term), {}), share)
                for term, share in parts
                if share and entry.slots
            ]
            hours_of_one = float(item.hours)
            for (start, end), quantity in entry.slots.items():
                amount = float(quantity) * hours_of_one
                total += abs(amount)
                spread += abs(amount) if end - start > SECONDS_PER_HOUR else 0.0
                for hours, share in by_term:
                    for hour, part in _spread(start, end):
                        hours.setdefault(hour, []).append(amount * share * part)
        found = {
            key: {hour: math.fsum(values) for hour, values in sorted(hours.items())}
            for key, hours in sorted(sums.items())
        }
        return found, spread / total if total else 0.0

    def _host(self, entry: _Entry) -> None:
        """Share the cost of processors and memory among the GPUs of machines of their family."""
        item, gpus = entry.item, families().get(entry.item.family, ())
        ways = (
            lambda key: key[2:] == (item.region, item.term),
            lambda key: key[2] == item.region,
            lambda _key: True,
        )
        for is_like in ways:
            found = [
                (key, values)
                for key, values in sorted(self._lines.items())
                if key[0] in gpus and values[0] > 0 and is_like(key)
            ]
            if found:
                break
        else:
            self._add(OTHER, _HOSTS, entry.cost, entry.rows)
            return
        whole = sum(values[0] for _, values in found)
        left = entry.cost
        for at, (key, values) in enumerate(found):
            is_last = at == len(found) - 1
            part = left if is_last else _times(entry.cost, values[0] / whole)
            left -= part
            values[1] += part
            self._add(USED, key[0], part, entry.rows if not at else 0)


def _times(amount: Decimal, share: Fraction) -> Decimal:
    """A share of an amount."""
    if share == 1:
        return amount
    return (amount * share.numerator / share.denominator).quantize(Decimal("1e-15"))


def _spread(start: int, end: int) -> Iterable[tuple[int, float]]:
    """The clock hours from a moment to another [s], each with its share."""
    first, last = start // SECONDS_PER_HOUR, (end - 1) // SECONDS_PER_HOUR
    if last <= first:
        return ((first, 1.0),)
    length = end - start
    return (
        (
            hour,
            (min(end, (hour + 1) * SECONDS_PER_HOUR) - max(start, hour * SECONDS_PER_HOUR))
            / length,
        )
        for hour in range(first, last + 1)
    )


def _rounded(sums: Iterable[Sums]) -> set[str]:
    """The providers whose effective costs are billed ones, rounded to whole units."""
    counts: dict[str, list[int]] = {}
    for each in sums:
        for provider, (near, broken) in each.rounded.items():
            kept = counts.setdefault(provider, [0, 0])
            kept[0] += near
            kept[1] += broken
    return {provider for provider, (near, broken) in counts.items() if near and not broken}
