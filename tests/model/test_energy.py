"""Energy of owning [kWh], worked by hand, and what it has to do with everything else."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings

import tco
from tco import Scenario
from tco.model.ledger import energy_of
from tests.neutral import neutral
from tests.strategies import examples, scenarios

# A month of 730 hours: 3 GPUs of 400 W at 50 % utilization, 50 W idle:
# 730 * (0.5 * 1.2 + 0.5 * 0.15) = 492.75 kWh by the IT equipment, and as much by the site at PUE 2.
PLAIN = {
    "gpus": 3,
    "utilization": 0.5,
    "horizon_months": 3,
    "price_usd_per_gpu": 1_000,
    "rate_usd_per_gpu_hour": 0.4,
    "gpu_w": 400,
    "idle_w": 50,
    "pue": 2,
}
# 12 GPUs in use, 16 bought in 2 servers of 8: in busy hours 12 * 0.7 * 0.9 + 4 * 0.1 + 2 * 1 kW =
# 9.96 kW, in idle ones 16 * 0.1 + half of 2 = 2.6 kW; 700 hours, a quarter busy:
# 700 * (0.25 * 9.96 + 0.75 * 2.6) = 3,108 kWh a month, whatever an idle hour costs.
SERVERS = {
    "gpus": 12,
    "utilization": 0.25,
    "hours_per_month": 700,
    "horizon_months": 2,
    "price_usd_per_gpu": 1_000,
    "rate_usd_per_gpu_hour": 1,
    "gpus_per_server": 8,
    "whole_servers": True,
    "sold_by_server": True,
    "gpu_w": 700,
    "load_factor": 0.9,
    "idle_w": 100,
    "server_w": 1_000,
    "server_idle_share": 0.5,
    "idle_tariff_ratio": 3,
    "pue": 1.25,
    "electricity_growth_per_year": 0.5,
}
WORKED: dict[str, tuple[dict[str, Any], list[float], list[float]]] = {
    "plain": (PLAIN, [492.75] * 3, [492.75] * 3),
    # The fee includes energy: it costs nothing, and is drawn all the same.
    "all_in": ({**PLAIN, "hosting": "colo_all_in"}, [492.75] * 3, [492.75] * 3),
    "own_site": ({**PLAIN, "hosting": "own_site"}, [492.75] * 3, [492.75] * 3),
    # There from the third month on; the last is half a month.
    "delivery": (
        {**PLAIN, "delivery_months": 2, "horizon_months": 3.5},
        [0, 0, 492.75, 246.375],
        [0, 0, 492.75, 246.375],
    ),
    "servers": (SERVERS, [3_108] * 2, [777] * 2),
    "leased": (
        {**PLAIN, "financing": "lease", "lease_usd_per_gpu_month": 10, "lease_months": 3},
        [492.75] * 3,
        [492.75] * 3,
    ),
}


@pytest.mark.parametrize(("case", "by_it", "by_site"), WORKED.values(), ids=WORKED)
def test_energy_by_month(case: dict[str, Any], by_it: list[float], by_site: list[float]) -> None:
    rows = tco.ledger(**neutral(**case))
    drawn = rows[rows["energy_kwh"].notna()]
    assert set(drawn["option"]) == {"own"}
    for item, worked in (("energy_it", by_it), ("energy_cooling", by_site)):
        found = drawn[drawn["item"] == item]
        assert list(found["month"]) == list(range(1, len(worked) + 1))
        assert list(found["energy_kwh"]) == pytest.approx(worked, rel=1e-12)
    assert len(drawn) == 2 * len(by_it)
    if case.get("hosting") == "colo_all_in":
        assert set(drawn["cost_usd"]) == {0}


def test_totals_and_emissions_worked_by_hand() -> None:
    # 3 months of 985.5 kWh, at 0.4 kg each.
    found = energy_of(Scenario(**neutral(**PLAIN, co2_kg_per_kwh=0.4)))
    assert found.kwh == pytest.approx(2_956.5, rel=1e-12)
    assert found.kwh_per_month == pytest.approx(985.5, rel=1e-12)
    assert found.co2_kg == pytest.approx(1_182.6, rel=1e-12)
    assert energy_of(Scenario(**neutral(**PLAIN))).co2_kg is None


def test_energy_takes_no_price() -> None:
    assert energy_of(Scenario(gpu="RTX-PRO-4500", provider="lambda")).kwh > 0


@settings(max_examples=examples(30))
@given(scenarios())
def test_what_is_metered_at_one_flat_tariff_is_energy_times_tariff(case: dict[str, Any]) -> None:
    flat = {"electricity_growth_per_year": 0, "idle_tariff_ratio": 1, "hosting": "colo_metered"}
    rows = tco.ledger(**case | flat)
    tariff = Scenario(**case).values()["electricity_usd_per_kwh"]
    drawn = rows[rows["energy_kwh"].notna()]
    assert len(drawn) > 1
    for cost, kwh in zip(drawn["cost_usd"], drawn["energy_kwh"], strict=True):
        assert math.isclose(cost, kwh * tariff, rel_tol=1e-9, abs_tol=1e-9)
    found = energy_of(Scenario(**case | flat))
    assert math.isclose(found.kwh, math.fsum(drawn["energy_kwh"]), rel_tol=1e-12)


@settings(max_examples=examples(30))
@given(scenarios())
def test_a_carbon_intensity_changes_no_amount(case: dict[str, Any]) -> None:
    plain, told = (tco.ledger(**case | {"co2_kg_per_kwh": given}) for given in (0, 0.7))
    assert told.drop(columns="co2_kg").equals(plain)
    kilograms = told["co2_kg"].sum()
    assert math.isclose(kilograms, 0.7 * plain["energy_kwh"].sum(), rel_tol=1e-9)
