"""The defaults by market rest on the trends in the data, and the page of trends says so."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from statistics import median, quantiles

import pandas as pd
import pytest

from docs import make_trends
from tco.analysis.history import trends, used_price_trends
from tco.inputs import INPUTS
from tco.market.catalogue import (
    ASSUMPTION,
    INTERRUPTIBLE,
    MARKETS,
    NOT_SOLD_NEW,
    OWNED,
    SITES,
    UNKNOWN_GPU,
    USED,
    Default,
    load,
)

CATALOGUE = load()
GROWTH, DECLINE = "rate_growth_per_year", "resale_decline_per_year"
LISTS = ("on_demand", "1yr", "3yr", "5yr")
# A shortage: rents rise by a fifth a year.
SHORTAGE = 0.2


def entry(name: str, market: str) -> Default:
    return [found for found in CATALOGUE.defaults[name] if found.market == market][-1]


@lru_cache
def fits(market: str, terms: tuple[str, ...], as_of: str) -> pd.DataFrame:
    frames = [trends(gpu, term=term, as_of=as_of) for gpu in CATALOGUE.gpus for term in terms]
    found = pd.concat([frame for frame in frames if len(frame)])
    return found[(found["market"] == market) & (found["method"] != "none")]


def bounds(believed: Default) -> tuple[float, float, float]:
    assert believed.low is not None
    assert believed.high is not None
    return believed.low, believed.default, believed.high


def test_hyperscaler_lists() -> None:
    believed = entry(GROWTH, "hyperscaler")
    found = fits("hyperscaler", LISTS, believed.as_of)
    changes = sorted(found["change_per_year"])
    low, default, high = bounds(believed)
    tenths = quantiles(changes, n=10, method="inclusive")
    assert round(median(changes), 2) == default
    assert low <= tenths[0] <= default <= tenths[-1] <= high
    assert set(found["method"]) == {"endpoint"}
    assert {"cyclenerd-gcp-pricing", "karpenter-aws"} == set(found["source_id"])
    still = sum(abs(change) < 0.01 for change in changes)
    years = found["years"].min(), found["years"].max()
    assert (
        f"{len(changes)} list prices over {years[0]:.1f} to {years[1]:.1f} years" in believed.note
    )
    assert f"{still} moved less than 1 % a year" in believed.note
    cuts = [change for change in changes if change < -0.01]
    assert len(cuts) == 4
    assert f"fell {-cuts[-1]:.0%} to {-cuts[0]:.0%}".replace("%", " %") in believed.note


def test_hyperscaler_spot() -> None:
    believed = entry(GROWTH, "hyperscaler_spot")
    found = fits("hyperscaler", ("spot",), believed.as_of).set_index("gpu")
    low, default, high = bounds(believed)
    assert round(median(found["change_per_year"]), 2) == default
    for column in ("change_per_year", "endpoint_change_per_year"):
        assert found[column].between(low, high).all()
    for gpu in ("L4", "A100-80GB-SXM", "A100-40GB-SXM", "H100-SXM"):
        words = f"{gpu.removesuffix('-SXM').replace('-', ' ')} "
        assert words + make_trends.percent(found.loc[gpu, "change_per_year"]) in believed.note
    first_to_last = make_trends.percent(found.loc["L4", "endpoint_change_per_year"])
    assert f"first to last {first_to_last}" in believed.note
    # Scarce L4s on the spot market: the lower end of what was fitted is a rise.
    assert found.loc["L4", "low_per_year"] > 0


def test_markets_without_a_fit_are_assumptions_that_name_what_was_seen() -> None:
    for market in ("neocloud", "marketplace"):
        believed = entry(GROWTH, market)
        assert believed.source_id == ASSUMPTION
        assert fits(market, INPUTS["term"].choices, believed.as_of).empty
    low, default, high = bounds(entry(GROWTH, "neocloud"))
    verda = trends("A100-80GB-SXM", provider="verda").set_index("source_id")
    seen = verda.loc["full-stack-cloud-gpus"]
    assert seen["why"] == "under six points"
    assert low <= seen["endpoint_change_per_year"] <= default <= high
    assert make_trends.percent(seen["endpoint_change_per_year"]) in entry(GROWTH, "neocloud").note


def test_what_the_notes_say_of_the_small_clouds_and_hosts() -> None:
    def moved(gpu: str, term: str, instance: str) -> str:
        found = trends(gpu, term=term).set_index(["instance", "source_id"])
        source = "tracker-runpod-api" if instance == "secure" else "tracker-vastai-api"
        row = found.loc[(instance, source)]
        return f"{row['last_usd'] / row['first_usd'] - 1:+.0%}".replace("%", " %")

    rise = moved("H100-PCIe", "on_demand", "secure")
    assert f"RunPod H100 PCIe {rise}" in entry(GROWTH, "neocloud").note
    note = entry(GROWTH, "marketplace").note
    assert f"{moved('RTX-5090', 'spot', 'median-of-hosts')} (RTX 5090 spot)" in note
    assert f"{moved('B200', 'spot', 'median-of-hosts')} (B200 spot)" in note


# GPU, provider, rate of May or of mid-2026, rate of August to November 2026.
TIERS = [
    *(
        ("H100-SXM", "nebius", 2.95, 4.5),
        ("H200", "nebius", 3.5, 5.4),
        ("B200", "nebius", 5.5, 8.5),
    ),
    *(("H100-SXM", "hyperstack", 2.4, 3.2), ("H100-PCIe", "hyperstack", 1.9, 2.5)),
    *(("H200", "hyperstack", 3.5, 3.99), ("A100-80GB-SXM", "hyperstack", 1.6, 1.6)),
    *(("A100-80GB-PCIe", "hyperstack", 1.35, 1.35), ("RTX-A6000", "hyperstack", 0.5, 0.5)),
    *(("H100-SXM", "runpod", 3.29, 3.99), ("H100-PCIe", "runpod", 2.39, 2.89)),
    *(("A100-80GB-SXM", "runpod", 1.49, 1.79), ("A100-80GB-PCIe", "runpod", 1.39, 1.79)),
    *(("H100-SXM", "runpod", 2.69, 2.69), ("H100-PCIe", "runpod", 1.99, 1.99)),
    *(("A100-80GB-SXM", "runpod", 1.39, 1.39), ("A100-80GB-PCIe", "runpod", 1.19, 1.19)),
    *(
        ("H200", "runpod", 4.39, 4.59),
        ("B200", "runpod", 5.89, 6.79),
        ("RTX-4090", "runpod", 0.69, 0.74),
    ),
    *(("RTX-A6000", "verda", 0.49, 0.82), ("H100-SXM", "lambda", 4.29, 4.29)),
    *(
        ("B200", "lambda", 6.99, 6.99),
        ("A10", "lambda", 1.29, 1.29),
        ("H100-PCIe", "lambda", 3.29, 3.29),
    ),
]
# And the RTX PRO 6000 of Hyperstack, of which the edition was not stated in May.
PRO_6000 = 1.8, 1.85


def test_the_tiers_behind_the_small_clouds() -> None:
    for gpu, provider, *rates in TIERS:
        listed = {r.usd_per_gpu_hour for r in CATALOGUE.rates_of(gpu) if r.provider == provider}
        assert set(rates) <= listed, (gpu, provider)
    rises = [last / first - 1 for *_, first, last in [*TIERS, ("", "", *PRO_6000)]]
    up = [rise for rise in rises if rise > 0]
    assert min(rises) == 0
    note = f"of {len(rises)} tiers seen in May (or mid-2026) and again from August to November, "
    note += f"{len(up)} rose by {min(up):.0%} to {max(up):.0%}, {len(rises) - len(up)} stood still"
    assert note.replace("%", " %") in entry(GROWTH, "neocloud").note


@pytest.mark.parametrize("market", [*MARKETS, "hyperscaler_spot"])
def test_every_market_allows_for_falling_rents_and_for_a_shortage(market: str) -> None:
    low, default, high = bounds(entry(GROWTH, market))
    assert low < default < high
    assert low < 0
    assert high >= SHORTAGE


def test_markets_are_ordered_as_the_evidence_has_them() -> None:
    spot, lists, small, hosts = (
        entry(GROWTH, market).default
        for market in ("hyperscaler_spot", "hyperscaler", "neocloud", "marketplace")
    )
    assert hosts < small <= lists < spot


# Kinds of question that have a default of their own, beside the markets.
SPECIAL = {UNKNOWN_GPU, OWNED, USED, NOT_SOLD_NEW, INTERRUPTIBLE, *SITES}


def test_every_market_in_the_defaults_exists() -> None:
    kinds = {
        GROWTH: {*MARKETS, *(f"{market}_spot" for market in MARKETS)},
        DECLINE: {gpu.resale_market for gpu in CATALOGUE.gpus.values()},
    }
    for name, entries in CATALOGUE.defaults.items():
        for found in entries:
            assert not found.market or found.market in kinds.get(name, SPECIAL), found
        assert any(not found.market for found in entries), name


def test_consumer_cards() -> None:
    believed = entry(DECLINE, "consumer")
    found = used_price_trends(since="2022-10")
    losses = -found[found["method"] == "log_linear"]["change_per_year"]
    assert len(losses) == 8
    assert f"eight cards fell {losses.min():.0%} to {losses.max():.0%}".replace("%", " %") in (
        believed.note
    )
    low, default, high = bounds(believed)
    assert losses.between(low, high).all()
    # Below the median of the fits, because the price of cards with much memory has since held.
    assert losses.min() <= default <= median(losses)
    later = used_price_trends(since="2023-11").set_index(["card", "source_id"])["last_usd"]
    sold = later["RTX 3090", "ebay-sold-2021-2023"]
    assert sold < later["RTX 3090", "insiderllm-used-gpus"] < later["RTX 3090", "gpullm-planner"]
    assert low < 0


def test_cards_for_servers() -> None:
    # SpotWire (2026-06-04), shares lost a year: V100 PCIe, A100 80GB PCIe, H100; and the T4, from
    # a list price of 1,880 on 2018-09-12 to 542 on 2026-07-21: 1 - (542 / 1880)^(1 / 7.855).
    seen = [0.365, 0.545, -0.006, 0.146]
    low, default, high = bounds(entry(DECLINE, "datacenter_pcie"))
    assert default == pytest.approx(median(seen), abs=0.02)
    assert low <= max(min(seen), 0)
    assert max(seen) <= high
    # The general entry stands for SXM modules: A100 28.2 %, H100 0 %, useful lives 19.5 %.
    low, default, high = bounds(entry(DECLINE, ""))
    assert low <= 0
    assert 0.195 <= default <= 0.282 <= high


def test_workstation_cards_are_a_guess_and_wide() -> None:
    believed = entry(DECLINE, "workstation")
    low, default, high = bounds(believed)
    # RTX A6000: 4,649 in 2020-10, 3,500 in 2026-07, 5.8 years: 4.8 % a year.
    assert low <= 0.048 <= default
    assert high - low >= SHORTAGE
    assert "two points" in believed.note
    assert believed.source_id == ASSUMPTION


def test_the_general_entries_stay() -> None:
    assert bounds(entry(GROWTH, "")) == (-0.2, 0, 0.3)
    assert bounds(entry(DECLINE, "")) == (0, 0.25, 0.45)


def test_the_page_of_trends_is_that_of_the_data() -> None:
    path = Path(make_trends.__file__).with_name("trends.md")
    assert path.read_text(encoding="utf-8") == make_trends.page(), "run: python -m docs.make_trends"
