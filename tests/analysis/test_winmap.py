"""The win map: cells are answers, the contour passes where both sides cost the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tco
from tco.analysis.sensitivity import win_map, zero_contour
from tco.errors import InputError
from tco.report.charts.swings import win_map as figure
from tco.scenario import Scenario
from tests.neutral import neutral

CASES: list[dict[str, Any]] = [
    {},
    {"x": "discount_rate", "y": "resale_decline_per_year"},
    {"x": "gpus", "y": "server_usd", "whole_servers": True},
    {"x": "horizon_months", "y": "rate_growth_per_year", "term": "1yr"},
    {"x": "rack_kw", "y": "gpu_w", "hosting": "own_site", "gpu": "H100-SXM"},
]


@pytest.mark.parametrize("case", CASES)
def test_cells_are_answers(case: dict[str, Any]) -> None:
    names = [case.get("x", "utilization"), case.get("y", "rate_usd_per_gpu_hour")]
    scenario = Scenario(**{"gpu": "L4", **{k: v for k, v in case.items() if k not in ("x", "y")}})
    found = win_map(scenario, x=names[0], y=names[1], points=5)
    assert list(found.columns) == [*names, "npv_saving_usd", "verdict"]
    assert not found.duplicated(names).any()
    for row in found.to_dict("records"):
        cell = {name: row[name] for name in names}
        if np.isnan(row["npv_saving_usd"]):
            assert pd.isna(row["verdict"])
            with pytest.raises(
                InputError,
                match=r"holds no server|is not known|quote is known|cannot be combined",
            ):
                tco.breakeven(scenario, **cell)
            continue
        answer = tco.breakeven(scenario, **cell)
        assert row["npv_saving_usd"] == pytest.approx(answer.npv_saving_usd, rel=1e-9, abs=1e-6)
        assert row["verdict"] == answer.verdict
    has_gaps = "rack_kw" in names
    assert found["verdict"].isna().any() == has_gaps


def test_the_map_spans_both_ranges_and_holds_the_point() -> None:
    found = win_map(gpu="L4", utilization=0.95, points=11)
    assert len(found) == 121
    assert (found["utilization"].min(), found["utilization"].max()) == (0.2, 0.95)
    assert found["verdict"].cat.categories.tolist() == ["buy", "toss_up", "rent"]
    whole = win_map(gpu="L4", x="gpus", y="rack_units")
    assert sorted(set(whole["gpus"])) == list(range(4, 33))
    assert sorted(set(whole["rack_units"])) == list(range(42, 49))


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"x": "pue", "y": "pue"}, "x = y = 'pue': a map needs two different inputs"),
        ({"x": "utilisation"}, "'utilisation' is not an input; did you mean utilization"),
        ({"y": "hosting"}, "hosting is not a number"),
        ({"points": 1}, "points = 1 "),
        ({"points": 1_002}, "points = 1002 "),
        ({"utilization": [0.2, 0.4]}, "one scenario at a time"),
        ({"gpu": "RTX-PRO-4500", "provider": "lambda"}, "rate_usd_per_gpu_hour is not known"),
    ],
)
def test_wrong_questions(case: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        win_map(**case)


def test_points_of_the_contour_put_back_make_both_sides_equal() -> None:
    # The saving is linear in each of the two, so that it is 0 on the sides of the cells.
    lines = zero_contour(win_map(gpu="L4"))
    assert len(lines) == 1
    for utilization, rate in lines[0]:
        cell = {"utilization": float(utilization), "rate_usd_per_gpu_hour": float(rate)}
        answer = tco.breakeven(gpu="L4", **cell)
        assert abs(answer.npv_saving_usd) <= 1e-9 * answer.own_npv_usd


def grid(height: list[list[float]]) -> pd.DataFrame:
    """A frame like that of a map, over whole numbers; a row of `height` for each value of x."""
    rows = [(x, y, usd) for x, column in enumerate(height) for y, usd in enumerate(column)]
    return pd.DataFrame(rows, columns=["x", "y", "npv_saving_usd"])


def test_a_straight_contour_by_hand() -> None:
    (line,) = zero_contour(grid([[-1, 1], [-1, 3], [-3, 1]]))
    ordered = line if line[0, 0] == 0 else line[::-1]
    inner = [point for point in ordered.tolist() if point[0] in (0, 1, 2)]
    assert inner == [[0, 0.5], [1, 0.25], [2, 0.75]]


def test_an_island_is_a_closed_ring() -> None:
    (line,) = zero_contour(grid([[-1, -1, -1], [-1, 1, -1], [-1, -1, -1]]))
    assert line[0].tolist() == line[-1].tolist()
    assert sorted(line[:-1].tolist()) == [[0.5, 1], [1, 0.5], [1, 1.5], [1.5, 1]]


@pytest.mark.parametrize(("buys", "apart"), [(3, "rent"), (1, "buy")])
def test_a_saddle_is_parted_by_its_middle(buys: float, apart: str) -> None:
    lines = zero_contour(grid([[buys, -2], [-2, buys]]))
    assert len(lines) == 2
    cut = {tuple(np.round(line.mean(axis=0), 9)) for line in lines}
    near = buys / (buys + 2)
    corners = {
        "rent": {((1 + near) / 2, (1 - near) / 2), ((1 - near) / 2, (1 + near) / 2)},
        "buy": {(near / 2, near / 2), (1 - near / 2, 1 - near / 2)},
    }
    assert cut == {tuple(np.round(corner, 9)) for corner in corners[apart]}


def test_there_is_no_contour_beside_a_gap_or_where_one_side_always_wins() -> None:
    assert zero_contour(grid([[1, 1], [1, 1]])) == []
    assert zero_contour(grid([[np.nan, 1], [-1, 1]])) == []


def test_the_figure_shows_both_sides_and_the_point() -> None:
    scenario = Scenario(gpu="L4", as_of="2026-11-21")
    values = scenario.values()
    now = (values["utilization"], values["rate_usd_per_gpu_hour"])
    frame = win_map(scenario)
    chart = figure(frame, now)
    traces = {trace.name: trace for trace in chart.figure.data}
    assert traces["you"].x[0] == 50
    assert traces["you"].y[0] == pytest.approx(now[1])
    (line,) = zero_contour(frame)
    np.testing.assert_allclose(traces["both cost the same"].x, line[:, 0] * 100)
    words = [note.text for note in chart.figure.layout.annotations]
    assert {"<b>BUY</b> wins", "<b>RENT</b> wins"} < set(words)
    fair = tco.breakeven(scenario).breakeven_rate_usd_per_gpu_hour
    limit = f"the rental rate is above ${fair:.3f}"
    assert chart.title == f"With utilization at 50 %, buying wins where {limit}"
    shares = frame["verdict"].value_counts(normalize=True)
    assert f"renting wins on {shares['rent'] * 100:.0f} %" in chart.alt


@pytest.mark.parametrize("case", CASES)
def test_every_map_can_be_drawn(case: dict[str, Any]) -> None:
    frame = win_map(**{"gpu": "L4", **case}, points=9)
    chart = figure(frame)
    assert chart.title
    assert "wins" in chart.alt
    drawn = np.array(chart.figure.data[0].z, dtype=float)
    assert np.isnan(drawn).sum() == frame["verdict"].isna().sum()
    assert np.nanmin(drawn) >= 0


def test_the_title_names_the_side_on_which_buying_wins() -> None:
    scenario = Scenario(**neutral(price_usd_per_gpu=2_900, rate_usd_per_gpu_hour=0.12))
    values = scenario.values()
    frame = win_map(scenario, x="utilization", y="price_usd_per_gpu")
    chart = figure(frame, (1.0, values["price_usd_per_gpu"]))
    said = "With utilization at 100 %, buying wins where the GPU price is below"
    assert chart.title == f"{said} $3,150"
    free = win_map(**neutral(rate_usd_per_gpu_hour=1))
    assert figure(free).title == "Buying wins everywhere on the map"
