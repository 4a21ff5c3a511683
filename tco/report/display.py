"""How people see an input: per cent and years, and the range over which they try it out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from tco.inputs import INPUTS
from tco.inputs.declaration import Interval
from tco.numeric import MONTHS_PER_YEAR, ceil, floor
from tco.scenario import Resolved, Scenario
from tco.words import quantity

_PER_CENT = 100
_STEPS = 40
_NICE = (1, 2, 5)
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


def unit(name: str) -> str:
    """The unit in which people see an input.

    >>> unit("utilization"), unit("horizon_months"), unit("gpu_w")
    ('%', 'years', 'W')
    """
    declared = INPUTS[name].unit
    if name == "horizon_months":
        return "years"
    return {"share": "%", "per year": "% per year", "ratio": ""}.get(declared, declared)


def shown(name: str, value: Any) -> Any:
    """A value of the model in the unit shown; None stays None.

    >>> shown("utilization", 0.07), shown("horizon_months", 36.0), shown("gpus", 8)
    (7.0, 3.0, 8)
    """
    if value is None or INPUTS[name].kind != "number":
        return value
    if "%" in unit(name):
        return round(value * _PER_CENT, _DIGITS)
    return round(value / MONTHS_PER_YEAR if name == "horizon_months" else value, _DIGITS)


def meant(name: str, value: Any) -> Any:
    """The model's value of what is shown: the inverse of `shown`.

    >>> meant("utilization", 7.0), meant("horizon_months", 2.5)
    (0.07, 30.0)
    """
    if value is None or INPUTS[name].kind != "number":
        return value
    if "%" in unit(name):
        return value / _PER_CENT
    return value * MONTHS_PER_YEAR if name == "horizon_months" else value


def domain(name: str) -> tuple[float, float]:
    """Smallest and largest value that may be typed, in the unit shown.

    >>> domain("utilization"), domain("server_units")
    ((0.0, 100.0), (1, 60))
    """
    declared = INPUTS[name]
    kind = int if declared.kind == "integer" else float
    return shown(name, kind(declared.low)), shown(name, kind(declared.high))


def written(name: str, value: Any) -> str:
    """A value, or a range of values, with its unit in words.

    >>> written("utilization", 0.45), written("price_usd_per_gpu", 2900.0), written("pue", 1.54)
    ('45 %', '$2,900', '1.54')
    >>> written("utilization", Interval(0.4, 0.7)), written("rate_growth_per_year", -0.1)
    ('40 % to 70 %', '−10 % per year')
    """
    if value is None:
        return "unknown"
    if isinstance(value, Interval):
        return f"{written(name, value.low)} to {written(name, value.high)}"
    if not INPUTS[name].numeric:
        return str(value)
    return quantity(shown(name, value), unit(name))


def default_value(scenario: Scenario, name: str) -> Any:
    """What an input would be if it were not given.

    >>> default_value(Scenario(gpu="L4", gpu_w=100), "gpu_w")
    72.0
    """
    return without(scenario, name).values()[name]


def without(scenario: Scenario, name: str) -> Scenario:
    """The scenario with one input not given."""
    others: dict[str, Any] = {name: None}
    return replace(scenario, **others)


def slider_range(scenario: Scenario, name: str) -> Range | None:
    """The believed low to high of an input, widened to hold its value; None where nothing is known.

    It lies inside the domain and on whole steps.

    >>> slider_range(Scenario(gpu="L4"), "utilization")
    Range(low=20.0, high=90.0, step=1.0, decimals=0)
    >>> slider_range(Scenario(gpu="L4", pue=2.5), "pue").high
    2.5
    """
    usual = without(scenario, name).resolved()[name]
    known = [shown(name, v) for v in (scenario.values()[name], usual.value) if v is not None]
    if not known:
        return None
    low, high = believed_range(usual) or (known[-1] / 2, known[-1] * 2)
    step = _step(name, low, high)
    least, most = domain(name)
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
    return shown(entry.name, entry.low), shown(entry.name, entry.high)


def outside(name: str, value: float) -> str:
    """Why a value, in the unit shown, is not one of an input; empty where it is.

    >>> outside("utilization", 130.0), outside("utilization", 30.0)
    ('130 % is outside 0 to 100 %: share of all hours in which the GPUs do useful work', '')
    """
    declared = INPUTS[name]
    if declared.contains(meant(name, value)):
        return ""
    low, high = (f"{end:,.10g}" for end in domain(name))
    said = f"{value:,.10g} {unit(name)}".strip()
    least = f"above {low}, up to" if declared.low_open else f"{low} to"
    kind = "whole numbers " if declared.kind == "integer" else ""
    ends = f"{kind}{least} {high} {unit(name)}".strip()
    return f"{said} is outside {ends}: {declared.meaning}"


def unusual(scenario: Scenario, name: str) -> str:
    """That the value lies outside the usual range; empty where it does not, or none is known.

    >>> unusual(Scenario(gpu="L4", pue=2.5), "pue")
    'Outside the usual range, 1.15 to 1.8. It is used as it is.'
    """
    value = scenario.values()[name] if name in scenario.given else None
    usual = None if value is None else believed_range(without(scenario, name).resolved()[name])
    if usual is None:
        return ""
    low, high = usual
    if low <= shown(name, value) <= high:
        return ""
    ends = f"{low:,.10g} to {high:,.10g} {unit(name)}".strip()
    return f"Outside the usual range, {ends}. It is used as it is."


def _step(name: str, low: float, high: float) -> float:
    """A round step of which the range holds some forty; whole for integers."""
    if name in _FIXED_STEPS:
        return _FIXED_STEPS[name]
    rough = (high - low) / _STEPS
    if INPUTS[name].kind == "integer" or rough <= 0:
        return max(1, round(rough)) if INPUTS[name].kind == "integer" else 1.0
    power = math.floor(math.log10(rough))
    lead = max(nice for nice in _NICE if nice <= rough / 10.0**power * (1 + 1e-9))
    return float(f"{lead}e{power}")


def _tidy(value: Any, whole: bool) -> float:
    return int(value) if whole else round(float(value), _DIGITS)


def _decimals(step: float, known: list[float]) -> int:
    """Digits that write the step, and one more where the value lies between two steps."""
    digits = max(0, math.ceil(-math.log10(step) - 1e-9)) if step < 1 else 0
    on_grid = all(abs(value / step - round(value / step)) < 1 / 10**6 for value in known)
    return digits if on_grid else digits + 1
