"""Every Python process with this folder on its path lives on the day TCO_CLOCK, from noon on.

PYTHONPATH=tests/clock TCO_CLOCK=2032-02-29 python -m pytest docs
"""

import os
from datetime import UTC, datetime, time

if day := os.environ.get("TCO_CLOCK"):
    import time_machine

    moved = datetime.combine(datetime.fromisoformat(day), time(12), UTC)
    time_machine.travel(moved, tick=True).start()
