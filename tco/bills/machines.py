"""What runs on a machine type, and which GPU some text of a bill means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from tco.errors import bare
from tco.market.catalogue import load
from tco.market.importers.names import NOT_IN_CATALOG, UNSTATED, gpu_of, machines


@dataclass(frozen=True)
class Hardware:
    """The GPUs of a machine type: a key of the catalog, or a name that it does not have."""

    instance: str
    gpu: str
    gpus: Fraction


_AZURE = "standard"
# Families whose every machine has GPUs: one that is not in the table is told, not left out.
_FAMILIES = re.compile(
    r"(?:p[2-9]|g[2-9]|gr[6-9])[a-z]*(?:-[a-z]+\d+)?\.\w+"
    r"|(?:standard_)?n(?:c|d|g|v)c?\d+\w*"
    r"|(?:a[2-9]x?|g[24])-\w+-\d+g?"
    r"|(?:bm|vm)\.gpu[\w.-]*",
    re.IGNORECASE,
)
_LEAST_FRACTION = 64


@cache
def _known() -> dict[str, Hardware]:
    """Every machine type with GPUs, by bare name: those of machines.csv, and those with a rate."""
    found: dict[str, Hardware] = {}
    for rate in load().rates:
        if any(mark.isdigit() for mark in rate.instance) and "." in rate.instance:
            gpus = whole_gpus(rate.gpus_per_instance)
            found[bare(rate.instance)] = Hardware(rate.instance, rate.gpu, gpus)
    for (provider, instance), machine in machines().items():
        gpu, _why = gpu_of("any", provider, machine.name, None, (instance,))
        if provider == "gcp" and not gpu:
            gpu, _why = gpu_of("skypilot", provider, machine.name, None, (instance,))
        named = gpu or machine.name
        one = Hardware(instance, named, whole_gpus(machine.gpus))
        found[bare(instance)] = one
        found[bare(instance).removeprefix(_AZURE)] = one
    return found


def whole_gpus(gpus: float) -> Fraction:
    """A number of GPUs, or a part of one, as a plain fraction."""
    return Fraction(gpus).limit_denominator(_LEAST_FRACTION)


@lru_cache(maxsize=4_096)
def hardware(instance: str) -> Hardware | None:
    """What a machine type has, however its name is written; None where it is not known.

    >>> hardware("g6.12xlarge"), hardware("NC24ads A100 v4").gpu
    (Hardware(instance='g6.12xlarge', gpu='L4', gpus=Fraction(4, 1)), 'A100-80GB-PCIe')
    >>> hardware("ml.g5.xlarge").gpu, hardware("m5.large")
    ('A10G', None)
    """
    name = bare(instance.removeprefix("ml."))
    return _known().get(name) or _known().get(name.removeprefix(_AZURE))


def may_have_gpus(instance: str) -> bool:
    """Whether a machine type is of a family in which every machine has GPUs.

    >>> may_have_gpus("g9.xlarge"), may_have_gpus("m5.large"), may_have_gpus("a2-ultragpu-3g")
    (True, False, True)
    """
    plain = instance.strip().removeprefix("ml.").replace(" ", "_")
    return bool(_FAMILIES.fullmatch(plain))


_INSTANCE = re.compile(
    r"\b(?:ml\.)?(?:u-)?[a-z]{1,4}\d+[a-z]*(?:-[a-z0-9]+)?\."
    r"(?:(?:\d+)?x?large|metal(?:-\w+)?|medium|small|micro|nano)\b"
    r"|\bstandard_\w+\b"
    r"|\bN(?:CC?|D|G|V)\d+[a-z]*(?:[ _](?:A100|H100|H200|T4|A10|MI300X|GB200))?[ _]v\d+\b"
    r"|\b[a-z]\d+[a-z]?-(?:standard|highgpu|megagpu|ultragpu|edgegpu|highmem|highcpu|custom)"
    r"(?:-\d+g?)?(?:-\w+)?\b"
    r"|\b(?:bm|vm)\.gpu[\w.-]*\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=16_384)
def instance_in(text: str) -> str:
    """The machine type that some text names; empty for none.

    >>> instance_in("$1.624 per On Demand Linux g5.4xlarge Instance Hour")
    'g5.4xlarge'
    >>> instance_in("APN1-BoxUsage:g6.xlarge"), instance_in("gp3 storage")
    ('g6.xlarge', '')
    """
    found = _INSTANCE.search(text)
    return found[0] if found else ""


_TELLING = re.compile(
    r"\bgpus?\b|nvidia|instinct|tesla|commitment|hostusage|\b[A-Z]\d\w* (?:\w+ )?"
    r"(?:(?:Predefined |Custom )?Instance )?(?:Core|Cpu|Ram)\b|\bN[CDGV]C?\d+",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def telling(text: str) -> str:
    """Some text of a row where it may be of a machine or a GPU; empty for any other.

    Bills have as many texts as rows, and few of them matter.

    >>> telling("$1.624 per On Demand Linux g5.4xlarge Instance Hour")[-13:], telling("gp3 storage")
    ('Instance Hour', '')
    """
    if _TELLING.search(text) or _INSTANCE.search(text) or hardware(text.partition(" Spot")[0]):
        return text
    return ""


_SAID = re.compile(r"\bgpus?\b|nvidia|instinct|tesla", re.IGNORECASE)
_WORDS = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?", re.IGNORECASE)
_MOST_WORDS = 5
_COUNT = re.compile(r"(\d{1,2})\s*[x\u00d7]\s*$|(\d{1,2})\s*$", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def gpu_in(text: str, provider: str = "") -> tuple[str, int, str]:
    """The GPU that some text names, how many of it, and why it is unclear; empty for none.

    Only text that speaks of a GPU or a maker of them is looked at. A GPU that is known and not in
    the catalog keeps the name that the text has.

    >>> gpu_in("Nvidia L4 GPU running in Iowa"), gpu_in("8x NVIDIA H100 SXM5 80GB")
    (('L4', 1, ''), ('H100-SXM', 8, ''))
    >>> gpu_in("LS Series - L4s Spot"), gpu_in("NVIDIA H100 GPU")[2]
    (('', 0, ''), 'version of the GPU not stated')
    """
    if not _SAID.search(text):
        return "", 0, ""
    words = list(_WORDS.finditer(text))
    outside, unclear = ("", 0, ""), ""
    for length in range(min(_MOST_WORDS, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            start, end = words[at].start(), words[at + length - 1].end()
            name = text[start:end]
            if not any(mark.isdigit() for mark in name) or not any(map(str.isalpha, name)):
                continue
            collector = "skypilot" if provider == "gcp" else "any"
            gpu, why = gpu_of(collector, provider, name, None, (text,))
            before = _COUNT.search(text[:start].rstrip())
            count = int(before[1] or before[2]) if before else 1
            if gpu:
                return gpu, count, ""
            if why == NOT_IN_CATALOG:  # the shortest name that is known is the GPU's own
                outside = (name, count, "")
            elif why == UNSTATED:
                unclear = why
    return outside if outside[0] else ("", 0, unclear)
