"""What is handed over: the Python call, the pins and their file."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pytest

import tco
from tco import InputError, Scenario
from tco.inputs import INPUTS, TAKEN
from tco.market.importers import by_hand
from tco.model.results import RESULTS
from tco.report.handover import (
    LONGEST_NAME,
    MOST_PINS,
    Pin,
    Row,
    comparison,
    comparison_csv,
    dated,
    pin,
    pins_json,
    pins_of_json,
    shown,
    snippet,
    suggested_name,
)
from tco.report.schema import RESULT_MEANINGS
from tco.version import SCHEMA_VERSION
from tests.market.test_observed import observed

DAY = "2026-11-21"
MANY = len(TAKEN) + 1
KNOWN, LATER = f"1 to {SCHEMA_VERSION}", SCHEMA_VERSION + 1
SCENARIOS = [
    Scenario(),
    Scenario(gpu="T4", utilization=0.335, horizon_months=30.5, whole_servers=True),
    Scenario(gpu="H100-SXM", billing="committed", term="3yr", provider="gcp"),
    Scenario(gpu="L4", as_of="2026-08-01", rate_usd_per_gpu_hour="0.50..0.85"),
    Scenario(price_usd_per_gpu=1e-5, currency="EUR", fx_rate=0.9, tax_rate=0.25),
]


def run(code: str) -> Any:
    scope: dict[str, Any] = {}
    exec(compile(code, "snippet", "exec"), scope)
    return scope["answer"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_python_code_gives_the_same_answer(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, expected = run(snippet(scenario)), tco.breakeven(scenario)
    for name in (*RESULTS, "crossings", "reason", "as_of"):
        assert getattr(answer, name) == getattr(expected, name), name
    assert capsys.readouterr().out == f"{expected.reason}\n"
    assert answer.scenario.given["as_of"] == scenario.values()["as_of"]


@pytest.fixture
def quoted() -> Any:
    return observed(by_hand.rental("L4", 0.41, provider="acme", as_of=DAY))


def test_the_python_code_needs_no_price_store(quoted: Any) -> None:
    own = Scenario(gpu="L4", prices=quoted)
    assert own.values()["rate_usd_per_gpu_hour"] == 0.41
    answer = run(snippet(own))
    assert answer.scenario.prices is None
    assert answer.npv_saving_usd == tco.breakeven(own).npv_saving_usd


def test_a_dated_scenario_is_dated_once() -> None:
    for scenario in SCENARIOS:
        assert dated(dated(scenario)) == dated(scenario)
        assert dated(scenario).values() == scenario.values()


def test_a_table_has_no_code() -> None:
    with pytest.raises(InputError, match="one scenario at a time"):
        snippet(Scenario(utilization=[0.1, 0.2]))


def pinned(**scenarios: Scenario) -> tuple[Pin, ...]:
    pins: tuple[Pin, ...] = ()
    for name, scenario in scenarios.items():
        pins = pin(pins, name, scenario)
    return pins


def test_only_inputs_that_differ_are_compared() -> None:
    pins = pinned(one=Scenario(gpu="L4"), other=Scenario(gpu="T4"), third=Scenario(gpu="L4"))
    rows = {row.name: row for row in comparison(pins)}
    values = [kept.scenario.values() for kept in pins]
    inputs = [name for name, row in rows.items() if row.section == "input"]
    assert inputs == [name for name in INPUTS if values[0][name] != values[1][name]]
    assert {"gpu", "price_usd_per_gpu", "gpu_w"} <= set(inputs)
    assert "pue" not in inputs
    answers = [tco.breakeven(kept.scenario) for kept in pins]
    for name in RESULT_MEANINGS:
        assert rows[name].values == tuple(getattr(answer, name) for answer in answers)


def test_a_range_differs_from_its_midpoint() -> None:
    pins = pinned(known=Scenario(utilization=0.5), guessed=Scenario(utilization="0.4..0.6"))
    (row,) = (row for row in comparison(pins) if row.section == "input")
    assert (row.name, [shown(row, value) for value in row.values]) == (
        "utilization",
        ["50 %", "40 % to 60 %"],
    )
    cells = {cells[1]: cells[3:] for cells in read(comparison_csv(pins))}
    assert cells["utilization"] == ["0.5", "0.4..0.6"]


def test_a_pin_without_an_answer_says_why() -> None:
    pins = pinned(unknown=Scenario(gpu="RTX-PRO-4500", provider="lambda"), known=Scenario(gpu="L4"))
    rows = {row.name: row.values for row in comparison(pins)}
    assert rows["verdict"][0] is None
    assert "rate_usd_per_gpu_hour is not known" in rows["reason"][0]
    assert rows["verdict"][1] == tco.breakeven(gpu="L4").verdict


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_comparison_as_csv_has_names_versions_inputs_and_all_results() -> None:
    pins = pin((), "=cmd|' /C calc'!A0", Scenario(gpu="L4"))
    pins = pin(pins, 'b,"', Scenario(gpu="L4", utilization=0.8))
    header, names, *rows = read(comparison_csv(pins))
    assert header == ["section", "name", "unit", "scenario_1", "scenario_2"]
    assert names == ["stamp", "name", "", "'=cmd|' /C calc'!A0", 'b,"']
    found = {cells[1]: cells for cells in rows}
    assert found["model_version"][3:] == [tco.version.MODEL_VERSION] * 2
    assert found["utilization"] == ["input", "utilization", "share", "0.5", "0.8"]
    assert [cells[1] for cells in rows if cells[0] == "result"] == list(RESULT_MEANINGS)
    saving = [float(cell) for cell in found["npv_saving_usd"][3:]]
    assert saving == [tco.breakeven(kept.scenario).npv_saving_usd for kept in pins]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "is not 1 to 40 printable characters"),
        (" \t", "is not 1 to 40 printable characters"),
        ("x" * (LONGEST_NAME + 1), "is not 1 to 40 printable characters"),
        ("a\nb", "is not 1 to 40 printable characters"),
        ("\u202eabc", r"name = '\u202eabc' is not 1 to 40"),
        ("\ud800", r"name = '\ud800' is not 1 to 40"),
        ("FIRST", "is taken"),
    ],
)
def test_names_that_are_refused(name: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        pin(pinned(first=Scenario()), name, Scenario())
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_fifth_pin_is_refused() -> None:
    pins = pinned(a=Scenario(), b=Scenario(), c=Scenario(), d=Scenario())
    assert len(pins) == MOST_PINS
    with pytest.raises(InputError, match="no more than 4 scenarios can be pinned"):
        pin(pins, "e", Scenario())


def test_a_suggested_name_is_always_free() -> None:
    pins: tuple[Pin, ...] = ()
    for expected in ("4 × T4", "4 × T4 (2)", "4 × T4 (3)", "4 × T4 (4)"):
        name = suggested_name(pins, Scenario(gpu="T4", gpus=4))
        assert name == expected
        pins = pin(pins, name, Scenario(gpu="T4", gpus=4))


def test_pins_keep_their_answers_in_the_file(quoted: Any) -> None:
    pins = pinned(plain=Scenario(gpu="T4"), own=Scenario(gpu="L4", prices=quoted))
    again = pins_of_json(pins_json(pins))
    assert again == pins
    own = (Scenario(gpu="T4"), Scenario(gpu="L4", prices=quoted))
    for kept, given in zip(again, own, strict=True):
        assert tco.breakeven(kept.scenario).npv_saving_usd == tco.breakeven(given).npv_saving_usd
    assert json.loads(pins_json(pins))["scenarios"][1]["name"] == "own"


def document(scenarios: str, version: str = "2") -> str:
    return f'{{"schema_version": {version}, "scenarios": {scenarios}}}'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (document("{}"), "each of the scenarios is"),
        (document("[1]"), "each of the scenarios is"),
        (document('[{"name": "a"}]'), "each of the scenarios is"),
        (document('[{"name": 1, "inputs": {}}]'), "each of the scenarios is"),
        (document('[{"name": "a", "inputs": []}]'), "each of the scenarios is"),
        (document('[{"name": "a", "inputs": {}, "x": 1}]'), "each of the scenarios is"),
        (document("[]", f"{LATER}"), f"schema_version {LATER} is not one of {KNOWN}"),
        (document("[]", '"2"'), f"schema_version '2' is not one of {KNOWN}"),
        (document("[]", "[[2]]"), f"schema_version (list) is not one of {KNOWN}"),
        (document("[]", "9" * 500), "a number of 500 digits"),
        (document("[]", "9" * 45), f"schema_version {'9' * 40}… is not one of {KNOWN}"),
        (document('[{"name": "a", "name": "b", "inputs": {}}]'), "name is given twice"),
        (document('[{"name": "a", "inputs": {"pue": NaN}}]'), "NaN is not a number"),
        (document('[{"name": "a", "inputs": {"pue": 9}}]'), "pue = 9 is outside [1, 3]"),
        (document('[{"name": "", "inputs": {}}]'), "is not 1 to 40 printable characters"),
        (document(str([{"name": "a", "inputs": {}}] * 2).replace("'", '"')), "is taken"),
        (
            document(json.dumps([{"name": str(at), "inputs": {}} for at in range(5)])),
            "no more than 4 scenarios",
        ),
        (
            json.dumps({"schema_version": 2, "inputs": {}, **{f"k{at}": 1 for at in range(9)}}),
            "unknown keys: k0, k1, k2 and 6 more",
        ),
        (
            json.dumps({"schema_version": 2, "inputs": {f"k{at}": 1 for at in range(MANY)}}),
            f"{MANY} inputs, of which there are only {len(TAKEN)}",
        ),
        (
            json.dumps({"schema_version": 2, "inputs": {"k" * 9_000: 1}}),
            f"not inputs: {'k' * 40}…",
        ),
    ],
)
def test_files_of_pins_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        pins_of_json(text) if "scenarios" in text else Scenario.from_json(text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("row", "value", "words"),
    [
        (Row("result", "verdict", "", ()), "toss_up", "toss_up"),
        (Row("result", "verdict", "", ()), None, "no verdict"),
        (Row("result", "months", "months", ()), math.inf, "never"),
        (Row("result", "months", "months", ()), None, ""),
        (Row("result", "breakeven_utilization", "share", ()), 0.432, "43.2 %"),
        (Row("result", "breakeven_price_usd_per_gpu", "USD per GPU", ()), 3228.4, "$3,230"),
        (Row("result", "breakeven_price_usd_per_gpu", "USD per GPU", ()), math.inf, "none"),
        (Row("input", "whole_racks", "", ()), True, "True"),
        (Row("input", "price_usd_per_gpu", "USD per GPU", ()), None, "unknown"),
    ],
)
def test_values_in_words(row: Row, value: Any, words: str) -> None:
    assert shown(row, value) == words
