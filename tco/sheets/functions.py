"""What a cell of a spreadsheet can ask: names and values in, one number or one text out.

Inputs are pairs of a name and a value, as arguments one after the other or as ranges of two columns
(rows of cells, as spreadsheets pass them). A range whose first row holds the fields of `tco.Line`
(name, side, usd, …) has a line of the user's own in each other row. An empty value is not given:
its default counts. What is wrong comes back as a text that begins with `tco:`; an exception would
say nothing in a cell. NumPy is needed for the odds alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tco.analysis.simulation import simulate
from tco.errors import InputError, Problem, TcoError, suggestion
from tco.inputs import FORMER_NAMES, INPUTS, TAKEN
from tco.inputs.names import meant
from tco.inputs.text import parse
from tco.model.breakeven import breakeven as breakeven_of
from tco.report.schema import ODDS_MEANINGS, RESULT_MEANINGS
from tco.scenario import Scenario

Cell = float | str | bool | None
# Day 0 of a date that a spreadsheet keeps as a number.
_FIRST_DAY = date(1899, 12, 30)
_LARGEST_DAY = (date.max - _FIRST_DAY).days
# From here on floats leave out whole numbers.
_INEXACT = 2**53
# The heading over the inputs, as in the sheet Inputs of the workbook.
_HEADING = ("input", "value")
# What a cell says that cannot be worked out, as text and as the numbers that Excel passes on.
_ERROR = re.compile(r"#[A-Z/0]+[!?A]?|Err:\d+", re.ASCII)
_ERRORS = range(-2_146_826_288, -2_146_826_238)
_NOTES = "notes"
# What can be asked for: what `tco.breakeven()` gives, and the odds.
RESULTS = (*RESULT_MEANINGS, _NOTES, *ODDS_MEANINGS)


def breakeven(*cells: Any) -> Cell:
    """Months until owning stays cheaper, discounted; the text `never` if it does not.

    >>> breakeven("gpu", "L4", "utilization", 0.6, "as_of", "2026-11-21") == result(
    ...     "months", [["gpu", "L4"], ["utilization", 0.6], ["as_of", "2026-11-21"]]
    ... )
    True
    >>> str(breakeven("utilization", 60))[:41]
    'tco: utilization = 60 is outside [0, 1]: '
    """
    return result("months", *cells)


def npv_saving(*cells: Any) -> Cell:
    """What buying saves over the horizon, present value [USD]; negative where renting is cheaper.

    >>> npv_saving("utilization", 0.9) > 0 > npv_saving("utilization", 0.1)
    True
    """
    return result("npv_saving_usd", *cells)


def result(name: Any, *cells: Any) -> Cell:
    """One result of `tco.breakeven()` by its name; `never` or `none` where there is no number.

    `chance_buy` and `confidence` are those of `tco.simulate()`: they take a tenth of a second, and
    NumPy and SciPy.

    >>> result("verdict", "utilization", 0.1), result("months", "utilization", 0.1)
    ('rent', 'never')
    >>> result("confidence", "utilization", 0.1)
    'high'
    >>> result("notes", "gpu", "ASUS-GX10").partition("; ")[0]
    'Rental rate: no provider rents out the ASUS-GX10'
    >>> result("month")
    "tco: 'month' is not a result; did you mean months?"
    """
    try:
        return cells_of([_known(name, RESULTS, "a result")], _scenario(cells))[0]
    except TcoError as wrong:
        return _told(wrong)


def input_value(name: Any, *cells: Any) -> Cell:
    """The value of one input that counts: the given one, or the default of the dated data.

    >>> input_value("utilization", "utilization", 0.6), input_value("price_usd_per_gpu") > 0
    (0.6, True)
    """
    try:
        value = _scenario(cells).values()[_known(name, INPUTS, "an input")]
    except TcoError as wrong:
        return _told(wrong)
    return "unknown" if value is None else value


def answers(table: Sequence[Sequence[Any]], *names: Any) -> list[list[Cell]]:
    """Answers for a range: names of inputs in its first row, a scenario in each other row.

    Beside names of results there may be a range of lines, which count in every row. The first row
    that comes back holds the names of the results (those asked for, else all but the odds), the
    others their values; the last column is `error`, empty where there is none. A row of empty cells
    is no scenario and comes back empty.

    >>> answers([["gpu", "utilization"], ["L4", 0.9], ["L5", 0.9]], "verdict")[:2]
    [['verdict', 'error'], ['buy', '']]
    """
    try:
        lines = [name for name in names if _is_of_lines(name)]
        asked = [_known(name, RESULTS, "a result") for name in names if name not in lines]
    except TcoError as wrong:
        return [[_told(wrong)]]
    asked = asked or list(RESULT_MEANINGS)
    found: list[list[Cell]] = [[*asked, "error"]]
    is_empty = all(map(_is_empty, table))
    for row in () if is_empty else table[1:]:
        if _is_empty(row):
            found.append([""] * len(found[0]))
            continue
        try:
            scenario = _scenario([list(zip(table[0], row, strict=True)), *lines])
            found.append([*cells_of(asked, scenario), ""])
        except TcoError as wrong:
            found.append([*[""] * len(asked), _told(wrong)])
    return found


def _told(wrong: TcoError) -> str:
    return "tco: " + "; ".join(str(wrong).splitlines())


def cells_of(names: list[str], scenario: Scenario) -> list[Cell]:
    """Results of one scenario, each as a cell holds it."""
    answer, odds = breakeven_of(scenario), None
    if set(names) & set(ODDS_MEANINGS):
        try:
            odds = simulate(scenario)
        except ModuleNotFoundError as missing:
            raise TcoError(f"odds need {missing.name}, which this Python does not have") from None
    found: list[Cell] = []
    for name in names:
        value = getattr(odds if name in ODDS_MEANINGS else answer, name)
        value = " ".join(value) if name == _NOTES else value
        if isinstance(value, float) and not math.isfinite(value):
            unit, _ = RESULT_MEANINGS[name]
            value = "never" if unit in ("months", "hours") else "none"
        found.append("none" if value == "" else value)
    return found


def _known(name: Any, names: Iterable[str], what: str) -> str:
    """A name that exists; TcoError with the nearest one."""
    known, text = list(names), name if isinstance(name, str) else ""
    found = FORMER_NAMES.get(text, text)
    if found not in known:
        near = meant(text) if names is INPUTS else suggestion(text, known)
        raise TcoError(f"{name!r} is not {what}{near if text else ''}")
    return found


def _scenario(cells: Iterable[Any]) -> Scenario:
    """The scenario of pairs and lines; InputError for what is none, or given twice."""
    given: dict[str, Any] = {}
    cells = list(cells)
    lines = [line for cell in cells if _is_of_lines(cell) for line in _lines(cell)]
    for cell, value in _pairs(cell for cell in cells if not _is_of_lines(cell)):
        if value is None or value == "" or (cell, value) == _HEADING:
            continue
        name = cell.strip() if isinstance(cell, str) else cell
        if not isinstance(name, str) or not name:
            raise TcoError(f"{value!r} has no name of an input before it")
        name = FORMER_NAMES.get(name, name)
        if name in given:
            raise InputError([Problem(name, f"{name} is given twice")])
        if _ERROR.fullmatch(str(value)) or (type(value) is int and value in _ERRORS):
            message = f"{name} = {value} is an error of the sheet, not a value"
            raise InputError([Problem(name, message)])
        given[name] = _meant(name, value)
    return Scenario(**given, lines=lines)


def _is_empty(row: Sequence[Any]) -> bool:
    return all(cell in (None, "") for cell in row)


def _is_of_lines(cell: Any) -> bool:
    """Whether cells are a range of lines: what its first row says."""
    header = cell[0] if isinstance(cell, (list, tuple)) and cell else ()
    return isinstance(header, (list, tuple)) and {"side", "usd"} <= {*map(str, header)}


def _lines(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The lines of such a range, as tables of fields; rows of empty cells are none."""
    return [
        {field: cell for field, cell in zip(rows[0], row, strict=True) if cell not in (None, "")}
        for row in rows[1:]
        if not _is_empty(row)
    ]


def _pairs(cells: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    """Names and values, from ranges of two columns and from arguments one after the other."""
    single = []
    for cell in cells:
        if not isinstance(cell, (list, tuple)):
            single.append(cell)
            continue
        for row in cell:
            if not isinstance(row, (list, tuple)) or len(row) != 2:
                raise TcoError("a range of inputs has two columns: names, and values")
            yield row[0], row[1]
    if len(single) % 2:
        raise TcoError(f"{single[-1]!r} is the name of an input without a value after it")
    yield from zip(single[::2], single[1::2], strict=True)


def _meant(name: str, value: Any) -> Any:
    """A value as the model knows it: text is read, dates and truth values come as numbers."""
    declared = TAKEN.get(name)
    if declared is None:
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if declared.kind == "date" and is_number and 0 <= value <= _LARGEST_DAY:
        return (_FIRST_DAY + timedelta(days=int(value))).isoformat()
    if declared.kind == "flag" and is_number and value in (0, 1):
        return bool(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _INEXACT:
        return int(value)
    return parse(declared, value) if isinstance(value, str) else value
