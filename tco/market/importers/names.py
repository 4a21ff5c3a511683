"""What a collector's names mean: providers, GPUs, regions and machine types, by explicit tables."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from operator import attrgetter

from tco.errors import DataError, bare, suggestion
from tco.inputs import INPUTS
from tco.inputs.entry import Wrong, read_word
from tco.market import files
from tco.market.catalogue import ANY_REGION, Provider, load
from tco.market.files import column, data_folder, grouped, read_records

UNKNOWN = "unknown"
NOT_IN_TABLE = "GPU name not in the table"
NOT_IN_CATALOG = "GPU not in the catalog"
UNSTATED = "version of the GPU not stated"
NOT_A_GPU = "not a GPU of the catalog"
_AMBIGUOUS = "ambiguous"
_ANY = "any"
# Other names of a provider of providers.csv: a folder's, a file's, or its name of earlier years.
_ALIASES = {
    "amazon": "aws",
    "azurecloud": "azure",
    "cudocompute": "cudo",
    "datacrunch": "verda",
    "do": "digitalocean",
    "google": "gcp",
    "googlecloud": "gcp",
    "googlecloudplatform": "gcp",
    "lambdalabs": "lambda",
    "microsoft": "azure",
    "oracle": "oci",
    "oraclecloud": "oci",
    "ovh": "ovhcloud",
    "vast": "vastai",
    "vast-ai": "vastai",
}
# Their regions are, or end in, an ISO 3166 code, sometimes with the continent's code behind it.
_REGION_HAS_COUNTRY = frozenset({"lium", "primeintellect", "runpod", "vastai"})
_COUNTRY = re.compile(r"(?:.*?, )?([A-Z]{2})(?:, [A-Z]{2})?")
_NO_COUNTRY = "EU"
# Whoever calls a region us-east-1 has it there; other beginnings are continents as often.
_IN_US = re.compile(r"us-[a-z].*", re.IGNORECASE)
# Collectors round, and some report what a driver leaves free: 22.4 of 24 GB.
_MEMORY_TOLERANCE = 0.15


@dataclass(frozen=True)
class GpuName:
    """gpu_names.csv: what a name means; `memory_gb` and `instance`, where given, must fit too.

    `instance` is a pattern of the instance's or the GPU's long name. `gpu` is a key of gpus.csv,
    `ambiguous`, or empty for a GPU that the catalog does not have.
    """

    collector: str = column(files.one_of("skypilot", "gpuhunt", _ANY), key=True)
    provider: str = column(files.slug, key=True)
    name: str = column(files.word, key=True)
    memory_gb: float | None = column(files.positive_or_empty, key=True)
    instance: str = column(str, key=True)
    gpu: str = column(str)
    note: str = column(str)

    @property
    def specific(self) -> tuple[bool, int, bool, bool]:
        """What the row asks for: of several that fit, the greatest counts."""
        letters = len(self.instance) - self.instance.count("*") - self.instance.count("?")
        return self.provider != _ANY, letters, self.memory_gb is not None, self.collector != _ANY


@dataclass(frozen=True)
class Region:
    """regions.csv: the country of a region, or of all regions of a pattern."""

    provider: str = column(files.slug, key=True)
    region: str = column(files.word, key=True)
    country: str = column(files.word)
    note: str = column(str)


# How a machine type is priced: apart from its accelerators, with them in the price of these, which
# makes its own row cost 0, or as a whole.
APART, WITH_GPU, WHOLE = "apart", "with_gpu", "whole"


@dataclass(frozen=True)
class Machine:
    """machines.csv: the accelerators of a machine type where its price list does not say them."""

    provider: str = column(files.slug, key=True)
    instance: str = column(files.word, key=True)
    name: str = column(files.word)
    gpus: float = column(files.positive)
    priced: str = column(files.one_of(APART, WITH_GPU, WHOLE))
    url: str = column(files.word)


@lru_cache(maxsize=1_024)
def provider_key(name: str) -> str:
    """The key of providers.csv that a name stands for; the name itself where none is meant.

    >>> provider_key("Amazon Web Services"), provider_key("AWS"), provider_key("acme")
    ('aws', 'aws', 'acme')
    """
    known = load().providers
    if name in known and name not in _ALIASES:
        return name
    plainly = {bare(word): key for key, row in known.items() for word in (key, row.name)}
    word = bare(name)
    found = _ALIASES.get(name.casefold()) or _ALIASES.get(word) or plainly.get(word)
    return found or name


def provider_of(name: str, file: str) -> Provider:
    """The provider that a folder or file is named after; DataError if there is none.

    >>> provider_of("lambdalabs", "lambdalabs.csv").provider
    'lambda'
    """
    known = load().providers
    found = known.get(provider_key(name))
    if found is None:
        near = suggestion(name, [*known, *_ALIASES])
        raise DataError(
            f"{file}: provider {name!r} is not in providers.csv: give it with --provider{near}"
        )
    return found


# What lists write around the name of a card: its maker and its line, and words of its packing.
_AROUND = re.compile(
    r"\b(?:nvidia|geforce|amd|instinct|tesla|radeon|intel|generation|graphics|gpus?|"
    r"tensor[\s_-]*core|blackwell|hopper|ampere|edition|card)\b",
    re.IGNORECASE,
)
_MEMORY = re.compile(r"[\s_-]*\(?\b(\d{1,4})\s*g(?:i?b)?\b\)?", re.IGNORECASE)
_FORM = re.compile(
    r"[\s_-]*\(?\b(?:pcie|sxm\d?(?:[\s_-]*ac)?|hbm\d?e?|oam|gddr\d\w?)\b\)?", re.IGNORECASE
)
# NVIDIA's boards of eight have SXM modules.
_BOARD = re.compile(r"\bHGX[\s_-]+(.*)", re.IGNORECASE)


def plain(name: str) -> str:
    """A GPU's name without case, spaces, hyphens and underscores.

    >>> plain("RTX-A6000") == plain("RTX A6000") == plain("rtxa6000")
    True
    """
    return re.sub(r"[\s_-]+", "", name).casefold()


@cache
def gpu_names() -> dict[str, tuple[GpuName, ...]]:
    """The rows of gpu_names.csv by plain name."""
    rows = read_records(data_folder() / "gpu_names.csv", GpuName)
    return grouped(rows, lambda row: plain(row.name))


@lru_cache(maxsize=4_096)
def _readings(name: str) -> tuple[tuple[str, float | None], ...]:
    """The plain names that may stand in the table for a name, the fullest first.

    Each with the memory [GB] that the name says. A name is looked up as it is; then without its
    maker, without its memory, and without its form, which must then fit what is found.
    """
    spaced = _BOARD.sub(r"\1 SXM", re.sub(r"_+", " ", name))
    unmade = " ".join(_AROUND.sub(" ", spaced).split()).strip(" -")
    found: dict[str, float | None] = {plain(name): None}
    said = _MEMORY.search(unmade)
    memory = float(said[1]) if said else None
    smaller = _MEMORY.sub("", unmade).strip(" -") if said else unmade
    for text in (unmade, smaller, _FORM.sub("", smaller).strip(" -")):
        if plain(text):
            found.setdefault(plain(text), memory)
    return tuple(found.items())


@lru_cache(maxsize=4_096)
def gpu_of(
    collector: str, provider: str, name: str, memory_gb: float | None, texts: tuple[str, ...]
) -> tuple[str, str]:
    """The key of gpus.csv that a name stands for, and why there is none.

    `memory_gb` is that of one GPU, None when unknown; `texts` are the instance's name and the
    GPU's long name, as far as the file has them.

    >>> gpu_of("skypilot", "aws", "A100", 40, ("p4d.24xlarge",))
    ('A100-40GB-SXM', '')
    >>> gpu_of("csv", "acme", "NVIDIA GeForce RTX 4090 24GB", None, ())
    ('RTX-4090', '')
    >>> gpu_of("skypilot", "acme", "H100", None, ())
    ('', 'version of the GPU not stated')
    """
    if plain(name).startswith("tpu"):
        return "", NOT_A_GPU
    rows: list[GpuName] = []
    stated = None
    for key, stated in _readings(name):
        memory = memory_gb or stated
        rows = [
            row
            for row in gpu_names().get(key, ())
            if row.collector in (_ANY, collector)
            and row.provider in (_ANY, provider)
            and (row.memory_gb is None or (memory and _near(memory, row.memory_gb)))
            and (
                not row.instance
                or any(
                    fnmatchcase(each.casefold(), row.instance.casefold()) for each in (*texts, name)
                )
            )
        ]
        if rows:
            break
    gpu = max(rows, key=lambda row: row.specific).gpu if rows else ""
    if not rows or gpu in ("", _AMBIGUOUS):
        return "", (UNSTATED if gpu else NOT_IN_CATALOG) if rows else NOT_IN_TABLE
    wrong = _unlike(gpu, plain(" ".join((name, *texts))), stated)
    return ("", wrong) if wrong else (gpu, "")


def _unlike(gpu: str, said: str, memory_gb: float | None) -> str:
    """What of a name speaks against a GPU: its form, or its memory; empty for nothing."""
    is_sxm = load().gpus[gpu].form_factor.startswith("SXM")
    if ("pcie" in said and is_sxm) or ("sxm" in said and gpu.endswith("-PCIe")):
        return f"form factor is not that of {gpu}"
    return "" if fits(gpu, memory_gb, 1) else f"memory is not that of {gpu}"


def fits(gpu: str, memory_gb: float | None, gpus: float) -> bool:
    """Whether a stated memory [GB] can be that of one GPU, or of all `gpus` (or part) together.

    >>> fits("L4", 22.4, 4), fits("L4", 96, 4), fits("L4", 3, 0.125), fits("L4", 48, 1)
    (True, True, True, False)
    """
    expected = load().gpus[gpu].memory_gb
    return not memory_gb or _near(memory_gb, expected) or _near(memory_gb, expected * gpus)


def _near(memory_gb: float, expected_gb: float) -> bool:
    return abs(memory_gb / expected_gb - 1) <= _MEMORY_TOLERANCE


@cache
def _regions() -> dict[str, tuple[Region, ...]]:
    rows = read_records(data_folder() / "regions.csv", Region)
    return grouped(rows, attrgetter("provider"))


@lru_cache(maxsize=4_096)
def country_of(provider: str, region: str) -> str:
    """The country [ISO 3166-1 alpha-2] of a provider's region, or `unknown`; of `any` it is any.

    >>> country_of("gcp", "us-central1"), country_of("vastai", ", CA, NA")
    ('US', 'CA')
    >>> country_of("seeweb", "unknown")
    'unknown'
    """
    if region == ANY_REGION:
        return ANY_REGION
    for row in _regions().get(provider, ()):
        if fnmatchcase(region, row.region):
            return row.country
    if _IN_US.fullmatch(region):
        return "US"
    code = _COUNTRY.fullmatch(region) if provider in _REGION_HAS_COUNTRY else None
    return code[1] if code and code[1] != _NO_COUNTRY else UNKNOWN


@cache
def machines() -> dict[tuple[str, str], Machine]:
    """The machine types whose list does not say what is in them, by provider and instance."""
    rows = read_records(data_folder() / "machines.csv", Machine)
    return {(row.provider, row.instance): row for row in rows}


# Words of price lists for the terms, without blanks and marks; and those that say no more of one.
_TERMS = {
    **dict.fromkeys(
        ("ondemand", "od", "payasyougo", "payg", "paygo", "hourly", "perhour", "standard"),
        "on_demand",
    ),
    **dict.fromkeys(
        ("spot", "preemptible", "interruptible", "lowpriorityspot", "preemptable"), "spot"
    ),
}
_TERM_NOISE = re.compile(
    r"reserv(?:ed|ation|ations)|commit(?:ted|ment|ments)?|contract|term|savings?|cuds?|plans?|"
    r"instances?|vms?|pricing|price|use|(?:(?:no|all|partial)[\s_-]+)?upfront|discount|lease|"
    r"resource|linux|ec2|compute|ri\b|\bP(?=\d)",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(\d{1,2}|one|two|three|five)(y|yr|yrs|year|years|m|mo|mos|month|months)s?")
_COUNTS = {"one": 1, "two": 2, "three": 3, "five": 5}


@lru_cache(maxsize=1_024)
def term_of(cell: str) -> str:
    """The term that a price list writes; ValueError where it is none of ours.

    >>> term_of("On-Demand"), term_of("1 year reserved"), term_of("Reserved (36 months)")
    ('on_demand', '1yr', '3yr')
    >>> term_of("2 years")
    Traceback (most recent call last):
    ...
    ValueError: '2 years' is not one of on_demand, spot, 1yr, 3yr, 5yr
    """
    declared = INPUTS["term"]
    with suppress(Wrong):
        return read_word(declared, cell)
    if len(words := cell.split("/")) > 1:
        one, *others = map(term_of, words)
        if {one} == {*others, one}:
            return one
    word = bare(_TERM_NOISE.sub(" ", cell))
    aside = bare(re.sub(r"\(.*?\)", " ", cell))
    found = _TERMS.get(bare(cell)) or _TERMS.get(word) or _TERMS.get(aside, "")
    if length := _LENGTH.fullmatch(word):
        number = _COUNTS.get(length[1]) or int(length[1])
        years = number if length[2].startswith("y") else number / 12
        found = f"{years:g}yr"
    if found not in declared.choices:
        raise ValueError(f"{cell[:40]!r} is not one of {', '.join(declared.choices)}")
    return found
