"""From work to GPUs and money: how many GPUs a demand takes, and what a million tokens cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from tco.errors import InputError, Problem, shown, together
from tco.finance.discounting import levelized
from tco.inputs import INPUTS, PRICE, RATE, Inputs
from tco.inputs.text import takes_inputs
from tco.market.workload import Constants, api_prices
from tco.model.breakeven import answered, model_values
from tco.model.cashflows import entries
from tco.model.items import OWN, RENT
from tco.model.periods import busy_hours
from tco.model.results import checked
from tco.numeric import plain
from tco.scenario import Scenario, scenario_of
from tco.words.work import PER_MILLION, on_gpus
from tco.workload import unit_costs
from tco.workload.checks import check_context, check_numbers, hardware_of, named
from tco.workload.demand import LOAD_TARGET, Demand, demand_of
from tco.workload.formats import format_of
from tco.workload.question import Question
from tco.workload.speed import Speed, speed_of

if TYPE_CHECKING:
    from tco.inputs.values import InputValues

# What the work says, so that nobody else does.
DERIVED = ("gpus", "utilization")
MOST_GPUS = int(INPUTS["gpus"].high)
_NO_MONEY = math.nan
# The 90th over the 95th percentile of a normal distribution, in standard deviations.
_TENTH = 1.281552 / 1.644854


class Costs(NamedTuple):
    """Both sides of a scenario: present values [USD] and USD per busy GPU-hour; NaN: not known."""

    own_usd: float
    rent_usd: float
    own_usd_per_gpu_hour: float
    rent_usd_per_gpu_hour: float


class Job(NamedTuple):
    """What there is to do, wherever it is done: the model and its targets, the demand, the load.

    The GPU of the `question` is the one that was named.
    """

    question: Question
    demand: Demand
    load_target: float = LOAD_TARGET


@dataclass(frozen=True, kw_only=True)
class Work:
    """A demand on one kind of GPU: how many of them, how busy, what a unit costs.

    `gpus` are `replicas` times the GPUs of one; with the low and the high end of the band of the
    speed it would take `gpus_at_low` and `gpus_at_high`. `usd_per_million_tokens` are output tokens
    with all cost on them: `own`, `rent` and `api` (the middle over providers, prompts included);
    NaN where a price is not known, all after tax where there is a `tax_rate`. `scenario` is the
    ordinary one: `tco.breakeven(work.scenario)`.
    """

    model: str
    gpu: str
    demand: Demand
    load_target: float
    speed: Speed
    gpus: int
    replicas: int
    gpus_at_low: int
    gpus_at_high: int
    gpu_hours_per_month: float
    utilization: float
    prompt_tokens_per_month: float
    output_tokens_per_month: float
    usd_per_million_tokens: dict[str, float]
    joules_per_token: float
    kwh_per_million_tokens: float
    scenario: Scenario
    costs: Costs
    job: Job

    @property
    def question(self) -> Question:
        """What was asked of the speed."""
        return self.job.question

    @property
    def uncertain(self) -> Scenario:
        """The scenario with the band of the speed in it: `gpus` as a range, P10 to P90.

        For `tco.simulate`, `tco.tornado` and `tco.flips`; where the band changes no number of GPUs,
        and of a speed without a band, the scenario itself.
        """
        if (ends := self.likely_speeds) is None:
            return self.scenario
        many, few = (
            min(self.demand.replicas(end, self.load_target) * self.question.gpus, MOST_GPUS)
            for end in ends
        )
        if few == many:
            return self.scenario
        range_of: dict[str, Any] = {"gpus": f"{few}..{many}"}
        return replace(self.scenario, **range_of)

    @property
    def likely_speeds(self) -> tuple[float, float] | None:
        """P10 and P90 of the speed of a replica [tok/s]; None for a speed without a band.

        A speed lies between `low` and `high` in 90 of 100 cases: P5 and P95, from which the others
        follow on a logarithmic normal curve.
        """
        speed = self.speed
        middle, ends = speed.output_tokens_per_s, (speed.low, speed.high)
        if not all(math.isfinite(end) and end > 0 for end in ends) or speed.low == speed.high:
            return None
        low, high = (middle * (end / middle) ** _TENTH for end in ends)
        return low, high

    @property
    def sentence(self) -> str:
        """How many GPUs the work takes, how busy they are, and what a million tokens cost.

        >>> work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4").sentence[:49]
        'Llama-3.1-8B on 3 × L4, 62.8 % busy: owning costs'
        """
        cost = self.usd_per_million_tokens
        return on_gpus(self.model, self.gpus, self.gpu, self.utilization, cost, PER_MILLION)

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types; None for what is not known."""
        speed = self.speed.to_dict()
        told = ("output_tokens_per_s", "token_time_ms", "first_token_ms", "basis", "low", "high")
        found = {
            "model": self.model,
            "gpu": self.gpu,
            "gpus": self.gpus,
            "gpus_at_low": self.gpus_at_low,
            "gpus_at_high": self.gpus_at_high,
            "replicas": self.replicas,
            "gpus_per_replica": self.question.gpus,
            "gpu_hours_per_month": self.gpu_hours_per_month,
            "utilization": self.utilization,
            "requests_per_s_mean": self.demand.mean_per_s,
            "requests_per_s_peak": self.demand.peak_per_s,
            "prompt_tokens_per_month": self.prompt_tokens_per_month,
            "output_tokens_per_month": self.output_tokens_per_month,
            **{name: speed[name] for name in told},
            "reason": self.speed.reason,
            **{
                f"{name}_usd_per_million_tokens": value
                for name, value in self.usd_per_million_tokens.items()
            },
            "joules_per_token": self.joules_per_token,
            "kwh_per_million_tokens": self.kwh_per_million_tokens,
            "own_npv_usd": self.costs.own_usd,
            "rent_npv_usd": self.costs.rent_usd,
            "demand": self.demand.told,
        }
        return plain(found)


@takes_inputs
def work(
    model: str,
    *,
    requests_per_day: float | None = None,
    tokens_per_day: tuple[float, float] | None = None,
    users: float | None = None,
    use_case: str | None = None,
    requests_by_hour: Sequence[float] | None = None,
    peak_over_mean: float | None = None,
    load_target: float = LOAD_TARGET,
    prompt_tokens: float | None = None,
    output_tokens: float | None = None,
    gpus_per_replica: int = 1,
    weight_bits: float | str | None = None,
    kv_bits: float = 16,
    concurrency: float | None = None,
    token_time_ms: float | None = None,
    first_token_ms: float | None = None,
    cached_prompt_share: float = 0.0,
    my_tokens_per_s: float | None = None,
    constants: Constants | None = None,
    **inputs: Unpack[InputValues],
) -> Work:
    """GPUs, hours and cost per million tokens for a demand, and the scenario that results.

    Give one of `requests_per_day`, `tokens_per_day` (prompt and output tokens), `users` with a
    `use_case`, or `requests_by_hour` (any number of hours, repeated). Replicas
    are loaded to `load_target` of their speed in the busiest hour, which has `peak_over_mean` times
    the mean; in every other hour as many run as its load takes. The speed is that of `tco.speed()`
    with the same keywords; `my_tokens_per_s` is your own figure, and counts. Further keywords are
    inputs of `tco.breakeven()`, `gpu` among them; `gpus` and `utilization` follow from the work.

    InputError for what is wrong, and where the model does not fit or no speed is known: it says
    what would fit.

    >>> found = work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4")
    >>> round(found.demand.peak_per_s, 3), found.gpus  # [requests/s], [GPUs]
    (2.667, 3)
    >>> found.scenario.values()["gpus"] == found.gpus
    True
    """
    given: dict[str, Any] = dict(inputs)
    job = job_of(
        model,
        gpu_of(given),
        unlisted=my_tokens_per_s is not None,
        requests_per_day=requests_per_day,
        tokens_per_day=tokens_per_day,
        users=users,
        use_case=use_case,
        requests_by_hour=requests_by_hour,
        prompt_tokens=prompt_tokens,
        output_tokens=output_tokens,
        peak_over_mean=peak_over_mean,
        load_target=load_target,
        gpus_per_replica=gpus_per_replica,
        weight_bits=weight_bits,
        kv_bits=kv_bits,
        concurrency=concurrency,
        token_time_ms=token_time_ms,
        first_token_ms=first_token_ms,
        cached_prompt_share=cached_prompt_share,
        my_tokens_per_s=my_tokens_per_s,
        constants=constants,
    )
    return work_of(job, Scenario(**given))


# What is asked of the demand, and of the speed; by name in both `tco.work()` and a question.
_OF_DEMAND = (
    *("requests_per_day", "tokens_per_day", "users", "use_case", "requests_by_hour"),
    *("prompt_tokens", "output_tokens", "peak_over_mean"),
)
_OF_SPEED = (
    *("weight_bits", "kv_bits", "concurrency", "token_time_ms", "first_token_ms"),
    *("cached_prompt_share", "my_tokens_per_s", "constants"),
)
_NO_NUMBERS = ("weight_bits", "constants")


def job_of(model: str, gpu: str, unlisted: bool = False, **asked: Any) -> Job:
    """What there is to do, checked: the keywords of `tco.work()` but those of the scenario.

    InputError with everything that is wrong. A GPU that is `unlisted` need not be known.

    >>> job_of("Llama-3.1-8B", "L4", users=1_000, use_case="chat").demand.output_tokens
    256.0
    """
    load_target = asked.get("load_target", LOAD_TARGET)
    gpus = asked.get("gpus_per_replica", 1)
    told = {name: asked[name] for name in _OF_SPEED if name in asked}
    numbers = {name: value for name, value in told.items() if name not in _NO_NUMBERS}
    numbers |= {"load_target": load_target, "gpus_per_replica": gpus}
    (key, of), on, demand, _ = together(
        lambda: named(model),
        lambda: hardware_of(gpu, unlisted=unlisted),
        lambda: demand_of(**{name: asked[name] for name in _OF_DEMAND if name in asked}),
        lambda: check_numbers(numbers),
    )
    format_of(of, asked.get("weight_bits"))  # says what is wrong with it
    if of is not None:
        check_context(of, demand.prompt_tokens, demand.output_tokens)
    lengths = {"prompt_tokens": demand.prompt_tokens, "output_tokens": demand.output_tokens}
    question = Question(key=key, model=of, hardware=on, gpus=gpus, **lengths, **told)
    return Job(question, demand, load_target)


def check_work(work: Any) -> None:
    """InputError for what is no piece of work."""
    if not isinstance(work, Work):
        message = f"work = {shown(work)} is not a piece of work: give what tco.work() returns"
        raise InputError([Problem("work", message)])


def changed_work(work: Work, inputs: InputValues) -> Work:
    """The work with other inputs on top of its own; InputError for another GPU."""
    if not inputs:
        return work
    gpu_of(inputs)
    changed = scenario_of(work.scenario, inputs)
    if (gpu := changed.values()["gpu"]) != work.gpu:
        message = f"gpu = {gpu!r} is not that of the work, {work.gpu}: give it to tco.work()"
        raise InputError([Problem("gpu", message)])
    return work_of(work.job, changed)


def gpu_of(inputs: Mapping[str, Any]) -> str:
    """The GPU of inputs beside a piece of work; InputError for what is wrong with these.

    `gpus` and `utilization` are not among them: they follow from the work.
    """
    problems = [
        Problem(
            name,
            f"{name} = {inputs[name]} follows from the work: leave it out, or ask breakeven about "
            "GPUs and hours that you know",
        )
        for name in DERIVED
        if inputs.get(name) is not None
    ]
    if problems:
        raise InputError(problems)
    return str(Scenario(**inputs).values()["gpu"])


def work_of(job: Job, base: Scenario) -> Work:
    """The same for a job that is checked; its scenario is `base` with the GPUs that it takes."""
    question, demand, load_target = job
    speed = speed_of(question)
    name, gpu = question.key, question.hardware.gpu
    if not speed.is_known:
        message = (
            f"gpu = {gpu!r} has no speed for {name}: {speed.reason}; give my_tokens_per_s to use "
            "your own figure"
        )
        raise InputError([Problem("gpu", message)])
    tok_s = speed.output_tokens_per_s
    replicas, at_low, at_high = (
        demand.replicas(each, load_target) for each in (tok_s, speed.low, speed.high)
    )
    gpus = replicas * question.gpus
    if gpus > MOST_GPUS:
        message = (
            f"the work takes {gpus:,} GPUs of kind {gpu}, more than {MOST_GPUS:,}: "
            "the most GPUs in use of one scenario"
        )
        raise InputError([Problem("gpus", message)])
    in_use = demand.replicas_in_use(tok_s, load_target)
    needed: dict[str, Any] = {"gpu": gpu, "gpus": gpus, "utilization": in_use / replicas}
    scenario = replace(base, **needed)
    values = scenario.values()
    hours = values["hours_per_month"]
    output = demand.output_tokens_in(hours)
    gpu_hours = in_use * question.gpus * hours
    costs = costs_of(scenario)
    spread = api_spread(question, demand, values["tax_rate"])
    per_million = gpu_hours / output * 1e6
    joules = unit_costs.joules_per_token(
        (values["gpu_w"] or math.nan) * values["load_factor"], question.gpus, tok_s
    )
    return Work(
        model=name,
        gpu=gpu,
        demand=demand,
        load_target=load_target,
        speed=speed,
        gpus=gpus,
        replicas=replicas,
        gpus_at_low=at_low * question.gpus,
        gpus_at_high=at_high * question.gpus,
        gpu_hours_per_month=gpu_hours,
        utilization=in_use / replicas,
        prompt_tokens_per_month=demand.prompt_tokens_in(hours),
        output_tokens_per_month=output,
        usd_per_million_tokens={
            "own": costs.own_usd_per_gpu_hour * per_million,
            "rent": costs.rent_usd_per_gpu_hour * per_million,
            "api": spread.middle if spread else _NO_MONEY,
        },
        joules_per_token=joules,
        kwh_per_million_tokens=unit_costs.kwh_per_million(joules),
        scenario=scenario,
        costs=costs,
        job=job,
    )


def api_spread(question: Question, demand: Demand, tax_rate: float) -> unit_costs.Spread | None:
    """What a million output tokens cost from an API with their prompts, after tax [USD].

    What is paid for an API is deducted like a rent. None where nobody offers the model.
    """
    lengths = (demand.prompt_tokens, demand.output_tokens, question.cached_prompt_share)
    found = unit_costs.api_spread(api_prices(question.key), *lengths)
    return found.times(1 - tax_rate) if found else None


def costs_of(scenario: Scenario) -> Costs:
    """What both sides of a scenario cost; NaN for a side whose price is not known."""
    values = scenario.values()
    known = [values[name] is not None for name in (PRICE, RATE)]
    if all(known):
        found = answered(scenario)
        return Costs(
            float(found.own_npv_usd),
            float(found.rent_npv_usd),
            float(found.own_usd_per_gpu_hour),
            float(found.rent_usd_per_gpu_hour),
        )
    own, rent = (
        _present_value(scenario, side, name) if is_known else math.nan
        for side, name, is_known in ((OWN, PRICE, known[0]), (RENT, RATE, known[1]))
    )
    v = Inputs.of(values)
    busy = busy_hours(v)
    return Costs(own, rent, float(levelized(own, busy)), float(levelized(rent, busy)))


def _present_value(scenario: Scenario, side: str, needed: str) -> float:
    v = Inputs.of(model_values(scenario, (needed,)))
    checked(v)
    return float(sum(present for *_, present in entries(v, side)))
