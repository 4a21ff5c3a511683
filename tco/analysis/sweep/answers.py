"""Rows of scenarios answered, each by itself, however many there are."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco.analysis.simulation import simulate
from tco.errors import InputError, Problem, suggestion
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.market.choice import QUESTION_INPUTS, age_days
from tco.model.breakeven import breakeven
from tco.model.results import RESULTS, STATUSES, VERDICTS
from tco.scenario import Resolved, Scenario

if TYPE_CHECKING:
    import pandas as pd

    from tco.market.catalogue import Catalogue

# What people call the data: the two prices that an answer rests on most.
PRICES = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")
# Columns that are carried over as they are, in every table.
CARRIED = ("id", "name", "note")
ERROR = "error"
# The last columns of every file of answers (tco.report.schema says what they mean).
STAMPS = ("data_age_days", "model_version", "data_date", "schema_version")
# The odds of a row beside its results; empty where nobody asked for them.
CHANCE, CONFIDENCE = ODDS = ("chance_buy", "confidence")
LEVELS = {"status": STATUSES, "verdict": VERDICTS, CONFIDENCE: ("high", "medium", "low")}
_RESERVED = {*RESULTS, *ODDS, ERROR, *STAMPS}

# Inputs of which an error can concern several at once: choices, racks, and missing prices.
_RACK = ("gpus_per_server", "gpu_w", "server_w", "rack_units", "server_units", "rack_kw")
_TOGETHER = {*QUESTION_INPUTS, *_RACK, *PRICES}


@dataclass(frozen=True)
class Rows:
    """Scenarios side by side.

    `lines` are the inputs, each an array with one value a row, float64 or objects; NaN and None
    stand for "not given". `refused` are rows that could not be read, with the reason; `given` tells
    what a row gives where that is not what its lines hold.
    """

    size: int
    lines: Mapping[str, Any]
    refused: Mapping[int, str] = field(default_factory=dict)
    given: Callable[[int], dict[str, Any]] | None = None

    @cached_property
    def empty(self) -> dict[str, Any]:
        """Where each line has no value."""
        return {name: _empty(line) for name, line in self.lines.items()}

    def row(self, at: int) -> dict[str, Any]:
        """What a row gives, by input; what would be a whole table as the one row of one."""
        told = self.given(at) if self.given else self._held(at, self.lines)
        return {name: _cell(value) for name, value in told.items()}

    def _held(self, at: int, names: Iterable[str]) -> dict[str, Any]:
        return {
            name: line.item(at) if hasattr(line := self.lines[name], "item") else line[at]
            for name in names
            if not self.empty[name][at]
        }

    @cached_property
    def question(self) -> Any:
        """The number of what each row asks of the data, in the order of appearance."""
        import numpy as np
        import pandas as pd

        number = np.zeros(self.size, dtype=np.int64)
        for name in _asked(self.lines):
            line = self.lines[name]
            if line.dtype != np.float64 and pd.api.types.infer_dtype(line, skipna=True) != "string":
                # Values are equal only when they are the same: 1 is not true.
                line = np.array([repr(value) for value in line], dtype=object)
            codes, uniques = pd.factorize(line, use_na_sentinel=False)
            number, _ = pd.factorize(number * len(uniques) + codes)
        return number

    def known(self, catalogue: Catalogue) -> list[dict[str, Resolved]]:
        """What an empty cell stands for, by question; nothing where its choices are wrong."""
        import numpy as np

        found = []
        for at in np.unique(self.question, return_index=True)[1].tolist():
            try:
                chosen = self._held(at, _asked(self.lines))
                found.append(Scenario(**chosen, prices=catalogue).resolved())
            except InputError:
                found.append({})
        return found


def _asked(lines: Iterable[str]) -> list[str]:
    return [name for name in QUESTION_INPUTS if name in lines]


def _empty(line: Any) -> Any:
    """Where a line of values has none."""
    import numpy as np
    import pandas as pd

    return np.isnan(line) if line.dtype == np.float64 else pd.isna(line)


def _completed(rows: Rows, known: list[dict[str, Resolved]]) -> dict[str, Any]:
    """The lines with the default of its own row in every empty cell that has one."""
    import numpy as np

    filled = dict(rows.lines)
    for name, missing in rows.empty.items():
        if missing.any():
            values = [found[name].value if found else None for found in known]
            defaults = np.array(values, dtype=np.float64 if INPUTS[name].numeric else object)
            filled[name] = np.where(missing, defaults[rows.question], rows.lines[name])
    return filled


def _ages(rows: Rows, known: list[dict[str, Resolved]]) -> Any:
    """Age of the older of purchase price and rental rate, by row [days].

    It counts to the row's `as_of`; NaN where both are the row's own, or the row is wrong.
    """
    import numpy as np

    age = np.full(rows.size, np.nan)
    for name in PRICES:
        days = [
            age_days(found[name].as_of, found["as_of"].value)
            if found and found[name].as_of
            else None
            for found in known
        ]
        of_row = np.array(days, dtype=np.float64)[rows.question]
        of_row[~rows.empty.get(name, np.ones_like(of_row, dtype=bool))] = np.nan
        age = np.fmax(age, of_row)
    age[list(rows.refused)] = np.nan
    return age


@dataclass(frozen=True)
class Answers:
    """What rows are answered: each result as a line, and the error of every row that has one.

    After the results come the odds, empty unless they were asked for. Words are positions in
    LEVELS. Where there is nothing, or a row has an error, numbers are NaN and words -1. `ages` are
    those of the data behind each row [days].
    """

    size: int
    results: dict[str, Any]
    errors: dict[int, str]
    ages: Any

    def beside(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of the rows, with the results and `error` (missing where there is none)."""
        import pandas as pd

        columns: dict[str, Any] = dict(self.results)
        for name, levels in LEVELS.items():
            columns[name] = pd.Categorical.from_codes(columns[name], pd.Index(levels))
        columns[ERROR] = pd.array(list(map(self.errors.get, range(self.size))), dtype="str")
        return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def check_columns(names: Iterable[Any], carry: tuple[str, ...]) -> None:
    """InputError unless these can be the columns of a table of scenarios."""
    if problems := column_problems(list(names), carry):
        raise InputError(Problem("source", f"source: {problem}") for problem in problems)


def column_problems(names: list[Any], carry: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the names of a table's columns."""
    problems = []
    for name in names:
        carried = name in CARRIED or name in carry
        if name in _RESERVED and (carried or name not in INPUTS):
            problems.append(f"{name} is a column of the answers: rename or drop it")
        elif isinstance(name, str) and name not in INPUTS and not carried:
            told = name or "(no name)"
            problems.append(f"{told} is not an input{suggestion(name, INPUTS)}")
        elif not (isinstance(name, str) or carried):
            problems.append(f"column {name!r} has no name")
    problems += sorted({f"{name} stands there twice" for name in names if names.count(name) > 1})
    problems += [f"{name} of carry is no column" for name in carry if name not in names]
    if not problems and not set(names) & set(INPUTS):
        problems.append("no column is an input: `tco inputs` lists them")
    return problems


def frame_rows(frame: pd.DataFrame) -> Rows:
    """The rows of a frame whose columns were checked."""
    lines = {name: _line(frame[name]) for name in frame.columns if name in INPUTS}
    return Rows(len(frame), lines)


def _line(column: pd.Series[Any]) -> Any:
    import numpy as np

    declared = INPUTS[str(column.name)]
    if declared.numeric and column.dtype.kind in "fiu":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.to_numpy(dtype=object)


def answered(rows: Rows, catalogue: Catalogue, odds: bool = False) -> Answers:
    """The answers of rows on some data; memory beyond the answers is that of their lines.

    With `odds` every row that has an answer is simulated too: chance_buy and confidence.
    """
    import numpy as np

    known = rows.known(catalogue)
    lines = _completed(rows, known)
    right = np.ones(rows.size, dtype=bool)
    for name, missing in rows.empty.items():
        if missing.any():
            right &= ~_empty(lines[name])
    right[list(rows.refused)] = False
    results, good = _solved(lines, np.flatnonzero(right), rows.size, catalogue)
    errors, said = dict(rows.refused), dict[str, str]()
    right[:] = False
    right[good] = True
    for at in np.flatnonzero(~right).tolist():
        if at not in errors:
            errors[at] = _why(rows.row(at), catalogue, said)
    if odds:
        for at in good.tolist():
            with contextlib.suppress(InputError):  # no draw goes together: no odds
                found = simulate(Scenario(**rows.row(at), prices=catalogue))
                results[CHANCE][at] = found.chance_buy
                if found.confidence:
                    results[CONFIDENCE][at] = LEVELS[CONFIDENCE].index(found.confidence)
    return Answers(rows.size, results, errors, _ages(rows, known))


def _solved(
    lines: dict[str, Any], rows: Any, size: int, catalogue: Catalogue
) -> tuple[dict[str, Any], Any]:
    """The results, and odds without any, as lines over all rows; and which rows are right."""
    import numpy as np

    found: dict[str, Any] = {}
    while rows.size and not found:
        every = rows.size == size
        table = lines if every else {name: line[rows] for name, line in lines.items()}
        try:
            answer = breakeven(Scenario(**table, prices=catalogue))
        except InputError as error:
            places = [problem.rows for problem in error.problems]
            if None in places:
                raise
            rows = np.delete(rows, sorted({at for some in places for at in some or ()}))
        else:
            found = {name: getattr(answer, name) for name in RESULTS}
    for name in (*RESULTS, *ODDS):
        words = name in LEVELS
        solved = found.get(name)
        if solved is not None and words:
            solved = solved.codes
        if solved is None or rows.size < size:
            line = np.full(size, -1, np.int8) if words else np.full(size, np.nan)
            if solved is not None:
                line[rows] = solved
            solved = line
        found[name] = solved
    return found, rows


def _why(cells: dict[str, Any], catalogue: Catalogue, said: dict[str, str]) -> str:
    """What is wrong with a row; rows that are wrong alike are asked about once."""
    told = {
        name: value
        for name, value in cells.items()
        if name in _TOGETHER or clean(INPUTS[name], value)[1]
    }
    for name in PRICES:  # that there is one counts, not what it is
        if name in told and not clean(INPUTS[name], told[name])[1]:
            told[name] = INPUTS[name].neutral
    key = repr(told)
    if key not in said:
        said[key] = "cannot be answered"
        try:
            breakeven(Scenario(**told, prices=catalogue))
        except InputError as error:
            said[key] = str(error)
    return said[key]


def _cell(value: Any) -> Any:
    """A value; what would be a whole table by itself as the one row of one."""
    import numpy as np

    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    cell = np.empty(1, dtype=object)
    cell[0] = value
    return cell
