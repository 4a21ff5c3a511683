"""Google's export: GPUs, processors and memory are rows apart, and credits are lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tco.bills.bill import Bill, read_bill
from tco.errors import DataError
from tests.bills.building import GCP, assert_whole, kinds, lines, written

MACHINE = [{"key": "compute.googleapis.com/machine_spec", "value": "g2-standard-8"}]
G2 = {"system_labels": json.dumps(MACHINE)}


def sku(text: str, cost: str, amount: str = "1", **more: str) -> dict[str, str]:
    row = {"sku.description": text, "cost": cost, "usage.amount_in_pricing_units": amount}
    return row | more


def read(tmp_path: Path, *rows: dict[str, str]) -> Bill:
    return read_bill(written(tmp_path / "gcp.csv", GCP, rows))


def test_a_machine_is_its_gpu_processors_and_memory(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        sku("Nvidia L4 GPU running in Iowa", "0.560040", **G2),
        sku("G2 Instance Core running in Iowa", "0.199904", "8", **G2),
        sku("G2 Instance Ram running in Iowa", "0.093664", "32", **G2),
        sku("Storage PD Capacity in Iowa", "0.5", "3"),
    )
    assert lines(bill) == {("L4", "us-central1", "on_demand"): (1.0, 0.853608)}
    assert kinds(bill) == {"used": 0.853608, "other": 0.5}
    assert list(bill.machines["instance"]) == ["g2-standard-8"]
    assert_whole(bill, "1.353608")


def test_without_a_machine_type_the_family_says_the_gpu(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        sku("Nvidia L4 GPU attached to Spot Preemptible VMs running in Iowa", "0.2", "2"),
        sku("Spot Preemptible G2 Instance Core running in Iowa", "0.1"),
        sku("Nvidia Tesla A100 GPU running in Iowa", "3.0"),
        sku("Nvidia Tesla A100 80GB GPU running in Iowa", "4.0", "3"),
        sku("A2 Instance Core running in Iowa", "1.0", "12"),
        sku("N1 Predefined Instance Core running in Americas", "9"),
    )
    assert lines(bill) == {
        ("L4", "us-central1", "spot"): (2.0, pytest.approx(0.3)),
        ("A100-40GB-SXM", "us-central1", "on_demand"): (1.0, 3.25),
        ("A100-80GB-SXM", "us-central1", "on_demand"): (3.0, 4.75),
    }
    assert kinds(bill)["other"] == 9
    assert_whole(bill, "17.3")


def test_seconds_where_prices_have_no_unit(tmp_path: Path) -> None:
    rows = [sku("Nvidia L4 GPU running in Iowa", "1", "", **{"usage.amount": "7200"})]
    of = {k: v for k, v in GCP.items() if "pricing" not in k}
    rows = [{k: v for k, v in row.items() if k in of} for row in rows]
    assert read_bill(written(tmp_path / "gcp.csv", of, rows)).gpu_hours == 2


@pytest.mark.parametrize(("amount", "hours"), [("10", 10), ("36000", 10)])
def test_amounts_without_a_unit_are_told_by_their_price(
    tmp_path: Path, amount: str, hours: float
) -> None:
    of = {"service": "Compute Engine", "sku": "", "usage_amount": "", "cost": "", "credits": ""}
    row = {"sku": "Nvidia L4 GPU running in Iowa", "usage_amount": amount, "cost": "5.6"}
    bill = read_bill(written(tmp_path / "gcp.csv", of, [row | {"credits": "-1.5"}]))
    assert (bill.gpu_hours, kinds(bill)) == (hours, {"used": 5.6, "credits": -1.5})


def test_credits_are_part_of_the_price_or_apart(tmp_path: Path) -> None:
    given = [
        {"name": "Sustained use", "amount": "-0.10", "type": "SUSTAINED_USAGE_DISCOUNT"},
        {"name": "Startup program", "amount": "-0.25", "type": "PROMOTION"},
    ]
    for text in (
        json.dumps(given),
        str(given),
        json.dumps({"list": [{"element": given[0]}, *given[1:]]}),
    ):
        bill = read(tmp_path, sku("Nvidia L4 GPU running in Iowa", "0.56", credits=text))
        assert kinds(bill) == {"used": 0.46, "credits": -0.25}
        assert_whole(bill, "0.21")
    with pytest.raises(DataError, match="credits"):
        read(tmp_path, sku("Nvidia L4 GPU running in Iowa", "0.56", credits="[{]"))


def test_a_commitment_is_used_as_far_as_it_covers(tmp_path: Path) -> None:
    covered = json.dumps([{"amount": -5.6, "type": "COMMITTED_USAGE_DISCOUNT"}])
    bill = read(
        tmp_path,
        sku("Nvidia L4 GPU running in Iowa", "11.2", "20", credits=covered),
        sku("Commitment v1: Nvidia L4 GPU in Iowa for 1 Year", "7", "20"),
    )
    # 10 of 20 hours are covered, by half of 20 committed hours: half of the fee of 7 is used.
    assert lines(bill) == {
        ("L4", "us-central1", "on_demand"): (10.0, 5.6),
        ("L4", "us-central1", "1yr"): (10.0, 3.5),
    }
    assert kinds(bill) == {"used": 9.1, "unused": 3.5}
    assert_whole(bill, "12.6")
    assert bill.hourly.groupby("term")["gpu_hours"].sum().to_dict() == {"1yr": 10, "on_demand": 10}


def test_taxes_adjustments_and_rounding(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        {"cost_type": "tax", "cost": "1.5"},
        {"cost_type": "adjustment", "cost": "-0.5"},
        {"cost_type": "rounding_error", "cost": "0.001"},
        {"service.description": "BigQuery", "sku.description": "Analysis", "cost": "2"},
    )
    assert kinds(bill) == {"credits": -0.5, "taxes": 1.5, "other": 2.001}


def test_parquet_as_the_export_nests_it(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    row = {
        "billing_account_id": "A",
        "service": {"id": "6F81", "description": "Compute Engine"},
        "sku": {"id": "L4", "description": "Nvidia L4 GPU running in Iowa"},
        "usage": {
            "amount": 3600.0,
            "unit": "seconds",
            "amount_in_pricing_units": 1.0,
            "pricing_unit": "hour",
        },
        "location": {"region": "us-central1"},
        "cost": 0.56,
        "currency": "USD",
        "credits": [{"name": "s", "amount": -0.06, "type": "DISCOUNT"}],
        "system_labels": MACHINE,
        "invoice": {"month": "202610"},
        "cost_type": "regular",
    }
    pq.write_table(pa.Table.from_pylist([row, {**row, "credits": []}]), tmp_path / "gcp.parquet")
    bill = read_bill(tmp_path / "gcp.parquet")
    assert (bill.gpu_hours, round(bill.used, 6), bill.hours) == (2, 1.06, 744)
    assert list(bill.machines["instance"]) == ["g2-standard-8"]
