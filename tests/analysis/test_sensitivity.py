"""Curves, tornado and stresses: each number is a full answer; wrong questions are refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.savings import case_of, drawn_range
from tco.analysis.sensitivity import (
    STRESS_COLUMNS,
    TORNADO_COLUMNS,
    response,
    responses,
    stress,
    stressed,
    tornado,
)
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.catalogue import ASSUMPTION
from tco.market.data_tables import Change, Stress, load_stresses
from tco.model.ledger import ledger_rows
from tco.report.charts.swings import tornado as figure
from tco.scenario import Scenario
from tests.neutral import neutral
from tests.strategies import examples, scenarios

RANGED = [
    name
    for name, declared in INPUTS.items()
    if declared.numeric and Scenario(gpu="L4").resolved()[name].low is not None
]


@settings(max_examples=examples(60))
@given(scenarios(), st.lists(st.sampled_from(RANGED), min_size=1, max_size=4, unique=True))
def test_each_point_is_an_answer(case: dict[str, Any], names: list[str]) -> None:
    curves = responses(Scenario(**case), names, points=5)
    assert list(dict.fromkeys(curves["input"])) == names
    for row in curves.to_dict("records"):
        changed = {**case, row["input"]: row["value"]}
        if math.isnan(row["npv_saving_usd"]):
            with pytest.raises(
                InputError,
                match=r"holds no server|is not known|quote is known|cannot be combined"
                r"|before delivery",
            ):
                tco.breakeven(**changed)
            continue
        answer = tco.breakeven(**changed)
        scale = sum(abs(present) for *_, present in ledger_rows(Scenario(**changed)))
        saving = answer.npv_saving_usd
        assert abs(row["npv_saving_usd"] - saving) <= 1e-12 * scale
        per_gpu = saving / changed["gpus"]
        assert abs(row["npv_saving_usd_per_gpu"] - per_gpu) <= 1e-12 * scale


def test_a_curve_by_hand() -> None:
    # Renting costs 730 h x 10 months = 7,300 a dollar an hour, the card 5,000.
    case = neutral(price_usd_per_gpu=5_000, horizon_months=10, gpus=2)
    curve = response(Scenario(**case), "rate_usd_per_gpu_hour", 3, low=0, high=1)
    assert list(curve.columns) == [
        "rate_usd_per_gpu_hour",
        "npv_saving_usd",
        "npv_saving_usd_per_gpu",
    ]
    assert curve["rate_usd_per_gpu_hour"].tolist() == [0, 0.5, 1]
    assert curve["npv_saving_usd"].tolist() == pytest.approx([-10_000, -2_700, 4_600])
    assert curve["npv_saving_usd_per_gpu"].tolist() == pytest.approx([-5_000, -1_350, 2_300])


def test_the_range_is_the_belief_widened_to_the_value() -> None:
    assert response(Scenario(gpu="L4"), "pue")["pue"].iloc[[0, -1]].tolist() == [1.15, 1.8]
    curve = response(Scenario(gpu="L4", pue=2.5), "pue")
    assert (len(curve), curve["pue"].iloc[-1]) == (61, 2.5)


def test_an_integer_has_whole_numbers_only() -> None:
    curve = response(Scenario(gpu="L4", whole_servers=True), "gpus")
    assert curve["gpus"].tolist() == list(range(4, 33))
    assert curve["npv_saving_usd_per_gpu"].nunique() > 1
    held = response(Scenario(gpu="L4"), "gpus")["npv_saving_usd_per_gpu"]
    assert held.to_numpy() == pytest.approx(held.iloc[0])


@pytest.mark.parametrize(
    ("value", "low", "high"), [(8, 4, 16), (1, 1, 2), (1_152, 576, 1_152), (3, 1, 6)]
)
def test_where_nothing_is_believed_half_to_twice_the_value(value: int, low: int, high: int) -> None:
    curve = response(Scenario(gpu="L4", gpus_per_server=value), "gpus_per_server")
    assert curve["gpus_per_server"].iloc[[0, -1]].tolist() == [low, high]


def test_a_long_horizon_and_a_short_one_in_one_call() -> None:
    scenario = Scenario(gpu="L4", term="3yr", horizon_months=7.5)
    curves = responses(scenario, {"horizon_months": (1, 240), "pue": (1, 3)}, points=7)
    for row in curves.to_dict("records"):
        answer = tco.breakeven(scenario, **{row["input"]: row["value"]})
        assert row["npv_saving_usd"] == pytest.approx(answer.npv_saving_usd, rel=1e-9, abs=1e-6)


def test_an_open_end_is_approached() -> None:
    curve = response(Scenario(gpu="L4"), "discount_rate", low=-0.99 + 1e-12, high=1)
    assert curve["discount_rate"].iloc[0] > -0.99
    case = case_of(Scenario(gpu="L4", horizon_months=0.001), "test")
    assert drawn_range(case, "horizon_months") == (0.001, 60)


def test_where_a_rack_holds_no_server_the_curve_has_a_gap() -> None:
    curve = response(Scenario(gpu="H100-SXM", hosting="own_site"), "rack_kw")
    missing = curve["npv_saving_usd"].isna()
    assert missing.iloc[0]
    assert not missing.iloc[-1]
    metered = response(Scenario(gpu="H100-SXM"), "rack_kw")
    assert np.isfinite(metered["npv_saving_usd"]).all()


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("utilisation", {}, "'utilisation' is not an input; did you mean utilization"),
        ("billing", {}, "billing is not a number but per_use, always_on or committed"),
        (None, {}, "None is not an input"),
        ("pue", {"points": 1}, r"points = 1 is not a whole number in \[2, 1001\]"),
        ("pue", {"points": 1_002}, "points = 1002"),
        ("pue", {"points": 2.0}, "points = 2.0"),
        ("pue", {"points": True}, "points = True"),
        ("pue", {"low": 0.5, "high": 2}, "pue = 0.5 is outside"),
        ("pue", {"low": 2, "high": 2}, "2 to 2 is no range"),
        ("pue", {"low": 2, "high": 1}, "2 to 1 is no range"),
        ("pue", {"low": 2}, "pue = None is missing"),
        ("pue", {"utilization": [0.1, 0.2]}, "one scenario at a time"),
        (
            "pue",
            {"gpu": "RTX-PRO-4500", "provider": "lambda"},
            "rate_usd_per_gpu_hour is not known",
        ),
        ("pue", {"nonsense": 1}, "nonsense is not an input"),
    ],
)
def test_wrong_questions_of_a_curve(name: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        response(None, name, **more)


def test_a_value_of_0_that_nobody_knows_a_range_of_has_none_to_draw() -> None:
    scenario = Scenario(gpu="GMKtec-EVO-X2", rate_usd_per_gpu_hour=0.3)
    assert scenario.values()["server_usd"] == 0
    with pytest.raises(InputError, match="server_usd = 0 to 0 is no range to draw"):
        response(scenario, "server_usd")
    assert len(response(scenario, "server_usd", low=0, high=100)) == 61
    with pytest.raises(InputError, match="not a pair of low and high"):
        responses(scenario, {"server_usd": (0, 1, 2)})  # type: ignore[dict-item]


def test_no_curves_are_an_empty_frame() -> None:
    assert responses(Scenario(gpu="L4"), []).empty


def test_the_value_now_lies_on_the_curve() -> None:
    scenario = Scenario(gpu="L4", utilization=0.55)
    curve = response(scenario, "utilization", points=3).set_index("utilization")
    now = tco.breakeven(scenario).npv_saving_usd
    assert math.isclose(curve.loc[0.55, "npv_saving_usd"], now, rel_tol=1e-9)


@settings(max_examples=examples(40))
@given(scenarios())
def test_ends_are_runs_of_the_model_and_the_center_is_the_answer(case: dict[str, Any]) -> None:
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
    # Ten months of 730 h: a dollar an hour is 7,300. The card: 5,000, from 0.85 to 1.25 of 2,800.
    case = neutral(price_usd_per_gpu=5_000, rate_usd_per_gpu_hour=1, horizon_months=10)
    found = tornado(**case, count=99).set_index("input")
    price = found.loc["price_usd_per_gpu"]
    assert (price["low"], price["high"]) == (0.85 * 2_800, 5_000)
    assert price["saving_low_usd"] == pytest.approx(7_300 - 0.85 * 2_800)
    assert price["saving_now_usd"] == price["saving_high_usd"] == pytest.approx(2_300)
    assert price["swing_usd"] == pytest.approx(5_000 - 0.85 * 2_800)
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
        ({"gpu": "RTX-PRO-4500", "provider": "lambda"}, "rate_usd_per_gpu_hour is not known"),
    ],
)
def test_wrong_questions_of_a_tornado(case: dict[str, Any], message: str) -> None:
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
    assert [named[INPUTS[name].label] for name in frame["input"]] == list(range(6))
    most = "the license cost per GPU-year"
    assert chart.title == f"5 of 6 inputs can each change the answer, most of all {most}"
    assert "software licenses $4,500: −$92.4k, $0: $7.86k" in chart.alt


def test_the_title_says_when_nothing_turns_the_answer() -> None:
    rows = tornado(gpu="L4", utilization=0.9, rate_usd_per_gpu_hour=3, count=20)
    calm = rows[rows["saving_low_usd"] * rows["saving_high_usd"] > 0]
    chart = figure(calm)
    assert chart is not None
    said = f"Buying stays ahead at both ends of the range of each of these {len(calm)} inputs"
    assert chart.title == said
    turning = tornado(gpu="L4", term="1yr", utilization=0.4, hosting="own_site", whole_racks=True)
    few = turning[turning["input"].isin(["license_usd_per_gpu_year", "server_usd"])]
    one = figure(few)
    assert one is not None
    assert one.title == "Of these 2 inputs only the license cost per GPU-year can change the answer"
    assert figure(rows.head(0)) is None


def test_an_end_at_which_both_cost_the_same_turns_nothing() -> None:
    rows = tornado(gpu="L4", count=2)
    usd = ["saving_low_usd", "saving_now_usd", "saving_high_usd"]
    rows[usd] = [[0.0, 5.0, 10.0], [3.0, 5.0, 6.0]]
    chart = figure(rows)
    assert chart is not None
    assert chart.title.startswith("Buying stays ahead")


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
    "early_refresh": {"refresh_months": 24, "refresh_price_usd_per_gpu": 2_800},
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
        (LEASED, "early_refresh", "refresh_months = 24 cannot be combined with a lease"),
        ({"price_usd_per_gpu": 0}, "early_refresh", "refresh_price_usd_per_gpu = 0 means that"),
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
            assert "cannot be combined with a lease" in row["note"]
        else:
            changed, _ = stressed(scenario, found)
            assert row["npv_saving_usd"] == tco.breakeven(changed).npv_saving_usd


def test_a_value_beyond_the_domain_is_kept_inside_and_said() -> None:
    scenario = Scenario(**L4, gpu_w=19_990, idle_w=4_000)
    row = stress(scenario).set_index("name").loc["more_power"]
    assert row["changes"] == "gpu_w = 20000 (was 19990); idle_w = 4080 (was 4000)"
    assert row["note"] == "gpu_w is kept inside [0, 20000]: 20070 is not"
    answer = tco.breakeven(scenario, gpu_w=20_000, idle_w=4_080)
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
        ({"gpu": "RTX-PRO-4500", "provider": "lambda"}, "rate_usd_per_gpu_hour is not known"),
        ({"hosting": "own_site", "rack_kw": 1}, "holds no server"),
    ],
)
def test_wrong_questions_of_a_stress(case: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        stress(**case)
