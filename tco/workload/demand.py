"""How much is asked for: requests, and how many GPUs that takes in each hour of a month."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tco.errors import InputError, Problem, shown, suggestion
from tco.market.workload import WorkPreset, work_presets
from tco.workload.domains import DOMAINS, checked, number_of
from tco.workload.fit import OUTPUT_TOKENS, PROMPT_TOKENS

SECONDS_PER_DAY, SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 86_400, 60, 3_600
# Requests in the busiest hour over the mean where only the mean is known: that of the chat service
# in the Azure trace of 2024. BurstGPT has 3.85, the day that DeepSeek published 1.23.
PEAK_OVER_MEAN = 1.57
LOAD_TARGET = 0.7
# Loads this close to a whole number of replicas, as a share, take that number.
_ROUNDING = 1e-12
# So many units are summed one by one; beyond, the sum is taken as an integral.
_ONE_BY_ONE = 2_000
# No hour has more than a day may have.
_MOST_REQUESTS = DOMAINS["requests_per_day"].high
ROUTES = ("requests_per_day", "tokens_per_day", "users", "requests_by_hour")


# --- Quantities, on plain numbers


def requests_per_s(
    users: float, active_share: float, requests_per_user_per_minute: float, peak: float = 1.0
) -> float:
    """Requests a second of people who use a service: users · active · requests / 60 · peak.

    >>> round(requests_per_s(1_000, 0.20, 0.4, peak=2.0), 3)
    2.667
    """
    return users * active_share * requests_per_user_per_minute / SECONDS_PER_MINUTE * peak


def load_at(share: float, mean: float, peak: float) -> float:
    """Load-duration curve: the load that is exceeded in a share of the hours; its mean is exact.

    D(p) = peak · (1 − p)^(peak / mean − 1).

    >>> load_at(0, 2.0, 6.0), load_at(0.5, 2.0, 6.0), load_at(0.3, 2.0, 2.0)
    (6.0, 1.5, 2.0)
    """
    return peak * float((1 - share) ** (peak / mean - 1))


def share_above(load: float, mean: float, peak: float) -> float:
    """The share of hours whose load is above a value: 1 − (load / peak)^(1 / (peak / mean − 1)).

    >>> share_above(1.5, 2.0, 6.0), share_above(7.0, 2.0, 6.0), share_above(1.0, 2.0, 2.0)
    (0.5, 0.0, 1.0)
    """
    if load >= peak:
        return 0.0
    if peak == mean:
        return 1.0
    return 1.0 - float((load / peak) ** (1 / (peak / mean - 1)))


def replicas_needed(
    requests_s: float, output_tokens: float, tok_s: float, load_target: float
) -> int:
    """Replicas for a load: ⌈λ · out / (load_target · X)⌉.

    >>> replicas_needed(2.667, 256, 373.3, 0.7)
    3
    """
    return _up(requests_s * output_tokens / (load_target * tok_s))


def replica_hours_share(mean: float, peak: float) -> float:
    """Replicas in use as a mean over the hours, whole ones in each: Σ over k of the share above k.

    Mean and peak are in replicas, as fractions; the load follows the load-duration curve.

    >>> replica_hours_share(1.0, 1.0), round(replica_hours_share(2.0, 2.5), 4)
    (1.0, 2.5648)
    """
    most = _up(peak)
    if most > _ONE_BY_ONE:
        # Rounding up adds half a replica.
        return min(float(most), mean + 0.5)
    found = math.fsum(share_above(at, mean, peak) for at in range(most))
    return float(min(found, most))


def mean_at_least(least: float, mean: float, peak: float) -> float:
    """The mean of a load that never falls below a value: by the load-duration curve, exactly.

    With s the share of hours above it: mean · (1 − (1 − s)^(peak / mean)) + least · (1 − s).

    >>> mean_at_least(0, 2.0, 6.0), mean_at_least(1.5, 2.0, 6.0), mean_at_least(9.0, 2.0, 6.0)
    (2.0, 2.5, 9.0)
    """
    above = share_above(least, mean, peak)
    return mean * (1 - float((1 - above) ** (peak / mean))) + least * (1 - above)


def _up(value: float) -> int:
    """The next whole number, or this one where only rounding is above it."""
    return max(1, math.ceil(value * (1 - _ROUNDING)))


# --- What is asked for


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Requests a second as a mean and in the busiest hour, and how long they are in tokens.

    `by_hour` are requests a second of each hour where these are known; `told` says where the
    numbers come from.
    """

    mean_per_s: float
    peak_per_s: float
    prompt_tokens: float
    output_tokens: float
    by_hour: tuple[float, ...] = ()
    told: str = ""

    @property
    def peak_over_mean(self) -> float:
        """Requests in the busiest hour over the mean."""
        return self.peak_per_s / self.mean_per_s

    def replicas(self, tok_s: float, load_target: float) -> int:
        """Replicas that the busiest hour takes."""
        return replicas_needed(self.peak_per_s, self.output_tokens, tok_s, load_target)

    def replicas_in_use(self, tok_s: float, load_target: float) -> float:
        """Replicas in use as a mean over all hours: whole ones in each, at least one."""
        one = load_target * tok_s / self.output_tokens
        if self.by_hour:
            return self._replica_hours(one) / len(self.by_hour)
        return replica_hours_share(self.mean_per_s / one, self.peak_per_s / one)

    @cached_property
    def _ascending(self) -> list[float]:
        return sorted(self.by_hour)

    def _replica_hours(self, one: float) -> int:
        """Replicas in use, summed over the hours of a series; `one` is the load of a replica."""
        most = _up(self.peak_per_s / one)
        if most > len(self.by_hour):
            return sum(_up(at / one) for at in self.by_hour if at)
        # The k-th replica runs in the hours that k - 1 do not suffice for.
        full = one / (1 - _ROUNDING)
        above = (bisect_right(self._ascending, k * full) for k in range(most))
        return sum(len(self.by_hour) - below for below in above)

    def mean_replicas(self, tok_s: float, load_target: float, least: float = 0.0) -> float:
        """Replicas that the load takes as a mean, as fractions, never fewer than `least`."""
        one = load_target * tok_s / self.output_tokens
        if self.by_hour:
            return sum(max(at / one, least) for at in self.by_hour) / len(self.by_hour)
        return mean_at_least(least, self.mean_per_s / one, self.peak_per_s / one)

    def output_tokens_in(self, hours: float) -> float:
        """Output tokens in so many hours."""
        return self.mean_per_s * SECONDS_PER_HOUR * hours * self.output_tokens

    def prompt_tokens_in(self, hours: float) -> float:
        """Prompt tokens in so many hours."""
        return self.mean_per_s * SECONDS_PER_HOUR * hours * self.prompt_tokens


def demand_of(
    *,
    requests_per_day: float | None = None,
    tokens_per_day: tuple[float, float] | None = None,
    users: float | None = None,
    use_case: str | None = None,
    requests_by_hour: Sequence[float] | None = None,
    prompt_tokens: float | None = None,
    output_tokens: float | None = None,
    peak_over_mean: float | None = None,
) -> Demand:
    """The demand of one of four routes; InputError for none, for several, and for what is wrong.

    `tokens_per_day` are prompt and output tokens; `requests_by_hour` one number an hour. A
    `use_case` sets lengths and peak where these are not given, and is what `users` need.
    """
    given = {
        "requests_per_day": requests_per_day,
        "tokens_per_day": tokens_per_day,
        "users": users,
        "requests_by_hour": requests_by_hour,
    }
    routes = [name for name, value in given.items() if value is not None]
    if len(routes) != 1:
        found = f"{' and '.join(routes)} are given" if routes else "none is given"
        message = f"demand: {found}: give one of {', '.join(ROUTES)}"
        raise InputError([Problem(routes[0] if routes else ROUTES[0], message)])
    preset = None if use_case is None else use_case_of(use_case)
    if users is not None and preset is None:
        known = ", ".join(work_presets())
        message = f"users needs a use_case, one of {known}: how much each user asks for"
        raise InputError([Problem("use_case", message)])
    pair = None if tokens_per_day is None else _pair(tokens_per_day)
    numbers = {
        "requests_per_day": requests_per_day,
        "users": users,
        "prompt_tokens": prompt_tokens,
        "output_tokens": output_tokens,
        "peak_over_mean": peak_over_mean,
    }
    if pair is not None:
        numbers |= {"input_tokens_per_day": pair[0], "output_tokens_per_day": pair[1]}
    if problems := checked(numbers):
        raise InputError(problems)
    output = output_tokens or (preset.output_tokens if preset else OUTPUT_TOKENS)
    prompt = prompt_tokens or (preset.prompt_tokens if preset else PROMPT_TOKENS)
    if pair is not None:
        if prompt_tokens is not None:
            message = (
                f"prompt_tokens = {prompt_tokens:g} cannot be combined with tokens_per_day, "
                "which say how long prompts are for each output token"
            )
            raise InputError([Problem("prompt_tokens", message)])
        prompt = max(1.0, output * pair[0] / pair[1])
        requests_per_day = pair[1] / output
    if requests_by_hour is not None:
        return _by_hour(requests_by_hour, prompt, output, peak_over_mean)
    if peak_over_mean is not None:
        peak, why = peak_over_mean, "as given"
    elif preset is not None:
        peak, why = preset.peak_over_mean, f"of the use case {preset.title}"
    else:
        peak, why = PEAK_OVER_MEAN, "of the chat service in the Azure trace of 2024"
    if users is not None and preset is not None:
        each = preset.requests_per_active_user_per_minute
        mean = requests_per_s(users, preset.active_share, each)
    else:
        mean = (requests_per_day or 0.0) / SECONDS_PER_DAY
    return Demand(
        mean_per_s=mean,
        peak_per_s=mean * peak,
        prompt_tokens=prompt,
        output_tokens=output,
        told=f"the busiest hour has {peak:g} times the mean, {why}",
    )


def use_case_of(use_case: str) -> WorkPreset:
    """What people ask of a service, by its name; InputError for none."""
    known = work_presets()
    key = str(use_case).strip().casefold().replace("-", "_").replace(" ", "_")
    if key not in known:
        message = (
            f"use_case = {shown(use_case)} is not one of {', '.join(known)}: "
            f"what people use the service for{suggestion(key, known)}"
        )
        raise InputError([Problem("use_case", message)])
    return known[key]


def _pair(tokens: Any) -> tuple[float, float]:
    """Prompt and output tokens a day; InputError for what is no pair of numbers."""
    try:
        if isinstance(tokens, Mapping):
            tokens = (tokens["prompt"], tokens["output"])
        prompt, output = tokens
        return float(prompt), float(output)
    except (TypeError, ValueError, KeyError):
        message = (
            f"tokens_per_day = {shown(tokens)} is not a pair of numbers: "
            "prompt tokens and output tokens a day"
        )
        raise InputError([Problem("tokens_per_day", message)]) from None


def _by_hour(
    series: Sequence[float], prompt: float, output: float, peak_over_mean: float | None
) -> Demand:
    """The demand of requests by hour, which say themselves what the busiest has over the mean."""
    if peak_over_mean is not None:
        message = (
            f"peak_over_mean = {peak_over_mean:g} cannot be combined with requests_by_hour, "
            "whose busiest hour is the peak"
        )
        raise InputError([Problem("peak_over_mean", message)])
    values = []
    if not isinstance(series, Iterable):
        message = (
            f"requests_by_hour = {shown(series)} is not a series: requests in each hour of one"
        )
        raise InputError([Problem("requests_by_hour", message)])
    for at, value in enumerate(series):
        number = number_of(value)
        if number is None or not 0 <= number <= _MOST_REQUESTS:
            message = (
                f"requests_by_hour[{at}] = {shown(value)} is outside [0, {_MOST_REQUESTS:g}]: "
                "requests in an hour of the series"
            )
            raise InputError([Problem("requests_by_hour", message)])
        values.append(number / SECONDS_PER_HOUR)
    if not values or max(values) == 0:
        message = "requests_by_hour has no request: requests in each hour of the series"
        raise InputError([Problem("requests_by_hour", message)])
    hours = "1 hour" if len(values) == 1 else f"{len(values):,} hours"
    return Demand(
        mean_per_s=sum(values) / len(values),
        peak_per_s=max(values),
        prompt_tokens=prompt,
        output_tokens=output,
        by_hour=tuple(values),
        told=f"{hours} as given, repeated",
    )
