"""Questions that go from work to GPUs: what fits, how fast, how many, at what cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem, together
from tco.market.files import shipped_keys
from tco.model.items import RENT
from tco.numeric import plain
from tco.questions.answer import Answered, Question, inputs_of, records
from tco.questions.asked import ABOUT, FLAG, NUMBER, NUMBERS, TEXT, TEXTS, Asked, is_about
from tco.words.figures import rate_text, usd
from tco.workload.domains import DOMAINS, Domain, checked
from tco.workload.kinds import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from tco.analysis.work import Work
    from tco.scenario import Scenario

_TOP = Domain(1, 1_000, "number of GPUs listed, cheapest first", whole=True)
# What is asked about work besides numbers.
_TEXTS = {
    "model": "model, such as Llama-3.1-8B; tco models lists them",
    "gpu": "GPU",
    "use_case": f"what people use the service for: {', '.join(shipped_keys('work_presets.csv'))}",
    "weight_bits": "bits per weight, or a name such as fp8, awq or q4_k_m",
    "engine": "only measured rows of this engine, such as vLLM",
    "version": "only measured rows of this version of the engine",
    "parallel": "only measured rows of GPUs that share the model this way, such as tp2",
    "workload": "only measured rows of this benchmark",
    "load": "only measured rows under this load, such as constant or throughput",
    "server": "only measured rows of this server, such as gcp/g2-standard-16",
    "refresh_gpu": "GPU that replaces the first one after the refresh months",
    "kind": f"kind of work: {', '.join(KINDS)}",
    "measured": "what was measured, or a part of its name, such as SDXL or Whisper",
    "mode": "how it was measured: offline or server",
    "against": "what owning competes with for the break-even speed: rent, api or another GPU",
}
_OTHERS = {
    "gpus_compared": (TEXTS, "GPUs to compare, separated by commas; by default all"),
    "requests_by_hour": (
        *(NUMBERS, "requests in each hour of a series of any length, separated by commas"),
    ),
    "flips": (
        *(
            FLAG,
            "add what would change the answer: break-even values of the speed and of the inputs",
        ),
    ),
}
_OTHER_DEMANDS = ("requests_per_day", "users", "requests_by_hour")
_TOKENS_A_DAY = ("input_tokens_per_day", "output_tokens_per_day")
_LENGTHS = ("prompt_tokens", "output_tokens")
_SIZES = ("gpus_per_replica", "weight_bits", "kv_bits", *_LENGTHS)
_TARGETS = ("concurrency", "token_time_ms", "first_token_ms", "cached_prompt_share")
_OF_FIT = ("model", "gpu", *_SIZES, "budget_tokens")
_OF_SPEED = (
    *("model", "gpu", *_SIZES, *_TARGETS, "my_tokens_per_s"),
    *("engine", "version", "parallel", "workload", "load", "server", "run"),
)
_OF_WORK = (
    *("model", "requests_per_day", *_TOKENS_A_DAY, "users", "use_case", "requests_by_hour"),
    *("peak_over_mean", "load_target", *_SIZES, *_TARGETS, "my_tokens_per_s"),
)
_OF_SERVERLESS = (
    *("usd_per_gpu_second", "cold_start_s", "idle_s", "starts_per_day", "minimum_replicas"),
)
_OF_SUCCESSOR = ("refresh_gpu", "refresh_tokens_per_s")
_OF_OTHER = (
    *("kind", "measured", "units_per_day", "at_once", "hours_per_day", "peak_over_mean"),
    *("load_target", "mode", "parameters", "my_units"),
)
_OF_TRAINING = (*("tokens", "mfu", "model", "parameters", "days", "gpu_count", "my_gpu_hours"),)


# What is a name that something has, or several.
_OF_NAMES = ("model", "gpu", "use_case", "kind", "refresh_gpu", "gpus_compared")


def _check(name: str) -> Callable[[Any], None] | None:
    """What says that a name is none, or one of several; None for what is no name."""
    if name not in _OF_NAMES:
        return None

    def check(given: Any) -> None:
        from tco.market.workload import gpu_key, model_key
        from tco.workload.demand import use_case_of
        from tco.workload.other import kind_of

        known: dict[str, Callable[[str], object]] = {
            "model": model_key,
            "use_case": use_case_of,
            "kind": kind_of,
        }
        names = [given] if isinstance(given, str) else given
        try:
            together(*(partial(known.get(name, gpu_key), one) for one in names))
        except InputError as wrong:
            told = (problem.message.replace("gpu =", f"{name} =", 1) for problem in wrong.problems)
            raise InputError(Problem(name, message) for message in told) from None

    return check


# What the GPU of an answer is called, beside the one that was asked about.
SUBSTITUTE = "substitute"


def _takes(names: Iterable[str], needed: Iterable[str] = ()) -> tuple[Asked, ...]:
    """What a question takes, by name."""
    return tuple(_asked(name, name in needed) for name in names)


def _asked(name: str, needed: bool) -> Asked:
    if name == ABOUT.name:
        return ABOUT
    if name in _TEXTS:
        return Asked(name, TEXT, _TEXTS[name], needed=needed, check=_check(name))
    if name in _OTHERS:
        return Asked(name, *_OTHERS[name], needed=needed, check=_check(name))
    if name == "top":
        return Asked.of(name, _TOP)
    return Asked(name, NUMBER, DOMAINS[name].meaning, DOMAINS[name], needed=needed)


def _also_of_zero(question: Question) -> Question:
    """The same: of some measured rows there is no prompt, of others no token of an answer."""
    takes = (replace(one, or_zero=one.name in _LENGTHS) for one in question.takes)
    return replace(question, takes=tuple(takes))


def _one(
    scenario: Scenario,
    name: str,
    results: dict[str, Any],
    more: dict[str, Any] | None = None,
    rests_on: Scenario | None = None,
    lead: str = "",
) -> Answered:
    """An answer of one row; `more` is in the document alone, `rests_on` is what it was made of."""
    import pandas as pd

    row = {key: value for key, value in plain(results).items() if key != "rows"}
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        content={name: {**results, **(more or {})}},
        frames={name: pd.DataFrame([row])},
        rows=(row,),
        scenario=rests_on,
        lead=lead,
    )


def _saved(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a file has it: tco breakeven --scenario takes it."""
    found: dict[str, Any] = json.loads(scenario.to_json())
    return found


def _missing(name: str, what: str) -> InputError:
    return InputError([Problem(name, f"{name} is missing: {what}")])


def _models(_scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.market.catalogue import load
    from tco.workload.listing import models

    found = models()
    if about := asked.get("about"):
        found = found[[is_about(about, *row) for row in found[["model", "name"]].values.tolist()]]
    return Answered(catalogue=load(), content={"models": records(found)}, frames={"models": found})


def _fit(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.workload.fit import fit

    if "model" in asked:
        one = fit(**asked)
        return _one(scenario, "fit", one.to_dict(), lead=one.sentence)
    found: Any = fit(**asked)
    rows = records(found)
    return Answered(
        catalogue=scenario.catalogue,
        content={"fit": rows},
        frames={"fit": found},
        rows=tuple(rows),
    )


def _speed(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.workload.speed import speed

    found = speed(**asked)
    return _one(scenario, "speed", found.to_dict(), lead=found.sentence)


def _work_of(scenario: Scenario, asked: dict[str, Any], **changed: Any) -> Work:
    """The work that is asked for."""
    from tco.analysis.work import work

    return work(**_amounts(asked), **{**inputs_of(scenario), **changed})


def _check_work(asked: dict[str, Any], _data: Mapping[str, Any]) -> None:
    """InputError for what is wrong with the work, whatever the GPU."""
    from tco.analysis.work import job_of

    of_it = {name: asked[name] for name in _OF_WORK if name in asked and name != "model"}
    job_of(asked.get("model", ""), "any", unlisted=True, **_amounts(of_it))


def _amounts(asked: dict[str, Any]) -> dict[str, Any]:
    """The same by the keywords of `tco.work()`; both kinds of tokens a day are given together."""
    given = [name for name in _TOKENS_A_DAY if name in asked]
    if len(given) == 1:
        (missing,) = set(_TOKENS_A_DAY) - set(given)
        raise _missing(missing, f"{DOMAINS[missing].meaning}, beside {given[0]}")
    if not {*given, *_OTHER_DEMANDS} & {*asked}:
        amounts = f"{', '.join(_OTHER_DEMANDS)}, or {' with '.join(_TOKENS_A_DAY)}"
        raise _missing("requests_per_day", f"the amount of work; give one of {amounts}")
    told = {name: value for name, value in asked.items() if name not in given}
    return told | ({"tokens_per_day": tuple(asked[name] for name in given)} if given else {})


def _work(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.by_speed import API, speed_breakeven
    from tco.analysis.flips import flips

    with_flips, against = asked.pop("flips", False), asked.pop("against", "")
    found = _work_of(scenario, asked)
    more = {"speed": found.speed.to_dict(), "scenario": _saved(found.scenario)}
    answered = _one(scenario, "work", found.to_dict(), more, found.scenario, found.sentence)
    told = [speed_breakeven(found, against or RENT)] if with_flips or against else []
    if found.usd_per_million_tokens[API] > 0 and with_flips and not against:
        told.append(speed_breakeven(found, API))
    content, frames = dict(answered.content), dict(answered.frames)
    if told:
        content["speed_breakeven"] = [one.to_dict() for one in told]
    if with_flips:
        frames["flips"] = flips(found)
        content["flips"] = records(frames["flips"])
    said = tuple(one.sentence for one in told)
    return replace(answered, content=content, frames=frames, sentences=said)


def _substitutes(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.substitutes import substitutes

    gpus, top = asked.pop("gpus_compared", None), asked.pop("top", None)
    if problems := checked({"top": top}, domains={"top": _TOP}):
        raise InputError(problems)
    found = _work_of(scenario, asked)
    listed = substitutes(found, gpus)[: None if top is None else int(top)]
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        content={"work": found.to_dict(), "substitutes": records(listed)},
        frames={"substitutes": listed},
        lead=_cheapest(listed),
        scenario=found.scenario,
        rows=tuple({SUBSTITUTE: row.pop("gpu"), **row} for row in records(listed)),
    )


def _cheapest(listed: pd.DataFrame) -> str:
    """Which GPU, owned or rented, does the work at the least cost."""
    from tco.words.work import NO_GPU, PER_MILLION, cheapest

    best = listed.iloc[0]
    if not best["side"]:
        return f"{NO_GPU}."
    cost = f"{usd(best['present_value_usd'])} in present value"
    per = f"{rate_text(best['usd_per_million_tokens'])} per {PER_MILLION}"
    return f"{cheapest(best['side'], int(best['gpus']), best['gpu'])}, {cost}: {per}."


def _compare_api(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.substitutes import compare_api

    made = _work_of(scenario, asked)
    found = compare_api(made)
    more = {"offers": list(found.offers)}
    answered = _one(scenario, "compare_api", found.to_dict(), more, made.scenario, found.sentence)
    return replace(answered, frames={**answered.frames, "offers": found.to_frame()})


def _serverless(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.serverless import serverless

    told = {name: asked.pop(name) for name in _OF_SERVERLESS if name in asked}
    found = serverless(_work_of(scenario, asked), **told)
    more = {"scenario": _saved(found.scenario)}
    return _one(scenario, "serverless", found.to_dict(), more, found.scenario, found.sentence)


def _successor(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.successor import successor

    told = {name: asked.pop(name) for name in _OF_SUCCESSOR if name in asked}
    given = inputs_of(scenario)
    if "refresh_months" not in given:
        raise _missing("refresh_months", "months after which the successor takes over")
    of_it = ("refresh_months", "refresh_price_usd_per_gpu")
    told |= {name: given[name] for name in of_it if name in given}
    found = successor(_work_of(scenario, asked, **dict.fromkeys(of_it)), **told)
    both = {"before": _saved(found.before), "after": _saved(found.after)}
    answered = _one(scenario, "successor", found.to_dict(), both, found.before)
    return replace(answered, sentences=(found.sentence,))


def _other(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.other_work import other_work

    asked["model"] = asked.pop("measured", "")
    found = other_work(asked.pop("kind"), **asked, **inputs_of(scenario))
    more = {"scenario": _saved(found.scenario)}
    return _one(scenario, "other_work", found.to_dict(), more, found.scenario, found.sentence)


def _training(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.other_work import training

    found = training(**asked, **inputs_of(scenario))
    more = {"scenario": _saved(found.scenario)}
    return _one(scenario, "training", found.to_dict(), more, found.scenario, found.sentence)


def _question(
    name: str,
    summary: str,
    answer: Callable[[Scenario, dict[str, Any]], Answered],
    takes: Iterable[str],
    needed: Iterable[str] = (),
    tables: tuple[str, ...] = (),
    of_scenario: bool = True,
) -> Question:
    taken = tuple(takes)
    return Question(
        name=name,
        summary=summary,
        answer=answer,
        takes=_takes(taken, needed),
        tables=tables or (name,),
        of_scenario=of_scenario,
        check=_check_work if {*_OF_WORK} <= {*taken} else None,
    )


QUESTIONS = (
    _question(
        *("models", "The open models whose configuration is known, with their sources."),
        *(_models, ("about",)),
        of_scenario=False,
    ),
    _question(
        "fit",
        "Whether a model fits on a GPU and how many sequences it then serves at once, or what "
        "would fit; without a model, every model with the context that is left.",
        *(_fit, _OF_FIT),
        of_scenario=False,
    ),
    _also_of_zero(
        _question(
            "speed",
            "Output tokens per second of a model on a GPU: measured, or estimated with an error "
            "band.",
            *(_speed, _OF_SPEED, ("model",)),
            of_scenario=False,
        )
    ),
    _question(
        "work",
        "GPUs, hours and cost per million tokens for a demand, and the scenario that results.",
        *(_work, (*_OF_WORK, "flips", "against"), ("model",)),
    ),
    _question(
        "substitutes",
        "The same work on every GPU, cheapest first, and why some GPUs cannot do it.",
        *(_substitutes, (*_OF_WORK, "gpus_compared", "top"), ("model",)),
    ),
    _question(
        "compare_api",
        "Whether an API is cheaper for the work: per million tokens, per month, and at which load.",
        *(_compare_api, _OF_WORK, ("model",), ("compare_api", "offers")),
    ),
    _question(
        "serverless",
        "The same work rented by the second, including cold starts, idle seconds and a minimum.",
        *(_serverless, (*_OF_WORK, *_OF_SERVERLESS), ("model", "usd_per_gpu_second")),
    ),
    _question(
        "successor",
        "Whether to replace the GPUs of the work by fewer, faster ones after some months.",
        *(_successor, (*_OF_WORK, *_OF_SUCCESSOR), ("model", "refresh_gpu")),
    ),
    _question(
        "other_work",
        "GPUs, hours and cost of embeddings, images, speech, vision, video streams or seats.",
        *(_other, _OF_OTHER, ("kind",)),
    ),
    _question(
        "training",
        "GPU-hours and cost of a training run, on a number of GPUs or within a number of days.",
        *(_training, _OF_TRAINING, ("tokens", "mfu")),
    ),
)
