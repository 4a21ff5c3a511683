"""The suite passes on any day; `.ci/run` repeats on other days what reads the clock."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tco.inputs.clock import is_to_come, today

ROOT = Path(__file__).resolve().parents[1]
# Who reads the clock: the date of what is typed, downloaded or stored. `.ci/run` repeats the tests
# of these, on days of other years.
READERS = ("tco/market/", "tco/inputs/clock.py")
_CLOCK = re.compile(r"\.(now|today|utcnow|localtime|gmtime|time_ns)\(|\btime\.time\(")


def test_nothing_else_reads_the_clock():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tco").rglob("*.py"))
        if _CLOCK.search(path.read_text(encoding="utf-8"))
    ]
    assert found
    assert [path for path in found if not path.startswith(READERS)] == []


def test_a_day_is_to_come_until_it_has_begun_somewhere():
    now = datetime.now(UTC)
    begun = [now, now + timedelta(hours=13)]  # the second is the day in New Zealand
    assert [is_to_come(day.date().isoformat()) for day in begun] == [False, False]
    assert is_to_come((now + timedelta(days=2)).date().isoformat())
    assert not is_to_come(today())


@pytest.mark.parametrize("day", ["2032-02-29", "2031-06-01"])
def test_the_clock_is_moved_in_child_processes_too(day):
    ask = "import datetime, time; print(datetime.date.today(), time.strftime('%Y-%m-%d'))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}], check=True)"
    moved = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests" / "clock"),
        "TCO_CLOCK": day,
        "TZ": "UTC",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | moved,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [day, day]


def test_this_run_is_on_the_day_it_was_asked_for():
    asked = os.environ.get("TCO_CLOCK")
    assert asked is None or datetime.now(UTC).date().isoformat() == asked
