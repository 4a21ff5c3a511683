"""Which of many cases are tried: some of them in the gate, all with `TCO_ALL_CASES=1`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

Case = TypeVar("Case")

ALL_CASES = bool(os.environ.get("TCO_ALL_CASES"))


def some(cases: Iterable[Case], every: int) -> list[Case]:
    """Every so many of the cases, the first among them."""
    return [*cases][:: 1 if ALL_CASES else every]
