"""What a catalogue file brings: its day and source, and one observation for each offer."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from tco.errors import InputError, Problem
from tco.market.choice import count
from tco.market.files import dated
from tco.market.importers.lines import ON_DEMAND, SPOT, Ledger, Sighting, unreadable
from tco.market.importers.names import NOT_IN_TABLE, UNKNOWN, UNSTATED, country_of
from tco.market.observed import Batch, SetAside
from tco.market.records import Provider, Rate, Source

_PUBLISHERS = {
    "skypilot": ("SkyPilot catalog", "https://github.com/skypilot-org/skypilot-catalog"),
    "gpuhunt": ("gpuhunt catalog", "https://github.com/dstackai/gpuhunt"),
}
NOT_STATED = "not stated"
# GPU, instance, number of GPUs, region, and whether the host is included.
Place: TypeAlias = tuple[str, str, float, str, bool]


@dataclass(frozen=True)
class Origin:
    """A file's day, checksum and source; `remark` says so where the day is a guess."""

    collector: str
    file: str
    as_of: str
    sha256: str
    remark: str


def origin(collector: str, path: Path, as_of: str | None) -> Origin:
    """What is known of a file; without `as_of` its day is that of its last change [UTC].

    DataError when the file cannot be read, InputError when `as_of` is not a date.
    """
    if as_of is not None:
        try:
            dated(as_of)
        except ValueError as wrong:
            message = f"as_of = {as_of!r} {wrong}: the day the prices were seen"
            raise InputError([Problem("as_of", message)]) from None
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as wrong:
        raise unreadable(path, wrong) from wrong
    day = min(changed, datetime.now(UTC)).date().isoformat()
    remark = f"no date in the file: taken as of {day}, the day it was last written"
    return Origin(collector, path.name, as_of or day, sha256, "" if as_of else remark)


@dataclass(frozen=True, slots=True)
class Kept:
    """The sighting that counts for an offer.

    `odd` says that spot is above on demand; `dearer` is the number of zones that cost more.
    """

    seen: Sighting
    odd: bool
    dearer: int


def batch_of(ledger: Ledger, found: Origin, provider: Provider, url: str) -> Batch:
    """What a catalogue file brings: the best sighting of each offer, as rates per GPU-hour [USD].

    A spot price that equals the on-demand price is no observation; one above it is kept and
    flagged, on both.
    """
    kept = choose(ledger)
    ledger.close((number, each.seen.term) for each in kept for number in each.seen.lines)
    publisher, home = _PUBLISHERS[found.collector]
    source = Source(
        source_id=f"{found.collector}-catalog-{provider.provider}",
        publisher=publisher,
        title=f"{publisher}: {provider.name}",
        url=url or home,
        published="",
        accessed=found.as_of,
        licence=NOT_STATED,
    )
    rates = tuple(_rates(kept, found, provider, source))
    aside = ledger.aside()
    return Batch(
        collector=found.collector,
        file=found.file,
        sha256=found.sha256,
        as_of=found.as_of,
        source=source,
        rows=ledger.count(),
        kept=ledger.count(number for each in kept for number in each.seen.lines),
        rates=rates,
        aside=aside,
        remarks=tuple(filter(None, (found.remark, *_remarks(kept, rates, aside)))),
    )


def choose(ledger: Ledger) -> list[Kept]:
    """The best sighting of each offer; what the others lack is written into the ledger."""
    zones: dict[tuple[Place, str, str], float] = {}
    for seen in ledger.sightings:
        zones.setdefault((_place(seen), seen.zone, seen.term), seen.usd)
    offers: dict[tuple[Place, str], list[Sighting]] = defaultdict(list)
    for seen in ledger.sightings:
        place = _place(seen)
        if seen.term == SPOT and seen.usd == zones.get((place, seen.zone, ON_DEMAND)):
            ledger.lose(seen.lines, SPOT, "equals the on-demand price: no observation")
        else:
            offers[place, seen.term].append(seen)
    kept = []
    for (place, _), rows in offers.items():
        best = min(rows, key=lambda seen: seen.usd)
        spot, usual = (zones.get((place, best.zone, term)) for term in (SPOT, ON_DEMAND))
        odd = spot is not None and usual is not None and spot > usual
        dearer = {row.zone for row in rows if row.usd > best.usd} - {best.zone}
        kept.append(Kept(best, odd, len(dearer)))
        for seen in rows:
            if seen is not best:
                ledger.lose(seen.lines, seen.term, _why_not(seen, best))
    return kept


def _place(seen: Sighting) -> Place:
    return seen.gpu, seen.instance, seen.gpus, seen.region, seen.host_included


def _why_not(seen: Sighting, best: Sighting) -> str:
    if seen.zone != best.zone:
        same, dearer = "same price in another zone", "another zone of the region is cheaper"
    else:
        same, dearer = "the same offer twice", "another row of the same offer is cheaper"
    return same if seen.usd == best.usd else dearer


def _rates(
    kept: Iterable[Kept], found: Origin, provider: Provider, source: Source
) -> Iterator[Rate]:
    """The rates; instances have the number of GPUs behind a name that stands for several sizes."""
    sizes: dict[tuple[str, str], set[float]] = defaultdict(set)
    for each in kept:
        sizes[each.seen.gpu, each.seen.instance].add(each.seen.gpus)
    for each in kept:
        seen = each.seen
        several = len(sizes[seen.gpu, seen.instance]) > 1
        notes = []
        if each.odd:
            notes.append(
                "spot is above on demand in the file: the latter may not be the list price"
            )
        if seen.gpus < 1:
            notes.append("fraction of a GPU")
        if each.dearer:
            notes.append(f"dearer in {count(each.dearer, 'more zone')} of the region")
        yield Rate(
            gpu=seen.gpu,
            provider=provider.provider,
            instance=f"{seen.instance} x{seen.gpus:g}" if several else seen.instance,
            gpus_per_instance=seen.gpus,
            region=seen.region,
            country=country_of(provider.provider, seen.region),
            term=seen.term,
            usd_per_gpu_hour=round(seen.usd / seen.gpus, 6),
            host_included=seen.host_included,
            as_of=found.as_of,
            source_id=source.source_id,
            note="; ".join(notes),
        )


def _remarks(
    kept: Iterable[Kept], rates: Iterable[Rate], aside: Iterable[SetAside]
) -> Iterator[str]:
    """What looks odd in the file, kept or not, each with the GPUs or regions."""
    spot = [each.seen.gpu for each in kept if each.odd and each.seen.term == SPOT]
    places = [rate.region for rate in rates if rate.country == UNKNOWN]
    parts = [rate.gpu for rate in rates if rate.gpus_per_instance < 1]
    bare = [rate.gpu for rate in rates if not rate.host_included]
    for names, word, what in (
        (spot, "spot price", "above on demand, kept and flagged"),
        (parts, "price", "for a fraction of a GPU"),
        (bare, "price", "for an accelerator without its host"),
        (places, "price", "in a region of unknown country"),
    ):
        if names:
            yield f"{count(len(names), word)} {what}: {_listed(names)}"
    for reason in (NOT_IN_TABLE, UNSTATED):
        unnamed = [row.gpu for row in aside if row.reason == reason]
        if unnamed:
            yield f"{reason}: {_listed(unnamed)}"


def _listed(names: Iterable[str]) -> str:
    """The first eight names, and how many more there are."""
    unique = sorted(set(names))
    more = len(unique) - 8
    return ", ".join(unique[:8]) + (f" and {more} more" if more > 0 else "")
