"""What uncertain inputs may be, from value, low and high, and how they are drawn together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from typing import Any, TypeAlias

from tco.errors import Problem, needing, shown, suggestion
from tco.inputs import INPUTS, current_name
from tco.inputs.declaration import Interval
from tco.market.catalogue import CHOICE, LOG_NORMAL, PERT
from tco.market.choice import default_entry
from tco.market.data_tables import correlations
from tco.market.evidence import newest_of
from tco.market.following import FOLLOWERS
from tco.model.breakeven import BLOCK
from tco.scenario import Scenario

Pair: TypeAlias = tuple[str, str]

# Inputs that came later than the others: their columns stand behind, and move no older draw.
_LATER = (
    *("server_idle_share", "idle_tariff_ratio", "colo_committed_kw", "colo_overage_ratio"),
    *("server_warranty_months", "commitment_fee_usd_per_gpu", "rate_cap_usd_per_gpu_month"),
    *("loan_interest_only_months", "loan_fee_rate", "loan_balloon_share"),
)
# Every input that can be drawn; the place here is its column of the sequence.
_FIRST = tuple(n for n, declared in INPUTS.items() if declared.numeric and n not in _LATER)
NUMBERS = (*_FIRST, *_LATER)
# Where the low of a belief stands, the middle of its futures, and the high.
PERCENTILES = (0.1, 0.5, 0.9)
# How much more than each end the most likely value weighs in the mean of a PERT.
_WEIGHT = 4
# Points of the table of a PERT: enough for a millionth of its range.
_POINTS = 2_049
_DIGITS = 12
# A matrix on the border of the possible is inside once its correlations are drawn in by so much.
_BORDER = 1 / 10**13
# The Pearson correlation of two normal variables with the rank correlation rho is
# 2 sin(pi rho / 6): Pearson, 1907, On further methods of determining correlation.
_SIXTH = math.pi / 6


@dataclass(frozen=True)
class Distribution:
    """The values that one input may have.

    `low` and `high` are its 10th and 90th percentile, exactly. `value` is the most likely one of a
    `pert`, and half of the futures where it is the end of the domain; a `lognormal` has its median
    at the geometric mean of low and high, whatever the value. What would lie beyond the domain
    lies at its end, and a whole number is the nearest one: docs/uncertainty.md.
    """

    name: str
    value: float
    low: float
    high: float
    shape: str = PERT

    def ppf(self, share: Any) -> Any:
        """The value that a share of all futures does not exceed [in the input's unit], as an array.

        `share` is a number or an array from 0 to 1.

        >>> rate = Distribution("rate_usd_per_gpu_hour", 0.7, 0.5, 0.85)
        >>> rate.ppf([0.1, 0.5, 0.9]).round(3).tolist()
        [0.5, 0.684, 0.85]
        """
        import numpy as np

        declared, low, high = INPUTS[self.name], self.low, self.high
        if self.shape == LOG_NORMAL:
            with needing("odds need"):
                from scipy import special

            low, high, end = math.log(low), math.log(high), special.ndtri(PERCENTILES[-1])
            drawn = np.exp(low + (special.ndtri(share) / end + 1) / 2 * (high - low))
        else:
            # Nothing lies beyond the end of a domain, so an end that is the value says nothing.
            if self.value <= declared.low:
                low = 2 * self.value - high
            elif self.value >= declared.high:
                high = 2 * self.value - low
            shares, places = _pert_table(round((self.value - low) / (high - low), _DIGITS))
            drawn = low + np.interp(share, shares, places) * (high - low)
        # From an end of the domain that is open the draws keep half of the way of P10.
        least = (declared.low + self.low) / 2 if declared.low_open else declared.low
        inside = np.clip(drawn, least, declared.high)
        return np.rint(inside) if declared.kind == "integer" else inside


@lru_cache(maxsize=256)
def _pert_table(mode: float) -> tuple[Any, Any]:
    """Shares and values of the PERT with P10 at 0, P90 at 1 and its most likely value at `mode`.

    There is exactly one for each mode from 0 to 1: it then lies at 0 to 1 of the way between the
    ends, and moves with that place throughout.
    """
    import numpy as np

    with needing("odds need"):
        from scipy import optimize, special

    ends = (PERCENTILES[0], PERCENTILES[-1])

    def beta(place: float) -> tuple[float, float]:
        return 1 + _WEIGHT * place, 1 + _WEIGHT * (1 - place)

    def miss(place: float) -> float:
        tenth, ninth = special.betaincinv(*beta(place), ends)
        return float((place - tenth) / (ninth - tenth)) - mode

    places = (1 - np.cos(np.linspace(0, math.pi, _POINTS))) / 2
    shares = special.betainc(*beta(optimize.brentq(miss, 0, 1)), places)
    tenth, ninth = np.interp(ends, shares, places)
    return shares, (places - tenth) / (ninth - tenth)


def distributions(scenario: Scenario) -> dict[str, Distribution]:
    """The uncertain inputs of one scenario, in the order of the documentation.

    Every number that was not given and has a low below its high, and each that was given as a
    range. What was given as a plain value, a quote, and what the reader chooses (how many GPUs,
    whether to pay for licenses) is certain.

    >>> from tco import Scenario
    >>> found = distributions(Scenario(gpu="L4", utilization="0.5..0.7", pue=1.4))
    >>> found["utilization"].value, found["price_usd_per_gpu"].shape, "pue" in found
    (0.6, 'lognormal', False)
    """
    found = {}
    for name, entry in scenario.resolved().items():
        is_range = isinstance(scenario.given.get(name), Interval)
        if not INPUTS[name].numeric or not (is_range or entry.status != "yours"):
            continue
        if entry.value is None or entry.low is None or entry.high is None:
            continue
        shape = PERT
        if not is_range:
            on = scenario.values()["as_of"]
            shape = default_entry(name, on, "", scenario.catalogue).shape
        low, high = max(entry.low, INPUTS[name].low), min(entry.high, INPUTS[name].high)
        if shape != CHOICE and low < high:
            found[name] = Distribution(name, entry.value, low, high, shape)
    # What would follow from another is drawn with it, where both are believed to be the same.
    for leader, follower in FOLLOWERS.items():
        if follower in found and follower not in scenario.given and leader in found:
            one, other = found[leader], found[follower]
            if (one.value, one.low, one.high) == (other.value, other.low, other.high):
                del found[follower]
    return found


def correlations_on(as_of: str) -> dict[Pair, float]:
    """The rank correlation of each pair by its newest row on or before a day, or else its first.

    >>> correlations_on("2026-11-21")["resale_decline_per_year", "rate_growth_per_year"]
    -0.5
    """
    rows = correlations()
    first = {(row.input, row.other): row for row in reversed(rows)}
    newest = newest_of(rows, lambda row: (row.input, row.other), as_of)
    found = first | {(row.input, row.other): row for row in newest}
    return {pair: row.rank_correlation for pair, row in found.items()}


def given_correlations(wanted: Any) -> tuple[dict[Pair, float], list[Problem]]:
    """Correlations as a caller gives them, and what is wrong with them.

    `wanted` maps pairs of inputs to rank correlations; the order in a pair does not matter.

    >>> given_correlations({("pue", "idle_w"): 0.2})
    ({('idle_w', 'pue'): 0.2}, [])
    """
    if not isinstance(wanted, Mapping):
        return {}, [_problem(f"{shown(wanted)} is not a table of pairs of inputs and correlations")]
    found: dict[Pair, float] = {}
    problems = []
    for given, value in wanted.items():
        pair = tuple(map(current_name, given)) if isinstance(given, tuple) else given
        wrong = _wrong(pair, value)
        if not wrong:
            low, high = sorted(pair, key=NUMBERS.index)
            if (low, high) in found:
                wrong = f"{low} and {high} are given twice"
            found[low, high] = float(value)
        problems += [_problem(wrong)] if wrong else []
    return found, problems


def _problem(wrong: str) -> Problem:
    return Problem("correlations", f"correlations: {wrong}")


def _wrong(pair: Any, value: Any) -> str:
    """What is wrong with a pair of inputs and its rank correlation; empty where nothing is."""
    if not isinstance(pair, tuple) or len(pair) != 2:
        return f"{shown(pair)} is not a pair of inputs"
    for name in pair:
        if name not in NUMBERS:
            kind = "not a number" if name in INPUTS else "not an input"
            near = suggestion(name, NUMBERS) if isinstance(name, str) else ""
            return f"{shown(name)} is {kind}{near}"
    if pair[0] == pair[1]:
        return f"{pair[0]} with itself"
    known = isinstance(value, Real) and not isinstance(value, bool)
    if known and -1 <= value <= 1:
        return ""
    return f"{pair[0]} and {pair[1]} = {shown(value)} is outside [-1, 1]: a rank correlation"


def contradiction(pairs: Mapping[Pair, float]) -> list[Problem]:
    """The problem of correlations that no numbers can have all at once, if they are such."""
    if factor(pairs) is not None:
        return []
    said = ", ".join(f"{a} and {b} {value:g}" for (a, b), value in sorted(pairs.items()))
    return [_problem(f"no draws have all of {said}: the matrix is not positive semidefinite")]


def factor(pairs: Mapping[Pair, float]) -> tuple[list[str], Any] | None:
    """The correlated inputs, and Cholesky's factor, which makes independent normal draws such.

    None where no draws can have these rank correlations.

    >>> factor({("idle_w", "pue"): 0})[1].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    import numpy as np

    names = [name for name in NUMBERS if any(name in pair for pair in pairs)]
    pearson = np.zeros((len(names), len(names)))
    for pair, rho in pairs.items():
        row, column = map(names.index, pair)
        pearson[row, column] = pearson[column, row] = 2 * math.sin(_SIXTH * rho)
    for share in (1, 1 - _BORDER):
        try:
            return names, np.linalg.cholesky(np.eye(len(names)) + share * pearson)
        except np.linalg.LinAlgError:
            continue
    return None


def shares_of(
    draws: int, seed: int, pairs: Mapping[Pair, float], wanted: Iterable[str]
) -> Iterator[tuple[slice, dict[str, Any]]]:
    """The draws of the wanted inputs as shares between 0 and 1, block by block.

    Scrambled Sobol points with a column for every number among the inputs, drawn or not: what an
    input draws depends on the seed, on itself and on what it correlates with, and never on which
    other inputs are uncertain. `pairs` are rank correlations that do not contradict each other.
    """
    import numpy as np

    with needing("odds need"):
        from scipy import special
        from scipy.stats import qmc

    correlated, mixing = factor(pairs) or ([], np.eye(0))
    names = list(wanted)
    wide = any(name in _LATER for name in (*names, *correlated))
    sizes = (len(_FIRST), len(NUMBERS)) if wide else (len(_FIRST),)
    engines = [qmc.Sobol(size, rng=np.random.default_rng(seed)) for size in sizes]
    least = np.finfo(np.float64).eps
    for start in range(0, draws, BLOCK):
        count = min(BLOCK, draws - start)
        drawn = [engine.random(1 << (count - 1).bit_length())[:count] for engine in engines]
        points = np.hstack([drawn[0], *(more[:, len(_FIRST) :] for more in drawn[1:])])
        columns = dict(zip(NUMBERS, np.clip(points, least, 1 - least).T, strict=False))
        normal = [special.ndtri(columns[name]) for name in correlated]
        block = {name: columns[name] for name in names}
        for row, name in enumerate(correlated):
            if name in block and mixing[row, :row].any():
                mixed = sum(mixing[row, at] * normal[at] for at in range(row + 1))
                block[name] = special.ndtr(mixed)
        yield slice(start, start + count), block
