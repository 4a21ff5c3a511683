"""Which uncertain inputs move the saving, and what it is worth to know one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tco.analysis.distributions import Distribution

# The powers of an input with which the expected saving is fitted.
_POWERS = 3
# What is left of a power once the lower ones are taken out, if it is rounding.
_NOTHING = 1 / 10**12


def rank_correlations(drawn: Mapping[str, Any], saving: Any) -> dict[str, float]:
    """Spearman's correlation of each input with the saving, from -1 to 1; 0 without any spread.

    >>> import numpy as np
    >>> rank_correlations({"pue": np.array([1.0, 1.2, 1.8])}, np.array([9.0, 4.0, 3.0]))
    {'pue': -1.0}
    """
    import numpy as np
    from scipy import stats

    lines = stats.rankdata([saving, *drawn.values()], axis=1) - (len(saving) + 1) / 2
    sizes, products = (lines * lines).sum(axis=1), (lines * lines[0]).sum(axis=1)
    scale = np.sqrt(sizes * sizes[0])
    found = np.where(scale > 0, products / np.where(scale > 0, scale, 1), 0)
    return dict(zip(drawn, found[1:].tolist(), strict=True))


def value_of_knowing_all(saving: Any) -> float:
    """What it is worth to know the saving before deciding [USD]: the regret of the better choice.

    >>> import numpy as np
    >>> value_of_knowing_all(np.array([-30.0, 10.0, 50.0]))
    10.0
    """
    return max(float(saving.clip(min=0).mean()) - max(float(saving.mean()), 0.0), 0.0)


def values_of_knowing(drawn: Mapping[str, Any], saving: Any) -> dict[str, float]:
    """What it is worth to know one input for certain before deciding [USD], for each of them.

    The expected saving given the input, E(x), decides: the value is the mean of max(E, 0) less
    max(mean of E, 0). E is a cubic fitted to the draws, with its spread reduced by what a cubic
    finds in noise. From 0 to the value of knowing everything.
    """
    most, mean = value_of_knowing_all(saving), float(saving.mean())
    found = {}
    for name, values in drawn.items():
        expected = mean + _explained(values, saving - mean)
        found[name] = min(value_of_knowing_all(expected), most)
    return found


def _explained(values: Any, deviation: Any) -> Any:
    """What a cubic in the values explains of the deviations of the saving from its mean."""
    spread, draws = float(values.std()), len(values)
    fitted = 0 * deviation
    if not spread or draws <= _POWERS + 1:
        return fitted
    basis: list[Any] = []
    standard, power = (values - values.mean()) / spread, 1
    for _ in range(_POWERS):
        power = power * standard
        column = power - power.mean()
        for other in basis:
            column = column - other * (_product(other, column) / _product(other, other))
        if _product(column, column) > _NOTHING * _product(power, power):
            basis.append(column)
            fitted = fitted + column * (_product(column, deviation) / _product(column, column))
    found, total = _product(fitted, fitted), _product(deviation, deviation)
    noise = _POWERS * (total - found) / (draws - 1 - _POWERS)
    return fitted * max(1 - noise / found, 0.0) ** (1 / 2) if found else fitted


def _product(a: Any, b: Any) -> float:
    """The scalar product, added up in the same order whatever the number of threads."""
    return float((a * b).sum())


def sobol_indices(
    solve: Callable[[dict[str, Any]], Any],
    known: Mapping[str, Distribution],
    points: int,
    seed: int,
) -> dict[str, tuple[float, float]]:
    """Shares of the variance of the saving: of each input alone, and with all its interactions.

    The first-order and total Sobol indices of SciPy, from (inputs + 2) x `points` model runs in
    which nothing correlates. `solve` gives the savings of drawn inputs [USD], NaN where there is
    none: these count as the mean of the others. All are 0 where the saving does not vary.
    """
    import numpy as np
    from scipy import stats

    def savings(columns: Any) -> Any:
        found = solve(dict(zip(known, columns, strict=True)))
        return np.where(np.isnan(found), np.nanmean(found), found)

    inputs = [*known.values()]
    if len(inputs) == 1:  # of which SciPy cannot make an array
        evenly = (np.arange(points) + 1 / 2) / points
        share = float(np.ptp(savings([inputs[0].ppf(evenly)])) > 0)
        return {inputs[0].name: (share, share)}
    rng = np.random.default_rng(seed)
    found = stats.sobol_indices(func=savings, n=points, dists=inputs, rng=rng)
    shares = np.stack([found.first_order, found.total_order], axis=1)
    return {name: (float(a), float(b)) for name, (a, b) in zip(known, shares, strict=True)}
