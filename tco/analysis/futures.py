"""The model run for many draws of the uncertain inputs, and quantiles of what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tco.analysis import copula
from tco.analysis.distributions import MEDIAN, NINE_TENTHS, TENTH, Distribution
from tco.arithmetic import ceil
from tco.inputs import Inputs
from tco.solution import feasible

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
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The drawn inputs and the results of every future, feasible or not."""
    import numpy as np

    drawn = {name: np.empty(draws) for name in known}
    results = {name: np.empty(draws) for name in RESULTS}
    for part, shares in copula.shares(draws, seed, pairs, known):
        for name, distribution in known.items():
            drawn[name][part] = distribution.ppf(shares[name])
        block = {name: column[part] for name, column in drawn.items()}
        for name, result in solved(values, block).items():
            results[name][part] = result
    return drawn, results


def solved(values: dict[str, Any], drawn: dict[str, Any]) -> dict[str, Any]:
    """The results of each future; NaN where the inputs do not go together."""
    import numpy as np

    from tco.blocks import solve_table

    count = max((len(column) for column in drawn.values()), default=1)
    answers = solve_table({**values, **drawn}, (count,))
    found = {name: answers[name] for name in RESULTS}
    goes = feasible(Inputs.of({**values, **drawn}))
    return {name: np.where(goes, result, np.nan) for name, result in found.items()}


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
