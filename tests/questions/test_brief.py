"""A brief says little, but of every number where it comes from, and what to check first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import tco
from tco.inputs import INPUTS
from tco.questions import QUESTIONS
from tco.questions.brief import Brief, brief

AS_OF = "2026-11-28"
RECORD = tco.decide(gpu="L4", rate_usd_per_gpu_hour=0.8, by="Ada Example", on=AS_OF).to_json()
ASKED: dict[str, dict[str, Any]] = {
    "breakeven": {"gpu": "L4", "utilization": 0.6},
    "options": {"gpu": "L4", "utilization": 0.6},
    "flips": {"gpu": "L4", "utilization": 0.6},
    "work": {"model": "Llama-3.1-8B", "users": 500, "use_case": "chat", "gpu": "L4", "flips": True},
    "fleet": {"gpu": "L4", "mean_gpus": 20, "peak_gpus": 40},
    "recheck": {"record": RECORD},
    "offers": {"gpu": "L4"},
    "gpus": {},
    "models": {},
    "inputs": {},
    "stress": {"gpu": "L4"},
    "measures": {"gpu": "L4"},
}
OF_SCENARIO = ("breakeven", "options", "flips", "work", "fleet", "recheck", "stress", "measures")
EUROS = {"currency": "EUR", "fx_rate": 0.9, "fx_as_of": "2026-11-20"}


def asked(name: str, **more: Any) -> Brief:
    return brief(QUESTIONS[name], QUESTIONS[name].of_values({**ASKED[name], **more}))


def without_origin(
    value: Any, known: frozenset[str] = frozenset(), path: str = ""
) -> Iterator[str]:
    """Where numbers stand of which neither their object nor one around it says the origin."""
    if isinstance(value, Mapping):
        known |= {name for name in ("status", "source", "as_of") if value.get(name)}
        if value.get("status") == "yours":
            known |= {"as_of"}  # what somebody says now has no other date
        for name, one in value.items():
            yield from without_origin(one, known, f"{path}/{name}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from without_origin(one, known, f"{path}/{at}")
    elif isinstance(value, int | float) and not isinstance(value, bool) and len(known) < 3:
        yield path


@pytest.mark.parametrize("name", ASKED)
def test_every_number_says_its_status_its_source_and_its_date(name: str) -> None:
    document = asked(name).document
    assert [*without_origin(document)] == ["/schema_version"]
    json.dumps(document, allow_nan=False)


def test_a_number_without_origin_is_found() -> None:
    told = {"status": "default", "source": "somebody", "as_of": "2026", "value": 1}
    assert [*without_origin({"a": [told, {"value": 2}], "b": {"status": "yours", "n": 3}})] == [
        "/a/1/value",
        "/b/n",
    ]


@pytest.mark.parametrize("name", OF_SCENARIO)
def test_what_to_check_first_is_said_and_is_that_of_the_library(name: str) -> None:
    found = asked(name)
    facts = found.facts
    assert facts is not None
    first = tco.simulate(facts.scenario).check_first
    said = found.document["check_first"]
    assert said["input"] == first
    assert INPUTS[first].asked in said["words"] if first else "No single input" in said["words"]
    assert f"{said['words']}." in found.text.splitlines()
    assert found.document["odds"]["verdict"] == tco.breakeven(facts.scenario).verdict


@pytest.mark.parametrize("name", ASKED)
def test_a_brief_is_short_and_its_sentence_stands_first(name: str) -> None:
    found = asked(name)
    lines = found.text.splitlines()
    assert lines[0] == found.document["answer"]
    assert lines[0].endswith(".")
    assert len(lines) <= 40
    assert len(json.dumps(found.document)) < 40_000
    assert AS_OF in lines[-1]


@pytest.mark.parametrize(("name", "table"), [("offers", "offers"), ("flips", "flips")])
def test_what_a_long_table_leaves_out_is_said(name: str, table: str) -> None:
    found = asked(name)
    told = found.document["tables"][table]
    more = told["rows_in_all"] - len(told["rows"])
    assert more > 0
    assert told["left_out"].startswith(f"{more} more rows are left out")
    assert "more rows are left out" in found.text


def test_results_are_those_of_the_library() -> None:
    answer = tco.breakeven(gpu="L4", utilization=0.6)
    values = asked("breakeven").document["results"]["values"]
    for name, value in answer.to_dict().items():
        if isinstance(value, float):
            assert values[name] == value
    assert values["verdict"] == answer.verdict
    frame = tco.options(gpu="L4", utilization=0.6)
    rows = asked("options").document["tables"]["options"]["rows"]
    assert [row["option"] for row in rows if "rank" in row] == [
        *frame.loc[frame["status"] == "priced", "option"]
    ]


def test_inputs_that_rest_on_a_source_name_it_and_those_given_are_the_readers() -> None:
    rows = {row["name"]: row for row in asked("breakeven").document["rests_on"]}
    assert rows["utilization"]["status"] == "yours"
    assert rows["utilization"]["value"] == 0.6
    price = tco.Scenario(gpu="L4").resolved()["price_usd_per_gpu"]
    assert rows["price_usd_per_gpu"]["as_of"] == price.as_of
    assert rows["price_usd_per_gpu"]["url"].startswith("https://")
    assert rows["staff_usd_per_gpu_month"]["status"] == "assumption"


def test_what_follows_from_a_demand_is_not_said_to_be_given() -> None:
    for name in ("work", "fleet"):
        found = asked(name)
        rows = {row["name"]: row for row in found.document["rests_on"]}
        assert rows["utilization"]["status"] == rows["gpus"]["status"] == "computed"
        assert "Utilization: " in found.text
        assert "follow from the demand" in found.document["inputs_by_status"]
    behind = [row["name"] for row in asked("work").document["rests_on"]]
    assert behind[:3] == ["output_tokens_per_s", "model", "api_usd_per_million_tokens"]


def test_each_option_names_the_price_that_is_behind_it() -> None:
    rows = asked("options").document["rests_on"]
    of_spot = next(row for row in rows if row.get("of") == "spot")
    rate = tco.Scenario(gpu="L4", term="spot").resolved()["rate_usd_per_gpu_hour"]
    assert (of_spot["value"], of_spot["as_of"]) == (pytest.approx(rate.value), rate.as_of)


def test_a_price_that_several_options_share_is_named_once() -> None:
    rows = asked("options").document["rests_on"]
    keys = [(row["name"], row["value"], row.get("source"), row.get("as_of")) for row in rows]
    assert len(keys) == len(set(keys))
    assert {row["of"] for row in rows if "of" in row} >= {"spot", "committed_1yr", "buy_used"}


def test_flags_and_zeros_are_told_apart() -> None:
    lines = asked("inputs", about="lease").text.splitlines()
    assert next(line for line in lines if "lease_in_advance:" in line).count("default true") == 1
    payment = next(line for line in lines if "lease_usd_per_gpu_month:" in line)
    assert "default $0 " in payment
    assert ": yes (yours)" in asked("breakeven", already_owned=True).text


def test_a_brief_is_in_the_currency_of_its_scenario() -> None:
    found = asked("breakeven", **EUROS)
    values = found.document["results"]["values"]
    assert values["npv_saving_eur"] == pytest.approx(0.9 * values["npv_saving_usd"])
    assert "€" in found.text
    assert "$" not in found.text
    assert [*without_origin(found.document)] == ["/schema_version"]


def test_without_a_price_or_busy_hours_it_is_said_what_is_lacking() -> None:
    found = asked("options", gpu="RTX-PRO-4500", provider="lambda")
    assert found.document["check_first"]["input"] == "rate_usd_per_gpu_hour"
    assert "Enter the rental rate" in found.text
    idle = asked("flips", utilization=0).document
    assert idle["odds"]["verdict"] is None
    assert idle["check_first"]["words"].startswith("Enter utilization: without busy hours")
    assert idle["check_first"]["input"] == "utilization"


def test_where_there_are_no_odds_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    why = "No odds and no confidence here: pip install 'gpu-tco[risk]'"
    monkeypatch.setattr("tco.report.facts.odds_of", lambda _: (None, why))
    found = asked("breakeven")
    assert found.document["odds"]["chance_buy"] is None
    assert found.document["check_first"] == {"input": None, "words": why}
    assert found.document["results"]["values"]["verdict"] == "buy"
    assert f"{why}." in found.text.splitlines()


def test_everything_wrong_is_said_at_once_and_so_is_what_is_missing() -> None:
    with pytest.raises(tco.InputError) as caught:
        QUESTIONS["work"].of_values({"utilisation": 1, "pue": 9, "users": "many"})
    inputs = [one.input for one in caught.value.problems]
    assert sorted(inputs) == ["model", "pue", "users", "utilisation"]


def test_a_list_is_of_what_it_is_asked_about() -> None:
    names = [
        row["name"]
        for row in asked("inputs", about="electricity").document["tables"]["inputs"]["rows"]
    ]
    assert "electricity_usd_per_kwh" in names
    assert len(names) < 10
    assert asked("gpus", about="no such GPU").document["answer"] == "There is no GPU of that name."
    models = asked("models", about="QWEN3 32b").document["tables"]["models"]["rows"]
    assert [row["model"] for row in models] == ["Qwen3-32B"]
