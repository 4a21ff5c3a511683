"""How fast a series of dated prices rose or fell: one exponential, one step, or nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from tco.errors import InputError, Problem, TcoError

DAYS_A_YEAR = 365.25
# No fit below these: a year of 365 days, six points.
FEWEST_DAYS, FEWEST_POINTS = 365, 6
# A list price that stood at so few levels moved in steps; prices this close are one level.
STEP_LEVELS, SAME_PRICE = 3, 0.001
UPPER = 0.9
# However alike neighbouring residuals are, two degrees of freedom stay.
FEWEST_INDEPENDENT = 4


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How one series moved.

    `method` is `log_linear`, `endpoint` (the series is a step) or `none`; `why` says what decided
    it. `change_per_year` is the figure to use [share a year], `low_per_year` and `high_per_year`
    its 10th and 90th percentile, `standard_error` that of the slope of the log price [1/year];
    they and `r_squared` are None where there is no fit. `endpoint_change_per_year` compares the
    last price with the first, whatever lies between; None under one year.
    """

    first_date: date
    last_date: date
    observations: int
    years: float
    first_usd: float
    last_usd: float
    change_per_year: float | None = None
    low_per_year: float | None = None
    high_per_year: float | None = None
    standard_error: float | None = None
    r_squared: float | None = None
    endpoint_change_per_year: float | None = None
    method: str
    why: str


def trend(days: Sequence[date], usd: Sequence[float]) -> Trend:
    """The trend of prices [USD], each above 0, on days in any order.

    `none` under one year or under six points, `endpoint` for at most three price levels, else
    `log_linear`: ordinary least squares of the log price on years, exp(slope) - 1 a year, and the
    10th and 90th percentile from Student's t, which allow for residuals that are like their
    neighbours: see docs/trends.md.

    InputError for prices that are no prices, TcoError where SciPy is not installed.

    >>> yearly = [date(2020 + year, 1, 1) for year in range(6)]
    >>> halved = trend(yearly, [64, 32, 16, 8, 4, 2])
    >>> halved.method, round(halved.change_per_year, 3)
    ('log_linear', -0.5)
    >>> cut = trend(yearly, [4, 4, 4, 1, 1, 1])
    >>> cut.method, round(cut.change_per_year, 3), cut.low_per_year
    ('endpoint', -0.242, None)
    >>> trend(yearly[:5], [64, 32, 16, 8, 4]).why
    'under six points'
    """
    points = sorted(zip(days, _prices(days, usd), strict=True))
    (first_day, first), (last_day, last) = points[0], points[-1]
    length = (last_day - first_day).days
    ends = _between(first, last, length / DAYS_A_YEAR) if length >= FEWEST_DAYS else None
    method, why = _method(length, [price for _, price in points])
    found = {"change_per_year": ends} if method == "endpoint" else {}
    return Trend(
        first_date=first_day,
        last_date=last_day,
        observations=len(points),
        years=length / DAYS_A_YEAR,
        first_usd=first,
        last_usd=last,
        endpoint_change_per_year=ends,
        method=method,
        why=why,
        **(_log_linear(points) if method == "log_linear" else found),
    )


def _prices(days: Sequence[date], usd: Sequence[float]) -> list[float]:
    prices = [float(price) for price in usd]
    if not prices or len(prices) != len(days):
        raise InputError([Problem("usd", f"usd: {len(prices)} prices for {len(days)} days")])
    wrong = [price for price in prices if not 0 < price < math.inf]
    if wrong:
        raise InputError([Problem("usd", f"usd = {wrong[0]!r} is not above 0: a price")])
    return prices


def _between(first: float, last: float, years: float) -> float:
    """The change a year that leads from one price to another; 0 if they differ by rounding."""
    same = abs(last / first - 1) <= SAME_PRICE
    return 0.0 if same else math.expm1(math.log(last / first) / years)


def _method(length: int, prices: list[float]) -> tuple[str, str]:
    if length < FEWEST_DAYS:
        return "none", "under one year"
    if len(prices) < FEWEST_POINTS:
        return "none", "under six points"
    levels = _levels(prices)
    if levels <= STEP_LEVELS:
        return "endpoint", f"{levels} price level{'' if levels == 1 else 's'}: no slope to fit"
    return "log_linear", f"{levels} price levels"


def _levels(prices: list[float]) -> int:
    """How many prices there are when those within a tenth of a per cent of the next are one."""
    ordered = sorted(prices)
    gaps = (high / low - 1 > SAME_PRICE for low, high in pairwise(ordered))
    return 1 + sum(gaps)


def _log_linear(points: list[tuple[date, float]]) -> dict[str, float | None]:
    np, stats = _tools()
    time = np.array([(day - points[0][0]).days / DAYS_A_YEAR for day, _ in points])
    height = np.log([price for _, price in points])
    line = stats.linregress(time, height)
    residuals = height - line.intercept - line.slope * time
    free = _independent(residuals) - 2
    spread = time - time.mean()
    error = math.sqrt(residuals @ residuals / free / (spread @ spread))
    reach = float(stats.t.ppf(UPPER, free)) * error
    return {
        "change_per_year": math.expm1(line.slope),
        "low_per_year": math.expm1(line.slope - reach),
        "high_per_year": math.expm1(line.slope + reach),
        "standard_error": error,
        "r_squared": float(line.rvalue) ** 2,
    }


def _independent(residuals: Any) -> float:
    """How many independent points the residuals are worth, by the correlation with the next."""
    count, power = len(residuals), float(residuals @ residuals)
    alike = float(residuals[1:] @ residuals[:-1]) / power if power else 0
    return min(max(count * (1 - alike) / (1 + alike), FEWEST_INDEPENDENT), count)


def _tools() -> tuple[Any, Any]:
    try:
        import numpy as np
        from scipy import stats
    except ModuleNotFoundError as missing:
        message = f"a trend needs {missing.name}: pip install 'gpu-tco[risk]'"
        raise TcoError(message) from None
    return np, stats
