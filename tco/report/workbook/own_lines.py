"""The user's own lines: the blue cells of what can be changed, and the names that they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

from tco.inputs import Param
from tco.inputs.lines import BASES, Line
from tco.model.items import LINES_GROUP, item_of
from tco.words.figures import inside

# The fields that are cells, and of what kind; the others are text, as they choose formulas.
FIELDS = {
    "usd": ("number", "USD", -(10**12), 10**12, "per unit of its basis"),
    "first_month": ("integer", "month", 1, 240, "first month paid"),
    "last_month": ("integer", "month", 1, 240, "last month paid"),
    "cap_usd": ("number", "USD", 0, 10**12, "total paid, without the sign"),
}
_WHEN = {
    "monthly": "every month",
    "term": "at the start of each commitment term",
    "start": "at the start",
    "exit": "on exit",
}
_GROWTH = {
    "flat": "",
    "opex": "operating costs",
    "electricity": "electricity prices",
    "rental": "market rental rates",
}
# Letters of a line's name that stand in formulas, which are to be short.
_LONGEST = 9


def line_names(lines: Sequence[Line]) -> dict[str, str]:
    """What each line is called where only a name of letters, digits and underscores will do.

    >>> made = [Line(name=name, side="own", usd=1) for name in ("Dark fiber", "dark-fiber", "é")]
    >>> list(line_names(made).values())
    ['line_dark_fibe', 'line_dark_fibe_2', 'line_3']
    """
    found: dict[str, str] = {}
    for at, line in enumerate(lines, 1):
        plain = re.sub(r"[^a-z0-9]+", "_", line.name.lower()).strip("_")
        name = f"line_{plain[:_LONGEST].rstrip('_')}" if plain else f"line_{at}"
        found[line.name] = f"{name}_{at}" if name in found.values() else name
    return found


def line_cells(lines: Sequence[Line]) -> Iterator[tuple[Param, Any]]:
    """The cells of all lines in their order: how each is declared, and its value."""
    names = line_names(lines)
    for line in lines:
        for field in _changing(line):
            kind, unit, low, high, meaning = FIELDS[field]
            yield (
                Param(
                    group=LINES_GROUP,
                    kind=kind,
                    name=f"{names[line.name]}_{field}",
                    unit=unit,
                    low=low,
                    high=high,
                    meaning=f"{line.name}: {told(line) if field == 'usd' else meaning}",
                ),
                getattr(line, field),
            )


def on_cells(lines: Sequence[Line], graph: Any) -> tuple[Line, ...]:
    """The lines with the cells in the place of their numbers."""
    names, made = line_names(lines), []
    for line in lines:
        made.append(copy(line))
        cells = {field: graph.input(f"{names[line.name]}_{field}") for field in _changing(line)}
        made[-1].__dict__.update(cells)
    return tuple(made)


def _changing(line: Line) -> list[str]:
    """The fields of a line that are cells."""
    fields = ["usd"]
    if line.when == "monthly":
        fields.append("first_month")
    if line.last_month is not None:
        fields.append("last_month")
    if line.cap_usd is not None:
        fields.append("cap_usd")
    return fields


def told(line: Line) -> str:
    """What a line is, in its fixed fields.

    >>> told(Line(name="VAT", side="rent", usd=0.21, basis="item:compute"))
    'renting, every month, for each dollar of compute'
    """
    unit = "a fixed amount" if line.basis == "fixed" else f"for {basis_words(line)}"
    grows = growth_words(line)
    side = "owning" if line.side == "own" else "renting"
    parts = (side, when_words(line), unit, f"grows with {grows}" if grows else "")
    return ", ".join(filter(None, parts))


def basis_words(line: Line) -> str:
    """What the amount of a line is paid for.

    >>> basis_words(Line(name="VAT", side="rent", usd=0.21, basis="item:compute"))
    'each dollar of compute'
    """
    if line.item:
        return f"each dollar of {inside(item_of(line.side, line.item).label)}"
    return "a fixed amount" if line.basis == "fixed" else BASES[line.basis][0]


def when_words(line: Line) -> str:
    """When a line is paid."""
    return _WHEN[line.when]


def growth_words(line: Line) -> str:
    """With what a line grows; empty if it does not."""
    return _GROWTH[line.growth]
