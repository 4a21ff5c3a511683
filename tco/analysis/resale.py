"""What used GPUs cost by their age, as a share of the list price, from dated observations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from tco.analysis.history import DAYS_A_YEAR
from tco.market.catalogue import USED, Catalogue, Gpu
from tco.market.data_tables import used_prices
from tco.market.evidence import age_days
from tco.market.files import first_day, known_from
from tco.market.importers.names import gpu_of

if TYPE_CHECKING:
    import pandas as pd

_LIST_PRICE = "msrp"


@dataclass(frozen=True, kw_only=True)
class UsedByAge:
    """One price of a used GPU [USD], and how old the model was then.

    `years` count from the release of the GPU, `share` is that of `list_usd`, the first list price
    known; both are None where no list price is known. `age_days` is the age of the observation.
    """

    gpu: str
    resale_market: str
    years: float
    share: float | None
    usd: float
    list_usd: float | None
    as_of: str
    age_days: int
    basis: str
    source_id: str
    source: str
    url: str


COLUMNS = tuple(one.name for one in fields(UsedByAge))


def used_by_age(catalogue: Catalogue, as_of: str) -> pd.DataFrame:
    """Every price of a used GPU of the catalog that was known on a day, by GPU and date.

    They are the prices of basis `used` and the averages of used_price_history.csv. Columns: those
    of `UsedByAge`.

    >>> from tco.market.catalogue import load
    >>> frame = used_by_age(load(), "2026-11-21").set_index("gpu")
    >>> float(frame.loc["L4", "usd"]), round(float(frame.loc["L4", "share"]), 2)
    (2000.0, 0.85)
    """
    import pandas as pd

    rows = [
        vars(_row(catalogue, gpu, list_usd, as_of, *seen))
        for gpu in catalogue.gpus.values()
        for list_usd in [_list_price(catalogue, gpu, as_of)]
        for seen in sorted(_observed(catalogue, gpu, as_of))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    catalogue: Catalogue,
    gpu: Gpu,
    list_usd: float | None,
    as_of: str,
    day: str,
    usd: float,
    basis: str,
    source_id: str,
) -> UsedByAge:
    source, url = catalogue.cited(source_id)
    days = date.fromisoformat(first_day(day)) - date.fromisoformat(first_day(gpu.released))
    return UsedByAge(
        gpu=gpu.gpu,
        resale_market=gpu.resale_market,
        years=max(days.days, 0) / DAYS_A_YEAR,
        share=None if list_usd is None else usd / list_usd,
        usd=usd,
        list_usd=list_usd,
        as_of=day,
        age_days=age_days(day, as_of),
        basis=basis,
        source_id=source_id,
        source=source,
        url=url,
    )


def _list_price(catalogue: Catalogue, gpu: Gpu, as_of: str) -> float | None:
    listed = [row for row in catalogue.prices_of(gpu.gpu) if row.price_basis == _LIST_PRICE]
    known = [row for row in listed if known_from(row) <= as_of]
    return min(known, key=lambda row: first_day(row.as_of)).usd if known else None


def _observed(catalogue: Catalogue, gpu: Gpu, as_of: str) -> Iterator[tuple[str, float, str, str]]:
    """Day, price, basis and source of each observation; one that is in both files stands once."""
    seen = set()
    for row in used_prices():
        key, _ = gpu_of("csv", "", row.card, None, ())
        if key == gpu.gpu and max(first_day(row.date), first_day(row.recorded)) <= as_of:
            seen.add((row.date, row.usd))
            yield row.date, row.usd, row.basis, row.source_id
    for price in catalogue.prices_of(gpu.gpu):
        is_known = price.price_basis == USED and known_from(price) <= as_of
        if is_known and (price.as_of, price.usd) not in seen:
            yield price.as_of, price.usd, price.note, price.source_id
