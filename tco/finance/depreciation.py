"""How a cost is written off: the share of each tax year, from the year it is placed in service."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.errors import InputError, Problem
from tco.finance.domain import require
from tco.numeric import larger

if TYPE_CHECKING:
    from tco.numeric import Numeric

    # Shares by life in years, convention, and quarter (None under the half-year convention).
    Table: TypeAlias = Mapping[tuple[int, str, int | None], Sequence[Numeric]]


def straight_line(years: Any, first_year: Any = 1) -> tuple[Numeric, ...]:
    """Equal shares of the cost [ratio], one a year; they sum to 1.

    `years` is a whole number above 0, else `InputError`. `first_year` in (0, 1] is the part of the
    first year that counts; the rest of that year then follows the last. The number type is that of
    the arguments. Source: IRS Publication 946, chapter 4; for a part of a year, section 7 (1) EStG.

    >>> straight_line(5)
    (0.2, 0.2, 0.2, 0.2, 0.2)
    >>> straight_line(2, first_year=0.5)
    (0.25, 0.5, 0.25)
    """
    return tuple(length / years for length in _lengths_of_years(years, first_year))


def declining_balance(
    years: Any, rate_per_year: Any, first_year: Any = 1, switch: bool = True
) -> tuple[Numeric, ...]:
    """A constant share of what is left each year [ratio]; they sum to 1.

    Shape of `rate_per_year`, in [0, 1]: 2 / years is double declining balance. With `switch`, a
    year takes the straight line over the years left where that is more. Without it, the last year
    takes all that is left. Other arguments and errors as `straight_line`. Source: IRS
    Publication 946, chapter 4; section 7 (2) EStG.

    >>> [round(share, 4) for share in declining_balance(5, 0.4, first_year=0.5)]
    [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576]
    """
    holds = (rate_per_year >= 0) & (rate_per_year <= 1)
    require(holds, "rate_per_year", rate_per_year, "[0, 1]", "share of the book value a year")
    book, left = 1 + 0 * rate_per_year, years
    shares = []
    for length in _lengths_of_years(years, first_year)[:-1]:
        share = rate_per_year * length * book
        if switch:
            share = larger(share, book * length / left)
        shares.append(share)
        book, left = book - share, left - length
    return (*shares, book)


def macrs(
    table: Table, life_years: int, convention: str, placed_in_quarter: int | None = None
) -> tuple[Numeric, ...]:
    """Shares of the cost under the US tax system [ratio], one a year; they sum to 1.

    `table` holds the published shares by (life, convention, quarter). `convention` is `half_year`,
    without a quarter, or `mid_quarter` with the one of 1 to 4 in which the asset was placed in
    service. What is not in the table, or is no schedule of life + 1 years, is an `InputError`.
    Source: IRS Publication 946, Appendix A, Tables A-1 to A-5.

    >>> macrs({(3, "half_year", None): (0.3333, 0.4445, 0.1481, 0.0741)}, 3, "half_year")
    (0.3333, 0.4445, 0.1481, 0.0741)
    """
    key = (life_years, convention, placed_in_quarter)
    if key not in table:
        known = "; ".join(str(known) for known in table)
        names = "(life_years, convention, placed_in_quarter)"
        raise InputError([Problem("life_years", f"{names} = {key} is not in the table: {known}")])
    shares = tuple(table[key])
    whole = len(shares) == life_years + 1 and math.isclose(math.fsum(shares), 1)
    meaning = "shares of life_years + 1 years that sum to 1"
    require(whole and min(shares) >= 0, "table", shares, "[0, 1]", meaning)
    return shares


def _lengths_of_years(years: Any, first_year: Any) -> list[Any]:
    whole = bool(0 < years < math.inf) and years % 1 == 0
    meaning = "years over which a cost is written off"
    require(whole, "years", years, "the whole numbers above 0", meaning)
    part = bool(0 < first_year <= 1)
    require(part, "first_year", first_year, "(0, 1]", "part of the first year that counts")
    rest = [1 - first_year] if first_year < 1 else []
    return [first_year, *[1] * (int(years) - 1), *rest]
