"""A frame of prices or rates as observations, checked as strictly as the shipped files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem, suggestion
from tco.market.observed import Observed
from tco.market.records import ANY_REGION, ASSUMPTION, Price, Rate, Source

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue

UNSOURCED = "frame"
_MOST_PROBLEMS = 10
# What a row may leave out.
_USUAL = {
    "instance": "unnamed",
    "gpus_per_instance": "1",
    "region": ANY_REGION,
    "country": ANY_REGION,
    "term": "on_demand",
    "host_included": "yes",
    "price_basis": "street",
    "source_id": UNSOURCED,
    "note": "",
}
_WORDS = {"True": "yes", "true": "yes", "False": "no", "false": "no"}


def observed_frame(frame: pd.DataFrame, shipped: Catalogue) -> Observed:
    """The rows of a frame: rental rates where usd_per_gpu_hour is given, else prices (usd).

    Needed are gpu, as_of, and provider with usd_per_gpu_hour, or usd; the rest has the columns of
    rental_rates.csv and purchase_prices.csv. InputError lists what is wrong, by row.
    """
    rates, prices, problems = [], [], []
    cited: dict[str, Source] = {}
    for at, cells in enumerate(_texts(frame)):
        kind = Rate if cells.get("usd_per_gpu_hour") else Price
        wrong, row = _record(kind, cells, shipped)
        problems += [Problem("prices", f"prices[{at}]: {message}", (at,)) for message in wrong]
        if isinstance(row, Rate):
            rates.append(row)
        elif isinstance(row, Price):
            prices.append(row)
        source_id = cells.get("source_id", UNSOURCED)
        if source_id not in shipped.sources and source_id != ASSUMPTION:
            cited[source_id] = _source(source_id, cells)
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return Observed("a frame of prices", cited, rates, prices)


def _texts(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """The cells of each row as text, without those that are empty."""
    import pandas as pd

    for row in frame.to_dict("records"):
        yield {
            str(name): _text(value)
            for name, value in row.items()
            if not (pd.api.types.is_scalar(value) and pd.isna(value)) and str(value) != ""
        }


def _text(value: Any) -> str:
    import pandas as pd

    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return _WORDS.get(str(value), str(value))


def _record(
    kind: type[Rate] | type[Price], cells: Mapping[str, str], shipped: Catalogue
) -> tuple[list[str], Rate | Price | None]:
    gpu, values, wrong = cells.get("gpu", ""), {}, []
    if gpu not in shipped.gpus:
        wrong.append(f"gpu = {gpu!r} is not in the catalogue{suggestion(gpu, shipped.gpus)}")
    for declared in fields(kind):
        text = cells.get(declared.name, _USUAL.get(declared.name))
        if text is None:
            wrong.append(f"{declared.name} is missing")
            continue
        try:
            values[declared.name] = declared.metadata["parse"](text)
        except ValueError as error:
            wrong.append(f"{declared.name} = {text!r} {error}")
    return wrong, None if wrong else kind(**values)


def _source(source_id: str, cells: Mapping[str, str]) -> Source:
    publisher = cells.get("publisher", "yours")
    title = cells.get("title", "a frame of prices" if source_id == UNSOURCED else source_id)
    return Source(
        source_id, publisher, title, cells.get("url", ""), "", cells.get("as_of", ""), "yours"
    )


def unsourced(rows: Iterable[Rate | Price]) -> list[Rate | Price]:
    """The observations that nobody vouches for."""
    return [row for row in rows if row.source_id in (UNSOURCED, ASSUMPTION)]
