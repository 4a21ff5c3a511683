"""From the rows of a catalog file to what it brings: a source, and a rate for each offer."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from tco.errors import InputError, Problem
from tco.inputs.clock import is_to_come
from tco.market.catalogue import Price, Provider, Quote, Rate, Source
from tco.market.evidence import (
    FAR_FROM_KNOWN,
    TOO_HIGH,
    TOO_LOW,
    age_days,
    is_implausible,
    is_too_high,
    is_too_low,
)
from tco.market.files import dated, first_day, positive
from tco.market.importers.lines import Line, RejectedError, listed, parsed
from tco.market.importers.money import USD, converted, price_in_usd
from tco.market.importers.names import NOT_IN_TABLE, UNKNOWN, UNSTATED, country_of, fits, gpu_of
from tco.market.importers.opening import PriceFile, unreadable
from tco.market.observed import Batch, RejectedRow, amount_of
from tco.words.figures import counted

NOT_STATED = "not stated"
ON_DEMAND = "on_demand"
SPOT = "spot"
NO_PRICE, ABSURD = "no price", "price is absurd"
# What collectors write where they know no price [USD per hour].
_PLACEHOLDERS = frozenset({700.0})
# A GPU-hour outside of this [USD], or an instance with more GPUs, is a slip of the collector.
_LEAST_USD, _MOST_USD, _MOST_GPUS = 0.001, 1_000, 1_000
# Why a price is not the best of its offer: because it is more expensive, or the same.
_SAME_ZONE = ("another row of the same offer is cheaper", "the same offer twice")
_OTHER_ZONE = ("another zone of the region is cheaper", "same price in another zone")
# Where anybody may bid, one price for both is no price list.
_MARKETPLACE = "marketplace"
_COPIED = "equals the on-demand price: no observation"
ABOVE_ON_DEMAND = "spot is above on demand in the file: the latter may not be the list price"
MAY_BE_BID = "the list has the same price for spot: it may be the lowest bid allowed"
_CONVERTED = re.compile(r"at (\S+ USD per ([A-Z]{3}) (?:of (\d[\d-]+)|as given))", re.ASCII)
# GPU, instance, number of GPUs, region, and whether the host is included.
OfferKey: TypeAlias = tuple[str, str, float, str, bool]


def is_absurd(usd_per_gpu_hour: float) -> bool:
    """Whether no GPU-hour can cost so much, or so little [USD].

    >>> is_absurd(2.5), is_absurd(1e-9)
    (False, True)
    """
    return not _LEAST_USD <= usd_per_gpu_hour <= _MOST_USD


@dataclass(frozen=True)
class Origin:
    """A file's day, checksum and source; `remark` says so where the day is a guess."""

    collector: str
    file: str
    as_of: str
    sha256: str
    remark: str


def origin(collector: str, file: PriceFile, as_of: str | None) -> Origin:
    """What is known of a file; without `as_of` its day is that of its last change [UTC].

    DataError when the file cannot be read, InputError when `as_of` is no date, or one to come.
    """
    if as_of is not None:
        try:
            if is_to_come(first_day(dated(as_of))):
                raise ValueError("is in the future")
        except ValueError as wrong:
            message = f"as_of = {as_of!r} {wrong}: the day the prices were seen"
            raise InputError([Problem("as_of", message)]) from None
    try:
        sha256, changed = file.sha256(), file.changed()
    except OSError as wrong:
        raise unreadable(file.path, wrong) from wrong
    day = min(changed, datetime.now(UTC)).date().isoformat()
    remark = f"no date in the file: taken as of {day}, the day it was last written"
    return Origin(collector, file.name, as_of or day, sha256, "" if as_of else remark)


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """One price of an instance [USD per hour] in one zone, and the rows it stands in."""

    lines: tuple[int, ...]
    gpu: str
    instance: str
    gpus: float
    region: str
    zone: str
    term: str
    usd: float
    host_included: bool = True
    note: str = ""


@dataclass
class RowLog:
    """Rows as they come: each gives prices, or is rejected; or one of its prices is lost."""

    prices: list[ListedPrice] = field(default_factory=list)
    # The provider, GPU name and beginning of each row.
    _rows: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    _rejected: dict[tuple[int, str], RejectedRow] = field(default_factory=dict)
    _lost: list[tuple[tuple[int, ...], str, str]] = field(default_factory=list)

    def read(
        self,
        lines: Iterable[Line],
        name: Callable[[dict[str, str]], tuple[str, str]],
        take: Callable[[Line], None],
    ) -> None:
        """Enter each row under its provider and GPU name, and reject those that `take` refuses."""
        for line in lines:
            self._rows[line.number] = (*name(line.cells), line.text)
            try:
                if line.fault:
                    raise RejectedError(line.fault)
                take(line)
            except RejectedError as why:
                self.reject(line.number, str(why))

    def reject(self, number: int, reason: str) -> None:
        """Say why a row, or one price of it, was not used."""
        provider, gpu, text = self._rows[number]
        self._rejected[number, reason] = RejectedRow(number, provider, gpu, reason, text)

    def add(self, price: ListedPrice) -> None:
        """Take a price, if it can be one."""
        if is_absurd(price.usd / price.gpus):
            self.lose(price.lines, price.term, ABSURD)
        else:
            self.prices.append(price)

    def lose(self, lines: tuple[int, ...], term: str, reason: str) -> None:
        """Say why a price of a term was not used; counts for rows that do not give it otherwise."""
        self._lost.append((lines, term, reason))

    def close(self, used: Collection[tuple[int, str]]) -> None:
        """Reject what was lost; `used` are the row numbers and terms of the prices that count."""
        for lines, term, reason in self._lost:
            for number in lines:
                if (number, term) not in used:
                    self.reject(number, f"{SPOT}: {reason}" if term == SPOT else reason)
        self._lost.clear()

    def rejected(self) -> tuple[RejectedRow, ...]:
        """What was rejected, in the order of the file."""
        return tuple(self._rejected[key] for key in sorted(self._rejected))

    def reasons(self, used: Collection[int]) -> Counter[str]:
        """Why rows were not used, but for those of these numbers: one reason a row."""
        first: dict[int, str] = {}
        for number, reason in sorted(self._rejected, key=lambda key: key[1].startswith(SPOT)):
            if number not in used:
                first.setdefault(number, reason)
        return Counter(first.values())

    def count(self, numbers: Iterable[int] | None = None) -> Counter[tuple[str, str]]:
        """The rows of these numbers, or all, by provider and GPU name."""
        return Counter(self._rows[at][:2] for at in (self._rows if numbers is None else {*numbers}))


def _listed_amount(cell: str, decimal: str) -> float:
    """A price of a list; of many rows that are wrong alike, one reason."""
    try:
        return amount_of("usd_per_gpu_hour", cell, decimal)
    except ValueError as wrong:
        known = ("is negative or too large", "is not positive")
        raise ValueError(str(wrong) if str(wrong) in known else "is not a number") from None


@dataclass(frozen=True)
class Prices:
    """How the prices of a list are read: its decimal mark, its currency, and what that is worth.

    `usd_per` is what one unit of a currency is worth [USD], where somebody says so.
    """

    decimal: str = "."
    currency: str = USD
    as_of: str = ""
    usd_per: Mapping[str, float] = field(default_factory=dict)

    def read(self, cell: str, told: str = "") -> tuple[float | None, str]:
        """A price [USD per hour] and how it was converted; None where the cell is empty.

        `told` is the currency that the row says. RejectedError where the cell holds no price.

        >>> Prices().read("0.8048"), Prices().read("")
        ((0.8048, ''), (None, ''))
        >>> Prices().read("1,500")
        Traceback (most recent call last):
        ...
        tco.market.importers.lines.RejectedError: price is not a number
        """
        if not cell:
            return None, ""
        if cell.lstrip("+-").replace(".", "", 1).isdigit() and self.decimal == ".":
            code = told or self.currency
            number = self._number(cell)
            usd, note = converted(number, code, self.as_of, self.usd_per)
        else:
            code = told or (self.currency if self.currency != USD else "")
            usd, note = price_in_usd(cell, code, self.as_of, self.usd_per, self._number)
        if usd in _PLACEHOLDERS:
            raise RejectedError("placeholder price")
        return usd, note

    def _number(self, cell: str) -> float:
        return parsed("price", cell, lambda text: _listed_amount(text, self.decimal))


def read_price(cell: str) -> float | None:
    """A price of a list in USD [USD per hour]; None where the cell is empty.

    >>> read_price("0.8048"), read_price("")
    (0.8048, None)
    """
    return Prices().read(cell)[0]


def read_count(cell: str, decimal: str = ".") -> float:
    """A number of GPUs, below 1 for a part of one; RejectedError where the cell holds none.

    >>> read_count("8.0"), read_count("0.125"), read_count("0,5", ",")
    (8.0, 0.125, 0.5)
    """
    plain = cell.replace(",", ".") if decimal != "." and "." not in cell else cell
    gpus = parsed("number of GPUs", plain, positive)
    if gpus > 1 and gpus != int(gpus):
        raise RejectedError("number of GPUs is not whole")
    if gpus > _MOST_GPUS:
        raise RejectedError("number of GPUs is absurd")
    return gpus


def gpu_in_row(
    collector: str,
    provider: str,
    name: str,
    count: str,
    memory_gb: float | None,
    texts: tuple[str, ...],
    *,
    of_all: bool = False,
    decimal: str = ".",
) -> tuple[str, float]:
    """The key and the number of the GPUs of a row; RejectedError where either is not known.

    `count` is the cell with their number, `memory_gb` that of one, or with `of_all` that of all of
    them, None when unknown; the rest is as for `gpu_of`.
    """
    uncounted = None
    try:
        gpus = read_count(count, decimal)
    except RejectedError as why:
        gpus, uncounted = 1.0, why
    if memory_gb and of_all:
        memory_gb /= gpus
    gpu, unknown = gpu_of(collector, provider, name, memory_gb, texts)
    if unknown:
        raise RejectedError(unknown)
    if uncounted:
        raise uncounted
    if not fits(gpu, memory_gb, gpus):
        raise RejectedError(f"memory is not that of {gpu}")
    return gpu, gpus


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer at the price that counts.

    `odd` says that spot is above on demand; `dearer` is the number of zones that cost more;
    `copied` says that the list has the price of an on-demand offer for spot too.
    """

    price: ListedPrice
    odd: bool
    dearer: int
    copied: bool = False


def batch_of(
    log: RowLog,
    found: Origin,
    provider: Provider,
    publisher: str,
    url: str,
    remarks: Iterable[str] = (),
) -> Batch:
    """What a catalog file brings: the best price of each offer, as rates per GPU-hour [USD].

    A spot price that equals the on-demand price is no observation; one above it is kept and
    flagged, on both. `remarks` are what its reader has to say of the file.
    """
    offers = choose(log)
    log.close({(number, each.price.term) for each in offers for number in each.price.lines})
    source = Source(
        source_id=f"{found.collector}-catalog-{provider.provider}",
        publisher=publisher,
        title=f"{publisher}: {provider.name}",
        url=url,
        published="",
        accessed=found.as_of,
        license=NOT_STATED,
    )
    rates = tuple(_rates(offers, found, provider, source))
    rejected = log.rejected()
    used = {number for each in offers for number in each.price.lines}
    said = (found.remark, *remarks, *_remarks(offers, rates, rejected))
    return Batch(
        collector=found.collector,
        file=found.file,
        sha256=found.sha256,
        as_of=found.as_of,
        source=source,
        rows=log.count(),
        kept=log.count(used),
        rates=rates,
        rejected=rejected,
        aside=log.reasons(used),
        remarks=tuple(filter(None, said)),
        guessed=bool(found.remark),
    )


def choose(log: RowLog) -> list[Offer]:
    """The best price of each offer; what the others lack is written into the log."""
    first: dict[tuple[OfferKey, str, str], float] = {}
    for price in log.prices:
        first.setdefault((_key(price), price.zone, price.term), price.usd)
    found: dict[tuple[OfferKey, str], list[ListedPrice]] = defaultdict(list)
    for price in log.prices:
        key = _key(price)
        if price.term == SPOT and price.usd == first.get((key, price.zone, ON_DEMAND)):
            log.lose(price.lines, SPOT, _COPIED)
        else:
            found[key, price.term].append(price)
    offers = []
    for (key, _term), prices in found.items():
        best = min(prices, key=lambda price: price.usd)
        spot, usual = (first.get((key, best.zone, term)) for term in (SPOT, ON_DEMAND))
        odd = spot is not None and usual is not None and spot > usual
        dearer = {price.zone for price in prices if price.usd > best.usd} - {best.zone}
        offers.append(Offer(best, odd, len(dearer), best.term == ON_DEMAND and spot == usual))
        for price in prices:
            if price is not best:
                reasons = _SAME_ZONE if price.zone == best.zone else _OTHER_ZONE
                log.lose(price.lines, price.term, reasons[price.usd == best.usd])
    return offers


def _key(price: ListedPrice) -> OfferKey:
    return price.gpu, price.instance, price.gpus, price.region, price.host_included


def _rates(
    offers: Iterable[Offer], found: Origin, provider: Provider, source: Source
) -> Iterator[Rate]:
    """The rates; instances have the number of GPUs behind a name that stands for several sizes."""
    sizes: dict[tuple[str, str], set[float]] = defaultdict(set)
    for offer in offers:
        sizes[offer.price.gpu, offer.price.instance].add(offer.price.gpus)
    for offer in offers:
        price = offer.price
        notes = {
            price.note: bool(price.note),
            ABOVE_ON_DEMAND: offer.odd,
            MAY_BE_BID: offer.copied and provider.market == _MARKETPLACE,
            "fraction of a GPU": price.gpus < 1,
            f"more expensive in {counted(offer.dearer, 'other zone')} of the region": offer.dearer,
        }
        several = len(sizes[price.gpu, price.instance]) > 1
        yield Rate(
            gpu=price.gpu,
            provider=provider.provider,
            instance=f"{price.instance} x{price.gpus:g}" if several else price.instance,
            gpus_per_instance=price.gpus,
            region=price.region,
            country=country_of(provider.provider, price.region),
            term=price.term,
            usd_per_gpu_hour=round(price.usd / price.gpus, 6),
            host_included=price.host_included,
            as_of=found.as_of,
            source_id=source.source_id,
            note="; ".join(note for note, holds in notes.items() if holds),
        )


def _remarks(
    offers: Iterable[Offer],
    rates: Sequence[Rate],
    rejected: Iterable[RejectedRow],
) -> Iterator[str]:
    """What looks odd in the file, kept or not, each with the GPUs or regions."""
    spot = [each.price.gpu for each in offers if each.odd and each.price.term == SPOT]
    places = [rate.region for rate in rates if rate.country == UNKNOWN]
    parts = [rate.gpu for rate in rates if rate.gpus_per_instance < 1]
    bare = [rate.gpu for rate in rates if not rate.host_included]
    bids = [rate.gpu for rate in rates if MAY_BE_BID in rate.note]
    for names, word, what in (
        (spot, "spot price", "above on demand, kept and flagged"),
        (bids, "price", "that may be the lowest bid allowed, flagged"),
        (parts, "price", "for a fraction of a GPU"),
        (bare, "price", "for an accelerator without its host"),
        (places, "price", "in a region of unknown country"),
    ):
        if names:
            yield f"{counted(len(names), word)} {what}: {listed(names)}"
    for reason in (NOT_IN_TABLE, UNSTATED):
        unnamed = [row.gpu for row in rejected if row.reason == reason]
        if unnamed:
            yield f"{reason}: {listed(unnamed)}"
    yield from odd_prices(rates)
    yield from exchanged(rates)


def odd_prices(rates: Sequence[Rate], prices: Sequence[Price] = ()) -> Iterator[str]:
    """What to say of prices far from all others: rates far below are flagged and not compared."""
    low = [rate.gpu for rate in rates if is_too_low(rate)]
    if low:
        yield f"{counted(len(low), 'price')} {TOO_LOW}, kept and not compared: {listed(low)}"
    high = [rate.gpu for rate in rates if is_too_high(rate)]
    if high:
        yield f"{counted(len(high), 'price')} {TOO_HIGH}, kept (are they per GPU?): {listed(high)}"
    far = [price.gpu for price in prices if is_implausible(price)]
    if far:
        yield f"{counted(len(far), 'purchase price')} {FAR_FROM_KNOWN}, kept: {listed(far)}"


def exchanged(rows: Iterable[Rate | Price | Quote]) -> Iterator[str]:
    """At which rates prices were converted, and how old these are."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        if how := _CONVERTED.search(row.note):
            found[how[1], how[2], how[3] or ""].append(first_day(row.as_of))
    for (told, code, day), days in found.items():
        old = f", {age_days(day, max(days)):,} days before" if day else ""
        yield f"{counted(len(days), 'price')} in {code} converted at {told}{old}"
