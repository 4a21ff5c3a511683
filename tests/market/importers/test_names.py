"""The tables of names, regions and machine types: whole, unambiguous, and what they must say."""

from __future__ import annotations

import re

import pytest

from tco.errors import DataError
from tco.market.catalogue import load
from tco.market.importers.names import (
    NOT_IN_CATALOG,
    country_of,
    fits,
    gpu_names,
    gpu_of,
    machines,
    plain,
    provider_of,
)

# Nobody rents these out under a name of a collector.
NOT_RENTED = {
    *("Framework-Desktop", "GMKtec-EVO-X2", "ASUS-GX10"),
    *("Mac-Studio-M3-Ultra", "Mac-Studio-M4-Max"),
}
# Every accelerator that the public catalogues of 2025 and 2026 listed.
LISTED = (
    *("A10", "A100", "A100-80GB", "A100-80GB-SXM", "A10G", "A16", "A30", "A40", "A4000", "A5000"),
    *("A6000", "A800", "B200", "B300", "GH200", "GTX1660S", "Gaudi HL-205", "H100", "H100-MEGA"),
    *("H100-NVL", "H100-NVLINK", "H100-SXM", "H200", "H200-SXM", "Inferentia", "Inferentia2"),
    *("K80", "L4", "L40", "L40S", "M4000", "M60", "MI300X", "P100", "P4", "P4000", "T4", "T4g"),
    *("RTX PRO 6000 96GB", "RTX-PRO-6000", "RTX2000-Ada", "RTX3060", "RTX3070", "RTX3080"),
    *("RTX3090", "RTX4000-Ada", "RTX4060", "RTX4070", "RTX4080", "RTX4090", "RTX5060", "RTX5070"),
    *("RTX5090", "RTX5880-Ada", "RTX6000", "RTX6000-Ada", "RTX6000Ada", "RTXA4000", "RTXA4500"),
    *("RTXA5000", "RTXA6000", "RTXPRO4000", "RTXPRO4500", "RTXPRO6000", "RTXPRO6000-WK"),
    *("RTXPRO6000S", "RTXPRO6000WS", "Radeon MI25", "Radeon Pro V520", "Trainium", "Trainium2"),
    *("V100", "V100-32GB", "MI355X", "A100-80G-PCIe", "A100-80G-PCIe-NVLink", "H100-80G-PCIe"),
    *("H100-80G-PCIe-NVLink", "H100-80G-SXM5", "H100_PCIE", "H100_SXM5", "A100_80G_SXM4"),
    *("A100_80G_PCIE", "L40S_PCIE", "RTX5090_PCIE", "RTX 3070", "H100_NVL", "H100NVL", "H200NVL"),
)


def test_every_gpu_that_can_be_rented_has_a_name() -> None:
    mapped = {row.gpu for rows in gpu_names().values() for row in rows}
    assert mapped - {"", "ambiguous"} == set(load().gpus) - NOT_RENTED


def test_names_differ_by_more_than_their_spelling() -> None:
    for rows in gpu_names().values():
        keys = [(row.collector, row.provider, row.memory_gb, row.instance) for row in rows]
        assert len(keys) == len(set(keys)), rows[0].name
        known = {row.provider for row in rows} - {"any"}
        assert known <= set(load().providers)


@pytest.mark.parametrize("name", LISTED)
def test_every_name_of_the_public_catalogues_is_in_the_table(name: str) -> None:
    for collector, provider in (("skypilot", "aws"), ("gpuhunt", "gcp")):
        if (plain(name), provider) != (plain("H100-MEGA"), "aws"):
            assert gpu_of(collector, provider, name, None, ())[1] != "GPU name not in the table"


@pytest.mark.parametrize(
    ("collector", "provider", "name", "memory", "texts", "gpu"),
    [
        ("skypilot", "aws", "A10G", 24, ("g5.xlarge",), ""),
        ("skypilot", "aws", "A100", 40, ("p4d.24xlarge",), "A100-40GB-SXM"),
        ("skypilot", "aws", "A100-80GB", 80, ("p4de.24xlarge",), "A100-80GB-SXM"),
        ("gpuhunt", "aws", "A100", 80, ("p4de.24xlarge",), "A100-80GB-SXM"),
        ("skypilot", "aws", "A100", 40, ("x1.large",), ""),
        ("skypilot", "aws", "NVIDIA", None, ("p5en.48xlarge",), "H200"),
        ("skypilot", "aws", "NVIDIA", None, ("p6.48xlarge",), ""),
        ("skypilot", "gcp", "A100-80GB", 80, (), "A100-80GB-SXM"),
        ("gpuhunt", "gcp", "A100", 40, ("a2-highgpu-1g",), "A100-40GB-SXM"),
        ("skypilot", "azure", "H100", None, ("Standard_NCC40ads_H100_v5",), "H100-NVL"),
        ("gpuhunt", "azure", "A100", 80, ("Standard_NC24ads_A100_v4",), "A100-80GB-PCIe"),
        ("skypilot", "runpod", "A100-80GB", 80, ("1x", "A100 PCIe"), "A100-80GB-PCIe"),
        ("skypilot", "runpod", "A100-80GB-SXM", 80, ("1x", "A100 SXM"), "A100-80GB-SXM"),
        ("skypilot", "hyperbolic", "H100", 80, ("1x", "NVIDIA-H100-80GB-HBM3"), "H100-SXM"),
        ("skypilot", "nebius", "RTX6000", None, ("gpu-rtx6000_1gpu",), "RTX-PRO-6000"),
        ("skypilot", "lambda", "RTX6000", 24, ("gpu_1x_rtx6000",), ""),
        ("skypilot", "lambda", "A100", 40, ("gpu_2x_a100",), "A100-40GB-PCIe"),
        ("skypilot", "lambda", "A100", 40, ("gpu_1x_a100_sxm4",), "A100-40GB-SXM"),
        ("skypilot", "verda", "RTX-6000-Ada", 48, ("1RTX6000ADA.10V",), "RTX-6000-Ada"),
        ("gpuhunt", "verda", "H100", 80, ("1H100.80S.32V",), "H100-SXM"),
        ("gpuhunt", "crusoe", "A100", 80, ("a100-80gb.1x",), "A100-80GB-PCIe"),
        ("gpuhunt", "crusoe", "A100", 80, ("a100-80gb-sxm-ib.8x",), "A100-80GB-SXM"),
        ("gpuhunt", "oci", "A100", 40, ("BM.GPU4.8",), "A100-40GB-SXM"),
        ("skypilot", "mithril", "H100", 80, ("h100-80gb.sxm.8x",), "H100-SXM"),
        ("skypilot", "spheron", "A100_80G_PCIE", 80, ("gpu_1x_a100_SXM4",), ""),
        ("skypilot", "spheron", "A100_80G_SXM4", 80, ("a100_pcie",), ""),
        ("skypilot", "acme", "RTX 4060 Ti", 16, (), "RTX-4060-Ti"),
        ("skypilot", "acme", "RTX 4060 Ti", 8, (), ""),
        ("skypilot", "acme", "TPU-VM", None, (), ""),
    ],
)
def test_what_a_name_means(
    collector: str, provider: str, name: str, memory: float, texts: tuple[str, ...], gpu: str
) -> None:
    found, reason = gpu_of(collector, provider, name, memory, texts)
    assert found == gpu
    assert bool(reason) == (gpu == "")


def test_reasons_of_names_without_a_gpu() -> None:
    assert gpu_of("skypilot", "acme", "A100", 80, ())[1] == "version of the GPU not stated"
    assert gpu_of("skypilot", "acme", "A16", 48, ())[1] == "GPU not in the catalog"
    assert gpu_of("skypilot", "acme", "L44", 48, ())[1] == "GPU name not in the table"
    assert gpu_of("skypilot", "acme", "tpu-v6e-1", None, ())[1] == "not a GPU of the catalog"
    contradiction = gpu_of("skypilot", "acme", "H100-SXM", 80, ("h100-pcie",))
    assert contradiction == ("", "form factor is not that of H100-SXM")


def test_memory_fits_one_gpu_all_of_them_or_a_part() -> None:
    assert fits("L4", None, 1)
    assert fits("L4", 22888 / 1024, 8)
    assert fits("L4", 8 * 24, 8)
    assert fits("L4", 2861 / 1024, 0.125)
    assert not fits("L4", 48, 1)
    assert not fits("L4", 20.3, 1)
    assert fits("L4", 20.5, 1)
    assert not fits("A100-80GB-SXM", 40, 1)


def test_providers_by_other_names() -> None:
    for name, key in (("vast", "vastai"), ("do", "digitalocean"), ("AWS", "aws")):
        assert provider_of(name, "x.csv").provider == key
    assert provider_of("datacrunch", "x.csv").provider == "verda"
    with pytest.raises(DataError, match=r"awz.*--provider; did you mean aws"):
        provider_of("awz", "awz.csv")


@pytest.mark.parametrize(
    ("provider", "region", "country"),
    [
        ("aws", "us-east-1", "US"),
        ("aws", "ap-northeast-1", "JP"),
        ("gcp", "europe-west4", "NL"),
        ("azure", "northeurope", "IE"),
        ("runpod", "US", "US"),
        ("runpod", "CA-MTL-1", "CA"),
        ("runpod", "EUR-IS-2", "IS"),
        ("runpod", "EU", "unknown"),
        ("vastai", "Denmark, DK, EU", "DK"),
        ("vastai", ", CN, AS", "CN"),
        ("vastai", "Oregon, US, NA", "US"),
        ("vastai", "Texas, US", "US"),
        ("shadeform", "kansascity-usa-1", "US"),
        ("nebius", "eu-north1-c", "FI"),
        ("verda", "FIN-03", "FI"),
        ("seeweb", "it-fr2", "IT"),
        ("seeweb", "unknown", "unknown"),
        ("paperspace", "East Coast (NY2)", "US"),
        ("aws", "", "unknown"),
        ("acme", "us-east-1", "US"),
        ("acme", "eu-west-1", "unknown"),
    ],
)
def test_countries(provider: str, region: str, country: str) -> None:
    assert country_of(provider, region) == country


def test_regions_agree_with_the_shipped_rates() -> None:
    for rate in load().rates:
        if "any" not in (rate.region, rate.country):
            assert country_of(rate.provider, rate.region) == rate.country, rate


def test_machine_types_have_the_accelerators_their_names_say() -> None:
    for machine in machines().values():
        said = re.fullmatch(r".*-(\d+)g", machine.instance)
        if said:
            assert machine.gpus == int(said[1])
        found, why = gpu_of("skypilot", machine.provider, machine.name, None, (machine.instance,))
        assert found or why == NOT_IN_CATALOG, machine
    assert machines()["gcp", "g2-standard-96"].gpus == 8


def test_machine_types_agree_with_the_shipped_rates() -> None:
    for rate in load().rates:
        machine = machines().get((rate.provider, rate.instance))
        if machine is not None:
            found, _ = gpu_of("any", rate.provider, machine.name, None, (rate.instance,))
            assert (found or machine.name, machine.gpus) == (rate.gpu, rate.gpus_per_instance)
