"""Write docs/trends.md: how fast rents and used prices moved, and what the defaults make of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tco.analysis.history import AFTER_MINING, trends, used_price_trends
from tco.inputs import INPUTS
from tco.market.catalogue import MARKETS, Default, load

BY_MARKET = ("rate_growth_per_year", "resale_decline_per_year")

HEAD = """# Price trends

How fast rents and used prices moved, and what the defaults `rate_growth_per_year` and
`resale_decline_per_year` make of it. `tco.trends("L4", term="spot")` gives the same figures as a
frame, `tco.history("L4")` the observations behind them. This page is written by
`python -m docs.make_trends`.

A *series* is one instance of one provider in one region, on one term, as one source measured it.
Nothing is joined over sources, tiers or regions: a tracker that changes where it looks makes a rise
or a fall that no customer saw.

| a series | gets | |
|---|---|---|
| under one year, or under six points | no trend | `none` |
| at most three price levels | last price over first, a year; no range | `endpoint` |
| any other | least squares of the log price on time, exp(slope) − 1 a year | `log_linear` |

Prices within 0.1 % of each other are one level. A step has no slope, and no range comes from it.

P10 and P90 are those of the slope, from Student's t. Rents stand still and used prices run for
months, so neighboring residuals are alike and the usual interval is far too narrow: n points count
as n (1 − r) / (1 + r), r being the correlation of each residual with the next (at least 4, at most
n), in the standard error and in the degrees of freedom. The interval says how well the past is
known and nothing of the future: the ranges of the defaults are judged from all series of a market.
"""

RENTS = """## Rents with a trend
"""

SHORT = """
## Rents too short for a trend

Series of at least two observations. What moved within weeks is not made into a rate a year.
"""

USED = """
## Used cards

Average prices of listings sold on eBay: all months, and those from October 2022 on, when the crash
of mining was over. Series too short for a trend are in `data/used_price_history.csv` only.
"""

DEFAULTS = """
## What the defaults make of it

The default of a scenario is the median over its providers of the entries for their markets; an
input without an entry for a market uses the general one. Low and high are read as the 10th and 90th
percentile; the high of each market of rents includes a shortage in which they rise by a fifth a
year.
"""


def page() -> str:
    """The whole page."""
    rents = all_trends()
    fitted = rents[rents["method"] != "none"]
    short = rents[(rents["method"] == "none") & (rents["observations"] > 1)]
    single = int((rents["observations"] == 1).sum())
    parts = [HEAD, RENTS, *_table(_FITTED, (_rent(row) for row in _rows(fitted)))]
    parts += [SHORT, *_table(_SHORT, (_short(row) for row in _rows(short)))]
    parts += [f"\nA further {single} series are one observation so far."]
    parts += [USED, *_table(_USED, _used_rows())]
    parts += [DEFAULTS, *_table(_ENTRIES, (_entry(entry) for entry in _entries()))]
    return "\n".join(parts) + "\n"


def all_trends() -> pd.DataFrame:
    """The trend of every series of every GPU, by market, GPU, term and series."""
    frames = [trends(gpu, term=term) for gpu in load().gpus for term in INPUTS["term"].choices]
    found = pd.concat([frame for frame in frames if len(frame)])
    order = found["market"].map(MARKETS.index)
    return found.assign(order=order).sort_values(
        ["order", "gpu", "term", "series"], kind="stable", ignore_index=True
    )


_OFFER = ("market", "GPU", "offer", "term", "source", "from", "to", "points")
_ENDS = "last over first, a year"
_FITTED = (*_OFFER, "change a year", "P10 – P90", _ENDS, "method")
_SHORT = (*_OFFER, "first", "last", _ENDS, "why")
_USED = ("card", "months", "from", "to", "points", "change a year", "P10 – P90", _ENDS, "R²")
_ENTRIES = ("input", "market", "default", "low – high", "as of", "source", "note")


def _rent(row: Any) -> tuple[str, ...]:
    return (
        *_named(row),
        percent(row.change_per_year),
        _range(row.low_per_year, row.high_per_year),
        percent(row.endpoint_change_per_year),
        f"`{row.method}`",
    )


def _short(row: Any) -> tuple[str, ...]:
    ends = (f"{row.first_usd:.4g}", f"{row.last_usd:.4g}", percent(row.endpoint_change_per_year))
    return (*_named(row), *ends, row.why)


def _named(row: Any) -> tuple[str, ...]:
    place = "" if row.region == "any" else f", {row.region}"
    offer = f"{row.provider} {row.instance}{place}"
    return (row.market, row.gpu, offer, row.term, f"`{row.source_id}`", *_span(row))


def _span(row: Any) -> tuple[str, str, str]:
    days = (row.first_date, row.last_date)
    return (*(day.date().isoformat() for day in days), str(row.observations))


def _used_rows() -> Iterable[tuple[str, ...]]:
    for since in (None, AFTER_MINING):
        found = used_price_trends(since=since)
        for row in _rows(found[found["method"] != "none"].sort_values("card")):
            yield (
                row.card,
                f"from {since}" if since else "all",
                *_span(row),
                percent(row.change_per_year),
                _range(row.low_per_year, row.high_per_year),
                percent(row.endpoint_change_per_year),
                f"{row.r_squared:.2f}",
            )


def _entries() -> Iterable[Default]:
    for name in BY_MARKET:
        yield from load().defaults[name]


def _entry(entry: Default) -> tuple[str, ...]:
    return (
        f"`{entry.input}`",
        entry.market or "all others",
        percent(entry.default),
        _range(entry.low, entry.high),
        entry.as_of,
        load().cited(entry.source_id)[0],
        entry.note,
    )


def _rows(frame: pd.DataFrame) -> Iterable[Any]:
    return frame.itertuples(index=False)


def percent(share: float) -> str:
    """A share as per cent with its sign, one digit.

    >>> percent(0.1617), percent(-0.25), percent(-0.0), percent(float("nan"))
    ('+16.2 %', '-25.0 %', '0.0 %', '')
    """
    if pd.isna(share):
        return ""
    rounded = round(share * 100, 1)
    return f"{rounded:+.1f} %" if rounded else "0.0 %"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None or pd.isna(low):
        return ""
    return f"{percent(low)} to {percent(high)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(text.replace('|', '/') for text in line)} |" for line in lines]


if __name__ == "__main__":
    Path(__file__).with_name("trends.md").write_text(page(), encoding="utf-8")
