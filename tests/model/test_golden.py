"""Ledgers worked by hand (tests/golden), line by line."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

import tco
from tests.neutral import neutral

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_ledger(path: Path) -> None:
    inputs = neutral(**json.loads(path.read_text())["inputs"])
    rows = tco.ledger(**inputs)
    found = {
        (row.option, row.item, row.month): (row.t_months, row.cost_usd, row.present_value_usd)
        for row in rows.itertuples()
        if row.cost_usd
    }
    with path.with_suffix(".csv").open(newline="") as stream:
        expected = {
            (row["option"], row["item"], int(row["month"])): (
                float(row["t_months"]),
                float(row["cost_usd"]),
                float(row["present_value_usd"]),
            )
            for row in csv.DictReader(stream)
            if float(row["cost_usd"])
        }
    assert found.keys() == expected.keys()
    for line, worked in expected.items():
        assert found[line] == pytest.approx(worked, rel=1e-9), line


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_results(path: Path) -> None:
    case = json.loads(path.read_text())
    answer = tco.breakeven(**neutral(**case["inputs"]))
    assert case["expected"]
    for name, worked in case["expected"].items():
        result = getattr(answer, name)
        if isinstance(worked, str):
            assert result == worked, name
        else:
            expected = math.inf if worked is None else worked
            assert result == pytest.approx(expected, rel=1e-9, abs=1e-9), name


def test_there_are_enough_cases() -> None:
    assert len(GOLDEN) >= 5
