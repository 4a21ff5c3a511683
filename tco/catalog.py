"""The data as frames, each row with its source and its age.

Prices and rates take `prices`, a price store or a frame with further observations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from tco.market.catalogue import (
    Catalogue,
    Colocation,
    Electricity,
    Gpu,
    HostValue,
    Price,
    Pue,
    Rate,
    load,
)
from tco.market.evidence import age_days
from tco.market.observed import catalogue_with
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def gpus(as_of: str | None = None) -> pd.DataFrame:
    """Every GPU: memory, bandwidth, dense TFLOPS, watts, host class.

    >>> from tco import catalog
    >>> int(catalog.gpus().set_index("gpu").loc["L4", "gpu_w"])
    72
    """
    return framed(Gpu, load().gpus.values(), as_of)


def prices(gpu: str | None = None, as_of: str | None = None, prices: Any = None) -> pd.DataFrame:
    """Purchase prices [USD], of one GPU or all; InputError for a GPU that is not there."""
    catalogue = catalogue_with(prices)
    return framed(Price, _of(gpu, catalogue.prices_of, catalogue), as_of, catalogue)


def rates(gpu: str | None = None, as_of: str | None = None, prices: Any = None) -> pd.DataFrame:
    """Rental rates [USD per GPU-hour], of one GPU or all; InputError for one that is not there."""
    catalogue = catalogue_with(prices)
    return framed(Rate, _of(gpu, catalogue.rates_of, catalogue), as_of, catalogue)


def servers(as_of: str | None = None) -> pd.DataFrame:
    """Host classes: what the server around the GPUs holds, draws and costs."""
    return framed(HostValue, load().servers, as_of)


def electricity(as_of: str | None = None) -> pd.DataFrame:
    """Electricity tariffs [USD per kWh]."""
    return framed(Electricity, load().electricity, as_of)


def colocation(as_of: str | None = None) -> pd.DataFrame:
    """Prices of reserved colocation power [USD per kW per month]."""
    return framed(Colocation, load().colocation, as_of)


def pue(as_of: str | None = None) -> pd.DataFrame:
    """The average PUE of a country's data centers."""
    return framed(Pue, load().pues, as_of)


def sources() -> pd.DataFrame:
    """Who published the figures, and where."""
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in load().sources.values()])


def _of(
    gpu: str | None, rows_of: Callable[[str], Iterable[Any]], catalogue: Catalogue
) -> Iterable[Any]:
    Scenario(gpu=gpu)
    return (row for key in catalogue.gpus if gpu in (None, key) for row in rows_of(key))


_CITED = ("source", "url", "age_days")


def framed(
    kind: type[Any], rows: Iterable[Any], as_of: str | None, catalogue: Catalogue | None = None
) -> pd.DataFrame:
    """The rows with `source` (publisher and title), `url` and `age_days` before `as_of`.

    The address is the row's own, where it has one, else that of its source.
    `as_of` defaults to the newest date in the data, never to today; a date without a day counts
    from its first.
    """
    import pandas as pd

    catalogue = catalogue or load()
    day = Scenario(as_of=as_of, prices=catalogue).values()["as_of"]
    made = []
    for row in rows:
        source, url = catalogue.cited(row.source_id)
        age = age_days(row.as_of, day)
        told = {name: value for name, value in asdict(row).items() if name != "url" or value}
        made.append({"url": url, **told, "source": source, "age_days": age})
    names = dict.fromkeys((*(column.name for column in fields(kind)), *_CITED))
    return pd.DataFrame(made, columns=[*names])
