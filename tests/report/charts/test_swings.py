"""The charts of the Risk page: their words stand where there is room, in the units people see."""

from __future__ import annotations

import numpy as np
import pytest

import tco
from tco.inputs import INPUTS
from tco.report.charts.swings import _roomiest, tornado, win_map


def notes(chart):
    return {note.text: note for note in chart.figure.layout.annotations}


def test_the_word_stands_in_the_middle_of_a_square():
    area = np.zeros((9, 9), dtype=bool)
    area[2:7, 2:7] = True
    assert _roomiest(area, None).tolist() == [4, 4]
    assert _roomiest(~area & area, None) is None


def test_a_place_that_is_taken_is_left_free():
    area = np.ones((21, 21), dtype=bool)
    assert _roomiest(area, None).tolist()[1] == 10
    free = _roomiest(area, [10, 10])
    assert abs(free[1] - 10) >= 4


def test_the_words_stand_in_their_own_areas_and_off_the_point():
    frame = tco.win_map(gpu="L4")
    chart = win_map(frame, (0.5, 0.6))
    for word, verdict in (("<b>BUY</b> wins", "buy"), ("<b>RENT</b> wins", "rent")):
        at = notes(chart)[word]
        there = frame[
            np.isclose(frame["utilization"] * 100, at.x)
            & np.isclose(frame["rate_usd_per_gpu_hour"], at.y)
        ]
        assert there["verdict"].tolist() == [verdict]
        assert abs(at.x - 50) > 5 or abs(at.y - 0.6) > 0.05


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("horizon_months", "price_usd_per_gpu"),
        ("gpus", "pue"),
        ("resale_decline_per_year", "utilization"),
    ],
)
def test_axes_are_in_the_units_shown(x, y):
    frame = tco.win_map(gpu="L4", x=x, y=y, points=9)
    layout = win_map(frame).figure.layout
    for name, axis in ((x, layout.xaxis), (y, layout.yaxis)):
        ends = (INPUTS[name].shown(frame[name].min()), INPUTS[name].shown(frame[name].max()))
        assert axis.range == pytest.approx(ends)
    is_money = y == "price_usd_per_gpu"
    assert [text[0] for text in layout.yaxis.ticktext or ()] == ["$"] * 5 * is_money


def test_every_bar_has_the_values_of_its_input_at_its_ends():
    frame = tco.tornado(gpu="L4", count=4)
    chart = tornado(frame)
    told = {(note.text, note.x) for note in chart.figure.layout.annotations}
    busy = frame.set_index("input").loc["utilization"]
    assert ("20 %", busy["saving_low_usd"]) in told
    assert ("90 %", busy["saving_high_usd"]) in told
    now = tco.breakeven(gpu="L4").npv_saving_usd
    assert notes(chart)["<b>BUY</b> wins"].x == notes(chart)["<b>RENT</b> wins"].x == 0
    assert any(note.text.startswith("now ") and note.x == now for note in notes(chart).values())
