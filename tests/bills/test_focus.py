"""FOCUS: what is committed, corrected, rounded or without a quantity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tco.bills.bill import Bill, read_bill
from tests.bills.building import FOCUS, assert_whole, kinds, lines, written

L4 = {"SkuId": "g6.xlarge"}


def cost(billed: str, effective: str | None = None, **more: str) -> dict[str, str]:
    return {
        "BilledCost": billed,
        "EffectiveCost": billed if effective is None else effective,
    } | more


def read(tmp_path: Path, *rows: dict[str, str], without: tuple[str, ...] = ()) -> Bill:
    of = {name: value for name, value in FOCUS.items() if name not in without}
    kept = [{name: value for name, value in row.items() if name in of} for row in rows]
    return read_bill(written(tmp_path / "focus.csv", of, kept))


PLAN = {"CommitmentDiscountId": "sp-1", "CommitmentDiscountType": "Savings Plan"}


def test_commitments(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        cost("0", "5.3", ConsumedQuantity="10", CommitmentDiscountStatus="Used", **PLAN, **L4),
        cost("0", "0.7", ConsumedQuantity="", CommitmentDiscountStatus="Unused", **PLAN),
        cost("6", "0", ChargeCategory="Purchase", ConsumedQuantity="", **PLAN),
        cost("2", CapacityReservationStatus="Unused", ConsumedQuantity="", **L4),
    )
    assert lines(bill) == {("L4", "us-east-1", "committed"): (10.0, 5.3)}
    assert kinds(bill) == {"used": 5.3, "unused": 2.7}
    assert_whole(bill, "8.0")


def test_a_commitment_bought_for_three_years_is_prepaid(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        cost("0", "5.3", CommitmentDiscountStatus="Used", **PLAN, **L4),
        cost("300", "0", ChargeCategory="Purchase", **PLAN),
    )
    assert kinds(bill) == {"used": 5.3, "prepaid": 294.7}
    assert any("prepaid" in said for said in bill.remarks)


def test_corrections_take_back_hours_or_the_price_alone(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        cost("8", ConsumedQuantity="10", **L4),
        cost("-1.6", ConsumedQuantity="-2", ChargeClass="Correction", **L4),
        cost("-0.4", ConsumedQuantity="", ChargeClass="Correction", **L4),
        cost("-0.5", ConsumedQuantity="10", ChargeClass="Correction", **L4),
    )
    assert lines(bill) == {("L4", "us-east-1", "on_demand"): (8.0, 5.5)}
    assert bill.set_aside == 0


def test_effective_costs_that_are_rounded_do_not_count(tmp_path: Path) -> None:
    rounded = (cost("12.126483", "12", **L4), cost("0.4", "0", ServiceName="S3"))
    bill = read(tmp_path, *rounded)
    assert kinds(bill) == {"used": 12.126483, "other": 0.4}
    assert any("rounded" in said for said in bill.remarks)
    assert_whole(bill, "12.526483")
    whole = read(tmp_path, *rounded, cost("9.5", "9.25", ProviderName="AWS", ServiceName="S3"))
    assert kinds(whole)["used"] == 12
    assert not any("rounded" in said for said in whole.remarks)
    other = read(tmp_path, *rounded, cost("9.5", "9.25", ProviderName="Other", ServiceName="S3"))
    assert kinds(other)["used"] == 12.126483


def test_whole_amounts_are_not_called_rounded(tmp_path: Path) -> None:
    bill = read(tmp_path, cost("12", **L4), cost("0", "5", **PLAN, **L4))
    assert not any("rounded" in said for said in bill.remarks)


@pytest.mark.parametrize(
    ("more", "hours", "kind"),
    [
        ({"ConsumedUnit": "Seconds", "ConsumedQuantity": "7200"}, 2, "used"),
        ({"ConsumedQuantity": "", "PricingQuantity": "3", "PricingUnit": "Hrs"}, 3, "used"),
        ({"ConsumedQuantity": ""}, 0, "set_aside"),
        ({"ConsumedUnit": "GB"}, 0, "set_aside"),
        ({"ServiceCategory": "Analytics"}, 0, "other"),
        ({"ChargeDescription": "EBS optimized g6.xlarge"}, 0, "other"),
        ({"ChargeCategory": ""}, 0, "set_aside"),
        ({"ChargeCategory": "Mystery"}, 0, "set_aside"),
        ({"ChargeCategory": "Tax"}, 0, "taxes"),
        ({"ChargeCategory": "Credit"}, 0, "credits"),
        ({"ChargeCategory": "Adjustment"}, 0, "credits"),
        ({"ChargeCategory": "Purchase"}, 0, "other"),
        ({"SkuId": "g6.7xlarge"}, 0, "set_aside"),
    ],
)
def test_what_a_row_is(tmp_path: Path, more: dict[str, str], hours: float, kind: str) -> None:
    bill = read(tmp_path, cost("2.5", **(L4 | more)))
    assert (bill.gpu_hours, kinds(bill)) == (hours, {kind: 2.5})


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"SkuPriceDetails": json.dumps({"InstanceType": "p5.48xlarge"})}, ("H100-SXM", 8)),
        (
            {"SkuPriceDetails": json.dumps({"InstanceType": "g5.xlarge", "GpuCount": 1})},
            ("A10G", 1),
        ),
        ({"ChargeDescription": "$1.624 per On Demand Linux g5.4xlarge Instance Hour"}, ("A10G", 1)),
        (
            {
                "ProviderName": "Microsoft",
                "SkuPriceDetails": '{"InstanceType": "x"}',
                "ChargeDescription": "Standard_NC80adis_H100_v5",
            },
            ("H100-NVL", 2),
        ),
        (
            {"ProviderName": "Google Cloud", "ChargeDescription": "Nvidia L4 GPU running in Iowa"},
            ("L4", 1),
        ),
        (
            {
                "ProviderName": "Nebius",
                "ConsumedUnit": "GPU-Hours",
                "ChargeDescription": "8x NVIDIA H200 SXM GPU",
            },
            ("H200", 1),
        ),
        (
            {"ProviderName": "Lambda", "ChargeDescription": "8x NVIDIA H100 SXM GPU"},
            ("H100-SXM", 8),
        ),
    ],
)
def test_where_a_gpu_is_named(
    tmp_path: Path, more: dict[str, str], line: tuple[str, float]
) -> None:
    bill = read(tmp_path, cost("2.5", **more))
    assert [(row.gpu, row.gpu_hours) for row in bill.usage.itertuples()] == [line]


def test_a_gpu_whose_version_is_not_stated_is_set_aside(tmp_path: Path) -> None:
    bill = read(tmp_path, cost("2.5", ProviderName="Acme", ChargeDescription="NVIDIA H100 GPU"))
    assert list(bill.amounts["what"]) == ["version of the GPU not stated"]


def test_without_effective_costs(tmp_path: Path) -> None:
    rows = cost("2", **L4), cost("0", "5", CommitmentDiscountStatus="Used", **PLAN, **L4)
    bill = read(tmp_path, *rows, without=("EffectiveCost",))
    assert (kinds(bill), bill.gpu_hours) == ({"used": 2}, 1)
    assert "set_aside" in set(bill.amounts["kind"])


def test_effective_costs_alone(tmp_path: Path) -> None:
    bill = read(tmp_path, cost("9", "2.5", **L4), without=("BilledCost",))
    assert (kinds(bill), bill.total) == ({"used": 2.5}, 2.5)


def test_hours_of_the_clock(tmp_path: Path) -> None:
    bill = read(
        tmp_path,
        cost(
            "1",
            ChargePeriodStart="2026-10-01 09:30:00",
            ChargePeriodEnd="2026-10-01 11:30:00",
            ConsumedQuantity="2",
            SkuId="g6.12xlarge",
        ),
        cost(
            "1",
            ChargePeriodStart="2026-10-31T23:15:00+00:00",
            ChargePeriodEnd="2026-10-31T23:45:00+00:00",
            ConsumedQuantity="0.5",
            **L4,
        ),
    )
    hours = {f"{row.hour:%d %H}": row.gpu_hours for row in bill.hourly.itertuples()}
    assert hours == {"01 09": 2, "01 10": 4, "01 11": 2, "31 23": 0.5}
    curve = bill.demand()
    assert (len(curve.gpus), sum(curve.gpus), curve.gpus[10]) == (744, 8.5, 4)
    assert bill.demand("L4", region="us-east-1", term="on_demand") == curve
    with pytest.raises(ValueError, match="gpu = 'T4' is not on the bill, which has L4"):
        bill.demand("T4")


def test_hours_beside_the_month_are_kept_and_those_of_others_told(tmp_path: Path) -> None:
    def at(day: str) -> dict[str, str]:
        return {"ChargePeriodStart": f"{day}:00:00Z", "ChargePeriodEnd": f"{day}:59:59Z"}

    rows = cost("1", **at("2026-10-31T23"), **L4), cost("1", **at("2026-11-01T06"), **L4)
    bill = read(tmp_path, *rows, cost("-1", ConsumedQuantity="-2", **at("2026-09-03T06"), **L4))
    assert (bill.gpu_hours, bill.hours, sum(bill.demand().gpus)) == (0, 744 + 7, 2)
    assert "-2.00 GPU-hours are of other months" in bill.remarks[-1]


def test_many_spans_are_counted_by_whole_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        cost(
            "1",
            ChargePeriodStart=f"2026-10-01 00:{minute:02}:00",
            ChargePeriodEnd=f"2026-10-01 02:{minute:02}:00",
            ConsumedQuantity="3",
            **L4,
        )
        for minute in range(1, 41)
    ]
    fine = read(tmp_path, *rows)
    monkeypatch.setattr("tco.bills.sums._MOST_SPANS", 20)
    coarse = read(tmp_path, *rows)
    assert fine.gpu_hours == coarse.gpu_hours == 120
    assert list(coarse.hourly["gpu_hours"]) == pytest.approx([40, 40, 40])
    assert list(fine.hourly["gpu_hours"]) != pytest.approx([40, 40, 40])
    assert "whole hours" in coarse.remarks[0]


def test_an_open_month_ends_with_its_last_charge(tmp_path: Path) -> None:
    bill = read(tmp_path, cost("1", **L4))
    assert bill.hours == 4 * 24 + 11
    assert "counts as open" in bill.remarks[0]
