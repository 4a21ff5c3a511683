"""From the bill of a month to the share of time for which the GPUs are busy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem
from tco.inputs import INPUTS, RATE, Inputs, Param
from tco.inputs.checks import clean
from tco.model import rental
from tco.model.ledger import asked_of, one_of
from tco.numeric import Numeric
from tco.scenario import Scenario

if TYPE_CHECKING:
    from tco.inputs.values import InputValues

# The one number that is asked for and is no input of the model.
BILL = Param(
    group="",
    kind="number",
    name="monthly_usd",
    meaning="the compute part of one month's bill",
    unit="USD per month",
    high=10**15,
)
# What is above a limit by less than half a cent is rounded.
_CENTS = 2


def from_bill(
    monthly_usd: float,
    gpus: int | None = None,
    rate_usd_per_gpu_hour: float | None = None,
    hours_per_month: float | None = None,
    *,
    scenario: Scenario | None = None,
) -> float:
    """The utilization that a known monthly bill for rented GPUs implies [share].

    `monthly_usd` is the compute part of the bill [USD per month]. What is not given comes from the
    `scenario`, whose first month then costs just that, extra billed hours and a monthly cap
    counted; without one, only busy hours are billed. InputError where the bill holds more than
    these GPU-hours, and where it does not depend on the utilization.

    >>> round(from_bill(1470.0, gpus=8, rate_usd_per_gpu_hour=0.70), 4)
    0.3596
    >>> case = Scenario(gpus=8, rate_usd_per_gpu_hour=0.70, billing_overhead=0.05)
    >>> round(from_bill(1470.0, scenario=case), 4)
    0.3425
    """
    bill, problems = clean(BILL, monthly_usd)
    given: InputValues = {}
    if scenario is None:
        given = {"billing": "per_use", "billing_overhead": 0}
    if gpus is not None:
        given["gpus"] = gpus
    if rate_usd_per_gpu_hour is not None:
        given["rate_usd_per_gpu_hour"] = rate_usd_per_gpu_hour
    if hours_per_month is not None:
        given["hours_per_month"] = hours_per_month
    v = one_of(asked_of(scenario, given, problems), "from_bill()", (RATE,))
    return utilization_of(v, bill, f"{BILL.name} = {bill:g}", "{:.2f}".format)


def utilization_of(v: Inputs, bill: float, said: str, money: Callable[[float], str]) -> float:
    """The utilization at which a full first month's compute comes to a bill [USD].

    `said` is what an InputError calls the bill, and `money` writes the amounts in it.

    >>> case = Scenario(gpus=8, rate_usd_per_gpu_hour=0.5, billing_overhead=0.25)
    >>> utilization_of(Inputs.of(case.values()), 1460, "the bill", str)
    0.4
    """
    if v.billing != "per_use":
        message = f"billing = {v.billing}: every hour is paid, busy or idle, so a bill says nothing"
        raise _wrong("billing", f"{message} about utilization")
    if v.rate_usd_per_gpu_hour == 0:
        raise _wrong(RATE, f"{RATE} = 0: a bill at no price says nothing about utilization")
    all_hours = v.gpus * v.hours_per_month * v.rate_usd_per_gpu_hour
    most, cap = float(all_hours * (1 + v.billing_overhead)), float(_cap(v))
    if cap < most and float(bill) >= cap:
        reached = INPUTS["utilization"].written(cap / most)
        message = f"{said} is not below the monthly cap of these GPUs ({money(cap)}), which is "
        raise _wrong(BILL.name, f"{message}reached from {reached} utilization on")
    if round(float(bill) - most, _CENTS) > 0:
        message = f"{said} is more than these GPUs cost running all hours ({money(most)}): it "
        more = "holds other items (storage, data transfer, support), more GPUs, or a higher rate"
        raise _wrong(BILL.name, message + more)
    return min(1.0, float(bill) / most)


def bill_of(v: Inputs) -> Numeric | None:
    """What a full first month's compute comes to [USD]; None where it tells no utilization."""
    is_told: Any = v.billing == "per_use" and v.rate_usd_per_gpu_hour and not rental.is_capped(v)
    return rental.compute_usd(v) if is_told else None


def _cap(v: Inputs) -> Numeric:
    return v.gpus * v.rate_cap_usd_per_gpu_month


def _wrong(name: str, message: str) -> InputError:
    return InputError([Problem(name, message)])
