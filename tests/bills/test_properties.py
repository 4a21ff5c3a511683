"""Whatever is on a bill adds up to its total, in any order of its rows."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.bills.bill import Bill, read_bill
from tco.bills.items import KINDS
from tests.bills.building import AZURE, CUR, FOCUS, GCP, written
from tests.strategies import examples

AMOUNTS = st.decimals(-1_000, 1_000, places=9).map(str)
QUANTITIES = st.sampled_from(["", "1", "0.25", "-2", "24", "744", "0"])
TIMES = st.integers(0, 743)


def when(start: str, end: str) -> st.SearchStrategy[dict[str, str]]:
    def of(hour: int) -> dict[str, str]:
        day, clock = divmod(hour, 24)
        return {
            start: f"2026-10-{day + 1:02}T{clock:02}:00:00Z",
            end: f"2026-10-{day + 1:02}T{clock:02}:59:59Z",
        }

    return TIMES.map(of)


def rows_of(*columns: st.SearchStrategy[Any], **values: Any) -> st.SearchStrategy[Any]:
    fixed = st.fixed_dictionaries({}, optional=values)
    return st.lists(st.tuples(fixed, *columns).map(lambda parts: dict(_merged(parts))), max_size=12)


def _merged(parts: tuple[dict[str, str], ...]) -> dict[str, str]:
    return {name: value for part in parts for name, value in part.items()}


def pick(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


FOCUS_ROWS = rows_of(
    when("ChargePeriodStart", "ChargePeriodEnd"),
    BilledCost=AMOUNTS,
    EffectiveCost=AMOUNTS,
    ConsumedQuantity=QUANTITIES,
    ConsumedUnit=pick("Hours", "GB", "Seconds", ""),
    ChargeCategory=pick("Usage", "Tax", "Credit", "Purchase", "Adjustment", "", "Odd"),
    ChargeClass=pick("", "Correction"),
    SkuId=pick("g6.xlarge", "p5.48xlarge", "g6.7xlarge", "m5.large", ""),
    PricingCategory=pick("Standard", "Dynamic", "Committed", ""),
    CommitmentDiscountId=pick("", "sp-1"),
    CommitmentDiscountStatus=pick("", "Used", "Unused"),
    RegionId=pick("us-east-1", "eu-west-1", ""),
)
CUR_ROWS = rows_of(
    when("line_item_usage_start_date", "line_item_usage_end_date"),
    line_item_unblended_cost=AMOUNTS,
    line_item_usage_amount=QUANTITIES,
    line_item_line_item_type=pick(
        *("Usage", "Tax", "Credit", "Fee", "RIFee", "DiscountedUsage", "SavingsPlanNegation"),
        *("SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee", "Odd"),
    ),
    savings_plan_savings_plan_effective_cost=AMOUNTS,
    reservation_effective_cost=AMOUNTS,
    savings_plan_total_commitment_to_date=AMOUNTS,
    line_item_usage_type=pick(
        "BoxUsage:g6.xlarge", "EBSOptimized:g6.xlarge", "UnusedBox:g6.xlarge"
    ),
    split_line_item_parent_resource_id=pick("", "i-1"),
)
GCP_ROWS = rows_of(
    cost=AMOUNTS,
    credits=st.tuples(AMOUNTS, pick("PROMOTION", "DISCOUNT", "COMMITTED_USAGE_DISCOUNT")).map(
        lambda pair: f'[{{"amount": {pair[0]}, "type": "{pair[1]}"}}]'
    ),
    cost_type=pick("regular", "tax", "adjustment", "rounding_error"),
    **{
        "sku.description": pick(
            *(
                "Nvidia L4 GPU running in Iowa",
                "G2 Instance Core running",
                "A2 Instance Ram running",
            ),
            *("Commitment v1: Nvidia L4 GPU for 1 Year", "N1 Predefined Instance Core", "Storage"),
            *("Commitment v1: G2 Cpu in Iowa for 3 Years", "Nvidia Tesla A100 GPU running", ""),
        ),
        "usage.amount_in_pricing_units": QUANTITIES,
    },
)
AZURE_ROWS = rows_of(
    CostInBillingCurrency=AMOUNTS,
    Quantity=QUANTITIES,
    UnitOfMeasure=pick("1 Hour", "100 Hours", "1 GB"),
    MeterName=pick("NC4as T4 v3", "NC24ads A100 v4 Spot", "D2s v3", "NC999 v9", ""),
    ChargeType=pick("Usage", "Purchase", "Refund", "UnusedReservation", "Tax", "Odd", ""),
)
CASES = {
    "focus": (FOCUS, FOCUS_ROWS, lambda row: Decimal(row["BilledCost"])),
    "cur": (CUR, CUR_ROWS, lambda row: Decimal(row["line_item_unblended_cost"])),
    "gcp": (GCP, GCP_ROWS, lambda row: Decimal(row["cost"]) + _credit(row["credits"])),
    "azure": (AZURE, AZURE_ROWS, lambda row: Decimal(row["CostInBillingCurrency"])),
}


def _credit(text: str) -> Decimal:
    return Decimal(text.partition('"amount": ')[2].partition(",")[0] or 0)


def said(bill: Bill) -> str:
    frames = (bill.usage, bill.machines, bill.amounts, bill.hourly)
    told = [{**bill.to_dict(), "files": 0}, *(frame.to_dict("list") for frame in frames)]
    return repr(told)


@pytest.mark.parametrize("kind", CASES)
@settings(max_examples=examples(30))
@given(data=st.data())
def test_kinds_add_up_to_the_total_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    of, rows, paid = CASES[kind]
    drawn = data.draw(rows.filter(bool))
    folder = tmp_path_factory.getbasetemp()
    bill = read_bill(written(folder / "bill.csv", of, drawn))
    assert sum(bill.amounts_by_kind.values()) == sum(paid({**of, **row}) for row in drawn)
    assert {name for name, *_ in bill.details} <= set(KINDS)
    assert bill.hourly["gpu_hours"].sum() == pytest.approx(bill.gpu_hours)
    assert bill.usage["cost"].sum() == pytest.approx(bill.used)
    mixed = random.Random(len(drawn)).sample(drawn, len(drawn))
    assert said(read_bill(written(folder / "mixed.csv", of, mixed))) == said(bill)
    if len(drawn) > 1 and drawn[::2] != drawn[1::2]:
        parts = [written(folder / "parts" / f"bill-{at}.csv", of, drawn[at::2]) for at in (0, 1)]
        assert said(read_bill(parts)) == said(bill)
