"""What the decision sheet says, as values: the answer, its odds, what matters and what else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.analysis.flips import flips
from tco.analysis.options import options
from tco.analysis.sensitivity import tornado
from tco.analysis.simulation import simulate
from tco.errors import InputError, Problem, TcoError
from tco.model.breakeven import one_scenario
from tco.report.ages import input_age_days
from tco.report.decision import Decision, decide, paybacks
from tco.report.influence import most_influential, nearest_flip, response_curves
from tco.report.sentences import check_first
from tco.report.strength import verdict
from tco.scenario import Resolved, Scenario
from tco.words import futures, nothing_to_compare

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.simulation import Simulation
    from tco.model.breakeven import Breakeven

Row = dict[str, Any]
# The inputs that are listed, and the dots of the odds.
INPUTS_LISTED, DOTS = 8, 20
_RATE = "rate_usd_per_gpu_hour"
_MISSING = {"price_usd_per_gpu": "No purchase price found", _RATE: "No rental price found"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything the sheet shows of one scenario, before it is put into words and tables.

    `simulation` and the rows of `matters` and `flips` (by input) are empty where they are not
    known; `left_out` says why.
    """

    decision: Decision
    resolved: dict[str, Resolved]
    simulation: Simulation | None
    matters: list[Row]
    flips: dict[str, list[Row]]
    options: pd.DataFrame
    left_out: tuple[str, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario of the sheet."""
        return self.decision.scenario

    @property
    def values(self) -> dict[str, Any]:
        """Every input's value by name."""
        return {name: entry.value for name, entry in self.resolved.items()}

    @property
    def answer(self) -> Breakeven | None:
        """The answer; None where a price or rate is not known, or nothing is to be compared."""
        return self.decision.answer if self.decision.fair_rate is not None else None


def facts_of(scenario: Scenario) -> Facts:
    """All facts of one scenario.

    InputError for a table, and for inputs that do not go together. Without SciPy the odds, and
    flips that need it, are left out.

    >>> facts = facts_of(Scenario(gpu="L4"))
    >>> len(facts.matters), facts.left_out
    (8, ())
    """
    if scenario.is_table:
        raise one_scenario("the decision sheet")
    decision = decide(scenario)
    if decision.problems:
        raise InputError([Problem("scenario", message) for message in decision.problems])
    comparable = decision.answer is not None and decision.fair_rate is not None
    simulation, no_odds = _odds(scenario) if comparable else (None, "")
    matters = _rows(tornado(scenario, count=INPUTS_LISTED)) if comparable else []
    turned, no_flips = _flips(scenario, matters)
    return Facts(
        decision=decision,
        resolved=scenario.resolved(),
        simulation=simulation,
        matters=matters,
        flips=turned,
        options=options(scenario),
        left_out=tuple(dict.fromkeys(why for why in (no_odds, no_flips) if why)),
    )


def _odds(scenario: Scenario) -> tuple[Simulation | None, str]:
    try:
        return simulate(scenario), ""
    except TcoError as unknown:
        return None, f"No odds and no strength of the verdict here: {unknown}"


def _flips(scenario: Scenario, matters: list[Row]) -> tuple[dict[str, list[Row]], str]:
    """The rows of `tco.flips` by input, the nearest flip of each first."""
    if not matters:
        return {}, ""
    try:
        rows = _rows(flips(scenario, only=[row["input"] for row in matters]))
    except TcoError as unknown:
        return {}, f"No flips here: {unknown}"
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=_distance):
        found.setdefault(row["input"], []).append(row)
    return found, ""


def _distance(row: Row) -> float:
    far = abs(row["flip"] - row["value"])
    return math.inf if math.isnan(far) else float(far)


def _rows(frame: Any) -> list[Row]:
    rows: list[Row] = frame.to_dict("records")
    return rows


def sentences(facts: Facts) -> tuple[str, ...]:
    """The verdict, the headline first: the words of the app's first screen.

    Without odds it has the direction alone; without a rental rate it says what is lacking.

    >>> sentences(facts_of(Scenario(gpu="RTX-PRO-4500")))[0]
    'No verdict yet.'
    """
    answer, owning = facts.answer, facts.decision.owning
    if facts.decision.missing:
        day, lacking = facts.decision.as_of, facts.decision.missing
        said = (f"{_MISSING[n]} as of {day}: {facts.resolved[n].note}." for n in lacking)
        return "No verdict yet.", *said
    if answer is None:
        told = nothing_to_compare(owning.monthly_usd).partition(": ") if owning else ("", "", "")
        return f"{told[0]}.", f"{told[2][:1].upper()}{told[2][1:]}"
    age = input_age_days(facts.resolved[_RATE], facts.values["as_of"])
    ways = paybacks(facts.scenario) if answer.status in ("never", "reverses") else ()
    return verdict(answer, facts.simulation, _turning(facts), ways, age)


def _turning(facts: Facts) -> tuple[str, float] | None:
    """The flip that the app's first screen names: of its most telling slider that has one."""
    scenario, simulation = facts.scenario, facts.simulation
    curves = response_curves(scenario, most_influential(scenario, INPUTS_LISTED))
    asked = simulation.check_first if simulation else None
    first = [asked] if asked in curves else []
    return nearest_flip(scenario, [curves[name] for name in (*first, *curves)])


def odds(simulation: Simulation, said: Sequence[str]) -> str:
    """In how many futures buying wins, and what to check first unless that was said already."""
    asked = check_first(simulation.check_first) if simulation.check_first else ""
    first = f" {asked}." if asked and asked not in " ".join(said) else ""
    return f"{futures(simulation.dots(DOTS))}{first}"
