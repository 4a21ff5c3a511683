"""The model run for many draws of the uncertain inputs, and quantiles of what comes out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.analysis import copula
from tco.analysis.distributions import MEDIAN, NINE_TENTHS, TENTH, Distribution
from tco.analysis.savings import saving
from tco.inputs import Inputs
from tco.numeric import ceil

if TYPE_CHECKING:
    from tco.analysis.copula import Pair

# What is kept of every future.
RESULTS = ("npv_saving_usd", "months", "own_npv_usd", "rent_npv_usd")


class Quantiles(NamedTuple):
    """The 10th, 50th and 90th percentile of a result."""

    p10: float
    p50: float
    p90: float


def futures(
    values: dict[str, Any],
    known: dict[str, Distribution],
    draws: int,
    seed: int,
    pairs: dict[Pair, float],
) -> tuple[dict[str, Any], Any]:
    """The drawn inputs, and what buying saves in each future [USD]; NaN where it is infeasible.

    What one block of an input draws is kept for the next scenario: while one input moves, the
    others draw the same.
    """
    import numpy as np

    from tco.model.blocks import BLOCK

    if draws <= BLOCK:
        asked = (draws, seed, tuple(sorted(pairs.items())))
        drawn = {name: _column(distribution, *asked) for name, distribution in known.items()}
        return drawn, savings_of(values, drawn, draws)
    drawn, found = {name: np.empty(draws) for name in known}, np.empty(draws)
    for part, shares in copula.shares(draws, seed, pairs, known):
        for name, distribution in known.items():
            drawn[name][part] = distribution.ppf(shares[name])
        block = {name: column[part] for name, column in drawn.items()}
        found[part] = savings_of(values, block, part.stop - part.start)
    return drawn, found


@lru_cache(maxsize=2)
def _shares(draws: int, seed: int, pairs: tuple[tuple[Pair, float], ...]) -> dict[str, Any]:
    """The shares that every number among the inputs draws, in one block."""
    ((_, shares),) = copula.shares(draws, seed, dict(pairs), copula.NUMBERS)
    return shares


@lru_cache(maxsize=512)
def _column(
    distribution: Distribution, draws: int, seed: int, pairs: tuple[tuple[Pair, float], ...]
) -> Any:
    column = distribution.ppf(_shares(draws, seed, pairs)[distribution.name])
    column.flags.writeable = False
    return column


def savings_of(values: dict[str, Any], drawn: dict[str, Any], count: int) -> Any:
    """What buying saves in each of so many futures [USD]; NaN where it is infeasible."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = saving(Inputs.of({**values, **drawn})).usd
    return np.broadcast_to(found, count).copy()


def solved(values: dict[str, Any], drawn: dict[str, Any], count: int) -> dict[str, Any]:
    """The results of each future that is feasible, by the whole model."""
    from tco.model.blocks import solve_table

    answers = solve_table({**values, **drawn}, (count,))
    return {name: answers[name] for name in RESULTS}


def interpolated(values: Any) -> Quantiles:
    """Quantiles of evenly spread draws: the k-th of n stands in the middle of its n-th."""
    import numpy as np

    found = np.quantile(values, (TENTH, MEDIAN, NINE_TENTHS), method="hazen")
    return Quantiles(*found.tolist())


def ordered(values: Any) -> Quantiles:
    """Quantiles that are values themselves, so that they may be infinite."""
    import numpy as np

    line, count = np.sort(values), len(values)
    places = (int(ceil(share * count)) - 1 for share in (TENTH, MEDIAN, NINE_TENTHS))
    return Quantiles(*(float(line[place]) for place in places))
