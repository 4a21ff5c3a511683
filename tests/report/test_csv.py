"""The CSV report: listed columns, safe text, numbers that stay numbers."""

from __future__ import annotations

import csv
import io
import math
import subprocess
import sys
from pathlib import Path

import pytest

import tco
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.model.results import RESULTS, VERDICTS
from tco.report.csv import cell, ledger_csv, report_csv, table
from tco.report.schema import (
    LEDGER_REPORT_COLUMNS,
    ODDS_MEANINGS,
    REPORT_COLUMNS,
    RESULT_MEANINGS,
    STAMP_COLUMNS,
)
from tco.version import MODEL_VERSION, SCHEMA_VERSION

ROOT = Path(__file__).resolve().parents[2]


def rows(text: str, sep: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=sep))


def test_every_input_and_every_result_is_in_the_report() -> None:
    scenario = tco.Scenario(gpu="L4", utilization=0.6)
    text = report_csv(scenario)
    found = rows(text)
    assert text.splitlines()[0].split(",") == list(REPORT_COLUMNS)
    assert [row["name"] for row in found if row["section"] == "input"] == list(INPUTS)
    assert {row["name"] for row in found if row["section"] == "result"} == {
        *RESULTS,
        "reason",
        *ODDS_MEANINGS,
    }
    stamps = {row["name"]: row["value"] for row in found if row["section"] == "stamp"}
    assert stamps["model_version"] == MODEL_VERSION
    assert stamps["schema_version"] == str(SCHEMA_VERSION)
    assert stamps["data_date"] == load().newest
    for row in found:
        if row["section"] == "input" and row["status"] == "default" and row["source"]:
            assert row["url"].startswith("http")
            assert row["as_of"]


def test_results_read_back_as_the_same_numbers() -> None:
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    values = {row["name"]: row["value"] for row in rows(report_csv(answer.scenario))}
    for name in RESULTS:
        result = getattr(answer, name)
        if isinstance(result, str):
            assert values[name] == result
        else:
            assert float(values[name]) == result


def test_the_odds_stand_behind_the_verdict() -> None:
    found = [row for row in rows(report_csv(tco.Scenario(gpu="L4"))) if row["section"] == "result"]
    assert [row["name"] for row in found[:4]] == ["verdict", *ODDS_MEANINGS]
    odds = tco.simulate(gpu="L4")
    assert float(found[1]["value"]) == odds.chance_buy
    assert found[2]["value"] == odds.confidence
    assert found[3]["value"] == odds.median_future


def test_without_scipy_the_report_says_why_there_are_no_odds() -> None:
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "import tco\nfrom tco.report.csv import report_csv\n"
        "sys.stdout.write(report_csv(tco.Scenario(gpu='T4')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = {row["name"]: row for row in rows(done.stdout)}
    for name in ODDS_MEANINGS:
        assert found[name]["value"] == ""
        assert "need scipy" in found[name]["note"]
    assert found["verdict"]["value"] in VERDICTS


def test_none_is_an_empty_cell() -> None:
    text = report_csv(tco.Scenario(price_usd_per_gpu=10**6))
    values = {row["name"]: row["value"] for row in rows(text)}
    assert values["months"] == values["hours"] == ""
    assert values["status"] == "never"
    assert "inf" not in {row["value"] for row in rows(text)}
    assert "nan" not in text.lower().split(",")


def test_the_ledger_adds_up_to_the_results() -> None:
    scenario = tco.Scenario(gpu="L4", term="1yr", horizon_months=30)
    found = rows(ledger_csv(scenario))
    assert list(found[0]) == [*LEDGER_REPORT_COLUMNS, *STAMP_COLUMNS]
    assert {row["model_version"] for row in found} == {MODEL_VERSION}
    answer = tco.breakeven(scenario)
    for option, total in (("own", answer.own_npv_usd), ("rent", answer.rent_npv_usd)):
        paid = sum(float(row["present_value_usd"]) for row in found if row["option"] == option)
        assert paid == pytest.approx(total, rel=1e-9)


def test_decimal_commas() -> None:
    text = ledger_csv(tco.Scenario(gpu="L4"), sep=";", decimal=",")
    found = rows(text, ";")
    plain = rows(ledger_csv(tco.Scenario(gpu="L4")))
    for row, same in zip(found, plain, strict=True):
        assert row["cost_usd"].replace(",", ".") == same["cost_usd"]
    with pytest.raises(tco.InputError, match="choose another sep"):
        ledger_csv(tco.Scenario(), decimal=",")
    with pytest.raises(tco.InputError, match="is not a comma, semicolon"):
        ledger_csv(tco.Scenario(), sep="=")
    with pytest.raises(tco.InputError, match="is not a point or a comma"):
        ledger_csv(tco.Scenario(), decimal=":")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert cell(text) == f"'{text}".replace("\r", "\n")


@pytest.mark.parametrize("number", [-1.5, 0.1, 1e-7, 1e300, 2**60, -0.0, 1 / 3])
def test_numbers_stay_numbers(number: float) -> None:
    assert float(cell(number)) == number
    assert not cell(number).startswith("'")


def test_other_cells() -> None:
    assert cell(math.nan) == cell(-math.inf) == cell(None) == ""
    assert cell("a\x00b") == "ab"
    assert table(("a",), [("x,y",), ('"',)]) == 'a\n"x,y"\n""""\n'


def test_the_report_is_about_one_scenario() -> None:
    with pytest.raises(tco.InputError, match="one scenario at a time"):
        report_csv(tco.Scenario(utilization=[0.1, 0.2]))


def test_the_published_columns() -> None:
    """A change of these is a change of SCHEMA_VERSION."""
    assert SCHEMA_VERSION == 6
    assert ",".join(REPORT_COLUMNS) == (
        "section,name,value,unit,status,low,high,source,url,as_of,age_days,freshness,note"
    )
    assert ",".join(LEDGER_REPORT_COLUMNS) == (
        "option,item,month,t_months,cost_usd,present_value_usd"
    )
    assert ",".join(STAMP_COLUMNS) == ("data_age_days,model_version,data_date,schema_version")
    assert set(RESULT_MEANINGS) == {*RESULTS, "reason"}
    assert ",".join(ODDS_MEANINGS) == "chance_buy,confidence,median_future"


def test_a_spreadsheet_reads_it(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "ledger.csv"
    path.write_text(ledger_csv(tco.Scenario(gpu="L4")))
    frame = pd.read_csv(path)
    assert frame["cost_usd"].dtype == float
    assert frame["month"].dtype == int
    ledger = tco.ledger(gpu="L4")
    pd.testing.assert_frame_equal(frame[list(ledger.columns)], ledger, check_dtype=False, rtol=0)
