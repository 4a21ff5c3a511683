"""What is asked by an address has the answer that Python and the shell have."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

import tco
from tco.api import agent
from tco.api.asking import ASKED, endings
from tco.cli import main
from tco.scenario.link import encode

WORK = {"model": "Llama-3.1-8B", "gpu": "L4", "requests_per_day": "10000"}
# What each question needs to be asked.
NEEDED = {
    "offers": {"gpu": "L4"},
    "history": {"gpu": "L4"},
    "speed": {"model": "Llama-3.1-8B", "gpu": "L4"},
    "fit": {"model": "Llama-3.1-8B", "gpu": "L4"},
    **dict.fromkeys(("work", "substitutes", "compare_api"), WORK),
    "serverless": {**WORK, "usd_per_gpu_second": "0.0003"},
    "successor": {**WORK, "refresh_gpu": "H100-SXM", "refresh_months": "24"},
    "other_work": {"kind": "embeddings", "units_per_day": "1000000"},
    "training": {"tokens": "1e9", "mfu": "0.4", "model": "Llama-3.1-8B", "days": "10"},
    "simulate": {"draws": "200"},
    "win_map": {"points": "5"},
    "fleet": {"trace": "burstgpt_chat", "peak_gpus": "40"},
}


@pytest.mark.parametrize("name", [name for name in ASKED if name != "recheck"])
def test_every_question_is_answered_in_each_of_its_formats(client, name):
    asked = NEEDED.get(name, {})
    document = client.get(f"{name}.json", params=asked)
    assert document.status_code == 200, document.text
    assert document.headers["content-type"] == "application/json"
    assert document.json()["data_date"] == tco.Scenario().catalogue.newest
    assert client.get(name, params=asked).json() == document.json()
    posted = client.post(f"{name}.json", json=asked)
    assert posted.json() == document.json(), posted.text
    for table in ASKED[name].tables if "csv" in endings(ASKED[name]) else ():
        answer = client.get(f"{name}.csv", params={**asked, "table": table})
        assert answer.headers["content-type"].startswith("text/csv")
        header, *rows = csv.reader(io.StringIO(answer.text))
        assert {len(row) for row in rows} <= {len(header)}
        assert {"model_version", "section"} & {*header}


def test_a_break_even_is_that_of_python(client):
    found = client.get("breakeven.json", params={"gpu": "T4", "utilization": "45%"}).json()
    answer = tco.breakeven(gpu="T4", utilization=0.45)
    assert found["results"]["npv_saving_usd"] == answer.npv_saving_usd
    assert found["results"]["verdict"] == answer.verdict
    asked = {"result": "npv_saving_usd", "gpu": "T4", "utilization": "0.45"}
    assert float(client.get("breakeven.txt", params=asked).text) == answer.npv_saving_usd


def test_a_row_by_address_is_that_of_the_shell(client, tmp_path):
    table = "gpu,utilization,price_usd_per_gpu\nT4,45%,1e3\n"
    source = tmp_path / "one.csv"
    source.write_text(table)
    shell = CliRunner().invoke(main, ["breakeven", "--csv", str(source)]).stdout
    asked = {"gpu": "T4", "utilization": "45%", "price_usd_per_gpu": "1e3"}
    assert client.get("breakeven.csv", params=asked).text == shell
    kind = {"content-type": "text/csv"}
    assert client.post("breakeven.csv", content=table, headers=kind).text == shell
    listed = client.post("breakeven.csv", json=[{"gpu": "T4", "utilization": 0.45}]).text
    cells = dict(zip(*csv.reader(io.StringIO(shell)), strict=True))
    others = dict(zip(*csv.reader(io.StringIO(listed)), strict=True))
    assert others["npv_saving_usd"] != cells["npv_saving_usd"]
    assert others.keys() == cells.keys() - {"price_usd_per_gpu"}


def test_a_link_of_the_app_is_a_query_as_it_is(client):
    scenario = tco.Scenario(gpu="T4", utilization=0.3, hosting="own_site")
    link = encode(scenario, dated=True) | {"compare": "L4,T4"}
    found = client.get("breakeven.json", params=link).json()["results"]
    assert found["npv_saving_usd"] == tco.breakeven(scenario).npv_saving_usd
    edited = client.get("breakeven.json", params=link | {"utilization": "0.9"})
    assert edited.status_code == 422
    assert [one["input"] for one in edited.json()["errors"]] == ["check"]
    other = client.get("breakeven.json", params=link | {"v": "9"})
    assert [one["input"] for one in other.json()["errors"]] == ["v"]
    cut = client.get("breakeven.json", params={"v": "1", "gpu": "T4"})
    assert [one["input"] for one in cut.json()["errors"]] == ["check"]


def test_everything_that_is_wrong_is_told_at_once(client):
    answer = client.get("breakeven", params={"pue": "0.9", "utilisation": "1", "gpus": "none"})
    assert answer.status_code == 422
    assert {one["input"] for one in answer.json()["errors"]} == {"pue", "utilisation", "gpus"}
    # What is given twice, too, once, and beside whatever is sent.
    twice = "gpu=L4&gpu=none&pue=0.9&utilisation=1&gpu=x"
    wrong = ["gpu", "utilisation", "pue"]
    for address, others in (
        ("breakeven.json", []),
        ("breakeven.csv", []),
        ("breakeven.txt", ["result"]),
        ("options.csv?table=none&", ["table"]),
    ):
        mark = "" if "?" in address else "?"
        asked = client.get(f"{address}{mark}{twice}").json()["errors"]
        assert sorted(one["input"] for one in asked) == sorted([*wrong, *others]), address
    csv_table = {"content": "gpu\nL4\n", "headers": {"content-type": "text/csv"}}
    for address, body, others in (
        ("options.json?x=1&x=2&y=1", {"json": {"pue": 0.9}}, {"y", "pue"}),
        ("breakeven.csv?x=1&x=2&sep=,,", csv_table, {"sep"}),
        ("breakeven.json?x=1&x=2", {"content": "{", "headers": {}}, {"body"}),
    ):
        body.get("headers", {}).setdefault("content-type", "application/json")
        asked = client.post(address, **body)
        assert {one["input"] for one in asked.json()["errors"]} == {"x", *others}, address
        assert asked.status_code == 422
    assert client.get("breakeven.json?gpu=L4&gpu=L4").status_code == 422


def test_a_rate_of_a_day_to_come_is_refused_by_every_surface_in_the_same_words(client):
    euros = {"currency": "EUR", "fx_rate": "0.9", "fx_as_of": "2999-01-01"}
    said = "fx_as_of = '2999-01-01' is in the future: date of the exchange rate"
    told = [{"input": "fx_as_of", "message": said}]
    assert client.get("breakeven.json", params=euros).json() == {"errors": told}
    assert client.post("options.json", json=euros).json() == {"errors": told}
    assert agent.answer("breakeven", euros).structured_content == {"problems": told}
    options = [f"--{name.replace('_', '-')}={value}" for name, value in euros.items()]
    assert CliRunner().invoke(main, ["options", *options]).stderr.strip().endswith(said)
    posted = client.post("breakeven.json", json=[euros, {**euros, "fx_as_of": "2026-01-22"}])
    assert [row["error"] for row in posted.json()["rows"]] == [said, None]


def test_an_input_is_given_by_one_of_its_names(client):
    told = "license_usd_per_gpu_year is given twice, once by its former name: give it once"
    twice = {"licence_usd_per_gpu_year": "1", "license_usd_per_gpu_year": "2"}
    asked = client.get("breakeven.json", params=twice).json()["errors"]
    assert [one["message"] for one in asked] == [told]
    assert agent.answer("breakeven", twice).content[0].text == told
    former = client.get("breakeven.csv", params={"licence_usd_per_gpu_year": "1"})
    assert former.text.startswith("license_usd_per_gpu_year,")
    for blank in ({"licence_usd_per_gpu_year": ""}, {"pue": " "}):
        asked = {"license_usd_per_gpu_year": "1", **blank}
        assert client.get("breakeven.csv", params=asked).text == former.text


def test_a_table_is_answered_row_by_row_with_its_errors(client):
    rows = [{"gpu": "L4"}, {"gpu": "L5"}, {"utilization": [1]}, {"utilization": "60%", "name": "a"}]
    found = client.post("breakeven.json", json=rows).json()["rows"]
    assert [bool(row["error"]) for row in found] == [False, True, True, False]
    assert found[3]["npv_saving_usd"] == tco.breakeven(utilization=0.6).npv_saving_usd
    text = client.post("breakeven.csv", json=rows).text
    assert len(list(csv.reader(io.StringIO(text)))) == 5
    # Cells of every kind, given and empty.
    table = "gpu,gpus,whole_racks,as_of\nL4,8,true,2026-11-01\n,,,\nT4,,,\n"
    for sent in (table, table.replace("T4,,,\n", "T4,4,no,\n")):
        told = client.post("breakeven.json", content=sent, headers={"content-type": "text/csv"})
        first, last = told.json()["rows"]
        assert [first[name] for name in sent.splitlines()[0].split(",")][1:] == [
            8,
            True,
            "2026-11-01",
        ]
        assert (last["whole_racks"], last["as_of"]) == (None if sent is table else False, None)


def test_one_object_is_a_row_of_a_table_as_by_address(client):
    told = client.post("breakeven.csv", json={"gpu": "T4", "utilization": 0.45})
    asked = client.get("breakeven.csv", params={"gpu": "T4", "utilization": "0.45"})
    assert told.text == asked.text
    document = json.loads(tco.Scenario(gpu="T4", utilization=0.45).to_json())
    assert client.post("breakeven.csv", json=document).text == asked.text
    assert len(client.post("breakeven.csv", json={}).text.splitlines()) == 2
    wrong = client.post("breakeven.csv", json={"gpu": "L5", "pue": 9})
    assert {one["input"] for one in wrong.json()["errors"]} == {"gpu", "pue"}
    (row,) = client.post("breakeven.json", json=[{"gpu": "T4"}]).json()["rows"]
    one = client.post("breakeven.json", json={"gpu": "T4"}).json()["results"]
    for name in ("gpus_per_rack", "verdict", "status"):
        assert repr(row[name]) == repr(one[name])
    assert row["exit_months"] == pytest.approx(one["exit_months"], rel=1e-12)


def test_a_scenario_document_is_answered_whole_or_by_rows(client):
    one = json.loads(tco.Scenario(gpu="T4").to_json())
    found = client.post("breakeven.json", json=one).json()
    assert found["results"]["verdict"] == tco.breakeven(gpu="T4").verdict
    table = json.loads(tco.Scenario(gpu=["T4", "L4"]).to_json())
    rows = client.post("breakeven.json", json=table).json()["rows"]
    assert [row["gpu"] for row in rows] == ["T4", "L4"]
