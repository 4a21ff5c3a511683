"""What is wrong with a question is said in the names that the question takes."""

from __future__ import annotations

from typing import Any

import pytest

from tco.errors import InputError
from tco.questions import QUESTIONS

WORK = {"model": "Llama-3.1-8B", "gpu": "L4"}
RUN = {"tokens": 1e17, "mfu": 1e-9, "parameters": 1e14, "gpu": "L4"}


@pytest.mark.parametrize(
    ("name", "values", "inputs", "said"),
    [
        ("work", WORK, ["requests_per_day"], "input_tokens_per_day with output_tokens_per_day"),
        ("substitutes", {**WORK, "top": 1.5}, ["top"], "top = 1.5 is outside whole numbers [1, 1"),
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
