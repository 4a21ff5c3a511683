"""What one file, or one entry by hand, brings: observations, and what was set aside and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tco.market.records import Price, Quote, Rate, Source


@dataclass(frozen=True)
class SetAside:
    """A row, or one price of a row, that was not used: where it stands and why.

    `gpu` is the name as the file has it, `text` the beginning of the row.
    """

    line: int
    provider: str
    gpu: str
    reason: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Everything that one import brings, before it is stored.

    `rows` counts the file's rows without its header, by provider and GPU name as the file has them;
    a row may give two observations (on demand and spot), or one observation may need two rows.
    `sources` are those of rows that name another than `source`; `remarks` are sentences on what was
    kept though it looks odd.
    """

    collector: str
    file: str
    sha256: str
    as_of: str
    source: Source
    rows: Counter[tuple[str, str]]
    kept: Counter[tuple[str, str]]
    rates: tuple[Rate, ...] = ()
    prices: tuple[Price, ...] = ()
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Source, ...] = ()
    aside: tuple[SetAside, ...] = ()
    remarks: tuple[str, ...] = ()
