"""Cells of a CSV file as lines of values, and lines of answers as cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from tco.inputs import INPUTS, Param
from tco.inputs.text import parse
from tco.words import harmless

# A column of numbers as people write them (tco.inputs.text), and of empty cells, each ended by \n.
_NUMBERS = re.compile(
    r"(?:(?:[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?)?\n)*+", re.ASCII
)
_NUMBER = INPUTS["price_usd_per_gpu"]
# Whole numbers below this are written as such.
_WHOLE = 2**53


def line_of(declared: Param, texts: Sequence[str], decimal: str = ".") -> Any:
    """A column of texts as a line of an input's values, float64 or objects.

    An empty text is NaN or None; one that stands for no value stays text.
    """
    import numpy as np

    stripped = [text.strip() for text in texts]
    if declared.numeric:
        joined = "".join([f"{text}\n" for text in stripped])
        if decimal != ".":
            joined = "x" if "." in joined else joined.replace(decimal, ".")
        if joined.count("\n") == len(stripped) and _NUMBERS.fullmatch(joined):
            numbers = [text or "nan" for text in joined.split("\n")[:-1]]
            return np.array(list(map(float, numbers)), dtype=np.float64)
    line = np.empty(len(stripped), dtype=object)
    line[:] = [parse(declared, text, decimal) if text else None for text in stripped]
    return line


def number_cells(line: Any, decimal: str = ".") -> list[str]:
    """Numbers as the shortest texts that read back the same; NaN and infinity as empty ones."""
    import numpy as np

    if np.isnan(line).all():
        return [""] * len(line)
    line = line + 0.0  # there is no -0
    cells = [text[:-2] if text.endswith(".0") else text for text in map(repr, line.tolist())]
    for at in np.flatnonzero(~(abs(line) < _WHOLE)).tolist():
        cells[at] = repr(line.item(at)) if np.isfinite(line[at]) else ""
    return cells if decimal == "." else [text.replace(".", decimal) for text in cells]


def value_cells(values: Iterable[Any], decimal: str = ".") -> list[str]:
    """Values of any kind as cells: none is empty, flags are words, text is made harmless."""
    import pandas as pd

    cells = []
    for value in values:
        if isinstance(value, float):
            cells.append(repr(value).replace(".", decimal) if isfinite(value) else "")
        elif isinstance(value, bool):
            cells.append("true" if value else "false")
        elif pd.api.types.is_scalar(value) and pd.isna(value):
            cells.append("")
        else:
            cells.append(echoed(str(value)))
    return cells


def echoed(text: str) -> str:
    """A cell as it was; a number keeps its sign, other text is made harmless."""
    return harmless(readable(text)) if isinstance(parse(_NUMBER, text), str) else text


def readable(text: str) -> str:
    """Text in which what was not UTF-8 is a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
