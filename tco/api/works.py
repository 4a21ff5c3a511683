"""Where answers are worked out: in threads, few at a time, so that the server goes on listening.

What takes long has places of its own: a break-even does not wait for a fleet, nor a fleet for a
table. Few tables are begun at a time: were all that come, their parts would fill the memory, and
none would be finished in time. A thread cannot be stopped: what is not answered in time keeps its
place until it sees that it was given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from threading import Event
from typing import TypeVar

from tco.api.asking import BREAKEVEN, CSV, RESULT, Wanted
from tco.errors import GIVEN_UP
from tco.report.schema import ODDS_MEANINGS

T = TypeVar("T")

# Questions of which one takes longer than a twentieth of a second.
SLOW = frozenset(
    {
        *("ledger", "flips", "simulate", "win_map", "fleet", "history", "rates", "recheck"),
        *("options", "tornado", "stress", "substitutes", "report", "measures"),
    }
)
_QUICK_PLACES, _SLOW_PLACES, _TABLE_PLACES = 4, 2, 2
# Tables that are begun, of which some wait for their clients; others come after them.
_BEGUN = 4
# As many may wait for each place.
_WAITING = 32


def is_quick(asked: Wanted, texts: Mapping[str, str]) -> bool:
    """Whether an answer takes a few milliseconds: no odds, and no table, which needs pandas.

    >>> from tco.api.asking import wanted
    >>> is_quick(wanted("breakeven.json"), {}), is_quick(wanted("breakeven.csv"), {})
    (True, False)
    """
    if asked.ending == CSV or asked.question.name not in (BREAKEVEN, "rack"):
        return False
    return "odds" not in texts and texts.get(RESULT) not in ODDS_MEANINGS


class Busy(Exception):
    """So many wait already that one more would not be answered in time."""


class Works:
    """Some threads and the line before them."""

    def __init__(self, places: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(places, name)
        self._most = places * _WAITING
        self._places = places
        self._known = self._given_up = 0

    async def done(self, work: Callable[[], T], context: Context | None = None) -> T:
        """What the work gives; Busy where too many wait, or nobody waits for what fills all places.

        Work that nobody waits for any more is not begun.
        """
        if self._known >= self._most or self._given_up >= self._places:
            raise Busy
        self._known += 1
        # One in which nothing is in force is empty, and so false.
        context = copy_context() if context is None else context
        is_given_up = Event()
        context.run(GIVEN_UP.set, is_given_up)
        future = self._pool.submit(context.run, work)
        loop = asyncio.get_running_loop()

        def leave(_: object, given_up: int = 0) -> None:
            with suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(self._leave, given_up)

        future.add_done_callback(leave)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            is_given_up.set()
            if future.running():
                self._given_up += 1
                future.add_done_callback(partial(leave, given_up=1))
            raise

    async def each(self, parts: Iterator[T]) -> AsyncIterator[T]:
        """What an iterator gives, one by one."""
        end, context = object(), copy_context()
        while (part := await self.done(lambda: next(parts, end), context)) is not end:
            yield part  # type: ignore[misc]

    def _leave(self, given_up: int) -> None:
        """One work has ended; of one that was given up this is told a second time."""
        self._given_up -= given_up
        self._known -= 1 - given_up


class Places:
    """The threads of one server, for what is quick, for what is slow and for parts of tables.

    Who answers a table enters `begun` first, and leaves it at the end of the answer.
    """

    def __init__(self) -> None:
        self.quick = Works(_QUICK_PLACES, "quick")
        self.slow = Works(_SLOW_PLACES, "slow")
        self.tables = Works(_TABLE_PLACES, "table")
        self.begun = asyncio.Semaphore(_BEGUN)

    def of(self, name: str) -> Works:
        """Those for a question."""
        return self.slow if name in SLOW else self.quick
