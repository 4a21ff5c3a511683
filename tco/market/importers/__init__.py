"""Catalogues and price lists read into batches: each row is used, or set aside with a reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tco.errors import DataError, InputError, Problem, suggestion
from tco.market.evidence import count
from tco.market.importers import (
    api_evangelist,
    cyclenerd,
    gpuhunt,
    karpenter,
    price_csv,
    skypilot,
)
from tco.market.importers.batches import batch_of, origin
from tco.market.importers.names import provider_of
from tco.market.observed import Batch

_MODULES: dict[str, Any] = {
    module.COLLECTOR: module
    for module in (skypilot, gpuhunt, cyclenerd, karpenter, api_evangelist, price_csv)
}
COLLECTORS = tuple(_MODULES)


def files_of(collector: str, path: Path) -> list[Path]:
    """The price files at a path: the file itself, or those of a folder and those below it.

    InputError for an unknown collector, DataError where there is no file.
    """
    patterns = _MODULES[_known(collector)].PATTERNS
    if not path.is_dir():
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
        return [path]
    found = {each for pattern in patterns for each in path.rglob(pattern) if each.is_file()}
    if not found:
        wanted = f"price file of {collector} ({', '.join(patterns)})"
        raise DataError(f"{path}: no {wanted} in this folder or below it")
    return sorted(found)


def read_file(
    collector: str,
    path: Path,
    *,
    as_of: str | None = None,
    provider: str | None = None,
    source_url: str = "",
) -> Batch:
    """What one file brings: observations, and each row that was not used with the reason.

    `as_of` is the day of the prices, by default the day that the file states, or where it states
    none the day it was last written [UTC]; `provider` is a key of providers.csv, by default as the
    file or its folder is named. DataError when the file is no such catalogue, InputError for a bad
    argument.
    """
    if _known(collector) == price_csv.COLLECTOR:
        return price_csv.read(path, as_of, source_url)
    module = _MODULES[collector]
    named = provider or module.provider_name(path).removeprefix("CONVERTED_")
    day = as_of or stated_day(collector, path) or None
    owner, found = provider_of(named, path.name), origin(collector, path, day)
    url = source_url or module.HOME
    return batch_of(module.read(path, owner), found, owner, module.PUBLISHER, url)


def stated_day(collector: str, path: Path) -> str:
    """The day of the prices that a file states itself; empty where its kind states none."""
    stated = getattr(_MODULES.get(collector), "stated_day", None)
    return stated(path) if stated else ""


def _known(collector: str) -> str:
    if collector in _MODULES:
        return collector
    message = f"collector = {collector!r} is not one of {', '.join(COLLECTORS)}"
    raise InputError([Problem("collector", message + suggestion(collector, COLLECTORS))])


def report_lines(batch: Batch) -> list[str]:
    """What a terminal shows after an import: by provider and GPU name, why rows were not used.

    A row counts as used if one of its prices is; reasons count rows, or prices of rows.
    """
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in batch.rejected:
        reasons[row.provider, row.gpu][row.reason] += 1
    rows, used = batch.rows.total(), batch.kept.total()
    observations = len(batch.rates) + len(batch.prices) + len(batch.quotes)
    lines = [
        f"{batch.file}: {count(rows, 'row')} read, {used:,} used, {rows - used:,} rejected;"
        f" {count(observations, 'observation')} as of {batch.as_of}"
    ]
    for key in sorted(batch.rows):
        provider, gpu = key
        name = ", ".join(filter(None, (provider, gpu or "(no GPU name)")))
        lines.append(f"  {name}: {count(batch.rows[key], 'row')}, {batch.kept[key]:,} used")
        lines += [f"    {number:,} {reason}" for reason, number in reasons[key].most_common()]
    return [*lines, *(f"  note: {remark}" for remark in batch.remarks)]
