"""The parts of a sweep shared among the processes of one machine, and how far it is."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from threading import Thread
from types import MappingProxyType
from typing import TypeVar

from tco.analysis.sweep.rows import Rows
from tco.analysis.sweep.sources import Source
from tco.errors import InputError, Problem, TcoError, shown

# Rows of a part: enough that what a part costs by itself does not count.
CHUNK_ROWS = 2**16
# Seconds after which a sweep shows its progress, and between two lines of it in a log.
_PATIENCE, _PAUSE = 2, 10
# Seconds without work after which a process ends where it cannot see that its parent was killed.
_IDLE = 10
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# How often processes may be killed without a single part done in between.
_TRIES = 3

Answer = TypeVar("Answer")
Work = Callable[[int, Rows], Answer]


@dataclass(frozen=True)
class Options:
    """How a sweep is done; nothing here changes a result. InputError where it makes no sense."""

    chunk_rows: int = CHUNK_ROWS
    workers: int | None = None
    progress: bool | None = None
    resume: bool = True
    notes: bool = False

    def __post_init__(self) -> None:
        problems = []
        for name, most in (("chunk_rows", 10**7), ("workers", 2**10)):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and 0 < value <= most) and (name, value) != ("workers", None):
                message = f"{name} = {shown(value)} is not a whole number from 1 to {most:,}"
                problems.append(Problem(name, message))
        if problems:
            raise InputError(problems)


def performed(
    work: Work[Answer],
    source: Source,
    options: Options,
    workers: int | None,
    done: Mapping[int, int] = MappingProxyType({}),
) -> Generator[tuple[int, Answer]]:
    """What comes of every part that is not done, with its number, in the order of completion.

    A single part, or with one worker, this process does the work itself; None is one a core.
    `done` has the rows of each part that an earlier run has done.
    """
    if workers is None:
        from loky import cpu_count

        workers = cpu_count()
    numbered = enumerate(source.chunks(options.chunk_rows))
    wanted = ((number, chunk) for number, chunk in numbered if number not in done)
    first = list(islice(wanted, 2))
    parts = chain(first, wanted)
    if workers > 1 and len(first) > 1 and sys.executable:
        answers = _shared(work, parts, workers)
    else:
        answers = ((number, chunk, work(number, chunk)) for number, chunk in parts)
    with progress_bar(source.weight, options.progress, sum(done.values())) as add, closing(answers):
        for number, chunk, answer in answers:
            yield number, answer
            add(chunk)


def _shared(
    work: Work[Answer], parts: Iterator[tuple[int, Rows]], workers: int
) -> Generator[tuple[int, Rows, Answer]]:
    """The same on several processes, which need no main guard in the caller's script.

    The parts of a process that is killed are done again by others; TcoError where that comes to
    nothing.
    """
    from loky import ProcessPoolExecutor

    begun = {"initializer": _begin, "initargs": (os.getpid(),)}
    waiting: dict[int, Rows] = {}
    tries = 0
    while True:
        tries += 1
        busy: dict[Future[Answer], int] = {}
        pool = ProcessPoolExecutor(workers, timeout=_IDLE, env=_ONE_THREAD, **begun)
        try:
            while True:
                waiting |= islice(parts, max(workers + 1 - len(waiting), 0))
                if not waiting:
                    return
                for number in sorted(waiting.keys() - busy.values()):
                    busy[pool.submit(work, number, waiting[number])] = number
                for future in wait(busy, return_when=FIRST_COMPLETED).done:
                    answer, number = future.result(), busy.pop(future)
                    tries = 0
                    yield number, waiting.pop(number), answer
        except BrokenProcessPool as killed:
            if tries == _TRIES:
                message = (
                    "worker processes ended without an answer: run the sweep again to continue it, "
                    "with smaller parts or fewer workers"
                )
                raise TcoError(message) from killed
        finally:
            pool.shutdown(kill_workers=True)


def _begin(parent: int) -> None:
    """What a worker process does first: Ctrl-C is for its parent, and it ends with that."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=watch, daemon=True).start()


@contextmanager
def progress_bar(
    weight: int | None, shown: bool | None, before: int = 0
) -> Iterator[Callable[[Rows], None]]:
    """What to call with every part that is done: rows, rows a second and the time left.

    They stand on standard error. `weight` is that of the whole source, None where nobody knows it.
    `shown` is true, false, or None: at a terminal only. `before` are rows of an earlier run.
    """
    from tqdm import tqdm

    terminal = sys.stderr is not None and sys.stderr.isatty()
    rows = done = 0
    with tqdm(
        initial=before,
        unit=" rows",
        unit_scale=True,
        delay=_PATIENCE,
        mininterval=1 / _PAUSE if terminal else _PAUSE,
        disable=sys.stderr is None or not (terminal if shown is None else shown),
    ) as bar:

        def add(chunk: Rows) -> None:
            nonlocal rows, done
            rows, done = rows + chunk.size, done + chunk.weight
            if weight and done:
                bar.total = round(rows * weight / done)
            bar.update(chunk.size)

        yield add
        bar.total = bar.n
