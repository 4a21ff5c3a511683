"""Rows of scenarios answered, each by itself, however many there are."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco.analysis.simulation import simulate
from tco.errors import DataError, InputError, Problem
from tco.finance.discounting import decline_of
from tco.inputs import AFTER, DECLINE, FORMER_NAMES, INPUTS, RESIDUAL, TAKEN, current_name
from tco.inputs.amounts import per_month
from tco.inputs.checks import clean, midpoint
from tco.inputs.entry import Unread
from tco.inputs.lines import Line
from tco.inputs.names import not_inputs
from tco.inputs.tables import check_width, not_text, readable
from tco.market.catalogue import HOST_EXTRAS, Catalogue
from tco.market.choice import QUESTION_INPUTS, Question, is_own_name, resolve
from tco.market.evidence import age_days
from tco.market.following import SIZED_BY, SIZES, own_idle, sized
from tco.model.breakeven import breakeven
from tco.model.results import RESULTS, STATUSES, VERDICTS
from tco.scenario import Resolved, Scenario
from tco.scenario.amounts import ALWAYS, PER_USE
from tco.version import MODEL_VERSION, SCHEMA_VERSION
from tco.words.currencies import USD

if TYPE_CHECKING:
    import pandas as pd

# What people call the data: the two prices that an answer rests on most.
PRICES = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")
# Columns that are carried over as they are, in every table.
CARRIED = ("id", "name", "note")
ERROR = "error"
# The odds of a row beside its results; empty where nobody asked for them.
CHANCE, CONFIDENCE = ODDS = ("chance_buy", "confidence")
# Of a table with a column `currency`: each amount in that of its row, empty where it is USD.
CURRENCY, FX_RATE = "currency", "fx_rate"
IN_CURRENCY = {name: name.replace("usd", "in_currency") for name in RESULTS if "usd" in name}
# The column of what is odd about a row's values, where it is asked for.
NOTES = "notes"
# The columns beside the scenarios in a frame of answers, and the further ones in every file of them
# (tco.report.schema says what they mean).
ANSWERS = (*RESULTS, *ODDS, ERROR)
STAMPS = ("data_age_days", "model_version", "data_date", "schema_version")
# So much is told of what is wrong with a header, or with a row.
_MOST_PROBLEMS, _MOST_NAMED = 20, 4
_LEVELS = {"status": STATUSES, "verdict": VERDICTS, CONFIDENCE: ("high", "medium", "low")}

_BILLING = "billing"
# Inputs of which an error can concern several at once: choices, racks, and missing prices.
_RACK = ("gpus_per_server", "gpu_w", "server_w", "rack_units", "server_units", "rack_kw")
# So can one of an amount in another currency, or of a price by the month.
_OF_AMOUNTS = (CURRENCY, FX_RATE, "hours_per_month", _BILLING)
_TOGETHER = {*QUESTION_INPUTS, *_RACK, *PRICES, *_OF_AMOUNTS}
_HORIZON = "horizon_months"
# What is given instead of the decline, and what it must not stand beside.
_ENTERED = (RESIDUAL, AFTER, DECLINE)
_WARRANTY, _SERVER_WARRANTY = "warranty_months", "server_warranty_months"


class Rows(ABC):
    """Some scenarios side by side, as they came."""

    header: Sequence[str]
    # How many there are, and their share of the whole source: rows, or characters of a CSV file.
    size: int
    weight: int
    # The inputs among the columns, each an array of float64 or objects; NaN and None are not given.
    lines: Mapping[str, Any]
    # What could not be read, with the reason.
    refused: Mapping[int, str]

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The columns as they came."""

    @abstractmethod
    def cells(self) -> list[Sequence[str]]:
        """The columns as they came, as cells of CSV."""

    @cached_property
    def empty(self) -> dict[str, Any]:
        """Where each line has no value."""
        import pandas as pd

        return {name: pd.isna(line) for name, line in self.lines.items()}

    def row(self, at: int, names: Iterable[str] | None = None) -> dict[str, Any]:
        """What a row gives of some inputs, or of all."""
        import numpy as np

        told = {}
        for name in self.lines if names is None else names:
            value = self.lines[name].item(at)
            if hasattr(value, "__len__") and not isinstance(value, str):  # not a table by itself
                cell = np.empty(1, dtype=object)
                cell[0] = value
                value = cell
            if not self.empty[name][at]:
                told[name] = value
        return told


def by_current_names(frame: Any) -> Any:
    """The frame, of pandas or Dask, with inputs called as they are today; others are warned of."""
    former = {name: current_name(name) for name in FORMER_NAMES if name in frame.columns}
    return frame.rename(columns=former) if former else frame


def check_columns(names: Iterable[Any], carry: tuple[str, ...]) -> None:
    """InputError unless these can be the columns of a table of scenarios."""
    if problems := column_problems(list(names), carry):
        raise InputError(Problem("source", f"source: {problem}") for problem in problems)


def column_problems(names: list[Any], carry: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the names of a table's columns."""
    try:
        check_width(names)
    except DataError as wrong:
        return [str(wrong)]
    problems, strange, of_answers = [], [], []
    for name in dict.fromkeys(names):
        carried = name in CARRIED or name in carry
        if name in (*ANSWERS, NOTES, *IN_CURRENCY.values(), *STAMPS) and (
            carried or name not in TAKEN
        ):
            of_answers.append(name)
        elif isinstance(name, str) and (why := not_text(name)):
            problems.append(f"{readable(name)!r}: {why}")
        elif isinstance(name, str) and name.startswith("sep="):
            problems.append(f"{name} is no column but a mark for spreadsheets: delete that line")
        elif isinstance(name, str) and name not in TAKEN and not carried:
            strange.append(name)
        elif not (isinstance(name, str) or carried):
            problems.append(f"column {name!r} has no name")
    problems += _answers_among(of_answers)
    problems += [message for _, message in not_inputs(strange)]
    counted = Counter(names)
    problems += sorted(
        f"{name} is given twice" for name in counted if name != "" and counted[name] > 1
    )
    problems += [f"{name} of carry is no column" for name in carry if name not in names]
    if not problems and not set(names) & set(TAKEN):
        problems.append("no column is an input: `tco inputs` lists them")
    if (more := len(problems) - _MOST_PROBLEMS) > 0:
        problems[_MOST_PROBLEMS:] = [f"and {more:,} more"]
    return problems


def _answers_among(names: list[str]) -> list[str]:
    """What is said of columns that an answer has: they would come twice."""
    if len(names) < 2:
        return [f"{name} is a column of the answers: rename or drop it" for name in names]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    told = f"{', '.join(names[:_MOST_NAMED])}{more}"
    return [f"{told} are columns of the answers: rename or drop them"]


def answered(
    rows: Rows,
    catalogue: Catalogue,
    odds: bool = False,
    notes: bool = False,
    own_lines: tuple[Line, ...] = (),
) -> pd.DataFrame:
    """The answers of rows on some data: ANSWERS and STAMPS, in their order.

    A row that is wrong has an error and no results. With `odds` every other row is simulated too,
    with `notes` the column NOTES stands behind the ANSWERS. Rows with a column CURRENCY have each
    amount in that of the row, too, behind the STAMPS. Every row has the `own_lines`.
    """
    import numpy as np
    import pandas as pd

    lines, ages = _completed(rows, catalogue)
    right = np.ones(rows.size, dtype=bool)
    filled = {name for name, missing in rows.empty.items() if missing.any()}
    filled |= {DECLINE} if RESIDUAL in rows.lines or AFTER in rows.lines else set()
    for name in filled & lines.keys():
        right &= ~pd.isna(lines[name])
    right[list(rows.refused)] = False
    right &= ~_without_rate(rows, lines, catalogue)
    beside: dict[str, Any] = {
        "prices": catalogue,
        "policy": catalogue.policy,
        "lines": own_lines,
    }
    results, odd = _solved(lines, np.flatnonzero(right), rows.size, beside, notes)
    errors, said = dict(rows.refused), dict[str, str]()
    right[:] = False
    right[results.index] = True
    for at in np.flatnonzero(~right).tolist():
        if at not in errors:
            errors[at] = _why(rows.row(at), beside, said)
    chances, confidence = np.full(rows.size, np.nan), np.full(rows.size, None, dtype=object)
    for at in results.index if odds else ():
        with contextlib.suppress(InputError):  # no draw is possible: no odds
            found = simulate(Scenario(**rows.row(at), **beside))
            chances[at], confidence[at] = found.chance_buy, found.confidence or None
    answers = results if right.all() else results.reindex(range(rows.size))
    answers[CHANCE] = chances
    answers[CONFIDENCE] = pd.Categorical(confidence, categories=_LEVELS[CONFIDENCE])
    answers[ERROR] = pd.Series(errors, index=answers.index, dtype="str")
    if notes:
        answers[NOTES] = pd.Series(odd, index=results.index, dtype="str")
    answers[STAMPS[0]] = ages
    same = np.zeros(rows.size, dtype=np.int8)
    for name, value in versions(catalogue).items():
        answers[name] = pd.Categorical.from_codes(same, pd.Index([value]))
    if CURRENCY in rows.lines:
        rates = _fx_rates(rows)
        for name, told in IN_CURRENCY.items():
            answers[told] = answers[name].to_numpy() * rates
    return answers


def _fx_rates(rows: Rows) -> Any:
    """The rate of the currency of each row; NaN where it is USD, and of none."""
    import numpy as np

    none = np.full(rows.size, np.nan)
    rates = _numbers(FX_RATE, rows.lines[FX_RATE]) if FX_RATE in rows.lines else none
    return np.where(_is_converted(rows.lines[CURRENCY]), rates, np.nan)


def _is_converted(codes: Iterable[Any]) -> Any:
    """Whether each code, however it is written, is that of another currency than USD."""
    import numpy as np

    known = [code if isinstance(code, str) else USD for code in codes]
    others = {code for code in {*known} if clean(TAKEN[CURRENCY], code)[0] != USD}
    return np.array([code in others for code in known], dtype=bool)


def versions(catalogue: Catalogue) -> dict[str, Any]:
    """The versions that every row of a file carries."""
    return dict(zip(STAMPS[1:], (MODEL_VERSION, catalogue.newest, SCHEMA_VERSION), strict=True))


def _completed(rows: Rows, catalogue: Catalogue) -> tuple[dict[str, Any], Any]:
    """The lines with defaults in empty cells, and the age of the data behind each row [days].

    The default is that of what the row asks of the data, if that makes sense. The age is that of
    the older of purchase price and rental rate, and counts to the row's `as_of`; NaN where both are
    the row's own, or the row is wrong.
    """
    import numpy as np

    question = _questions(rows)
    known: list[dict[str, Resolved]] = []
    for at in np.unique(question, return_index=True)[1].tolist():
        try:
            chosen = rows.row(at, [name for name in QUESTION_INPUTS if name in rows.lines])
            known.append(_believed(chosen, catalogue))
        except InputError:
            known.append({})
    lines = dict(rows.lines)
    empty = dict(rows.empty)
    if empty.get(_WARRANTY, np.zeros(1, bool)).any():
        empty.setdefault(_SERVER_WARRANTY, np.ones(rows.size, dtype=bool))
    entered = {name: lines.pop(name) for name in (RESIDUAL, AFTER) if name in lines}
    if entered:
        for name in (DECLINE, _HORIZON):
            empty.setdefault(name, np.ones(rows.size, dtype=bool))

    def usual(name: str) -> Any:
        values = [found[name].value if found else None for found in known]
        defaults = np.array(values, dtype=np.float64 if INPUTS[name].numeric else object)
        return defaults[question]

    for name, missing in empty.items():
        if missing.any() and name in INPUTS:
            lines[name] = np.where(missing, usual(name), lines.get(name, np.nan))
    lines |= _paid_by_the_month(rows, empty, usual)
    lines |= _by_size(lines, empty, usual, catalogue)
    if _WARRANTY in rows.lines and _SERVER_WARRANTY in lines:
        led = empty[_SERVER_WARRANTY] & ~rows.empty[_WARRANTY]
        lines[_SERVER_WARRANTY] = np.where(led, rows.lines[_WARRANTY], lines[_SERVER_WARRANTY])
    watts = [lines[name] for name in ("idle_w", "gpu_w") if name in lines]
    if len(watts) > 1 and all(line.dtype == np.float64 for line in watts):
        lines |= own_idle(lines, {}, catalogue)
    if entered:
        lines[DECLINE] = _declines(rows, lines, entered)
    return lines, _ages(rows, known, question)


def _paid_by_the_month(
    rows: Rows, empty: dict[str, Any], usual: Callable[[str], Any]
) -> dict[str, Any]:
    """How rows are billed of which one gives its rate by the month: such a price is always paid."""
    import numpy as np

    line = rows.lines.get(PRICES[1])
    if line is None or line.dtype == np.float64 or not any(map(per_month, line)):
        return {}
    missing, billing = empty.get(_BILLING, np.ones(rows.size, dtype=bool)), usual(_BILLING)
    monthly = np.array([bool(per_month(text)) for text in line]) & (billing == PER_USE)
    given = rows.lines.get(_BILLING, billing)
    return {_BILLING: np.where(missing, np.where(monthly, ALWAYS, billing), given)}


def _without_rate(rows: Rows, lines: dict[str, Any], catalogue: Catalogue) -> Any:
    """The rows in another currency that do not say its rate, where others do."""
    import numpy as np

    currency, ruled = lines.get(CURRENCY), catalogue.policy.values if catalogue.policy else {}
    if currency is None or FX_RATE not in rows.lines or ruled.get(FX_RATE) is not None:
        return np.zeros(rows.size, dtype=bool)
    return rows.empty[FX_RATE] & _is_converted(currency)


def _ages(rows: Rows, known: list[dict[str, Resolved]], question: Any) -> Any:
    """The age of the data behind each row [days]."""
    import numpy as np

    ages = np.full(rows.size, np.nan)
    for name in PRICES:
        days = [
            age_days(found[name].as_of, found["as_of"].value)
            if found and found[name].as_of
            else None
            for found in known
        ]
        from_data = rows.empty.get(name, True)
        of_row = np.where(from_data, np.array(days, dtype=np.float64)[question], np.nan)
        ages = np.fmax(ages, of_row)
    ages[list(rows.refused)] = np.nan
    return ages


def _by_size(
    lines: dict[str, Any],
    empty: dict[str, Any],
    usual: Callable[[str], Any],
    catalogue: Catalogue,
) -> dict[str, Any]:
    """The lines with empty cells that depend on the number of servers; `usual` are the defaults."""
    import numpy as np

    lacking = [name for name in HOST_EXTRAS if name in lines and empty[name].any()]
    if not lacking:
        return {}
    asked = {name: usual(name) for name in (*SIZED_BY, *lacking)}
    asked |= {name: _numbers(name, lines[name]) for name in SIZES if name in lines}
    found = sized(asked, INPUTS.keys() - {*lacking}, catalogue)
    return {name: np.where(empty[name], line, lines[name]) for name, line in found.items()}


def _declines(rows: Rows, lines: dict[str, Any], entered: dict[str, Any]) -> Any:
    """The yearly declines, also of rows that give what share is left; NaN where that is wrong."""
    import numpy as np

    none = np.full(rows.size, np.nan)
    shares = [_numbers(RESIDUAL, entered.get(RESIDUAL, none), end) for end in ("low", "high")]
    no_time = rows.empty.get(AFTER, np.ones(rows.size, dtype=bool))
    after = _numbers(AFTER, entered.get(AFTER, none))
    months = np.where(no_time, _numbers(_HORIZON, lines.get(_HORIZON, none)), after)
    # Where there are no rows, nothing was completed. One that gives the decline too says it twice.
    twice = ~rows.empty.get(DECLINE, np.ones(rows.size, dtype=bool))
    ends = [decline_of(np.where(twice, np.nan, share), months) for share in shares]
    is_entered = ~no_time | ~rows.empty.get(RESIDUAL, np.ones(rows.size, dtype=bool))
    return np.where(is_entered, sum(ends) / len(ends), lines.get(DECLINE, none))


def _numbers(name: str, line: Any, of_range: str = "midpoint") -> Any:
    """The values of a line as numbers, of ranges one; NaN for what is no value."""
    import numpy as np

    declared = TAKEN[name]
    if line.dtype != np.float64:
        cleaned = (clean(declared, value)[0] for value in line.tolist())
        line = np.array([getattr(x, of_range, x) for x in cleaned], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(declared.contains(line), line, np.nan)


def _believed(chosen: dict[str, Any], catalogue: Catalogue) -> dict[str, Resolved]:
    """What the data says to a row's choices; of a GPU of its own, which only the row knows, less.

    InputError for choices that are wrong.
    """
    gpu = chosen.get("gpu")
    if not is_own_name(gpu) or gpu in catalogue.gpus:
        return Scenario(**chosen, prices=catalogue).resolved()
    others = Scenario(**chosen | {"gpu": None}, prices=catalogue).given
    asked = {name: midpoint(INPUTS[name], value) for name, value in others.items()}
    return resolve(Question.of(asked | {"gpu": gpu}), catalogue)


def questions(rows: Rows) -> int:
    """How many different questions the rows ask of the data: most of the work of answering them."""
    return int(_questions(rows).max(initial=-1)) + 1


def _questions(rows: Rows) -> Any:
    """The number of what each row asks of the data, in the order of appearance."""
    import numpy as np
    import pandas as pd

    asked = pd.DataFrame(index=range(rows.size))
    for name in QUESTION_INPUTS:
        line = rows.lines.get(name)
        if line is not None:
            # Values are equal only when they are the same: 1 is not true. Text may hold anything.
            is_number = line.dtype == np.float64
            asked[name] = line if is_number else [repr(value) for value in line]
    if asked.columns.empty:
        return np.zeros(rows.size, dtype=np.int64)
    return asked.groupby(list(asked), dropna=False, sort=False).ngroup().to_numpy()


def _solved(
    lines: dict[str, Any], rows: Any, size: int, beside: dict[str, Any], notes: bool
) -> tuple[pd.DataFrame, Any]:
    """The results of those of the rows that are right, by their number, and their notes if any."""
    import numpy as np
    import pandas as pd

    while rows.size:
        every = rows.size == size
        table = lines if every else {name: line[rows] for name, line in lines.items()}
        try:
            answer = breakeven(Scenario(**table, **beside))
            found = answer.to_frame()
            return found if every else found.set_axis(rows), answer.notes if notes else ""
        except InputError as error:
            places = [problem.rows for problem in error.problems]
            if None in places:
                raise
            rows = np.delete(rows, sorted({at for some in places for at in some or ()}))
    kinds = {name: pd.CategoricalDtype(list(levels)) for name, levels in _LEVELS.items()}
    none = {name: pd.Series(dtype=kinds.get(name, "float64")) for name in RESULTS}
    return pd.DataFrame(none), ""


def _why(cells: dict[str, Any], beside: dict[str, Any], said: dict[str, str]) -> str:
    """What is wrong with a row; rows that are wrong alike are asked about once."""
    # What was read as no value is wrong; to ask how to mend it takes longer.
    wrong = [n for n, x in cells.items() if isinstance(x, Unread) or clean(TAKEN[n], x)[1]]
    ruled = beside["policy"].by_input.keys() if beside["policy"] else ()
    named = {*_TOGETHER, *_ENTERED, *ruled}.difference(wrong).union(wrong[:_MOST_PROBLEMS])
    told = {name: value for name, value in cells.items() if name in named}
    more = len(wrong[_MOST_PROBLEMS:])
    for name in PRICES:  # that there is one counts, not what it is
        if name in told and name not in ruled and not clean(INPUTS[name], told[name])[1]:
            told[name] = INPUTS[name].neutral
    key = repr(told)
    if key not in said:
        said[key] = "cannot be answered"
        try:
            breakeven(Scenario(**told, **beside))
        except InputError as error:
            said[key] = str(error)
    return f"{said[key]}\nand {more:,} more wrong values in this row" if more else said[key]
