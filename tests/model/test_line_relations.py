"""Relations of own lines and of the inputs of the second edition, whatever the numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tco
from tco.inputs.lines import Line
from tco.model.ledger import ledger_rows
from tco.scenario import Scenario
from tests.model.test_second_model import drawn_line
from tests.neutral import neutral
from tests.strategies import examples, scenarios


@st.composite
def lines(draw: st.DrawFn, most: int = 4) -> tuple[Line, ...]:
    dice = draw(st.randoms(use_true_random=False))
    return tuple(drawn_line(dice, f"line {k}") for k in range(draw(st.integers(1, most))))


def npvs(case: dict[str, Any], own: tuple[Line, ...] = ()) -> tuple[float, float]:
    answer = tco.breakeven(**case, lines=own or None)
    return answer.own_npv_usd, answer.rent_npv_usd


def gross(case: dict[str, Any], own: tuple[Line, ...] = ()) -> float:
    return sum(abs(row[5]) for row in ledger_rows(Scenario(**case, lines=own or None))) or 1.0


@settings(max_examples=examples(50))
@given(scenarios(), lines())
def test_lines_add_up(case: dict[str, Any], own: tuple[Line, ...]) -> None:
    """Together they change both sides by the sum of what each changes alone."""
    base, together = npvs(case), npvs(case, own)
    apart = [npvs(case, (line,)) for line in own]
    for side in (0, 1):
        sum_of = math.fsum(one[side] - base[side] for one in apart)
        assert abs(together[side] - base[side] - sum_of) <= 1e-9 * gross(case, own)


@settings(max_examples=examples(50))
@given(scenarios(), lines(), st.sampled_from([-2.0, 0.25, 3.0]))
def test_lines_scale(case: dict[str, Any], own: tuple[Line, ...], factor: float) -> None:
    """With what they end at."""
    more = tuple(
        replace(
            line,
            usd=line.usd * factor,
            cap_usd=None if line.cap_usd is None else line.cap_usd * abs(factor),
        )
        for line in own
    )
    base, once, scaled = npvs(case), npvs(case, own), npvs(case, more)
    for side in (0, 1):
        expected = factor * (once[side] - base[side])
        assert abs(scaled[side] - base[side] - expected) <= 1e-9 * gross(case, more)


@settings(max_examples=examples(50))
@given(scenarios(), lines())
def test_a_line_of_nothing_changes_nothing(case: dict[str, Any], own: tuple[Line, ...]) -> None:
    nothing = tuple(replace(line, usd=0.0) for line in own)
    before, after = tco.breakeven(**case), tco.breakeven(**case, lines=nothing)
    for name in ("own_npv_usd", "rent_npv_usd", "undiscounted_saving_usd"):
        assert getattr(before, name) == pytest.approx(getattr(after, name), rel=1e-12, abs=1e-9)


@settings(max_examples=examples(50))
@given(scenarios(tax_rate=0.3), lines(1))
def test_a_credit_never_makes_renting_dearer(case: dict[str, Any], own: tuple[Line, ...]) -> None:
    assume(own[0].side == "rent")
    credit = (replace(own[0], usd=-abs(own[0].usd)),)
    assert npvs(case, credit)[1] <= npvs(case)[1] + 1e-9 * gross(case, credit)


@settings(max_examples=examples(50))
@given(scenarios(), st.floats(0, 5_000), st.floats(0, 5_000))
def test_a_cap_never_raises_the_bill(case: dict[str, Any], one: float, other: float) -> None:
    name, (low, high) = "rate_cap_usd_per_gpu_month", sorted((one, other))
    less, more = npvs(case | {name: low}), npvs(case | {name: high})
    assert less[1] <= more[1] + 1e-9 * gross(case | {name: high})
    assert less[0] <= more[0] + 1e-9 * gross(case | {name: high})


@settings(max_examples=examples(50))
@given(scenarios(), st.floats(0, 1))
def test_switched_off_costs_no_more_than_idle(case: dict[str, Any], share: float) -> None:
    off = npvs(case | {"idle_w": 0.0, "server_idle_share": 0.0, "sold_by_server": False})
    idle = npvs(case | {"server_idle_share": share, "sold_by_server": False})
    assert off[0] <= idle[0] + 1e-9 * gross(case)


@settings(max_examples=examples(50))
@given(scenarios(financing="cash", delivery_months=0), st.integers(1, 8))
def test_sold_by_server_changes_nothing_where_servers_are_full(
    case: dict[str, Any], servers: int
) -> None:
    full = case | {"whole_servers": True, "gpus": servers * case["gpus_per_server"]}
    assert npvs(full | {"sold_by_server": True}) == npvs(full | {"sold_by_server": False})


@settings(max_examples=examples(50))
@given(
    st.floats(0, 0.9), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(1e-6, 0.01),
    st.integers(1, 64),
)  # fmt: skip
def test_keeping_costs_what_selling_would_bring(
    decline: float, selling: float, tax: float, moment: float, gpus: int
) -> None:
    """Who keeps the cards and sells them a moment later has lost nothing by it."""
    case = neutral(
        gpus=gpus, price_usd_per_gpu=1_000.0, server_usd=5_000.0, already_owned=True,
        resale_decline_per_year=decline, selling_cost_rate=selling, tax_rate=tax,
        horizon_months=moment,
    )  # fmt: skip
    brings = gpus * (1_000 + 5_000 / 8) * (1 - selling) * (1 - tax)
    lost = 1 - (1 - decline) ** (moment / 12)
    assert npvs(case)[0] == pytest.approx(brings * lost, rel=1e-6, abs=1e-6 * brings * moment)


def test_six_months_of_interest_and_thirty_level_payments() -> None:
    """240,000 at 1 % a month: 6 * 2,400, 30 * 9,299.55, and a fee of 2 %: 298,186.42 in all."""
    rows = ledger_rows(
        Scenario(
            **neutral(
                price_usd_per_gpu=240_000,
                financing="loan",
                financed_share=1,
                loan_apr=0.12,
                loan_months=36,
                loan_interest_only_months=6,
                loan_fee_rate=0.02,
            )
        ),
        "own",
    )
    paid = math.fsum(row[4] for row in rows if row[1] in ("loan_payment", "loan_fee"))
    assert round(paid, 2) == 298_186.42
