"""What an uncertain input may be: a distribution from its value, its low and its high."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tco.errors import TcoError
from tco.inputs import INPUTS, Param
from tco.inputs.interval import Interval
from tco.market.choice import default_entry
from tco.market.records import CHOICE, LOG_NORMAL, PERT

if TYPE_CHECKING:
    from tco.scenario import Resolved, Scenario

# Where the low and the high of a belief stand.
TENTH, MEDIAN, NINE_TENTHS = 0.1, 0.5, 0.9
# How much more than each end the most likely value weighs in the mean of a PERT.
_WEIGHT = 4
# Points of the table of a PERT: enough for a millionth of its range.
_POINTS = 2_049
_DIGITS = 12


@dataclass(frozen=True)
class Distribution:
    """The values that one input may have.

    `low` and `high` are its 10th and 90th percentile, exactly. `value` is the most likely one of a
    `pert`, and half of the futures where it is the end of the domain; a `lognormal` has its median
    at the geometric mean of low and high, whatever the value. What would lie beyond the domain
    lies at its end, and a whole number is the nearest one: docs/uncertainty.md.
    """

    name: str
    value: float
    low: float
    high: float
    shape: str = PERT

    def ppf(self, share: Any) -> Any:
        """The value that a share of all futures does not exceed [in the input's unit], as an array.

        `share` is a number or an array from 0 to 1.

        >>> rate = Distribution("rate_usd_per_gpu_hour", 0.7, 0.5, 0.85)
        >>> rate.ppf([0.1, 0.5, 0.9]).round(3).tolist()
        [0.5, 0.684, 0.85]
        """
        import numpy as np

        declared = INPUTS[self.name]
        drawn = (self._log_normal if self.shape == LOG_NORMAL else self._pert)(share)
        inside = np.clip(drawn, self._least(declared), declared.high)
        return np.rint(inside) if declared.kind == "integer" else inside

    def _least(self, declared: Param) -> float:
        """The end of the domain; from one that is open the draws keep half of the way of P10."""
        return (declared.low + self.low) / 2 if declared.low_open else declared.low

    def _pert(self, share: Any) -> Any:
        import numpy as np

        declared, low, high = INPUTS[self.name], self.low, self.high
        # Nothing lies beyond the end of a domain, so an end that is the value says nothing.
        if self.value <= declared.low:
            low = 2 * self.value - high
        elif self.value >= declared.high:
            high = 2 * self.value - low
        shares, places = _pert_table(round((self.value - low) / (high - low), _DIGITS))
        return low + np.interp(share, shares, places) * (high - low)

    def _log_normal(self, share: Any) -> Any:
        import numpy as np

        special, _ = tools()
        low, high, end = math.log(self.low), math.log(self.high), special.ndtri(NINE_TENTHS)
        return np.exp(low + (special.ndtri(share) / end + 1) / 2 * (high - low))


@lru_cache(maxsize=256)
def _pert_table(mode: float) -> tuple[Any, Any]:
    """Shares and values of the PERT with P10 at 0, P90 at 1 and its most likely value at `mode`.

    There is exactly one for each mode from 0 to 1: it then lies at 0 to 1 of the way between the
    ends, and moves with that place throughout.
    """
    import numpy as np

    special, optimize = tools()

    def beta(place: float) -> tuple[float, float]:
        return 1 + _WEIGHT * place, 1 + _WEIGHT * (1 - place)

    def miss(place: float) -> float:
        tenth, ninth = special.betaincinv(*beta(place), (TENTH, NINE_TENTHS))
        return float((place - tenth) / (ninth - tenth)) - mode

    places = (1 - np.cos(np.linspace(0, math.pi, _POINTS))) / 2
    shares = special.betainc(*beta(optimize.brentq(miss, 0, 1)), places)
    tenth, ninth = np.interp((TENTH, NINE_TENTHS), shares, places)
    return shares, (places - tenth) / (ninth - tenth)


def distributions(scenario: Scenario) -> dict[str, Distribution]:
    """The uncertain inputs of one scenario, in the order of the documentation.

    Every number that was not given and has a low below its high, and each that was given as a
    range. What was given as a plain value, a quote, and what the reader chooses (how many GPUs,
    whether to pay for licences) is certain.

    >>> from tco import Scenario
    >>> found = distributions(Scenario(gpu="L4", utilization="0.5..0.7", pue=1.4))
    >>> found["utilization"].value, found["price_usd_per_gpu"].shape, "pue" in found
    (0.6, 'lognormal', False)
    """
    found = {}
    for name, entry in scenario.resolved().items():
        is_range = isinstance(scenario.given.get(name), Interval)
        if INPUTS[name].numeric and (is_range or entry.status != "yours"):
            known = _distribution(scenario, entry, is_range)
            found.update({name: known} if known is not None else {})
    return found


def _distribution(scenario: Scenario, entry: Resolved, is_range: bool) -> Distribution | None:
    """The distribution of one belief; None where it has no range, or the reader chooses it."""
    if entry.value is None or entry.low is None or entry.high is None:
        return None
    declared = INPUTS[entry.name]
    low, high = max(entry.low, declared.low), min(entry.high, declared.high)
    shape = PERT
    if not is_range:
        on = scenario.values()["as_of"]
        shape = default_entry(entry.name, on, "", scenario.catalogue).shape
    if shape == CHOICE or not low < high:
        return None
    return Distribution(entry.name, entry.value, low, high, shape)


def tools() -> tuple[Any, Any]:
    """The parts of SciPy that distributions need; TcoError where it is not installed."""
    try:
        from scipy import optimize, special
    except ModuleNotFoundError as missing:
        message = f"odds need {missing.name}: pip install 'gpu-tco[risk]'"
        raise TcoError(message) from None
    return special, optimize
