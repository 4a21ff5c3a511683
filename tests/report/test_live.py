"""The chart beside the sliders: its crossing is the verdict's, its lines lie in their bands."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tco.report.facts import facts_of

CASES: list[dict[str, Any]] = [
    {},
    {"utilization": 0.9},
    {"utilization": 0.2},
    {"billing": "committed", "term": "1yr"},
    {"gpu": "H100-SXM", "hosting": "own_site"},
    {"tax_rate": 0.25, "depreciation": "straight_line"},
    {"financing": "loan"},
    {"horizon_months": 20.5},
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_the_crossing_is_the_one_of_the_verdict(given: dict[str, Any]) -> None:
    facts = facts_of(tco.Scenario(**given))
    assert facts.answer is not None
    assert facts.live is not None
    drawn, answer = facts.live, facts.answer
    assert (drawn.own[-1] < drawn.rent[-1]) == (answer.npv_saving_usd > 0)
    assert drawn.own[-1] == pytest.approx(answer.own_npv_usd, rel=1e-4)
    assert drawn.rent[-1] == pytest.approx(answer.rent_npv_usd, rel=1e-4)
    if drawn.crossings and answer.npv_saving_usd > 0:
        month, _, said = drawn.crossings[-1]
        assert math.ceil(month) == math.ceil(answer.exit_months) or month == answer.exit_months
        assert said in drawn.title or round(month) == 0
    if not drawn.crossings and answer.npv_saving_usd < 0:
        assert "never costs less" in drawn.title


@pytest.mark.parametrize("given", CASES, ids=str)
def test_each_line_lies_in_its_band(given: dict[str, Any]) -> None:
    drawn = facts_of(tco.Scenario(**given)).live
    assert drawn is not None
    for line, (low, high) in ((drawn.own, drawn.own_band), (drawn.rent, drawn.rent_band)):
        for at in (len(line) // 3, len(line) // 2, -1):
            assert low[at] <= line[at] * (1 + 1e-6)
            assert line[at] <= high[at] * (1 + 1e-6)
    assert drawn.span[1] >= max(*drawn.own, *drawn.rent) * (1 - 1e-4)


def test_two_crossings_are_both_told_and_both_marked() -> None:
    drawn = facts_of(tco.Scenario(horizon_months=240)).live
    assert drawn is not None
    first, second = (said for _, _, said in drawn.crossings)
    title = f"Owning costs less from {first} to {second}, if you sell when you stop"
    assert drawn.title == title
    assert drawn.note.startswith("The lines cross 2 times. ")


def test_the_table_says_what_the_lines_show() -> None:
    drawn = facts_of(tco.Scenario(horizon_months=240)).live
    assert drawn is not None
    assert 8 <= len(drawn.rows) <= 14
    assert drawn.rows[-1][0] == "240"
    assert {len(row) for row in drawn.rows} == {4}
