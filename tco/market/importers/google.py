"""Google's prices: a machine's row and its accelerators' row, added up zone by zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tco.market.importers.ledger import NO_PRICE, ON_DEMAND, SPOT, Ledger, Sighting
from tco.market.importers.names import Machine, plain


@dataclass(frozen=True, slots=True)
class Host:
    """A machine type's row: processor and memory only [USD per hour by term].

    None is an empty cell; a cell that holds no price is not there, and was accounted for.
    """

    line: int
    machine: Machine
    region: str
    zone: str
    usd: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Accelerator:
    """An accelerator's row: the price of `gpus` of them; `usd` is as for a host."""

    line: int
    name: str
    gpu: str
    gpus: float
    region: str
    zone: str
    usd: dict[str, float | None]


def pair(ledger: Ledger, hosts: Iterable[Host], accelerators: Iterable[Accelerator]) -> None:
    """Add each machine type and the accelerators that machines.csv says it has.

    The row for that very number of accelerators counts, else as many times the row for one.
    Accelerators that no machine type in the file has are kept without a host.
    """
    rows: dict[tuple[str, str, str, float], Accelerator] = {}
    for part in accelerators:
        key = (part.region, part.zone, plain(part.name), part.gpus)
        if key in rows:
            ledger.set_aside(part.line, "accelerator listed twice in a zone")
        else:
            rows[key] = part
    used = set()
    for host in hosts:
        wanted = host.machine.gpus
        place = (host.region, host.zone, plain(host.machine.name))
        chosen = rows.get((*place, wanted)) or rows.get((*place, 1))
        if chosen is None:
            ledger.set_aside(host.line, "no row of its accelerator in the zone")
            continue
        used.add(chosen.line)
        for term in (ON_DEMAND, SPOT):
            _add(ledger, host, chosen, term)
    for part in rows.values():
        if part.line not in used:
            _alone(ledger, part)


def _add(ledger: Ledger, host: Host, part: Accelerator, term: str) -> None:
    one, other = host.usd.get(term), part.usd.get(term)
    if one is not None and other is not None:
        lines, wanted, name = (host.line, part.line), host.machine.gpus, host.machine.instance
        usd = one + other * (wanted / part.gpus)
        ledger.see(Sighting(lines, part.gpu, name, wanted, host.region, host.zone, term, usd))
    elif term == ON_DEMAND or one is not None or other is not None:
        open_ones = tuple(each.line for each in (host, part) if term in each.usd)
        ledger.lose(open_ones, term, "host or accelerator without a price")


def _alone(ledger: Ledger, part: Accelerator) -> None:
    name = f"{part.gpus:g}x {part.name} without host"
    for term, usd in part.usd.items():
        if usd is not None:
            place = (part.region, part.zone)
            seen = Sighting((part.line,), part.gpu, name, part.gpus, *place, term, usd, False)
            ledger.see(seen)
        elif term == ON_DEMAND:
            ledger.lose((part.line,), term, NO_PRICE)
