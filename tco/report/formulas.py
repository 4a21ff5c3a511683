"""How each headline number comes about: the formula in words and the inputs behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.inputs import INPUTS
from tco.report.effects import no_effect
from tco.report.provenance import origin
from tco.scenario import Scenario
from tco.words import dollars, number, usd

if TYPE_CHECKING:
    from tco.analysis.simulation import Simulation
    from tco.model.breakeven import Breakeven

_TIME = ("discount_rate", "horizon_months")
_HOURS = ("gpus", "hours_per_month", "utilization")
_OWN_GROUPS = (
    "hardware",
    "resale",
    "power",
    "site",
    "operations",
    "tax",
    "financing",
    "replacement",
)
_PER_CENT = 100


@dataclass(frozen=True)
class Formula:
    """One headline number: its name, its value in words, how it is computed, and from what.

    `inputs` are names of inputs, in the order of the documentation.
    """

    title: str
    value: str
    words: str
    inputs: tuple[str, ...]


def formulas(answer: Breakeven, simulation: Simulation | None) -> tuple[Formula, ...]:
    """The headline numbers of one answer; those of the odds where there is a simulation.

    >>> import tco
    >>> found = formulas(tco.breakeven(gpu="L4"), None)
    >>> found[0].title, "pue" in found[0].inputs, "rate_usd_per_gpu_hour" in found[0].inputs
    ('Own cost of a busy GPU-hour', True, False)
    """
    values = answer.scenario.values()
    own = _counting(values, _OWN_GROUPS, (*_HOURS, *_TIME))
    rent = _counting(values, ("rental", "tax"), (*_HOURS, *_TIME, "opex_growth_per_year"))
    both = tuple(name for name in INPUTS if name in {*own, *rent})
    return (*_costs(answer, own, rent), *_compared(answer, both), *_odds(simulation))


def _costs(
    answer: Breakeven, own: tuple[str, ...], rent: tuple[str, ...]
) -> tuple[Formula, Formula]:
    hour = "divided by the busy GPU-hours, each discounted like the money of its month."
    return (
        Formula(
            "Own cost of a busy GPU-hour",
            usd(answer.own_usd_per_gpu_hour),
            f"Present value of every cost of owning, less resale, {hour}",
            own,
        ),
        Formula(
            "Rental cost of a busy GPU-hour",
            usd(answer.rent_usd_per_gpu_hour),
            f"Present value of every cost of renting, start-up and storage included, {hour}",
            rent,
        ),
    )


def _compared(answer: Breakeven, both: tuple[str, ...]) -> tuple[Formula, ...]:
    return (
        Formula(
            "What buying saves",
            dollars(answer.npv_saving_usd),
            "Present value of renting less present value of owning, over the time the hardware is "
            "kept; negative: renting is cheaper.",
            both,
        ),
        Formula(
            "Payback",
            _months(answer.months),
            "The first month from which the discounted costs of owning so far, without resale, "
            "stay below those of renting.",
            both,
        ),
        Formula(
            "Break-even rate",
            _rate(answer.breakeven_rate_usd_per_gpu_hour),
            "The rental rate at which what buying saves is 0, every other input held.",
            tuple(name for name in both if name != "rate_usd_per_gpu_hour"),
        ),
    )


def _odds(simulation: Simulation | None) -> Iterable[Formula]:
    if simulation is None:
        return
    words = (
        f"Share of {simulation.draws:,} simulated futures in which buying saves money. Every input "
        "that you did not give is drawn between its low and its high (P10 and P90)."
    )
    chance = f"{number(simulation.chance_buy * _PER_CENT)} %"
    yield Formula("Chance that buying is cheaper", chance, words, simulation.uncertain)


def _counting(
    values: dict[str, Any], groups: Iterable[str], others: Iterable[str]
) -> tuple[str, ...]:
    """The inputs of some groups that change the answer of these values, and some others."""
    listed, wanted = {*groups}, {*others}
    return tuple(
        name
        for name, declared in INPUTS.items()
        if name in wanted or (declared.group in listed and _counts(name, values))
    )


def _counts(name: str, values: dict[str, Any]) -> bool:
    value = values[name]
    return bool(value != 0 and value is not False and not no_effect(name, values))


def cited_inputs(scenario: Scenario, names: Iterable[str]) -> str:
    """Each input with its value and where that comes from, in one paragraph.

    >>> cited_inputs(Scenario(gpu="L4", pue=1.2), ["pue"])
    'Cooling (PUE) 1.2 [yours (default 1.54)]'
    """
    values = scenario.values()
    return "; ".join(
        f"{INPUTS[name].label} {INPUTS[name].written(values[name])} [{origin(scenario, name)}]"
        for name in names
    )


def _months(months: float) -> str:
    return "none" if months == float("inf") else f"{number(months)} months"


def _rate(rate: float) -> str:
    return "none" if rate == float("inf") else usd(rate)
