"""From a demand to GPUs and money, the same work elsewhere, and from an API."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tco
from tco.analysis.work import work_of
from tco.workload.demand import demand_of, load_at, replica_hours_share, share_above

LLAMA = "Llama-3.1-8B"


def chat(gpu: str = "L4", **changes: Any) -> tco.Work:
    asked: dict[str, Any] = {"users": 1_000, "use_case": "chat"}
    return tco.work(LLAMA, gpu=gpu, **(asked | changes))


def test_a_thousand_chat_users() -> None:
    found = chat()
    assert round(found.demand.peak_per_s, 3) == 2.667
    assert round(found.demand.peak_per_s * found.demand.output_tokens) == 683
    # 683 of 0.7 times its speed.
    speed = found.speed.output_tokens_per_s
    assert found.replicas == math.ceil(2.6666667 * 256 / (0.7 * speed))


def test_work_makes_an_ordinary_scenario_and_no_second_ledger() -> None:
    found = chat(rate_usd_per_gpu_hour=0.7)
    values = found.scenario.values()
    assert (values["gpus"], values["utilization"]) == (found.gpus, found.utilization)
    assert values["rate_usd_per_gpu_hour"] == 0.7
    answer = tco.breakeven(found.scenario)
    assert found.costs.own_usd == answer.own_npv_usd
    busy = found.gpus * found.utilization * values["hours_per_month"]
    assert math.isclose(busy, found.gpu_hours_per_month)
    unit = answer.rent_usd_per_gpu_hour * busy / found.output_tokens_per_month * 1e6
    assert math.isclose(found.usd_per_million_tokens["rent"], unit)


def test_the_routes_say_the_same() -> None:
    shared: dict[str, Any] = {"peak_over_mean": 2.0, "output_tokens": 128}
    a_day = tco.work(LLAMA, requests_per_day=100_000, prompt_tokens=256, **shared)
    tokens = tco.work(LLAMA, tokens_per_day=(25_600_000, 12_800_000), **shared)
    assert a_day.gpus == tokens.gpus
    assert math.isclose(a_day.gpu_hours_per_month, tokens.gpu_hours_per_month)
    flat = tco.work(LLAMA, requests_by_hour=[3_600.0] * 24, prompt_tokens=256, output_tokens=128)
    steady = tco.work(
        LLAMA, requests_per_day=86_400, prompt_tokens=256, output_tokens=128, peak_over_mean=1
    )
    assert flat.gpus == steady.gpus
    assert math.isclose(flat.utilization, steady.utilization)
    assert steady.utilization == 1


def test_more_work_takes_more_and_a_faster_gpu_takes_fewer() -> None:
    few, many = chat(), chat(users=20_000)
    assert many.gpus > few.gpus
    assert many.output_tokens_per_month == pytest.approx(20 * few.output_tokens_per_month)
    assert chat("H100-SXM", users=20_000).gpus < many.gpus
    assert few.gpus_at_high <= few.gpus <= few.gpus_at_low


def test_the_band_of_a_speed_is_that_of_the_gpus() -> None:
    found = chat(users=30_000)
    assert found.gpus_at_high < found.gpus < found.gpus_at_low


@pytest.mark.parametrize(
    ("asked", "name", "words"),
    [
        ({"use_case": None}, "use_case", "chat, code_completion"),
        ({"use_case": "chta"}, "use_case", "did you mean chat?"),
        ({"users": None}, "requests_per_day", "none is given"),
        ({"requests_per_day": 5}, "requests_per_day", "requests_per_day and users are given"),
        ({"users": -1}, "users", "people who use the service"),
        ({"load_target": 0}, "load_target", "(0, 1]"),
        ({"load_target": 1.1}, "load_target", "(0, 1]"),
        ({"peak_over_mean": 0.5}, "peak_over_mean", "[1, 1000]"),
        ({"gpus": 4}, "gpus", "follows from the work"),
        ({"utilization": "0.3..0.5"}, "utilization", "= 0.3..0.5 follows from the work"),
        ({"weight_bits": "bf16", "gpu": "T4"}, "gpu", "give my_tokens_per_s"),
        ({"users": 1e10}, "gpus", "1,000,000"),
        ({"users": None, "tokens_per_day": 5}, "tokens_per_day", "a pair of numbers"),
        (
            {"users": None, "tokens_per_day": (5, 0)},
            "output_tokens_per_day",
            "output tokens per day",
        ),
        ({"users": None, "requests_by_hour": [1, -1]}, "requests_by_hour", "[1] = -1"),
        ({"users": None, "requests_by_hour": 5}, "requests_by_hour", "is not a series"),
        ({"use_case": 3}, "use_case", "is not one of"),
        ({"users": None, "requests_by_hour": []}, "requests_by_hour", "no request"),
    ],
)
def test_what_is_wrong_is_named(asked: dict[str, Any], name: str, words: str) -> None:
    with pytest.raises(tco.InputError) as wrong:
        chat(**asked)
    assert [problem.input for problem in wrong.value.problems] == [name]
    assert words in str(wrong.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(tco.InputError) as wrong:
        tco.work("x", users=1, use_case="y", load_target=2)
    assert [problem.input for problem in wrong.value.problems] == [
        *("model", "use_case", "load_target")
    ]


def test_a_model_that_does_not_fit_says_what_would() -> None:
    with pytest.raises(tco.InputError, match=r"4\.25-bit weights on 2 GPUs"):
        tco.work("Llama-3.3-70B", requests_per_day=1_000, gpu="L4")


mean = st.floats(0.01, 50.0)
peak = st.floats(1.0, 20.0)


@given(mean=mean, peak=peak)
def test_the_load_duration_curve_has_its_mean_and_its_peak(mean: float, peak: float) -> None:
    steps = 20_000
    top = mean * peak
    found = sum(load_at((at + 0.5) / steps, mean, top) for at in range(0, steps, 40)) / (steps / 40)
    assert load_at(0, mean, top) == pytest.approx(top)
    assert found == pytest.approx(mean, rel=0.02)
    for share in (0.1, 0.5, 0.9) if peak > 1.001 else ():
        assert share_above(load_at(share, mean, top), mean, top) == pytest.approx(share, abs=1e-6)


@given(mean=mean, peak=peak)
def test_whole_replicas_in_every_hour(mean: float, peak: float) -> None:
    top = mean * peak
    found = replica_hours_share(mean, top)
    assert max(1.0, mean) * (1 - 1e-9) <= found <= min(math.ceil(top), mean + 1) * (1 + 1e-9)


def test_a_sum_over_many_replicas_is_as_exact_as_one_by_one() -> None:
    one_by_one = math.fsum(share_above(at, 1_000.0, 2_500.0) for at in range(2_500))
    assert replica_hours_share(1_000.0, 2_500.0) == pytest.approx(one_by_one, rel=1e-3)


@given(
    hours=st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(any),
    tok_s=st.sampled_from([1.0, 7.0, 1_000.0]),
)
def test_replicas_of_a_series_are_counted_hour_by_hour(hours: list[int], tok_s: float) -> None:
    demand = demand_of(requests_by_hour=hours, output_tokens=3_600)
    needed = [math.ceil(Fraction(at) / Fraction(tok_s)) for at in hours]
    assert demand.replicas_in_use(tok_s, 1.0) == sum(needed) / len(hours)
    assert demand.replicas(tok_s, 1.0) == max(needed)


def test_the_odds_contain_the_band_of_the_speed() -> None:
    found = chat(users=50_000)
    given = found.uncertain.given["gpus"]
    assert found.gpus_at_high < given.low < found.gpus < given.high < found.gpus_at_low
    odds = tco.simulate(found.uncertain, draws=64)
    assert 0 <= odds.chance_buy <= 1
    flips = tco.flips(found.uncertain, only=["gpus"])
    assert (flips.iloc[0]["low"], flips.iloc[0]["high"]) == (given.low, given.high)
    # A figure of one's own has no band.
    mine = chat(my_tokens_per_s=400)
    assert mine.uncertain == mine.scenario


# --- The same work on other GPUs


def test_substitutes_are_ranked_by_the_cheaper_side() -> None:
    found = tco.substitutes(chat(users=20_000))
    ranked = found[found["rank"].notna()]
    assert ranked["present_value_usd"].is_monotonic_increasing
    assert (
        ranked["present_value_usd"] == ranked[["own_npv_usd", "rent_npv_usd"]].min(axis=1)
    ).all()
    assert (found.loc[found["rank"].isna(), "why_not"].str.len() > 10).all()
    assert (ranked["gpus_at_high"] <= ranked["gpus"]).all()
    assert set(ranked["basis"]) <= {"measured", "interpolated", "calibrated", "estimated"}


def test_a_gpu_whose_power_was_not_known_on_a_day_has_no_speed_per_kilowatt() -> None:
    job = tco.work("Llama-3.1-8B", users=100, use_case="chat", gpu="RTX-5090", as_of="2024-01-01")
    listed = tco.substitutes(job)
    assert any(listed["output_tokens_per_s"].notna() & listed["tokens_per_s_per_kw"].isna())
    assert listed.loc[listed["side"] != "", "tokens_per_s_per_rack"].notna().all()


def test_a_rented_l4_costs_several_times_an_h100_for_the_same_tokens() -> None:
    """At the measured full loads, and rates of 0.598 and 3.10 USD per GPU-hour."""
    flat: dict[str, Any] = {
        "prompt_tokens": 256,
        "output_tokens": 128,
        "peak_over_mean": 1,
        "load_target": 1,
        "requests_per_day": 500_000_000,
        "billing_overhead": 0,
        "storage_egress_usd_per_gpu_month": 0,
        "support_rate": 0,
        "rate_growth_per_year": 0,
        "discount_rate": 0,
    }
    small = tco.work(LLAMA, gpu="L4", rate_usd_per_gpu_hour=0.598, **flat)
    large = tco.work(
        LLAMA, gpu="H100-SXM", rate_usd_per_gpu_hour=3.10, my_tokens_per_s=5_822.41, **flat
    )
    assert small.speed.output_tokens_per_s == 373.3
    unit = {work.gpu: work.usd_per_million_tokens["rent"] for work in (small, large)}
    assert unit["L4"] / unit["H100-SXM"] == pytest.approx(3.0, abs=0.15)


def test_a_gpu_that_is_asked_about_has_the_numbers_of_its_own_work() -> None:
    base = chat()
    row = tco.substitutes(base, gpus=["L4"]).iloc[0]
    same = work_of(base.job, tco.Scenario(whole_servers=True))
    assert row["own_npv_usd"] == same.costs.own_usd
    assert row["gpus"] == base.gpus


def test_a_price_of_ones_own_is_that_of_its_gpu_alone() -> None:
    cheap = tco.substitutes(chat(rate_usd_per_gpu_hour=0.01), gpus=["L4", "L40S"])
    plain = tco.substitutes(chat(), gpus=["L4", "L40S"])
    for gpu, is_same in (("L40S", True), ("L4", False)):
        rents = [rows.set_index("gpu").loc[gpu, "rent_npv_usd"] for rows in (cheap, plain)]
        assert (rents[0] == rents[1]) == is_same


def test_a_gpu_of_ones_own_needs_a_speed_of_ones_own() -> None:
    own: dict[str, Any] = {"price_usd_per_gpu": 900, "gpu_w": 90, "rate_usd_per_gpu_hour": 0.2}
    found = tco.work(LLAMA, requests_per_day=9_000, gpu="Ours", my_tokens_per_s=200, **own)
    assert (found.gpu, found.speed.basis) == ("Ours", "yours")
    with pytest.raises(tco.InputError, match="not a known GPU"):
        tco.work(LLAMA, requests_per_day=9_000, gpu="Ours", **own)


def test_a_replica_has_as_many_gpus_as_take_the_fewest_in_all() -> None:
    large = tco.work("DeepSeek-R1", requests_per_day=1_000_000, gpu="H200", gpus_per_replica=8)
    row = tco.substitutes(large, gpus=["B200"]).iloc[0]
    asked = {"prompt_tokens": 512, "output_tokens": 256}
    for count in (4, 8):
        tok_s = tco.speed("DeepSeek-R1", "B200", gpus_per_replica=count, **asked)
        needed = large.demand.replicas(tok_s.output_tokens_per_s, 0.7) * count
        assert row["gpus"] <= needed


def _by_the_second(work: Any) -> tco.Serverless:
    return tco.serverless(work, usd_per_gpu_second=0.0002)


@pytest.mark.parametrize("call", [tco.substitutes, tco.compare_api, _by_the_second])
def test_what_is_no_work_is_refused(call: Any) -> None:
    with pytest.raises(tco.InputError, match=r"give what tco\.work"):
        call("L4")


def test_unknown_gpus_are_named() -> None:
    with pytest.raises(tco.InputError) as wrong:
        tco.substitutes(chat(), gpus=["L5", "L4", "H101"])
    assert len(wrong.value.problems) == 2
    with pytest.raises(tco.InputError, match="empty"):
        tco.substitutes(chat(), gpus=[])


def test_an_api_is_compared_over_its_providers() -> None:
    found = tco.compare_api(chat(prompt_tokens=256, output_tokens=128))
    assert round(found.api_usd_per_million_tokens, 2) == 0.30
    assert found.api_low_usd_per_million_tokens < 0.30 < found.api_high_usd_per_million_tokens
    assert found.providers > 20
    full = found.rent_usd_per_million_tokens_at_full_use
    assert found.rent_breakeven == pytest.approx(full / 0.30, rel=1e-6)
    assert found.cheapest == "api"
    needed = found.rent_breakeven_tokens_per_s
    faster = tco.compare_api(chat(prompt_tokens=256, output_tokens=128, my_tokens_per_s=needed))
    assert faster.rent_breakeven == pytest.approx(1, rel=1e-3)
    offers = found.to_frame()
    assert offers["usd_per_million_tokens"].is_monotonic_increasing
    with pytest.raises(tco.InputError, match="offered by no API"):
        tco.compare_api(tco.work("GPT-J-6B", requests_per_day=10, prompt_tokens=100))


# --- By the second


def test_serverless_is_the_renting_side_of_a_scenario() -> None:
    few = tco.work(LLAMA, requests_per_day=2_000, gpu="L4")
    found = tco.serverless(
        few, usd_per_gpu_second=0.0002, cold_start_s=30, idle_s=60, starts_per_day=24
    )
    starts = 24 * 90 / 3_600 * 730 / 24
    busy = few.output_tokens_per_month / (3_600 * 0.7 * few.speed.output_tokens_per_s)
    assert found.start_gpu_hours_per_month == pytest.approx(starts)
    assert found.billed_gpu_hours_per_month == pytest.approx(busy + starts)
    assert found.usd_per_month == pytest.approx((busy + starts) * 0.72)
    plain = {"rate_growth_per_year": 0.0, "discount_rate": 0.0, "support_rate": 0.0}
    bill = tco.breakeven(
        found.scenario, **plain, storage_egress_usd_per_gpu_month=0, horizon_months=1
    )
    assert bill.rent_npv_usd == pytest.approx(found.usd_per_month)


def test_a_minimum_is_paid_around_the_clock() -> None:
    few = tco.work(LLAMA, requests_per_day=2_000, gpu="L4")
    kept = tco.serverless(few, usd_per_gpu_second=0.0002, minimum_replicas=1)
    assert kept.billed_gpu_hours_per_month == pytest.approx(730)
    more = tco.serverless(few, usd_per_gpu_second=0.0002, minimum_replicas=3)
    assert (more.scenario.values()["gpus"], more.billed_gpu_hours_per_month) == (3, 3 * 730)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"usd_per_gpu_second": -1}, "usd_per_gpu_second"),
        ({"cold_start_s": None}, "cold_start_s"),
        ({"minimum_replicas": 0.5}, "minimum_replicas"),
        ({"starts_per_day": 1e6, "cold_start_s": 60}, "starts_per_day"),
    ],
)
def test_what_is_wrong_with_serverless_is_named(asked: dict[str, Any], name: str) -> None:
    few = tco.work(LLAMA, requests_per_day=2_000, gpu="L4")
    with pytest.raises(tco.InputError) as wrong:
        tco.serverless(few, **{"usd_per_gpu_second": 0.0002, **asked})
    assert [problem.input for problem in wrong.value.problems] == [name]
