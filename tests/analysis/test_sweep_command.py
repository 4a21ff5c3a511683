"""The command `tco sweep`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tco.analysis.sweep import sweep as swept
from tco.cli import main
from tco.model.results import RESULTS

GRID = {"gpu": ["L4", "T4"], "utilization": {"first": 0.2, "last": 1, "count": 5}}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["sweep", *map(str, arguments)], catch_exceptions=False)


def test_a_grid_to_standard_output() -> None:
    result = run("--grid", json.dumps(GRID))
    assert result.exit_code == 0
    assert "tco: 10 rows, 0 with an error" in result.stderr
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    expected = swept(GRID)
    assert [float(row["npv_saving_usd"]) for row in found] == expected["npv_saving_usd"].tolist()
    assert [row["verdict"] for row in found] == expected["verdict"].tolist()


@pytest.mark.parametrize("name", ["answers.csv", "answers.parquet", "answers"])
def test_a_file_into_files(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / name
    source.write_text("team,utilization\na,0.5\nb,60\nc,0.7\n")
    told = (source, "-o", target, "--carry", "team", "--workers", "1", "--chunk-rows", "2")
    result = run(*told)
    assert result.exit_code == 1
    assert "tco: 3 rows, 1 with an error" in result.stderr
    found = pd.read_csv(target) if name.endswith("csv") else pd.read_parquet(target)
    assert found["team"].tolist() == ["a", "b", "c"]
    assert found["error"].notna().tolist() == [False, True, False]
    assert set(RESULTS) < set(found.columns)
    again = run(*told)
    assert (again.exit_code, "3 rows, 1 with" in again.stderr) == (1, True)


def test_a_grid_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "grid.json").write_text(json.dumps(GRID))
    assert run("--grid", tmp_path / "grid.json", "-o", tmp_path / "answers.csv").exit_code == 0
    assert len(pd.read_csv(tmp_path / "answers.csv")) == 10


def test_begun_anew_when_asked(tmp_path: Path) -> None:
    target = tmp_path / "answers"
    assert run("--grid", '{"pue": [1.1, 1.2]}', "-o", target).exit_code == 0
    other = ("--grid", '{"pue": [1.1, 1.3]}', "-o", target)
    refused = run(*other)
    assert (refused.exit_code, "--no-resume" in refused.stderr) == (2, True)
    assert run(*other, "--no-resume").exit_code == 0
    assert pd.read_parquet(target)["pue"].tolist() == [1.1, 1.3]


def test_prices_of_ones_own(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("gpu,price_basis,usd,as_of\nL4,street,9000,2026-11-20\n")
    plain = run("--grid", '{"gpu": "L4"}').stdout
    own = run("--grid", '{"gpu": "L4"}', "--prices", prices)
    assert own.exit_code == 0
    assert "newest of" in own.stderr
    assert own.stdout != plain


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "give either a file or folder, or --grid"),
        (("cases.csv", "--grid", "{}"), 2, "give either a file or folder, or --grid"),
        (("--grid", "{"), 2, "not a JSON document"),
        (("--grid", '{"pue": 1, "pue": 2}'), 2, "pue is given twice"),
        (("--grid", "{}"), 2, "is no grid"),
        (("--grid", '{"pue": NaN}'), 2, "pue[0] = nan is outside"),
        (("--grid", '{"utilization": {"first": 1, "last": 0, "count": 2}}'), 2, "above the last"),
        (("--grid", "none.json"), 3, "none.json"),
        (("none.csv",), 3, "none.csv: no such file or folder"),
        (("--grid", '{"pue": 1}', "--workers", "0"), 2, "workers = 0 is not a whole number"),
        (("--grid", '{"pue": 1}', "--chunk-rows", "0"), 2, "chunk_rows = 0"),
        (("--grid", '{"pue": 1}', "-o", "no/answers.csv"), 3, "there is no folder"),
    ],
)
def test_what_is_wrong(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stdout == ""
