"""gpuhunt's files, one small file for each trap; their prices are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tco.market.importers import read_file
from tests.market.importers.reading import (
    DAY,
    FIXTURES,
    aside,
    assert_accounted,
    assert_traced,
    offers,
    small,
)

FILES = sorted((FIXTURES / "gpuhunt").rglob("*.csv"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_row_is_accounted_and_every_rate_is_in_the_file(path: Path) -> None:
    batch = read_file("gpuhunt", path, as_of=DAY)
    provider = batch.source.source_id.removeprefix("gpuhunt-catalog-")
    assert_accounted("gpuhunt", path, provider, batch)
    assert_traced("gpuhunt", path, provider, batch.rates)


def test_spot_is_a_row_of_its_own_and_the_price_that_of_the_instance() -> None:
    batch = small("gpuhunt", "aws.csv")
    assert offers(batch) == {
        ("L4", "g6.12xlarge", "us-east-1", "on_demand"): 1.25,
        ("L4", "g6.12xlarge", "us-east-1", "spot"): 0.5,
        ("A100-40GB-SXM", "p4d.24xlarge", "us-east-1", "on_demand"): 3.0,
    }
    assert aside(batch) == {
        5: ["no GPU"],
        6: ["spot is neither True nor False"],
        7: ["memory is not that of L4"],
    }
    assert {rate.country for rate in batch.rates} == {"US"}


def test_one_name_for_several_sizes_and_for_the_form() -> None:
    batch = small("gpuhunt", "runpod.csv")
    assert offers(batch) == {
        ("A100-80GB-PCIe", "NVIDIA A100 80GB PCIe", "US-KS-2", "on_demand"): 1.5,
        ("A100-80GB-SXM", "NVIDIA A100-SXM4-80GB x1", "EU-RO-1", "on_demand"): 2.0,
        ("A100-80GB-SXM", "NVIDIA A100-SXM4-80GB x8", "EU-RO-1", "on_demand"): 2.0,
        ("H100-SXM", "NVIDIA H100 80GB HBM3", "US-KS-2", "on_demand"): 3.0,
    }
    assert aside(batch) == {
        6: ["spot: equals the on-demand price: no observation"],
        7: ["price for a cluster or for reserved hours"],
    }


def test_locations_of_google_are_zones() -> None:
    batch = small("gpuhunt", "gcp.csv")
    assert offers(batch) == {("L4", "g2-standard-4", "us-central1", "on_demand"): 0.75}
    assert aside(batch) == {
        3: ["same price in another zone"],
        4: ["price for a cluster or for reserved hours"],
        5: ["not a GPU of the catalog"],
    }


def test_older_files_have_fewer_columns() -> None:
    batch = small("gpuhunt", "old/lambdalabs.csv")
    (rate,) = batch.rates
    assert (rate.provider, rate.gpu, rate.country) == ("lambda", "H100-PCIe", "US")
    assert aside(batch) == {3: ["not a GPU of the catalog"]}
