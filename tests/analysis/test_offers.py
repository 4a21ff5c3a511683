"""Which rental offers are compared, how old they are, and where they lie."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

import tco
from tco.market.catalogue import Rate
from tco.market.evidence import (
    FRACTION,
    LARGER,
    LICENSED,
    LOWEST,
    NO_HOST,
    OLD,
    WITHDRAWN,
    age_days,
    comparable,
    deciles,
    freshness,
    judged,
    offers,
)

NOW = "2026-11-21"


def rate(provider: str, usd: float, instance: str = "one", **other: Any) -> Rate:
    row = {"gpu": "L4", "gpus_per_instance": 1.0, "region": "us-1", "country": "US"}
    row |= {"term": "on_demand", "host_included": True, "as_of": "2026-11-01"}
    row |= {"source_id": "s", "note": ""} | other
    return Rate(provider=provider, instance=instance, usd_per_gpu_hour=usd, **row)


def reasons(*rows: Rate) -> list[str]:
    return [reason for _, reason in judged(rows)]


def test_the_smallest_host_of_each_provider_and_region_is_compared() -> None:
    rows = (
        rate("a", 0.8, "small"),
        rate("a", 3.4, "large"),
        rate("a", 1.2, "large", region="us-2"),
        rate("b", 2.0, "large"),
    )
    assert reasons(*rows) == ["", LARGER, "", ""]


def test_two_equal_hosts_count_once() -> None:
    assert reasons(rate("a", 1, "two", gpus_per_instance=2.0), rate("a", 1, "one")) == [LARGER, ""]


def test_an_offer_without_its_host_is_never_mixed_with_others() -> None:
    cheap = rate("a", 0.1, host_included=False)
    assert reasons(cheap, rate("a", 1, "two")) == [NO_HOST, ""]


def test_a_fraction_of_a_gpu_is_kept_apart() -> None:
    assert reasons(rate("a", 0.1, gpus_per_instance=0.5), rate("a", 1, "two")) == [FRACTION, ""]


def test_what_the_provider_no_longer_shows_counts_as_withdrawn() -> None:
    old, edge = (rate("a", 0.1, "old", as_of=f"2026-08-0{day}") for day in (2, 3))
    assert reasons(old, rate("a", 1)) == [WITHDRAWN, ""]
    assert reasons(edge, rate("a", 1)) == ["", LARGER], "90 days are not over 90"
    assert reasons(old, rate("a", 1, region="us-2")) == ["", ""], "another region says nothing"
    assert reasons(old, rate("b", 1)) == ["", ""], "another provider neither"
    assert reasons(rate("a", 0.1, as_of="2020")) == [""], "the newest there is stands"
    assert reasons(rate("a", 0.1, host_included=False), old) == [NO_HOST, ""]


def test_the_default_rate_is_the_median_over_providers_of_comparable_offers() -> None:
    frame = pd.DataFrame(
        {
            "gpu": "RTX-PRO-4500",
            "provider": ["aws", "aws", "aws", "gcp", "runpod", "modal"],
            "instance": ["small", "large", "small", "small", "one", "one"],
            "region": ["us-1", "us-1", "us-2", "us-1", "any", "any"],
            "country": ["US", "US", "US", "US", "any", "any"],
            "usd_per_gpu_hour": [0.8, 3.4, 1.0, 0.5, 0.6, 0.1],
            "host_included": [True, True, True, True, True, False],
            "as_of": NOW,
        }
    )
    values = tco.Scenario(gpu="RTX-PRO-4500", prices=frame).values()
    assert values["rate_usd_per_gpu_hour"] == 0.6  # of gcp 0.5, runpod 0.6, aws (0.8 + 1.0) / 2
    listed = tco.offers("RTX-PRO-4500", prices=frame)
    assert listed["comparable"].tolist() == [False, True, True, True, True, False]
    assert listed["usd_per_gpu_hour"].tolist() == sorted(frame["usd_per_gpu_hour"])


def test_a_provider_with_two_regions_counts_once_in_the_middle_of_all() -> None:
    # Of three providers, 1.99, 2.19 and 6.00 in two regions, the middle is 2.19.
    frame = tco.offer_quantiles("MI300X", as_of=NOW).set_index("provider")
    rate = tco.Scenario(gpu="MI300X", as_of=NOW).values()["rate_usd_per_gpu_hour"]
    assert frame.loc["all", "p50"] == rate == 2.19


def test_the_default_l4_rate_is_that_of_small_hosts() -> None:
    frame = tco.offers("L4", as_of=NOW)
    medians = frame[frame["comparable"]].groupby("provider")["usd_per_gpu_hour"].median()
    value = tco.Scenario(gpu="L4", as_of=NOW).values()["rate_usd_per_gpu_hour"]
    assert value == pytest.approx(medians.median(), rel=1e-12)
    aws = frame[frame["comparable"] & (frame["provider"] == "aws")]
    assert set(aws["instance"]) == {"g6.xlarge"}
    assert set(frame["form_factor"]) == {"1-slot low-profile, passive, PCIe 4.0 x16"}


def test_ages_count_from_as_of_and_later_offers_are_left_out() -> None:
    frame = tco.offers("L4", as_of="2026-07-25", region="any")
    assert (frame["age_days"] >= 0).all()
    assert set(frame["as_of"].str[:10]) & {"2026-07-30", "2026-09-30"} == set()
    again = tco.offers("L4", as_of="2026-07-26", region="any")
    assert sorted(again["age_days"]) == sorted(age + 1 for age in frame["age_days"])


def test_freshness_has_three_words() -> None:
    words = [freshness(days) for days in range(-1, 200)]
    assert [words.count(word) for word in ("fresh", "aging", "stale")] == [32, 60, 109]
    changes = [pair for pair in pairwise(words) if pair[0] != pair[1]]
    assert changes == [("fresh", "aging"), ("aging", "stale")]
    assert age_days("2026", "2026-01-31") == 30


def test_quantiles_by_provider_and_over_all() -> None:
    frame = tco.offer_quantiles("L4", as_of=NOW)
    counted = tco.offers("L4", as_of=NOW).query("comparable")
    everything = frame.set_index("provider").loc["all"]
    assert everything["offers"] == len(counted)
    assert everything["providers"] == counted["provider"].nunique()
    medians = counted.groupby("provider")["usd_per_gpu_hour"].median()
    expected = medians.quantile([0.1, 0.5, 0.9])
    assert everything[["p10", "p50", "p90"]].tolist() == pytest.approx(expected.tolist())
    assert frame["provider"].iloc[-1] == "all"
    assert frame["p50"].iloc[:-1].is_monotonic_increasing
    assert tco.offer_quantiles("RTX-PRO-4500").empty


def test_deciles_of_few() -> None:
    assert deciles([]) is None
    assert deciles([3]) == (3, 3, 3)
    assert deciles([1, 2]) == pytest.approx((1.1, 1.5, 1.9))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"gpu": "L5"}, "did you mean L4"),
        ({"gpu": "L4", "provider": "awss"}, "did you mean aws"),
        ({"gpu": "L4", "region": "us-centrall"}, "region = 'us-centrall' is not in the catalog"),
        ({"gpu": "L4", "term": "2yr"}, "term = '2yr' is not"),
        ({"gpu": "L4", "as_of": "yesterday"}, "as_of = 'yesterday' is not a date"),
    ],
)
def test_a_wrong_question_is_named(asked: dict[str, Any], says: str) -> None:
    for call in (tco.offers, tco.offer_quantiles):
        with pytest.raises(tco.InputError, match=says):
            call(**asked)


def test_the_end_of_it_a_commitment_without_a_number_typed_in() -> None:
    answer = tco.breakeven(gpu="L4", provider="gcp", region="us-central1", term="1yr")
    values = answer.scenario.values()
    assert round(values["rate_usd_per_gpu_hour"], 4) == 0.4453
    assert (values["billing"], values["commitment_months"]) == ("committed", 12)


def test_comparable_offers_only_lose_rows() -> None:
    catalogue = tco.Scenario().catalogue
    for gpu in catalogue.gpus:
        rows = offers(catalogue, gpu, "all", "any", "on_demand", NOW)
        kept = comparable(rows)
        assert set(kept) <= set(rows)
        assert {row.provider for row in kept} == {
            row.provider
            for row, reason in judged(rows)
            if reason not in (NO_HOST, FRACTION, OLD, LICENSED, LOWEST)
        }
