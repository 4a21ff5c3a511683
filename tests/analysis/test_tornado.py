"""The tornado: bars are runs of the model, the centre is the answer, the largest comes first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import tco
from tco.analysis.sensitivity import TORNADO_COLUMNS, tornado
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.model.ledger import ledger_rows
from tco.report.charts.swings import tornado as figure
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import examples, scenarios


@settings(max_examples=examples(40))
@given(scenarios())
def test_ends_are_runs_of_the_model_and_the_centre_is_the_answer(case: dict[str, Any]) -> None:
    found = tornado(**case, count=5)
    now = tco.breakeven(**case).npv_saving_usd
    assert (found["saving_now_usd"] == now).all()
    assert found["swing_usd"].is_monotonic_decreasing
    for row in found.to_dict("records"):
        assert row["low"] <= row["value"] <= row["high"]
        for end in ("low", "high"):
            changed = {**case, row["input"]: row[end]}
            scale = sum(abs(present) for *_, present in ledger_rows(Scenario(**changed)))
            alone = tco.breakeven(**changed).npv_saving_usd
            assert abs(row[f"saving_{end}_usd"] - alone) <= 1e-12 * scale


def test_inputs_only_each_once_the_largest_first() -> None:
    found = tornado(gpu="L4")
    assert list(found.columns) == list(TORNADO_COLUMNS)
    assert len(found) == 12
    assert found["input"].is_unique
    assert set(found["input"]) < set(INPUTS)
    everything = tornado(gpu="L4", count=99)
    pd.testing.assert_frame_equal(everything.head(12), found)
    resolved = Scenario(gpu="L4").resolved()
    ranged = {name for name, entry in resolved.items() if entry.low is not None}
    # There is no refresh without a price.
    assert set(everything["input"]) == ranged - {"gpus", "refresh_months"}
    assert everything["swing_usd"].iloc[-1] == 0


def test_a_tornado_by_hand() -> None:
    # Ten months of 730 h: a dollar an hour is 7,300. The card: 5,000, from 0.85 to 1.25 of 2,900.
    case = neutral(price_usd_per_gpu=5_000, rate_usd_per_gpu_hour=1, horizon_months=10)
    found = tornado(**case, count=99).set_index("input")
    price = found.loc["price_usd_per_gpu"]
    assert (price["low"], price["high"]) == (0.85 * 2_900, 5_000)
    assert price["saving_low_usd"] == pytest.approx(7_300 - 0.85 * 2_900)
    assert price["saving_now_usd"] == price["saving_high_usd"] == pytest.approx(2_300)
    assert price["swing_usd"] == pytest.approx(5_000 - 0.85 * 2_900)
    assert found.loc["horizon_months", "saving_high_usd"] == pytest.approx(730 * 60 - 5_000)
    assert found.loc["horizon_months", "unit"] == "months"


def test_an_end_at_which_a_rack_holds_no_server_is_left_out() -> None:
    scenario = Scenario(gpu="H100-SXM", hosting="own_site")
    found = tornado(scenario, count=99)
    assert "rack_kw" not in set(found["input"])
    assert np.isfinite(found["swing_usd"]).all()
    assert "rack_kw" in set(tornado(gpu="H100-SXM", count=99)["input"])


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"count": 0}, "count = 0 is not a whole number above 0"),
        ({"count": 2.0}, "count = 2.0"),
        ({"count": True}, "count = True"),
        ({"utilization": [0.2, 0.4]}, "one scenario at a time"),
        ({"gpu": "RTX-PRO-4500"}, "rate_usd_per_gpu_hour is not known"),
    ],
)
def test_wrong_questions(case: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tornado(**case)


def test_the_figure_draws_the_bars_and_says_their_values() -> None:
    frame = tornado(gpu="L4", as_of="2026-11-21", count=6)
    chart = figure(frame)
    assert chart is not None
    rent, buy = chart.figure.data
    for at, row in enumerate(frame.to_dict("records")):
        low, high = sorted((row["saving_low_usd"], row["saving_high_usd"]))
        drawn = [trace.base[at] for trace in (rent, buy)]
        reached = [trace.base[at] + trace.x[at] for trace in (rent, buy)]
        assert (min(drawn[0], 0), max(reached[1], 0)) == pytest.approx((min(low, 0), max(high, 0)))
    words = [note.text for note in chart.figure.layout.annotations]
    assert {"20 %", "90 %", "<b>BUY</b> wins", "<b>RENT</b> wins"} < set(words)
    named = {note.text: note.y for note in chart.figure.layout.annotations}
    assert [named[INPUTS[name].phrase] for name in frame["input"]] == list(range(6))
    most = "the cost of licences per GPU-year"
    assert chart.title == f"6 of 6 inputs can each turn the answer, {most} by the most"
    assert "cost of licences per GPU-year $4,500: −$92.9k, $0: $7.27k" in chart.alt


def test_the_title_says_when_nothing_turns_the_answer() -> None:
    rows = tornado(gpu="L4", utilization=0.9, rate_usd_per_gpu_hour=3, count=20)
    calm = rows[rows["saving_low_usd"] * rows["saving_high_usd"] > 0]
    chart = figure(calm)
    assert chart is not None
    said = f"Buying stays ahead at the low and the high of each of these {len(calm)} inputs"
    assert chart.title == said
    turning = tornado(gpu="L4", term="1yr", utilization=0.4, hosting="own_site", whole_racks=True)
    few = turning[turning["input"].isin(["licence_usd_per_gpu_year", "server_usd"])]
    one = figure(few)
    assert one is not None
    assert (
        one.title == "Of these 2 inputs only the cost of licences per GPU-year can turn the answer"
    )
    assert figure(rows.head(0)) is None


def test_an_end_at_which_both_cost_the_same_turns_nothing() -> None:
    rows = tornado(gpu="L4", count=2)
    usd = ["saving_low_usd", "saving_now_usd", "saving_high_usd"]
    rows[usd] = [[0.0, 5.0, 10.0], [3.0, 5.0, 6.0]]
    chart = figure(rows)
    assert chart is not None
    assert chart.title.startswith("Buying stays ahead")
