"""Needs that people bring, answered as they were worked by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import tco
from tests.neutral import neutral

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))["case"]


def scenario_of(case: dict[str, Any]) -> tco.Scenario:
    told = neutral(**case["inputs"])
    for name in case.get("default", ()):
        del told[name]
    if lines := case.get("lines"):
        told["lines"] = [tco.Line(**line) for line in lines]
    return tco.Scenario(**told)


def read(scenario: tco.Scenario, what: str) -> float:
    side, dot, item = what.partition(".")
    if not dot:
        return float(getattr(tco.breakeven(scenario), what))
    rows = tco.ledger(scenario, side=side)
    rows = rows if item == "*" else rows[rows["item"] == item]
    assert len(rows)
    return float(rows["cost_usd"].sum())


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_need_gets_the_answer_worked_by_hand(case: dict[str, Any]) -> None:
    tolerance = case.get("tolerance", 1e-9)
    found = read(scenario_of(case), case["read"])
    assert found == pytest.approx(case["expected"], rel=tolerance, abs=1e-9)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_working_gives_what_is_expected(case: dict[str, Any]) -> None:
    worked = eval(case["working"], {"__builtins__": {}, "min": min, "max": max})
    assert worked == pytest.approx(case["expected"], rel=case.get("tolerance", 1e-9), abs=1e-9)


def test_each_case_stands_there_once() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_a_fixed_cost_stays_what_it_is_in_a_sweep_over_gpus() -> None:
    # 2,500 a month for 36 months, whatever the number of GPUs (K23).
    fixed = tco.Line(name="administrator", side="own", usd=2_500)
    table = tco.breakeven(**neutral(gpus=[4, 8, 16]), lines=[fixed])
    assert table.own_npv_usd.tolist() == [90_000] * 3


FIGURES = {
    "price_usd_per_gpu": 50_000,
    "rate_usd_per_gpu_hour": 5,
    "gpu_w": 1_100,
    "idle_w": 200,
    "server_usd": 0,
    "server_w": 0,
    "server_units": 8,
    "gpus_per_server": 8,
}


@pytest.mark.parametrize("lacking", ["gpu_w", "price_usd_per_gpu", "rate_usd_per_gpu_hour"])
def test_a_gpu_that_nobody_lists_needs_its_figures(lacking: str) -> None:
    given = {name: value for name, value in FIGURES.items() if name != lacking}
    with pytest.raises(tco.InputError, match=lacking):
        tco.breakeven(gpu="B400", **given)


def test_a_mistyped_gpu_is_still_one() -> None:
    with pytest.raises(tco.InputError, match="did you mean L4"):
        tco.breakeven(gpu="L04")


def test_two_racks_hold_a_hundred_of_seventy_two() -> None:
    case = next(case for case in CASES if case["id"] == "K24b")
    assert tco.breakeven(scenario_of(case)).racks == 2
