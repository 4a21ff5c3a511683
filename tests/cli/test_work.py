"""What fits, how fast, how many: from a shell."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import tco
from tco.cli import main, work

WORK = ["--model", "Llama-3.1-8B", "--users", "1000", "--use-case", "chat", "--gpu", "L4"]


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def test_each_command_says_what_the_function_says() -> None:
    model = ["--model", "Llama-3.1-8B", "--gpu", "L4"]
    fit = json.loads(
        run("fit", *model, "--prompt-tokens", "256", "--output-tokens", "128", "--json")
    )
    assert fit["fit"]["sequences"] == 99
    speed = json.loads(run("speed", *model, "--concurrency", "20", "--json"))["speed"]
    told = tco.speed("Llama-3.1-8B", "L4", concurrency=20)
    assert speed["output_tokens_per_s"] == told.output_tokens_per_s
    assert speed["basis"] == told.basis
    models = json.loads(run("models", "--json"))["models"]
    assert "Llama-3.1-8B" in {row["model"] for row in models}
    assert "Llama-3.1-8B" in run("models")
    assert "context_tokens" in run("fit", "--gpu", "L4", "--wide")


def test_work_hands_its_scenario_on(tmp_path: Path) -> None:
    answer = json.loads(run("work", *WORK, "--rate-usd-per-gpu-hour", "0.7", "--json"))["work"]
    found = tco.work(
        "Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4", rate_usd_per_gpu_hour=0.7
    )
    assert answer["gpus"] == found.gpus
    assert answer["scenario"] == json.loads(found.scenario.to_json())
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(answer["scenario"]))
    whole = json.loads(run("breakeven", "--scenario", str(path), "--json"))["results"]
    assert whole["own_npv_usd"] == found.costs.own_usd
    assert "GPU-hours per month" in run("work", *WORK)
    assert "gpu_hours_per_month" in run("work", *WORK, "--wide")
    rows = json.loads(run("substitutes", *WORK, "--gpus-compared", "L4,H100-SXM", "--json"))
    assert {row["gpu"] for row in rows["substitutes"]} == {"L4", "H100-SXM"}
    assert "why not" in run("substitutes", *WORK, "--gpus-compared", "L4,T4")


@pytest.mark.parametrize("command", ["fit", "speed", "work"])
def test_one_workload_a_row(command: str, tmp_path: Path) -> None:
    path = tmp_path / "work.csv"
    more = {"work": ",requests_per_day,utilization", "fit": ",kv_bits", "speed": ",concurrency"}
    values = {"work": ",100000,", "fit": ",16", "speed": ",20"}
    path.write_text(
        f"model,gpu{more[command]}\nLlama-3.1-8B,L4{values[command]}\n"
        f"nobody,L4{values[command]}\nQwen3-8B,L40S{values[command]}\n"
    )
    told = run(command, "--csv", str(path), "-o", str(tmp_path / "answers.csv"), code=1)
    assert "3 rows, 1 with an error" in told
    rows = list(csv.DictReader(io.StringIO((tmp_path / "answers.csv").read_text())))
    assert [bool(row["error"]) for row in rows] == [False, True, False]
    assert "not a known model" in rows[1]["error"]
    assert rows[0]["model"] == "Llama-3.1-8B"
    column = {"work": "gpus", "fit": "sequences", "speed": "output_tokens_per_s"}[command]
    assert float(rows[0][column]) > 0


@pytest.mark.parametrize(
    "example", [one for listed in work._EXAMPLES.values() for one in listed], ids=str
)
def test_the_examples_of_the_help_run_as_text_and_as_json(example: str) -> None:
    command, *options = example.split()
    assert example in " ".join(run(command, "--help").replace("\\\n", " ").split())
    assert run(command, *options).strip()
    answer = json.loads(run(command, *options, "--json"))
    assert answer[command.replace("-", "_")]


def test_substitutes_of_many_workloads(tmp_path: Path) -> None:
    path, made = tmp_path / "work.csv", tmp_path / "answers.csv"
    path.write_text(
        "model,users,use_case,gpu,gpus_compared\n"
        'Llama-3.1-8B,1000,chat,L4,"L4, L40S, H100-SXM"\nnobody,1000,chat,L4,\n'
        "Qwen3-8B,500,chat,L40S,L4; L40S\n"
    )
    told = run("substitutes", "--csv", str(path), "--top", "2", "-o", str(made), code=1)
    assert "3 rows, 1 with an error" in told
    rows = list(csv.DictReader(io.StringIO(made.read_text())))
    assert [(row["model"], row["rank"]) for row in rows] == [
        *(("Llama-3.1-8B", "1"), ("Llama-3.1-8B", "2"), ("nobody", "")),
        *(("Qwen3-8B", "1"), ("Qwen3-8B", "2")),
    ]
    chat = tco.work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4")
    best = tco.substitutes(chat, ["L4", "L40S", "H100-SXM"]).iloc[0]
    assert rows[0]["substitute"] == best["gpu"]
    assert float(rows[0]["present_value_usd"]) == best["present_value_usd"]


@pytest.mark.parametrize(
    ("command", "table", "column"),
    [
        ("compare-api", "model,requests_per_day,gpu\nLlama-3.1-8B,1e5,L4\n", "cheapest"),
        (
            "serverless",
            "model,requests_per_day,usd_per_gpu_second\nLlama-3.1-8B,2000,0.0002\n",
            "usd_per_month",
        ),
        ("other-work", "kind,at_once,gpu\nvideo,1040,L4\n", "gpus"),
        (
            "successor",
            "model,requests_per_day,gpu,refresh_gpu,refresh_months\nLlama-3.1-8B,5e6,L4,L40S,18\n",
            "gpus_after",
        ),
        ("training", "parameters,tokens,mfu,days,gpu\n8e9,1e12,0.4,20,H100-SXM\n", "gpu_hours"),
        ("work", 'model,requests_by_hour,gpu\nLlama-3.1-8B,"0,100;5000",L4\n', "gpus"),
    ],
)
def test_other_questions_of_a_table(command: str, table: str, column: str, tmp_path: Path) -> None:
    path, made = tmp_path / "work.csv", tmp_path / "answers.csv"
    path.write_text(table)
    run(command, "--csv", str(path), "-o", str(made))
    (row,) = csv.DictReader(io.StringIO(made.read_text()))
    assert row[column]
    assert not row["error"]


def test_work_says_from_which_speed_buying_wins() -> None:
    found = tco.work("Llama-3.1-8B", users=1_000, use_case="chat", gpu="L4")
    told = run("work", *WORK, "--flips", "--wide")
    assert tco.speed_breakeven(found).sentence in told
    assert tco.speed_breakeven(found, "api").sentence in told
    assert "output_tokens_per_s" in told
    answer = json.loads(run("work", *WORK, "--against", "H100-SXM", "--json"))
    (one,) = answer["speed_breakeven"]
    assert one["sentence"] == tco.speed_breakeven(found, "H100-SXM").sentence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["speed", "--gpu", "L4"], "model is missing"),
        (["work", "--model", "Llama-3.1-8B", "--users", "many"], "is not a number"),
        (
            ["work", "--model", "Llama-3.1-8B", "--input-tokens-per-day", "5"],
            "output_tokens_per_day",
        ),
        (["speed", "--model", "Lama", "--gpu", "L4"], "not a known model"),
        (["work", *WORK, "--csv", "x.csv"], "a table takes no other values"),
        (["work", "--flips", "--csv", "x.csv"], "a table takes no other values"),
        (["other-work", "--at-once", "5"], "kind is missing"),
        (["serverless", *WORK], "usd_per_gpu_second is missing"),
        (["training", "--tokens", "1e12"], "mfu is missing"),
        (["successor", *WORK], "refresh_gpu is missing"),
        (["successor", *WORK, "--refresh-gpu", "L40S"], "refresh_months is missing"),
        (["work", "--model", "Llama-3.1-8B", "--requests-by-hour", "1,x"], "is not a number"),
        (["video"], "did you mean tco other-work --kind video?"),
        (["vdi"], "did you mean tco other-work --kind seats?"),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], words: str) -> None:
    assert words in run(*arguments, code=2)


def test_a_row_that_is_none_is_an_error_of_its_own_and_no_cell_runs(tmp_path: Path) -> None:
    path = tmp_path / "work.csv"
    path.write_text(
        "model,gpu\nLlama-3.1-8B,L4,L40S\n=cmd(),L4\nLlama-3.1-8B\n,\n'=1+1,L4\nLlama-3.1-8B,L4,\n"
    )
    run("speed", "--csv", str(path), "-o", str(tmp_path / "made.csv"), code=1)
    header, *rows = csv.reader(io.StringIO((tmp_path / "made.csv").read_text()))
    assert {len(row) for row in rows} == {len(header)}
    error = header.index("error")
    assert [(row[0], row[1], row[error].partition(":")[0]) for row in rows] == [
        ("Llama-3.1-8B", "L4", "3 cells instead of 2"),
        ("'=cmd()", "L4", "model = '=cmd()' is not a known model"),
        ("Llama-3.1-8B", "", "1 cells instead of 2"),
        ("'=1+1", "L4", "model = '=1+1' is not a known model"),
        ("Llama-3.1-8B", "L4", ""),
    ]
    for text, code, said in (
        ('model,gpu\n"x', 3, "is a quote not closed?"),
        ("", 3, "work.csv, line 1: is empty; the first line names the inputs"),
        ("gpu,gpu\n", 2, "given twice"),
    ):
        path.write_text(text)
        assert said in run("speed", "--csv", str(path), code=code)


def test_unknown_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "work.csv"
    path.write_text("model,gpu,concurency\nLlama-3.1-8B,L4,5\n")
    assert "did you mean concurrency" in run("speed", "--csv", str(path), code=2)
