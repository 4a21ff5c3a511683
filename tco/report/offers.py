"""What a GPU rents for, and at which rate renting would cost as much as owning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tco.market.offers import comparable, deciles, offers, provider_medians
from tco.model.breakeven import breakeven
from tco.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_POINTS = 96
_LEAST_BUSY = 0.05


@dataclass(frozen=True)
class Band:
    """Where offers lie [USD per GPU-hour].

    `low` to `high` is the usually quoted band where there is one, else the P10 to P90 of the dated
    offers, which are in `offered_low` and `offered_high` in any case (None without offers).
    """

    low: float
    high: float
    quoted: bool
    offered_low: float | None
    offered_high: float | None
    offers: int
    providers: dict[str, float]

    def below(self, rate: float) -> int:
        """How many providers' median offers are below a rate."""
        return sum(median < rate for median in self.providers.values())


def band(scenario: Scenario) -> Band | None:
    """The band of the offers that a scenario chooses from; None without any.

    >>> found = band(Scenario(gpu="L4"))
    >>> found.low, found.high, found.quoted
    (0.5, 0.85, True)
    """
    values = scenario.values()
    choice = [values[name] for name in ("gpu", "provider", "region", "term", "as_of")]
    rows = comparable(offers(scenario.catalogue, *choice))
    low, _, high = deciles(row.usd_per_gpu_hour for row in rows) or (None, None, None)
    quoted = _quoted(scenario)
    shown = quoted or (low, high)
    if shown[0] is None or shown[1] is None:
        return None
    medians = provider_medians(rows)
    return Band(shown[0], shown[1], quoted is not None, low, high, len(rows), medians)


def _quoted(scenario: Scenario) -> tuple[float, float] | None:
    values = scenario.values()
    for row in scenario.catalogue.quoted_rates:
        if (row.gpu, row.term) == (values["gpu"], values["term"]):
            return row.low_usd_per_gpu_hour, row.high_usd_per_gpu_hour
    return None


def rate_curve(scenario: Scenario) -> pd.DataFrame:
    """The rental rate at which both sides cost the same, by utilisation.

    Columns: utilization [share], breakeven_rate_usd_per_gpu_hour. It does not depend on the rate
    itself, so a GPU without offers has one too.

    >>> frame = rate_curve(Scenario(gpu="L4", billing="per_use"))
    >>> bool((frame["breakeven_rate_usd_per_gpu_hour"].diff().dropna() < 0).all())
    True
    """
    import pandas as pd

    busy = np.linspace(_LEAST_BUSY, 1, _POINTS)
    answers = breakeven(with_rate(scenario), utilization=busy)
    rates = answers.breakeven_rate_usd_per_gpu_hour
    return pd.DataFrame({"utilization": busy, "breakeven_rate_usd_per_gpu_hour": rates})


def fair_rate(scenario: Scenario) -> float:
    """The rental rate at which both sides cost the same [USD per GPU-hour]; known without offers.

    >>> fair_rate(Scenario(gpu="RTX-PRO-4500")) > 0
    True
    """
    return float(breakeven(with_rate(scenario)).breakeven_rate_usd_per_gpu_hour)


def with_rate(scenario: Scenario) -> Scenario:
    """The scenario with the rate 0 where none is known."""
    if scenario.values()["rate_usd_per_gpu_hour"] is not None:
        return scenario
    return replace(scenario, rate_usd_per_gpu_hour=0)
