"""Commands that go from work to GPUs: what fits, how fast, how many, at what cost.

Each answers one workload, or with --csv a table of them, one a row.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import click

from tco.analysis.by_speed import API, speed_breakeven
from tco.analysis.flips import flips
from tco.analysis.other_work import other_work, training
from tco.analysis.serverless import serverless
from tco.analysis.substitutes import compare_api, substitutes
from tco.analysis.successor import successor
from tco.analysis.work import Work, work
from tco.cli.commands import Command, check_ending
from tco.cli.parameters import (
    catalogue_of,
    data_of,
    input_options,
    json_option,
    output_option,
    read_text,
    scenario_from,
)
from tco.cli.printing import aligned, records, say, stamped, table, write
from tco.cli.sweep import SOME_ROWS_WRONG
from tco.errors import InputError, Problem, suggestion
from tco.inputs import TAKEN
from tco.inputs.text import parse
from tco.market.catalogue import load
from tco.model.items import RENT
from tco.numeric import plain
from tco.report.csv import cell, check_format
from tco.scenario import Scenario
from tco.workload.checks import DOMAINS
from tco.workload.fit import fit
from tco.workload.listing import models
from tco.workload.other import KINDS
from tco.workload.speed import speed

# What is asked about work besides numbers.
_TEXTS = {
    "model": "The model, such as Llama-3.1-8B; tco models lists them.",
    "gpu": "The GPU.",
    "use_case": "What people use the service for: chat, rag, code_completion and others.",
    "weight_bits": "Bits a weight is stored in, or a name such as fp8, awq or q4_k_m.",
    "engine": "Only measured rows of this engine, such as vLLM.",
    "version": "Only measured rows of this version of the engine.",
    "parallel": "Only measured rows of GPUs that share the model this way, such as tp2.",
    "workload": "Only measured rows of this benchmark.",
    "load": "Only measured rows under this load, such as constant or throughput.",
    "server": "Only measured rows of this server, such as gcp/g2-standard-16.",
    "refresh_gpu": "The GPU that replaces the one of the work, after --refresh-months.",
    "kind": f"The kind of work: {', '.join(KINDS)}.",
    "measured": "What was measured, or a part of its name, such as SDXL or Whisper.",
    "mode": "How it was measured: offline or server.",
}
_LISTS = {
    "gpus_compared": "GPUs to compare, separated by commas  [default: all].",
    "requests_by_hour": "Requests in each hour of a series of any length, separated by commas.",
}
_TOKENS_A_DAY = ("input_tokens_per_day", "output_tokens_per_day")
_SIZES = ("gpus_per_replica", "weight_bits", "kv_bits", "prompt_tokens", "output_tokens")
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
_TABLE = (".csv", ".txt")
_MODEL_COLUMNS = (
    *("model", "parameters", "active_parameters", "layers", "kv_heads", "attention", "context"),
    *("native_bits", "license", "source"),
)
_FIT_COLUMNS = (
    *("model", "weight_bits", "weights_gib", "fits", "context_tokens", "sequences", "reason"),
)
_SUBSTITUTE = "substitute"
_SUBSTITUTE_COLUMNS = (
    *("gpu", "rank", "side", "present_value_usd", "gpus", "utilization", "basis"),
    *("output_tokens_per_s", "usd_per_million_tokens", "tokens_per_s_per_kw", "why_not"),
)
_OFFER_COLUMNS = (
    *("provider", "usd_per_m_input", "usd_per_m_output", "usd_per_million_tokens", "as_of"),
)


class Answer(NamedTuple):
    """The answer of one workload: the rows of a table, what JSON has, and a text."""

    rows: list[dict[str, Any]]
    content: dict[str, Any]
    text: str


def _one(name: str, results: dict[str, Any], more: Mapping[str, Any] | None = None) -> Answer:
    """An answer of one row; `more` is in the JSON alone."""
    row = {key: value for key, value in plain(results).items() if key != "rows"}
    text = aligned(("result", "value"), list(row.items()))
    return Answer([row], {name: {**results, **(more or {})}}, text)


def _saved(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a file has it: tco breakeven --scenario takes it."""
    found: dict[str, Any] = json.loads(scenario.to_json())
    return found


# --- What is typed


def _words(name: str) -> tuple[str, str]:
    """What is shown of an option: the kind of its value, and what it means."""
    if name in _TEXTS:
        return "TEXT", _TEXTS[name]
    if name in _LISTS:
        return "LIST", _LISTS[name]
    domain = DOMAINS[name]
    return "NUMBER", f"{domain.meaning[0].upper()}{domain.meaning[1:]} [{domain.text}]"


def _asked_options(names: Iterable[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One option for each thing that is asked about work."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(tuple(names)):
            kind, words = _words(name)
            option = f"--{name.replace('_', '-')}"
            command = click.option(option, name, metavar=kind, help=words)(command)
        return command

    return add


def _number(name: str, text: str) -> float:
    try:
        return float(text.strip().replace("_", ""))
    except ValueError:
        meaning = _LISTS.get(name) or DOMAINS[name].meaning
        message = f"{name} = {text!r} is not a number: {meaning}"
        raise InputError([Problem(name, message)]) from None


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text.strip()
    if name not in _LISTS:
        number = _number(name, text)
        return int(number) if DOMAINS[name].whole and number.is_integer() else number
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    return parts if name == "gpus_compared" else [_number(name, part) for part in parts]


def _values(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """What was given, as numbers where numbers are meant; InputError for what is none."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in texts.items():
        if text is None or not text.strip():
            continue
        try:
            found[name] = _value(name, text)
        except InputError as wrong:
            problems += wrong.problems
    if problems:
        raise InputError(problems)
    return found


def _needs(asked: Mapping[str, Any], name: str, what: str) -> None:
    if name not in asked:
        raise InputError([Problem(name, f"{name} is missing: {what}")])


# --- A command

# Examples of each command, as --help shows them.
_EXAMPLES = {
    "fit": ("fit --model Llama-3.3-70B --gpu L4 --weight-bits q4_k_m --gpus-per-replica 4",),
    "speed": (
        "speed --model Llama-3.1-8B --gpu L4 --prompt-tokens 256 --output-tokens 128",
        "speed --model Qwen3-32B --gpu L40S --weight-bits fp8 --token-time-ms 50",
    ),
    "work": (
        "work --model Llama-3.1-8B --users 1000 --use-case chat --gpu L4",
        "work --model Llama-3.1-8B --requests-per-day 2e6 --gpu L40S --flips --against api",
    ),
    "substitutes": (
        "substitutes --model Llama-3.1-8B --users 1000 --use-case chat --gpu L4 --top 5",
    ),
    "compare-api": ("compare-api --model Llama-3.1-8B --users 1000 --use-case chat --gpu L4",),
    "serverless": (
        "serverless --model Llama-3.1-8B --requests-per-day 2000 --gpu L4 "
        "--usd-per-gpu-second 0.0002 --cold-start-s 30 --starts-per-day 24",
    ),
    "successor": (
        "successor --model Llama-3.1-8B --users 20000 --use-case chat --gpu L4 "
        "--refresh-gpu L40S --refresh-months 18",
    ),
    "other-work": (
        "other-work --kind video --at-once 1040 --gpu L4",
        "other-work --kind images --measured SDXL --units-per-day 50000 --gpu L40S",
        "other-work --kind embeddings --parameters 302e6 --units-per-day 5e9 --gpu L4",
        "other-work --kind seats --measured 2B --at-once 200 --hours-per-day 10 --gpu L4",
    ),
    "training": (
        "training --model Llama-3.1-8B --tokens 1e12 --mfu 0.4 --gpu H100-SXM --gpu-count 64",
    ),
}


def _command(
    name: str,
    options: tuple[str, ...],
    answer: Callable[..., Answer],
    *,
    takes_inputs: bool = False,
    more: tuple[Any, ...] = (),
    alone: tuple[str, ...] = (),
) -> click.Command:
    """A command that asks one question; its help is what `answer` says.

    `answer` gets what is asked as a dict and, if it `takes_inputs`, the inputs of a scenario as
    another; `more` are further options, which it gets as keywords, those `alone` not for a table.
    """

    def run(table_file: str | None, output: str, as_json: bool, **told: Any) -> None:
        texts = {one: told.pop(one) for one in options}
        scenario = (*TAKEN, "scenario_file", "link", "lines_file") if takes_inputs else ()
        beside = {one: told.pop(one) for one in scenario}
        prices = told.pop("prices", None)
        if table_file is not None:
            given = {**texts, **beside, **{one: told[one] or None for one in alone}}
            if as_json or any(text is not None for text in given.values()):
                message = (
                    "csv: a table takes no other values and is answered as CSV; put them into "
                    "columns"
                )
                raise InputError([Problem("csv", message)])
            _answer_table(table_file, output, options, answer, prices, told)
            return
        catalogue = load()
        asked: list[Any] = [_values(texts)]
        if takes_inputs:
            inputs = {one: beside[one] for one in TAKEN}
            files = (beside["scenario_file"], beside["link"], beside["lines_file"])
            found = scenario_from(*files, prices, inputs)
            catalogue = found.catalogue
            asked.append({**found.given_and_lines, **data_of(catalogue)})
        check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
        answered = answer(*asked, **told)
        write(output, stamped(catalogue, **answered.content) if as_json else answered.text)

    run.__doc__ = answer.__doc__
    run = output_option()(json_option(run))
    if takes_inputs:
        run = input_options(run)
    for option in reversed(more):
        run = option(run)
    run = click.option(
        "--csv", "table_file", metavar="FILE", help="A CSV table, one workload per row."
    )(_asked_options(options)(run))
    examples = "\n".join(f"  tco {one}" for one in _EXAMPLES[name])
    return click.command(name, cls=Command, epilog=f"\b\nExamples:\n{examples}")(run)


def _answer_table(
    table_file: str,
    output: str,
    options: tuple[str, ...],
    answer: Callable[..., Answer],
    prices: str | None,
    told: dict[str, Any],
) -> None:
    """Answer every row of a CSV table; a row with an error says so in the column `error`.

    An answer of several rows repeats the row of its question.
    """
    check_ending(output, _TABLE, {})
    check_format(",", ".")
    reader = csv.DictReader(io.StringIO(read_text(table_file)), strict=True)
    header = [name.strip() for name in reader.fieldnames or ()]
    known = {*options, *(TAKEN if prices is not None else ())}
    problems = [
        Problem(name, f"{name!r} is no column of this table{suggestion(name, known)}")
        for name in header
        if name not in known
    ]
    if problems or not header:
        raise InputError(problems or [Problem("csv", f"{table_file} has no header")])
    data = {} if prices is None else data_of(catalogue_of(prices))
    listed = list(reader)
    answers: list[tuple[dict[str, str | None], dict[str, Any]]] = []
    wrong = 0
    for row in listed:
        given = dict(zip(header, row.values(), strict=False))
        try:
            asked: list[Any] = [_values({n: x for n, x in given.items() if n in options})]
            if prices is not None:
                texts = {n: x for n, x in given.items() if n in TAKEN and x and x.strip()}
                asked.append({n: parse(TAKEN[n], x) for n, x in texts.items()} | data)
            answers += [(row, each) for each in answer(*asked, **told).rows]
        except InputError as error:
            wrong += 1
            answers.append((row, {"error": str(error).replace("\n", "; ")}))
    names = list(dict.fromkeys(n for _, found in answers for n in found if n not in header))
    names = [*(name for name in names if name != "error"), "error"]
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow([*header, *names])
    for row, found in answers:
        writer.writerow([*row.values(), *(cell(found.get(name)) for name in names)])
    write(output, made.getvalue())
    say(f"tco: {len(listed):,} rows, {wrong:,} with an error")
    if wrong:
        click.get_current_context().exit(SOME_ROWS_WRONG)


# --- What is asked


@click.command("models", cls=Command)
@json_option
def models_command(as_json: bool) -> None:
    """The open models whose configuration is known, with their sources."""
    found = models()
    if as_json:
        write("-", stamped(load(), models=records(found)))
    else:
        write("-", table(found, _MODEL_COLUMNS))


def _fit(asked: dict[str, Any]) -> Answer:
    """Whether a model fits on a GPU, how many sequences at once, and if not, what would fit.

    Without --model: every model, with the context that is left.
    """
    if "model" in asked:
        return _one("fit", fit(**asked).to_dict())
    found: Any = fit(**asked)
    rows = records(found)
    return Answer(rows, {"fit": rows}, table(found, _FIT_COLUMNS))


def _speed(asked: dict[str, Any]) -> Answer:
    """Output tokens a second of a model on a GPU: measured, or estimated with its band."""
    _needs(asked, "model", "the model whose speed is asked")
    return _one("speed", speed(**asked).to_dict())


def _work_of(asked: dict[str, Any], inputs: dict[str, Any]) -> Work:
    """The work that is asked for; both kinds of tokens a day are given together."""
    given = [name for name in _TOKENS_A_DAY if name in asked]
    if len(given) == 1:
        (missing,) = set(_TOKENS_A_DAY) - set(given)
        _needs(asked, missing, f"{DOMAINS[missing].meaning}, beside {given[0]}")
    if given:
        asked["tokens_per_day"] = tuple(asked.pop(name) for name in _TOKENS_A_DAY)
    _needs(asked, "model", "give the model that does the work")
    return work(**asked, **inputs)


def _work(
    asked: dict[str, Any], inputs: dict[str, Any], with_flips: bool = False, against: str = ""
) -> Answer:
    """GPUs, hours and cost per million tokens of a demand, and the scenario that they make.

    With --csv every row is answered; its columns are options of this command. The scenario of the
    JSON answer is what tco breakeven --scenario takes.
    """
    found = _work_of(asked, inputs)
    more = {"speed": found.speed.to_dict(), "scenario": _saved(found.scenario)}
    answer = _one("work", found.to_dict(), more)
    told = [speed_breakeven(found, against or RENT)] if with_flips or against else []
    if found.usd_per_million_tokens[API] > 0 and with_flips and not against:
        told.append(speed_breakeven(found, API))
    parts = [answer.text, "".join(f"{one.sentence}\n" for one in told)]
    content = dict(answer.content)
    if told:
        content["speed_breakeven"] = [one.to_dict() for one in told]
    if with_flips:
        moved = flips(found)
        parts.append(table(moved))
        content["flips"] = records(moved)
    return Answer(answer.rows, content, "\n".join(part for part in parts if part))


def _substitutes(asked: dict[str, Any], inputs: dict[str, Any], top: int | None = None) -> Answer:
    """The same work on every GPU, cheapest first, and why the others cannot do it.

    With --csv every row is answered by as many rows as there are GPUs, or --top of them.
    """
    gpus = asked.pop("gpus_compared", None)
    found = _work_of(asked, inputs)
    listed = substitutes(found, gpus)[:top]
    rows = [{_SUBSTITUTE: row.pop("gpu"), **row} for row in records(listed)]
    content = {"work": found.to_dict(), "substitutes": records(listed)}
    return Answer(rows, content, table(listed, _SUBSTITUTE_COLUMNS))


def _compare_api(asked: dict[str, Any], inputs: dict[str, Any]) -> Answer:
    """Whether the work is cheaper from an API: per million tokens, a month, at which load."""
    found = compare_api(_work_of(asked, inputs))
    answer = _one("compare_api", found.to_dict(), {"offers": list(found.offers)})
    return answer._replace(text=f"{answer.text}\n{table(found.to_frame(), _OFFER_COLUMNS)}")


def _serverless(asked: dict[str, Any], inputs: dict[str, Any]) -> Answer:
    """The same work rented by the second: cold starts, idle seconds and a minimum are paid for."""
    told = {name: asked.pop(name) for name in _OF_SERVERLESS if name in asked}
    _needs(told, "usd_per_gpu_second", DOMAINS["usd_per_gpu_second"].meaning)
    found = serverless(_work_of(asked, inputs), **told)
    return _one("serverless", found.to_dict(), {"scenario": _saved(found.scenario)})


def _successor(asked: dict[str, Any], inputs: dict[str, Any]) -> Answer:
    """The work on its own GPUs, and after --refresh-months on fewer of a faster kind.

    Everything is sold then, and what the successor needs is bought, at today's price unless
    --refresh-price-usd-per-gpu is given.
    """
    told = {name: asked.pop(name) for name in _OF_SUCCESSOR if name in asked}
    _needs(told, "refresh_gpu", "the GPU that replaces the one of the work")
    _needs(inputs, "refresh_months", "months after which the successor takes over")
    of_it = ("refresh_months", "refresh_price_usd_per_gpu")
    told |= {name: inputs[name] for name in of_it if name in inputs}
    kept = {name: value for name, value in inputs.items() if name not in of_it}
    found = successor(_work_of(asked, kept), **told)
    both = {"before": _saved(found.before), "after": _saved(found.after)}
    answer = _one("successor", found.to_dict(), both)
    return answer._replace(text=f"{answer.text}\n{found.sentence}\n")


def _other(asked: dict[str, Any], inputs: dict[str, Any]) -> Answer:
    """GPUs, hours and cost of embeddings, images, speech, vision, video streams or seats.

    What is made by the second takes --units-per-day, what runs at once --at-once. Where nobody
    measured it, give --my-units, your own figure.
    """
    _needs(asked, "kind", f"one of {', '.join(KINDS)}")
    asked["model"] = asked.pop("measured", "")
    found = other_work(asked.pop("kind"), **asked, **inputs)
    return _one("other_work", found.to_dict(), {"scenario": _saved(found.scenario)})


def _training(asked: dict[str, Any], inputs: dict[str, Any]) -> Answer:
    """GPU-hours and cost of a training run, on --gpu-count GPUs or within so many --days."""
    for name in ("tokens", "mfu"):
        _needs(asked, name, DOMAINS[name].meaning)
    found = training(**asked, **inputs)
    return _one("training", found.to_dict(), {"scenario": _saved(found.scenario)})


_flips_option = click.option(
    "--flips",
    "with_flips",
    is_flag=True,
    help="Also report what would change the answer: break-even values of the speed and the inputs.",
)
_against_option = click.option(
    "--against",
    default="",
    metavar="TEXT",
    help="From which speed buying wins against this: rent, api, or another GPU.",
)
_top_option = click.option(
    "--top", type=click.IntRange(min=1), help="Only so many GPUs, the cheapest."
)
COMMANDS = (
    models_command,
    _command("fit", _OF_FIT, _fit),
    _command("speed", _OF_SPEED, _speed),
    _command(
        "work",
        _OF_WORK,
        _work,
        takes_inputs=True,
        more=(_flips_option, _against_option),
        alone=("with_flips", "against"),
    ),
    _command(
        "substitutes",
        (*_OF_WORK, "gpus_compared"),
        _substitutes,
        takes_inputs=True,
        more=(_top_option,),
    ),
    _command("compare-api", _OF_WORK, _compare_api, takes_inputs=True),
    _command("serverless", (*_OF_WORK, *_OF_SERVERLESS), _serverless, takes_inputs=True),
    _command("successor", (*_OF_WORK, *_OF_SUCCESSOR), _successor, takes_inputs=True),
    _command("other-work", _OF_OTHER, _other, takes_inputs=True),
    _command("training", _OF_TRAINING, _training, takes_inputs=True),
)
