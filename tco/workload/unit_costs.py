"""Money per unit of work, on plain numbers: of GPUs by the hour, and of an API by the token."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median, quantiles
from typing import NamedTuple

from tco.market.files import grouped
from tco.market.workload import ApiPrice

_MILLION = 1e6
_SECONDS_PER_HOUR = 3_600
_JOULES_PER_KWH = 3.6e6


def usd_per_million_tokens(
    usd_per_gpu_hour: float, gpus: int, tok_s: float, load_target: float = 1.0
) -> float:
    """A million output tokens of busy GPUs, all cost on output [USD].

    rate · n / (3,600 · load_target · X) · 10⁶. A cost per *busy* hour contains idle hours already.

    >>> round(usd_per_million_tokens(0.598, 1, 373.3), 3)
    0.445
    """
    return usd_per_gpu_hour * gpus / (_SECONDS_PER_HOUR * load_target * tok_s) * _MILLION


def joules_per_token(busy_w: float, gpus: int, tok_s: float) -> float:
    """Energy of the GPUs for an output token: W of n busy GPUs / X [J].

    >>> round(joules_per_token(72, 1, 373.3), 4)
    0.1929
    """
    return busy_w * gpus / tok_s


def kwh_per_million(joules: float) -> float:
    """The same for a million tokens [kWh].

    >>> round(kwh_per_million(0.1929), 4)
    0.0536
    """
    return joules * _MILLION / _JOULES_PER_KWH


def api_usd(
    prompt_tokens: float,
    output_tokens: float,
    usd_per_m_input: float,
    usd_per_m_output: float,
    cached_share: float = 0.0,
    usd_per_m_cached: float | None = None,
) -> float:
    """What an API asks for some tokens: (in (1 − h) p_in + in h p_cached + out p_out) / 10⁶ [USD].

    h is the share of prompt tokens that are cached; without a price of their own they cost as much
    as the others.

    >>> round(api_usd(608e9, 168e9, 0.55, 2.19, cached_share=342 / 608, usd_per_m_cached=0.14))
    562100
    """
    cached = usd_per_m_input if usd_per_m_cached is None else usd_per_m_cached
    read = prompt_tokens * (1 - cached_share) * usd_per_m_input
    known = prompt_tokens * cached_share * cached
    return (read + known + output_tokens * usd_per_m_output) / _MILLION


def breakeven_load(own_usd_per_million: float, api_usd_per_million: float) -> float:
    """u*: the share of paid hours above which GPUs of one's own are cheaper than an API.

    The cost of a million tokens at full use over the API's; above 1 they never are.

    >>> round(breakeven_load(0.177, 0.30), 2)
    0.59
    """
    return own_usd_per_million / api_usd_per_million


class Spread(NamedTuple):
    """The middle of a few prices, and where most of them lie: P10 and P90 over providers."""

    low: float
    middle: float
    high: float
    providers: int

    def times(self, factor: float) -> Spread:
        """All prices times a factor."""
        return Spread(self.low * factor, self.middle * factor, self.high * factor, self.providers)


def api_spread(
    prices: Iterable[ApiPrice], prompt_tokens: float, output_tokens: float, cached_share: float = 0
) -> Spread | None:
    """A million output tokens and the prompts that belong to them, over providers [USD].

    Each provider counts once, with the median of its offers; offers of doubtful units do not
    count. None where nobody offers the model.
    """
    by_provider = grouped((row for row in prices if not row.doubtful), lambda row: row.provider)
    found = sorted(
        median(all_in(row, prompt_tokens, output_tokens, cached_share) for row in rows)
        for rows in by_provider.values()
    )
    if not found:
        return None
    if len(found) == 1:
        return Spread(found[0], found[0], found[0], 1)
    tenths = quantiles(found, n=10, method="inclusive")
    return Spread(tenths[0], median(found), tenths[-1], len(found))


def all_in(
    row: ApiPrice, prompt_tokens: float, output_tokens: float, cached_share: float = 0
) -> float:
    """A million output tokens of one offer, with the prompts that belong to them [USD]."""
    return api_usd(
        prompt_tokens * _MILLION / output_tokens,
        _MILLION,
        row.usd_per_m_input,
        row.usd_per_m_output,
        cached_share,
        row.usd_per_m_cached_input,
    )
