"""A successor that does the same work with fewer cards: exact against the model's own refresh."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tco

ON = {"as_of": "2026-11-21"}
# Nothing but GPUs is bought, and nothing has a warranty: the model's refresh is the same then.
BARE = {
    "server_usd": 0,
    "network_usd_per_gpu": 0,
    "install_usd_per_gpu": 0,
    "failure_rate_per_year": 0,
    "maintenance_rate_per_year": 0,
    "insurance_rate_per_year": 0,
    "whole_servers": True,
}


def work(**given: Any) -> tco.Work:
    asked = {"users": 20_000, "use_case": "chat", "gpu": "L4", **ON, **given}
    return tco.work("Llama-3.1-8B", **asked)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"opex_growth_per_year": 0.06, "electricity_growth_per_year": 0.1, "hosting": "own_site"},
        {"tax_rate": 0.3, "depreciation": "straight_line", "purchase_month": 1},
        {"horizon_months": 40.5, "sales_tax_rate": 0.08, "spares_rate": 0.1},
    ],
)
def test_a_successor_of_the_same_kind_is_the_refresh_of_the_model(given: dict[str, Any]) -> None:
    job = work(**BARE, **given)
    found = tco.successor(job, "L4", refresh_months=24, refresh_price_usd_per_gpu=2_000)
    assert found.gpus_after == found.gpus
    again = replace(job.scenario, refresh_months=24, refresh_price_usd_per_gpu=2_000)
    assert found.own_usd == pytest.approx(tco.breakeven(again).own_npv_usd, rel=1e-9)
    assert found.rent_usd == pytest.approx(tco.breakeven(again).rent_npv_usd, rel=1e-9)
    assert found.rent_successor_usd == pytest.approx(found.rent_usd, rel=1e-9)


def test_fewer_cards_draw_less_and_cost_their_own() -> None:
    job = work()
    found = tco.successor(job, "L40S", refresh_months=18)
    (row,) = tco.substitutes(job, ["L40S"]).to_dict("records")
    assert found.gpus_after == row["gpus"] < found.gpus
    assert found.kw_after < found.kw_before
    # By hand: what the first fleet costs until then, and the second from then on, at today's value.
    first = tco.breakeven(found.before).own_npv_usd
    second = tco.breakeven(found.after).own_npv_usd
    rate = job.scenario.values()["discount_rate"]
    assert found.own_usd == pytest.approx(first + second / (1 + rate) ** 1.5)
    assert found.keep_usd == job.costs.own_usd
    assert found.saving_usd == found.rent_usd - found.own_usd
    values = found.after.values()
    assert values["horizon_months"] == job.scenario.values()["horizon_months"] - 18
    grown = (1 + values["electricity_growth_per_year"]) ** 1.5
    before = found.before.values()["electricity_usd_per_kwh"]
    assert values["electricity_usd_per_kwh"] == pytest.approx(before * grown)
    assert "× L40S after 18 months costs" in found.sentence
    assert "than keeping them" in found.sentence
    assert found.to_dict()["gpus_after"] == found.gpus_after


def test_a_figure_of_ones_own_sizes_the_successor() -> None:
    found = tco.successor(work(), "H200", refresh_months=12, refresh_tokens_per_s=1e6)
    assert found.gpus_after == 1
    dear = tco.successor(work(), "H200", refresh_months=12, refresh_price_usd_per_gpu=1e6)
    assert dear.own_usd > dear.keep_usd
    assert "more than keeping them" in dear.sentence


@pytest.mark.parametrize(
    ("given", "asked", "words"),
    [
        ({}, {"refresh_months": 36}, "within the holding period"),
        ({}, {"refresh_months": 0}, "within the holding period"),
        ({}, {"refresh_months": 1.5}, "whole numbers"),
        ({}, {"refresh_gpu": "H101"}, "did you mean"),
        ({}, {"refresh_gpu": "T4"}, "older than bf16"),
        ({}, {"refresh_tokens_per_s": 0}, "as you measured them"),
        ({"refresh_months": 12, "refresh_price_usd_per_gpu": 5}, {}, "leave it out"),
        ({"financing": "lease", "lease_usd_per_gpu_month": 80}, {}, "buy, or take a loan"),
        ({"lines": (tco.Line(name="a", side="own", usd=5),)}, {}, "those of one scenario"),
    ],
)
def test_what_is_wrong_is_told(given: dict[str, Any], asked: dict[str, Any], words: str) -> None:
    told: dict[str, Any] = {"refresh_gpu": "H100-SXM", "refresh_months": 12, **asked}
    with pytest.raises(tco.InputError, match=words):
        tco.successor(work(**given), told.pop("refresh_gpu"), **told)
