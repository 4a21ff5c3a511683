"""The speed of a GPU as something that moves: flips, tornado, and when buying wins."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import tco
from tco.analysis.by_speed import BySpeed

ON = {"as_of": "2026-11-21"}
SHORT = {"prompt_tokens": 256, "output_tokens": 128}
SPEED = "output_tokens_per_s"


def work(**given: object) -> tco.Work:
    asked = {"users": 20_000, "use_case": "chat", "gpu": "L40S", **ON, **given}
    return tco.work("Llama-3.1-8B", **asked)  # type: ignore[arg-type]


def at_speed(job: tco.Work, speed: float) -> tco.Work:
    """The same work at a speed of one's own, sized anew."""
    given = {n: x for n, x in job.scenario.given.items() if n not in ("gpus", "utilization")}
    asked = {**given, "users": 20_000, "use_case": "chat", "my_tokens_per_s": speed}
    return tco.work("Llama-3.1-8B", **asked)


def test_savings_at_a_speed_are_those_of_the_work_sized_anew() -> None:
    job = work()
    for speed in (500.0, 2_300.0, 2_500.0, 30_000.0):
        sized = at_speed(job, speed)
        moved = BySpeed(job).savings([speed]).usd[0]
        assert moved == pytest.approx(tco.breakeven(sized.scenario).npv_saving_usd, rel=1e-9)


def test_flips_has_the_speed_in_its_unit() -> None:
    fair = tco.breakeven(work().scenario).breakeven_rate_usd_per_gpu_hour
    job = work(rate_usd_per_gpu_hour=0.97 * fair)
    rows = tco.flips(job, only=[SPEED])
    assert set(rows["input"]) == {SPEED}
    assert set(rows["unit"]) == {"tok/s"}
    assert rows["value"].iloc[0] == job.speed.output_tokens_per_s
    assert (rows["low"].iloc[0], rows["high"].iloc[0]) == job.likely_speeds
    assert rows["in_range"].all()
    for at, beyond in zip(rows["flip"], rows["flip_to"], strict=True):
        # Just below and just above, the verdict of the work sized anew is another one.
        ends = sorted((at, beyond))
        sides = [
            tco.breakeven(at_speed(job, speed).scenario).npv_saving_usd > 0
            for speed in (ends[0] * (1 - 1e-6), ends[1] * (1 + 1e-6))
        ]
        assert sides[0] != sides[1]
    whole = tco.flips(job)
    assert whole["input"].iloc[0] == SPEED
    assert set(whole["input"]) - {SPEED} == set(tco.flips(job.scenario)["input"])


def test_tornado_and_odds_know_the_band() -> None:
    job = work()
    rows = tco.tornado(job, count=100).set_index("input")
    low, high = job.likely_speeds or (0, 0)
    assert (rows.loc[SPEED, "low"], rows.loc[SPEED, "high"]) == (low, high)
    ends = [tco.breakeven(at_speed(job, end).scenario).npv_saving_usd for end in (low, high)]
    assert rows.loc[SPEED, ["saving_low_usd", "saving_high_usd"]].tolist() == pytest.approx(ends)
    assert SPEED not in tco.tornado(job.scenario, count=100)["input"].tolist()
    odds = [tco.simulate(one, draws=64).chance_buy for one in (job, job.uncertain)]
    assert odds[0] == odds[1]


@pytest.mark.parametrize("against", ["api", "H100-SXM"])
def test_the_break_even_against_what_does_not_depend_on_it(against: str) -> None:
    job = work()
    found = tco.speed_breakeven(job, against)
    ((speed, most),) = found.wins
    assert most == math.inf

    def own(at: float) -> float:
        return at_speed(job, at).costs.own_usd

    if against == "api":
        one = at_speed(job, speed)
        busy = one.costs.own_usd / one.usd_per_million_tokens["own"]
        other = busy * one.usd_per_million_tokens["api"]
    else:
        (row,) = tco.substitutes(job, [against]).to_dict("records")
        other = row["present_value_usd"]
    assert own(speed * (1 + 1e-6)) <= other < own(speed * (1 - 1e-6))
    assert f"if an L40S gives more than {speed:,.0f}"[:-2] in found.sentence.replace(",", ",")
    assert found.is_buying == (own(found.output_tokens_per_s) <= other)


def test_what_it_says_where_nothing_flips() -> None:
    few = tco.work("Llama-3.1-8B", requests_per_day=10, gpu="H100-SXM", **SHORT, **ON)
    assert tco.speed_breakeven(few, "api").sentence.startswith(
        "Buying beats an API at no speed: one alone costs more."
    )
    cheap = work(rate_usd_per_gpu_hour=50)
    assert tco.speed_breakeven(cheap).sentence.startswith("Buying wins at any speed.")
    assert tco.speed_breakeven(cheap).is_buying
    two = tco.work("Llama-3.1-8B", requests_per_day=1e6, gpu="L4", gpus_per_replica=2, **ON)
    assert "2 × L4 give" in tco.speed_breakeven(two, "api").sentence


def test_a_speed_of_ones_own_has_no_range() -> None:
    mine = work(my_tokens_per_s=2_000)
    rows = tco.flips(mine, only=[SPEED])
    assert math.isnan(rows["low"].iloc[0])
    assert SPEED not in tco.tornado(mine, count=100)["input"].tolist()
    assert "Yours: 2,000 tok/s." in tco.speed_breakeven(mine).sentence


def test_what_is_wrong_is_told() -> None:
    job = work()
    for asked, words in (
        (lambda: tco.flips(job, gpu="L4"), "is not that of the work"),
        (lambda: tco.flips(job, gpus=2), "follows from the work"),
        (lambda: tco.flips(job.scenario, only=[SPEED]), "is not an input"),
        (lambda: tco.tornado("work"), "is not a Scenario"),
        (lambda: tco.speed_breakeven(job.scenario), "is not a piece of work"),
        (lambda: tco.speed_breakeven(job, "L44"), "did you mean"),
        (lambda: tco.speed_breakeven(job, "T4"), "T4"),
    ):
        with pytest.raises(tco.InputError, match=words):
            asked()
    nobody = replace(job, usd_per_million_tokens={**job.usd_per_million_tokens, "api": math.nan})
    with pytest.raises(tco.InputError, match="offered by no API"):
        tco.speed_breakeven(nobody, "api")
    # Another price on top is one of the work.
    dear = tco.flips(job, price_usd_per_gpu=1e6, only=[SPEED])["saving_now_usd"].iloc[0]
    assert dear < tco.flips(job, only=[SPEED])["saving_now_usd"].iloc[0]


def test_an_api_is_deducted_like_a_rent() -> None:
    plain, taxed = work(tax_rate=0.0), work(tax_rate=0.3)
    assert taxed.usd_per_million_tokens["api"] == pytest.approx(
        0.7 * plain.usd_per_million_tokens["api"]
    )
    both = [tco.compare_api(job) for job in (plain, taxed)]
    high = [one.api_high_usd_per_million_tokens for one in both]
    assert high[1] == pytest.approx(0.7 * high[0])
    assert both[1].rent_breakeven == pytest.approx(both[0].rent_breakeven)
