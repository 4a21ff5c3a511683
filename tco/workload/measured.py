"""Measured rows: that very row, or between two rows of one run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tco.market.files import first_day, grouped
from tco.market.workload import (
    DECODE,
    OUTPUT,
    PER_GPU,
    TOTAL,
    Measured,
    measured_of,
)
from tco.workload.question import Question

# Rows between which speeds are interpolated are at most so far apart in concurrency.
FARTHEST = 4.0
# A row beyond which nothing was measured answers for targets up to so many times its token time.
_NEARLY = 1.25
# Loads under which a replica has as many sequences as it takes.
SATURATED = ("throughput", "offline")


def rows_of(asked: Question) -> tuple[Measured, ...]:
    """The rows that are meant and say an output speed."""
    found = measured_of(asked.hardware.gpu, asked.key)
    return tuple(row for row in found if asked.fits(row) and output_of(row) is not None)


def output_of(row: Measured) -> float | None:
    """The output tokens a second of the whole replica that a row says; None: it does not.

    Of prompt and output together the output's share; of one request at a time its tokens.
    """
    if row.metric == OUTPUT:
        return row.tok_s
    if row.metric == PER_GPU:
        return row.tok_s * row.gpus
    if row.metric == DECODE and row.concurrency in (None, 1):
        return row.tok_s
    if row.metric == TOTAL and row.output_tokens and row.prompt_tokens is not None:
        return row.tok_s * row.output_tokens / (row.prompt_tokens + row.output_tokens)
    return None


def token_time_of(row: Measured) -> float:
    """The time between two tokens that a row says, else sequences over speed [ms]."""
    said = getattr(row, "token_time_ms", None)
    if said is not None:
        return float(said)
    speed = output_of(row)
    if speed is None or row.concurrency is None:
        return math.nan
    return 1_000 * row.concurrency / speed


def middle(rows: Iterable[Measured]) -> Measured:
    """The row in the middle of a few by speed; of two the slower one, of one speed the newest."""
    ordered = sorted(rows, key=lambda row: (output_of(row) or 0.0, first_day(row.as_of)))
    return ordered[(len(ordered) - 1) // 2]


def at_concurrency(rows: Iterable[Measured], concurrency: float) -> tuple[Measured, ...]:
    """The rows with exactly that concurrency."""
    return tuple(
        row
        for row in rows
        if row.concurrency is not None and math.isclose(row.concurrency, concurrency)
    )


def saturated(rows: Iterable[Measured]) -> tuple[Measured, ...]:
    """The rows of replicas that had as many sequences as they take."""
    return tuple(row for row in rows if row.load in SATURATED)


def run_of(row: Measured) -> tuple[Any, ...]:
    """What is the same in all rows of a run; constant, single and full load may be one run."""
    return (
        *(row.gpu, row.gpus, row.model, row.weight_bits, row.precision, row.engine),
        *(row.version, row.parallel, row.workload, row.server, row.prompt_tokens),
        *(row.output_tokens, row.metric, row.source_id),
    )


def runs(rows: Iterable[Measured]) -> list[list[Measured]]:
    """The rows of each run, ascending in concurrency: all but that is the same in a run.

    The first of several rows of one concurrency counts.
    """
    found = []
    for run in grouped((row for row in rows if row.concurrency is not None), run_of).values():
        by_concurrency: dict[float, Measured] = {}
        for row in run:
            by_concurrency.setdefault(row.concurrency or 0.0, row)
        found.append([by_concurrency[at] for at in sorted(by_concurrency)])
    return found


@dataclass(frozen=True)
class Between:
    """A speed between two rows of one run."""

    concurrency: float
    tok_s: float
    rows: tuple[Measured, Measured]

    def of(self, what: Callable[[Measured], float | None]) -> float:
        """Another quantity at that concurrency, log over log; NaN where a row lacks it."""
        low, high = self.rows
        first, last = what(low), what(high)
        if not first or not last or math.isnan(first + last):
            return math.nan
        return _on_line(self.concurrency, low, high, first, last)


def _on_line(concurrency: float, low: Measured, high: Measured, first: float, last: float) -> float:
    """The value on the line through two points in logarithms."""
    start, end = math.log(low.concurrency or 1), math.log(high.concurrency or 1)
    share = (math.log(concurrency) - start) / (end - start)
    return math.exp(math.log(first) * (1 - share) + math.log(last) * share)


def between(rows: Iterable[Measured], concurrency: float) -> Between | None:
    """The speed at a concurrency between two rows of a run, at most × 4 apart; None: no run has it.

    Of several runs the one in the middle by speed.
    """
    found = []
    for run in runs(rows):
        for low, high in pairwise(run):
            at_low, at_high = low.concurrency or 0.0, high.concurrency or 0.0
            if at_low < concurrency < at_high <= FARTHEST * at_low:
                first, last = output_of(low), output_of(high)
                if first is not None and last is not None:
                    speed = _on_line(concurrency, low, high, first, last)
                    found.append(Between(concurrency, speed, (low, high)))
    found.sort(key=lambda one: one.tok_s)
    return found[(len(found) - 1) // 2] if found else None


def at_token_time(rows: Iterable[Measured], target_ms: float) -> Measured | Between | None:
    """The most sequences of a run whose time a token meets a target; None: no run says it.

    Between two rows, or the row that nearly takes that time, with nothing measured beyond; of
    several runs that in the middle by speed. A run that ends long before says nothing.
    """
    found: list[Measured | Between] = []
    for run in runs(rows):
        timed = [row for row in run if not math.isnan(token_time_of(row))]
        met = [row for row in timed if token_time_of(row) <= target_ms]
        if not met:
            continue
        last = met[-1]
        place = timed.index(last)
        after = timed[place + 1] if place + 1 < len(timed) else None
        if after is None or (after.concurrency or 0.0) > FARTHEST * (last.concurrency or 0.0):
            if target_ms <= _NEARLY * token_time_of(last):
                found.append(last)
            continue
        times = token_time_of(last), token_time_of(after)
        share = math.log(target_ms / times[0]) / math.log(times[1] / times[0])
        start, end = math.log(last.concurrency or 1), math.log(after.concurrency or 1)
        at = math.exp(start + share * (end - start))
        first, second = output_of(last) or 0.0, output_of(after) or 0.0
        speed = math.exp(math.log(first) * (1 - share) + math.log(second) * share)
        found.append(Between(at, speed, (last, after)))
    found.sort(key=lambda one: one.tok_s)
    return found[(len(found) - 1) // 2] if found else None
