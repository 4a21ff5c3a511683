"""Like is compared with like: which offers and prices count, commitments, borrowed rates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tco
from tco.market.catalogue import Price, Rate, load
from tco.market.choice import TARIFF, Question, resolve
from tco.market.evidence import (
    LICENSED,
    LOWEST,
    OLD,
    PEERS,
    judged,
    nearest,
    of_basis,
)

RATE = "rate_usd_per_gpu_hour"


def rate(provider: str, usd: float, instance: str = "one", **other: Any) -> Rate:
    row = {"gpu": "L4", "gpus_per_instance": 1.0, "region": "any", "country": "any"}
    row |= {"term": "on_demand", "host_included": True, "as_of": "2026-11-01"}
    row |= {"source_id": "s", "note": ""} | other
    return Rate(provider=provider, instance=instance, usd_per_gpu_hour=usd, **row)


def price(usd: float, basis: str, as_of: str = "2026-11-01", source: str = "s") -> Price:
    return Price("L4", basis, usd, as_of, source, "")


def reasons(*rows: Rate) -> list[str]:
    return [reason for _, reason in judged(rows)]


@pytest.mark.parametrize(("as_of", "why"), [("2026-05-05", ""), ("2026-05-04", OLD)])
def test_an_offer_counts_up_to_180_days_behind_the_newest_of_its_market(
    as_of: str, why: str
) -> None:
    assert reasons(rate("lambda", 1), rate("nebius", 1, as_of=as_of)) == ["", why]
    # Another kind of market has a newest offer of its own.
    assert reasons(rate("lambda", 1), rate("aws", 1, as_of="2025-01")) == ["", ""]


def test_own_data_centers_stand_for_a_provider_that_has_some() -> None:
    secure, community = rate("runpod", 2, "secure"), rate("runpod", 1, "community")
    assert reasons(secure, community) == ["", PEERS]
    assert reasons(community) == [""]


def test_a_desktop_license_or_the_lowest_bid_is_no_market() -> None:
    desktop = rate("azure", 3.2, "Standard_NV36ads_A10_v5")
    assert reasons(desktop, rate("vastai", 0.1, "lowest")) == [LICENSED, LOWEST]


def test_new_and_used_cards_together_stand_for_new_ones_last() -> None:
    mixed, used, listed = (price(usd, b) for usd, b in ((5, "mixed"), (3, "used"), (9, "msrp")))
    day = "2026-11-28"
    assert of_basis([mixed, used, listed], "street", day)[0] == "msrp"
    assert of_basis([mixed, used], "street", day)[0] == "used"
    assert of_basis([mixed], "street", day) == ("mixed", [mixed])
    assert of_basis([mixed, listed], "used", day)[0] == "mixed"


def test_a_price_counts_up_to_180_days_behind_the_newest_of_its_basis() -> None:
    rows = [price(1, "street"), price(2, "street", "2026-05-05", "t")]
    old = price(3, "street", "2026-05-04", "u")
    assert of_basis([*rows, old], "street", "2026-11-28") == ("street", rows)


# A source says so, or two later generations are sold: Pascal, Turing and Volta, all of Ampere.
NOT_SOLD_NEW = "T4 RTX-3090 RTX-4090 V100-16GB-SXM V100-32GB-SXM A10 A30 A40 A100-40GB-PCIe"
NOT_SOLD_NEW += " A100-40GB-SXM A100-80GB-PCIe A100-80GB-SXM RTX-A4000 RTX-A5000 RTX-A6000 P100"


def test_what_is_sold_new_is_of_the_last_two_generations() -> None:
    assert {gpu.gpu for gpu in load().gpus.values() if not gpu.sold_new} == {*NOT_SOLD_NEW.split()}


@pytest.mark.parametrize("gpu", NOT_SOLD_NEW.split())
def test_cards_that_are_no_longer_sold_new_cost_what_used_ones_do(gpu: str) -> None:
    found = resolve(Question(gpu=gpu), load())
    assert found["price_basis"].value == "used"
    assert found["warranty_months"].value == 0
    assert resolve(Question(gpu=gpu, price_basis="msrp"), load())["price_basis"].value == "msrp"


def test_a_commitment_is_a_discount_on_the_rate_on_demand() -> None:
    usual, year = (resolve(Question(gpu="L4", term=t), load())[RATE] for t in ("on_demand", "1yr"))
    # Google 0.445258 of 0.706832 in us-central1, AWS 0.524 of 0.8048; other regions alike.
    assert year.value / usual.value == pytest.approx(0.64, abs=0.02)
    assert "for this GPU: " in year.note
    assert (usual.providers, year.providers, year.discounts, year.fewest) == (4, 4, 2, 2)
    card = resolve(Question(gpu="RTX-4090", term="3yr"), load())[RATE]
    assert "over all GPUs" in card.note


@pytest.mark.parametrize("gpu", ["L4", "H100-SXM", "MI355X", "ASUS-GX10"])
def test_a_commitment_has_an_answer_where_nobody_lists_one(gpu: str) -> None:
    usual, bound = (
        resolve(Question(gpu=gpu, term=term, region="AE"), load())[RATE]
        for term in ("on_demand", "3yr")
    )
    assert usual.value / 4 < bound.value < usual.value
    assert bound.discounts == 1


def test_what_a_commitment_takes_off_is_that_of_the_same_region() -> None:
    # Of one provider: half off where it is cheap, a quarter where it is dear, and in all other
    # regions no commitment.
    rows = [rate("aws", usd, region=place) for place, usd in (("a", 1), ("b", 4), ("c", 9))]
    rows += [rate("aws", usd, region=place, term="1yr") for place, usd in (("a", 0.5), ("b", 3))]
    catalogue = replace(load(), rates=tuple(rows))
    found = resolve(Question(gpu="L4", term="1yr", region="c"), catalogue)[RATE]
    assert found.value == pytest.approx(9 * 0.625)


def test_a_provider_that_is_asked_for_counts_with_what_it_lists() -> None:
    listed = resolve(Question(gpu="L4", term="1yr", provider="aws"), load())[RATE]
    assert listed.value == pytest.approx(0.524)
    taken_off = resolve(Question(gpu="H100-SXM", term="1yr", provider="lambda"), load())[RATE]
    usual = resolve(Question(gpu="H100-SXM", provider="lambda"), load())[RATE]
    assert taken_off.value < usual.value


def test_spot_may_be_interrupted() -> None:
    spot, usual = (
        resolve(Question(gpu="L4", term=term), load())["billing_overhead"]
        for term in ("spot", "on_demand")
    )
    assert (spot.value, spot.low, spot.high, spot.status) == (0.15, 0.05, 0.5, "assumption")
    assert usual.value == 0.05


def test_a_gpu_that_nobody_rents_out_borrows_the_rate_of_the_nearest() -> None:
    answer = tco.breakeven(gpu="RTX-PRO-4500")
    found = answer.scenario.resolved()[RATE]
    assert found.borrowed == "L40S"
    assert "no provider rents out the RTX-PRO-4500; the rate is for the L40S" in answer.notes[0]
    assert "864 vs. 896 GB/s; 48 vs. 32 GB" in answer.notes[0]
    assert tco.simulate(gpu="RTX-PRO-4500").confidence in ("low", "")
    with pytest.raises(tco.InputError, match=RATE):
        tco.breakeven(gpu="RTX-PRO-4500", provider="lambda")


def test_near_is_within_a_factor_of_two_and_with_enough_memory() -> None:
    gpus = load().gpus
    for gpu in gpus.values():
        for near in nearest(gpu, load().newest, load()):
            assert 0.5 <= near.bandwidth_gb_s / gpu.bandwidth_gb_s <= 2
            assert near.memory_gb >= min(gpu.memory_gb, 24)
            assert near.gpu != gpu.gpu


def test_a_gpu_that_is_rented_out_elsewhere_alone_borrows_a_rate_here() -> None:
    here = tco.breakeven(gpu="P100", region="US")
    assert here.scenario.resolved()[RATE].borrowed
    assert "no provider in US rents out the P100" in here.notes[0]
    there = tco.breakeven(gpu="P100", region="FR").scenario.resolved()[RATE]
    assert (there.borrowed, there.providers) == ("", 1)


def test_how_many_providers_are_behind_a_rate_is_said() -> None:
    assert "rental rate 2026-09-30 from 4 providers." in str(tco.breakeven(gpu="L4"))
    bound = tco.breakeven(gpu="L4", term="3yr")
    assert "from 4 providers, less the commitment discount from 1" in " ".join(str(bound).split())
    few = "Rental rate: its commitment discount is based on one provider."
    assert bound.notes == (few,)


def test_few_providers_are_reported() -> None:
    assert "Rental rate: is based on 2 providers." in tco.breakeven(gpu="A10").notes
    assert tco.breakeven(gpu="L4").notes == ()


@pytest.mark.parametrize(
    ("region", "eur", "said"),
    [
        ("FI", 0.0748, "tariff of FI: 0.0748 EUR at 1.1739 USD per EUR"),
        ("DE", 0.2264, "tariff of DE: 0.2264 EUR"),
        ("europe-west4", 0.1991, "tariff of NL: 0.1991 EUR"),
    ],
)
def test_power_costs_what_it_costs_in_the_region(region: str, eur: float, said: str) -> None:
    found = resolve(Question(gpu="L4", region=region), load())
    assert found[TARIFF].value == pytest.approx(eur * 1.1739, abs=1e-6)
    assert found[TARIFF].note.startswith(said)
    assert "US figure, no figure for" in found["colo_usd_per_kw_month"].note


@pytest.mark.parametrize("region", ["US", "any", "us-central1"])
def test_in_the_us_power_costs_what_it_does_there(region: str) -> None:
    found = resolve(Question(gpu="L4", region=region), load())
    assert (found[TARIFF].value, "none of" in found[TARIFF].note) == (0.146, False)


def test_elsewhere_the_tariff_is_said_to_be_that_of_the_us() -> None:
    found = resolve(Question(gpu="L4", region="JP"), load())
    assert found[TARIFF].value == 0.146
    assert found[TARIFF].note.startswith("US figure, no figure for JP: ")
