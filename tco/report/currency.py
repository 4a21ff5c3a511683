"""Results in another currency, beside those in USD: the model itself knows only USD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem
from tco.model.breakeven import Breakeven
from tco.report.schema import RESULT_MEANINGS
from tco.scenario import Scenario
from tco.words.currencies import USD, Conversion

if TYPE_CHECKING:
    import pandas as pd

# The results that are amounts of money.
MONEY = tuple(name for name, (unit, _) in RESULT_MEANINGS.items() if unit.startswith(USD))


def conversion_of(scenario: Scenario) -> Conversion | None:
    """How one scenario's results are converted; None for USD.

    InputError where a currency is given without its rate.
    """
    values = scenario.values()
    _require_rate(scenario, values["currency"] != USD)
    if values["currency"] == USD:
        return None
    assumed = "fx_as_of" not in scenario.given
    return Conversion(values["currency"], values["fx_rate"], values["fx_as_of"], assumed)


def in_currency(answer: Breakeven) -> pd.DataFrame:
    """The results as `Breakeven.to_frame()`, with every amount also in the scenario's currency.

    Converted columns follow the others and name their currency; the USD columns stay as they are.
    Of a table they are NaN in the rows of another currency. InputError where a currency is given
    without `fx_rate`.

    >>> import tco
    >>> answer = tco.breakeven(gpu="L4", currency="EUR", fx_rate=0.5, fx_as_of="2026-11-20")
    >>> row = in_currency(answer).iloc[0]
    >>> bool(row["npv_saving_eur"] == 0.5 * row["npv_saving_usd"])
    True
    """
    import numpy as np

    frame, values = answer.to_frame(), answer.scenario.values()
    shape = np.broadcast_shapes(*(np.shape(value) for value in answer.scenario.given.values()))
    currencies, rates = (
        np.broadcast_to(np.asarray(values[name]), shape).reshape(-1)
        for name in ("currency", "fx_rate")
    )
    _require_rate(answer.scenario, bool((currencies != USD).any()))
    for currency in dict.fromkeys(currencies.tolist()):
        if currency != USD:
            factor = np.where(currencies == currency, rates.astype(float), np.nan)
            names = Conversion(currency, 1, "")
            for name in MONEY:
                frame[names.name(name)] = frame[name].to_numpy() * factor
    return frame


def converted_rows(answer: Breakeven) -> list[tuple[str, Any, str, str]]:
    """Name, value, unit and label of each converted amount of one scenario; none for USD."""
    found = conversion_of(answer.scenario)
    if found is None:
        return []
    rows = []
    for name in MONEY:
        value = getattr(answer, name) * found.fx_rate
        rows.append((found.name(name), value, found.unit(RESULT_MEANINGS[name][0]), found.label))
    return rows


def _require_rate(scenario: Scenario, converts: bool) -> None:
    if converts and "fx_rate" not in scenario.given:
        message = "fx_rate is not known: give the units of the currency for one USD, and fx_as_of"
        raise InputError([Problem("fx_rate", message)])
