"""Another GPU in a scenario: what belongs to one GPU is not that of another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tco.market.choice import CHOSEN, OF_THE_PLACE, QUESTION_INPUTS
from tco.scenario import Scenario

# What belongs to one GPU and does not follow to another: its prices, its watts and its server from
# the catalogue, and payments that somebody offered for it. What the site costs stays.
OF_THE_GPU = (
    *(name for name in CHOSEN if name not in (*QUESTION_INPUTS, *OF_THE_PLACE, "warranty_months")),
    *("rate_cap_usd_per_gpu_month", "commitment_fee_usd_per_gpu"),
    *("lease_usd_per_gpu_month", "lease_fee_usd_per_gpu"),
    *("lease_buyout_usd_per_gpu", "lease_return_usd_per_gpu"),
    *("upfront_usd_per_gpu", "refresh_price_usd_per_gpu"),
)


def with_gpu(scenario: Scenario, gpu: str) -> Scenario:
    """The scenario with another GPU: its own prices and watts, everything else as given.

    The scenario's own GPU keeps all that was given. InputError for a GPU that is not there.

    >>> with_gpu(Scenario(gpu="L4", utilization=0.3, price_usd_per_gpu=9), "T4")
    Scenario(gpu='T4', utilization=0.3)
    """
    if gpu == scenario.values()["gpu"]:
        return scenario
    others: dict[str, Any] = dict.fromkeys((*OF_THE_GPU, "already_owned"))
    return replace(scenario, **others, gpu=gpu)
