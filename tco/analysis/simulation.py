"""`tco.simulate()`: in how many of many equally likely futures buying is cheaper, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from tco.analysis.distributions import (
    NUMBERS,
    PERCENTILES,
    Distribution,
    Pair,
    contradiction,
    correlations_on,
    distributions,
    given_correlations,
    shares_of,
)
from tco.analysis.savings import asked_of, saving, values_of, with_columns
from tco.errors import InputError, Problem, TcoError
from tco.inputs import INPUTS, PRICES, Inputs, Param
from tco.inputs.checks import clean, describe, outside
from tco.inputs.text import takes_inputs
from tco.model.breakeven import BLOCK, answered, model_values, one_scenario, solve_table
from tco.model.cashflows import points
from tco.model.items import SIDES
from tco.model.results import checked
from tco.numeric import ceil
from tco.scenario import Scenario
from tco.words import confidence, median_future, of_owner
from tco.words.currencies import text_property
from tco.words.figures import number, usd

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.work import Work
    from tco.inputs.values import InputValues

_DRAWS = 2_048
_DOTS, _POINTS = 50, 1_024
# Futures that are enough to see what drives them, and where their costs run.
_DRIVEN, _FOLLOWED = 131_072, 16_384
# What is kept of every future.
_KEPT = ("npv_saving_usd", "months", "exit_months", "own_npv_usd", "rent_npv_usd")
BAND_COLUMNS = (
    *("month", "t_months"),
    *(
        f"{cost}_{name}_usd"
        for cost in (*SIDES, "gap", *(f"{side}_exit" for side in (*SIDES, "gap")))
        for name in ("p10", "p50", "p90")
    ),
)
# The powers of an input with which the expected saving is fitted.
_POWERS = 3
# So many draws are fitted at once.
_TOGETHER = 2**16
# Powers of an input that differ by no more than this share, by rounding, are one.
_NOTHING = 1 / 10**12
# The numbers that are asked for and are no inputs of the model.
_ASKED = {
    "draws": Param(group="", kind="integer", name="draws", meaning="futures", low=1, high=10**7),
    "seed": Param(group="", kind="integer", name="seed", meaning="where draws begin", high=10**12),
    "n": Param(group="", kind="integer", name="n", meaning="dots", low=1, high=10**4),
    "points": Param(group="", kind="integer", name="points", meaning="points", low=2, high=10**4),
}


class Quantiles(NamedTuple):
    """The 10th, 50th and 90th percentile of a result."""

    p10: float
    p50: float
    p90: float


@takes_inputs
def simulate(
    scenario: Scenario | Work | None = None,
    /,
    *,
    draws: int = _DRAWS,
    seed: int = 0,
    correlations: Any = None,
    **inputs: Unpack[InputValues],
) -> Simulation:
    """How likely it is that buying is cheaper, and which inputs decide it.

    Every input that was not given, or given as a range ("0.50..0.85"), is drawn from a distribution
    between its low and its high (P10 and P90); what was given as a number is certain. `draws` is
    the number of futures, best a power of 2; the same `seed` gives the same numbers, and an input
    draws the same whatever the others are. `correlations` maps pairs of inputs to rank correlations
    from -1 to 1, on top of those of data/correlations.csv. Of a piece of work (`tco.work()`) the
    GPUs in use are drawn too, from the band of its speed.

    The result has the chance [share], P10, P50 and P90 of npv_saving_usd [USD] and months, and
    frames of what drives them. InputError lists everything that is wrong with a call, before any
    draw; TcoError where SciPy is not installed.

    >>> from tco.analysis.simulation import simulate
    >>> odds = simulate(gpu="L4", rate_usd_per_gpu_hour="0.50..0.85", seed=7)
    >>> 0 < odds.chance_buy < 1, odds.npv_saving_usd.p10 < odds.npv_saving_usd.p90
    (True, True)
    """
    import numpy as np

    problems = [*not_whole("draws", draws), *not_whole("seed", seed)]
    pairs, wrong = given_correlations({} if correlations is None else correlations)
    problems += wrong
    try:
        asked, speed = asked_of(scenario, inputs)
        if speed is not None:
            asked = speed.work.uncertain
    except InputError as wrong_inputs:
        raise InputError([*problems, *wrong_inputs.problems]) from None
    if asked.is_table:
        problems += one_scenario("simulate()").problems
    elif not wrong:
        pairs = {**correlations_on(asked.values()["as_of"]), **pairs}
        problems += contradiction(pairs)
    if problems:
        raise InputError(problems)
    draws, seed = int(draws), int(seed)
    model_values(asked, PRICES)
    values = values_of(asked)
    checked(Inputs.of(values))
    known = distributions(asked)
    drawn, saved = _futures(values, known, draws, seed, pairs)
    feasible = ~np.isnan(saved)
    if not feasible.any():
        message = (
            f"in none of {draws:,} draws does a rack hold a server: {INPUTS['rack_kw'].meaning}"
        )
        raise InputError([Problem("rack_kw", message)])
    *columns, saved = (
        column if feasible.all() else column[feasible] for column in (*drawn.values(), saved)
    )
    for column in (*columns, saved):
        column.flags.writeable = False
    chance = float((saved > 0).mean())
    return Simulation(
        scenario=asked,
        draws=draws,
        seed=seed,
        correlations={pair: rho for pair, rho in pairs.items() if {*pair} <= {*known}},
        distributions=known,
        drawn=dict(zip(drawn, columns, strict=True)),
        saving=saved,
        infeasible=float(1 - feasible.mean()),
        chance_buy=chance,
        chance_standard_error=(chance * (1 - chance) / len(saved)) ** (1 / 2),
        npv_saving_usd=Quantiles(*quantiles(saved).tolist()),
        regret_of_buying_usd=float((-saved).clip(min=0).mean()),
        regret_of_renting_usd=float(saved.clip(min=0).mean()),
        value_of_knowing_all_usd=value_of_knowing_all(saved),
    )


# The odds of a scenario, kept for every surface that asks for them.
simulated = lru_cache(maxsize=64)(simulate)


def odds_of(scenario: Scenario) -> tuple[Simulation | None, str]:
    """The odds of a scenario or, where there are none, why not.

    >>> odds_of(Scenario(gpu="RTX-PRO-4500", provider="lambda"))[1].partition(" (")[0]
    'No odds and no confidence here: rate_usd_per_gpu_hour is not known'
    """
    try:
        return simulated(scenario), ""
    except TcoError as unknown:
        return None, f"No odds and no confidence here: {unknown}"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Simulation:
    """What many futures say of one scenario; docs/uncertainty.md defines every number.

    `chance_buy` (also `chance`) is the share of the futures in which buying is cheaper
    (npv_saving_usd > 0), with its standard error, and `confidence` how sure that makes the verdict
    of the values as they are: high, medium or low, empty for a toss-up. `months` has `inf` for
    "never", of which `never` is the share. A regret is what a choice costs on average beyond the
    better one [USD], `value_of_knowing_all_usd` what it would be worth to know every input before
    deciding. `infeasible` is the share of the draws that cannot be combined (a rack that holds no
    server): they are no futures and count in no other number.
    """

    scenario: Scenario
    draws: int
    seed: int
    correlations: dict[Pair, float]
    distributions: dict[str, Distribution]
    drawn: dict[str, Any]
    saving: Any
    infeasible: float
    chance_buy: float
    chance_standard_error: float
    npv_saving_usd: Quantiles
    regret_of_buying_usd: float
    regret_of_renting_usd: float
    value_of_knowing_all_usd: float

    @property
    def chance(self) -> float:
        """The same as `chance_buy`."""
        return self.chance_buy

    @cached_property
    def confidence(self) -> str:
        """How sure the verdict of the values as they are is: high, medium, low.

        Empty for a toss-up, and without busy hours, where there is nothing to compare.
        """
        resolved = self.scenario.resolved()
        if resolved["utilization"].value == 0:
            return ""
        rate = resolved["rate_usd_per_gpu_hour"]
        return confidence(
            answered(self.scenario).verdict, self.chance_buy, rate.fewest, bool(rate.borrowed)
        )

    @text_property
    def median_future(self) -> str:
        """By how much the median future differs from the base case, in a sentence; or nothing."""
        values = self.scenario.values()
        base = answered(self.scenario).npv_saving_usd / values["gpus"]
        return of_owner(median_future(base, self.npv_saving_usd_per_gpu.p50), values)

    @property
    def uncertain(self) -> tuple[str, ...]:
        """The inputs that were drawn, in the order of the documentation."""
        return tuple(self.distributions)

    @cached_property
    def results(self) -> dict[str, Any]:
        """npv_saving_usd, months, exit_months, own_npv_usd and rent_npv_usd of every future."""
        values = with_columns(values_of(self.scenario), self.drawn)
        answers = solve_table(values, (len(self.saving),))
        return {name: answers[name] for name in _KEPT}

    @cached_property
    def months(self) -> Quantiles:
        """P10, P50 and P90 of the payback [months]."""
        return _ranked(self.results["months"])

    @cached_property
    def exit_months(self) -> Quantiles:
        """P10, P50 and P90 of the month from which buying is ahead if one sells then."""
        return _ranked(self.results["exit_months"])

    @cached_property
    def never(self) -> float:
        """The share of the futures without a payback."""
        return float((self.results["months"] == float("inf")).mean())

    @cached_property
    def never_ahead(self) -> float:
        """The share of the futures in which buying is never ahead, if one sells then."""
        return float((self.results["exit_months"] == float("inf")).mean())

    @property
    def npv_saving_usd_per_gpu(self) -> Quantiles:
        """What buying saves for each GPU [USD per GPU]."""
        gpus = self.drawn.get("gpus", self.scenario.values()["gpus"])
        return Quantiles(*quantiles(self.saving / gpus).tolist())

    def to_frame(self) -> pd.DataFrame:
        """Every future as a row: the uncertain inputs, and what is kept of its results."""
        import pandas as pd

        return pd.DataFrame({**self.drawn, **self.results})

    def summary(self) -> pd.DataFrame:
        """Every number as a row: name, value and unit."""
        import pandas as pd

        shares = ("chance_buy", "chance_standard_error", "never", "infeasible")
        rows: list[tuple[str, float, str]] = [(n, getattr(self, n), "share") for n in shares]
        for name, unit in (("npv_saving_usd", "USD"), ("months", "months")):
            found = getattr(self, name)._asdict().items()
            rows += [(f"{name}_{percentile}", value, unit) for percentile, value in found]
        money = ("regret_of_buying_usd", "regret_of_renting_usd", "value_of_knowing_all_usd")
        rows += [(name, getattr(self, name), "USD") for name in money]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """The uncertain inputs, the one that moves the saving most first.

        Columns: input, unit, value, low, high, shape, rank_correlation with the saving (Spearman)
        and value_of_knowing_usd: what it is worth to know this input before deciding [USD]. From
        the first 131,072 futures.
        """
        import pandas as pd

        drawn = {name: column[:_DRIVEN] for name, column in self.drawn.items()}
        ranks = rank_correlations(drawn, self.saving[:_DRIVEN])
        known = self._worth
        names = sorted(self.distributions, key=lambda name: -abs(ranks[name]))
        rows = [
            (d.name, INPUTS[d.name].unit, d.value, d.low, d.high, d.shape, ranks[n], known[n])
            for n in names
            for d in [self.distributions[n]]
        ]
        told = ("input", "unit", "value", "low", "high", "shape")
        return pd.DataFrame(rows, columns=[*told, "rank_correlation", "value_of_knowing_usd"])

    @cached_property
    def _worth(self) -> dict[str, float]:
        """What it is worth to know each input before deciding [USD]."""
        drawn = {name: column[:_DRIVEN] for name, column in self.drawn.items()}
        return values_of_knowing(drawn, self.saving[:_DRIVEN])

    @property
    def check_first(self) -> str | None:
        """The input that is worth most to know before deciding; None where none changes it."""
        worth = self._worth
        return max((name for name in worth if worth[name] > 0), key=worth.__getitem__, default=None)

    def sobol_indices(self, points: int = _POINTS) -> pd.DataFrame:
        """First-order and total Sobol indices with correlations off, the largest first.

        Columns: input, first_order_uncorrelated, total_order_uncorrelated [shares of the variance
        of npv_saving_usd]. It takes (inputs + 2) x `points` runs of the model; `points` must be a
        power of 2. First-order indices have an error of some hundredths: more points, less error.
        """
        import numpy as np
        import pandas as pd
        from scipy import stats

        asked = _whole("points", points)
        if asked & (asked - 1):
            message = f"points = {points} is not a power of 2: points of a Sobol sequence"
            raise InputError([Problem("points", message)])
        values, known = values_of(self.scenario), list(self.distributions.values())

        def savings(columns: Any) -> Any:
            """Savings of drawn inputs; where there is none, the mean of the others."""
            drawn = dict(zip(self.distributions, columns, strict=True))
            found = _savings_of(values, drawn, len(columns[0]))
            return np.where(np.isnan(found), np.nanmean(found), found)

        first: Any = []
        total: Any = []
        if len(known) == 1:  # of which SciPy cannot make an array
            evenly = (np.arange(asked) + 1 / 2) / asked
            first = total = [float(np.ptp(savings([known[0].ppf(evenly)])) > 0)]
        elif known:
            rng = np.random.default_rng(self.seed)
            found = stats.sobol_indices(func=savings, n=asked, dists=known, rng=rng)
            first, total = found.first_order, found.total_order
        names = ("input", "first_order_uncorrelated", "total_order_uncorrelated")
        columns = (list(self.distributions), first, total)
        frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
        return frame.sort_values(names[1], ascending=False, ignore_index=True, kind="stable")

    def dots(self, n: int = _DOTS) -> tuple[float, ...]:
        """So many equally likely savings [USD], ascending: each stands for 1/n of the futures."""
        import numpy as np

        count = _whole("n", n)
        return tuple(quantiles(self.saving, (np.arange(count) + 1 / 2) / count).tolist())

    def curves(self, futures: int = _FOLLOWED) -> pd.DataFrame:
        """P10, P50 and P90 of the cumulative costs at the start and at the end of each month.

        Columns: month, t_months, own_, rent_, gap_ (rent less own), own_exit_, rent_exit_ and
        gap_exit_ (if one sells and stops then), each with p10_usd, p50_usd and p90_usd [USD,
        present values, the first three without resale and unused commitment], over the scenario's
        own horizon and from so many of the futures, the first ones.
        """
        import numpy as np
        import pandas as pd

        count, values = _whole("draws", futures), values_of(self.scenario)
        drawn = {name: column[:count] for name, column in self.drawn.items()}
        # Of the scenario's own months: a longer horizon of a future changes no earlier one.
        held = {"horizon_months": values["horizon_months"]}
        v = Inputs.of(with_columns(values, drawn) | held)
        with np.errstate(all="ignore"):
            followed = list(points(v))
        size = len(self.saving[:count])

        def costs(name: str) -> Any:
            return np.array([np.broadcast_to(getattr(one, name), size) for one in followed])

        own, rent, sold, left = map(costs, ("own", "rent", "own_exit", "rent_exit"))
        times = [float(one.t_months) for one in followed]
        columns: list[Any] = [range(len(times)), np.array(times)]
        found = quantiles([own, rent, rent - own, sold, left, left - sold])
        columns += [share for side in np.moveaxis(found, 0, 1) for share in side]
        return pd.DataFrame(dict(zip(BAND_COLUMNS, columns, strict=True)))

    def __repr__(self) -> str:
        saving = [usd(amount) for amount in self.npv_saving_usd]
        months = [number(month) for month in self.months]
        return "\n".join(
            [
                f"Buying is cheaper in {number(self.chance_buy * 100)} % of {self.draws:,} "
                f"simulated futures (± {number(self.chance_standard_error * 100)} %).",
                f"npv_saving_usd  P10 {saving[0]}, P50 {saving[1]}, P90 {saving[2]}",
                f"months          P10 {months[0]}, P50 {months[1]}, P90 {months[2]}; "
                f"never in {number(self.never * 100)} %",
                *filter(None, [self.median_future]),
            ]
        )


def _ranked(values: Any) -> Quantiles:
    """P10, P50 and P90 of values themselves, as some are infinite."""
    import numpy as np

    line = np.sort(values)
    places = (int(ceil(share * len(line))) - 1 for share in PERCENTILES)
    return Quantiles(*(float(line[place]) for place in places))


def not_whole(name: str, value: Any) -> list[Problem]:
    """What is wrong with a number of draws, dots or points, or with a seed.

    >>> not_whole("draws", 0)[0].message
    'draws = 0 is not a whole number in [1, 10000000]: futures'
    """
    cleaned, problems = clean(_ASKED[name], value)
    if not problems and not isinstance(cleaned, int):
        problems = [Problem(name, describe(_ASKED[name], value, outside(_ASKED[name])))]
    return problems


def _whole(name: str, value: Any) -> int:
    if problems := not_whole(name, value):
        raise InputError(problems)
    return int(value)


def _futures(
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

    if draws <= BLOCK:
        asked = (draws, seed, tuple(sorted(pairs.items())))
        drawn = {name: _column(distribution, *asked) for name, distribution in known.items()}
        return drawn, _savings_of(values, drawn, draws)
    drawn, found = {name: np.empty(draws) for name in known}, np.empty(draws)
    for part, shares in shares_of(draws, seed, pairs, known):
        for name, distribution in known.items():
            drawn[name][part] = distribution.ppf(shares[name])
        block = {name: column[part] for name, column in drawn.items()}
        found[part] = _savings_of(values, block, part.stop - part.start)
    return drawn, found


@lru_cache(maxsize=2)
def _shares(draws: int, seed: int, pairs: tuple[tuple[Pair, float], ...]) -> dict[str, Any]:
    """The shares that every number among the inputs draws, in one block."""
    ((_, shares),) = shares_of(draws, seed, dict(pairs), NUMBERS)
    return shares


@lru_cache(maxsize=512)
def _column(
    distribution: Distribution, draws: int, seed: int, pairs: tuple[tuple[Pair, float], ...]
) -> Any:
    column = distribution.ppf(_shares(draws, seed, pairs)[distribution.name])
    column.flags.writeable = False
    return column


def _savings_of(values: dict[str, Any], drawn: dict[str, Any], count: int) -> Any:
    """What buying saves in each of so many futures [USD]; NaN where it is infeasible."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = saving(Inputs.of(with_columns(values, drawn))).usd
    return np.broadcast_to(found, count).copy()


def quantiles(values: Any, shares: Any = PERCENTILES) -> Any:
    """Quantiles of evenly spread draws, by row: the k-th of n stands in the middle of its n-th."""
    import numpy as np

    return np.quantile(values, shares, axis=-1, method="hazen")


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
    return float(_value_of_knowing(saving))


def _value_of_knowing(saving: Any) -> Any:
    """The same for each row of savings."""
    import numpy as np

    best = np.maximum(saving.mean(axis=-1), 0)
    return np.maximum(saving.clip(min=0).mean(axis=-1) - best, 0)


def values_of_knowing(drawn: Mapping[str, Any], saving: Any) -> dict[str, float]:
    """What it is worth to know one input for certain before deciding [USD], for each of them.

    The expected saving given the input, E(x), decides: the value is the mean of max(E, 0) less
    max(mean of E, 0). E is a cubic fitted to the draws, with its spread reduced by what a cubic
    finds in noise. From 0 to the value of knowing everything.
    """
    import numpy as np

    most, mean = value_of_knowing_all(saving), float(saving.mean())
    found: dict[str, float] = {}
    names, together = [*drawn], max(1, _TOGETHER // len(saving))
    for start in range(0, len(names), together):
        some = names[start : start + together]
        expected = mean + _explained(np.array([drawn[name] for name in some]), saving - mean)
        worth = np.minimum(_value_of_knowing(expected), most)
        found |= dict(zip(some, worth.tolist(), strict=True))
    return found


def _explained(values: Any, deviation: Any) -> Any:
    """What a cubic explains of the deviations of the saving from its mean, for each row of values.

    One that has no spread, or too few draws for a cubic, explains nothing.
    """
    import numpy as np

    draws = len(deviation)
    if draws <= _POWERS + 1:
        return 0 * values
    spread = values.std(axis=1, keepdims=True)
    standard = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    powers = np.stack([*accumulate([standard] * _POWERS, mul)], axis=1)
    powers -= powers.mean(axis=2, keepdims=True)
    # Normal equations, added up in the same order whatever the number of threads.
    squares = np.einsum("kin,kjn->kij", powers, powers)
    inverse = np.linalg.pinv(squares, _NOTHING, hermitian=True)
    weights = np.einsum("kij,kj->ki", inverse, np.einsum("kin,n->ki", powers, deviation))
    fitted = np.einsum("ki,kin->kn", weights, powers)
    found, total = (fitted * fitted).sum(axis=1), (deviation * deviation).sum()
    noise = _POWERS * (total - found) / (draws - 1 - _POWERS)
    kept = np.maximum(1 - noise / np.where(found > 0, found, 1), 0) ** (1 / 2)
    return fitted * kept[:, None]
