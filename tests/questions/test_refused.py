"""What is wrong with a question is said in the names that the question takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tco.errors import InputError
from tco.market.catalogue import load
from tco.questions import QUESTIONS, data_of

WORK = {"model": "Llama-3.1-8B", "gpu": "L4"}
RUN = {"tokens": 1e17, "mfu": 1e-9, "parameters": 1e14, "gpu": "L4"}


_BESIDE = {"pue": 9, "gpu": "L5"}


@pytest.mark.parametrize(
    ("name", "values", "inputs"),
    [
        ("work", {"model": "x", "users": -1, "use_case": "x"}, "model users use_case"),
        ("work", {"users": 9}, "model use_case"),
        ("work", {"model": "x", "users": "many"}, "model users"),
        ("substitutes", {**WORK, "gpus_compared": ["x"]}, "gpus_compared requests_per_day"),
        ("successor", {**WORK, "refresh_gpu": "x", "users": -1}, "refresh_gpu users use_case"),
        ("training", {"model": "x", "mfu": 3}, "model mfu tokens"),
        ("other_work", {"kind": "x", "at_once": -1}, "kind at_once"),
        ("fleet", {"mean_gpus": -1, "owned_max": -1, "rental_options": ["x"]}, ""),
        ("fleet", {"demand_csv": "x"}, "demand_csv"),
        ("fleet", {"trace": "x"}, "trace"),
        ("win_map", {"x": "x", "y": "hosting", "points": 0}, "x y points"),
        ("ledger", {"option": "x"}, "option"),
        ("simulate", {"draws": 0, "seed": -1}, "draws seed"),
        ("speed", {"model": "x"}, "model"),
        ("rates", {}, ""),
        ("history", {"term": "x"}, "term"),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(
    name: str, values: dict[str, Any], inputs: str
) -> None:
    question = QUESTIONS[name]
    beside = _BESIDE if question.of_scenario else {"gpu": "L5", "unheard_of": 1}
    expected = {*(inputs.split() or values), *beside}
    with pytest.raises(InputError) as wrong:
        question.of_values({**values, **beside})
    assert {problem.input for problem in wrong.value.problems} == expected
    assert len({*wrong.value.problems}) == len(wrong.value.problems)


def test_what_is_wrong_is_told_on_the_data_that_is_asked() -> None:
    own = replace(load(), gpus={**load().gpus, "Own": load().gpus["L4"]})
    with pytest.raises(InputError, match=r"^foo is not an input$"):
        QUESTIONS["breakeven"].of_values({"gpu": "Own", "foo": 1}, data_of(own))


@pytest.mark.parametrize(
    ("name", "values", "inputs", "said"),
    [
        ("work", WORK, ["requests_per_day"], "input_tokens_per_day with output_tokens_per_day"),
        (
            "substitutes",
            {**WORK, "requests_per_day": 9, "top": 1.5},
            ["top"],
            "top = 1.5 is outside whole numbers [1, 1",
        ),
        ("work", {**WORK, "input_tokens_per_day": 1e9}, ["output_tokens_per_day"], "is missing"),
        ("fleet", {"gpu": "L4"}, ["mean_gpus"], "the demand is missing: give mean_gpus with"),
        ("recheck", {"record": "x"}, ["record"], "not a JSON document"),
        ("win_map", {"x": "pue", "y": "pue"}, ["y"], "two different inputs"),
        ("training", {**RUN, "days": 1e-9}, ["days"], "would take more than 1,000,000 GPUs"),
        ("training", {**RUN, "gpu_count": 8}, ["horizon_months"], "outside (0, 240]"),
    ],
)
def test_by_its_own_names(name: str, values: dict[str, Any], inputs: list[str], said: str) -> None:
    with pytest.raises(InputError) as wrong:
        QUESTIONS[name].of_values(values)
    assert [problem.input for problem in wrong.value.problems] == inputs
    assert said in str(wrong.value)
    known = {one.name for one in QUESTIONS[name].takes} | {"horizon_months"}
    assert {*inputs} <= known
