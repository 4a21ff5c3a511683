"""Processes that answer the parts of a sweep, one for each core."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tco.analysis.sweep.sources import Chunk
from tco.analysis.sweep.writing import Done, Job, perform
from tco.errors import TcoError

# A process of its own, not one of multiprocessing: that would run the caller's script once more
# where it has no main guard.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tco.analysis.sweep.workers import serve; serve()"
)
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def performed(
    job: Job,
    chunks: Iterable[tuple[int, Chunk]],
    path: Callable[[int], Path] | None,
    workers: int,
) -> Generator[tuple[int, Chunk, Path | None, Done]]:
    """Every part with its number, where it was written, and what came of it, as they are done.

    A single part, or with one worker, this process does the work itself.
    """
    parts = iter(chunks)
    first = list(islice(parts, 2))
    parts = chain(first, parts)
    if workers == 1 or len(first) <= 1 or not sys.executable:
        for number, chunk in parts:
            at = path(number) if path else None
            yield number, chunk, at, perform(job, chunk, at)
        return
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(Worker(job)) for _ in range(workers)]
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        for worker in idle:
            stack.callback(worker.stop)
        busy: dict[Future[Done], tuple[Worker, int, Chunk, Path | None]] = {}
        for number, chunk in parts:
            if not idle:
                yield from _finished(busy, idle)
            worker, at = idle.pop(), path(number) if path else None
            busy[pool.submit(worker.perform, chunk, at)] = (worker, number, chunk, at)
        while busy:
            yield from _finished(busy, idle)


def _finished(
    busy: dict[Future[Done], tuple[Worker, int, Chunk, Path | None]], idle: list[Worker]
) -> Iterator[tuple[int, Chunk, Path | None, Done]]:
    for future in wait(busy, return_when=FIRST_COMPLETED).done:
        worker, number, chunk, at = busy.pop(future)
        idle.append(worker)
        yield number, chunk, at, future.result()


class Worker:
    """A process that does one job on every part it is sent."""

    def __init__(self, job: Job) -> None:
        command = [sys.executable, "-c", _START, json.dumps(sys.path)]
        pipe = subprocess.PIPE
        environment = {**os.environ, **_ONE_THREAD}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)
        self._untold: Job | None = job

    def perform(self, chunk: Chunk, path: Path | None) -> Done:
        """Have a part answered; TcoError where the process ended instead."""
        try:
            if self._untold:
                self._send(self._untold)
                self._untold = None
            self._send((chunk, path))
            reply = pickle.load(self.process.stdout)  # type: ignore[arg-type]
        except (OSError, EOFError, pickle.UnpicklingError) as broken:
            code = self.process.wait()
            message = f"a worker process ended with code {code}: run the sweep again to continue it"
            raise TcoError(message) from broken
        if isinstance(reply, Exception):
            raise reply
        done: Done = reply
        return done

    def _send(self, message: Any) -> None:
        assert self.process.stdin
        pickle.dump(message, self.process.stdin, pickle.HIGHEST_PROTOCOL)
        self.process.stdin.flush()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()


def serve() -> None:
    """What a worker process does: it answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to end
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed here is no reply
    job = pickle.load(requests)
    while True:
        try:
            chunk, path = pickle.load(requests)
        except EOFError:
            return
        try:
            reply: Any = perform(job, chunk, path)
        except TcoError as wrong:
            reply = wrong
        except Exception:
            reply = RuntimeError(traceback.format_exc())
        try:
            pickle.dump(reply, replies, pickle.HIGHEST_PROTOCOL)
            replies.flush()
        except BrokenPipeError:
            os._exit(0)  # the parent is gone
