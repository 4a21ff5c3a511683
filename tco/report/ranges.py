"""How people try an input out: the range of its slider, and what has no effect."""

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
    # Digits that write the step, and one more where a value lies between two steps.
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    if any(abs(value / step - round(value / step)) >= 1 / 10**6 for value in known):
        decimals += 1
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


def no_effect(name: str, values: Mapping[str, Any]) -> str:
    """Why an input does not count under the other choices; empty when it does.

    `values` are those of all inputs.

    >>> from tco.scenario import Scenario
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="colo_metered").values())
    'no effect under colocation: you pay for kilowatts'
    >>> no_effect("rack_kw", Scenario(gpu="L4", hosting="own_site").values())
    ''
    """
    hosting, billing, financing, method = (
        values[choice] for choice in ("hosting", "billing", "financing", "depreciation")
    )
    is_macrs, is_owned = method.startswith("macrs"), hosting == "own_site"
    lines = values.get("lines", ())
    counted = {word for line in lines for word in (line.basis, line.growth)}
    no_racks = not is_owned and "rack" not in counted
    is_all_in = hosting == "colo_all_in"
    idle_is_paid = billing != "per_use" and not values["delivery_months"]
    # fmt: off
    reasons = (
        (is_owned, "no effect on your own site: you pay for racks",
         "colo_usd_per_kw_month colo_committed_kw colo_overage_ratio"),
        (not values["colo_committed_kw"], "counts only with committed power", "colo_overage_ratio"),
        (no_racks, "no effect under colocation: you pay for kilowatts",
         "server_units rack_units rack_kw rack_usd_per_month whole_racks"),
        (is_all_in and "facility_kw" not in counted,
         "no effect here: the colocation fee includes power and cooling", "pue"),
        (is_all_in, "no effect here: the colocation fee includes power and cooling",
         "electricity_usd_per_kwh idle_tariff_ratio server_idle_share"),
        (is_all_in and "electricity" not in counted,
         "no effect here: the colocation fee includes power and cooling",
         "electricity_growth_per_year"),
        (not values["whole_servers"], "counts only with whole servers", "sold_by_server"),
        (values["already_owned"], "no effect on what is there already",
         "install_usd_per_gpu sales_tax_rate"),
        (billing != "committed", "counts only with a commitment",
         "commitment_months commitment_fee_usd_per_gpu"),
        (idle_is_paid, "no effect where idle hours are paid", "billing_overhead"),
        (True, "counts only in the net advantage to leasing", "debt_rate residual_discount_rate"),
        (financing != "loan", "counts only with a loan",
         "financed_share loan_apr loan_months loan_interest_only_months loan_fee_rate "
         "loan_balloon_share"),
        (financing != "lease", "counts only with a lease",
         "lease_usd_per_gpu_month lease_months lease_in_advance lease_buyout_usd_per_gpu "
         "lease_return_usd_per_gpu"),
        (not values["refresh_months"], "counts only with a refresh", "refresh_price_usd_per_gpu"),
        (values["currency"] == "USD", "counts only with another currency", "fx_rate fx_as_of"),
        (not values["tax_rate"], "counts only with a tax rate",
         "depreciation macrs_convention bonus_rate purchase_month depreciation_years "
         "declining_balance_factor"),
        (not is_macrs, "counts only with a MACRS table", "macrs_convention"),
        (is_macrs, "the method has its own table", "depreciation_years declining_balance_factor"),
        (method == "none", "nothing is written off", "depreciation_years declining_balance_factor"),
        (method != "declining_balance", "counts only with declining balance",
         "declining_balance_factor"),
    )
    # fmt: on
    return next((said for is_so, said, names in reasons if is_so and name in names.split()), "")
