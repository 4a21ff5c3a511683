"""Everything the Decide screen shows about one scenario, whatever of it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tco.answer import Breakeven, breakeven
from tco.errors import InputError
from tco.questions import Rack, curves, rack
from tco.report.offers import Band, band, fair_rate, rate_curve
from tco.report.sticker import Owning, owning, sticker
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("price_usd_per_gpu", "rate_usd_per_gpu_hour")


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
