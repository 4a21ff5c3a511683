"""`tco bill` and `tco from-bill`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tco
from tco.cli import main

BILL = str(Path(__file__).resolve().parents[2] / "docs" / "bill.csv")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_bill_for_people() -> None:
    done = run("bill", BILL)
    assert done.exit_code == 0
    assert done.stdout.startswith("890.00 GPU-hours in use at $0.7702 per GPU-hour.\n")
    assert "\N{MINUS SIGN}50.00" in done.stdout
    assert "total of the files     720.12" in done.stdout


def test_a_bill_for_machines(tmp_path: Path) -> None:
    found = json.loads(run("bill", BILL, "--json").stdout)
    assert found["bill"]["gpu_hours"] == 890
    assert sum(row["cost"] for row in found["amounts"]) == pytest.approx(found["bill"]["total"])
    assert [row["region"] for row in found["usage"]] == ["us-east-1", "us-west-2"]
    hours = run("bill", BILL, "--table", "hourly").stdout.splitlines()
    assert hours[0] == "hour,gpu,region,term,gpu_hours"
    assert len(hours) == 1 + 2 * 744
    demand = tmp_path / "demand.csv"
    assert run("bill", BILL, "--gpu", "L4", "--demand", str(demand)).exit_code == 0
    rows = demand.read_text().splitlines()
    assert (rows[0], len(rows)) == ("time,value,unit", 745)
    assert rows[1].startswith("2026-10-01T00:00Z,1.19623")


def test_the_demand_of_a_bill_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "demand.csv"
    run("bill", BILL, "--term", "spot", "--demand", str(path))
    curve, told = tco.demand_curve(str(path)), tco.read_bill(BILL).demand(term="spot")
    assert (curve.gpus, curve.hours, curve.step_hours) == (told.gpus, 744, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("bill",), 2, "Missing argument"),
        (("bill", "none.csv"), 3, "no such file"),
        (("bill", BILL, "--format", "cur"), 3, "those of --format focus"),
        (("bill", BILL, "--format", "csv"), 2, "is not one of focus, cur, gcp, azure"),
        (("bill", BILL, "--gpu", "T4", "--demand", "-"), 2, "not on the bill, which has L4"),
        (("bill", BILL, "--json", "--table", "usage"), 2, "--json has all of them"),
        (("bill", BILL, "-o", "a.json"), 2, "with --json"),
        (("from-bill", "--monthly-usd", "much"), 2, "is text, not a number"),
        (("from-bill", "--monthly-usd", "1000..2000"), 2, "is a range"),
        (("from-bill", "--monthly-usd", "1e9", "--gpus", "1"), 2, "more than these GPUs cost"),
        (("from-bill",), 2, "Missing option"),
    ],
)
def test_errors(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_from_bill() -> None:
    given = ("--gpus", "8", "--rate-usd-per-gpu-hour", "0.70", "--billing-overhead", "0")
    done = run("from-bill", "--monthly-usd", "1470", *given)
    assert done.stdout == "A bill of $1,470 for the month means a utilization of 36 %.\n"
    assert run("from-bill", "--monthly-usd", "1470", *given, "--wide").stdout.endswith("0.359589\n")
    euro = (*given, "--currency", "EUR", "--fx-rate", "0.5")
    told, rate = run("from-bill", "--monthly-usd", "735 EUR", *euro).stdout.split("\n\n")
    assert f"{told}\n" == done.stdout.replace("$1,470", "€735")
    assert "at 0.5 EUR per USD" in rate
    found = json.loads(run("from-bill", "--monthly-usd", "1470", *given, "--json").stdout)
    assert found["from_bill"]["utilization"] == pytest.approx(0.359589, abs=1e-6)
    assert found["scenario"]["gpus"] == 8


LOG = str(Path(BILL).with_name("gpu-log.csv"))


def test_telemetry(tmp_path: Path) -> None:
    done = run("telemetry", LOG)
    first, _, *rows = done.stdout.splitlines()
    assert first == "The GPUs were busy 62.5 % of the time."
    assert [" ".join(row.split()) for row in rows[:3]] == [
        *("utilization 62.5 %", "load factor 92.4 %", "idle power 17 W"),
    ]
    wide = run("telemetry", LOG, "--wide").stdout.splitlines()[1:4]
    assert [line.split()[1] for line in wide] == ["0.625", "0.923611", "17"]
    path = tmp_path / "log.json"
    assert run("telemetry", LOG, "--json", "-o", str(path)).exit_code == 0
    found = json.loads(path.read_text())
    assert found["scenario"]["inputs"]["utilization"] == 0.625
    assert [row["hours"] for row in found["by_gpu"]] == [pytest.approx(2 / 60)] * 2
    path.write_text(json.dumps(found["scenario"]))
    asked = json.loads(run("breakeven", "--scenario", str(path), "--json").stdout)
    assert asked["scenario"] == found["scenario"]["inputs"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("telemetry", BILL), 3, "no column timestamp"),
        (("telemetry", "none.csv"), 3, "no such file"),
        (("telemetry", LOG, "--gpu", "L5"), 2, "is not in the catalog"),
        (("telemetry", LOG, "--every", "0"), 2, "every = 0.0 is not above 0"),
    ],
)
def test_errors_of_logs(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, said in done.output) == (code, True), done.output
