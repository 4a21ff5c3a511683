"""The real files of both collectors, where TCO_CATALOGUES says they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tco.market.importers import files_of, read_file
from tco.market.observed import Batch
from tests.market.importers.reading import DAY, assert_accounted, assert_traced

FOLDER = Path(os.environ["TCO_CATALOGUES"])
FILES = [
    (collector, file.path)
    for collector in ("skypilot", "gpuhunt")
    for file in files_of(collector, FOLDER / collector)
]
# Names that the table knows but cannot tell the version of: nothing else is left out for its name.
UNSTATED = {("seeweb", "A100"), ("seeweb", "H100"), ("ovhcloud", "A100-80GB")}


def read(collector: str, name: str) -> Batch:
    (path,) = (path for _, path in FILES if path.name.startswith(name))
    return read_file(collector, path, as_of=DAY)


def prices(batch: Batch, gpu: str, instance: str, region: str, term: str) -> list[float]:
    return [
        round(rate.usd_per_gpu_hour, 4)
        for rate in batch.rates
        if (rate.gpu, rate.instance, rate.region, rate.term) == (gpu, instance, region, term)
    ]


@pytest.mark.parametrize(("collector", "path"), FILES, ids=lambda value: getattr(value, "name", ""))
def test_every_file_is_read_and_accounted(collector: str, path: Path) -> None:
    batch = read_file(collector, path)
    assert batch.rows.total() > 0
    if path.suffix == ".json":
        assert not batch.rates
        return
    provider = batch.source.source_id.removeprefix(f"{collector}-catalog-")
    assert_accounted(collector, path, provider, batch)
    assert_traced(collector, path, provider, batch.rates)
    unnamed = {row.gpu for row in batch.rejected if row.reason == "GPU name not in the table"}
    assert not unnamed
    unstated = {row.gpu for row in batch.rejected if row.reason == "version of the GPU not stated"}
    assert {(provider, gpu) for gpu in unstated} <= UNSTATED
    assert not [row for row in batch.rejected if row.reason.startswith(("memory", "form"))]


def test_machine_and_accelerator_of_google() -> None:
    batch = read("skypilot", "gcp_vms")
    place = ("g2-standard-4", "us-central1")
    assert prices(batch, "L4", *place, "on_demand") == [0.7068]
    assert prices(batch, "L4", *place, "spot") == [0.3612]
    assert prices(batch, "L4", "g2-standard-48", "us-central1", "on_demand") == [1.0004]
    odd = {rate.gpu for rate in batch.rates if "spot is above on demand" in rate.note}
    assert {"H100-SXM", "A100-80GB-SXM"} <= odd
    assert prices(batch, "H100-SXM", "a3-highgpu-1g", "us-central1", "spot") == [5.9832]


def test_offers_of_other_clouds() -> None:
    aws = read("skypilot", "aws_vms")
    assert prices(aws, "L4", "g6.xlarge", "us-east-1", "on_demand") == [0.8048]
    assert prices(aws, "L4", "g6.xlarge", "us-east-1", "spot") == [0.347]
    jarvislabs = read("skypilot", "jarvislabs")
    assert {r.usd_per_gpu_hour for r in jarvislabs.rates if r.gpu == "L4"} == {0.44}
    seeweb = read("skypilot", "seeweb")
    l4 = [rate for rate in seeweb.rates if rate.gpu == "L4"]
    assert {rate.usd_per_gpu_hour for rate in l4} == {0.38}
    assert {rate.gpus_per_instance for rate in l4} == {1, 2, 4, 8}
    assert {(rate.region, rate.country) for rate in l4} == {("it-fr2", "IT"), ("unknown",) * 2}


def test_a_list_in_euros_is_converted_at_a_dated_rate() -> None:
    scaleway = read("skypilot", "scaleway").rates
    assert {(rate.gpu, round(rate.usd_per_gpu_hour, 4)) for rate in scaleway} == {
        ("P100", round(1.2426 * 1.1739, 4)),
        ("H100-PCIe", round(2.52 * 1.1739, 4)),
    }
    assert all("USD per EUR of 2026-01-22" in rate.note for rate in scaleway)


def test_what_is_no_observation() -> None:
    runpod = read("skypilot", "runpod")
    assert {rate.term for rate in runpod.rates} == {"on_demand"}
    assert {r.gpu for r in runpod.rates} == {"A100-80GB-PCIe", "L4", "L40S", "MI300X"}


def test_both_collectors_agree() -> None:
    for provider in ("aws", "seeweb"):
        one, other = read("skypilot", f"{provider}_vms"), read("gpuhunt", f"CONVERTED_{provider}")
        found = [
            {
                (r.gpu, r.instance, r.region, r.country, r.term): round(r.usd_per_gpu_hour, 4)
                for r in batch.rates
            }
            for batch in (one, other)
        ]
        assert found[0].items() >= found[1].items()
