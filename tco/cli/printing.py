"""How a table looks in a terminal."""

from __future__ import annotations

from typing import Any

from tco.questions.answer import records
from tco.report.csv import cell
from tco.report.currency import in_currency
from tco.words.currencies import conversion

_WIDEST = 60


def table(frame: Any, columns: tuple[str, ...] = ()) -> str:
    """Some columns of a frame, or all, aligned for a terminal, with the currency shown."""
    frame = in_currency(frame[list(columns)] if columns else frame, conversion())
    shown = tuple(frame.columns)
    return aligned(shown, [tuple(row[name] for name in shown) for row in records(frame)])


def aligned(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A table for the terminal; numbers with up to six significant figures, long cells cut."""
    lines = [
        header,
        *([f"{x:.6g}" if isinstance(x, float) else cell(x) for x in row] for row in rows),
    ]
    widths = [min(_WIDEST, max(len(line[at]) for line in lines)) for at in range(len(header))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )
