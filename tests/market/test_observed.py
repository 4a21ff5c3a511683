"""Prices of one's own on top of the shipped data: frames, stores, quotes."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tco
from tco.market.catalogue import Observations, load
from tco.market.importers import by_hand
from tco.market.observed import Batch, catalogue_with, observed_batch

DAY = "2026-11-21"


def observed(*batches: Batch) -> Any:
    """What a store with these batches would add."""
    parts = [observed_batch(batch) for batch in batches]
    return load().with_prices(
        Observations(
            "quotes",
            {key: source for part in parts for key, source in part.sources.items()},
            quotes=[q for batch in batches for q in batch.quotes],
            prices=[p for batch in batches for p in batch.prices],
        )
    )


def test_the_shipped_data_is_used_unless_prices_are_given() -> None:
    frame = pd.DataFrame({"gpu": ["L4"], "usd": [1_000], "as_of": [DAY], "price_basis": ["msrp"]})
    plain, own = tco.Scenario(price_basis="msrp"), tco.Scenario(price_basis="msrp", prices=frame)
    assert own.values()["price_usd_per_gpu"] != plain.values()["price_usd_per_gpu"]
    assert plain.catalogue is load()
    assert own.catalogue.extra is not None
    assert "a frame of prices" in repr(own)
    assert own != plain


def test_a_frame_gives_rates_with_their_age_and_source() -> None:
    frame = pd.DataFrame(
        {
            "gpu": "L4",
            "provider": "acme",
            "usd_per_gpu_hour": [0.31],
            "as_of": pd.Timestamp("2027-01-05"),
        }
    )
    answer = tco.breakeven(gpu="L4", provider="acme", prices=frame)
    rate = answer.scenario.resolved()["rate_usd_per_gpu_hour"]
    assert (rate.value, rate.status, rate.source_id, rate.as_of) == (
        *(0.31, "default", "frame"),
        "2027-01-05",
    )
    assert answer.scenario.values()["as_of"] == "2027-01-05", "the newest date in the data"
    listed = tco.offers("L4", provider="acme", prices=frame)
    assert listed["source"].tolist() == ["yours: a frame of prices"]
    assert tco.catalog.rates("L4", prices=frame)["provider"].eq("acme").sum() == 1


def test_the_newer_observation_counts() -> None:
    rate = {"gpu": "L4", "provider": "gcp", "instance": "g2-standard-4", "region": "us-central1"}
    rate |= {"country": "US", "usd_per_gpu_hour": 0.1}
    asked = {"gpu": "L4", "provider": "gcp", "region": "us-central1"}
    for as_of, expected in (("2026-11-01", 0.1), ("2020-01-01", 0.706832)):
        frame = pd.DataFrame([rate | {"as_of": as_of}])
        values = tco.Scenario(**asked, prices=frame).values()
        assert values["rate_usd_per_gpu_hour"] == expected


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"gpu": "L5", "usd": 1, "as_of": DAY}, r"prices\[0\]: gpu = 'L5'.*did you mean L4"),
        ({"gpu": "L4", "usd": 1}, "as_of is missing"),
        ({"gpu": "L4", "as_of": DAY}, "usd is missing"),
        ({"gpu": "L4", "usd": -1, "as_of": DAY}, "usd = '-1' is negative"),
        ({"gpu": "L4", "usd": float("inf"), "as_of": DAY}, "usd = 'inf' is not a number"),
        ({"gpu": "L4", "usd_per_gpu_hour": 1, "as_of": DAY}, "provider is missing"),
        ({"gpu": "L4", "usd": 1, "as_of": "21.11.2026"}, "is not a date"),
        ({"gpu": "L4", "usd": 1, "as_of": DAY, "price_basis": "quote"}, "is not one of street"),
    ],
)
def test_a_wrong_frame_is_refused_by_row(row: dict[str, Any], says: str) -> None:
    with pytest.raises(tco.InputError, match=says):
        tco.Scenario(prices=pd.DataFrame([row]))


def test_a_frame_with_the_price_of_a_machine() -> None:
    row = {"gpu": "L4", "provider": "acme", "as_of": DAY, "usd_per_instance_hour": 2.4}
    frame = pd.DataFrame([row | {"gpus_per_instance": 4, "region": "US"}])
    found = tco.offers("L4", provider="acme", prices=frame)
    assert [*found["usd_per_gpu_hour"]] == [0.6]
    with pytest.raises(tco.InputError, match=r"number of GPUs is not stated"):
        tco.offers("L4", prices=pd.DataFrame([row]))


def test_something_else_than_prices_is_refused() -> None:
    with pytest.raises(tco.InputError, match=r"prices = dict is not a price store"):
        tco.breakeven(prices={"gpu": "L4"})


def test_a_quote_is_used_first_while_it_is_valid() -> None:
    quoted = observed(by_hand.purchase("L4", 2_650, as_of=DAY, valid_until="2026-12-31", note="X"))
    resolved = tco.Scenario(gpu="L4", prices=quoted).resolved()["price_usd_per_gpu"]
    assert (resolved.value, resolved.status, resolved.as_of) == (2_650, "yours", DAY)
    assert resolved.note == "your quote, valid until 2026-12-31: X"
    assert resolved.low is not None
    assert resolved.low < 2_650

    def price(**inputs: Any) -> Any:
        return tco.Scenario(**{"gpu": "L4", "prices": quoted} | inputs).values()[
            "price_usd_per_gpu"
        ]

    shipped = tco.Scenario(gpu="L4").values()["price_usd_per_gpu"]
    assert price(as_of="2026-12-31") == 2_650
    assert price(as_of="2027-01-01") == shipped, "no longer valid"
    assert price(as_of="2026-11-20") == shipped, "not yet made"
    assert price(price_basis="street") == shipped, "a basis was asked for"
    assert price(price_usd_per_gpu=99) == 99, "the value was given"
    assert price(gpu="T4") != 2_650


def test_a_rental_quote_is_used_for_its_term_and_region() -> None:
    told = {"provider": "acme", "as_of": DAY, "valid_until": "2026-12-31"}
    quoted = observed(by_hand.rental("L4", 0.29, term="1yr", region="eu-1", **told))

    def rate(**inputs: Any) -> Any:
        return tco.Scenario(gpu="L4", prices=quoted, **inputs).values()["rate_usd_per_gpu_hour"]

    shipped = tco.Scenario(gpu="L4", term="1yr").values()["rate_usd_per_gpu_hour"]
    assert rate(term="1yr") == rate(billing="committed") == rate(term="1yr", region="eu-1") == 0.29
    assert rate() != 0.29
    assert rate(term="1yr", region="US") == shipped
    assert rate(term="1yr", provider="aws") != 0.29
    entry = tco.Scenario(gpu="L4", term="1yr", prices=quoted).resolved()["rate_usd_per_gpu_hour"]
    assert (entry.status, entry.note) == ("yours", "your quote from acme, valid until 2026-12-31")


def test_the_newest_of_two_quotes_counts() -> None:
    both = observed(
        by_hand.purchase("L4", 2_000, as_of="2026-11-20"),
        by_hand.purchase("L4", 2_100, as_of="2026-11-21"),
    )
    assert tco.Scenario(prices=both).values()["price_usd_per_gpu"] == 2_100
    assert tco.Scenario(prices=both, as_of="2026-11-20").values()["price_usd_per_gpu"] == 2_000


def test_the_market_of_the_providers_says_how_rents_move() -> None:
    def growth(provider: str) -> Any:
        return tco.Scenario(gpu="L4", provider=provider).resolved()["rate_growth_per_year"]

    gcp, runpod = growth("gcp"), growth("runpod")
    assert (gcp.value, runpod.value) == (0, -0.1)
    assert "hyperscaler" in gcp.note
    assert "neocloud" in runpod.note
    both = tco.Scenario(gpu="L4").resolved()["rate_growth_per_year"]
    assert both.value == -0.05, "two hyperscalers, two neoclouds"
    assert both.low == min(gcp.low, runpod.low)
    assert both.high == max(gcp.high, runpod.high)
    assert gcp.low <= 0 < gcp.high


def test_without_the_store_the_answer_stays_the_same() -> None:
    quoted = observed(
        by_hand.purchase("L4", 2_650, as_of=DAY),
        by_hand.rental("L4", 0.41, provider="acme", as_of=DAY),
    )
    own = tco.Scenario(gpu="L4", utilization=0.5, prices=quoted)
    plain = own.on_shipped_data()
    assert plain.catalogue is load()
    assert plain.given["price_usd_per_gpu"] == 2_650
    assert plain.given["rate_usd_per_gpu_hour"] == 0.41
    assert tco.breakeven(plain).npv_saving_usd == tco.breakeven(own).npv_saving_usd
    assert tco.Scenario.from_json(own.to_json()) == plain
    only = tco.Scenario(gpu="L4", provider="acme", prices=quoted, rate_usd_per_gpu_hour=0.4)
    assert "provider" not in only.on_shipped_data().given
    assert tco.Scenario(gpu="L4").on_shipped_data() == tco.Scenario(gpu="L4")


def test_a_what_if_keeps_the_prices() -> None:
    quoted = observed(by_hand.purchase("L4", 2_650, as_of=DAY))
    scenario = tco.Scenario(gpu="L4", prices=quoted)
    changed = replace(scenario, utilization=0.9)
    assert changed.values()["price_usd_per_gpu"] == 2_650
    assert tco.breakeven(scenario, utilization=0.9).scenario == changed
    copied = pickle.loads(pickle.dumps(scenario))
    assert copied.values() == scenario.values()
    assert scenario.given == {"gpu": "L4"}
    assert hash(scenario) == hash(replace(scenario))


def test_a_table_uses_the_prices_too() -> None:
    quoted = observed(by_hand.purchase("L4", 2_650, as_of=DAY))
    table = tco.Scenario(gpu=["L4", "T4"], prices=quoted)
    shipped = tco.Scenario(gpu="T4").values()["price_usd_per_gpu"]
    assert table.values()["price_usd_per_gpu"].tolist() == [2_650, shipped]
    answers = tco.breakeven(table)
    alone = [tco.breakeven(gpu=gpu, prices=quoted).npv_saving_usd for gpu in ("L4", "T4")]
    assert np.array_equal(answers.npv_saving_usd, alone)
    plain = table.on_shipped_data()
    assert plain.given["price_usd_per_gpu"].tolist() == [2_650, shipped]
    with pytest.raises(tco.InputError, match=r"provider\[1\] = 'acme'"):
        tco.Scenario(provider=["aws", "acme"], prices=quoted)


def test_the_same_catalogue_again_for_the_same_snapshot() -> None:
    class Store:
        kept = Observations("a store", {})

        def snapshot(self) -> Observations:
            return self.kept

    store = Store()
    first = catalogue_with(store)
    assert catalogue_with(store) is first
    Store.kept = Observations("a store", {})
    assert catalogue_with(store) is not first


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: by_hand.purchase("L5", 1, as_of=DAY), "did you mean L4"),
        (lambda: by_hand.purchase("L4", 0, as_of=DAY), "is not a price"),
        (lambda: by_hand.purchase("L4", -1, as_of=DAY), "is outside"),
        (lambda: by_hand.purchase("L4", float("nan"), as_of=DAY), "is outside"),
        (lambda: by_hand.purchase("L4", 1, as_of="today"), "as_of = 'today' is not a date"),
        (lambda: by_hand.purchase("L4", 1, basis="gift", as_of=DAY), "basis = 'gift'"),
        (
            lambda: by_hand.purchase("L4", 1, basis="used", as_of=DAY, valid_until=DAY),
            "only a quote has one",
        ),
        (lambda: by_hand.purchase("L4", 1, as_of=DAY, valid_until="2026-11-20"), "is before"),
        (lambda: by_hand.rental("L4", 1, provider="", as_of=DAY), "provider = '' is empty"),
        (lambda: by_hand.rental("L4", 1, provider="a", term="2yr", as_of=DAY), "term = '2yr'"),
        (lambda: by_hand.rental("L4", 1, provider="a\nb", as_of=DAY), "provider = "),
        (lambda: by_hand.purchase("L4", 1, as_of=DAY, note="a\nb"), "is not one line"),
    ],
)
def test_a_wrong_entry_is_refused(call: Any, says: str) -> None:
    with pytest.raises(tco.InputError, match=says):
        call()


def test_everything_wrong_with_an_entry_is_said_at_once() -> None:
    with pytest.raises(tco.InputError) as caught:
        by_hand.rental("L5", -1, provider="", term="x", as_of="x")
    assert len(caught.value.problems) == 5


def test_a_price_by_hand_is_an_observation_of_its_basis() -> None:
    batch = by_hand.purchase("L4", 1_500, basis="used", as_of=DAY, note="classified ad 123")
    assert (batch.prices[0].price_basis, batch.prices[0].usd) == ("used", 1_500)
    assert batch.prices[0].source_id == batch.source.source_id
    assert batch.source.title == "classified ad 123"
    again = by_hand.purchase("L4", 1_500, basis="used", as_of=DAY, note="classified ad 123")
    assert again.sha256 == batch.sha256
    assert by_hand.purchase("L4", 1_501, basis="used", as_of=DAY).sha256 != batch.sha256
