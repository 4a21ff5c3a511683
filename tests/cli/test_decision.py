"""Decisions in the shell: on record, printed, asked again, and beside what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tco.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
BILL, LOG = str(DOCS / "bill.csv"), str(DOCS / "gpu-log.csv")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def record(tmp_path: Path) -> str:
    path = str(tmp_path / "decision.tco.json")
    plan = ("--gpu", "L4", "--gpus", "8", "--rate-usd-per-gpu-hour", "0.8")
    done = run("decide", *plan, "--by", "Ada Example", "--on", "2026-08-01", "-o", path)
    assert done.exit_code == 0, done.output
    return path


def test_a_decision_is_not_of_a_day_to_come() -> None:
    done = run("decide", "--gpu", "L4", "--by", "Ada Example", "--on", "2999-01-01")
    assert done.exit_code == 2
    assert "on = '2999-01-01' is in the future: the day of the decision" in done.stderr


def test_a_decision_holds_until_its_inputs_move(record: str) -> None:
    done = run("recheck", record)
    assert done.exit_code == 0
    assert done.stdout.startswith("Still BUY: buying saves $")
    answer = json.loads(run("recheck", record, "--json").stdout)
    assert (answer["flipped"], answer["verdict"], answer["moves"]) == (False, "buy", [])


def test_a_decision_that_flipped_has_an_exit_code_of_its_own(record: str, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("gpu,usd,as_of\nL4,15000,2026-11-28\n")
    done = run("recheck", record, "--prices", str(prices))
    assert done.exit_code == 1
    assert done.stdout.startswith("Flipped from BUY to RENT since 2026-08-01, because the GPU")
    assert "Effect on the saving from buying" in done.stdout


def test_it_prints_with_a_line_to_sign(record: str, tmp_path: Path) -> None:
    told = run("decision", record).stdout
    assert "Ada Example" in told
    assert told.rstrip().splitlines()[-1].startswith("Date")
    page = tmp_path / "decision.html"
    assert run("decision", record, "-o", str(page)).exit_code == 0
    assert "<p>Signature</p>" in page.read_text()
    assert run("decision", record, "-o", "x.docx").exit_code == 2


def test_a_bill_and_a_log_stand_beside_the_plan(record: str) -> None:
    done = run("actuals", record, "--bill", BILL, "--telemetry", LOG)
    assert done.exit_code == 1
    assert "GPU-hours billed" in done.stdout  # a label, no name of code
    # 890 GPU-hours for $685.52 in October; 8 x 744 x 0.5 x 1.05 = 3,124.8 hours at $0.80 planned.
    answer = json.loads(run("actuals", record, "--bill", BILL, "--json").stdout)
    assert answer["planned"]["gpu_hours"] == pytest.approx(3_124.8)
    assert answer["gap_usd"] == pytest.approx(685.52 - 2_499.84)
    sum_of_parts = answer["rate_effect_usd"] + answer["volume_effect_usd"]
    assert sum_of_parts == pytest.approx(answer["gap_usd"])
    assert "−$1,787.84 from the hours" in done.stdout


def _billed(gpu_hours: str, usd: str) -> tuple[str, ...]:
    return ("--gpu-hours", gpu_hours, "--compute-usd", usd, "--hours", "730")


def test_what_was_paid_is_given_in_the_currency_of_the_record(tmp_path: Path) -> None:
    path = str(tmp_path / "euros.tco.json")
    euros = ("--currency", "EUR", "--fx-rate", "0.8", "--fx-as-of", "2026-11-20")
    run("decide", "--gpu", "L4", "--by", "Ada Example", *euros, "-o", path)
    paid = run("actuals", path, *_billed("500", "320 EUR"), "--json")
    assert json.loads(paid.stdout)["actual"]["compute_usd"] == 400
    wrong = run("actuals", path, *_billed("500", "320 GBP"))
    assert wrong.exit_code == 2
    assert "give it in USD or EUR, the currency of this scenario" in wrong.stderr
    assert "converted" not in wrong.stderr  # nothing was
    assert run("decision", path).stdout.rstrip().splitlines()[-1].startswith("Date")


def test_a_figure_counts_before_that_of_a_file(record: str) -> None:
    done = run("actuals", record, "--telemetry", LOG, "--utilization", "0.9", "--json")
    assert json.loads(done.stdout)["actual"]["utilization"] == 0.9


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("actuals", "{record}"), 2, "nothing was measured"),
        (("actuals", "{record}", "--bill", "none.csv"), 3, "none.csv"),
        (("actuals", "{record}", *_billed("1e14", "1")), 2, "too many GPUs at once"),
        (("actuals", "{record}", *_billed("1", "1e9")), 2, "more than $10,000 per GPU-hour"),
        (("decide", "--by", "Ada\nExample"), 2, "in one line"),
        (("actuals", "{record}", "--bill", LOG), 3, "gpu-log.csv"),
        (("recheck", BILL), 2, "decision record"),
        (("recheck", "none.json"), 3, "none.json"),
        (("decide", "--gpu", "L4"), 2, "--by"),
        (("decide", "--gpu", "L4", "--by", "A", "-o", "x.csv"), 2, "x.csv"),
    ],
)
def test_what_is_wrong_is_said(
    record: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run(*(one.format(record=record) for one in arguments))
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
