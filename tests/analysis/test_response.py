"""Response curves: each point is an answer of the model; what is drawn, and wrong questions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.savings import case_of, drawn_range
from tco.analysis.sensitivity import response, responses
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.model.ledger import ledger_rows
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
                InputError, match=r"holds no server|says nothing of|does not go with"
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


@pytest.mark.parametrize(("value", "low", "high"), [(8, 4, 16), (1, 1, 2), (64, 32, 64), (3, 1, 6)])
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
        ("pue", {"gpu": "RTX-PRO-4500"}, "rate_usd_per_gpu_hour is not known"),
        ("pue", {"nonsense": 1}, "nonsense is not an input"),
    ],
)
def test_wrong_questions(name: Any, more: dict[str, Any], message: str) -> None:
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
