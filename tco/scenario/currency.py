"""The other currency of a scenario: what is wrong with it, and what is said of amounts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.errors import Problem, shown
from tco.inputs import INPUTS
from tco.market.catalogue import Catalogue, exchange_rate
from tco.market.files import first_day, known_from
from tco.market.policy import policy_values
from tco.words.currencies import USD, Conversion
from tco.words.figures import money

if TYPE_CHECKING:
    from tco.scenario import Scenario

CURRENCY, FX_RATE = "currency", "fx_rate"


def without_rate(scenario: Scenario) -> list[Problem]:
    """That a currency is given, or locked by a policy, without its rate; of a table in which rows.

    >>> from tco.errors import InputError
    >>> from tco.scenario import Scenario
    >>> try:
    ...     Scenario(currency="EUR")
    ... except InputError as wrong:
    ...     print(wrong)
    currency = 'EUR' needs fx_rate: units of EUR for one USD, and fx_as_of, its day; the newest \
rate in the data is 0.851861 EUR per USD as of 2026-01-22 (Business Novinite, quoting the European \
Central Bank)
    """
    catalogue = scenario.catalogue
    policy = policy_values(catalogue)
    code = scenario.__dict__.get(CURRENCY, policy.get(CURRENCY, USD))
    if FX_RATE in scenario.__dict__ or policy.get(FX_RATE) is not None:
        return []
    if not hasattr(code, "shape"):
        return [] if code == USD else [Problem(CURRENCY, lacking(code, catalogue))]
    rows = tuple(at for at, one in enumerate(_line(code)) if one != USD)
    if not rows:
        return []
    first = _line(code)[rows[0]]
    message = lacking(first, catalogue).replace(CURRENCY, f"{CURRENCY}[{rows[0]}]", 1)
    return [Problem(CURRENCY, message, rows)]


def lacking(code: str, catalogue: Catalogue) -> str:
    """That a currency has no rate, and the newest one that the data knows, which nobody uses."""
    told = f"{CURRENCY} = {shown(code)} needs fx_rate: units of {code} for one USD, and fx_as_of"
    known = exchange_rate(catalogue.exchange_rates, code, catalogue.newest, known_from)
    if known is None:
        return f"{told}, its day"
    rate = f"{1 / known.usd_per_unit:.6g} {code} per USD as of {first_day(known.as_of)}"
    source = catalogue.sources[known.source_id]
    return f"{told}, its day; the newest rate in the data is {rate} ({source.publisher})"


def given_in(scenario: Scenario, name: str, value: Any) -> str:
    """A given amount in the currency of its scenario, with the rate; empty for USD.

    >>> from tco.scenario import Scenario
    >>> euros = {"currency": "EUR", "fx_rate": 0.86, "fx_as_of": "2026-11-20"}
    >>> given_in(Scenario(price_usd_per_gpu="2300 EUR", **euros), "price_usd_per_gpu", 2_300 / 0.86)
    '€2,300 at 0.86 EUR per USD'
    """
    found = scenario.conversion
    if found is None or not INPUTS[name].is_money or not isinstance(value, float):
        return ""
    return f"{in_words(value, found)} at {found.rate}"


def in_words(usd: float, found: Conversion) -> str:
    """An amount in USD in another currency, without the rounding of its conversion."""
    return money(float(f"{usd * found.fx_rate:.10g}"), found.currency)


def _line(column: Any) -> list[Any]:
    values = column.to_numpy() if hasattr(column, "to_numpy") else column
    found: list[Any] = values.reshape(-1).tolist()
    return found
