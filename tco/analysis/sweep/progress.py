"""How far a sweep is, for a person at a terminal or in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

# Seconds after which a sweep shows its progress, and between two lines of it in a log.
_PATIENCE, _PAUSE = 2, 10


class Progress:
    """Rows done, rows a second and the time left, on standard error.

    `weight` is that of the whole source, None where nobody knows it. `shown` is true, false, or
    None: at a terminal only. `before` are rows that an earlier run has done.
    """

    def __init__(self, weight: int | None, shown: bool | None, before: int = 0) -> None:
        from tqdm import tqdm

        self.weight, self.rows, self.done = weight, 0, 0
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self.bar: tqdm[Any] = tqdm(
            initial=before,
            unit=" rows",
            unit_scale=True,
            delay=_PATIENCE,
            mininterval=1 / _PAUSE if terminal else _PAUSE,
            disable=sys.stderr is None or not (terminal if shown is None else shown),
        )

    def add(self, rows: int, weight: int) -> None:
        """Some rows are done; how many there are in all follows from their weight so far."""
        self.rows += rows
        self.done += weight
        if self.weight and self.done:
            self.bar.total = round(self.rows * self.weight / self.done)
        self.bar.update(rows)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            self.bar.total = self.bar.n
        self.bar.close()
