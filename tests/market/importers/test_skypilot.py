"""SkyPilot's files, one small file for each trap; their prices are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tco.errors import DataError
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

FILES = sorted((FIXTURES / "skypilot").glob("*.csv"))
CENTRAL = "us-central1"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_row_is_accounted_and_every_rate_is_in_the_file(path: Path) -> None:
    batch = read_file("skypilot", path, as_of=DAY)
    provider = batch.source.source_id.removeprefix("skypilot-catalog-")
    assert_accounted("skypilot", path, provider, batch)
    assert_traced("skypilot", path, provider, batch.rates)
    for rate in batch.rates:
        assert (rate.as_of, rate.source_id) == (DAY, batch.source.source_id)
        assert rate.provider == provider


def test_machine_and_accelerator_are_added_up() -> None:
    batch = small("skypilot", "gcp_vms_two_rows.csv")
    found = offers(batch)
    assert found == {
        ("L4", "g2-standard-4", CENTRAL, "on_demand"): 0.75,
        ("L4", "g2-standard-4", CENTRAL, "spot"): 0.375,
        ("L4", "g2-standard-8", CENTRAL, "on_demand"): 1.0,
        ("L4", "g2-standard-8", CENTRAL, "spot"): 0.5,
        # (1.5 + 2 x 0.5) / 2, as there is no row for two
        ("L4", "g2-standard-24", CENTRAL, "on_demand"): 1.25,
        ("L4", "g2-standard-24", CENTRAL, "spot"): 0.625,
        # (3 + 1.875) / 4: the row for four counts, not four times the row for one
        ("L4", "g2-standard-48", CENTRAL, "on_demand"): 1.21875,
        ("L4", "g2-standard-4", "us-west4", "spot"): 0.375,
        ("L4", "8x L4 without host", CENTRAL, "on_demand"): 0.5,
        ("L4", "8x L4 without host", CENTRAL, "spot"): 0.25,
        ("T4", "1x T4 without host", CENTRAL, "on_demand"): 0.375,
        ("T4", "1x T4 without host", CENTRAL, "spot"): 0.1875,
        ("H200", "8x H200 without host", "us-east5", "spot"): 2.5,
    }
    hostless = {rate.instance for rate in batch.rates if not rate.host_included}
    assert hostless == {"8x L4 without host", "1x T4 without host", "8x H200 without host"}
    assert {
        rate.gpus_per_instance for rate in batch.rates if rate.instance == "g2-standard-48"
    } == {4}
    unused = aside(batch)
    assert unused[3] == ["same price in another zone", "spot: same price in another zone"]
    assert unused[6] == ["spot: host or accelerator without a price"]
    assert unused[7] == ["host or accelerator without a price"]
    assert unused[8] == ["no row of its accelerator in the zone"]
    assert unused[9] == ["no GPU"]
    assert unused[12] == ["spot: host or accelerator without a price"]
    assert unused[14] == ["host or accelerator without a price"]
    assert unused[16] == ["accelerator listed twice in a zone"]
    assert unused[17] == ["GPU not in the catalog"]
    assert unused[18] == ["no price"]
    assert set(unused) == {3, 6, 7, 8, 9, 12, 14, 16, 17, 18}
    assert any("without its host: H200, L4, T4" in remark for remark in batch.remarks)


def test_spot_above_on_demand_is_kept_and_flagged() -> None:
    batch = small("skypilot", "gcp_vms_spot_above.csv")
    assert offers(batch) == {
        ("H100-SXM", "a3-highgpu-1g", CENTRAL, "on_demand"): 5.0,
        ("H100-SXM", "a3-highgpu-1g", CENTRAL, "spot"): 5.5,
    }
    assert all("spot is above on demand" in rate.note for rate in batch.rates)
    assert "1 spot price above on demand, kept and flagged: H100-SXM" in batch.remarks
    assert not batch.rejected


def test_placeholders_and_tpus() -> None:
    batch = small("skypilot", "gcp_vms_placeholder.csv")
    assert offers(batch) == {
        ("L4", "g2-standard-4", CENTRAL, "on_demand"): 0.75,
        ("B200", "8x B200 without host", CENTRAL, "spot"): 5.0,
    }
    assert aside(batch) == {
        2: ["spot: placeholder price"],
        3: ["spot: host or accelerator without a price"],
        4: ["placeholder price"],
        5: ["not a GPU of the catalog"],
    }


def test_of_several_zones_the_cheapest_counts() -> None:
    batch = small("skypilot", "aws_vms_zones.csv")
    assert offers(batch) == {
        ("L4", "g6.xlarge", "us-east-1", "on_demand"): 1.0,
        ("L4", "g6.xlarge", "us-east-1", "spot"): 0.25,
        ("L40S", "g6e.xlarge", "ap-northeast-3", "spot"): 0.75,
    }
    assert aside(batch) == {
        2: ["spot: another zone of the region is cheaper"],
        3: ["same price in another zone"],
        4: ["same price in another zone", "spot: same price in another zone"],
        5: ["same price in another zone", "spot: equals the on-demand price: no observation"],
        6: ["no price"],
        7: ["no price"],
        8: ["no GPU"],
    }
    assert (batch.rows["aws", "L4"], batch.kept["aws", "L4"]) == (4, 2)
    assert (batch.rows["aws", ""], batch.kept["aws", ""]) == (1, 0)
    notes = {rate.term: rate.note for rate in batch.rates if rate.gpu == "L4"}
    assert notes == {"on_demand": "", "spot": "more expensive in 1 other zone of the region"}


def test_names_mean_what_the_table_says() -> None:
    batch = small("skypilot", "aws_vms_names.csv")
    assert {(rate.instance, rate.gpu) for rate in batch.rates} == {
        ("p4d.24xlarge", "A100-40GB-SXM"),
        ("p4de.24xlarge", "A100-80GB-SXM"),
        ("p5.48xlarge", "H100-SXM"),
    }
    assert aside(batch) == {
        2: ["GPU not in the catalog"],
        6: ["GPU name not in the table"],
        7: ["memory is not that of L4"],
    }
    assert "GPU name not in the table: Z9000" in batch.remarks


def test_parts_of_a_gpu_are_kept_apart() -> None:
    batch = small("skypilot", "aws_vms_fractions.csv")
    (rate,) = batch.rates
    assert (rate.gpus_per_instance, rate.usd_per_gpu_hour) == (0.125, 2.0)
    assert rate.note == "fraction of a GPU"
    assert aside(batch) == {
        3: ["number of GPUs is not positive"],
        4: ["number of GPUs is not whole"],
    }
    assert "1 price for a fraction of a GPU: L4" in batch.remarks


def test_azure_sizes_say_the_form() -> None:
    batch = small("skypilot", "azure_vms_forms.csv")
    found = {(rate.instance, rate.gpu) for rate in batch.rates}
    assert found == {
        ("Standard_NC24ads_A100_v4", "A100-80GB-PCIe"),
        ("Standard_ND96amsr_A100_v4", "A100-80GB-SXM"),
        ("Standard_ND96asr_v4", "A100-40GB-SXM"),
        ("Standard_ND96isr_H100_v5", "H100-SXM"),
        ("Standard_NC40ads_H100_v5", "H100-NVL"),
        ("Standard_NV12ads_A10_v5", "A10"),
    }
    assert aside(batch) == {8: ["price is not positive", "spot: price is not positive"]}
    assert {rate.country for rate in batch.rates} == {"US", "NL"}


def test_runpod_has_no_spot_price_and_memory_in_gb() -> None:
    batch = small("skypilot", "runpod_vms_spot_is_price.csv")
    assert offers(batch) == {
        ("A100-80GB-PCIe", "1x_A100-80GB_SECURE", "IN", "on_demand"): 1.5,
        ("A100-80GB-PCIe", "1x_A100-80GB_SECURE", "US", "on_demand"): 1.5,
        ("L4", "8x_L4_SECURE", "XX", "on_demand"): 0.5,
    }
    countries = {rate.region: rate.country for rate in batch.rates}
    assert countries == {"IN": "IN", "US": "US", "XX": "XX"}


def test_gpu_info_is_no_json() -> None:
    batch = small("skypilot", "hyperstack_vms_null.csv")
    assert {(rate.gpu, rate.country) for rate in batch.rates} == {
        ("A100-80GB-PCIe", "CA"),
        ("H100-SXM", "US"),
        ("H100-PCIe", "NO"),
        ("L40", "CA"),
    }
    assert aside(batch) == {}


def test_rows_without_a_region_and_prices_of_several_gpus() -> None:
    batch = small("skypilot", "seeweb_vms_no_region.csv")
    assert offers(batch) == {
        ("L4", "ECS1GPU6", "it-fr2", "on_demand"): 0.5,
        ("L4", "ECS4GPU6", "unknown", "on_demand"): 0.5,
        ("RTX-PRO-6000", "ECS1GPU12", "it-fr2", "on_demand"): 1.25,
    }
    countries = {rate.region: rate.country for rate in batch.rates}
    assert countries == {"it-fr2": "IT", "unknown": "unknown"}
    assert aside(batch) == {5: ["version of the GPU not stated"]}
    assert "1 price in a region of unknown country: unknown" in batch.remarks


def test_prices_in_euros_are_converted_at_a_rate_that_has_a_date() -> None:
    batch = small("skypilot", "scaleway_vms_eur.csv")
    (rate,) = batch.rates
    assert rate.usd_per_gpu_hour == round(0.75 * 1.1739, 6)
    assert rate.note == "0.75 EUR at 1.1739 USD per EUR of 2026-01-22"
    assert any("1 price in EUR converted at 1.1739" in remark for remark in batch.remarks)
    path = FIXTURES / "skypilot" / "scaleway_vms_eur.csv"
    early = read_file("skypilot", path, as_of="2025-06-01")
    assert not early.rates
    assert any("price is in EUR, not converted" in row.reason for row in early.rejected)


def test_the_form_in_an_instance_name() -> None:
    batch = small("skypilot", "lambda_vms_forms.csv")
    assert [rate.gpu for rate in batch.rates] == [
        *("A100-40GB-PCIe", "A100-40GB-SXM", "A100-80GB-SXM", "H100-PCIe", "H100-SXM")
    ]
    assert [rate.country for rate in batch.rates] == ["US", "US", "DE", "US", "unknown"]


def test_memory_of_all_gpus_together_and_names_cut_off() -> None:
    batch = small("skypilot", "vast_vms_total_memory.csv")
    assert {(rate.gpu, rate.gpus_per_instance, rate.country) for rate in batch.rates} == {
        ("A100-40GB-SXM", 2, "DE"),
        ("A100-80GB-PCIe", 1, "US"),
        ("RTX-4060-Ti", 4, "US"),
        ("H100-NVL", 1, "BG"),
    }
    unused = aside(batch)
    assert unused[6] == ["GPU not in the catalog"]
    assert unused[2] == unused[4] == ["spot: price is not positive"]


def test_json_and_a_spot_price_alone() -> None:
    batch = small("skypilot", "verda_vms_json.csv")
    assert offers(batch) == {
        ("A100-80GB-SXM", "1A100.22V", "FIN-01", "on_demand"): 1.25,
        ("A100-80GB-SXM", "1A100.22V", "FIN-01", "spot"): 0.5,
        ("B200", "2B200.60V", "FIN-03", "spot"): 1.75,
    }
    assert aside(batch) == {3: ["no price"]}


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ("", "no price"),
        ("-1.0", "price is negative or too large"),
        ("0", "price is not positive"),
        ('"1,000"', "price is not a number"),
        ('"1,000.5"', "price is absurd"),
        ("1e999", "price is negative or too large"),
        ("nan", "price is not a number"),
        ("inf", "price is not a number"),
        ("0x1", "price is not a number"),
        ("1_0", "price is not a number"),
        ("1000.5", "price is absurd"),
        ("0.0001", "price is absurd"),
        ("700", "placeholder price"),
    ],
)
def test_what_is_no_price(tmp_path: Path, price: str, reason: str) -> None:
    path = tmp_path / "aws_vms.csv"
    header = "InstanceType,AcceleratorName,AcceleratorCount,Price,SpotPrice,Region\n"
    path.write_text(f"{header}g6.xlarge,L4,1,{price},,us-east-1\n")
    batch = read_file("skypilot", path, as_of=DAY)
    assert not batch.rates
    assert [row.reason for row in batch.rejected] == [reason]
    path.write_text(f"{header}g6.xlarge,L4,1,1.0,{price},us-east-1\n")
    batch = read_file("skypilot", path, as_of=DAY)
    assert [rate.term for rate in batch.rates] == ["on_demand"]
    assert [row.reason for row in batch.rejected] == ([f"spot: {reason}"] if price else [])


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        ("", "number of GPUs is not a number"),
        ("0", "number of GPUs is not positive"),
        ("-8", "number of GPUs is negative or too large"),
        ("many", "number of GPUs is not a number"),
        ("1e6", "number of GPUs is absurd"),
        ("1.5", "number of GPUs is not whole"),
    ],
)
def test_what_is_no_number_of_gpus(tmp_path: Path, count: str, reason: str) -> None:
    path = tmp_path / "aws_vms.csv"
    header = "InstanceType,AcceleratorName,AcceleratorCount,Price,SpotPrice,Region\n"
    path.write_text(f"{header}g6.xlarge,L4,{count},1.0,,us-east-1\n")
    assert [row.reason for row in read_file("skypilot", path, as_of=DAY).rejected] == [reason]


def test_columns_are_found_by_name_and_unknown_ones_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "aws_vms.csv"
    path.write_text(
        "x,Region,SpotPrice,Price,AcceleratorCount,AcceleratorName,InstanceType,x2\n"
        "1,us-east-1,0.5,1.0,1,L4,g6.xlarge,2\n"
        "1,us-east-1,0.5,1.0,1,L4,,2\n"
        f"1,us-east-1,0.5,1.0,1,L4,{'x' * 201},2\n"
    )
    batch = read_file("skypilot", path, as_of=DAY)
    assert len(batch.rates) == 2
    assert aside(batch) == {3: ["no instance name"], 4: ["a name far too long"]}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "aws_vms.csv"
    path.write_text("InstanceType,AcceleratorName,Price,Region\n")
    with pytest.raises(DataError, match="no column AcceleratorCount, SpotPrice; its first line"):
        read_file("skypilot", path)
