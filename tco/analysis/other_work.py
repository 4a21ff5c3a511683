"""GPUs and money of work that is not language, and of training runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from tco.analysis.work import Costs, costs_of, gpu_of
from tco.errors import InputError, Problem, together
from tco.inputs import INPUTS
from tco.inputs.text import takes_inputs
from tco.model.items import OWN, RENT
from tco.numeric import plain
from tco.scenario import Scenario
from tco.words.work import on_gpus, run
from tco.workload.checks import check_numbers, hardware_of, model_of
from tco.workload.demand import LOAD_TARGET, PEAK_OVER_MEAN, SECONDS_PER_DAY, Demand
from tco.workload.domains import DOMAINS, NEEDED
from tco.workload.other import OtherSpeed, other_speed, training_gpu_hours
from tco.workload.task import TASKS

if TYPE_CHECKING:
    from tco.inputs.values import InputValues

_HOURS_PER_DAY, _SECONDS_PER_HOUR = 24, 3_600
_TERA = 1e12


@dataclass(frozen=True, kw_only=True)
class OtherJob:
    """GPUs, hours and cost of some work: `usd_per_unit` of a unit made, or of one an hour at once.

    `gpus_at_low` and `gpus_at_high` are those of both ends of the band. NaN: no price is known.
    """

    speed: OtherSpeed
    gpus: int
    gpus_at_low: int
    gpus_at_high: int
    gpu_hours_per_month: float
    utilization: float
    units_per_month: float
    usd_per_unit: dict[str, float]
    scenario: Scenario
    costs: Costs

    @property
    def sentence(self) -> str:
        """How many GPUs the work takes, how busy they are, and what it costs."""
        task = TASKS[self.speed.kind]
        cost = {side: usd * task.times for side, usd in self.usd_per_unit.items()}
        return on_gpus(task.title, self.gpus, self.speed.gpu, self.utilization, cost, task.per)

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for what is not known."""
        speed = self.speed
        found = {
            "kind": speed.kind,
            "gpu": speed.gpu,
            "gpus": self.gpus,
            "gpus_at_low": self.gpus_at_low,
            "gpus_at_high": self.gpus_at_high,
            "gpu_hours_per_month": self.gpu_hours_per_month,
            "utilization": self.utilization,
            "unit": speed.unit,
            "units_per_month": self.units_per_month,
            "measured": speed.model,
            "per_gpu": speed.per_gpu,
            "low": speed.low,
            "high": speed.high,
            "basis": speed.basis,
            "reason": speed.reason,
            **{f"{side}_usd_per_unit": usd for side, usd in self.usd_per_unit.items()},
            "own_npv_usd": self.costs.own_usd,
            "rent_npv_usd": self.costs.rent_usd,
        }
        return plain(found)


@dataclass(frozen=True, kw_only=True)
class Training:
    """A training run: GPU-hours, how long it takes on so many GPUs, what it costs [USD].

    Owned GPUs are bought for the run and sold after it.
    """

    gpu: str
    gpu_hours: float
    gpus: int
    days: float
    own_usd: float
    rent_usd: float
    scenario: Scenario

    @property
    def sentence(self) -> str:
        """How long the run takes, and what it costs."""
        took = (self.gpu_hours, self.days, self.gpus, self.gpu)
        return run(*took, own=self.own_usd, rent=self.rent_usd)

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for what is not known."""
        names = ("gpu", "gpus", "gpu_hours", "days", "own_usd", "rent_usd")
        return plain({name: getattr(self, name) for name in names})


@takes_inputs
def other_work(
    kind: str,
    *,
    units_per_day: float | None = None,
    at_once: float | None = None,
    hours_per_day: float = _HOURS_PER_DAY,
    peak_over_mean: float = PEAK_OVER_MEAN,
    load_target: float = LOAD_TARGET,
    model: str = "",
    mode: str = "offline",
    parameters: float | None = None,
    my_units: float | None = None,
    **inputs: Unpack[InputValues],
) -> OtherJob:
    """GPUs, hours and cost of embeddings, images, speech, vision, video streams or seats.

    What is made by the second takes `units_per_day` (tokens, images …), loaded to `load_target` in
    the busiest hour; what runs at once (video, seats) takes `at_once` of them, `hours_per_day`. The
    speed is that of `tco.other_speed()` with the same keywords. Further keywords are inputs of
    `tco.breakeven()`. InputError for what is wrong, and where no speed is known.

    >>> found = other_work("video", at_once=1_040, gpu="L4")
    >>> found.gpus, found.speed.basis  # [GPUs]
    (8, 'measured')
    """
    given: dict[str, Any] = dict(inputs)
    gpu = gpu_of(given)
    numbers = {
        "units_per_day": units_per_day,
        "at_once": at_once,
        "hours_per_day": hours_per_day,
        "peak_over_mean": peak_over_mean,
        "load_target": load_target,
    }
    speed, _ = together(
        lambda: other_speed(
            kind, gpu, model=model, mode=mode, parameters=parameters, my_units=my_units
        ),
        lambda: check_numbers(numbers, needed=(*NEEDED, "peak_over_mean")),
    )
    name, other = ("at_once", units_per_day) if speed.at_once else ("units_per_day", at_once)
    amount = numbers[name]
    if amount is None or other is not None:
        message = f"{name} is what {kind} needs, and nothing else: {speed.unit}"
        raise InputError([Problem(name, message)])
    if not speed.is_known:
        raise InputError([Problem("gpu", f"gpu = {gpu!r}: {speed.reason}")])
    if speed.at_once:
        needed = [max(1, math.ceil(amount / x)) for x in (speed.per_gpu, speed.low, speed.high)]
        in_use = needed[0] * hours_per_day / _HOURS_PER_DAY
    else:
        mean = amount / SECONDS_PER_DAY
        demand = Demand(
            mean_per_s=mean, peak_per_s=mean * peak_over_mean, prompt_tokens=1, output_tokens=1
        )
        needed = [demand.replicas(x, load_target) for x in (speed.per_gpu, speed.low, speed.high)]
        in_use = demand.replicas_in_use(speed.per_gpu, load_target)
    gpus = needed[0]
    scenario = Scenario(**{**given, "gpu": gpu, "gpus": gpus, "utilization": in_use / gpus})
    hours = scenario.values()["hours_per_month"]
    units = (
        amount * hours * hours_per_day / _HOURS_PER_DAY
        if speed.at_once
        else amount / SECONDS_PER_DAY * _SECONDS_PER_HOUR * hours
    )
    costs, busy = costs_of(scenario), in_use * hours
    return OtherJob(
        speed=speed,
        gpus=gpus,
        gpus_at_low=needed[1],
        gpus_at_high=needed[2],
        gpu_hours_per_month=busy,
        utilization=in_use / gpus,
        units_per_month=units,
        usd_per_unit={
            OWN: costs.own_usd_per_gpu_hour * busy / units,
            RENT: costs.rent_usd_per_gpu_hour * busy / units,
        },
        scenario=scenario,
        costs=costs,
    )


@takes_inputs
def training(
    *,
    tokens: float,
    mfu: float,
    model: str | None = None,
    parameters: float | None = None,
    days: float | None = None,
    gpu_count: int | None = None,
    my_gpu_hours: float | None = None,
    **inputs: Unpack[InputValues],
) -> Training:
    """GPU-hours and cost of a training run, on `gpu_count` GPUs or within so many `days`.

    6 · parameters · tokens FLOP at `mfu`, the share of the dense 16-bit peak that is reached
    (published runs: 0.30 to 0.50). Give a `model` or `parameters`: those that a token passes.
    `my_gpu_hours` are your own, and count. Owned GPUs are bought for the run and sold after it.

    >>> run = training(parameters=8e9, tokens=1e12, mfu=0.40, gpu="H100-SXM", gpu_count=64)
    >>> round(run.gpu_hours), round(run.days, 1)  # [GPU-hours], [days]
    (33704, 21.9)
    """
    given: dict[str, Any] = dict(inputs)
    gpu = gpu_of(given)
    numbers = {
        "tokens": tokens,
        "mfu": mfu,
        "parameters": parameters,
        "days": days,
        "gpu_count": gpu_count,
        "my_gpu_hours": my_gpu_hours,
    }
    _, on, of = together(
        lambda: check_numbers(numbers),
        lambda: hardware_of(gpu),
        lambda: None if model is None else model_of(model),
    )
    ways = {"parameters": ("model", model, parameters), "gpu_count": ("days", days, gpu_count)}
    if problems := [
        Problem(
            name, f"{first} and {name} are both {'missing' if one is None else 'given'}: give one"
        )
        for name, (first, one, other) in ways.items()
        if (one is None) == (other is None)
    ]:
        raise InputError(problems)
    if my_gpu_hours is not None:
        hours = my_gpu_hours
    elif on.fp16_dense_tflops is None:
        message = f"gpu = {gpu!r}: its dense peak is not known; give my_gpu_hours"
        raise InputError([Problem("gpu", message)])
    else:
        passed = float(of.active_parameters if of is not None else parameters or 0.0)
        hours = training_gpu_hours(passed, tokens, mfu, on.fp16_dense_tflops * _TERA)
    needed = gpu_count or hours / ((days or 1.0) * _HOURS_PER_DAY)
    most = INPUTS["gpus"].high
    if needed > most:
        message = (
            f"days = {days:g} would take more than {most:,.0f} GPUs: {DOMAINS['days'].meaning}"
        )
        raise InputError([Problem("days", message)])
    gpus = max(1, math.ceil(needed))
    took = hours / gpus / _HOURS_PER_DAY
    a_month = Scenario(gpu=gpu).values()["hours_per_month"] / _HOURS_PER_DAY
    run = {"gpu": gpu, "gpus": gpus, "utilization": 1.0, "horizon_months": took / a_month}
    scenario = Scenario(**{**given, **run})
    costs = costs_of(scenario)
    return Training(
        gpu=gpu,
        gpu_hours=hours,
        gpus=gpus,
        days=took,
        own_usd=costs.own_usd,
        rent_usd=costs.rent_usd,
        scenario=scenario,
    )
