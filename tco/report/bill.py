"""The monthly bill for rented GPUs as its payer knows it: in the scenario's currency."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tco.errors import InputError, Problem
from tco.inputs import INPUTS, RATE, Inputs, Param
from tco.model.bill import BILL, bill_of, utilization_of
from tco.scenario import Scenario
from tco.words.currencies import USD, shown_by_default
from tco.words.figures import money, rate_text

_PER_USE = "Every hour is paid, busy or idle, so a bill does not tell the utilization."
_NO_RATE = "Enter a rental rate first: a bill tells the utilization only together with it."
_CAPPED = "The monthly cap is reached, so the bill does not tell the utilization."


class Bill(NamedTuple):
    """A month's bill that goes with the utilization of a scenario.

    `amount` is the compute part, in the currency of `declared`, and None where it does not tell
    the utilization; `words` say what it means, or why it does not.
    """

    amount: float | None
    declared: Param
    words: str


def bill(scenario: Scenario) -> Bill:
    """The first full month's bill for compute.

    >>> case = Scenario(gpus=8, rate_usd_per_gpu_hour=0.6, utilization=0.5, billing_overhead=0)
    >>> found = bill(case)
    >>> found.amount, found.words
    (1752.0, '$1,752 a month at $0.60 per GPU-hour is 50 % utilization of 8 GPUs.')
    """
    with shown_by_default(scenario.conversion):
        return _bill(scenario)


def _bill(scenario: Scenario) -> Bill:
    values = scenario.values()
    currency, per_usd = _currency(scenario)
    declared = replace(BILL, unit=f"{currency} per month")
    if values[RATE] is None:
        return Bill(None, declared, _NO_RATE)
    if values["billing"] != "per_use":
        return Bill(None, declared, _PER_USE)
    usd = bill_of(Inputs.of(values))
    if usd is None:
        return Bill(None, declared, _CAPPED if values[RATE] else _NO_RATE)
    paid = float(usd) * per_usd
    use, count = INPUTS["utilization"].written(values["utilization"]), values["gpus"]
    gpus = f"{count:,} GPUs" if count > 1 else "one GPU"
    rate = rate_text(values[RATE])
    said = f"{money(round(paid, 2), currency)} a month at {rate} per GPU-hour is {use}"
    extra = ""
    if values["billing_overhead"]:
        share = INPUTS["billing_overhead"].written(values["billing_overhead"])
        extra = f", with {share} extra billed hours"
    return Bill(paid, declared, f"{said} utilization of {gpus}{extra}.")


def utilization(scenario: Scenario, paid: float) -> float:
    """The utilization at which a full first month's compute costs what is paid [share].

    `paid` is in the scenario's currency. InputError says why a bill cannot be this.

    >>> case = Scenario(gpus=8, rate_usd_per_gpu_hour=0.6, billing_overhead=0)
    >>> utilization(case, 1752)
    0.5
    """
    currency, per_usd = _currency(scenario)
    said = f"{money(paid, currency)} a month"
    if paid < 0:
        raise InputError([Problem(BILL.name, f"{said} is below 0: {BILL.meaning}")])

    def written(usd: float) -> str:
        return money(round(usd * per_usd, 2), currency)

    return utilization_of(Inputs.of(scenario.values()), paid / per_usd, said, written)


def _currency(scenario: Scenario) -> tuple[str, float]:
    """The currency of amounts, and units of it for one USD."""
    found = scenario.conversion
    return (found.currency, found.fx_rate) if found else (USD, 1.0)
