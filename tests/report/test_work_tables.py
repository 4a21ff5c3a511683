"""Work on every GPU in words, and the charts of one of them."""

import math

import pytest

import tco
from tco import Scenario
from tco.analysis.same_work import (
    CURVE,
    SameWork,
    measured_points,
    same_work,
    speed_curve,
)
from tco.analysis.work import Work
from tco.errors import InputError
from tco.report import charts, work_tables
from tco.workload.task import TASKS, Task

CHAT = Task().changed(users=2_000)
GPUS = ("L4", "H100-SXM", "RTX-4090", "T4", "Arc-Pro-B60")
SAID = {
    "embeddings": {"units_per_day": 1e9, "parameters": 302e6},
    "images": {"units_per_day": 500_000},
    "speech": {"units_per_day": 1e6},
    "vision": {"units_per_day": 1e9, "model": "ResNet-50"},
    "language": {"units_per_day": 1e7},
    "recommendation": {"units_per_day": 1e9},
    "graphs": {"units_per_day": 1e9},
    "video": {"at_once": 1_040},
    "seats": {"at_once": 100, "hours_per_day": 9},
    "training": {"model": "Llama-3.1-8B", "tokens": 1e12, "mfu": 0.4, "days": 30},
}


@pytest.fixture(scope="module")
def found():
    return same_work(CHAT, Scenario(), GPUS)


def test_the_numbers_are_those_of_the_library(found):
    work = tco.work("Llama-3.1-8B", users=2_000, use_case="chat", gpu="L4")
    frame = tco.substitutes(work, gpus=[gpu for gpu in GPUS if gpu != "L4"]).set_index("gpu")
    for one in found.able:
        if one.gpu in frame.index:
            row = frame.loc[one.gpu]
            assert one.present_value_usd == row["present_value_usd"]
            assert (one.gpus, one.side, one.basis) == (row["gpus"], row["side"], row["basis"])
        answer = tco.breakeven(one.scenario)
        assert answer.own_npv_usd == one.costs.own_usd
    assert found.api == same_work(CHAT, Scenario(), ["T4"]).api
    ranks = [one.present_value_usd for one in found.able]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("kind", SAID)
def test_every_kind_of_work_has_an_answer(kind):
    found = same_work(Task().changed(kind=kind, **SAID[kind]), Scenario())
    told = work_tables.answer(found, Scenario())
    assert found.best is not None
    assert told.word.startswith("Cheapest: ")
    rows = work_tables.rows(found)
    assert [row.place for row in rows] == [str(at) for at in range(1, len(rows) + 1)]
    words = " ".join((told.lead, *told.more, *(row.reason for row in rows), *_reasons(found)))
    assert "_" not in words
    assert " = " not in words.replace("“", "")
    assert len(work_tables.table_frame(found)) == len(found.able) + len(found.unable)
    for one in found.able:
        cost = min(one.own_usd_per_unit, one.rent_usd_per_unit)
        assert math.isnan(cost) or cost > 0


def _reasons(found: SameWork):
    return [text for pair in work_tables.unable(found) for text in pair]


def test_eight_l4_carry_the_video_of_the_vendor():
    found = same_work(Task().changed(kind="video", at_once=1_040), Scenario())
    assert (found.best.gpus, found.best.gpu) == (8, "L4")
    reasons = dict(work_tables.unable(found))
    assert any("no video encoder" in why for why in reasons.values())


def test_a_task_that_lacks_something_says_what():
    assert work_tables.lacking(Task()) == ""
    told = work_tables.lacking(Task().changed(kind="images"))
    assert told == "Enter “Images a day” to see which GPUs can do it."
    assert set(TASKS) == {"llm", *SAID}


def test_gpus_with_one_reason_stand_together():
    every = same_work(CHAT, Scenario())
    listed = work_tables.unable(every)
    assert sum(len(gpus.split(", ")) for gpus, _ in listed) == len(every.unable)
    assert len(listed) < len(every.unable)
    assert all(why.endswith(".") for _, why in listed)


def test_a_borrowed_rental_rate_is_marked():
    found = same_work(CHAT, Scenario(), ["MI325X"])
    (row,) = work_tables.rows(found)
    assert row.marks == ("at the rental rate of the MI300X",)


def test_a_context_beyond_the_model_is_an_error_of_all():
    with pytest.raises(InputError, match="the context of Llama"):
        same_work(CHAT.changed(prompt_tokens=200_000), Scenario(), ["L4"])


def test_nothing_reaches_half_a_millisecond_a_token():
    found = same_work(CHAT.changed(token_time_ms=0.5), Scenario(), GPUS)
    assert found.best is None
    gpu, ms = found.fastest
    assert gpu in GPUS
    assert ms > 0.5


def test_own_prices_stay_with_their_gpu_and_the_rest_goes_along():
    scenario = Scenario(gpu="L4", price_usd_per_gpu=1_000, site="office", discount_rate=0.2)
    found = same_work(CHAT, scenario, ["L4", "RTX-4090"])
    assert found.of("L4").scenario.given["price_usd_per_gpu"] == 1_000
    other = found.of("RTX-4090").scenario
    assert "price_usd_per_gpu" not in other.given
    assert other.given["discount_rate"] == 0.2
    assert other.given["site"] == "office"


def test_a_speed_of_one_s_own_counts_on_its_gpu_alone():
    task = CHAT.changed(my_tokens_per_s=5_000.0, my_gpu="L4")
    found = same_work(task, Scenario(gpu="T4"), ["L4", "RTX-4090"])
    assert (found.of("L4").basis, found.of("L4").gpus) == ("yours", 1)
    assert found.of("RTX-4090").basis == "estimated"
    assert speed_curve(found.of("L4").found).empty


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_charts_are_the_frames(found, theme):
    work = found.of("L4").found
    assert isinstance(work, Work)
    curve, points = speed_curve(work), measured_points(work)
    assert list(curve) == list(CURVE)
    assert len(points) > 10
    units = work.usd_per_million_tokens
    point = charts.Point("6 × L4", 45.0, 363.0, units["own"], units["rent"])
    speeds = charts.speed_by_concurrency(curve, points, point, theme)
    costs = charts.cost_by_concurrency(curve, point, 0.3, theme)
    for chart in (speeds, costs):
        assert chart.figure.to_dict()
        assert chart.alt.startswith(chart.title)
    drawn = {trace["name"]: trace for trace in costs.drawing["data"]}
    assert drawn["API"]["y"] == [0.3, 0.3]
    assert "with other lengths (open)" in speeds.caption
    assert charts.speed_by_concurrency(curve.head(0), points, point) is None
    nothing = charts.Point("6 × L4", 45.0, 363.0, math.nan, math.nan)
    assert charts.cost_by_concurrency(curve, nothing, None) is None


def test_one_gpu_more_closely_says_basis_odds_and_break_even(found):
    basis, odds, speed = work_tables.closer(found.of("L4").found)
    assert basis.startswith(("Estimated: ", "Calibrated: ", "Measured: ", "Interpolated: "))
    assert "simulated futures, with the band of the speed in them" in odds
    assert "tok/s" in speed
