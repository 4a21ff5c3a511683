"""One frozen record for a row of each data file; its fields are the file's columns, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tco.inputs import INPUTS
from tco.market.files import (
    at_least_zero,
    column,
    dated,
    dated_or_empty,
    one_of,
    positive,
    positive_or_empty,
    slug,
    source,
    text,
    word,
    yes_no,
)

ASSUMPTION = "assumption"
# How an uncertain input is distributed between its low and its high.
PERT, LOG_NORMAL, CHOICE = "pert", "lognormal", "choice"
SHAPES = (PERT, LOG_NORMAL, CHOICE)
# The inputs that a quote can stand for.
PURCHASE, RENTAL = "price_usd_per_gpu", "rate_usd_per_gpu_hour"
TERM = one_of(*INPUTS["term"].choices)
ANY_REGION = "any"
ALL_PROVIDERS = "all"
# Kinds of rental market; prices of one kind move together.
MARKETS = ("hyperscaler", "neocloud", "marketplace")
# After the kind: its spot prices, which move on their own.
SPOT = "_spot"
# What every host class has, and what some have of their own instead of the general default.
HOST_INPUTS = ("gpus_per_server", "server_units", "server_w", "server_usd")
HOST_EXTRAS = ("network_usd_per_gpu", "install_usd_per_gpu", "staff_usd_per_gpu_month")


@dataclass(frozen=True)
class Source:
    """sources.csv: who published a figure, where, and when it was looked at."""

    source_id: str = column(source)
    publisher: str = column(word)
    title: str = column(word)
    url: str = column(word)
    published: str = column(dated_or_empty)
    accessed: str = column(dated)
    license: str = column(word)

    @property
    def cited(self) -> str:
        """How it is named where a figure of it is shown."""
        return f"{self.publisher}: {self.title}"


@dataclass(frozen=True)
class Gpu:
    """gpus.csv: what the catalogue knows of one GPU; TFLOPS are dense."""

    gpu: str = column(word)
    name: str = column(word)
    vendor: str = column(word)
    memory_gb: float = column(positive)
    bandwidth_gb_s: float = column(positive)
    fp16_dense_tflops: float | None = column(positive_or_empty)
    fp8_dense_tflops: float | None = column(positive_or_empty)
    int8_dense_tops: float | None = column(positive_or_empty)
    gpu_w: float = column(positive)
    idle_w: float = column(positive)
    idle_source_id: str = column(source)
    host: str = column(word)
    resale_market: str = column(slug)
    form_factor: str = column(word)
    released: str = column(dated)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class Price:
    """purchase_prices.csv: one observation of what a GPU costs to buy."""

    gpu: str = column(word)
    price_basis: str = column(one_of(*INPUTS["price_basis"].choices))
    usd: float = column(positive)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class Rate:
    """rental_rates.csv: one observation of what a GPU-hour costs to rent."""

    gpu: str = column(word)
    provider: str = column(word)
    instance: str = column(word)
    gpus_per_instance: float = column(positive)
    region: str = column(word)
    country: str = column(word)
    term: str = column(TERM)
    usd_per_gpu_hour: float = column(positive)
    host_included: bool = column(yes_no)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class Provider:
    """providers.csv: who rents GPUs out, in which market, and in which currency it lists."""

    provider: str = column(slug)
    name: str = column(word)
    market: str = column(one_of(*MARKETS))
    currency: str = column(one_of("USD", "EUR"))
    note: str = column(text)


@dataclass(frozen=True)
class Quote:
    """An offer that somebody made to the user, good until a day: a purchase price or a rental rate.

    `input` is the input it stands for; provider, region and term are empty for a purchase.
    """

    gpu: str = column(word)
    input: str = column(one_of(PURCHASE, RENTAL))
    value: float = column(positive)
    provider: str = column(text)
    region: str = column(text)
    term: str = column(text)
    as_of: str = column(dated)
    valid_until: str = column(dated)
    note: str = column(text)


@dataclass(frozen=True)
class HostValue:
    """servers.csv: one input of one host class, the server that a kind of GPU goes into."""

    host: str = column(word)
    input: str = column(one_of(*HOST_INPUTS, *HOST_EXTRAS))
    value: float = column(at_least_zero)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class Electricity:
    """electricity.csv: one tariff."""

    region: str = column(word)
    sector: str = column(one_of("industrial", "commercial", "non_household", "residential"))
    usd_per_kwh: float = column(positive)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class Colocation:
    """colocation.csv: one market's price of reserved power."""

    market: str = column(word)
    usd_per_kw_month: float = column(positive)
    power_included: bool = column(yes_no)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class Preset:
    """presets.csv: a value of an input that people pick by a label."""

    input: str = column(one_of(*INPUTS))
    label: str = column(word)
    value: float = column(at_least_zero)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True)
class QuotedRates:
    """quoted_rates.csv: the band in which a GPU is usually said to rent, whatever the offers."""

    gpu: str = column(word)
    term: str = column(TERM)
    low_usd_per_gpu_hour: float = column(positive)
    high_usd_per_gpu_hour: float = column(positive)
    as_of: str = column(dated)
    source_id: str = column(source)
    note: str = column(text)


@dataclass(frozen=True, kw_only=True)
class Default:
    """defaults.toml: one dated belief about one input.

    `origin` (the file's key `from`) names the file that holds the value instead; `low_factor` and
    `high_factor` are then the range as multiples of it. `market` restricts an entry to one kind of
    market; without it the entry is the general one. `shape` is how the input is distributed over
    its range when the odds are asked for (docs/uncertainty.md).
    """

    input: str
    as_of: str
    source_id: str
    note: str
    default: Any = None
    low: float | None = None
    high: float | None = None
    origin: str = ""
    low_factor: float | None = None
    high_factor: float | None = None
    market: str = ""
    shape: str = PERT
