"""The garbage collector rests while a workbook's graph grows.

Tens of thousands of cells come to be, each in use until the file is written. The collector would
look at all of them again and again, which took a third of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_growing = 0
_was_on = False


@contextmanager
def growing() -> Iterator[None]:
    """Within it nothing is collected; several may grow at once, in threads or inside each other.

    >>> with growing(), growing():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    global _growing, _was_on  # noqa: PLW0603
    with _lock:
        if not _growing:
            _was_on = gc.isenabled()
            gc.disable()
        _growing += 1
    try:
        yield
    finally:
        with _lock:
            _growing -= 1
            if not _growing and _was_on:
                gc.enable()
