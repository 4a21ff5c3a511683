"""`--lines`: the user's own lines from a file, for every command."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tco
from tco import Line, Scenario
from tco.cli import main
from tco.version import SCHEMA_VERSION

FORMULA = "=cmd|' /C calc'!A0"
LINES = (
    Line(name="VAT", side="rent", usd=0.21, basis="item:compute"),
    Line(name="credits", side="rent", usd=-1, basis="item:compute", last_month=12, cap_usd=50_000),
    Line(name=FORMULA, side="own", usd=12.5, basis="rack", growth="opex"),
)
TABLE = (
    "name,side,usd,basis,when,first_month,last_month,growth,cap_usd\n"
    "VAT,rent,0.21,item:compute,,,,,\n"
    "credits,rent,-1,item:compute,,,12,,50000\n"
    f"{FORMULA},own,12.5,rack,,,,opex,\n"
    ",,,,,,,,\n"
)
LINED = Scenario(gpu="L4", utilization=0.6, lines=LINES)
MANY = "name,side,usd\n" + "".join(f"{at},own,1\n" for at in range(1_000))
ASKED = ("--gpu", "L4", "--utilization", "0.6")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "lines.csv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


def run(*arguments: str, code: int = 0, **more: Any) -> str:
    done = CliRunner().invoke(main, arguments, **more)
    assert done.exit_code == code, done.output
    return done.output if code else done.stdout


def test_an_answer_counts_them(file: str) -> None:
    told = json.loads(run("breakeven", *ASKED, "--lines", file, "--json"))
    assert told["results"]["npv_saving_usd"] == tco.breakeven(LINED).npv_saving_usd
    assert Scenario.from_dict(told["scenario"]) == LINED
    assert told["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("sep", [";", "\t", "|"])
def test_other_separators_decimal_commas_and_standard_input(mark: str, sep: str) -> None:
    text = TABLE.replace(FORMULA, "cage").replace(",", sep).replace("0.21", "0,21")
    told = json.loads(run("breakeven", *ASKED, "--lines", "-", "--json", input=mark + text))
    found = Scenario.from_dict(told["scenario"]).lines
    assert found == (
        *LINES[:2],
        Line(name="cage", side="own", usd=12.5, basis="rack", growth="opex"),
    )


@pytest.mark.parametrize("command", ["ledger", "report", "flips", "tornado", "options", "stress"])
def test_every_command_takes_them(command: str, file: str) -> None:
    form = ["--json"] if command in ("ledger", "report") else ["--format", "json"]
    told = json.loads(run(command, *ASKED, "--lines", file, *form))
    assert Scenario.from_dict(told["scenario"]) == LINED
    plain = json.loads(run(command, *ASKED, *form))
    key = {"ledger": "ledger", "report": "results"}.get(command, command)
    assert told[key] != plain[key]


def test_a_ledger_has_a_row_a_line_and_month_and_no_formula(file: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run("ledger", *ASKED, "--lines", file))))
    assert [row["month"] for row in rows if row["item"] == "VAT"] == [str(m) for m in range(1, 37)]
    assert FORMULA not in {row["item"] for row in rows}
    assert f"'{FORMULA}" in {row["item"] for row in rows}
    frame = tco.ledger(LINED)
    assert FORMULA in set(frame["item"])
    assert len(frame) == len(rows)


def test_a_file_of_a_scenario_brings_its_lines_and_the_option_replaces_them(
    tmp_path: Path, file: str
) -> None:
    other = Scenario(gpu="L4", utilization=0.6, lines=[Line(name="fee", side="own", usd=1)])
    path = tmp_path / "mine.tco.json"
    path.write_text(other.to_json(), encoding="utf-8")
    kept = json.loads(run("breakeven", "--scenario", str(path), "--json"))
    assert Scenario.from_dict(kept["scenario"]) == other
    replaced = json.loads(run("breakeven", "--scenario", str(path), "--lines", file, "--json"))
    assert Scenario.from_dict(replaced["scenario"]) == LINED


def test_all_rows_of_a_table_have_them(tmp_path: Path, file: str) -> None:
    table = tmp_path / "scenarios.csv"
    table.write_text("gpu,utilization\nL4,0.6\nT4,0.3\nL4,7\n", encoding="utf-8")
    answers, out = tmp_path / "answered.csv", tmp_path / "answers.csv"
    run("breakeven", "--csv", str(table), "--lines", file, "-o", str(answers), code=1)
    rows = list(csv.DictReader(io.StringIO(answers.read_text("utf-8"))))
    assert float(rows[0]["npv_saving_usd"]) == tco.breakeven(LINED).npv_saving_usd
    asked = Scenario(gpu="T4", utilization=0.3, lines=LINES)
    saving = tco.breakeven(asked).npv_saving_usd
    assert float(rows[1]["npv_saving_usd"]) == pytest.approx(saving, rel=1e-12)
    assert "utilization = 7 is outside" in rows[2]["error"]
    run("sweep", str(table), "--lines", file, "-o", str(out), code=1)
    swept = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["npv_saving_usd"] for row in swept] == [row["npv_saving_usd"] for row in rows]
    # Parts made with other lines are not gone on with.
    folder = tmp_path / "parts"
    run("sweep", str(table), "--lines", file, "-o", str(folder), code=1)
    told = run("sweep", str(table), "-o", str(folder), code=2)
    assert "another lines" in told


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("name,side,usd\na,own,x\nb,us,1\n", 2, "lines.csv, row 2: line 'a': usd = 'x' is not a"),
        ("name,side,usd\na,own,x\nb,us,1\n", 2, "lines.csv, row 3: line 'b': side = 'us' is not"),
        ("name,side,usd,basis\na,rent,\"1,500\",busy_gpu_hour\n", 2, "could mean 1.5 or 1500"),
        ("name;side;usd\na;own;1.234\n", 2, "usd = '1.234' could mean 1.234 or 1234"),
        ("name,side,amount\na,own,1\n", 3, "'amount' is not a field of a line; did you mean usd?"),
        ("name,side,usd\na,own,0,5\n", 2, "4 cells instead of 3: a cell with a comma"),
        ('[{"name": "a"}]', 3, "is a JSON document"),
        ("name,side,usd\na,own\n", 2, "lines.csv, row 2: 2 cells instead of 3"),
        ("name,side,usd\na,own,1\na,own,1\n", 2, "row 3: 'a' is the name of two lines"),
        (MANY, 2, "lines.csv: 1,000 lines exceed the limit of 100: combine some of them\n"),
        ("name,side\na,own\n", 3, "lines.csv, row 1: no column usd"),
        ("name,side,usd,usdd\n", 3, "'usdd' is not a field of a line; did you mean usd?"),
        ("name,side,usd,usd\n", 3, "usd is given twice"),
        ("", 3, "row 1: is empty; it names the columns: name, side, usd"),
        ('name,side,usd\n"a,own,1\n', 3, "lines.csv, line"),
        (b"name,side,usd\n\xe9,own,1\n", 3, "lines.csv, row 2: byte 0xe9 is not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_row(
    tmp_path: Path, text: str | bytes, code: int, said: str
) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    assert said in run("breakeven", "--lines", str(path), code=code)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "nothing.csv" in run("breakeven", "--lines", str(tmp_path / "nothing.csv"), code=3)


def test_reports_of_every_kind(tmp_path: Path, file: str) -> None:
    for name in ("report.csv", "report.html"):
        path = tmp_path / name
        run("report", *ASKED, "--lines", file, "-o", str(path))
        text = path.read_text(encoding="utf-8")
        assert "21 % of compute, every month" in text


def test_empty_columns_and_rows_around_lines_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("\n,,,,\nname,side,usd,,\nfee,own,5,,\nother,rent,6,\n")
    told = json.loads(run("breakeven", "--lines", str(path), "--json"))
    assert [line["name"] for line in told["scenario"]["lines"]] == ["fee", "other"]
