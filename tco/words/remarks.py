"""Remarks on values and prices: what is unusual, not counted, borrowed, thin or old."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tco.words import currencies
from tco.words.figures import counted, exact, number, percent, rate_text, usd

_PER_CENT = 100
# So many times beyond the usual range, a value is far from it.
_FAR = 2


def idle_hours(billing: str, utilization: float, billing_overhead: float) -> str:
    """What renting would cost if idle hours were paid too; empty where they are, or are none.

    >>> idle_hours("per_use", 0.55, 0.05)
    'You pay only for busy hours. If instances run all day, renting costs 1.73 times this.'
    """
    billed = utilization * (1 + billing_overhead)
    times = number(1 / billed) if billed else ""
    if billing != "per_use" or billed > 1 or times in ("", number(1)):
        return ""
    said = f"If instances run all day, renting costs {times} times this."
    return f"You pay only for busy hours. {said}"


def unusual(label: str, value: float, low: float, high: float, unit: str) -> str:
    """That a value lies outside the usual range of what the label names, all in the unit shown.

    >>> unusual("Loss of value", 70.0, 0.0, 55.0, "% per year")
    'Loss of value: 70 % per year is above the usual 0 to 55 % per year.'
    >>> unusual("Electricity", 0.01, 0.08, 0.22, "USD per kWh")
    'Electricity: $0.01 per kWh is far below the usual $0.08 to $0.22.'
    >>> unusual("Rental rate", 0.29, 0.293, 0.7, "USD per GPU-hour")
    'Rental rate: $0.290 per GPU-hour is below the usual $0.293 to $0.700.'
    """
    above = value > high
    is_far = value > _FAR * high > 0 if above else 0 < value < low / _FAR
    beyond = f"{'far ' if is_far else ''}{'above' if above else 'below'}"
    currency = currencies.of_unit(unit)
    is_money = bool(currency)
    # As few digits as tell the value from the end of the range.
    for form in (_money, usd, _exactly) if is_money else (_short, _plainly):
        now, *ends = (form(end, currency).replace("-", "−") for end in (value, low, high))
        if now not in ends:
            break
    one = unit.removesuffix("s") if now == "1" else unit
    said = f"{now} {currencies.beside(one)}"
    usual = f"{' to '.join(ends)} {'' if is_money else unit}"
    return f"{label}: {' '.join(said.split())} is {beyond} the usual {usual.rstrip()}."


def not_counted(label: str, why: str) -> str:
    """That something that was given does not count, and why.

    >>> not_counted("Commitment fee", "counts only with a commitment")
    'Commitment fee: not counted in this comparison (counts only with a commitment).'
    """
    return f"{label}: not counted in this comparison ({why})."


def _short(value: float, _currency: str) -> str:
    """A number of at most four digits."""
    return exact(float(f"{value:.4g}"))


def _plainly(value: float, _currency: str) -> str:
    return exact(value)


def _exactly(amount: float, currency: str) -> str:
    return f"{currencies.sign(currency)}{exact(amount)}"


def _money(amount: float, currency: str) -> str:
    """An amount in whole dollars or cents; less than ten cents in three digits.

    >>> [_money(amount, "USD") for amount in (3_625.4, 0.359, 5.0, 0.0123)]
    ['$3,625', '$0.36', '$5', '$0.0123']
    """
    if abs(amount) < 0.1:
        return rate_text(amount, currency) if amount else usd(0, currency)
    rounded = round(amount, 0 if abs(amount) >= _PER_CENT else 2)
    return rate_text(rounded, currency).removesuffix(".00")


def borrowed_rate(
    gpu: str,
    near: str,
    own_gb_s: float,
    near_gb_s: float,
    own_gb: float,
    near_gb: float,
    where: str = "",
) -> str:
    """That the rental rate of another GPU stands for one that nobody rents out, and how near it is.

    Memory bandwidth in GB/s and memory in GB, of both; `where` is the region, if others have it.

    >>> borrowed_rate("Arc-Pro-B60", "A10", 456, 600, 24, 24).partition("; ")[0]
    'no provider rents out the Arc-Pro-B60'
    >>> borrowed_rate("P100", "A40", 732, 696, 16, 48, "US").partition("; ")[0]
    'no provider in US rents out the P100'
    """
    near_by = f"{near_gb_s:,g} vs. {own_gb_s:,g} GB/s; {near_gb:g} vs. {own_gb:g} GB"
    return (
        f"no provider{where and f' in {where}'} rents out the {gpu}; the rate is for the {near}, "
        f"the closest by memory bandwidth ({near_by})"
    )


def median_price(number: int, dated: str, basis: str, wanted: str) -> str:
    """What a purchase price rests on: how many prices of which kind, `wanted` where it is another.

    >>> median_price(3, "dated 2026-05 to 2026-07", "street", "street")
    'median of 3 street prices, dated 2026-05 to 2026-07'
    >>> median_price(1, "dated 2022-09-20", "list", "street")
    'no street price found, so a list price counts: the only one, dated 2022-09-20'
    """
    if basis != wanted:
        kind = f"a {basis} price counts" if number == 1 else f"{basis} prices count"
        found = "the only one" if number == 1 else f"median of {number}"
        return f"no {wanted} price found, so {kind}: {found}, {dated}"
    if number == 1:
        return f"the only {basis} price found, {dated}"
    return f"median of {number} {basis} prices, {dated}"


def over_providers(number: int, of_many: str, of_one: str) -> str:
    """That a figure is a median over providers, or that of the only one.

    >>> over_providers(4, "of their rates", "the rate of")
    'median over 4 providers of their rates'
    >>> over_providers(1, "of their rates", "the rate of")
    'the rate of the only provider'
    """
    if number == 1:
        return f"{of_one} the only provider"
    return f"median over {number} providers {of_many}"


def commitment_share(share: float, ratios: Mapping[str, float], usd: float, whose: str) -> str:
    """What a commitment costs of the on-demand rate, by provider; `whose` GPUs that is over.

    >>> commitment_share(0.44, {"aws": 0.44}, 3.9, "for this GPU")
    '44 % of the on-demand rate, $3.90: the committed rate as a share of the on-demand rate of the \
only provider, for this GPU: aws 44 %'
    """
    median_over = over_providers(
        len(ratios),
        "of the committed rate as a share of their own on-demand rate",
        "the committed rate as a share of the on-demand rate of",
    )
    told = ", ".join(f"{name} {percent(round(ratio, 2))}" for name, ratio in ratios.items())
    over = "; ABOVE the on-demand rate" if share > 1 else ""
    rate = rate_text(usd)
    return f"{percent(share)} of the on-demand rate, {rate}: {median_over}, {whose}: {told}{over}"


def servers_between(more_than: float, up_to: float) -> str:
    """For how many servers something is; empty for any number.

    >>> servers_between(0, 1), servers_between(2, 64), servers_between(64, math.inf)
    ('1 server', '3 to 64 servers', 'more than 64 servers')
    >>> servers_between(1, 2), servers_between(0, math.inf)
    ('2 servers', '')
    """
    if math.isinf(up_to):
        return f"more than {more_than:.0f} servers" if more_than else ""
    first = f"{more_than + 1:.0f} to " if up_to > more_than + 1 else ""
    return first + counted(int(up_to), "server")


def default_rate(usd_per_gpu_hour: float | None, note: str) -> str:
    """Which rental rate an answer takes where none is given, and what it rests on.

    >>> default_rate(0.6, "median over 4 providers")
    'Answers use $0.60 per GPU-hour: median over 4 providers.'
    >>> default_rate(None, "no rental offer")
    'Answers have no rental rate: no rental offer.'
    """
    if usd_per_gpu_hour is None:
        return f"Answers have no rental rate: {note}."
    return f"Answers use {rate_text(usd_per_gpu_hour)} per GPU-hour: {note}."


def providers_behind(rate: int | None, discount: int | None = None) -> str:
    """How many providers are behind a rental rate, and behind what a commitment takes off it.

    >>> providers_behind(17), providers_behind(1, 2), providers_behind(None)
    (' from 17 providers', ' from 1 provider, less the commitment discount from 2', '')
    """
    if rate is None:
        return ""
    less = "" if discount is None else f", less the commitment discount from {discount}"
    return f" from {counted(rate, 'provider')}{less}"


def few_providers(count: int, discount: bool = False, only: bool = False) -> str:
    """That a rental rate, or the discount that a commitment gives on it, rests on few providers.

    >>> few_providers(1), few_providers(2, only=True)
    ('is based on one provider', 'is based on only 2 providers')
    >>> few_providers(1, discount=True)
    'its commitment discount is based on one provider'
    """
    what = "its commitment discount " if discount else ""
    number = "one provider" if count == 1 else f"{count} providers"
    return f"{what}is based on {'only ' if only else ''}{number}"


def no_used_price(basis: str) -> str:
    """That no price of a used card is known, and what stands for it.

    >>> no_used_price("street").partition(", so ")[2]
    'a street price for a new card stands in for it; a used card may cost less'
    """
    said = {
        "mixed": "a mixed price for new and used cards stands",
        "msrp": "the list price of a new card stands",
    }
    instead = said.get(basis, f"a {basis} price for a new card stands")
    return f"no used price is known, so {instead} in for it; a used card may cost less"


def expired_quote(provider: str, until: str, decides: bool = False) -> str:
    """That a quote made to the reader has expired, and whether the answer rests on it all the same.

    >>> expired_quote("acme", "2026-12-31")
    'your quote from acme expired on 2026-12-31 and does not count'
    """
    whose = f"your quote{f' from {provider}' if provider else ''} expired on {until}"
    return f"{whose}; it still decides this answer" if decides else f"{whose} and does not count"


def old_prices(rental_days: int | None, purchase_days: int | None) -> str:
    """That prices are stale, and how old they are [days]; None for those that are not.

    >>> old_prices(94, None)
    'Rental prices are 94 days old. Newer data may change this answer.'
    """
    ages = (("Rental", rental_days), ("Purchase", purchase_days))
    old = [f"{what} prices are {days} days old." for what, days in ages if days is not None]
    return " ".join([*old, "Newer data may change this answer."]) if old else ""
