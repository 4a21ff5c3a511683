"""What analyses take beside a scenario: targets, lease offers, limits of a fleet, what happened.

None of it is an input of the scenario: the answer does not depend on it. It is declared apart from
what is done with it, so that who only lists it loads no more.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tco.errors import InputError, Problem, shown, suggestion
from tco.finance.lease import MONEY
from tco.inputs import INPUTS, PRICE, RATE
from tco.inputs.declaration import Param
from tco.workload.domains import Domain

# --- A target

MEANINGS = {
    "payback_months": "month by which buying should have paid back, in present values",
    "simple_payback_months": "month by which buying should have paid back, undiscounted",
    "exit_months": "month from which buying should be cheaper if the hardware is then sold",
    "saving_usd": "minimum saving from buying, present value",
    "irr": "minimum rate of return on buying, per year",
}
LEAST_IRR, MOST_IRR = -0.99, 1
# What is answered where no input is named.
USUAL = (PRICE, RATE, "utilization")
_MOST_USD, _MOST_MONTHS = 10**12, 1_200
_number = partial(Param, group="lease offer", kind="number", high=_MOST_USD)
# What a purchase may be held to, by the names that `tco.goal` has for it.
_month = partial(Param, group="target", kind="number", label="By month", high=240)
TARGETS: dict[str, Param] = {
    one.name: one
    for one in (
        _month(name="payback_months", meaning=MEANINGS["payback_months"]),
        _month(name="exit_months", meaning=MEANINGS["exit_months"]),
        _number(
            group="target",
            name="saving_usd",
            meaning=MEANINGS["saving_usd"],
            label="At least",
            unit="USD",
            low=-_MOST_USD,
        ),
        _number(
            group="target",
            name="irr",
            meaning=MEANINGS["irr"],
            label="At least",
            unit="per year",
            low=LEAST_IRR,
            high=MOST_IRR,
        ),
    )
}


# --- The offer of a lease

# The numbers of an offer that is typed in, by the names that `tco.lease_rate` has for them.
OFFER: dict[str, Param] = {
    one.name: one
    for one in (
        _number(name="payment_usd", meaning=MONEY["payment_usd"], label="Payment", unit="USD"),
        _number(
            kind="integer",
            name="months",
            meaning="length of the lease",
            label="Term",
            unit="months",
            low=1,
            high=_MOST_MONTHS,
        ),
        _number(
            name="value_usd",
            meaning=MONEY["value_usd"],
            label="Purchase price",
            unit="USD",
            low_open=True,
        ),
        _number(
            name="residual_usd", meaning=MONEY["residual_usd"], label="Residual value", unit="USD"
        ),
        _number(name="fee_usd", meaning=MONEY["fee_usd"], label="Upfront fee", unit="USD"),
    )
}
# What an offer needs before it has a rate.
NEEDED = ("payment_usd", "months", "value_usd")


# --- A fleet

# Term and billing of each way to rent.
RENTING = {
    "on_demand": ("on_demand", "per_use"),
    "spot": ("spot", "per_use"),
    "committed_1yr": ("1yr", "committed"),
    "committed_3yr": ("3yr", "committed"),
    "committed_5yr": ("5yr", "committed"),
    "always_on": ("on_demand", "always_on"),
}
FLEET = {
    "demand_growth_per_year": Domain(-0.9, 2, "change of the demand from one year to the next"),
    "price_growth_per_year": Domain(-0.9, 2, "annual change in the purchase price of a GPU"),
    "minimum_billing_hours": Domain(0, 744, "minimum hours that a rented GPU is billed for"),
}
LIMITS = {
    "owned_max": Domain(0, 1_000_000, "maximum number of GPUs owned", whole=True),
    "site_kw": Domain(0, 1_000_000, "power of a site at the meter [kW], cooling included"),
    "site_units": Domain(0, 1_000_000, "height units (U) of a site's racks"),
}


def rental_ways(options: Any) -> tuple[str, ...]:
    """The ways to rent that may be taken; empty for the scenario's own. InputError for others."""
    if options is None:
        return ()
    listed = (options,) if isinstance(options, str) else tuple(options)
    problems = [
        Problem(
            "rental_options",
            f"rental_options = {shown(name)} is not one of {', '.join(RENTING)}: "
            f"ways to rent that a GPU may take{suggestion(str(name), RENTING)}",
        )
        for name in listed
        if name not in RENTING
    ]
    if not listed:
        message = f"rental_options is empty: give some of {', '.join(RENTING)}"
        problems.append(Problem("rental_options", message))
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(listed))


# --- What happened

# Inputs that are measured.
MEASURED = ("utilization", "load_factor", "idle_w")
_figure = partial(Param, group="", kind="number", high=10**15)
OF_THE_BILL: dict[str, Param] = {
    one.name: one
    for one in (
        _figure(
            name="gpu_hours",
            meaning="GPU-hours that were billed in the period",
            unit="GPU-hours",
        ),
        _figure(
            name="compute_usd",
            meaning="what these hours cost, without taxes and unused commitment",
            unit="USD",
        ),
        _figure(name="hours", meaning="length of the period", unit="hours"),
    )
}
# Every figure that can be given.
FIGURES: dict[str, Param] = {**OF_THE_BILL, **{name: INPUTS[name] for name in MEASURED}}
