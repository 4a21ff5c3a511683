"""The same work rented by the second: cold starts, idle seconds and a minimum are paid for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tco.analysis.work import Costs, Work, check_work, costs_of
from tco.errors import InputError, Problem
from tco.inputs import INPUTS
from tco.numeric import plain
from tco.scenario import Scenario
from tco.words.work import by_the_second, gpus_of
from tco.workload.checks import check_numbers
from tco.workload.demand import SECONDS_PER_HOUR

_HOURS_PER_DAY = 24
_MOST_OVERHEAD = INPUTS["billing_overhead"].high


@dataclass(frozen=True, kw_only=True)
class Serverless:
    """What work costs by the second: hours that are billed, and USD a month and per million tokens.

    Of `billed_gpu_hours_per_month`, `start_gpu_hours_per_month` are cold starts and idle seconds.
    The first month's price counts; `scenario` has its renting side over the holding period.
    """

    billed_gpu_hours_per_month: float
    start_gpu_hours_per_month: float
    usd_per_month: float
    usd_per_million_tokens: float
    scenario: Scenario
    costs: Costs

    @property
    def sentence(self) -> str:
        """What the work costs by the second, beside GPUs of its own."""
        values = self.scenario.values()
        return by_the_second(
            self.usd_per_month,
            self.usd_per_million_tokens,
            self.costs.rent_usd,
            self.costs.own_usd,
            gpus_of(values["gpus"], values["gpu"]),
            values["horizon_months"],
        )

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for what is not known."""
        values = self.scenario.values()
        found = {
            "gpu": values["gpu"],
            "gpus": values["gpus"],
            "billed_gpu_hours_per_month": self.billed_gpu_hours_per_month,
            "start_gpu_hours_per_month": self.start_gpu_hours_per_month,
            "usd_per_month": self.usd_per_month,
            "usd_per_million_tokens": self.usd_per_million_tokens,
            "own_npv_usd": self.costs.own_usd,
            "rent_npv_usd": self.costs.rent_usd,
        }
        return plain(found)


def serverless(
    work: Work,
    *,
    usd_per_gpu_second: float,
    cold_start_s: float = 0.0,
    idle_s: float = 0.0,
    starts_per_day: float = 0.0,
    minimum_replicas: int = 0,
) -> Serverless:
    """The work of `tco.work()` rented by the second instead of by the hour.

    A replica is billed while requests run, as fractions of an hour, and never fewer than
    `minimum_replicas`; each of `starts_per_day` bills `cold_start_s` before and `idle_s` after
    [s]. `usd_per_gpu_second` [USD]. The scenario's renting side is this bill (`billing` per use,
    starts as `billing_overhead`); its owning side has the GPUs of the work. InputError for what is
    wrong, and where starts are billed more than five times the busy hours.

    >>> import tco
    >>> few = tco.work("Llama-3.1-8B", requests_per_day=2_000, gpu="L4")
    >>> found = serverless(few, usd_per_gpu_second=0.0002, cold_start_s=30, starts_per_day=24)
    >>> round(found.start_gpu_hours_per_month, 2)  # [GPU-hours]
    6.08
    >>> found.billed_gpu_hours_per_month < few.gpu_hours_per_month
    True
    """
    check_work(work)
    check_numbers(
        {
            "usd_per_gpu_second": usd_per_gpu_second,
            "cold_start_s": cold_start_s,
            "idle_s": idle_s,
            "starts_per_day": starts_per_day,
            "minimum_replicas": minimum_replicas,
        }
    )
    values, each = work.scenario.values(), work.question.gpus
    hours = values["hours_per_month"]
    speed, target = work.speed.output_tokens_per_s, work.load_target
    busy = work.demand.mean_replicas(speed, target, minimum_replicas) * each * hours
    a_start = (cold_start_s + idle_s) / SECONDS_PER_HOUR * each
    starts = starts_per_day * hours / _HOURS_PER_DAY * a_start
    if starts > _MOST_OVERHEAD * busy:
        message = (
            f"starts_per_day = {starts_per_day:g} bill {starts / busy:.1f} times the busy hours, "
            f"outside [0, {_MOST_OVERHEAD:g}]: times a day that a replica starts"
        )
        raise InputError([Problem("starts_per_day", message)])
    gpus = max(work.gpus, minimum_replicas * each)
    rate = usd_per_gpu_second * SECONDS_PER_HOUR
    by_the_second: dict[str, Any] = {
        "gpus": gpus,
        "utilization": min(1.0, busy / (gpus * hours)),
        "rate_usd_per_gpu_hour": rate,
        "billing": "per_use",
        "billing_overhead": starts / busy,
        "term": None,
        "provider": None,
    }
    scenario = replace(work.scenario, **by_the_second)
    usd = (busy + starts) * rate
    return Serverless(
        billed_gpu_hours_per_month=busy + starts,
        start_gpu_hours_per_month=starts,
        usd_per_month=usd,
        usd_per_million_tokens=usd / work.output_tokens_per_month * 1e6,
        scenario=scenario,
        costs=costs_of(scenario),
    )
