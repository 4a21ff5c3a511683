"""The charts of the odds draw the numbers of the simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tco
from tco.analysis.simulation import Simulation, simulate
from tco.report import risk_tables
from tco.report.charts import check_first, crossing, cumulative, futures_dots
from tco.report.drawing import BUY, RENT


@pytest.fixture(scope="module")
def odds() -> Simulation:
    return simulate(
        gpu="L4", gpus=8, utilization=0.6, license_usd_per_gpu_year=0, as_of="2026-11-21"
    )


def test_a_dot_for_each_future(odds: Simulation) -> None:
    savings = odds.dots(50)
    chart = futures_dots(savings)
    wins = sum(saving > 0 for saving in savings)
    assert 0 < wins < 50
    assert wins > 25
    assert chart.title == f"BUY is cheaper in {wins} of 50 simulated futures"
    losing, winning = chart.figure.data
    assert (len(losing.x), len(winning.x)) == (50 - wins, wins)
    assert (winning.marker.color, losing.marker.line.color) == (BUY, RENT)
    # The sides are told apart without color, too.
    assert losing.marker.color != winning.marker.color
    assert max(losing.x) < 0 < min(winning.x)
    width = (savings[-1] - savings[0]) / 20
    shown = sorted([*losing.x, *winning.x])
    assert np.abs(np.array(shown) - np.array(savings)).max() <= width / 2 * (1 + 1e-9)
    words = " ".join(note.text for note in chart.figure.layout.annotations)
    assert "BUY" in words
    assert "RENT" in words
    assert "$" in chart.alt


def test_dots_do_not_cover_each_other(odds: Simulation) -> None:
    chart = futures_dots(odds.dots(50))
    places = [(x, y) for trace in chart.figure.data for x, y in zip(trace.x, trace.y, strict=True)]
    assert len(set(places)) == 50
    for x in {x for x, _ in places}:
        heights = sorted(y for other, y in places if other == x)
        assert heights == [at + 0.5 for at in range(len(heights))]


@pytest.mark.parametrize(
    "savings",
    [[-100.0, -50.0], [50.0, 100.0], [-3.0, 100.0], [-100.0, 3.0], [7.0] * 50, [-1.0, 0.0]],
)
def test_dots_have_room_beside_and_upon_each_other_on_a_phone(savings: list[float]) -> None:
    layout = (chart := futures_dots(savings)).figure.layout
    left, right = layout.xaxis.range
    assert left <= 0 <= right
    xs, ys = ([at for trace in chart.figure.data for at in trace[axis]] for axis in "xy")
    assert left < min(xs)
    assert max(xs) < right
    phone, size = 320 - 48 - layout.margin.l - layout.margin.r, 10
    width = (max(*savings, 0) - min(*savings, 0)) / 20
    assert width / (right - left) * phone >= size
    tall = layout.height - layout.margin.t - layout.margin.b
    assert tall / layout.yaxis.range[1] >= size
    assert max(ys) < layout.yaxis.range[1]
    largest = max(trace.marker.size + (trace.marker.line.width or 0) for trace in chart.figure.data)
    assert largest == size
    assert layout.xaxis.tickangle == 0


@pytest.mark.parametrize(
    ("savings", "said"),
    [
        ([5.0], "BUY is cheaper in 1 of 1"),
        ([-5.0], "RENT is cheaper in 1 of 1"),
        ([0.0], "Both cost the same in all 1"),
        ([0.0, 0.0], "Both cost the same in all 2"),
        ([3.0] * 20, "BUY is cheaper in 20 of 20"),
        ([-1.0, 0.0, 1.0], "BUY and RENT are each cheaper in 1 of 3"),
    ],
)
def test_dots_of_a_few_or_equal_futures(savings: list[float], said: str) -> None:
    chart = futures_dots(savings)
    assert chart.title.startswith(said)
    assert sum(len(trace.x) for trace in chart.figure.data) == len(savings)


def test_a_tie_stands_with_renting() -> None:
    renting, buying = futures_dots([-1.0, 0.0, 0.01, 1.0]).figure.data
    assert max(renting.x) < 0 < min(buying.x)


def test_the_ribbons_are_the_percentiles(odds: Simulation) -> None:
    scenario, futures = odds.scenario, odds.curves()
    chart = cumulative(tco.curves(scenario), tco.breakeven(scenario), futures)
    ribbons = [trace for trace in chart.figure.data if not trace.name]
    for low, side in ((0, "rent"), (2, "own")):
        np.testing.assert_array_equal(ribbons[low].y, futures[f"{side}_p10_usd"])
        np.testing.assert_array_equal(ribbons[low + 1].y, futures[f"{side}_p90_usd"])
        assert (ribbons[low].fill, ribbons[low + 1].fill) == (None, "tonexty")
    assert chart.figure.layout.yaxis.range[1] > futures[["own_p90_usd", "rent_p90_usd"]].max().max()
    assert "P10 to P90" in chart.caption


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_crossing_is_drawn_with_its_own_band(odds: Simulation, theme: str) -> None:
    answer = tco.breakeven(odds.scenario)
    curve = risk_tables.crossing_frame(tco.curves(odds.scenario), odds.curves(256))
    chart = crossing(curve, answer.exit_months, odds.exit_months, odds.never_ahead, theme)
    traces = {trace.name: trace for trace in chart.figure.data}
    assert traces["base case"].y.tolist() == curve["saving_usd"].tolist()
    assert (traces["crossing"].x[0], traces["crossing"].y[0]) == (answer.exit_months, 0)
    low, _, high = odds.exit_months
    end = curve["t_months"].iloc[-1]
    assert traces["P10 to P90"].x == (low, min(high, end))
    # The base case crosses zero there, within the month.
    saved = np.interp(answer.exit_months, curve["t_months"], curve["saving_usd"])
    assert abs(saved) <= np.abs(np.diff(curve["saving_usd"])).max()
    bottom, top = chart.figure.layout.yaxis.range
    assert bottom < curve["p10_usd"].min()
    assert curve["p90_usd"].max() < top


@pytest.mark.parametrize(
    ("month", "band", "never"),
    [
        (math.inf, (math.inf, math.inf, math.inf), 1.0),
        (0.0, (0.0, 0.0, 0.0), 0.0),
        (math.inf, (5.0, math.inf, math.inf), 0.8),
        (36.0, (36.0, 36.0, 50.0), 0.05),
        (3.0, (1.0, 3.0, 12.0), 0.0),
    ],
)
def test_a_crossing_that_never_or_always_is_has_its_words(
    odds: Simulation, month: float, band: tuple[float, float, float], never: float
) -> None:
    curve = risk_tables.crossing_frame(tco.curves(odds.scenario), odds.curves(64))
    chart = crossing(curve, month, band, never)
    assert "inf" not in f"{chart.title}{chart.alt}{chart.caption}"
    assert all("inf" not in note.text for note in chart.figure.layout.annotations)
    assert ("crossing" in {trace.name for trace in chart.figure.data}) == math.isfinite(month)


def test_what_to_check_first_is_drawn_by_its_worth(odds: Simulation) -> None:
    chart = check_first(odds.drivers, risk_tables.first_check(odds))
    (bars,) = chart.figure.data
    worth = odds.drivers["value_of_knowing_usd"].sort_values(ascending=False)
    assert list(bars.x) == worth[worth > 0].head(7).tolist()
    assert chart.title.startswith("Check ")
    sure = odds.drivers.assign(value_of_knowing_usd=0.0)
    assert check_first(sure, "nothing") is None
