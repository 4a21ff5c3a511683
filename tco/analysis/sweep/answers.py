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


class Choices:
    """The different questions that rows ask of the data, and which of them each row asks.

    `lines` are inputs, each an array with one value a row, float64 or objects; NaN and None stand
    for "not given".
    """

    def __init__(self, lines: Mapping[str, Any], size: int, catalogue: Catalogue) -> None:
        self.lines = lines
        self.catalogue = catalogue
        self.empty = {name: empty(line) for name, line in lines.items()}
        self.asked = [name for name in QUESTION_INPUTS if name in lines]
        self.question = _numbered([lines[name] for name in self.asked], size)

    def given(self, at: int) -> dict[str, Any]:
        """What a row gives, by input."""
        return {
            name: line.item(at) if hasattr(line, "item") else line[at]
            for name, line in self.lines.items()
            if not self.empty[name][at]
        }

    @cached_property
    def known(self) -> list[dict[str, Resolved]]:
        """What an empty cell stands for, by question; nothing where its choices are wrong."""
        import numpy as np

        # Questions are numbered as they appear: each begins where the highest number rises.
        highest = np.maximum.accumulate(self.question)
        first = np.flatnonzero(np.diff(highest, prepend=-1))
        found = []
        for at in first.tolist():
            given = self.given(at)
            chosen = {name: given[name] for name in self.asked if name in given}
            try:
                found.append(Scenario(**chosen, prices=self.catalogue).resolved())
            except InputError:
                found.append({})
        return found

    def completed(self) -> dict[str, Any]:
        """The lines with the default of its own row in every empty cell that has one."""
        import numpy as np

        filled = dict(self.lines)
        for name, missing in self.empty.items():
            if missing.any():
                values = [known[name].value if known else None for known in self.known]
                defaults = np.array(values, dtype=np.float64 if INPUTS[name].numeric else object)
                filled[name] = self.lines[name].copy()
                filled[name][missing] = defaults[self.question[missing]]
        return filled

    def ages(self) -> Any:
        """Age of the older of purchase price and rental rate, by row [days].

        It counts to the row's `as_of`; NaN where both are the row's own, or its choices are wrong.
        """
        import numpy as np

        age = np.full(self.question.size, np.nan)
        for name in PRICES:
            days = [
                age_days(known[name].as_of, known["as_of"].value)
                if known and known[name].as_of
                else None
                for known in self.known
            ]
            of_row = np.array(days, dtype=np.float64)[self.question]
            of_row[~self.empty.get(name, np.ones_like(of_row, dtype=bool))] = np.nan
            age = np.fmax(age, of_row)
        return age


def empty(line: Any) -> Any:
    """Where a line of values has none."""
    import numpy as np
    import pandas as pd

    return np.isnan(line) if line.dtype == np.float64 else pd.isna(line)


def _numbered(lines: list[Any], size: int) -> Any:
    """Rows that are alike in every line have the same number, in the order of appearance."""
    import numpy as np
    import pandas as pd

    number = np.zeros(size, dtype=np.int64)
    for line in lines:
        keys = line
        if line.dtype != np.float64 and pd.api.types.infer_dtype(line, skipna=True) != "string":
            # Values are equal only when they are the same: 1 is not true.
            keys = np.array([repr(value) for value in line], dtype=object)
        codes, uniques = pd.factorize(keys, use_na_sentinel=False)
        number, _ = pd.factorize(number * len(uniques) + codes)
    return number


@dataclass(frozen=True)
class Answers:
    """What rows are answered: each result as a line, and the error of every row that has one.

    After the results come the odds, empty unless they were asked for. Words are positions in
    LEVELS. Where there is nothing, or a row has an error, numbers are NaN and words -1.
    """

    results: dict[str, Any]
    errors: dict[int, str]
    rows: Rows
    choices: Choices

    @cached_property
    def ages(self) -> Any:
        """Age of the data behind each row [days]; NaN where it is the row's own."""
        import numpy as np

        ages = self.choices.ages()
        ages[list(self.rows.refused)] = np.nan
        return ages

    def beside(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of the rows, with the results and `error` (missing where there is none)."""
        import numpy as np
        import pandas as pd

        columns: dict[str, Any] = dict(self.results)
        for name, levels in LEVELS.items():
            columns[name] = pd.Categorical.from_codes(columns[name], pd.Index(levels))
        errors = np.full(self.rows.size, np.nan, dtype=object)
        for at, error in self.errors.items():
            errors[at] = error
        columns[ERROR] = pd.array(errors, dtype="str")
        return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def check_columns(names: Iterable[Any], carry: tuple[str, ...]) -> None:
    """InputError unless these can be the columns of a table of scenarios."""
    if problems := column_problems(list(names), carry):
        raise InputError(Problem("source", f"source: {problem}") for problem in problems)


def column_problems(names: list[Any], carry: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the names of a table's columns."""
    carried = {*CARRIED, *carry}
    problems = [_strange(name) for name in names if name not in INPUTS and name not in carried]
    problems += [
        f"{name} is a column of the answers: rename or drop it"
        for name in names
        if name in _RESERVED and name in carried
    ]
    problems += sorted({f"{name} stands there twice" for name in names if names.count(name) > 1})
    problems += [f"{name} of carry is no column" for name in carry if name not in names]
    if not problems and not set(names) & set(INPUTS):
        problems.append("no column is an input: `tco inputs` lists them")
    return problems


def _strange(name: Any) -> str:
    if name in _RESERVED:
        return f"{name} is a column of the answers: rename or drop it"
    if not isinstance(name, str):
        return f"column {name!r} has no name"
    return f"{name or '(no name)'} is not an input{suggestion(name, INPUTS)}"


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

    choices = Choices(rows.lines, rows.size, catalogue)
    lines = choices.completed()
    lacking = np.zeros(rows.size, dtype=bool)
    for name, missing in choices.empty.items():
        if missing.any():
            lacking |= empty(lines[name])
    lacking[list(rows.refused)] = True
    results, good = _solved(lines, np.flatnonzero(~lacking), rows.size, catalogue)
    errors, said = dict(rows.refused), dict[str, str]()
    wrong = np.ones(rows.size, dtype=bool)
    wrong[good] = False
    for at in np.flatnonzero(wrong).tolist():
        if at not in errors:
            given = (rows.given or choices.given)(at)
            errors[at] = _why(given, catalogue, said)
    lines = _spread(results, good, rows.size)
    if odds:
        for at in good.tolist():
            cells = {n: _cell(value) for n, value in (rows.given or choices.given)(at).items()}
            with contextlib.suppress(InputError):  # no draw goes together: no odds
                found = simulate(Scenario(**cells, prices=catalogue))
                lines[CHANCE][at] = found.chance_buy
                if found.confidence:
                    lines[CONFIDENCE][at] = LEVELS[CONFIDENCE].index(found.confidence)
    return Answers(lines, errors, rows, choices)


def _solved(
    lines: dict[str, Any], rows: Any, size: int, catalogue: Catalogue
) -> tuple[dict[str, Any], Any]:
    """The results of the rows that are right, and which those are."""
    import numpy as np

    while rows.size:
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
            return {name: x.codes if name in LEVELS else x for name, x in found.items()}, rows
    return {}, rows


def _spread(results: dict[str, Any], rows: Any, size: int) -> dict[str, Any]:
    """The results, and odds without any, as lines over all rows."""
    import numpy as np

    lines = {}
    for name in (*RESULTS, *ODDS):
        if name in results and rows.size == size:
            lines[name] = results[name]
            continue
        lines[name] = np.full(size, -1, np.int8) if name in LEVELS else np.full(size, np.nan)
        if name in results:
            lines[name][rows] = results[name]
    return lines


def _why(given: dict[str, Any], catalogue: Catalogue, said: dict[str, str]) -> str:
    """What is wrong with a row; rows that are wrong alike are asked about once."""
    cells = {name: _cell(value) for name, value in given.items()}
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
