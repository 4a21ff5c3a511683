"""Work that takes long, beside the server: one piece at a time, in a process that stands back.

The server shows its pages to everybody from one process; what reads a large file would keep the
others waiting.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

MOST_SECONDS = 120
# Seconds without work after which the other process ends.
_IDLE = 300
_NICENESS = 5
_ONE_AT_A_TIME = Lock()

Found = TypeVar("Found")


def done(work: Callable[..., Found], *arguments: Any) -> Found:
    """What some work comes to, done by another process.

    TimeoutError after MOST_SECONDS, BrokenProcessPool where the process ended before the work did.
    """
    from loky import get_reusable_executor

    with _ONE_AT_A_TIME:
        other = get_reusable_executor(max_workers=1, timeout=_IDLE, initializer=_stand_back)
        begun = other.submit(work, *arguments)
        try:
            found: Found = begun.result(MOST_SECONDS)
        except TimeoutError:
            other.shutdown(wait=False, kill_workers=True)
            raise
        return found


def _stand_back() -> None:
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
