"""Every default price and rate is where an expert expects it: bands.csv says where, and why."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tco.market.catalogue import load
from tco.market.choice import TERM_MONTHS, Question, resolve

RATE, PRICE = "rate_usd_per_gpu_hour", "price_usd_per_gpu"
with (Path(__file__).parent / "bands.csv").open(newline="") as _stream:
    BANDS = {row["gpu"]: row for row in csv.DictReader(_stream)}


def test_every_gpu_has_a_band_with_its_facts() -> None:
    assert set(BANDS) == set(load().gpus)
    assert all(row["facts"] for row in BANDS.values())


@pytest.mark.parametrize("gpu", BANDS)
def test_default_price_and_rate(gpu: str) -> None:
    found, band = resolve(Question(gpu=gpu), load()), BANDS[gpu]
    assert float(band["low_usd"]) <= found[PRICE].value <= float(band["high_usd"])
    rate, borrowed = found[RATE].value, found[RATE].borrowed
    assert bool(borrowed) == (band["low_usd_per_gpu_hour"] == "")
    if borrowed:
        assert rate == resolve(Question(gpu=borrowed), load())[RATE].value
    else:
        low, high = (float(band[f"{end}_usd_per_gpu_hour"]) for end in ("low", "high"))
        assert low <= rate <= high


@pytest.mark.parametrize("gpu", BANDS)
@pytest.mark.parametrize("term", ["on_demand", "1yr", "3yr"])
def test_every_gpu_and_term_has_a_rate_with_providers_and_a_date(gpu: str, term: str) -> None:
    found = resolve(Question(gpu=gpu, term=term), load())
    assert found[RATE].value > 0
    assert found[RATE].providers >= 1
    assert found[RATE].as_of
    assert found["rate_growth_per_year"].value is not None


@pytest.mark.parametrize("gpu", [gpu for gpu, row in BANDS.items() if row["low_usd_per_gpu_hour"]])
def test_a_commitment_has_an_answer_and_costs_no_more_than_on_demand(gpu: str) -> None:
    usual = resolve(Question(gpu=gpu), load())[RATE]
    assert usual.providers is not None
    for term in ("1yr", "3yr"):
        found = resolve(Question(gpu=gpu, term=term), load())[RATE]
        assert term in TERM_MONTHS
        assert usual.value / 4 < found.value < usual.value
        assert found.providers is not None
        assert 1 <= found.providers <= usual.providers
        assert "of the on-demand rate" in found.note
