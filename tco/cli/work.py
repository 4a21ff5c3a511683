"""Commands that go from work to GPUs: what fits, how fast, how many, at what cost."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from typing import Any

import click

from tco.analysis.substitutes import substitutes
from tco.analysis.work import work
from tco.cli.commands import Command, check_ending
from tco.cli.parameters import (
    catalogue_of,
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
from tco.market.catalogue import Catalogue, load
from tco.report.csv import cell, check_format
from tco.workload.checks import DOMAINS
from tco.workload.fit import Fit, fit
from tco.workload.listing import models
from tco.workload.speed import speed

# What is asked about work besides numbers.
_TEXTS = {
    "model": "The model, such as Llama-3.1-8B; tco models lists them.",
    "use_case": "What people use the service for: chat, rag, code_completion and others.",
    "weight_bits": "Bits a weight is stored in, or a name such as fp8, awq or q4_k_m.",
    "engine": "Only measured rows of this engine, such as vLLM.",
    "version": "Only measured rows of this version of the engine.",
    "parallel": "Only measured rows of GPUs that share the model this way, such as tp2.",
    "workload": "Only measured rows of this benchmark.",
    "load": "Only measured rows under this load, such as constant or throughput.",
    "server": "Only measured rows of this server, such as gcp/g2-standard-16.",
}
_GPU = "The GPU."
_OF_FIT = (
    *("model", "gpu", "gpus_per_replica", "weight_bits", "kv_bits", "prompt_tokens"),
    *("output_tokens", "budget_tokens"),
)
_OF_SPEED = (
    *("model", "gpu", "gpus_per_replica", "weight_bits", "kv_bits", "prompt_tokens"),
    *("output_tokens", "concurrency", "token_time_ms", "first_token_ms", "cached_prompt_share"),
    *("my_tokens_per_s", "engine", "version", "parallel", "workload", "load", "server"),
)
_TOKENS_A_DAY = ("input_tokens_per_day", "output_tokens_per_day")
_OF_WORK = (
    *("model", "requests_per_day", *_TOKENS_A_DAY, "users", "use_case", "peak_over_mean"),
    *("load_target", "prompt_tokens", "output_tokens", "gpus_per_replica", "weight_bits"),
    *("kv_bits", "concurrency", "token_time_ms", "first_token_ms", "cached_prompt_share"),
    *("my_tokens_per_s",),
)
_TABLE = (".csv", ".tsv", ".txt")
_MODEL_COLUMNS = (
    *("model", "parameters", "active_parameters", "layers", "kv_heads", "attention", "context"),
    *("native_bits", "license", "source"),
)


def _asked_options(names: Iterable[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One option for each thing that is asked about work."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(tuple(names)):
            domain = DOMAINS.get(name)
            words = _TEXTS.get(name) or _GPU
            if domain is not None:
                words = f"{domain.meaning[0].upper()}{domain.meaning[1:]} [{domain.text}]"
            command = click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar="TEXT" if domain is None else "NUMBER",
                help=words,
            )(command)
        return command

    return add


_csv_option = click.option(
    "--csv", "table_file", metavar="FILE", help="A CSV table, one workload per row."
)


def _values(texts: dict[str, str | None]) -> dict[str, Any]:
    """What was given, as numbers where numbers are meant; InputError for what is none."""
    found: dict[str, Any] = {}
    problems = []
    for name, text in texts.items():
        if text is None or not text.strip():
            continue
        if name not in DOMAINS:
            found[name] = text.strip()
            continue
        try:
            number = float(text.strip().replace("_", ""))
        except ValueError:
            meaning = DOMAINS[name].meaning
            problems.append(Problem(name, f"{name} = {text!r} is not a number: {meaning}"))
            continue
        found[name] = int(number) if DOMAINS[name].whole and number.is_integer() else number
    if problems:
        raise InputError(problems)
    return found


def _work_values(texts: dict[str, str | None]) -> dict[str, Any]:
    """The same for `tco.work`, which takes both kinds of tokens a day together."""
    found = _values(texts)
    given = [name for name in _TOKENS_A_DAY if name in found]
    if len(given) == 1:
        missing = next(name for name in _TOKENS_A_DAY if name not in found)
        message = f"{missing} is missing: {DOMAINS[missing].meaning}, beside {given[0]}"
        raise InputError([Problem(missing, message)])
    if given:
        found["tokens_per_day"] = tuple(found.pop(name) for name in _TOKENS_A_DAY)
    if "model" not in found:
        raise InputError([Problem("model", "model is missing: give the model that does the work")])
    return found


def _plain(results: dict[str, Any]) -> dict[str, Any]:
    """Results without what is no single value, infinity and NaN as None."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in results.items()
        if name != "rows"
    }


def _answer(
    catalogue: Catalogue, name: str, results: dict[str, Any], output: str, as_json: bool
) -> None:
    """Write the results of one question."""
    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    if as_json:
        write(output, stamped(catalogue, **{name: results}))
    else:
        write(output, aligned(("result", "value"), list(_plain(results).items())))


def _answer_table(
    table_file: str,
    output: str,
    columns: tuple[str, ...],
    answer: Callable[[dict[str, str | None]], dict[str, Any]],
    with_inputs: bool,
) -> None:
    """Answer every row of a CSV table; a row with an error says so in the column `error`."""
    check_ending(output, _TABLE, {})
    check_format(",", ".")
    reader = csv.DictReader(io.StringIO(read_text(table_file)), strict=True)
    header = [name.strip() for name in reader.fieldnames or ()]
    known = {*columns, *(TAKEN if with_inputs else ())}
    problems = [
        Problem(name, f"{name!r} is no column of this table{suggestion(name, known)}")
        for name in header
        if name not in known
    ]
    if problems or not header:
        raise InputError(problems or [Problem("csv", f"{table_file} has no header")])
    answers: list[dict[str, Any]] = []
    rows = list(reader)
    wrong = 0
    for row in rows:
        try:
            given = {
                name: row[raw] for name, raw in zip(header, reader.fieldnames or (), strict=True)
            }
            answers.append({**_plain(answer(given)), "error": None})
        except InputError as error:
            wrong += 1
            answers.append({"error": str(error).replace("\n", "; ")})
    results = dict.fromkeys(name for found in answers for name in found if name not in header)
    names = [*(name for name in results if name != "error"), "error"]
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow([*header, *names])
    for row, found in zip(rows, answers, strict=True):
        writer.writerow([*row.values(), *(cell(found.get(name)) for name in names)])
    write(output, made.getvalue())
    say(f"tco: {len(rows):,} rows, {wrong:,} with an error")
    if wrong:
        click.get_current_context().exit(SOME_ROWS_WRONG)


def _only_table(texts: dict[str, Any], as_json: bool) -> None:
    if as_json or any(text is not None for text in texts.values()):
        message = "csv: a table takes no other values and is answered as CSV; put them into columns"
        raise InputError([Problem("csv", message)])


@click.command("models", cls=Command)
@json_option
def models_command(as_json: bool) -> None:
    """The open models whose configuration is known, with their sources."""
    found = models()
    if as_json:
        write("-", stamped(load(), models=records(found)))
    else:
        write("-", table(found, _MODEL_COLUMNS))


@click.command("fit", cls=Command)
@_asked_options(_OF_FIT)
@_csv_option
@output_option()
@json_option
def fit_command(table_file: str | None, output: str, as_json: bool, **texts: str | None) -> None:
    """Whether a model fits on a GPU, how many sequences at once, and if not, what would fit.

    Without --model: every model, with the context that is left.
    """
    if table_file is not None:
        _only_table(texts, as_json)

        def fitted(given: dict[str, str | None]) -> dict[str, Any]:
            asked = _values(given)
            if "model" not in asked:
                raise InputError([Problem("model", "model is missing: the model that has to fit")])
            found: Fit = fit(**asked)
            return found.to_dict()

        _answer_table(table_file, output, _OF_FIT, fitted, with_inputs=False)
        return
    asked = _values(texts)
    if "model" in asked:
        _answer(load(), "fit", fit(**asked).to_dict(), output, as_json)
        return
    found: Any = fit(**asked)
    if as_json:
        write(output, stamped(load(), fit=records(found)))
    else:
        told = ("model", "weight_bits", "weights_gib", "fits", "context_tokens", "sequences")
        write(output, table(found, (*told, "reason")))


@click.command("speed", cls=Command)
@_asked_options(_OF_SPEED)
@_csv_option
@output_option()
@json_option
def speed_command(table_file: str | None, output: str, as_json: bool, **texts: str | None) -> None:
    """Output tokens a second of a model on a GPU: measured, or estimated with its band."""

    def answer(given: dict[str, str | None]) -> dict[str, Any]:
        asked = _values(given)
        if "model" not in asked:
            raise InputError([Problem("model", "model is missing: the model whose speed is asked")])
        return speed(**asked).to_dict()

    if table_file is not None:
        _only_table(texts, as_json)
        _answer_table(table_file, output, _OF_SPEED, answer, with_inputs=False)
        return
    _answer(load(), "speed", answer(texts), output, as_json)


def _work_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return _asked_options(_OF_WORK)(input_options(output_option()(json_option(command))))


def _asked_work(texts: dict[str, Any], told: dict[str, Any]) -> tuple[Any, Catalogue]:
    """The work that options ask for, and the data it is on."""
    asked = _work_values({name: texts.pop(name) for name in _OF_WORK})
    scenario = scenario_from(
        told["scenario_file"],
        told["link"],
        told["lines_file"],
        told["prices"],
        {name: texts[name] for name in TAKEN},
    )
    given = scenario.given_and_lines
    if scenario.prices is not None:
        given["prices"] = scenario.prices
    return work(**asked, **given), scenario.catalogue


@click.command("work", cls=Command)
@_csv_option
@_work_options
def work_command(
    table_file: str | None,
    output: str,
    as_json: bool,
    scenario_file: str | None,
    link: str | None,
    lines_file: str | None,
    prices: str,
    **texts: str | None,
) -> None:
    """GPUs, hours and cost per million tokens of a demand, and the scenario that they make.

    With --csv every row is answered; its columns are options of this command. The scenario of the
    JSON answer is what tco breakeven --scenario takes.
    """
    told = {"scenario_file": scenario_file, "link": link, "lines_file": lines_file}
    if table_file is not None:
        _only_table({**texts, **told}, as_json)
        catalogue = catalogue_of(prices)
        extra: dict[str, Any] = {"prices": catalogue} if catalogue.extra else {}

        def answer(given: dict[str, str | None]) -> dict[str, Any]:
            asked = _work_values({n: text for n, text in given.items() if n in _OF_WORK})
            inputs = {
                name: parse(TAKEN[name], text)
                for name, text in given.items()
                if name in TAKEN and text is not None and text.strip()
            }
            return work(**asked, **inputs, **extra).to_dict()

        _answer_table(table_file, output, _OF_WORK, answer, with_inputs=True)
        return
    found, catalogue = _asked_work(texts, {**told, "prices": prices})
    results = found.to_dict()
    if as_json:
        results["speed"] = found.speed.to_dict()
        results["scenario"] = found.scenario.to_dict()
    _answer(catalogue, "work", results, output, as_json)


@click.command("substitutes", cls=Command)
@click.option("--gpus-compared", metavar="LIST", help="GPUs to compare, separated by commas.")
@_work_options
def substitutes_command(
    gpus_compared: str | None,
    output: str,
    as_json: bool,
    scenario_file: str | None,
    link: str | None,
    lines_file: str | None,
    prices: str,
    **texts: str | None,
) -> None:
    """The same work on every GPU, cheapest first, and why the others cannot do it."""
    told = {"scenario_file": scenario_file, "link": link, "lines_file": lines_file}
    found, catalogue = _asked_work(texts, {**told, "prices": prices})
    named = None if gpus_compared is None else [x.strip() for x in gpus_compared.split(",")]
    rows = substitutes(found, named)
    check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
    if as_json:
        write(output, stamped(catalogue, work=found.to_dict(), substitutes=records(rows)))
        return
    shown = (
        *("gpu", "rank", "side", "present_value_usd", "gpus", "utilization", "basis"),
        *("output_tokens_per_s", "usd_per_million_tokens", "tokens_per_s_per_kw", "why_not"),
    )
    write(output, table(rows, shown))


COMMANDS = (models_command, fit_command, speed_command, work_command, substitutes_command)
