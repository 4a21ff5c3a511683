"""Everything the Decide screen shows about one scenario, whatever of it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.errors import InputError
from tco.inputs import INPUTS
from tco.model.breakeven import Breakeven, breakeven
from tco.model.ledger import Rack, curves, rack
from tco.report.market_tables import Band, band, fair_rate, rate_curve
from tco.report.waterfall import Owning, owning, sticker
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_PRICE, _RATE = _NEEDED = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")
# What may bring a payback: a lower price, more use, a higher rate; how many of them are named.
_WAYS, _LESS, _MOST_WAYS = (_PRICE, "utilization", _RATE), (_PRICE,), 2
# How it is searched: steps, rounds, and how far the rate may rise.
_STEPS, _ROUNDS, _FARTHEST = 101, 2, 10


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The results of one scenario; None for what is not known.

    `missing` names the price or rate that nobody gave and the catalogue does not have; `problems`
    are the sentences of an input error.
    """

    scenario: Scenario
    as_of: str
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    answer: Breakeven | None = None
    sticker: Breakeven | None = None
    curves: pd.DataFrame | None = None
    owning: Owning | None = None
    fair_rate: float | None = None
    rate_curve: pd.DataFrame | None = None
    band: Band | None = None
    rack: Rack | None = None


def decide(scenario: Scenario) -> Decision:
    """All that can be said about a scenario; never an InputError.

    >>> decide(Scenario(gpu="RTX-PRO-4500")).missing
    ('rate_usd_per_gpu_hour',)
    >>> decide(Scenario(gpu="L4", hosting="own_site", rack_kw=1)).problems[0].split(":")[0]
    'rack_kw = 1 holds no server (a full server draws 1.196 kW at peak)'
    """
    values = scenario.values()
    missing = tuple(name for name in _NEEDED if values[name] is None)
    known = Decision(scenario=scenario, as_of=values["as_of"], missing=missing)
    if "price_usd_per_gpu" in missing:
        return known
    try:
        return _found(known)
    except InputError as wrong:
        messages = tuple(problem.message for problem in wrong.problems)
        return Decision(
            scenario=scenario, as_of=values["as_of"], missing=missing, problems=messages
        )


def _found(known: Decision) -> Decision:
    scenario, busy = known.scenario, known.scenario.values()["utilization"] > 0
    rented = not known.missing
    return Decision(
        scenario=scenario,
        as_of=known.as_of,
        missing=known.missing,
        answer=breakeven(scenario) if rented else None,
        sticker=sticker(scenario) if rented else None,
        curves=curves(scenario) if rented else None,
        owning=owning(scenario),
        fair_rate=fair_rate(scenario) if busy else None,
        rate_curve=rate_curve(scenario),
        band=band(scenario),
        rack=_rack(scenario),
    )


def _rack(scenario: Scenario) -> Rack | None:
    """How the servers fill racks; None where a rack holds none and nobody pays for racks."""
    try:
        return rack(scenario)
    except InputError:
        return None


def paybacks(scenario: Scenario) -> tuple[tuple[str, float], ...]:
    """The nearest values of a few inputs at which the purchase would pay back, nearest first.

    Each is inside its domain, the others held; none where no value brings a payback.

    >>> from tco.model.breakeven import breakeven
    >>> idle = Scenario(gpu="L4", utilization=0.2, price_usd_per_gpu=2_900)
    >>> name, value = paybacks(idle)[0]
    >>> breakeven(idle, **{name: value}).status
    'breaks_even'
    """
    values = scenario.values()
    found = []
    for name in _WAYS:
        near = _payback(scenario, name, values[name])
        if near is not None:
            found.append((abs(near / (values[name] or near) - 1), name, near))
    return tuple((name, near) for _, name, near in sorted(found)[:_MOST_WAYS])


def _payback(scenario: Scenario, name: str, now: float) -> float | None:
    """The value nearest to the present one that pays back, in two rounds of even steps."""
    import numpy as np

    low, high = now, INPUTS[name].low if name in _LESS else _most(name, now)
    for _ in range(_ROUNDS):
        grid = np.linspace(low, high, _STEPS)
        what_if: dict[str, Any] = {name: grid}
        pays = np.isfinite(np.asarray(breakeven(scenario, **what_if).months))
        if not pays.any():
            return None
        first = max(1, int(pays.argmax()))
        low, high = grid[first - 1], grid[first]
    return float(high)


def _most(name: str, now: float) -> float:
    return min(INPUTS[name].high, _FARTHEST * now) if name == _RATE else INPUTS[name].high
