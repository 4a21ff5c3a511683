"""Catalogues and price lists read into batches: each row is used, or set aside with a reason."""

from __future__ import annotations

from pathlib import Path

from tco.errors import InputError, Problem, suggestion
from tco.market.batch import Batch
from tco.market.importers import gpuhunt, price_csv, skypilot
from tco.market.importers.choosing import batch_of
from tco.market.importers.names import provider_of
from tco.market.importers.origin import files_under, origin, provider_from
from tco.market.importers.summary import report_lines

COLLECTORS = (skypilot.COLLECTOR, gpuhunt.COLLECTOR, price_csv.COLLECTOR)
_MODULES = {module.COLLECTOR: module for module in (skypilot, gpuhunt, price_csv)}

__all__ = ["COLLECTORS", "files_of", "read_file", "report_lines"]


def files_of(collector: str, path: Path) -> list[Path]:
    """The price files at a path: the file itself, or those of a folder and its subfolders.

    InputError for an unknown collector, DataError where there is no file.
    """
    patterns = _MODULES[_known(collector)].PATTERNS
    return files_under(path, patterns, f"price file of {collector} ({', '.join(patterns)})")


def read_file(
    collector: str,
    path: Path,
    *,
    as_of: str | None = None,
    provider: str | None = None,
    source_url: str = "",
) -> Batch:
    """What one file brings: observations, and each row that was not used with the reason.

    `as_of` is the day of the prices, by default the day the file was last written [UTC], as the
    catalogues carry no date; `provider` is a key of providers.csv, by default as the file or its
    folder is named. DataError when the file is no such catalogue, InputError for a bad argument.
    """
    if _known(collector) == price_csv.COLLECTOR:
        return price_csv.read(path, as_of, source_url)
    if path.name == gpuhunt.TPU_FILE and provider is None:
        provider = gpuhunt.TPU_PROVIDER
    owner = provider_of(provider, path.name) if provider else provider_from(collector, path)
    found = origin(collector, path, as_of)
    read = skypilot.read if collector == skypilot.COLLECTOR else gpuhunt.read
    return batch_of(read(path, owner), found, owner, source_url)


def _known(collector: str) -> str:
    if collector in _MODULES:
        return collector
    message = f"collector = {collector!r} is not one of {', '.join(COLLECTORS)}"
    raise InputError([Problem("collector", message + suggestion(collector, COLLECTORS))])
