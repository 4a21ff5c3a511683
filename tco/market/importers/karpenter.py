"""AWS's on-demand prices as Karpenter carries them: one generated Go file, by region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tco.errors import DataError
from tco.market.catalogue import Provider, load
from tco.market.importers.batches import NO_PRICE, ON_DEMAND, ListedPrice, RowLog, read_price
from tco.market.importers.columns import Layout
from tco.market.importers.documents import Document, read_text
from tco.market.importers.lines import Line, RejectedError, beginning
from tco.market.importers.opening import PriceFile

COLLECTOR = "karpenter"
PUBLISHER = "Amazon Web Services (Karpenter)"
HOME = "https://github.com/aws/karpenter-provider-aws"
PATTERNS = ("*pricing_aws.go",)
_MOST_BYTES = 8 * 2**20
_MARK = "InitialOnDemandPrices"
_MADE = re.compile(r"^// generated at (\d{4}-\d\d-\d\d)T", re.MULTILINE)
_REGION = re.compile(r'^\s*"([a-z0-9-]{4,40})":\s*\{', re.ASCII)
_PRICE = re.compile(r'"([^"]{1,80})":\s*([^,{}\s]+)\s*,')
# The families of EC2 with accelerators: g4dn, gr6, p5en.
_WITH_GPU = re.compile(r"(?:gr?|p)[0-9]", re.ASCII)


def provider_name(_path: Path) -> str:
    """Of whom the prices are, whatever the file is called.

    >>> provider_name(Path("zz_generated.pricing_aws.go"))
    'aws'
    """
    return "aws"


def stated_day(file: PriceFile) -> str:
    """The day on which the file says that it was generated [UTC]; empty where it does not say."""
    found = _MADE.search(read_text(file, _MOST_BYTES))
    return found[1] if found else ""


def read(
    file: PriceFile, provider: Provider, _as_of: str, _layout: Layout
) -> tuple[RowLog, Document]:
    """Every price of a file, used or rejected; DataError when it is no such file."""
    content = read_text(file, _MOST_BYTES)
    if _MARK not in content:
        raise DataError(f"{file.name}: no {_MARK}: not Karpenter's list of prices")
    log, key = RowLog(), provider.provider
    log.read(
        _lines(content),
        lambda cells: (key, cells.get("family", "")),
        lambda line: _take(log, line, key),
    )
    if not log.count():
        raise DataError(f"{file.name}: no price in the file")
    return log, Document()


def _lines(content: str) -> Iterator[Line]:
    number, region = 0, ""
    for line in content.splitlines():
        if found := _REGION.match(line):
            region = found[1]
            continue
        for price in _PRICE.finditer(line):
            number += 1
            instance, usd = price.groups()
            family = instance.partition(".")[0] if _WITH_GPU.match(instance) else ""
            cells = {"instance": instance, "region": region, "usd": usd, "family": family}
            yield Line(number, beginning(f"{region} {instance} {usd}"), cells)


@cache
def _instances(provider: str) -> dict[str, tuple[str, float]]:
    """The GPU of an instance and how many it has, as the rows of rental_rates.csv say it."""
    rows = (row for row in load().rates if row.provider == provider)
    return {row.instance: (row.gpu, row.gpus_per_instance) for row in rows}


def _take(log: RowLog, line: Line, provider: str) -> None:
    cells = line.cells
    if not cells["family"]:
        raise RejectedError("no GPU")
    if not cells["region"]:
        raise RejectedError("no region")
    known = _instances(provider).get(cells["instance"])
    if known is None:
        raise RejectedError("instance of which rental_rates.csv has no row: its GPUs are not known")
    usd = read_price(cells["usd"])
    if usd is None:
        raise RejectedError(NO_PRICE)
    gpu, gpus = known
    offer = (gpu, cells["instance"], gpus, cells["region"], "", ON_DEMAND, usd)
    log.add(ListedPrice((line.number,), *offer))
