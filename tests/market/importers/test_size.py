"""A catalog of full size is read in seconds and without holding it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROWS = 100_000
MEASURE = """
import re, sys, time
from pathlib import Path
from tco.market.importers import read_file
batch = read_file("skypilot", Path(sys.argv[1]), as_of="2026-07-30")
most = re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(batch.rows.total(), len(batch.rates), time.process_time(), int(most) / 1024)
"""


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    path = tmp_path / "aws_vms.csv"
    info = "\"{{'Gpus': [{{'Name': '{}', 'Count': 1, 'MemoryInfo': {{'SizeInMiB': {}}}}}]}}\""
    kinds = [("g6", "L4", 22888), ("g6e", "L40S", 45776), ("g5", "A10G", 24576), ("g4dn", "T4", 0)]
    cells = [f"{name},1.0,{info.format(name, memory)}" for _, name, memory in kinds]
    with path.open("w") as stream:
        stream.write(
            "InstanceType,AcceleratorName,AcceleratorCount,GpuInfo,Price,SpotPrice,Region,"
            "AvailabilityZone\n"
        )
        for at in range(ROWS):
            kind, size, place = at % 4, at // 4 % 500, at // 2_000
            price = 1 + at % 97 / 100
            stream.write(
                f"{kinds[kind][0]}.{size}xlarge,{cells[kind]},{price},{price / 2},"
                f"us-east-{place // 3},use{place // 3}-az{place % 3}\n"
            )
    command = [sys.executable, "-c", MEASURE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, rates, seconds, megabytes = map(float, done.stdout.split())
    assert (rows, rates) == (ROWS, 2 * 3 * 500 * 17)
    assert seconds < 10
    assert megabytes < 200
