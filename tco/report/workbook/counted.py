"""Which inputs count in an answer: all others may have any value, and nothing changes."""

from __future__ import annotations

import math
from typing import Any

from tco.report.workbook.cells import Cell, worth
from tco.report.workbook.formulas import Formulas


def counted(formulas: Formulas) -> set[str]:
    """The inputs that the results follow from, as the values are.

    What a condition rules out does not count, nor does what is multiplied by 0.
    """
    columns, seen, names = formulas.graph.columns, set(), set()
    waiting: list[Any] = list(formulas.results.values())
    while waiting:
        x = waiting.pop()
        if not isinstance(x, Cell) or id(x) in seen:
            continue
        seen.add(id(x))
        if x.op == "input":
            names.add(x.args[0])
        elif x.op in ("ref", "at"):
            name, month = x.args
            at = worth(month)
            waiting += [month] if math.isinf(at) else [month, columns[name][int(at)]]
        else:
            waiting += _telling(x)
    return names


def _telling(x: Cell) -> list[Any]:
    """The operands that an operation follows from."""
    op, args = x.op, list(x.args)
    if op == "IF":
        return [args[0], args[1] if worth(args[0]) else args[2]]
    if op in ("*", "AND") and not all(map(worth, args)):
        return [next(arg for arg in args if not worth(arg))]
    if op == "OR" and any(map(worth, args)):
        return [next(arg for arg in args if worth(arg))]
    return args
