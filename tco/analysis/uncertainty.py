"""`tco.simulate()`: in how many of many equally likely futures buying is cheaper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.analysis import copula, drivers
from tco.analysis.distributions import Distribution, distributions
from tco.analysis.futures import futures, interpolated
from tco.analysis.simulation import Simulation, not_whole
from tco.errors import InputError, Problem
from tco.inputs import INPUTS, Inputs
from tco.inputs.calling import takes_inputs
from tco.model.breakeven import model_values, one_scenario
from tco.model.results import checked_racks
from tco.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    from tco.analysis.copula import Pair

_DRAWS = 2_048


@takes_inputs
def simulate(
    scenario: Scenario | None = None,
    /,
    *,
    draws: int = _DRAWS,
    seed: int = 0,
    correlations: Any = None,
    **inputs: Any,
) -> Simulation:
    """How likely it is that buying is cheaper, and which inputs decide it.

    Every input that was not given, or given as a range ("0.50..0.85"), is drawn from a distribution
    between its low and its high (P10 and P90); what was given as a number is certain. `draws` is
    the number of futures, best a power of 2; the same `seed` gives the same numbers, and an input
    draws the same whatever the others are. `correlations` maps pairs of inputs to rank correlations
    from -1 to 1, on top of those of data/correlations.csv.

    The result has the chance [share], P10, P50 and P90 of npv_saving_usd [USD] and months, and
    frames of what drives them. InputError lists everything that is wrong with a call, before any
    draw; TcoError where SciPy is not installed.

    >>> from tco.analysis.uncertainty import simulate
    >>> odds = simulate(gpu="L4", rate_usd_per_gpu_hour="0.50..0.85", seed=7)
    >>> 0 < odds.chance < 1, odds.npv_saving_usd.p10 < odds.npv_saving_usd.p90
    (True, True)
    """
    asked, counts, pairs = _asked(scenario, inputs, (draws, seed), correlations)
    values = model_values(asked, ("price_usd_per_gpu", "rate_usd_per_gpu_hour"))
    checked_racks(Inputs.of(values))
    known = distributions(asked)
    return _summed_up(asked, counts, pairs, known, *futures(values, known, *counts, pairs))


def _asked(
    scenario: Scenario | None, inputs: dict[str, Any], counts: tuple[Any, Any], wanted: Any
) -> tuple[Scenario, tuple[int, int], dict[Pair, float]]:
    """What a call asks for, checked; all its problems are reported together."""
    problems: list[Problem] = []
    for name, value in zip(("draws", "seed"), counts, strict=True):
        problems += not_whole(name, value)
    pairs, wrong = copula.given({} if wanted is None else wanted)
    problems += wrong
    try:
        asked = scenario_of(scenario, inputs)
    except InputError as found:
        raise InputError([*problems, *found.problems]) from None
    if asked.is_table:
        problems += one_scenario("simulate()").problems
    elif not wrong:
        pairs = {**copula.declared(asked.values()["as_of"]), **pairs}
        problems += copula.contradiction(pairs)
    if problems:
        raise InputError(problems)
    return asked, (int(counts[0]), int(counts[1])), pairs


def _summed_up(
    asked: Scenario,
    counts: tuple[int, int],
    pairs: dict[Pair, float],
    known: dict[str, Distribution],
    drawn: dict[str, Any],
    saving: Any,
) -> Simulation:
    import numpy as np

    draws, seed = counts
    feasible = ~np.isnan(saving)
    if not feasible.any():
        message = (
            f"in none of {draws:,} draws does a rack hold a server: {INPUTS['rack_kw'].meaning}"
        )
        raise InputError([Problem("rack_kw", message)])
    drawn = {name: _kept(column, feasible) for name, column in drawn.items()}
    saving = _kept(saving, feasible)
    chance = float((saving > 0).mean())
    return Simulation(
        scenario=asked,
        draws=draws,
        seed=seed,
        correlations={pair: rho for pair, rho in pairs.items() if {*pair} <= {*known}},
        distributions=known,
        drawn=drawn,
        saving=saving,
        infeasible=float(1 - feasible.mean()),
        chance=chance,
        chance_standard_error=(chance * (1 - chance) / len(saving)) ** (1 / 2),
        npv_saving_usd=interpolated(saving),
        regret_of_buying_usd=float((-saving).clip(min=0).mean()),
        regret_of_renting_usd=float(saving.clip(min=0).mean()),
        value_of_knowing_all_usd=drivers.value_of_knowing_all(saving),
    )


def _kept(column: Any, feasible: Any) -> Any:
    kept = column if feasible.all() else column[feasible]
    kept.flags.writeable = False
    return kept
