"""How people try an input out: the range of its slider, what is unusual, and what has no effect."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco.inputs import INPUTS
from tco.numeric import ceil, floor
from tco.report.drawing import round_numbers
from tco.scenario import Resolved, Scenario
from tco.words import exact

_STEPS = 40
# Steps that are no round share of the range, in the units shown.
_FIXED_STEPS = {"horizon_months": 0.5}
_DIGITS = 10


@dataclass(frozen=True)
class Range:
    """What a slider spans, in the units shown; `decimals` are enough to write its values."""

    low: float
    high: float
    step: float
    decimals: int


def default_value(scenario: Scenario, name: str) -> Any:
    """What an input would be if it were not given.

    >>> default_value(Scenario(gpu="L4", gpu_w=100), "gpu_w")
    72.0
    """
    return scenario.without(name).values()[name]


def slider_range(scenario: Scenario, name: str) -> Range | None:
    """The believed low to high of an input, widened to hold its value; None where nothing is known.

    It lies inside the domain and on whole steps.

    >>> slider_range(Scenario(gpu="L4"), "utilization")
    Range(low=20.0, high=90.0, step=1.0, decimals=0)
    >>> slider_range(Scenario(gpu="L4", pue=2.5), "pue").high
    2.5
    """
    usual = scenario.without(name).resolved()[name]
    known = [INPUTS[name].shown(v) for v in (scenario.values()[name], usual.value) if v is not None]
    if not known:
        return None
    low, high = believed_range(usual) or (known[-1] / 2, known[-1] * 2)
    step = _step(name, low, high)
    least, most = INPUTS[name].shown_domain
    whole = INPUTS[name].kind == "integer"
    low = max(least, _tidy(floor(min(low, *known) / step) * step, whole))
    high = min(most, _tidy(ceil(max(high, *known) / step) * step, whole))
    decimals = _decimals(step, known)
    if low <= least and INPUTS[name].low_open:
        low = least + step
    if high <= low:
        high = min(most, low + step)
    return Range(min(low, *known), high, step, decimals)


def believed_range(entry: Resolved) -> tuple[float, float] | None:
    """The low and high of an input, in the unit shown; None where nothing is believed.

    >>> believed_range(Scenario(gpu="L4").resolved()["pue"])
    (1.15, 1.8)
    """
    if entry.low is None or entry.high is None:
        return None
    return INPUTS[entry.name].shown(entry.low), INPUTS[entry.name].shown(entry.high)


def outside(name: str, value: float) -> str:
    """Why a value, in the unit shown, is not one of an input; empty where it is.

    >>> outside("utilization", 130.0), outside("utilization", 30.0)
    ('130 % is outside 0 to 100 %: share of all hours in which the GPUs do useful work', '')
    """
    declared = INPUTS[name]
    if declared.contains(INPUTS[name].meant(value)):
        return ""
    low, high = map(exact, INPUTS[name].shown_domain)
    said = f"{exact(value)} {INPUTS[name].shown_unit}".strip()
    least = f"above {low}, up to" if declared.low_open else f"{low} to"
    kind = "whole numbers " if declared.kind == "integer" else ""
    ends = f"{kind}{least} {high} {INPUTS[name].shown_unit}".strip()
    return f"{said} is outside {ends}: {declared.meaning}"


def unusual(scenario: Scenario, name: str) -> str:
    """That the value lies outside the usual range; empty where it does not, or none is known.

    >>> unusual(Scenario(gpu="L4", pue=2.5), "pue")
    'Outside the usual range, 1.15 to 1.8. It is used as it is.'
    """
    value = scenario.values()[name] if name in scenario.given else None
    usual = None if value is None else believed_range(scenario.without(name).resolved()[name])
    if usual is None:
        return ""
    low, high = usual
    if low <= INPUTS[name].shown(value) <= high:
        return ""
    ends = f"{exact(low)} to {exact(high)} {INPUTS[name].shown_unit}".strip()
    return f"Outside the usual range, {ends}. It is used as it is."


def _step(name: str, low: float, high: float) -> float:
    """A round step of which the range holds some forty; whole for integers."""
    if name in _FIXED_STEPS:
        return _FIXED_STEPS[name]
    rough = (high - low) / _STEPS
    if INPUTS[name].kind == "integer" or rough <= 0:
        return max(1, round(rough)) if INPUTS[name].kind == "integer" else 1.0
    return round_numbers(rough / 10, rough * (1 + 1e-9))[-1]


def _tidy(value: Any, whole: bool) -> float:
    return int(value) if whole else round(float(value), _DIGITS)


def _decimals(step: float, known: list[float]) -> int:
    """Digits that write the step, and one more where the value lies between two steps."""
    digits = max(0, math.ceil(-math.log10(step) - 1e-9)) if step < 1 else 0
    on_grid = all(abs(value / step - round(value / step)) < 1 / 10**6 for value in known)
    return digits if on_grid else digits + 1


_KILOWATTS = "no effect under colocation: you pay for kilowatts"
_INCLUDED = "no effect here: the colocation fee includes power and cooling"
_LOAN = ("financed_share", "loan_apr", "loan_months")
_LEASE = tuple(f"lease_{name}" for name in ("usd_per_gpu_month", "months", "in_advance"))
_LEASE_END = ("lease_buyout_usd_per_gpu", "lease_return_usd_per_gpu")
_TAX = ("depreciation", "macrs_convention", "bonus_rate", "purchase_month")
_LIFE = ("depreciation_years", "declining_balance_factor")
_MACRS = ("macrs_5", "macrs_3")


def no_effect(name: str, values: Mapping[str, Any]) -> str:
    """Why an input does not count under the other choices; empty when it does.

    `values` are those of all inputs.

    >>> from tco.scenario import Scenario
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="colo_metered").values())
    'no effect under colocation: you pay for kilowatts'
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="own_site").values())
    ''
    """
    rules = (_of_the_site, _of_renting, _of_money, _of_tax)
    return next((said for rule in rules if (said := rule(name, values))), "")


def _of_the_site(name: str, values: Mapping[str, Any]) -> str:
    hosting = values["hosting"]
    if hosting == "own_site":
        colocated = name == "colo_usd_per_kw_month"
        return "no effect on your own site: you pay for racks" if colocated else ""
    if name in ("server_units", "rack_units", "rack_kw", "rack_usd_per_month", "whole_racks"):
        return _KILOWATTS
    tariff = ("pue", "electricity_usd_per_kwh", "electricity_growth_per_year")
    return _INCLUDED if hosting == "colo_all_in" and name in tariff else ""


def _of_renting(name: str, values: Mapping[str, Any]) -> str:
    billing = values["billing"]
    if name == "commitment_months" and billing != "committed":
        return "counts only with a commitment"
    if name == "billing_overhead" and billing != "per_use" and not values["delivery_months"]:
        return "no effect where idle hours are paid"
    return ""


def _of_money(name: str, values: Mapping[str, Any]) -> str:
    financing = values["financing"]
    if name in ("debt_rate", "residual_discount_rate"):
        return "counts only in the net advantage to leasing"
    if name in _LOAN and financing != "loan":
        return "counts only with a loan"
    if name in (*_LEASE, *_LEASE_END) and financing != "lease":
        return "counts only with a lease"
    if name == "refresh_price_usd_per_gpu" and not values["refresh_months"]:
        return "counts only with a refresh"
    if name in ("fx_rate", "fx_as_of") and values["currency"] == "USD":
        return "counts only with another currency"
    return ""


def _of_tax(name: str, values: Mapping[str, Any]) -> str:
    if name not in (*_TAX, *_LIFE):
        return ""
    method = values["depreciation"]
    if not values["tax_rate"]:
        return "counts only with a tax rate"
    if name == "macrs_convention" and method not in _MACRS:
        return "counts only with a MACRS table"
    if name in _LIFE and method in (*_MACRS, "none"):
        return "the method has its own table" if method in _MACRS else "nothing is written off"
    if name == "declining_balance_factor" and method != "declining_balance":
        return "counts only with declining balance"
    return ""
