"""A task of any kind on every GPU: which can do it, with how many, and which is cheapest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tco.analysis.other_work import OtherJob, Training, other_work, training
from tco.analysis.substitutes import REPLICAS, cheaper, for_work, on
from tco.analysis.work import DERIVED, Costs, Job, Work, job_of, work_of
from tco.errors import InputError
from tco.market.workload import api_prices, hardware, hardwares
from tco.model.items import OWN, RENT
from tco.scenario import Scenario
from tco.workload import measured, unit_costs
from tco.workload.fit import fitted
from tco.workload.formulas import MOST_SEQUENCES
from tco.workload.speed import YOURS, speed_of
from tco.workload.task import DAYS, LLM, TRAINING, Task

if TYPE_CHECKING:
    import pandas as pd

# What a horizon of a training run is made of.
_OF_A_RUN = (*DERIVED, "horizon_months")
COLUMNS = (
    *("gpu", "rank", "side", "present_value_usd", "own_npv_usd", "rent_npv_usd", "gpus"),
    *("gpus_at_low", "gpus_at_high", "gpus_per_replica", "utilization", "speed", "low", "high"),
    *("basis", "token_time_ms", "first_token_ms", "own_usd_per_unit", "rent_usd_per_unit"),
    *("per_unit", "why_not"),
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A GPU for a task: how many, how fast, at what cost, and the scenario; or `why_not`.

    `speed` with its band is in output tokens a second of a replica, or in units of one GPU; of a
    training run it is the GPU-hours. Costs are USD per `task.declared.times` units. NaN: not known.
    """

    gpu: str
    why_not: str = ""
    rank: int | None = None
    side: str = ""
    present_value_usd: float = math.nan
    costs: Costs = Costs(*(math.nan,) * 4)
    gpus: int = 0
    gpus_at_low: int = 0
    gpus_at_high: int = 0
    gpus_per_replica: int = 1
    utilization: float = math.nan
    speed: float = math.nan
    low: float = math.nan
    high: float = math.nan
    basis: str = ""
    reason: str = ""
    token_time_ms: float = math.nan
    first_token_ms: float = math.nan
    own_usd_per_unit: float = math.nan
    rent_usd_per_unit: float = math.nan
    scenario: Scenario | None = None
    found: Work | OtherJob | Training | None = None

    @property
    def usd_per_unit(self) -> float:
        """What a unit costs on the cheaper side [USD]."""
        return self.own_usd_per_unit if self.side == OWN else self.rent_usd_per_unit


@dataclass(frozen=True, kw_only=True)
class SameWork:
    """A task on every GPU: those that can do it, cheapest first; the others with the reason.

    `api` is a million output tokens from APIs, over providers; None where nobody offers the model.
    `fastest` is, where no GPU meets the time per token, the one that comes nearest, with its time
    [ms] for one request at a time.
    """

    task: Task
    job: Job | None
    able: tuple[Candidate, ...]
    unable: tuple[Candidate, ...]
    api: unit_costs.Spread | None = None
    fastest: tuple[str, float] | None = None

    @property
    def best(self) -> Candidate | None:
        """The cheapest."""
        return self.able[0] if self.able else None

    def of(self, gpu: str) -> Candidate | None:
        """A GPU among those that were asked about."""
        return next((one for one in (*self.able, *self.unable) if one.gpu == gpu), None)

    def to_frame(self) -> pd.DataFrame:
        """A row for each GPU, in their order."""
        import pandas as pd

        per = self.task.declared.per
        rows = [
            {
                **{name: getattr(one, name) for name in COLUMNS if hasattr(one, name)},
                "own_npv_usd": one.costs.own_usd,
                "rent_npv_usd": one.costs.rent_usd,
                "per_unit": per,
            }
            for one in (*self.able, *self.unable)
        ]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        frame["rank"] = pd.array(frame["rank"].tolist(), dtype="Int64")
        return frame


def same_work(task: Task, scenario: Scenario, gpus: Iterable[str] | None = None) -> SameWork:
    """A task on every GPU that has a price, or on some, with the other inputs of a scenario.

    Each GPU has its own prices and watts, and is bought in whole servers unless that is given.
    Ranked by the present value of the cheaper side. InputError for what is wrong with the task, and
    for one that lacks something.

    >>> found = same_work(Task(), Scenario(), ["L4", "T4", "H100-SXM"])
    >>> [one.gpu for one in found.able], found.unable[0].gpu, found.api.providers > 5
    (['L4', 'H100-SXM'], 'T4', True)
    """
    asked = tuple(gpus) if gpus is not None else tuple(_listed(task, scenario))
    job = job_of_task(task, scenario) if task.kind == LLM else None
    answer = _answerer(task, scenario, job)
    found = [_candidate(gpu, answer, task) for gpu in asked]
    able = sorted(
        (one for one in found if one.side), key=lambda one: (one.present_value_usd, one.gpu)
    )
    return SameWork(
        task=task,
        job=job,
        able=tuple(replace(one, rank=at) for at, one in enumerate(able, 1)),
        unable=tuple(one for one in found if not one.side),
        api=_api(job) if job else None,
        fastest=None if able or job is None else _fastest(job, asked),
    )


def _fastest(job: Job, gpus: Iterable[str]) -> tuple[str, float] | None:
    """The GPU with the shortest time per token, where that is what is asked too much."""
    if job.question.token_time_ms is None:
        return None
    alone = replace(job.question, token_time_ms=None, first_token_ms=None, concurrency=1.0)
    times: list[tuple[float, str]] = []
    for gpu in gpus:
        for count in REPLICAS if gpu in hardwares() else ():
            speed = speed_of(replace(alone, hardware=hardware(gpu), gpus=count))
            if speed.is_known and not math.isnan(speed.token_time_ms):
                times.append((speed.token_time_ms, gpu))
    if not times:
        return None
    ms, gpu = min(times)
    return gpu, ms


def _listed(task: Task, scenario: Scenario) -> list[str]:
    listed = [key for key, one in hardwares().items() if one.in_catalog]
    own = (scenario.values()["gpu"], task.values.get("my_gpu"))
    return list(dict.fromkeys((*listed, *filter(None, own))))


def job_of_task(task: Task, scenario: Scenario) -> Job:
    """What there is to serve, checked, whatever the GPU."""
    values = task.values
    names = ("load_target", "weight_bits", "kv_bits", "token_time_ms", "first_token_ms")
    told = {name: values[name] for name in (*names, "cached_prompt_share")}
    gpu = scenario.values()["gpu"]
    return job_of(values["model"], gpu, unlisted=True, **told, **task.demand_keywords())


def _api(job: Job) -> unit_costs.Spread | None:
    lengths = (job.demand.prompt_tokens, job.demand.output_tokens)
    cached = job.question.cached_prompt_share
    return unit_costs.api_spread(api_prices(job.question.key), *lengths, cached)


Answer = Callable[[str], "Work | OtherJob | Training | str"]


def _answerer(task: Task, scenario: Scenario, job: Job | None) -> Answer:
    """What answers the task for one GPU."""
    values = task.values
    if job is not None:
        count, mine = values["gpus_per_replica"], values["my_tokens_per_s"]
        counts = REPLICAS if count is None else (count,)
        asked = job

        def serve(gpu: str) -> Work | str:
            fixed = None
            if mine is not None and gpu == (values["my_gpu"] or scenario.values()["gpu"]):
                own = {"hardware": hardware(gpu), "my_tokens_per_s": mine, "gpus": count or 1}
                fixed = replace(asked.question, **own)
            return on(asked, scenario, gpu, counts, fixed)

        return serve
    mine_on = values.get("my_gpu") or scenario.values()["gpu"]
    made: dict[str, Any] = {}
    if task.kind == TRAINING:
        made = {name: values[name] for name in ("tokens", "mfu")}
        of = "model" if values["parameters"] is None else "parameters"
        by = "days" if values["by"] == DAYS else "gpu_count"
        made |= {name: values[name] for name in (of, by)}
        hours = values["my_gpu_hours"]
        return lambda gpu: training(
            **made,
            **({"my_gpu_hours": hours} if gpu == mine_on else {}),
            **_given(scenario, gpu, _OF_A_RUN),
        )
    names = ("peak_over_mean", "load_target", "hours_per_day", "parameters", task.amount)
    made = {name: values[name] for name in names if values.get(name) is not None}
    mine = values["my_units"]
    return lambda gpu: other_work(
        task.kind,
        model="" if task.kind == "embeddings" and "parameters" in made else values["model"] or "",
        **made,
        **({"my_units": mine} if gpu == mine_on else {}),
        **_given(scenario, gpu, DERIVED),
    )


def _given(scenario: Scenario, gpu: str, without: Iterable[str]) -> dict[str, Any]:
    """What was given of a scenario, with another GPU, as keywords."""
    base = for_work(scenario, gpu).without(*without)
    return {**base.given_and_lines, "gpu": gpu, "prices": base.prices}


def _candidate(gpu: str, answer: Answer, task: Task) -> Candidate:
    try:
        found = answer(gpu)
    except InputError as wrong:
        return Candidate(gpu=gpu, why_not=str(wrong))
    if isinstance(found, str):
        return Candidate(gpu=gpu, why_not=found)
    side, value = cheaper(_costs(found))
    shared: dict[str, Any] = {
        "gpu": gpu,
        "side": side,
        "why_not": "" if side else f"no price and no rental rate is known for {gpu}",
        "present_value_usd": value,
        "costs": _costs(found),
        "gpus": found.gpus,
        "scenario": found.scenario,
        "found": found,
    }
    if isinstance(found, Training):
        return Candidate(**shared, **_of_training(found))
    shared |= {
        "gpus_at_low": found.gpus_at_low,
        "gpus_at_high": found.gpus_at_high,
        "utilization": found.utilization,
        "low": found.speed.low,
        "high": found.speed.high,
        "basis": found.speed.basis,
        "reason": found.speed.reason,
    }
    if isinstance(found, Work):
        return Candidate(**shared, **_of_work(found))
    times = task.declared.times
    return Candidate(
        **shared,
        speed=found.speed.per_gpu,
        own_usd_per_unit=found.usd_per_unit[OWN] * times,
        rent_usd_per_unit=found.usd_per_unit[RENT] * times,
    )


def _costs(found: Work | OtherJob | Training) -> Costs:
    if isinstance(found, Training):
        return Costs(found.own_usd, found.rent_usd, math.nan, math.nan)
    return found.costs


def _of_work(found: Work) -> dict[str, Any]:
    speed = found.speed
    return {
        "gpus_per_replica": found.question.gpus,
        "speed": speed.output_tokens_per_s,
        "token_time_ms": speed.token_time_ms,
        "first_token_ms": speed.first_token_ms,
        "own_usd_per_unit": found.usd_per_million_tokens[OWN],
        "rent_usd_per_unit": found.usd_per_million_tokens[RENT],
    }


def _of_training(found: Training) -> dict[str, Any]:
    return {
        "gpus_at_low": found.gpus,
        "gpus_at_high": found.gpus,
        "utilization": 1.0,
        "speed": found.gpu_hours,
        "low": found.gpu_hours,
        "high": found.gpu_hours,
        "own_usd_per_unit": found.own_usd,
        "rent_usd_per_unit": found.rent_usd,
    }


# --- One GPU by how many sequences are in flight

CURVE = (
    *("concurrency", "output_tokens_per_s", "low", "high", "basis", "token_time_ms"),
    *("own_usd_per_million_tokens", "rent_usd_per_million_tokens"),
)
_DOUBLINGS = 2


def speed_curve(work: Work) -> pd.DataFrame:
    """Output speed of a replica and cost of a million tokens, by sequences in flight.

    Costs [USD] are those of the same work with replicas that take so many at once: of as many GPUs,
    as busy, as it then needs. Up to what memory holds, at most 256 sequences. Empty for a speed of
    one's own, and where only full load is known.

    >>> import tco
    >>> curve = speed_curve(tco.work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4"))
    >>> bool(curve["output_tokens_per_s"].is_monotonic_increasing)
    True
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    asked = replace(work.question, token_time_ms=None, first_token_ms=None)
    most = _most(work)
    if work.speed.basis != YOURS and most >= 1:
        for at in _grid(most):
            job = work.job._replace(question=replace(asked, concurrency=float(at)))
            with suppress(InputError):  # no speed, or more GPUs than one scenario has
                found = work_of(job, work.scenario)
                speed, units = found.speed, found.usd_per_million_tokens
                told = (speed.low, speed.high, speed.basis, speed.token_time_ms)
                rows.append((at, speed.output_tokens_per_s, *told, units[OWN], units[RENT]))
    return pd.DataFrame(rows, columns=list(CURVE))


def measured_points(work: Work) -> pd.DataFrame:
    """The measured rows of the work's model on its GPU: concurrency, speed, lengths, source.

    With as many GPUs and the same format as the work; `is_same`: with its lengths too.
    """
    import pandas as pd

    asked = work.question
    rows = measured.rows_of(replace(asked, prompt_tokens=None, output_tokens=None))
    names = ("prompt_tokens", "output_tokens", "engine", "server", "as_of", "source_id")
    told = [
        {
            "concurrency": row.concurrency,
            "output_tokens_per_s": measured.output_of(row),
            **{name: getattr(row, name) for name in names},
            "is_same": (row.prompt_tokens, row.output_tokens)
            == (asked.prompt_tokens, asked.output_tokens),
        }
        for row in rows
        if row.concurrency is not None
    ]
    columns = ["concurrency", "output_tokens_per_s", *names, "is_same"]
    return pd.DataFrame(told, columns=columns)


def _most(work: Work) -> int:
    """Sequences that a replica holds, at most those to which the formula is checked."""
    asked = work.question
    if asked.model is None:
        return MOST_SEQUENCES
    lengths = (work.demand.prompt_tokens, work.demand.output_tokens)
    room = fitted(asked.model, asked.hardware, asked.stored, asked.gpus, asked.kv_bits, lengths)
    return min(room.sequences, MOST_SEQUENCES)


def _grid(most: int) -> list[int]:
    """Whole numbers from 1 to the most, two to each doubling."""
    steps = range(int(math.log2(most) * _DOUBLINGS) + 1)
    return sorted({*(round(2 ** (step / _DOUBLINGS)) for step in steps), most})
