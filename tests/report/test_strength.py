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
from tco.report.facts import facts_of, verdict
from tco.report.provenance import old_data
from tco.words import figures, remarks
from tests.neutral import COMMON_CASE

DAY = "2026-11-21"


@pytest.mark.parametrize(
    ("chance", "how", "verdict"),
    [
        (1.0, "high", "buy"),
        (0.9, "high", "buy"),
        (0.8999, "medium", "buy"),
        (0.7, "medium", "buy"),
        (0.6999, "low", "buy"),
        (0.5, "low", "buy"),
        (0.2, "low", "buy"),
        (0.8, "low", "rent"),
        (0.3001, "low", "rent"),
        (0.3, "medium", "rent"),
        (0.1001, "medium", "rent"),
        (0.1, "high", "rent"),
        (0.0, "high", "rent"),
        (1.0, "", "toss_up"),
        (None, "", "buy"),
    ],
)
def test_the_confidence_is_that_of_the_words_side(
    chance: float | None, how: str, verdict: str
) -> None:
    assert words.confidence(verdict, chance) == how
    word = {"buy": "BUY", "rent": "RENT", "toss_up": "TOSS-UP"}[verdict]
    assert words.headline(verdict, how) == (f"{word} · {how} confidence" if how else word)


@pytest.mark.parametrize(
    ("chance", "providers", "borrowed", "how"),
    [
        (0.95, 2, False, "medium"),
        (0.95, 3, False, "high"),
        (0.95, None, False, "high"),
        (0.75, 1, False, "medium"),
        (0.6, 1, False, "low"),
        (0.95, 5, True, "low"),
        (0.95, 1, True, "low"),
    ],
)
def test_few_providers_and_a_borrowed_rate_keep_the_confidence_down(
    chance: float, providers: int | None, borrowed: bool, how: str
) -> None:
    assert words.confidence("buy", chance, providers, borrowed) == how


def test_the_sentence_to_remember() -> None:
    assert words.rate_sentence(0.5, 0.52, 0.6, True) == (
        "At 50 % utilization, buying wins if renting costs more than $0.52 per GPU-hour; "
        "you would pay $0.60."
    )
    assert "more than $0.70 per GPU-hour" in words.rate_sentence(0.5, 0.7, 0.6, False)
    assert "less than $0.70 per GPU-hour" in words.rate_sentence(0.5, 0.7, 0.6, True)
    assert "buying wins at any rental rate" in words.rate_sentence(0.5, -0.1, 0.6, True)
    assert "renting wins at any rental rate" in words.rate_sentence(0.5, -0.1, 0.6, False)
    assert "both cost the same" in words.rate_sentence(0.5, 0.6, 0.6, None)
    assert "no rental rate makes both" in words.rate_sentence(0.5, math.inf, 0.6, True)


def kept(verdict: str, saving: float, months: float, low: float, high: float) -> str:
    chance = 1.0 if verdict == "buy" else 0.0
    return words.kept(verdict, saving, months, odds=words.Odds(chance, low, high, ()))


def test_amounts_are_those_of_the_side_that_wins() -> None:
    assert kept("buy", 4_812, 36, 2_900, 6_400) == (
        "Over 3 years, buying saves about $4,810 per GPU (likely $2,900 to $6,400)."
    )
    assert kept("buy", 4_812, 30, -2_900, 6_400) == (
        "Over 30 months, buying saves about $4,810 per GPU (likely anything from a loss of $2,900 "
        "to a gain of $6,400)."
    )
    assert kept("rent", -4_812, 36, -6_400, -2_900) == (
        "Over 3 years, renting saves about $4,810 per GPU (likely $2,900 to $6,400)."
    )


def turns(name: str, value: float, now: float, *sides: bool) -> str:
    declared = INPUTS[name]
    return words.turns(declared.clause(value, now), declared.spoken(now), *sides)


def test_which_way_an_input_turns_the_verdict() -> None:
    assert turns("utilization", 0.3, 0.6, True) == (
        "Renting wins if utilization is below 30 %. Yours is 60 %."
    )
    assert turns("utilization", 0.7, 0.6, False, False) == (
        "Buying wins if utilization is above 70 %. Here it is 60 %."
    )
    assert turns("rate_usd_per_gpu_hour", 0.35, 0.7, True) == (
        "Renting wins if the rental rate is below $0.35. Yours is $0.70."
    )
    assert turns("horizon_months", 13.2, 36, True) == (
        "Renting wins if the holding period is shorter than 1.1 years. Yours is 3 years."
    )
    assert turns("price_usd_per_gpu", 5_210, 2_900, True).startswith(
        "Renting wins if the GPU price is above $5,210."
    )


def test_sentences_that_have_nothing_to_say_are_empty() -> None:
    assert words.unit_costs(math.inf, math.inf) == ""
    assert words.conflict(100, 50, 0.1) == ""
    assert words.conflict(0, -50, 0.1) == ""
    for billing in ("always_on", "committed"):
        assert remarks.idle_hours(billing, 0.5, 0) == ""
    for busy in (0, 0.999, 1):
        assert remarks.idle_hours("per_use", busy, 0) == ""
    assert remarks.idle_hours("per_use", 0.9, 0.3) == ""
    assert remarks.old_prices(None, None) == ""
    assert remarks.old_prices(91, None).startswith("Rental prices are 91 days old. Newer")
    assert "Purchase prices are 99 days old." in remarks.old_prices(None, 99)


def test_conflicts_name_the_side_that_the_totals_favor() -> None:
    assert words.conflict(-490_000, 9_000, 0.1) == (
        "Undiscounted, renting saves $490,000 per GPU; at a 10 % discount rate it costs $9,000 "
        "more. The verdict uses the discounted figure."
    )


@pytest.mark.parametrize("name", [n for n, p in INPUTS.items() if p.numeric])
def test_every_input_has_a_name_for_a_sentence(name: str) -> None:
    said = INPUTS[name].phrase
    assert 0 < len(said) <= 40
    assert not re.search(r"[_,;:()]", said.replace("gpu_w", ""))
    assert words.check_first(INPUTS[name].asked).endswith(" first")
    assert INPUTS[name].clause(1, 2)


def futures_of(chance: float, saving: float = 1_000.0, width: float = 500.0) -> Simulation:
    """A simulation with this chance, and one GPU's savings around `saving` [USD]."""
    plain = simulate(**COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7}, draws=2)
    ends = Quantiles(saving - width, saving, saving + width)
    import numpy as np

    drawn = np.array([ends.p10, ends.p90])
    return replace(plain, chance_buy=chance, npv_saving_usd=ends, saving=drawn)


def answered(**inputs: Any) -> Breakeven:
    return tco.breakeven(**COMMON_CASE | {"rate_usd_per_gpu_hour": 0.7} | inputs)


def test_a_sure_verdict() -> None:
    answer = answered(utilization=0.8)
    told = verdict(answer, futures_of(0.95))
    busy = figures.quantity(100 * answer.breakeven_utilization, "%")
    assert told[0] == "BUY · high confidence"
    assert told[1].startswith("At 80 % utilization, buying wins if renting costs more than $0.")
    assert told[1].endswith("you would pay $0.70.")
    assert told[2].startswith("Owning costs about $0.2")
    assert re.match(r"Over 3 years, buying saves about \$[\d,]+ per GPU \(likely \$", told[3])
    assert told[4] == (f"Renting wins if utilization is below {busy}. Yours is 80 %.")
    assert told[5] == (
        "You pay only for busy hours. If instances run all day, renting costs 1.25 times this."
    )
    assert len(told) == 6


def test_a_deterministic_toss_up_is_one_whatever_the_chance() -> None:
    answer = answered(utilization=0.25)
    assert answer.verdict == "toss_up"
    told = verdict(answer, futures_of(0.99))
    assert told[0] == "TOSS-UP"
    assert "choose by flexibility, not by cost" in told[3]


def test_a_wide_range_has_low_confidence_and_says_what_to_check() -> None:
    scenario = tco.Scenario(gpu="L4", gpus=8, utilization=0.6, as_of=DAY)
    answer, odds = tco.breakeven(scenario), simulate(scenario)
    assert answer.verdict == "buy"
    assert 0.3 < odds.chance < 0.7
    told = verdict(answer, odds)
    assert told[0] == "BUY · low confidence"
    assert told[3].startswith("In the base case, buying saves $2,310 per GPU over 3 years, but ")
    assert "from a loss of $" in told[3]
    assert told[3].endswith(f"{words.check_first(INPUTS[odds.check_first or ''].asked)}.")


def test_an_answer_against_the_odds_says_so_and_names_no_flip() -> None:
    answer = answered(utilization=0.6)
    assert answer.npv_saving_usd > 0
    told = verdict(answer, futures_of(0.2, saving=-1_000))
    assert told[0] == "BUY · low confidence"
    assert ", but RENT is cheaper in 20 of 20 simulated futures." in told[3]
    assert not any(text.startswith("Renting wins if") for text in told)


def test_few_providers_are_told_where_they_keep_the_confidence_down() -> None:
    scenario = tco.Scenario(gpu="L4", provider="aws", utilization=0.95, as_of=DAY)
    facts = facts_of(scenario)
    assert facts.resolved["rate_usd_per_gpu_hour"].providers == 1
    assert (facts.chance_buy or 0) > 0.9
    assert facts.headline == "BUY · medium confidence"
    said = "The rental rate is based on only one provider, so confidence is capped at medium."
    assert said in facts.sentences
    given = facts_of(replace(scenario, rate_usd_per_gpu_hour=0.8))
    assert given.headline == "BUY · high confidence"
    assert said not in given.sentences


def test_no_payback() -> None:
    told = verdict(answered(utilization=0.1), futures_of(0.02), [("utilization", 0.41)])
    assert told[0] == "RENT · high confidence"
    assert (
        "Buying does not pay back within 3 years at these inputs. It would at 41 % utilization."
        in told
    )
    resale = answered(utilization=0.25, resale_decline_per_year=0.1)
    assert (resale.status, resale.verdict) == ("never", "buy")
    told = verdict(resale, futures_of(0.97))
    assert any(text.startswith("Buying pays only through resale: cheaper from") for text in told)
    assert not any("does not pay back" in text for text in told)


def test_an_example_with_old_prices() -> None:
    facts = facts_of(tco.Scenario())
    assert facts.sentences[-1] == "This is an example: none of the inputs are yours yet."
    assert old_data(facts.scenario).startswith("Purchase prices are 130 days old.")
    assert "Rental" not in old_data(facts.scenario)


def test_no_busy_hours() -> None:
    facts = facts_of(tco.Scenario(utilization=0, as_of=DAY))
    assert facts.headline == "Nothing to compare"
    assert re.match(r"No busy hours\. Owning costs \$\d+ a month", facts.sentences[0])
    assert (facts.verdict, facts.confidence, facts.dots, facts.chance_buy) == ("", "", "", None)


@pytest.mark.parametrize("gpu", ["L4", "H100-SXM", "RTX-4090", "Framework-Desktop"])
@pytest.mark.parametrize("utilization", [0.05, 0.5, 0.95])
def test_no_sentence_shows_what_is_no_number(gpu: str, utilization: float) -> None:
    scenario = tco.Scenario(gpu=gpu, utilization=utilization, rate_usd_per_gpu_hour="0.5..2.5")
    answer = tco.breakeven(scenario)
    flip = ("utilization", answer.breakeven_utilization)
    _, *told = verdict(answer, simulate(scenario, draws=256), [flip])
    for text in told:
        assert text
        assert text.endswith(".")
        assert not re.search(r"\b(inf|nan|None)\b|\$-|  ", text), text
        assert "optimal" not in text
        assert "guaranteed" not in text


def test_what_is_there_already_is_kept_not_bought() -> None:
    owned = tco.Scenario(gpu="L4", already_owned=True, utilization=0.5)
    facts, reason = facts_of(owned), tco.breakeven(owned).reason
    said = " ".join([*facts.sentences, facts.headline, facts.odds_line, reason or ""])
    assert reason is not None
    assert reason.startswith("Keep: at 50 % utilization, keeping wins if renting costs more than")
    assert facts.headline.startswith("KEEP")
    assert not {"buying", "Buying", "BUY", "purchase"} & {*said.replace(",", "").split()}
