"""What it takes to reach a target: put back, a value reaches it, and one just beyond does not."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tco
from tco.analysis.thresholds import TARGETS
from tco.cli import main
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.policy import policy_of
from tco.report.finance_asked import goal_line
from tco.report.finance_tables import goal_rows
from tests.model.test_line_relations import gross
from tests.neutral import COMMON_CASE, neutral
from tests.strategies import examples, scenarios

CASE = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7, "utilization": 0.4}
# 1,000 that save 100 a month: 730 hours at the rate below.
LEVEL = neutral(price_usd_per_gpu=1_000, rate_usd_per_gpu_hour=100 / 730, horizon_months=24)
RESULTS = {
    "payback_months": "months",
    "simple_payback_months": "simple_months",
    "exit_months": "exit_months",
    "saving_usd": "npv_saving_usd",
}
NAMES = (
    *("price_usd_per_gpu", "rate_usd_per_gpu_hour", "utilization", "horizon_months", "gpus"),
    *("discount_rate", "resale_decline_per_year", "rate_growth_per_year", "server_usd"),
    *("electricity_usd_per_kwh", "colo_usd_per_kw_month", "tax_rate", "delivery_months"),
)


def _is_met(case: dict[str, Any], kind: str, wanted: float, slack: float = 0) -> bool:
    """Whether an answer reaches the target, or but for a share of all flows."""
    try:
        result = getattr(tco.breakeven(**case), RESULTS[kind])
    except InputError:
        return False
    if slack and kind == "saving_usd":
        result += slack * gross(case)
    return bool(result >= wanted if kind == "saving_usd" else result <= wanted)


@settings(deadline=None, max_examples=examples(60))
@given(scenarios(), st.sampled_from(NAMES), st.sampled_from(sorted(RESULTS)), st.floats(0.05, 0.95))
def test_a_value_put_back_reaches_the_target_and_one_beyond_does_not(
    case: dict[str, Any], name: str, kind: str, share: float
) -> None:
    # A target that something between the ends of the input's domain brings, as a rule.
    case |= {"horizon_months": min(case["horizon_months"], 24.0), "currency": "USD"}
    try:
        answer = tco.breakeven(**case)
    except InputError:
        assume(False)
    wanted = share * case["horizon_months"]
    if kind == "saving_usd":
        size = max(abs(answer.own_npv_usd), abs(answer.rent_npv_usd))
        wanted = answer.npv_saving_usd + (share - 0.5) * size
    goal = tco.goal(**case, of=name, **{kind: wanted})
    assert goal.is_reached is _is_met(case, kind, wanted)
    (found,) = goal.answers
    if found.needed is None:
        assert found.reason
        assert found.result is None
        return
    declared, value = INPUTS[name], found.needed
    assert declared.contains(value)
    assert _is_met(case | {name: value}, kind, wanted, slack=1e-12)
    assert found.reason.startswith("the result jumps at") is (found.missed is not None)
    beyond = value + (1 if found.side == "at_most" else -1) * (
        1 if declared.kind == "integer" else 1e-6 * max(abs(value), 1e-6)
    )
    beyond = min(max(beyond, declared.low), declared.high)
    assume(beyond != value)
    assert not _is_met(case | {name: beyond}, kind, wanted)
    # Between the value and the present one the target is reached all the way, or not at all.
    between = (value + case[name]) / 2
    if declared.kind != "integer" and not math.isclose(between, value, rel_tol=1e-6):
        assert (
            found.until is not None
            or _is_met(case | {name: between}, kind, wanted) is goal.is_reached
        )


def test_by_hand_the_price_the_rate_and_the_use_that_pay_back_by_a_month() -> None:
    """A price is paid back by month 5 if it is five months' saving: 500, or 200 a month, twice
    the rate. A busy share of all hours cannot be 2.
    """
    goal = tco.goal(**LEVEL, payback_months=5)
    price, rate, use = goal.answers
    assert (goal.now, goal.is_reached) == (10, False)
    # A tie counts for owning, and 1e-9 of both sides is one.
    assert price.needed == pytest.approx(500, rel=3e-9)
    assert rate.needed == pytest.approx(200 / 730, rel=3e-9)
    assert (price.side, rate.side, use.needed) == ("at_most", "at_least", None)
    assert price.result == rate.result == pytest.approx(5)
    assert use.reason == "no value does; at 100 % buying pays back by month 10"
    at_once = tco.goal(**LEVEL, saving_usd=1e9, of="rate_usd_per_gpu_hour")
    assert "Rental rate: no value does; at $10,000.00 buying saves $" in at_once.sentence
    assert goal.nearest == price
    assert goal.value == price.needed
    assert (price.change, rate.change) == (pytest.approx(-0.5), pytest.approx(1))
    assert goal.sentence == (
        "Buying pays back by month 5 if the GPU price is at most $500 (now $1,000), or if the "
        "rental rate is at least $0.274 (now $0.137). At current inputs: month 10. "
        "Utilization: no value does; at 100 % buying pays back by month 10."
    )


def test_by_hand_a_payback_in_present_values_and_without() -> None:
    """Five payments of 100 are worth less at 12 % a year: that is what the price may be."""
    case = LEVEL | {"discount_rate": 0.12}
    plain = tco.goal(**case, simple_payback_months=5, of="price_usd_per_gpu")
    assert plain.value == pytest.approx(500, rel=3e-9)
    worth = sum(100 / 1.12 ** (month / 12) for month in range(1, 6))
    discounted = tco.goal(**case, payback_months=5, of="price_usd_per_gpu")
    assert discounted.value == pytest.approx(worth, rel=3e-9)
    assert (round(plain.now, 9), discounted.now > 10) == (10, True)


def test_by_hand_what_a_saving_takes() -> None:
    """24 months save 2,400 on a price of 1,000: 1,400. For 2,000 the price is 400 or the rate 125 a
    month; for 600 the price may rise to 1,800, and the GPUs be busy for two thirds of the hours.
    """
    more, less = (tco.goal(**LEVEL, saving_usd=usd) for usd in (2_000, 600))
    assert (more.now, more.is_reached, less.is_reached) == (pytest.approx(1_400), False, True)
    assert more.answers[0].needed == pytest.approx(400, rel=1e-12)
    assert more.answers[1].needed == pytest.approx(125 / 730, rel=1e-12)
    price, _, use = less.answers
    assert (price.needed, price.side) == (pytest.approx(1_800, rel=1e-12), "at_most")
    assert (use.needed, use.side) == (pytest.approx(2 / 3, rel=1e-12), "at_least")
    assert less.sentence.startswith(
        "Buying saves at least $600 at current inputs: a saving of $1,400. It still does if "
        "the GPU price is at most $1,800 (now $1,000)"
    )


def test_by_hand_what_a_rate_of_return_takes() -> None:
    """1,200 a year later for 1,000 today is 20 %; for 25 % the price is 960."""
    fee = tco.Line(name="fee", side="rent", usd=1_200, first_month=12, last_month=12)
    case = neutral(price_usd_per_gpu=1_000, horizon_months=12, lines=[fee])
    goal = tco.goal(**case, irr=0.25, of="price_usd_per_gpu")
    assert goal.now == pytest.approx(0.2)
    assert goal.value == pytest.approx(960, rel=1e-12)
    assert goal.answers[0].result == pytest.approx(0.25)
    assert goal.sentence == (
        "Buying returns at least 25 % a year if the GPU price is at most $960 (now $1,000). At "
        "current inputs: 20 % a year."
    )
    # Nothing is tied up: no rate of its own, and yet the target is reached.
    free = tco.goal(**case | {"price_usd_per_gpu": 0}, irr=0.25, of="price_usd_per_gpu")
    assert free.is_reached
    assert free.sentence == (
        "Buying returns at least 25 % a year at current inputs: no single rate of return, but a "
        "saving at 25 %. It still does if the GPU price is at most $960 (now $0)."
    )


@pytest.mark.parametrize("busy", [0.3, 0.45, 0.8])
def test_to_save_nothing_takes_the_break_even_values(busy: float) -> None:
    """Found by a search here, and by two evaluations of a straight line there."""
    case = COMMON_CASE | {"rate_usd_per_gpu_hour": 0.5, "utilization": busy}
    answer = tco.breakeven(**case)
    for one in tco.goal(**case, saving_usd=0).answers:
        assert one.needed == pytest.approx(getattr(answer, f"breakeven_{one.input}"), rel=1e-9)


def test_under_a_policy_values_that_it_locks_are_held() -> None:
    text = 'name = "F"\nas_of = "2026-11-01"\n[inputs.discount_rate]\nvalue = 0.11\n'
    goal = tco.goal(gpu="L4", utilization=0.4, irr=0.15, policy=policy_of(text))
    assert all(one.result == pytest.approx(0.15) for one in goal.answers)


def test_whole_numbers_stay_whole() -> None:
    """Months of delivery are whole: rented until then at 100 each, and four remain to save."""
    case = LEVEL | {"price_usd_per_gpu": 400, "horizon_months": 12}
    goal = tco.goal(**case, of="delivery_months", saving_usd=250)
    (found,) = goal.answers
    assert (found.needed, type(found.needed), found.side) == (5, int, "at_most")
    assert found.result == pytest.approx(300)


def test_a_target_that_is_lost_again_has_two_ends() -> None:
    """A rental rate that falls to nothing: owning costs 60 a month and is bought for 300. It is
    ahead until renting costs less than the 60: holding on longer loses it.
    """
    case = neutral(
        price_usd_per_gpu=300,
        staff_usd_per_gpu_month=60,
        rate_usd_per_gpu_hour=200 / 730,
        rate_growth_per_year=-0.9,
        horizon_months=3,
    )
    goal = tco.goal(**case, of="horizon_months", saving_usd=1)
    (found,) = goal.answers
    assert found.until is not None
    assert found.where.startswith("between ")
    for value, is_inside in ((found.needed, True), (found.until, True)):
        assert (tco.breakeven(**case | {"horizon_months": value}).npv_saving_usd >= 1) is is_inside
    middle = (found.needed + found.until) / 2
    assert tco.breakeven(**case | {"horizon_months": middle}).npv_saving_usd > 1
    assert tco.breakeven(**case | {"horizon_months": found.until + 0.01}).npv_saving_usd < 1


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("rack_kw", {"hosting": "colo_metered"}, "no effect under colocation"),
        ("gpus", {}, "every value does"),
        ("gpus", {"price_usd_per_gpu": 2_000}, "no effect here"),
        ("staff_usd_per_gpu_month", {"price_usd_per_gpu": 50_000}, "no value does"),
    ],
)
def test_an_input_without_a_threshold_says_why(name: str, more: dict[str, Any], said: str) -> None:
    goal = tco.goal(**LEVEL | more, of=name, payback_months=12)
    assert goal.value is None
    assert goal.nearest is None
    assert goal.answers[0].reason.startswith(said)


def test_by_hand_a_result_that_jumps_over_the_target_says_so() -> None:
    """100 a month saved, and 600 paid in month 12: a price of 600 is paid back by month 6, and the
    1,200 saved by month 12 are just what it costs then; of any more the last payback is after that.
    """
    repair = tco.Line(name="repair", side="own", usd=600, first_month=12, last_month=12)
    goal = tco.goal(**LEVEL | {"lines": [repair]}, of="price_usd_per_gpu", payback_months=8)
    (price,) = goal.answers
    assert (price.needed, price.result, price.missed) == pytest.approx((600, 6, 12), rel=1e-7)
    jump = (
        "the result jumps at $600, from month 6 to month 12: above it renting is ahead again later"
    )
    assert price.reason == goal.to_dict()["answers"][0]["reason"] == jump
    assert goal.sentence.endswith(f"At current inputs: month 16. GPU price: {jump}.")
    (row,) = goal_rows(goal)
    assert goal_line(row)[2].endswith(f"then: month 6. T{jump[1:]}.")


def test_a_lease_whose_hardware_is_bought_at_any_price_above_none() -> None:
    """Sold at the horizon it is worth more than it costs then; at a price of 0 it goes back."""
    case = {"gpu": "L4", "utilization": 0.6, "financing": "lease", "lease_usd_per_gpu_month": 60}
    now = tco.breakeven(**case, lease_months=24).npv_saving_usd
    asked = case | {"lease_months": 24, "of": "lease_buyout_usd_per_gpu"}
    goal = tco.goal(**asked, saving_usd=now + 2_000)
    (price,) = goal.answers
    assert price.where.startswith("above $0 and at most $2,")
    assert price.rounded is None
    assert price.missed == pytest.approx(now)
    assert price.reason.endswith(": the hardware is bought at that price, and at $0 returned")


def test_values_in_words_are_on_the_side_that_reaches_the_target() -> None:
    for target in ({"payback_months": 17}, {"saving_usd": 3_333}, {"exit_months": 11}):
        goal = tco.goal(**CASE, **target)
        (kind,) = target
        assert kind in TARGETS
        for row, one in zip(goal_rows(goal), goal.answers, strict=True):
            if one.needed is None:
                assert (row.needed, row.result) == ("", "")
                continue
            said = row.needed.removeprefix(one.side.replace("_", " "))
            number = float(said.strip(" $%").replace(",", ""))
            value = number / 100 if "%" in said else number
            assert value == pytest.approx(one.needed, rel=0.01)
            assert _is_met(CASE | {one.input: value}, kind, goal.wanted)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "no target given: give one of payback_months"),
        ({"payback_months": 9, "irr": 0.1}, "payback_months and irr given: give one of"),
        ({"payback_months": 37}, r"payback_months = 37 is outside \[0, 36\]: month by which"),
        ({"payback_months": True}, "payback_months = True is not a number in"),
        ({"saving_usd": math.nan}, r"saving_usd = nan is outside \(-inf, inf\)"),
        ({"irr": 2}, r"irr = 2 is outside \[-0.99, 1\]: minimum rate of return"),
        ({"irr": 0.1, "of": "hosting"}, "hosting is not a number"),
        ({"irr": 0.1, "of": []}, "names no input"),
        ({"irr": 0.1, "of": "price"}, "'price' is not an input"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tco.goal(**CASE, **asked)
    with pytest.raises(InputError, match="one scenario at a time"):
        tco.goal(utilization=[0.1, 0.2], payback_months=9)


def test_a_saving_that_only_rounding_keeps_from_the_target_is_no_threshold() -> None:
    """A tenth and two of a dollar for owning, three for renting: both sides cost the same for any
    holding period, though not in floats.
    """
    case = neutral(
        staff_usd_per_gpu_month=0.1,
        storage_egress_usd_per_gpu_month=0.3,
        opex_growth_per_year=0.07,
        discount_rate=0.05,
        lines=[tco.Line(name="more", side="own", usd=0.2, basis="gpu", growth="opex")],
    )
    (found,) = tco.goal(**case, of="horizon_months", saving_usd=0).answers
    assert (found.needed, found.reason) == (None, "every value does")


def test_a_change_is_a_share_only_of_what_is_above_nothing() -> None:
    """Of a discount rate of 5 % that has to fall below 0, or of a fee of 0, no share is told."""
    case = LEVEL | {"discount_rate": 0.05, "horizon_months": 10}
    goal = tco.goal(**case, saving_usd=10, of=["discount_rate", "upfront_usd_per_gpu"])
    rate, fee = goal.answers
    assert rate.needed is not None
    assert fee.needed is not None
    assert (rate.needed < 0, fee.now) == (True, 0)
    assert (rate.change, fee.change) == (None, None)
    assert [row.change for row in goal_rows(goal)] == ["", ""]


def test_a_longer_holding_period_may_be_what_it_takes() -> None:
    goal = tco.goal(**LEVEL | {"horizon_months": 9}, of="horizon_months", payback_months=12)
    assert goal.value == pytest.approx(10, rel=3e-9)


def test_the_shell_answers_in_a_sentence_a_table_csv_and_json() -> None:
    def asked(*more: str) -> str:
        given = ("goal", "--gpu", "L4", "--utilization", "0.4", "--payback-months", "24", *more)
        done = CliRunner().invoke(main, given)
        assert done.exit_code == 0, done.output
        return done.stdout

    goal = tco.goal(gpu="L4", utilization=0.4, payback_months=24)
    sentence, table = asked().split("\n\n")
    head, *rows = table.splitlines()
    assert " ".join(sentence.splitlines()) == goal.sentence
    assert asked("--wide").startswith(f"{goal.sentence}\n\n")
    assert head.split()[:3] == ["Input", "Now", "Needed"]
    assert [row.split("  ")[0] for row in rows] == ["GPU price", "Rental rate", "Utilization"]
    told = json.loads(asked("--format", "json"))["goal"]
    assert told == json.loads(json.dumps(goal.to_dict()))
    csv = asked("--of", "utilization", "--format", "csv").splitlines()
    assert len(csv) == 2
    assert float(csv[1].split(",")[3]) == goal.answers[2].needed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"of": 5, "payback_months": 18}, "of = 5 is not the name of an input"),
        ({"payback_months": "18"}, r"payback_months = '18' is not a number in \[0, 36\]"),
        ({"saving_usd": "10000 EUR"}, "saving_usd = '10000 EUR' is not a number"),
    ],
)
def test_what_is_no_target_is_named(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tco.goal(gpu="L4", **asked)


def test_numbers_of_other_kinds_are_targets() -> None:
    asked: dict[str, Any] = {"gpu": "L4", "utilization": 0.4, "as_of": "2026-11-21"}
    assert tco.goal(**asked, payback_months=np.int64(18)) == tco.goal(**asked, payback_months=18)


def test_the_best_that_misses_does_not_read_as_the_target() -> None:
    goal = tco.goal(gpu="L4", as_of="2026-11-21", of="utilization", simple_payback_months=12)
    (answer,) = goal.answers
    assert answer.needed is None
    assert answer.best is not None
    assert 12 < answer.best < 12.05
    assert "pays back by month 12.1 undiscounted" in answer.reason


@pytest.mark.parametrize("huge", [10**400, -(10**5_000)], ids=["400", "5000"])
def test_a_number_too_large_for_any_machine_is_refused_in_a_sentence(huge: int) -> None:
    """Python has whole numbers beyond the largest float, and does not print the longest."""
    whole: Any = huge
    asked: tuple[Callable[[], object], ...] = (
        lambda: tco.goal(gpu="L4", saving_usd=whole),
        lambda: tco.goal(gpu="L4", of=whole, saving_usd=1),
        lambda: tco.win_map(gpu="L4", points=whole),
        lambda: tco.tornado(gpu="L4", count=-abs(whole)),
        lambda: tco.lease_rate(whole, 36, 1_000),
        lambda: tco.lease_rate(100, whole, 1_000),
        lambda: tco.simulate(gpu="L4", correlations={("pue", "gpu_w"): whole}),
    )
    for ask in asked:
        with pytest.raises(InputError) as refused:
            ask()
        assert len(str(refused.value)) < 250
