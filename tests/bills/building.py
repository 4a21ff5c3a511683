"""Small bills in the columns that the clouds publish, written by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tco.bills.bill import Bill
from tco.bills.items import KINDS

Row = Mapping[str, Any]
HOUR = ("2026-10-05T10:00:00Z", "2026-10-05T11:00:00Z")

FOCUS = {
    "BillingAccountId": "1",
    "BillingCurrency": "USD",
    "ProviderName": "AWS",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": HOUR[0],
    "ChargePeriodEnd": HOUR[1],
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "",
    "SkuId": "",
    "ServiceName": "Amazon Elastic Compute Cloud",
    "ServiceCategory": "Compute",
    "RegionId": "us-east-1",
    "PricingCategory": "Standard",
    "PricingQuantity": "",
    "PricingUnit": "",
    "ConsumedQuantity": "1",
    "ConsumedUnit": "Hours",
    "CommitmentDiscountId": "",
    "CommitmentDiscountStatus": "",
    "CommitmentDiscountType": "",
    "CapacityReservationStatus": "",
    "SkuPriceDetails": "",
    "BilledCost": "0",
    "EffectiveCost": "0",
}
CUR = {
    "bill_payer_account_id": "1",
    "line_item_usage_account_id": "2",
    "bill_invoice_id": "7",
    "bill_billing_period_start_date": "2026-10-01T00:00:00.000Z",
    "bill_billing_period_end_date": "2026-11-01T00:00:00.000Z",
    "line_item_usage_start_date": HOUR[0],
    "line_item_usage_end_date": HOUR[1],
    "line_item_line_item_type": "Usage",
    "line_item_product_code": "AmazonEC2",
    "line_item_usage_type": "BoxUsage:g6.xlarge",
    "line_item_usage_amount": "1",
    "line_item_currency_code": "USD",
    "line_item_unblended_cost": "0",
    "product_instance_type": "g6.xlarge",
    "product_region_code": "us-east-1",
    "pricing_unit": "Hrs",
    "pricing_lease_contract_length": "",
    "reservation_effective_cost": "",
    "reservation_reservation_a_r_n": "",
    "reservation_unused_amortized_upfront_fee_for_billing_period": "",
    "reservation_unused_recurring_fee": "",
    "savings_plan_savings_plan_a_r_n": "",
    "savings_plan_savings_plan_effective_cost": "",
    "savings_plan_purchase_term": "",
    "savings_plan_total_commitment_to_date": "",
    "savings_plan_used_commitment": "",
    "split_line_item_parent_resource_id": "",
    "split_line_item_split_cost": "",
}
GCP = {
    "billing_account_id": "A",
    "project.id": "p",
    "service.description": "Compute Engine",
    "sku.description": "",
    "usage_start_time": "2026-10-05 10:00:00 UTC",
    "usage_end_time": "2026-10-05 11:00:00 UTC",
    "location.region": "us-central1",
    "usage.amount": "",
    "usage.unit": "seconds",
    "usage.amount_in_pricing_units": "1",
    "usage.pricing_unit": "hour",
    "cost": "0",
    "currency": "USD",
    "credits": "[]",
    "invoice.month": "202610",
    "cost_type": "regular",
    "system_labels": "",
}
AZURE = {
    "BillingAccountId": "1",
    "SubscriptionId": "s",
    "Date": "10/05/2026",
    "BillingPeriodStartDate": "10/01/2026",
    "BillingPeriodEndDate": "10/31/2026",
    "MeterCategory": "Virtual Machines",
    "MeterSubCategory": "",
    "MeterName": "",
    "UnitOfMeasure": "1 Hour",
    "Quantity": "1",
    "CostInBillingCurrency": "0",
    "BillingCurrencyCode": "USD",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "Term": "",
    "AdditionalInfo": "",
    "ResourceLocation": "eastus",
    "ReservationId": "",
}
SHARED = ("other", "set_aside", "prepaid")


def written(path: Path, of: Row, rows: Iterable[Row]) -> Path:
    """A CSV file of rows that differ from a usual one in what is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(of))
        writer.writeheader()
        writer.writerows({**of, **row} for row in rows)
    return path


def kinds(bill: Bill) -> dict[str, float]:
    """The amounts of a bill that are not 0, by kind."""
    found = {kind: round(float(bill.amounts_by_kind[kind]), 9) for kind in KINDS}
    return {kind: amount for kind, amount in found.items() if amount}


def lines(bill: Bill) -> dict[tuple[str, str, str], tuple[float, float]]:
    """GPU-hours and cost by GPU, region and term."""
    return {
        (row.gpu, row.region, row.term): (round(row.gpu_hours, 9), round(row.cost, 9))
        for row in bill.usage.itertuples()
    }


def assert_whole(bill: Bill, total: str) -> None:
    """What the kinds come to is the total of the file, exactly."""
    assert sum(bill.amounts_by_kind.values()) == Decimal(total)
    assert round(bill.amounts["cost"].sum(), 6) == round(float(total), 6)
