"""What the data files say: a frozen record for each row, all read once and checked together.

A record's fields are the columns of its file, in their order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from tco.errors import DataError
from tco.inputs import INPUTS, PRICES
from tco.inputs.checks import clean
from tco.market import files
from tco.market.files import (
    Record,
    column,
    data_folder,
    first_day,
    grouped,
    known_from,
    read_records,
    read_toml,
    recorded,
)

ASSUMPTION = "assumption"
# The basis of prices of new and used cards together, which stand for neither.
MIXED = "mixed"
# How an uncertain input is distributed between its low and its high.
PERT, LOG_NORMAL, CHOICE = "pert", "lognormal", "choice"
SHAPES = (PERT, LOG_NORMAL, CHOICE)
TERM = files.one_of(*INPUTS["term"].choices)
_SECTOR = files.one_of("industrial", "commercial", "non_household", "residential")
ANY_REGION = "any"
ALL_PROVIDERS = "all"
# Kinds of rental market; prices of one kind move together.
MARKETS = ("hyperscaler", "neocloud", "marketplace")
# After the kind: its spot prices, which move on their own.
SPOT = "_spot"
COLO_FEE = "colo_usd_per_kw_month"
# What every host class has, and what some have of their own instead of the general default.
HOST_INPUTS = ("gpus_per_server", "server_units", "server_w", "server_usd")
HOST_EXTRAS = (
    *("network_usd_per_gpu", "install_usd_per_gpu", "staff_usd_per_gpu_month"),
    *("maintenance_rate_per_year", COLO_FEE, "sold_by_server"),
)
# Where owned hardware stands: an entry of defaults.toml may be for one of them.
SITE = "site"
DATACENTER, OFFICE, HOME = SITES = INPUTS[SITE].choices
OF_SITE = (
    *("hosting", "pue", "rack_usd_per_month", "server_usd", "network_usd_per_gpu"),
    *("install_usd_per_gpu", "staff_usd_per_gpu_month", "maintenance_rate_per_year"),
    "insurance_rate_per_year",
)
# What an instance that is no usual offer is: see offer_kinds.csv.
OTHERS_MACHINES, DESKTOP_LICENSE, LOWEST_OFFER = OFFER_KINDS = (
    *("others_machines", "desktop_license", "lowest_offer"),
)
# What else entries of defaults.toml may be for.
USED, OWNED, UNKNOWN_GPU = "used", "owned", "unknown_gpu"
NOT_SOLD_NEW, INTERRUPTIBLE = "not_sold_new", "spot"


@dataclass(frozen=True)
class Source:
    """sources.csv: who published a figure, where, and when it was looked at."""

    source_id: str = column(files.source, key=True)
    publisher: str = column(files.word)
    title: str = column(files.word)
    url: str = column(files.word)
    published: str = column(files.dated_or_empty)
    accessed: str = column(files.dated)
    license: str = column(files.word)

    @property
    def cited(self) -> str:
        """How it is named where a figure of it is shown."""
        return f"{self.publisher}: {self.title}"


@dataclass(frozen=True)
class Gpu:
    """gpus.csv: what the catalog knows of one GPU; TFLOPS are dense."""

    gpu: str = column(files.word, key=True)
    name: str = column(files.word)
    vendor: str = column(files.word)
    memory_gb: float = column(files.positive)
    bandwidth_gb_s: float = column(files.positive)
    fp16_dense_tflops: float | None = column(files.positive_or_empty)
    fp8_dense_tflops: float | None = column(files.positive_or_empty)
    int8_dense_tops: float | None = column(files.positive_or_empty)
    gpu_w: float = column(files.positive)
    idle_w: float = column(files.positive)
    idle_source_id: str = column(files.source)
    host: str = column(files.word)
    resale_market: str = column(files.slug)
    form_factor: str = column(files.word)
    nvlink_gb_s: float | None = column(files.positive_or_empty)
    mig_instances: float | None = column(files.count_or_empty)
    encoders: float | None = column(files.count_or_empty)
    decoders: float | None = column(files.count_or_empty)
    display_outputs: float | None = column(files.count_or_empty)
    released: str = column(files.dated)
    sold_new: bool = column(files.yes_no)
    as_of: str = column(files.dated)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class Price:
    """purchase_prices.csv: one observation of what a GPU costs to buy."""

    gpu: str = column(files.word, key=True)
    price_basis: str = column(files.one_of(*INPUTS["price_basis"].choices, MIXED), key=True)
    usd: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class Rate:
    """rental_rates.csv: one observation of what a GPU-hour costs to rent."""

    gpu: str = column(files.word, key=True)
    provider: str = column(files.word, key=True)
    instance: str = column(files.word, key=True)
    gpus_per_instance: float = column(files.positive)
    region: str = column(files.word, key=True)
    country: str = column(files.word)
    term: str = column(TERM, key=True)
    usd_per_gpu_hour: float = column(files.positive_or_listed)
    listed: str = files.listed()
    host_included: bool = column(files.yes_no)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class Provider:
    """providers.csv: who rents GPUs out, in which market, and in which currency it lists."""

    provider: str = column(files.slug, key=True)
    name: str = column(files.word)
    market: str = column(files.one_of(*MARKETS))
    currency: str = column(files.one_of("USD", *files.CURRENCIES))
    note: str = column(str)


@dataclass(frozen=True)
class OfferKind:
    """offer_kinds.csv: instances of a provider, by their beginning, that are no usual offer."""

    provider: str = column(files.slug, key=True)
    instance: str = column(files.word, key=True)
    kind: str = column(files.one_of(*OFFER_KINDS))
    note: str = column(str)


@dataclass(frozen=True)
class ExchangeRate:
    """fx.csv: what one unit of a currency was worth."""

    currency: str = column(files.one_of(*files.CURRENCIES), key=True)
    usd_per_unit: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class RateIndex:
    """rate_indices.csv: a rental rate over many offers, to check against; never an offer."""

    gpu: str = column(files.word, key=True)
    provider: str = column(files.word, key=True)
    kind: str = column(files.one_of("index", "average", "contract"))
    term: str = column(TERM, key=True)
    usd_per_gpu_hour: float = column(files.positive)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class Quote:
    """An offer that somebody made to the user, good until a day: a purchase price or a rental rate.

    `input` is the input it stands for; provider, region and term are empty for a purchase.
    """

    gpu: str = column(files.word)
    input: str = column(files.one_of(*PRICES))
    value: float = column(files.positive)
    provider: str = column(str)
    region: str = column(str)
    term: str = column(str)
    as_of: str = column(files.dated)
    valid_until: str = column(files.dated)
    note: str = column(str)

    @property
    def offer(self) -> tuple[str, ...]:
        """What it is a price of: two of one offer with two prices contradict each other."""
        return (self.gpu, self.input, self.provider, self.region, self.term, self.as_of)


def _host_value(cell: str) -> float | bool | str:
    """A number, yes or no, or where such a host stands."""
    return cell if cell in SITES else files.number_or_yes_no(cell)


@dataclass(frozen=True)
class HostValue:
    """servers.csv: one input of one host class, the server that a kind of GPU goes into.

    `servers_up_to`: for clusters of up to so many servers; None where it is for all, or for more.
    Beyond the last of them the general default counts.
    """

    host: str = column(files.word, key=True)
    input: str = column(files.one_of(*HOST_INPUTS, *HOST_EXTRAS, SITE), key=True)
    servers_up_to: float | None = column(files.positive_or_empty, key=True)
    value: float | bool | str = column(_host_value)
    low: float | None = column(files.count_or_empty)
    high: float | None = column(files.count_or_empty)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class Electricity:
    """electricity.csv: one tariff."""

    region: str = column(files.word, key=True)
    sector: str = column(_SECTOR, key=True)
    usd_per_kwh: float = column(files.positive_or_listed)
    listed: str = files.listed()
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class Colocation:
    """colocation.csv: one market's price of reserved power."""

    market: str = column(files.word, key=True)
    country: str = column(files.word)
    usd_per_kw_month: float = column(files.positive)
    power_included: bool = column(files.yes_no)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


def _pue(cell: str) -> float:
    """A number that the input of this name may have."""
    number = files.positive(cell)
    if clean(INPUTS["pue"], number)[1]:
        raise ValueError("is no PUE")
    return number


@dataclass(frozen=True)
class Pue:
    """pue.csv: the average PUE of the data centers of one country, or of the EU."""

    country: str = column(files.word, key=True)
    pue: float = column(_pue)
    as_of: str = column(files.dated, key=True)
    recorded: str = recorded()
    source_id: str = column(files.source, key=True)
    note: str = column(str)


@dataclass(frozen=True)
class Preset:
    """presets.csv: a value of an input that people pick by a label."""

    input: str = column(files.one_of(*INPUTS), key=True)
    label: str = column(files.word, key=True)
    value: float = column(files.at_least_zero)
    as_of: str = column(files.dated)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True)
class QuotedRates:
    """quoted_rates.csv: the band in which a GPU is usually said to rent, whatever the offers."""

    gpu: str = column(files.word, key=True)
    term: str = column(TERM, key=True)
    low_usd_per_gpu_hour: float = column(files.positive)
    high_usd_per_gpu_hour: float = column(files.positive)
    as_of: str = column(files.dated)
    recorded: str = recorded()
    source_id: str = column(files.source)
    note: str = column(str)


@dataclass(frozen=True, kw_only=True)
class Default:
    """defaults.toml: one dated belief about one input.

    `recorded` is empty for what entered the file on its own date. `origin` (the file's key `from`)
    names the file that holds the value instead; `low_factor` and
    `high_factor` are then the range as multiples of it; or it names the input of which the value is
    `factor` times as much. `market` restricts an entry to one kind of market, to what is used or
    owned already, or to GPUs that are not in the catalog; without it the entry is the general
    one. `shape` is how the input is distributed over
    its range when the odds are asked for (docs/uncertainty.md).
    """

    input: str
    as_of: str
    recorded: str = ""
    source_id: str
    note: str
    default: Any = None
    low: float | None = None
    high: float | None = None
    origin: str = ""
    factor: float | None = None
    low_factor: float | None = None
    high_factor: float | None = None
    market: str = ""
    shape: str = PERT


Row = TypeVar("Row", Rate, Price, Quote)
_DEFAULT_KEYS = {column.name for column in fields(Default)} - {"input", "origin"} | {"from"}


def seen_values(
    rates: Iterable[Rate], prices: Iterable[Price], quotes: Iterable[Quote]
) -> dict[str, set[str]]:
    """Every date, provider and region (or country) that observations name, by field."""
    rented: tuple[Rate | Quote, ...] = (*rates, *quotes)
    regions = {row.region for row in rented} | {row.country for row in rates}
    return {
        "as_of": {row.as_of for row in (*rented, *prices)},
        "provider": {row.provider for row in rented} - {""},
        "region": regions - {""},
    }


class Observations:
    """Observations that never change: of one file or frame, or of a store up to one import.

    `label` says what they are, in one phrase; `sources` are those that their rows name; `remarks`
    say what of a file is not used, or is odd.
    """

    seen: Mapping[str, Collection[str]]
    remarks: tuple[str, ...] = ()

    def __init__(
        self,
        label: str,
        sources: Mapping[str, Source],
        rates: Sequence[Rate] = (),
        prices: Sequence[Price] = (),
        quotes: Sequence[Quote] = (),
        remarks: Sequence[str] = (),
    ) -> None:
        self.label, self.sources, self.remarks = label, dict(sources), tuple(remarks)
        self.seen = seen_values(rates, prices, quotes)
        kinds: dict[type, Sequence[Any]] = {Rate: rates, Price: prices, Quote: quotes}
        self._rows = {kind: grouped(rows, attrgetter("gpu")) for kind, rows in kinds.items()}

    def rows_of(self, kind: type[Row], gpu: str) -> tuple[Row, ...]:
        """The observations of one kind (Rate, Price, Quote) of a GPU, in their order."""
        found: tuple[Row, ...] = self._rows[kind].get(gpu, ())
        return found

    @property
    def newest(self) -> str:
        """The first day of the newest date among them; empty without any."""
        return max(map(first_day, self.seen["as_of"]), default="")

    @property
    def providers(self) -> frozenset[str]:
        """Every provider of a rate or a quote."""
        return frozenset(self.seen["provider"])

    @property
    def regions(self) -> frozenset[str]:
        """Every region and country of a rate or a quote."""
        return frozenset(self.seen["region"])

    def rates_of(self, gpu: str) -> tuple[Rate, ...]:
        """The rental rates of a GPU."""
        return self.rows_of(Rate, gpu)

    def prices_of(self, gpu: str) -> tuple[Price, ...]:
        """The purchase prices of a GPU."""
        return self.rows_of(Price, gpu)

    def quotes_of(self, gpu: str) -> tuple[Quote, ...]:
        """The quotes for a GPU."""
        return self.rows_of(Quote, gpu)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What the project believes, from one folder; `extra` and a `policy` are what callers add."""

    sources: dict[str, Source]
    providers: dict[str, Provider]
    gpus: dict[str, Gpu]
    prices: tuple[Price, ...]
    rates: tuple[Rate, ...]
    servers: tuple[HostValue, ...]
    electricity: tuple[Electricity, ...]
    colocation: tuple[Colocation, ...]
    pues: tuple[Pue, ...]
    presets: tuple[Preset, ...]
    quoted_rates: tuple[QuotedRates, ...]
    rate_indices: tuple[RateIndex, ...]
    offer_kinds: tuple[OfferKind, ...]
    exchange_rates: tuple[ExchangeRate, ...]
    defaults: dict[str, tuple[Default, ...]]
    extra: Observations | None = None
    policy: Any = None  # a tco.Policy, which counts before all the rest

    @cached_property
    def source_ids(self) -> frozenset[str]:
        """Every source that a row may name."""
        return frozenset({*self.sources, ASSUMPTION})

    @cached_property
    def _observed(self) -> tuple[Observations, ...]:
        shipped = Observations("the shipped data", self.sources, self.rates, self.prices)
        return (shipped, self.extra) if self.extra else (shipped,)

    @property
    def label(self) -> str:
        """What the data is, for people."""
        return " and ".join(each.label for each in self._observed)

    def with_prices(self, extra: Observations) -> Catalogue:
        """The same beliefs with further observations; a source_id of both means the caller's."""
        return replace(self, extra=extra, sources={**self.sources, **extra.sources})

    @cached_property
    def newest(self) -> str:
        """The newest date in the data: what `as_of` is when nobody gives one."""
        believed = map(known_from, self.dated_rows())
        return max(*believed, *(each.newest for each in self._observed))

    def cited(self, source_ids: str) -> tuple[str, str]:
        """Publisher and title, and address, of sources (ids separated by spaces).

        An id that is not listed stands for itself, without an address.
        """
        ids = source_ids.split()
        names = (self.sources[one].cited if one in self.sources else one for one in ids)
        urls = (self.sources[one].url for one in ids if one in self.sources)
        return "; ".join(names), " ".join(urls)

    def rates_of(self, gpu: str) -> tuple[Rate, ...]:
        """The rental rates of a GPU."""
        return tuple(row for each in self._observed for row in each.rates_of(gpu))

    def prices_of(self, gpu: str) -> tuple[Price, ...]:
        """The purchase prices of a GPU."""
        return tuple(row for each in self._observed for row in each.prices_of(gpu))

    def quotes_of(self, gpu: str) -> tuple[Quote, ...]:
        """The user's own quotes for a GPU."""
        return tuple(row for each in self._observed for row in each.quotes_of(gpu))

    @cached_property
    def renting(self) -> frozenset[str]:
        """Every provider with a rental rate or a quote, and `all`."""
        return frozenset({ALL_PROVIDERS}.union(*(each.providers for each in self._observed)))

    @cached_property
    def regions(self) -> frozenset[str]:
        """Every region and country with a rental rate."""
        return frozenset().union(*(each.regions for each in self._observed))

    @cached_property
    def _kinds(self) -> dict[str, list[OfferKind]]:
        listed: dict[str, list[OfferKind]] = {}
        for row in self.offer_kinds:
            listed.setdefault(row.provider, []).append(row)
        return listed

    def kind_of(self, provider: str, instance: str) -> str:
        """What an instance of a provider is that is no usual offer; empty for one that is."""
        rows = self._kinds.get(provider, ())
        return next((row.kind for row in rows if instance.startswith(row.instance)), "")

    def dated_rows(self) -> Iterable[Any]:
        """Every row of the files that carries a date and a source."""
        yield from self.gpus.values()
        yield from (*self.prices, *self.rates, *self.servers, *self.electricity)
        yield from (*self.colocation, *self.pues, *self.presets, *self.quoted_rates)
        yield from (*self.rate_indices, *self.exchange_rates)
        for entries in self.defaults.values():
            yield from entries


@lru_cache(maxsize=4)
def load(folder: Path | None = None) -> Catalogue:
    """The catalog in a folder, by default the shipped one; DataError at the first fault."""
    return read_catalogue(folder or data_folder())


def read_catalogue(at: Path) -> Catalogue:
    """The catalog in a folder as it is now; DataError at the first fault."""
    sources = read_records(at / "sources.csv", Source)
    known = {row.source_id for row in sources} | {ASSUMPTION}

    def read(file: str, kind: type[Record]) -> tuple[Record, ...]:
        return read_records(at / file, kind, known)

    exchange = read("fx.csv", ExchangeRate)
    catalogue = Catalogue(
        sources={row.source_id: row for row in sources},
        providers={row.provider: row for row in read("providers.csv", Provider)},
        gpus={row.gpu: row for row in read("gpus.csv", Gpu)},
        prices=read("purchase_prices.csv", Price),
        rates=_in_usd("usd_per_gpu_hour", read("rental_rates.csv", Rate), exchange),
        servers=read("servers.csv", HostValue),
        electricity=_in_usd("usd_per_kwh", read("electricity.csv", Electricity), exchange),
        colocation=read("colocation.csv", Colocation),
        pues=read("pue.csv", Pue),
        presets=read("presets.csv", Preset),
        quoted_rates=read("quoted_rates.csv", QuotedRates),
        rate_indices=read("rate_indices.csv", RateIndex),
        offer_kinds=read("offer_kinds.csv", OfferKind),
        exchange_rates=exchange,
        defaults=_read_defaults(at / "defaults.toml", known),
    )
    _cross_check(catalogue)
    return catalogue


def exchange_rate(
    rates: Iterable[ExchangeRate],
    currency: str,
    day: str,
    since: Callable[[ExchangeRate], str],
) -> ExchangeRate | None:
    """The newest exchange rate of a currency on a day, of those that count `since` then."""
    known = [rate for rate in rates if rate.currency == currency and since(rate) <= day]
    return max(known, key=lambda rate: first_day(rate.as_of), default=None)


def in_usd(amount: str, currency: str, usd_per_unit: float, whose: str) -> tuple[float, str]:
    """An amount of another currency in USD, and the sentence that says how it was converted.

    >>> in_usd("0.5", "EUR", 1.2, "of 2026-11-20")
    (0.6, '0.5 EUR at 1.2 USD per EUR of 2026-11-20')
    """
    told = f"{amount} {currency} at {usd_per_unit:g} USD per {currency} {whose}"
    return round(float(amount) * usd_per_unit, 6), told


def _in_usd(
    name: str, rows: Sequence[Record], exchange: Iterable[ExchangeRate]
) -> tuple[Record, ...]:
    """The rows with their price in USD, where it is listed in another currency.

    The exchange rate is the newest that was known on the day on which the row was recorded; the
    note says which.
    """
    made = []
    for row in rows:
        listed, price = getattr(row, "listed", ""), getattr(row, name)
        if bool(listed) == (price == price):  # noqa: PLR0124 (NaN)
            said = "both in USD and in another currency" if listed else "empty"
            raise DataError(f"{name}: a price of {row} is {said}")
        if listed:
            amount, currency = listed.split(" ")
            rate = exchange_rate(exchange, currency, known_from(row), known_from)
            if rate is None:
                raise DataError(f"fx.csv: no rate of {currency} for {listed} on {known_from(row)}")
            usd, told = in_usd(amount, currency, rate.usd_per_unit, f"of {rate.as_of}")
            note = "; ".join(filter(None, (told, getattr(row, "note", ""))))
            row = replace(row, **{name: usd, "note": note})  # type: ignore[type-var]  # noqa: PLW2901
        made.append(row)
    return tuple(made)


def _read_defaults(path: Path, sources: Container[str]) -> dict[str, tuple[Default, ...]]:
    tables, written = read_toml(path), path.read_text(encoding="utf-8").splitlines()
    if set(tables) != set(INPUTS):
        odd = sorted(set(tables) ^ set(INPUTS))
        raise DataError(f"{path.name}: not exactly the inputs of the model: {', '.join(odd)}")
    found = {}
    for name, entries in tables.items():
        header = re.compile(rf"\[\[\s*{name}\s*\]\]")
        lines = [at for at, line in enumerate(written, 1) if header.match(line)]
        if not isinstance(entries, list) or len(lines) != len(entries):
            raise DataError(f"{path.name}: {name} must be written as [[{name}]] tables")
        found[name] = tuple(
            _default(name, entry, sources, f"{path.name}, line {line}, {name}")
            for entry, line in zip(entries, lines, strict=True)
        )
    return found


def _default(name: str, entry: dict[str, Any], sources: Container[str], where: str) -> Default:
    unknown = set(entry) - _DEFAULT_KEYS
    lacking = {"as_of", "source_id", "note"} - set(entry)
    if unknown or lacking or ("default" in entry) == ("from" in entry):
        raise DataError(
            f"{where}: needs as_of, source_id, note and one of default and from; "
            f"unknown: {', '.join(sorted(unknown)) or 'none'}"
        )
    for key in {"as_of", "recorded"} & set(entry):
        try:
            files.dated(entry[key])
        except (TypeError, ValueError) as wrong:
            raise DataError(f"{where}: {key} = {entry[key]!r} {wrong}") from None
    if entry["source_id"] not in sources:
        raise DataError(f"{where}: source_id = {entry['source_id']!r} is not in sources.csv")
    made = {key: value for key, value in entry.items() if key != "from"}
    declared = INPUTS[name]
    for key in ("low", "default", "high"):
        if key in entry:
            if declared.numeric and isinstance(entry[key], str):
                raise DataError(f"{where}: {key} = {entry[key]!r} is text, not a number")
            made[key], problems = clean(declared, entry[key])
            if problems:
                raise DataError(f"{where}: {key}: {problems[0].message}")
    bounds = [made[key] for key in ("low", "default", "high") if key in made]
    factors = [entry[key] for key in ("low_factor", "high_factor") if key in entry]
    if (declared.numeric and bounds != sorted(bounds)) or factors != sorted(factors):
        raise DataError(f"{where}: low, default and high are not in this order")
    shape = entry.get("shape", PERT)
    if shape not in SHAPES or ("shape" in entry and "market" in entry):
        allowed = f"{', '.join(SHAPES)} for all markets"
        raise DataError(f"{where}: shape = {shape!r} is not one of {allowed}")
    ends = [entry.get(end, entry.get(f"{end}_factor", 0)) for end in ("low", "high")]
    if shape == LOG_NORMAL and not 0 < ends[0] < ends[1]:
        raise DataError(f"{where}: shape = {shape!r} needs 0 < low < high")
    return Default(input=name, origin=entry.get("from", ""), **made)


def _cross_check(catalogue: Catalogue) -> None:
    def check(where: str, rows: Iterable[Any], column: str, known: Iterable[str]) -> None:
        strange = sorted({getattr(row, column) for row in rows} - set(known))
        if strange:
            raise DataError(f"{where}: {', '.join(strange)}")

    not_a_gpu = "not in gpus.csv"
    check(f"purchase_prices.csv: {not_a_gpu}", catalogue.prices, "gpu", catalogue.gpus)
    check(f"rental_rates.csv: {not_a_gpu}", catalogue.rates, "gpu", catalogue.gpus)
    check(f"quoted_rates.csv: {not_a_gpu}", catalogue.quoted_rates, "gpu", catalogue.gpus)
    unknown = "not in providers.csv"
    check(f"rental_rates.csv: {unknown}", catalogue.rates, "provider", catalogue.providers)
    check(f"offer_kinds.csv: {unknown}", catalogue.offer_kinds, "provider", catalogue.providers)
    check(f"rate_indices.csv: {not_a_gpu}", catalogue.rate_indices, "gpu", catalogue.gpus)
    complete = {(row.host, row.input) for row in catalogue.servers}
    for gpu in catalogue.gpus.values():
        for name in HOST_INPUTS:
            if (gpu.host, name) not in complete:
                raise DataError(f"servers.csv: no {name} for host {gpu.host} of {gpu.gpu}")
    markets = {
        "rate_growth_per_year": {kind + suffix for kind in MARKETS for suffix in ("", SPOT)},
        "resale_decline_per_year": {gpu.resale_market for gpu in catalogue.gpus.values()},
        "warranty_months": {USED},
        "price_basis": {OWNED, NOT_SOLD_NEW},
        "billing_overhead": {INTERRUPTIBLE},
        **{name: {UNKNOWN_GPU} for name in ("idle_w", *HOST_INPUTS)},
    }
    for name, entries in catalogue.defaults.items():
        known = {"", *markets.get(name, ()), *(SITES if name in OF_SITE else ())}
        check(f"defaults.toml: {name}: unknown market", entries, "market", known)
    for file, values in (("servers.csv", catalogue.servers), ("presets.csv", catalogue.presets)):
        for row in values:
            _value, problems = clean(INPUTS[row.input], row.value)
            if problems:
                raise DataError(f"{file}: {problems[0].message}")
