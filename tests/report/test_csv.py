"""The CSV report: listed columns, safe text, numbers that stay numbers."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
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
    REPORT_SECTIONS,
    RESULT_MEANINGS,
    STAMP_COLUMNS,
)
from tco.version import MODEL_VERSION, SCHEMA_VERSION
from tests.neutral import neutral

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
        "energy_kwh",
        "energy_kwh_per_month",
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
            assert float(values[name]) == pytest.approx(result, rel=1e-14)


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


LINED = tco.Scenario(
    gpu="L4",
    utilization=0.1 + 0.2,
    pue=2.5,
    horizon_months=25,
    currency="EUR",
    fx_rate=0.87,
    fx_as_of="2026-11-20",
    lines=[{"name": "insurance of the site", "side": "own", "usd": 12.5}],
)


def test_results_stand_first_and_stamps_last_each_with_what_people_call_it() -> None:
    found = rows(report_csv(LINED))
    sections = list(dict.fromkeys(row["section"] for row in found))
    assert sections == list(REPORT_SECTIONS)
    assert found[0]["label"] == "Verdict"
    runs = [section for section, _ in itertools.groupby(row["section"] for row in found)]
    # In the other currency each part stands behind its own: converted inputs below the measures.
    assert runs[:4] == ["result", "converted", "measure", "converted"]
    assert runs[4:7] == ["input", "line", "converted"]
    labels = {row["name"]: row["label"] for row in found if row["section"] == "input"}
    assert labels["pue"] == "Cooling (PUE)"
    groups = [row["group"] for row in found if row["section"] == "input"]
    assert len(list(itertools.groupby(groups))) == len(set(groups)) > 10
    for row in found:
        assert row["label"], row
    cash = {row["label"]: row["value"] for row in found if row["section"] == "measure"}
    assert float(cash["Cash paid for owning, at the start"]) > 10_000
    assert cash["IRR of buying instead of renting"]


def test_each_of_several_rates_and_what_is_kept_has_its_label() -> None:
    refresh = {"refresh_months": 6, "refresh_price_usd_per_gpu": 2_750}
    price = {"price_usd_per_gpu": 500, "rate_usd_per_gpu_hour": 400 / 730, "horizon_months": 8}
    several = rows(report_csv(tco.Scenario(**neutral(**price, **refresh))))
    labels = {row["name"]: row["label"] for row in several}
    assert [labels[f"irr_root_{n}"] for n in (1, 2, 3)] == [f"IRR, root {n}" for n in (1, 2, 3)]
    kept = [
        row
        for row in rows(report_csv(tco.Scenario(gpu="L4", already_owned=True, tax_rate=0.2)))
        if row["section"] in ("result", "measure", "not counted")
    ]
    told = " ".join(f"{row['label']} {row['note']}" for row in kept)
    assert "NPV of keeping instead of renting" in told
    assert "buying" not in told
    assert "unless a tax rate is given" not in told


def test_no_number_has_digits_that_only_rounding_made() -> None:
    for text in (report_csv(LINED), ledger_csv(LINED)):
        for row in rows(text):
            given = row.get("status") == "yours" and row["section"] == "input"
            for name in ("value", "low", "high", "cost_usd", "present_value_usd", "energy_kwh"):
                digits = re.sub(r"e.*|\D", "", row.get(name) or "").strip("0")
                if re.fullmatch(r"-?[\d.]+(e-?\d+)?", row.get(name) or "") and not given:
                    assert len(digits) <= 15, (row, name)
    values = {row["name"]: row["value"] for row in rows(report_csv(LINED))}
    assert values["utilization"] == "0.30000000000000004"  # as it was given


def test_the_ledger_tells_emissions_only_where_a_carbon_intensity_is_given() -> None:
    found = rows(ledger_csv(tco.Scenario(gpu="L4", co2_kg_per_kwh=0.4)))
    assert list(found[0]) == [*LEDGER_REPORT_COLUMNS, *STAMP_COLUMNS]
    drawn = [row for row in found if row["energy_kwh"]]
    assert {row["item"] for row in drawn} == {"energy_it", "energy_cooling"}
    for row in drawn:
        assert float(row["co2_kg"]) == pytest.approx(0.4 * float(row["energy_kwh"]), rel=1e-12)
    assert {row["co2_kg"] for row in found if row not in drawn} == {""}
    results = {row["name"]: row for row in rows(report_csv(tco.Scenario(gpu="L4")))}
    assert "co2" not in "".join(results).replace("co2_kg_per_kwh", "")


def test_a_spreadsheet_with_decimal_commas_reads_numbers(tmp_path: Path) -> None:
    path = tmp_path / "bericht.csv"
    path.write_text(report_csv(LINED, sep=";", decimal=","), encoding="utf-8")
    office = shutil.which("soffice")
    assert office, "LibreOffice is not installed: apt-get install libreoffice-calc"
    # Semicolon, quotes, UTF-8, from the first line, German.
    done = subprocess.run(
        [
            *(office, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"),
            *("--infilter=CSV:59,34,76,1,,1031,false,true", "--convert-to", "xlsx", str(path)),
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        timeout=300,
    )
    assert (tmp_path / "bericht.xlsx").exists(), done.stderr
    sheet = openpyxl.load_workbook(tmp_path / "bericht.xlsx").active
    read = list(sheet.iter_rows(values_only=True))
    plain = rows(report_csv(LINED))
    assert len(read) == len(plain) + 1
    column = {name: at for at, name in enumerate(REPORT_COLUMNS)}
    numbers = 0
    for cells, row in zip(read[1:], plain, strict=True):
        for name in ("value", "low", "high"):
            if re.fullmatch(r"-?\d[\d.]*(e[+-]?\d+)?", row[name]) and row["name"] != "tco_version":
                assert cells[column[name]] == pytest.approx(float(row[name]), rel=1e-14), row
                numbers += 1
    assert numbers > 150


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
    assert list(found[0]) == [*list(LEDGER_REPORT_COLUMNS)[:-1], *STAMP_COLUMNS]
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
    assert SCHEMA_VERSION == 8
    assert ",".join(REPORT_COLUMNS) == (
        "section,group,label,value,unit,name,status,low,high,source,url,as_of,age_days,freshness,note"
    )
    assert list(REPORT_SECTIONS) == [
        *("result", "converted", "measure", "input", "line", "note", "not counted", "stamp")
    ]
    assert ",".join(LEDGER_REPORT_COLUMNS) == (
        "option,item,month,t_months,cost_usd,present_value_usd,energy_kwh,co2_kg"
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
    pd.testing.assert_frame_equal(
        frame[list(ledger.columns)], ledger, check_dtype=False, rtol=1e-14
    )
