"""Break-even values where the saving bends: at a cap of the rent, or of one of the user's lines."""

from __future__ import annotations

import math
from copy import copy
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tco
from tco import Line
from tco.analysis.savings import saving
from tco.inputs import INPUTS, Inputs
from tco.model.results import BREAKEVENS, solve
from tests.neutral import neutral
from tests.strategies import examples

# Renting costs 350 a month when always busy, but never more than 300; owning draws 1 kW when busy,
# which is 280 a month. So from 0.3 / 0.35 busy on only the energy rises.
CAPPED = neutral(
    price_usd_per_gpu=100,
    horizon_months=10,
    hours_per_month=700,
    gpu_w=1_000,
    electricity_usd_per_kwh=0.4,
    rate_usd_per_gpu_hour=0.5,
    rate_cap_usd_per_gpu_month=105,
)


def test_a_cap_of_the_rent_has_two_break_evens_in_use() -> None:
    # Below 105 / 350 = 0.3: 10 · (350 − 280) · u = 100. Above: 10 · (105 − 280 u) = 100.
    low, high = 100 / 700, (1_050 - 100) / 2_800
    below = tco.breakeven(**CAPPED | {"utilization": 0.1})
    assert below.breakeven_utilization == pytest.approx(low, rel=1e-12)
    # A card of 10 · 70 · 0.1 would do as well, and needs a smaller change.
    assert below.turn == "Buying wins if the GPU price is below $70. Yours is $100."
    dear = tco.breakeven(**CAPPED | {"utilization": 0.12, "price_usd_per_gpu": 170})
    assert dear.breakeven_utilization == pytest.approx(170 / 700, rel=1e-12)
    between = tco.breakeven(**CAPPED | {"utilization": 0.3})
    assert between.breakeven_utilization == pytest.approx(high, rel=1e-12)
    assert "Renting wins if utilization is above 33.9 %." in between.turn
    above = tco.breakeven(**CAPPED | {"utilization": 0.34})
    assert above.breakeven_utilization == pytest.approx(high, rel=1e-12)
    assert above.turn == (
        "Buying wins if utilization is below 33.9 %, down to 14.3 %. Yours is 34 %."
    )
    # At 0.3 busy 10 · 210 r = 100 + 10 · 84, and no rate costs more than the cap.
    assert between.breakeven_rate_usd_per_gpu_hour == pytest.approx(940 / 2_100, rel=1e-12)
    assert above.breakeven_rate_usd_per_gpu_hour == math.inf
    # The price stays a straight line.
    assert above.breakeven_price_usd_per_gpu == pytest.approx(1_050 - 952, rel=1e-12)


def test_a_cap_that_is_never_reached_leaves_the_line_straight() -> None:
    case = CAPPED | {"rate_cap_usd_per_gpu_month": 400, "price_usd_per_gpu": 1_400}
    # 10 · 70 · u = 1,400
    answer = tco.breakeven(**case | {"utilization": 0.9})
    assert answer.breakeven_utilization == pytest.approx(2.0, rel=1e-12)
    assert tco.breakeven(**case | {"billing": "always_on"}).breakeven_utilization == math.inf


def test_a_credit_that_ends_bends_the_saving() -> None:
    # 10 months at 700 r, of which the first 2,000 are paid by a credit: 7,000 r − 2,000 = 1,500.
    credit = Line(name="credit", side="rent", usd=-1, basis="item:compute", cap_usd=2_000)
    case = neutral(price_usd_per_gpu=1_500, horizon_months=10, hours_per_month=700)
    answer = tco.breakeven(**case | {"rate_usd_per_gpu_hour": 1, "lines": (credit,)})
    assert answer.npv_saving_usd == pytest.approx(3_500)
    assert answer.breakeven_rate_usd_per_gpu_hour == pytest.approx(0.5, rel=1e-12)
    assert answer.breakeven_utilization == pytest.approx(0.5, rel=1e-12)
    assert answer.breakeven_price_usd_per_gpu == pytest.approx(5_000, rel=1e-12)


def test_a_rebate_that_ends_makes_buying_win_at_high_rates() -> None:
    # Twice the rent is paid back, but no more than 3,000; owning costs nothing.
    lines = (Line(name="rebate", side="rent", usd=-2, basis="item:compute", cap_usd=3_000),)
    case = neutral(horizon_months=10, hours_per_month=700, lines=lines)
    # 7,000 r − 14,000 r down to r = 3 / 14, then 7,000 r − 3,000: buying wins from 3 / 7 on.
    answer = tco.breakeven(**case | {"rate_usd_per_gpu_hour": 0.2})
    assert answer.breakeven_rate_usd_per_gpu_hour == pytest.approx(0, abs=1e-12)
    assert "buying wins if renting costs more than $0.429" in str(answer.reason)
    dear = tco.breakeven(**case | {"rate_usd_per_gpu_hour": 0.4})
    assert dear.breakeven_rate_usd_per_gpu_hour == pytest.approx(3 / 7, rel=1e-12)
    assert "buying wins if renting costs more than $0.429" in str(dear.reason)


def test_a_sentence_says_between_which_rates_buying_wins() -> None:
    # Rented by use until the delivery, half the hours, and always on after it: 8 months at 700 r,
    # 400 at most, against 2 months at 350 r, 400 at most, and a card of 2,500.
    case = neutral(
        price_usd_per_gpu=2_500,
        horizon_months=10,
        hours_per_month=700,
        delivery_months=2,
        utilization=0.5,
        billing="always_on",
        rate_cap_usd_per_gpu_month=400,
    )
    # 10 · 700 r − 2 · 350 r = 2,500, and from 400 / 700 on 4,000 − 700 r = 2,500 up to 15 / 7,
    # but from 400 / 350 on no more than 2 · 400 is paid until the delivery.
    answer = tco.breakeven(**case | {"rate_usd_per_gpu_hour": 0.5})
    assert answer.breakeven_rate_usd_per_gpu_hour == pytest.approx(2_500 / 6_300, rel=1e-12)
    assert answer.rates[1] is None
    dearer = case | {"price_usd_per_gpu": 3_400}
    low, high = 3_400 / 6_300, 600 / 700
    for rate, nearest in ((0.4, low), (0.6, low), (0.8, high), (3.0, high)):
        answer = tco.breakeven(**dearer | {"rate_usd_per_gpu_hour": rate})
        assert answer.breakeven_rate_usd_per_gpu_hour == pytest.approx(nearest, rel=1e-12)
        assert "buying wins if renting costs $0.540 to $0.857" in str(answer.reason)


def test_decimals_find_the_same_roots() -> None:
    credit = Line(name="credit", side="rent", usd=-1, basis="item:compute", cap_usd=2_000)
    case = CAPPED | {"horizon_months": 30, "rate_cap_usd_per_gpu_month": 300, "lines": (credit,)}
    scenario = tco.Scenario(**case | {"utilization": 0.9, "discount_rate": 0.08})
    exact = copy(credit)
    for field in ("usd", "cap_usd"):
        object.__setattr__(exact, field, Decimal(getattr(credit, field)))
    values = {
        name: Decimal(given) if name in INPUTS and INPUTS[name].numeric else given
        for name, given in scenario.values().items()
        if given is not None
    }
    found, _ = solve(Inputs.of(values | {"lines": (exact,)}))
    answer = tco.breakeven(scenario)
    for result in BREAKEVENS:
        assert isinstance(found[result], Decimal)
        assert float(found[result]) == pytest.approx(getattr(answer, result), rel=1e-12)


ITEMS = {
    "rent": ("compute", "support", "storage_egress"),
    "own": ("energy_it", "energy_cooling", "failures", "insurance", "maintenance"),
}


@st.composite
def lines(draw: st.DrawFn) -> tuple[Line, ...]:
    found = []
    for at in range(draw(st.integers(0, 3))):
        side = draw(st.sampled_from(("own", "rent")))
        monthly = ("busy_gpu_hour", "idle_gpu_hour", "gpu", *(f"item:{i}" for i in ITEMS[side]))
        at_exit = ("gpu", "item:resale" if side == "own" else "item:unused_commitment")
        at_start = ("gpu", "item:gpus" if side == "own" else "item:upfront")
        when = draw(st.sampled_from(("monthly", "monthly", "monthly", "start", "exit")))
        bases = {"monthly": monthly, "start": at_start, "exit": at_exit}[when]
        basis = draw(st.sampled_from(bases))
        usd = draw(st.floats(0.01, 300 if basis == "gpu" else 2)) * draw(st.sampled_from((-1, 1)))
        cap = draw(st.none() | st.floats(10, 50_000))
        first = draw(st.integers(1, 6)) if when == "monthly" else 1
        line = {"name": f"line {at}", "side": side, "usd": usd, "basis": basis, "when": when}
        found.append(Line(**line, cap_usd=cap, first_month=first))
    return tuple(found)


bent_cases = st.fixed_dictionaries(
    {
        "gpus": st.sampled_from((1, 3, 8, 20)),
        "utilization": st.sampled_from((0.0, 1.0)) | st.floats(0, 1, allow_subnormal=False),
        "horizon_months": st.sampled_from((12, 36)) | st.floats(0.5, 60),
        "price_usd_per_gpu": st.floats(0, 20_000),
        "server_usd": st.floats(0, 50_000),
        "rate_usd_per_gpu_hour": st.floats(0, 4),
        "rate_cap_usd_per_gpu_month": st.just(10**8) | st.floats(10, 1_500),
        "electricity_usd_per_kwh": st.sampled_from((0.1, 0.3, 1.0)),
        "server_idle_share": st.floats(0, 1),
        "idle_tariff_ratio": st.floats(0, 3),
        "whole_servers": st.booleans(),
        "sold_by_server": st.booleans(),
        "resale_decline_per_year": st.sampled_from((0.3, 1)),
        "rate_growth_per_year": st.sampled_from((0, -0.2)),
        "billing": st.sampled_from(("per_use", "per_use", "always_on", "committed")),
        "commitment_months": st.sampled_from((12, 7.3)),
        "commitment_fee_usd_per_gpu": st.sampled_from((0, 500)),
        "discount_rate": st.sampled_from((0, 0.08, 0.3)),
        "tax_rate": st.sampled_from((0, 0.25)),
        "delivery_months": st.sampled_from((0, 3)),
        "lines": lines(),
    }
)
ALSO = {"gpu_w": 700, "idle_w": 80, "server_w": 2_000, "pue": 1.4, "rack_kw": 500}
ALSO |= {"failure_rate_per_year": 0.05, "maintenance_rate_per_year": 0.05, "support_rate": 0.1}
ALSO |= {"spares_rate": 0.1, "billing_overhead": 0.1, "depreciation": "straight_line"}
FAR = {"rate_usd_per_gpu_hour": 20, "price_usd_per_gpu": 60_000, "utilization": 1}


@settings(max_examples=examples(150))
@given(bent_cases)
def test_the_nearest_root_is_one_and_there_is_no_nearer(case: dict[str, Any]) -> None:
    scenario = tco.Scenario(**neutral(**ALSO) | case)
    answer, v = tco.breakeven(scenario), Inputs.of(scenario.values())
    table = tco.breakeven(scenario, utilization=[case["utilization"], case["utilization"] / 2])
    for result, name in BREAKEVENS.items():
        root, declared, now = getattr(answer, result), INPUTS[name], getattr(v, name)
        if name == "utilization" and v.billing != "per_use":
            assert root == math.inf
            continue
        in_table = getattr(table, result)[0]
        assert in_table == root or in_table == pytest.approx(root, rel=1e-9, abs=1e-9)
        if math.isfinite(root):
            found = saving(v.with_value(name, root))
            most = max(found.gross, saving(v).gross)
            assert abs(found.usd) <= 1e-9 * most or not declared.contains(root)
        grid = np.linspace(declared.low, FAR[name], 800)
        usd, _, gross = np.broadcast_arrays(*saving(v.with_value(name, grid)))
        told = abs(usd) > 1e-11 * gross
        grid, buys = grid[told], usd[told] > 0
        changed = np.flatnonzero(buys[1:] != buys[:-1])
        ends = abs(np.stack([grid[changed], grid[changed + 1]]) - now).max(axis=0)
        if len(changed):
            assert declared.contains(root), (name, root)
            assert abs(root - now) <= ends.min() * (1 + 1e-9) + 1e-9, (name, root)
