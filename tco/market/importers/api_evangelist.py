"""Price pages of providers as API Evangelist keeps them: one YAML file of plans a provider.

Only files that were transcribed from the provider's page are read; each states the day and the
text of every price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tco.errors import DataError
from tco.market.catalogue import ANY_REGION, Provider
from tco.market.files import dated
from tco.market.importers.batches import (
    NO_PRICE,
    ON_DEMAND,
    SPOT,
    ListedPrice,
    RowLog,
    gpu_in_row,
    read_price,
)
from tco.market.importers.columns import Layout
from tco.market.importers.documents import (
    Document,
    below,
    entries,
    items,
    line_of,
    read_document,
    text,
)
from tco.market.importers.lines import LONGEST_NAME, Line, RejectedError, beginning
from tco.market.importers.opening import PriceFile

COLLECTOR = "api-evangelist"
PUBLISHER, HOME = "API Evangelist", "https://github.com/api-evangelist"
PATTERNS = ("*plans*.yml",)
_TRANSCRIBED = "searched"
_MOST_PLANS = 5_000
_PER_GPU = re.compile(r"\bgpu\b.*\b(?:hour|hr)\b", re.IGNORECASE)
_PER_HOUR = re.compile(r"(?:per |/)?(?:hour|hr)", re.IGNORECASE)
_STARTING = re.compile(r"\b(?:from|starting)\b", re.IGNORECASE)
_SPOT = re.compile(r"\b(?:spot|preemptible|interruptible)\b", re.IGNORECASE)
_BOUND = re.compile(r"\b(?:reserved?|committed?|commitment|contract)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_GPUS = re.compile(r"\b(\d{1,3}) ?x?\s?GPUs?\b", re.IGNORECASE)
_TIMES = re.compile(r"^(\d{1,3}) ?x\s+", re.IGNORECASE)
_MEMORY = re.compile(r"\b(\d{1,4}) ?GB(?: VRAM)?\b", re.IGNORECASE)
_VRAM = re.compile(r"\b(\d{1,4}) ?GB VRAM\b", re.IGNORECASE)
# What a page adds to the name of a GPU: its maker and how it is built, which are looked at apart.
_ADDED = re.compile(
    r"\b(?:NVIDIA|AMD|Tesla|HGX|NVL\d*|NVLink|SXM\d?|PCIe|Blackwell|preemptible)\b", re.IGNORECASE
)
_EDITION = re.compile(r"\bserver edition\b", re.IGNORECASE)
# NVIDIA's boards of eight GPUs have SXM modules.
_BOARD, _MODULE = "HGX", "SXM"


def provider_name(path: Path) -> str:
    """What a file's name says of its provider.

    >>> provider_name(Path("plans/lambda-labs-plans-pricing.yml"))
    'lambda-labs'
    """
    return re.sub(r"-?plans(?:-pricing)?$", "", path.stem)


def stated_day(file: PriceFile) -> str:
    """The day on which the page was read, as the file says; empty where it does not."""
    document = read_document(file)
    for day in (text(below(document, "delivery", "read")), text(below(document, "generated"))):
        try:
            return dated(day)
        except ValueError:
            continue
    return ""


def read(
    file: PriceFile, provider: Provider, _as_of: str, _layout: Layout
) -> tuple[RowLog, Document]:
    """Every plan of a file, as a price or rejected; DataError when it is no such file."""
    document = read_document(file)
    if text(below(document, "method")) != _TRANSCRIBED:
        raise DataError(f"{file.name}: its prices were not transcribed from the price page")
    if not items(below(document, "plans")):
        raise DataError(f"{file.name}: no plans: not a price page")
    log, key = RowLog(), provider.provider
    log.read(
        _lines(file, document),
        lambda cells: (key, cells.get("name", "")),
        lambda line: _take(log, line, provider),
    )
    return log, Document()


def _lines(file: PriceFile, document: Any) -> Iterator[Line]:
    """A row for each plan, or for each price of a plan that has several."""
    whole, number = entries(document), 0
    note = text(whole.get("note"))
    usual = {"currency": text(whole.get("currency")) or "USD"}
    usual["starting"] = "yes" if _STARTING.search(note) and "starting at" in note.casefold() else ""
    for plan in items(whole.get("plans")):
        said = {name: text(node) for name, node in entries(plan).items()}
        several = items(entries(plan).get("prices"))
        for node in several or [plan]:
            number += 1
            if number > _MOST_PLANS:
                raise DataError(f"{file.name}: more than {_MOST_PLANS:,} plans, the limit")
            cells = usual | said
            if several:
                price = {name: text(value) for name, value in entries(node).items()}
                cells |= _of_resource(said.get("name", ""), price, "per-gpu" in note.casefold())
            shown = f"line {line_of(node)}: {cells.get('name', '')} {cells.get('price_text', '')}"
            yield Line(number, beginning(shown), cells)


def _of_resource(plan: str, price: dict[str, str], per_gpu: bool) -> dict[str, str]:
    """A price below a plan, in the words of a plan of its own."""
    usd = price.get("price_per_hour", "")
    return {
        "name": f"{price.get('resource', '')} ({plan})",
        "price": usd or price.get("price_per_hour_from", ""),
        "price_text": usd or f"from {price.get('price_per_hour_from', '')}",
        "unit": "per GPU per hour" if per_gpu else "per hour",
        "period": "per-use",
        "included_quota": f"{price['vram_gb']} GB VRAM" if price.get("vram_gb") else "",
    }


def _take(log: RowLog, line: Line, provider: Provider) -> None:
    cells = line.cells
    name, unit, quota = (cells.get(each, "") for each in ("name", "unit", "included_quota"))
    said = cells.get("price_text", "")
    of_gpu, of_machine = _PER_GPU.search(unit), _PER_HOUR.fullmatch(unit)
    machine, times = _GPUS.search(quota), _TIMES.match(name)
    for wrong, reason in (
        (cells.get("period") not in ("per-use", "hour"), "not a price by the hour"),
        (not (of_gpu or of_machine), "not a price of a GPU by the hour"),
        (of_machine and not machine, "number of GPUs is not stated"),
        (len(name) > LONGEST_NAME or not name, "a name far too long, or none"),
        (cells["currency"] != "USD", f"price is in {cells['currency'][:8]}, not converted"),
        (cells["starting"] or _STARTING.search(said), "a starting price"),
        (_BOUND.search(name), "a commitment of unstated length"),
        ("effective" in cells.get("overage", "").casefold(), "the page announces another price"),
    ):
        if wrong:
            raise RejectedError(reason)
    usd = read_price(cells.get("price", ""))
    if usd is None:
        raise RejectedError(NO_PRICE)
    stated = _NUMBER.search(said)
    if stated is None or abs(float(stated[0].replace(",", "")) - usd) > 1e-9:
        raise RejectedError("price and its text differ")
    count = machine[1] if of_machine and machine else times[1] if times else "1"
    gpu, gpus = _gpu(provider.provider, name, count, quota)
    term = SPOT if _SPOT.search(f"{name} {unit}") else ON_DEMAND
    whole = usd if of_machine else usd * gpus
    offer = (gpu, _instance(name), gpus, ANY_REGION, "", term, whole)
    log.add(ListedPrice((line.number,), *offer))


def _gpu(provider: str, name: str, count: str, quota: str) -> tuple[str, float]:
    """The key of the GPU that a plan is named after, and how many there are."""
    memory = _VRAM.search(quota) or _MEMORY.search(name)
    short = re.sub(r"\([^)]*\)|\bwith .*", " ", _TIMES.sub("", name))
    short = _EDITION.sub("SE", _MEMORY.sub(" ", short))
    form = f"{name} {_MODULE}" if _BOARD in name else name
    bare = " ".join(_ADDED.sub(" ", short).split())
    memory_gb = float(memory[1]) if memory else None
    return gpu_in_row(COLLECTOR, provider, bare, count, memory_gb, (form,))


def _instance(name: str) -> str:
    """What an offer is called: the plan's name as a key, without what all of them have.

    >>> _instance("8x NVIDIA B200 SXM6"), _instance("NVIDIA L4 (on-demand)")
    ('8x-b200-sxm6', 'l4')
    """
    plain = re.sub(r"\(on-demand[^)]*\)|NVIDIA|AMD\b", " ", name, flags=re.IGNORECASE)
    return re.sub(r"[^a-z0-9.]+", "-", plain.casefold()).strip("-.") or "unnamed"
