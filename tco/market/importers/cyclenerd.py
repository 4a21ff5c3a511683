"""Google's machine prices by region, with commitments: Cyclenerd's pricing.yml.

Each machine has what it costs in each region: by the hour on demand and as a spot machine, and by
the month of 730 hours under a commitment of one or three years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tco.errors import DataError
from tco.market.catalogue import Provider
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
    line_of,
    pairs,
    read_document,
    text,
)
from tco.market.importers.lines import LONGEST_NAME, Line, RejectedError, beginning
from tco.market.importers.names import machines
from tco.market.importers.opening import PriceFile

COLLECTOR = "cyclenerd"
PUBLISHER = "Cyclenerd"
HOME = "https://github.com/Cyclenerd/google-cloud-pricing-cost-calculator"
PATTERNS = ("pricing.yml", "*.yml")
# Its monthly prices are of so many hours (build/pricing.pl).
_HOURS_A_MONTH = 730
_MONTH_TOLERANCE = 0.01
# The prices of a machine in a region; a month's price on demand is there to compare with.
_TERMS = {ON_DEMAND: "hour", SPOT: "hour_spot", "1yr": "month_1y", "3yr": "month_3y"}
_MONTH = "month"
# What a machine has instead of a commitment's price: where there is none, that of the term before.
_INSTEAD = {"1yr": _MONTH, "3yr": "month_1y"}
# A key such as a100-80gb or l4: the number of GPUs of a kind.
_GPU_KEY = re.compile(r"[a-z]{1,4}[0-9][a-z0-9-]*", re.ASCII)
_MOST_ROWS = 200_000
# When the list was made stands at its beginning, below `about` [seconds since 1970].
_STAMP, _HEAD_BYTES = re.compile(rb"^  timestamp: (\d{9,10})\r?$", re.MULTILINE), 2**14


def provider_name(_path: Path) -> str:
    """Of whom the prices are, whatever the file is called.

    >>> provider_name(Path("pricing.yml"))
    'gcp'
    """
    return "gcp"


def stated_day(file: PriceFile) -> str:
    """The day on which the file says that it was made [UTC]; empty where it does not say."""
    with file.opened() as stream:
        found = _STAMP.search(stream.read(_HEAD_BYTES))
    return datetime.fromtimestamp(int(found[1]), UTC).date().isoformat() if found else ""


def read(
    file: PriceFile, provider: Provider, _as_of: str, _layout: Layout
) -> tuple[RowLog, Document]:
    """Every machine in every region, as prices or rejected; DataError when it is no such file."""
    listed = below(read_document(file), "compute", "instance")
    if not entries(listed):
        raise DataError(f"{file.name}: no machines below compute, instance: not a price list")
    log, key = RowLog(), provider.provider
    log.read(
        _lines(file, listed),
        lambda cells: (key, cells.get("gpu", "")),
        lambda line: _take(log, line, key),
    )
    return log, Document()


def _lines(file: PriceFile, listed: Any) -> Iterator[Line]:
    """A row for each machine in each region."""
    number = 0
    for name, machine in pairs(listed):
        found = entries(machine)
        kinds = [each for each in found if _GPU_KEY.fullmatch(each) and each != "cost"]
        for region, costs in pairs(found.get("cost")):
            number += 1
            if number > _MOST_ROWS:
                raise DataError(f"{file.name}: more than {_MOST_ROWS:,} rows, the limit")
            cells = {cost: text(value) for cost, value in entries(costs).items()}
            about = {"machine": text(name), "region": text(region), "gpu": ",".join(kinds)}
            about["gpus"] = text(found.get(kinds[0])) if len(kinds) == 1 else ""
            said = f"line {line_of(region)}: {about['machine']} in {about['region']}"
            yield Line(number, beginning(said), cells | about)


def _take(log: RowLog, line: Line, provider: str) -> None:
    cells = line.cells
    machine, region = cells["machine"], cells["region"]
    if not cells["gpu"]:
        raise RejectedError("no GPU")
    if max(len(machine), len(region)) > LONGEST_NAME or not region:
        raise RejectedError("a name far too long, or none")
    known = machines().get((provider, machine))
    if known is None:
        raise RejectedError("machine type not in machines.csv")
    texts, count = (machine,), cells["gpus"]
    gpu, gpus = gpu_in_row(COLLECTOR, provider, known.name, count, None, texts)
    if gpus != known.gpus:
        raise RejectedError(f"number of GPUs is not that of {machine}")
    for term, column in _TERMS.items():
        try:
            usd = _usd(cells, term, column)
        except RejectedError as why:
            log.lose((line.number,), term, str(why))
            continue
        if usd is not None:
            offer = (gpu, machine, gpus, region, "", term, usd)
            log.add(ListedPrice((line.number,), *offer))
        elif term == ON_DEMAND:
            log.lose((line.number,), term, NO_PRICE)


def _usd(cells: dict[str, str], term: str, column: str) -> float | None:
    """What an hour costs on a term; None where the file has no such price."""
    found = read_price(cells.get(column, ""))
    if found is None or term not in _INSTEAD:
        return found
    month, hour = (read_price(cells.get(name, "")) for name in (_MONTH, _TERMS[ON_DEMAND]))
    if month is None or hour is None:
        raise RejectedError(f"{term}: no price on demand to compare with")
    if abs(month / hour / _HOURS_A_MONTH - 1) > _MONTH_TOLERANCE:
        raise RejectedError(f"{term}: a month is not {_HOURS_A_MONTH} hours")
    if found in (month, read_price(cells.get(_INSTEAD[term], ""))):
        raise RejectedError(f"{term}: equals the price of a shorter term: no observation")
    return found / _HOURS_A_MONTH
