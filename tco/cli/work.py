"""Commands that go from work to GPUs: what fits, how fast, how many, at what cost.

Each answers one workload, or with --csv a table of them, one a row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from tco.cli.commands import check_ending
from tco.cli.help import examples
from tco.cli.parameters import (
    asked_option,
    catalogue_of,
    input_options,
    json_option,
    output_option,
    question_command,
    read_text,
    scenario_from,
    wide_option,
)
from tco.cli.printing import aligned, at_rate, is_wide, listed, said_first, table
from tco.cli.streams import write
from tco.errors import DataError, InputError, Problem, suggestion, together
from tco.inputs import TAKEN
from tco.questions import QUESTIONS, Answered, Question
from tco.questions.answer import data_of

if TYPE_CHECKING:
    from tco.scenario import Scenario

_TABLE = (".csv", ".txt")


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


# What is not asked of a table.
_ALONE = ("flips", "against")


def _command(question: Question) -> click.Command:
    """The command that asks one question."""
    name, of_scenario = question.name.replace("_", "-"), question.of_scenario

    def run(table_file: str | None, output: str, as_json: bool, **told: Any) -> None:
        texts = {one.name: _text(told.pop(one.name)) for one in question.takes}
        beside = (*TAKEN, "scenario_file", "link", "lines_file") if of_scenario else ()
        inputs = {one: told.pop(one) for one in beside}
        if table_file is not None:
            of_all = {"top": texts.pop("top", None)}
            if as_json or any(text is not None for text in (*texts.values(), *inputs.values())):
                message = (
                    "csv: a table takes no other values and is answered as CSV; put them into "
                    "columns"
                )
                raise InputError([Problem("csv", message)])
            _answer_table(question, table_file, output, told.get("prices"), of_all)
            return
        check_ending(output, (".json",) if as_json else (".txt",), {".json": "with --json"})
        given = {one: text for one, text in texts.items() if text is not None}
        files = {one: inputs.pop(one) for one in beside[-3:]}
        asked, scenario = together(
            lambda: question.asked_of(given),
            lambda: (
                scenario_from(**files, prices=told["prices"], texts=inputs)
                if of_scenario
                else _nothing()
            ),
        )
        found = question.of(scenario, asked)
        write(output, found.json if as_json else at_rate(_told(found)))

    run.__doc__ = _MORE.get(question.name)
    run = output_option()(wide_option(json_option(run)))
    if of_scenario:
        run = input_options(run)
    for one in reversed(question.takes):
        run = asked_option(one)(run)
    run = click.option(
        "--csv", "table_file", metavar="FILE", help="A CSV table, one workload per row."
    )(run)
    epilog = examples(f"tco {one}" for one in _EXAMPLES[name])
    return question_command(question.name, epilog)(run)


def _nothing() -> Scenario:
    """The scenario of a question that is of none."""
    from tco.scenario import Scenario

    return Scenario()


def _text(given: Any) -> str | None:
    """What an option was given, as a text; None for nothing."""
    return "true" if given is True else given


def _told(found: Answered) -> str:
    """An answer for the terminal: what is said of it, then its one row, or its tables."""
    first = said_first(found)
    parts = [first]
    for at, (name, frame) in enumerate(found.frames.items()):
        if at == 0 and len(found.rows) == 1 and name not in _TABLES:
            (row,), told = found.rows, " ".join(first.split())
            results = {k: x for k, x in row.items() if k not in _SAID or str(x) not in told}
            parts.append(_all_of(row) if is_wide() else listed(results, name))
        else:
            parts.append(table(frame, "compare_api" if name == "offers" else name))
    return "\n".join(filter(None, parts))


# Results in words, which are no row where they are said first.
_SAID = ("sentence", "reason")
# What is a table even where it has one row.
_TABLES = ("substitutes", "offers")


def _all_of(row: Mapping[str, Any]) -> str:
    """Every result by its name."""
    return aligned(("result", "value"), list(row.items()))


def _answer_table(
    question: Question,
    table_file: str,
    output: str,
    prices: str | None,
    of_all: Mapping[str, str | None],
) -> None:
    """Answer every row of a CSV table; a row with an error says so in the column `error`.

    An answer of several rows repeats the row of its question. `of_all` is asked of every row.
    Beside amounts in USD stand those in the currency of the row, and last what made it.
    """
    from tco.analysis.sweep.csv_rows import echoed
    from tco.analysis.sweep.rows import ERROR
    from tco.cli.sweep import say_rows
    from tco.inputs.tables import rows_of, without_controls, wrong_length
    from tco.market.catalogue import load
    from tco.report.csv import cell, check_format, versions
    from tco.report.currency import document_in_currency
    from tco.words.figures import as_written

    check_ending(output, _TABLE, {})
    check_format(",", ".")
    (_, header), *rows = rows_of(read_text(table_file), table_file)
    taken = {one.name for one in question.takes} - {*_ALONE, *of_all}
    known = {*taken, *(TAKEN if question.of_scenario else ())}
    problems = [
        Problem(name, f"{name!r} is no column of this table{suggestion(name, known)}")
        for name in header
        if name not in known
    ]
    problems += [
        Problem(name, f"{name} is given twice")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    if not header:
        raise DataError(f"{table_file}, line 1: is empty; the first line names the inputs")
    if problems:
        raise InputError(problems)
    catalogue = load() if prices is None else catalogue_of(prices)
    data, stamps = data_of(catalogue), versions(catalogue)
    answers: list[tuple[list[str], dict[str, Any]]] = []
    wrong = 0
    for _, row in rows:
        given = dict(zip(header, map(as_written, row), strict=False))
        texts = {name: text for name, text in {**given, **of_all}.items() if text}
        try:
            if why := wrong_length(row, len(header)):
                raise InputError([Problem("csv", why)])
            answered = question.of_texts(texts, data)
            told_of = document_in_currency([*answered.rows], answered.conversion)
            answers += [(row, each) for each in told_of]
        except InputError as error:
            wrong += 1
            answers.append((row, {ERROR: str(error).replace("\n", "; ")}))
    names = [*_columns((tuple(found) for _, found in answers), {*header, ERROR}), ERROR]
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow([*header, *names, *stamps])
    for row, found in answers:
        told = (*(found.get(name) for name in names), *stamps.values())
        cells = (echoed(without_controls(text)) for text in map(as_written, row))
        padded = [*cells, *[""] * len(header)][: len(header)]
        writer.writerow([*padded, *map(cell, told)])
    write(output, made.getvalue())
    say_rows(len(rows), wrong)


def _columns(of_rows: Iterable[tuple[str, ...]], given: Container[str]) -> list[str]:
    """The columns of rows, each where it stands in its row; without those that are given."""
    names: list[str] = []
    for of_row in dict.fromkeys(of_rows):
        at = 0
        for name in of_row:
            if name in names:
                at = names.index(name) + 1
            elif name not in given:
                names.insert(at, name)
                at += 1
    return names


@question_command("models")
@wide_option
@json_option
def _models(as_json: bool) -> None:
    found = QUESTIONS["models"].of(_nothing(), {})
    write("-", found.json if as_json else table(found.frames["models"], "models"))


# What --help says of some of them, behind their summary.
_MORE = {
    "work": "With --csv, every row of a table is answered; its columns are named like the options "
    "of this command. The scenario in the JSON answer can be given to tco breakeven --scenario.",
    "substitutes": "With --csv, every row of a table is answered by a row for each GPU, or for the "
    "--top cheapest.",
    "successor": "After --refresh-months all hardware is sold and that of the successor is bought, "
    "at today's price unless --refresh-price-usd-per-gpu is given.",
    "other_work": "Give --units-per-day for work with a throughput, and --at-once for streams and "
    "seats. Where there is no measurement, give your own with --my-units.",
}
COMMANDS = (
    _models,
    *(_command(QUESTIONS[name.replace("-", "_")]) for name in _EXAMPLES),
)
