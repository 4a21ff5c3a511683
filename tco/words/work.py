"""Sentences on work: how many GPUs it takes, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tco.words import VERDICT_WORDS
from tco.words.figures import capital, counted, number, percent, period, rate_text, usd

# What one does on each side, and where the work is done elsewhere.
_DOING = {"own": "owning", "rent": "renting", "api": "an API"}
_SIDES = {"own": VERDICT_WORDS["buy"], "rent": VERDICT_WORDS["rent"]}
PER_MILLION = "million output tokens"
NO_GPU = "No GPU can do this"


def gpus_of(gpus: int, gpu: str) -> str:
    """How many of which GPU.

    >>> gpus_of(1_200, "L4")
    '1,200 × L4'
    """
    return f"{gpus:,} × {gpu}"


def costs(of_side: Mapping[str, float], per: str) -> str:
    """What a unit of work costs on each side [USD]; NaN where that is not known.

    >>> costs({"own": 0.717, "rent": 0.95, "api": float("nan")}, "million output tokens")
    'owning costs $0.717, renting costs $0.95 per million output tokens'
    >>> costs({"own": float("nan")}, "image")
    'no price is known'
    """
    told = ", ".join(
        f"{_DOING[side]} costs {rate_text(cost)}"
        for side, cost in of_side.items()
        if not math.isnan(cost)
    )
    return f"{told} per {per}" if told else "no price is known"


def on_gpus(
    what: str, gpus: int, gpu: str, utilization: float, of_side: Mapping[str, float], per: str
) -> str:
    """How many GPUs some work takes, how busy they are, and what a unit of it costs.

    >>> on_gpus("Llama-3.1-8B", 3, "L4", 0.628, {"own": 0.717}, PER_MILLION)
    'Llama-3.1-8B on 3 × L4, 62.8 % busy: owning costs $0.717 per million output tokens.'
    """
    busy = percent(round(utilization, 3))
    return f"{what} on {gpus_of(gpus, gpu)}, {busy} busy: {costs(of_side, per)}."


def cheapest(side: str, gpus: int, gpu: str) -> str:
    """Which GPUs are cheapest for some work, and on which side.

    >>> cheapest("rent", 2, "RTX-A5000")
    'Cheapest: RENT 2 × RTX-A5000'
    """
    return f"Cheapest: {_SIDES[side]} {gpus_of(gpus, gpu)}"


def cheapest_of(side: str, of_side: Mapping[str, float]) -> str:
    """Which of owning, renting and an API is cheapest, and what a million tokens cost on each.

    >>> cheapest_of("api", {"own": 0.717, "rent": 0.95, "api": 0.3})[:51]
    'An API is cheapest: owning costs $0.717, renting co'
    """
    return f"{capital(_DOING[side])} is cheapest: {costs(of_side, PER_MILLION)}."


def run(hours: float, days: float, gpus: int, gpu: str, own: float, rent: float) -> str:
    """How long a training run takes, and what it costs [USD]; NaN where that is not known.

    >>> run(33_750.2, 21.97, 64, "H100-SXM", 586_000, 138_513)
    'The run takes 33,800 GPU-hours: 22 days on 64 × H100-SXM. Renting costs $139,000; GPUs that \
are bought for it and sold after it cost $586,000.'
    """
    took = f"The run takes {number(hours)} GPU-hours: {counted(days, 'day')}"
    told = []
    if not math.isnan(rent):
        told.append(f"renting costs {usd(rent)}")
    if not math.isnan(own):
        told.append(f"GPUs that are bought for it and sold after it cost {usd(own)}")
    cost = capital("; ".join(told) or "no price is known")
    return f"{took} on {gpus_of(gpus, gpu)}. {cost}."


def by_the_second(
    a_month: float, a_million: float, rent: float, own: float, gpus: str, horizon_months: float
) -> str:
    """What work costs rented by the second, beside GPUs of its own [USD]; NaN where not known.

    >>> by_the_second(24.6, 1.07, 991, 6_644, "1 × L4", 36)
    'Rented by the second, the work costs $24.60 a month: $1.07 per million output tokens. Over 3 \
years, in present value, that is $991; owning 1 × L4 costs $6,640.'
    """
    cost = f"{rate_text(a_month)} a month: {rate_text(a_million)} per {PER_MILLION}"
    said = f"Rented by the second, the work costs {cost}."
    over = f"Over {period(horizon_months)}, in present value, that is {usd(rent)}"
    owning = "" if math.isnan(own) else f"; owning {gpus} costs {usd(own)}"
    return f"{said} {over}{owning}."
