"""The published depreciation tables of the US tax system, as the model takes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tco.finance.depreciation import macrs
from tco.finance.write_off import CONVENTIONS, LIVES, YEARS
from tco.market.files import at_least_zero, column, data_folder, one_of, read_records, source


@dataclass(frozen=True)
class MacrsShare:
    """macrs.csv: the share of the cost that is written off in one year."""

    life_years: str = column(one_of("3", "5", "7"))
    convention: str = column(one_of("half_year", "mid_quarter"))
    placed_in_quarter: str = column(one_of("", "1", "2", "3", "4"))
    year: float = column(at_least_zero)
    share: float = column(at_least_zero)
    source_id: str = column(source)


@lru_cache(maxsize=4)
def macrs_shares(folder: Path | None = None) -> tuple[float, ...]:
    """The shares of `tco.finance.write_off`: by life, convention and year, in its order [ratio].

    DataError for a file that is not like the shipped one. Source: data/macrs.csv, IRS
    Publication 946, Appendix A.

    >>> macrs_shares()[:6]
    (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576)
    """
    key = ("life_years", "convention", "placed_in_quarter", "year")
    table: dict[tuple[int, str, int | None], list[float]] = {}
    for row in read_records((folder or data_folder()) / "macrs.csv", MacrsShare, key):
        quarter = int(row.placed_in_quarter) if row.placed_in_quarter else None
        table.setdefault((int(row.life_years), row.convention, quarter), []).append(row.share)
    rows: list[list[Any]] = [
        list(macrs(table, life, *convention))
        for life in LIVES.values()
        for convention in CONVENTIONS
    ]
    return tuple(share for row in rows for share in row + [0.0] * (YEARS - len(row)))
