"""What a collector's names mean: providers, GPUs, regions and machine types, by explicit tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from operator import attrgetter

from tco.errors import DataError, suggestion
from tco.market import files
from tco.market.catalogue import ANY_REGION, Provider, load
from tco.market.files import column, data_folder, grouped, read_records

UNKNOWN = "unknown"
NOT_IN_TABLE = "GPU name not in the table"
UNSTATED = "version of the GPU not stated"
NOT_A_GPU = "not a GPU of the catalog"
_AMBIGUOUS = "ambiguous"
_ANY = "any"
# Other names of a provider of providers.csv: a folder's, a file's, or its name of earlier years.
_ALIASES = {
    "cudocompute": "cudo",
    "datacrunch": "verda",
    "do": "digitalocean",
    "lambdalabs": "lambda",
    "ovh": "ovhcloud",
    "vast": "vastai",
    "vast-ai": "vastai",
}
# Their regions are, or end in, an ISO 3166 code, sometimes with the continent's code behind it.
_REGION_HAS_COUNTRY = frozenset({"lium", "primeintellect", "runpod", "vastai"})
_COUNTRY = re.compile(r"(?:.*?, )?([A-Z]{2})(?:, [A-Z]{2})?")
_NO_COUNTRY = "EU"
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


@dataclass(frozen=True)
class Machine:
    """machines.csv: the accelerators of a machine type whose price comes in two rows."""

    provider: str = column(files.slug, key=True)
    instance: str = column(files.word, key=True)
    name: str = column(files.word)
    gpus: float = column(files.positive)
    url: str = column(files.word)


def provider_of(name: str, file: str) -> Provider:
    """The provider that a folder or file is named after; DataError if there is none.

    >>> provider_of("lambdalabs", "lambdalabs.csv").provider
    'lambda'
    """
    known, key = load().providers, name.casefold()
    found = known.get(_ALIASES.get(key, key))
    if found is None:
        near = suggestion(name, [*known, *_ALIASES])
        raise DataError(
            f"{file}: provider {name!r} is not in providers.csv: give it with --provider{near}"
        )
    return found


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
def gpu_of(
    collector: str, provider: str, name: str, memory_gb: float | None, texts: tuple[str, ...]
) -> tuple[str, str]:
    """The key of gpus.csv that a name stands for, and why there is none.

    `memory_gb` is that of one GPU, None when unknown; `texts` are the instance's name and the
    GPU's long name, as far as the file has them.

    >>> gpu_of("skypilot", "aws", "A100", 40, ("p4d.24xlarge",))
    ('A100-40GB-SXM', '')
    >>> gpu_of("skypilot", "acme", "H100", None, ())
    ('', 'version of the GPU not stated')
    """
    if plain(name).startswith("tpu"):
        return "", NOT_A_GPU
    rows = [
        row
        for row in gpu_names().get(plain(name), ())
        if row.collector in (_ANY, collector)
        and row.provider in (_ANY, provider)
        and (row.memory_gb is None or (memory_gb and _near(memory_gb, row.memory_gb)))
        and (
            not row.instance
            or any(fnmatchcase(each.casefold(), row.instance.casefold()) for each in texts)
        )
    ]
    if not rows:
        return "", NOT_IN_TABLE
    gpu = max(rows, key=lambda row: row.specific).gpu
    if gpu == _AMBIGUOUS:
        return "", UNSTATED
    if not gpu:
        return "", "GPU not in the catalog"
    said = plain(" ".join((name, *texts)))
    is_sxm = load().gpus[gpu].form_factor.startswith("SXM")
    if ("pcie" in said and is_sxm) or ("sxm" in said and gpu.endswith("-PCIe")):
        return "", f"form factor is not that of {gpu}"
    return gpu, ""


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
    code = _COUNTRY.fullmatch(region) if provider in _REGION_HAS_COUNTRY else None
    return code[1] if code and code[1] != _NO_COUNTRY else UNKNOWN


@cache
def machines() -> dict[tuple[str, str], Machine]:
    """The machine types whose price comes in two rows, by provider and instance."""
    rows = read_records(data_folder() / "machines.csv", Machine)
    return {(row.provider, row.instance): row for row in rows}
