"""The question which GPUs of a demand to own, which to rent, and when to buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.analysis.declared import FLEET, LIMITS, RENTING, rental_ways
from tco.errors import DataError, InputError, Problem, shown
from tco.market.files import shipped_keys
from tco.questions.answer import Answered, Question, records
from tco.questions.asked import NUMBERS, PLAN, TEXT, TEXTS, Asked
from tco.workload import demand_fields
from tco.workload.demand_fields import GAPS, UNITS, WEEK_HOURS

if TYPE_CHECKING:
    from tco.analysis.fleet_plan import Fleet
    from tco.scenario import Scenario
    from tco.workload.demand_curve import DemandCurve

TRACES = shipped_keys("demand_traces.csv")
_READING = ("unit", "time_zone", "gaps")
_CURVES = ("trace", "demand_csv", "week", "mean_gpus")


def demand_of(asked: dict[str, Any]) -> DemandCurve | None:
    """The demand among what is asked, which is taken out; None without any.

    InputError where it is given in two ways.
    """
    from tco.workload.demand_reading import demand_curve, demand_of_csv

    told = {name: asked.pop(name) for name in (*_CURVES, *_READING) if name in asked}
    numbers = {name: asked.pop(name, None) for name in demand_fields.DOMAINS if name in asked}
    mean = told.pop("mean_gpus", None)
    if mean is not None:
        numbers["mean_gpus"] = mean
    routes = [name for name in _CURVES if name in told or numbers.get(name) is not None]
    if len(routes) > 1:
        message = f"demand: {' and '.join(routes)} are given: give one of them"
        raise InputError([Problem(routes[0], message)])
    if numbers.get("peak_over_mean") is not None and numbers.get("mean_gpus") is None:
        raise InputError([Problem("peak_over_mean", demand_fields.OVER_WHAT)])
    reading = {name: told[name] for name in _READING if name in told}
    if "demand_csv" in told:
        peak = numbers.get("peak_gpus")
        try:
            return demand_of_csv(told["demand_csv"], "demand_csv", peak_gpus=peak, **reading)
        except DataError as wrong:  # what is a file elsewhere was sent as a text
            raise InputError([Problem("demand_csv", str(wrong))]) from None
    if "trace" in told:
        if told["trace"] not in TRACES:
            known = ", ".join(TRACES)
            message = f"trace = {shown(told['trace'])} is no public trace; there are {known}"
            raise InputError([Problem("trace", message)])
        return demand_curve(told["trace"], peak_gpus=numbers.get("peak_gpus"), **reading)
    if "week" in told:
        if len(told["week"]) != WEEK_HOURS:
            message = f"week has {len(told['week']):,} values: give {WEEK_HOURS} hours from "
            raise InputError([Problem("week", f"{message}Monday 0:00 on")])
        return demand_curve(told["week"], peak_gpus=numbers.get("peak_gpus"), **reading)
    if mean is not None:
        return demand_curve(**numbers, **reading)
    if idle := [*reading, *(name for name, one in numbers.items() if one is not None)]:
        message = f"needs a demand: {', '.join(_CURVES)}"
        raise InputError(Problem(name, f"{name} {message}") for name in idle)
    return None


def _needed(asked: dict[str, Any], _data: object = None) -> DemandCurve | None:
    """The demand, which is taken out of what is asked; None beside a plan of purchases alone."""
    demand = demand_of(asked)
    if demand is None and asked.get("buy_plan") is None:
        message = (
            "the demand is missing: give mean_gpus with peak_gpus or peak_over_mean, week, trace "
            "or demand_csv"
        )
        raise InputError([Problem("mean_gpus", message)])
    return demand


def _fleet(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.fleet import fleet

    demand = _needed(asked)
    return of_fleet(fleet(scenario, demand=demand, **asked), scenario)


def of_fleet(found: Fleet, scenario: Scenario) -> Answered:
    """The answer of a plan that was made."""
    from tco.report.fleet_tables import costs, sentences

    cost = costs(found)
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        scenario=scenario,
        content={
            "scenario": scenario.to_dict(),
            "fleet": found.to_dict(),
            "costs": records(cost),
            "waiting": records(found.waiting),
        },
        frames={"plan": found.units, "costs": cost, "waiting": found.waiting},
        sentences=tuple(sentences(found)),
    )


_DEMAND = (
    Asked("trace", TEXT, "a public trace of demand", choices=TRACES),
    Asked("demand_csv", TEXT, "GPUs needed by hour as CSV: time,value and, if you like, unit"),
    Asked("week", NUMBERS, f"GPUs needed in each of {WEEK_HOURS} hours from Monday 0:00 on"),
    *(Asked.of(name, domain) for name, domain in demand_fields.DOMAINS.items()),
    Asked("unit", TEXT, "unit of the values, if no column states it", choices=UNITS),
    Asked("time_zone", TEXT, "time zone of times without an offset, such as Europe/Berlin"),
    Asked("gaps", TEXT, "whether missing hours are an error or count as zero", choices=GAPS),
)
QUESTIONS = (
    Question(
        name="fleet",
        summary="Which GPUs of a demand to own, which to rent, and when to buy them.",
        answer=_fleet,
        takes=(
            *_DEMAND,
            *(Asked.of(name, domain) for name, domain in FLEET.items()),
            Asked.of("owned_max", LIMITS["owned_max"]),
            *(
                Asked(name, NUMBERS, f"{LIMITS[name].meaning}; several sites separated by commas")
                for name in ("site_kw", "site_units")
            ),
            Asked(
                "rental_options",
                TEXTS,
                f"ways to rent, of which each GPU takes the cheapest: {', '.join(RENTING)}",
                check=rental_ways,
            ),
            Asked(
                "buy_plan",
                PLAN,
                "purchases by month in place of the optimal ones, such as 0:8,12:8",
            ),
        ),
        tables=("plan", "costs", "waiting"),
        check=_needed,
    ),
)
