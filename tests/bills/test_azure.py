"""Azure's cost details: quantities per 1, 10 or 100 hours, days instead of hours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tco.bills.bill import Bill, read_bill
from tests.bills.building import AZURE, assert_whole, kinds, lines, written


def read(tmp_path: Path, *rows: dict[str, str]) -> Bill:
    return read_bill(written(tmp_path / "azure.csv", AZURE, rows))


@pytest.mark.parametrize(
    ("unit", "hours"), [("1 Hour", 24), ("10 Hours", 240), ("100 Hours", 2_400)]
)
def test_quantities_per_many_hours(tmp_path: Path, unit: str, hours: float) -> None:
    row = {"MeterName": "NC4as T4 v3", "UnitOfMeasure": unit, "Quantity": "24"}
    bill = read(tmp_path, row | {"CostInBillingCurrency": "12.5"})
    assert lines(bill) == {("T4", "eastus", "on_demand"): (hours, 12.5)}
    assert list(bill.hourly["gpu_hours"]) == [hours / 24] * 24
    assert bill.spread_share == 1


def test_the_machine_stands_in_the_meter_or_beside_it(tmp_path: Path) -> None:
    beside = json.dumps({"ServiceType": "Standard_ND96isr_H100_v5", "VMName": "a"})
    bill = read(
        tmp_path,
        {"MeterName": "NC24ads A100 v4 Spot", "CostInBillingCurrency": "1"},
        {"MeterName": "ND96isr H100 v5", "AdditionalInfo": beside, "CostInBillingCurrency": "2"},
        {"MeterName": "L4s Spot", "MeterSubCategory": "LS Series VM", "CostInBillingCurrency": "4"},
        {"MeterName": "D3 v2/DS3 v2", "CostInBillingCurrency": "8"},
        {"MeterCategory": "Storage", "MeterName": "NC24ads A100 v4", "CostInBillingCurrency": "16"},
        {"MeterName": "NC999as T4 v9", "CostInBillingCurrency": "32"},
        {"MeterName": "NV12ads A10 v5", "CostInBillingCurrency": "64", "Quantity": "3"},
    )
    assert lines(bill) == {
        ("A100-80GB-PCIe", "eastus", "spot"): (1.0, 1.0),
        ("H100-SXM", "eastus", "on_demand"): (8.0, 2.0),
        ("A10", "eastus", "on_demand"): (1.0, 64.0),
    }
    assert kinds(bill) == {"used": 67, "other": 28, "set_aside": 32}
    assert_whole(bill, "127")


def test_commitments_credits_and_the_rest(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        {
            "MeterName": "NC24ads A100 v4",
            "PricingModel": "Reservation",
            "Term": "P3Y",
            "CostInBillingCurrency": "2",
            "ReservationId": "r",
        },
        {"ChargeType": "UnusedReservation", "CostInBillingCurrency": "3"},
        {"ChargeType": "UnusedSavingsPlan", "CostInBillingCurrency": "4"},
        {"ChargeType": "Refund", "CostInBillingCurrency": "-5"},
        {"ChargeType": "Tax", "CostInBillingCurrency": "6"},
        {"ChargeType": "Purchase", "MeterCategory": "Support", "CostInBillingCurrency": "7"},
        {"ChargeType": "New thing", "CostInBillingCurrency": "8"},
    )
    assert ("A100-80GB-PCIe", "eastus", "3yr") in lines(bill)
    assert kinds(bill) == {
        "used": 2,
        "unused": 7,
        "credits": -5,
        "taxes": 6,
        "other": 7,
        "set_aside": 8,
    }


def test_the_period_ends_with_its_last_day(tmp_path: Path) -> None:
    rows = [{"MeterName": "NC4as T4 v3", "Date": f"10/{day:02}/2026"} for day in (1, 31)]
    bill = read(tmp_path, *rows)
    assert (bill.hours, bill.remarks) == (744, ())
    assert sum(bill.demand("T4").gpus) == pytest.approx(2)
