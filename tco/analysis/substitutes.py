"""The same work on other GPUs, and from an API: which is cheapest."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tco.analysis.work import Costs, Job, Work, api_spread, check_work, costs_of, work_of
from tco.errors import InputError, Problem
from tco.inputs import Inputs
from tco.market.workload import api_prices, gpu_key, hardware, hardwares
from tco.model import facility, ownership
from tco.model.items import OWN, RENT
from tco.numeric import Numeric, plain
from tco.scenario import Scenario
from tco.scenario.other_gpu import with_gpu
from tco.words.figures import usd
from tco.words.work import cheapest_of
from tco.workload import unit_costs
from tco.workload.fit import fitted
from tco.workload.question import Question
from tco.workload.speed import speed_of

if TYPE_CHECKING:
    import pandas as pd

# GPUs of a replica that are tried, fewest first.
REPLICAS = (1, 2, 4, 8)
COLUMNS = (
    *("gpu", "rank", "side", "present_value_usd", "own_npv_usd", "rent_npv_usd", "gpus"),
    *("gpus_at_low", "gpus_at_high", "gpus_per_replica", "utilization", "sequences"),
    *("output_tokens_per_s", "low", "high", "token_time_ms", "first_token_ms", "basis"),
    *("usd_per_million_tokens", "own_usd_per_million_tokens", "rent_usd_per_million_tokens"),
    *("tokens_per_s_per_kw", "tokens_per_s_per_rack", "joules_per_token", "why_not"),
)


def substitutes(work: Work, gpus: Iterable[str] | None = None) -> pd.DataFrame:
    """The same work on every GPU, cheapest first; those that cannot do it last, with the reason.

    Each GPU gets as many per replica (1, 2, 4 or 8) as hold the model, meet the targets and take
    the fewest GPUs in all, and whole servers. Ranked by the present value of the cheaper side
    (`side`), owned or rented [USD]. Columns beside money: `tokens_per_s_per_kw` (of IT power at
    peak), `tokens_per_s_per_rack`, `joules_per_token`, and the band of the speed with the GPUs that
    it would take. `why_not`: why a GPU is out, or by how much it costs more. `gpus` are the GPUs to
    compare, by default all with a price. InputError for an unknown GPU.

    >>> import tco
    >>> chat = tco.work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4")
    >>> found = substitutes(chat, gpus=["L4", "H100-SXM", "T4"]).set_index("gpu")
    >>> found.loc["T4", "why_not"]
    'no measured row, and no formula: T4 is older than bf16: no formula was checked for it'
    >>> int(found.loc["H100-SXM", "gpus"])
    1
    """
    import pandas as pd

    check_work(work)
    rows = []
    for gpu in _asked(gpus):
        fixed = work.question if gpu == work.gpu else None
        rows.append(_row(gpu, on(work.job, work.scenario, gpu, fixed=fixed)))
    known = sorted(
        (row for row in rows if not math.isnan(row["present_value_usd"])),
        key=lambda row: float(row["present_value_usd"]),
    )
    out = [row for row in rows if math.isnan(row["present_value_usd"])]
    for rank, row in enumerate(known, 1):
        row["rank"] = rank
        gap = row["present_value_usd"] - known[0]["present_value_usd"]
        row["why_not"] = f"costs {usd(gap)} more than {known[0]['gpu']}" if rank > 1 else ""
    frame = pd.DataFrame([*known, *out], columns=list(COLUMNS))
    frame["rank"] = pd.array(frame["rank"].tolist(), dtype="Int64")
    return frame


def _asked(gpus: Iterable[str] | None) -> list[str]:
    """The keys of the GPUs that are compared; InputError with every unknown one."""
    if gpus is None:
        return [key for key, one in hardwares().items() if one.in_catalog]
    keys: list[str] = []
    problems: list[Problem] = []
    for gpu in (gpus,) if isinstance(gpus, str) else gpus:
        try:
            keys.append(gpu_key(gpu))
        except InputError as wrong:
            problems += wrong.problems
    if not keys and not problems:
        problems.append(Problem("gpus", "gpus = [] is empty: the GPUs that are compared"))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(keys))


def _row(gpu: str, found: Work | str) -> dict[str, Any]:
    """The work on one GPU, or why that cannot do it."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, math.nan)
    row |= {"gpu": gpu, "rank": None, "side": "", "basis": "", "why_not": ""}
    if isinstance(found, str):
        return row | {"why_not": found}
    question = found.question
    speed, costs = found.speed, found.costs
    side, value = cheaper(costs)
    v = Inputs.of(found.scenario.values())
    a_second = speed.output_tokens_per_s / question.gpus
    kw: Numeric = math.nan
    per_rack: Numeric = math.nan
    if v.gpu_w is not None:  # its power may not be known yet on that day, when only its rate is
        kw = facility.peak_it_kw(v.gpus_per_server, v.gpu_w, 1, v.server_w) / v.gpus_per_server
        per_rack = ownership.rack_servers(v) * v.gpus_per_server
    units = found.usd_per_million_tokens
    return row | {
        "side": side,
        "present_value_usd": value,
        "own_npv_usd": costs.own_usd,
        "rent_npv_usd": costs.rent_usd,
        "gpus": found.gpus,
        "gpus_at_low": found.gpus_at_low,
        "gpus_at_high": found.gpus_at_high,
        "gpus_per_replica": question.gpus,
        "utilization": found.utilization,
        "sequences": speed.sequences,
        "output_tokens_per_s": speed.output_tokens_per_s,
        "low": speed.low,
        "high": speed.high,
        "token_time_ms": speed.token_time_ms,
        "first_token_ms": speed.first_token_ms,
        "basis": speed.basis,
        "usd_per_million_tokens": units.get(side, math.nan),
        "own_usd_per_million_tokens": units[OWN],
        "rent_usd_per_million_tokens": units[RENT],
        "tokens_per_s_per_kw": a_second / kw if kw else math.nan,
        "tokens_per_s_per_rack": a_second * per_rack,
        "joules_per_token": found.joules_per_token,
        "why_not": "" if side else f"no price and no rental rate is known for {gpu}",
    }


def cheaper(costs: Costs) -> tuple[str, float]:
    """The cheaper side, and its present value [USD]; empty and NaN where no price is known.

    >>> cheaper(Costs(9.0, 8.0, 0.9, 0.8)), cheaper(Costs(9.0, math.nan, 0.9, math.nan))
    (('rent', 8.0), ('own', 9.0))
    """
    sides = {RENT: costs.rent_usd, OWN: costs.own_usd}
    priced = {side: value for side, value in sides.items() if not math.isnan(value)}
    side = min(priced, key=lambda name: priced[name], default="")
    return side, priced.get(side, math.nan)


def for_work(scenario: Scenario, gpu: str) -> Scenario:
    """The scenario with a GPU on which work is compared: in whole servers, unless that is given."""
    base = with_gpu(scenario, gpu)
    return base if "whole_servers" in base.given else replace(base, whole_servers=True)


def on(
    job: Job,
    scenario: Scenario,
    gpu: str,
    counts: Iterable[int] = REPLICAS,
    fixed: Question | None = None,
) -> Work | str:
    """A job on one GPU with the inputs of a scenario, or the reason why that cannot do it.

    As many GPUs per replica, of `counts`, as take the fewest in all; where that is the same, fewer.
    What is asked of the speed is that, unless it is `fixed`.
    """
    question, why = (fixed, "") if fixed else _question(job, gpu, counts)
    if question is None:
        return why
    try:
        return work_of(job._replace(question=question), for_work(scenario, gpu))
    except InputError as wrong:
        return str(wrong)


def _question(job: Job, gpu: str, counts: Iterable[int]) -> tuple[Question | None, str]:
    """What is asked of the speed of one GPU; or why it is out."""
    asked = job.question
    other = replace(asked, hardware=hardware(gpu), my_tokens_per_s=None, constants=None)
    best: tuple[int, Question] | None = None
    why = ""
    for count in counts:
        tried = replace(other, gpus=count)
        speed = speed_of(tried)
        if speed.is_known:
            needed = job.demand.replicas(speed.output_tokens_per_s, job.load_target) * count
            if best is not None and needed >= best[0]:
                break
            best = (needed, tried)
        elif best is None:
            fits = _fits(tried)
            # That more GPUs are no way out says less than why the model does not run on these.
            if not why or fits:
                why = speed.reason
            if fits:
                break
    return (None, why) if best is None else (best[1], "")


def _fits(asked: Question) -> bool:
    """Whether the model fits; of one whose configuration is not known nothing changes that."""
    if asked.model is None:
        return True
    lengths = asked.prompt_tokens or 1.0, asked.output_tokens or 1.0
    return fitted(
        asked.model, asked.hardware, asked.stored, asked.gpus, asked.kv_bits, lengths
    ).fits


# --- From an API


@dataclass(frozen=True, kw_only=True)
class ApiComparison:
    """A million output tokens with their prompts, from APIs and from GPUs of one's own [USD].

    `api_usd_per_million_tokens` is the middle over `providers`, with P10 and P90 (`api_low_…`,
    `api_high_…`). `…_at_full_use` are those of GPUs that are busy every paid hour; above
    `own_breakeven` and `rent_breakeven`, shares of paid hours, GPUs are cheaper than the middle of
    the APIs (above 1: never); `…_breakeven_tokens_per_s` are the speeds of a replica at which they
    cost the same at full use. With a `tax_rate` all are after tax, but for the `offers`, which are
    prices as asked. Quality, limits, privacy and quantization of offers differ. NaN: not known.
    """

    model: str
    gpu: str
    providers: int
    api_usd_per_million_tokens: float
    api_low_usd_per_million_tokens: float
    api_high_usd_per_million_tokens: float
    own_usd_per_million_tokens: float
    rent_usd_per_million_tokens: float
    own_usd_per_million_tokens_at_full_use: float
    rent_usd_per_million_tokens_at_full_use: float
    own_breakeven: float
    rent_breakeven: float
    own_breakeven_tokens_per_s: float
    rent_breakeven_tokens_per_s: float
    api_usd_per_month: float
    own_usd_per_month: float
    rent_usd_per_month: float
    cheapest: str
    offers: tuple[dict[str, Any], ...]

    @property
    def sentence(self) -> str:
        """Which of owning, renting and an API is cheapest, and what each costs."""
        sides = (OWN, RENT, "api")
        cost = {side: getattr(self, f"{side}_usd_per_million_tokens") for side in sides}
        return cheapest_of(self.cheapest, cost)

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types, without the offers; None for what is not known."""
        return plain({n: x for n, x in asdict(self).items() if n != "offers"})

    def to_frame(self) -> pd.DataFrame:
        """The offers, cheapest first: provider, prices [USD per million tokens], all in, date."""
        import pandas as pd

        return pd.DataFrame(list(self.offers))


def compare_api(work: Work) -> ApiComparison:
    """Whether the work is cheaper from an API: per million tokens, per month, and above which load.

    InputError for a model that no provider offers.

    >>> import tco
    >>> chat = tco.work("Llama-3.1-8B", requests_per_day=10_000, prompt_tokens=256,
    ...     output_tokens=128, gpu="L4")
    >>> found = compare_api(chat)
    >>> round(found.api_usd_per_million_tokens, 2)  # [USD per million output tokens]
    0.3
    """
    check_work(work)
    question, demand, speed = work.question, work.demand, work.speed
    lengths = (demand.prompt_tokens, demand.output_tokens, question.cached_prompt_share)
    rows = api_prices(work.model)
    spread = api_spread(question, demand, work.scenario.values()["tax_rate"])
    if spread is None:
        message = f"model = {work.model!r} is offered by no API whose price is known"
        raise InputError([Problem("model", message)])
    full = costs_of(replace(work.scenario, utilization=1.0))
    units = work.usd_per_million_tokens

    def at_full_use(usd_per_gpu_hour: float) -> float:
        return unit_costs.usd_per_million_tokens(
            usd_per_gpu_hour, question.gpus, speed.output_tokens_per_s, work.load_target
        )

    own = at_full_use(full.own_usd_per_gpu_hour)
    rent = at_full_use(full.rent_usd_per_gpu_hour)
    millions = work.output_tokens_per_month / 1e6
    monthly = {
        "api": spread.middle * millions,
        OWN: units[OWN] * millions,
        RENT: units[RENT] * millions,
    }
    priced = {name: value for name, value in monthly.items() if not math.isnan(value)}
    listed: list[dict[str, Any]] = [
        {
            "provider": row.provider,
            "provider_model": row.provider_model,
            "usd_per_m_input": row.usd_per_m_input,
            "usd_per_m_output": row.usd_per_m_output,
            "usd_per_million_tokens": unit_costs.all_in(row, *lengths),
            "as_of": row.as_of,
            "doubtful": row.doubtful,
        }
        for row in rows
    ]
    listed.sort(key=lambda row: row["usd_per_million_tokens"])
    return ApiComparison(
        model=work.model,
        gpu=work.gpu,
        providers=spread.providers,
        api_usd_per_million_tokens=spread.middle,
        api_low_usd_per_million_tokens=spread.low,
        api_high_usd_per_million_tokens=spread.high,
        own_usd_per_million_tokens=units[OWN],
        rent_usd_per_million_tokens=units[RENT],
        own_usd_per_million_tokens_at_full_use=own,
        rent_usd_per_million_tokens_at_full_use=rent,
        own_breakeven=unit_costs.breakeven_load(own, spread.middle),
        rent_breakeven=unit_costs.breakeven_load(rent, spread.middle),
        own_breakeven_tokens_per_s=speed.output_tokens_per_s * own / spread.middle,
        rent_breakeven_tokens_per_s=speed.output_tokens_per_s * rent / spread.middle,
        api_usd_per_month=monthly["api"],
        own_usd_per_month=monthly[OWN],
        rent_usd_per_month=monthly[RENT],
        cheapest=min(priced, key=lambda name: priced[name]),
        offers=tuple(listed),
    )
