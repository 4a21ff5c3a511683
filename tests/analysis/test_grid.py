"""Grids: every combination, expanded lazily, or refused before any work starts."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.sweep import answer_frame, sweep
from tco.analysis.sweep.grid import MOST, grid_of
from tco.errors import InputError
from tco.model.results import RESULTS
from tests.strategies import examples

AXES = {
    "gpu": st.lists(st.sampled_from(["L4", "T4", "H100-SXM"]), min_size=1, max_size=3, unique=True),
    "billing": st.sampled_from(["per_use", "always_on"]),
    "gpus": st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True),
    "whole_racks": st.lists(st.booleans(), min_size=1, max_size=2, unique=True),
    "pue": st.tuples(st.floats(1, 1.5), st.floats(1.6, 3), st.integers(2, 6)),
    "utilization": st.lists(st.floats(0, 1), min_size=1, max_size=3, unique=True),
    "warranty_months": st.just((0, 60, 6)),
}


@st.composite
def specifications(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(AXES)), min_size=1, max_size=4, unique=True))
    return {name: draw(AXES[name]) for name in names}


def listed(given_: Any) -> list[Any]:
    if isinstance(given_, tuple):
        return list(np.linspace(*given_).tolist())
    return given_ if isinstance(given_, list) else [given_]


@settings(max_examples=examples(100))
@given(specifications(), st.integers(0, 400), st.integers(0, 400))
def test_it_is_the_product_of_its_values(spec: dict[str, Any], start: int, size: int) -> None:
    grid = grid_of(spec)
    product = list(itertools.product(*map(listed, spec.values())))
    assert grid.size == len(product)
    frame = grid.frame()
    assert list(frame.columns) == list(spec)
    assert list(frame.itertuples(index=False, name=None)) == product
    part = grid.frame(start, start + size)
    assert list(part.itertuples(index=False, name=None)) == product[start : start + size]


def test_answers_are_those_of_the_frame() -> None:
    spec = {"gpu": ["L4", "T4"], "utilization": (0.1, 1.0, 10), "gpus": range(1, 4), "pue": 1.3}
    answers = sweep(spec, chunk_rows=7)
    frame = grid_of(spec).frame()
    expected = answer_frame(frame)
    pd.testing.assert_frame_equal(answers, expected, check_exact=True)
    table = tco.breakeven(**{name: frame[name].tolist() for name in frame}).to_frame()
    pd.testing.assert_frame_equal(answers[list(RESULTS)], table, check_exact=True)


def test_ways_to_write_an_axis() -> None:
    expected = np.linspace(0.1, 0.9, 5)
    for written in (
        (0.1, 0.9, 5),
        {"first": 0.1, "last": 0.9, "count": 5},
        (np.float64(0.1), 0.9, np.int64(5)),
        expected,
        expected.tolist(),
        pd.Series(expected, index=list("abcde")),
    ):
        frame = grid_of({"utilization": written}).frame()
        assert np.array_equal(frame["utilization"], expected)
    for ends in ((0.1, 0.7, 38), (0, 1, 50)):
        steps = grid_of({"utilization": ends}).frame()["utilization"]
        assert steps.tolist() == np.linspace(*ends).tolist()
    assert grid_of({"gpus": (1, 9, 5)}).frame()["gpus"].tolist() == [1, 3, 5, 7, 9]
    assert grid_of({"gpus": (8, 8, 1)}).frame()["gpus"].dtype == np.int64
    assert grid_of({"pue": np.float64(1.2)}).frame()["pue"].tolist() == [1.2]
    assert grid_of({"utilization": "0.4..0.6"}).frame()["utilization"].tolist() == [0.5]


def test_amounts_are_in_the_currency_of_the_grid() -> None:
    euros: dict[str, Any] = {"currency": "EUR", "fx_rate": 0.5}
    grid = grid_of({"price_usd_per_gpu": ["2300 EUR", "$2,300", 2_000], **euros}).frame()
    assert grid["price_usd_per_gpu"].tolist() == [4_600, 2_300, 2_000]
    steps = {"first": "2000 EUR", "last": "€3,000", "count": 3}
    asked = {"price_usd_per_gpu": steps, "currency": ["EUR"], "fx_rate": [0.5]}
    assert grid_of(asked).frame()["price_usd_per_gpu"].tolist() == [4_000, 5_000, 6_000]
    told = {"price_usd_per_gpu": "2300 EUR", "currency": "EUR", "fx_rate": "2 USD per EUR"}
    assert grid_of(told).frame().values.tolist() == [[4_600, "EUR", 0.5]]
    monthly = {"rate_usd_per_gpu_hour": ["73 EUR per month"], "billing": "always_on"}
    assert grid_of(monthly | euros).frame()["rate_usd_per_gpu_hour"].tolist() == [0.2]
    found = sweep({"gpu": "L4", "price_usd_per_gpu": ["2300 EUR"], **euros})
    assert found["npv_saving_in_currency"][0] == found["npv_saving_usd"][0] / 2
    expected = tco.breakeven(gpu="L4", price_usd_per_gpu="2300 EUR", **euros)
    assert found["npv_saving_usd"][0] == expected.npv_saving_usd


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({}, "is no grid"),
        ({"watts": [1]}, "watts is not an input"),
        ({3: [1]}, "3 is not an input"),
        ({"utilisation": (0, 1, 3)}, "did you mean utilization"),
        ({"utilization": (0.9, 0.1, 3)}, "has a first value above the last"),
        ({"utilization": (0.1, 0.9, 0)}, "a count that is not a whole number above 0"),
        ({"utilization": (0.1, 0.9, 2.5)}, "a count that is not a whole number above 0"),
        ({"utilization": (0.1, 0.9, True)}, "a count that is not a whole number above 0"),
        ({"utilization": (0.5, 0.5, 3)}, "has one value, not so many"),
        ({"utilization": (0.1, 0.9)}, "is not (first, last, count) of numbers"),
        ({"utilization": (0.1, 60, 3)}, "utilization[1] = 60 is outside [0, 1]"),
        ({"utilization": (0.1, float("nan"), 3)}, "is outside [0, 1]"),
        ({"utilization": {"first": 0.1, "last": 0.9}}, "has not the keys first, last, count"),
        ({"gpu": ("L4", "T4", "H100-SXM")}, "is not (first, last, count) of numbers"),
        ({"gpu": ["L4", "L5"]}, "gpu[1] = 'L5' is not in the catalog"),
        ({"gpu": {"L4", "T4"}}, "has no order"),
        ({"gpu": []}, "has 0 values"),
        ({"gpu": ["L4", "L4"]}, "holds a value twice"),
        ({"gpu": [None]}, "gpu[0] = None is missing"),
        ({"gpus": (1, 64, 11)}, "has steps that are not whole"),
        ({"gpus": [1, 2.5]}, "gpus[1] = 2.5 is not a whole number"),
        ({"gpus": range(10**9)}, "has 1,000,000,000 values"),
        ({"pue": [[1.1, 1.2], [1.3, 1.4]]}, "is not one list"),
        ({"pue": np.array([[1.1, 1.2], [1.3, 1.4]])}, "is not a number"),
        ({"utilization": (0, 1, 10**6), "pue": (1, 2, 10**6)}, "1,000,000,000,000 scenarios"),
        ({"price_usd_per_gpu": ["2300 EUR"]}, "give currency="),
        (
            {"price_usd_per_gpu": ["2300 EUR"], "currency": "EUR", "fx_rate": [0.8, 0.9]},
            "price_usd_per_gpu depends on fx_rate, of which the grid has several values: give one",
        ),
        ({"rate_usd_per_gpu_hour": ["146 USD per month"]}, "paid busy or idle: give billing"),
        (
            {"rate_usd_per_gpu_hour": ["146 USD per month"], "billing": "per_use"},
            "pays busy hours only",
        ),
    ],
)
def test_what_is_no_grid(spec: dict[Any, Any], says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        sweep(spec)
    with pytest.raises(InputError):
        sweep(spec, output="nowhere.csv")


@pytest.mark.parametrize("spec", [[], "gpu", 3, None])
def test_what_is_no_mapping(spec: Any) -> None:
    with pytest.raises(InputError, match="is no grid"):
        grid_of(spec)


def test_every_problem_is_reported() -> None:
    with pytest.raises(InputError) as caught:
        grid_of({"watts": 1, "gpu": ["L5"], "utilization": (1, 0, 3)})
    assert [problem.input for problem in caught.value.problems] == ["watts", "gpu", "utilization"]


def test_a_large_grid_needs_an_output_and_no_memory() -> None:
    spec = {"utilization": (0, 1, 10**6), "pue": (1, 2, 10**3)}
    assert grid_of(spec).size == MOST
    assert grid_of(spec).frame(MOST - 1).values.tolist() == [[1.0, 2.0]]
    with pytest.raises(InputError, match="give an output"):
        sweep(spec)


def test_what_share_is_left_is_an_axis_as_it_is_an_input() -> None:
    grid = {"residual_share": ["20%", 0.3], "residual_months": 24, "horizon_months": [36]}
    found = tco.sweep(grid)
    assert found["residual_share"].tolist() == [0.2, 0.3]
    one = tco.breakeven(residual_share=0.2, residual_months=24, horizon_months=36)
    assert found["npv_saving_usd"][0] == one.npv_saving_usd
    with pytest.raises(InputError, match=r"residual_share.* is outside"):
        tco.sweep({"residual_share": [1.5]})


def test_notes_on_request(tmp_path: Path) -> None:
    grid, odd = {"gpu": ["L4"], "pue": [1.2, 2.5]}, tco.breakeven(gpu="L4", pue=2.5).notes[0]
    assert "notes" not in tco.sweep(grid)
    assert tco.sweep(grid, notes=True)["notes"].tolist() == ["", odd]
    for kind, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet)):
        made = tco.sweep(grid, notes=True, output=tmp_path / f"answers{kind}")
        assert read(made)["notes"].fillna("").tolist() == ["", odd]
    table = tco.breakeven(gpu="L4", pue=pd.Series([1.2, 2.5], index=["a", "b"]))
    assert table.to_frame(notes=True)["notes"].to_dict() == {"a": "", "b": odd}
