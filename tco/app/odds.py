"""How sure the verdict is: the simulation of a scenario, kept for everybody who asks for it."""

from __future__ import annotations

from functools import lru_cache
from threading import Thread
from typing import TYPE_CHECKING

from tco.analysis.simulation import Simulation, simulate
from tco.errors import TcoError
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


_RIBBON = 512


@lru_cache(maxsize=64)
def simulated(scenario: Scenario) -> Simulation:
    """The odds of a scenario; the same object for the same scenario."""
    return simulate(scenario)


@lru_cache(maxsize=64)
def costs(scenario: Scenario) -> pd.DataFrame:
    """The cumulative costs of both sides, from as many futures as a ribbon needs."""
    return simulated(scenario).curves(_RIBBON)


def known(scenario: Scenario) -> tuple[Simulation | None, str]:
    """The odds of a scenario or, where there are none, why not."""
    try:
        return simulated(scenario), ""
    except TcoError as unknown:
        return None, f"No odds: {unknown}"


def warm() -> Thread:
    """Load what a simulation needs, in a thread: the first one in a process takes seconds."""
    thread = Thread(target=known, args=(Scenario(),), daemon=True, name="odds")
    thread.start()
    return thread
