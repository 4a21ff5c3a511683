"""Every number of the workbook, worked out from its formulas, and where its columns stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.finance.depreciation import CONVENTIONS, LIVES, YEARS
from tco.market.data_tables import macrs_shares
from tco.numeric import ceil
from tco.report.workbook.columns import (
    BOOKS,
    CURVES,
    EXITS,
    FINANCE,
    OWN_COLUMNS,
    PAYBACKS,
    RENT_COLUMNS,
    SLOPES,
    SUMS,
    TIME,
    Column,
)
from tco.report.workbook.formula import PREVIOUS, spreadsheet, worked_out
from tco.report.workbook.names import CONSTANTS, DERIVED, FORMULAS, PROBLEM, TOTALS

if TYPE_CHECKING:
    from tco.report.workbook.formula import Places

# The sections of the sheet Months, in the order in which their columns follow each other.
SECTIONS: dict[str, tuple[Column, ...]] = {
    "time": TIME,
    "loan, lease and refresh": FINANCE,
    "tax books": BOOKS,
    "owning [USD]": OWN_COLUMNS,
    "renting [USD]": RENT_COLUMNS,
    "if one stops at the end of this month [USD]": EXITS,
    "sums": SUMS,
    "curves": CURVES,
    "crossings": PAYBACKS,
    "slopes": SLOPES,
}
COLUMNS: dict[str, Column] = {
    column.name: column for columns in SECTIONS.values() for column in columns
}
ORDER = tuple(COLUMNS)
_LEAST_MONTHS = 60


@dataclass(frozen=True)
class Model:
    """The values of all named cells, and of the columns of the sheet Months from month 0 on."""

    months: int
    names: Mapping[str, Any]
    columns: Mapping[str, list[Any]]


@dataclass(frozen=True)
class Published:
    """The published depreciation tables: a row for each method, convention and quarter."""

    methods: tuple[str, ...]
    lives: tuple[int, ...]
    shares: tuple[tuple[float, ...], ...]

    def life_of(self, method: str) -> int:
        """Years over which the row of a method writes off, one more with the first."""
        return self.lives[self.methods.index(method)]

    def published(self, method: str, year: float) -> float:
        """The share of one tax year, counted from 1."""
        return self.shares[self.methods.index(method)][int(year) - 1]


def months_shown(values: Mapping[str, Any]) -> int:
    """Months that the workbook has rows for."""
    return max(_LEAST_MONTHS, int(ceil(values["horizon_months"])))


def published_tables() -> Published:
    """The tables of data/macrs.csv by the keys that the formulas look up."""
    shares = macrs_shares()
    rows = [(method, *convention) for method in LIVES for convention in CONVENTIONS]
    return Published(
        tuple(f"{method} {convention} {quarter or 0}" for method, convention, quarter in rows),
        tuple(LIVES[method] for method, _, _ in rows),
        tuple(tuple(shares[at * YEARS : (at + 1) * YEARS]) for at in range(len(rows))),
    )


def worked_model(values: Mapping[str, Any]) -> Model:
    """All numbers of a workbook with these inputs, which go together."""
    tables, months = published_tables(), months_shown(values)
    names: dict[str, Any] = {**values, "inputs_outside": 0}
    names |= {constant.name: constant.value for constant in CONSTANTS}
    for named in DERIVED:
        names[named.name] = worked_out(named.formula, names)
    names["problem"] = worked_out(PROBLEM, names)
    looked_up = {"life_of": tables.life_of, "published": tables.published}
    columns = _worked_columns({**names, **looked_up}, months)
    for name, formula, *_ in (*TOTALS, *FORMULAS):
        names[name] = worked_out(formula, {**names, **columns})
    return Model(months, names, columns)


def _worked_columns(known: dict[str, Any], months: int) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in ORDER}
    for month in range(months + 1):
        for name, column in COLUMNS.items():
            formula = column.formula if month else column.start
            known[name] = worked_out(formula, known, ORDER) if formula else 0
            columns[name].append(known[name])
        for name in ORDER:
            known[PREVIOUS + name] = known[name]
    return columns


def spreadsheet_columns(places: Places) -> dict[str, tuple[str, str]]:
    """The formulas of each column, of a month and of the start, as a spreadsheet reads them."""
    return {
        name: (_written(column.formula, places), _written(column.start, places))
        for name, column in COLUMNS.items()
    }


def _written(formula: str, places: Places) -> str:
    return spreadsheet(formula, places) if formula else ""
