"""How many requests a second `tco serve` answers, and how fast: `python -m benchmarks.api_load`.

Prints rows of the table in docs/performance.md. The clients run on the same machine as the server,
so that they take part of its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import io
import itertools
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from random import Random

import psutil

from tco.inputs import PRICE
from tco.market.catalogue import load
from tco.scenario import Scenario

# Requests a second that are wanted, and over how many connections.
RATE, CONNECTIONS = 200, 8
_ROWS = 100_000


@contextlib.contextmanager
def server(*options: str) -> Iterator[tuple[int, psutil.Process]]:
    """The port and the process of a server that answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tco", "serve", "--port", str(port), "--rate", "1e6", *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()


async def answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, int]:
    """Ask once over a connection that stays open: the status, and bytes of the answer."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    headers = dict(
        line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
    )
    if b"content-length" in headers:
        size = int(headers[b"content-length"])
        await reader.readexactly(size)
        return int(head[9:12]), size
    size = 0
    while length := int((await reader.readline()).strip(), 16):
        await reader.readexactly(length + 2)
        size += length
    await reader.readline()
    return int(head[9:12]), size


def requests(path: str) -> Iterator[bytes]:
    """Requests none of which is like another: nothing can be remembered."""
    draw = Random(1)
    while True:
        asked = (
            f"gpu=L4&utilization={draw.random():.6f}&price_usd_per_gpu={draw.randint(900, 9000)}"
        )
        yield f"GET /api/v1/{path}?{asked} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def at_rate(port: int, path: str, rate: float, seconds: float) -> list[float]:
    """Times of answers [s] to requests that come at a rate, whether others were answered or not.

    They count from when a request was due: who waits for a connection waits.
    """
    lines = requests(path)
    due: asyncio.Queue[float | None] = asyncio.Queue()
    times: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while (at := await due.get()) is not None:
            status, _ = await answered(reader, writer, next(lines))
            assert status == 200, status
            times.append(time.perf_counter() - at)
        writer.close()

    clients = [asyncio.create_task(client()) for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    for number in range(round(rate * seconds)):
        at = begun + number / rate
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait(at)
    for _ in clients:
        due.put_nowait(None)
    await asyncio.gather(*clients)
    return times


async def as_fast_as_it_goes(port: int, path: str, seconds: float) -> float:
    """Requests a second, where each connection asks again as soon as it has its answer."""
    lines, done = requests(path), itertools.count()
    end = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while time.perf_counter() < end:
            await answered(reader, writer, next(lines))
            next(done)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return next(done) / seconds


def table(rows: int) -> bytes:
    """A table of scenarios that differ, each as somebody could ask."""
    draw, data = Random(2), load()
    gpus = {gpu: Scenario(gpu=gpu).values()[PRICE] for gpu in ("L4", "T4", "L40S")}
    assert gpus.keys() <= data.gpus.keys()
    lines = [f"name,gpu,utilization,{PRICE},electricity_usd_per_kwh,horizon_months"]
    for at in range(rows):
        gpu = draw.choice([*gpus])
        price, horizon = gpus[gpu] * draw.uniform(0.9, 1.1), draw.choice((24, 36, 48))
        used, electricity = draw.uniform(0.2, 0.9), draw.uniform(0.08, 0.2)
        lines.append(f"site {at},{gpu},{used:.4f},{price:.2f},{electricity:.4f},{horizon}")
    return "\n".join(lines).encode()


def objects(table: bytes) -> bytes:
    """The same table as a JSON list of objects."""
    rows = csv.DictReader(io.StringIO(table.decode()))
    texts = ("name", "gpu")
    return json.dumps(
        [{name: x if name in texts else float(x) for name, x in row.items()} for row in rows]
    ).encode()


async def posted(port: int, address: str, kind: str, body: bytes) -> tuple[float, int]:
    """Seconds until all of a table is answered, and the bytes of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
    begun = time.perf_counter()
    head = f"POST /api/v1/{address} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    status, size = await answered(reader, writer, request)
    writer.close()
    assert status == 200, status
    return time.perf_counter() - begun, size


def cpu_seconds(process: psutil.Process) -> float:
    """Time of the processor that a process and those that it started have used [s]."""
    times = (one.cpu_times() for one in (process, *process.children(recursive=True)))
    return sum(one.user + one.system for one in times)


async def memory(process: psutil.Process, every: float = 0.05) -> AsyncIterator[int]:
    """The memory of a process and those that it started [bytes]."""
    while True:
        found = [process, *process.children(recursive=True)]
        yield sum(one.memory_info().rss for one in found)
        await asyncio.sleep(every)


async def most_memory(process: psutil.Process, found: list[int]) -> None:
    """Keep the most that was seen."""
    async for now in memory(process):
        found[0] = max(found[0], now)


async def measured(port: int, process: psutil.Process, seconds: float, rows: int) -> None:
    """Print a row for each question."""
    await asyncio.sleep(min(seconds, 5))  # until what is needed is loaded
    await at_rate(port, "breakeven.json", 50, min(seconds, 2))
    used = cpu_seconds(process)
    times = sorted(await at_rate(port, "breakeven.json", RATE, seconds))
    each = (cpu_seconds(process) - used) / len(times) * 1_000
    half, late = (times[int(len(times) * share)] * 1_000 for share in (0.5, 0.95))
    fast = await as_fast_as_it_goes(port, "breakeven.json", seconds)
    print(f"| `breakeven.json` at {RATE} a second, ms (median, 95th) | {half:.1f} | {late:.1f} |")
    print(f"| `breakeven.json`: time of the processor, ms | {each:.1f} | |")
    print(f"| `breakeven.json` as fast as it goes, a second | {fast:.0f} | |", flush=True)
    before = process.memory_info().rss
    sent, seen = table(rows), [0]
    bodies = {"text/csv": sent, "application/json": objects(sent)}
    watch = asyncio.create_task(most_memory(process, seen))
    for kind, ending in (("text/csv", "csv"), ("text/csv", "json"), ("application/json", "json")):
        used = cpu_seconds(process)
        taken, size = await posted(port, f"breakeven.{ending}", kind, bodies[kind])
        used = cpu_seconds(process) - used
        more = (seen[0] - before) / 2**20
        of = "s (of the processor); MB answered; MB more"
        told = f"{rows:,} rows of {kind} to breakeven.{ending}, {of}"
        print(f"| {told} | {taken:.1f} ({used:.1f}) | {size / 1e6:.0f}; {more:.0f} |", flush=True)
    watch.cancel()


def main() -> None:
    """Measure one server, and one of two processes."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=20)
    asked.add_argument("--rows", type=int, default=_ROWS)
    asked.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    told = asked.parse_args()
    for workers in told.workers:
        print(f"\n{workers} process{'es' if workers > 1 else ''}\n")
        with server("--workers", str(workers)) as (port, process):
            asyncio.run(measured(port, process, told.seconds, told.rows))


if __name__ == "__main__":
    main()
