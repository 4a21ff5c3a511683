"""The Cost and Usage Report: commitments at their effective cost, or their fees, never both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tco.bills.bill import Bill, read_bill
from tests.bills.building import CUR, assert_whole, kinds, lines, written

COVERED = "savings_plan_savings_plan_effective_cost"


def row(kind: str, cost: str, **more: str) -> dict[str, str]:
    return {"line_item_line_item_type": kind, "line_item_unblended_cost": cost} | more


def usage(usage_type: str, cost: str = "1", amount: str = "1", **more: str) -> dict[str, str]:
    found = {"line_item_usage_type": usage_type, "line_item_usage_amount": amount}
    found["product_instance_type"] = usage_type.partition(":")[2].removeprefix("ml.")
    return row("Usage", cost, **found) | more


def read(tmp_path: Path, *rows: dict[str, str], without: tuple[str, ...] = ()) -> Bill:
    of = {name: value for name, value in CUR.items() if not name.startswith(without or ("-",))}
    kept = [{name: value for name, value in row.items() if name in of} for row in rows]
    return read_bill(written(tmp_path / "cur.csv", of, kept))


PLAN = (
    row("SavingsPlanCoveredUsage", "8.048", line_item_usage_amount="10", **{COVERED: "5.30"}),
    row("SavingsPlanNegation", "-8.048", line_item_usage_amount="10"),
)
FEE = {"product_instance_type": "", "line_item_usage_type": "ComputeSP:1yrNoUpfront"}


def test_a_savings_plan_by_its_own_columns(tmp_path: Path) -> None:
    columns = {"savings_plan_total_commitment_to_date": "6", "savings_plan_used_commitment": "5.3"}
    bill = read(tmp_path, *PLAN, row("SavingsPlanRecurringFee", "6", **FEE, **columns))
    assert kinds(bill) == {"used": 5.3, "unused": 0.7}
    assert_whole(bill, "6.000")


def test_a_savings_plan_whose_fee_says_no_more(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        *PLAN,
        row("SavingsPlanRecurringFee", "6", **FEE),
        without=("savings_plan_total", "savings_plan_used"),
    )
    assert kinds(bill) == {"used": 5.3, "unused": 0.7}
    assert lines(bill) == {("L4", "us-east-1", "committed"): (10.0, 5.3)}


def test_what_is_paid_beforehand_stands_apart(tmp_path: Path) -> None:
    columns = {"savings_plan_total_commitment_to_date": "6", "savings_plan_used_commitment": "5.3"}
    bill = read(
        tmp_path,
        *PLAN,
        row("SavingsPlanUpfrontFee", "100", **FEE),
        row("SavingsPlanRecurringFee", "0", **FEE, **columns),
    )
    assert kinds(bill) == {"used": 5.3, "unused": 0.7, "prepaid": 94}
    assert_whole(bill, "100.000")


def test_without_effective_costs_nothing_is_guessed(tmp_path: Path) -> None:
    bill = read(
        tmp_path, *PLAN, row("SavingsPlanRecurringFee", "6", **FEE), without=("savings_plan_s",)
    )
    assert kinds(bill) == {"set_aside": 6}
    assert bill.gpu_hours == 0
    assert "effective cost" in bill.amounts["what"].iloc[0]


def test_reserved_instances(tmp_path: Path) -> None:
    unused = {
        "reservation_unused_amortized_upfront_fee_for_billing_period": "0.5",
        "reservation_unused_recurring_fee": "1.5",
    }
    bill = read(
        tmp_path,
        row(
            "DiscountedUsage",
            "0",
            line_item_usage_amount="20",
            reservation_effective_cost="9",
            pricing_lease_contract_length="3yr",
        ),
        row("RIFee", "10.0", line_item_usage_type="HeavyUsage:g6.xlarge", **unused),
    )
    assert lines(bill) == {("L4", "us-east-1", "3yr"): (20.0, 9.0)}
    assert kinds(bill) == {"used": 9, "unused": 2, "prepaid": -1}
    assert_whole(bill, "10.0")


def test_split_rows_repeat_their_parent(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        usage("BoxUsage:g6.xlarge", "0.8048"),
        usage(
            "USE1-EKS-EC2-vCPU-Hours",
            "0",
            "4",
            split_line_item_parent_resource_id="i-1",
            split_line_item_split_cost="0.6",
        ),
        usage("BoxUsage:g6.xlarge", "0.2", split_line_item_split_cost="0.2"),
    )
    assert (bill.gpu_hours, kinds(bill)) == (1, {"used": 0.8048, "set_aside": 0.2})


@pytest.mark.parametrize(
    ("usage_type", "more", "hours", "kind"),
    [
        ("APN1-BoxUsage:g6.12xlarge", {}, 4, "used"),
        ("USE2-SpotUsage:p5.48xlarge", {}, 8, "used"),
        ("USE1-Hosting:ml.g5.2xlarge", {"line_item_product_code": "AmazonSageMaker"}, 1, "used"),
        ("BoxUsage:g6f.2xlarge", {}, 0.25, "used"),
        ("BoxUsage:g6.xlarge", {"line_item_product_code": "ElasticMapReduce"}, 0, "other"),
        ("SoftwareUsage:g6.xlarge", {"line_item_product_code": "3ab4c"}, 0, "other"),
        ("EBSOptimized:g3.4xlarge", {}, 0, "other"),
        ("UnusedBox:g6.xlarge", {}, 0, "unused"),
        ("USE1-Reservation:g6.xlarge", {}, 0, "other"),
        ("USE1-CapacityReservation:g6.xlarge", {}, 0, "other"),
        ("USE1-HostUsage:g5", {"product_instance_type": ""}, 0, "set_aside"),
        ("USE1-HostUsage:m5", {"product_instance_type": ""}, 0, "other"),
        ("BoxUsage:m5.large", {}, 0, "other"),
        ("BoxUsage:g6.112xlarge", {}, 0, "set_aside"),
        ("BoxUsage:p9.48xlarge", {}, 0, "set_aside"),
        ("EBS:VolumeUsage.gp3", {"product_instance_type": ""}, 0, "other"),
        ("BoxUsage:trn1.2xlarge", {}, 0, "other"),
    ],
)
def test_what_counts_hours(
    tmp_path: Path, usage_type: str, more: dict[str, str], hours: float, kind: str
) -> None:
    bill = read(tmp_path, usage(usage_type, "2.5", **more))
    assert (bill.gpu_hours, kinds(bill)) == (hours, {kind: 2.5})


def test_regions_and_terms(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        usage("APN1-BoxUsage:g6.xlarge"),
        usage("SpotUsage:g6.xlarge"),
        usage("XYZ9-BoxUsage:g6.xlarge"),
        without=("product_region", "product_instance", "pricing_unit"),
    )
    assert set(lines(bill)) == {
        ("L4", "ap-northeast-1", "on_demand"),
        ("L4", "us-east-1", "spot"),
        ("L4", "unknown", "on_demand"),
    }


def test_everything_has_its_place(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        row("Credit", "-5"),
        row("Refund", "-1"),
        row("EdpDiscount", "-2"),
        row("Tax", "3"),
        row("Fee", "4", product_instance_type=""),
        row("Fee", "100", reservation_reservation_a_r_n="arn:1"),
        row("Strange", "7"),
        row("", "9"),
    )
    expected = {"credits": -8, "taxes": 3, "other": 4, "prepaid": 100, "set_aside": 16}
    assert kinds(bill) == expected
    assert_whole(bill, "115")


def test_first_generation_names(tmp_path: Path) -> None:
    def old(name: str) -> str:
        for part in ("line_item", "savings_plan", "split_line_item", "bill", "product"):
            if name.startswith(f"{part}_"):
                head, *tail = part.split("_")
                rest = "".join(word.title() for word in name[len(part) + 1 :].split("_"))
                return f"{head}{''.join(word.title() for word in tail)}/{rest}"
        return name

    of = {old(name): value for name, value in CUR.items()}
    path = written(tmp_path / "cur.csv", of, [{old(k): v for k, v in PLAN[0].items()}])
    assert kinds(read_bill(path)) == {"used": 5.3, "prepaid": 2.748}
