"""The lease of a scenario: the rate implicit in it, and its terms in words."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from tco.errors import InputError, Problem
from tco.finance.lease import LeaseRate, lease_rate
from tco.inputs import PRICE, Inputs
from tco.inputs.text import takes_inputs
from tco.model.financing import Lease
from tco.model.ledger import one_of
from tco.scenario import Scenario, scenario_of
from tco.words.figures import months_text, usd

if TYPE_CHECKING:
    from tco.inputs.values import InputValues


@takes_inputs
def lease_rate_of(scenario: Scenario | None = None, /, **inputs: Unpack[InputValues]) -> LeaseRate:
    """The interest rate implicit in the lease of a scenario, for all that is leased in one term.

    The value is the price of what is leased, with sales tax, as somebody who buys it pays [USD];
    the residual is what buying it out costs, or where it goes back its market value then, which the
    lessor keeps. What returning it costs goes to nobody who lends, and is left out. A scenario that
    buys may have the terms of a lease beside it. For one scenario; `InputError` for a table,
    without `lease_usd_per_gpu_month`, and where there is no rate. Source: as `tco.lease_rate`.

    >>> import tco
    >>> from tco.inputs import INPUTS
    >>> case = {name: p.neutral for name, p in INPUTS.items() if p.neutral is not None}
    >>> case |= {"gpus": 8, "price_usd_per_gpu": 12_500, "lease_usd_per_gpu_month": 362.5}
    >>> offer = {"financing": "lease", "lease_in_advance": True, "lease_buyout_usd_per_gpu": 1_250}
    >>> round(tco.lease_rate_of(**case | offer).nominal_rate, 5)
    0.08681
    """
    asked = scenario_of(scenario, inputs)
    return offer_inside(one_of(replace(asked, financing="lease"), "lease_rate_of()", (PRICE,)))


def offer_inside(v: Inputs) -> LeaseRate:
    """The same of inputs that are resolved and checked, those of a lease."""
    lease: Any = Lease(v)
    value = lease.value_usd * (1 + v.sales_tax_rate)
    if not value:
        message = f"{PRICE} = 0: the rate implicit in a lease needs the price of what is leased"
        raise InputError([Problem(PRICE, message)])
    try:
        return lease_rate(
            lease.usd_per_month * lease.every,
            lease.term,
            value,
            residual_usd=lease.buyout_usd if lease.buys else lease.market_usd,
            in_advance=lease.in_advance,
            interval_months=lease.every,
            fee_usd=lease.fee_usd,
        )
    except InputError as wrong:
        quoted = v.lease_usd_per_gpu_month
        name = "lease_usd_per_gpu_month"
        message = f"{name} = {quoted:g} has no implicit rate: {wrong}"
        raise InputError([Problem(name, message)]) from wrong


def rate_inside(scenario: Scenario) -> LeaseRate | None:
    """The same where the scenario has the terms of a lease and there is a rate, else None.

    >>> rate_inside(Scenario(gpu="L4")) is None
    True
    """
    with suppress(InputError):
        return lease_rate_of(scenario)
    return None


def lease_terms(values: dict[str, Any]) -> str:
    """What a lease covers, how it is paid, and what happens at its end.

    >>> lease_terms(Scenario(lease_covers="gpus", lease_payment_interval_months=3).values())
    'GPUs only, terms of 36 months, paid every 3 months in advance, then returned'
    """
    covers = "GPUs only, " if values["lease_covers"] == "gpus" else ""
    apart = values["lease_payment_interval_months"]
    every = f"every {months_text(apart)} " if apart > 1 else ""
    when = "in advance" if values["lease_in_advance"] else "in arrears"
    fee, buyout = values["lease_fee_usd_per_gpu"], values["lease_buyout_usd_per_gpu"]
    paid = f", plus {usd(fee)} per GPU at the start of each term" if fee else ""
    after = f"bought for {usd(buyout)} per GPU" if buyout > 0 else "returned"
    after = "bought at the market value" if values["lease_buyout_at_market"] else after
    terms = f"{covers}terms of {values['lease_months']} months, paid {every}{when}{paid}"
    return f"{terms}, then {after}"
