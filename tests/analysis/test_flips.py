"""Flips: each put back makes both sides equal, none is missed, jumps have two sides."""

from __future__ import annotations

import math
import re
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.flips import FLIP_COLUMNS, flips
from tco.analysis.savings import case_of, saving, savings
from tco.errors import InputError, TcoError, to_install
from tco.inputs import INPUTS, Inputs
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tests.model.test_bends import ALSO, bent_cases
from tests.neutral import COMMON_CASE, neutral
from tests.strategies import examples, scenarios

NUMBERS = [name for name, declared in INPUTS.items() if declared.numeric]
SHARE = {
    "breakeven_rate_usd_per_gpu_hour": "rate_usd_per_gpu_hour",
    "breakeven_price_usd_per_gpu": "price_usd_per_gpu",
    "breakeven_utilization": "utilization",
}


def gross(case: dict[str, Any]) -> float:
    """Sum of all items' absolute present values [USD]."""
    return sum(abs(present) for *_, present in ledger_rows(Scenario(**case)))


def of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["input"] == name].reset_index(drop=True)


def left(case: dict[str, Any], name: str, value: float) -> float:
    """What is left of the larger side when a value is put back; 0 for a tie of all flows."""
    changed = {**case, name: value}
    answer = tco.breakeven(**changed)
    if abs(answer.npv_saving_usd) <= 1e-12 * gross(changed):
        return 0
    larger = max(abs(answer.own_npv_usd), abs(answer.rent_npv_usd))
    return answer.npv_saving_usd / larger


def are_neighbors(case: dict[str, Any], name: str, here: float, there: float) -> bool:
    """Whether these are whole numbers, and those between them fit no other input."""
    assert INPUTS[name].kind == "integer"
    for between in range(int(min(here, there)) + 1, int(max(here, there))):
        with pytest.raises(InputError):
            tco.breakeven(**{**case, name: between})
    return True


def test_whole_numbers_that_do_not_go_are_passed_over() -> None:
    # Delivered after three months, GPUs cannot be replaced before the fourth.
    case = neutral(
        price_usd_per_gpu=1_000,
        rate_usd_per_gpu_hour=0.2,
        horizon_months=12,
        delivery_months=3,
        refresh_price_usd_per_gpu=400,
    )
    row = of(flips(**case), "refresh_months").iloc[0]
    assert (row["flip"], row["flip_to"]) == (0, 4)
    assert row["note"].startswith("jump between 0 and 4")


@settings(max_examples=examples(60))
@given(scenarios())
def test_every_flip_put_back_is_one(case: dict[str, Any]) -> None:
    for row in flips(**case).to_dict("records"):
        name, here, there = row["input"], row["flip"], row["flip_to"]
        if math.isnan(here):
            assert math.isnan(there)
        elif here == there:
            assert abs(left(case, name, here)) <= 1e-6
        else:
            assert left(case, name, here) * left(case, name, there) < 0
            close = math.isclose(here, there, rel_tol=1e-6)
            close = close or abs(here - there) < 1e-9 * INPUTS[name].high
            assert close or are_neighbors(case, name, here, there)


# Costs and watts at which racks, servers and terms decide, and both sides are near each other.
LUMPY = scenarios(
    hosting="own_site",
    whole_servers=True,
    whole_racks=True,
    billing="committed",
    hours_per_month=730.0,
)
TIGHT = {"rack_kw": 9.0, "rack_units": 42, "server_units": 4, "gpus_per_server": 4}


@settings(max_examples=examples(60))
@given(
    LUMPY,
    st.floats(50.0, 400.0),
    st.floats(100.0, 1_500.0),
    st.floats(0.05, 1.0),
    st.sampled_from([0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 2.0]),
)
def test_flips_hold_where_racks_servers_and_terms_jump(
    case: dict[str, Any], gpu_w: float, server_w: float, load: float, share: float
) -> None:
    made = {**case, **TIGHT, "gpu_w": gpu_w, "server_w": server_w, "load_factor": load}
    even = tco.breakeven(**made).breakeven_rate_usd_per_gpu_hour
    made["rate_usd_per_gpu_hour"] = min(max(even * share, 0.0), 10_000.0)
    for row in flips(**made).to_dict("records"):
        name, here, there = row["input"], row["flip"], row["flip_to"]
        if here == there:
            assert abs(left(made, name, here)) <= 1e-6, name
        elif not math.isnan(here):
            assert left(made, name, here) * left(made, name, there) < 0, name


@settings(max_examples=examples(60))
@given(st.data(), scenarios(), st.sampled_from(NUMBERS))
def test_no_flip_in_range_is_missed(data: Any, case: dict[str, Any], name: str) -> None:
    even = tco.breakeven(**case).breakeven_rate_usd_per_gpu_hour
    if 0 < even < 10_000:
        case["rate_usd_per_gpu_hour"] = even * data.draw(st.floats(0.8, 1.2))
    known = case_of(Scenario(**case), "test").ranges[name]
    if known is None:
        return
    grid = np.linspace(*known, 97)
    grid = np.unique(np.round(grid)) if INPUTS[name].kind == "integer" else grid
    curve = savings(Scenario(**case).values(), {name: grid})[name]
    usd, larger = curve.usd, curve.larger
    found = of(flips(**case), name)
    for at, (one, other) in enumerate(pairwise(usd)):
        if one * other < 0 and min(abs(one), abs(other)) > 1e-6 * max(larger[at : at + 2]):
            low, high = (
                found[["flip", "flip_to"]].min(axis=1),
                found[["flip", "flip_to"]].max(axis=1),
            )
            assert (found["in_range"] & (low <= grid[at + 1]) & (high >= grid[at])).any()


@settings(max_examples=examples(60))
@given(scenarios())
def test_the_short_way_to_the_saving_is_the_models(case: dict[str, Any]) -> None:
    answer, v = tco.breakeven(**case), Inputs.of(Scenario(**case).values())
    own, rent, scale = answer.own_npv_usd, answer.rent_npv_usd, gross(case)
    found = saving(v)
    assert abs(found.usd - answer.npv_saving_usd) <= 1e-12 * scale
    assert abs(found.larger - max(abs(own), abs(rent))) <= 1e-12 * scale
    assert found.gross == pytest.approx(scale, rel=1e-12)
    points = {"price_usd_per_gpu": [0.0, case["price_usd_per_gpu"]], "horizon_months": [7.5, 50.0]}
    for name, curve in savings(Scenario(**case).values(), points).items():
        for value, usd in zip(points[name], curve.usd, strict=True):
            changed = {**case, name: value}
            alone = tco.breakeven(**changed).npv_saving_usd
            assert abs(usd - alone) <= 1e-12 * gross(changed)


@pytest.mark.parametrize("rate", [0.5, 0.7])
@pytest.mark.parametrize("utilization", [0.3, 0.4, 0.6])
def test_flips_are_the_break_evens(rate: float, utilization: float) -> None:
    case = {**COMMON_CASE, "rate_usd_per_gpu_hour": rate, "utilization": utilization}
    answer, found = tco.breakeven(**case), flips(**case)
    for result, name in SHARE.items():
        (row,) = of(found, name).to_dict("records")
        assert row["flip"] == row["flip_to"] == pytest.approx(getattr(answer, result), rel=1e-9)
        assert row["in_range"] == (row["low"] <= row["flip"] <= row["high"])
        assert row["note"] == ("" if row["in_range"] else "outside low to high")


def test_every_number_has_a_row_with_its_range() -> None:
    scenario = Scenario(gpu="L4", utilization=0.95)
    found, resolved = flips(scenario), scenario.resolved()
    assert list(found.columns) == list(FLIP_COLUMNS)
    assert list(dict.fromkeys(found["input"])) == NUMBERS
    first = found.drop_duplicates("input").set_index("input")
    assert first.loc["utilization", ["value", "low", "high"]].tolist() == [0.95, 0.2, 0.95]
    for name, row in first.iterrows():
        entry = resolved[str(name)]
        assert row["unit"] == entry.unit
        assert row["value"] == entry.value
        if entry.low is None:
            assert np.isnan(row[["low", "high", "saving_low_usd", "swing_usd"]].astype(float)).all()
        else:
            assert (row["low"], row["high"]) == (
                min(entry.low, entry.value),
                max(entry.high, entry.value),
            )


def test_some_inputs_alone_have_the_same_rows() -> None:
    everything = flips(gpu="L4")
    asked = ["utilization", "pue", "rack_kw"]
    some = flips(gpu="L4", only=asked)
    whole = everything[everything["input"].isin(asked)].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, whole)
    assert flips(gpu="L4", only=[]).empty
    with pytest.raises(InputError, match="'power' is not an input"):
        flips(gpu="L4", only=["power"])


def test_the_savings_of_a_row_are_answers() -> None:
    scenario = Scenario(gpu="L4", hosting="own_site", whole_racks=True)
    now = tco.breakeven(scenario).npv_saving_usd
    for row in flips(scenario).drop_duplicates("input").to_dict("records"):
        assert row["saving_now_usd"] == now
        if row["input"] == "refresh_months":
            with pytest.raises(InputError, match="refresh_price_usd_per_gpu = 0 means that"):
                tco.breakeven(scenario, refresh_months=int(row["high"]))
            assert math.isnan(row["saving_high_usd"])
        elif not math.isnan(row["low"]):
            low, high = (
                tco.breakeven(scenario, **{row["input"]: row[end]}).npv_saving_usd
                for end in ("low", "high")
            )
            assert row["saving_low_usd"] == pytest.approx(low, rel=1e-9, abs=1e-6)
            assert row["saving_high_usd"] == pytest.approx(high, rel=1e-9, abs=1e-6)
            assert row["swing_usd"] == pytest.approx(abs(high - low), rel=1e-6, abs=1e-6)


# A month of rent is 730, a term of a year 8,760; buying costs 3,000 and then 1,000 a month.
TERMS = neutral(
    rate_usd_per_gpu_hour=1,
    billing="committed",
    commitment_months=12,
    price_usd_per_gpu=3_000,
    staff_usd_per_gpu_month=1_000,
)


def test_a_horizon_with_terms_by_hand() -> None:
    # S(H) = 8,760 ceil(H / 12) - 3,000 - 1,000 H: 0 at 5.76; at 12 it is -6,240, just after 2,520;
    # 0 at 14.52; from 24 on -9,480 and, just after, -720.
    rows = of(flips(**{**TERMS, "horizon_months": 3}), "horizon_months")
    assert rows["flip"].tolist() == pytest.approx([5.76, 12, 14.52])
    assert rows["in_range"].all()
    assert rows["note"].tolist() == ["", "jump at 12", ""]
    assert rows.loc[1, "flip"] == 12
    assert 12 < rows.loc[1, "flip_to"] < 12 + 1e-6
    assert rows.loc[[0, 2], "flip"].tolist() == rows.loc[[0, 2], "flip_to"].tolist()


def test_two_flips_just_after_the_end_of_a_term() -> None:
    # S(H) = 8,760 ceil(H / 12) - 5,420 - 1,000 H: 0 at 3.34, -8,660 at 12, then 100, 0 at 12.1.
    case = {**TERMS, "price_usd_per_gpu": 5_420, "horizon_months": 3}
    rows = of(flips(**case), "horizon_months")
    assert rows["flip"].tolist() == pytest.approx([3.34, 12, 12.1])
    assert rows["note"].tolist() == ["", "jump at 12", ""]


def test_a_root_at_the_end_of_a_month_is_no_jump() -> None:
    case = neutral(rate_usd_per_gpu_hour=1, price_usd_per_gpu=30 * 730)
    rows = of(flips(**case), "horizon_months")
    assert rows["flip"].tolist() == pytest.approx([30], rel=1e-8)
    assert rows["note"].tolist() == [""]


def test_outside_the_range_the_nearest_on_either_side_are_listed() -> None:
    rows = of(flips(**{**TERMS, "horizon_months": 30}), "horizon_months")
    assert rows["low"].tolist() == [24]
    assert rows["flip"].tolist() == pytest.approx([14.52])
    assert not rows["in_range"].any()
    assert rows["note"].tolist() == ["outside low to high"]


def test_a_flip_close_to_the_open_end_of_a_domain() -> None:
    # S(H) = 730 H - 73.
    rows = of(flips(**neutral(rate_usd_per_gpu_hour=1, price_usd_per_gpu=73)), "horizon_months")
    assert rows[["flip", "in_range"]].values.tolist() == [[pytest.approx(0.1), False]]


def test_a_range_without_width_is_none() -> None:
    # A system that is its own host costs no server: 0, and a share of 0 to either side.
    scenario = Scenario(gpu="GMKtec-EVO-X2", rate_usd_per_gpu_hour=3)
    (row,) = of(flips(scenario), "server_usd").to_dict("records")
    assert (row["value"], row["in_range"]) == (0, False)
    assert np.isnan([row["low"], row["high"], row["swing_usd"]]).all()
    assert row["flip"] > 0
    assert abs(left(scenario.given, "server_usd", row["flip"])) <= 1e-6


def test_whole_servers_by_hand() -> None:
    # S(n) = 26,280 n - 120,000 ceil(n / 8): below 0 up to 4, above to 8, below at 9, above from 10.
    case = neutral(gpus=8, whole_servers=True, server_usd=120_000, rate_usd_per_gpu_hour=1)
    rows = of(flips(**case), "gpus")
    assert rows[["flip", "flip_to"]].values.tolist() == [[5, 4], [8, 9], [9, 10]]
    assert rows["note"].tolist() == [
        f"jump between {pair}" for pair in ("4 and 5", "8 and 9", "9 and 10")
    ]
    assert rows["slope_usd_per_unit"].tolist() == pytest.approx([26_280 - 120_000] * 3)


@pytest.mark.parametrize(("usd", "has_ties"), [(101, False), (100, True)])
def test_many_gpus_flip_between_neighbors(usd: int, has_ties: bool) -> None:
    # A rack of 168 costs 16,000, a GPU saves 101: whole racks pay, the first GPUs of one do not.
    # With 100 both sides cost the same at multiples of 160 GPUs.
    case = neutral(
        gpus=2_000,
        whole_racks=True,
        rack_usd_per_month=16_000 / 36,
        rate_usd_per_gpu_hour=usd / 26_280,
    )
    rows = of(flips(**case), "gpus")
    assert len(rows) > 3
    assert (rows["flip"] == rows["flip_to"]).any() == has_ties
    for here, there in rows[["flip", "flip_to"]].values.tolist():
        low, high = (usd * n - 16_000 * math.ceil(n / 168) for n in sorted((here, there)))
        assert abs(here - there) == (1 if low else 0)
        assert low * high < 0 or low == high == 0


def test_the_last_watts_that_a_rack_can_feed() -> None:
    # 8 cards of w watts: 210.24 w of electricity against a rent for which w is 74.9; a rack of
    # 0.6 kW holds a server up to 75 W.
    case = neutral(
        gpus=8, gpu_w=20, rack_kw=0.6, electricity_usd_per_kwh=1, rate_usd_per_gpu_hour=0.0749
    )
    (row,) = of(flips(**case), "gpu_w").to_dict("records")
    assert row["flip"] == row["flip_to"] == pytest.approx(74.9)
    assert math.isnan(row["saving_high_usd"])


def test_a_rack_that_holds_one_more_by_hand() -> None:
    # Four servers of 2 kW: one rack from 8 kW on, below it two at 36,000 each; rent is 50,457.6.
    case = neutral(
        gpus=32,
        server_w=2_000,
        rack_kw=17,
        whole_racks=True,
        rack_usd_per_month=1_000,
        rate_usd_per_gpu_hour=0.06,
    )
    (row,) = of(flips(**case), "rack_kw").to_dict("records")
    assert (row["flip"], row["low"], row["high"]) == (8, 7, 40)
    assert 8 - 1e-6 < row["flip_to"] < 8
    assert (row["note"], row["in_range"]) == ("jump at 8", True)
    assert row["saving_low_usd"] == pytest.approx(50_457.6 - 72_000)
    assert row["saving_high_usd"] == pytest.approx(50_457.6 - 36_000)
    (row,) = of(flips(**case), "server_w").to_dict("records")
    assert row["flip"] == pytest.approx(17_000 / 4)
    assert row["note"] == "jump at 4250; outside low to high"


def test_a_border_of_the_rack_that_a_few_watts_of_a_card_decide() -> None:
    # The server draws far more than its cards: 8 cards of w watts beside 7,900 W, racks of 16 kW.
    case = neutral(
        gpus=16,
        server_w=7_900,
        gpu_w=10,
        rack_kw=16,
        whole_racks=True,
        rack_usd_per_month=1_000,
        rate_usd_per_gpu_hour=0.1,
    )
    (row,) = of(flips(**case), "gpu_w").to_dict("records")
    assert row["flip"] == pytest.approx(12.5, rel=1e-6)
    assert row["flip"] <= 12.5 < row["flip_to"]
    assert (row["note"], row["in_range"]) == ("jump at 12.5", True)


def test_a_root_that_no_number_can_hold_has_two_sides() -> None:
    # Half a month keeps (1 - d)^(1/24) of the value: a tenth of it at d = 1 - 1e-24, none at 1.
    case = neutral(server_usd=80, rate_usd_per_gpu_hour=9 / 365, horizon_months=0.5)
    (row,) = of(flips(**case), "resale_decline_per_year").to_dict("records")
    assert (row["flip"], row["note"]) == (1, "jump at 1")
    assert 1 - 1e-6 < row["flip_to"] < 1


def test_a_tie_now_is_a_flip_here() -> None:
    case = neutral(price_usd_per_gpu=13_140, rate_usd_per_gpu_hour=1, utilization=0.5)
    found = flips(**case)
    for name in ("price_usd_per_gpu", "rate_usd_per_gpu_hour", "utilization"):
        (row,) = of(found, name).to_dict("records")
        assert row["flip"] == row["flip_to"] == pytest.approx(row["value"], rel=1e-9)
        assert row["in_range"]
    assert of(found, "gpus")["note"].tolist() == ["no effect here"]


def test_a_range_that_cannot_all_be_tried_is_not_said_to_have_no_effect() -> None:
    (row,) = of(flips(gpu="L4", only=["refresh_months"]), "refresh_months").to_dict("records")
    assert math.isnan(row["saving_high_usd"])
    assert (
        row["note"] == "no break-even in range; part of it cannot be combined with the other inputs"
    )


def test_rounding_is_no_flip() -> None:
    # Both sides cost the same to the last bits, which differ from one number of GPUs to the next.
    rented = neutral(rate_usd_per_gpu_hour=0.37, discount_rate=0.083, rate_growth_per_year=-0.07)
    price = tco.breakeven(**rented).rent_npv_usd
    found = flips(**{**rented, "price_usd_per_gpu": price})
    assert of(found, "gpus")["note"].tolist() == ["no effect here"]
    grid = np.arange(1.0, 65.0)
    noise = tco.breakeven(**{**rented, "price_usd_per_gpu": price, "gpus": grid}).npv_saving_usd
    assert noise.any()


def test_an_input_that_nobody_pays_for_has_no_effect() -> None:
    found = flips(gpu="L4").drop_duplicates("input").set_index("input")
    idle = ("rack_kw", "rack_usd_per_month", "rack_units", "server_units", "commitment_months")
    for name in idle:
        assert found.loc[name, "note"] == "no effect here"
        assert found.loc[name, "slope_usd_per_unit"] == 0
    committed = flips(gpu="L4", term="1yr", utilization=0.9).set_index("input")
    assert committed.loc["commitment_months", "note"] == "no break-even in range"
    assert found.loc["gpus", "note"] == "no break-even in range"
    assert found.loc["pue", "note"] == "outside low to high"
    assert not found.loc["pue", "in_range"]


def test_where_a_rack_holds_no_server_nothing_is_said() -> None:
    scenario = Scenario(gpu="H100-SXM", hosting="own_site")
    (row,) = of(flips(scenario), "rack_kw").to_dict("records")
    assert row["low"] < 10.2
    assert math.isnan(row["saving_low_usd"])
    assert math.isnan(row["swing_usd"])
    assert (
        row["note"] == "no break-even in range; part of it cannot be combined with the other inputs"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rate_usd_per_gpu_hour", 8 * 730 * 0.4 * 36),
        ("price_usd_per_gpu", -8.0),
        ("license_usd_per_gpu_year", -24.0),
        ("upfront_usd_per_gpu", 8.0),
        ("gpus", 730 * 0.4 * 36 - 5_000),
        ("horizon_months", 8 * 730 * 0.4),
        ("commitment_months", 0.0),
    ],
)
def test_slopes_by_hand(name: str, expected: float) -> None:
    case = neutral(gpus=8, utilization=0.4, rate_usd_per_gpu_hour=1, price_usd_per_gpu=5_000)
    rows = of(flips(**case), name)
    assert rows["slope_usd_per_unit"].tolist() == pytest.approx([expected] * len(rows), rel=1e-9)


def test_a_slope_leaves_the_jump_beside_the_value_out() -> None:
    # At the end of a term another month costs a whole new term of rent, one less costs nothing.
    rows = of(flips(**{**TERMS, "horizon_months": 12}), "horizon_months")
    assert rows["slope_usd_per_unit"].tolist() == pytest.approx([-1_000] * len(rows))


@pytest.mark.parametrize(
    "name", ["rate_growth_per_year", "discount_rate", "resale_decline_per_year"]
)
def test_slopes_are_derivatives(name: str) -> None:
    scenario = Scenario(gpu="L4")
    value, step = scenario.values()[name], 1e-5
    up, down = (
        tco.breakeven(scenario, **{name: value + sign * step}).npv_saving_usd for sign in (1, -1)
    )
    (slope,) = of(flips(scenario), name)["slope_usd_per_unit"].unique()
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"utilization": [0.2, 0.4]}, "one scenario at a time"),
        ({"gpu": "RTX-PRO-4500", "provider": "lambda"}, "rate_usd_per_gpu_hour is not known"),
        ({"pue": 0.9}, "outside"),
        ({"gpu": "H100-SXM", "hosting": "own_site", "rack_kw": 5}, "holds no server"),
    ],
)
def test_wrong_questions(case: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        flips(**case)


def test_without_scipy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(TcoError, match=re.escape(to_install("risk"))):
        flips(gpu="L4")


def test_a_scenario_and_what_ifs() -> None:
    one, other = flips(Scenario(gpu="L4"), utilization=0.3), flips(gpu="L4", utilization=0.3)
    pd.testing.assert_frame_equal(one, other)


def test_terms_that_fit_into_the_horizon_by_hand() -> None:
    # 100 a month, all of the last term paid: 100 · C · ⌈36 / C⌉ against 4,000.
    case = neutral(
        price_usd_per_gpu=4_000,
        rate_usd_per_gpu_hour=100 / 730,
        billing="committed",
        commitment_months=12,
    )
    found = of(flips(**case, only=["commitment_months"]), "commitment_months")
    # Just below 12 months a fourth term begins, and is paid to 48; from 13.3 on three terms cost
    # more than 4,000.
    jump, root = found.to_dict("records")
    assert jump["note"].startswith("jump at 12")
    assert (jump["flip"], jump["flip_to"]) == pytest.approx((12, 12), rel=1e-8)
    assert jump["flip_to"] < 12
    assert root["flip"] == root["flip_to"] == pytest.approx(40 / 3, rel=1e-12)


def test_one_more_fee_by_hand() -> None:
    # A fee of 1,000 a year against 2,500: the third is due when the service runs past month 24.
    case = neutral(
        price_usd_per_gpu=2_500,
        billing="committed",
        commitment_months=12,
        commitment_fee_usd_per_gpu=1_000,
    )
    found = of(flips(**case, only=["horizon_months"]), "horizon_months").iloc[0]
    assert (found["flip"], found["flip_to"]) == pytest.approx((24, 24), rel=1e-8)
    assert found["flip"] != found["flip_to"]
    # With terms of 10.5 months the third is due after month 21.
    case |= {"commitment_months": 10.5}
    found = of(flips(**case, only=["horizon_months"]), "horizon_months").iloc[0]
    assert (found["flip"], found["flip_to"]) == pytest.approx((21, 21), rel=1e-8)


def test_two_flips_beside_a_bend_are_seen() -> None:
    # Busy to 0.3 the rent is 350 u a month, and 105 beyond; power is 280 u: at 0.3 buying saves
    # 210 in ten months, a tenth of a dollar more than the card costs.
    case = neutral(
        price_usd_per_gpu=209.9,
        horizon_months=10,
        hours_per_month=700,
        gpu_w=1_000,
        electricity_usd_per_kwh=0.4,
        rate_usd_per_gpu_hour=0.5,
        rate_cap_usd_per_gpu_month=105,
        utilization=0.5,
    )
    found = of(flips(**case, only=["utilization"]), "utilization")
    low, high = 209.9 / 700, (1_050 - 209.9) / 2_800
    assert found["flip"].tolist() == pytest.approx([low, high], rel=1e-9)
    # 10 months at x, of which twice as much is paid back until 100 are: −10 x, from 5 on 10 x less
    # 100.
    rebate = {"name": "rebate", "side": "rent", "usd": -2, "basis": "item:storage_egress"}
    lines = (
        tco.Line(**rebate, cap_usd=100),
        tco.Line(name="grant", side="own", usd=-49.95, when="start"),
    )
    case = neutral(horizon_months=10, storage_egress_usd_per_gpu_month=20, lines=lines)
    found = of(flips(**case, only=[STORAGE]), STORAGE)
    assert found["flip"].tolist() == pytest.approx([4.995, 5.005], rel=1e-9)


STORAGE = "storage_egress_usd_per_gpu_month"
BENT = (
    *(
        "utilization",
        "rate_usd_per_gpu_hour",
        "price_usd_per_gpu",
        "horizon_months",
        "discount_rate",
    ),
    *("billing_overhead", "server_idle_share", "idle_tariff_ratio", "server_warranty_months"),
    *("staff_usd_per_gpu_month", "electricity_usd_per_kwh", "support_rate"),
)


@settings(max_examples=examples(25))
@given(bent_cases, st.floats(0.8, 1.2))
def test_no_flip_is_missed_with_caps_fees_and_lines(case: dict[str, Any], share: float) -> None:
    made = neutral(**ALSO) | case
    even = tco.breakeven(**made).breakeven_rate_usd_per_gpu_hour
    if 0 < even < 10:
        made["rate_usd_per_gpu_hour"] = even * share
    asked, listed = case_of(Scenario(**made), "test"), flips(**made, only=BENT)
    for name in BENT:
        known = asked.ranges[name]
        if known is None:
            continue
        grid = np.linspace(*known, 301)
        grid = np.unique(np.round(grid)) if INPUTS[name].kind == "integer" else grid
        curve = savings(asked.values, {name: grid})[name]
        told = abs(curve.usd) > 1e-9 * curve.gross
        at, buys = grid[told], curve.usd[told] > 0
        found = of(listed, name)[["flip", "flip_to"]]
        low, high = found.min(axis=1), found.max(axis=1)
        turns = buys[1:] != buys[:-1]
        for one, other in zip(at[:-1][turns], at[1:][turns], strict=True):
            assert ((low <= other * (1 + 1e-9)) & (high >= one * (1 - 1e-9))).any(), name
