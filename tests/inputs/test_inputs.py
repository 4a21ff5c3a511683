"""The declarations of the inputs, against the table that defines them (golden/inputs.csv)."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tco import inputs

HERE = Path(__file__).parents[1]


def fresh() -> ModuleType:
    """The module of the declarations, executed anew."""
    spec = importlib.util.spec_from_file_location("tco.inputs", inputs.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_input_is_declared_as_defined() -> None:
    with (HERE / "golden" / "inputs.csv").open(newline="") as stream:
        defined = list(csv.DictReader(stream))
    declared = fresh().INPUTS
    assert [row["name"] for row in defined] == list(declared)
    for row in defined:
        param = declared[row["name"]]
        found = {
            name: "" if (value := getattr(param, name)) is None else str(value)
            for name in row
            if name != "choices"
        }
        assert found == {name: text for name, text in row.items() if name != "choices"}
        assert param.choices == tuple(row["choices"].split())


def test_groups_are_in_order() -> None:
    assert (
        *(
            "choice",
            "usage",
            "hardware",
            "resale",
            "power",
            "site",
            "operations",
            "rental",
            "money",
            "tax",
            "financing",
            "accounting",
            "replacement",
            "currency",
        ),
    ) == fresh().GROUPS


def test_nothing_is_given_by_default() -> None:
    module = fresh()
    for name in module.INPUTS:
        assert getattr(module.Inputs, name) is None


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("utilization", [0, 0.5, 1], [-1e-9, 1.000001, float("nan"), float("inf")]),
        ("horizon_months", [1e-9, 240], [0, -1, 240.1]),
        ("gpus", [1, 8.0, 1_000_000], [0, 2.5, 1_000_001, float("inf")]),
        ("discount_rate", [-0.98, 0, 1], [-0.99, 1.1]),
        ("resale_decline_per_year", [-0.5, 1], [-0.51, 1.01]),
    ],
)
def test_domains(name: str, inside: list[float], outside: list[float]) -> None:
    param = inputs.INPUTS[name]
    assert all(param.contains(value) for value in inside)
    assert not any(param.contains(value) for value in outside)
    with np.errstate(invalid="ignore"):
        assert param.contains(np.array(inside, dtype=float)).all()
        assert not param.contains(np.array(outside, dtype=float)).any()


def test_domains_in_words() -> None:
    words = {
        name: inputs.INPUTS[name].domain for name in ("pue", "horizon_months", "hosting", "gpu")
    }
    assert words == {
        "pue": "[1, 3]",
        "horizon_months": "(0, 240]",
        "hosting": "own_site, colo_metered or colo_all_in",
        "gpu": "a key of the catalog",
    }
    assert inputs.INPUTS["whole_racks"].domain == "true or false"
    assert inputs.INPUTS["as_of"].domain == "YYYY-MM-DD"
    assert inputs.INPUTS["currency"].domain == "a code of ISO 4217"


def test_another_value_of_one_input() -> None:
    made = inputs.Inputs.of({"pue": 1.5, "gpus": 8})
    other = made.with_value("pue", 1.2)
    assert (made.pue, other.pue, other.gpus) == (1.5, 1.2, 8)
