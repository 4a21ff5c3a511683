"""Results in another currency, beside those in USD: the model itself knows only USD.

What is written as numbers, frames, files and documents, has the columns in USD and a converted one
beside each: `npv_saving_usd` and `npv_saving_eur`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from tco.errors import InputError, Problem
from tco.model.breakeven import Breakeven, one_scenario
from tco.report.schema import RESULT_MEANINGS
from tco.scenario import Scenario
from tco.words.currencies import USD, Conversion, of_unit

if TYPE_CHECKING:
    import pandas as pd

# The results that are amounts of money.
MONEY = tuple(name for name, (unit, _) in RESULT_MEANINGS.items() if of_unit(unit))
# The names of columns of amounts in USD; what says what a row is in, the first of those it has; and
# the columns that are in that, or in what a target is in.
AMOUNT = re.compile(r"\bUSD\b|(?<![a-z])usd(?![a-z])")
_TARGET = "target"
_SAY_UNIT = ("unit", "input", "name", _TARGET)
_OF_UNIT = (
    *("value", "low", "high", "flip", "flip_to", "then", "now", "needed", "until", "best_at"),
    "wanted",
)
_OF_TARGET = ("result", "best")
# What of a document is read again: it stays as it is.
_READ_AGAIN = ("scenario", "lines")
# None says that there is nothing to convert; this, that nobody said so.
_NOT_GIVEN: Any = object()


@overload
def in_currency(found: Breakeven) -> pd.DataFrame: ...


@overload
def in_currency(found: pd.DataFrame, scenario: Scenario | Conversion | None) -> pd.DataFrame: ...


def in_currency(
    found: Breakeven | pd.DataFrame, scenario: Scenario | Conversion | None = _NOT_GIVEN
) -> pd.DataFrame:
    """Results with every amount also in the currency of their scenario; the USD columns stay.

    Of `tco.breakeven` they are those of `Breakeven.to_frame()`, the converted columns behind them;
    of a table they are NaN in the rows of another currency. Any other frame, of `tco.ledger`,
    `tco.flips` and so on, is given with its scenario: each converted column stands beside its own,
    and where a column `unit` says what a row is in, that of its values, NaN in rows without money.

    >>> import tco
    >>> answer = tco.breakeven(gpu="L4", currency="EUR", fx_rate=0.5, fx_as_of="2026-11-20")
    >>> row = in_currency(answer).iloc[0]
    >>> bool(row["npv_saving_eur"] == 0.5 * row["npv_saving_usd"])
    True
    >>> list(in_currency(tco.ledger(answer.scenario), answer.scenario))[4:8]
    ['cost_usd', 'cost_eur', 'present_value_usd', 'present_value_eur']
    """
    if isinstance(found, Breakeven):
        return _answer_in_currency(found)
    import pandas as pd

    if not isinstance(found, pd.DataFrame):
        raise _problem(
            f"found = {type(found).__name__} is neither the answer of tco.breakeven nor a frame: "
            "what to convert; did you mean tco.in_currency(found.to_frame(), found.scenario)?"
        )
    if scenario is _NOT_GIVEN:
        raise _problem(
            "scenario is missing: whose currency and rate count for a frame; "
            "did you mean tco.in_currency(frame, scenario)?"
        )
    if isinstance(scenario, Scenario) and scenario.is_table:
        raise one_scenario("in_currency of a frame")
    known = scenario.conversion if isinstance(scenario, Scenario) else scenario
    if known is None:
        return found
    header, rows = rows_in_currency(found.columns, found.itertuples(index=False, name=None), known)
    listed = list(rows)
    made = {
        name: [row[at] for row in listed]
        for at, name in enumerate(header)
        if name not in found.columns
    }
    columns = [
        found[name] if name in found.columns else pd.Series(made[name], found.index, dtype=float)
        for name in header
    ]
    return pd.concat(columns, axis=1, keys=header)


def _problem(message: str) -> InputError:
    return InputError([Problem(message.split(" ", 1)[0], message)])


def rows_in_currency(
    header: Iterable[str], rows: Iterable[Sequence[Any]], found: Conversion | None
) -> tuple[tuple[str, ...], Iterable[Sequence[Any]]]:
    """The same of rows under their header.

    >>> euros = Conversion("EUR", 0.5, "2026-11-20")
    >>> header, rows = rows_in_currency(["item", "cost_usd"], [["gpus", 40.0]], euros)
    >>> header, list(rows)
    (('item', 'cost_usd', 'cost_eur'), [('gpus', 40.0, 20.0)])
    """
    names = tuple(map(str, header))
    if found is None:
        return names, rows
    code, kept = found.currency.lower(), [tuple(row) for row in rows]
    # Where each converted column comes from, and where its row says whether it is money.
    places: dict[int, tuple[str, int | None]] = {}
    for at, name in enumerate(names):
        if AMOUNT.search(name) and not any(isinstance(row[at], str) for row in kept):
            places[at] = (found.unit(found.name(name)), None)
        elif (said := says_unit(name, names)) and any(
            _is_money(row[names.index(said)]) for row in kept
        ):
            places[at] = (f"{name}_{code}", names.index(said))
    places = {at: told for at, told in places.items() if told[0] not in names}

    def cells(row: Sequence[Any]) -> tuple[Any, ...]:
        made: list[Any] = []
        for at, value in enumerate(row):
            made.append(value)
            if at in places:
                said = places[at][1]
                counts = _is_number(value) and (said is None or _is_money(row[said]))
                made.append(value * found.fx_rate if counts else None)
        return tuple(made)

    named = list[str]()
    for at, name in enumerate(names):
        named += [name, places[at][0]] if at in places else [name]
    return tuple(named), [cells(row) for row in kept]


def document_in_currency(content: Any, found: Conversion | None) -> Any:
    """What a document says, with every amount also in another currency, beside that in USD.

    What is read again, a scenario, stays as it is.

    >>> document_in_currency({"npv_saving_usd": 4.0}, Conversion("EUR", 0.5, "2026-11-20"))
    {'npv_saving_usd': 4.0, 'npv_saving_eur': 2.0}
    """
    if found is None:
        return content
    if isinstance(content, Mapping):
        told: dict[str, Any] = {}
        for name, value in content.items():
            told[name] = value
            if name in _READ_AGAIN:
                continue
            if isinstance(value, Mapping | list | tuple):
                told[name] = document_in_currency(value, found)
            elif _is_number(value) and AMOUNT.search(name):
                told[found.name(name)] = value * found.fx_rate
            elif _is_number(value) and _is_money(content.get(says_unit(name, content))):
                told[f"{name}_{found.currency.lower()}"] = value * found.fx_rate
        return told
    if isinstance(content, list | tuple):
        return [document_in_currency(each, found) for each in content]
    return content


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or value is None or not hasattr(value, "__float__"):
        return False
    return not isinstance(value, str) and not math.isnan(float(value))


def says_unit(name: str, names: Container[str]) -> str:
    """Which of the names of a row says what one of them is in; empty for none.

    >>> says_unit("value", ["input", "unit", "value"]), says_unit("result", ["unit", "target"])
    ('unit', 'target')
    >>> says_unit("value", ["value"]), says_unit("month", ["unit", "month"])
    ('', '')
    """
    known = _SAY_UNIT if name in _OF_UNIT else (_TARGET,) if name in _OF_TARGET else ()
    return next((one for one in known if one in names), "")


def _is_money(unit: Any) -> bool:
    """Whether a unit, or what a name stands for, is one of money."""
    if not isinstance(unit, str):
        return False
    return of_unit(unit) == USD or ("usd" in unit and bool(AMOUNT.search(unit)))


def _answer_in_currency(answer: Breakeven) -> pd.DataFrame:
    import numpy as np

    frame, values = answer.to_frame(), answer.scenario.values()
    shape = np.broadcast_shapes(*(np.shape(value) for value in answer.scenario.given.values()))
    currencies, rates = (
        np.broadcast_to(np.asarray(values[name]), shape).reshape(-1)
        for name in ("currency", "fx_rate")
    )
    for currency in dict.fromkeys(currencies.tolist()):
        if currency != USD:
            factor = np.where(currencies == currency, rates.astype(float), np.nan)
            names = Conversion(currency, 1, "")
            for name in MONEY:
                frame[names.name(name)] = frame[name].to_numpy() * factor
    return frame
