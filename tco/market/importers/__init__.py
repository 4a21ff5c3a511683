"""Catalogues and price lists read into batches: each row is used, or set aside with a reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tco.errors import DataError, InputError, Problem, suggestion
from tco.market.importers import (
    api_evangelist,
    azure,
    cyclenerd,
    gpuhunt,
    karpenter,
    price_csv,
    skypilot,
)
from tco.market.importers.batches import batch_of, origin
from tco.market.importers.columns import USUAL_LAYOUT, Layout
from tco.market.importers.names import provider_of
from tco.market.importers.opening import PriceFile, unpacked
from tco.market.observed import Batch
from tco.words.figures import counted

_MODULES: dict[str, Any] = {
    module.COLLECTOR: module
    for module in (skypilot, gpuhunt, azure, cyclenerd, karpenter, api_evangelist, price_csv)
}
COLLECTORS = tuple(_MODULES)
# Those that publish lists: a table of one's own has no address.
PUBLIC = tuple(name for name in COLLECTORS if name != price_csv.COLLECTOR)


def files_of(collector: str, path: Path) -> list[PriceFile]:
    """The price files at a path: the file itself, or those of a folder and those below it.

    Of an archive its members. InputError for an unknown collector, DataError where there is no
    file, or an archive has none.
    """
    patterns = _MODULES[_known(collector)].PATTERNS
    if not path.is_dir():
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
        return unpacked(path, patterns)
    found = {each for pattern in patterns for each in path.rglob(pattern) if each.is_file()}
    if not found:
        wanted = f"price file of {collector} ({', '.join(patterns)})"
        raise DataError(f"{path}: no {wanted} in this folder or below it")
    return [file for each in sorted(found) for file in unpacked(each, patterns)]


def read_file(
    collector: str,
    file: Path | PriceFile,
    *,
    as_of: str | None = None,
    provider: str | None = None,
    source_url: str = "",
    layout: Layout = USUAL_LAYOUT,
) -> Batch:
    """What one file brings: observations, and each row that was not used with the reason.

    `as_of` is the day of the prices, by default the day that the file states, or where it states
    none the day it was last written [UTC]; `provider` is a key of providers.csv, by default as the
    file or its folder is named; `layout` is how a table is to be read. DataError when the file is
    no such catalog, or an archive of several, InputError for a bad argument.
    """
    module = _MODULES[_known(collector)]
    if isinstance(file, Path):
        several = unpacked(file, module.PATTERNS)
        if len(several) > 1:
            raise DataError(f"{file}: an archive of {len(several):,} files: read each of them")
        file = several[0]
    if module is price_csv:
        return price_csv.read(file, as_of, source_url, provider, layout)
    named = provider or module.provider_name(file.place).removeprefix("CONVERTED_")
    day = as_of or stated_day(collector, file) or None
    owner, found = provider_of(named, file.name), origin(collector, file, day)
    log, rows = module.read(file, owner, found.as_of, layout)
    url = source_url or module.HOME
    return batch_of(log, found, owner, module.PUBLISHER, url, rows.remarks)


def stated_day(collector: str, file: PriceFile) -> str:
    """The day of the prices that a file states itself; empty where its kind states none."""
    stated = getattr(_MODULES[_known(collector)], "stated_day", None)
    return stated(file) if stated else ""


def _known(collector: str) -> str:
    if collector in _MODULES:
        return collector
    message = f"collector = {collector!r} is not one of {', '.join(COLLECTORS)}"
    raise InputError([Problem("collector", message + suggestion(collector, COLLECTORS))])


def report_lines(batch: Batch) -> list[str]:
    """What a terminal shows after an import: what became of every row, and why.

    A row counts as used if one of its prices is; the reasons of the rows that are not add up to
    them. Then by provider and GPU name, where reasons count rows, or prices of rows.
    """
    return [*_summary(batch), *_by_gpu(batch), *(f"  note: {said}" for said in batch.remarks)]


def _summary(batch: Batch) -> Iterator[str]:
    rows, used = batch.rows.total(), batch.kept.total()
    yield (
        f"{batch.file}: {counted(rows, 'row')} read, {used:,} used, {rows - used:,} rejected;"
        f" {counted(batch.observations, 'observation')} as of {batch.as_of}"
    )
    for reason, number in batch.aside.most_common():
        yield f"  rejected {number:,}: {reason}"


def _by_gpu(batch: Batch) -> Iterator[str]:
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in batch.rejected:
        reasons[row.provider, row.gpu][row.reason] += 1
    for key in sorted(batch.rows):
        provider, gpu = key
        name = ", ".join(filter(None, (provider, gpu or "(no GPU name)")))
        yield f"  {name}: {counted(batch.rows[key], 'row')}, {batch.kept[key]:,} used"
        yield from (f"    {number:,} {why}" for why, number in reasons[key].most_common())
