"""What an import did with the rows of a file, for people: nothing is lost without a line."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from tco.market.batch import Batch
from tco.market.newest import count


@dataclass(frozen=True)
class Line:
    """One provider and GPU name of the file: its rows, those used, and why others were not.

    A row counts as kept if one of its prices is; `aside` counts rows, or prices of rows, by reason.
    """

    provider: str
    gpu: str
    rows: int
    kept: int
    aside: dict[str, int]


def summary(batch: Batch) -> tuple[Line, ...]:
    """The lines of a batch, by provider and GPU name; rows add up to those of the file."""
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in batch.aside:
        reasons[row.provider, row.gpu][row.reason] += 1
    return tuple(
        Line(*key, batch.rows[key], batch.kept[key], dict(reasons[key].most_common()))
        for key in sorted(batch.rows)
    )


def report_lines(batch: Batch) -> list[str]:
    """What a terminal shows after an import."""
    rows, kept = batch.rows.total(), batch.kept.total()
    observations = (*batch.rates, *batch.prices, *batch.quotes)
    lines = [
        f"{batch.file}: {count(range(rows), 'row')} read, {kept:,} used, {rows - kept:,} set aside;"
        f" {count(observations, 'observation')} as of {batch.as_of}"
    ]
    for line in summary(batch):
        name = ", ".join(filter(None, (line.provider, line.gpu or "(no GPU name)")))
        lines.append(f"  {name}: {count(range(line.rows), 'row')}, {line.kept:,} used")
        lines += [f"    {number:,} {reason}" for reason, number in line.aside.items()]
    return [*lines, *(f"  note: {remark}" for remark in batch.remarks)]
