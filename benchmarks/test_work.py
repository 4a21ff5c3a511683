"""How fast work becomes GPUs and money; the targets are for two cores."""

from __future__ import annotations

from itertools import count
from typing import Any

import tco


def test_a_speed(benchmark: Any) -> None:
    """Target 1 ms, warm: another target each time, so that nothing is kept."""
    targets = count(70_000)
    benchmark(lambda: tco.speed("Llama-3.1-8B", "L40", token_time_ms=next(targets) / 1_000))


def test_a_piece_of_work(benchmark: Any) -> None:
    """Target 5 ms, warm."""
    users = count(1_000)
    benchmark(lambda: tco.work("Llama-3.1-8B", users=next(users), use_case="chat", gpu="L4"))


def test_the_same_work_on_every_gpu(benchmark: Any) -> None:
    """Target 100 ms, warm."""
    users = count(1_000)

    def asked() -> Any:
        work = tco.work("Llama-3.1-8B", users=next(users), use_case="chat", gpu="L4")
        return tco.substitutes(work)

    assert len(benchmark(asked)) > 40
