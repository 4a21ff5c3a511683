"""A process of a test that cannot keep it waiting for ever."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def started(
    command: Sequence[str], seconds: float = 60, **options: Any
) -> Iterator[subprocess.Popen[Any]]:
    """A process that the test ends, and that is killed after so many seconds: then the test fails.

    Who reads from it, or leaves a `with` of it, would wait as long as it is there.
    """
    process = subprocess.Popen(command, **options)
    limit = threading.Timer(seconds, process.kill)
    limit.start()
    try:
        with process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise
    finally:
        is_late = not limit.is_alive()
        limit.cancel()
        if is_late:
            pytest.fail(f"after {seconds:g} seconds it was still there: {' '.join(command)}")
