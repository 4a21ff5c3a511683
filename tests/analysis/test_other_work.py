"""Images, video, seats, embeddings and training runs: measured, or one's own figure."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tco.market.workload import other_work


@pytest.mark.parametrize(
    ("gpu", "images"),
    [("L4", 0.252), ("L40S", 0.690), ("H100-SXM", 2.26), ("H200", 2.39), ("B200", 3.99)],
)
def test_images_a_second_as_measured(gpu: str, images: float) -> None:
    found = tco.other_speed("images", gpu, model="SDXL")
    assert (found.basis, found.unit) == ("measured", "images")
    assert found.per_gpu == pytest.approx(images, rel=2e-3)
    assert found.low <= found.per_gpu <= found.high
    assert found.rows


def test_every_measured_row_is_found() -> None:
    for row in other_work():
        found = tco.other_speed(row.work, row.gpu, model=row.model, mode=row.mode)
        assert found.basis == "measured", row
        alike = {one.per_gpu for one in found.rows}
        assert row.per_gpu in alike or row.unit != found.rows[0].unit, row


def test_video_on_eight_cards_and_on_gpus_without_an_encoder() -> None:
    found = tco.other_work("video", at_once=1_040, gpu="L4")
    assert (found.gpus, found.utilization) == (8, 1)
    assert tco.other_work("video", at_once=1_041, gpu="L4", hours_per_day=12).gpus == 9
    for gpu in ("A100-80GB-SXM", "H100-SXM", "H200", "B200"):
        with pytest.raises(tco.InputError, match="has no video encoder"):
            tco.other_work("video", at_once=10, gpu=gpu)
    with pytest.raises(tco.InputError, match="your own figure"):
        tco.other_work("video", at_once=10, gpu="L40S")


@pytest.mark.parametrize(("profile", "seats"), [("1B", 24), ("2B", 12), ("3B", 8)])
def test_seats_of_a_profile(profile: str, seats: int) -> None:
    found = tco.other_work("seats", at_once=100, gpu="L4", model=profile, hours_per_day=10)
    assert found.speed.per_gpu == seats
    assert found.gpus == math.ceil(100 / seats)


def test_seats_of_ones_own_figure() -> None:
    with pytest.raises(tco.InputError, match="your own figure"):
        tco.other_work("seats", at_once=100, gpu="L40S", model="1B")
    with pytest.raises(tco.InputError, match="name one: vPC profile 1B"):
        tco.other_work("seats", at_once=100, gpu="L4")
    found = tco.other_work("seats", at_once=100, gpu="L4", my_units=24, hours_per_day=10)
    assert (found.gpus, found.speed.basis) == (5, "yours")
    assert found.utilization == pytest.approx(10 / 24)
    rent = found.costs.rent_usd_per_gpu_hour * found.gpu_hours_per_month
    assert found.usd_per_unit["rent"] == pytest.approx(rent / (100 * 730 * 10 / 24))


def test_embeddings_by_a_formula_and_its_band() -> None:
    own = tco.other_speed("embeddings", "L4", parameters=302e6)
    other = tco.other_speed("embeddings", "L40S", parameters=302e6)
    assert (own.basis, other.basis) == ("calibrated", "estimated")
    assert own.per_gpu == pytest.approx(62_100, rel=1e-3)
    for found in (own, other):
        assert (found.low, found.high) == (0.6 * found.per_gpu, 1.4 * found.per_gpu)
    assert tco.other_speed("embeddings", "Mac-Studio-M4-Max", parameters=302e6).basis == "refused"


def test_a_training_run() -> None:
    asked: dict[str, Any] = {"tokens": 1e12, "mfu": 0.40, "gpu": "H100-SXM"}
    run = tco.training(parameters=8e9, gpu_count=64, **asked)
    assert round(run.gpu_hours) == 33_704
    assert run.scenario.values()["horizon_months"] == pytest.approx(run.days / (730 / 24))
    soon = tco.training(parameters=8e9, days=10, **asked)
    assert soon.gpus == math.ceil(33_704 / 240)
    assert soon.days <= 10
    llama = tco.training(model="Llama-3.1-8B", gpu_count=64, **asked)
    assert llama.gpu_hours == pytest.approx(33_704 * 8.030261248 / 8, rel=1e-4)
    assert tco.training(parameters=8e9, gpu_count=1, my_gpu_hours=240, **asked).days == 10


@pytest.mark.parametrize(
    ("call", "asked", "name"),
    [
        (tco.other_speed, {"kind": "vdeo"}, "kind"),
        (tco.other_speed, {"kind": "images", "model": "nothing like it"}, "model"),
        (tco.other_speed, {"kind": "vision"}, "model"),
        (tco.other_speed, {"kind": "images", "my_units": 0}, "my_units"),
        (tco.other_speed, {"kind": "images", "model": 5}, "model"),
        (tco.other_speed, {"kind": "images", "model": "SDXL", "mode": ["offline"]}, "mode"),
        (tco.other_work, {"kind": "images", "at_once": 5, "model": "SDXL"}, "units_per_day"),
        (tco.other_work, {"kind": "video", "units_per_day": 5}, "at_once"),
        (tco.other_work, {"kind": "video", "at_once": -1}, "at_once"),
        (tco.other_work, {"kind": "video", "at_once": 1, "gpus": 2}, "gpus"),
        (tco.training, {"tokens": 1e12, "mfu": 1.2, "parameters": 8e9, "days": 9}, "mfu"),
        (tco.training, {"tokens": 1e12, "mfu": 0.4, "days": 9}, "parameters"),
        (tco.training, {"tokens": 1e12, "mfu": 0.4, "parameters": 8e9}, "gpu_count"),
    ],
)
def test_what_is_wrong_is_named(call: Any, asked: dict[str, Any], name: str) -> None:
    with pytest.raises(tco.InputError) as wrong:
        call(**asked)
    assert [problem.input for problem in wrong.value.problems] == [name]
    assert "None" not in str(wrong.value)
