"""The verdict in words: its strength by the chance, its sentences by the numbers."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest

import tco
from tco import words
from tco.analysis.simulation import Quantiles, Simulation, simulate
from tco.inputs import INPUTS
from tco.model.breakeven import Breakeven
from tco.report import sentences
from tco.report.strength import TOO_CLOSE, headline, strength, verdict
from tests.neutral import COMMON_CASE

DAY = "2026-11-21"


@pytest.mark.parametrize(
    ("chance", "how", "head"),
    [
        (1.0, "clearly", "BUY, clearly."),
        (0.9, "clearly", "BUY, clearly."),
        (0.8999, "probably", "BUY, probably."),
        (0.7, "probably", "BUY, probably."),
        (0.6999, "too close to call", TOO_CLOSE),
        (0.5, "too close to call", TOO_CLOSE),
        (0.3001, "too close to call", TOO_CLOSE),
        (0.3, "probably", "RENT, probably."),
        (0.1001, "probably", "RENT, probably."),
        (0.1, "clearly", "RENT, clearly."),
        (0.0, "clearly", "RENT, clearly."),
    ],
)
def test_the_strength_is_that_of_the_side_that_wins(chance: float, how: str, head: str) -> None:
    assert strength(chance) == how
    assert headline(chance) == head


def test_amounts_are_those_of_the_side_that_wins() -> None:
    assert words.amount(4_812, 2_900, 6_400, 36) == (
        "Over 3 years you keep about $4,810 per GPU by buying (likely $2,900 to $6,400)."
    )
    assert words.amount(4_812, -2_900, 6_400, 30) == (
        "Over 30 months you keep about $4,810 per GPU by buying "
        "(likely a loss of $2,900 to $6,400)."
    )
    assert words.amount(-4_812, -6_400, -2_900, 36) == (
        "Over 3 years you keep about $4,810 per GPU by renting (likely $2,900 to $6,400)."
    )


def test_which_way_an_input_turns_the_verdict() -> None:
    assert sentences.turns("utilization", 0.3, 0.6, True) == (
        "Renting wins if the GPUs are busy less than 30 % of the time. You said 60 %."
    )
    assert sentences.turns("utilization", 0.7, 0.6, False, False) == (
        "Buying wins if the GPUs are busy more than 70 % of the time. Here it is 60 %."
    )
    assert sentences.turns("rate_usd_per_gpu_hour", 0.35, 0.7, True) == (
        "Renting wins if the rental rate of a GPU-hour is below $0.35. You said $0.70."
    )
    assert sentences.turns("horizon_months", 13.2, 36, True) == (
        "Renting wins if you keep them shorter than 1.1 years. You said 3 years."
    )
    assert sentences.turns("price_usd_per_gpu", 5_210, 2_900, True).startswith(
        "Renting wins if the price of a card is above $5,210."
    )


def test_sentences_that_have_nothing_to_say_are_empty() -> None:
    assert words.unit_costs(math.inf, math.inf) == ""
    assert words.conflict(100, 50, 0.1) == ""
    assert words.conflict(0, -50, 0.1) == ""
    for billing in ("always_on", "committed"):
        assert words.idle_hours(billing, 0.5, 0) == ""
    for busy in (0, 0.999, 1):
        assert words.idle_hours("per_use", busy, 0) == ""
    assert words.idle_hours("per_use", 0.9, 0.3) == ""
    for age, said in ((None, False), (90, False), (91, True)):
        told = " ".join(verdict(answered(), None, rental_age_days=age))
        assert ("Rental prices here are 91 days old." in told) == said
    assert words.example(False) == ""


def test_conflicts_name_the_side_that_the_totals_favour() -> None:
    assert words.conflict(-490_000, 9_000, 0.1) == (
        "Plain totals favour renting by $490,000, but after a 10 % cost of capital it loses "
        "$9,000. We go by the second."
    )


@pytest.mark.parametrize("name", [n for n, p in INPUTS.items() if p.numeric])
def test_every_input_has_a_name_for_a_sentence(name: str) -> None:
    said = sentences.called(name)
    assert 0 < len(said) <= 40
    assert not re.search(r"[_,;:()]", said.replace("gpu_w", ""))
    assert sentences.check_first(name).startswith("Check first ")
    assert sentences.turns(name, 1, 2, True).startswith("Renting wins if ")


def futures_of(chance: float, saving: float = 1_000.0, width: float = 500.0) -> Simulation:
    """A simulation with this chance, and one GPU's savings around `saving` [USD]."""
    plain = simulate(**COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7}, draws=2)
    ends = Quantiles(saving - width, saving, saving + width)
    import numpy as np

    drawn = np.array([ends.p10, ends.p90])
    return replace(plain, chance_buy=chance, npv_saving_usd=ends, saving=drawn)


def answered(**inputs: Any) -> Breakeven:
    return tco.breakeven(**COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7} | inputs)


def test_a_clear_verdict() -> None:
    answer = answered(utilization=0.8)
    told = verdict(answer, futures_of(0.95), ("utilization", 0.2452))
    assert told[0] == "BUY, clearly."
    assert told[1].startswith("Owning costs about $0.2")
    assert re.match(r"Over 3 years you keep about \$[\d,]+ per GPU by buying \(likely \$", told[2])
    assert (
        told[3] == "Renting wins if the GPUs are busy less than 24.5 % of the time. You said 80 %."
    )
    assert told[4] == (
        "You pay only for busy hours. If your instances stay up all day, renting costs 1.25 times "
        "this."
    )
    assert len(told) == 5


def test_a_deterministic_toss_up_is_too_close_whatever_the_chance() -> None:
    answer = answered(utilization=0.25)
    assert answer.verdict == "toss_up"
    told = verdict(answer, futures_of(0.99))
    assert told[0] == TOO_CLOSE
    assert "choose by flexibility, not by cost" in told[2]


def test_a_wide_range_is_too_close_and_says_what_to_check() -> None:
    scenario = tco.Scenario(gpu="L4", gpus=8, utilization=0.6, as_of=DAY)
    answer, odds = tco.breakeven(scenario), simulate(scenario)
    assert answer.verdict == "buy"
    assert 0.3 < odds.chance < 0.7
    told = verdict(answer, odds)
    assert told[0] == TOO_CLOSE
    assert told[2].startswith("At the values here buying keeps $2,240 per GPU over 3 years, but ")
    assert "from a loss of $" in told[2]
    assert told[2].endswith(f"{sentences.check_first(odds.check_first or '')}.")


def test_an_answer_against_the_odds_says_so_and_names_no_flip() -> None:
    answer = answered(utilization=0.6)
    assert answer.npv_saving_usd > 0
    told = verdict(answer, futures_of(0.2), ("utilization", 0.2452))
    assert told[0] == "RENT, probably."
    assert "renting is cheaper in 80 of 100 simulated futures" in told[2]
    assert not any(text.startswith("Renting wins if") for text in told)


def test_no_payback() -> None:
    told = verdict(answered(utilization=0.1), futures_of(0.02), ways=[("utilization", 0.41)])
    assert told[0] == "RENT, clearly."
    assert "Buying does not pay back within 3 years at these inputs. It would at 41 % busy." in told
    resale = answered(utilization=0.25, resale_decline_per_year=0.1)
    assert (resale.status, resale.verdict) == ("never", "buy")
    told = verdict(resale, futures_of(0.97))
    assert any(text.startswith("Buying pays only through resale: cheaper from") for text in told)
    assert not any("does not pay back" in text for text in told)


def test_an_example_with_old_prices() -> None:
    answer = tco.breakeven()
    told = verdict(answer, simulate(draws=64), rental_age_days=94)
    assert told[-1] == "This is an example: none of the inputs are yours yet."
    assert told[-2].startswith("Rental prices here are 94 days old.")


def test_no_busy_hours() -> None:
    answer = tco.breakeven(utilization=0, as_of=DAY)
    told = verdict(answer, simulate(utilization=0, as_of=DAY))
    assert told[0] == "RENT, clearly."
    assert not any("per busy hour" in text for text in told)
    assert not any("inf" in text for text in told)


@pytest.mark.parametrize("gpu", ["L4", "H100-SXM", "RTX-4090", "Framework-Desktop"])
@pytest.mark.parametrize("utilization", [0.05, 0.5, 0.95])
def test_no_sentence_shows_what_is_no_number(gpu: str, utilization: float) -> None:
    scenario = tco.Scenario(gpu=gpu, utilization=utilization, rate_usd_per_gpu_hour="0.5..2.5")
    answer = tco.breakeven(scenario)
    flip = ("utilization", answer.breakeven_utilization)
    for text in verdict(answer, simulate(scenario, draws=256), flip, [flip], 120):
        assert text
        assert text.endswith(".")
        assert not re.search(r"\b(inf|nan|None)\b|\$-|  ", text), text
        assert "optimal" not in text
        assert "guaranteed" not in text
