"""How long a bill takes to read, and how much memory: `python -m benchmarks.bills`.

Prints rows of the table in docs/performance.md: FOCUS and AWS exports as CSV, and FOCUS as Parquet,
of a month of hours in a cloud account with GPUs, each read by a process of its own. Seconds are
those of the processor.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

HOURS = 744
_MACHINES = ("g6.xlarge", "g6.12xlarge", "g5.4xlarge", "p5.48xlarge", "m6i.large", "c7g.xlarge")
_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1")
_TAGS = '{"application": "inference", "environment": "production", "business_unit": "research"}'


def focus_rows(rows: int) -> Iterator[dict[str, str]]:
    """Rows of a FOCUS export: machines by the hour, and storage and traffic between them."""
    draw = Random(0)
    for at in range(rows):
        hour, machine = at % HOURS, draw.choice(_MACHINES)
        day, clock = divmod(hour, 24)
        start = f"2026-10-{day + 1:02} {clock:02}:00:00"
        end = f"2026-10-{day + 1:02} {clock:02}:59:59"
        is_machine = draw.random() < 0.4
        cost, region = draw.random() * 5, draw.choice(_REGIONS)
        words = f"$0.80 per On Demand Linux {machine} Instance Hour"
        if not is_machine:
            words = f"$0.023 per GB-Month of storage used in {region} ({draw.randrange(200)})"
        yield {
            "AvailabilityZone": f"{region}a",
            "BilledCost": f"{cost:.11f}",
            "BillingAccountId": "1234567890123",
            "BillingCurrency": "USD",
            "BillingPeriodEnd": "2026-11-01 00:00:00",
            "BillingPeriodStart": "2026-10-01 00:00:00",
            "ChargeCategory": "Usage",
            "ChargeClass": "NULL",
            "ChargeDescription": words,
            "ChargeFrequency": "Usage-Based",
            "ChargePeriodEnd": end,
            "ChargePeriodStart": start,
            "CommitmentDiscountStatus": "NULL",
            "ConsumedQuantity": f"{draw.random():.15f}",
            "ConsumedUnit": "Hours" if is_machine else "GB-Months",
            "EffectiveCost": f"{cost:.11f}",
            "ListCost": f"{cost:.11f}",
            "PricingCategory": "Standard",
            "ProviderName": "AWS",
            "RegionId": region,
            "ResourceId": f"arn:aws:ec2:{region}:347410479:instance/i-{draw.getrandbits(64):016x}",
            "ServiceCategory": "Compute" if is_machine else "Storage",
            "ServiceName": "Amazon Elastic Compute Cloud" if is_machine else "Amazon S3",
            "SkuId": f"{draw.randrange(500):016d}",
            "SubAccountId": f"51738928{draw.randrange(20):03d}",
            "Tags": _TAGS,
        }


def cur_rows(rows: int) -> Iterator[dict[str, str]]:
    """The same as lines of a Cost and Usage Report."""
    for row in focus_rows(rows):
        is_machine = row["ServiceCategory"] == "Compute"
        machine = row["ChargeDescription"].split()[-3] if is_machine else ""
        yield {
            "identity_line_item_id": row["ResourceId"][-20:],
            "bill_payer_account_id": row["BillingAccountId"],
            "bill_billing_period_start_date": "2026-10-01T00:00:00.000Z",
            "bill_billing_period_end_date": "2026-11-01T00:00:00.000Z",
            "line_item_usage_account_id": row["SubAccountId"],
            "line_item_line_item_type": "Usage",
            "line_item_usage_start_date": row["ChargePeriodStart"].replace(" ", "T") + "Z",
            "line_item_usage_end_date": row["ChargePeriodEnd"].replace(" ", "T") + "Z",
            "line_item_product_code": "AmazonEC2" if is_machine else "AmazonS3",
            "line_item_usage_type": f"BoxUsage:{machine}" if is_machine else "TimedStorage-ByteHrs",
            "line_item_usage_amount": row["ConsumedQuantity"],
            "line_item_currency_code": "USD",
            "line_item_unblended_cost": row["BilledCost"],
            "line_item_line_item_description": row["ChargeDescription"],
            "line_item_resource_id": row["ResourceId"],
            "product_instance_type": machine,
            "product_region_code": row["RegionId"],
            "product_servicename": row["ServiceName"],
            "pricing_unit": "Hrs" if is_machine else "GB-Mo",
            "reservation_effective_cost": "0.0",
            "savings_plan_savings_plan_effective_cost": "0.0",
            "resource_tags": _TAGS,
        }


KINDS = {"focus": focus_rows, "cur": cur_rows}


def write(path: Path, kind: str, rows: int) -> None:
    """A bill of so many rows."""
    made = KINDS[kind](rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        first = next(made)
        writer = csv.DictWriter(stream, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(made)


def as_parquet(path: Path, target: Path) -> None:
    """The same as Parquet."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    with pyarrow.csv.open_csv(path) as reader, pq.ParquetWriter(target, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


def measure(path: str) -> None:
    """Read a bill in this process, and print what that took."""
    import tco

    tco.read_bill("docs/bill.csv")  # what is loaded once is not the bill's
    started = time.process_time()
    found = tco.read_bill(path)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"{seconds:.2f} {peak:.0f} {found.rows} {found.gpu_hours:.3f}")


def main() -> None:
    """Bills of a hundred thousand and a million rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", help="a bill to read in this process")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    asked = parser.parse_args()
    if asked.read:
        measure(asked.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        for kind, form in (("focus", "csv"), ("cur", "csv"), ("focus", "parquet")):
            for rows in asked.rows:
                path = Path(folder) / f"{kind}-{rows}.csv"
                if not path.exists():
                    write(path, kind, rows)
                if form == "parquet":
                    as_parquet(path, path.with_suffix(".parquet"))
                    path = path.with_suffix(".parquet")
                command = [sys.executable, "-m", "benchmarks.bills", "--read", str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                seconds, peak, read, hours = done.stdout.split()
                size = path.stat().st_size / 2**20
                print(
                    f"| {kind}, {form}, {int(read):,} rows, {size:,.0f} MB | {seconds} s "
                    f"| {peak} MB | {hours} GPU-hours |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
