"""How long an agent waits: for the server to start, and for each of its tools.

`python -m benchmarks.agents` starts `tco mcp` as an agent's program does and asks it through the
protocol's own client. The first call is sent at once, when the server is not warm yet; then every
tool is asked many times, each time something that was not asked before.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

import tco

_TIMES, _STARTS = 15, 5
_CHAT = {"model": "Llama-3.1-8B", "use_case": "chat", "gpu": "L4"}


def questions(at: int, record: str) -> dict[str, dict[str, Any]]:
    """What is asked of each tool the nth time; nothing of it is kept from before."""
    share = 0.3 + at / 100
    return {
        "breakeven": {"gpu": "L4", "utilization": share},
        "options": {"gpu": "A100-80GB-SXM", "utilization": share},
        "flips": {"gpu": "L40S", "utilization": share},
        "work": {**_CHAT, "users": 500 + 100 * at},
        "fleet": {"gpu": "L4", "mean_gpus": 20 + at, "peak_over_mean": 2},
        "offers": {"gpu": "L4"},
        "recheck": {"record": record},
        "gpus": {},
        "models": {},
        "inputs": {},
    }


async def _timed(ask: Callable[[], Awaitable[Any]]) -> float:
    began = perf_counter()
    await ask()
    return perf_counter() - began


async def measured() -> dict[str, list[float]]:
    """Seconds by what was waited for."""
    server = StdioServerParameters(command=sys.executable, args=["-m", "tco", "mcp"])
    record = tco.decide(gpu="L4", by="Ada Example").to_json()
    found: dict[str, list[float]] = {"start": [], "first answer": []}
    for _ in range(_STARTS):
        began = perf_counter()
        async with Client(server) as client:
            found["start"].append(perf_counter() - began)
            await client.call_tool("breakeven", {"gpu": "L4", "utilization": 0.6})
            found["first answer"].append(perf_counter() - began)
    async with Client(server) as client:
        for at in range(_TIMES):
            for name, asked in questions(at, record).items():

                async def ask(name: str = name, asked: dict[str, Any] = asked) -> None:
                    result = await client.call_tool(name, asked)
                    assert not result.is_error, result.content

                found.setdefault(name, []).append(await _timed(ask))
    return found


def main() -> None:
    """Print the median and the longest of each, in milliseconds."""
    for name, times in anyio.run(measured).items():
        median, most = (1000 * one for one in (statistics.median(times), max(times)))
        sys.stdout.write(f"{name:<14}{median:>8,.0f} ms{most:>8,.0f} ms\n")


if __name__ == "__main__":
    main()
