"""Plan against what happened: what a decision expected of a period, and what was measured in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tco.analysis.decision import Decision
from tco.analysis.declared import MEASURED, OF_THE_BILL
from tco.analysis.recheck import Recheck, record_of
from tco.errors import InputError, Problem
from tco.inputs import INPUTS, RATE, Inputs
from tco.inputs.checks import clean
from tco.market.catalogue import load
from tco.model import rental
from tco.model.breakeven import breakeven
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tco.words import decisions

if TYPE_CHECKING:
    import pandas as pd

    from tco.bills.bill import Bill
    from tco.bills.telemetry import Telemetry

Paths: TypeAlias = "str | Path | Iterable[str | Path]"
PLAN_COLUMNS = ("quantity", "unit", "planned", "actual")
_ENERGY = ("energy_it", "energy_cooling")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Actuals:
    """A decision beside what was measured over a period of `hours`.

    `planned` and `actual` hold gpu_hours [GPU-hours], usd_per_gpu_hour [USD per GPU-hour],
    compute_usd [USD] of the period, and utilization, load_factor [share], idle_w [W] and
    energy_usd_per_month [USD per month, a full month of owning them]; what was not measured is not
    in `actual`. `told` are sentences on how a measurement was read. `check` asks the decision again
    with what was measured, everything else as it was decided.
    """

    decision: Decision
    hours: float | None
    planned: Mapping[str, float]
    actual: Mapping[str, float]
    told: tuple[str, ...]
    check: Recheck

    @property
    def gap_usd(self) -> float | None:
        """What renting cost beyond the plan in the period [USD]; None without a bill."""
        if "compute_usd" not in self.actual:
            return None
        return self.actual["compute_usd"] - self.planned["compute_usd"]

    @property
    def rate_effect_usd(self) -> float | None:
        """The part of the gap that is the rate: the hours billed × how much dearer an hour was."""
        if "compute_usd" not in self.actual:
            return None
        dearer = self.actual["usd_per_gpu_hour"] - self.planned["usd_per_gpu_hour"]
        return self.actual["gpu_hours"] * dearer

    @property
    def volume_effect_usd(self) -> float | None:
        """The part that is the volume: how many more hours × the rate that was planned."""
        if "compute_usd" not in self.actual:
            return None
        more = self.actual["gpu_hours"] - self.planned["gpu_hours"]
        return more * self.planned["usd_per_gpu_hour"]

    @property
    def power_effect_usd_per_month(self) -> float | None:
        """How much more energy a full month of owning costs [USD per month]; None if unmeasured."""
        if "energy_usd_per_month" not in self.actual:
            return None
        return self.actual["energy_usd_per_month"] - self.planned["energy_usd_per_month"]

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What differed from the plan, and whether the decision holds at what was measured."""
        said = list(self.told)
        gap, rate, volume = self.gap_usd, self.rate_effect_usd, self.volume_effect_usd
        if gap is not None and rate is not None and volume is not None:
            said.append(decisions.gap(gap, rate, volume))
        if self.power_effect_usd_per_month is not None:
            said.append(decisions.power(self.power_effect_usd_per_month))
        return (*said, self.check.sentence_measured)

    def to_frame(self) -> pd.DataFrame:
        """A row for each quantity: quantity, unit, planned, actual (NaN: not measured)."""
        import pandas as pd

        rows = [
            (name, unit, self.planned.get(name), self.actual.get(name))
            for name, unit in PLANNED_UNITS.items()
        ]
        frame = pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
        return frame.astype({"planned": float, "actual": float})

    def to_dict(self) -> dict[str, Any]:
        """The figures, effects and the check in plain types."""
        return {
            "hours": self.hours,
            "planned": dict(self.planned),
            "actual": dict(self.actual),
            "gap_usd": self.gap_usd,
            "rate_effect_usd": self.rate_effect_usd,
            "volume_effect_usd": self.volume_effect_usd,
            "power_effect_usd_per_month": self.power_effect_usd_per_month,
            "sentences": list(self.sentences),
            **self.check.to_dict(),
        }

    def __repr__(self) -> str:
        return " ".join(self.sentences)


# Every quantity of a period, planned and measured, with its unit.
PLANNED_UNITS = {
    "gpu_hours": "GPU-hours",
    "usd_per_gpu_hour": "USD per GPU-hour",
    "compute_usd": "USD",
    "utilization": INPUTS["utilization"].unit,
    "load_factor": INPUTS["load_factor"].unit,
    "idle_w": INPUTS["idle_w"].unit,
    "energy_usd_per_month": "USD per month",
}


def actuals(
    decision: Decision | str,
    *,
    bill: Bill | Paths | None = None,
    telemetry: Telemetry | Paths | None = None,
    gpu_hours: float | None = None,
    compute_usd: float | None = None,
    hours: float | None = None,
    utilization: float | None = None,
    load_factor: float | None = None,
    idle_w: float | None = None,
) -> Actuals:
    """What a decision expected of a period, beside what was measured in it.

    `bill` is what `tco.read_bill` gives, or the files of one, and `telemetry` what
    `tco.read_telemetry` gives, or logs; of both the GPU of the decision counts. The figures in them
    can be given by themselves. Of a bill: `gpu_hours` billed, what they cost, `compute_usd` [USD,
    without taxes and unused commitment], over how many `hours` of time. Of telemetry: `utilization`
    [share of the time with activity], `load_factor` [mean busy power ÷ board power] and `idle_w`
    [W]. A figure that is given counts before that of a file. The bill's
    hours decide the utilization where both are known: they are what renting is paid for.

    The gap to the plan is the sum of a rate effect (hours billed × how much dearer an hour was) and
    a volume effect (how many more hours × the planned rate). Then the decision is asked again with
    the measured rate, utilization and power, everything else as it was decided.

    InputError where nothing is given, for a bill without all of its three figures or without hours,
    and for what lies outside the domain of its input.

    >>> from tco.analysis.decision import decide
    >>> plan = {"gpu": "L4", "gpus": 10, "utilization": 0.5, "rate_usd_per_gpu_hour": 0.8}
    >>> record = decide(**plan, billing_overhead=0, by="Ada Example", on="2026-11-29")
    >>> found = actuals(record, gpu_hours=2_920, compute_usd=1_752, hours=730)
    >>> [round(x) for x in (found.rate_effect_usd, found.volume_effect_usd, found.gap_usd)]
    [-584, -584, -1168]
    """
    record = record_of(decision)
    plan = record.as_decided()
    gpu = str(plan.values()["gpu"])
    read_bill = {} if bill is None else _bill_of(bill).measured(gpu)
    given = {"gpu_hours": gpu_hours, "compute_usd": compute_usd, "hours": hours}
    billed = _checked(read_bill | {name: x for name, x in given.items() if x is not None})
    measured: dict[str, Any] = {} if telemetry is None else _telemetry_of(telemetry, gpu).measured()
    told = list[str]()
    for name, value in zip(MEASURED, (utilization, load_factor, idle_w), strict=True):
        if value is not None:
            measured[name] = value
    actual: dict[str, float] = dict(measured)
    v = Inputs.of(plan.values())
    planned = {name: float(getattr(v, name)) for name in MEASURED}
    planned["usd_per_gpu_hour"] = float(v.rate_usd_per_gpu_hour)
    if billed:
        share = float(rental.billed_share(v))
        planned["gpu_hours"] = float(v.gpus) * billed["hours"] * share
        planned["compute_usd"] = planned["gpu_hours"] * planned["usd_per_gpu_hour"]
        actual |= {name: billed[name] for name in ("gpu_hours", "compute_usd")}
        actual["usd_per_gpu_hour"] = billed["compute_usd"] / billed["gpu_hours"]
        read = _use(v, billed, told)
        if "utilization" in measured and "utilization" in read:
            told.append(decisions.busy_of_paid(measured["utilization"]))
        measured |= {RATE: actual["usd_per_gpu_hour"], **read}
        actual |= {n: float(x) for n, x in read.items() if n == "utilization"}
    if not measured:
        message = "nothing was measured: give a bill, or utilization, load_factor or idle_w"
        raise InputError([Problem("actuals", message)])
    after = Scenario(**{**plan.__dict__, **measured})
    planned["energy_usd_per_month"] = _energy(plan)
    if measured.keys() & set(MEASURED):
        actual["energy_usd_per_month"] = _energy(after)
    check = Recheck(decision=record, then=breakeven(plan), now=breakeven(after))
    return Actuals(
        decision=record,
        hours=billed.get("hours"),
        planned=planned,
        actual=actual,
        told=tuple(told),
        check=check,
    )


def _bill_of(bill: Bill | Paths) -> Bill:
    from tco.bills.bill import Bill, read_bill

    return bill if isinstance(bill, Bill) else read_bill(bill)


def _telemetry_of(logs: Telemetry | Paths, gpu: str) -> Telemetry:
    from tco.bills.telemetry import Telemetry, read_telemetry

    if isinstance(logs, Telemetry):
        return logs
    return read_telemetry(logs, gpu if gpu in load().gpus else None)


def _checked(bill: Mapping[str, float | None]) -> dict[str, float]:
    """The figures of a bill, all of them or none; InputError for anything else."""
    given = {name: value for name, value in bill.items() if value is not None}
    if not given:
        return {}
    problems = []
    for name, value in given.items():
        given[name], wrong = clean(OF_THE_BILL[name], value)
        problems += wrong
        if not wrong and name != "compute_usd" and not given[name]:
            meaning = OF_THE_BILL[name].meaning
            problems.append(Problem(name, f"{name} = 0 says nothing: {meaning}"))
    for name in OF_THE_BILL.keys() - given.keys():
        meaning = OF_THE_BILL[name].meaning
        problems.append(Problem(name, f"{name} is missing, which a bill needs: {meaning}"))
    problems = problems or _beyond(**{name: float(given[name] or 0) for name in OF_THE_BILL})
    if problems:
        raise InputError(problems)
    return {name: float(value) for name, value in given.items() if value is not None}


def _beyond(gpu_hours: float, compute_usd: float, hours: float) -> list[Problem]:
    """What no fleet of the model can be: more GPUs, or a dearer hour, than their inputs take."""
    gpus, rate = INPUTS["gpus"].high, INPUTS[RATE].high
    problems = []
    if gpus is not None and gpu_hours / hours > gpus:
        told = f"gpu_hours = {gpu_hours:,.0f} in {hours:,.0f} hours are too many GPUs at once"
        problems.append(Problem("gpu_hours", f"{told}: GPU-hours that were billed in the period"))
    if rate is not None and compute_usd / gpu_hours > rate:
        told = f"compute_usd = {compute_usd:,.0f} is more than ${rate:,.0f} per GPU-hour"
        problems.append(Problem("compute_usd", f"{told}: {OF_THE_BILL['compute_usd'].meaning}"))
    return problems


def _use(v: Inputs, billed: Mapping[str, float], told: list[str]) -> dict[str, Any]:
    """The utilization, and where one is not enough the number of GPUs, that the hours make."""
    if v.billing != "per_use":  # every hour is paid, busy or idle
        return {}
    at_once = billed["gpu_hours"] / billed["hours"] / float(1 + v.billing_overhead)
    gpus = float(v.gpus)
    if at_once > gpus:
        gpus = float(math.ceil(at_once))
        told.append(decisions.more_gpus(billed["gpu_hours"], int(v.gpus), int(gpus)))
        return {"gpus": int(gpus), "utilization": at_once / gpus}
    return {"utilization": at_once / gpus}


def _energy(scenario: Scenario) -> float:
    """What the energy of a first full month of owning costs [USD]."""
    month = int(scenario.values()["delivery_months"]) + 1
    rows = ledger_rows(scenario, "own")
    return float(sum(usd for _, item, at, _, usd, _ in rows if item in _ENERGY and at == month))
