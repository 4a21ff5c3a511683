"""The lists of further collectors: Google's and AWS's machines, and price pages kept as YAML."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tco.errors import DataError
from tco.market.importers import read_file, stated_day
from tco.market.importers.documents import items, read_document
from tco.market.importers.opening import PriceFile
from tests.market.importers.reading import FIXTURES, aside, offers

GOOGLE = FIXTURES / "cyclenerd" / "pricing.yml"
AMAZON = FIXTURES / "karpenter" / "zz_generated.pricing_aws.go"
PAGES = FIXTURES / "api-evangelist"


def test_google_machines_by_region_and_term() -> None:
    batch = read_file("cyclenerd", GOOGLE)
    assert batch.as_of == "2026-11-26"
    assert offers(batch) == {
        ("A100-80GB-SXM", "a2-ultragpu-1g", "us-central1", "on_demand"): 5.07,
        ("A100-80GB-SXM", "a2-ultragpu-1g", "us-central1", "spot"): 2.5,
        ("L4", "g2-standard-24", "us-central1", "on_demand"): 1,
        ("L4", "g2-standard-24", "us-central1", "3yr"): 0.5,
        ("L4", "g2-standard-24", "us-east4", "on_demand"): 1,
        ("L4", "g2-standard-4", "europe-west4", "on_demand"): 0.8,
        ("L4", "g2-standard-4", "europe-west4", "spot"): 0.3,
        ("L4", "g2-standard-4", "europe-west4", "1yr"): 0.5,
        ("L4", "g2-standard-4", "us-central1", "on_demand"): 0.7,
        ("L4", "g2-standard-4", "us-central1", "spot"): 0.25,
        ("L4", "g2-standard-4", "us-central1", "1yr"): 0.5,
        ("L4", "g2-standard-4", "us-central1", "3yr"): 0.3,
    }
    assert {rate.country for rate in batch.rates} == {"US", "NL"}


def test_what_is_no_price_of_google_is_set_aside() -> None:
    batch = read_file("cyclenerd", GOOGLE)
    found = aside(batch)
    assert found == {
        2: ["no GPU"],
        3: [
            "1yr: equals the price of a shorter term: no observation",
            "spot: equals the on-demand price: no observation",
        ],
        4: ["1yr: a month is not 730 hours", "spot: price is not a number"],
        5: ["3yr: equals the price of a shorter term: no observation"],
        7: ["machine type not in machines.csv"],
        8: ["number of GPUs is not that of g2-standard-96"],
        9: ["machine type not in machines.csv"],
    }
    assert batch.rows.total() == 9
    assert batch.kept.total() == 5


def test_amazon_prices_by_region() -> None:
    batch = read_file("karpenter", AMAZON)
    assert batch.as_of == "2026-11-23"
    assert offers(batch) == {
        ("L4", "g6.12xlarge", "us-east-1", "on_demand"): 1.1504,
        ("L4", "g6.xlarge", "us-east-1", "on_demand"): 0.8048,
        ("L4", "gr6.4xlarge", "us-east-1", "on_demand"): 1.5392,
        ("L4", "g6.xlarge", "eu-west-1", "on_demand"): 0.9024,
    }
    unknown = "instance of which rental_rates.csv has no row: its GPUs are not known"
    assert aside(batch) == {
        1: ["no GPU"],
        2: ["no GPU"],
        5: ["price is not a number"],
        6: ["price is negative or too large"],
        7: [unknown],
    }


def test_price_pages() -> None:
    batch = read_file("api-evangelist", PAGES / "lambda-labs-plans-pricing.yml", provider="lambda")
    assert batch.as_of == "2026-09-21"
    assert offers(batch) == {
        ("B200", "8x-b200-sxm6", "any", "on_demand"): 6.69,
        ("A100-80GB-SXM", "8x-a100-sxm-80-gb", "any", "on_demand"): 2.79,
        ("H100-SXM", "hgx-h100", "any", "on_demand"): 6.155,
        ("L4", "preemptible-l4", "any", "spot"): 0.3,
        ("MI300X", "mi300x-192gb", "any", "on_demand"): 3.45,
    }
    assert {rate.country for rate in batch.rates} == {"any"}
    assert {rate.gpus_per_instance for rate in batch.rates} == {8, 1}
    assert aside(batch) == {
        5: ["a starting price"],
        6: ["the page announces another price"],
        7: ["not a price by the hour"],
        8: ["version of the GPU not stated"],
        9: ["price and its text differ"],
        10: ["price is in EUR, not converted"],
        11: ["not a price by the hour"],
        12: ["number of GPUs is not stated"],
        13: ["a commitment of unstated length"],
    }


def test_a_price_page_with_several_prices_in_a_plan() -> None:
    path = PAGES / "nexgen-cloud-plans-pricing.yml"
    batch = read_file("api-evangelist", path, provider="hyperstack")
    assert batch.as_of == "2026-08-26"
    assert offers(batch) == {
        ("H200", "h200-sxm", "any", "on_demand"): 3.99,
        ("RTX-PRO-6000-SE", "rtx-pro-6000-se", "any", "on_demand"): 1.85,
        ("RTX-A6000", "a6000-spot-vms", "any", "spot"): 0.4,
    }
    assert batch.rows.total() == 6
    assert len(batch.rejected) == 3


@pytest.mark.parametrize(
    ("collector", "content", "why"),
    [
        ("cyclenerd", "", "no machines below compute, instance"),
        ("cyclenerd", "<html>\n<body>busy</body>", "no machines below compute, instance"),
        ("cyclenerd", "a: [1, 2", "not a YAML document"),
        ("cyclenerd", "a: *nowhere", "not a YAML document"),
        ("cyclenerd", "[" * 20_000, "nested too deeply"),
        ("cyclenerd", "a: [\n" * 60, "nested too deeply"),
        ("cyclenerd", "- " * 20_000, "nested too deeply"),
        ("cyclenerd", "\n".join(f"{' ' * n}a:" for n in range(200)), "nested too deeply"),
        ("cyclenerd", "\x00", "not a YAML document"),
        ("karpenter", "<html>", "no InitialOnDemandPrices"),
        ("karpenter", "var InitialOnDemandPricesAWS = nil", "no price in the file"),
        ("api-evangelist", "method: generated\nplans: [{name: L4}]", "were not transcribed"),
        ("api-evangelist", "method: searched\nplans: 3", "no plans"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, collector: str, content: str, why: str
) -> None:
    path = tmp_path / "plans.yml"
    path.write_text(content)
    with pytest.raises(DataError, match=why):
        read_file(collector, path, provider="aws")


def test_a_list_too_long_or_not_of_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pricing.yml"
    path.write_bytes(b"\xff\xfe\x00")
    assert stated_day("cyclenerd", PriceFile(path)) == ""
    with pytest.raises(DataError, match="not text in UTF-8"):
        read_file("cyclenerd", path)
    with path.open("wb") as stream:
        stream.truncate(17 * 2**20)
    with pytest.raises(DataError, match="more than 16,777,216 bytes"):
        read_file("cyclenerd", path)


def test_nodes_that_stand_for_others_multiply_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pricing.yml"
    bomb = "a: &a {x: 1}\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    path.write_text(f"{bomb}method: searched\nplans: *i\n")
    document = read_document(PriceFile(path))
    assert document is not None
    assert len(items(document.value[-1][1])) == 9
    batch = read_file("api-evangelist", path, provider="lambda", as_of="2026-11-01")
    assert (batch.rows.total(), len(batch.rates)) == (9, 0)


MARKS = (
    b"\0",
    b"\xff",
    b"[",
    b"{",
    b'"',
    b"&a",
    b"*a",
    b"1e400",
    b"-1",
    b"nan",
    b"\n",
    b": ",
    b"|",
)


@pytest.mark.parametrize(
    ("collector", "path", "provider"),
    [
        ("cyclenerd", GOOGLE, "gcp"),
        ("karpenter", AMAZON, "aws"),
        ("api-evangelist", PAGES / "lambda-labs-plans-pricing.yml", "lambda"),
        ("api-evangelist", PAGES / "nexgen-cloud-plans-pricing.yml", "hyperstack"),
    ],
)
def test_broken_files_are_refused_or_accounted_for(
    tmp_path: Path, collector: str, path: Path, provider: str
) -> None:
    for seed in range(25):
        chance, content = random.Random(seed), bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(content))
            content[at : at + chance.choice((0, 0, 1, 40))] = chance.choice(MARKS)
        broken = tmp_path / path.name
        broken.write_bytes(bytes(content))
        try:
            batch = read_file(collector, broken, provider=provider)
        except DataError:
            continue
        assert batch.kept.total() + batch.aside.total() == batch.rows.total()
        assert all(0 < rate.usd_per_gpu_hour < 10_000 for rate in batch.rates)
