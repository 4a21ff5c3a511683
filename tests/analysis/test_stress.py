"""Stresses: what each changes, what is kept inside a domain, and a file that is read strictly."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tco
from tco.analysis.sensitivity import STRESS_COLUMNS, stress, stressed
from tco.errors import InputError
from tco.market.data_tables import Change, Stress, load_stresses
from tco.market.records import ASSUMPTION
from tco.scenario import Scenario
from tests.neutral import neutral

L4 = {"gpu": "L4", "as_of": "2026-11-21"}
WATTS = {"gpu_w": 72.0 + 80, "idle_w": 32.6 + 80}
ASKED: dict[str, dict[str, Any]] = {
    "base": {},
    "rents_fall": {"rate_growth_per_year": -0.2},
    "shortage": {"rate_growth_per_year": 0.2},
    "no_resale": {"resale_decline_per_year": 1},
    "more_power": WATTS,
    "dear_electricity": {"electricity_usd_per_kwh": 0.25},
    "half_busy": {"utilization": 0.3},
    "failures": {"failure_rate_per_year": 0.1, "warranty_months": 0},
    "late_delivery": {"delivery_months": 3},
    "early_refresh": {"refresh_months": 24, "refresh_price_usd_per_gpu": 2_900},
}
LEASED = {"financing": "lease", "lease_usd_per_gpu_month": 90}
TAXED = {"tax_rate": 0.25, "depreciation": "macrs_5"}


def one(how: str, name: str, amount: Any) -> Stress:
    return Stress("one", "One", (Change(name, how, amount),), "2026", ASSUMPTION, "")


def test_each_stress_is_the_answer_with_its_changes() -> None:
    scenario = Scenario(**L4, utilization=0.6)
    found = stress(scenario)
    assert list(found.columns) == list(STRESS_COLUMNS)
    assert found["name"].tolist() == list(ASKED)
    base = tco.breakeven(scenario)
    for row in found.to_dict("records"):
        answer = tco.breakeven(scenario, **ASKED[row["name"]])
        assert row["npv_saving_usd"] == answer.npv_saving_usd
        assert row["change_usd"] == answer.npv_saving_usd - base.npv_saving_usd
        assert (row["months"], row["verdict"]) == (answer.months, answer.verdict)
        assert row["note"] == ""
        for name in ASKED[row["name"]]:
            assert f"{name} = " in row["changes"]


def test_the_direction_of_each_stress() -> None:
    change = stress(**L4).set_index("name")["change_usd"]
    assert change["base"] == 0
    assert change["shortage"] > 0
    assert (change.drop(["base", "shortage"]) < 0).all()


def test_80_watts_by_hand() -> None:
    # 80 W on each of 8 cards, busy or idle: 0.64 kW x 730 h x 36 months x 1.5 x 0.10 USD and, as
    # it is reserved too, 0.64 kW x 100 USD x 36 months.
    case = neutral(
        gpus=8,
        utilization=0.3,
        gpu_w=72,
        idle_w=30,
        pue=1.5,
        electricity_usd_per_kwh=0.1,
        hosting="colo_metered",
        colo_usd_per_kw_month=100,
        rate_usd_per_gpu_hour=1,
    )
    rows = stress(**case).set_index("name")
    expected = -0.64 * 36 * (730 * 1.5 * 0.1 + 100)
    assert rows.loc["more_power", "change_usd"] == pytest.approx(expected)
    assert rows.loc["more_power", "changes"] == "gpu_w = 152 (was 72); idle_w = 110 (was 30)"
    assert rows.loc["failures", "change_usd"] == 0
    assert rows.loc["half_busy", "changes"] == "utilization = 0.15 (was 0.3)"
    assert rows.loc["half_busy", "change_usd"] < 0


def test_failures_from_the_first_day_by_hand() -> None:
    # A tenth of eight cards of 3,000 a year for three years; before, all was under warranty.
    case = neutral(gpus=8, price_usd_per_gpu=3_000, warranty_months=36, rate_usd_per_gpu_hour=1)
    rows = stress(**case).set_index("name")
    assert rows.loc["failures", "change_usd"] == pytest.approx(-0.1 * 8 * 3_000 * 3)


def test_a_late_delivery_by_hand() -> None:
    # Three months of 730 busy hours at 1 USD for each of two cards, less three months of staff.
    case = neutral(
        gpus=2, price_usd_per_gpu=900, staff_usd_per_gpu_month=50, rate_usd_per_gpu_hour=1
    )
    row = stress(**case).set_index("name").loc["late_delivery"]
    assert row["change_usd"] == pytest.approx(-3 * 2 * (730 - 50))
    assert row["changes"] == "delivery_months = 3 (was 0)"
    later = stress(**case | {"delivery_months": 59}).set_index("name").loc["late_delivery"]
    assert later["changes"] == "delivery_months = 60 (was 59)"
    assert later["note"].startswith("delivery_months is kept inside [0, 60]: 62 is not")


def test_an_early_refresh_by_hand() -> None:
    # After two years a card of 1,000 has lost half twice; a new one of 1,000 is sold a year later
    # for 500, instead of the old one for 125.
    case = neutral(price_usd_per_gpu=1_000, resale_decline_per_year=0.5, rate_usd_per_gpu_hour=0.1)
    row = stress(**case).set_index("name").loc["early_refresh"]
    assert row["change_usd"] == pytest.approx(-1_000 + 250 + 500 - 125)
    assert row["changes"] == (
        "refresh_months = 24 (was 0); refresh_price_usd_per_gpu = 1000 (was 0)"
    )


@pytest.mark.parametrize(
    ("case", "name", "words"),
    [
        (LEASED, "early_refresh", "refresh_months = 24 does not go with a lease"),
        ({"price_usd_per_gpu": 0}, "early_refresh", "refresh_price_usd_per_gpu = 0 says nothing"),
        ({"horizon_months": 24}, "early_refresh", "no effect here"),
        (LEASED, "no_resale", "no effect here"),
        ({"hosting": "colo_all_in"}, "dear_electricity", "no effect here"),
    ],
)
def test_a_stress_that_does_not_apply_says_so(case: dict[str, Any], name: str, words: str) -> None:
    rows = stress(**L4, **case).set_index("name")
    assert rows.loc[name, "note"].startswith(words)
    counted = words == "no effect here"
    expected = pytest.approx(0, abs=1e-6) if counted else pytest.approx(math.nan, nan_ok=True)
    assert rows.loc[name, "change_usd"] == expected
    assert bool(rows.loc[name, "verdict"]) == counted
    assert rows.loc["base", "note"] == rows.loc["half_busy", "note"] == ""


@pytest.mark.parametrize(
    "case",
    [
        LEASED,
        LEASED | TAXED | {"lease_buyout_usd_per_gpu": 1, "lease_in_advance": True},
        TAXED | {"financing": "loan", "horizon_months": 30.5},
        TAXED | {"delivery_months": 2, "refresh_months": 12, "refresh_price_usd_per_gpu": 2_000},
    ],
)
def test_every_stress_of_a_financed_purchase_is_the_answer_with_its_changes(
    case: dict[str, Any],
) -> None:
    scenario = Scenario(**L4, **case)
    rows = stress(scenario).set_index("name")
    assert rows.loc["base", "verdict"]
    for found in load_stresses():
        row = rows.loc[found.name]
        if math.isnan(row["npv_saving_usd"]):
            assert case["financing"] == "lease"
            assert "does not go with a lease" in row["note"]
        else:
            changed, _ = stressed(scenario, found)
            assert row["npv_saving_usd"] == tco.breakeven(changed).npv_saving_usd


def test_a_value_beyond_the_domain_is_kept_inside_and_said() -> None:
    scenario = Scenario(**L4, gpu_w=4_990, idle_w=4_000)
    row = stress(scenario).set_index("name").loc["more_power"]
    assert row["changes"] == "gpu_w = 5000 (was 4990); idle_w = 4080 (was 4000)"
    assert row["note"] == "gpu_w is kept inside [0, 5000]: 5070 is not"
    answer = tco.breakeven(scenario, gpu_w=5_000, idle_w=4_080)
    assert row["npv_saving_usd"] == answer.npv_saving_usd


@pytest.mark.parametrize(
    ("change", "given", "value", "note"),
    [
        (("add", "gpus", 2), {"gpus": 7}, 9, ""),
        (("multiply", "gpus", 0.5), {"gpus": 7}, 4, "gpus is rounded from 3.5"),
        (("multiply", "gpus", 0.1), {"gpus": 7}, 1, "gpus is kept inside [1, 1000000]: 0.7 is not"),
        (("add", "pue", -1), {"pue": 1.5}, 1.0, "pue is kept inside [1, 3]: 0.5 is not"),
        (("set", "hosting", "own_site"), {}, "own_site", ""),
        (("copy", "idle_w", "gpu_w"), {"gpu_w": 70}, 70.0, ""),
    ],
)
def test_how_values_change(change: Any, given: dict[str, Any], value: Any, note: str) -> None:
    how, name, amount = change
    changed, notes = stressed(Scenario(**L4, **given), one(how, name, amount))
    assert changed.given[name] == value
    assert type(changed.given[name]) is type(value)
    assert notes == ((note,) if note else ())


def test_an_open_end_of_a_domain_is_an_error() -> None:
    with pytest.raises(InputError, match=r"horizon_months = 0\.?0? is outside"):
        stressed(Scenario(**L4), one("add", "horizon_months", -100))
    with pytest.raises(InputError, match="horizon_months = 0 is outside"):
        stressed(Scenario(**L4), one("multiply", "horizon_months", 0))


def test_a_stress_without_an_answer_says_why_and_the_others_answer() -> None:
    rows = stress(**L4, hosting="own_site", rack_kw=1.2).set_index("name")
    row = rows.loc["more_power"]
    assert math.isnan(row["npv_saving_usd"])
    assert row["verdict"] == ""
    assert row["note"].startswith("rack_kw = 1.2 holds no server")
    assert rows.drop("more_power")["verdict"].ne("").all()


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"utilization": [0.2, 0.4]}, r"stress\(\) answers for one scenario at a time"),
        ({"gpu": "RTX-PRO-4500"}, "rate_usd_per_gpu_hour is not known"),
        ({"hosting": "own_site", "rack_kw": 1}, "holds no server"),
    ],
)
def test_wrong_questions(case: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        stress(**case)
