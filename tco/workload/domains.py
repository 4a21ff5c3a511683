"""What is asked about work in numbers: their domains and meanings, and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any, NamedTuple

from tco.errors import Problem, shown
from tco.inputs.entry import is_too_small


class Domain(NamedTuple):
    """The values that a number may have, and what it means."""

    low: float
    high: float
    meaning: str
    whole: bool = False
    low_open: bool = False

    @property
    def text(self) -> str:
        """The domain as it is written in an error."""
        kind = "whole numbers " if self.whole else ""
        return f"{kind}{'(' if self.low_open else '['}{self.low:g}, {self.high:g}]"

    def contains(self, value: float) -> bool:
        """Whether a number is one of these values."""
        above = value > self.low if self.low_open else value >= self.low
        return above and value <= self.high and not (self.whole and value != int(value))


_MOST_TOKENS = 10_000_000
DOMAINS = {
    "gpus_per_replica": Domain(1, 72, "GPUs that hold one copy of the model", whole=True),
    "kv_bits": Domain(4, 16, "bits per value of the KV cache"),
    "prompt_tokens": Domain(1, _MOST_TOKENS, "tokens of a prompt", low_open=False),
    "output_tokens": Domain(1, _MOST_TOKENS, "tokens of an answer"),
    "budget_tokens": Domain(2_048, 8_192, "tokens that the engine takes into one step"),
    "concurrency": Domain(0, 100_000, "sequences in flight on one replica", low_open=True),
    "token_time_ms": Domain(0, 60_000, "maximum time between two tokens [ms]", low_open=True),
    "first_token_ms": Domain(0, 600_000, "maximum time to the first token [ms]", low_open=True),
    "cached_prompt_share": Domain(0, 1, "share of prompt tokens that are cached"),
    "my_tokens_per_s": Domain(
        0, 1e9, "output tokens per second of one replica, as you measured them", low_open=True
    ),
    "refresh_tokens_per_s": Domain(
        *(0, 1e9, "output tokens per second of one replica of the successor, as you measured them"),
        low_open=True,
    ),
    "load_target": Domain(
        0, 1, "planned load on a replica, as a share of its speed", low_open=True
    ),
    "peak_over_mean": Domain(1, 1_000, "requests in the busiest hour relative to the mean"),
    "requests_per_day": Domain(0, 1e12, "requests per day", low_open=True),
    "input_tokens_per_day": Domain(0, 1e16, "prompt tokens per day"),
    "output_tokens_per_day": Domain(0, 1e16, "output tokens per day", low_open=True),
    "units_per_day": Domain(0, 1e16, "units of work per day", low_open=True),
    "at_once": Domain(0, 1e10, "streams or seats in use at once", low_open=True),
    "hours_per_day": Domain(0, 24, "hours per day in which they are in use", low_open=True),
    "parameters": Domain(
        0, 1e14, "active parameters, which each token passes through", low_open=True
    ),
    "my_units": Domain(
        0,
        1e9,
        "units that one GPU does per second, or at once, as you measured them",
        low_open=True,
    ),
    "tokens": Domain(0, 1e17, "tokens of a training run", low_open=True),
    "mfu": Domain(0, 1, "share of the dense peak that training reaches", low_open=True),
    "days": Domain(0, 10_000, "days that a training run may take", low_open=True),
    "gpu_count": Domain(1, 1_000_000, "GPUs of a training run", whole=True),
    "my_gpu_hours": Domain(0, 1e12, "GPU-hours of a run, if you know them", low_open=True),
    "usd_per_gpu_second": Domain(0, 10, "price of a GPU-second [USD]"),
    "cold_start_s": Domain(
        0, 86_400, "seconds from a request to a loaded model, which are paid for"
    ),
    "idle_s": Domain(0, 86_400, "seconds that are paid for after the last request"),
    "starts_per_day": Domain(0, 1e9, "starts of a replica per day"),
    "minimum_replicas": Domain(0, 1e6, "replicas that are always paid for", whole=True),
    "run": Domain(
        1, 1_000, "number of a measured row among those that are otherwise alike", whole=True
    ),
    "users": Domain(0, 1e10, "people who use the service", low_open=True),
}


# What has a value in every question; other numbers need not be given.
NEEDED = (
    *("gpus_per_replica", "kv_bits", "budget_tokens", "cached_prompt_share", "load_target"),
    *("hours_per_day", "tokens", "mfu", "usd_per_gpu_second", "cold_start_s", "idle_s"),
    *("starts_per_day", "minimum_replicas"),
)


def checked(
    given: Mapping[str, Any],
    needed: Container[str] = NEEDED,
    domains: Mapping[str, Domain] = DOMAINS,
) -> list[Problem]:
    """What is wrong with numbers by name; None is not given, which only some may be.

    >>> checked({"prompt_tokens": 0, "concurrency": None})[0].message
    'prompt_tokens = 0 is outside [1, 1e+07]: tokens of a prompt'
    """
    problems = []
    for name, value in given.items():
        if value is None and name not in needed:
            continue
        domain, number = domains[name], number_of(value)
        if number is None:
            message = f"{name} = {shown(value)} is not a number: {domain.meaning}"
            problems.append(Problem(name, message))
        elif not domain.contains(number):
            message = f"{name} = {number:g} is outside {domain.text}: {domain.meaning}"
            problems.append(Problem(name, message))
        elif is_too_small(number, domain.low, domain.low_open):
            message = f"{name} = {number:g} is too close to 0 for {domain.text}: {domain.meaning}"
            problems.append(Problem(name, message))
    return problems


def number_of(value: Any) -> float | None:
    """The number that a value is; None for what is none: a text, an array, a truth value, NaN."""
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number
