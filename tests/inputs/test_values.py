"""The types of the inputs: what an editor offers, and what a type checker refuses."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from mypy import api

import tco
from tco.inputs import INPUTS, TAKEN, Inputs, Param
from tco.inputs import values as types
from tco.inputs.values import InputValues

HERE = Path(__file__).parents[2]
ASKING = (
    *(tco.breakeven, tco.curves, tco.flips, tco.ledger, tco.measures, tco.options, tco.rack),
    *(tco.response, tco.screening, tco.simulate, tco.stress, tco.tornado, tco.win_map),
    *(tco.work, tco.other_work, tco.training, tco.fleet, tco.decide, tco.recheck),
    *(tco.goal, tco.bridge, tco.accounting, tco.lease_rate_of),
)
# What is offered beside the inputs.
BESIDE = ["lines", "prices", "policy"]
KINDS = {
    "number": types.Number,
    "integer": types.Number,
    "flag": types.Flag,
    "date": types.Day,
    "key": types.Text,
    "code": types.Text,
}


def type_of(declared: Param) -> object:
    if declared.kind == "choice":
        return typing.Literal[declared.choices] | types.Column
    return KINDS[declared.kind]


def test_every_input_has_the_type_of_its_declaration() -> None:
    found = typing.get_type_hints(InputValues)
    assert list(found) == [*TAKEN, *BESIDE]
    assert not InputValues.__required_keys__
    for name, declared in TAKEN.items():
        assert found[name] == type_of(declared), name


def test_the_model_sees_a_number_where_the_caller_gives_one() -> None:
    seen = {"number": "Numeric", "integer": "Numeric", "flag": "bool"}
    for field in dataclasses.fields(Inputs):
        if field.name == "lines":
            continue
        assert field.type == seen.get(INPUTS[field.name].kind, "str"), field.name


@pytest.mark.parametrize(
    "function", [*ASKING, tco.Scenario.__init__], ids=lambda function: function.__name__
)
def test_every_public_function_offers_the_inputs(function: typing.Callable[..., object]) -> None:
    assert function.__annotations__["inputs"] == "Unpack[InputValues]"
    offered = list(inspect.signature(function).parameters)
    assert offered[-len(TAKEN) - len(BESIDE) :] == [*TAKEN, *BESIDE]


def test_a_scenario_offers_them_too() -> None:
    assert list(inspect.signature(tco.Scenario).parameters) == [*TAKEN, *BESIDE]


def test_no_public_function_takes_untyped_inputs() -> None:
    public = [getattr(tco, name) for name in tco.__all__]
    functions = [found for found in public if inspect.isfunction(found)]
    taking = [
        function
        for function in functions
        if "inputs" in function.__annotations__ and "Unpack" in function.__annotations__["inputs"]
    ]
    assert set(taking) == set(ASKING)
    for function in functions:
        code = inspect.unwrap(function).__code__
        assert not code.co_flags & inspect.CO_VARKEYWORDS or function in taking


REFUSED = """
tco.breakeven(utilisation=0.5)
tco.simulate(gpus={})
tco.Scenario(hosting="cellar")
tco.options(gpu=4)
tco.win_map(whole_racks="yes")
replace(tco.Scenario(), utilisation=0.5)
tco.breakeven().months + "later"
"""
ACCEPTED = """
tco.breakeven(utilization=0.5, gpu="L4", whole_racks=True, as_of=date(2026, 11, 1))
tco.breakeven(utilization=np.linspace(0, 1, 5), price_usd_per_gpu=[1_000, 2_000], gpu=["L4", "T4"])
tco.breakeven(tco.Scenario(gpu="L4"), utilization=pd.Series([0.1, 0.2]), gpus="4..8", fx_rate=None)
tco.simulate(draws=64, rate_usd_per_gpu_hour=Decimal("0.7"), hosting=np.array(["own_site"]))
tco.ledger(side="own", prices=pd.DataFrame())
tco.curves(lines=[tco.Line(name="line", side="own", usd=45), {"name": "VAT", "side": "rent"}])
replace(tco.Scenario(), utilization=0.5)
case: tco.InputValues = {"gpu": "L4", "billing": "always_on"}
verdict: str = tco.breakeven(**case).verdict
months: float = round(tco.breakeven().months, 1)
"""
HEAD = """
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

import tco
"""


def test_a_type_checker_accepts_what_counts_and_refuses_the_rest(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(HEAD + ACCEPTED + REFUSED, encoding="utf-8")
    first = (HEAD + ACCEPTED).count("\n") + 1
    config = ("--config-file", str(HERE / "pyproject.toml"))
    said, wrong, _ = api.run([*config, "--no-error-summary", "--hide-error-context", str(sample)])
    errors = [line for line in said.splitlines() if " error: " in line]
    lines = [int(line.removeprefix(str(sample)).split(":")[1]) for line in errors]
    assert not wrong
    assert lines == list(range(first + 1, first + 1 + REFUSED.strip().count("\n") + 1)), said
    assert 'did you mean "utilization"?' in errors[0]


def test_the_package_says_that_it_is_typed_and_loads_no_types() -> None:
    assert (Path(tco.__file__).parent / "py.typed").exists()
    code = "import sys, tco; tco.breakeven(gpu='L4'); print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
