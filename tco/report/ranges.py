"""How people try an input out: the range of its slider."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco.finance.discounting import decline_of, residual_share
from tco.inputs import DECLINE, INPUTS, RESIDUAL, TAKEN, Param
from tco.numeric import ceil, floor
from tco.report.drawing import round_numbers
from tco.scenario import Resolved, Scenario
from tco.words.currencies import cached
from tco.words.figures import exact

_STEPS = 40
# Steps that are no round share of the range, in the units shown.
_FIXED_STEPS = {"horizon_months": 0.5}
_DIGITS, _MONTHS = 10, "horizon_months"


@dataclass(frozen=True)
class Range:
    """What a slider spans, in the units shown; `decimals` are enough to write its values."""

    low: float
    high: float
    step: float
    decimals: int


def stored(name: str) -> str:
    """The input that a slider sets: of the resale as a share it is the yearly loss of value.

    >>> stored("residual_share"), stored("pue")
    ('resale_decline_per_year', 'pue')
    """
    return DECLINE if name == RESIDUAL else name


def told(name: str, value: Any, months: Any) -> Any:
    """What a slider shows for the value of the input that it sets, see `stored`; `meant` undoes it.

    >>> told("residual_share", 0.25, 24.0), told("utilization", 0.5, 24.0)
    (56.25, 50.0)
    """
    if value is None:
        return None
    return TAKEN[name].shown(residual_share(value, months) if name == RESIDUAL else value)


def meant(name: str, value: Any, months: Any) -> Any:
    """The value of the input that a slider sets, see `stored`, by what the slider shows.

    >>> meant("residual_share", 56.25, 24.0), meant("utilization", 50.0, 24.0)
    (0.25, 0.5)
    """
    found = TAKEN[name].meant(value)
    return decline_of(found, months) if name == RESIDUAL else found


@cached(4096)
def slider_range(scenario: Scenario, name: str) -> Range | None:
    """The believed low to high of an input, widened to hold its value; None where nothing is known.

    It lies inside the domain and on whole steps.

    >>> slider_range(Scenario(gpu="L4"), "utilization")
    Range(low=20.0, high=90.0, step=1.0, decimals=0)
    >>> slider_range(Scenario(gpu="L4", pue=2.5), "pue").high
    2.5
    """
    values, declared = scenario.values(), TAKEN[name]
    usual, months = scenario.without(stored(name)).resolved()[stored(name)], values[_MONTHS]
    both = (values[stored(name)], usual.value)
    known = [told(name, value, months) for value in both if value is not None]
    if not known:
        return None
    low, high = _believed(usual, name, months) or (known[-1] / 2, known[-1] * 2)
    step = _step(name, low, high)
    least, most = declared.shown_domain
    whole = declared.kind == "integer"
    low = max(least, _tidy(floor(min(low, *known) / step) * step, whole))
    high = min(most, _tidy(ceil(max(high, *known) / step) * step, whole))
    # Digits that write the step, and one more where a value lies between two steps.
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    if any(abs(value / step - round(value / step)) >= 1 / 10**6 for value in known):
        decimals += 1
    if low <= least and declared.low_open:
        low = least + step
    if high <= low:
        high = min(most, low + step)
    return Range(min(low, *known), high, step, decimals)


def _believed(entry: Resolved, name: str, months: Any) -> tuple[float, float] | None:
    """The believed ends of what a slider shows, ascending."""
    if entry.low is None or entry.high is None:
        return None
    low, high = sorted(told(name, end, months) for end in (entry.low, entry.high))
    return low, high


def believed_range(entry: Resolved) -> tuple[float, float] | None:
    """The low and high of an input, in the unit shown; None where nothing is believed.

    >>> believed_range(Scenario(gpu="L4").resolved()["pue"])
    (1.15, 1.8)
    """
    if entry.low is None or entry.high is None:
        return None
    return INPUTS[entry.name].shown(entry.low), INPUTS[entry.name].shown(entry.high)


def outside(name: str, value: float, known: Mapping[str, Param] = TAKEN) -> str:
    """Why a value, in the unit shown, is not one of an input, or of what else is known; or empty.

    >>> outside("utilization", 130.0), outside("utilization", 30.0)
    ('130 % is outside 0 to 100 %: share of all hours in which the GPUs do useful work', '')
    """
    declared = known[name]
    if declared.contains(declared.meant(value)):
        return ""
    return f"{exact(value)} {declared.shown_unit}".strip() + f" {outside_words(declared)}"


def outside_words(declared: Param) -> str:
    """What is said of a value outside the domain, after the value.

    >>> outside_words(INPUTS["horizon_months"]).partition(":")[0]
    'is outside above 0, up to 20 years'
    """
    low, high = map(exact, declared.shown_domain)
    least = f"above {low}, up to" if declared.low_open else f"{low} to"
    kind = "whole numbers " if declared.kind == "integer" else ""
    ends = f"{kind}{least} {high} {declared.shown_unit}".strip()
    return f"is outside {ends}: {declared.meaning}"


def _step(name: str, low: float, high: float) -> float:
    """A round step of which the range holds some forty; whole for integers."""
    if name in _FIXED_STEPS:
        return _FIXED_STEPS[name]
    rough = (high - low) / _STEPS
    if TAKEN[name].kind == "integer" or rough <= 0:
        return max(1, round(rough)) if TAKEN[name].kind == "integer" else 1.0
    return round_numbers(rough / 10, rough * (1 + 1e-9))[-1]


def _tidy(value: Any, whole: bool) -> float:
    return int(value) if whole else round(float(value), _DIGITS)
