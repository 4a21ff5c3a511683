"""The real exports of clouds, where TCO_CATALOGUES says they are."""

from __future__ import annotations

import csv
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tco.bills.bill import read_bill
from tco.errors import DataError
from tests.bills.building import assert_whole, kinds

FOLDER = Path(os.environ["TCO_CATALOGUES"]) / "bills"


def total(name: str, column: str) -> str:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as stream:
        return str(sum(Decimal(row[column] or 0) for row in csv.DictReader(stream)))


def test_focus() -> None:
    bill = read_bill(FOLDER / "focus_1_0_sample.csv")
    found = {row.gpu: (row.gpu_hours, row.cost) for row in bill.usage.itertuples()}
    assert found["A10G"] == (pytest.approx(6.283056), pytest.approx(10.203682944))
    assert found["M60"] == (pytest.approx(1.686667), pytest.approx(1.922800380))
    rates = dict(zip(bill.usage["gpu"], bill.usage["rate_per_gpu_hour"].round(6), strict=True))
    assert rates == {"A10G": 1.624, "M60": 1.14}
    assert (set(found), bill.rows) == ({"A10G", "M60"}, 1_000)
    assert_whole(bill, total("focus_1_0_sample.csv", "BilledCost"))
    assert "EffectiveCost of AWS is rounded to whole units" in bill.remarks[0]


@pytest.mark.parametrize(
    ("name", "column", "form", "currency"),
    [
        ("aws_cur_sample.csv", "lineItem/UnblendedCost", "cur", "USD"),
        ("azure_ea_sample.csv", "CostInBillingCurrency", "azure", "CAD"),
    ],
)
def test_bills_without_gpus(name: str, column: str, form: str, currency: str) -> None:
    bill = read_bill(FOLDER / name)
    assert (bill.format, bill.currency, bill.gpu_hours) == (form, currency, 0)
    assert set(kinds(bill)) <= {"taxes", "other"}
    assert_whole(bill, total(name, column))
    with pytest.raises(DataError, match="no GPU-hours"):
        bill.demand()


def test_a_kind_that_is_not_known() -> None:
    with pytest.raises(DataError, match="no bill of a known kind"):
        read_bill(FOLDER / "oci_cost_sample.csv")
