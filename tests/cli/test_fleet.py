"""`tco fleet` in the shell: the routes to a demand, the formats, the errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tco.cli import main

WEEK = "value\n" + "\n".join(map(str, [10] * 40 + [4] * 80 + [2] * 48))
L4 = ("--gpu", "L4", "--rate-usd-per-gpu-hour", "0.8")


def run(*arguments: str, text: str | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["fleet", *arguments], input=text)
    return done.exit_code, done.stdout, done.stderr


def test_a_week_as_table_csv_and_json(tmp_path: Path) -> None:
    path = tmp_path / "week.csv"
    path.write_text(WEEK, encoding="utf-8")
    code, out, _ = run("--week", str(path), *L4)
    assert code == 0
    assert out.startswith("Own 4 of 10 GPUs and rent the rest as needed: $")
    assert "168 hours, a week from Monday 0:00 on" in out
    code, out, _ = run("--week", str(path), *L4, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["owned"] for row in rows] == ["true"] * 4 + ["false"] * 6
    assert rows[0]["buy_month"] == "0"
    assert rows[9]["buy_month"] == ""
    code, out, _ = run("--week", str(path), *L4, "--format", "json")
    found = json.loads(out)
    assert found["fleet"]["owned"] == 4
    assert found["fleet"]["units"][9]["buy_month"] is None
    assert found["fleet"]["demand"]["hours"] == 168
    assert "NaN" not in out


def test_every_route_to_a_demand() -> None:
    hours = "time,value,unit\n2026-03-01T00:00Z,2,gpus\n2026-03-01T01:00Z,1,gpus\n"
    assert run("--demand", "-", *L4, text=hours)[0] == 0
    assert run("--mean-gpus", "4", "--peak-over-mean", "2.5", *L4)[0] == 0
    code, out, _ = run("--demand", "burstgpt_chat", "--peak-gpus", "40", *L4)
    assert code == 0
    assert "A public trace: BurstGPT" in out
    code, out, _ = run("--buy-plan", "0:8,12:8", "--utilization", "0.6", *L4, "--format", "json")
    assert json.loads(out)["fleet"]["calendar"][1] == {"month": 12, "gpus": 8, "owned": 16}


def test_a_week_may_be_a_load_and_has_168_hours() -> None:
    rows = [f"{row},requests" if at else "value,unit" for at, row in enumerate(WEEK.splitlines())]
    load = "\n".join(rows)
    code, out, _ = run("--week", "-", "--peak-gpus", "5", *L4, text=load)
    assert code == 0
    assert "Scaled to a peak of 5 GPUs (2 requests for each)" in out
    code, _, err = run("--week", "-", *L4, text="value\n1\n2\n")
    assert (code, err) == (
        2,
        "tco: week has 2 rows: give the column value alone, 168 hours from Monday 0:00 on\n",
    )


def test_limits_growth_and_terms() -> None:
    limits = ("--site-kw", "1,0.5", "--demand-growth-per-year", "0.5")
    more = ("--minimum-billing-hours", "4", "--rental-options", "on_demand, committed_1yr")
    hours = "value\n" + "\n".join(["9", "9", "4"] * 10)
    code, out, _ = run("--demand", "-", *limits, *more, *L4, text=hours)
    assert code == 0
    assert "Site power: " in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "demand is missing"),
        (("--demand", "a.csv", "--mean-gpus", "3"), "--demand and --mean-gpus are given"),
        (("--demand", "burstgpt_chat"), "peak_gpus is missing"),
        (("--demand", "burstgpt_chat", "--peak-gpus", "x"), "peak_gpus = 'x' is not a number"),
        (("--buy-plan", "8"), "buy_plan = '8' is no list of months and GPUs such as 0:8,12:8"),
        (("--buy-plan", "0:8,0:4"), "has month 0 twice"),
        (("--mean-gpus", "3"), "mean_gpus = 3 needs peak_over_mean or peak_gpus"),
    ],
)
def test_what_is_no_demand_is_one_clear_error(arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_file_that_is_not_there_is_said() -> None:
    code, _, err = run("--demand", "nowhere.csv")
    assert code == 3
    assert "nowhere.csv: No such file" in err
