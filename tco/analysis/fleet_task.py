"""A fleet as a page asks about it and a link carries it: which demand, and what limits the plan.

Its text is the parameter `fleet` of a link: `demand:week,day_gpus:10,day_hours:8,night_gpus:4,
weekend_gpus:2`. What a file holds stands in no link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from tco.analysis.declared import FLEET as OF_THE_PLAN
from tco.analysis.declared import LIMITS, RENTING
from tco.errors import InputError, Problem
from tco.inputs.declaration import Param
from tco.inputs.labels import in_labels
from tco.market.traces import demand_traces
from tco.workload.demand_curve import DemandCurve
from tco.workload.demand_fields import DOMAINS as OF_THE_DEMAND
from tco.workload.demand_fields import MOST_GPUS
from tco.workload.demand_reading import demand_curve
from tco.workload.domains import Domain
from tco.workload.parameter import checked, few, joined, number_field, parted, taken

WEEK, MEAN, TRACE, FILE, WORK = "week", "mean", "trace", "file", "work"
AS_DECIDED, CHEAPEST = "as_decided", "cheapest"
_WORKDAYS, _WEEKEND_HOURS, _DAY = 5, 48, 24
# When the working hours of a day begin, so that they fit into it.
_MORNING = 8
_GPUS = Domain(0, MOST_GPUS, "GPUs in use")
_HOURS = Domain(0, _DAY, "working hours of a weekday", whole=True)


@dataclass(frozen=True)
class DemandKind:
    """One way to say what the demand is: what it is called, and what is asked of it."""

    title: str
    fields: tuple[str, ...]


KINDS = {
    WEEK: DemandKind("A week", ("day_gpus", "day_hours", "night_gpus", "weekend_gpus")),
    MEAN: DemandKind("Mean and peak", ("mean_gpus", "peak_gpus")),
    FILE: DemandKind("A file or a bill", ("peak_gpus",)),
    TRACE: DemandKind("A public trace", ("trace", "peak_gpus")),
    WORK: DemandKind("My work", ()),
}
# What is asked of one kind of demand or of another, and goes with its choice.
OF_DEMAND = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.fields))
PLAN = (
    *("demand_growth_per_year", "price_growth_per_year", "minimum_billing_hours"),
    *("renting", "owned_max", "site_kw", "site_units"),
)


_number = partial(number_field, "fleet")
# Everything that a question about a fleet may say. No name is that of an input, or of work.
FIELDS: dict[str, Param] = {
    one.name: one
    for one in (
        Param(
            group="fleet",
            kind="choice",
            name="demand",
            meaning="the way to say how many GPUs are needed when",
            label="What is the demand?",
            choices=tuple(KINDS),
            choice_words={name: kind.title for name, kind in KINDS.items()},
        ),
        _number("day_gpus", _GPUS, "GPUs in working hours"),
        _number("day_hours", _HOURS, "Working hours a day", "hours"),
        _number("night_gpus", _GPUS, "GPUs at night"),
        _number("weekend_gpus", _GPUS, "GPUs at weekends"),
        _number("mean_gpus", OF_THE_DEMAND["mean_gpus"], "GPUs on average"),
        _number("peak_gpus", OF_THE_DEMAND["peak_gpus"], "GPUs at the peak"),
        Param(group="fleet", kind="key", name="trace", meaning="a public trace", label="Trace"),
        _number(
            "demand_growth_per_year",
            OF_THE_PLAN["demand_growth_per_year"],
            "Demand growth",
            "per year",
        ),
        _number(
            "price_growth_per_year",
            OF_THE_PLAN["price_growth_per_year"],
            "Change of GPU prices",
            "per year",
        ),
        _number(
            "minimum_billing_hours",
            OF_THE_PLAN["minimum_billing_hours"],
            "Minimum billing",
            "hours",
        ),
        Param(
            group="fleet", kind="key", name="renting", meaning="how to rent", label="Rented GPUs"
        ),
        _number("owned_max", LIMITS["owned_max"], "Most GPUs to own"),
        _number("site_kw", LIMITS["site_kw"], "Power of the site", "kW"),
        _number("site_units", LIMITS["site_units"], "Rack space of the site", "U"),
    )
}
# The case of the documentation: a team that works by day.
EXAMPLE = {"day_gpus": 10.0, "day_hours": 8, "night_gpus": 4.0, "weekend_gpus": 2.0}
_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("demand_growth_per_year", "price_growth_per_year"), 0.0),
    "minimum_billing_hours": 0.0,
    "renting": AS_DECIDED,
}
_USUAL: dict[str, dict[str, Any]] = {
    WEEK: EXAMPLE,
    MEAN: {"mean_gpus": 4.0, "peak_gpus": 10.0},
    TRACE: {"trace": "azure_2024_chat", "peak_gpus": 40.0},
}


@dataclass(frozen=True)
class FleetTask:
    """A demand and what limits the plan for it; what was not said has a default, or is not known.

    >>> FleetTask().text
    'demand:week,day_gpus:10,day_hours:8,night_gpus:4,weekend_gpus:2'
    >>> read("demand:trace,peak_gpus:20")[0].values["trace"]
    'azure_2024_chat'
    """

    demand: str = WEEK
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __hash__(self) -> int:
        return hash((self.demand, frozenset(self.given.items())))

    @property
    def fields(self) -> tuple[str, ...]:
        """What is asked of a demand of this kind, and of the plan."""
        return (*KINDS[self.demand].fields, *PLAN)

    @property
    def usual(self) -> dict[str, Any]:
        """The values without what was said; None where nothing is known."""
        known = {**_DEFAULTS, **_USUAL.get(self.demand, {})}
        return {name: known.get(name) for name in self.fields}

    @property
    def values(self) -> dict[str, Any]:
        """Everything that is asked."""
        return {name: self.given.get(name, value) for name, value in self.usual.items()}

    @property
    def text(self) -> str:
        """The question as a link carries it."""
        told: dict[str, Any] = {"demand": self.demand}
        always, usual = KINDS[self.demand].fields, self.usual
        for name, value in self.values.items():
            if value is not None and (name in always or value != usual[name]):
                told[name] = value
        return joined(told)

    def changed(self, **changes: Any) -> FleetTask:
        """The question with something else said (None: the default; of the demand: the example).

        InputError for what cannot be said.

        >>> FleetTask().changed(day_gpus=20).values["night_gpus"]
        4.0
        """
        demand = changes.pop("demand", self.demand)
        if demand is None:
            return FleetTask()
        kept = (
            self.given
            if demand == self.demand
            else {n: x for n, x in self.given.items() if n in PLAN}
        )
        given, problems = dict(kept), list[Problem]()
        for name, value in changes.items():
            if value is None:
                given.pop(name, None)
                continue
            given[name], wrong = _checked(demand, name, value)
            problems += wrong
        if problems:
            raise InputError(problems)
        return FleetTask(demand, given)

    def curve(self) -> DemandCurve:
        """The demand of a week, a mean and a peak, or a trace.

        >>> FleetTask().curve().mean_gpus
        4.857142857142857
        """
        values = self.values
        if self.demand == WEEK:
            return demand_curve(week=_week(values))
        if self.demand == MEAN:
            return demand_curve(mean_gpus=values["mean_gpus"], peak_gpus=values["peak_gpus"])
        return demand_curve(values["trace"], peak_gpus=values["peak_gpus"])

    def keywords(self) -> dict[str, Any]:
        """What `tco.fleet()` is asked besides the demand and the inputs."""
        found = {name: self.values[name] for name in PLAN if name != "renting"}
        if self.values["renting"] == CHEAPEST:
            found["rental_options"] = tuple(RENTING)
        return found


def _week(values: Mapping[str, Any]) -> list[float]:
    """The hours of a week from Monday 0:00 on."""
    hours = int(values["day_hours"])
    begin = min(_MORNING, _DAY - hours)
    day = [values["night_gpus"]] * _DAY
    day[begin : begin + hours] = [values["day_gpus"]] * hours
    return [*(day * _WORKDAYS), *[values["weekend_gpus"]] * _WEEKEND_HOURS]


def choices(name: str) -> dict[str, str]:
    """What may be chosen for a field that is a word.

    >>> list(choices("trace"))
    ['azure_2024_chat', 'burstgpt_chat']
    """
    if name == "trace":
        return {key: trace.title for key, trace in demand_traces().items()}
    return {AS_DECIDED: "As on Decide", CHEAPEST: "The cheapest way for each GPU"}


def _checked(demand: str, name: str, value: Any) -> tuple[Any, list[Problem]]:
    if name not in (*KINDS[demand].fields, *PLAN):
        message = f"{name} does not apply to {KINDS[demand].title.lower()}"
        return None, [Problem(name, in_labels(message, FIELDS))]
    return checked(FIELDS[name], value, FIELDS, choices)


@lru_cache(maxsize=256)
def read(text: str) -> tuple[FleetTask, tuple[str, ...]]:
    """The question of a text from anywhere, and a remark on each part that is not used.

    >>> task, remarks = read("demand:week,day_gpus:-5,color:blue")
    >>> task == FleetTask(), len(remarks)
    (True, 2)
    """
    told, remarks = parted(text, FIELDS, "fleet")
    demand = told.pop("demand", WEEK)
    if demand not in KINDS:
        remarks.append(f"fleet: {demand[:40]!r} is not a kind of demand (default used)")
        demand = WEEK
    given, others = taken(told, FIELDS, partial(_checked, demand))
    return FleetTask(demand, given), few([*remarks, *others])
